// A scenario: perf/scenarios/NAME/scenario.json and the programs it names.
//
//   { "entry": "main.voyd", "export": "main", "args": [], "expected": 7, "levels": ["none", "release"],
//   "twin": "twin.c" }
//
// Paths are relative to the scenario's folder. The twin is the same program in C; it exports `voyd_` +
// export.
#ifndef VOYD_PERF_BENCH_SCENARIO_H
#define VOYD_PERF_BENCH_SCENARIO_H

#include "base/text.h"

typedef enum { BENCH_NONE, BENCH_BALANCED, BENCH_RELEASE, BENCH_LEVEL_COUNT } BenchLevel;
extern const char *const BENCH_LEVEL_NAMES[BENCH_LEVEL_COUNT];

typedef struct Scenario {
  Str name;
  Str entry; // path
  Str export;
  Str args;        // JSON array
  Str expected;    // JSON
  uint32_t levels; // bits 1 << BenchLevel
  Str twin;        // path; empty without a twin
} Scenario;

typedef VECTOR(Scenario) ScenarioList;

// The scenarios of `folder` named in `names` (separated by commas, in that order), or all of them sorted by
// name. False with `error` set.
bool scenarios_load(Arena *arena, Str folder, Str names, ScenarioList *list, Str *error);

// Bits of level names separated by commas; 0 if one is unknown.
uint32_t bench_levels_parse(Str names);

#endif
