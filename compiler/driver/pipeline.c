// The phases of a compilation in order. This file reads like the list of phases (spec 10 §3); what a phase
// does stands in its room.
#include <errno.h>
#include <stdio.h>

#include "driver/compilation.h"

static bool failed(const Compilation *compilation) {
  return compilation->context->diagnostics.errors > 0;
}

// --- loadModuleGraph
// -------------------------------------------------------------------------------------------------

static Str read_file(Arena *arena, Str path) {
  Text text = text_new(arena);
  FILE *file = fopen(arena_copy_string(arena, path.ptr, path.length), "rb");
  if (!file) {
    return (Str){0};
  }
  char buffer[65536];
  for (size_t length; (length = fread(buffer, 1, sizeof buffer, file)) > 0;) {
    text_add(&text, (Str){buffer, length});
  }
  int error = ferror(file) ? errno : 0;
  fclose(file);
  errno = error;
  return error ? (Str){0} : text_str(&text);
}

static void load_module_graph(Compilation *compilation) {
  Context *context = compilation->context;
  Str text = compilation->options->has_source ? compilation->options->source
                                              : read_file(&context->arena, compilation->roots.entry);
  FileId file = sources_add(&context->sources, compilation->roots.entry, text);
  if (!text.ptr) {
    Position start = sources_file(&context->sources, file)->base;
    diagnostic_add(&context->diagnostics, DIAGNOSTIC_MD0002, (Span){start, start}, "cannot read %.*s: %s",
                   STR_ARGS(compilation->roots.entry), strerror(errno));
  }
  PERF_COUNT(context->perf, SOURCE_FILES, 1);
  PERF_COUNT(context->perf, SOURCE_BYTES, text.length);
}

// --- The list
// --------------------------------------------------------------------------------------------------------

bool pipeline_run(Compilation *compilation) {
  PerfSession *perf = compilation->context->perf;

  PERF_BEGIN(perf, LOAD_MODULE_GRAPH);
  load_module_graph(compilation);
  PERF_END(perf, LOAD_MODULE_GRAPH);

  return !failed(compilation);
}

void pipeline_free(Compilation *compilation) {
  compilation->context = NULL;
}
