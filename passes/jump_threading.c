// jump-threading: an edge goes straight to where the block behind it would send it.
//
// Where a block only decides by what its parameters are, and the edge gives it constants, the edge takes the
// outcome: `next` of an iterator gives presence and value, and the loop asks for the presence at once. A
// block that does nothing is passed over as well. The block's few instructions are copied along; values of it
// that are used further down now have several definitions, which ir_repair joins. Loop headers stay: an edge
// past one would give the loop a second entrance.
#include "passes/pass.h"
#include "passes/simplify.h"

enum { COPIED_MOST = 4, ROUNDS_MOST = 16 };

typedef struct Threading {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  Arena scratch;
  IrFlow flow;
  IrBlockId *definer;       // by value: the block that defines it, if threaded; or 0
  uint32_t *index;          // by value: its place among the block's parameters, then among its results
  uint32_t *variables;      // by value: its variable + 1, or 0
  uint32_t values;          // before the round
  IrValues copied;          // values that have variables
  VECTOR(IrBlockId) copies; // blocks made this round, and what they are copies of
  VECTOR(IrBlockId) originals;
  uint32_t threaded, skipped;
} Threading;

// ------------------------------------------------------------------------------------------------ the
// decision

static bool may_copy(const Threading *state, const IrBlock *block) {
  if (block->insts.count > COPIED_MOST) {
    return false;
  }
  for (uint32_t i = 0; i < block->insts.count; i++) {
    const IrInst *inst = ir_inst(state->function, block->insts.items[i]);
    if (inst->result_count != 1 || ir_inst_effects(state->module, state->function, inst) != IR_PURE) {
      return false;
    }
  }
  return true;
}

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

// ------------------------------------------------------------------------------------------------- the
// copies

// Marks a block's values, so that uses elsewhere are found.
static void mark_values(Threading *state, IrBlockId id) {
  const IrBlock *block = ir_block(state->function, id);
  uint32_t index = 0;
  for (uint32_t p = 0; p < block->params.count; p++) {
    state->definer[block->params.items[p]] = id;
    state->index[block->params.items[p]] = index++;
  }
  for (uint32_t i = 0; i < block->insts.count; i++) {
    IrValue result = ir_inst(state->function, block->insts.items[i])->result;
    state->definer[result] = id;
    state->index[result] = index++;
  }
}

// The value at place `index` of a block: its parameters, then the results of its instructions.
static IrValue value_at(const Threading *state, IrBlockId id, uint32_t index) {
  const IrBlock *block = ir_block(state->function, id);
  return index < block->params.count
             ? block->params.items[index]
             : ir_inst(state->function, block->insts.items[index - block->params.count])->result;
}

static IrValue in_copy(const Threading *state, IrBlockId original, IrBlockId copy, IrValue value) {
  bool own = value < state->values && state->definer[value] == original;
  return own ? value_at(state, copy, state->index[value]) : value;
}

// A copy of block `id` that goes on along its edge `taken`.
static IrBlockId copy_block(Threading *state, IrBlockId id, uint32_t taken) {
  IrFunction *function = state->function;
  IrBlockId copy = ir_add_block(state->module, state->id);
  for (uint32_t p = 0; p < ir_block(function, id)->params.count; p++) {
    ir_add_param(state->module, state->id, copy,
                 ir_type_of(function, ir_block(function, id)->params.items[p]));
  }
  for (uint32_t i = 0; i < ir_block(function, id)->insts.count; i++) {
    IrInst inst = *ir_inst(function, ir_block(function, id)->insts.items[i]);
    IrValues operands = {0};
    for (uint32_t o = 0; o < inst.operand_count; o++) {
      VECTOR_PUSH(&state->scratch, &operands, in_copy(state, id, copy, ir_operands(function, &inst)[o]));
    }
    ir_insert(state->module, state->id, copy, i, inst, operands.items, operands.count,
              ir_type_of(function, inst.result));
  }
  const IrEdge *original = &ir_block(function, id)->edges.items[taken];
  IrEdge edge = {.target = original->target};
  for (uint32_t a = 0; a < original->args.count; a++) {
    VECTOR_PUSH(&state->module->arena, &edge.args, in_copy(state, id, copy, original->args.items[a]));
  }
  ir_end_with(state->module, state->id, copy, IR_BR, &edge, ir_terminator(function, id)->origin);
  VECTOR_PUSH(&state->scratch, &state->copies, copy);
  VECTOR_PUSH(&state->scratch, &state->originals, id);
  return copy;
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
      uint32_t taken = state->flow.loop_header[through] || !may_copy(state, ir_block(function, through))
                           ? UINT32_MAX
                           : outcome(state, through, &from->edges.items[e].args);
      if (taken != UINT32_MAX) {
        VECTOR_PUSH(&state->scratch, &threads, (Thread){state->flow.order[b], through, e, taken});
        mark_values(state, through);
      }
    }
  }
  for (uint32_t i = 0; i < threads.count; i++) {
    Thread thread = threads.items[i];
    IrBlockId copy = copy_block(state, thread.through, thread.taken);
    ir_block(function, thread.from)->edges.items[thread.edge].target = copy;
  }
  state->threaded += threads.count;
  return threads.count > 0;
}

// -------------------------------------------------------------------------------------------------- the
// repair

// Gives `value` a variable if it is used outside of the block that was copied.
static void note_use(Threading *state, IrRepair *repair, IrValue value, IrBlockId block) {
  if (value < state->values && state->definer[value] != 0 && state->definer[value] != block &&
      state->variables[value] == 0) {
    IrVar var = ir_repair_var(repair, ir_type_of(state->function, value));
    state->variables[value] = var + 1;
    ir_repair_define(repair, var, state->definer[value], value);
    VECTOR_PUSH(&state->scratch, &state->copied, value);
  }
}

static IrValue repaired(Threading *state, IrRepair *repair, IrValue value, IrBlockId block) {
  bool elsewhere = value < state->values && state->variables[value] != 0 && state->definer[value] != block;
  return elsewhere ? ir_repair_read(repair, state->variables[value] - 1, block) : value;
}

static const IrInst *inst_at(const IrFunction *function, IrBlockId id, uint32_t at) {
  const IrBlock *block = ir_block(function, id);
  return ir_inst(function, at < block->insts.count ? block->insts.items[at] : block->terminator);
}

static void note_uses(Threading *state, IrRepair *repair, IrBlockId id) {
  const IrFunction *function = state->function;
  for (uint32_t i = 0; i <= ir_block(function, id)->insts.count; i++) {
    const IrInst *inst = inst_at(function, id, i);
    for (uint32_t o = 0; o < inst->operand_count; o++) {
      note_use(state, repair, ir_operands(function, inst)[o], id);
    }
  }
  for (uint32_t e = 0; e < ir_block(function, id)->edges.count; e++) {
    const IrValues *args = &ir_block(function, id)->edges.items[e].args;
    for (uint32_t a = 0; a < args->count; a++) {
      note_use(state, repair, args->items[a], id);
    }
  }
}

// Reading makes parameters, here and elsewhere, so nothing is held across it.
static void repair_uses(Threading *state, IrRepair *repair, IrBlockId id) {
  IrFunction *function = state->function;
  for (uint32_t i = 0; i <= ir_block(function, id)->insts.count; i++) {
    for (uint32_t o = 0; o < inst_at(function, id, i)->operand_count; o++) {
      IrValue value = repaired(state, repair, ir_operands(function, inst_at(function, id, i))[o], id);
      ir_operands(function, inst_at(function, id, i))[o] = value;
    }
  }
  for (uint32_t e = 0; e < ir_block(function, id)->edges.count; e++) {
    for (uint32_t a = 0; a < ir_block(function, id)->edges.items[e].args.count; a++) {
      IrValue value = repaired(state, repair, ir_block(function, id)->edges.items[e].args.items[a], id);
      ir_block(function, id)->edges.items[e].args.items[a] = value;
    }
  }
}

static void repair_all(Threading *state) {
  IrRepair repair;
  ir_repair_begin(&repair, state->module, state->id, &state->scratch);
  IrFlow flow = ir_flow(&state->scratch, state->function);
  for (uint32_t b = 0; b < flow.count; b++) {
    note_uses(state, &repair, flow.order[b]);
  }
  for (uint32_t i = 0; i < state->copied.count; i++) {
    IrValue value = state->copied.items[i];
    for (uint32_t c = 0; c < state->copies.count; c++) {
      if (state->originals.items[c] == state->definer[value]) {
        ir_repair_define(&repair, state->variables[value] - 1, state->copies.items[c],
                         value_at(state, state->copies.items[c], state->index[value]));
      }
    }
  }
  for (uint32_t b = 0; b < flow.count && state->copied.count > 0; b++) {
    repair_uses(state, &repair, flow.order[b]);
  }
}

static bool thread_round(Threading *state) {
  arena_init(&state->scratch);
  state->flow = ir_flow(&state->scratch, state->function);
  state->values = state->function->values.count;
  state->definer = ARENA_ARRAY(&state->scratch, IrBlockId, state->values);
  state->index = ARENA_ARRAY(&state->scratch, uint32_t, state->values);
  state->variables = ARENA_ARRAY(&state->scratch, uint32_t, state->values);
  memset(&state->copied, 0, sizeof state->copied);
  memset(&state->copies, 0, sizeof state->copies);
  memset(&state->originals, 0, sizeof state->originals);
  bool skips = skip_empty_blocks(state), threads = !skips && thread_edges(state);
  if (threads) {
    repair_all(state);
  }
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
