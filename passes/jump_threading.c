// jump-threading: an edge goes straight to where the block behind it would send it.
//
// Where a block only decides by what its parameters are, and the edge gives it constants, the edge takes the
// outcome: `next` of an iterator gives presence and value, and the loop asks for the presence at once. A
// block that does nothing is passed over as well. The block's few instructions are copied along; values of it
// that are used further down now have several definitions, which ir_repair joins. Loop headers stay: an edge
// past one would give the loop a second entrance.
#include "passes/block_copies.h"
#include "passes/pass.h"
#include "passes/simplify.h"

enum { ROUNDS_MOST = 16 };

typedef struct Threading {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  Arena scratch;
  IrFlow flow;
  uint32_t threaded, skipped;
} Threading;

// ------------------------------------------------------------------------------------------- the decision

// The place of a value among the parameters of a block, or UINT32_MAX.
static uint32_t param_place(const IrBlock *block, IrValue value) {
  for (uint32_t p = 0; p < block->params.count; p++) {
    if (block->params.items[p] == value) {
      return p;
    }
  }
  return UINT32_MAX;
}

static bool known_reference(const Threading *state, IrValue value, int64_t *is_null) {
  const IrInst *inst = definition_of(state->function, value);
  *is_null = inst != NULL && inst->opcode == IR_REF_NULL;
  return *is_null || !ir_type_is_nullable(ir_type_of(state->function, value));
}

// What `value` is in `block` when it is entered by an edge with `args`: a constant, or false.
static bool value_along(const Threading *state, const IrBlock *block, const IrValues *args, IrValue value,
                        int64_t *bits) {
  uint32_t place = param_place(block, value);
  if (place != UINT32_MAX) {
    return constant_of(state->function, args->items[place], bits);
  }
  if (constant_of(state->function, value, bits)) {
    return true;
  }
  const IrInst *inst = definition_of(state->function, value);
  bool here = false;
  for (uint32_t i = 0; i < block->insts.count; i++) {
    here |= ir_inst(state->function, block->insts.items[i]) == inst;
  }
  if (!here || inst->operand_count == 0) {
    return false;
  }
  IrValue first = ir_operands(state->function, inst)[0];
  if (inst->opcode == IR_REF_IS_NULL) {
    place = param_place(block, first);
    return place != UINT32_MAX && known_reference(state, args->items[place], bits);
  }
  int64_t left, right = 0;
  return ir_opcode_info((IrOpcode)inst->opcode)->numeric && value_along(state, block, args, first, &left) &&
         (inst->operand_count == 1 ||
          value_along(state, block, args, ir_operands(state->function, inst)[1], &right)) &&
         fold_operation((IrOpcode)inst->opcode, left, right, bits);
}

// The edge of `id` that is taken after entering it with `args`, or UINT32_MAX.
static uint32_t outcome(const Threading *state, IrBlockId id, const IrValues *args) {
  const IrBlock *block = ir_block(state->function, id);
  const IrInst *terminator = ir_inst(state->function, block->terminator);
  int64_t bits;
  switch ((IrOpcode)terminator->opcode) {
  case IR_BR_IF:
    return value_along(state, block, args, ir_operands(state->function, terminator)[0], &bits) ? bits == 0
                                                                                               : UINT32_MAX;
  case IR_SWITCH:
    if (value_along(state, block, args, ir_operands(state->function, terminator)[0], &bits)) {
      uint32_t last = block->edges.count - 1;
      return (uint32_t)bits < last ? (uint32_t)bits : last;
    }
    return UINT32_MAX;
  default:
    return UINT32_MAX;
  }
}

typedef struct Thread {
  IrBlockId from, through;
  uint32_t edge, taken;
} Thread;

// -------------------------------------------------------------------------------------------- empty blocks

// Does a block only pass its parameters on? Values of a block that does nothing can be used elsewhere only if
// it comes before a loop, and there it stays. So does one that would have to give the same values at several
// edges.
static bool only_passes_on(const Threading *state, IrBlockId id) {
  const IrBlock *block = ir_block(state->function, id);
  if (block->insts.count > 0 || ir_inst(state->function, block->terminator)->opcode != IR_BR || id == 1 ||
      state->flow.loop_header[id] || state->flow.idom[block->edges.items[0].target] == id) {
    return false;
  }
  bool own = true;
  for (uint32_t a = 0; a < block->edges.items[0].args.count; a++) {
    own &= param_place(block, block->edges.items[0].args.items[a]) != UINT32_MAX;
  }
  return own || block->pred.count == 1;
}

static bool skip_empty_blocks(Threading *state) {
  IrFunction *function = state->function;
  bool changed = false;
  for (uint32_t b = 0; b < state->flow.count; b++) {
    IrBlock *from = ir_block(function, state->flow.order[b]);
    for (uint32_t e = 0; e < from->edges.count; e++) {
      IrEdge *edge = &from->edges.items[e];
      const IrBlock *through = ir_block(function, edge->target);
      if (!only_passes_on(state, edge->target)) {
        continue;
      }
      IrValues args = {0};
      for (uint32_t a = 0; a < through->edges.items[0].args.count; a++) {
        IrValue passed = through->edges.items[0].args.items[a];
        uint32_t place = param_place(through, passed);
        VECTOR_PUSH(&state->module->arena, &args, place == UINT32_MAX ? passed : edge->args.items[place]);
      }
      edge->target = through->edges.items[0].target;
      edge->args.items = args.items;
      edge->args.count = args.count;
      edge->args.capacity = args.capacity;
      state->skipped++;
      changed = true;
    }
  }
  return changed;
}

// ------------------------------------------------------------------------------------------------- the edges

static bool thread_edges(Threading *state) {
  IrFunction *function = state->function;
  VECTOR(Thread) threads = {0};
  for (uint32_t b = 0; b < state->flow.count; b++) {
    const IrBlock *from = ir_block(function, state->flow.order[b]);
    for (uint32_t e = 0; e < from->edges.count; e++) {
      IrBlockId through = from->edges.items[e].target;
      uint32_t taken = state->flow.loop_header[through] ||
                               !block_is_cheap(state->module, function, ir_block(function, through))
                           ? UINT32_MAX
                           : outcome(state, through, &from->edges.items[e].args);
      if (taken != UINT32_MAX) {
        VECTOR_PUSH(&state->scratch, &threads, (Thread){state->flow.order[b], through, e, taken});
      }
    }
  }
  if (threads.count > 0) {
    BlockCopies copies;
    block_copies_begin(&copies, state->module, state->id, &state->scratch);
    for (uint32_t i = 0; i < threads.count; i++) {
      Thread thread = threads.items[i];
      IrBlockId copy = block_copies_add(&copies, thread.through, thread.taken);
      ir_block(function, thread.from)->edges.items[thread.edge].target = copy;
    }
    block_copies_end(&copies);
  }
  state->threaded += threads.count;
  return threads.count > 0;
}

static bool thread_round(Threading *state) {
  arena_init(&state->scratch);
  state->flow = ir_flow(&state->scratch, state->function);
  bool skips = skip_empty_blocks(state), threads = !skips && thread_edges(state);
  arena_free(&state->scratch);
  return skips || threads;
}

void pass_jump_threading(PassRun *run) {
  Threading state = {.module = run->module};
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    state.id = id;
    state.function = ir_function(run->module, id);
    for (uint32_t round = 0; state.function->blocks.count > 1 && round < ROUNDS_MOST; round++) {
      if (!thread_round(&state)) {
        break;
      }
      ir_cleanup(run->module, id);
      simplify_function(run->module, id);
      run->changed = true;
    }
  }
  pass_metric(run, "edges", state.threaded);
  pass_metric(run, "empty_blocks", state.skipped);
}
