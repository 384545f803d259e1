// Resolves the imports of all modules to a fixpoint (spec 03 §2, §7.4).
//
// Export tables only grow. A module whose table grew is queued, and each import that selects from it takes
// what is new; every export is seen once per import. Paths without prefix and selections from effects and
// unions wait until the tables stand still, then join in source order, and the queue runs again.
#include "names/state.h"

ModuleId package_root(const NameTables *tables, ModuleId module) {
  uint32_t root = id_map_get(&tables->state->package_roots, graph_module(tables->graph, module)->package);
  return root == ID_MAP_NONE ? 0 : root;
}

bool root_exports(const NameTables *tables, SymbolId symbol) {
  ModuleId module = names_symbol(tables, symbol)->module;
  ModuleId root = package_root(tables, module);
  if (root == 0) {
    return false;
  }
  const ModuleScope *scopes = tables->state->scopes.items;
  return id_map_get(&scopes[root].exported_symbols, symbol) != ID_MAP_NONE ||
         id_map_get(&scopes[root].exported_symbols, scopes[module].symbol) != ID_MAP_NONE;
}

bool exports_accessible(const NameTables *tables, ModuleId source, ModuleId importer) {
  const Module *from = graph_module(tables->graph, source);
  const Module *to = graph_module(tables->graph, importer);
  return from->package == to->package || from->is_package_root || from->path.space == NAMESPACE_STD;
}

bool import_may_select(const NameTables *tables, const Import *import, SymbolId symbol) {
  if (import->by_std_root) {
    ModuleId root = package_root(tables, import->source);
    return root != 0 &&
           id_map_get(&tables->state->scopes.items[root].exported_symbols, symbol) != ID_MAP_NONE;
  }
  return import->by_alias || exports_accessible(tables, import->source, import->importer);
}

static void deliver(NameTables *tables, uint32_t id, Name name, SymbolId symbol) {
  Import *import = &tables->state->imports.items[id];
  const UseEntry *use = import_use(tables, import);
  import->delivered++;
  if (name == NAME_UNDERSCORE || name == NAME_EMPTY) {
    return;
  }
  uint32_t entry = scope_entry(tables, import->importer, name, 0);
  scope_bind(tables, entry,
             (Binding){.symbol = symbol,
                       .import = id,
                       .order = import->use + 1,
                       .origin = use->is_prelude ? BINDING_PRELUDE : BINDING_IMPORTED});
  if (use->is_public) {
    scope_export(tables, import->importer, name, symbol, false);
  }
}

// Takes what is new in the source's export table.
static void pump(NameTables *tables, uint32_t id) {
  Import *import = &tables->state->imports.items[id];
  const UseEntry *use = import_use(tables, import);
  const ModuleScope *source = &tables->state->scopes.items[import->source];
  if (use->selection == SELECT_ALL) {
    while (import->cursor < source->exports.count) {
      Export exported = source->exports.items[import->cursor++];
      if (names_symbol(tables, exported.symbol)->kind != SYMBOL_OPERATION &&
          import_may_select(tables, import, exported.symbol)) {
        deliver(tables, id, exported.name, exported.symbol);
      }
    }
    return;
  }
  for (;;) {
    uint32_t next = import->cursor == 0 ? scope_first_export(tables, import->source, use->target)
                                        : source->exports.items[import->cursor - 1].next;
    if (next == NO_EXPORT) {
      return;
    }
    import->cursor = next + 1;
    Export exported = source->exports.items[next];
    if (!exported.implicit && import_may_select(tables, import, exported.symbol)) {
      deliver(tables, id, use->alias, exported.symbol);
    }
  }
}

static void select_from(NameTables *tables, uint32_t id, ModuleId source) {
  Import *import = &tables->state->imports.items[id];
  import->source = source;
  if (import_use(tables, import)->selection == SELECT_MODULE) {
    import->state = IMPORT_DONE;
    deliver(tables, id, import_use(tables, import)->alias, tables->state->scopes.items[source].symbol);
    return;
  }
  import->state = IMPORT_OPEN;
  VECTOR_PUSH(&tables->arena, &tables->state->scopes.items[source].importers, id);
  pump(tables, id);
}

static void run_queue(NameTables *tables) {
  NamesState *state = tables->state;
  for (uint32_t head = 0; head < state->queue.count; head++) {
    ModuleScope *scope = &state->scopes.items[state->queue.items[head]];
    scope->queued = false;
    for (uint32_t i = 0; i < scope->importers.count; i++) {
      pump(tables, scope->importers.items[i]);
    }
  }
  state->queue.count = 0;
}

// 03 §2.6
static void select_operations(NameTables *tables, uint32_t id, SymbolId effect) {
  Import *import = &tables->state->imports.items[id];
  const UseEntry *use = import_use(tables, import);
  SymbolSet all = names_operations(tables, effect);
  for (uint32_t i = 0; i < all.count; i++) {
    SymbolId operation = names_listed(tables, all, i);
    Name name = names_symbol(tables, operation)->name;
    if (use->selection == SELECT_ALL) {
      deliver(tables, id, name, operation);
    } else if (name == use->target) {
      deliver(tables, id, use->alias, operation);
    }
  }
}

// 03 §2.7
static void select_variants(NameTables *tables, uint32_t id, SymbolId alias) {
  Import *import = &tables->state->imports.items[id];
  const UseEntry *use = import_use(tables, import);
  NamespaceMembers members = {0};
  namespace_members(tables, alias, &members);
  uint32_t matches = 0;
  for (uint32_t i = 0; i < members.count; i++) {
    matches += members.items[i].name == use->target;
  }
  import->ambiguous = use->selection == SELECT_NAME && matches > 1;
  for (uint32_t i = 0; i < members.count && !import->ambiguous; i++) {
    NamespaceMember member = members.items[i];
    if (!namespace_member_accessible(tables, alias, member.symbol, import->importer)) {
      continue;
    }
    if (use->selection == SELECT_ALL) {
      deliver(tables, id, member.name, member.symbol);
    } else if (member.name == use->target) {
      deliver(tables, id, use->alias, member.symbol);
    }
  }
}

static bool select_from_namespace(NameTables *tables, uint32_t id, SymbolId namespace) {
  Import *import = &tables->state->imports.items[id];
  SymbolKind kind = names_symbol(tables, namespace)->kind;
  if ((kind != SYMBOL_EFFECT && kind != SYMBOL_ALIAS) ||
      import_use(tables, import)->selection == SELECT_MODULE) {
    return false;
  }
  import->state = IMPORT_DONE;
  import->namespace = namespace;
  if (kind == SYMBOL_EFFECT) {
    select_operations(tables, id, namespace);
  } else {
    select_variants(tables, id, namespace);
  }
  return true;
}

// Was the module bound to this name only through the root of std? The prelude is a module named explicitly.
static bool bound_by_std_root(const NameTables *tables, const Import *import, Name name, SymbolId symbol) {
  const NamesState *state = tables->state;
  uint32_t entry = scope_find_entry(tables, import->importer, name, 0);
  for (uint32_t b = state->entries.items[entry].first; b != 0; b = state->bindings.items[b].next) {
    Binding binding = state->bindings.items[b];
    if (binding.symbol != symbol || binding.import == 0) {
      continue;
    }
    const Import *via = &state->imports.items[binding.import];
    const Module *source = graph_module(tables->graph, via->source);
    const UseEntry *use = import_use(tables, via);
    if (use->selection == SELECT_MODULE ? !via->by_std_root
                                        : !(source->path.space == NAMESPACE_STD && source->is_package_root)) {
      return false;
    }
  }
  return true;
}

// An entry whose head is a name of the module's own scope (03 §2.3).
static bool resolve_unprefixed(NameTables *tables, uint32_t id) {
  Import *import = &tables->state->imports.items[id];
  const UseEntry *use = import_use(tables, import);
  if (use->segment_count != 1) {
    return false;
  }
  Name head = use->segments[0];
  ScopeFind found = scope_find(tables, import->importer, head, 0, LOOKUP_MODULE | LOOKUP_EFFECT | LOOKUP_TYPE,
                               import->use + 1);
  if (found.symbols.count != 1) {
    return false;
  }
  SymbolId symbol = names_listed(tables, found.symbols, 0);
  if (names_symbol(tables, symbol)->kind != SYMBOL_MODULE) {
    return select_from_namespace(tables, id, symbol);
  }
  ModuleId source = names_symbol(tables, symbol)->declaration;
  import->by_alias = true;
  import->by_std_root = graph_module(tables->graph, source)->path.space == NAMESPACE_STD &&
                        graph_module(tables->graph, import->importer)->path.space != NAMESPACE_STD &&
                        bound_by_std_root(tables, import, head, symbol);
  if (graph_module(tables->graph, source)->failed && use->selection != SELECT_MODULE) {
    import->state = IMPORT_SILENT;
    return true;
  }
  select_from(tables, id, source);
  return true;
}

// `use M::Eff::op`: the module part ends in a name that `M` exports (03 §3.3.3).
static bool resolve_member(NameTables *tables, uint32_t id) {
  Import *import = &tables->state->imports.items[id];
  const UseEntry *use = import_use(tables, import);
  const ModuleScope *scope = &tables->state->scopes.items[import->source];
  for (uint32_t e = scope_first_export(tables, import->source, use->member); e != NO_EXPORT;
       e = scope->exports.items[e].next) {
    SymbolId symbol = scope->exports.items[e].symbol;
    if (import_may_select(tables, import, symbol) && select_from_namespace(tables, id, symbol)) {
      return true;
    }
  }
  return false;
}

static void start(NameTables *tables, ModuleId importer, uint32_t use_index) {
  const UseEntry *use = &graph_module(tables->graph, importer)->uses.items[use_index];
  uint32_t id = tables->state->imports.count;
  VECTOR_PUSH(&tables->arena, &tables->state->imports,
              (Import){.importer = importer, .use = use_index, .source = use->module});
  Import *import = &tables->state->imports.items[id];
  if (use->selection != SELECT_ALL && use->alias != NAME_EMPTY) {
    names_check_reserved(tables, use->alias, false, use->span);
  }
  if (!use->has_prefix && !use->is_prelude) {
    import->state = IMPORT_WAITING;
  } else if (use->module == 0 ||
             (use->selection != SELECT_MODULE && graph_module(tables->graph, use->module)->failed)) {
    import->state = IMPORT_SILENT;
  } else if (use->member != NAME_EMPTY) {
    import->state = IMPORT_WAITING;
  } else {
    select_from(tables, id, use->module);
  }
}

void names_resolve_imports(NameTables *tables) {
  NamesState *state = tables->state;
  uint32_t modules = tables->graph->modules.count;
  uint32_t uses = 0;
  for (ModuleId module = 1; module < modules; module++) {
    const Module *record = graph_module(tables->graph, module);
    uses += record->uses.count;
    if (record->is_package_root && id_map_get(&state->package_roots, record->package) == ID_MAP_NONE) {
      id_map_put(&tables->arena, &state->package_roots, record->package, module);
    }
  }
  VECTOR_RESERVE(&tables->arena, &state->imports, uses + 1); // pointers to imports stay valid
  for (ModuleId module = 1; module < modules; module++) {
    for (uint32_t u = 0; u < graph_module(tables->graph, module)->uses.count; u++) {
      start(tables, module, u);
    }
  }
  bool progress = true;
  while (progress) {
    run_queue(tables);
    progress = false;
    for (uint32_t id = 1; id < state->imports.count; id++) {
      Import *import = &state->imports.items[id];
      if (import->state == IMPORT_WAITING) {
        bool resolved = import_use(tables, import)->has_prefix ? resolve_member(tables, id)
                                                               : resolve_unprefixed(tables, id);
        progress = progress || resolved;
      }
    }
  }
}
