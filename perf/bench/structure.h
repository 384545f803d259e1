// What a module allocates and checks, counted in its text form (spec 10 §5).
#ifndef VOYD_PERF_BENCH_STRUCTURE_H
#define VOYD_PERF_BENCH_STRUCTURE_H

#include "base/strings.h"

typedef enum {
#define STRUCTURE(id, column, counter, pattern, ends) STRUCTURE_##id,
#include "perf/bench/structure.def"
#undef STRUCTURE
  STRUCTURE_COUNT
} StructureId;

typedef struct Structure {
  uint32_t counts[STRUCTURE_COUNT];
} Structure;

extern const char *const STRUCTURE_COLUMNS[STRUCTURE_COUNT];  // of the CSV
extern const char *const STRUCTURE_COUNTERS[STRUCTURE_COUNT]; // of the perf summary

// Counts the patterns of spec 10 §5, which match text, not instructions.
Structure structure_of_text(Str wat);

#endif
