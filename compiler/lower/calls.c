// Owns calls and constructions: the order in which arguments are evaluated and in-out slots read and written
// (05 §5.20, 07 §3).
//
// Arguments are evaluated in source order; a `~` argument is opened as a place then, read just before the
// call and written back after it, in parameter order.
#include "lower/lowering.h"

#include "base/failure.h"

typedef struct Argument {
  const ArgumentPlan *plan;
  bool is_place; // the slot matters: its lanes are read late, or come back
  bool returns;  // the slot is written back
  Place place;
  Value source; // ARGUMENT_FIELD: the structural argument
  Value value;  // of the parameter's type
} Argument;

// Indices of the arguments in source order. Fields of one structural argument share its position.
static uint32_t *source_order(Body *body, const ArgumentPlan *plans, uint32_t count) {
  uint32_t *order = ARENA_ARRAY(&body->lowering->scratch, uint32_t, count);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = i;
    while (at > 0 && plans[order[at - 1]].position > plans[i].position) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = i;
  }
  return order;
}

// A structural argument is evaluated once, then its fields are read (05 §5.20 rule 2).
static void evaluate_field(Body *body, Argument *arguments, const uint32_t *order, uint32_t at) {
  Argument *argument = &arguments[order[at]];
  const ArgumentPlan *plan = argument->plan;
  bool known = false;
  for (uint32_t i = 0; i < at && !known; i++) {
    const Argument *other = &arguments[order[i]];
    if (other->plan->kind == ARGUMENT_FIELD && other->plan->node == plan->node) {
      argument->source = other->source;
      known = true;
    }
  }
  if (!known) {
    argument->source = lower_value(body, plan->node);
  }
  TypeId type = body_typed(body, plan->node)->target;
  TypeId field = type_field(body->lowering, type, plan->field);
  argument->value = convert(body, value_field(body, argument->source, type, plan->field), field, plan->to);
}

static void evaluate(Body *body, Argument *arguments, uint32_t count) {
  const uint32_t *order = source_order(body, arguments[0].plan, count);
  for (uint32_t i = 0; i < count; i++) {
    Argument *argument = &arguments[order[i]];
    const ArgumentPlan *plan = argument->plan;
    if (plan->kind == ARGUMENT_ABSENT) {
      argument->value = optional_none(body, plan->to);
    } else if (plan->kind == ARGUMENT_FIELD) {
      evaluate_field(body, arguments, order, i);
    } else if (argument->is_place) {
      argument->place = place_open(body, plan->node);
    } else if (plan->kind == ARGUMENT_VALUE) {
      NodeId node = plan->mutable ? place_strip(body->program->ast, plan->node) : plan->node;
      argument->value = convert(body, lower_value(body, node), body_typed(body, node)->target, plan->to);
    }
  }
}

static Argument *arguments_of(Body *body, const CallPlan *plan) {
  Argument *arguments = ARENA_ARRAY(&body->lowering->scratch, Argument, plan->count ? plan->count : 1);
  for (uint32_t i = 0; i < plan->count; i++) {
    arguments[i].plan = &body->program->arguments.items[plan->first + i];
  }
  return arguments;
}

// Slots are read when everything else has been evaluated: the callee sees what they hold when it starts.
static void read_slots(Body *body, Argument *arguments, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    Argument *argument = &arguments[i];
    if (argument->is_place) {
      argument->value =
          convert(body, place_read(body, &argument->place), argument->place.type, argument->plan->to);
    }
  }
}

// What a slot gets back, given as a value of the parameter's type.
static void write_slot(Body *body, const Argument *argument, Value out) {
  place_write(body, &argument->place, convert(body, out, argument->plan->to, argument->place.type));
}

// May the call end the function? Its results must be the function's own: either nothing comes back on both
// sides, or the callee hands back the caller's out parameters themselves, in the same order.
static bool can_tail_call(Body *body, const Argument *arguments, uint32_t count, TypeId result) {
  if (body->attempt || body->clause || body->signature ||
      !convert_is_free(body->lowering, result, body->result)) {
    return false;
  }
  uint32_t out = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!arguments[i].returns) {
      continue;
    }
    const Place *place = &arguments[i].place;
    if (out == body->out_count || place->kind != PLACE_VARIABLE || place->type != arguments[i].plan->to) {
      return false;
    }
    const Variable *own = variable_of(body, body->outs[out++]);
    if (own->kind != VARIABLE_LANES || own->first != place->first || own->type != place->type) {
      return false;
    }
  }
  return out == body->out_count;
}

static Value finish_direct(Body *body, const CallPlan *plan, Argument *arguments, IrFunctionId callee,
                           bool tail) {
  read_slots(body, arguments, plan->count);
  Values lanes = {0};
  for (uint32_t i = 0; i < plan->count; i++) {
    values_push(body, &lanes, arguments[i].value);
  }
  if (tail && can_tail_call(body, arguments, plan->count, plan->result)) {
    ir_tail_call(&body->ir, callee, lanes.items, lanes.count);
    return lower_nothing(body, plan->result);
  }
  IrValue results = ir_call(&body->ir, callee, lanes.items, lanes.count);
  effects_after_call(body);
  Value value = value_run(body, results, layout_of(body->lowering, plan->result)->lane_count);
  IrValue next = results + value.count;
  for (uint32_t i = 0; i < plan->count; i++) {
    if (arguments[i].returns) {
      Value out = value_run(body, next, layout_of(body->lowering, arguments[i].plan->to)->lane_count);
      next += out.count;
      write_slot(body, &arguments[i], out);
    }
  }
  return value;
}

static bool is_reference(Lowering *lowering, TypeId type) {
  LayoutKind kind = layout_of(lowering, type)->kind;
  return kind != LAYOUT_SCALAR && kind != LAYOUT_VALUE && kind != LAYOUT_OPTIONAL;
}

static Value call_direct(Body *body, const CallPlan *plan, bool tail) {
  Lowering *lowering = body->lowering;
  Argument *arguments = arguments_of(body, plan);
  bool *omitted = NULL;
  for (uint32_t i = 0; i < plan->count; i++) {
    const ArgumentPlan *argument = arguments[i].plan;
    if (argument->kind == ARGUMENT_DEFAULT) {
      omitted = omitted ? omitted : ARENA_ARRAY(&lowering->scratch, bool, plan->count);
      omitted[i] = true;
    } else if (argument->mutable && argument->kind == ARGUMENT_VALUE) {
      arguments[i].returns = facts_written(lowering, plan->target, i);
      arguments[i].is_place = arguments[i].returns || !is_reference(lowering, argument->to);
    } else if (facts_written(lowering, plan->target, i)) {
      arguments[i].returns = true; // a field of a structural argument, or an absent one: nothing keeps it
      arguments[i].place = (Place){.kind = PLACE_TEMPORARY, .type = argument->to};
    }
  }
  evaluate(body, arguments, plan->count);
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, plan->result);
  }
  return finish_direct(body, plan, arguments, function_entry(lowering, plan->target, omitted, false), tail);
}

// On a trait object: the dispatcher is a function that looks at the class id.
static Value call_dispatch(Body *body, const CallPlan *plan, bool tail) {
  Lowering *lowering = body->lowering;
  Argument *arguments = arguments_of(body, plan);
  uint32_t dispatcher = dispatcher_of(lowering, plan);
  for (uint32_t i = 0; i < plan->count; i++) {
    const ArgumentPlan *argument = arguments[i].plan;
    if (argument->mutable && argument->kind == ARGUMENT_VALUE) {
      arguments[i].returns = lowering->dispatchers.items[dispatcher].outs[i];
      arguments[i].is_place = arguments[i].returns || !is_reference(lowering, argument->to);
    }
  }
  evaluate(body, arguments, plan->count);
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, plan->result);
  }
  return finish_direct(body, plan, arguments, lowering->dispatchers.items[dispatcher].function, tail);
}

// One call through a closure; `f(a, b)` may stand for `f(a)(b)` (05 §5.15.5).
typedef struct Application {
  const CallPlan *plan;
  Argument *arguments;
  TypeId result; // of this call, not of those that follow
} Application;

// Presence flags before defaulted parameters; every `~` parameter comes back.
static Value apply(Body *body, const Application *application, IrValue closure) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  const CallPlan *plan = application->plan;
  const Signature *signature = layout_signature_defined(lowering, type_plain(lowering, plan->function));
  read_slots(body, application->arguments, plan->count);
  Values lanes = {0};
  VECTOR_PUSH(&lowering->scratch, &lanes, closure);
  for (uint32_t i = 0; i < plan->count; i++) {
    const ArgumentPlan *argument = application->arguments[i].plan;
    bool present = argument->kind != ARGUMENT_DEFAULT;
    if (signature->flags[i] & SLOT_DEFAULTED) {
      VECTOR_PUSH(&lowering->scratch, &lanes, ir_i32(ir, present));
    }
    Value value = present ? application->arguments[i].value : lower_nothing(body, argument->to);
    values_push(body, &lanes, slot_value(body, &signature->params[i], value, argument->to));
  }
  IrValue code = ir_struct_get(ir, signature->closure, 0, closure);
  IrValue first = ir_call_ref(ir, signature->function, lanes.items, lanes.count, code);
  effects_after_call(body);
  Value stored = value_run(body, first + signature->result.first, signature->result.count);
  Value result = slot_content(body, &signature->result, stored, application->result);
  for (uint32_t i = 0; i < plan->count; i++) {
    if (application->arguments[i].returns) {
      const Slot *slot = &signature->outs[i];
      Value out = value_run(body, first + slot->first, slot->count);
      write_slot(body, &application->arguments[i],
                 slot_content(body, slot, out, application->arguments[i].plan->to));
    }
  }
  return result;
}

static Application application_of(Body *body, const CallPlan *plan) {
  TypeId function = type_plain(body->lowering, plan->function);
  Application application = {plan, arguments_of(body, plan), type_get(&body->program->types, function)->a};
  for (uint32_t i = 0; i < plan->count; i++) {
    Argument *argument = &application.arguments[i];
    argument->returns = argument->is_place =
        argument->plan->mutable && argument->plan->kind == ARGUMENT_VALUE;
  }
  return application;
}

static Value call_value(Body *body, const CallPlan *plan) {
  const TypedNode *callee = body_typed(body, plan->callee);
  if (callee->role == ROLE_LOCAL &&
      names_local(body->program->names, callee->detail)->kind == LOCAL_CONTINUATION) {
    return effects_resume(body, plan);
  }
  IrValue closure = lower_value(body, plan->callee).lanes[0];
  VECTOR(Application) applications = {0};
  for (const CallPlan *at = plan; at;
       at = at->curried ? &body->program->calls.items[at->curried - 1] : NULL) {
    Application application = application_of(body, at);
    evaluate(body, application.arguments, at->count);
    VECTOR_PUSH(&body->lowering->scratch, &applications, application);
  }
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, plan->result);
  }
  Value result = {NULL, 0};
  for (uint32_t i = 0; i < applications.count; i++) {
    result = apply(body, &applications.items[i], i == 0 ? closure : result.lanes[0]);
  }
  return result;
}

// The elements of `[a, b]`, or the bytes of a string literal.
static Value literal_elements(Body *body, NodeId node, TypeId array) {
  const AstNode *literal = body_node(body, node);
  if (literal->kind == NODE_STRING) {
    return array_of_text(body, literal->literal.text, array);
  }
  NodeRange items = literal->list.items;
  NodeId *nodes = ARENA_ARRAY(&body->lowering->scratch, NodeId, items.count);
  for (uint32_t i = 0; i < items.count; i++) {
    nodes[i] = ast_listed(body->program->ast, items, i);
  }
  return array_of_elements(body, nodes, items.count, array);
}

// A literal is a fixed array, handed to std's maker (05 §5.3).
static Value call_with_elements(Body *body, NodeId node, const CallPlan *plan, bool tail) {
  TypeId array = program_instance(body->program, plan->target)->parameter_types[0];
  Value elements = literal_elements(body, node, array);
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, plan->result);
  }
  IrFunctionId maker = function_entry(body->lowering, plan->target, NULL, false);
  if (tail && can_tail_call(body, NULL, 0, plan->result)) {
    ir_tail_call(&body->ir, maker, elements.lanes, elements.count);
    return lower_nothing(body, plan->result);
  }
  IrValue result = ir_call(&body->ir, maker, elements.lanes, elements.count);
  return value_run(body, result, layout_of(body->lowering, plan->result)->lane_count);
}

Value lower_call(Body *body, NodeId node, bool tail) {
  const CallPlan *plan = &body->program->calls.items[body_typed(body, node)->detail];
  NodeKind kind = body_node(body, node)->kind;
  if (kind == NODE_ARRAY || kind == NODE_STRING) {
    return call_with_elements(body, node, plan, tail);
  }
  switch (plan->kind) {
  case CALL_DIRECT:
    return call_direct(body, plan, tail);
  case CALL_BUILTIN:
    return lower_builtin(body, node);
  case CALL_VALUE:
    return call_value(body, plan);
  case CALL_DISPATCH:
    return call_dispatch(body, plan, tail);
  case CALL_OPERATION:
    return effects_perform(body, plan);
  default:
    UNREACHABLE("a call that lowering does not know");
  }
}

// -------------------------------------------------------------------------------------------- construction

// The values of a literal's entries in source order, overridden ones included (05 §5.20 rule 4).
typedef struct EntryValue {
  NodeId node;
  Value value;
} EntryValue;

static NodeId entry_node(const AstTable *ast, NodeId entry) {
  const AstNode *node = ast_node(ast, entry);
  switch ((NodeKind)node->kind) {
  case NODE_SPREAD:
    return node->unary.operand;
  case NODE_ENTRY:
  case NODE_ARGUMENT:
    return node->labelled.value;
  default:
    return entry;
  }
}

static NodeRange entries_of(const Body *body, NodeId node) {
  const AstNode *at = body_node(body, node);
  switch ((NodeKind)at->kind) {
  case NODE_RECORD:
    return at->list.items;
  case NODE_CONSTRUCT:
    return at->construct.entries;
  case NODE_CALL: {
    NodeRange arguments = at->call.arguments; // `T({ … })` is `T { … }`
    NodeId only = arguments.count == 1 ? ast_listed(body->program->ast, arguments, 0) : 0;
    return only != 0 && body_node(body, only)->kind == NODE_RECORD ? body_node(body, only)->list.items
                                                                   : arguments;
  }
  default:
    return (NodeRange){0, 0};
  }
}

static EntryValue *evaluate_entries(Body *body, NodeId node, uint32_t *count) {
  const AstNode *at = body_node(body, node);
  NodeRange entries = entries_of(body, node);
  bool is_range = at->kind == NODE_RANGE;
  NodeId bounds[2] = {is_range ? at->range.start : 0, is_range ? at->range.end : 0};
  uint32_t total = is_range ? 2 : entries.count;
  EntryValue *values = ARENA_ARRAY(&body->lowering->scratch, EntryValue, total ? total : 1);
  *count = 0;
  for (uint32_t i = 0; i < total; i++) {
    NodeId value =
        is_range ? bounds[i] : entry_node(body->program->ast, ast_listed(body->program->ast, entries, i));
    if (value != 0) {
      values[*count].node = value;
      values[(*count)++].value = lower_value(body, value);
    }
  }
  return values;
}

// The value of one field, by its plan.
static Value field_value(Body *body, NodeId node, const FieldPlan *plan, const EntryValue *entries,
                         uint32_t count) {
  if (plan->node == 0) {
    bool inclusive = (body_node(body, node)->flags & NODE_FLAG_INCLUSIVE) != 0;
    return plan->to == TYPE_BOOL ? value_of(body, ir_i32(&body->ir, inclusive)) // `include_end` of a range
                                 : optional_none(body, plan->to);
  }
  for (uint32_t i = count; i > 0; i--) {
    if (entries[i - 1].node != plan->node) {
      continue;
    }
    TypeId type = body_typed(body, plan->node)->target;
    Value value = entries[i - 1].value;
    if (plan->from_spread) {
      value = value_field(body, value, type, plan->field);
      type = type_field(body->lowering, type, plan->field);
    }
    return convert(body, value, type, plan->to);
  }
  UNREACHABLE("a field without an entry");
}

Value lower_construction(Body *body, NodeId node) {
  Lowering *lowering = body->lowering;
  const ConstructionPlan *plan = &body->program->constructions.items[body_typed(body, node)->detail];
  TypeId type = type_plain(lowering, plan->type);
  uint32_t entry_count;
  const EntryValue *entries = evaluate_entries(body, node, &entry_count);
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, type);
  }
  const Layout *layout = layout_of(lowering, type);
  bool is_value = layout->kind == LAYOUT_VALUE;
  const Class *class = is_value ? NULL : layout_class(lowering, layout_class_of(lowering, type));
  uint32_t count = is_value ? layout->field_count : class->field_count;
  const FieldLayout *fields = is_value ? layout->fields : class->fields;
  Value *values = ARENA_ARRAY(&lowering->scratch, Value, count);
  for (uint32_t i = 0; i < plan->count; i++) {
    const FieldPlan *field = &body->program->field_plans.items[plan->first + i];
    const FieldLayout *slot = layout_field(fields, count, field->field);
    values[slot - fields] = field_value(body, node, field, entries, entry_count);
  }
  return is_value ? value_concat(body, values, count) : value_of(body, object_new(body, type, values));
}

Value lower_tuple(Body *body, NodeId node) {
  NodeRange items = body_node(body, node)->list.items;
  TypeId type = type_plain(body->lowering, body_typed(body, node)->type);
  Value *values = ARENA_ARRAY(&body->lowering->scratch, Value, items.count);
  for (uint32_t i = 0; i < items.count; i++) {
    values[i] = lower_value(body, ast_listed(body->program->ast, items, i));
  }
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, type);
  }
  // Fields of a record are ordered by name, in which "10" comes before "2".
  const Class *class = layout_class(body->lowering, layout_class_of(body->lowering, type));
  uint32_t count = class->field_count;
  const FieldLayout *fields = class->fields;
  Value *ordered = ARENA_ARRAY(&body->lowering->scratch, Value, count);
  for (uint32_t i = 0; i < items.count; i++) {
    const FieldLayout *slot = layout_field(fields, count, types_tuple_field(&body->program->types, i));
    ordered[slot - fields] = values[i];
  }
  return value_of(body, object_new(body, type, ordered));
}
