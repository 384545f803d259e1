// `voydc bench`: compiles and runs the scenarios of perf/scenarios, and compares two runs (spec 10 §5).
//
// A client of sdk/voyd.h like the command line. Every compilation happens in a process of its own; programs
// run in the engine that `voydc run` uses, all levels of a scenario and its twin in C side by side in one
// engine process.
#ifndef VOYD_PERF_BENCH_BENCH_H
#define VOYD_PERF_BENCH_BENCH_H

#include "base/text.h"

typedef struct BenchOptions {
  Arena *arena;
  Str folder;               // with one folder per scenario
  Str scenarios;            // names separated by commas; empty: all
  Str levels;               // levels separated by commas; empty: those of the scenario
  Str csv;                  // file for the rows, `-` for standard output, empty for none
  Str revision;             // first column
  uint32_t samples;         // timed calls per program
  uint32_t warmups;         // checked calls before them
  uint32_t compile_samples; // processes per compilation
  uint32_t minimum_ms;      // a sample repeats the call until it takes so long
  bool twins;               // also build and run the C twins
} BenchOptions;

// Exit status: 0, or 1 after saying what went wrong on standard error.
int bench_run(const BenchOptions *options);
// Prints the comparison of two CSV files as CSV to standard output.
int bench_compare(Arena *arena, Str base, Str head);

#endif
