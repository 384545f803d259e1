// What is wrong with imports: BD0001 in its variants (spec 03 §10.3) and clashes of imported names (§6.6).
//
// An import that failed, here or because its module did, leaves its local name poisoned, so that uses of the
// name stay silent (03 §7.8).
#include "names/state.h"

static Str module_text(const NameTables *tables, ModuleId module) {
  return context_name(tables->context, graph_module(tables->graph, module)->id);
}

static Str module_file(const NameTables *tables, ModuleId module) {
  return sources_file(&tables->context->sources, graph_module(tables->graph, module)->file)->path;
}

static Str package_text(const NameTables *tables, ModuleId module) {
  return graph_package_text(tables->graph, graph_module(tables->graph, module)->package);
}

static Str use_path_text(NameTables *tables, const UseEntry *use) {
  Text text = text_new(&tables->context->arena);
  for (uint32_t i = 0; i < use->segment_count; i++) {
    text_add(&text, i == 0 ? STR("") : STR("::"));
    text_add(&text, context_name(tables->context, use->segments[i]));
  }
  if (use->selection == SELECT_ALL) {
    text_add(&text, STR("::all"));
  } else if (use->selection == SELECT_NAME) {
    text_format(&text, "::%.*s", STR_ARGS(context_name(tables->context, use->target)));
  }
  return text_str(&text);
}

// Where a hidden name of another package has to be re-exported.
static void advise_root(NameTables *tables, Diagnostic *diagnostic, ModuleId source, Name name) {
  ModuleId root = package_root(tables, source);
  if (root != 0) {
    Str text = context_name(tables->context, name);
    diagnostic_hint(&tables->context->diagnostics, diagnostic,
                    "re-export '%.*s' with `pub use` in %.*s and import it from %.*s", STR_ARGS(text),
                    STR_ARGS(module_file(tables, root)), STR_ARGS(module_text(tables, root)));
  }
}

static void report_hidden(NameTables *tables, ModuleId source, Name name, const char *visibility, Span span) {
  Diagnostic *diagnostic = diagnostic_add(
      &tables->context->diagnostics, DIAGNOSTIC_BD0001, span,
      "'%.*s' of %.*s is among the hidden nested-package internals and not visible here (visibility: %s); "
      "the root of its package %.*s does not export it",
      STR_ARGS(context_name(tables->context, name)), STR_ARGS(module_text(tables, source)), visibility,
      STR_ARGS(package_text(tables, source)));
  advise_root(tables, diagnostic, source, name);
}

// The type of `module` that has an instance method `name`, 0 if none (03 §5.1.5).
static bool has_instance_member(const NameTables *tables, ModuleId module, Name name, Span *owner) {
  const AstTable *ast = tables->ast;
  if (module >= ast->module_items.count) {
    return false;
  }
  AstRange items = ast->module_items.items[module];
  for (uint32_t i = 0; i < items.count; i++) {
    const AstItem *item = &ast->items.items[items.first + i];
    AstRange methods = item->kind == ITEM_IMPL    ? ast->impls.items[item->index].methods
                       : item->kind == ITEM_TRAIT ? ast->traits.items[item->index].methods
                                                  : (AstRange){0};
    for (uint32_t m = 0; m < methods.count; m++) {
      const AstFunction *method = ast_function(ast, ast->member_functions.items[methods.first + m]);
      if (method->name == name && method->parameters.count > 0 &&
          ast->parameters.items[method->parameters.first].name == NAME_SELF) {
        *owner = item->name_span;
        return true;
      }
    }
  }
  return false;
}

static Name suggest_export(const NameTables *tables, ModuleId source, Name wrong) {
  Str text = context_name(tables->context, wrong);
  uint32_t limit = text.length <= 3 ? 1 : text.length <= 6 ? 2 : 3;
  Name best = NAME_EMPTY;
  const ModuleScope *scope = &tables->state->scopes.items[source];
  for (uint32_t c = 0; c < scope->chains.count && limit > 0 && text.length > 1; c++) {
    Name name = scope->exports.items[scope->chains.items[c].first].name;
    uint32_t distance = edit_distance(text, context_name(tables->context, name), limit);
    if (distance <= limit) {
      best = name;
      limit = distance - 1;
    }
  }
  return best;
}

void report_missing_export(NameTables *tables, ModuleId source, Name name, ModuleId importer, Span span) {
  DiagnosticSink *sink = &tables->context->diagnostics;
  const Module *from = graph_module(tables->graph, source);
  Str text = context_name(tables->context, name);
  Str id = module_text(tables, source);
  uint32_t entry = scope_find_entry(tables, source, name, 0);
  const Entry *record = &tables->state->entries.items[entry];
  if (from->failed || tables->state->scopes.items[source].poisoned) {
    return; // what the module lacks may be what failed in it
  }
  SymbolId declared = 0;
  for (uint32_t b = entry == 0 ? 0 : record->first; b != 0 && declared == 0;
       b = tables->state->bindings.items[b].next) {
    if (tables->state->bindings.items[b].origin == BINDING_DECLARED) {
      declared = tables->state->bindings.items[b].symbol;
    }
  }
  bool other_package = from->package != graph_module(tables->graph, importer)->package;
  if (declared != 0 && other_package && !from->is_package_root && from->path.space != NAMESPACE_STD) {
    bool is_private = names_symbol(tables, declared)->visibility < VISIBLE_PACKAGE;
    report_hidden(tables, source, name, is_private ? "module" : "package", span);
    return;
  }
  if (declared != 0 && names_symbol(tables, declared)->visibility < VISIBLE_PACKAGE) {
    Diagnostic *diagnostic =
        diagnostic_add(sink, DIAGNOSTIC_BD0001, span, "'%.*s' of %.*s is module-private in %.*s",
                       STR_ARGS(text), STR_ARGS(id), STR_ARGS(module_file(tables, source)));
    diagnostic_related(sink, diagnostic, names_symbol(tables, declared)->span, "declared here without `pub`");
    diagnostic_hint(sink, diagnostic, "add `pub` to the declaration of '%.*s'", STR_ARGS(text));
    return;
  }
  if (graph_macro(tables->graph, source, name) == MACRO_PRIVATE) {
    Diagnostic *diagnostic = diagnostic_add(
        sink, DIAGNOSTIC_BD0001, span, "macro '%.*s' is not exported by %.*s", STR_ARGS(text), STR_ARGS(id));
    diagnostic_hint(sink, diagnostic, "add `pub` to the declaration of the macro");
    return;
  }
  Span owner = {0};
  if (has_instance_member(tables, source, name, &owner)) {
    Str owner_text = sources_text(&tables->context->sources, owner);
    diagnostic_add(sink, DIAGNOSTIC_BD0001, span,
                   "'%.*s::%.*s' of %.*s is an instance member, reached through its values, and cannot be "
                   "imported",
                   STR_ARGS(owner_text), STR_ARGS(text), STR_ARGS(id));
    return;
  }
  Diagnostic *diagnostic = diagnostic_add(sink, DIAGNOSTIC_BD0001, span, "%.*s does not export '%.*s'",
                                          STR_ARGS(id), STR_ARGS(text));
  if (from->is_package_root && other_package) {
    diagnostic_hint(sink, diagnostic, "only what %.*s declares `pub` or re-exports with `pub use` is visible",
                    STR_ARGS(module_file(tables, source)));
  }
  Name near = suggest_export(tables, source, name);
  if (near != NAME_EMPTY) {
    diagnostic_hint(sink, diagnostic, "did you mean '%.*s'?", STR_ARGS(context_name(tables->context, near)));
  }
}

static void report_unresolved_path(NameTables *tables, const UseEntry *use) {
  diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_BD0001, use->span, "no module for use path %.*s",
                 STR_ARGS(use_path_text(tables, use)));
}

// 03 §2.3; silent if the head itself failed to be imported.
static void report_missing_prefix(NameTables *tables, const Import *import) {
  const UseEntry *use = import_use(tables, import);
  if (use->segment_count == 1) {
    ScopeFind found = scope_find(tables, import->importer, use->segments[0], 0,
                                 LOOKUP_MODULE | LOOKUP_EFFECT | LOOKUP_TYPE, UINT32_MAX);
    if (found.error) {
      return;
    }
  }
  Diagnostic *diagnostic =
      diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_BD0001, use->span,
                     "use path %.*s lacks one of the prefixes `self::`, `super::`, `src::`, `std::`, `pkg::`",
                     STR_ARGS(use_path_text(tables, use)));
  if (use->segment_count > 0) {
    diagnostic_hint(&tables->context->diagnostics, diagnostic,
                    "write `src::%.*s` for a module of this program", STR_ARGS(use_path_text(tables, use)));
  }
}

static void report_namespace_member(NameTables *tables, const Import *import) {
  const UseEntry *use = import_use(tables, import);
  const Symbol *namespace = names_symbol(tables, import->namespace);
  Context *context = tables->context;
  Str target = context_name(context, use->target);
  Str owner = context_name(context, namespace->name);
  if (import->ambiguous) {
    diagnostic_add(&context->diagnostics, DIAGNOSTIC_BD0001, use->span,
                   "%.*s::%.*s is ambiguous: it has several members of that name", STR_ARGS(owner),
                   STR_ARGS(target));
  } else {
    diagnostic_add(&context->diagnostics, DIAGNOSTIC_BD0001, use->span, "%.*s::%.*s does not export '%.*s'",
                   STR_ARGS(module_text(tables, namespace->module)), STR_ARGS(owner), STR_ARGS(target));
  }
}

static void report_inaccessible(NameTables *tables, const Import *import) {
  const UseEntry *use = import_use(tables, import);
  if (!import->by_std_root) {
    report_hidden(tables, import->source, use->target, "package", use->span);
    return;
  }
  Diagnostic *diagnostic = diagnostic_add(
      &tables->context->diagnostics, DIAGNOSTIC_BD0001, use->span,
      "'%.*s' of %.*s is package-private and not visible here: package %.*s exports it to no other package, "
      "as %.*s is (visibility: package)",
      STR_ARGS(context_name(tables->context, use->target)), STR_ARGS(module_text(tables, import->source)),
      STR_ARGS(package_text(tables, import->source)), STR_ARGS(package_text(tables, import->importer)));
  diagnostic_hint(&tables->context->diagnostics, diagnostic, "import it by the full path of its module");
}

// A module of another package that its root keeps to itself (03 §4.2.4).
static bool is_hidden_module(const NameTables *tables, const Import *import) {
  const UseEntry *use = import_use(tables, import);
  return use->selection == SELECT_MODULE && use->has_prefix && !import->by_alias &&
         !exports_accessible(tables, import->source, import->importer) &&
         package_root(tables, import->source) != 0 && // else nothing is known of what it exports
         !root_exports(tables, tables->state->scopes.items[import->source].symbol);
}

static bool import_failed(const NameTables *tables, const Import *import) {
  const UseEntry *use = import_use(tables, import);
  if (use->selection == SELECT_NAME && import->source != 0 && import->namespace == 0 &&
      graph_macro(tables->graph, import->source, use->target) == MACRO_EXPORTED) {
    return false; // macros are gone by now; importing one is enough
  }
  return import->state == IMPORT_SILENT || import->state == IMPORT_WAITING ||
         (import_use(tables, import)->selection == SELECT_NAME && import->delivered == 0);
}

// Does the import miss only what a `pub use` of its source failed to bring? A circle of such imports blames
// nobody else, so that each member of it is reported.
static bool blamed_elsewhere(const NameTables *tables, uint32_t start) {
  enum { CHAIN_LIMIT = 256 };
  const NamesState *state = tables->state;
  uint32_t current = start;
  for (uint32_t steps = 0; steps < CHAIN_LIMIT; steps++) {
    const Import *import = &state->imports.items[current];
    const UseEntry *use = import_use(tables, import);
    if (import->state == IMPORT_SILENT) {
      return true;
    }
    if (import->source == 0 || import->namespace != 0 || use->selection == SELECT_ALL) {
      return current != start;
    }
    Name wanted = use->member != NAME_EMPTY ? use->member : use->target;
    uint32_t entry = scope_find_entry(tables, import->source, wanted, 0);
    uint32_t next = state->entries.items[entry].failed;
    if (next == 0 || !import_use(tables, &state->imports.items[next])->is_public) {
      return current != start;
    }
    if (next == start) {
      return false;
    }
    current = next;
  }
  return false;
}

static void report_waiting(NameTables *tables, const Import *import) {
  const UseEntry *use = import_use(tables, import);
  if (!use->has_prefix) {
    report_missing_prefix(tables, import);
    return;
  }
  const Module *source = graph_module(tables->graph, import->source);
  if (use->selection == SELECT_MODULE || (source->path.space == NAMESPACE_STD && source->is_package_root)) {
    report_unresolved_path(tables, use);
  } else {
    report_missing_export(tables, import->source, use->member, import->importer, use->span);
  }
}

static void report_missing(NameTables *tables, const Import *import) {
  const UseEntry *use = import_use(tables, import);
  bool exported = false; // operations that came with their effect are selected through it (03 §2.5)
  const ModuleScope *scope = &tables->state->scopes.items[import->source];
  for (uint32_t e = scope_first_export(tables, import->source, use->target); e != NO_EXPORT;
       e = scope->exports.items[e].next) {
    exported = exported || !scope->exports.items[e].implicit;
  }
  if (exported) {
    report_inaccessible(tables, import);
  } else {
    report_missing_export(tables, import->source, use->target, import->importer, use->span);
  }
}

static void report_import(NameTables *tables, const Import *import) {
  if (import->state == IMPORT_WAITING) {
    report_waiting(tables, import);
  } else if (import->namespace != 0) {
    report_namespace_member(tables, import);
  } else {
    report_missing(tables, import);
  }
}

// Clashes of one name -------------------------------------------------------------------------------------

static Span binding_span(const NameTables *tables, Binding binding) {
  return binding.import == 0 ? names_symbol(tables, binding.symbol)->span
                             : import_use(tables, &tables->state->imports.items[binding.import])->span;
}

// Is `a` written before `b`? Imports count in the order of their declarations.
static bool stands_before(const NameTables *tables, Binding a, Binding b) {
  return a.import != 0 && b.import != 0 ? a.order < b.order
                                        : binding_span(tables, a).start < binding_span(tables, b).start;
}

static void report_clash(NameTables *tables, Binding import, Binding other, SymbolId operation) {
  Context *context = tables->context;
  const UseEntry *use = import_use(tables, &tables->state->imports.items[import.import]);
  Name local = use->selection == SELECT_ALL ? names_symbol(tables, import.symbol)->name : use->alias;
  Str text = context_name(context, local);
  Diagnostic *diagnostic =
      diagnostic_add(&context->diagnostics, DIAGNOSTIC_BD0001, use->span,
                     "'%.*s' (%s) clashes with the existing %s of that name", STR_ARGS(text),
                     symbol_kind_text(tables, import.symbol), symbol_kind_text(tables, other.symbol));
  diagnostic_related(&context->diagnostics, diagnostic, binding_span(tables, other), "'%.*s' is bound here",
                     STR_ARGS(text));
  if (operation != 0) {
    const Symbol *symbol = names_symbol(tables, operation);
    Str name = context_name(context, symbol->name);
    Str effect = context_name(context, names_symbol(tables, symbol->owner)->name);
    diagnostic_hint(&context->diagnostics, diagnostic,
                    "call it as %.*s::%.*s(…), or import it under another name: `use %.*s::%.*s as %.*s_op`",
                    STR_ARGS(effect), STR_ARGS(name), STR_ARGS(effect), STR_ARGS(name), STR_ARGS(name));
  }
}

static bool clashes(const NameTables *tables, SymbolId a, SymbolId b) {
  const Symbol *first = names_symbol(tables, a);
  const Symbol *second = names_symbol(tables, b);
  if ((first->kind == SYMBOL_MODULE) != (second->kind == SYMBOL_MODULE)) {
    return true;
  }
  bool first_operation = first->kind == SYMBOL_OPERATION, second_operation = second->kind == SYMBOL_OPERATION;
  if (first_operation && second_operation) {
    return first->owner != second->owner || first->name != second->name;
  }
  const Symbol *other = first_operation ? second : first;
  return first_operation != second_operation && (other->kind == SYMBOL_FUNCTION || other->kind == SYMBOL_LET);
}

// At most one report per name. All clashes involve a module or an operation; comparing each binding with the
// first module, the first operation and the first other one finds one if there is any.
static void check_entry(NameTables *tables, const Entry *entry) {
  const NamesState *state = tables->state;
  Binding firsts[3];
  bool known[3] = {false};
  for (uint32_t b = entry->first; b != 0; b = state->bindings.items[b].next) {
    Binding binding = state->bindings.items[b];
    if (binding.origin == BINDING_PRELUDE) {
      continue;
    }
    SymbolKind kind = names_symbol(tables, binding.symbol)->kind;
    for (int i = 0; i < 3; i++) {
      if (!known[i] || !clashes(tables, firsts[i].symbol, binding.symbol)) {
        continue;
      }
      Binding earlier = firsts[i], later = binding;
      if (earlier.import == 0 && later.import == 0) {
        continue; // two declarations: declare.c has reported them
      }
      if (stands_before(tables, later, earlier)) {
        earlier = binding;
        later = firsts[i];
      }
      if (later.import == 0) { // a declaration after the import
        const Symbol *symbol = names_symbol(tables, later.symbol);
        if (symbol->kind == SYMBOL_FUNCTION && names_symbol(tables, earlier.symbol)->kind == SYMBOL_MODULE) {
          Str text = context_name(tables->context, symbol->name);
          Diagnostic *diagnostic =
              diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_BD0003,
                             ast_function(tables->ast, symbol->declaration)->span,
                             "function '%.*s' cannot be declared: '%.*s' is already a module", STR_ARGS(text),
                             STR_ARGS(text));
          diagnostic_related(&tables->context->diagnostics, diagnostic, binding_span(tables, earlier),
                             "the module is imported here");
          return;
        }
        Binding declaration = later;
        later = earlier;
        earlier = declaration;
      }
      SymbolId operation = names_symbol(tables, later.symbol)->kind == SYMBOL_OPERATION     ? later.symbol
                           : names_symbol(tables, earlier.symbol)->kind == SYMBOL_OPERATION ? earlier.symbol
                                                                                            : 0;
      report_clash(tables, later, earlier, operation);
      return;
    }
    int slot = kind == SYMBOL_MODULE ? 0 : kind == SYMBOL_OPERATION ? 1 : 2;
    if (!known[slot] || (slot == 2 && kind == SYMBOL_FUNCTION)) {
      known[slot] = true;
      firsts[slot] = binding;
    }
  }
}

void names_report_imports(NameTables *tables) {
  NamesState *state = tables->state;
  for (uint32_t id = 1; id < state->imports.count; id++) {
    const Import *import = &state->imports.items[id];
    const UseEntry *use = import_use(tables, import);
    if (!import_failed(tables, import)) {
      continue;
    }
    if (use->selection == SELECT_ALL) {
      state->scopes.items[import->importer].poisoned = true;
    } else if (use->alias != NAME_EMPTY) {
      uint32_t entry = scope_entry(tables, import->importer, use->alias, 0);
      state->entries.items[entry].failed = id;
    }
  }
  for (uint32_t id = 1; id < state->imports.count; id++) {
    const Import *import = &state->imports.items[id];
    if (is_hidden_module(tables, import)) {
      report_hidden(tables, import->source, import_use(tables, import)->alias, "package",
                    import_use(tables, import)->span);
    } else if (import_failed(tables, import) && !blamed_elsewhere(tables, id)) {
      report_import(tables, import);
    }
  }
  for (uint32_t id = 1; id < state->entries.count; id++) {
    const Entry *entry = &state->entries.items[id];
    if (entry->explicit && entry->context == 0) {
      check_entry(tables, entry);
    }
  }
}
