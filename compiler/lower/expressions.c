// Owns the walk over expressions: one function per kind, here or in the file of its concern.
#include "lower/lowering.h"

#include "base/failure.h"
#include "base/limits.h"

Value value_of(Body *body, IrValue lane) {
  IrValue *lanes = ARENA_NEW(&body->lowering->scratch, IrValue);
  *lanes = lane;
  return (Value){lanes, 1};
}

Value value_run(Body *body, IrValue first, uint32_t count) {
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, count);
  for (uint32_t i = 0; i < count; i++) {
    lanes[i] = first + i;
  }
  return (Value){lanes, count};
}

Value value_slice(Value value, uint32_t first, uint32_t count) {
  return (Value){value.lanes + first, count};
}

Value lower_nothing(Body *body, TypeId type) {
  const Layout *layout = layout_of(body->lowering, type);
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, layout->lane_count);
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    lanes[i] = ir_zero(&body->ir, layout->lanes[i]);
  }
  return (Value){lanes, layout->lane_count};
}

static const Value no_lanes = {NULL, 0};

static Value lower_name(Body *body, NodeId id) {
  const TypedNode *typed = body_typed(body, id);
  switch ((NodeRole)typed->role) {
  case ROLE_LOCAL: {
    Place place = place_open(body, id);
    return convert(body, place_read(body, &place), place.type, typed->type);
  }
  case ROLE_LET:
    return let_read(body, typed->detail);
  case ROLE_FUNCTION:
    return lower_function_value(body, typed->detail, typed->type);
  default:
    UNREACHABLE("a name that is no value");
  }
}

static Value lower_literal(Body *body, NodeId id) {
  Constant constant;
  bool is_literal = literal_constant(body->lowering, body_node(body, id), &constant);
  ENSURE(is_literal);
  return value_of(body, ir_bits(&body->ir, constant.opcode, constant.bits));
}

// `tail`: the value is the function's result; what can end the block by itself does.
static Value lower_raw(Body *body, NodeId id, bool tail) {
  const TypedNode *typed = body_typed(body, id);
  const AstNode *node = body_node(body, id);
  if (node->kind == NODE_ASSIGN && typed->role != ROLE_CALL) {
    lower_assign(body, id);
    return no_lanes;
  }
  if (typed->role == ROLE_CALL) {
    return lower_call(body, id, tail);
  }
  if (typed->role == ROLE_CONSTRUCT) {
    return lower_construction(body, id);
  }
  switch ((NodeKind)node->kind) {
  case NODE_INT:
  case NODE_FLOAT:
  case NODE_BOOL:
    return lower_literal(body, id);
  case NODE_VOID:
    return no_lanes;
  case NODE_NAME:
  case NODE_PATH:
    return lower_name(body, id);
  case NODE_MUTABLE:
    return lower_value(body, node->unary.operand);
  case NODE_FIELD:
    return lower_field(body, id);
  case NODE_BLOCK:
    return lower_block(body, id, tail);
  case NODE_IF:
    return lower_if(body, id, tail);
  case NODE_MATCH:
    return lower_match(body, id, tail);
  case NODE_IS:
    return lower_is(body, id);
  case NODE_LAMBDA:
    return lower_lambda(body, id);
  case NODE_TRY:
    return effects_try(body, id);
  case NODE_TUPLE:
    return lower_tuple(body, id);
  case NODE_WHILE:
    lower_while(body, id);
    return no_lanes;
  case NODE_BREAK:
  case NODE_CONTINUE:
    if (node->kind == NODE_BREAK && node->unary.operand != 0) {
      lower_discarded(body, node->unary.operand);
    }
    ENSURE(body->loop != NULL);
    if (!ir_is_dead(&body->ir)) {
      effects_leave(body, body->loop->attempt);
      ir_br(&body->ir, node->kind == NODE_BREAK ? body->loop->done : body->loop->next);
    }
    return lower_nothing(body, typed->type);
  case NODE_RETURN:
    if (node->unary.operand != 0) {
      lower_tail(body, node->unary.operand);
    } else if (!ir_is_dead(&body->ir)) {
      lower_return(body, no_lanes);
    }
    return lower_nothing(body, typed->type);
  case NODE_LET:
    lower_let(body, id);
    return no_lanes;
  default:
    UNREACHABLE("an expression that lowering does not know");
  }
}

// The position of what is being built, for traps and attribution.
static IrInstOrigin enter_node(Body *body, NodeId id) {
  IrInstOrigin outer = body->ir.origin;
  body->ir.origin.position = body_node(body, id)->span.start;
  if (++body->depth > LIMIT_LOWER_DEPTH) {
    lower_reject(body->lowering, body_node(body, id)->span, "an expression nested too deeply");
  }
  return outer;
}

static void leave_node(Body *body, IrInstOrigin outer) {
  body->depth--;
  body->ir.origin = outer;
}

static Value lower(Body *body, NodeId id, bool tail) {
  const TypedNode *typed = body_typed(body, id);
  IrInstOrigin outer = enter_node(body, id);
  Value value;
  if (body->depth > LIMIT_LOWER_DEPTH) {
    value = lower_nothing(body, typed->target);
  } else {
    value = lower_raw(body, id, tail);
    if (ir_is_dead(&body->ir)) {
      value = lower_nothing(body, typed->target);
    } else if (typed->coercion != COERCE_NONE) {
      value = convert(body, value, typed->type, typed->target);
    }
  }
  leave_node(body, outer);
  return value;
}

Value lower_value(Body *body, NodeId id) {
  return lower(body, id, false);
}

void lower_discarded(Body *body, NodeId id) {
  IrInstOrigin outer = enter_node(body, id);
  if (body->depth <= LIMIT_LOWER_DEPTH) {
    (void)lower_raw(body, id, false);
  }
  leave_node(body, outer);
}

void lower_tail(Body *body, NodeId id) {
  const TypedNode *typed = body_typed(body, id);
  bool tail = typed->leaves || convert_is_free(body->lowering, typed->type, body->result);
  Value value = lower(body, id, tail);
  if (!ir_is_dead(&body->ir)) {
    lower_return(body, value);
  }
}
