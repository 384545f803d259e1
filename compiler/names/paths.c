// What a name or path in a body denotes (spec 03 §6.3, §2.5, §2.6; hygiene 02 §9.4).
//
// A path is followed from its head through modules and effects; where it reaches a type, trait or type
// parameter the rest is left to check/. Misuse of effect operations is BD0009 here, a member that a module
// lacks BD0001; everything else that is not found stays RESOLVED_NOTHING for check/ to report by position.
#include "names/state.h"

static Str name_text(const BodyWalk *walk, Name name) {
  return context_name(walk->tables->context, name);
}

// The name without its type arguments.
static Span name_only(const BodyWalk *walk, NodeId id) {
  const AstNode *node = ast_node(walk->tables->ast, id);
  Span span = node->span;
  uint32_t length = (uint32_t)name_text(walk, node->name.name).length;
  if (node->name.type_arguments.count > 0 && span_known(span) && span.end - span.start > length) {
    span.end = span.start + length;
  }
  return span;
}

static unsigned spaces_of(NamePlace place) {
  switch (place) {
  case PLACE_VALUE:
  case PLACE_CALLEE:
    return LOOKUP_VALUE;
  case PLACE_TYPE:
    return LOOKUP_TYPE;
  case PLACE_ROW:
    return LOOKUP_EFFECT | LOOKUP_OPERATION;
  case PLACE_HANDLER:
    return LOOKUP_OPERATION;
  }
  return 0;
}

static SymbolId first_symbol(const BodyWalk *walk, Resolution resolution) {
  return resolution.kind == RESOLVED_SYMBOLS && resolution.symbols.count > 0
             ? names_listed(walk->tables, resolution.symbols, 0)
             : 0;
}

static bool is_kind(const BodyWalk *walk, Resolution resolution, SymbolKind kind) {
  SymbolId symbol = first_symbol(walk, resolution);
  return symbol != 0 && names_symbol(walk->tables, symbol)->kind == kind;
}

static Resolution builtin_resolution(const BodyWalk *walk, Name name, unsigned spaces) {
  unsigned flags = names_builtin(walk->tables, name);
  bool in_std = graph_module(walk->tables->graph, walk->module)->path.space == NAMESPACE_STD;
  unsigned allowed = BUILTIN_TYPE | (in_std ? BUILTIN_STD_TYPE : 0u);
  if ((spaces & LOOKUP_VALUE) != 0) {
    allowed |= BUILTIN_PUBLIC | (in_std ? BUILTIN_STD : 0u);
  }
  bool usable = (spaces & (LOOKUP_VALUE | LOOKUP_TYPE)) != 0 && (flags & allowed) != 0;
  return usable ? (Resolution){.kind = RESOLVED_BUILTIN, .id = name} : (Resolution){0};
}

// Operations of the module's own effects, which rows of that module may name (06 §4.2).
static SymbolSet own_operations(BodyWalk *walk, Name name) {
  NameTables *tables = walk->tables;
  AstRange items = tables->ast->module_items.items[walk->module];
  for (uint32_t i = 0; i < items.count; i++) {
    SymbolId symbol = tables->state->item_symbols.items[items.first + i];
    if (symbol != 0 && names_symbol(tables, symbol)->kind == SYMBOL_EFFECT) {
      SymbolSet set = effect_members(tables, symbol, name);
      if (set.count > 0) {
        return set;
      }
    }
  }
  return (SymbolSet){0};
}

// 02 §9.6.2: the target of a `symbol_reference` exists in its module, as anything.
static bool report_dangling_reference(BodyWalk *walk, const AstNode *node) {
  NameTables *tables = walk->tables;
  if (node->name.context >= tables->graph->contexts.count) {
    return false;
  }
  HygieneContext origin = tables->graph->contexts.items[node->name.context];
  unsigned all = LOOKUP_VALUE | LOOKUP_TYPE | LOOKUP_EFFECT | LOOKUP_MODULE;
  if (origin.kind != HYGIENE_REFERENCE || names_builtin(tables, node->name.name) != 0 ||
      scope_find_hygienic(tables, walk->module, node->name.name, node->name.context, all).symbols.count > 0) {
    return false;
  }
  DiagnosticSink *sink = &tables->context->diagnostics;
  Str id = name_text(walk, graph_module(tables->graph, origin.module)->id);
  Diagnostic *diagnostic =
      diagnostic_add(sink, DIAGNOSTIC_BD0008, node->span, "%.*s has no '%.*s' to reference", STR_ARGS(id),
                     STR_ARGS(name_text(walk, node->name.name)));
  Span place = graph_reference_span(tables->graph, node->name.context);
  if (span_known(place)) {
    diagnostic_related(sink, diagnostic, place, "the macro refers to it here");
  }
  return true;
}

static SymbolSet suitable_members(BodyWalk *walk, SymbolSet members, unsigned spaces);

// A name that the reader made means the std declaration, whatever is in scope (02 §13).
static Resolution find_standard(BodyWalk *walk, Name name, unsigned spaces) {
  SymbolSet found = scope_standard(walk->tables, name);
  return found.count == 0
             ? (Resolution){0}
             : (Resolution){.kind = RESOLVED_SYMBOLS, .symbols = suitable_members(walk, found, spaces)};
}

static Resolution find_name(BodyWalk *walk, NodeId id, unsigned spaces, bool type_parameters) {
  NameTables *tables = walk->tables;
  const AstNode *node = ast_node(tables->ast, id);
  Name name = node->name.name;
  uint32_t context = node->name.context;
  if ((node->flags & NODE_FLAG_STANDARD) != 0) {
    return find_standard(walk, name, spaces);
  }
  if ((spaces & LOOKUP_VALUE) != 0) {
    LocalId local = walk_find_local(walk, name, context);
    if (local != 0) {
      Local *record = names_local(tables, local);
      record->captured = record->captured || record->owner != walk->current;
      return (Resolution){.kind = RESOLVED_LOCAL, .id = local};
    }
  }
  if (type_parameters) {
    uint32_t parameter = walk_find_type_parameter(walk, name, context);
    if (parameter != UINT32_MAX) {
      return (Resolution){.kind = RESOLVED_TYPE_PARAMETER, .id = parameter};
    }
  }
  ScopeFind found = scope_find_hygienic(tables, walk->module, name, context, spaces);
  if (found.symbols.count > 0) {
    return (Resolution){.kind = RESOLVED_SYMBOLS, .implicit = found.implicit, .symbols = found.symbols};
  }
  Resolution builtin = builtin_resolution(walk, name, spaces);
  if (builtin.kind != RESOLVED_NOTHING) {
    return builtin;
  }
  // Modules and effects are neither values nor types, but check/ says so by name (TY0041).
  if ((spaces & (LOOKUP_VALUE | LOOKUP_TYPE)) != 0) {
    found = scope_find_hygienic(tables, walk->module, name, context, LOOKUP_MODULE | LOOKUP_EFFECT);
    if (found.symbols.count > 0) {
      return (Resolution){.kind = RESOLVED_SYMBOLS, .implicit = found.implicit, .symbols = found.symbols};
    }
  }
  if (found.error || report_dangling_reference(walk, node)) {
    return (Resolution){.kind = RESOLVED_ERROR};
  }
  return (Resolution){0};
}

static void report_operation_value(BodyWalk *walk, NodeId node, SymbolId operation) {
  NameTables *tables = walk->tables;
  const Symbol *symbol = names_symbol(tables, operation);
  Str effect = name_text(walk, names_symbol(tables, symbol->owner)->name);
  Diagnostic *diagnostic =
      diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_BD0009, name_only(walk, node),
                     "%.*s::%.*s is an effect-operation designator, not a first-class value: it can only be "
                     "called or handled",
                     STR_ARGS(effect), STR_ARGS(name_text(walk, symbol->name)));
  diagnostic_hint(&tables->context->diagnostics, diagnostic, "wrap the call in a lambda");
}

static void report_no_operation(BodyWalk *walk, NodeId node, SymbolId effect) {
  NameTables *tables = walk->tables;
  Name wrong = ast_node(tables->ast, node)->name.name;
  diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_BD0009, name_only(walk, node),
                 "effect %.*s does not declare operation %.*s",
                 STR_ARGS(name_text(walk, names_symbol(tables, effect)->name)),
                 STR_ARGS(name_text(walk, wrong)));
}

static void report_handler_head(BodyWalk *walk, NodeId node) {
  NameTables *tables = walk->tables;
  diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_BD0009, name_only(walk, node),
                 "'%.*s' does not resolve to an imported effect operation",
                 STR_ARGS(name_text(walk, ast_node(tables->ast, node)->name.name)));
}

void walk_name(BodyWalk *walk, NodeId id, NamePlace place) {
  NameTables *tables = walk->tables;
  const AstNode *node = ast_node(tables->ast, id);
  Resolution resolution = find_name(walk, id, spaces_of(place), place == PLACE_TYPE || place == PLACE_ROW);
  if (resolution.kind == RESOLVED_NOTHING && place == PLACE_ROW) {
    SymbolSet own = own_operations(walk, node->name.name);
    if (own.count > 0) {
      resolution = (Resolution){.kind = RESOLVED_SYMBOLS, .symbols = own};
    }
  }
  if (place == PLACE_VALUE && is_kind(walk, resolution, SYMBOL_OPERATION)) {
    report_operation_value(walk, id, first_symbol(walk, resolution));
    resolution = (Resolution){.kind = RESOLVED_ERROR};
  } else if (place == PLACE_HANDLER && resolution.kind == RESOLVED_NOTHING) {
    report_handler_head(walk, id);
    resolution = (Resolution){.kind = RESOLVED_ERROR};
  }
  set_resolution(walk, id, resolution);
  walk_types(walk, node->name.type_arguments);
}

// Of the exports of a name those that suit the place: all functions, else one symbol.
static SymbolSet suitable_members(BodyWalk *walk, SymbolSet members, unsigned spaces) {
  NameTables *tables = walk->tables;
  SymbolSet functions = {tables->sets.count, 0};
  SymbolId single = 0;
  for (uint32_t i = 0; i < members.count; i++) {
    SymbolId symbol = names_listed(tables, members, i);
    SymbolKind kind = names_symbol(tables, symbol)->kind;
    if ((symbol_spaces(kind) & spaces) == 0) {
      continue;
    }
    if (kind == SYMBOL_FUNCTION) {
      VECTOR_PUSH(&tables->arena, &tables->sets, symbol);
      functions.count++;
    } else if (single == 0) {
      single = symbol;
    }
  }
  if (functions.count > 0) {
    return functions;
  }
  // None suits: the first, so that check/ can say what it is.
  return scope_single(tables, single != 0 ? single : names_listed(tables, members, 0));
}

static Resolution module_member(BodyWalk *walk, ModuleId module, NodeId segment, unsigned spaces) {
  NameTables *tables = walk->tables;
  Name name = ast_node(tables->ast, segment)->name.name;
  SymbolSet members = scope_members(tables, module, name);
  if (members.count > 0) {
    return (Resolution){.kind = RESOLVED_SYMBOLS, .symbols = suitable_members(walk, members, spaces)};
  }
  uint32_t entry = scope_find_entry(tables, module, name, 0);
  if (tables->state->entries.items[entry].failed == 0) {
    report_missing_export(tables, module, name, walk->module, name_only(walk, segment));
  }
  return (Resolution){.kind = RESOLVED_ERROR};
}

static Resolution effect_member(BodyWalk *walk, SymbolId effect, NodeId segment, NamePlace place) {
  NameTables *tables = walk->tables;
  Name name = ast_node(tables->ast, segment)->name.name;
  SymbolSet members = effect_members(tables, effect, name);
  if (members.count == 0) {
    report_no_operation(walk, segment, effect);
    return (Resolution){.kind = RESOLVED_ERROR};
  }
  if (place == PLACE_CALLEE || place == PLACE_HANDLER) {
    return (Resolution){.kind = RESOLVED_SYMBOLS, .symbols = members};
  }
  report_operation_value(walk, segment, names_listed(tables, members, 0));
  return (Resolution){.kind = RESOLVED_ERROR};
}

// What the next segment means after a head that resolved; RESOLVED_NOTHING where types decide.
static Resolution next_segment(BodyWalk *walk, Resolution head, NodeId segment, unsigned spaces,
                               NamePlace place) {
  SymbolId symbol = first_symbol(walk, head);
  if (is_kind(walk, head, SYMBOL_MODULE)) {
    return module_member(walk, names_symbol(walk->tables, symbol)->declaration, segment, spaces);
  }
  if (is_kind(walk, head, SYMBOL_EFFECT)) {
    return effect_member(walk, symbol, segment, place);
  }
  return (Resolution){.kind = head.kind == RESOLVED_ERROR ? RESOLVED_ERROR : RESOLVED_NOTHING};
}

static void report_handler_qualifier(BodyWalk *walk, NodeId qualifier, NodeId operation) {
  NameTables *tables = walk->tables;
  Str owner = name_text(walk, ast_node(tables->ast, qualifier)->name.name);
  diagnostic_add(&tables->context->diagnostics, DIAGNOSTIC_BD0009, name_only(walk, qualifier),
                 "'%.*s' does not resolve to an effect, so %.*s::%.*s is no handler head", STR_ARGS(owner),
                 STR_ARGS(owner), STR_ARGS(name_text(walk, ast_node(tables->ast, operation)->name.name)));
}

void walk_path(BodyWalk *walk, NodeId id, NamePlace place) {
  NameTables *tables = walk->tables;
  NodeRange segments = ast_node(tables->ast, id)->path.segments;
  if (segments.count == 0) {
    return;
  }
  NodeId head = ast_listed(tables->ast, segments, 0);
  if (segments.count == 1) {
    walk_name(walk, head, place);
    return;
  }
  const unsigned qualifiers = LOOKUP_MODULE | LOOKUP_EFFECT | LOOKUP_TYPE;
  Resolution resolution = find_name(walk, head, qualifiers, true);
  set_resolution(walk, head, resolution);
  walk_types(walk, ast_node(tables->ast, head)->name.type_arguments);
  NodeId last = head;
  for (uint32_t i = 1; i < segments.count; i++) {
    NodeId segment = ast_listed(tables->ast, segments, i);
    bool is_last = i + 1 == segments.count;
    if (is_last && place == PLACE_HANDLER && resolution.kind != RESOLVED_ERROR &&
        !is_kind(walk, resolution, SYMBOL_EFFECT)) {
      report_handler_qualifier(walk, last, segment);
      resolution = (Resolution){.kind = RESOLVED_ERROR};
    } else {
      resolution = next_segment(walk, resolution, segment, is_last ? spaces_of(place) : qualifiers, place);
    }
    set_resolution(walk, segment, resolution);
    walk_types(walk, ast_node(tables->ast, segment)->name.type_arguments);
    last = segment;
  }
}
