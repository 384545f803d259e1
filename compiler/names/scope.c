// Module scopes: binding, exporting and looking up names at module level (spec 03 §5.1, §6).
//
// Declared names beat imported ones, the last import beats earlier ones, the implicit prelude comes last and
// only for names that the module neither declares nor imports itself.
#include "names/state.h"

uint32_t scope_find_entry(const NameTables *tables, ModuleId module, Name name, uint32_t context) {
  const NamesState *state = tables->state;
  if (module >= state->scopes.count) {
    return 0;
  }
  uint32_t id = id_map_get(&state->scopes.items[module].entries, id_pair(context, name));
  return id == ID_MAP_NONE ? 0 : id;
}

uint32_t scope_entry(NameTables *tables, ModuleId module, Name name, uint32_t context) {
  NamesState *state = tables->state;
  uint32_t found = scope_find_entry(tables, module, name, context);
  if (found != 0) {
    return found;
  }
  uint32_t id = state->entries.count;
  VECTOR_PUSH(&tables->arena, &state->entries, (Entry){.module = module, .name = name, .context = context});
  ModuleScope *scope = &state->scopes.items[module];
  id_map_put(&tables->arena, &scope->entries, id_pair(context, name), id);
  VECTOR_PUSH(&tables->arena, &scope->entry_ids, id);
  return id;
}

void scope_bind(NameTables *tables, uint32_t entry_id, Binding binding) {
  NamesState *state = tables->state;
  uint32_t id = state->bindings.count;
  binding.next = 0;
  VECTOR_PUSH(&tables->arena, &state->bindings, binding);
  Entry *entry = &state->entries.items[entry_id];
  if (entry->last != 0) {
    state->bindings.items[entry->last].next = id;
  } else {
    entry->first = id;
  }
  entry->last = id;
  entry->explicit = entry->explicit || binding.origin != BINDING_PRELUDE;
}

void scope_export(NameTables *tables, ModuleId module, Name name, SymbolId symbol, bool implicit) {
  NamesState *state = tables->state;
  ModuleScope *scope = &state->scopes.items[module];
  uint64_t pair = id_pair(name, symbol);
  uint32_t known = id_map_get(&scope->export_pairs, pair);
  if (known != ID_MAP_NONE) {
    // An operation that came with its effect and is then re-exported by name becomes selectable. Imports that
    // have passed it by are looked at again from the start of the name's chain.
    if (implicit || !scope->exports.items[known].implicit) {
      return;
    }
  }
  Arena *arena = &tables->arena;
  uint32_t id = scope->exports.count;
  VECTOR_PUSH(arena, &scope->exports, (Export){name, symbol, NO_EXPORT, implicit});
  id_map_put(arena, &scope->export_pairs, pair, id);
  id_map_put(arena, &scope->exported_symbols, symbol, 1);
  uint32_t chain = id_map_get(&scope->export_chains, name);
  if (chain == ID_MAP_NONE) {
    id_map_put(arena, &scope->export_chains, name, scope->chains.count);
    VECTOR_PUSH(arena, &scope->chains, (ExportChain){id, id});
  } else {
    scope->exports.items[scope->chains.items[chain].last].next = id;
    scope->chains.items[chain].last = id;
  }
  if (!scope->queued) {
    scope->queued = true;
    VECTOR_PUSH(arena, &state->queue, module);
  }
}

uint32_t scope_first_export(const NameTables *tables, ModuleId module, Name name) {
  const ModuleScope *scope = &tables->state->scopes.items[module];
  uint32_t chain = id_map_get(&scope->export_chains, name);
  return chain == ID_MAP_NONE ? NO_EXPORT : scope->chains.items[chain].first;
}

unsigned symbol_spaces(SymbolKind kind) {
  switch (kind) {
  case SYMBOL_FUNCTION:
  case SYMBOL_LET:
    return LOOKUP_VALUE;
  case SYMBOL_OBJECT:
  case SYMBOL_ALIAS:
  case SYMBOL_TRAIT:
    return LOOKUP_VALUE | LOOKUP_TYPE;
  case SYMBOL_EFFECT:
    return LOOKUP_EFFECT;
  case SYMBOL_OPERATION:
    return LOOKUP_VALUE | LOOKUP_OPERATION;
  case SYMBOL_MODULE:
    return LOOKUP_MODULE;
  }
  return 0;
}

const char *symbol_kind_text(const NameTables *tables, SymbolId symbol) {
  const Symbol *record = names_symbol(tables, symbol);
  switch (record->kind) {
  case SYMBOL_FUNCTION:
    return "function";
  case SYMBOL_LET:
    return "module-level let";
  case SYMBOL_OBJECT:
    return tables->ast->objects.items[record->declaration].kind == OBJECT_VAL ? "value type" : "object";
  case SYMBOL_ALIAS:
    return "type alias";
  case SYMBOL_TRAIT:
    return "trait";
  case SYMBOL_EFFECT:
    return "effect";
  case SYMBOL_OPERATION:
    return "effect operation";
  case SYMBOL_MODULE:
    return "module";
  }
  return "name";
}

SymbolSet scope_single(NameTables *tables, SymbolId symbol) {
  SymbolSet set = {tables->sets.count, 1};
  VECTOR_PUSH(&tables->arena, &tables->sets, symbol);
  return set;
}

// The bindings of one origin that win, appended to the sets. `last` is the binding that decides.
static SymbolSet collect(NameTables *tables, const Entry *entry, unsigned spaces, uint32_t last) {
  NamesState *state = tables->state;
  Binding winner = state->bindings.items[last];
  SymbolKind kind = names_symbol(tables, winner.symbol)->kind;
  if (kind != SYMBOL_FUNCTION && kind != SYMBOL_OPERATION) {
    return scope_single(tables, winner.symbol);
  }
  SymbolSet set = {tables->sets.count, 0};
  SymbolId owner = names_symbol(tables, winner.symbol)->owner;
  for (uint32_t b = entry->first; b != 0; b = state->bindings.items[b].next) {
    Binding binding = state->bindings.items[b];
    const Symbol *symbol = names_symbol(tables, binding.symbol);
    if (binding.origin == winner.origin && binding.order == winner.order && symbol->kind == kind &&
        symbol->owner == owner && (symbol_spaces(symbol->kind) & spaces) != 0) {
      VECTOR_PUSH(&tables->arena, &tables->sets, binding.symbol);
      set.count++;
    }
  }
  return set;
}

// Within one import a function goes before a type of the name (constructor function, 03 §6.5).
static bool outranks(const NameTables *tables, Binding candidate, Binding best) {
  if (candidate.origin != best.origin) {
    return candidate.origin < best.origin;
  }
  if (candidate.order != best.order) {
    return candidate.order > best.order;
  }
  bool best_is_function = names_symbol(tables, best.symbol)->kind == SYMBOL_FUNCTION;
  return !best_is_function || names_symbol(tables, candidate.symbol)->kind == SYMBOL_FUNCTION;
}

static ScopeFind find_in_entry(NameTables *tables, uint32_t id, unsigned spaces, uint32_t before) {
  NamesState *state = tables->state;
  const Entry *entry = &state->entries.items[id];
  uint32_t best = 0;
  for (uint32_t b = entry->first; b != 0; b = state->bindings.items[b].next) {
    Binding binding = state->bindings.items[b];
    bool counts = binding.origin == BINDING_DECLARED ||
                  (binding.origin == BINDING_IMPORTED ? binding.order < before : !entry->explicit);
    if (counts && (symbol_spaces(names_symbol(tables, binding.symbol)->kind) & spaces) != 0 &&
        (best == 0 || outranks(tables, binding, state->bindings.items[best]))) {
      best = b;
    }
  }
  if (best == 0) {
    return (ScopeFind){.error = entry->failed != 0};
  }
  return (ScopeFind){.symbols = collect(tables, entry, spaces, best),
                     .implicit = state->bindings.items[best].origin == BINDING_PRELUDE};
}

ScopeFind scope_find(NameTables *tables, ModuleId module, Name name, uint32_t context, unsigned spaces,
                     uint32_t before) {
  NamesState *state = tables->state;
  uint32_t entry = scope_find_entry(tables, module, name, context);
  if (entry == 0) {
    return (ScopeFind){.error = module < state->scopes.count && state->scopes.items[module].poisoned};
  }
  if (!state->frozen) {
    return find_in_entry(tables, entry, spaces, before);
  }
  uint32_t cached = id_map_get(&state->find_cache, id_pair(entry, spaces));
  if (cached == ID_MAP_NONE) {
    ScopeFind found = find_in_entry(tables, entry, spaces, UINT32_MAX);
    found.error = found.error || (found.symbols.count == 0 && state->scopes.items[module].poisoned);
    cached = state->finds.count;
    VECTOR_PUSH(&tables->arena, &state->finds, found);
    id_map_put(&tables->arena, &state->find_cache, id_pair(entry, spaces), cached);
  }
  return state->finds.items[cached];
}

ScopeFind scope_find_hygienic(NameTables *tables, ModuleId module, Name name, uint32_t context,
                              unsigned spaces) {
  if (context == 0 || context >= tables->graph->contexts.count) {
    return scope_find(tables, module, name, context, spaces, UINT32_MAX);
  }
  HygieneContext origin = tables->graph->contexts.items[context];
  if (origin.kind != HYGIENE_REFERENCE) {
    ScopeFind found = scope_find(tables, module, name, context, spaces, UINT32_MAX);
    if (found.symbols.count > 0 || origin.kind == HYGIENE_FRESH) {
      return found;
    }
  }
  return scope_find(tables, origin.module, name, 0, spaces, UINT32_MAX);
}

static void remember(NameTables *tables, IdMap *cache, uint64_t key, SymbolSet set) {
  NamesState *state = tables->state;
  id_map_put(&tables->arena, cache, key, state->finds.count);
  VECTOR_PUSH(&tables->arena, &state->finds, (ScopeFind){.symbols = set});
}

SymbolSet scope_members(NameTables *tables, ModuleId module, Name name) {
  NamesState *state = tables->state;
  uint64_t key = id_pair(module, name);
  uint32_t cached = id_map_get(&state->member_cache, key);
  if (cached != ID_MAP_NONE) {
    return state->finds.items[cached].symbols;
  }
  const ModuleScope *scope = &state->scopes.items[module];
  SymbolSet set = {tables->sets.count, 0};
  for (uint32_t e = scope_first_export(tables, module, name); e != NO_EXPORT;
       e = scope->exports.items[e].next) {
    SymbolId symbol = scope->exports.items[e].symbol;
    if (names_symbol(tables, symbol)->kind != SYMBOL_OPERATION) {
      VECTOR_PUSH(&tables->arena, &tables->sets, symbol);
      set.count++;
    }
  }
  if (state->frozen) {
    remember(tables, &state->member_cache, key, set);
  }
  return set;
}

SymbolSet scope_standard(NameTables *tables, Name name) {
  NamesState *state = tables->state;
  uint32_t cached = id_map_get(&state->standard_cache, name);
  if (cached != ID_MAP_NONE) {
    return state->finds.items[cached].symbols;
  }
  SymbolSet found = {0};
  for (ModuleId module = 1; module < state->scopes.count; module++) {
    const Module *record = graph_module(tables->graph, module);
    if (record->path.space == NAMESPACE_STD && (found.count == 0 || record->is_package_root)) {
      SymbolSet members = scope_members(tables, module, name);
      found = members.count > 0 ? members : found;
    }
  }
  if (state->frozen) {
    remember(tables, &state->standard_cache, name, found);
  }
  return found;
}

SymbolSet names_operations(const NameTables *tables, SymbolId effect) {
  return tables->state->operations.items[names_symbol(tables, effect)->declaration];
}

// Groups the operations of an effect by name: large effects are asked for each of theirs.
static void group_operations(NameTables *tables, SymbolId effect) {
  Arena *scratch = &tables->state->scratch;
  ArenaMark mark = arena_mark(scratch);
  SymbolSet all = names_operations(tables, effect);
  uint32_t *next = ARENA_ARRAY(scratch, uint32_t, all.count); // of the same name
  IdMap first = {0};                                          // by name
  for (uint32_t i = all.count; i-- > 0;) {
    Name name = names_symbol(tables, names_listed(tables, all, i))->name;
    next[i] = id_map_get(&first, name);
    id_map_put(scratch, &first, name, i);
  }
  for (uint32_t i = 0; i < all.count; i++) {
    Name name = names_symbol(tables, names_listed(tables, all, i))->name;
    if (id_map_get(&first, name) == i) {
      SymbolSet set = {tables->sets.count, 0};
      for (uint32_t at = i; at != ID_MAP_NONE; at = next[at], set.count++) {
        VECTOR_PUSH(&tables->arena, &tables->sets, names_listed(tables, all, at));
      }
      remember(tables, &tables->state->operation_cache, id_pair(effect, name), set);
    }
  }
  remember(tables, &tables->state->operation_cache, id_pair(effect, NAME_EMPTY), (SymbolSet){0});
  arena_rewind(scratch, mark);
}

SymbolSet effect_members(NameTables *tables, SymbolId effect, Name name) {
  const NamesState *state = tables->state;
  if (id_map_get(&state->operation_cache, id_pair(effect, NAME_EMPTY)) == ID_MAP_NONE) {
    group_operations(tables, effect);
  }
  uint32_t found = id_map_get(&state->operation_cache, id_pair(effect, name));
  return found == ID_MAP_NONE ? (SymbolSet){0} : state->finds.items[found].symbols;
}
