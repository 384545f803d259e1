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

// Defines a declared type as the interned one of its signature (unless that exists already).
void ir_function_type_intern(IrModule *module, IrHeapId heap, const IrType *params, uint32_t param_count,
                             const IrType *results, uint32_t result_count);
bool ir_type_valid(const IrModule *module, IrType type);
// Do the immediates exist and have the right kind? Everything else may rely on it.
bool ir_immediates_valid(const IrModule *module, const IrInst *inst);

#endif
