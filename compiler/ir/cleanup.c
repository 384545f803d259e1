// Owns the tidying of a function after it was built or rewritten: replacements, unreachable blocks, trivial
// block parameters, chains of blocks, dead code. Leaves ids as they are; what is gone is empty.
#include "base/bits.h"
#include "base/failure.h"
#include "ir/ir.h"

typedef struct Incoming {
  IrBlockId from;
  uint32_t edge;
} Incoming;

typedef struct Cleanup {
  IrModule *module;
  IrFunction *function;
  Arena *scratch;
  IrFlow flow;
  uint32_t *incoming_start; // by block: its first item in `incoming`; one more than there are blocks
  Incoming *incoming;       // edges from reachable blocks, by target
  IrBlockId *merged;        // by block: the block that took its code, or 0
  uint32_t *param_index;    // by value: its position among the parameters of its block
  uint64_t *live;           // values
  IrValues work;            // live values whose definition is still to be looked at
} Cleanup;

void ir_replace(IrFunction *function, IrValue old, IrValue replacement) {
  replacement = ir_resolve(function, replacement);
  old = ir_resolve(function, old);
  if (old != replacement) {
    function->values.items[old].forward = replacement;
  }
}

static void drop_unreachable(Cleanup *cleanup) {
  IrFunction *function = cleanup->function;
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    if (cleanup->flow.number[id] == UINT32_MAX) {
      *ir_block(function, id) = (IrBlock){.sealed = true};
    }
  }
}

static void collect_incoming(Cleanup *cleanup) {
  IrFunction *function = cleanup->function;
  uint32_t blocks = function->blocks.count, total = 0;
  uint32_t *start = ARENA_ARRAY(cleanup->scratch, uint32_t, blocks + 2);
  for (IrBlockId id = 1; id < blocks; id++) {
    const IrBlock *block = ir_block(function, id);
    for (uint32_t e = 0; e < block->edges.count; e++) {
      start[block->edges.items[e].target + 2]++;
      total++;
    }
  }
  for (uint32_t i = 2; i < blocks + 2; i++) {
    start[i] += start[i - 1];
  }
  cleanup->incoming = ARENA_ARRAY(cleanup->scratch, Incoming, total);
  for (IrBlockId id = 1; id < blocks; id++) {
    const IrBlock *block = ir_block(function, id);
    for (uint32_t e = 0; e < block->edges.count; e++) {
      cleanup->incoming[start[block->edges.items[e].target + 1]++] = (Incoming){id, e};
    }
  }
  cleanup->incoming_start = start;
}

static IrBlockId source(const Cleanup *cleanup, Incoming in) {
  IrBlockId from = in.from;
  while (cleanup->merged[from] != 0) {
    from = cleanup->merged[from];
  }
  return from;
}

static IrValue argument(const Cleanup *cleanup, Incoming in, uint32_t index) {
  const IrEdge *edge = &ir_block(cleanup->function, source(cleanup, in))->edges.items[in.edge];
  ENSURE(index < edge->args.count);
  return ir_resolve(cleanup->function, edge->args.items[index]);
}

// The one value that every edge gives to a parameter (itself aside), or 0.
static IrValue only_argument(const Cleanup *cleanup, IrBlockId block, uint32_t index, IrValue param) {
  IrValue only = 0;
  for (uint32_t i = cleanup->incoming_start[block]; i < cleanup->incoming_start[block + 1]; i++) {
    IrValue value = argument(cleanup, cleanup->incoming[i], index);
    if (value != param && value != only) {
      if (only != 0) {
        return 0;
      }
      only = value;
    }
  }
  return only;
}

static void forward_trivial_params(Cleanup *cleanup) {
  IrFunction *function = cleanup->function;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = 1; i < cleanup->flow.count; i++) {
      IrBlockId id = cleanup->flow.order[i];
      const IrBlock *block = ir_block(function, id);
      for (uint32_t p = 0; p < block->params.count; p++) {
        IrValue param = block->params.items[p];
        if (function->values.items[param].forward != 0) {
          continue;
        }
        IrValue only = only_argument(cleanup, id, p, param);
        if (only != 0 &&
            ir_is_subtype(cleanup->module, ir_type_of(function, only), ir_type_of(function, param))) {
          function->values.items[param].forward = only;
          changed = true;
        }
      }
    }
  }
}

// A block whose only way in is the unconditional end of another continues that one.
static void merge_chains(Cleanup *cleanup) {
  IrFunction *function = cleanup->function;
  for (uint32_t i = 0; i < cleanup->flow.count; i++) {
    IrBlockId id = cleanup->flow.order[i];
    IrBlock *block = ir_block(function, id);
    while (block->terminator != 0 && ir_inst(function, block->terminator)->opcode == IR_BR) {
      IrBlockId next = block->edges.items[0].target;
      if (cleanup->incoming_start[next + 1] - cleanup->incoming_start[next] != 1 || next == id) {
        break;
      }
      IrBlock *tail = ir_block(function, next);
      for (uint32_t p = 0; p < tail->params.count; p++) {
        ir_replace(function, tail->params.items[p], block->edges.items[0].args.items[p]);
      }
      for (uint32_t k = 0; k < tail->insts.count; k++) {
        VECTOR_PUSH(&cleanup->module->arena, &block->insts, tail->insts.items[k]);
      }
      block->terminator = tail->terminator;
      block->edges.items = tail->edges.items;
      block->edges.count = tail->edges.count;
      block->edges.capacity = tail->edges.capacity;
      *tail = (IrBlock){.sealed = true};
      cleanup->merged[next] = id;
    }
  }
}

static void mark(Cleanup *cleanup, IrValue value) {
  if (!bits_has(cleanup->live, value)) {
    bits_add(cleanup->live, value);
    VECTOR_PUSH(cleanup->scratch, &cleanup->work, value);
  }
}

// Rewrites an instruction's operands by the replacements and marks them live.
static void mark_operands(Cleanup *cleanup, IrInst *inst) {
  IrValue *operands = ir_operands(cleanup->function, inst);
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    operands[i] = ir_resolve(cleanup->function, operands[i]);
    mark(cleanup, operands[i]);
  }
}

static bool is_removable(const Cleanup *cleanup, const IrInst *inst) {
  const uint32_t harmless = IR_READS_HEAP | IR_READS_GLOBAL | IR_READS_MEMORY | IR_ALLOCATES;
  return (ir_inst_effects(cleanup->module, cleanup->function, inst) & ~harmless) == 0;
}

static void mark_live(Cleanup *cleanup) {
  IrFunction *function = cleanup->function;
  cleanup->param_index = ARENA_ARRAY(cleanup->scratch, uint32_t, function->values.count);
  for (uint32_t i = 0; i < cleanup->flow.count; i++) {
    IrBlock *block = ir_block(function, cleanup->flow.order[i]);
    if (block->terminator == 0) {
      continue; // merged
    }
    for (uint32_t p = 0; p < block->params.count; p++) {
      cleanup->param_index[block->params.items[p]] = p;
    }
    for (uint32_t k = 0; k < block->insts.count; k++) {
      IrInst *inst = ir_inst(function, block->insts.items[k]);
      if (!is_removable(cleanup, inst)) {
        mark_operands(cleanup, inst);
      }
    }
    mark_operands(cleanup, ir_inst(function, block->terminator));
  }
  while (cleanup->work.count > 0) {
    IrValue value = cleanup->work.items[--cleanup->work.count];
    const IrValueInfo *info = &function->values.items[value];
    if (info->inst != 0) {
      mark_operands(cleanup, ir_inst(function, info->inst));
      continue;
    }
    if (info->block == 1) {
      continue;
    }
    uint32_t index = cleanup->param_index[value];
    for (uint32_t i = cleanup->incoming_start[info->block]; i < cleanup->incoming_start[info->block + 1];
         i++) {
      mark(cleanup, argument(cleanup, cleanup->incoming[i], index));
    }
  }
}

static bool inst_is_live(const Cleanup *cleanup, const IrInst *inst) {
  if (!is_removable(cleanup, inst)) {
    return true;
  }
  for (uint32_t r = 0; r < inst->result_count; r++) {
    if (bits_has(cleanup->live, inst->result + r)) {
      return true;
    }
  }
  return false;
}

// A replacement may have a narrower type than what it replaces, and some results have their operand's type.
static void refine_result(const Cleanup *cleanup, const IrInst *inst) {
  if (inst->opcode == IR_REF_AS_NON_NULL || inst->opcode == IR_ANY_CONVERT_EXTERN ||
      inst->opcode == IR_EXTERN_CONVERT_ANY) {
    cleanup->function->values.items[inst->result].type =
        ir_expected_result(cleanup->module, cleanup->function, inst, 0);
  }
}

static void sweep(Cleanup *cleanup) {
  IrFunction *function = cleanup->function;
  for (uint32_t i = 0; i < cleanup->flow.count; i++) {
    IrBlockId id = cleanup->flow.order[i];
    IrBlock *block = ir_block(function, id);
    if (block->terminator == 0) {
      continue;
    }
    uint32_t kept = 0;
    for (uint32_t k = 0; k < block->insts.count; k++) {
      const IrInst *inst = ir_inst(function, block->insts.items[k]);
      if (inst_is_live(cleanup, inst)) {
        refine_result(cleanup, inst);
        block->insts.items[kept++] = block->insts.items[k];
      }
    }
    block->insts.count = kept;
    block->pred.count = 0;
    for (uint32_t in = cleanup->incoming_start[id]; in < cleanup->incoming_start[id + 1]; in++) {
      Incoming from = cleanup->incoming[in];
      VECTOR_PUSH(&cleanup->module->arena, &block->pred, source(cleanup, from));
      IrEdge *edge = &ir_block(function, source(cleanup, from))->edges.items[from.edge];
      uint32_t args = 0;
      for (uint32_t p = 0; p < block->params.count; p++) {
        if (bits_has(cleanup->live, block->params.items[p])) {
          edge->args.items[args++] = ir_resolve(function, edge->args.items[p]);
        }
      }
      edge->args.count = args;
    }
    if (id == 1) {
      continue; // the function's own parameters stay
    }
    kept = 0;
    for (uint32_t p = 0; p < block->params.count; p++) {
      if (bits_has(cleanup->live, block->params.items[p])) {
        block->params.items[kept++] = block->params.items[p];
      }
    }
    block->params.count = kept;
  }
}

void ir_cleanup(IrModule *module, IrFunctionId id) {
  Arena scratch;
  arena_init(&scratch);
  IrFunction *function = ir_function(module, id);
  Cleanup cleanup = {.module = module, .function = function, .scratch = &scratch};
  cleanup.flow = ir_flow(&scratch, function);
  drop_unreachable(&cleanup);
  collect_incoming(&cleanup);
  cleanup.merged = ARENA_ARRAY(&scratch, IrBlockId, function->blocks.count);
  forward_trivial_params(&cleanup);
  merge_chains(&cleanup);
  cleanup.live = bits_new(&scratch, function->values.count);
  mark_live(&cleanup);
  sweep(&cleanup);
  arena_free(&scratch);
}
