// What the files of ir/ share with each other only.
#ifndef VOYD_IR_INTERNAL_H
#define VOYD_IR_INTERNAL_H

#include "ir/ir.h"

// A new value defined by an instruction (or a parameter of `block` if `inst` is 0).
IrValue ir_value_new(IrBuilder *builder, IrType type, IrInstId inst, IrBlockId block);
// The block instructions go to; after a terminator a fresh one that nothing reaches.
IrBlockId ir_current_block(IrBuilder *builder);
// An `undef` in the entry block, where it dominates everything.
IrValue ir_undef(IrBuilder *builder, IrType type);
// Appends an instruction with its operands to the current block, results typed by `results`.
IrInstId ir_append(IrBuilder *builder, IrInst inst, const IrValue *operands, uint32_t operand_count,
                   const IrType *results, uint32_t result_count);

#endif
