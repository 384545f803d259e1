// Expansion of the graph (spec 02 §6): modules in dependency order, again when what they see has changed.
//
// Each expansion of a module starts from its base forms and replaces its items and its errors. Uses and
// inline modules that come out join the module's; what they name is loaded between two rounds. The imports of
// a module only grow, and the number of expansions is bounded, so that the loop ends.
#include "graph/expand.h"

#include "perf/perf.h"

// --- what the other files of expansion use

static void note(Expander *x, Span span, const char *stage, const char *format, va_list arguments) {
  Text text = text_new(x->arena);
  text_format(&text, "Macro expansion failed (%s): ", stage);
  text_format_list(&text, format, arguments);
  VECTOR_PUSH(x->arena, &expanded_module(x, x->module)->reports,
              (ExpansionReport){.span = span, .message = text_str(&text)});
}

void expand_fail(Expander *x, const char *format, ...) {
  if (x->failed) {
    return;
  }
  va_list arguments;
  va_start(arguments, format);
  note(x, x->invocation, "functionalMacroExpander", format, arguments);
  va_end(arguments);
  x->failed = true;
}

void expand_log(Expander *x, Str message) {
  Str kept = {arena_copy_string(x->arena, message.ptr, message.length), message.length};
  VECTOR_PUSH(x->arena, &expanded_module(x, x->module)->reports,
              (ExpansionReport){.is_log = true, .span = x->invocation, .message = kept});
}

void expand_report(Expander *x, Span span, const char *stage, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  note(x, span, stage, format, arguments);
  va_end(arguments);
}

void expand_too_many_steps(Expander *x) {
  expand_fail(x, "more than %d steps of work for one form", LIMIT_MACRO_STEPS);
}

void expand_too_deep(Expander *x) {
  expand_fail(x, "nested too deeply");
}

Word *expand_more_words(Expander *x, Name name) {
  VECTOR_EXTEND(x->arena, &x->words, x->graph->context->names.texts.count - x->words.count);
  return &x->words.items[name];
}

FormId expand_list(Expander *x, const FormId *elements, uint32_t count, uint8_t flags, Span span) {
  // What the reader notes for itself is not true of a rebuilt list for certain.
  flags &= (uint8_t) ~(FORM_FLAG_CLAUSE | FORM_FLAG_CLAUSES);
  FormId list = form_list(x->forms, elements, count, flags, span);
  x->steps += count / 8;
  if (form_get(x->forms, list)->depth > LIMIT_NESTING) {
    expand_fail(x, "nested too deeply");
  } else if (x->forms->count - x->forms_before > LIMIT_MACRO_FORMS) {
    expand_fail(x, "more than %d forms made by macros of one module", LIMIT_MACRO_FORMS);
  }
  return list;
}

// --- one module

static void begin_module(Expander *x, ModuleId id) {
  ExpandedModule *module = expanded_module(x, id);
  Module *source = graph_module(x->graph, id);
  if (!module->base_known) {
    module->base_known = true;
    module->base.items = source->items.items;
    module->base.count = module->base.capacity = source->items.count;
  }
  source->replaced.count = 0;
  source->items.items = NULL;
  source->items.count = source->items.capacity = 0;
  module->reports.count = 0;
  module->trace.count = 0;
  module->variables.count = 0;
  for (uint32_t i = 0; i < module->definitions.count; i++) {
    x->macros.items[module->definitions.items[i]].replaced = true;
  }
  module->definitions.count = 0;
  for (ModuleId inner = 1; inner < x->modules.count; inner++) {
    if (graph_module(x->graph, inner)->parent == id && graph_module(x->graph, inner)->is_inline) {
      expanded_module(x, inner)->stale = true;
      expanded_module(x, inner)->vacated = expanded_module(x, inner)->emitted;
    }
  }
  macros_collect_visible(x, id);
}

static bool same_use(const UseEntry *a, const UseEntry *b) {
  bool same = a->span.start == b->span.start && a->span.end == b->span.end && a->selection == b->selection &&
              a->target == b->target && a->alias == b->alias && a->is_public == b->is_public &&
              a->segment_count == b->segment_count;
  for (uint32_t i = 0; same && i < a->segment_count; i++) {
    same = a->segments[i] == b->segments[i];
  }
  return same;
}

// Entries that an earlier expansion of the module has added already go again.
static void drop_repeated_uses(Expander *x, ModuleId id, uint32_t from) {
  Module *source = graph_module(x->graph, id);
  uint32_t kept = from;
  for (uint32_t i = from; i < source->uses.count; i++) {
    bool known = false;
    for (uint32_t k = 0; k < from && !known; k++) {
      known = same_use(&source->uses.items[k], &source->uses.items[i]);
    }
    if (!known) {
      source->uses.items[kept++] = source->uses.items[i];
    }
  }
  source->uses.count = kept;
}

// Puts a result where it belongs: imports, inline modules, items.
static void place(Expander *x, ModuleId id, FormId form) {
  uint32_t uses = graph_module(x->graph, id)->uses.count;
  if (uses_read(x->state, id, form)) {
    drop_repeated_uses(x, id, uses);
    return;
  }
  ModuleId inner = inline_module_read(x->state, id, form);
  if (inner == 0) {
    VECTOR_PUSH(&x->graph->context->arena, &graph_module(x->graph, id)->items, form);
  } else if (inner != INLINE_MODULE_WRONG) {
    expand_know_modules(x);
    expanded_module(x, inner)->emitted = true;
    expanded_module(x, inner)->vacated = false;
    expanded_module(x, inner)->base_known = false;
    expanded_module(x, inner)->expanded = false;
  }
}

static bool is_attribute(const Expander *x, FormId id) {
  return form_headed(x->forms, expand_form(x, id), NAME_AT);
}

static void expand_module(Expander *x, ModuleId id) {
  begin_module(x, id);
  x->module = id;
  x->forms_before = x->forms->count;
  const FormId made = x->forms->end;
  uint32_t count = expanded_module(x, id)->base.count;
  const FormId *base = expanded_module(x, id)->base.items;
  uint32_t uses = graph_module(x->graph, id)->uses.count;
  for (uint32_t i = 0; i < count;) { // attributes and their target: one form that fails alone
    uint32_t until = i;
    while (until < count && is_attribute(x, base[until])) {
      until++;
    }
    until += until < count;
    x->failed = false;
    x->steps = x->recursion = x->attribute_depth = 0;
    x->ids.count = 0;
    x->invocation = form_span(expand_form(x, base[i]));
    ArenaMark mark = arena_mark(&x->work);
    uint32_t variables = expanded_module(x, id)->variables.count;
    expand_sequence(x, base + i, until - i, true);
    for (uint32_t k = 0; k < x->ids.count && !x->failed; k++) {
      place(x, id, x->ids.items[k]);
    }
    if (x->failed || x->ids.count != until - i || x->ids.items[x->ids.count - 1] != base[until - 1]) {
      Span span = {form_span(expand_form(x, base[i])).start, form_span(expand_form(x, base[until - 1])).end};
      VECTOR_PUSH(&x->graph->context->arena, &graph_module(x->graph, id)->replaced, span);
    }
    if (expanded_module(x, id)->variables.count == variables) { // else a macro_let may have kept a lambda
      arena_rewind(&x->work, mark);
    }
    i = until;
  }
  if (graph_module(x->graph, id)->path.space != NAMESPACE_STD) {
    library_note_words(x->state, made);
  }
  ExpandedModule *module = expanded_module(x, id);
  module->expanded = true;
  module->stale =
      graph_module(x->graph, id)->uses.count > uses; // what they import counts in the whole module
}

// --- the graph

void expand_know_modules(Expander *x) {
  while (x->modules.count < x->graph->modules.count) {
    VECTOR_PUSH(x->arena, &x->modules, (ExpandedModule){0});
  }
}

static bool depends_on(const Expander *x, ModuleId id, ModuleId other) {
  const Module *module = graph_module(x->graph, id);
  for (uint32_t i = 0; i < module->uses.count; i++) {
    if (module->uses.items[i].module == other) {
      return true;
    }
  }
  return false;
}

static void importers_are_stale(Expander *x, ModuleId changed) {
  for (ModuleId id = 1; id < x->modules.count; id++) {
    if (id != changed && expanded_module(x, id)->expanded && depends_on(x, id, changed)) {
      expanded_module(x, id)->stale = true;
    }
  }
}

typedef struct Visit {
  ModuleId module;
  uint32_t next; // dependency: 0 the enclosing module, then the uses
} Visit;

// Modules with dependencies first, in load order, ignoring back edges.
static ModuleId *dependency_order(Expander *x) {
  uint32_t count = x->modules.count, placed = 0;
  ModuleId *order = ARENA_ARRAY(x->arena, ModuleId, count);
  bool *seen = ARENA_ARRAY(x->arena, bool, count);
  VECTOR(Visit) stack = {0};
  for (ModuleId root = 1; root < count; root++) {
    if (seen[root]) {
      continue;
    }
    seen[root] = true;
    VECTOR_PUSH(x->arena, &stack, (Visit){root, 0});
    while (stack.count > 0) {
      Visit *visit = &stack.items[stack.count - 1];
      const Module *module = graph_module(x->graph, visit->module);
      if (visit->next > module->uses.count) {
        order[placed++] = visit->module;
        stack.count--;
        continue;
      }
      ModuleId next = visit->next == 0 ? (module->is_inline ? module->parent : 0)
                                       : module->uses.items[visit->next - 1].module;
      visit->next++;
      if (next != 0 && !seen[next]) {
        seen[next] = true;
        VECTOR_PUSH(x->arena, &stack, (Visit){next, 0});
      }
    }
  }
  return order;
}

static void give_reports(Expander *x) {
  DiagnosticSink *sink = &x->graph->context->diagnostics;
  for (ModuleId id = 1; id < x->modules.count; id++) {
    const ExpandedModule *module = expanded_module(x, id);
    for (uint32_t i = 0; i < module->reports.count; i++) {
      const ExpansionReport *report = &module->reports.items[i];
      if (report->is_log) {
        diagnostic_remark(sink, DIAGNOSTIC_MD0003, report->span, "a macro logs: %.*s",
                          STR_ARGS(report->message));
      } else {
        diagnostic_add(sink, DIAGNOSTIC_MD0003, report->span, "%.*s", STR_ARGS(report->message));
      }
    }
  }
}

Expander *expander_new(GraphState *state) {
  Expander *x = ARENA_NEW(&state->arena, Expander);
  x->state = state;
  x->graph = state->graph;
  x->forms = &state->graph->forms;
  x->arena = &state->arena;
  VECTOR_EXTEND(x->arena, &x->macros, 1);
  VECTOR_EXTEND(x->arena, &x->modules, 1);
  VECTOR_EXTEND(&x->graph->context->arena, &x->graph->contexts, 1);
  x->head_emit_many = form_atom(x->forms, FORM_IDENTIFIER, NAME_EMIT_MANY, FORM_FLAG_RESERVED, (Span){0, 0});
  arena_init(&x->work);
  builtins_know_names(x);
  return x;
}

void expander_free(Expander *x) {
  arena_free(&x->work);
}

void expand_graph(Expander *x) {
  uint32_t left = 64;
  bool again = true;
  while (again && left > 0) {
    graph_follow(x->state);
    PERF_BEGIN(x->graph->context->perf, LOAD_EXPAND);
    expand_know_modules(x);
    left += 4 * x->modules.count;
    again = false;
    uint32_t known = x->modules.count;
    const ModuleId *order = dependency_order(x);
    for (uint32_t i = 0; i + 1 < known && left > 0; i++) {
      ExpandedModule *module = expanded_module(x, order[i]);
      if (module->expanded && !module->stale) {
        continue;
      }
      bool had_exports = module->expanded;
      expand_module(x, order[i]);
      left--;
      if (macros_collect_exports(x, order[i]) || !had_exports) {
        importers_are_stale(x, order[i]);
      }
    }
    left = left > 4 * known ? left - 4 * known : 0;
    for (ModuleId id = 1; id < x->modules.count; id++) {
      again |= !expanded_module(x, id)->expanded || expanded_module(x, id)->stale;
    }
    again |= x->graph->modules.count > known;
    PERF_END(x->graph->context->perf, LOAD_EXPAND);
  }
  x->state->settled = true;
  graph_follow(x->state);
  give_reports(x);
  for (ModuleId id = 1; id < x->graph->modules.count; id++) {
    graph_module(x->graph, id)->state = MODULE_EXPANDED;
  }
}

MacroVisibility graph_macro(const ModuleGraph *graph, ModuleId module, Name name) {
  const Expander *x = graph->state->expander;
  const ExpandedModule *expanded = expanded_module(x, module);
  for (uint32_t i = 0; i < expanded->exports.count; i++) {
    if (expanded->exports.items[i].name == name) {
      return MACRO_EXPORTED;
    }
  }
  for (uint32_t i = 0; i < expanded->definitions.count; i++) {
    if (x->macros.items[expanded->definitions.items[i]].name == name) {
      return MACRO_PRIVATE;
    }
  }
  return MACRO_ABSENT;
}

const FormId *graph_base(const ModuleGraph *graph, ModuleId module, uint32_t *count) {
  const ExpandedModule *expanded = expanded_module(graph->state->expander, module);
  *count = expanded->base.count;
  return expanded->base.items;
}

static bool macro_name(const Expander *x, Name name, MacroId id, MacroName *out) {
  if (id == 0 || id == MACRO_AMBIGUOUS) {
    return false;
  }
  const Macro *macro = &x->macros.items[id];
  *out = (MacroName){name, macro->module, macro->span};
  return true;
}

bool graph_macro_named(const ModuleGraph *graph, ModuleId module, Name name, MacroName *out) {
  Expander *x = graph->state->expander;
  return macro_name(x, name, macros_find(x, module, name, 0), out);
}

bool graph_macro_exported(const ModuleGraph *graph, ModuleId module, uint32_t index, MacroName *out) {
  const Expander *x = graph->state->expander;
  const ExpandedModule *expanded = expanded_module(x, module);
  return index < expanded->exports.count &&
         macro_name(x, expanded->exports.items[index].name, expanded->exports.items[index].macro, out);
}

void graph_print_trace(ModuleGraph *graph, ModuleId id, Text *out) {
  const Expander *x = graph->state->expander;
  const ExpandedModule *module = expanded_module(x, id);
  for (uint32_t i = 0; i < module->trace.count; i++) {
    const TraceEntry *entry = &module->trace.items[i];
    const Macro *macro = &x->macros.items[entry->macro];
    SourceLocation where = sources_locate(&graph->context->sources, entry->span);
    text_repeat(out, ' ', 2 * entry->depth);
    text_format(out, "%u:%u %.*s of %.*s\n", where.line, where.column,
                STR_ARGS(context_name(graph->context, macro->name)),
                STR_ARGS(context_name(graph->context, graph_module(graph, macro->module)->id)));
  }
}
