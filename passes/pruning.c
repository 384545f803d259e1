// whole-program-specialization-pruning: drops functions that no export, table, global or live function
// reaches.
#include "base/bits.h"
#include "passes/pass.h"

typedef struct Pruner {
  IrModule *module;
  Arena scratch;
  uint64_t *live;
  VECTOR(IrFunctionId) work;
  uint32_t enqueued, popped;
} Pruner;

static void mark(Pruner *pruner, IrFunctionId id) {
  if (id != 0 && !bits_has(pruner->live, id)) {
    bits_add(pruner->live, id);
    VECTOR_PUSH(&pruner->scratch, &pruner->work, id);
    pruner->enqueued++;
  }
}

static void mark_roots(Pruner *pruner) {
  const IrModule *module = pruner->module;
  for (uint32_t i = 0; i < module->exports.count; i++) {
    if (module->exports.items[i].kind == IR_EXPORT_FUNCTION) {
      mark(pruner, module->exports.items[i].id);
    }
  }
  for (IrTableId table = 1; table < module->tables.count; table++) {
    for (uint32_t i = 0; i < module->tables.items[table].entries.count; i++) {
      mark(pruner, module->tables.items[table].entries.items[i]);
    }
  }
  for (IrConstantId id = 1; id < module->constants.count; id++) {
    if (module->constants.items[id].opcode == IR_REF_FUNC) {
      mark(pruner, module->constants.items[id].a);
    }
  }
}

static void mark_inst(Pruner *pruner, const IrFunction *function, IrInstId id) {
  const IrInst *inst = ir_inst(function, id);
  if (ir_opcode_info(inst->opcode)->a == IR_IMMEDIATE_FUNCTION) {
    mark(pruner, inst->a);
  }
}

static void mark_calls(Pruner *pruner, const IrFunction *function) {
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    const IrBlock *block = ir_block(function, id);
    if (block->terminator == 0) {
      continue;
    }
    for (uint32_t i = 0; i < block->insts.count; i++) {
      mark_inst(pruner, function, block->insts.items[i]);
    }
    mark_inst(pruner, function, block->terminator);
  }
}

void pass_pruning(PassRun *run) {
  Pruner pruner = {.module = run->module};
  arena_init(&pruner.scratch);
  pruner.live = bits_new(&pruner.scratch, run->module->functions.count);
  mark_roots(&pruner);
  while (pruner.work.count > 0) {
    pruner.popped++;
    mark_calls(&pruner, ir_function(run->module, pruner.work.items[--pruner.work.count]));
  }
  uint32_t pruned = 0, live = 0;
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    live += bits_has(pruner.live, id);
    if (!bits_has(pruner.live, id) && !ir_function_is_dropped(ir_function(run->module, id))) {
      ir_function_drop(run->module, id);
      pruned++;
    }
  }
  run->changed = pruned > 0;
  pass_metric(run, "pruned_instances", pruned);
  pass_metric(run, "worklist_instance_enqueues", pruner.enqueued);
  pass_metric(run, "worklist_instance_pops", pruner.popped);
  pass_metric(run, "reachable_instances", live);
  arena_free(&pruner.scratch);
}
