// Copies of blocks in one function, and the repair of what they break: values of a copied block that are used
// further down have several definitions, which ir_repair joins.
//
//   block_copies_begin(&copies, module, function, &scratch);
//   ir_block(f, from)->edges.items[e].target = block_copies_add(&copies, block, edge);   // any number
//   block_copies_end(&copies);                                                           // then ir_cleanup
#ifndef VOYD_PASSES_BLOCK_COPIES_H
#define VOYD_PASSES_BLOCK_COPIES_H

#include "ir/ir.h"

static const uint32_t ALL_EDGES = UINT32_MAX;

typedef struct BlockCopies {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  Arena *scratch;
  IrBlockId *definer;       // by value: the block that defines it, if copied; or 0
  uint32_t *index;          // by value: its place among the block's parameters, then among its results
  uint32_t *variables;      // by value: its variable + 1, or 0
  uint32_t values;          // of the function before the first copy
  IrValues copied;          // values that have variables
  VECTOR(IrBlockId) copies; // blocks made, and what they are copies of
  VECTOR(IrBlockId) originals;
} BlockCopies;

// `scratch` must live until the end. Between begin and end nothing else may change the function, but the
// targets of edges.
void block_copies_begin(BlockCopies *copies, IrModule *module, IrFunctionId id, Arena *scratch);
// Few instructions, each with one result, that may as well run twice: what a copy is allowed to cost.
bool block_is_cheap(const IrModule *module, const IrFunction *function, const IrBlock *block);
// A copy with parameters of its own that goes on along edge `taken` of the original, or along ALL_EDGES as
// its condition says.
IrBlockId block_copies_add(BlockCopies *copies, IrBlockId id, uint32_t taken);
void block_copies_end(BlockCopies *copies);

#endif
