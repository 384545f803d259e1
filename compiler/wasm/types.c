// Owns the translation of types. Structs, arrays and what they refer to stand in one recursive group, as far
// as the code mentions them: a module that uses one type of a group carries all of it. All other function
// types stand outside, each alone: imports and exports use some of them, and Binaryen's closed-world passes
// leave alone whatever shares a group with those.
#include "base/failure.h"
#include "wasm/internal.h"

static BinaryenHeapType abstract_heap(IrKind kind) {
  switch (kind) {
  case IR_KIND_ANY:
    return BinaryenHeapTypeAny();
  case IR_KIND_EQ:
    return BinaryenHeapTypeEq();
  case IR_KIND_I31:
    return BinaryenHeapTypeI31();
  case IR_KIND_STRUCT:
    return BinaryenHeapTypeStruct();
  case IR_KIND_ARRAY:
    return BinaryenHeapTypeArray();
  case IR_KIND_FUNC:
    return BinaryenHeapTypeFunc();
  case IR_KIND_EXTERN:
    return BinaryenHeapTypeExt();
  case IR_KIND_NONE:
    return BinaryenHeapTypeNone();
  case IR_KIND_NOFUNC:
    return BinaryenHeapTypeNofunc();
  case IR_KIND_NOEXTERN:
    return BinaryenHeapTypeNoext();
  default:
    UNREACHABLE("not an abstract reference");
  }
}

static BinaryenType number_type(IrKind kind) {
  switch (kind) {
  case IR_KIND_I32:
    return BinaryenTypeInt32();
  case IR_KIND_I64:
    return BinaryenTypeInt64();
  case IR_KIND_F32:
    return BinaryenTypeFloat32();
  case IR_KIND_F64:
    return BinaryenTypeFloat64();
  default:
    return BinaryenTypeNone();
  }
}

BinaryenType emit_type(const Emitter *emitter, IrType type) {
  IrKind kind = ir_type_kind(type);
  if (!ir_type_is_reference(type)) {
    return number_type(kind);
  }
  BinaryenHeapType heap = kind == IR_KIND_REF ? emitter->heap_types[ir_type_heap(type)] : abstract_heap(kind);
  return BinaryenTypeFromHeapType(heap, ir_type_is_nullable(type));
}

BinaryenType emit_tuple_type(Emitter *emitter, const IrType *types, uint32_t count) {
  if (count == 0) {
    return BinaryenTypeNone();
  }
  if (count == 1) {
    return emit_type(emitter, types[0]);
  }
  BinaryenType *items = ARENA_ARRAY(&emitter->scratch, BinaryenType, count);
  for (uint32_t i = 0; i < count; i++) {
    items[i] = emit_type(emitter, types[i]);
  }
  return BinaryenTypeCreate(items, count);
}

// ------------------------------------------------------------------------------------- the recursive group

typedef struct GroupBuilder {
  Emitter *emitter;
  TypeBuilderRef builder;
  bool *used;            // by IrHeapId: mentioned by the code or by a used type
  bool *referred;        // by IrHeapId: mentioned by a used type
  VECTOR(IrHeapId) work; // used ones whose parts are still to be looked at
  uint32_t *index;       // by IrHeapId: place in the group + 1, 0: outside
} GroupBuilder;

static void use_heap(GroupBuilder *group, IrHeapId id) {
  if (id != 0 && !group->used[id]) {
    group->used[id] = true;
    VECTOR_PUSH(&group->emitter->scratch, &group->work, id);
  }
}

static void use_immediate(GroupBuilder *group, IrImmediate kind, uint32_t immediate) {
  if (kind == IR_IMMEDIATE_TYPE) {
    use_heap(group, ir_type_heap(immediate));
  } else if (kind == IR_IMMEDIATE_STRUCT || kind == IR_IMMEDIATE_ARRAY || kind == IR_IMMEDIATE_SIGNATURE) {
    use_heap(group, immediate);
  }
}

static void use_body(GroupBuilder *group, const IrFunction *function) {
  for (IrBlockId block_id = 1; block_id < function->blocks.count; block_id++) {
    const IrBlock *block = ir_block(function, block_id);
    for (uint32_t p = 0; p < block->params.count; p++) {
      use_heap(group, ir_type_heap(ir_type_of(function, block->params.items[p])));
    }
    for (uint32_t i = 0; block->terminator != 0 && i <= block->insts.count; i++) {
      const IrInst *inst =
          ir_inst(function, i < block->insts.count ? block->insts.items[i] : block->terminator);
      const IrOpcodeInfo *info = ir_opcode_info((IrOpcode)inst->opcode);
      use_immediate(group, info->a, inst->a);
      use_immediate(group, info->b, inst->b);
      for (uint32_t r = 0; r < inst->result_count; r++) {
        use_heap(group, ir_type_heap(ir_type_of(function, inst->result + r)));
      }
    }
  }
}

static void use_items(GroupBuilder *group) {
  const IrModule *module = group->emitter->module;
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    if (!ir_function_is_dropped(ir_function(module, id))) {
      use_heap(group, ir_function(module, id)->type);
      use_body(group, ir_function(module, id));
    }
  }
  for (IrGlobalId id = 1; id < module->globals.count; id++) {
    use_heap(group, ir_type_heap(module->globals.items[id].type));
  }
  for (IrConstantId id = 1; id < module->constants.count; id++) {
    const IrConstant *constant = &module->constants.items[id];
    use_immediate(group, ir_opcode_info(constant->opcode)->a, constant->a);
  }
}

static void refer_to(GroupBuilder *group, IrHeapId id) {
  if (id != 0) {
    group->referred[id] = true;
    use_heap(group, id);
  }
}

// Finds what is used: by the code, then by the types found.
static void find_used(GroupBuilder *group) {
  use_items(group);
  while (group->work.count > 0) {
    const IrHeapType *type = ir_heap(group->emitter->module, group->work.items[--group->work.count]);
    refer_to(group, type->super);
    for (uint32_t i = 0; i < type->field_count; i++) {
      refer_to(group, ir_type_heap(type->fields[i].type));
    }
    for (uint32_t i = 0; i < type->param_count; i++) {
      refer_to(group, ir_type_heap(type->params[i]));
    }
    for (uint32_t i = 0; i < type->result_count; i++) {
      refer_to(group, ir_type_heap(type->results[i]));
    }
  }
}

static bool is_of_numbers(const IrHeapType *type) {
  bool numbers = true;
  for (uint32_t i = 0; i < type->param_count; i++) {
    numbers &= ir_type_kind(type->params[i]) != IR_KIND_REF;
  }
  for (uint32_t i = 0; i < type->result_count; i++) {
    numbers &= ir_type_kind(type->results[i]) != IR_KIND_REF;
  }
  return numbers;
}

typedef enum { PLACE_NONE, PLACE_BEFORE, PLACE_GROUP, PLACE_AFTER } Place;

static Place place_of(const GroupBuilder *group, IrHeapId id) {
  const IrHeapType *type = ir_heap(group->emitter->module, id);
  if (!group->used[id]) {
    return PLACE_NONE;
  }
  if (type->kind != IR_HEAP_FUNCTION || !type->interned) {
    return PLACE_GROUP;
  }
  return is_of_numbers(type) ? PLACE_BEFORE : group->referred[id] ? PLACE_GROUP : PLACE_AFTER;
}

static BinaryenType group_type(GroupBuilder *group, IrType type) {
  if (ir_type_kind(type) != IR_KIND_REF || group->index[ir_type_heap(type)] == 0) {
    return emit_type(group->emitter, type);
  }
  BinaryenHeapType heap = TypeBuilderGetTempHeapType(group->builder, group->index[ir_type_heap(type)] - 1);
  return TypeBuilderGetTempRefType(group->builder, heap, ir_type_is_nullable(type));
}

static BinaryenType group_tuple(GroupBuilder *group, const IrType *types, uint32_t count) {
  if (count == 0) {
    return BinaryenTypeNone();
  }
  BinaryenType *items = ARENA_ARRAY(&group->emitter->scratch, BinaryenType, count);
  for (uint32_t i = 0; i < count; i++) {
    items[i] = group_type(group, types[i]);
  }
  return count == 1 ? items[0] : TypeBuilderGetTempTupleType(group->builder, items, count);
}

static BinaryenPackedType packing(const IrField *field) {
  return field->packing == IR_PACK_I8    ? BinaryenPackedTypeInt8()
         : field->packing == IR_PACK_I16 ? BinaryenPackedTypeInt16()
                                         : BinaryenPackedTypeNotPacked();
}

static void set_struct(GroupBuilder *group, uint32_t at, const IrHeapType *type) {
  Arena *arena = &group->emitter->scratch;
  BinaryenType *types = ARENA_ARRAY(arena, BinaryenType, type->field_count);
  BinaryenPackedType *packings = ARENA_ARRAY(arena, BinaryenPackedType, type->field_count);
  bool *mutables = ARENA_ARRAY(arena, bool, type->field_count);
  for (uint32_t i = 0; i < type->field_count; i++) {
    types[i] = group_type(group, type->fields[i].type);
    packings[i] = packing(&type->fields[i]);
    mutables[i] = type->fields[i].mutable_;
  }
  TypeBuilderSetStructType(group->builder, at, types, packings, mutables, (int)type->field_count);
}

static void set_type(GroupBuilder *group, IrHeapId id, const IrHeapType *type) {
  uint32_t at = group->index[id] - 1;
  switch (type->kind) {
  case IR_HEAP_STRUCT:
    set_struct(group, at, type);
    break;
  case IR_HEAP_ARRAY:
    TypeBuilderSetArrayType(group->builder, at, group_type(group, type->fields[0].type),
                            packing(&type->fields[0]), type->fields[0].mutable_);
    break;
  case IR_HEAP_FUNCTION:
    TypeBuilderSetSignatureType(group->builder, at, group_tuple(group, type->params, type->param_count),
                                group_tuple(group, type->results, type->result_count));
    break;
  case IR_HEAP_UNDEFINED:
    UNREACHABLE("type without a definition");
  }
  if (type->super != 0) {
    TypeBuilderSetSubType(group->builder, at,
                          TypeBuilderGetTempHeapType(group->builder, group->index[type->super] - 1));
  }
  if (type->open) {
    TypeBuilderSetOpen(group->builder, at);
  }
}

// A function type outside the group.
static BinaryenHeapType lone_signature(Emitter *emitter, const IrHeapType *type) {
  TypeBuilderRef builder = TypeBuilderCreate(1);
  BinaryenType params = emit_tuple_type(emitter, type->params, type->param_count);
  TypeBuilderSetSignatureType(builder, 0, params,
                              emit_tuple_type(emitter, type->results, type->result_count));
  BinaryenHeapType heap = 0;
  BinaryenIndex fault;
  TypeBuilderErrorReason reason;
  ENSURE(TypeBuilderBuildAndDispose(builder, &heap, &fault, &reason));
  return heap;
}

static void build_alone(const GroupBuilder *group, Place place) {
  Emitter *emitter = group->emitter;
  for (IrHeapId id = 1; id < emitter->module->heap_types.count; id++) {
    if (place_of(group, id) == place) {
      emitter->heap_types[id] = lone_signature(emitter, ir_heap(emitter->module, id));
    }
  }
}

static bool build_group(GroupBuilder *group, uint32_t count) {
  Emitter *emitter = group->emitter;
  const IrModule *module = emitter->module;
  group->builder = TypeBuilderCreate(count);
  TypeBuilderCreateRecGroup(group->builder, 0, count);
  for (IrHeapId id = 1; id < module->heap_types.count; id++) {
    if (group->index[id] != 0) {
      set_type(group, id, ir_heap(module, id));
    }
  }
  BinaryenHeapType *built = ARENA_ARRAY(&emitter->scratch, BinaryenHeapType, count);
  BinaryenIndex fault;
  TypeBuilderErrorReason reason;
  if (!TypeBuilderBuildAndDispose(group->builder, built, &fault, &reason)) {
    return false;
  }
  for (IrHeapId id = 1; id < module->heap_types.count; id++) {
    if (group->index[id] != 0) {
      emitter->heap_types[id] = built[group->index[id] - 1];
    }
  }
  return true;
}

bool emit_types(Emitter *emitter) {
  uint32_t count = emitter->module->heap_types.count, grouped = 0;
  emitter->heap_types = ARENA_ARRAY(&emitter->scratch, BinaryenHeapType, count);
  GroupBuilder group = {.emitter = emitter,
                        .used = ARENA_ARRAY(&emitter->scratch, bool, count),
                        .referred = ARENA_ARRAY(&emitter->scratch, bool, count),
                        .index = ARENA_ARRAY(&emitter->scratch, uint32_t, count)};
  find_used(&group);
  for (IrHeapId id = 1; id < count; id++) {
    group.index[id] = place_of(&group, id) == PLACE_GROUP ? ++grouped : 0;
  }
  build_alone(&group, PLACE_BEFORE);
  bool ok = grouped == 0 || build_group(&group, grouped);
  if (ok) {
    build_alone(&group, PLACE_AFTER);
  }
  return ok;
}
