// What a pass sees: the module to rewrite, and where to report what it did.
#ifndef VOYD_PASSES_PASS_H
#define VOYD_PASSES_PASS_H

#include "ir/ir.h"

enum { PASS_METRICS_MAX = 8 };

typedef struct PassRun {
  IrModule *module;
  bool changed;
  uint32_t metric_count;
  const char *metric_names[PASS_METRICS_MAX]; // kebab or snake case as spec 10 §4.3 has them
  double metrics[PASS_METRICS_MAX];
} PassRun;

// Reports a metric; each pass reports all of its metrics in every run, also 0.
void pass_metric(PassRun *run, const char *name, double value);

#define PASS(id, name, stage) void pass_##id(PassRun *run);
#define PASS_AGAIN(id, name, stage)
#include "passes/passes.def"
#undef PASS_AGAIN
#undef PASS

#endif
