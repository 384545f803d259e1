// Owns conversions between the representations of two types: the coercions of 04 §13.2 and their inverses,
// which narrowed reads and in-out write-backs need.
//
// A value that must be one reference (a union member, a uniform slot) is boxed unless it is one already; null
// reads back as zero, None or void. Going back to something narrower is a cast, which traps where the object
// does not fit (07 §1.3).
#include "lower/lowering.h"

#include "base/failure.h"

static bool same_lanes(const Layout *first, const Layout *second) {
  return first->lane_count == second->lane_count &&
         (first->lane_count == 0 ||
          memcmp(first->lanes, second->lanes, sizeof(IrType) * first->lane_count) == 0);
}

bool convert_is_free(Lowering *lowering, TypeId from, TypeId to) {
  if (from == to) {
    return true;
  }
  const Layout *source = layout_of(lowering, from), *target = layout_of(lowering, to);
  if (!same_lanes(source, target)) {
    return false;
  }
  bool optional = source->kind == LAYOUT_OPTIONAL || target->kind == LAYOUT_OPTIONAL;
  return !optional ||
         (source->kind == target->kind && convert_is_free(lowering, source->payload, target->payload));
}

Value value_joined(Body *body, const IrValue *first, uint32_t first_count, Value rest) {
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, first_count + rest.count);
  for (uint32_t i = 0; i < first_count + rest.count; i++) {
    lanes[i] = i < first_count ? first[i] : rest.lanes[i - first_count];
  }
  return (Value){lanes, first_count + rest.count};
}

Value value_concat(Body *body, const Value *parts, uint32_t count) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < count; i++) {
    total += parts[i].count;
  }
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, total);
  total = 0;
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t k = 0; k < parts[i].count; k++) {
      lanes[total++] = parts[i].lanes[k];
    }
  }
  return (Value){lanes, total};
}

// ----------------------------------------------------------------------------------------------------
// Optional

IrValue optional_is_some(Body *body, Value value, TypeId type) {
  if (layout_of(body->lowering, type)->tagged) {
    return value.lanes[0];
  }
  return ir_unary(&body->ir, IR_I32_EQZ, ir_is_null(&body->ir, value.lanes[0]));
}

Value optional_payload(Body *body, Value value, TypeId type) {
  bool tagged = layout_of(body->lowering, type)->tagged;
  return value_slice(value, tagged, value.count - tagged);
}

Value optional_some(Body *body, Value payload, TypeId type) {
  if (!layout_of(body->lowering, type)->tagged) {
    return payload;
  }
  IrValue tag = ir_i32(&body->ir, 1);
  return value_joined(body, &tag, 1, payload);
}

Value optional_none(Body *body, TypeId type) {
  return lower_nothing(body, type); // tag 0, or null
}

static TypeId optional_member(Lowering *lowering, TypeId type, bool some) {
  const TypeTable *types = &lowering->program->types;
  const Type *at = type_get(types, type_plain(lowering, type));
  TypeId first = type_argument(types, at, 0), second = type_argument(types, at, 1);
  bool first_some = type_get(types, first)->symbol == lowering->program->declarations.some_object;
  return first_some == some ? first : second;
}

// ------------------------------------------------------------------------------------------ making objects

// Objects without fields cannot be told apart, so one does for all: a constant of the module.
static IrValue fieldless_object(Body *body, TypeId type, const Class *class) {
  Lowering *lowering = body->lowering;
  uint32_t known = id_map_get(&lowering->fieldless, type);
  if (known == ID_MAP_NONE) {
    IrConstantId id = 0;
    if (class->has_id) {
      id = ir_constant_bits(lowering->module, IR_I32_CONST, class_id_of(lowering, type));
    }
    IrConstantId object =
        ir_constant(lowering->module, IR_STRUCT_NEW, class->heap, 0, &id, class->heap_field_count);
    known = ir_global_new(lowering->module, type_name(lowering, type), ir_ref(class->heap), false, object);
    id_map_put(&lowering->arena, &lowering->fieldless, type, known);
  }
  return ir_global_get(&body->ir, known);
}

// A new object of the class of `type`, given the lanes of its struct behind the class id.
static IrValue new_object(Body *body, TypeId type, Value lanes) {
  Lowering *lowering = body->lowering;
  const Class *class = layout_class(lowering, layout_class_of(lowering, type));
  if (lanes.count == 0) {
    return fieldless_object(body, type, class);
  }
  IrHeapId heap = class->heap;
  if (class->has_id) {
    IrValue id = ir_i32(&body->ir, (int32_t)class_id_of(lowering, type));
    lanes = value_joined(body, &id, 1, lanes);
  }
  return ir_struct_new(&body->ir, heap, lanes.lanes, lanes.count);
}

IrValue object_new(Body *body, TypeId type, const Value *fields) {
  Lowering *lowering = body->lowering;
  const Class *class = layout_class(lowering, layout_class_of(lowering, type));
  uint32_t count = class->heap_field_count - class->has_id, field_count = class->field_count;
  const FieldLayout *layouts = class->fields;
  bool has_id = class->has_id;
  IrValue *lanes = ARENA_ARRAY(&lowering->scratch, IrValue, count);
  for (uint32_t i = 0; i < field_count; i++) {
    TypeId field = type_field(lowering, type, layouts[i].name);
    Value stored = slot_value(body, &layouts[i].slot, fields[i], field);
    for (uint32_t k = 0; k < stored.count; k++) {
      lanes[layouts[i].slot.first - has_id + k] = stored.lanes[k];
    }
  }
  return new_object(body, type, (Value){lanes, count});
}

// ------------------------------------------------------------------------------------------ uniform
// references

// Both ways of a two-way branch give lanes of `type`.
typedef struct Fork {
  IrBlockId yes, no, done;
  IrValue *lanes;
  uint32_t count;
} Fork;

static Fork fork_new(Body *body, IrValue condition, const IrType *types, uint32_t count) {
  IrBuilder *ir = &body->ir;
  Fork fork = {ir_block_new(ir), ir_block_new(ir), ir_block_new(ir),
               ARENA_ARRAY(&body->lowering->scratch, IrValue, count), count};
  for (uint32_t i = 0; i < count; i++) {
    fork.lanes[i] = ir_block_param(ir, fork.done, types[i]);
  }
  ir_br_if(ir, condition, fork.yes, fork.no);
  ir_seal(ir, fork.yes);
  ir_seal(ir, fork.no);
  ir_enter(ir, fork.yes);
  return fork;
}

static void fork_other(Body *body, const Fork *fork, Value value) {
  ir_br_args(&body->ir, fork->done, value.lanes, value.count);
  ir_enter(&body->ir, fork->no);
}

static Value fork_end(Body *body, const Fork *fork, Value value) {
  ir_br_args(&body->ir, fork->done, value.lanes, value.count);
  ir_seal(&body->ir, fork->done);
  ir_enter(&body->ir, fork->done);
  return (Value){fork->lanes, fork->count};
}

static Value some_object(Body *body, Value payload, TypeId optional) {
  TypeId some = optional_member(body->lowering, optional, true);
  return value_of(body, object_new(body, some, &payload));
}

static IrValue to_reference(Body *body, Value value, TypeId type) {
  const Layout *layout = layout_of(body->lowering, type);
  if (layout->kind == LAYOUT_OBJECT) {
    (void)layout_class(body->lowering, layout->class); // its supertypes are known now
  }
  switch (layout->kind) {
  case LAYOUT_SCALAR:
  case LAYOUT_VALUE:
    return new_object(body, type_plain(body->lowering, type), value);
  case LAYOUT_OPTIONAL: {
    Fork fork = fork_new(body, optional_is_some(body, value, type), &(IrType){IR_ANYREF}, 1);
    fork_other(body, &fork, some_object(body, optional_payload(body, value, type), type));
    IrValue none = new_object(body, optional_member(body->lowering, type, false), (Value){NULL, 0});
    return fork_end(body, &fork, value_of(body, none)).lanes[0];
  }
  default:
    return value.lanes[0];
  }
}

static IrValue cast_to(Body *body, IrValue reference, IrType type) {
  IrType have = ir_value_type(&body->ir, reference);
  return ir_is_subtype(body->lowering->module, have, type) ? reference
                                                           : ir_ref_cast(&body->ir, type, reference);
}

static Value unbox(Body *body, IrValue reference, TypeId type) {
  const Layout *layout = layout_of(body->lowering, type);
  if (layout->lane_count == 0) {
    return (Value){NULL, 0};
  }
  Fork fork = fork_new(body, ir_is_null(&body->ir, reference), layout->lanes, layout->lane_count);
  fork_other(body, &fork, lower_nothing(body, type));
  const Class *class = layout_class(body->lowering, layout_box(body->lowering, type));
  IrHeapId heap = class->heap;
  uint32_t first = class->fields[0].slot.first;
  IrValue box = ir_ref_cast(&body->ir, ir_ref(heap), reference);
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, layout->lane_count);
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    lanes[i] = ir_struct_get(&body->ir, heap, first + i, box);
  }
  return fork_end(body, &fork, (Value){lanes, layout->lane_count});
}

// The payload of an object of a class of Some.
static Value some_payload(Body *body, IrValue reference, TypeId some) {
  const Class *class = layout_class(body->lowering, layout_class_of(body->lowering, some));
  Place place = {.kind = PLACE_FIELD,
                 .type = type_field(body->lowering, some, class->fields[0].name),
                 .object = cast_to(body, reference, ir_ref_null(class->heap)),
                 .heap = class->heap,
                 .slot = class->fields[0].slot};
  return place_read(body, &place);
}

// None may be null or an object of None; anything else is a Some.
static Value optional_from_reference(Body *body, IrValue reference, TypeId type) {
  Lowering *lowering = body->lowering;
  const Layout *layout = layout_of(lowering, type);
  TypeId none = optional_member(lowering, type, false);
  Fork null = fork_new(body, ir_is_null(&body->ir, reference), layout->lanes, layout->lane_count);
  fork_other(body, &null, optional_none(body, type));
  uint32_t ids[1] = {class_id_of(lowering, none)};
  IrValue is_none = class_id_among(body, class_id_read(body, reference), ids, 1);
  Fork fork = fork_new(body, is_none, layout->lanes, layout->lane_count);
  fork_other(body, &fork, optional_none(body, type));
  TypeId some = optional_member(lowering, type, true);
  Value payload = some_payload(body, reference, some);
  return fork_end(body, &null, fork_end(body, &fork, optional_some(body, payload, type)));
}

static Value from_reference(Body *body, IrValue reference, TypeId type) {
  const Layout *layout = layout_of(body->lowering, type);
  switch (layout->kind) {
  case LAYOUT_SCALAR:
  case LAYOUT_VALUE:
    return unbox(body, reference, type_plain(body->lowering, type));
  case LAYOUT_OPTIONAL:
    return optional_from_reference(body, reference, type);
  default:
    return value_of(body, cast_to(body, reference, layout->lanes[0]));
  }
}

Value slot_value(Body *body, const Slot *slot, Value value, TypeId type) {
  return slot->uniform ? value_of(body, to_reference(body, value, type)) : value;
}

Value slot_content(Body *body, const Slot *slot, Value stored, TypeId type) {
  return slot->uniform ? from_reference(body, stored.lanes[0], type) : stored;
}

// --------------------------------------------------------------------------------------------- conversion

static bool is_nominal_of(const Lowering *lowering, TypeId type, SymbolId symbol) {
  const Type *at = type_get(&lowering->program->types, type);
  return at->kind == KIND_NOMINAL && at->symbol == symbol;
}

static Value between_optionals(Body *body, Value value, TypeId from, TypeId to) {
  const Layout *source = layout_of(body->lowering, from), *target = layout_of(body->lowering, to);
  Fork fork = fork_new(body, optional_is_some(body, value, from), target->lanes, target->lane_count);
  Value payload = convert(body, optional_payload(body, value, from), source->payload, target->payload);
  fork_other(body, &fork, optional_some(body, payload, to));
  return fork_end(body, &fork, optional_none(body, to));
}

static Value to_optional(Body *body, Value value, TypeId from, TypeId to) {
  Lowering *lowering = body->lowering;
  const Declarations *declarations = &lowering->program->declarations;
  const Layout *source = layout_of(lowering, from);
  TypeId payload = layout_of(lowering, to)->payload;
  if (source->kind == LAYOUT_OPTIONAL && types_unify(&lowering->program->declarations, from, to, true)) {
    return between_optionals(body, value, from, to);
  }
  if (is_nominal_of(lowering, from, declarations->none_object)) {
    return optional_none(body, to);
  }
  if (is_nominal_of(lowering, from, declarations->some_object)) {
    TypeId own = type_argument(&lowering->program->types, type_get(&lowering->program->types, from), 0);
    return optional_some(body, convert(body, some_payload(body, value.lanes[0], from), own, payload), to);
  }
  if (source->kind == LAYOUT_UNIFORM && types_unify(&lowering->program->declarations, to, from, true)) {
    return optional_from_reference(body, value.lanes[0], to); // narrowed from a wider union
  }
  return optional_some(body, convert(body, value, from, payload), to);
}

static Value from_optional(Body *body, Value value, TypeId from, TypeId to) {
  Lowering *lowering = body->lowering;
  const Declarations *declarations = &lowering->program->declarations;
  TypeId payload = layout_of(lowering, from)->payload;
  if (is_nominal_of(lowering, to, declarations->none_object)) {
    return value_of(body, object_new(body, to, NULL));
  }
  if (is_nominal_of(lowering, to, declarations->some_object)) {
    TypeId wanted = type_argument(&lowering->program->types, type_get(&lowering->program->types, to), 0);
    Value content = convert(body, optional_payload(body, value, from), payload, wanted);
    return value_of(body, object_new(body, to, &content));
  }
  return value_of(body, cast_to(body, to_reference(body, value, from), layout_of(lowering, to)->lanes[0]));
}

// A `val` seen as a record is a fresh object (04 §12).
static Value value_to_record(Body *body, Value value, TypeId from, TypeId to) {
  Lowering *lowering = body->lowering;
  const Layout *source = layout_of(lowering, from);
  const Class *class = layout_class(lowering, layout_class_of(lowering, to));
  uint32_t count = class->field_count;
  const FieldLayout *fields = class->fields;
  Value *values = ARENA_ARRAY(&lowering->scratch, Value, count);
  for (uint32_t i = 0; i < count; i++) {
    const FieldLayout *own = layout_field(source->fields, source->field_count, fields[i].name);
    TypeId wanted = type_field(lowering, to, fields[i].name);
    values[i] = convert(body, value_slice(value, own->slot.first, own->slot.count), own->type, wanted);
  }
  return value_of(body, cast_to(body, object_new(body, to, values), layout_of(lowering, to)->lanes[0]));
}

static Value between_values(Body *body, Value value, const Layout *source, const Layout *target) {
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, target->lane_count);
  ENSURE(source->field_count == target->field_count);
  for (uint32_t i = 0; i < target->field_count; i++) {
    const FieldLayout *own = &source->fields[i], *wanted = &target->fields[i];
    Value part = convert(body, value_slice(value, own->slot.first, own->slot.count), own->type, wanted->type);
    for (uint32_t k = 0; k < part.count; k++) {
      lanes[wanted->slot.first + k] = part.lanes[k];
    }
  }
  return (Value){lanes, target->lane_count};
}

Value convert(Body *body, Value value, TypeId from, TypeId to) {
  Lowering *lowering = body->lowering;
  from = type_plain(lowering, from);
  to = type_plain(lowering, to);
  if (convert_is_free(lowering, from, to)) {
    return value;
  }
  const Layout *source = layout_of(lowering, from), *target = layout_of(lowering, to);
  if (target->kind == LAYOUT_OPTIONAL) {
    return to_optional(body, value, from, to);
  }
  if (source->kind == LAYOUT_OPTIONAL) {
    return from_optional(body, value, from, to);
  }
  if (source->kind == LAYOUT_CLOSURE && target->kind == LAYOUT_CLOSURE) {
    return closure_adapt(body, value, from, to);
  }
  if (source->kind == LAYOUT_VALUE && target->kind == LAYOUT_VALUE) {
    return between_values(body, value, source, target);
  }
  if (source->kind == LAYOUT_VALUE && type_kind(&lowering->program->types, to) == KIND_RECORD) {
    return value_to_record(body, value, from, to);
  }
  if (target->kind == LAYOUT_SCALAR || target->kind == LAYOUT_VALUE) {
    return target->lane_count == 0 ? (Value){NULL, 0} : from_reference(body, value.lanes[0], to);
  }
  return value_of(body, cast_to(body, to_reference(body, value, from), target->lanes[0]));
}
