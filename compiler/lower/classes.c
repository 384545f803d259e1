// Owns what is asked of a value at run time: its class id, tests of patterns, fields of records.
//
// Class ids are numbered before the first body is built, in preorder of inheritance, so that "this class or
// one below it" is mostly one range. A test is made against the classes that the program constructs and the
// discriminant can hold, so it needs no data in the module.
#include <stdlib.h>

#include "base/failure.h"
#include "lower/lowering.h"

static void number_below(Lowering *lowering, TypeId parent, uint32_t *next) {
  for (uint32_t i = 0; i < lowering->constructed.count; i++) {
    TypeId type = lowering->constructed.items[i];
    bool below = type_kind(&lowering->program->types, type) == KIND_NOMINAL &&
                 !types_is_value(&lowering->program->types, type) &&
                 declarations_base(&lowering->program->declarations, type) == parent;
    if (below && type_facts(lowering, type)->class_id == 0) {
      type_facts(lowering, type)->class_id = (*next)++;
      number_below(lowering, type, next);
    }
  }
}

void classes_number(Lowering *lowering) {
  uint32_t next = 1;
  for (uint32_t i = 0; i < lowering->constructed.count; i++) {
    TypeId type = lowering->constructed.items[i];
    if (type_facts(lowering, type)->class_id != 0) {
      continue;
    }
    TypeId outermost = type_outermost(lowering, type);
    if (type_facts(lowering, outermost)->class_id == 0) {
      type_facts(lowering, outermost)->class_id = next++;
    }
    if (id_map_get(&lowering->open_names, type_name(lowering, outermost)) != ID_MAP_NONE) {
      number_below(lowering, outermost, &next);
    }
    if (type_facts(lowering, type)->class_id == 0) {
      type_facts(lowering, type)->class_id = next++; // below a class that nothing constructs
    }
  }
  lowering->next_class_id = next;
}

uint32_t class_id_of(Lowering *lowering, TypeId type) {
  TypeFacts *facts = type_facts(lowering, type);
  if (facts->class_id == 0) {
    facts->class_id = lowering->next_class_id++;
  }
  return facts->class_id;
}

// ---------------------------------------------------------------------------------------------------- sets

static int compare_ids(const void *first, const void *second) {
  uint32_t a = *(const uint32_t *)first, b = *(const uint32_t *)second;
  return a < b ? -1 : a > b;
}

// Is the class id one of `ids`? Runs of ids are one comparison each.
IrValue class_id_among(Body *body, IrValue id, uint32_t *ids, uint32_t count) {
  IrBuilder *ir = &body->ir;
  qsort(ids, count, sizeof *ids, compare_ids);
  IrValue any = 0;
  for (uint32_t i = 0; i < count;) {
    uint32_t end = i + 1;
    while (end < count && ids[end] <= ids[end - 1] + 1) {
      end++;
    }
    uint32_t span = ids[end - 1] - ids[i];
    IrValue first = ir_i32(ir, (int32_t)ids[i]);
    IrValue hit = span == 0 ? ir_binary(ir, IR_I32_EQ, id, first)
                            : ir_binary(ir, IR_I32_LE_U, ir_binary(ir, IR_I32_SUB, id, first),
                                        ir_i32(ir, (int32_t)span));
    any = any ? ir_binary(ir, IR_I32_OR, any, hit) : hit;
    i = end;
  }
  return any ? any : ir_i32(ir, 0);
}

IrValue class_id_read(Body *body, IrValue reference) {
  IrHeapId root = layout_root(body->lowering);
  IrType type = ir_value_type(&body->ir, reference);
  if (!ir_is_subtype(body->lowering->module, type, ir_ref_null(root))) {
    reference = ir_ref_cast(&body->ir, ir_ref_null(root), reference);
  }
  return ir_struct_get(&body->ir, root, 0, reference);
}

// ----------------------------------------------------------------------------------------------- type tests

// Can an object of the exact type never be this member? A cheap no before the real question.
static bool differs_by_name(const Lowering *lowering, TypeId exact, TypeId member) {
  const TypeTable *types = &lowering->program->types;
  const Type *a = type_get(types, exact), *b = type_get(types, member);
  return a->kind == KIND_NOMINAL && b->kind == KIND_NOMINAL && a->symbol != b->symbol &&
         id_map_get(&lowering->open_names, type_name(lowering, member)) == ID_MAP_NONE;
}

// The member of `discriminated` that an object of exactly this type belongs to (04 §14: the exact instance
// first), or TYPE_NONE.
static TypeId member_of(Lowering *lowering, TypeId discriminated, TypeId exact) {
  const TypeTable *types = &lowering->program->types;
  Declarations *declarations = &lowering->program->declarations;
  const Type *type = type_get(types, discriminated);
  if (type->kind != KIND_UNION) {
    return types_satisfies(declarations, exact, discriminated) ? discriminated : TYPE_NONE;
  }
  uint32_t first = type->first, count = type->count;
  TypeId accepting = TYPE_NONE;
  for (uint32_t i = 0; i < count; i++) {
    TypeId member = type_plain(lowering, types->ids.items[first + i]);
    if (member == exact) {
      return member;
    }
    if (accepting == TYPE_NONE && !differs_by_name(lowering, exact, member) &&
        (types_unify(declarations, exact, member, true) || types_satisfies(declarations, exact, member))) {
      accepting = member;
    }
  }
  return accepting;
}

const Possible *class_possible(Lowering *lowering, TypeId discriminated) {
  uint32_t known = id_map_get(&lowering->possible_index, discriminated);
  if (known != ID_MAP_NONE) {
    return &lowering->possible.items[known];
  }
  Possible possible = {0, ARENA_ARRAY(&lowering->arena, TypeId, lowering->constructed.count),
                       ARENA_ARRAY(&lowering->arena, TypeId, lowering->constructed.count)};
  for (uint32_t i = 0; i < lowering->constructed.count; i++) {
    TypeId exact = lowering->constructed.items[i];
    TypeId member = member_of(lowering, discriminated, exact);
    if (member != TYPE_NONE) {
      possible.classes[possible.count] = exact;
      possible.members[possible.count++] = member;
    }
  }
  id_map_put(&lowering->arena, &lowering->possible_index, discriminated, lowering->possible.count);
  VECTOR_PUSH(&lowering->arena, &lowering->possible, possible);
  return &lowering->possible.items[lowering->possible.count - 1];
}

static bool is_unrooted(const Lowering *lowering, TypeId type) {
  TypeKind kind = type_kind(&lowering->program->types, type);
  return kind == KIND_FUNCTION || kind == KIND_FIXED_ARRAY;
}

// A pattern of function or array type, in a union with objects.
static IrValue test_reference(Body *body, IrValue reference, TypeId pattern) {
  const Layout *layout = layout_of(body->lowering, pattern);
  return ir_ref_test(&body->ir, ir_type_non_null(layout->lanes[0]), reference);
}

static IrValue test_class(Body *body, IrValue reference, TypeId discriminated, TypeId pattern) {
  Lowering *lowering = body->lowering;
  Possible possible = *class_possible(lowering, discriminated);
  uint32_t *ids = ARENA_ARRAY(&lowering->scratch, uint32_t, possible.count);
  uint32_t count = 0;
  for (uint32_t i = 0; i < possible.count; i++) {
    if (types_matches(&lowering->program->declarations, possible.members[i], pattern)) {
      ids[count++] = class_id_of(lowering, possible.classes[i]);
    }
  }
  if (ir_value_type(&body->ir, reference) != IR_ANYREF) {
    return class_id_among(body, class_id_read(body, reference), ids, count);
  }
  // Closures and arrays have no class id: look whether it is an object first.
  IrBuilder *ir = &body->ir;
  IrBlockId object = ir_block_new(ir), done = ir_block_new(ir), other = ir_block_new(ir);
  IrValue result = ir_block_param(ir, done, IR_I32);
  IrType root = ir_ref(layout_root(lowering));
  ir_br_if(ir, ir_ref_test(ir, root, reference), object, other);
  ir_seal(ir, other);
  ir_enter(ir, other);
  ir_br_args(ir, done, (IrValue[]){ir_i32(ir, 0)}, 1);
  ir_seal(ir, object);
  ir_enter(ir, object);
  IrValue hit = class_id_among(body, class_id_read(body, reference), ids, count);
  ir_br_args(ir, done, &hit, 1);
  ir_seal(ir, done);
  ir_enter(ir, done);
  return result;
}

IrValue class_test(Body *body, Value value, TypeId discriminated, TypeId pattern) {
  Lowering *lowering = body->lowering;
  discriminated = type_plain(lowering, discriminated);
  pattern = type_plain(lowering, pattern);
  const Layout *layout = layout_of(lowering, discriminated);
  Declarations *declarations = &lowering->program->declarations;
  if (layout->kind == LAYOUT_OPTIONAL) {
    const Type *type = type_get(&lowering->program->types, discriminated);
    uint32_t first = type->first;
    bool some = false, none = false;
    for (uint32_t i = 0; i < 2; i++) {
      TypeId member = lowering->program->types.ids.items[first + i];
      bool hit = types_matches(declarations, member, pattern);
      bool is_none = type_get(&lowering->program->types, member)->symbol == declarations->none_object;
      none |= hit && is_none;
      some |= hit && !is_none;
    }
    if (some == none) {
      return ir_i32(&body->ir, some);
    }
    IrValue is_some = optional_is_some(body, value, discriminated);
    return some ? is_some : ir_unary(&body->ir, IR_I32_EQZ, is_some);
  }
  if (layout->kind != LAYOUT_UNIFORM) {
    return ir_i32(&body->ir, types_matches(declarations, discriminated, pattern));
  }
  return is_unrooted(lowering, pattern) ? test_reference(body, value.lanes[0], pattern)
                                        : test_class(body, value.lanes[0], discriminated, pattern);
}

void class_switch(Body *body, IrValue reference, uint32_t *ids, const IrBlockId *targets, uint32_t count,
                  IrBlockId fallback) {
  uint32_t least = UINT32_MAX, most = 0;
  for (uint32_t i = 0; i < count; i++) {
    least = ids[i] < least ? ids[i] : least;
    most = ids[i] > most ? ids[i] : most;
  }
  uint32_t span = count ? most - least + 1 : 0;
  IrBlockId *cases = ARENA_ARRAY(&body->lowering->scratch, IrBlockId, span);
  for (uint32_t i = 0; i < span; i++) {
    cases[i] = fallback;
  }
  for (uint32_t i = 0; i < count; i++) {
    cases[ids[i] - least] = targets[i];
  }
  IrBuilder *ir = &body->ir;
  IrValue index = ir_binary(ir, IR_I32_SUB, class_id_read(body, reference), ir_i32(ir, (int32_t)least));
  ir_switch(ir, index, cases, span, fallback);
}

// ------------------------------------------------------------------------------------- fields of records

// One accessor per (type, field, direction): a function that looks at the class id.
static uint64_t accessor_key(TypeId type, Name name, bool writes) {
  return id_pair(type, name * 2 + writes);
}

static bool has_object_class(const Lowering *lowering, TypeId type) {
  const TypeTable *types = &lowering->program->types;
  TypeKind kind = type_kind(types, type);
  return kind == KIND_RECORD || (kind == KIND_NOMINAL && !types_is_value(types, type));
}

IrFunctionId class_accessor(Lowering *lowering, TypeId type, Name name, bool writes) {
  uint32_t known = id_map_get(&lowering->accessor_index, accessor_key(type, name, writes));
  if (known != ID_MAP_NONE) {
    return lowering->accessors.items[known].function;
  }
  const Layout *layout = layout_of(lowering, type_field(lowering, type, name));
  uint32_t count = layout->lane_count;
  IrType *params = ARENA_ARRAY(&lowering->arena, IrType, count + 1);
  params[0] = layout_of(lowering, type)->lanes[0];
  if (count > 0) {
    memcpy(params + 1, layout->lanes, sizeof(IrType) * count);
  }
  IrHeapId signature =
      ir_function_type(lowering->module, params, writes ? count + 1 : 1, layout->lanes, writes ? 0 : count);
  IrFunctionId function = ir_function_new(lowering->module, name, signature, (IrOrigin){0, 0});
  id_map_put(&lowering->arena, &lowering->accessor_index, accessor_key(type, name, writes),
             lowering->accessors.count);
  VECTOR_PUSH(&lowering->arena, &lowering->accessors, (Accessor){type, name, writes, function});
  return function;
}

typedef struct FieldCase { // classes whose field lies at the same place and has the same type
  ClassId class;
  TypeId type; // of the field
  uint32_t count;
  uint32_t *ids;
} FieldCase;

static uint32_t collect_cases(Lowering *lowering, const Accessor *accessor, FieldCase *cases) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < lowering->constructed.count; i++) {
    TypeId exact = lowering->constructed.items[i];
    if (!has_object_class(lowering, exact) ||
        !types_satisfies(&lowering->program->declarations, exact, accessor->type)) {
      continue;
    }
    ClassId class = layout_class_of(lowering, exact);
    if (!layout_class(lowering, class)->has_id) {
      continue; // nothing like that is ever seen as a record
    }
    TypeId type = type_field(lowering, exact, accessor->name);
    uint32_t at = 0;
    while (at < count && (cases[at].class != class || cases[at].type != type)) {
      at++;
    }
    if (at == count) {
      cases[count++] =
          (FieldCase){class, type, 0, ARENA_ARRAY(&lowering->scratch, uint32_t, lowering->constructed.count)};
    }
    cases[at].ids[cases[at].count++] = class_id_of(lowering, exact);
  }
  return count;
}

static void build_case(Body *body, const Accessor *accessor, const FieldCase *one, IrValue object) {
  const Class *class = layout_class(body->lowering, one->class);
  const FieldLayout *field = layout_field(class->fields, class->field_count, accessor->name);
  TypeId seen = type_field(body->lowering, accessor->type, accessor->name);
  Place place = {.kind = PLACE_FIELD,
                 .type = one->type,
                 .object = ir_ref_cast(&body->ir, ir_ref(class->heap), object),
                 .heap = class->heap,
                 .slot = field->slot};
  if (accessor->writes) {
    uint32_t count = layout_of(body->lowering, seen)->lane_count;
    IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, count);
    for (uint32_t i = 0; i < count; i++) {
      lanes[i] = ir_param(&body->ir, i + 1);
    }
    place_write(body, &place, convert(body, (Value){lanes, count}, seen, one->type));
    ir_return(&body->ir, NULL, 0);
  } else {
    Value value = convert(body, place_read(body, &place), one->type, seen);
    ir_return(&body->ir, value.lanes, value.count);
  }
}

void class_accessor_build(Lowering *lowering, uint32_t index) {
  Accessor accessor = lowering->accessors.items[index];
  Body body = {.lowering = lowering, .program = lowering->program};
  IrBuilder *ir = &body.ir;
  ir_build(ir, lowering->module, accessor.function);
  FieldCase *cases = ARENA_ARRAY(&lowering->scratch, FieldCase, lowering->constructed.count);
  uint32_t count = collect_cases(lowering, &accessor, cases);
  IrValue object = ir_param(ir, 0);
  IrValue id = count > 1 ? class_id_read(&body, object) : 0;
  for (uint32_t i = 0; i + 1 < count; i++) {
    IrBlockId hit = ir_block_new(ir), next = ir_block_new(ir);
    ir_br_if(ir, class_id_among(&body, id, cases[i].ids, cases[i].count), hit, next);
    ir_seal(ir, hit);
    ir_enter(ir, hit);
    build_case(&body, &accessor, &cases[i], object);
    ir_seal(ir, next);
    ir_enter(ir, next);
  }
  if (count > 0) {
    build_case(&body, &accessor, &cases[count - 1], object);
  } else {
    ir_trap(ir); // no object of the type is ever made
  }
  ir_build_end(ir);
}
