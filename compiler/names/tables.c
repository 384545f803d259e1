// The tables of names/ as a whole: their life, and the questions that other rooms ask.
#include "base/failure.h"
#include "names/state.h"

void names_tables_init(NameTables *tables, Context *context, ModuleGraph *graph, AstTable *ast) {
  *tables = (NameTables){.context = context, .graph = graph, .ast = ast};
  arena_init(&tables->arena);
  tables->state = ARENA_NEW(&tables->arena, NamesState);
  arena_init(&tables->state->scratch);
  Arena *arena = &tables->arena;
  NamesState *state = tables->state;
  VECTOR_EXTEND(arena, &tables->symbols, 1);
  VECTOR_EXTEND(arena, &tables->locals, 1);
  VECTOR_EXTEND(arena, &state->entries, 1);
  VECTOR_EXTEND(arena, &state->bindings, 1);
  VECTOR_EXTEND(arena, &state->imports, 1);
  names_builtins_init(tables);
}

void names_tables_free(NameTables *tables) {
  arena_free(&tables->state->scratch);
  arena_free(&tables->arena);
  *tables = (NameTables){0};
}

bool names_bind_program(NameTables *tables) {
  Context *context = tables->context;
  uint32_t errors_before = context->diagnostics.errors;
  NamesState *state = tables->state;
  ENSURE(!state->frozen);
  Arena *arena = &tables->arena;
  uint32_t modules = tables->graph->modules.count;
  VECTOR_EXTEND(arena, &state->scopes, modules);
  VECTOR_EXTEND(arena, &state->operations, tables->ast->effects.count);
  VECTOR_EXTEND(arena, &state->item_symbols, tables->ast->items.count);
  VECTOR_EXTEND(arena, &state->function_items, tables->ast->functions.count);
  VECTOR_EXTEND(arena, &state->function_bound, tables->ast->functions.count);
  VECTOR_RESERVE(arena, &tables->symbols, tables->ast->items.count + modules);
  for (ModuleId module = 1; module < modules; module++) {
    names_declare_module(tables, module);
  }
  for (ModuleId module = 1; module < modules; module++) {
    names_check_overloads(tables, module);
  }
  names_resolve_imports(tables);
  names_report_imports(tables);
  state->frozen = true;
  names_bodies_reserve(tables);
  for (ModuleId module = 1; module < modules; module++) {
    if (module >= tables->ast->module_items.count) {
      break;
    }
    AstRange items = tables->ast->module_items.items[module];
    for (uint32_t i = 0; i < items.count; i++) {
      names_bind_item(tables, items.first + i);
    }
  }
  return context->diagnostics.errors == errors_before;
}

uint32_t names_item_of(const NameTables *tables, FunctionId function) {
  while (ast_function(tables->ast, function)->outer != 0) {
    function = ast_function(tables->ast, function)->outer;
  }
  uint32_t item = tables->state->function_items.items[function];
  ENSURE(item != 0);
  return item - 1;
}

SymbolSet names_lookup(NameTables *tables, ModuleId module, Name name, uint32_t context, LookupSpace spaces) {
  return scope_find_hygienic(tables, module, name, context, spaces).symbols;
}

SymbolSet names_functions_in_scope(NameTables *tables, ModuleId module, Name name, bool quoted) {
  NamesState *state = tables->state;
  // Beside the look-up spaces a key of its own: all functions at once.
  enum { FUNCTIONS_SPACE = 1 << 8, QUOTED_SPACE = 1 << 9 };
  uint32_t id = scope_find_entry(tables, module, name, 0);
  if (id == 0) {
    return (SymbolSet){0};
  }
  uint64_t key = id_pair(id, FUNCTIONS_SPACE | (quoted ? QUOTED_SPACE : 0));
  uint32_t cached = id_map_get(&state->find_cache, key);
  if (cached != ID_MAP_NONE) {
    return state->finds.items[cached].symbols;
  }
  const Entry *entry = &state->entries.items[id];
  SymbolSet set = {tables->sets.count, 0};
  IdMap seen = {0};
  Arena *scratch = &state->scratch;
  ArenaMark mark = arena_mark(scratch);
  for (int origin = BINDING_DECLARED; origin <= BINDING_PRELUDE; origin++) {
    if (origin == BINDING_PRELUDE && entry->explicit) {
      break;
    }
    for (uint32_t b = entry->first; b != 0; b = state->bindings.items[b].next) {
      Binding binding = state->bindings.items[b];
      const Symbol *symbol = names_symbol(tables, binding.symbol);
      if (binding.origin == origin && symbol->kind == SYMBOL_FUNCTION && symbol->quoted == quoted &&
          id_map_get(&seen, binding.symbol) == ID_MAP_NONE) {
        id_map_put(scratch, &seen, binding.symbol, 1);
        VECTOR_PUSH(&tables->arena, &tables->sets, binding.symbol);
        set.count++;
      }
    }
  }
  arena_rewind(scratch, mark);
  id_map_put(&tables->arena, &state->find_cache, key, state->finds.count);
  VECTOR_PUSH(&tables->arena, &state->finds, (ScopeFind){.symbols = set});
  return set;
}

SymbolSet names_exported(NameTables *tables, ModuleId module, Name name, ModuleId importer) {
  (void)importer; // whoever reaches the module symbol may use its exports (03 §2.5)
  return module < tables->state->scopes.count ? scope_members(tables, module, name) : (SymbolSet){0};
}

void names_program_exports(NameTables *tables, ModuleId entry, ProgramExports *out) {
  const ModuleScope *scope = &tables->state->scopes.items[entry];
  for (uint32_t c = 0; c < scope->chains.count; c++) {
    for (uint32_t e = scope->chains.items[c].first; e != NO_EXPORT; e = scope->exports.items[e].next) {
      Export exported = scope->exports.items[e];
      const Symbol *symbol = names_symbol(tables, exported.symbol);
      if (symbol->kind == SYMBOL_FUNCTION && !symbol->quoted) {
        // Of several functions of one name the first is exported.
        VECTOR_PUSH(&tables->arena, out, (ProgramExport){exported.name, exported.symbol});
        break;
      }
    }
  }
}

bool names_can_access(const NameTables *tables, SymbolId id, ModuleId importer) {
  const Symbol *symbol = names_symbol(tables, id);
  if (symbol->module == importer) {
    return true;
  }
  const Module *owner = graph_module(tables->graph, symbol->module);
  const Module *user = graph_module(tables->graph, importer);
  // PackageId 0 is the package of `src`; std and installed packages have ids of their own.
  if (owner->package == user->package) {
    return symbol->visibility >= VISIBLE_PACKAGE;
  }
  if (symbol->visibility < VISIBLE_PACKAGE) {
    return false;
  }
  return exports_accessible(tables, symbol->module, importer) || root_exports(tables, id);
}

Str names_describe(const NameTables *tables, SymbolId id) {
  const Symbol *symbol = names_symbol(tables, id);
  Context *context = tables->context;
  Str module = context_name(context, graph_module(tables->graph, symbol->module)->id);
  if (symbol->kind == SYMBOL_MODULE) {
    return module;
  }
  Str name = context_name(context, symbol->name);
  if (symbol->kind == SYMBOL_OPERATION) {
    Str owner = context_name(context, names_symbol(tables, symbol->owner)->name);
    return arena_format(&context->arena, "%.*s::%.*s::%.*s", STR_ARGS(module), STR_ARGS(owner),
                        STR_ARGS(name));
  }
  return arena_format(&context->arena, "%.*s::%.*s", STR_ARGS(module), STR_ARGS(name));
}

Name names_suggest(NameTables *tables, ModuleId module, Name wrong, LookupSpace spaces) {
  NamesState *state = tables->state;
  Str text = context_name(tables->context, wrong);
  uint32_t best_distance = text.length <= 3 ? 1 : text.length <= 6 ? 2 : 3;
  Name best = NAME_EMPTY;
  if (module >= state->scopes.count || text.length < 2) {
    return best;
  }
  const ModuleScope *scope = &state->scopes.items[module];
  for (uint32_t i = 0; i < scope->entry_ids.count; i++) {
    const Entry *entry = &state->entries.items[scope->entry_ids.items[i]];
    if (entry->context != 0 || entry->name == wrong) {
      continue;
    }
    uint32_t distance = edit_distance(text, context_name(tables->context, entry->name), best_distance);
    bool better = distance < best_distance || (distance == best_distance && best == NAME_EMPTY);
    if (better && scope_find(tables, module, entry->name, 0, spaces, UINT32_MAX).symbols.count > 0) {
      best = entry->name;
      best_distance = distance;
    }
  }
  return best;
}
