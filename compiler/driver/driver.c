// One compilation with its boundary: resolves roots, opens the perf session, runs the pipeline, turns
// failures of ours into diagnostics (driver/driver.h).
#include "driver/driver.h"

#include <stdio.h>

#include "base/failure.h"
#include "driver/compilation.h"

static Span start_of_entry(Context *context) {
  Position base = context->sources.files.count > 1 ? sources_file(&context->sources, 1)->base : 0;
  return (Span){base, base};
}

// Broken invariants and exhausted memory as a diagnostic at the start of the entry file (spec 03 §13.2).
static void report_failure(Compilation *compilation, const Failure *failure) {
  CompileResult *result = compilation->result;
  Context *context = &result->context;
  bool memory = failure->kind == FAILURE_OUT_OF_MEMORY;
  result->status = memory ? COMPILE_OUT_OF_MEMORY : COMPILE_INTERNAL;
  snprintf(result->failure, sizeof result->failure, "%s (%s:%d)", failure->message, failure->file,
           failure->line);
  while (context->diagnostics.muted > 0) {
    diagnostics_unmute(&context->diagnostics, 0);
  }
  const Span start = start_of_entry(context);
  Failure again;
  if (FAILURE_GUARD(&again)) {
    if (memory) {
      diagnostic_add(&context->diagnostics, DIAGNOSTIC_TY9999, start, "out of memory while compiling");
    } else {
      Diagnostic *diagnostic = diagnostic_add(&context->diagnostics, DIAGNOSTIC_TY9999, start,
                                              "internal compiler error: %s", result->failure);
      diagnostic_hint(&context->diagnostics, diagnostic,
                      "this is a bug of the compiler, not of the program; please report it with the sources");
    }
    failure_leave(&again);
  }
}

static void open_session(Compilation *compilation, double started, int64_t arenas_before) {
  const CompileOptions *options = compilation->options;
  if (!options->perf && !options->perf_trace) {
    return;
  }
  double setup = perf_clock() - started;
  compilation->context->perf = perf_session_new(&(PerfOptions){.entry = compilation->roots.entry,
                                                               .setup = setup,
                                                               .arenas_before = arenas_before,
                                                               .trace = options->perf_trace,
                                                               .resident_memory = options->perf_memory});
  perf_time_add(compilation->context->perf, PERF_PHASE_SETUP_RESOLVE_ROOTS, setup);
}

// A compilation without errors made everything that was wanted.
static void ensure_outputs(const Compilation *compilation) {
  for (uint32_t kind = 0; kind < OUTPUT_COUNT && compilation->result->status == COMPILE_OK; kind++) {
    ENSURE(!compilation_wants(compilation, (OutputKind)kind) ||
           compilation->result->outputs[kind].ptr != NULL);
  }
}

// Runs the pipeline. Of std it reads what the program can mean; where that is too little, or errors are to be
// reported, which may speak of the rest (suggestions, candidates), it runs again with all of std.
static bool run(Compilation *compilation) {
  bool ok = pipeline_run(compilation);
  LibraryState library = compilation->graph.library;
  if (library != LIBRARY_TOO_SMALL && (ok || library != LIBRARY_PARTIAL)) {
    return ok;
  }
  Context *context = compilation->context;
  PerfSession *perf = context->perf;
  memset(compilation->result->outputs, 0, sizeof compilation->result->outputs);
  compilation->ready = false;
  pipeline_free(compilation);
  context_free(context);
  context_init(context);
  context->perf = perf;
  pipeline_init(compilation);
  compilation->ready = true;
  compilation->whole_library = true;
  PERF_COUNT(perf, SOURCE_LIBRARY_REREAD, 1);
  return pipeline_run(compilation);
}

bool driver_compile(const CompileOptions *options, CompileResult *result) {
  const double started = perf_clock();
  const int64_t arenas_before = arena_gauge()->live;
  *result = (CompileResult){.status = COMPILE_OUT_OF_MEMORY};
  Compilation *volatile compilation = NULL;
  Failure failure;
  if (FAILURE_GUARD(&failure)) {
    context_init(&result->context);
    compilation = ARENA_NEW(&result->arena, Compilation);
    *compilation = (Compilation){.options = options, .result = result, .context = &result->context};
    pipeline_init(compilation);
    compilation->ready = true;
    if (!options->has_source && options->entry.length == 0) {
      diagnostic_add(&result->context.diagnostics, DIAGNOSTIC_TY9999, (Span){0},
                     "compile requires entryPath or source");
      result->status = COMPILE_DIAGNOSTICS;
    } else {
      compilation->roots = roots_resolve(&result->arena, options);
      result->entry = compilation->roots.entry;
      open_session(compilation, started, arenas_before);
      result->status = run(compilation) ? COMPILE_OK : COMPILE_DIAGNOSTICS;
      ensure_outputs(compilation);
    }
    failure_leave(&failure);
  } else if (compilation) {
    report_failure(compilation, &failure);
  }
  if (compilation && compilation->ready) {
    pipeline_free(compilation);
  }
  result->perf = result->context.perf;
  result->context.perf = NULL;
  perf_session_finish(result->perf, result->status == COMPILE_OK, result->context.diagnostics.items.count);
  return result->status == COMPILE_OK;
}

void driver_result_free(CompileResult *result) {
  perf_session_free(result->perf);
  context_free(&result->context);
  arena_free(&result->arena);
}
