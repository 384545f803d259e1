// Owns the representation of types: which lanes a value has, which struct a class is.
//
// Invariant: a layout depends on the type alone (and on facts of the whole program that are settled before
// the first body is built), never on who asks or when. Classes are declared when a type is first laid out and
// defined when a field is first touched, so that objects may refer to each other in circles.
#include "lower/lowering.h"

#include "base/failure.h"

static const IrType scalar_types[] = {
    [TYPE_I32] = IR_I32, [TYPE_I64] = IR_I64, [TYPE_F32] = IR_F32, [TYPE_F64] = IR_F64, [TYPE_BOOL] = IR_I32};

static IrType *one_lane(Lowering *lowering, IrType type) {
  IrType *lane = ARENA_NEW(&lowering->arena, IrType);
  *lane = type;
  return lane;
}

static Name nominal_name(const Lowering *lowering, TypeId type) {
  return names_symbol(lowering->program->names, type_get(&lowering->program->types, type)->symbol)->name;
}

// The nominal type that `type` derives from, TYPE_NONE for those that stand directly below Object.
static TypeId base_of(Lowering *lowering, TypeId type) {
  TypeId base = declarations_base(&lowering->program->declarations, type);
  return base == TYPE_OBJECT ? TYPE_NONE : base;
}

// Runs of lanes one after another: fields of a value, or of a class behind those of its base.
static FieldLayout *place_fields(Lowering *lowering, TypeId type, uint32_t *field_count, uint32_t *lane_count,
                                 const Class *base) {
  uint32_t count;
  const TypeField *own = declarations_fields(&lowering->program->declarations, type, &count);
  FieldLayout *fields = ARENA_ARRAY(&lowering->arena, FieldLayout, count);
  for (uint32_t i = 0; i < count; i++) {
    // A derived object repeats the fields of its base (04 §6.1); they lie where the base has them.
    const FieldLayout *inherited = base ? layout_field(base->fields, base->field_count, own[i].name) : NULL;
    if (inherited) {
      fields[i] = *inherited;
    } else {
      uint32_t lanes = layout_of(lowering, own[i].type)->lane_count;
      fields[i] = (FieldLayout){own[i].name, own[i].type, *lane_count, lanes};
      *lane_count += lanes;
    }
  }
  *field_count = count;
  return fields;
}

static void lay_out_value(Lowering *lowering, TypeId type, Layout *layout) {
  layout->kind = LAYOUT_VALUE;
  layout->fields = place_fields(lowering, type, &layout->field_count, &layout->lane_count, NULL);
  IrType *lanes = ARENA_ARRAY(&lowering->arena, IrType, layout->lane_count);
  for (uint32_t i = 0; i < layout->field_count; i++) {
    const FieldLayout *field = &layout->fields[i];
    memcpy(lanes + field->first, layout_of(lowering, field->type)->lanes, sizeof(IrType) * field->count);
  }
  layout->lanes = lanes;
}

static void lay_out_object(Lowering *lowering, TypeId type, Layout *layout) {
  TypeId base = base_of(lowering, type);
  // The base first: a supertype has the smaller id.
  ClassId base_class = base == TYPE_NONE ? 0 : layout_of(lowering, base)->class;
  layout->kind = LAYOUT_OBJECT;
  layout->class = lowering->classes.count;
  IrHeapId heap = ir_heap_declare(lowering->module, nominal_name(lowering, type));
  VECTOR_PUSH(&lowering->arena, &lowering->classes, (Class){.type = type, .base = base_class, .heap = heap});
  layout->lane_count = 1;
  layout->lanes = one_lane(lowering, ir_ref_null(heap));
}

const Layout *layout_of(Lowering *lowering, TypeId type) {
  if (type < lowering->layouts.count && lowering->layouts.items[type]) {
    return lowering->layouts.items[type];
  }
  if (type >= lowering->layouts.count) {
    (void)VECTOR_EXTEND(&lowering->arena, &lowering->layouts, type + 1 - lowering->layouts.count);
  }
  Layout *layout = ARENA_NEW(&lowering->arena, Layout);
  const TypeTable *types = &lowering->program->types;
  switch (type_kind(types, type)) {
  case KIND_PRIMITIVE:
    layout->lane_count = type != TYPE_VOID;
    layout->lanes = type == TYPE_VOID ? NULL : &scalar_types[type];
    break;
  case KIND_NOMINAL:
    if (types_is_value(types, type)) {
      lay_out_value(lowering, type, layout);
    } else {
      lay_out_object(lowering, type, layout);
    }
    break;
  default:
    UNREACHABLE("a type without layout");
  }
  lowering->layouts.items[type] = layout;
  return layout;
}

const Class *layout_class(Lowering *lowering, ClassId id) {
  Class *class = &lowering->classes.items[id];
  if (class->defined) {
    return class;
  }
  class->defined = true;
  uint32_t base_count = 0;
  const Class *base = NULL;
  if (class->base != 0) {
    base = layout_class(lowering, class->base);
    base_count = base->heap_field_count;
  }
  TypeId type = class->type;
  uint32_t field_count, lane_count = base_count;
  FieldLayout *fields = place_fields(lowering, type, &field_count, &lane_count, base);
  IrField *heap_fields = ARENA_ARRAY(&lowering->scratch, IrField, lane_count);
  for (uint32_t i = 0; i < field_count; i++) {
    const IrType *lanes = layout_of(lowering, fields[i].type)->lanes;
    for (uint32_t k = 0; k < fields[i].count; k++) {
      heap_fields[fields[i].first + k] =
          (IrField){.name = fields[i].name, .type = lanes[k], .mutable_ = true};
    }
  }
  class = &lowering->classes.items[id]; // laying out the fields may have moved the table
  class->fields = fields;
  class->field_count = field_count;
  class->heap_field_count = lane_count;
  bool open = id_map_get(&lowering->open_names, nominal_name(lowering, type)) != ID_MAP_NONE;
  ir_struct_define(lowering->module, class->heap, class->base ? lowering->classes.items[class->base].heap : 0,
                   open, heap_fields, lane_count);
  return class;
}

const FieldLayout *layout_field(const FieldLayout *fields, uint32_t count, Name name) {
  for (uint32_t i = 0; i < count; i++) {
    if (fields[i].name == name) {
      return &fields[i];
    }
  }
  return NULL;
}
