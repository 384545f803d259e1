// What calls may write: a summary per function, for passes that move or drop loads.
#ifndef VOYD_PASSES_EFFECTS_H
#define VOYD_PASSES_EFFECTS_H

#include "ir/ir.h"

typedef struct Effects Effects;

// The summaries of all functions as they are now, in `scratch`. They stay true while passes only drop and
// move code within functions.
Effects *effects_of(const IrModule *module, Arena *scratch);
// May the instruction, a call or not, write a field or an element of an object of this heap type, or of one
// below or above it?
bool effects_may_write(const Effects *effects, const IrInst *inst, IrHeapId heap);

#endif
