// Files to modules, and the work list that follows imports and folders until nothing is left (spec 03 §3).
//
// The list is the vector of modules itself: modules are handled in order of discovery, and what they name is
// loaded behind them. Resolving an import reads its file at once, since whether a prefix of a path has an
// inline module or an effect of the next name is written there.
#include "base/failure.h"
#include "graph/expand.h"
#include "perf/perf.h"

void graph_init(ModuleGraph *graph, Context *context) {
  *graph = (ModuleGraph){.context = context};
  forms_init(&graph->forms, context);
  VECTOR_EXTEND(&context->arena, &graph->modules, 1);
  graph->state = ARENA_NEW(&context->arena, GraphState);
  graph->state->graph = graph;
  arena_init(&graph->state->arena);
  graph->state->expander = expander_new(graph->state);
  package_intern(graph->state, STR("local")); // PackageId 0
}

void graph_free(ModuleGraph *graph) {
  if (graph->state != NULL) {
    expander_free(graph->state->expander);
    arena_free(&graph->state->arena);
    graph->state = NULL;
    forms_free(&graph->forms);
  }
}

ModuleId graph_find(const ModuleGraph *graph, Name id) {
  uint32_t module = id_map_get(&graph->state->modules, id);
  return module == ID_MAP_NONE ? 0 : module;
}

Str graph_package_text(const ModuleGraph *graph, PackageId package) {
  return graph->state->package_texts.items[package];
}

Name split_segments(GraphState *state, Str relative, Names *out) {
  Name last = NAME_EMPTY;
  if (path_ends_with(relative, STR(".voyd"))) {
    relative.length -= 5;
  }
  while (relative.length > 0) {
    const char *slash = memchr(relative.ptr, '/', relative.length);
    size_t length = slash != NULL ? (size_t)(slash - relative.ptr) : relative.length;
    size_t used = length + (slash != NULL);
    if (length > 0) {
      last = names_intern(&state->graph->context->names, (Str){relative.ptr, length});
      VECTOR_PUSH(&state->arena, out, last);
    }
    relative = (Str){relative.ptr + used, relative.length - used};
  }
  return last;
}

// ---- one module ----

static ModuleId new_module(GraphState *state, const ModulePath *path) {
  ModuleGraph *graph = state->graph;
  ModuleId id = graph->modules.count;
  Name name = module_path_id(state, path);
  VECTOR_PUSH(&graph->context->arena, &graph->modules, (Module){.path = *path, .id = name});
  id_map_put(&state->arena, &state->modules, name, id);
  return id;
}

static void add_forms(GraphState *state, ModuleId module, FormId list, uint32_t first);

ModuleId inline_module_read(GraphState *state, ModuleId enclosing, FormId id) {
  ModuleGraph *graph = state->graph;
  const FormTable *forms = &graph->forms;
  const Form *form = form_get(forms, id);
  Span span = form_span(form);
  bool is_public = form_headed(forms, form, NAME_PUB);
  uint32_t next = 0;
  if (is_public && form_count(form) == 2 &&
      form_headed(forms, form_get(forms, form_element(form, 1)), NAME_MOD)) {
    form = form_get(forms, form_element(form, 1));
  } else if (is_public) {
    next = 1;
  }
  if (form->kind != FORM_LIST || form_count(form) <= next ||
      !form_is_word(form_get(forms, form_element(form, next)), NAME_MOD)) {
    return 0;
  }
  const FormId *parts = form_elements(form) + next + 1;
  uint32_t count = form_count(form) - next - 1;
  DiagnosticSink *diagnostics = &graph->context->diagnostics;
  if (count == 0 || form_get(forms, parts[0])->kind != FORM_IDENTIFIER) {
    diagnostic_add(diagnostics, DIAGNOSTIC_MD0002, span, "mod declaration needs a name");
    return INLINE_MODULE_WRONG;
  }
  const Form *name = form_get(forms, parts[0]);
  Str text = context_name(graph->context, name->value);
  if (count != 2 || !form_headed(forms, form_get(forms, parts[1]), NAME_BLOCK)) {
    Diagnostic *diagnostic =
        diagnostic_add(diagnostics, DIAGNOSTIC_BD0005, span, "mod %.*s has no body", STR_ARGS(text));
    diagnostic_hint(diagnostics, diagnostic,
                    "a file is imported with `use self::%.*s`, or re-exported with `pub use self::%.*s`",
                    STR_ARGS(text), STR_ARGS(text));
    return INLINE_MODULE_WRONG;
  }
  if (name->value == NAME_ALL) {
    diagnostic_add(diagnostics, DIAGNOSTIC_MD0005, span,
                   "module %.*s::all has the reserved segment 'all'; rename it",
                   STR_ARGS(context_name(graph->context, graph_module(graph, enclosing)->id)));
    return INLINE_MODULE_WRONG;
  }
  ModulePath path = module_path_add(state, &graph_module(graph, enclosing)->path, name->value);
  ModuleId known = graph_find(graph, module_path_id(state, &path));
  ModuleId again = known != 0 && expand_refills(state->expander, known) ? known : 0;
  if (known != 0 && again == 0 && graph_module(graph, known)->is_inline) {
    Diagnostic *diagnostic = diagnostic_add(diagnostics, DIAGNOSTIC_BD0006, form_span(name),
                                            "module '%.*s' is declared twice", STR_ARGS(text));
    diagnostic_related(diagnostics, diagnostic, graph_module(graph, known)->span, "first declared here");
    return INLINE_MODULE_WRONG;
  }
  ModuleId module = again != 0 ? again : new_module(state, &path);
  const Module *outer = graph_module(graph, enclosing);
  Module *inner = graph_module(graph, module);
  inner->file = outer->file;
  inner->parent = enclosing;
  inner->package = outer->package;
  inner->is_inline = true;
  inner->is_public = is_public;
  inner->no_prelude = outer->no_prelude;
  inner->span = span;
  inner->state = MODULE_PARSED;
  inner->items.count = 0;
  add_forms(state, module, parts[1], 1);
  return module;
}

// Sorts the forms of a module root or suite into uses, inline modules and items.
static void add_forms(GraphState *state, ModuleId module, FormId list, uint32_t first) {
  ModuleGraph *graph = state->graph;
  const Form *form = form_get(&graph->forms, list);
  bool attributed = false; // then expansion decides what becomes of it (02 §11)
  for (uint32_t i = first; i < form_count(form); i++) {
    FormId item = form_element(form, i);
    if (attributed || (!uses_read(state, module, item) && inline_module_read(state, module, item) == 0)) {
      VECTOR_PUSH(&graph->context->arena, &graph_module(graph, module)->items, item);
    }
    attributed = form_headed(&graph->forms, form_get(&graph->forms, item), NAME_AT);
  }
}

static bool names_prelude(const Module *module) {
  for (uint32_t i = 0; i < module->uses.count; i++) {
    const UseEntry *use = &module->uses.items[i];
    if (use->segment_count > 0 && use->segments[0] == NAME_STD &&
        ((use->segment_count > 1 && use->segments[1] == NAME_PRELUDE) ||
         (use->segment_count == 1 && use->target == NAME_PRELUDE))) {
      return true;
    }
  }
  return false;
}

// spec 03 §8: `use std::prelude::all` before everything else.
static void add_prelude(GraphState *state, ModuleId id) {
  static const Name segments[] = {NAME_STD, NAME_PRELUDE};
  Module *module = graph_module(state->graph, id);
  if (module->path.space == NAMESPACE_STD || !state->prelude_exists || module->no_prelude ||
      names_prelude(module)) {
    return;
  }
  VECTOR_PUSH(&state->graph->context->arena, &module->uses, (UseEntry){0});
  memmove(module->uses.items + 1, module->uses.items, (module->uses.count - 1) * sizeof(UseEntry));
  Position start = module->span.start;
  module->uses.items[0] = (UseEntry){.selection = SELECT_ALL,
                                     .has_prefix = true,
                                     .is_prelude = true,
                                     .segments = segments,
                                     .segment_count = 2,
                                     .span = {start, start},
                                     .target_span = {start, start}};
}

// ---- one file ----

// What loading costs, by namespace (spec 10 §4.1).
typedef struct LoadCounters {
  PerfCounter modules, whole, read, parse, companion;
} LoadCounters;

#define LOAD_COUNTERS(space)                                                                                 \
  [NAMESPACE_##space] = {PERF_COUNT_GRAPH_LOAD_MODULE_##space##_COUNT,                                       \
                         PERF_COUNT_GRAPH_LOAD_MODULE_##space##_MS, PERF_COUNT_GRAPH_READ_FILE_##space##_MS, \
                         PERF_COUNT_GRAPH_PARSE_##space##_MS, PERF_COUNT_GRAPH_PARSE_COMPANION_##space##_MS}
static const LoadCounters load_counters[] = {LOAD_COUNTERS(SRC), LOAD_COUNTERS(STD), LOAD_COUNTERS(PKG)};
#undef LOAD_COUNTERS

static double started(const GraphState *state) {
  return state->graph->context->perf ? perf_clock() : 0;
}

static void count_since(const GraphState *state, PerfCounter counter, double start) {
  PerfSession *perf = state->graph->context->perf;
  if (perf) {
    perf_count(perf, counter, perf_clock() - start);
  }
}

// The text of a file as a source, or 0 with a report at `span` (of the importing `use`; unknown: the file).
static FileId open_source(GraphState *state, ModuleNamespace space, Str path, Span span) {
  Context *context = state->graph->context;
  Str text, problem;
  double since = started(state);
  PERF_BEGIN(context->perf, LOAD_READ);
  bool readable = files_read(state, path, &text, &problem);
  FileId file = sources_add(&context->sources, path, readable ? text : STR(""));
  PERF_END(context->perf, LOAD_READ);
  count_since(state, load_counters[space].read, since);
  if (file == 0) {
    diagnostic_add(&context->diagnostics, DIAGNOSTIC_MD0002, span,
                   "cannot read %.*s: the sources exceed 4 GiB", STR_ARGS(path));
    return 0;
  }
  if (!readable) {
    Position start = sources_file(&context->sources, file)->base;
    diagnostic_add(&context->diagnostics, DIAGNOSTIC_MD0002, span_known(span) ? span : (Span){start, start},
                   "cannot read %.*s: %.*s", STR_ARGS(path), STR_ARGS(problem));
    return 0;
  }
  return file;
}

// Reads a file's forms into a module. False on reading errors.
static bool read_into(GraphState *state, ModuleId module, FileId file, bool is_companion) {
  ModuleGraph *graph = state->graph;
  SyntaxResult result = {0};
  FormId first = graph->forms.end;
  bool partial = library_is_partial(state, module);
  const SyntaxPart *parts = NULL;
  uint32_t part_count = partial ? library_parts(state, module, &parts) : 0;
  if (partial && part_count == 0) {
    return true;
  }
  const LoadCounters *counters = &load_counters[graph_module(graph, module)->path.space];
  double start = started(state);
  PERF_BEGIN(graph->context->perf, LOAD_PARSE);
  FormId root = partial ? syntax_read_parts(&graph->forms, file, parts, part_count, &result)
                        : syntax_read(&graph->forms, file, &result);
  PERF_END(graph->context->perf, LOAD_PARSE);
  count_since(state, is_companion ? counters->companion : counters->parse, start);
  PERF_COUNT(graph->context->perf, SOURCE_LINES, result.lines);
  PERF_COUNT(graph->context->perf, SOURCE_TOKENS, result.tokens);
  Module *into = graph_module(graph, module);
  into->no_prelude = into->no_prelude || result.no_prelude;
  state->has_markup = state->has_markup || result.has_markup;
  if (!result.ok) {
    return false;
  }
  for (uint32_t i = 0; i < result.doc_count; i++) {
    VECTOR_PUSH(&graph->context->arena, &into->docs, result.docs[i]);
  }
  add_forms(state, module, root, 1);
  if (partial) {
    library_drop_uses(state, module);
  } else {
    library_note_words(state, first);
  }
  return true;
}

ModuleId load_file(GraphState *state, const ModulePath *path, Str file, Span span) {
  ModuleGraph *graph = state->graph;
  const LoadCounters *counters = &load_counters[path->space];
  double start = started(state);
  FileId source = open_source(state, path->space, file, span);
  if (source == 0) {
    return 0;
  }
  const SourceFile *record = sources_file(&graph->context->sources, source);
  ModuleId id = new_module(state, path);
  Module *module = graph_module(graph, id);
  Str stored = record->path;
  module->file = source;
  module->span = (Span){record->base, record->base + (Position)record->text.length};
  module->package = package_of_file(state, path, stored);
  module->is_package_root = path->count > 0 && path->segments[path->count - 1] == NAME_PKG;
  module->state = MODULE_PARSED;
  bool ok = read_into(state, id, source, false);
  if (graph->include_tests) {
    Str stem = {stored.ptr, stored.length - 5}; // `.voyd`
    Str companion = arena_format(&state->arena, "%.*s.test.voyd", STR_ARGS(stem));
    if (files_is_file(state, companion)) {
      FileId tests = open_source(state, module->path.space, companion, (Span){0});
      ok = tests != 0 && read_into(state, id, tests, true) && ok;
    }
  }
  if (!ok) {
    module = graph_module(graph, id);
    module->failed = true;
    module->items.count = 0;
    module->uses.count = 0;
  }
  if (graph->context->perf) {
    perf_count(graph->context->perf, counters->modules, 1);
  }
  count_since(state, counters->whole, start);
  return id;
}

// ---- the work list ----

static void report_reserved_file(GraphState *state, Str file) {
  FileId source = open_source(state, NAMESPACE_SRC, file, (Span){0});
  if (source != 0) {
    Position start = sources_file(&state->graph->context->sources, source)->base;
    diagnostic_add(&state->graph->context->diagnostics, DIAGNOSTIC_MD0005, (Span){start, start},
                   "%.*s makes a module with the reserved segment 'all'; rename it", STR_ARGS(file));
  }
}

// Files in the folder of the same name belong to the program (03 §3.2.6). std is read on demand instead: what
// it contains is not checked unless it is reached (03 §3.5).
static void discover_below(GraphState *state, ModuleId id) {
  const Module *module = graph_module(state->graph, id);
  if (module->is_inline || module->path.space == NAMESPACE_STD) {
    return;
  }
  ModulePath base = module->path;
  Str file = sources_file(&state->graph->context->sources, module->file)->path;
  Str directory = {file.ptr, file.length - 5};
  if (!path_ends_with(file, STR(".voyd"))) {
    return;
  }
  Paths files = {0};
  files_below(state, directory, &files);
  for (uint32_t i = 0; i < files.count; i++) {
    Str relative;
    Names segments = {0};
    if (!path_below(directory, files.items[i], &relative)) {
      continue;
    }
    split_segments(state, relative, &segments);
    ModulePath path = base;
    bool reserved = false;
    for (uint32_t k = 0; k < segments.count; k++) {
      path = module_path_add(state, &path, segments.items[k]);
      reserved = reserved || segments.items[k] == NAME_ALL;
    }
    if (reserved) {
      report_reserved_file(state, files.items[i]);
    } else if (graph_find(state->graph, module_path_id(state, &path)) == 0) {
      load_file(state, &path, files.items[i], (Span){0});
    }
  }
}

// The module path of the entry file (03 §1.2).
static ModulePath entry_path(GraphState *state, Str file) {
  ModulePath path;
  Names segments = {0};
  Str relative;
  if (path_below(state->std_root, file, &relative)) {
    split_segments(state, relative, &segments);
    return module_path(state, NAMESPACE_STD, NAME_EMPTY, segments.items, segments.count);
  }
  if (packages_own(state, file, &path)) {
    return path;
  }
  if (!path_below(state->source_root, file, &relative)) {
    relative = path_last(file);
  }
  split_segments(state, relative, &segments);
  return module_path(state, NAMESPACE_SRC, NAME_EMPTY, segments.items, segments.count);
}

// spec 03 §1.4: the first directory named `src` from the entry upwards, else the entry's.
static Str default_source_root(Str entry) {
  Str start = path_directory(entry);
  for (Str at = start; at.length > 1; at = path_directory(at)) {
    if (str_equal(path_last(at), STR("src"))) {
      return at;
    }
  }
  return start;
}

static void set_roots(GraphState *state) {
  const GraphOptions *options = state->options;
  Arena *arena = &state->arena;
  Str source = options->source_root.length > 0 ? options->source_root : default_source_root(options->entry);
  Str library = options->std_root.length > 0 ? options->std_root : STR("std:");
  state->source_root = (Str){arena_copy_string(arena, source.ptr, source.length), source.length};
  state->std_root = (Str){arena_copy_string(arena, library.ptr, library.length), library.length};
  state->prelude_exists = files_is_file(state, path_join(arena, state->std_root, STR("prelude.voyd")));
}

static void load_entry(GraphState *state) {
  ModuleGraph *graph = state->graph;
  Str file = state->options->entry;
  ModulePath path = entry_path(state, file);
  for (uint32_t i = 0; i < path.count; i++) {
    if (path.segments[i] == NAME_ALL) {
      report_reserved_file(state, file);
      return;
    }
  }
  graph->entry = load_file(state, &path, file, (Span){0});
}

void load_library_file(GraphState *state, Str name) {
  Names segments = {0};
  split_segments(state, name, &segments);
  ModulePath path = module_path(state, NAMESPACE_STD, NAME_EMPTY, segments.items, segments.count);
  ModuleId known = graph_find(state->graph, module_path_id(state, &path));
  if (known == 0) {
    load_file(state, &path, path_join(&state->arena, state->std_root, name), (Span){0});
  } else if (library_is_partial(state, known) &&
             !read_into(state, known, graph_module(state->graph, known)->file, false)) {
    graph_module(state->graph, known)->failed = true;
  }
}

static void load_whole_library(GraphState *state) {
  Paths files = {0};
  files_below(state, state->std_root, &files);
  for (uint32_t i = 0; i < files.count; i++) {
    Str name;
    if (path_below(state->std_root, files.items[i], &name)) {
      load_library_file(state, name);
    }
  }
}

// The index fits the embedded files alone. Who compiles std itself wants all of it.
static bool uses_index(GraphState *state) {
  Str name;
  return !state->options->whole_library && embedded_library_index.module_count > 0 &&
         files_are_embedded(state, state->std_root) &&
         !path_below(state->std_root, state->options->entry, &name);
}

static void load_library_module(GraphState *state, Str file, Str package) {
  Str name = files_is_file(state, path_join(&state->arena, state->std_root, file)) ? file : package;
  if (files_is_file(state, path_join(&state->arena, state->std_root, name))) {
    load_library_file(state, name);
  }
}

// Literals, ranges and markup mean std's declarations without an import (02 §13), under `#!no_prelude` too.
static void load_language_support(GraphState *state) {
  if (state->library.index != NULL) {
    library_read(state);
    return;
  }
  load_library_module(state, STR("prelude.voyd"), STR("prelude/pkg.voyd"));
  if (state->has_markup) {
    load_library_module(state, STR("vx.voyd"), STR("vx/pkg.voyd"));
  }
  if (state->options->whole_library) {
    load_whole_library(state);
  }
}

// Looks again for the modules that were not there.
static void resolve_awaited(GraphState *state) {
  bool any = state->awaits;
  state->awaits = false;
  for (ModuleId id = 1; any && id < state->graph->modules.count; id++) {
    for (uint32_t use = 0; use < graph_module(state->graph, id)->uses.count; use++) {
      if (graph_module(state->graph, id)->uses.items[use].awaited) {
        resolve_use(state, id, use);
      }
    }
  }
}

void graph_follow(GraphState *state) {
  ModuleGraph *graph = state->graph;
  Expander *expander = state->expander;
  resolve_awaited(state);
  for (ModuleId module = 1; module < graph->modules.count; module++) {
    expand_know_modules(expander);
    bool first = !expanded_module(expander, module)->followed;
    if (first && !graph_module(graph, module)->failed) {
      add_prelude(state, module);
    }
    while (expanded_module(expander, module)->resolved_uses < graph_module(graph, module)->uses.count) {
      uint32_t use = expanded_module(expander, module)->resolved_uses++;
      resolve_use(state, module, use);
      if (graph_module(graph, module)->path.space != NAMESPACE_STD) {
        library_note_use(state, &graph_module(graph, module)->uses.items[use]);
      }
      expand_know_modules(expander);
    }
    if (first) {
      expanded_module(expander, module)->followed = true;
      discover_below(state, module);
    }
  }
}

bool graph_load(ModuleGraph *graph, const GraphOptions *options) {
  GraphState *state = graph->state;
  uint32_t errors = graph->context->diagnostics.errors;
  state->options = options;
  graph->include_tests = options->include_tests;
  files_init(state);
  set_roots(state);
  if (uses_index(state)) {
    library_init(state, &embedded_library_index);
  }
  load_entry(state);
  graph_follow(state);
  load_language_support(state);
  expand_graph(state->expander);
  graph->library = library_state(state);
  state->options = NULL;
  return graph->context->diagnostics.errors == errors;
}
