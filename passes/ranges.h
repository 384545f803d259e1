// What is known of the integers of a function: proofs of `x <= y + offset`.
#ifndef VOYD_PASSES_RANGES_H
#define VOYD_PASSES_RANGES_H

#include "ir/ir.h"

// A place: the end or the start of `block`, or its edge number `edge`.
#define AT_END   UINT32_MAX
#define AT_START (UINT32_MAX - 1)
typedef struct Place {
  IrBlockId block;
  uint32_t edge;
} Place;

// What a comparison of signed integers says: that left <= right + offset or, for an equality, that both are
// equal.
typedef struct Comparison {
  bool known, equality;
  IrValue left, right;
  int64_t offset;
} Comparison;
Comparison ranges_comparison(const IrFunction *function, const IrInst *inst);

typedef struct Ranges Ranges;

// The function must not change while the result, which lives in `scratch`, is asked; constants and parameters
// added at the ends do no harm.
Ranges *ranges_of(IrModule *module, IrFunctionId function, Arena *scratch);
// Is x <= y + offset whenever `at` is reached? The value 0 stands for the number zero. False if no proof is
// found.
bool ranges_prove(Ranges *ranges, IrValue x, IrValue y, int64_t offset, Place at);

#endif
