// The compilation: every room's tables, owned in one place (see pipeline.c for the order in which they fill).
#ifndef VOYD_DRIVER_COMPILATION_H
#define VOYD_DRIVER_COMPILATION_H

#include "driver/driver.h"
#include "driver/roots.h"

typedef struct Compilation {
  const CompileOptions *options;
  CompileResult *result;
  Context *context; // of the result
  Roots roots;
} Compilation;

static inline bool compilation_wants(const Compilation *compilation, OutputKind kind) {
  return (compilation->options->outputs >> kind & 1) != 0;
}

// Runs the phases until one of them reports an error. True iff the program has none.
bool pipeline_run(Compilation *compilation);
// Drops the rooms' tables. The result stays.
void pipeline_free(Compilation *compilation);

#endif
