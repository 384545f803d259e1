// The act of inlining: a copy of the callee's body takes the place of a call. Which calls deserve it is for
// the passes to say (inlining.c, devirtualization.c).
#ifndef VOYD_PASSES_INLINE_CALL_H
#define VOYD_PASSES_INLINE_CALL_H

#include "ir/ir.h"

// Replaces the call at place `at` of `block` (its terminator if `at` is the number of its instructions). The
// callee has a body and is not the caller. What followed the call goes on in a block of its own: the first
// one made, unless the call was a tail call, which keeps the callee's own ends. The caller wants
// `ir_cleanup`.
void ir_inline_call(IrModule *module, Arena *scratch, IrFunctionId caller, IrBlockId block, uint32_t at);

#endif
