// Compiling for measurement: each compilation in a fresh process.
#ifndef VOYD_PERF_BENCH_COMPILE_H
#define VOYD_PERF_BENCH_COMPILE_H

#include "perf/bench/scenario.h"
#include "perf/bench/structure.h"

typedef struct BenchBuild {
  Str wasm;
  Str wat;
  Str perf;              // summary JSON of the last process
  double milliseconds;   // median over the processes of one SDK compilation, text emission included
  int64_t resident_peak; // bytes, highest of the processes
  Structure structure;
} BenchBuild;

// False with `error` set: diagnostics, bytes that differ between the processes, overlapped measurements,
// counters of the summary that differ from the text.
bool bench_compile(Arena *arena, const Scenario *scenario, BenchLevel level, uint32_t samples,
                   BenchBuild *build, Str *error);

// The twin by clang -O3 for wasm32, to `output`.
bool bench_compile_twin(Arena *arena, const Scenario *scenario, Str output, Str *error);

double bench_median(Arena *arena, const double *values, uint32_t count);

#endif
