// Owns the representation of types: which lanes a value has, which struct a class is.
//
// Invariant: a layout depends on the type and the coercion graph alone, never on who asks or when. What is
// held by reference is declared when its type is first laid out and defined when its inside is first touched,
// so that types may refer to each other in circles.
#include "lower/lowering.h"

#include "base/failure.h"
#include "base/limits.h"

static const IrType scalar_types[] = {[TYPE_I32] = IR_I32, [TYPE_I64] = IR_I64,  [TYPE_F32] = IR_F32,
                                      [TYPE_F64] = IR_F64, [TYPE_BOOL] = IR_I32, [TYPE_U8] = IR_I32};

static const IrType *one_lane(Lowering *lowering, IrType type) {
  IrType *lane = ARENA_NEW(&lowering->arena, IrType);
  *lane = type;
  return lane;
}

static void set_lane(Lowering *lowering, Layout *layout, LayoutKind kind, IrType type) {
  layout->kind = kind;
  layout->lane_count = 1;
  layout->lanes = one_lane(lowering, type);
}

Name type_name(const Lowering *lowering, TypeId type) {
  const Type *at = type_get(&lowering->program->types, type);
  return at->kind == KIND_NOMINAL ? names_symbol(lowering->program->names, at->symbol)->name : NAME_EMPTY;
}

// The nominal type that `type` derives from, TYPE_NONE for those that stand directly below Object.
static TypeId base_of(Lowering *lowering, TypeId type) {
  if (type_kind(&lowering->program->types, type) != KIND_NOMINAL) {
    return TYPE_NONE;
  }
  TypeId base = declarations_base(&lowering->program->declarations, type);
  return base == TYPE_OBJECT ? TYPE_NONE : base;
}

static const TypeField *fields_of(Lowering *lowering, TypeId type, uint32_t *count) {
  const TypeTable *types = &lowering->program->types;
  const Type *at = type_get(types, type);
  if (at->kind == KIND_RECORD) {
    *count = at->count;
    return type_fields(types, at);
  }
  return declarations_fields(&lowering->program->declarations, type, count);
}

TypeId type_field(Lowering *lowering, TypeId type, Name name) {
  TypeField field;
  bool found = types_find_field(&lowering->program->declarations, type_plain(lowering, type), name, &field);
  ENSURE(found);
  return field.type;
}

const FieldLayout *layout_field(const FieldLayout *fields, uint32_t count, Name name) {
  for (uint32_t i = 0; i < count; i++) {
    if (fields[i].name == name) {
      return &fields[i];
    }
  }
  return NULL;
}

IrHeapId layout_root(Lowering *lowering) {
  if (lowering->root == 0) {
    lowering->root = ir_heap_declare(lowering->module, NAME_EMPTY);
    ir_struct_define(lowering->module, lowering->root, 0, true, &(IrField){.type = IR_I32}, 1);
  }
  return lowering->root;
}

// --------------------------------------------------------------------------------------------------- slots

// What one member of a joined set has in a slot; `index` says which slot.
typedef TypeId (*SlotType)(Lowering *lowering, TypeId member, uint32_t index);

static bool same_lanes(const Layout *first, const Layout *second) {
  return first->lane_count == second->lane_count &&
         (first->lane_count == 0 ||
          memcmp(first->lanes, second->lanes, sizeof(IrType) * first->lane_count) == 0);
}

static Slot slot_of(Lowering *lowering, TypeId set, SlotType slot_type, uint32_t index, uint32_t first) {
  const Layout *layout = layout_of(lowering, slot_type(lowering, set, index));
  for (TypeId member = coercions_next(lowering, set); member != set;
       member = coercions_next(lowering, member)) {
    if (!same_lanes(layout, layout_of(lowering, slot_type(lowering, member, index)))) {
      return (Slot){true, first, 1, one_lane(lowering, IR_ANYREF)};
    }
  }
  return (Slot){false, first, layout->lane_count, layout->lanes};
}

static TypeId field_type_at(Lowering *lowering, TypeId member, uint32_t index) {
  uint32_t count;
  return fields_of(lowering, member, &count)[index].type;
}

static TypeId element_type(Lowering *lowering, TypeId member, uint32_t index) {
  (void)index;
  return type_get(&lowering->program->types, member)->a;
}

static TypeId parameter_type(Lowering *lowering, TypeId member, uint32_t index) {
  const TypeTable *types = &lowering->program->types;
  return type_slots(types, type_get(types, member))[index].type;
}

static TypeId result_type(Lowering *lowering, TypeId member, uint32_t index) {
  (void)index;
  return type_get(&lowering->program->types, member)->a;
}

// ------------------------------------------------------------------------------------------------- layouts

static void lay_out_value(Lowering *lowering, TypeId type, Layout *layout) {
  uint32_t count;
  const TypeField *declared = fields_of(lowering, type, &count);
  FieldLayout *fields = ARENA_ARRAY(&lowering->arena, FieldLayout, count);
  layout->kind = LAYOUT_VALUE;
  for (uint32_t i = 0; i < count; i++) {
    const Layout *field = layout_of(lowering, declared[i].type);
    fields[i] = (FieldLayout){
        declared[i].name, declared[i].type, {false, layout->lane_count, field->lane_count, field->lanes}};
    layout->lane_count += field->lane_count;
    if (layout->lane_count > LIMIT_ENGINE_PARAMETERS) {
      Span span =
          names_symbol(lowering->program->names, type_get(&lowering->program->types, type)->symbol)->span;
      lower_reject(lowering, span, "a value type with too many fields");
      layout->lane_count = 0;
      fields[i].slot = (Slot){0};
    }
  }
  IrType *lanes = ARENA_ARRAY(&lowering->arena, IrType, layout->lane_count);
  for (uint32_t i = 0; i < count && layout->lane_count > 0; i++) {
    memcpy(lanes + fields[i].slot.first, fields[i].slot.lanes, sizeof(IrType) * fields[i].slot.count);
  }
  layout->lanes = lanes;
  layout->fields = fields;
  layout->field_count = count;
}

static ClassId class_new(Lowering *lowering, TypeId type, ClassId base, bool has_id, bool is_box) {
  if (has_id) {
    layout_root(lowering); // a supertype has the smaller id
  }
  Class class = {.type = type, .base = base, .has_id = has_id, .is_box = is_box};
  class.heap = ir_heap_declare(lowering->module, type_name(lowering, type));
  VECTOR_PUSH(&lowering->arena, &lowering->classes, class);
  return lowering->classes.count - 1;
}

static bool has_class_id(Lowering *lowering, TypeId type) {
  return type_facts(lowering, coercions_find(lowering, type_outermost(lowering, type)))->family_rooted;
}

static void lay_out_object(Lowering *lowering, TypeId type, Layout *layout) {
  TypeId set = coercions_find(lowering, type);
  if (set != type) {
    *layout = *layout_of(lowering, set);
    return;
  }
  TypeId base = base_of(lowering, type);
  ClassId base_class = base == TYPE_NONE ? 0 : layout_of(lowering, base)->class;
  ClassId class = class_new(lowering, type, base_class, has_class_id(lowering, type), false);
  set_lane(lowering, layout, LAYOUT_OBJECT, ir_ref_null(lowering->classes.items[class].heap));
  layout->class = class;
}

static void lay_out_optional(Lowering *lowering, TypeId payload, Layout *layout) {
  const Layout *inner = layout_of(lowering, payload);
  layout->kind = LAYOUT_OPTIONAL;
  layout->payload = payload;
  layout->tagged =
      inner->kind == LAYOUT_SCALAR || inner->kind == LAYOUT_VALUE || inner->kind == LAYOUT_OPTIONAL;
  layout->lane_count = inner->lane_count + layout->tagged;
  IrType *lanes = ARENA_ARRAY(&lowering->arena, IrType, layout->lane_count);
  if (layout->tagged) {
    lanes[0] = IR_I32;
  }
  if (inner->lane_count > 0) {
    memcpy(lanes + layout->tagged, inner->lanes, sizeof(IrType) * inner->lane_count);
  }
  layout->lanes = lanes;
}

// Can a value of the type be something else than an object with a class id?
static bool has_unrooted_values(const Lowering *lowering, TypeId id) {
  const TypeTable *types = &lowering->program->types;
  id = type_plain(lowering, id);
  const Type *type = type_get(types, id);
  if (type->kind != KIND_UNION) {
    return type->kind == KIND_FUNCTION || type->kind == KIND_FIXED_ARRAY;
  }
  for (uint32_t i = 0; i < type->count; i++) {
    if (has_unrooted_values(lowering, type_argument(types, type, i))) {
      return true;
    }
  }
  return false;
}

static void lay_out_uniform(Lowering *lowering, TypeId type, Layout *layout) {
  set_lane(lowering, layout, LAYOUT_UNIFORM,
           has_unrooted_values(lowering, type) ? IR_ANYREF : ir_ref_null(layout_root(lowering)));
}

static void lay_out(Lowering *lowering, TypeId type, Layout *layout) {
  const TypeTable *types = &lowering->program->types;
  TypeId payload = declarations_payload(&lowering->program->declarations, type);
  if (payload != TYPE_NONE) {
    lay_out_optional(lowering, payload, layout);
    return;
  }
  switch (type_kind(types, type)) {
  case KIND_PRIMITIVE:
    layout->lane_count = type != TYPE_VOID;
    layout->lanes = type == TYPE_VOID ? NULL : &scalar_types[type];
    return;
  case KIND_NOMINAL:
    if (types_is_value(types, type)) {
      lay_out_value(lowering, type, layout);
    } else {
      lay_out_object(lowering, type, layout);
    }
    return;
  case KIND_RECORD:
    if (type_facts(lowering, type)->widened) {
      lay_out_uniform(lowering, type, layout);
    } else {
      lay_out_object(lowering, type, layout);
    }
    return;
  case KIND_OBJECT:
  case KIND_TRAIT:
  case KIND_UNION:
  case KIND_INTERSECTION:
    lay_out_uniform(lowering, type, layout);
    return;
  case KIND_FUNCTION:
    set_lane(lowering, layout, LAYOUT_CLOSURE, ir_ref_null(layout_signature(lowering, type)->closure));
    return;
  case KIND_FIXED_ARRAY:
    set_lane(lowering, layout, LAYOUT_ARRAY, ir_ref_null(layout_array(lowering, type)->heap));
    return;
  default:
    UNREACHABLE("a type without layout");
  }
}

const Layout *layout_of(Lowering *lowering, TypeId type) {
  if (type < lowering->layouts.count && lowering->layouts.items[type]) {
    return lowering->layouts.items[type];
  }
  if (type >= lowering->layouts.count) {
    (void)VECTOR_EXTEND(&lowering->arena, &lowering->layouts, type + 1 - lowering->layouts.count);
  }
  Layout *layout = ARENA_NEW(&lowering->arena, Layout);
  TypeId plain = type_plain(lowering, type);
  if (plain != type) {
    *layout = *layout_of(lowering, plain);
  } else {
    lay_out(lowering, type, layout);
  }
  lowering->layouts.items[type] = layout;
  return layout;
}

// ------------------------------------------------------------------------------------------------- classes

static FieldLayout *class_fields(Lowering *lowering, TypeId type, const Class *base, uint32_t *field_count,
                                 uint32_t *lane_count) {
  uint32_t count;
  (void)fields_of(lowering, type, &count);
  FieldLayout *fields = ARENA_ARRAY(&lowering->arena, FieldLayout, count);
  for (uint32_t i = 0; i < count; i++) {
    TypeField own = fields_of(lowering, type, &count)[i];
    // A derived object repeats the fields of its base (04 §6.1); they lie where the base has them.
    const FieldLayout *inherited = base ? layout_field(base->fields, base->field_count, own.name) : NULL;
    if (inherited) {
      fields[i] = *inherited;
    } else {
      fields[i] = (FieldLayout){own.name, own.type, slot_of(lowering, type, field_type_at, i, *lane_count)};
      *lane_count += fields[i].slot.count;
    }
  }
  *field_count = count;
  return fields;
}

static FieldLayout *box_field(Lowering *lowering, TypeId type, uint32_t *field_count, uint32_t *lane_count) {
  const Layout *inner = layout_of(lowering, type);
  FieldLayout *field = ARENA_NEW(&lowering->arena, FieldLayout);
  *field = (FieldLayout){NAME_EMPTY, type, {false, *lane_count, inner->lane_count, inner->lanes}};
  *lane_count += inner->lane_count;
  *field_count = 1;
  return field;
}

const Class *layout_class(Lowering *lowering, ClassId id) {
  if (lowering->classes.items[id].defined) {
    return &lowering->classes.items[id];
  }
  lowering->classes.items[id].defined = true;
  Class class = lowering->classes.items[id];
  Class base = {0};
  if (class.base != 0) {
    base = *layout_class(lowering, class.base);
  }
  uint32_t field_count, lane_count = class.base ? base.heap_field_count : class.has_id;
  FieldLayout *fields =
      class.is_box ? box_field(lowering, class.type, &field_count, &lane_count)
                   : class_fields(lowering, class.type, class.base ? &base : NULL, &field_count, &lane_count);
  IrField *heap_fields = ARENA_ARRAY(&lowering->arena, IrField, lane_count);
  if (class.has_id) {
    heap_fields[0] = (IrField){.type = IR_I32};
  }
  for (uint32_t i = 0; i < field_count; i++) {
    for (uint32_t k = 0; k < fields[i].slot.count; k++) {
      heap_fields[fields[i].slot.first + k] =
          (IrField){.name = fields[i].name, .type = fields[i].slot.lanes[k], .mutable_ = !class.is_box};
    }
  }
  // Fields of the base that the derived declaration does not show (its own come after).
  for (uint32_t i = 0; i < base.field_count; i++) {
    const Slot *slot = &base.fields[i].slot;
    for (uint32_t k = 0; k < slot->count; k++) {
      heap_fields[slot->first + k] =
          (IrField){.name = base.fields[i].name, .type = slot->lanes[k], .mutable_ = true};
    }
  }
  bool open = id_map_get(&lowering->open_names, type_name(lowering, class.type)) != ID_MAP_NONE;
  IrHeapId super = class.base ? base.heap : class.has_id ? layout_root(lowering) : 0;
  ir_struct_define(lowering->module, class.heap, super, open, heap_fields, lane_count);
  Class *defined = &lowering->classes.items[id]; // laying out the fields may have moved the table
  defined->fields = fields;
  defined->field_count = field_count;
  defined->heap_field_count = lane_count;
  return defined;
}

ClassId layout_box(Lowering *lowering, TypeId type) {
  uint32_t known = id_map_get(&lowering->boxes, type);
  if (known != ID_MAP_NONE) {
    return known;
  }
  ClassId class = class_new(lowering, type, 0, true, true);
  id_map_put(&lowering->arena, &lowering->boxes, type, class);
  return class;
}

ClassId layout_class_of(Lowering *lowering, TypeId type) {
  const TypeTable *types = &lowering->program->types;
  TypeKind kind = type_kind(types, type);
  if (kind == KIND_PRIMITIVE || types_is_value(types, type)) {
    return layout_box(lowering, type);
  }
  if (kind == KIND_RECORD && type_facts(lowering, type)->widened) {
    // The type says nothing about its values; its own literals still have a class.
    uint32_t known = id_map_get(&lowering->boxes, type);
    if (known == ID_MAP_NONE) {
      known = class_new(lowering, type, 0, true, false);
      id_map_put(&lowering->arena, &lowering->boxes, type, known);
    }
    return known;
  }
  return layout_of(lowering, type)->class;
}

// -------------------------------------------------------------------------------------- functions and arrays

const Signature *layout_signature(Lowering *lowering, TypeId type) {
  TypeId set = coercions_find(lowering, type);
  uint32_t known = id_map_get(&lowering->signatures, set);
  Signature *signature;
  if (known != ID_MAP_NONE) {
    signature = lowering->signature_table.items[known];
  } else {
    signature = ARENA_NEW(&lowering->arena, Signature);
    signature->closure = ir_heap_declare(lowering->module, NAME_EMPTY);
    id_map_put(&lowering->arena, &lowering->signatures, set, lowering->signature_table.count);
    VECTOR_PUSH(&lowering->arena, &lowering->signature_table, signature);
    VECTOR_PUSH(&lowering->arena, &lowering->signature_types, set);
  }
  return signature;
}

static void add_slot(Lowering *lowering, Types *types, Slot *slot) {
  slot->first = types->count;
  for (uint32_t i = 0; i < slot->count; i++) {
    VECTOR_PUSH(&lowering->arena, types, slot->lanes[i]);
  }
}

const Signature *layout_signature_defined(Lowering *lowering, TypeId type) {
  TypeId set = coercions_find(lowering, type);
  Signature *signature = (Signature *)layout_signature(lowering, set);
  if (signature->function != 0) {
    return signature;
  }
  signature->function = ir_heap_declare(lowering->module, NAME_EMPTY);
  const TypeTable *table = &lowering->program->types;
  uint32_t count = type_get(table, set)->count;
  Slot *params = ARENA_ARRAY(&lowering->arena, Slot, count),
       *outs = ARENA_ARRAY(&lowering->arena, Slot, count);
  uint32_t *flags = ARENA_ARRAY(&lowering->arena, uint32_t, count);
  Types param_types = {0}, result_types = {0};
  VECTOR_PUSH(&lowering->arena, &param_types, IR_STRUCTREF);
  signature->result = slot_of(lowering, set, result_type, 0, 0);
  add_slot(lowering, &result_types, &signature->result);
  for (uint32_t i = 0; i < count; i++) {
    flags[i] = type_slots(table, type_get(table, set))[i].flags;
    if (flags[i] & SLOT_DEFAULTED) {
      VECTOR_PUSH(&lowering->arena, &param_types, IR_I32);
    }
    params[i] = slot_of(lowering, set, parameter_type, i, 0);
    add_slot(lowering, &param_types, &params[i]);
    if (flags[i] & SLOT_MUTABLE) {
      outs[i] = params[i];
      add_slot(lowering, &result_types, &outs[i]);
    }
  }
  signature->param_count = count;
  signature->params = params;
  signature->flags = flags;
  signature->outs = outs;
  ir_function_type_define(lowering->module, signature->function, param_types.items, param_types.count,
                          result_types.items, result_types.count);
  ir_struct_define(lowering->module, signature->closure, 0, true,
                   &(IrField){.type = ir_ref(signature->function)}, 1);
  return signature;
}

const ArrayLayout *layout_array(Lowering *lowering, TypeId type) {
  TypeId set = coercions_find(lowering, type);
  uint32_t known = id_map_get(&lowering->arrays, set);
  if (known != ID_MAP_NONE) {
    return lowering->array_table.items[known];
  }
  ArrayLayout *array = ARENA_NEW(&lowering->arena, ArrayLayout);
  array->heap = ir_heap_declare(lowering->module, NAME_EMPTY);
  id_map_put(&lowering->arena, &lowering->arrays, set, lowering->array_table.count);
  VECTOR_PUSH(&lowering->arena, &lowering->array_table, array);
  VECTOR_PUSH(&lowering->arena, &lowering->array_types, set);
  return array;
}

const ArrayLayout *layout_array_defined(Lowering *lowering, TypeId type) {
  TypeId set = coercions_find(lowering, type);
  ArrayLayout *array = (ArrayLayout *)layout_array(lowering, set);
  if (array->arrays) {
    return array;
  }
  array->element = slot_of(lowering, set, element_type, 0, 0);
  uint32_t count = array->element.count;
  IrHeapId *arrays = ARENA_ARRAY(&lowering->arena, IrHeapId, count ? count : 1);
  array->arrays = arrays;
  if (count == 1) {
    arrays[0] = array->heap;
    IrPacking packing = element_type(lowering, set, 0) == TYPE_U8 ? IR_PACK_I8 : IR_PACK_NONE;
    IrField element = {.type = array->element.lanes[0], .packing = packing, .mutable_ = true};
    ir_array_define(lowering->module, array->heap, element);
    return array;
  }
  IrField *fields = ARENA_ARRAY(&lowering->arena, IrField, count ? count : 1);
  fields[0] = (IrField){.type = IR_I32}; // no lane: the length alone
  for (uint32_t i = 0; i < count; i++) {
    arrays[i] = ir_heap_declare(lowering->module, NAME_EMPTY);
    ir_array_define(lowering->module, arrays[i],
                    (IrField){.type = array->element.lanes[i], .mutable_ = true});
    fields[i] = (IrField){.type = ir_ref(arrays[i])};
  }
  ir_struct_define(lowering->module, array->heap, 0, false, fields, count ? count : 1);
  return array;
}

void layout_define_all(Lowering *lowering) {
  // Defining one may declare others.
  uint32_t class = 1, signature = 0, array = 0;
  while (class < lowering->classes.count || signature < lowering->signature_types.count ||
         array < lowering->array_types.count) {
    if (class < lowering->classes.count) {
      layout_class(lowering, class ++);
    } else if (signature < lowering->signature_types.count) {
      layout_signature_defined(lowering, lowering->signature_types.items[signature++]);
    } else {
      layout_array_defined(lowering, lowering->array_types.items[array++]);
    }
  }
}
