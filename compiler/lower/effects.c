// Owns effects: performing, handlers, abandonment (06 §7).
//
// A clause never gets control back after its continuation (06 §22.1), so performing is a call: the clause
// runs on top of the performer and returns what the continuation was given. The active clauses are a chain,
// innermost first, whose head is a global; whoever changes the head keeps the old one and writes it back. A
// clause that ends without its continuation abandons: it leaves its value in the frame of its `try`, names
// that frame in the global `pending` and returns. Whoever called anything looks at `pending` next and passes
// it on, until the `try` of that frame is reached. Programs without a `try` know nothing of all this.
#include "lower/lowering.h"

#include "base/failure.h"

// Fields of a link of the chain, and of a frame.
enum { LINK_OPERATION, LINK_NEXT, LINK_OUTER, LINK_CLOSURE, LINK_FIELDS };
enum { FRAME_KIND, FRAME_VALUES };
enum { KIND_ANSWER, KIND_RETURN }; // of an abandonment: the `try` has the value, or its callable returns it

static IrGlobalId reference_global(Lowering *lowering, IrType type) {
  return ir_global_new(lowering->module, NAME_EMPTY, type, true, ir_constant_zero(lowering->module, type));
}

// `find(operation)`: the innermost link for an operation; null if there is none.
static IrFunctionId build_find(Lowering *lowering) {
  IrType link = ir_ref_null(lowering->effect_link), operation = IR_I32;
  IrHeapId type = ir_function_type(lowering->module, &operation, 1, &link, 1);
  IrFunctionId function = ir_function_new(lowering->module, NAME_EMPTY, type, (IrOrigin){0, 0});
  IrBuilder ir;
  ir_build(&ir, lowering->module, function);
  IrVar at = ir_var_new(&ir, link);
  ir_var_write(&ir, at, ir_global_get(&ir, lowering->effect_head));
  IrBlockId head = ir_block_new(&ir), test = ir_block_new(&ir), next = ir_block_new(&ir),
            done = ir_block_new(&ir);
  ir_br(&ir, head);
  ir_enter(&ir, head);
  ir_br_if(&ir, ir_is_null(&ir, ir_var_read(&ir, at)), done, test);
  ir_seal(&ir, test);
  ir_enter(&ir, test);
  IrValue own = ir_struct_get(&ir, lowering->effect_link, LINK_OPERATION, ir_var_read(&ir, at));
  ir_br_if(&ir, ir_binary(&ir, IR_I32_EQ, own, ir_param(&ir, 0)), done, next);
  ir_seal(&ir, next);
  ir_enter(&ir, next);
  ir_var_write(&ir, at, ir_struct_get(&ir, lowering->effect_link, LINK_NEXT, ir_var_read(&ir, at)));
  ir_br(&ir, head);
  ir_seal(&ir, head);
  ir_seal(&ir, done);
  ir_enter(&ir, done);
  IrValue found = ir_var_read(&ir, at);
  ir_return(&ir, &found, 1);
  ir_build_end(&ir);
  return function;
}

void effects_prepare(Lowering *lowering) {
  const Program *program = lowering->program;
  for (uint32_t i = 0; i < program->lowered.count && !lowering->has_effects; i++) {
    const Instance *instance = program_instance(program, program->lowered.items[i]);
    for (NodeId node = instance->first_node; node < instance->end_node; node++) {
      lowering->has_effects |=
          ast_kind(program->ast, node) == NODE_TRY && typed_node(instance, node)->type != TYPE_NONE;
    }
  }
  if (!lowering->has_effects) {
    return;
  }
  lowering->effect_link = ir_heap_declare(lowering->module, NAME_EMPTY);
  IrField fields[LINK_FIELDS] = {[LINK_OPERATION] = {.type = IR_I32},
                                 [LINK_NEXT] = {.type = ir_ref_null(lowering->effect_link)},
                                 [LINK_OUTER] = {.type = ir_ref_null(lowering->effect_link)},
                                 [LINK_CLOSURE] = {.type = IR_STRUCTREF}};
  ir_struct_define(lowering->module, lowering->effect_link, 0, false, fields, LINK_FIELDS);
  lowering->effect_head = reference_global(lowering, ir_ref_null(lowering->effect_link));
  lowering->effect_pending = reference_global(lowering, IR_STRUCTREF);
  lowering->effect_find = build_find(lowering);
}

// An operation at the types it is performed: what its clauses take and give.
static const Operation *operation_of(Lowering *lowering, FunctionId function, TypeId result,
                                     const TypeId *params, uint32_t count) {
  for (uint32_t i = 0; i < lowering->operations.count; i++) {
    if (lowering->operations.items[i].function == function &&
        lowering->operations.items[i].result == result) {
      return &lowering->operations.items[i];
    }
  }
  Operation operation = {.function = function, .result = result, .count = count};
  operation.params = ARENA_ARRAY(&lowering->arena, TypeId, count);
  Types types = {0}, results = {0};
  VECTOR_PUSH(&lowering->scratch, &types, IR_STRUCTREF);
  for (uint32_t i = 0; i < count; i++) {
    operation.params[i] = params[i];
    types_push(lowering, &types, params[i]);
  }
  types_push(lowering, &results, result);
  operation.number = lowering->operations.count + 1;
  operation.code = ir_function_type(lowering->module, types.items, types.count, results.items, results.count);
  operation.closure = ir_heap_declare(lowering->module, NAME_EMPTY);
  ir_struct_define(lowering->module, operation.closure, 0, true, &(IrField){.type = ir_ref(operation.code)},
                   1);
  VECTOR_PUSH(&lowering->arena, &lowering->operations, operation);
  return &lowering->operations.items[lowering->operations.count - 1];
}

// ------------------------------------------------------------------------------------------- abandonment

// Leaves the function with results that nobody looks at.
static void pass_on(Body *body) {
  IrBuilder *ir = &body->ir;
  if (body->attempt) {
    ir_br(ir, body->attempt->landing);
    return;
  }
  const IrHeapType *type = ir_heap(body->lowering->module, ir_built(ir)->type);
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, type->result_count + 1);
  uint32_t count = type->result_count;
  for (uint32_t i = 0; i < count; i++) {
    IrType lane = ir_heap(body->lowering->module, ir_built(ir)->type)->results[i];
    lanes[i] = ir_zero(ir, lane);
  }
  ir_return(ir, lanes, count);
}

void effects_after_call(Body *body) {
  if (!body->lowering->has_effects) {
    return;
  }
  IrBuilder *ir = &body->ir;
  IrBlockId abandoned = ir_block_new(ir), going = ir_block_new(ir);
  ir_br_if(ir, ir_is_null(ir, ir_global_get(ir, body->lowering->effect_pending)), going, abandoned);
  ir_seal(ir, abandoned);
  ir_enter(ir, abandoned);
  pass_on(body);
  ir_seal(ir, going);
  ir_enter(ir, going);
}

// Before control leaves the body of a `try` by itself: the clauses around `outer` are the active ones again.
void effects_leave(Body *body, const Attempt *outer) {
  const Attempt *left = NULL;
  for (const Attempt *at = body->attempt; at != outer; at = at->outer) {
    left = at;
  }
  if (left) {
    ir_global_set(&body->ir, body->lowering->effect_head, left->saved);
  }
}

// A clause that ends without its continuation.
void effects_abandon(Body *body, bool returns, Value value) {
  IrBuilder *ir = &body->ir;
  const Handling *clause = body->clause;
  uint32_t first = FRAME_VALUES + (returns ? layout_of(body->lowering, clause->answer)->lane_count : 0);
  IrValue frame = ir_var_read(ir, clause->frame);
  ir_struct_set(ir, clause->frame_heap, FRAME_KIND, frame, ir_i32(ir, returns ? KIND_RETURN : KIND_ANSWER));
  for (uint32_t i = 0; i < value.count; i++) {
    ir_struct_set(ir, clause->frame_heap, first + i, frame, value.lanes[i]);
  }
  ir_global_set(ir, body->lowering->effect_pending, frame);
  const Attempt *attempt = body->attempt;
  body->attempt = NULL; // the whole clause is left
  pass_on(body);
  body->attempt = attempt;
}

// `k(v)`: the operation's value goes back to the performer.
Value effects_resume(Body *body, const CallPlan *plan) {
  LocalId continuation = body_typed(body, plan->callee)->detail;
  const ArgumentPlan *argument = &body->program->arguments.items[plan->first];
  Value value = {NULL, 0};
  if (plan->count > 0) {
    value = convert(body, lower_value(body, argument->node), body_typed(body, argument->node)->target,
                    argument->to);
  }
  if (!body->clause || body->clause->continuation != continuation) {
    lower_reject(body->lowering, body_node(body, plan->callee)->span,
                 "the continuation of an outer clause called in an inner one");
  } else if (!ir_is_dead(&body->ir)) {
    uint32_t count = ir_heap(body->lowering->module, ir_built(&body->ir)->type)->result_count;
    ir_return(&body->ir, value.lanes, count);
  }
  return lower_nothing(body, plan->result);
}

// --------------------------------------------------------------------------------------------- performing

// Calls the clause of a link with the operation's arguments, which stand behind a lane for its closure.
static Value call_clause(Body *body, const CallPlan *plan, const Operation *operation, IrValue link,
                         Values *lanes) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  IrValue saved = ir_global_get(ir, lowering->effect_head);
  ir_global_set(ir, lowering->effect_head, ir_struct_get(ir, lowering->effect_link, LINK_OUTER, link));
  IrValue closure = ir_struct_get(ir, lowering->effect_link, LINK_CLOSURE, link);
  lanes->items[0] = closure;
  IrValue code =
      ir_struct_get(ir, operation->closure, 0, ir_ref_cast(ir, ir_ref(operation->closure), closure));
  IrValue first = ir_call_ref(ir, operation->code, lanes->items, lanes->count, code);
  effects_after_call(body);
  ir_global_set(ir, lowering->effect_head, saved);
  return value_run(body, first, layout_of(lowering, plan->result)->lane_count);
}

Value effects_perform(Body *body, const CallPlan *plan) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  TypeId *params = ARENA_ARRAY(&lowering->scratch, TypeId, plan->count + 1);
  Values lanes = {0};
  VECTOR_PUSH(&lowering->scratch, &lanes, 0);
  for (uint32_t i = 0; i < plan->count; i++) {
    const ArgumentPlan *argument = &body->program->arguments.items[plan->first + i];
    params[i] = argument->to;
    values_push(body, &lanes,
                convert(body, lower_value(body, argument->node), body_typed(body, argument->node)->target,
                        argument->to));
  }
  if (ir_is_dead(ir)) {
    return lower_nothing(body, plan->result);
  }
  bool host_answers = check_host_operation(body->program, plan->target).length > 0;
  uint32_t result_count = layout_of(lowering, plan->result)->lane_count;
  if (!lowering->has_effects && host_answers) {
    IrFunctionId host = boundary_host_operation(lowering, plan);
    return value_run(body, ir_call(ir, host, lanes.items + 1, lanes.count - 1), result_count);
  }
  if (!lowering->has_effects) {
    ir_trap(ir); // nobody can handle it
    return lower_nothing(body, plan->result);
  }
  Operation operation = *operation_of(lowering, plan->target, plan->result, params, plan->count);
  IrValue number = ir_i32(ir, (int32_t)operation.number);
  IrValue link = ir_call(ir, lowering->effect_find, &number, 1);
  IrBlockId handled = ir_block_new(ir), unhandled = ir_block_new(ir);
  Merge merge = merge_new(body, plan->result);
  ir_br_if(ir, ir_is_null(ir, link), unhandled, handled);
  ir_seal(ir, unhandled);
  ir_enter(ir, unhandled);
  if (host_answers) {
    IrFunctionId host = boundary_host_operation(lowering, plan);
    Value answer = value_run(body, ir_call(ir, host, lanes.items + 1, lanes.count - 1), result_count);
    ir_br_args(ir, merge.block, answer.lanes, answer.count);
  } else {
    ir_trap(ir); // the host has no answer for a program's own operations
  }
  ir_seal(ir, handled);
  ir_enter(ir, handled);
  Value given = call_clause(body, plan, &operation, link, &lanes);
  ir_br_args(ir, merge.block, given.lanes, given.count);
  return merge_end(body, &merge);
}
// ------------------------------------------------------------------------------------------------- `try`

static IrHeapId frame_of(Lowering *lowering, TypeId answer, TypeId result) {
  uint64_t key = id_pair(answer, result);
  uint32_t known = id_map_get(&lowering->frames, key);
  if (known != ID_MAP_NONE) {
    return known;
  }
  Types lanes = {0};
  types_push(lowering, &lanes, answer);
  types_push(lowering, &lanes, result);
  IrField *fields = ARENA_ARRAY(&lowering->scratch, IrField, lanes.count + FRAME_VALUES);
  fields[FRAME_KIND] = (IrField){.type = IR_I32, .mutable_ = true};
  for (uint32_t i = 0; i < lanes.count; i++) {
    fields[FRAME_VALUES + i] = (IrField){.type = lanes.items[i], .mutable_ = true};
  }
  IrHeapId heap = ir_heap_declare(lowering->module, NAME_EMPTY);
  ir_struct_define(lowering->module, heap, 0, false, fields, lanes.count + FRAME_VALUES);
  id_map_put(&lowering->arena, &lowering->frames, key, heap);
  return heap;
}

static Value frame_values(Body *body, IrHeapId heap, IrValue frame, uint32_t first, TypeId type) {
  uint32_t count = layout_of(body->lowering, type)->lane_count;
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, count + 1);
  for (uint32_t i = 0; i < count; i++) {
    lanes[i] = ir_struct_get(&body->ir, heap, first + i, frame);
  }
  return (Value){lanes, count};
}

// The operation a clause is for. Trailing parameters may be omitted: they come from the declaration.
static const Operation *clause_operation(Body *body, NodeId handler) {
  Program *program = body->program;
  SymbolId symbol = body_typed(body, handler)->detail;
  FunctionId function = names_symbol(program->names, symbol)->declaration;
  const AstFunction *declared = ast_function(program->ast, function);
  const AstFunction *clause = ast_function(program->ast, body_node(body, handler)->handler.clause);
  uint32_t count = declared->parameters.count;
  TypeId *params = ARENA_ARRAY(&body->lowering->scratch, TypeId, count + 1);
  TypeId result = TYPE_VOID;
  for (uint32_t i = 0; i < clause->parameters.count; i++) {
    TypeId type =
        local_type(body->instance, program->names->parameter_locals.items[clause->parameters.first + i]);
    if (i > 0) {
      params[i - 1] = type;
    } else if (type_get(&program->types, type)->count > 0) {
      result = type_slots(&program->types, type_get(&program->types, type))[0].type;
    }
  }
  uint32_t given = clause->parameters.count > 0 ? clause->parameters.count - 1 : 0;
  for (uint32_t i = given; i < count; i++) {
    NodeId type = program->ast->parameters.items[declared->parameters.first + i].type;
    params[i] = declarations_type(&program->declarations, declared->module, type);
  }
  return operation_of(body->lowering, function, result, params, count);
}

static IrValue clause_closure(Body *body, NodeId handler, const Operation *operation, IrHeapId frame_heap,
                              IrValue frame, TypeId answer) {
  Lowering *lowering = body->lowering;
  FunctionId clause = body_node(body, handler)->handler.clause;
  Handling handling = {.instance = body->instance_id,
                       .clause = clause,
                       .operation = *operation,
                       .frame_heap = frame_heap,
                       .answer = answer,
                       .result = body->result,
                       .discards = answer == TYPE_VOID};
  handling.captures =
      closure_captures(lowering, body->instance, body->aliases, clause, &handling.capture_count);
  VECTOR(IrField) fields = {0};
  Values lanes = {0};
  VECTOR_PUSH(&lowering->scratch, &fields, (IrField){.type = ir_ref(operation->code)});
  VECTOR_PUSH(&lowering->scratch, &fields, (IrField){.type = ir_ref_null(frame_heap)});
  handling.function = ir_function_new(lowering->module, NAME_EMPTY, operation->code,
                                      (IrOrigin){body_node(body, handler)->span.start, body->instance_id});
  VECTOR_PUSH(&lowering->scratch, &lanes, ir_ref_func(&body->ir, handling.function));
  VECTOR_PUSH(&lowering->scratch, &lanes, frame);
  for (uint32_t i = 0; i < handling.capture_count; i++) {
    Value value = closure_captured(body, handling.captures[i], true);
    for (uint32_t k = 0; k < value.count; k++) {
      IrType type = ir_value_type(&body->ir, value.lanes[k]);
      VECTOR_PUSH(&lowering->scratch, &fields,
                  (IrField){.type = ir_type_is_reference(type) ? ir_type_nullable(type) : type});
      VECTOR_PUSH(&lowering->scratch, &lanes, value.lanes[k]);
    }
  }
  // The lanes' own types may be narrower than their variables': fields take the variables'.
  uint32_t at = 2;
  for (uint32_t i = 0; i < handling.capture_count; i++) {
    Types types = closure_capture_types(lowering, body->instance, handling.captures[i], true);
    for (uint32_t k = 0; k < types.count; k++) {
      fields.items[at++].type = types.items[k];
    }
  }
  handling.closure = ir_heap_declare(lowering->module, NAME_EMPTY);
  ir_struct_define(lowering->module, handling.closure, operation->closure, false, fields.items, fields.count);
  VECTOR_PUSH(&lowering->arena, &lowering->handlings, handling);
  return ir_struct_new(&body->ir, handling.closure, lanes.items, lanes.count);
}

// Where abandoned calls of the body arrive: is it this `try` that was meant?
static void land(Body *body, const Attempt *attempt, IrHeapId heap, IrValue frame, const Merge *merge,
                 TypeId answer) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  ir_seal(ir, attempt->landing);
  ir_enter(ir, attempt->landing);
  if (ir_is_dead(ir)) {
    return;
  }
  ir_global_set(ir, lowering->effect_head, attempt->saved);
  IrBlockId mine = ir_block_new(ir), other = ir_block_new(ir), answers = ir_block_new(ir),
            returns = ir_block_new(ir);
  ir_br_if(ir, ir_ref_eq(ir, ir_global_get(ir, lowering->effect_pending), frame), mine, other);
  ir_seal(ir, other);
  ir_enter(ir, other);
  pass_on(body);
  ir_seal(ir, mine);
  ir_enter(ir, mine);
  ir_global_set(ir, lowering->effect_pending, ir_null(ir, IR_STRUCTREF));
  ir_br_if(ir, ir_struct_get(ir, heap, FRAME_KIND, frame), returns, answers);
  ir_seal(ir, returns);
  ir_enter(ir, returns);
  uint32_t first = FRAME_VALUES + layout_of(lowering, answer)->lane_count;
  lower_return(body, frame_values(body, heap, frame, first, body->result));
  ir_seal(ir, answers);
  ir_enter(ir, answers);
  Value value = frame_values(body, heap, frame, FRAME_VALUES, answer);
  ir_br_args(ir, merge->block, value.lanes, value.count);
}

Value effects_try(Body *body, NodeId id) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  NodeRange handlers = body_node(body, id)->attempt.handlers;
  TypeId answer = body_typed(body, id)->type;
  bool discarded = body_typed(body, id)->discarded;
  Merge merge = merge_new(body, answer);
  IrHeapId heap = frame_of(lowering, answer, body->result);
  IrValue frame = ir_struct_new_default(ir, heap);
  Attempt attempt = {
      .saved = ir_global_get(ir, lowering->effect_head), .landing = ir_block_new(ir), .outer = body->attempt};
  IrValue head = attempt.saved;
  for (uint32_t i = 0; i < handlers.count; i++) { // the last clause for an operation wins (06 §6.4)
    NodeId handler = ast_listed(body->program->ast, handlers, i);
    Operation operation = *clause_operation(body, handler);
    IrValue fields[LINK_FIELDS] = {ir_i32(ir, (int32_t)operation.number), head, attempt.saved,
                                   clause_closure(body, handler, &operation, heap, frame, answer)};
    head = ir_struct_new(ir, lowering->effect_link, fields, LINK_FIELDS);
  }
  ir_global_set(ir, lowering->effect_head, head);
  body->attempt = &attempt;
  NodeId inside = body_node(body, id)->attempt.body;
  Value value = {NULL, 0};
  if (discarded || merge.count == 0) {
    lower_discarded(body, inside);
  } else {
    value = convert(body, lower_value(body, inside), body_typed(body, inside)->target, answer);
  }
  body->attempt = attempt.outer;
  if (!ir_is_dead(ir)) {
    ir_global_set(ir, lowering->effect_head, attempt.saved);
    ir_br_args(ir, merge.block, value.lanes, value.count);
  }
  land(body, &attempt, heap, frame, &merge, answer);
  return merge_end(body, &merge);
}

void handling_build(Lowering *lowering, uint32_t index) {
  Handling handling = lowering->handlings.items[index];
  const Program *program = lowering->program;
  Body body;
  body_start(&body, lowering, handling.instance, handling.function);
  IrBuilder *ir = &body.ir;
  const AstFunction clause = *ast_function(program->ast, handling.clause);
  body.result = handling.result;
  IrValue closure = ir_ref_cast(ir, ir_ref(handling.closure), ir_param(ir, 0));
  handling.frame = ir_var_new(ir, ir_ref_null(handling.frame_heap));
  ir_var_write(ir, handling.frame, ir_struct_get(ir, handling.closure, 1, closure));
  uint32_t field = 2;
  for (uint32_t i = 0; i < handling.capture_count; i++) {
    field = closure_load(&body, handling.captures[i], true, handling.closure, field, closure);
  }
  uint32_t lane = 1;
  for (uint32_t i = 0; i < handling.operation.count; i++) {
    uint32_t count = layout_of(lowering, handling.operation.params[i])->lane_count;
    IrValue *lanes = ARENA_ARRAY(&lowering->scratch, IrValue, count + 1);
    for (uint32_t k = 0; k < count; k++) {
      lanes[k] = ir_param(ir, lane++);
    }
    if (i + 1 < clause.parameters.count) {
      LocalId local = program->names->parameter_locals.items[clause.parameters.first + i + 1];
      variable_declare(&body, local, handling.operation.params[i]);
      variable_init(&body, local, (Value){lanes, count});
    }
  }
  handling.continuation =
      clause.parameters.count > 0 ? program->names->parameter_locals.items[clause.parameters.first] : 0;
  body.clause = &handling;
  Value value = {NULL, 0};
  if (layout_of(lowering, handling.answer)->lane_count == 0) {
    lower_discarded(&body, clause.body);
  } else {
    value = convert(&body, lower_value(&body, clause.body), body_typed(&body, clause.body)->target,
                    handling.answer);
  }
  if (!ir_is_dead(ir)) {
    effects_abandon(&body, false, value);
  }
  body_end(&body);
}

// The host enters with no clause active, whatever a trap has left behind.
void effects_enter(Lowering *lowering, IrBuilder *ir) {
  if (lowering->has_effects) {
    ir_global_set(ir, lowering->effect_head, ir_null(ir, ir_ref_null(lowering->effect_link)));
    ir_global_set(ir, lowering->effect_pending, ir_null(ir, IR_STRUCTREF));
  }
}
