// Owns the translation of types. Every heap type that refers to another stands in one recursive group;
// function types of numbers and abstract references only stand outside, since imports and exports use them
// and Binaryen's closed-world passes leave alone whatever shares a group with those.
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
  uint32_t *index; // by IrHeapId: place in the group + 1, 0: outside
} GroupBuilder;

static bool refers_to_heap_type(const IrType *types, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (ir_type_kind(types[i]) == IR_KIND_REF) {
      return true;
    }
  }
  return false;
}

static bool stands_outside(const IrHeapType *type) {
  return type->kind == IR_HEAP_FUNCTION && type->interned &&
         !refers_to_heap_type(type->params, type->param_count) &&
         !refers_to_heap_type(type->results, type->result_count);
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

bool emit_types(Emitter *emitter) {
  const IrModule *module = emitter->module;
  uint32_t count = module->heap_types.count, grouped = 0;
  emitter->heap_types = ARENA_ARRAY(&emitter->scratch, BinaryenHeapType, count);
  GroupBuilder group = {.emitter = emitter, .index = ARENA_ARRAY(&emitter->scratch, uint32_t, count)};
  for (IrHeapId id = 1; id < count; id++) {
    if (stands_outside(ir_heap(module, id))) {
      emitter->heap_types[id] = lone_signature(emitter, ir_heap(module, id));
    } else {
      group.index[id] = ++grouped;
    }
  }
  if (grouped == 0) {
    return true;
  }
  group.builder = TypeBuilderCreate(grouped);
  TypeBuilderCreateRecGroup(group.builder, 0, grouped);
  for (IrHeapId id = 1; id < count; id++) {
    if (group.index[id] != 0) {
      set_type(&group, id, ir_heap(module, id));
    }
  }
  BinaryenHeapType *built = ARENA_ARRAY(&emitter->scratch, BinaryenHeapType, grouped);
  BinaryenIndex fault;
  TypeBuilderErrorReason reason;
  if (!TypeBuilderBuildAndDispose(group.builder, built, &fault, &reason)) {
    return false;
  }
  for (IrHeapId id = 1; id < count; id++) {
    if (group.index[id] != 0) {
      emitter->heap_types[id] = built[group.index[id] - 1];
    }
  }
  return true;
}
