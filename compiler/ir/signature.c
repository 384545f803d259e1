// Owns the typing rules of instructions: what operands an instruction asks for and what it gives, by opcode
// and immediates. Shared by the verifier and the parser of the text form.
#include "ir/internal.h"

static const IrHeapType *callee_type(const IrModule *module, const IrInst *inst) {
  switch ((IrOpcode)inst->opcode) {
  case IR_CALL:
  case IR_TAIL_CALL:
    return ir_heap(module, ir_function(module, inst->a)->type);
  case IR_CALL_REF:
  case IR_TAIL_CALL_REF:
    return ir_heap(module, inst->a);
  case IR_CALL_INDIRECT:
  case IR_TAIL_CALL_INDIRECT:
    return ir_heap(module, inst->b);
  default:
    return NULL;
  }
}

// Operands of opcodes whose count does not depend on immediates.
static uint32_t fixed_operand_count(const IrInst *inst) {
  const IrOpcodeInfo *info = ir_opcode_info(inst->opcode);
  if (info->numeric) {
    return info->right == IR_VOID ? 1 : 2;
  }
  if (inst->opcode >= IR_I32_LOAD && inst->opcode <= IR_F64_LOAD) {
    return 1;
  }
  if (inst->opcode >= IR_I32_STORE && inst->opcode <= IR_F64_STORE) {
    return 2;
  }
  switch ((IrOpcode)inst->opcode) {
  case IR_GLOBAL_SET:
  case IR_STRUCT_GET:
  case IR_STRUCT_GET_S:
  case IR_ARRAY_NEW_DEFAULT:
  case IR_ARRAY_LEN:
  case IR_REF_IS_NULL:
  case IR_REF_AS_NON_NULL:
  case IR_REF_TEST:
  case IR_REF_CAST:
  case IR_REF_I31:
  case IR_I31_GET_S:
  case IR_I31_GET_U:
  case IR_ANY_CONVERT_EXTERN:
  case IR_EXTERN_CONVERT_ANY:
  case IR_MEMORY_GROW:
  case IR_BR_IF:
  case IR_SWITCH:
    return 1;
  case IR_STRUCT_SET:
  case IR_ARRAY_NEW:
  case IR_ARRAY_NEW_DATA:
  case IR_ARRAY_GET:
  case IR_ARRAY_GET_S:
  case IR_REF_EQ:
    return 2;
  case IR_SELECT:
  case IR_ARRAY_SET:
  case IR_MEMORY_COPY:
  case IR_MEMORY_FILL:
    return 3;
  case IR_ARRAY_FILL:
    return 4;
  case IR_ARRAY_COPY:
    return 5;
  default:
    return 0;
  }
}

uint32_t ir_expected_operands(const IrModule *module, const IrFunction *function, const IrInst *inst) {
  switch ((IrOpcode)inst->opcode) {
  case IR_CALL:
  case IR_TAIL_CALL:
    return callee_type(module, inst)->param_count;
  case IR_CALL_REF:
  case IR_CALL_INDIRECT:
  case IR_TAIL_CALL_REF:
  case IR_TAIL_CALL_INDIRECT:
    return callee_type(module, inst)->param_count + 1;
  case IR_STRUCT_NEW:
    return ir_heap(module, inst->a)->field_count;
  case IR_ARRAY_NEW_FIXED:
    return inst->operand_count;
  case IR_RETURN:
    return ir_heap(module, function->type)->result_count;
  default:
    return fixed_operand_count(inst);
  }
}

static IrType element_type(const IrModule *module, IrHeapId heap) {
  return ir_heap(module, heap)->fields[0].type;
}

// Operands of array instructions: the array, then indices and lengths, with the element among them.
static IrType array_operand(const IrModule *module, const IrInst *inst, uint32_t index) {
  switch ((IrOpcode)inst->opcode) {
  case IR_ARRAY_NEW:
    return index == 0 ? element_type(module, inst->a) : IR_I32;
  case IR_ARRAY_NEW_FIXED:
    return element_type(module, inst->a);
  case IR_ARRAY_GET:
  case IR_ARRAY_GET_S:
    return index == 0 ? ir_ref_null(inst->a) : IR_I32;
  case IR_ARRAY_SET:
  case IR_ARRAY_FILL:
    return index == 0 ? ir_ref_null(inst->a) : index == 2 ? element_type(module, inst->a) : IR_I32;
  case IR_ARRAY_COPY:
    return index == 0 ? ir_ref_null(inst->a) : index == 2 ? ir_ref_null(inst->b) : IR_I32;
  case IR_ARRAY_LEN:
    return IR_ARRAYREF;
  default:
    return IR_I32;
  }
}

static IrType memory_operand(const IrInst *inst, uint32_t index) {
  static const IrType stored[] = {IR_I32, IR_I32, IR_I32, IR_I64, IR_F32, IR_F64};
  bool is_store = inst->opcode >= IR_I32_STORE && inst->opcode <= IR_F64_STORE;
  return is_store && index == 1 ? stored[inst->opcode - IR_I32_STORE] : IR_I32;
}

// The top of the hierarchy a reference type belongs to: what a test or cast to it may be asked of.
static IrType top_of(const IrModule *module, IrType type) {
  if (ir_is_subtype(module, ir_type_non_null(type), IR_FUNCREF)) {
    return IR_FUNCREF;
  }
  return ir_is_subtype(module, ir_type_non_null(type), IR_EXTERNREF) ? IR_EXTERNREF : IR_ANYREF;
}

static IrType call_operand(const IrModule *module, const IrInst *inst, uint32_t index) {
  const IrHeapType *callee = callee_type(module, inst);
  if (index < callee->param_count) {
    return callee->params[index];
  }
  bool by_reference = inst->opcode == IR_CALL_REF || inst->opcode == IR_TAIL_CALL_REF;
  return by_reference ? ir_ref_null(inst->a) : IR_I32;
}

IrType ir_expected_operand(const IrModule *module, const IrFunction *function, const IrInst *inst,
                           uint32_t index) {
  const IrOpcodeInfo *info = ir_opcode_info(inst->opcode);
  if (info->numeric) {
    return index == 0 ? info->left : info->right;
  }
  switch ((IrOpcode)inst->opcode) {
  case IR_SELECT:
    return index == 2 ? IR_I32 : inst->a;
  case IR_CALL:
  case IR_CALL_REF:
  case IR_CALL_INDIRECT:
  case IR_TAIL_CALL:
  case IR_TAIL_CALL_REF:
  case IR_TAIL_CALL_INDIRECT:
    return call_operand(module, inst, index);
  case IR_GLOBAL_SET:
    return module->globals.items[inst->a].type;
  case IR_STRUCT_NEW:
    return ir_heap(module, inst->a)->fields[index].type;
  case IR_STRUCT_GET:
  case IR_STRUCT_GET_S:
    return ir_ref_null(inst->a);
  case IR_STRUCT_SET:
    return index == 0 ? ir_ref_null(inst->a) : ir_heap(module, inst->a)->fields[inst->b].type;
  case IR_ARRAY_NEW:
  case IR_ARRAY_NEW_DEFAULT:
  case IR_ARRAY_NEW_FIXED:
  case IR_ARRAY_NEW_DATA:
  case IR_ARRAY_GET:
  case IR_ARRAY_GET_S:
  case IR_ARRAY_SET:
  case IR_ARRAY_LEN:
  case IR_ARRAY_COPY:
  case IR_ARRAY_FILL:
    return array_operand(module, inst, index);
  case IR_REF_IS_NULL:
  case IR_REF_AS_NON_NULL:
    return IR_VOID;
  case IR_REF_EQ:
    return IR_EQREF;
  case IR_REF_TEST:
  case IR_REF_CAST:
    return top_of(module, inst->a);
  case IR_I31_GET_S:
  case IR_I31_GET_U:
    return IR_I31REF;
  case IR_ANY_CONVERT_EXTERN:
    return IR_EXTERNREF;
  case IR_EXTERN_CONVERT_ANY:
    return IR_ANYREF;
  case IR_RETURN:
    return ir_heap(module, function->type)->results[index];
  default:
    return memory_operand(inst, index);
  }
}

uint32_t ir_expected_results(const IrModule *module, const IrInst *inst) {
  const IrOpcodeInfo *info = ir_opcode_info(inst->opcode);
  switch ((IrOpcode)inst->opcode) {
  case IR_CALL:
  case IR_CALL_REF:
  case IR_CALL_INDIRECT:
    return callee_type(module, inst)->result_count;
  case IR_GLOBAL_SET:
  case IR_STRUCT_SET:
  case IR_ARRAY_SET:
  case IR_ARRAY_COPY:
  case IR_ARRAY_FILL:
  case IR_MEMORY_COPY:
  case IR_MEMORY_FILL:
    return 0;
  default:
    return info->effects & IR_TERMINATES || (inst->opcode >= IR_I32_STORE && inst->opcode <= IR_F64_STORE)
               ? 0
               : 1;
  }
}

// Nullability passes through a conversion.
static IrType like_operand(const IrFunction *function, const IrInst *inst, IrType nullable) {
  IrType operand = ir_type_of(function, ir_operands(function, inst)[0]);
  return ir_type_is_nullable(operand) ? nullable : ir_type_non_null(nullable);
}

IrType ir_expected_result(const IrModule *module, const IrFunction *function, const IrInst *inst,
                          uint32_t index) {
  static const IrType loaded[] = {IR_I32, IR_I32, IR_I32, IR_I32, IR_I32, IR_I64, IR_F32, IR_F64};
  const IrOpcodeInfo *info = ir_opcode_info(inst->opcode);
  if (info->numeric) {
    return info->result;
  }
  if (inst->opcode >= IR_I32_LOAD && inst->opcode <= IR_F64_LOAD) {
    return loaded[inst->opcode - IR_I32_LOAD];
  }
  switch ((IrOpcode)inst->opcode) {
  case IR_I64_CONST:
    return IR_I64;
  case IR_F32_CONST:
    return IR_F32;
  case IR_F64_CONST:
    return IR_F64;
  case IR_UNDEF:
  case IR_SELECT:
  case IR_REF_NULL:
  case IR_REF_CAST:
    return inst->a;
  case IR_CALL:
  case IR_CALL_REF:
  case IR_CALL_INDIRECT:
    return callee_type(module, inst)->results[index];
  case IR_GLOBAL_GET:
    return module->globals.items[inst->a].type;
  case IR_STRUCT_NEW:
  case IR_STRUCT_NEW_DEFAULT:
  case IR_ARRAY_NEW:
  case IR_ARRAY_NEW_DEFAULT:
  case IR_ARRAY_NEW_FIXED:
  case IR_ARRAY_NEW_DATA:
    return ir_ref(inst->a);
  case IR_STRUCT_GET:
  case IR_STRUCT_GET_S:
    return ir_heap(module, inst->a)->fields[inst->b].type;
  case IR_ARRAY_GET:
  case IR_ARRAY_GET_S:
    return element_type(module, inst->a);
  case IR_REF_FUNC:
    return ir_ref(ir_function(module, inst->a)->type);
  case IR_REF_AS_NON_NULL:
    return ir_type_non_null(ir_type_of(function, ir_operands(function, inst)[0]));
  case IR_REF_I31:
    return ir_type_non_null(IR_I31REF);
  case IR_ANY_CONVERT_EXTERN:
    return like_operand(function, inst, IR_ANYREF);
  case IR_EXTERN_CONVERT_ANY:
    return like_operand(function, inst, IR_EXTERNREF);
  default:
    return IR_I32; // constants, tests, lengths, sizes
  }
}

static bool immediate_valid(const IrModule *module, const IrInst *inst, IrImmediate kind, uint32_t id) {
  switch (kind) {
  case IR_IMMEDIATE_TYPE:
    return ir_type_valid(module, id);
  case IR_IMMEDIATE_STRUCT:
    return id > 0 && id < module->heap_types.count && ir_heap(module, id)->kind == IR_HEAP_STRUCT;
  case IR_IMMEDIATE_ARRAY:
    return id > 0 && id < module->heap_types.count && ir_heap(module, id)->kind == IR_HEAP_ARRAY;
  case IR_IMMEDIATE_SIGNATURE:
    return id > 0 && id < module->heap_types.count && ir_heap(module, id)->kind == IR_HEAP_FUNCTION;
  case IR_IMMEDIATE_FIELD:
    return id < ir_heap(module, inst->a)->field_count;
  case IR_IMMEDIATE_FUNCTION:
    return id > 0 && id < module->functions.count &&
           immediate_valid(module, inst, IR_IMMEDIATE_SIGNATURE, ir_function(module, id)->type);
  case IR_IMMEDIATE_GLOBAL:
    return id > 0 && id < module->globals.count;
  case IR_IMMEDIATE_TABLE:
    return id > 0 && id < module->tables.count;
  case IR_IMMEDIATE_DATA:
    return id > 0 && id < module->data.count;
  default:
    return true;
  }
}

bool ir_type_valid(const IrModule *module, IrType type) {
  IrKind kind = ir_type_kind(type);
  IrHeapId heap = ir_type_heap(type);
  if (kind == IR_KIND_REF) {
    return heap > 0 && heap < module->heap_types.count && ir_heap(module, heap)->kind != IR_HEAP_UNDEFINED;
  }
  return kind > IR_KIND_VOID && kind < IR_KIND_REF && heap == 0 &&
         (ir_type_is_reference(type) || !ir_type_is_nullable(type));
}

bool ir_immediates_valid(const IrModule *module, const IrInst *inst) {
  const IrOpcodeInfo *info = ir_opcode_info(inst->opcode);
  if (!immediate_valid(module, inst, info->a, inst->a) || !immediate_valid(module, inst, info->b, inst->b)) {
    return false;
  }
  switch ((IrOpcode)inst->opcode) {
  case IR_REF_NULL:
    return ir_type_is_nullable(inst->a);
  case IR_REF_TEST:
  case IR_REF_CAST:
    return ir_type_is_reference(inst->a);
  case IR_STRUCT_GET_S:
    return ir_heap(module, inst->a)->fields[inst->b].packing != IR_PACK_NONE;
  case IR_ARRAY_GET_S:
    return ir_heap(module, inst->a)->fields[0].packing != IR_PACK_NONE;
  default:
    return true;
  }
}
