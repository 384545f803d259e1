// Owns the translation of instructions: constants, operators, calls, aggregates, and the statement that
// writes a value to its local.
#include <stdio.h>

#include "base/failure.h"
#include "base/limits.h"
#include "wasm/internal.h"

// Things are named by number inside Binaryen, whose string pool never shrinks.
NameBuffer number_name(uint32_t id) {
  NameBuffer name;
  snprintf(name.text, sizeof name.text, "%u", id);
  return name;
}

BinaryenExpressionRef note_origin(Emitter *emitter, IrInstOrigin origin, BinaryenExpressionRef expression) {
  if (emitter->options->runtime_diagnostics) {
    OriginNote note = {expression, origin};
    VECTOR_PUSH(&emitter->body, &emitter->origins, note);
  }
  return expression;
}

void push_expression(Emitter *emitter, Expressions *list, BinaryenExpressionRef expression) {
  VECTOR_PUSH(&emitter->body, list, note_origin(emitter, emitter->at, expression));
}

uint32_t new_local(Emitter *emitter, BinaryenType type) {
  VECTOR_PUSH(&emitter->body, &emitter->vars, type);
  return emitter->plan.param_count + emitter->vars.count - 1;
}

// ------------------------------------------------------------------------------------------------ numbers

static BinaryenOp numeric_op(IrOpcode opcode) {
  switch (opcode) {
#define IR_NUMERIC(id, text, result, left, right, effects, backend)                                          \
  case IR_##id:                                                                                              \
    return Binaryen##backend();
#define IR_OPERATION(id, text, a, b, effects)
#include "ir/opcodes.def"
#undef IR_NUMERIC
#undef IR_OPERATION
  default:
    UNREACHABLE("not a numeric opcode");
  }
}

static BinaryenExpressionRef constant_bits(Emitter *emitter, IrOpcode opcode, uint64_t bits) {
  switch (opcode) {
  case IR_I32_CONST:
    return BinaryenConst(emitter->target, BinaryenLiteralInt32((int32_t)bits));
  case IR_I64_CONST:
    return BinaryenConst(emitter->target, BinaryenLiteralInt64((int64_t)bits));
  case IR_F32_CONST:
    return BinaryenConst(emitter->target, BinaryenLiteralFloat32Bits((int32_t)bits));
  default:
    return BinaryenConst(emitter->target, BinaryenLiteralFloat64Bits((int64_t)bits));
  }
}

static BinaryenExpressionRef zero(Emitter *emitter, IrType type) {
  switch (ir_type_kind(type)) {
  case IR_KIND_I32:
    return constant_bits(emitter, IR_I32_CONST, 0);
  case IR_KIND_I64:
    return constant_bits(emitter, IR_I64_CONST, 0);
  case IR_KIND_F32:
    return constant_bits(emitter, IR_F32_CONST, 0);
  case IR_KIND_F64:
    return constant_bits(emitter, IR_F64_CONST, 0);
  default:
    return ir_type_is_nullable(type) ? BinaryenRefNull(emitter->target, emit_type(emitter, type))
                                     : BinaryenUnreachable(emitter->target);
  }
}

static BinaryenExpressionRef function_reference(Emitter *emitter, IrFunctionId id) {
  IrHeapId type = ir_function(emitter->module, id)->type;
  return BinaryenRefFunc(emitter->target, number_name(id).text, emitter->heap_types[type]);
}

static BinaryenExpressionRef read_global(Emitter *emitter, IrGlobalId id) {
  return BinaryenGlobalGet(emitter->target, number_name(id).text,
                           emit_type(emitter, emitter->module->globals.items[id].type));
}

BinaryenExpressionRef emit_constant(Emitter *emitter, IrConstantId id) {
  const IrConstant *constant = &emitter->module->constants.items[id];
  BinaryenExpressionRef *operands =
      ARENA_ARRAY(&emitter->scratch, BinaryenExpressionRef, constant->operand_count);
  for (uint32_t i = 0; i < constant->operand_count; i++) {
    operands[i] = emit_constant(emitter, constant->operands[i]);
  }
  switch (constant->opcode) {
  case IR_REF_NULL:
    return zero(emitter, constant->a);
  case IR_REF_FUNC:
    return function_reference(emitter, constant->a);
  case IR_GLOBAL_GET:
    return read_global(emitter, constant->a);
  case IR_REF_I31:
    return BinaryenRefI31(emitter->target, operands[0]);
  case IR_STRUCT_NEW:
  case IR_STRUCT_NEW_DEFAULT:
    return BinaryenStructNew(emitter->target, operands, constant->operand_count,
                             emitter->heap_types[constant->a]);
  case IR_ARRAY_NEW_FIXED:
    return BinaryenArrayNewFixed(emitter->target, emitter->heap_types[constant->a], operands,
                                 constant->operand_count);
  default:
    return constant_bits(emitter, constant->opcode, constant->bits);
  }
}

// ------------------------------------------------------------------------------------------------- values

static BinaryenExpressionRef emit_inst(Emitter *emitter, const IrInst *inst);

static BinaryenExpressionRef read_local(Emitter *emitter, IrValue value) {
  uint32_t local = emitter->plan.local[value];
  for (uint32_t i = 0; i < emitter->swaps.count; i++) {
    if (emitter->swaps.items[i].local == local) {
      local = emitter->swaps.items[i].saved;
      break;
    }
  }
  return BinaryenLocalGet(emitter->target, local, emit_type(emitter, ir_type_of(emitter->function, value)));
}

BinaryenExpressionRef emit_value(Emitter *emitter, IrValue value) {
  if (emitter->plan.placement[value] == PLACE_LOCAL) {
    return read_local(emitter, value);
  }
  return emit_inst(emitter, ir_inst(emitter->function, emitter->function->values.items[value].inst));
}

BinaryenExpressionRef *emit_operands(Emitter *emitter, const IrInst *inst) {
  BinaryenExpressionRef *operands = ARENA_ARRAY(&emitter->body, BinaryenExpressionRef, inst->operand_count);
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    operands[i] = emit_value(emitter, ir_operands(emitter->function, inst)[i]);
  }
  return operands;
}

static BinaryenType result_type(Emitter *emitter, IrHeapId signature) {
  const IrHeapType *type = ir_heap(emitter->module, signature);
  return emit_tuple_type(emitter, type->results, type->result_count);
}

static BinaryenExpressionRef emit_call(Emitter *emitter, const IrInst *inst, bool is_tail) {
  BinaryenExpressionRef *operands = emit_operands(emitter, inst);
  uint32_t count = inst->operand_count;
  switch ((IrOpcode)inst->opcode) {
  case IR_CALL:
  case IR_TAIL_CALL:
    return (is_tail ? BinaryenReturnCall
                    : BinaryenCall)(emitter->target, number_name(inst->a).text, operands, count,
                                    result_type(emitter, ir_function(emitter->module, inst->a)->type));
  case IR_CALL_REF:
  case IR_TAIL_CALL_REF:
    return (is_tail ? BinaryenReturnCallRef : BinaryenCallRef)(emitter->target, operands[count - 1], operands,
                                                               count - 1, result_type(emitter, inst->a));
  default:
    return shim_call_indirect(emitter->target, number_name(inst->a).text, operands[count - 1], operands,
                              count - 1, emitter->heap_types[inst->b], is_tail);
  }
}

BinaryenExpressionRef emit_tail_call(Emitter *emitter, const IrInst *inst) {
  return note_origin(emitter, inst->origin, emit_call(emitter, inst, true));
}

static BinaryenExpressionRef emit_struct(Emitter *emitter, const IrInst *inst) {
  BinaryenModuleRef target = emitter->target;
  BinaryenExpressionRef *operands = emit_operands(emitter, inst);
  switch ((IrOpcode)inst->opcode) {
  case IR_STRUCT_NEW:
  case IR_STRUCT_NEW_DEFAULT:
    return BinaryenStructNew(target, operands, inst->operand_count, emitter->heap_types[inst->a]);
  case IR_STRUCT_SET:
    return BinaryenStructSet(target, inst->b, operands[0], operands[1]);
  default:
    return BinaryenStructGet(target, inst->b, operands[0],
                             emit_type(emitter, ir_heap(emitter->module, inst->a)->fields[inst->b].type),
                             inst->opcode == IR_STRUCT_GET_S);
  }
}

static BinaryenExpressionRef emit_array(Emitter *emitter, const IrInst *inst) {
  BinaryenModuleRef target = emitter->target;
  BinaryenHeapType heap = inst->a != 0 ? emitter->heap_types[inst->a] : 0;
  BinaryenExpressionRef *o = emit_operands(emitter, inst);
  switch ((IrOpcode)inst->opcode) {
  case IR_ARRAY_NEW:
    return BinaryenArrayNew(target, heap, o[1], o[0]);
  case IR_ARRAY_NEW_DEFAULT:
    return BinaryenArrayNew(target, heap, o[0], NULL);
  case IR_ARRAY_NEW_FIXED:
    return BinaryenArrayNewFixed(target, heap, o, inst->operand_count);
  case IR_ARRAY_NEW_DATA:
    return BinaryenArrayNewData(target, heap, number_name(inst->b).text, o[0], o[1]);
  case IR_ARRAY_SET:
    return BinaryenArraySet(target, o[0], o[1], o[2]);
  case IR_ARRAY_LEN:
    return BinaryenArrayLen(target, o[0]);
  case IR_ARRAY_COPY:
    return BinaryenArrayCopy(target, o[0], o[1], o[2], o[3], o[4]);
  case IR_ARRAY_FILL:
    return BinaryenArrayFill(target, o[0], o[1], o[2], o[3]);
  default:
    return BinaryenArrayGet(target, o[0], o[1],
                            emit_type(emitter, ir_heap(emitter->module, inst->a)->fields[0].type),
                            inst->opcode == IR_ARRAY_GET_S);
  }
}

static BinaryenExpressionRef emit_reference(Emitter *emitter, const IrInst *inst) {
  BinaryenModuleRef target = emitter->target;
  BinaryenExpressionRef *o = emit_operands(emitter, inst);
  switch ((IrOpcode)inst->opcode) {
  case IR_REF_NULL:
    return zero(emitter, inst->a);
  case IR_REF_FUNC:
    return function_reference(emitter, inst->a);
  case IR_REF_IS_NULL:
    return BinaryenRefIsNull(target, o[0]);
  case IR_REF_AS_NON_NULL:
    return BinaryenRefAs(target, BinaryenRefAsNonNull(), o[0]);
  case IR_REF_EQ:
    return BinaryenRefEq(target, o[0], o[1]);
  case IR_REF_TEST:
    return BinaryenRefTest(target, o[0], emit_type(emitter, inst->a));
  case IR_REF_CAST:
    return BinaryenRefCast(target, o[0], emit_type(emitter, inst->a));
  case IR_REF_I31:
    return BinaryenRefI31(target, o[0]);
  case IR_I31_GET_S:
  case IR_I31_GET_U:
    return BinaryenI31Get(target, o[0], inst->opcode == IR_I31_GET_S);
  case IR_ANY_CONVERT_EXTERN:
    return BinaryenRefAs(target, BinaryenRefAsAnyConvertExtern(), o[0]);
  default:
    return BinaryenRefAs(target, BinaryenRefAsExternConvertAny(), o[0]);
  }
}

// Bytes and sign of the loads and stores, by opcode.
static const struct {
  uint8_t bytes;
  bool sign;
  IrType type;
} memory_accesses[] = {
    {4, false, IR_I32}, {1, true, IR_I32},  {1, false, IR_I32}, {2, true, IR_I32},  {2, false, IR_I32},
    {8, false, IR_I64}, {4, false, IR_F32}, {8, false, IR_F64}, {4, false, IR_I32}, {1, false, IR_I32},
    {2, false, IR_I32}, {8, false, IR_I64}, {4, false, IR_F32}, {8, false, IR_F64},
};

static BinaryenExpressionRef emit_memory(Emitter *emitter, const IrInst *inst) {
  BinaryenModuleRef target = emitter->target;
  BinaryenExpressionRef *o = emit_operands(emitter, inst);
  switch ((IrOpcode)inst->opcode) {
  case IR_MEMORY_SIZE:
    return BinaryenMemorySize(target, "m", false);
  case IR_MEMORY_GROW:
    return BinaryenMemoryGrow(target, o[0], "m", false);
  case IR_MEMORY_COPY:
    return BinaryenMemoryCopy(target, o[0], o[1], o[2], "m", "m");
  case IR_MEMORY_FILL:
    return BinaryenMemoryFill(target, o[0], o[1], o[2], "m");
  default:
    break;
  }
  uint32_t access = inst->opcode - IR_I32_LOAD;
  uint32_t bytes = memory_accesses[access].bytes;
  BinaryenType type = emit_type(emitter, memory_accesses[access].type);
  // Alignment is a promise about addresses that nobody makes here: 1 byte.
  return inst->opcode <= IR_F64_LOAD
             ? BinaryenLoad(target, bytes, memory_accesses[access].sign, inst->a, 1, type, o[0], "m")
             : BinaryenStore(target, bytes, inst->a, 1, o[0], o[1], type, "m");
}

static BinaryenExpressionRef build_inst(Emitter *emitter, const IrInst *inst) {
  const IrOpcodeInfo *info = ir_opcode_info(inst->opcode);
  if (info->numeric) {
    BinaryenExpressionRef *o = emit_operands(emitter, inst);
    BinaryenOp op = numeric_op(inst->opcode);
    return info->right == IR_VOID ? BinaryenUnary(emitter->target, op, o[0])
                                  : BinaryenBinary(emitter->target, op, o[0], o[1]);
  }
  IrOpcode opcode = (IrOpcode)inst->opcode;
  if (opcode >= IR_STRUCT_NEW && opcode <= IR_STRUCT_SET) {
    return emit_struct(emitter, inst);
  }
  if (opcode >= IR_ARRAY_NEW && opcode <= IR_ARRAY_FILL) {
    return emit_array(emitter, inst);
  }
  if (opcode >= IR_REF_NULL && opcode <= IR_EXTERN_CONVERT_ANY) {
    return emit_reference(emitter, inst);
  }
  if (opcode >= IR_I32_LOAD && opcode <= IR_MEMORY_FILL) {
    return emit_memory(emitter, inst);
  }
  switch (opcode) {
  case IR_UNDEF:
    return zero(emitter, inst->a);
  case IR_SELECT: {
    BinaryenExpressionRef *o = emit_operands(emitter, inst);
    return BinaryenSelect(emitter->target, o[2], o[0], o[1]);
  }
  case IR_CALL:
  case IR_CALL_REF:
  case IR_CALL_INDIRECT:
    return emit_call(emitter, inst, false);
  case IR_GLOBAL_GET:
    return read_global(emitter, inst->a);
  case IR_GLOBAL_SET:
    return BinaryenGlobalSet(emitter->target, number_name(inst->a).text,
                             emit_value(emitter, ir_operands(emitter->function, inst)[0]));
  default:
    return constant_bits(emitter, opcode, inst->bits);
  }
}

static BinaryenExpressionRef emit_inst(Emitter *emitter, const IrInst *inst) {
  return note_origin(emitter, inst->origin, build_inst(emitter, inst));
}

// --------------------------------------------------------------------------------------------- statements

// One scratch local per tuple type and function: its parts are read at once.
static uint32_t tuple_local(Emitter *emitter, BinaryenType type) {
  for (uint32_t i = 0; i < emitter->tuple_locals.count; i++) {
    uint32_t local = emitter->tuple_locals.items[i];
    if (emitter->vars.items[local - emitter->plan.param_count] == type) {
      return local;
    }
  }
  uint32_t local = new_local(emitter, type);
  VECTOR_PUSH(&emitter->body, &emitter->tuple_locals, local);
  return local;
}

static void emit_results(Emitter *emitter, const IrInst *inst, BinaryenExpressionRef tuple,
                         Expressions *out) {
  BinaryenType type = BinaryenExpressionGetType(tuple);
  bool is_used = false;
  for (uint32_t r = 0; r < inst->result_count; r++) {
    is_used |= emitter->plan.uses[inst->result + r] > 0;
  }
  if (!is_used || BinaryenTypeArity(type) != inst->result_count) {
    push_expression(emitter, out, BinaryenDrop(emitter->target, tuple));
    return;
  }
  uint32_t scratch = tuple_local(emitter, type);
  push_expression(emitter, out, BinaryenLocalSet(emitter->target, scratch, tuple));
  for (uint32_t r = 0; r < inst->result_count; r++) {
    if (emitter->plan.uses[inst->result + r] > 0) {
      BinaryenExpressionRef part =
          BinaryenTupleExtract(emitter->target, BinaryenLocalGet(emitter->target, scratch, type), r);
      push_expression(emitter, out,
                      BinaryenLocalSet(emitter->target, emitter->plan.local[inst->result + r], part));
    }
  }
}

// More elements than the engine takes operands: allocate, then store one by one.
static BinaryenExpressionRef emit_long_array(Emitter *emitter, const IrInst *inst, Expressions *out) {
  BinaryenModuleRef target = emitter->target;
  const IrValue *elements = ir_operands(emitter->function, inst);
  BinaryenType type = emit_type(emitter, ir_ref(inst->a));
  uint32_t array = new_local(emitter, type);
  BinaryenExpressionRef length = BinaryenConst(target, BinaryenLiteralInt32((int32_t)inst->operand_count));
  push_expression(emitter, out,
                  BinaryenLocalSet(target, array,
                                   BinaryenArrayNew(target, emitter->heap_types[inst->a], length,
                                                    emit_value(emitter, elements[0]))));
  for (uint32_t i = 1; i < inst->operand_count; i++) {
    BinaryenExpressionRef index = BinaryenConst(target, BinaryenLiteralInt32((int32_t)i));
    push_expression(emitter, out,
                    BinaryenArraySet(target, BinaryenLocalGet(target, array, type), index,
                                     emit_value(emitter, elements[i])));
  }
  return BinaryenLocalGet(target, array, type);
}

void emit_statement(Emitter *emitter, IrInstId id, Expressions *out) {
  const IrInst *inst = ir_inst(emitter->function, id);
  emitter->at = inst->origin;
  bool is_long = inst->opcode == IR_ARRAY_NEW_FIXED && inst->operand_count > LIMIT_ENGINE_ARRAY_OPERANDS;
  BinaryenExpressionRef expression = is_long ? emit_long_array(emitter, inst, out) : emit_inst(emitter, inst);
  if (inst->result_count == 0) {
    push_expression(emitter, out, expression);
  } else if (inst->result_count > 1) {
    emit_results(emitter, inst, expression, out);
  } else if (emitter->plan.uses[inst->result] == 0) {
    push_expression(emitter, out, BinaryenDrop(emitter->target, expression));
  } else {
    push_expression(emitter, out,
                    BinaryenLocalSet(emitter->target, emitter->plan.local[inst->result], expression));
  }
}
