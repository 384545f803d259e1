// Declares the symbols of a module's items and reports conflicts among declarations of one scope (spec 03
// §6.5): BD0003, BD0006, BD0007, duplicate host keys of operations (BD0009).
#include "names/state.h"

void names_check_reserved(NameTables *tables, Name name, bool is_type, Span span) {
  if (name == NAME_VOID || (is_type && name == NAME_BORROW)) {
    Str text = context_name(tables->context, name);
    diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_TY9999, span,
                   "'%.*s' is a reserved name and cannot be declared", STR_ARGS(text));
  }
}

static bool is_upper_camel(Str text) {
  if (text.length == 0 || text.ptr[0] < 'A' || text.ptr[0] > 'Z') {
    return false;
  }
  for (size_t i = 1; i < text.length; i++) {
    char c = text.ptr[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
      return false;
    }
  }
  return true;
}

// An operator spelling, as opposed to a word written in quotes (05 §5.4.1).
static bool is_operator_text(Str text) {
  if (text.length == 0) {
    return false;
  }
  unsigned char c = (unsigned char)text.ptr[0];
  bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80;
  // The operators spelled as words count too when they are declared.
  return !word || str_equal(text, STR("and")) || str_equal(text, STR("or")) || str_equal(text, STR("xor")) ||
         str_equal(text, STR("not"));
}

static bool is_type_kind(SymbolKind kind) {
  return kind == SYMBOL_OBJECT || kind == SYMBOL_ALIAS || kind == SYMBOL_TRAIT || kind == SYMBOL_EFFECT;
}

static Span declaration_span(const NameTables *tables, const Symbol *symbol) {
  return tables->ast->items.items[symbol->item].span;
}

static const char *article(const char *noun) {
  return strchr("aeiou", noun[0]) != NULL ? "an" : "a";
}

// Compares a new declaration with the ones before it; called before it is bound.
static void check_conflict(NameTables *tables, uint32_t entry_id, const Symbol *symbol) {
  NamesState *state = tables->state;
  DiagnosticSink *sink = &tables->context->diagnostics;
  Str text = context_name(tables->context, symbol->name);
  Entry *entry = &state->entries.items[entry_id];
  SymbolId function = entry->function, other = entry->other;
  if (symbol->kind == SYMBOL_FUNCTION) {
    if (other != 0 && names_symbol(tables, other)->kind != SYMBOL_OBJECT && !entry->clash_reported) {
      entry->clash_reported = true;
      Diagnostic *diagnostic = diagnostic_add(
          sink, DIAGNOSTIC_BD0003, declaration_span(tables, symbol),
          "function '%.*s' cannot be declared: '%.*s' is already %s %s", STR_ARGS(text), STR_ARGS(text),
          article(symbol_kind_text(tables, other)), symbol_kind_text(tables, other));
      diagnostic_related(sink, diagnostic, names_symbol(tables, other)->span, "'%.*s' is declared here",
                         STR_ARGS(text));
    }
    return;
  }
  if (function != 0) {
    Diagnostic *diagnostic = diagnostic_add(sink, DIAGNOSTIC_BD0003, symbol->span,
                                            "'%.*s' is already a function here", STR_ARGS(text));
    diagnostic_related(sink, diagnostic, names_symbol(tables, function)->span,
                       "the function is declared here");
  } else if (other != 0) {
    bool is_let = symbol->kind == SYMBOL_LET;
    Diagnostic *diagnostic =
        is_let ? diagnostic_add(sink, DIAGNOSTIC_BD0006, symbol->span,
                                "'%.*s' is already defined in this scope", STR_ARGS(text))
               : diagnostic_add(sink, DIAGNOSTIC_BD0006, symbol->span, "%s '%.*s' exists already",
                                symbol_kind_text(tables, other), STR_ARGS(text));
    diagnostic_related(sink, diagnostic, names_symbol(tables, other)->span, "first declared here");
  }
}

static SymbolId add_symbol(NameTables *tables, Symbol symbol) {
  SymbolId id = tables->symbols.count;
  symbol.position = id;
  VECTOR_PUSH(&tables->arena, &tables->symbols, symbol);
  return id;
}

static SymbolId declare(NameTables *tables, uint32_t item, Symbol symbol) {
  const Module *module = graph_module(tables->graph, symbol.module);
  const AstItem *record = &tables->ast->items.items[item];
  symbol.item = item;
  symbol.visibility = !record->is_public        ? VISIBLE_MODULE
                      : module->is_package_root ? VISIBLE_PUBLIC
                                                : VISIBLE_PACKAGE;
  SymbolId id = add_symbol(tables, symbol);
  tables->state->item_symbols.items[item] = id;
  Symbol *added = names_symbol(tables, id);
  Str text = context_name(tables->context, symbol.name);
  names_check_reserved(tables, symbol.name, is_type_kind(symbol.kind), symbol.span);
  if (is_type_kind(symbol.kind) && !is_upper_camel(text)) {
    diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_BD0007, symbol.span,
                   "%s '%.*s': the name must be UpperCamelCase", symbol_kind_text(tables, id),
                   STR_ARGS(text));
  }
  if (symbol.name == NAME_UNDERSCORE || symbol.name == NAME_EMPTY) {
    return id;
  }
  uint32_t entry = scope_entry(tables, symbol.module, symbol.name, symbol.context);
  check_conflict(tables, entry, added);
  Entry *slots = &tables->state->entries.items[entry];
  SymbolId *first = symbol.kind == SYMBOL_FUNCTION ? &slots->function : &slots->other;
  *first = *first != 0 ? *first : id;
  scope_bind(tables, entry, (Binding){.symbol = id, .origin = BINDING_DECLARED});
  if (record->is_public) {
    scope_export(tables, symbol.module, symbol.name, id, false);
  }
  return id;
}

// The text of `@operation(id: "…")`, or an empty one.
static Str operation_id(const NameTables *tables, const AstFunction *operation) {
  NameTable *names = &tables->context->names;
  const AstAttribute *attribute =
      ast_attribute(tables->ast, operation->attributes, names_intern(names, STR("operation")));
  const Form *value = attribute == NULL ? NULL
                                        : ast_attribute_argument(&tables->graph->forms, attribute,
                                                                 names_intern(names, STR("id")));
  return value != NULL && value->kind == FORM_STRING ? context_name(tables->context, value->value) : STR("");
}

// 06 §2 rule 6: an explicit id differs from every other explicit id and every other operation's name.
static void check_host_keys(NameTables *tables, SymbolId effect) {
  SymbolSet set = names_operations(tables, effect);
  Context *context = tables->context;
  ArenaMark mark = arena_mark(&tables->state->scratch);
  IdMap names = {0}, ids = {0}; // name -> index of the first operation of that name / explicit id
  for (uint32_t i = 0; i < set.count; i++) {
    const Symbol *operation = names_symbol(tables, names_listed(tables, set, i));
    Str id = operation_id(tables, ast_function(tables->ast, operation->declaration));
    Name key = id.length == 0 ? NAME_EMPTY : names_intern(&context->names, id);
    uint32_t other = id_map_get(&ids, operation->name);
    if (other != ID_MAP_NONE &&
        names_symbol(tables, names_listed(tables, set, other))->name == operation->name &&
        key == NAME_EMPTY) {
      other = ID_MAP_NONE; // its own name as explicit id, next to a plain overload
    }
    if (key != NAME_EMPTY) {
      other = other != ID_MAP_NONE ? other : id_map_get(&ids, key);
      other = other != ID_MAP_NONE || key == operation->name ? other : id_map_get(&names, key);
    }
    if (other != ID_MAP_NONE) {
      Str text = key != NAME_EMPTY ? id : context_name(context, operation->name);
      Diagnostic *diagnostic =
          diagnostic_add(&context->diagnostics, DIAGNOSTIC_BD0009, operation->span,
                         "effect '%.*s' already declares host operation key '%.*s'",
                         STR_ARGS(context_name(context, names_symbol(tables, effect)->name)), STR_ARGS(text));
      diagnostic_related(&context->diagnostics, diagnostic,
                         names_symbol(tables, names_listed(tables, set, other))->span,
                         "the key is used here");
    }
    if (id_map_get(&names, operation->name) == ID_MAP_NONE) {
      id_map_put(&tables->state->scratch, &names, operation->name, i);
    }
    if (key != NAME_EMPTY && id_map_get(&ids, key) == ID_MAP_NONE) {
      id_map_put(&tables->state->scratch, &ids, key, i);
    }
  }
  arena_rewind(&tables->state->scratch, mark);
}

static void declare_effect(NameTables *tables, uint32_t item, SymbolId effect) {
  const AstEffect *record = &tables->ast->effects.items[names_symbol(tables, effect)->declaration];
  NamesState *state = tables->state;
  SymbolSet set = {tables->sets.count, 0};
  Symbol owner = *names_symbol(tables, effect);
  bool exported = tables->ast->items.items[item].is_public;
  for (uint32_t i = 0; i < record->operations.count; i++) {
    FunctionId function = tables->ast->member_functions.items[record->operations.first + i];
    const AstFunction *operation = ast_function(tables->ast, function);
    SymbolId id = add_symbol(tables, (Symbol){.kind = SYMBOL_OPERATION,
                                              .visibility = owner.visibility,
                                              .name = operation->name,
                                              .context = operation->context,
                                              .module = owner.module,
                                              .declaration = function,
                                              .item = item,
                                              .owner = effect,
                                              .span = operation->name_span});
    VECTOR_PUSH(&tables->arena, &tables->sets, id);
    set.count++;
    if (exported) {
      scope_export(tables, owner.module, operation->name, id, true);
    }
  }
  state->operations.items[owner.declaration] = set;
  check_host_keys(tables, effect);
}

// Two fields of one name (04 §3).
static void check_fields(NameTables *tables, const AstObject *object) {
  ArenaMark mark = arena_mark(&tables->state->scratch);
  IdMap seen = {0};
  for (uint32_t i = 0; i < object->fields.count; i++) {
    const AstField *field = &tables->ast->fields.items[object->fields.first + i];
    uint32_t earlier = id_map_get(&seen, field->name);
    if (earlier == ID_MAP_NONE) {
      id_map_put(&tables->state->scratch, &seen, field->name, object->fields.first + i);
      continue;
    }
    DiagnosticSink *sink = &tables->context->diagnostics;
    Diagnostic *diagnostic =
        diagnostic_add(sink, DIAGNOSTIC_BD0006, field->name_span, "field '%.*s' exists already",
                       STR_ARGS(context_name(tables->context, field->name)));
    diagnostic_related(sink, diagnostic, tables->ast->fields.items[earlier].name_span, "first declared here");
  }
  arena_rewind(&tables->state->scratch, mark);
}

static void own_functions(NameTables *tables, uint32_t item, AstRange members) {
  for (uint32_t i = 0; i < members.count; i++) {
    FunctionId function = tables->ast->member_functions.items[members.first + i];
    tables->state->function_items.items[function] = item + 1;
  }
}

static void declare_item(NameTables *tables, ModuleId module, uint32_t item) {
  const AstTable *ast = tables->ast;
  const AstItem *record = &ast->items.items[item];
  Symbol symbol = {.module = module, .declaration = record->index, .span = record->name_span};
  switch (record->kind) {
  case ITEM_FUNCTION: {
    const AstFunction *function = ast_function(ast, record->index);
    tables->state->function_items.items[record->index] = item + 1;
    if (function->kind == FUNCTION_TEST) {
      return; // tests have no name that code could mention (03 §5.1)
    }
    symbol.kind = SYMBOL_FUNCTION;
    symbol.name = function->name;
    symbol.context = function->context;
    symbol.quoted = function->name_quoted && is_operator_text(context_name(tables->context, function->name));
    symbol.span = function->name_span;
    declare(tables, item, symbol);
    return;
  }
  case ITEM_LET: {
    const AstModuleLet *let = &ast->lets.items[record->index];
    symbol.kind = SYMBOL_LET;
    symbol.name = let->name;
    symbol.context = let->context;
    declare(tables, item, symbol);
    return;
  }
  case ITEM_OBJECT: {
    const AstObject *object = &ast->objects.items[record->index];
    symbol.kind = SYMBOL_OBJECT;
    symbol.name = object->name;
    symbol.context = object->context;
    declare(tables, item, symbol);
    check_fields(tables, object);
    return;
  }
  case ITEM_ALIAS: {
    const AstAlias *alias = &ast->aliases.items[record->index];
    symbol.kind = SYMBOL_ALIAS;
    symbol.name = alias->name;
    symbol.context = alias->context;
    declare(tables, item, symbol);
    return;
  }
  case ITEM_TRAIT: {
    const AstTrait *trait = &ast->traits.items[record->index];
    symbol.kind = SYMBOL_TRAIT;
    symbol.name = trait->name;
    symbol.context = trait->context;
    own_functions(tables, item, trait->methods);
    declare(tables, item, symbol);
    return;
  }
  case ITEM_EFFECT: {
    const AstEffect *effect = &ast->effects.items[record->index];
    symbol.kind = SYMBOL_EFFECT;
    symbol.name = effect->name;
    symbol.context = effect->context;
    own_functions(tables, item, effect->operations);
    declare_effect(tables, item, declare(tables, item, symbol));
    return;
  }
  case ITEM_IMPL:
    own_functions(tables, item, ast->impls.items[record->index].methods);
    return;
  }
}

void names_declare_module(NameTables *tables, ModuleId module) {
  const Module *record = graph_module(tables->graph, module);
  ModuleScope *scope = &tables->state->scopes.items[module];
  Name name = record->path.count > 0 ? record->path.segments[record->path.count - 1] : record->id;
  scope->symbol = add_symbol(tables, (Symbol){.kind = SYMBOL_MODULE,
                                              .visibility = VISIBLE_PUBLIC,
                                              .name = name,
                                              .module = module,
                                              .declaration = module,
                                              .span = record->span});
  if (module >= tables->ast->module_items.count) {
    return;
  }
  AstRange items = tables->ast->module_items.items[module];
  for (uint32_t i = 0; i < items.count; i++) {
    declare_item(tables, module, items.first + i);
  }
}
