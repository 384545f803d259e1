// Our own optimiser: passes over the IR, between lowering and emission (spec 10 §8). One file per pass;
// passes.def lists them in order; pipeline.c runs them, measures them and verifies the result in debug
// builds.
#ifndef VOYD_PASSES_PIPELINE_H
#define VOYD_PASSES_PIPELINE_H

#include "ir/ir.h"

typedef struct PassOptions {
  Str dump_after; // name of a pass; the module is printed to `dump` after its last run
  Text *dump;
  bool verify; // check the IR after every pass that changed it
} PassOptions;

bool pass_exists(Str name);
// Runs all passes. Verification faults are internal errors.
void passes_run(IrModule *module, const PassOptions *options);
// Runs one pass by name, once; for tests. False if there is no such pass.
bool pass_run(IrModule *module, Str name);

#endif
