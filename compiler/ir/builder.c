// Owns the building of instructions and terminators: one function per kind, each appending to the builder's
// current block.
#include "base/failure.h"
#include "ir/internal.h"

IrBlockId ir_current_block(IrBuilder *builder) {
  if (builder->block == 0) {
    builder->block = ir_block_new(builder);
    ir_block(ir_built(builder), builder->block)->sealed = true;
  }
  return builder->block;
}

static IrInstId inst_new(IrBuilder *builder, IrInst inst, const IrValue *operands, uint32_t operand_count) {
  Arena *arena = &builder->module->arena;
  IrFunction *function = ir_built(builder);
  inst.operands = function->operands.count;
  inst.operand_count = operand_count;
  inst.origin = builder->origin;
  for (uint32_t i = 0; i < operand_count; i++) {
    VECTOR_PUSH(arena, &function->operands, operands[i]);
  }
  VECTOR_PUSH(arena, &function->insts, inst);
  return function->insts.count - 1;
}

static void add_results(IrBuilder *builder, IrInstId id, IrBlockId block, const IrType *results,
                        uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    IrValue value = ir_value_new(builder, results[i], id, block);
    IrInst *inst = ir_inst(ir_built(builder), id);
    if (i == 0) {
      inst->result = value;
    }
    inst->result_count++;
  }
}

IrInstId ir_append(IrBuilder *builder, IrInst inst, const IrValue *operands, uint32_t operand_count,
                   const IrType *results, uint32_t result_count) {
  ENSURE(result_count <= UINT16_MAX);
  IrBlockId block = ir_current_block(builder);
  IrInstId id = inst_new(builder, inst, operands, operand_count);
  VECTOR_PUSH(&builder->module->arena, &ir_block(ir_built(builder), block)->insts, id);
  add_results(builder, id, block, results, result_count);
  return id;
}

IrValue ir_undef(IrBuilder *builder, IrType type) {
  IrInstId id = inst_new(builder, (IrInst){.opcode = IR_UNDEF, .a = type}, NULL, 0);
  IrBlock *entry = ir_block(ir_built(builder), 1);
  VECTOR_PUSH(&builder->module->arena, &entry->insts, id);
  memmove(entry->insts.items + 1, entry->insts.items, sizeof(IrInstId) * (entry->insts.count - 1));
  entry->insts.items[0] = id;
  add_results(builder, id, 1, &type, 1);
  return ir_inst(ir_built(builder), id)->result;
}

// One result.
static IrValue append(IrBuilder *builder, IrOpcode opcode, uint32_t a, uint32_t b, const IrValue *operands,
                      uint32_t count, IrType type) {
  IrInstId id =
      ir_append(builder, (IrInst){.opcode = (uint16_t)opcode, .a = a, .b = b}, operands, count, &type, 1);
  return ir_inst(ir_built(builder), id)->result;
}

// No result.
static void perform(IrBuilder *builder, IrOpcode opcode, uint32_t a, uint32_t b, const IrValue *operands,
                    uint32_t count) {
  ir_append(builder, (IrInst){.opcode = (uint16_t)opcode, .a = a, .b = b}, operands, count, NULL, 0);
}

#define OPERANDS(...)                                                                                        \
  ((IrValue[]){__VA_ARGS__}), (uint32_t)(sizeof((IrValue[]){__VA_ARGS__}) / sizeof(IrValue))

// -------------------------------------------------------------------------------------------- terminators

static void terminate(IrBuilder *builder, IrOpcode opcode, uint32_t a, uint32_t b, const IrValue *operands,
                      uint32_t count) {
  IrBlockId block = ir_current_block(builder);
  IrInstId id = inst_new(builder, (IrInst){.opcode = (uint16_t)opcode, .a = a, .b = b}, operands, count);
  ir_block(ir_built(builder), block)->terminator = id;
  builder->block = 0;
}

// Call before `terminate`: the edge leaves the current block.
static void add_edge(IrBuilder *builder, IrBlockId target, const IrValue *args, uint32_t count) {
  Arena *arena = &builder->module->arena;
  IrBlockId from = ir_current_block(builder);
  IrFunction *function = ir_built(builder);
  ENSURE(!ir_block(function, target)->sealed && target != 1);
  IrEdge edge = {.target = target};
  for (uint32_t i = 0; i < count; i++) {
    VECTOR_PUSH(arena, &edge.args, args[i]);
  }
  VECTOR_PUSH(arena, &ir_block(function, from)->edges, edge);
  VECTOR_PUSH(arena, &ir_block(function, target)->pred, from);
}

void ir_br(IrBuilder *builder, IrBlockId target) {
  ir_br_args(builder, target, NULL, 0);
}

void ir_br_args(IrBuilder *builder, IrBlockId target, const IrValue *args, uint32_t count) {
  add_edge(builder, target, args, count);
  terminate(builder, IR_BR, 0, 0, NULL, 0);
}

void ir_br_if(IrBuilder *builder, IrValue condition, IrBlockId taken, IrBlockId otherwise) {
  add_edge(builder, taken, NULL, 0);
  add_edge(builder, otherwise, NULL, 0);
  terminate(builder, IR_BR_IF, 0, 0, OPERANDS(condition));
}

void ir_switch(IrBuilder *builder, IrValue index, const IrBlockId *cases, uint32_t count,
               IrBlockId fallback) {
  for (uint32_t i = 0; i < count; i++) {
    add_edge(builder, cases[i], NULL, 0);
  }
  add_edge(builder, fallback, NULL, 0);
  terminate(builder, IR_SWITCH, 0, 0, OPERANDS(index));
}

void ir_return(IrBuilder *builder, const IrValue *values, uint32_t count) {
  terminate(builder, IR_RETURN, 0, 0, values, count);
}

void ir_trap(IrBuilder *builder) {
  terminate(builder, IR_UNREACHABLE, 0, 0, NULL, 0);
}

// -------------------------------------------------------------------------------------------------- calls

// Arguments followed by one more operand, in the module's arena.
static IrValue *with_last(IrBuilder *builder, const IrValue *args, uint32_t count, IrValue last) {
  IrValue *all = ARENA_ARRAY(&builder->module->arena, IrValue, count + 1);
  for (uint32_t i = 0; i < count; i++) {
    all[i] = args[i];
  }
  all[count] = last;
  return all;
}

static IrValue call(IrBuilder *builder, IrInst inst, IrHeapId type, const IrValue *operands, uint32_t count) {
  const IrHeapType *signature = ir_heap(builder->module, type);
  IrInstId id = ir_append(builder, inst, operands, count, signature->results, signature->result_count);
  return ir_inst(ir_built(builder), id)->result;
}

IrValue ir_call(IrBuilder *builder, IrFunctionId callee, const IrValue *args, uint32_t count) {
  IrHeapId type = ir_function(builder->module, callee)->type;
  return call(builder, (IrInst){.opcode = IR_CALL, .a = callee}, type, args, count);
}

IrValue ir_call_ref(IrBuilder *builder, IrHeapId type, const IrValue *args, uint32_t count, IrValue callee) {
  return call(builder, (IrInst){.opcode = IR_CALL_REF, .a = type}, type,
              with_last(builder, args, count, callee), count + 1);
}

IrValue ir_call_indirect(IrBuilder *builder, IrTableId table, IrHeapId type, const IrValue *args,
                         uint32_t count, IrValue index) {
  return call(builder, (IrInst){.opcode = IR_CALL_INDIRECT, .a = table, .b = type}, type,
              with_last(builder, args, count, index), count + 1);
}

void ir_tail_call(IrBuilder *builder, IrFunctionId callee, const IrValue *args, uint32_t count) {
  terminate(builder, IR_TAIL_CALL, callee, 0, args, count);
}

void ir_tail_call_ref(IrBuilder *builder, IrHeapId type, const IrValue *args, uint32_t count,
                      IrValue callee) {
  terminate(builder, IR_TAIL_CALL_REF, type, 0, with_last(builder, args, count, callee), count + 1);
}

void ir_tail_call_indirect(IrBuilder *builder, IrTableId table, IrHeapId type, const IrValue *args,
                           uint32_t count, IrValue index) {
  terminate(builder, IR_TAIL_CALL_INDIRECT, table, type, with_last(builder, args, count, index), count + 1);
}

// -------------------------------------------------------------------------------------- numbers, variables

IrValue ir_bits(IrBuilder *builder, IrOpcode opcode, uint64_t bits) {
  static const IrType types[] = {IR_I32, IR_I64, IR_F32, IR_F64};
  ENSURE(opcode >= IR_I32_CONST && opcode <= IR_F64_CONST);
  IrInst inst = {.opcode = (uint16_t)opcode, .bits = bits};
  IrInstId id = ir_append(builder, inst, NULL, 0, &types[opcode - IR_I32_CONST], 1);
  return ir_inst(ir_built(builder), id)->result;
}

IrValue ir_i32(IrBuilder *builder, int32_t value) {
  return ir_bits(builder, IR_I32_CONST, (uint32_t)value);
}

IrValue ir_i64(IrBuilder *builder, int64_t value) {
  return ir_bits(builder, IR_I64_CONST, (uint64_t)value);
}

IrValue ir_f32(IrBuilder *builder, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return ir_bits(builder, IR_F32_CONST, bits);
}

IrValue ir_f64(IrBuilder *builder, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return ir_bits(builder, IR_F64_CONST, bits);
}

IrValue ir_zero(IrBuilder *builder, IrType type) {
  switch (ir_type_kind(type)) {
  case IR_KIND_I32:
    return ir_i32(builder, 0);
  case IR_KIND_I64:
    return ir_i64(builder, 0);
  case IR_KIND_F32:
    return ir_bits(builder, IR_F32_CONST, 0);
  case IR_KIND_F64:
    return ir_bits(builder, IR_F64_CONST, 0);
  default:
    return ir_type_is_nullable(type) ? ir_null(builder, type)
                                     : append(builder, IR_UNDEF, type, 0, NULL, 0, type);
  }
}

IrValue ir_unary(IrBuilder *builder, IrOpcode opcode, IrValue operand) {
  const IrOpcodeInfo *info = ir_opcode_info(opcode);
  ENSURE(info->numeric && info->right == IR_VOID);
  return append(builder, opcode, 0, 0, OPERANDS(operand), info->result);
}

IrValue ir_binary(IrBuilder *builder, IrOpcode opcode, IrValue left, IrValue right) {
  const IrOpcodeInfo *info = ir_opcode_info(opcode);
  ENSURE(info->numeric && info->right != IR_VOID);
  return append(builder, opcode, 0, 0, OPERANDS(left, right), info->result);
}

IrValue ir_select(IrBuilder *builder, IrType type, IrValue condition, IrValue if_true, IrValue if_false) {
  return append(builder, IR_SELECT, type, 0, OPERANDS(if_true, if_false, condition), type);
}

IrValue ir_global_get(IrBuilder *builder, IrGlobalId global) {
  return append(builder, IR_GLOBAL_GET, global, 0, NULL, 0, builder->module->globals.items[global].type);
}

void ir_global_set(IrBuilder *builder, IrGlobalId global, IrValue value) {
  perform(builder, IR_GLOBAL_SET, global, 0, OPERANDS(value));
}

// ---------------------------------------------------------------------------------------------- aggregates

IrValue ir_struct_new(IrBuilder *builder, IrHeapId heap, const IrValue *fields, uint32_t count) {
  return append(builder, IR_STRUCT_NEW, heap, 0, fields, count, ir_ref(heap));
}

IrValue ir_struct_new_default(IrBuilder *builder, IrHeapId heap) {
  return append(builder, IR_STRUCT_NEW_DEFAULT, heap, 0, NULL, 0, ir_ref(heap));
}

static IrType field_type(const IrBuilder *builder, IrHeapId heap, uint32_t field) {
  const IrHeapType *type = ir_heap(builder->module, heap);
  ENSURE(field < type->field_count);
  return type->fields[field].type;
}

IrValue ir_struct_get(IrBuilder *builder, IrHeapId heap, uint32_t field, IrValue object) {
  return append(builder, IR_STRUCT_GET, heap, field, OPERANDS(object), field_type(builder, heap, field));
}

IrValue ir_struct_get_signed(IrBuilder *builder, IrHeapId heap, uint32_t field, IrValue object) {
  return append(builder, IR_STRUCT_GET_S, heap, field, OPERANDS(object), field_type(builder, heap, field));
}

void ir_struct_set(IrBuilder *builder, IrHeapId heap, uint32_t field, IrValue object, IrValue value) {
  perform(builder, IR_STRUCT_SET, heap, field, OPERANDS(object, value));
}

IrValue ir_array_new(IrBuilder *builder, IrHeapId heap, IrValue fill, IrValue length) {
  return append(builder, IR_ARRAY_NEW, heap, 0, OPERANDS(fill, length), ir_ref(heap));
}

IrValue ir_array_new_default(IrBuilder *builder, IrHeapId heap, IrValue length) {
  return append(builder, IR_ARRAY_NEW_DEFAULT, heap, 0, OPERANDS(length), ir_ref(heap));
}

IrValue ir_array_new_fixed(IrBuilder *builder, IrHeapId heap, const IrValue *elements, uint32_t count) {
  return append(builder, IR_ARRAY_NEW_FIXED, heap, 0, elements, count, ir_ref(heap));
}

IrValue ir_array_new_data(IrBuilder *builder, IrHeapId heap, IrDataId data, IrValue offset, IrValue length) {
  return append(builder, IR_ARRAY_NEW_DATA, heap, data, OPERANDS(offset, length), ir_ref(heap));
}

IrValue ir_array_get(IrBuilder *builder, IrHeapId heap, IrValue array, IrValue index) {
  return append(builder, IR_ARRAY_GET, heap, 0, OPERANDS(array, index), field_type(builder, heap, 0));
}

IrValue ir_array_get_signed(IrBuilder *builder, IrHeapId heap, IrValue array, IrValue index) {
  return append(builder, IR_ARRAY_GET_S, heap, 0, OPERANDS(array, index), field_type(builder, heap, 0));
}

void ir_array_set(IrBuilder *builder, IrHeapId heap, IrValue array, IrValue index, IrValue value) {
  perform(builder, IR_ARRAY_SET, heap, 0, OPERANDS(array, index, value));
}

IrValue ir_array_len(IrBuilder *builder, IrValue array) {
  return append(builder, IR_ARRAY_LEN, 0, 0, OPERANDS(array), IR_I32);
}

void ir_array_copy(IrBuilder *builder, IrHeapId to_heap, IrHeapId from_heap, IrValue to, IrValue to_index,
                   IrValue from, IrValue from_index, IrValue length) {
  perform(builder, IR_ARRAY_COPY, to_heap, from_heap, OPERANDS(to, to_index, from, from_index, length));
}

void ir_array_fill(IrBuilder *builder, IrHeapId heap, IrValue array, IrValue index, IrValue value,
                   IrValue length) {
  perform(builder, IR_ARRAY_FILL, heap, 0, OPERANDS(array, index, value, length));
}

// ---------------------------------------------------------------------------------------------- references

IrValue ir_null(IrBuilder *builder, IrType type) {
  return append(builder, IR_REF_NULL, type, 0, NULL, 0, type);
}

IrValue ir_ref_func(IrBuilder *builder, IrFunctionId function) {
  return append(builder, IR_REF_FUNC, function, 0, NULL, 0,
                ir_ref(ir_function(builder->module, function)->type));
}

IrValue ir_is_null(IrBuilder *builder, IrValue reference) {
  return append(builder, IR_REF_IS_NULL, 0, 0, OPERANDS(reference), IR_I32);
}

IrValue ir_non_null(IrBuilder *builder, IrValue reference) {
  IrType type = ir_type_non_null(ir_value_type(builder, reference));
  return append(builder, IR_REF_AS_NON_NULL, 0, 0, OPERANDS(reference), type);
}

IrValue ir_ref_eq(IrBuilder *builder, IrValue left, IrValue right) {
  return append(builder, IR_REF_EQ, 0, 0, OPERANDS(left, right), IR_I32);
}

IrValue ir_ref_test(IrBuilder *builder, IrType type, IrValue value) {
  return append(builder, IR_REF_TEST, type, 0, OPERANDS(value), IR_I32);
}

IrValue ir_ref_cast(IrBuilder *builder, IrType type, IrValue value) {
  return append(builder, IR_REF_CAST, type, 0, OPERANDS(value), type);
}

IrValue ir_ref_i31(IrBuilder *builder, IrValue value) {
  return append(builder, IR_REF_I31, 0, 0, OPERANDS(value), ir_type_non_null(IR_I31REF));
}

IrValue ir_i31_get(IrBuilder *builder, IrValue reference, bool sign) {
  return append(builder, sign ? IR_I31_GET_S : IR_I31_GET_U, 0, 0, OPERANDS(reference), IR_I32);
}

// Nullability passes through a conversion.
static IrType like(const IrBuilder *builder, IrValue reference, IrType type) {
  return ir_type_is_nullable(ir_value_type(builder, reference)) ? type : ir_type_non_null(type);
}

IrValue ir_extern_to_any(IrBuilder *builder, IrValue reference) {
  return append(builder, IR_ANY_CONVERT_EXTERN, 0, 0, OPERANDS(reference),
                like(builder, reference, IR_ANYREF));
}

IrValue ir_any_to_extern(IrBuilder *builder, IrValue reference) {
  return append(builder, IR_EXTERN_CONVERT_ANY, 0, 0, OPERANDS(reference),
                like(builder, reference, IR_EXTERNREF));
}

// -------------------------------------------------------------------------------------------------- memory

IrValue ir_load(IrBuilder *builder, IrOpcode opcode, IrValue address, uint32_t offset) {
  static const IrType types[] = {IR_I32, IR_I32, IR_I32, IR_I32, IR_I32, IR_I64, IR_F32, IR_F64};
  ENSURE(opcode >= IR_I32_LOAD && opcode <= IR_F64_LOAD);
  return append(builder, opcode, offset, 0, OPERANDS(address), types[opcode - IR_I32_LOAD]);
}

void ir_store(IrBuilder *builder, IrOpcode opcode, IrValue address, uint32_t offset, IrValue value) {
  ENSURE(opcode >= IR_I32_STORE && opcode <= IR_F64_STORE);
  perform(builder, opcode, offset, 0, OPERANDS(address, value));
}

IrValue ir_memory_size(IrBuilder *builder) {
  return append(builder, IR_MEMORY_SIZE, 0, 0, NULL, 0, IR_I32);
}

IrValue ir_memory_grow(IrBuilder *builder, IrValue pages) {
  return append(builder, IR_MEMORY_GROW, 0, 0, OPERANDS(pages), IR_I32);
}

void ir_memory_copy(IrBuilder *builder, IrValue to, IrValue from, IrValue length) {
  perform(builder, IR_MEMORY_COPY, 0, 0, OPERANDS(to, from, length));
}

void ir_memory_fill(IrBuilder *builder, IrValue to, IrValue byte, IrValue length) {
  perform(builder, IR_MEMORY_FILL, 0, 0, OPERANDS(to, byte, length));
}
