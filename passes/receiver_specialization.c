// receiver-specialization: copies of functions for the closures they are given (spec 10 §9, §10.6).
//
// A function that calls its parameter, or hands it to one that does, gets a copy for calls whose argument can
// only be a closure of one code. In the copy the call is direct and can be inlined. Small functions and those
// with one caller were inlined before and never get here.
#include "passes/objects.h"
#include "passes/pass.h"
#include "perf/perf.h"

// Spec 10 §9: the reservation of receivers.
enum {
  CONTEXTS_PER_FUNCTION = 4,
  CONTEXTS_PER_PROGRAM = 128,
  BODY_NODES = 25000,
  PARAMETERS_PER_CONTEXT = 2
};

// The parameters of a copy that are known to be one kind of object.
typedef struct Receivers {
  uint32_t count;
  uint32_t parameters[PARAMETERS_PER_CONTEXT];
  ObjectKind kinds[PARAMETERS_PER_CONTEXT];
} Receivers;

// A function whose calls are looked at. Of a copy made now nothing is known but its receivers and what is
// known of its original, whose values it has.
typedef struct Code {
  IrFunctionId function, original, base;
  Receivers receivers;
} Code;

typedef struct Specialization {
  IrModule *module;
  Arena scratch;
  const Objects *objects;
  uint32_t known; // functions that there are facts about
  uint64_t
      *called; // by IrFunctionId: its first 64 parameters, those that it calls and that can be several things
  VECTOR(Code) admitted;  // copies made now
  uint32_t clones, nodes; // in the program
  uint32_t requested, reused;
} Specialization;

static bool is_call(const IrInst *inst) {
  return inst->opcode == IR_CALL || inst->opcode == IR_TAIL_CALL;
}

static const IrInst *definition(const IrFunction *function, IrValue value) {
  IrInstId inst = function->values.items[value].inst;
  return inst == 0 ? NULL : ir_inst(function, inst);
}

// The parameter that a value is, casts aside, plus one; or 0.
static uint32_t parameter_of(const IrFunction *function, IrValue value) {
  const IrInst *inst = definition(function, value);
  while (inst != NULL && (inst->opcode == IR_REF_CAST || inst->opcode == IR_REF_AS_NON_NULL)) {
    value = ir_operands(function, inst)[0];
    inst = definition(function, value);
  }
  const IrValues *params = &ir_block(function, 1)->params;
  for (uint32_t i = 0; i < params->count && i < 64; i++) {
    if (params->items[i] == value) {
      return i + 1;
    }
  }
  return 0;
}

static const ObjectSet *parameter_set(const Specialization *state, IrFunctionId id, uint32_t index) {
  return objects_of(state->objects, id, ir_block(ir_function(state->module, id), 1)->params.items[index]);
}

// ------------------------------------------------------------------------------------------------ who calls

// The parameters that an instruction calls, or hands to functions that call them.
static uint64_t called_by(const Specialization *state, const IrFunction *function, const IrInst *inst) {
  const IrValue *operands = ir_operands(function, inst);
  uint64_t called = 0;
  if (inst->opcode == IR_CALL_REF || inst->opcode == IR_TAIL_CALL_REF) {
    const IrInst *code = definition(function, operands[inst->operand_count - 1]);
    if (code != NULL && code->opcode == IR_STRUCT_GET && code->b == 0) {
      uint32_t parameter = parameter_of(function, ir_operands(function, code)[0]);
      called = parameter == 0 ? 0 : UINT64_C(1) << (parameter - 1);
    }
  } else if (is_call(inst) && state->called[inst->a] != 0) {
    for (uint32_t i = 0; i < inst->operand_count && i < 64; i++) {
      uint32_t parameter = state->called[inst->a] >> i & 1 ? parameter_of(function, operands[i]) : 0;
      called |= parameter == 0 ? 0 : UINT64_C(1) << (parameter - 1);
    }
  }
  return called;
}

static bool add_called(Specialization *state, IrFunctionId id) {
  const IrFunction *function = ir_function(state->module, id);
  uint64_t called = state->called[id];
  for (IrBlockId block_id = 1; block_id < function->blocks.count; block_id++) {
    const IrBlock *block = ir_block(function, block_id);
    for (uint32_t i = 0; block->terminator != 0 && i <= block->insts.count; i++) {
      called |=
          called_by(state, function,
                    ir_inst(function, i < block->insts.count ? block->insts.items[i] : block->terminator));
    }
  }
  for (uint32_t i = 0; called >> i != 0 && i < 64; i++) {
    if (called >> i & 1 && parameter_set(state, id, i)->count == 1) {
      called &= ~(UINT64_C(1) << i); // nothing to gain
    }
  }
  bool changed = called != state->called[id];
  state->called[id] = called;
  return changed;
}

static void find_called(Specialization *state) {
  state->called = ARENA_ARRAY(&state->scratch, uint64_t, state->known);
  for (bool changed = true; changed;) {
    changed = false;
    for (IrFunctionId id = 1; id < state->known; id++) {
      changed |= add_called(state, id);
    }
  }
}

// ------------------------------------------------------------------------------------------------ admission

// The only closure an argument can be; false if there is none or it can be several.
static bool find_receiver(const Specialization *state, const Code *code, IrValue argument, ObjectKind *kind) {
  uint32_t parameter = parameter_of(ir_function(state->module, code->function), argument);
  for (uint32_t i = 0; i < code->receivers.count; i++) {
    if (code->receivers.parameters[i] + 1 == parameter) {
      *kind = code->receivers.kinds[i];
      return true;
    }
  }
  const ObjectSet *set = objects_of(state->objects, code->original, argument);
  *kind = set->count == 1 ? objects_kind(state->objects, set->kinds[0]) : (ObjectKind){0};
  return kind->tag == OBJECT_TAG_CODE;
}

static Receivers receivers_of(const Specialization *state, const Code *code, const IrInst *call) {
  Receivers receivers = {0};
  for (uint32_t i = 0; i < call->operand_count && receivers.count < PARAMETERS_PER_CONTEXT; i++) {
    IrValue argument = ir_operands(ir_function(state->module, code->function), call)[i];
    if (i < 64 && state->called[call->a] >> i & 1 &&
        find_receiver(state, code, argument, &receivers.kinds[receivers.count])) {
      receivers.parameters[receivers.count++] = i;
    }
  }
  return receivers;
}

static bool same_kind(ObjectKind first, ObjectKind second) {
  return first.heap == second.heap && first.tag == second.tag && first.value == second.value;
}

static bool same_receivers(const Receivers *first, const Receivers *second) {
  bool same = first->count == second->count;
  for (uint32_t i = 0; same && i < first->count; i++) {
    same = first->parameters[i] == second->parameters[i] && same_kind(first->kinds[i], second->kinds[i]);
  }
  return same;
}

// Was a copy of an earlier run made for these receivers? Then nothing else comes to it.
static bool fits(const Specialization *state, IrFunctionId clone, const Receivers *receivers) {
  for (uint32_t i = 0; i < receivers->count; i++) {
    const ObjectSet *set = parameter_set(state, clone, receivers->parameters[i]);
    if (set->count != 1 || !same_kind(objects_kind(state->objects, set->kinds[0]), receivers->kinds[i])) {
      return false;
    }
  }
  return true;
}

static IrFunctionId find_clone(const Specialization *state, IrFunctionId base, const Receivers *receivers) {
  for (uint32_t i = 0; i < state->admitted.count; i++) {
    const Code *admitted = &state->admitted.items[i];
    if (admitted->base == base && same_receivers(&admitted->receivers, receivers)) {
      return admitted->function;
    }
  }
  for (IrFunctionId id = 1; id < state->known; id++) {
    const IrFunction *function = ir_function(state->module, id);
    if (function->base == base && fits(state, id, receivers)) {
      return id;
    }
  }
  return 0;
}

static uint32_t clones_of(const Specialization *state, IrFunctionId base) {
  uint32_t count = 0;
  for (IrFunctionId id = 1; id < state->module->functions.count; id++) {
    count += ir_function(state->module, id)->base == base;
  }
  return count;
}

static uint32_t nodes_of(const IrFunction *function) {
  uint32_t nodes = 1;
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    nodes += ir_block(function, id)->insts.count + (ir_block(function, id)->terminator != 0);
  }
  return nodes;
}

static bool is_admitted(Specialization *state, IrFunctionId base, uint32_t nodes) {
  PerfSession *perf = state->module->context->perf;
  if (clones_of(state, base) >= CONTEXTS_PER_FUNCTION) {
    PERF_COUNT(perf, SPECIALIZATION_RECEIVER_REJECTED_KIND_BUDGET, 1);
    return false;
  }
  if (state->clones >= CONTEXTS_PER_PROGRAM) {
    PERF_COUNT(perf, SPECIALIZATION_RECEIVER_REJECTED_PROGRAM_BUDGET, 1);
    return false;
  }
  if (state->nodes + nodes > BODY_NODES) {
    PERF_COUNT(perf, SPECIALIZATION_RECEIVER_REJECTED_CODE_SIZE_BUDGET, 1);
    return false;
  }
  PERF_COUNT(perf, SPECIALIZATION_RECEIVER_ADMITTED, 1);
  PERF_COUNT(perf, SPECIALIZATION_RECEIVER_ESTIMATED_BODY_NODES, nodes);
  state->clones++;
  state->nodes += nodes;
  return true;
}

// -------------------------------------------------------------------------------------------------- copying

static void specialize_calls(Specialization *state, Code code);

// The copy for a call, or 0: it goes to the function itself.
static IrFunctionId clone_for(Specialization *state, IrFunctionId callee, const Receivers *receivers) {
  PerfSession *perf = state->module->context->perf;
  const IrFunction *function = ir_function(state->module, callee);
  IrFunctionId base = function->base == 0 ? callee : function->base;
  state->requested++;
  PERF_COUNT(perf, SPECIALIZATION_RECEIVER_REQUESTED, 1);
  IrFunctionId clone = find_clone(state, base, receivers);
  if (clone != 0) {
    PERF_COUNT(perf, SPECIALIZATION_RECEIVER_REUSED, 1);
    state->reused++;
    return clone;
  }
  if (!is_admitted(state, base, nodes_of(function))) {
    return 0;
  }
  Code copy = {ir_function_clone(state->module, callee), callee, base, *receivers};
  VECTOR_PUSH(&state->scratch, &state->admitted, copy);
  specialize_calls(state, copy); // it may hand its receivers on, also to itself
  return copy.function;
}

static void specialize_calls(Specialization *state, Code code) {
  IrModule *module = state->module;
  for (IrBlockId block_id = 1; block_id < ir_function(module, code.function)->blocks.count; block_id++) {
    const IrBlock *block = ir_block(ir_function(module, code.function), block_id);
    for (uint32_t i = 0; block->terminator != 0 && i <= block->insts.count; i++) {
      IrInstId at = i < block->insts.count ? block->insts.items[i] : block->terminator;
      const IrInst *inst = ir_inst(ir_function(module, code.function), at);
      if (!is_call(inst) || inst->a >= state->known || state->called[inst->a] == 0) {
        continue;
      }
      Receivers receivers = receivers_of(state, &code, inst);
      IrFunctionId clone = receivers.count == 0 ? 0 : clone_for(state, inst->a, &receivers);
      if (clone != 0) {
        ir_inst(ir_function(module, code.function), at)->a = clone;
      }
    }
  }
}

static void count_clones(Specialization *state) {
  for (IrFunctionId id = 1; id < state->known; id++) {
    const IrFunction *function = ir_function(state->module, id);
    if (function->base != 0) {
      state->clones++;
      state->nodes += nodes_of(function);
    }
  }
}

void pass_receiver_specialization(PassRun *run) {
  Specialization state = {.module = run->module, .known = run->module->functions.count};
  arena_init(&state.scratch);
  state.objects = objects_find(run->module, &state.scratch);
  find_called(&state);
  count_clones(&state);
  for (IrFunctionId id = 1; id < state.known; id++) {
    specialize_calls(&state, (Code){.function = id, .original = id});
  }
  run->changed = state.admitted.count + state.reused > 0;
  pass_metric(run, "receiver_specialization_requests", state.requested);
  pass_metric(run, "admitted_contexts", state.admitted.count);
  arena_free(&state.scratch);
}
