// trait-dispatch-devirtualization: calls whose target follows from the objects that can be there (spec 10
// §10.7, §12.4).
//
// A call through a reference to code that can only be one function calls that function. A dispatcher, a
// function that begins with a test of a parameter (trait calls, fields of records, matches), takes the place
// of its call where the argument decides the test; the next round of exact-receiver-propagation drops the
// arms that do not count.
#include "passes/inline_call.h"
#include "passes/objects.h"
#include "passes/pass.h"

typedef struct Devirtualization {
  IrModule *module;
  Arena scratch;
  const Objects *objects;
  uint32_t *tested; // by IrFunctionId: the parameter that the function begins with a test of, plus one
  uint32_t calls;   // made direct
} Devirtualization;

static bool is_call(const IrInst *inst) {
  return inst->opcode == IR_CALL || inst->opcode == IR_TAIL_CALL;
}

// ---------------------------------------------------------------------------------------------- dispatchers

static IrValue first_condition(const IrFunction *function) {
  const IrInst *end = ir_terminator(function, 1);
  return end->opcode == IR_BR_IF || end->opcode == IR_SWITCH ? ir_operands(function, end)[0] : 0;
}

static uint32_t tested_parameter(const Devirtualization *state, IrFunctionId id) {
  const IrFunction *function = ir_function(state->module, id);
  IrValue condition = function->blocks.count > 1 ? first_condition(function) : 0;
  IrValue tested = condition == 0 ? 0 : objects_tested(state->objects, id, condition);
  const IrValues *params = &ir_block(function, 1)->params;
  for (uint32_t i = 0; tested != 0 && i < params->count; i++) {
    if (params->items[i] == tested) {
      return i + 1;
    }
  }
  return 0;
}

// Does it call a function that begins with a test? Then it is not inlined: there would be no end to it.
static bool calls_dispatcher(const Devirtualization *state, IrFunctionId id) {
  const IrFunction *function = ir_function(state->module, id);
  for (IrBlockId block_id = 1; block_id < function->blocks.count; block_id++) {
    const IrBlock *block = ir_block(function, block_id);
    for (uint32_t i = 0; block->terminator != 0 && i <= block->insts.count; i++) {
      const IrInst *inst =
          ir_inst(function, i < block->insts.count ? block->insts.items[i] : block->terminator);
      if (is_call(inst) && state->tested[inst->a] != 0) {
        return true;
      }
    }
  }
  return false;
}

static void find_dispatchers(Devirtualization *state) {
  uint32_t count = state->module->functions.count;
  state->tested = ARENA_ARRAY(&state->scratch, uint32_t, count);
  for (IrFunctionId id = 1; id < count; id++) {
    state->tested[id] = tested_parameter(state, id);
  }
  bool *nested = ARENA_ARRAY(&state->scratch, bool, count);
  for (IrFunctionId id = 1; id < count; id++) {
    nested[id] = state->tested[id] != 0 && calls_dispatcher(state, id);
  }
  for (IrFunctionId id = 1; id < count; id++) {
    state->tested[id] = nested[id] ? 0 : state->tested[id];
  }
}

// Do the arguments of a call decide the test that its callee begins with?
static bool is_decided(const Devirtualization *state, IrFunctionId caller, const IrInst *inst) {
  if (!is_call(inst) || inst->a == caller || state->tested[inst->a] == 0) {
    return false;
  }
  uint32_t index = state->tested[inst->a] - 1;
  const IrFunction *callee = ir_function(state->module, inst->a);
  IrValue argument = ir_operands(ir_function(state->module, caller), inst)[index];
  ObjectAssumption assumed = {ir_block(callee, 1)->params.items[index],
                              objects_of(state->objects, caller, argument)};
  uint32_t value;
  return objects_decide(state->objects, inst->a, first_condition(callee), assumed, &value);
}

// ----------------------------------------------------------------------------------------- calls of closures

// The only function that a call through a reference can reach, or 0.
static IrFunctionId only_target(const Devirtualization *state, IrFunctionId caller, const IrInst *inst) {
  if (inst->opcode != IR_CALL_REF && inst->opcode != IR_TAIL_CALL_REF) {
    return 0;
  }
  IrValue callee = ir_operands(ir_function(state->module, caller), inst)[inst->operand_count - 1];
  const ObjectSet *set = objects_of(state->objects, caller, callee);
  if (set->count != 1 || set->null) {
    return 0;
  }
  ObjectKind kind = objects_kind(state->objects, set->kinds[0]);
  return kind.heap == inst->a ? kind.value : 0;
}

// --------------------------------------------------------------------------------------------------
// rewriting

static void rewrite(Devirtualization *state, IrFunctionId id) {
  IrFunction *function = ir_function(state->module, id);
  uint32_t before = state->calls, blocks = function->blocks.count;
  for (IrBlockId block = 1; block < blocks; block++) {
    IrBlockId at = block;
    for (uint32_t i = 0; ir_block(function, at)->terminator != 0 && i <= ir_block(function, at)->insts.count;
         i++) {
      const IrBlock *here = ir_block(function, at);
      bool tail = i == here->insts.count;
      IrInst *inst = ir_inst(function, tail ? here->terminator : here->insts.items[i]);
      IrFunctionId target = only_target(state, id, inst);
      if (target != 0) {
        inst->opcode = inst->opcode == IR_CALL_REF ? IR_CALL : IR_TAIL_CALL;
        inst->a = target;
        inst->operand_count--;
        state->calls++;
      } else if (is_decided(state, id, inst)) {
        IrBlockId after = function->blocks.count; // made first, unless the call is a tail call
        ir_inline_call(state->module, &state->scratch, id, at, i);
        state->calls++;
        if (tail) {
          break;
        }
        at = after;
        i = UINT32_MAX; // goes on at its first instruction
      }
    }
  }
  if (state->calls > before) {
    ir_cleanup(state->module, id);
  }
}

void pass_devirtualization(PassRun *run) {
  Devirtualization state = {.module = run->module};
  arena_init(&state.scratch);
  state.objects = objects_find(run->module, &state.scratch);
  find_dispatchers(&state);
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    rewrite(&state, id);
  }
  run->changed = state.calls > 0;
  pass_metric(run, "devirtualized_calls", state.calls);
  arena_free(&state.scratch);
}
