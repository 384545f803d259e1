#include "passes/block_copies.h"

enum { CHEAP_MOST = 4 };

void block_copies_begin(BlockCopies *copies, IrModule *module, IrFunctionId id, Arena *scratch) {
  IrFunction *function = ir_function(module, id);
  uint32_t values = function->values.count;
  *copies = (BlockCopies){.module = module,
                          .id = id,
                          .function = function,
                          .scratch = scratch,
                          .definer = ARENA_ARRAY(scratch, IrBlockId, values),
                          .index = ARENA_ARRAY(scratch, uint32_t, values),
                          .variables = ARENA_ARRAY(scratch, uint32_t, values),
                          .values = values};
}

bool block_is_cheap(const IrModule *module, const IrFunction *function, const IrBlock *block) {
  if (block->insts.count > CHEAP_MOST) {
    return false;
  }
  for (uint32_t i = 0; i < block->insts.count; i++) {
    const IrInst *inst = ir_inst(function, block->insts.items[i]);
    if (inst->result_count != 1 || ir_inst_effects(module, function, inst) != IR_PURE) {
      return false;
    }
  }
  return true;
}

// ------------------------------------------------------------------------------------------------- copying

// Marks a block's values, so that uses elsewhere are found.
static void mark_values(BlockCopies *copies, IrBlockId id) {
  const IrBlock *block = ir_block(copies->function, id);
  uint32_t index = 0;
  for (uint32_t p = 0; p < block->params.count; p++) {
    copies->definer[block->params.items[p]] = id;
    copies->index[block->params.items[p]] = index++;
  }
  for (uint32_t i = 0; i < block->insts.count; i++) {
    IrValue result = ir_inst(copies->function, block->insts.items[i])->result;
    copies->definer[result] = id;
    copies->index[result] = index++;
  }
}

// The value at place `index` of a block: its parameters, then the results of its instructions.
static IrValue value_at(const BlockCopies *copies, IrBlockId id, uint32_t index) {
  const IrBlock *block = ir_block(copies->function, id);
  return index < block->params.count
             ? block->params.items[index]
             : ir_inst(copies->function, block->insts.items[index - block->params.count])->result;
}

static IrValue in_copy(const BlockCopies *copies, IrBlockId original, IrBlockId copy, IrValue value) {
  bool own = value < copies->values && copies->definer[value] == original;
  return own ? value_at(copies, copy, copies->index[value]) : value;
}

static IrValues operands_in_copy(BlockCopies *copies, IrBlockId id, IrBlockId copy, const IrInst *inst) {
  IrValues operands = {0};
  for (uint32_t o = 0; o < inst->operand_count; o++) {
    VECTOR_PUSH(copies->scratch, &operands,
                in_copy(copies, id, copy, ir_operands(copies->function, inst)[o]));
  }
  return operands;
}

static IrEdge edge_in_copy(BlockCopies *copies, IrBlockId id, IrBlockId copy, uint32_t number) {
  const IrEdge *original = &ir_block(copies->function, id)->edges.items[number];
  IrEdge edge = {.target = original->target};
  for (uint32_t a = 0; a < original->args.count; a++) {
    VECTOR_PUSH(&copies->module->arena, &edge.args, in_copy(copies, id, copy, original->args.items[a]));
  }
  return edge;
}

// Ends the copy as its original ends.
static void copy_end(BlockCopies *copies, IrBlockId id, IrBlockId copy) {
  IrFunction *function = copies->function;
  IrInst end = *ir_terminator(function, id);
  IrValues operands = operands_in_copy(copies, id, copy, &end);
  end.operands = function->operands.count;
  for (uint32_t o = 0; o < operands.count; o++) {
    VECTOR_PUSH(&copies->module->arena, &function->operands, operands.items[o]);
  }
  VECTOR_PUSH(&copies->module->arena, &function->insts, end);
  ir_block(function, copy)->terminator = function->insts.count - 1;
  for (uint32_t e = 0; e < ir_block(function, id)->edges.count; e++) {
    IrEdge edge = edge_in_copy(copies, id, copy, e);
    VECTOR_PUSH(&copies->module->arena, &ir_block(function, copy)->edges, edge);
  }
}

IrBlockId block_copies_add(BlockCopies *copies, IrBlockId id, uint32_t taken) {
  IrFunction *function = copies->function;
  mark_values(copies, id);
  IrBlockId copy = ir_add_block(copies->module, copies->id);
  for (uint32_t p = 0; p < ir_block(function, id)->params.count; p++) {
    ir_add_param(copies->module, copies->id, copy,
                 ir_type_of(function, ir_block(function, id)->params.items[p]));
  }
  for (uint32_t i = 0; i < ir_block(function, id)->insts.count; i++) {
    IrInst inst = *ir_inst(function, ir_block(function, id)->insts.items[i]);
    IrValues operands = operands_in_copy(copies, id, copy, &inst);
    ir_insert(copies->module, copies->id, copy, i, inst, operands.items, operands.count,
              ir_type_of(function, inst.result));
  }
  if (taken == ALL_EDGES) {
    copy_end(copies, id, copy);
  } else {
    IrEdge edge = edge_in_copy(copies, id, copy, taken);
    ir_end_with(copies->module, copies->id, copy, IR_BR, &edge, ir_terminator(function, id)->origin);
  }
  VECTOR_PUSH(copies->scratch, &copies->copies, copy);
  VECTOR_PUSH(copies->scratch, &copies->originals, id);
  return copy;
}

// ------------------------------------------------------------------------------------------------ the repair

// Gives `value` a variable if it is used outside of the block that was copied.
static void note_use(BlockCopies *copies, IrRepair *repair, IrValue value, IrBlockId block) {
  if (value < copies->values && copies->definer[value] != 0 && copies->definer[value] != block &&
      copies->variables[value] == 0) {
    IrVar var = ir_repair_var(repair, ir_type_of(copies->function, value));
    copies->variables[value] = var + 1;
    ir_repair_define(repair, var, copies->definer[value], value);
    VECTOR_PUSH(copies->scratch, &copies->copied, value);
  }
}

static IrValue repaired(BlockCopies *copies, IrRepair *repair, IrValue value, IrBlockId block) {
  bool elsewhere = value < copies->values && copies->variables[value] != 0 && copies->definer[value] != block;
  return elsewhere ? ir_repair_read(repair, copies->variables[value] - 1, block) : value;
}

static const IrInst *inst_at(const IrFunction *function, IrBlockId id, uint32_t at) {
  const IrBlock *block = ir_block(function, id);
  return ir_inst(function, at < block->insts.count ? block->insts.items[at] : block->terminator);
}

static void note_uses(BlockCopies *copies, IrRepair *repair, IrBlockId id) {
  const IrFunction *function = copies->function;
  for (uint32_t i = 0; i <= ir_block(function, id)->insts.count; i++) {
    const IrInst *inst = inst_at(function, id, i);
    for (uint32_t o = 0; o < inst->operand_count; o++) {
      note_use(copies, repair, ir_operands(function, inst)[o], id);
    }
  }
  for (uint32_t e = 0; e < ir_block(function, id)->edges.count; e++) {
    const IrValues *args = &ir_block(function, id)->edges.items[e].args;
    for (uint32_t a = 0; a < args->count; a++) {
      note_use(copies, repair, args->items[a], id);
    }
  }
}

// Reading makes parameters, here and elsewhere, so nothing is held across it.
static void repair_uses(BlockCopies *copies, IrRepair *repair, IrBlockId id) {
  IrFunction *function = copies->function;
  for (uint32_t i = 0; i <= ir_block(function, id)->insts.count; i++) {
    for (uint32_t o = 0; o < inst_at(function, id, i)->operand_count; o++) {
      IrValue value = repaired(copies, repair, ir_operands(function, inst_at(function, id, i))[o], id);
      ir_operands(function, inst_at(function, id, i))[o] = value;
    }
  }
  for (uint32_t e = 0; e < ir_block(function, id)->edges.count; e++) {
    for (uint32_t a = 0; a < ir_block(function, id)->edges.items[e].args.count; a++) {
      IrValue value = repaired(copies, repair, ir_block(function, id)->edges.items[e].args.items[a], id);
      ir_block(function, id)->edges.items[e].args.items[a] = value;
    }
  }
}

void block_copies_end(BlockCopies *copies) {
  IrRepair repair;
  ir_repair_begin(&repair, copies->module, copies->id, copies->scratch);
  IrFlow flow = ir_flow(copies->scratch, copies->function);
  for (uint32_t b = 0; b < flow.count; b++) {
    note_uses(copies, &repair, flow.order[b]);
  }
  for (uint32_t i = 0; i < copies->copied.count; i++) {
    IrValue value = copies->copied.items[i];
    for (uint32_t c = 0; c < copies->copies.count; c++) {
      if (copies->originals.items[c] == copies->definer[value]) {
        ir_repair_define(&repair, copies->variables[value] - 1, copies->copies.items[c],
                         value_at(copies, copies->copies.items[c], copies->index[value]));
      }
    }
  }
  for (uint32_t b = 0; b < flow.count && copies->copied.count > 0; b++) {
    repair_uses(copies, &repair, flow.order[b]);
  }
}
