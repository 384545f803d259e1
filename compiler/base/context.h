// What every room of a compilation shares: memory, names, sources, diagnostics and the performance session.
//
// Each room keeps its own tables (forms, modules, AST, symbols, types, IR) in a struct of its own that holds
// a pointer to this one; driver/ owns them all. One context is used by one thread at a time.
#ifndef VOYD_BASE_CONTEXT_H
#define VOYD_BASE_CONTEXT_H

#include "base/diagnostics.h"

struct PerfSession; // perf/perf.h; NULL while measuring is off

typedef struct Context {
  Arena arena; // lives as long as the compilation
  NameTable names;
  SourceTable sources;
  DiagnosticSink diagnostics;
  struct PerfSession *perf;
} Context;

void context_init(Context *context);
void context_free(Context *context);

static inline Str context_name(const Context *context, Name name) {
  return names_text(&context->names, name);
}

#endif
