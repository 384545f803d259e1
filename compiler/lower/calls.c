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
  Value value; // of the parameter's type
} Argument;

typedef VECTOR(IrValue) Lanes;

// Indices of the explicit arguments in source order. Fields of one structural argument share its position.
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

static void evaluate(Body *body, Argument *argument) {
  const ArgumentPlan *plan = argument->plan;
  if (argument->is_place) {
    argument->place = place_open(body, plan->node);
    return;
  }
  NodeId node = plan->mutable ? place_strip(body->program->ast, plan->node) : plan->node;
  argument->value = convert(body, lower_value(body, node), body_typed(body, node)->target, plan->to);
}

// Slots are read when everything else has been evaluated: the callee sees what they hold when it starts.
static void read_slots(Body *body, Argument *arguments, uint32_t count, Lanes *lanes) {
  for (uint32_t i = 0; i < count; i++) {
    Argument *argument = &arguments[i];
    if (argument->is_place) {
      argument->value =
          convert(body, place_read(body, &argument->place), argument->place.type, argument->plan->to);
    }
    for (uint32_t k = 0; k < argument->value.count; k++) {
      VECTOR_PUSH(&body->lowering->scratch, lanes, argument->value.lanes[k]);
    }
  }
}

static void write_slots(Body *body, const Argument *arguments, uint32_t count, IrValue next) {
  for (uint32_t i = 0; i < count; i++) {
    const Argument *argument = &arguments[i];
    if (argument->returns) {
      TypeId type = argument->plan->to;
      Value out = value_run(body, next, layout_of(body->lowering, type)->lane_count);
      next += out.count;
      place_write(body, &argument->place, convert(body, out, type, argument->place.type));
    }
  }
}

// May the call end the function? Its results must be the function's own: either nothing comes back on both
// sides, or the callee hands back the caller's out parameters themselves, in the same order.
static bool can_tail_call(Body *body, const Argument *arguments, uint32_t count, TypeId result) {
  if (!convert_is_free(body->lowering, result, body->result)) {
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

static Value call_direct(Body *body, const CallPlan *plan, bool tail) {
  Lowering *lowering = body->lowering;
  const ArgumentPlan *plans = &body->program->arguments.items[plan->first];
  uint32_t count = plan->count;
  Argument *arguments = ARENA_ARRAY(&lowering->scratch, Argument, count);
  bool *omitted = NULL;
  for (uint32_t i = 0; i < count; i++) {
    arguments[i].plan = &plans[i];
    if (plans[i].kind == ARGUMENT_DEFAULT) {
      omitted = omitted ? omitted : ARENA_ARRAY(&lowering->scratch, bool, count);
      omitted[i] = true;
    } else if (plans[i].mutable) {
      arguments[i].returns = facts_written(lowering, plan->target, i);
      arguments[i].is_place = arguments[i].returns || layout_of(lowering, plans[i].to)->kind != LAYOUT_OBJECT;
    }
  }
  const uint32_t *order = source_order(body, plans, count);
  for (uint32_t i = 0; i < count; i++) {
    if (plans[order[i]].kind != ARGUMENT_DEFAULT) {
      evaluate(body, &arguments[order[i]]);
    }
  }
  Lanes lanes = {0};
  read_slots(body, arguments, count, &lanes);
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, plan->result);
  }
  IrFunctionId callee = function_entry(lowering, plan->target, omitted, false);
  if (tail && can_tail_call(body, arguments, count, plan->result)) {
    ir_tail_call(&body->ir, callee, lanes.items, lanes.count);
    return lower_nothing(body, plan->result);
  }
  IrValue results = ir_call(&body->ir, callee, lanes.items, lanes.count);
  Value value = value_run(body, results, layout_of(lowering, plan->result)->lane_count);
  write_slots(body, arguments, count, results + value.count);
  return value;
}

Value lower_call(Body *body, NodeId node, bool tail) {
  const CallPlan *plan = &body->program->calls.items[body_typed(body, node)->detail];
  switch (plan->kind) {
  case CALL_DIRECT:
    return call_direct(body, plan, tail);
  case CALL_BUILTIN:
    return lower_builtin(body, plan);
  default:
    UNREACHABLE("a call that lowering does not know");
  }
}

// -------------------------------------------------------------------------------------------- construction

typedef struct FieldValue {
  const FieldPlan *plan;
  Value value;
} FieldValue;

// Entries in source order: their nodes' ids grow with their place in the source.
static void evaluate_fields(Body *body, FieldValue *fields, uint32_t count) {
  uint32_t *order = ARENA_ARRAY(&body->lowering->scratch, uint32_t, count);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = i;
    while (at > 0 && fields[order[at - 1]].plan->node > fields[i].plan->node) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = i;
  }
  for (uint32_t i = 0; i < count; i++) {
    FieldValue *field = &fields[order[i]];
    NodeId node = field->plan->node;
    ENSURE(node != 0 && !field->plan->from_spread);
    field->value = convert(body, lower_value(body, node), body_typed(body, node)->target, field->plan->to);
  }
}

Value lower_construction(Body *body, NodeId node) {
  Lowering *lowering = body->lowering;
  const ConstructionPlan *plan = &body->program->constructions.items[body_typed(body, node)->detail];
  FieldValue *values = ARENA_ARRAY(&lowering->scratch, FieldValue, plan->count);
  for (uint32_t i = 0; i < plan->count; i++) {
    values[i].plan = &body->program->field_plans.items[plan->first + i];
  }
  evaluate_fields(body, values, plan->count);
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, plan->type);
  }
  const Layout *layout = layout_of(lowering, plan->type);
  const Class *class = layout->kind == LAYOUT_OBJECT ? layout_class(lowering, layout->class) : NULL;
  uint32_t count = class ? class->heap_field_count : layout->lane_count;
  uint32_t field_count = class ? class->field_count : layout->field_count;
  IrValue *lanes = ARENA_ARRAY(&lowering->scratch, IrValue, count);
  for (uint32_t i = 0; i < plan->count; i++) {
    const FieldLayout *field =
        layout_field(class ? class->fields : layout->fields, field_count, values[i].plan->field);
    for (uint32_t k = 0; k < field->count; k++) {
      lanes[field->first + k] = values[i].value.lanes[k];
    }
  }
  return class ? value_of(body, ir_struct_new(&body->ir, class->heap, lanes, count)) : (Value){lanes, count};
}
