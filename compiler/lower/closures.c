// Owns function values: lambdas with their captures, named functions as values, adapters (05 §5.15).
//
// A closure is a struct that begins with a reference to its code; captures follow. The code takes the
// closure, then the slots of the function type (layout.c): a presence flag before each defaulted parameter;
// it gives the result and every `~` parameter back. `let`s and parameters are captured by value, a `var` that
// somebody assigns through the cell that holds it.
#include "lower/lowering.h"

#include "base/failure.h"

static FunctionId lambda_function(const Program *program, NodeId node) {
  return ast_node(program->ast, node)->lambda.function;
}

// ------------------------------------------------------------------------------------------------ captures

static bool is_within(const Program *program, FunctionId inner, FunctionId outer) {
  while (inner != 0 && inner != outer) {
    inner = ast_function(program->ast, inner)->outer;
  }
  return inner == outer;
}

// The local that a place begins with; a name of a slot stands for the place it names.
static LocalId root_local(const Program *program, const Instance *instance, const NodeId *aliases,
                          LocalId local) {
  for (NodeId node = aliases[local - instance->first_local]; node != 0;) {
    node = place_strip(program->ast, node);
    const TypedNode *typed = typed_node(instance, node);
    if (typed->role == ROLE_LOCAL) {
      local = typed->detail;
      node = aliases[local - instance->first_local];
    } else if (typed->role == ROLE_FIELD) {
      node = ast_node(program->ast, node)->field.receiver;
    } else {
      break;
    }
  }
  return local;
}

// Locals of enclosing callables that a lambda or clause mentions, in order of first mention.
const LocalId *closure_captures(Lowering *lowering, const Instance *instance, const NodeId *aliases,
                                FunctionId inner, uint32_t *count) {
  const Program *program = lowering->program;
  const AstFunction *declared = ast_function(program->ast, inner);
  VECTOR(LocalId) captures = {0};
  bool *seen = ARENA_ARRAY(&lowering->scratch, bool, instance->end_local - instance->first_local);
  for (NodeId node = declared->first_node; node < declared->end_node; node++) {
    const TypedNode *typed = typed_node(instance, node);
    if (typed->role != ROLE_LOCAL || typed->type == TYPE_NONE ||
        is_within(program, names_local(program->names, typed->detail)->owner, inner)) {
      continue;
    }
    LocalId local = root_local(program, instance, aliases, typed->detail);
    if (!seen[local - instance->first_local] &&
        names_local(program->names, local)->kind != LOCAL_CONTINUATION) {
      seen[local - instance->first_local] = true;
      VECTOR_PUSH(&lowering->arena, &captures, local);
    }
  }
  *count = captures.count;
  return captures.items;
}

// Is the cell itself captured? A clause takes a copy of a `var` as it is when the `try` is entered (06 §7.4).
static bool shares_cell(const Program *program, const Instance *instance, LocalId local, bool snapshot) {
  return variable_is_cell(program, instance, local) &&
         !(snapshot && names_local(program->names, local)->kind == LOCAL_VAR);
}

Types closure_capture_types(Lowering *lowering, const Instance *instance, LocalId local, bool snapshot) {
  Types lanes = {0};
  TypeId type = local_type(instance, local);
  if (shares_cell(lowering->program, instance, local, snapshot)) {
    VECTOR_PUSH(&lowering->scratch, &lanes, ir_ref_null(variable_cell(lowering, type)));
    return lanes;
  }
  const Layout *layout = layout_of(lowering, type);
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    VECTOR_PUSH(&lowering->scratch, &lanes, layout->lanes[i]);
  }
  return lanes;
}

Value closure_captured(Body *body, LocalId local, bool snapshot) {
  if (!shares_cell(body->program, body->instance, local, snapshot)) {
    return variable_read(body, local);
  }
  variable_declare(body, local, local_type(body->instance, local));
  return value_of(body, ir_var_read(&body->ir, variable_of(body, local)->first));
}

// Makes a captured local known to a body, from the fields of its closure; gives the next field.
uint32_t closure_load(Body *body, LocalId local, bool snapshot, IrHeapId heap, uint32_t field,
                      IrValue closure) {
  Types types = closure_capture_types(body->lowering, body->instance, local, snapshot);
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, types.count + 1);
  for (uint32_t i = 0; i < types.count; i++) {
    lanes[i] = ir_struct_get(&body->ir, heap, field + i, closure);
  }
  variable_declare(body, local, local_type(body->instance, local));
  if (shares_cell(body->program, body->instance, local, snapshot)) {
    ir_var_write(&body->ir, variable_of(body, local)->first, lanes[0]);
    variable_of(body, local)->captured = true;
  } else {
    variable_init(body, local, (Value){lanes, types.count});
  }
  return field + types.count;
}

// The struct of a closure with these captures.
static IrHeapId closure_struct(Lowering *lowering, const Instance *instance, const Signature *signature,
                               const LocalId *captures, uint32_t count) {
  VECTOR(IrField) fields = {0};
  VECTOR_PUSH(&lowering->scratch, &fields, (IrField){.type = ir_ref(signature->function)});
  for (uint32_t i = 0; i < count; i++) {
    Types lanes = closure_capture_types(lowering, instance, captures[i], false);
    for (uint32_t k = 0; k < lanes.count; k++) {
      VECTOR_PUSH(&lowering->scratch, &fields, (IrField){.type = lanes.items[k]});
    }
  }
  if (fields.count == 1) {
    return signature->closure;
  }
  IrHeapId heap = ir_heap_declare(lowering->module, NAME_EMPTY);
  ir_struct_define(lowering->module, heap, signature->closure, false, fields.items, fields.count);
  return heap;
}

static uint32_t lambda_of(Body *body, NodeId node) {
  Lowering *lowering = body->lowering;
  for (uint32_t i = 0; i < lowering->lambdas.count; i++) {
    const Lambda *known = &lowering->lambdas.items[i];
    if (known->instance == body->instance_id && known->node == node) {
      return i; // in the default of a parameter: every entry that evaluates it makes the same closure
    }
  }
  TypeId type = type_plain(lowering, body_typed(body, node)->type);
  const Signature *signature = layout_signature_defined(lowering, type);
  Lambda lambda = {.instance = body->instance_id, .node = node};
  lambda.captures = closure_captures(lowering, body->instance, body->aliases,
                                     lambda_function(body->program, node), &lambda.capture_count);
  lambda.closure = closure_struct(lowering, body->instance, signature, lambda.captures, lambda.capture_count);
  IrOrigin origin = {body_node(body, node)->span.start, body->instance_id};
  lambda.function = ir_function_new(lowering->module, NAME_EMPTY, signature->function, origin);
  VECTOR_PUSH(&lowering->arena, &lowering->lambdas, lambda);
  return lowering->lambdas.count - 1;
}

Value lower_lambda(Body *body, NodeId node) {
  uint32_t index = lambda_of(body, node);
  const Lambda lambda = body->lowering->lambdas.items[index];
  Values lanes = {0};
  VECTOR_PUSH(&body->lowering->scratch, &lanes, ir_ref_func(&body->ir, lambda.function));
  for (uint32_t i = 0; i < lambda.capture_count; i++) {
    values_push(body, &lanes, closure_captured(body, lambda.captures[i], false));
  }
  return value_of(body, ir_struct_new(&body->ir, lambda.closure, lanes.items, lanes.count));
}

// -------------------------------------------------------------------------------------------------- bodies

static void load_captures(Body *body, const Lambda *lambda) {
  IrBuilder *ir = &body->ir;
  if (lambda->capture_count == 0) {
    return;
  }
  IrValue closure = ir_ref_cast(ir, ir_ref(lambda->closure), ir_param(ir, 0));
  uint32_t field = 1;
  for (uint32_t i = 0; i < lambda->capture_count; i++) {
    field = closure_load(body, lambda->captures[i], false, lambda->closure, field, closure);
  }
}

// The value that a caller through a closure gave for a parameter.
static Value given(Body *body, const Signature *signature, uint32_t index, TypeId type) {
  const Slot *slot = &signature->params[index];
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, slot->count + 1);
  for (uint32_t i = 0; i < slot->count; i++) {
    lanes[i] = ir_param(&body->ir, slot->first + i);
  }
  return slot_content(body, slot, (Value){lanes, slot->count}, type);
}

void lambda_build(Lowering *lowering, uint32_t index) {
  Lambda lambda = lowering->lambdas.items[index];
  const Program *program = lowering->program;
  Body body;
  body_start(&body, lowering, lambda.instance, lambda.function);
  const AstFunction declared = *ast_function(program->ast, lambda_function(program, lambda.node));
  TypeId type = type_plain(lowering, body_typed(&body, lambda.node)->type);
  body.signature = layout_signature_defined(lowering, type);
  body.result = type_get(&program->types, type)->a;
  load_captures(&body, &lambda);
  LocalId *outs = ARENA_ARRAY(&lowering->scratch, LocalId, body.signature->param_count);
  for (uint32_t i = 0; i < declared.parameters.count; i++) {
    LocalId local = program->names->parameter_locals.items[declared.parameters.first + i];
    NodeId pattern = program->ast->parameters.items[declared.parameters.first + i].pattern;
    TypeId own = type_slots(&program->types, type_get(&program->types, type))[i].type;
    Value value = given(&body, body.signature, i, own);
    if (local != 0) {
      variable_declare(&body, local, own);
      variable_init(&body, local, value);
      outs[i] = local;
    }
    if (pattern != 0) {
      pattern_bind(&body, pattern, value, own);
    }
  }
  body.outs = outs;
  body.out_count = body.signature->param_count;
  lower_tail(&body, declared.body);
  body_end(&body);
}

void closure_return(Body *body, Value value) {
  const Signature *signature = body->signature;
  Values lanes = {0};
  if (layout_of(body->lowering, body->result)->lane_count == 0) {
    value.count = 0;
  }
  values_push(body, &lanes, slot_value(body, &signature->result, value, body->result));
  for (uint32_t i = 0; i < body->out_count; i++) {
    if (!(signature->flags[i] & SLOT_MUTABLE)) {
      continue;
    }
    LocalId local = body->outs[i];
    if (local != 0) {
      TypeId type = local_type(body->instance, local);
      values_push(body, &lanes, slot_value(body, &signature->outs[i], variable_read(body, local), type));
    } else { // a parameter that the lambda does not have: handed back as it came
      for (uint32_t k = 0; k < signature->params[i].count; k++) {
        VECTOR_PUSH(&body->lowering->scratch, &lanes, ir_param(&body->ir, signature->params[i].first + k));
      }
    }
  }
  ir_return(&body->ir, lanes.items, lanes.count);
}

// ---------------------------------------------------------------------------------------- named functions

Value lower_function_value(Body *body, InstanceId instance, TypeId type) {
  Lowering *lowering = body->lowering;
  type = type_plain(lowering, type);
  const Signature *signature = layout_signature_defined(lowering, type);
  uint64_t key = id_pair(instance, coercions_find(lowering, type));
  uint32_t known = id_map_get(&lowering->thunk_index, key);
  if (known == ID_MAP_NONE) {
    const AstFunction *declared =
        ast_function(body->program->ast, program_instance(body->program, instance)->function);
    IrOrigin origin = {0, instance}; // nobody wrote a thunk
    Thunk thunk = {.instance = instance, .type = type};
    thunk.function = ir_function_new(lowering->module, declared->name, signature->function, origin);
    IrConstantId code = ir_constant(lowering->module, IR_REF_FUNC, thunk.function, 0, NULL, 0);
    IrConstantId closure = ir_constant(lowering->module, IR_STRUCT_NEW, signature->closure, 0, &code, 1);
    thunk.closure =
        ir_global_new(lowering->module, declared->name, ir_ref(signature->closure), false, closure);
    known = lowering->thunks.count;
    id_map_put(&lowering->arena, &lowering->thunk_index, key, known);
    VECTOR_PUSH(&lowering->arena, &lowering->thunks, thunk);
  }
  return value_of(body, ir_global_get(&body->ir, lowering->thunks.items[known].closure));
}

// A defaulted parameter: what was given, or the default, which sees the parameters before it.
static Value given_or_default(Body *body, const Signature *signature, uint32_t index, NodeId default_value,
                              TypeId type) {
  if (!(signature->flags[index] & SLOT_DEFAULTED) || default_value == 0) {
    return given(body, signature, index, type);
  }
  IrBuilder *ir = &body->ir;
  Merge merge = merge_new(body, type);
  IrBlockId present = ir_block_new(ir), absent = ir_block_new(ir);
  uint32_t flag = signature->params[index].first - 1;
  ir_br_if(ir, ir_param(ir, flag), present, absent);
  ir_seal(ir, present);
  ir_seal(ir, absent);
  ir_enter(ir, present);
  Value value = given(body, signature, index, type);
  ir_br_args(ir, merge.block, value.lanes, value.count);
  ir_enter(ir, absent);
  value = lower_value(body, default_value);
  if (!ir_is_dead(ir)) {
    ir_br_args(ir, merge.block, value.lanes, value.count);
  }
  return merge_end(body, &merge);
}

void thunk_build(Lowering *lowering, uint32_t index) {
  Thunk thunk = lowering->thunks.items[index];
  const Program *program = lowering->program;
  Body body;
  body_start(&body, lowering, thunk.instance, thunk.function);
  const Instance *instance = body.instance;
  const AstFunction declared = *ast_function(program->ast, instance->function);
  const Signature *signature = layout_signature_defined(lowering, thunk.type);
  uint32_t count = declared.parameters.count;
  Values arguments = {0}, results = {0};
  for (uint32_t i = 0; i < count; i++) {
    LocalId local = program->names->parameter_locals.items[declared.parameters.first + i];
    NodeId default_value = program->ast->parameters.items[declared.parameters.first + i].default_value;
    TypeId type = instance->parameter_types[i];
    Value value = given_or_default(&body, signature, i, default_value, type);
    variable_declare(&body, local, type);
    variable_init(&body, local, value);
    values_push(&body, &arguments, value);
  }
  IrFunctionId full = function_entry(lowering, thunk.instance, NULL, false);
  IrValue next = ir_call(&body.ir, full, arguments.items, arguments.count);
  effects_after_call(&body);
  Value result = value_run(&body, next, layout_of(lowering, instance->result)->lane_count);
  next += result.count;
  values_push(&body, &results, slot_value(&body, &signature->result, result, instance->result));
  for (uint32_t i = 0; i < count; i++) {
    LocalId local = program->names->parameter_locals.items[declared.parameters.first + i];
    TypeId type = instance->parameter_types[i];
    Value out = variable_read(&body, local);
    if (facts_written(lowering, thunk.instance, i)) {
      out = value_run(&body, next, out.count);
      next += out.count;
    }
    if (signature->flags[i] & SLOT_MUTABLE) {
      values_push(&body, &results, slot_value(&body, &signature->outs[i], out, type));
    }
  }
  ir_return(&body.ir, results.items, results.count);
  body_end(&body);
}

// ------------------------------------------------------------------------------------------------- adapters

Value closure_adapt(Body *body, Value value, TypeId from, TypeId to) {
  Lowering *lowering = body->lowering;
  const Signature *inner = layout_signature_defined(lowering, from);
  const Signature *outer = layout_signature_defined(lowering, to);
  uint64_t key = id_pair(from, to);
  uint32_t known = id_map_get(&lowering->adapter_index, key);
  if (known == ID_MAP_NONE) {
    Adapter adapter = {.from = from, .to = to};
    adapter.function =
        ir_function_new(lowering->module, NAME_EMPTY, outer->function, (IrOrigin){0, body->instance_id});
    adapter.closure = ir_heap_declare(lowering->module, NAME_EMPTY);
    IrField fields[2] = {{.type = ir_ref(outer->function)}, {.type = ir_ref_null(inner->closure)}};
    ir_struct_define(lowering->module, adapter.closure, outer->closure, false, fields, 2);
    known = lowering->adapters.count;
    id_map_put(&lowering->arena, &lowering->adapter_index, key, known);
    VECTOR_PUSH(&lowering->arena, &lowering->adapters, adapter);
  }
  Adapter adapter = lowering->adapters.items[known];
  IrValue lanes[2] = {ir_ref_func(&body->ir, adapter.function), value.lanes[0]};
  return value_of(body, ir_struct_new(&body->ir, adapter.closure, lanes, 2));
}

void adapter_build(Lowering *lowering, uint32_t index) {
  Adapter adapter = lowering->adapters.items[index];
  const TypeTable *types = &lowering->program->types;
  const Signature *inner = layout_signature_defined(lowering, adapter.from);
  const Signature *outer = layout_signature_defined(lowering, adapter.to);
  Body body = {.lowering = lowering, .program = lowering->program};
  IrBuilder *ir = &body.ir;
  ir_build(ir, lowering->module, adapter.function);
  IrValue closure =
      ir_struct_get(ir, adapter.closure, 1, ir_ref_cast(ir, ir_ref(adapter.closure), ir_param(ir, 0)));
  Values arguments = {0}, results = {0};
  VECTOR_PUSH(&lowering->scratch, &arguments, closure);
  for (uint32_t i = 0; i < inner->param_count; i++) {
    TypeId own = type_slots(types, type_get(types, adapter.from))[i].type;
    TypeId seen = type_slots(types, type_get(types, adapter.to))[i].type;
    if (inner->flags[i] & SLOT_DEFAULTED) {
      VECTOR_PUSH(&lowering->scratch, &arguments, ir_param(ir, outer->params[i].first - 1));
    }
    Value value = convert(&body, given(&body, outer, i, seen), seen, own);
    values_push(&body, &arguments, slot_value(&body, &inner->params[i], value, own));
  }
  IrValue code = ir_struct_get(ir, inner->closure, 0, closure);
  IrValue first = ir_call_ref(ir, inner->function, arguments.items, arguments.count, code);
  effects_after_call(&body);
  TypeId own = type_get(types, adapter.from)->a, seen = type_get(types, adapter.to)->a;
  Value stored = value_run(&body, first + inner->result.first, inner->result.count);
  Value result = convert(&body, slot_content(&body, &inner->result, stored, own), own, seen);
  values_push(&body, &results, slot_value(&body, &outer->result, result, seen));
  for (uint32_t i = 0; i < inner->param_count; i++) {
    if (!(inner->flags[i] & SLOT_MUTABLE)) {
      continue;
    }
    own = type_slots(types, type_get(types, adapter.from))[i].type;
    seen = type_slots(types, type_get(types, adapter.to))[i].type;
    stored = value_run(&body, first + inner->outs[i].first, inner->outs[i].count);
    Value out = convert(&body, slot_content(&body, &inner->outs[i], stored, own), own, seen);
    values_push(&body, &results, slot_value(&body, &outer->outs[i], out, seen));
  }
  ir_return(ir, results.items, results.count);
  ir_build_end(ir);
}
