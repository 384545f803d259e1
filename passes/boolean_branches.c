// boolean-branch-simplification: branches whose condition is known or negated, and branches with one target.
//
// Rewrites terminators only; ir_cleanup drops what becomes unreachable.
#include "passes/pass.h"
#include "passes/simplify.h"

typedef struct Branches {
  IrModule *module;
  IrFunction *function;
  uint32_t removed, simplified;
} Branches;

static bool edges_equal(const IrEdge *first, const IrEdge *second) {
  return first->target == second->target && first->args.count == second->args.count &&
         (first->args.count == 0 ||
          memcmp(first->args.items, second->args.items, sizeof(IrValue) * first->args.count) == 0);
}

// Makes the terminator a `br` along one of its edges.
static void take_edge(Branches *branches, IrBlock *block, uint32_t edge) {
  IrInst *terminator = ir_inst(branches->function, block->terminator);
  terminator->opcode = IR_BR;
  terminator->operand_count = 0;
  block->edges.items[0] = block->edges.items[edge];
  block->edges.count = 1;
  branches->removed++;
}

static void simplify_br_if(Branches *branches, IrBlock *block) {
  IrInst *terminator = ir_inst(branches->function, block->terminator);
  IrValue *condition = ir_operands(branches->function, terminator);
  const IrInst *inst = definition_of(branches->function, *condition);
  while (inst != NULL && inst->opcode == IR_I32_EQZ) {
    *condition = ir_operands(branches->function, inst)[0];
    IrEdge taken = block->edges.items[0];
    block->edges.items[0] = block->edges.items[1];
    block->edges.items[1] = taken;
    branches->simplified++;
    inst = definition_of(branches->function, *condition);
  }
  if (inst != NULL && inst->opcode == IR_I32_CONST) {
    take_edge(branches, block, (uint32_t)inst->bits != 0 ? 0 : 1);
  } else if (edges_equal(&block->edges.items[0], &block->edges.items[1])) {
    take_edge(branches, block, 0);
  }
}

static void simplify_switch(Branches *branches, IrBlock *block) {
  const IrInst *terminator = ir_inst(branches->function, block->terminator);
  const IrInst *inst = definition_of(branches->function, ir_operands(branches->function, terminator)[0]);
  uint32_t last = block->edges.count - 1;
  if (inst != NULL && inst->opcode == IR_I32_CONST) {
    take_edge(branches, block, (uint32_t)inst->bits < last ? (uint32_t)inst->bits : last);
  }
}

static uint32_t simplify_all(Branches *branches, IrFunctionId id) {
  branches->function = ir_function(branches->module, id);
  uint32_t before = branches->removed + branches->simplified;
  for (IrBlockId block_id = 1; block_id < branches->function->blocks.count; block_id++) {
    IrBlock *block = ir_block(branches->function, block_id);
    if (block->terminator == 0) {
      continue;
    }
    switch ((IrOpcode)ir_inst(branches->function, block->terminator)->opcode) {
    case IR_BR_IF:
      simplify_br_if(branches, block);
      break;
    case IR_SWITCH:
      simplify_switch(branches, block);
      break;
    default:
      break;
    }
  }
  return branches->removed + branches->simplified - before;
}

bool simplify_branches(IrModule *module, IrFunctionId id) {
  Branches branches = {.module = module};
  return simplify_all(&branches, id) > 0;
}

void pass_boolean_branches(PassRun *run) {
  Branches branches = {.module = run->module};
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    // Removing a branch makes constants of parameters, and these decide further branches.
    while (simplify_all(&branches, id) > 0) {
      ir_cleanup(run->module, id);
      run->changed = true;
    }
  }
  pass_metric(run, "removed_branches", branches.removed);
  pass_metric(run, "simplified_branches", branches.simplified);
}
