// Overload sets: two functions of one scope and name must differ in the labels or written types of their
// parameters, and every parameter has a type (spec 03 §6.4, 05 §5.18: BD0002, BD0004).
//
// A signature is compared as text in which type parameters are numbered in order of use, so that names of
// parameters and type parameters do not distinguish.
#include "base/limits.h"
#include "names/state.h"

typedef struct SignatureWriter {
  NameTables *tables;
  Text text;
  AstRange type_parameters; // of the function
  uint32_t *numbers;        // per type parameter: 1 + order of first use, 0 = not used
  uint32_t *used;           // indices of type parameters in order of first use
  uint32_t used_count;
} SignatureWriter;

static void write_type(SignatureWriter *writer, NodeId node, uint32_t depth);

static void write_list(SignatureWriter *writer, const char *open, NodeRange items, const char *close,
                       uint32_t depth) {
  text_add(&writer->text, str_from(open));
  for (uint32_t i = 0; i < items.count; i++) {
    write_type(writer, ast_listed(writer->tables->ast, items, i), depth + 1);
    text_add_char(&writer->text, ',');
  }
  text_add(&writer->text, str_from(close));
}

static void write_name(SignatureWriter *writer, const AstNode *node, uint32_t depth) {
  const AstTable *ast = writer->tables->ast;
  for (uint32_t i = 0; i < writer->type_parameters.count; i++) {
    const AstTypeParameter *parameter = &ast->type_parameters.items[writer->type_parameters.first + i];
    if (parameter->name == node->name.name && parameter->context == node->name.context) {
      if (writer->numbers[i] == 0) {
        writer->used[writer->used_count++] = i;
        writer->numbers[i] = writer->used_count;
      }
      text_format(&writer->text, "$%u", writer->numbers[i]);
      return;
    }
  }
  text_add(&writer->text, context_name(writer->tables->context, node->name.name));
  if (node->name.context != 0) {
    text_format(&writer->text, "#%u", node->name.context);
  }
  if (node->name.type_arguments.count > 0) {
    write_list(writer, "<", node->name.type_arguments, ">", depth);
  }
}

static void write_field(SignatureWriter *writer, const AstNode *node, uint32_t depth) {
  text_add(&writer->text, context_name(writer->tables->context, node->member.name));
  text_add(&writer->text, (node->flags & NODE_FLAG_OPTIONAL) != 0 ? STR("?:") : STR(":"));
  write_type(writer, node->member.value, depth + 1);
}

static void write_type(SignatureWriter *writer, NodeId id, uint32_t depth) {
  if (id == 0 || depth > LIMIT_NESTING) {
    text_add_char(&writer->text, '?');
    return;
  }
  const AstNode *node = ast_node(writer->tables->ast, id);
  switch ((NodeKind)node->kind) {
  case NODE_NAME:
    write_name(writer, node, depth);
    return;
  case NODE_PATH:
    write_list(writer, "(::", node->path.segments, ")", depth);
    return;
  case NODE_TYPE_RECORD:
    write_list(writer, "{", node->list.items, "}", depth);
    return;
  case NODE_TYPE_FIELD:
    write_field(writer, node, depth);
    return;
  case NODE_TYPE_TUPLE:
    write_list(writer, "(", node->list.items, ")", depth);
    return;
  case NODE_TYPE_UNION:
    write_list(writer, "(|", node->list.items, ")", depth);
    return;
  case NODE_TYPE_INTERSECTION:
    write_list(writer, "(&", node->list.items, ")", depth);
    return;
  case NODE_ROW:
    write_list(writer, (node->flags & NODE_FLAG_OPEN) != 0 ? "!open(" : "!(", node->list.items, ")", depth);
    return;
  case NODE_TYPE_FUNCTION:
    write_list(writer, "fn(", node->function_type.parameters, ")", depth);
    if (node->function_type.row != 0) {
      write_type(writer, node->function_type.row, depth + 1);
    }
    text_add(&writer->text, STR("->"));
    write_type(writer, node->function_type.result, depth + 1);
    return;
  case NODE_TYPE_PARAMETER_SLOT:
    text_add(&writer->text, (node->flags & NODE_FLAG_MUTABLE) != 0 ? STR("~") : STR(""));
    text_add(&writer->text, (node->flags & NODE_FLAG_OPTIONAL) != 0 ? STR("?") : STR(""));
    write_type(writer, node->slot.type, depth + 1);
    return;
  default:
    text_format(&writer->text, "node%u", id); // no type: reported elsewhere, equal to nothing
    return;
  }
}

// Labels count for functions, not for operations (03 §6.4).
static Str signature(NameTables *tables, const AstFunction *function, Arena *scratch) {
  const AstTable *ast = tables->ast;
  SignatureWriter writer = {.tables = tables,
                            .text = text_new(scratch),
                            .type_parameters = function->type_parameters,
                            .numbers = ARENA_ARRAY(scratch, uint32_t, function->type_parameters.count),
                            .used = ARENA_ARRAY(scratch, uint32_t, function->type_parameters.count)};
  for (uint32_t i = 0; i < function->parameters.count; i++) {
    const AstParameter *parameter = &ast->parameters.items[function->parameters.first + i];
    if (parameter->label != NAME_EMPTY && function->kind != FUNCTION_OPERATION) {
      text_format(&writer.text, "%.*s:", STR_ARGS(context_name(tables->context, parameter->label)));
    }
    write_type(&writer, parameter->type, 0);
    text_add_char(&writer.text, ';');
  }
  for (uint32_t i = 0; i < writer.used_count; i++) { // grows while constraints mention more parameters
    NodeId constraint =
        ast->type_parameters.items[function->type_parameters.first + writer.used[i]].constraint;
    if (constraint != 0) {
      text_format(&writer.text, "$%u:", i + 1);
      write_type(&writer, constraint, 0);
    }
  }
  return text_str(&writer.text);
}

// The parameter types as written, for messages: `(i32, String)`.
static Str written_parameters(NameTables *tables, const AstFunction *function) {
  Text text = text_new(&tables->context->arena);
  for (uint32_t i = 0; i < function->parameters.count; i++) {
    const AstParameter *parameter = &tables->ast->parameters.items[function->parameters.first + i];
    text_add(&text, i == 0 ? STR("") : STR(", "));
    if (parameter->label != NAME_EMPTY && function->kind != FUNCTION_OPERATION) {
      text_format(&text, "%.*s: ", STR_ARGS(context_name(tables->context, parameter->label)));
    }
    Span span = parameter->type == 0 ? (Span){0} : ast_node(tables->ast, parameter->type)->span;
    text_add(&text, sources_text(&tables->context->sources, span));
  }
  return text_str(&text);
}

typedef struct Signatures {
  const Str *texts;
  Str wanted;
} Signatures;

static bool same_signature(const void *context, uint32_t id) {
  const Signatures *signatures = context;
  return str_equal(signatures->texts[id], signatures->wanted);
}

static Str function_title(NameTables *tables, const Symbol *symbol) {
  Str name = context_name(tables->context, symbol->name);
  if (symbol->kind != SYMBOL_OPERATION) {
    return name;
  }
  Str owner = context_name(tables->context, names_symbol(tables, symbol->owner)->name);
  return arena_format(&tables->context->arena, "%.*s.%.*s", STR_ARGS(owner), STR_ARGS(name));
}

static bool all_typed(NameTables *tables, SymbolSet set, uint32_t index) {
  DiagnosticSink *sink = &tables->context->diagnostics;
  const Symbol *symbol = names_symbol(tables, names_listed(tables, set, index));
  const AstFunction *function = ast_function(tables->ast, symbol->declaration);
  const Symbol *other = names_symbol(tables, names_listed(tables, set, index == 0 ? 1 : 0));
  bool typed = true;
  for (uint32_t i = 0; i < function->parameters.count; i++) {
    const AstParameter *parameter = &tables->ast->parameters.items[function->parameters.first + i];
    if (parameter->type == 0) {
      typed = false;
      Diagnostic *diagnostic = diagnostic_add(
          sink, DIAGNOSTIC_BD0004, parameter->span, "overloaded '%.*s': parameter '%.*s' needs a type",
          STR_ARGS(function_title(tables, symbol)), STR_ARGS(context_name(tables->context, parameter->name)));
      diagnostic_related(sink, diagnostic, other->span, "another overload is here");
    }
  }
  return typed;
}

static void check_set(NameTables *tables, SymbolSet set, Arena *scratch) {
  if (set.count < 2) {
    return;
  }
  DiagnosticSink *sink = &tables->context->diagnostics;
  HashIndex index = {0};
  Str *texts = ARENA_ARRAY(scratch, Str, set.count);
  for (uint32_t i = 0; i < set.count; i++) {
    if (!all_typed(tables, set, i)) {
      continue;
    }
    const Symbol *symbol = names_symbol(tables, names_listed(tables, set, i));
    const AstFunction *function = ast_function(tables->ast, symbol->declaration);
    texts[i] = signature(tables, function, scratch);
    uint32_t hash = hash_bytes(texts[i].ptr, texts[i].length);
    uint32_t earlier = hash_index_find(&index, hash, same_signature, &(Signatures){texts, texts[i]});
    if (earlier == ID_MAP_NONE) {
      hash_index_add(scratch, &index, hash, i);
      continue;
    }
    Str title = function_title(tables, symbol);
    Diagnostic *diagnostic =
        diagnostic_add(sink, DIAGNOSTIC_BD0002, function->span, "%s '%.*s': overload (%.*s) exists already",
                       symbol_kind_text(tables, names_listed(tables, set, i)), STR_ARGS(title),
                       STR_ARGS(written_parameters(tables, function)));
    diagnostic_related(sink, diagnostic, names_symbol(tables, names_listed(tables, set, earlier))->span,
                       "first declared here");
  }
}

static void check_effect(NameTables *tables, SymbolId effect, Arena *scratch) {
  SymbolSet all = names_operations(tables, effect);
  ArenaMark mark = arena_mark(scratch);
  IdMap done = {0};
  for (uint32_t i = 0; i < all.count; i++) {
    Name name = names_symbol(tables, names_listed(tables, all, i))->name;
    if (id_map_get(&done, name) == ID_MAP_NONE) {
      id_map_put(scratch, &done, name, 1);
      check_set(tables, effect_members(tables, effect, name), scratch);
    }
  }
  arena_rewind(scratch, mark);
}

void names_check_overloads(NameTables *tables, ModuleId module) {
  NamesState *state = tables->state;
  const ModuleScope *scope = &state->scopes.items[module];
  Arena *scratch = &state->scratch;
  ArenaMark mark = arena_mark(scratch);
  for (uint32_t i = 0; i < scope->entry_ids.count; i++) {
    const Entry *entry = &state->entries.items[scope->entry_ids.items[i]];
    SymbolSet set = {tables->sets.count, 0};
    for (uint32_t b = entry->first; b != 0; b = state->bindings.items[b].next) {
      Binding binding = state->bindings.items[b];
      if (binding.origin != BINDING_DECLARED) {
        continue;
      }
      const Symbol *symbol = names_symbol(tables, binding.symbol);
      if (symbol->kind == SYMBOL_FUNCTION) {
        VECTOR_PUSH(&tables->arena, &tables->sets, binding.symbol);
        set.count++;
      } else if (symbol->kind == SYMBOL_EFFECT) {
        check_effect(tables, binding.symbol, scratch);
        set.first = tables->sets.count;
        set.count = 0;
      }
    }
    check_set(tables, set, scratch);
    if (set.count < 2) {
      tables->sets.count = set.first;
    }
  }
  arena_rewind(scratch, mark);
}
