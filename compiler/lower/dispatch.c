// Owns trait calls on objects whose class is not known (04 §7.6).
//
// One dispatcher per (trait, method, types of the call): a function that looks at the class id and calls the
// method of the exact class. Up to eight classes direct calls behind comparisons beat a table
// (docs/object-model.md), and they can be inlined.
#include "lower/lowering.h"

#include "base/failure.h"

InstanceId dispatch_implementation(Lowering *lowering, TypeId exact, TypeId trait, FunctionId method) {
  Program *program = lowering->program;
  // Values do not become trait objects (04 §4.5).
  bool boxed = type_kind(&program->types, exact) == KIND_PRIMITIVE || types_is_value(&program->types, exact);
  if (boxed || !types_satisfies(&program->declarations, exact, trait)) {
    return 0;
  }
  return program_implementation(program, exact, trait, method);
}

static uint32_t find_implementations(Lowering *lowering, TypeId trait, FunctionId method, TypeId *classes,
                                     InstanceId *instances) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < lowering->constructed.count; i++) {
    TypeId exact = lowering->constructed.items[i];
    InstanceId instance = dispatch_implementation(lowering, exact, trait, method);
    if (instance != 0) {
      classes[count] = exact;
      instances[count++] = instance;
    }
  }
  return count;
}

static bool same_call(const Lowering *lowering, const Dispatcher *dispatcher, const CallPlan *plan) {
  if (dispatcher->trait != plan->trait || dispatcher->method != plan->target ||
      dispatcher->result != plan->result || dispatcher->count != plan->count) {
    return false;
  }
  for (uint32_t i = 0; i < plan->count; i++) {
    if (dispatcher->parameters[i] != lowering->program->arguments.items[plan->first + i].to) {
      return false;
    }
  }
  return true;
}

typedef struct Candidates {
  TypeId *classes;
  InstanceId *instances;
  uint32_t count;
} Candidates;

static Candidates candidates_of(Lowering *lowering, TypeId trait, FunctionId method) {
  uint32_t most = lowering->constructed.count;
  Candidates candidates = {ARENA_ARRAY(&lowering->scratch, TypeId, most),
                           ARENA_ARRAY(&lowering->scratch, InstanceId, most), 0};
  candidates.count = find_implementations(lowering, trait, method, candidates.classes, candidates.instances);
  return candidates;
}

uint32_t dispatcher_of(Lowering *lowering, const CallPlan *plan) {
  for (uint32_t i = 0; i < lowering->dispatchers.count; i++) {
    if (same_call(lowering, &lowering->dispatchers.items[i], plan)) {
      return i;
    }
  }
  Candidates candidates = candidates_of(lowering, plan->trait, plan->target);
  TypeId *parameters = ARENA_ARRAY(&lowering->arena, TypeId, plan->count);
  bool *outs = ARENA_ARRAY(&lowering->arena, bool, plan->count);
  Types params = {0}, results = {0};
  types_push(lowering, &results, plan->result);
  for (uint32_t i = 0; i < plan->count; i++) {
    const ArgumentPlan *argument = &lowering->program->arguments.items[plan->first + i];
    parameters[i] = argument->to;
    types_push(lowering, &params, argument->to);
    for (uint32_t k = 0; argument->mutable && k < candidates.count; k++) {
      outs[i] |= facts_written(lowering, candidates.instances[k], i);
    }
    if (outs[i]) {
      types_push(lowering, &results, argument->to);
    }
  }
  const AstFunction *method = ast_function(lowering->program->ast, plan->target);
  IrHeapId type =
      ir_function_type(lowering->module, params.items, params.count, results.items, results.count);
  Dispatcher dispatcher = {plan->trait, plan->target, plan->result, plan->count, parameters, outs, 0};
  dispatcher.function = ir_function_new(lowering->module, method->name, type, (IrOrigin){0, 0});
  VECTOR_PUSH(&lowering->arena, &lowering->dispatchers, dispatcher);
  return lowering->dispatchers.count - 1;
}

static void call_implementation(Body *body, const Dispatcher *dispatcher, InstanceId id) {
  Lowering *lowering = body->lowering;
  const Instance *instance = program_instance(lowering->program, id);
  Values arguments = {0}, results = {0};
  Value *given = ARENA_ARRAY(&lowering->scratch, Value, dispatcher->count);
  uint32_t lane = 0;
  for (uint32_t i = 0; i < dispatcher->count; i++) {
    uint32_t count = layout_of(lowering, dispatcher->parameters[i])->lane_count;
    IrValue *lanes = ARENA_ARRAY(&lowering->scratch, IrValue, count + 1);
    for (uint32_t k = 0; k < count; k++) {
      lanes[k] = ir_param(&body->ir, lane++);
    }
    given[i] = (Value){lanes, count};
    TypeId own = instance->parameter_types[i];
    values_push(body, &arguments, convert(body, given[i], dispatcher->parameters[i], own));
  }
  IrFunctionId callee = function_entry(lowering, id, NULL, false);
  IrValue next = ir_call(&body->ir, callee, arguments.items, arguments.count);
  effects_after_call(body);
  Value result = value_run(body, next, layout_of(lowering, instance->result)->lane_count);
  next += result.count;
  values_push(body, &results, convert(body, result, instance->result, dispatcher->result));
  for (uint32_t i = 0; i < dispatcher->count; i++) {
    TypeId own = instance->parameter_types[i];
    Value out = given[i];
    if (facts_written(lowering, id, i)) {
      Value back = value_run(body, next, layout_of(lowering, own)->lane_count);
      next += back.count;
      out = convert(body, back, own, dispatcher->parameters[i]);
    }
    if (dispatcher->outs[i]) {
      values_push(body, &results, out);
    }
  }
  ir_return(&body->ir, results.items, results.count);
}

static void build_table(Body *body, const Dispatcher *dispatcher, const Candidates *candidates) {
  IrBuilder *ir = &body->ir;
  Arena *scratch = &body->lowering->scratch;
  uint32_t *ids = ARENA_ARRAY(scratch, uint32_t, candidates->count);
  IrBlockId *targets = ARENA_ARRAY(scratch, IrBlockId, candidates->count);
  IdMap blocks = {0}; // instance -> block
  for (uint32_t i = 0; i < candidates->count; i++) {
    uint32_t block = id_map_get(&blocks, candidates->instances[i]);
    if (block == ID_MAP_NONE) {
      block = ir_block_new(ir);
      id_map_put(scratch, &blocks, candidates->instances[i], block);
    }
    ids[i] = class_id_of(body->lowering, candidates->classes[i]);
    targets[i] = block;
  }
  class_switch(body, ir_param(ir, 0), ids, targets, candidates->count, targets[0]);
  for (uint32_t i = 0; i < candidates->count; i++) {
    if (id_map_get(&blocks, candidates->instances[i]) != 0) {
      id_map_put(scratch, &blocks, candidates->instances[i], 0); // built
      ir_seal(ir, targets[i]);
      ir_enter(ir, targets[i]);
      call_implementation(body, dispatcher, candidates->instances[i]);
    }
  }
}

void dispatcher_build(Lowering *lowering, uint32_t index) {
  Dispatcher dispatcher = lowering->dispatchers.items[index];
  Body body = {.lowering = lowering, .program = lowering->program};
  IrBuilder *ir = &body.ir;
  ir_build(ir, lowering->module, dispatcher.function);
  Candidates candidates = candidates_of(lowering, dispatcher.trait, dispatcher.method);
  if (candidates.count == 0) {
    ir_trap(ir); // no object of the trait is ever made
    ir_build_end(ir);
    return;
  }
  if (candidates.count >= CLASS_SWITCH_FROM) {
    build_table(&body, &dispatcher, &candidates);
    ir_build_end(ir);
    return;
  }
  IrValue id = class_id_read(&body, ir_param(ir, 0));
  bool *done = ARENA_ARRAY(&lowering->scratch, bool, candidates.count);
  uint32_t *ids = ARENA_ARRAY(&lowering->scratch, uint32_t, candidates.count);
  uint32_t left = candidates.count;
  for (uint32_t i = 0; i < candidates.count; i++) {
    if (done[i]) {
      continue;
    }
    uint32_t count = 0;
    for (uint32_t k = i; k < candidates.count; k++) {
      if (candidates.instances[k] == candidates.instances[i]) {
        done[k] = true;
        ids[count++] = class_id_of(lowering, candidates.classes[k]);
      }
    }
    left -= count;
    if (left == 0) {
      call_implementation(&body, &dispatcher, candidates.instances[i]);
      break;
    }
    IrBlockId hit = ir_block_new(ir), next = ir_block_new(ir);
    ir_br_if(ir, class_id_among(&body, id, ids, count), hit, next);
    ir_seal(ir, hit);
    ir_seal(ir, next);
    ir_enter(ir, hit);
    call_implementation(&body, &dispatcher, candidates.instances[i]);
    ir_enter(ir, next);
  }
  ir_build_end(ir);
}
