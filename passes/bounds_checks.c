// bounds-check-elimination: comparisons whose outcome follows from other comparisons (spec 10 §12.7).
//
// An access by index asks whether the index counts from the end and whether it is below the count; in a loop
// over a range both are known (ranges.h). What is proven becomes a constant. The engine's own check of an
// access stays, so nothing rests on this pass for safety.
//
// A counter of a range is an i64, which can go past the last i32 (std/range). Where it does not, it becomes
// an i32: then it, the index and the array's count are numbers of one kind for what comes after.
#include "passes/pass.h"
#include "passes/ranges.h"
#include "passes/simplify.h"

typedef struct Checks {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  Ranges *ranges;
  uint32_t comparisons, removed, narrowed;
} Checks;

static bool asks(Checks *state, IrValue x, IrValue y, int64_t offset, IrBlockId block) {
  return ranges_prove(state->ranges, x, y, offset, (Place){block, AT_END});
}

// Makes the condition of a branch a constant if it is one.
static bool decide(Checks *state, IrBlockId id) {
  const IrInst *terminator = ir_terminator(state->function, id);
  if (terminator->opcode != IR_BR_IF) {
    return false;
  }
  const IrInst *condition = definition_of(state->function, ir_operands(state->function, terminator)[0]);
  Comparison comparison = condition == NULL ? (Comparison){0} : ranges_comparison(state->function, condition);
  if (!comparison.known) {
    return false;
  }
  state->comparisons++;
  IrValue left = comparison.left, right = comparison.right;
  bool holds = !comparison.equality && asks(state, left, right, comparison.offset, id);
  bool fails =
      !holds && (comparison.equality ? asks(state, left, right, -1, id) || asks(state, right, left, -1, id)
                                     : asks(state, right, left, -comparison.offset - 1, id));
  if (!holds && !fails) {
    return false;
  }
  IrInst constant = {.opcode = IR_I32_CONST, .bits = holds, .origin = terminator->origin};
  IrValue value = ir_insert(state->module, state->id, 1, 0, constant, NULL, 0, IR_I32);
  ir_operands(state->function, ir_terminator(state->function, id))[0] = value;
  state->removed++;
  return true;
}

// ------------------------------------------------------------------------------------------------ the
// counters

// Gives the edges to a block the argument of its new last parameter: that of parameter `index`, narrowed.
static void narrow_arguments(Checks *state, const IrFlow *flow, IrBlockId block, uint32_t index) {
  IrFunction *function = state->function;
  for (uint32_t b = 0; b < flow->count; b++) {
    IrBlockId from = flow->order[b];
    for (uint32_t e = 0; e < ir_block(function, from)->edges.count; e++) {
      const IrEdge *edge = &ir_block(function, from)->edges.items[e];
      if (edge->target == block) {
        IrInst wrap = {.opcode = IR_I32_WRAP_I64, .origin = ir_terminator(function, from)->origin};
        IrValue value = ir_insert(state->module, state->id, from, ir_block(function, from)->insts.count, wrap,
                                  (IrValue[]){edge->args.items[index]}, 1, IR_I32);
        VECTOR_PUSH(&state->module->arena, &ir_block(function, from)->edges.items[e].args, value);
      }
    }
  }
}

// Replaces a parameter of i64 that always fits by one of i32, widened.
static bool narrow(Checks *state, const IrFlow *flow, IrBlockId id, uint32_t index) {
  IrValue wide = ir_block(state->function, id)->params.items[index];
  Place start = {id, AT_START};
  if (ir_type_of(state->function, wide) != IR_I64 ||
      !ranges_prove(state->ranges, wide, 0, INT32_MAX, start) ||
      !ranges_prove(state->ranges, 0, wide, -(int64_t)INT32_MIN, start)) {
    return false;
  }
  IrValue narrowed = ir_add_param(state->module, state->id, id, IR_I32);
  narrow_arguments(state, flow, id, index);
  IrInst extend = {.opcode = IR_I64_EXTEND_I32_S, .origin = ir_terminator(state->function, id)->origin};
  IrValue value = ir_insert(state->module, state->id, id, 0, extend, (IrValue[]){narrowed}, 1, IR_I64);
  ir_replace(state->function, wide, value);
  state->narrowed++;
  return true;
}

static bool narrow_counters(Checks *state, Arena *scratch) {
  IrFlow flow = ir_flow(scratch, state->function);
  bool changed = false;
  for (uint32_t b = 1; b < flow.count; b++) {
    IrBlockId id = flow.order[b];
    uint32_t params = flow.loop_header[id] ? ir_block(state->function, id)->params.count : 0;
    for (uint32_t p = 0; p < params; p++) {
      changed |= narrow(state, &flow, id, p);
    }
  }
  return changed;
}

static bool improve(Checks *state) {
  Arena scratch;
  arena_init(&scratch);
  state->ranges = ranges_of(state->module, state->id, &scratch);
  // A decided branch keeps its edges until the end, so every decision sees the same graph.
  IrFlow flow = ir_flow(&scratch, state->function);
  bool changed = false;
  for (uint32_t b = 0; b < flow.count; b++) {
    changed |= decide(state, flow.order[b]);
  }
  changed |= narrow_counters(state, &scratch);
  arena_free(&scratch);
  return changed;
}

void pass_bounds_checks(PassRun *run) {
  Checks state = {.module = run->module};
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    state.id = id;
    state.function = ir_function(run->module, id);
    // What is removed makes one value of several, and these answer further questions.
    while (state.function->blocks.count > 2 && improve(&state)) {
      simplify_function(run->module, id);
      run->changed = true;
    }
  }
  pass_metric(run, "comparisons", state.comparisons);
  pass_metric(run, "removed", state.removed);
  pass_metric(run, "narrowed_counters", state.narrowed);
}
