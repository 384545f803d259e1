// What several passes do to a function in between: constants and branches that their rewriting made known.
#ifndef VOYD_PASSES_SIMPLIFY_H
#define VOYD_PASSES_SIMPLIFY_H

#include "ir/ir.h"

static inline const IrInst *definition_of(const IrFunction *function, IrValue value) {
  IrInstId id = function->values.items[value].inst;
  return id == 0 ? NULL : ir_inst(function, id);
}
// The bits of a constant (i32: sign-extended); false for anything else.
bool constant_of(const IrFunction *function, IrValue value, int64_t *bits);
// The result of an operation of integers on constants; false where it would trap or is none of those known
// here. `right` is ignored for operations of one operand.
bool fold_operation(IrOpcode opcode, int64_t left, int64_t right, int64_t *result);

// One round over a function; each says whether it changed something, and leaves ir_cleanup to the caller.
bool simplify_values(IrModule *module, IrFunctionId function);
bool simplify_branches(IrModule *module, IrFunctionId function);
// Drops block parameters that always have the value of another parameter or of a value further up
// (congruence.c).
bool merge_equal_parameters(IrModule *module, IrFunctionId function);
// Rounds of simplify_values and simplify_branches, each with its ir_cleanup, until nothing changes.
void simplify_function(IrModule *module, IrFunctionId function);

#endif
