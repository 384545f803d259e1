// Running modules for measurement: all programs of one job in turns in one engine process (bench-main.mjs).
#ifndef VOYD_PERF_BENCH_MEASURE_H
#define VOYD_PERF_BENCH_MEASURE_H

#include "base/text.h"

typedef struct BenchProgram {
  Str file; // the module
  Str export;
  Str args;     // JSON array
  Str expected; // JSON
  // Results:
  double *samples; // milliseconds per call
  uint32_t sample_count;
  uint32_t gzip_bytes; // size of the module as gzip -9 writes it
  Str sha256;          // of the module, in hexadecimal
  Str error;           // empty, or why there are no samples
} BenchProgram;

typedef struct BenchJob {
  Str folder; // for the job's own files
  BenchProgram *programs;
  uint32_t program_count;
  uint32_t warmups, samples, minimum_ms;
} BenchJob;

// False with `error` set if the engine could not do the job; errors of single programs are theirs.
bool bench_measure(Arena *arena, BenchJob *job, Str *error);

#endif
