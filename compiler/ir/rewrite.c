// Owns what passes need to change a finished function: instructions put in between, and the repair of SSA
// form after a value got definitions on several paths (the reading half of Braun et al., CC 2013, as in
// ssa.c, over a graph that no longer grows).
#include "base/failure.h"
#include "ir/internal.h"

IrValue ir_insert(IrModule *module, IrFunctionId id, IrBlockId block, uint32_t at, IrInst inst,
                  const IrValue *operands, uint32_t count, IrType type) {
  IrFunction *function = ir_function(module, id);
  inst.operands = function->operands.count;
  inst.operand_count = count;
  for (uint32_t i = 0; i < count; i++) {
    VECTOR_PUSH(&module->arena, &function->operands, operands[i]);
  }
  VECTOR_PUSH(&module->arena, &function->insts, inst);
  IrInstId made = function->insts.count - 1;
  IrBlock *into = ir_block(function, block);
  ENSURE(at <= into->insts.count);
  VECTOR_PUSH(&module->arena, &into->insts, made);
  memmove(into->insts.items + at + 1, into->insts.items + at,
          sizeof(IrInstId) * (into->insts.count - 1 - at));
  into->insts.items[at] = made;
  IrBuilder builder = {.module = module, .function_id = id};
  IrValue value = ir_value_new(&builder, type, made, block);
  ir_inst(function, made)->result = value;
  ir_inst(function, made)->result_count = 1;
  return value;
}

IrBlockId ir_add_block(IrModule *module, IrFunctionId id) {
  IrFunction *function = ir_function(module, id);
  IrBlockId block = VECTOR_EXTEND(&module->arena, &function->blocks, 1);
  ir_block(function, block)->sealed = true;
  return block;
}

IrValue ir_add_param(IrModule *module, IrFunctionId id, IrBlockId block, IrType type) {
  IrBuilder builder = {.module = module, .function_id = id};
  return ir_block_param(&builder, block, type);
}

void ir_end_with(IrModule *module, IrFunctionId id, IrBlockId block, IrOpcode opcode, const IrEdge *edge,
                 IrInstOrigin origin) {
  IrFunction *function = ir_function(module, id);
  VECTOR_PUSH(&module->arena, &function->insts, (IrInst){.opcode = (uint16_t)opcode, .origin = origin});
  IrBlock *ended = ir_block(function, block);
  ended->terminator = function->insts.count - 1;
  memset(&ended->edges, 0, sizeof ended->edges);
  if (edge != NULL) {
    VECTOR_PUSH(&module->arena, &ended->edges, *edge);
  }
}

// ------------------------------------------------------------------------------------------------ the repair

void ir_repair_begin(IrRepair *repair, IrModule *module, IrFunctionId id, Arena *scratch) {
  *repair = (IrRepair){.module = module, .function_id = id, .scratch = scratch};
  const IrFunction *function = ir_function(module, id);
  IrFlow flow = ir_flow(scratch, function);
  repair->preds = ARENA_ARRAY(scratch, IrPreds, function->blocks.count);
  for (uint32_t i = 0; i < flow.count; i++) {
    const IrBlock *block = ir_block(function, flow.order[i]);
    for (uint32_t e = 0; e < block->edges.count; e++) {
      IrPreds *preds = &repair->preds[block->edges.items[e].target];
      if (preds->count == 0 || preds->items[preds->count - 1] != flow.order[i]) {
        VECTOR_PUSH(scratch, preds, flow.order[i]);
      }
    }
  }
}

IrVar ir_repair_var(IrRepair *repair, IrType type) {
  VECTOR_PUSH(repair->scratch, &repair->types, type);
  return repair->types.count - 1;
}

void ir_repair_define(IrRepair *repair, IrVar var, IrBlockId block, IrValue value) {
  id_map_put(repair->scratch, &repair->at_end, id_pair(block, var), value);
}

static IrValue undefined(IrRepair *repair, IrVar var) {
  IrBuilder builder = {.module = repair->module, .function_id = repair->function_id};
  return ir_undef(&builder, repair->types.items[var]);
}

static IrValue new_param(IrRepair *repair, IrBlockId block, IrVar var) {
  IrValue value = ir_add_param(repair->module, repair->function_id, block, repair->types.items[var]);
  uint32_t index = ir_block(ir_function(repair->module, repair->function_id), block)->params.count - 1;
  VECTOR_PUSH(repair->scratch, &repair->work, (IrVarParam){block, var, index});
  return value;
}

// Up from the start of `block` through blocks with one predecessor, until a definition or a join.
static IrValue at_start(IrRepair *repair, IrVar var, IrBlockId block) {
  IrBlockId at = block;
  IrValue value = 0;
  while (value == 0) {
    uint32_t found = id_map_get(&repair->at_start, id_pair(at, var));
    if (found != ID_MAP_NONE) {
      value = found;
    } else if (repair->preds[at].count == 1) {
      at = repair->preds[at].items[0];
      found = id_map_get(&repair->at_end, id_pair(at, var));
      value = found == ID_MAP_NONE ? 0 : found;
    } else {
      value = repair->preds[at].count == 0 ? undefined(repair, var) : new_param(repair, at, var);
      id_map_put(repair->scratch, &repair->at_start, id_pair(at, var), value);
    }
  }
  for (IrBlockId passed = block; passed != at; passed = repair->preds[passed].items[0]) {
    id_map_put(repair->scratch, &repair->at_start, id_pair(passed, var), value);
  }
  return value;
}

static IrValue at_end(IrRepair *repair, IrVar var, IrBlockId block) {
  uint32_t found = id_map_get(&repair->at_end, id_pair(block, var));
  return found != ID_MAP_NONE ? found : at_start(repair, var, block);
}

IrValue ir_repair_read(IrRepair *repair, IrVar var, IrBlockId block) {
  IrValue value = at_start(repair, var, block);
  while (repair->work.count > 0) {
    IrVarParam param = repair->work.items[--repair->work.count];
    for (uint32_t p = 0; p < repair->preds[param.block].count; p++) {
      IrBlockId from = repair->preds[param.block].items[p];
      IrValue argument = at_end(repair, param.var, from);
      IrBlock *source = ir_block(ir_function(repair->module, repair->function_id), from);
      for (uint32_t e = 0; e < source->edges.count; e++) {
        IrEdge *edge = &source->edges.items[e];
        if (edge->target == param.block) {
          if (edge->args.count <= param.index) {
            uint32_t missing = param.index + 1 - edge->args.count;
            (void)VECTOR_EXTEND(&repair->module->arena, &edge->args, missing);
          }
          edge->args.items[param.index] = argument;
        }
      }
    }
  }
  return value;
}
