// Owns built-in operators, numeric intrinsics and literals (05 §5.3, §5.5.3, Appendix A.2).
#include "lower/lowering.h"

#include <stdlib.h>

#include "base/failure.h"

// The instruction of a built-in that is just one; IR_OPCODE_COUNT for the others.
static IrOpcode opcode_of(Builtin builtin) {
  static const uint16_t opcodes[BUILTIN_COUNT] = {
#define OPERATOR(builtin, opcode) [BUILTIN_##builtin] = IR_##opcode + 1,
#include "lower/operators.def"
#undef OPERATOR
  };
  return opcodes[builtin] ? (IrOpcode)(opcodes[builtin] - 1) : IR_OPCODE_COUNT;
}

// `and`, `or`: the right operand only when needed (05 §5.5.3).
static Value short_circuit(Body *body, const CallPlan *plan) {
  const ArgumentPlan *arguments = &body->program->arguments.items[plan->first];
  bool is_and = plan->target == BUILTIN_AND;
  Value left = lower_value(body, arguments[0].node);
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, TYPE_BOOL);
  }
  IrBlockId right = ir_block_new(&body->ir), done = ir_block_new(&body->ir);
  IrBlockId decided = ir_block_new(&body->ir);
  IrValue result = ir_block_param(&body->ir, done, IR_I32);
  ir_br_if(&body->ir, left.lanes[0], is_and ? right : decided, is_and ? decided : right);
  ir_seal(&body->ir, decided);
  ir_enter(&body->ir, decided);
  ir_br_args(&body->ir, done, (IrValue[]){ir_i32(&body->ir, !is_and)}, 1);
  ir_seal(&body->ir, right);
  ir_enter(&body->ir, right);
  Value value = lower_value(body, arguments[1].node);
  if (!ir_is_dead(&body->ir)) {
    ir_br_args(&body->ir, done, value.lanes, 1);
  }
  ir_seal(&body->ir, done);
  ir_enter(&body->ir, done);
  return value_of(body, result);
}

// The numeric built-ins that need more than one instruction.
static IrValue compose(Body *body, Builtin builtin, const IrValue *operands) {
  IrBuilder *ir = &body->ir;
  switch (builtin) {
  case BUILTIN_I32_NEG:
    return ir_binary(ir, IR_I32_SUB, ir_i32(ir, 0), operands[0]);
  case BUILTIN_I64_NEG:
    return ir_binary(ir, IR_I64_SUB, ir_i64(ir, 0), operands[0]);
  case BUILTIN_I64_SHIFT_LEFT:
    return ir_binary(ir, IR_I64_SHL, operands[0], ir_unary(ir, IR_I64_EXTEND_I32_U, operands[1]));
  case BUILTIN_I64_SHIFT_RIGHT_UNSIGNED:
    return ir_binary(ir, IR_I64_SHR_U, operands[0], ir_unary(ir, IR_I64_EXTEND_I32_U, operands[1]));
  default:
    UNREACHABLE("a built-in that lowering does not know");
  }
}

// Linear memory (05 Appendix A.2): text for the host goes through it.
static Value memory_builtin(Body *body, Builtin builtin, const IrValue *operands) {
  IrBuilder *ir = &body->ir;
  if (!body->lowering->module->has_memory) {
    ir_memory(body->lowering->module, 1, 0);
  }
  switch (builtin) {
  case BUILTIN_MEMORY_SIZE:
    return value_of(body, ir_memory_size(ir));
  case BUILTIN_MEMORY_GROW:
    return value_of(body, ir_memory_grow(ir, operands[0]));
  case BUILTIN_MEMORY_LOAD_U8:
    return value_of(body, ir_load(ir, IR_I32_LOAD8_U, operands[0], 0));
  case BUILTIN_MEMORY_LOAD_U16:
    return value_of(body, ir_load(ir, IR_I32_LOAD16_U, operands[0], 0));
  case BUILTIN_MEMORY_LOAD_U32:
    return value_of(body, ir_load(ir, IR_I32_LOAD, operands[0], 0));
  case BUILTIN_MEMORY_STORE_U8:
    ir_store(ir, IR_I32_STORE8, operands[0], 0, operands[1]);
    return (Value){NULL, 0};
  case BUILTIN_MEMORY_STORE_U16:
    ir_store(ir, IR_I32_STORE16, operands[0], 0, operands[1]);
    return (Value){NULL, 0};
  case BUILTIN_MEMORY_STORE_U32:
    ir_store(ir, IR_I32_STORE, operands[0], 0, operands[1]);
    return (Value){NULL, 0};
  case BUILTIN_MEMORY_COPY:
    ir_memory_copy(ir, operands[0], operands[1], operands[2]);
    return (Value){NULL, 0};
  case BUILTIN_PANIC_TRAP:
    boundary_publish_panic(body, operands[0], operands[1]);
    ir_trap(ir);
    return (Value){NULL, 0};
  default:
    UNREACHABLE("a built-in that lowering does not know");
  }
}

static NodeId operand_of(const Body *body, NodeId node, uint32_t index) {
  const CallPlan *plan = &body->program->calls.items[body_typed(body, node)->detail];
  return body->program->arguments.items[plan->first + index].node;
}

static bool is_operator(const Body *body, NodeId node) {
  const TypedNode *typed = body_typed(body, node);
  if (typed->role != ROLE_CALL || typed->coercion != COERCE_NONE) {
    return false;
  }
  const CallPlan *plan = &body->program->calls.items[typed->detail];
  return plan->kind == CALL_BUILTIN && plan->count == 2 &&
         opcode_of((Builtin)plan->target) != IR_OPCODE_COUNT;
}

// `a + b + c …` is as deep as it is long: the operators down the left side, without recursion.
static Value lower_operators(Body *body, NodeId node) {
  VECTOR(NodeId) spine = {0};
  do { // the first one's own coercion is its consumer's business
    VECTOR_PUSH(&body->lowering->scratch, &spine, node);
    node = operand_of(body, node, 0);
  } while (is_operator(body, node));
  IrValue value = lower_value(body, node).lanes[0];
  for (uint32_t i = spine.count; i > 0; i--) {
    const CallPlan *plan = &body->program->calls.items[body_typed(body, spine.items[i - 1])->detail];
    IrValue right = lower_value(body, operand_of(body, spine.items[i - 1], 1)).lanes[0];
    body->ir.origin.position = body_node(body, spine.items[i - 1])->span.start;
    value = ir_binary(&body->ir, opcode_of((Builtin)plan->target), value, right);
  }
  return value_of(body, value);
}

Value lower_builtin(Body *body, NodeId node) {
  const CallPlan *plan = &body->program->calls.items[body_typed(body, node)->detail];
  Builtin builtin = (Builtin)plan->target;
  if (builtin == BUILTIN_AND || builtin == BUILTIN_OR) {
    return short_circuit(body, plan);
  }
  if (plan->count == 2 && opcode_of(builtin) != IR_OPCODE_COUNT) {
    return lower_operators(body, node);
  }
  if (builtin >= BUILTIN_ARRAY_NEW && builtin <= BUILTIN_REF_IS_NULL) {
    return lower_array_builtin(body, plan);
  }
  const ArgumentPlan *arguments = &body->program->arguments.items[plan->first];
  IrValue operands[3] = {0, 0, 0};
  ENSURE(plan->count <= 3);
  for (uint32_t i = 0; i < plan->count; i++) {
    operands[i] = lower_value(body, arguments[i].node).lanes[0];
  }
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, plan->result);
  }
  if (builtin > BUILTIN_REF_IS_NULL) {
    return memory_builtin(body, builtin, operands);
  }
  IrOpcode opcode = opcode_of(builtin);
  if (opcode == IR_OPCODE_COUNT) {
    return value_of(body, compose(body, builtin, operands));
  }
  return value_of(body, ir_opcode_info(opcode)->right == IR_VOID
                            ? ir_unary(&body->ir, opcode, operands[0])
                            : ir_binary(&body->ir, opcode, operands[0], operands[1]));
}

// ------------------------------------------------------------------------------------------------ literals

// Decimal digits with sign, modulo 2^64 (05 §5.3 rule 2).
static uint64_t integer_bits(Str text) {
  uint64_t value = 0;
  bool negative = text.length > 0 && text.ptr[0] == '-';
  for (size_t i = 0; i < text.length; i++) {
    if (text.ptr[i] >= '0' && text.ptr[i] <= '9') {
      value = value * 10 + (uint64_t)(text.ptr[i] - '0');
    }
  }
  return negative ? 0 - value : value;
}

bool literal_constant(Lowering *lowering, const AstNode *node, Constant *out) {
  bool wide = (node->flags & NODE_FLAG_WIDE) != 0;
  switch ((NodeKind)node->kind) {
  case NODE_BOOL:
    out->opcode = IR_I32_CONST;
    out->bits = node->boolean.value;
    return true;
  case NODE_INT:
    out->opcode = wide ? IR_I64_CONST : IR_I32_CONST;
    out->bits = integer_bits(context_name(lowering->context, node->literal.text));
    out->bits = wide ? out->bits : (uint32_t)out->bits;
    return true;
  case NODE_FLOAT: {
    Str text = context_name(lowering->context, node->literal.text); // ends in NUL
    out->opcode = wide ? IR_F64_CONST : IR_F32_CONST;
    out->bits = 0;
    if (wide) {
      double value = strtod_l(text.ptr, NULL, lowering->locale);
      memcpy(&out->bits, &value, sizeof value);
    } else {
      float value = strtof_l(text.ptr, NULL, lowering->locale);
      memcpy(&out->bits, &value, sizeof value);
    }
    return true;
  }
  default:
    return false;
  }
}

// --------------------------------------------------------------------------------------- constant folding

static float float_of(uint64_t bits) {
  float value;
  uint32_t narrow = (uint32_t)bits;
  memcpy(&value, &narrow, sizeof value);
  return value;
}

static double double_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint64_t bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint64_t bits_of_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

bool builtin_fold(Builtin builtin, Constant left_constant, Constant right_constant, Constant *out) {
  uint64_t left = left_constant.bits, right = right_constant.bits;
#define FOLD_INTEGER(NAME, expression)                                                                       \
  case BUILTIN_I32_##NAME:                                                                                   \
    out->opcode = IR_I32_CONST;                                                                              \
    out->bits = (uint32_t)(expression);                                                                      \
    return true;                                                                                             \
  case BUILTIN_I64_##NAME:                                                                                   \
    out->opcode = IR_I64_CONST;                                                                              \
    out->bits = (expression);                                                                                \
    return true;
// A NaN's bits are left to the engine.
#define FOLD_FLOAT(NAME, operator)                                                                           \
  case BUILTIN_F32_##NAME: {                                                                                 \
    float result = float_of(left) operator float_of(right);                                                  \
    out->opcode = IR_F32_CONST;                                                                              \
    out->bits = bits_of_float(result);                                                                       \
    return result == result;                                                                                 \
  }                                                                                                          \
  case BUILTIN_F64_##NAME: {                                                                                 \
    double result = double_of(left) operator double_of(right);                                               \
    out->opcode = IR_F64_CONST;                                                                              \
    out->bits = bits_of_double(result);                                                                      \
    return result == result;                                                                                 \
  }
  switch (builtin) {
    FOLD_INTEGER(ADD, left + right)
    FOLD_INTEGER(SUB, left - right)
    FOLD_INTEGER(MUL, left * right)
    FOLD_INTEGER(NEG, 0 - left)
    FOLD_FLOAT(ADD, +)
    FOLD_FLOAT(SUB, -)
    FOLD_FLOAT(MUL, *)
    FOLD_FLOAT(DIV, /)
  case BUILTIN_F32_NEG:
    out->opcode = IR_F32_CONST;
    out->bits = left ^ UINT64_C(1) << 31;
    return true;
  case BUILTIN_F64_NEG:
    out->opcode = IR_F64_CONST;
    out->bits = left ^ UINT64_C(1) << 63;
    return true;
  case BUILTIN_NOT:
    out->opcode = IR_I32_CONST;
    out->bits = !left;
    return true;
  default:
    return false;
  }
#undef FOLD_INTEGER
#undef FOLD_FLOAT
}
