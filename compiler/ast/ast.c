// The tables of the AST and the driver of building one module: items in source order, each dropped as a whole
// when it has a structural error.
#include "ast/ast.h"

#include "ast/builder.h"
#include "base/failure.h"

void ast_init(AstTable *table, Context *context) {
  *table = (AstTable){.context = context};
  arena_init(&table->arena);
  VECTOR_EXTEND(&table->arena, &table->nodes, 1);
  VECTOR_EXTEND(&table->arena, &table->functions, 1);
}

void ast_free(AstTable *table) {
  arena_free(&table->arena);
}

FormView form_view(const AstBuilder *b, FormId id) {
  const Form *form = form_of(b, id);
  if (form->kind != FORM_LIST) {
    return (FormView){form, NULL, 0};
  }
  return (FormView){form, form_elements(form), form_count(form)};
}

bool view_headed(const AstBuilder *b, const FormView *view, Name word) {
  return view->count > 0 && form_is_word(form_of(b, view->elements[0]), word);
}

bool view_reserved(const AstBuilder *b, const FormView *view, Name head) {
  return view->count > 0 && form_is_reserved(form_of(b, view->elements[0]), head);
}

bool form_word(const AstBuilder *b, FormId id, Name word) {
  return form_is_word(form_of(b, id), word);
}

bool name_is_operator(Name name) {
  switch (name) {
  case NAME_PLUS:
  case NAME_MINUS:
  case NAME_STAR:
  case NAME_SLASH:
  case NAME_PERCENT:
  case NAME_CARET:
  case NAME_EQUAL:
  case NAME_NOT_EQUAL:
  case NAME_LESS:
  case NAME_GREATER:
  case NAME_LESS_EQUAL:
  case NAME_GREATER_EQUAL:
  case NAME_ASSIGN:
  case NAME_PLUS_ASSIGN:
  case NAME_MINUS_ASSIGN:
  case NAME_STAR_ASSIGN:
  case NAME_SLASH_ASSIGN:
  case NAME_WALRUS:
  case NAME_COLON:
  case NAME_OPTIONAL_COLON:
  case NAME_PATH:
  case NAME_DOT:
  case NAME_OPTIONAL_DOT:
  case NAME_RANGE:
  case NAME_RANGE_INCLUSIVE:
  case NAME_RANGE_EXCLUSIVE:
  case NAME_SPREAD:
  case NAME_ARROW:
  case NAME_FAT_ARROW:
  case NAME_PIPE_RIGHT:
  case NAME_PIPE_LEFT:
  case NAME_PIPE:
  case NAME_AMPERSAND:
  case NAME_SEMICOLON:
  case NAME_COALESCE:
  case NAME_BANG:
  case NAME_TILDE:
  case NAME_AT:
  case NAME_HASH:
  case NAME_BACKTICK:
  case NAME_COMMA:
  case NAME_AND:
  case NAME_OR:
  case NAME_XOR:
  case NAME_NOT:
  case NAME_IS:
  case NAME_AS:
  case NAME_IN:
  case NAME_IS_SUBTYPE_OF:
  case NAME_HAS_TRAIT:
    return true;
  default:
    return false;
  }
}

bool form_names(const AstBuilder *b, FormId id) {
  const Form *form = form_of(b, id);
  return form->kind == FORM_IDENTIFIER &&
         ((form->flags & FORM_FLAG_QUOTED) != 0 || !name_is_operator(form->value));
}

bool name_is_type_like(const AstBuilder *b, Name name) {
  Str text = context_name(b->context, name);
  return text.length > 0 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z';
}

bool form_clause(const AstBuilder *b, FormId id, FormId *label, FormId *value) {
  FormView view = form_view(b, id);
  if (view.count != 3 || !view_headed(b, &view, NAME_COLON)) {
    return false;
  }
  *label = view.elements[1];
  *value = view.elements[2];
  return true;
}

void ast_error(AstBuilder *b, Span span, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Text message = text_new(&b->scratch);
  text_format_list(&message, format, arguments);
  va_end(arguments);
  diagnostic_add(&b->context->diagnostics, DIAGNOSTIC_MD0002, span, "%.*s", STR_ARGS(text_str(&message)));
  b->failed = true;
}

void ast_error_code(AstBuilder *b, DiagnosticCode code, Span span, const char *message) {
  diagnostic_add(&b->context->diagnostics, code, span, "%s", message);
  b->failed = true;
}

// The reader bounds written nesting; one level of it takes at most two levels of this recursion (a suite and
// the construct around it). Macros may nest deeper.
enum { BUILD_DEPTH = 2 * LIMIT_NESTING + 16 };

bool ast_enter(AstBuilder *b, Span span) {
  b->depth++;
  if (b->depth <= BUILD_DEPTH) {
    return true;
  }
  if (!b->too_deep) {
    b->too_deep = true;
    ast_error(b, span, "nested too deeply");
  }
  return false;
}

void ast_leave(AstBuilder *b) {
  b->depth--;
}

NodeId node_new(AstBuilder *b, NodeKind kind, uint8_t flags, Span span) {
  VECTOR_PUSH(&b->table->arena, &b->table->nodes,
              (AstNode){.kind = (uint8_t)kind, .flags = flags, .span = span});
  return b->table->nodes.count - 1;
}

AstNode *node_of(AstBuilder *b, NodeId id) {
  return &b->table->nodes.items[id];
}

NodeId node_name(AstBuilder *b, FormId identifier) {
  const Form *form = form_of(b, identifier);
  uint8_t flags = 0;
  if ((form->flags & FORM_FLAG_QUOTED) != 0) {
    flags |= NODE_FLAG_QUOTED;
  }
  if ((form->flags & FORM_FLAG_RESERVED) != 0) {
    flags |= NODE_FLAG_STANDARD;
  }
  NodeId node = node_new(b, NODE_NAME, flags, form_span(form));
  node_of(b, node)->name.name = form->value;
  node_of(b, node)->name.context = form_context(form);
  return node;
}

uint32_t nodes_mark(const AstBuilder *b) {
  return b->nodes.count;
}

void nodes_add(AstBuilder *b, NodeId node) {
  VECTOR_PUSH(&b->scratch, &b->nodes, node);
}

NodeRange nodes_take(AstBuilder *b, uint32_t mark) {
  AstTable *table = b->table;
  NodeRange range = {table->lists.count, b->nodes.count - mark};
  VECTOR_RESERVE(&table->arena, &table->lists, table->lists.count + range.count);
  for (uint32_t i = 0; i < range.count; i++) {
    table->lists.items[table->lists.count++] = b->nodes.items[mark + i];
  }
  b->nodes.count = mark;
  return range;
}

// The sizes of all tables before an item, to drop it.
typedef struct TableMark {
  uint32_t nodes, lists, functions, parameters, type_parameters, attributes, member_functions, fields,
      objects, aliases, traits, impls, effects, lets, items;
} TableMark;

static TableMark table_mark(const AstTable *t) {
  return (TableMark){t->nodes.count,
                     t->lists.count,
                     t->functions.count,
                     t->parameters.count,
                     t->type_parameters.count,
                     t->attributes.count,
                     t->member_functions.count,
                     t->fields.count,
                     t->objects.count,
                     t->aliases.count,
                     t->traits.count,
                     t->impls.count,
                     t->effects.count,
                     t->lets.count,
                     t->items.count};
}

static void table_rewind(AstTable *t, TableMark mark) {
  t->nodes.count = mark.nodes;
  t->lists.count = mark.lists;
  t->functions.count = mark.functions;
  t->parameters.count = mark.parameters;
  t->type_parameters.count = mark.type_parameters;
  t->attributes.count = mark.attributes;
  t->member_functions.count = mark.member_functions;
  t->fields.count = mark.fields;
  t->objects.count = mark.objects;
  t->aliases.count = mark.aliases;
  t->traits.count = mark.traits;
  t->impls.count = mark.impls;
  t->effects.count = mark.effects;
  t->lets.count = mark.lets;
  t->items.count = mark.items;
}

static void build_module_item(AstBuilder *b, const FormId *items, uint32_t first_attribute, uint32_t index) {
  TableMark mark = table_mark(b->table);
  b->failed = false;
  b->too_deep = false;
  b->discarded = false;
  b->function = 0;
  b->attempt = NULL;
  b->depth = 0;
  b->nodes.count = b->spine.count = b->handlers.count = b->flattened.count = 0;
  build_item(b, items[index], items + first_attribute, index - first_attribute);
  if (b->failed || b->discarded) {
    table_rewind(b->table, mark);
    VECTOR_PUSH(&b->scratch, &b->dropped, items[index]);
  }
}

void ast_build_module(AstTable *table, ModuleGraph *graph, ModuleId module) {
  AstBuilder builder = {
      .table = table, .graph = graph, .forms = &graph->forms, .context = table->context, .module = module};
  AstBuilder *b = &builder;
  arena_init(&b->scratch);
  while (table->module_items.count <= module) {
    VECTOR_EXTEND(&table->arena, &table->module_items, 1);
  }
  AstRange items = {table->items.count, 0};
  const Module *source = graph_module(graph, module);
  uint32_t first_attribute = 0;
  for (uint32_t i = 0; i < source->items.count; i++) {
    FormView view = form_view(b, source->items.items[i]);
    if (view_headed(b, &view, NAME_AT)) {
      continue;
    }
    build_module_item(b, source->items.items, first_attribute, i);
    first_attribute = i + 1;
  }
  if (first_attribute < source->items.count) {
    attributes_without_target(b, source->items.items + first_attribute,
                              source->items.count - first_attribute);
  }
  items.count = table->items.count - items.first;
  table->module_items.items[module] = items;
  attach_documentation(b, graph);
  arena_free(&b->scratch);
}
