// The compilation: every room's tables, owned in one place (see pipeline.c for the order in which they fill).
#ifndef VOYD_DRIVER_COMPILATION_H
#define VOYD_DRIVER_COMPILATION_H

#include "check/check.h"
#include "driver/driver.h"
#include "driver/roots.h"
#include "ir/ir.h"
#include "lower/lower.h"
#include "wasm/wasm.h"

typedef struct Compilation {
  const CompileOptions *options;
  CompileResult *result;
  Context *context; // of the result
  Roots roots;
  bool whole_library; // read all of std
  bool ready;         // the tables below are made
  ModuleGraph graph;
  AstTable ast;
  NameTables names;
  Program program;
  IrModule module;
  LowerResult lowered;
} Compilation;

static inline bool compilation_wants(const Compilation *compilation, OutputKind kind) {
  return (compilation->options->outputs >> kind & 1) != 0;
}

// The texts of the result that show modules: forms, AST (outputs.c).
void outputs_of_modules(Compilation *compilation);
// The base forms of the entry file alone, nothing else loaded. True iff it reads without errors.
bool output_of_base_forms(Compilation *compilation);

// Makes the rooms' tables, empty.
void pipeline_init(Compilation *compilation);
// Runs the phases that the outputs need, until one of them reports an error. True iff there is none.
bool pipeline_run(Compilation *compilation);
// Drops the rooms' tables. The result stays.
void pipeline_free(Compilation *compilation);

#endif
