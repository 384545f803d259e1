// Lowering: the typed tree of every reachable instance becomes IR.
//
// Stands between check/ and passes/. First it settles facts of the whole program (which `~` parameters come
// back as results, how each type is laid out), then it builds one IR function per reachable entry, demanded
// from the exports. How values, objects, in-out and lets are represented: docs/object-model.md.
#ifndef VOYD_LOWER_LOWER_H
#define VOYD_LOWER_LOWER_H

#include "check/check.h"
#include "ir/ir.h"

typedef struct LowerResult {
  Str abi; // contents of the custom section `voyd.abi` (runtime-wasm/host/README.md); empty: no section
} LowerResult;

// Fills an initialised, empty module from a program that was checked without errors. `result` lives as long
// as the module. False if a diagnostic was reported (a limit of the engine, an export that the host cannot
// call).
bool lower_program(Program *program, IrModule *module, LowerResult *result);

#endif
