// The relations between types: SAT, NOMSAT, UNIFY, trait satisfaction, pattern matching (spec 04 §4, §7.5,
// §9.2).
//
// Recursive types are compared coinductively: a pair met again while it is being compared is a success, a
// trait query met again is a failure (04 §4.6). Answers that rest on that are not kept, so none depends on
// what was asked before. Each top-level comparison has a budget; beyond it the types are taken to fit, so
// that the one error is that of the budget.
#include "base/limits.h"
#include "types/declarations.h"

// One top-level comparison.
typedef struct Comparison {
  Declarations *declarations;
  TypeTable *types;
  bool relaxed;
  uint32_t steps, depth;
  uint32_t assumed, queries; // where its own begin in those of the type table
} Comparison;

static bool satisfies(Comparison *comparison, TypeId actual, TypeId expected);
static bool satisfies_anew(Comparison *comparison, TypeId actual, TypeId expected);
static bool unify(Comparison *comparison, TypeId actual, TypeId expected, bool covariant, bool projected);
static bool satisfies_trait(Comparison *comparison, TypeId actual, TypeId trait);

static Comparison begin(Declarations *declarations) {
  TypeTable *types = declarations->types;
  return (Comparison){.declarations = declarations,
                      .types = types,
                      .relaxed = types->relaxed,
                      .assumed = types->assumed.count,
                      .queries = types->queries.count};
}

// True if the budget is used up: the comparison is over.
static bool over_budget(Comparison *comparison) {
  comparison->types->steps++;
  if (++comparison->steps <= LIMIT_UNIFY_STEPS && comparison->depth <= LIMIT_UNIFY_DEPTH) {
    return false;
  }
  comparison->types->too_complex = true;
  return true;
}

TypeId types_nominal_part(const TypeTable *types, TypeId id) {
  id = types_unfold(types, id);
  const Type *type = type_get(types, id);
  switch ((TypeKind)type->kind) {
  case KIND_NOMINAL:
  case KIND_OBJECT:
    return id;
  case KIND_INTERSECTION:
    return type->a;
  case KIND_BORROW:
    return types_nominal_part(types, type->a);
  default:
    return TYPE_NONE;
  }
}

bool types_find_field(Declarations *declarations, TypeId id, Name name, TypeField *out) {
  TypeTable *types = declarations->types;
  id = types_unfold(types, id);
  const Type *type = type_get(types, id);
  if (type->kind == KIND_RECORD) {
    uint32_t position = types_field_position(types, type, name);
    if (position < type->count) {
      *out = type_fields(types, type)[position];
    }
    return position < type->count;
  }
  if (type->kind == KIND_NOMINAL) {
    uint32_t position = declarations_field_position(declarations, type->symbol, name);
    uint32_t count;
    const TypeField *fields = declarations_fields(declarations, id, &count);
    if (position < count) {
      *out = fields[position];
    }
    return position < count;
  }
  if (type->kind == KIND_INTERSECTION) {
    TypeId nominal = type->a, record = type->b;
    return (nominal != TYPE_NONE && types_find_field(declarations, nominal, name, out)) ||
           (record != TYPE_NONE && types_find_field(declarations, record, name, out));
  }
  if (type->kind == KIND_BORROW) {
    return types_find_field(declarations, type->a, name, out);
  }
  return false;
}

TypeId types_record_part(Declarations *declarations, TypeId id) {
  TypeTable *types = declarations->types;
  id = types_unfold(types, id);
  Type type = *type_get(types, id);
  switch ((TypeKind)type.kind) {
  case KIND_RECORD:
    return id;
  case KIND_OBJECT:
    return types_record(types, NULL, 0);
  case KIND_NOMINAL: {
    uint32_t known = id_map_get(&types->record_parts, id);
    if (known != ID_MAP_NONE) {
      return known;
    }
    uint32_t count;
    const TypeField *fields = declarations_fields(declarations, id, &count);
    TypeId record = types_record(types, fields, count);
    id_map_put(&types->arena, &types->record_parts, id, record);
    return record;
  }
  case KIND_INTERSECTION: {
    TypeId nominal = type.a == TYPE_NONE ? TYPE_NONE : types_record_part(declarations, type.a);
    if (nominal == TYPE_NONE || type.b == TYPE_NONE) {
      return nominal == TYPE_NONE ? type.b : nominal;
    }
    const Type *a = type_get(types, type.b), *b = type_get(types, nominal);
    TypeField *fields = ARENA_ARRAY(&types->arena, TypeField, a->count + b->count);
    memcpy(fields, type_fields(types, a), sizeof *fields * a->count);
    memcpy(fields + a->count, type_fields(types, b), sizeof *fields * b->count);
    return types_record(types, fields, a->count + b->count);
  }
  case KIND_BORROW:
    return types_record_part(declarations, type.a);
  default:
    return TYPE_NONE;
  }
}

bool types_has_fields(Declarations *declarations, TypeId type) {
  return types_record_part(declarations, type) != TYPE_NONE;
}

static bool nominal_satisfies(Comparison *comparison, TypeId actual, TypeId expected) {
  TypeTable *types = comparison->types;
  while (actual != TYPE_NONE) {
    if (actual == expected || over_budget(comparison)) {
      return true;
    }
    const Type *a = type_get(types, actual), *e = type_get(types, expected);
    if (a->kind != KIND_NOMINAL || e->kind != KIND_NOMINAL) {
      return false;
    }
    if (a->symbol == e->symbol) {
      for (uint32_t i = 0; i < a->count; i++) {
        a = type_get(types, actual);
        e = type_get(types, expected);
        if (!unify(comparison, type_argument(types, a, i), type_argument(types, e, i), true, false)) {
          return false;
        }
      }
      return true;
    }
    actual = declarations_base(comparison->declarations, actual);
  }
  return false;
}

static bool satisfies_function(Comparison *comparison, TypeId actual, TypeId expected) {
  TypeTable *types = comparison->types;
  Type a = *type_get(types, actual), e = *type_get(types, expected);
  if (a.kind != KIND_FUNCTION || a.count != e.count) {
    return false;
  }
  for (uint32_t i = 0; i < a.count; i++) {
    TypeSlot x = types->slots.items[a.first + i], y = types->slots.items[e.first + i];
    if (x.flags != y.flags || !satisfies(comparison, y.type, x.type)) {
      return false;
    }
  }
  return satisfies(comparison, a.a, e.a) && types_row_allows(types, a.row, e.row);
}

static bool row_lacks(const TypeTable *types, const Row *from, const Row *in) {
  for (uint32_t i = 0; i < from->count; i++) {
    bool found = false;
    for (uint32_t j = 0; j < in->count && !found; j++) {
      found = types->row_entries.items[from->first + i].operation ==
              types->row_entries.items[in->first + j].operation;
    }
    if (!found) {
      return true;
    }
  }
  return false;
}

// A closed row of a function type is a requirement in both directions; an open side absorbs what it lacks.
bool types_row_allows(const TypeTable *types, RowId actual, RowId expected) {
  const Row *a = &types->rows.items[actual], *e = &types->rows.items[expected];
  return actual == expected || ((a->open || !row_lacks(types, e, a)) && (e->open || !row_lacks(types, a, e)));
}

static bool all_members_nominal(const TypeTable *types, const Type *type) {
  for (uint32_t i = 0; i < type->count; i++) {
    if (types_nominal_part(types, type_argument(types, type, i)) == TYPE_NONE) {
      return false;
    }
  }
  return true;
}

static bool satisfies(Comparison *comparison, TypeId actual, TypeId expected) {
  if (actual == expected || over_budget(comparison)) {
    return true;
  }
  comparison->depth++;
  bool result = satisfies_anew(comparison, actual, expected);
  comparison->depth--;
  return result;
}

static bool satisfies_anew(Comparison *comparison, TypeId actual, TypeId expected) {
  TypeTable *types = comparison->types;
  actual = types_unfold(types, actual);
  expected = types_unfold(types, expected);
  Type a = *type_get(types, actual), e = *type_get(types, expected);
  if (actual == expected) {
    return true;
  }
  if (a.kind == KIND_UNKNOWN || e.kind == KIND_UNKNOWN) {
    return comparison->relaxed;
  }
  if (a.kind == KIND_PARAMETER) {
    TypeId constraint = declarations_constraint(comparison->declarations, a.symbol);
    if (constraint != TYPE_NONE && satisfies(comparison, constraint, expected)) {
      return true;
    }
  }
  if (e.kind == KIND_BORROW || a.kind == KIND_BORROW) {
    return e.kind == KIND_BORROW && a.kind == KIND_BORROW && unify(comparison, a.a, e.a, false, false);
  }
  if (e.kind == KIND_FUNCTION) {
    return satisfies_function(comparison, actual, expected);
  }
  if (e.kind == KIND_TRAIT) {
    return satisfies_trait(comparison, actual, expected);
  }
  if (e.kind == KIND_INTERSECTION && e.count > 0) {
    for (uint32_t i = 0; i < e.count; i++) {
      if (!satisfies_trait(comparison, actual, types->ids.items[e.first + i])) {
        return false;
      }
    }
    return (e.a == TYPE_NONE || satisfies(comparison, actual, e.a)) &&
           (e.b == TYPE_NONE || satisfies(comparison, actual, e.b));
  }
  TypeId payload = declarations_payload(comparison->declarations, expected);
  if (payload != TYPE_NONE && satisfies(comparison, actual, payload)) {
    return true;
  }
  TypeId wanted = types_nominal_part(types, expected);
  if (wanted != TYPE_NONE && wanted != TYPE_OBJECT) {
    TypeId have = types_nominal_part(types, actual);
    if (have == TYPE_NONE || !nominal_satisfies(comparison, have, wanted)) {
      return false;
    }
    return e.kind != KIND_INTERSECTION || e.b == TYPE_NONE || satisfies(comparison, actual, e.b);
  }
  bool projected = e.kind != KIND_UNION || !all_members_nominal(types, &e);
  return unify(comparison, actual, expected, true, projected);
}

static bool unify_unions(Comparison *comparison, TypeId actual, TypeId expected, bool covariant,
                         bool projected) {
  TypeTable *types = comparison->types;
  Type a = *type_get(types, actual), e = *type_get(types, expected);
  if (covariant) {
    if (a.kind == KIND_UNION) {
      for (uint32_t i = 0; i < a.count; i++) {
        if (!unify(comparison, types->ids.items[a.first + i], expected, true, projected)) {
          return false;
        }
      }
      return true;
    }
    for (uint32_t i = 0; i < e.count; i++) { // mostly a member of both
      if (types->ids.items[e.first + i] == actual) {
        return true;
      }
    }
    for (uint32_t i = 0; i < e.count; i++) {
      if (unify(comparison, actual, types->ids.items[e.first + i], true, projected)) {
        return true;
      }
    }
    return false;
  }
  if (a.kind != KIND_UNION || e.kind != KIND_UNION || a.count != e.count) {
    return false;
  }
  for (uint32_t i = 0; i < a.count;
       i++) { // equal canonical order; one-to-one for members that print alike is rare
    bool found = false;
    for (uint32_t j = 0; j < e.count && !found; j++) {
      found =
          unify(comparison, types->ids.items[a.first + i], types->ids.items[e.first + j], false, projected);
    }
    if (!found) {
      return false;
    }
  }
  return true;
}

static bool unify_records(Comparison *comparison, TypeId actual, TypeId expected, bool covariant,
                          bool projected) {
  TypeTable *types = comparison->types;
  Type a = *type_get(types, actual), e = *type_get(types, expected);
  if (!covariant && a.count != e.count) {
    return false;
  }
  for (uint32_t i = 0; i < e.count; i++) {
    TypeField wanted = types->fields.items[e.first + i];
    TypeField have;
    if (!types_find_field(comparison->declarations, actual, wanted.name, &have) ||
        !unify(comparison, have.type, wanted.type, covariant, projected)) {
      return false;
    }
  }
  return true;
}

static bool unify_arguments(Comparison *comparison, const Type *a, const Type *e, bool covariant) {
  if (a->symbol != e->symbol || a->count != e->count) {
    return false;
  }
  for (uint32_t i = 0; i < a->count; i++) {
    TypeTable *types = comparison->types;
    if (!unify(comparison, types->ids.items[a->first + i], types->ids.items[e->first + i], covariant,
               false)) {
      return false;
    }
  }
  return true;
}

static bool unify_parts(Comparison *comparison, TypeId actual, TypeId expected, bool covariant,
                        bool projected) {
  TypeTable *types = comparison->types;
  Type a = *type_get(types, actual), e = *type_get(types, expected);
  if (a.kind == KIND_UNION || e.kind == KIND_UNION) {
    return unify_unions(comparison, actual, expected, covariant, projected);
  }
  if (e.kind == KIND_INTERSECTION) {
    return (e.a == TYPE_NONE || unify(comparison, actual, e.a, covariant, projected)) &&
           (e.b == TYPE_NONE || unify(comparison, actual, e.b, covariant, projected));
  }
  if (a.kind == KIND_INTERSECTION) {
    return (a.a != TYPE_NONE && unify(comparison, a.a, expected, covariant, projected)) ||
           (a.b != TYPE_NONE && unify(comparison, a.b, expected, covariant, projected));
  }
  if (projected) {
    bool object_like = e.kind == KIND_RECORD || e.kind == KIND_OBJECT;
    if (object_like && (a.kind == KIND_NOMINAL || a.kind == KIND_OBJECT)) {
      return unify_records(comparison, types_record_part(comparison->declarations, actual),
                           types_record_part(comparison->declarations, expected), covariant, projected);
    }
    if (a.kind == KIND_RECORD && e.kind == KIND_OBJECT) {
      return true;
    }
    if (a.kind == KIND_NOMINAL && e.kind == KIND_NOMINAL) {
      return nominal_satisfies(comparison, actual, expected);
    }
  }
  if (a.kind == KIND_NOMINAL && e.kind == KIND_RECORD) { // an object type is its name and its record (04 §1)
    return unify_records(comparison, types_record_part(comparison->declarations, actual), expected, covariant,
                         projected);
  }
  if (a.kind != e.kind) {
    return false;
  }
  switch ((TypeKind)a.kind) {
  case KIND_NOMINAL:
  case KIND_TRAIT:
    return unify_arguments(comparison, &a, &e, covariant);
  case KIND_RECORD:
    return unify_records(comparison, actual, expected, covariant, projected);
  case KIND_FIXED_ARRAY:
    return unify(comparison, a.a, e.a, covariant, projected);
  case KIND_BORROW:
    return unify(comparison, a.a, e.a, false, false);
  case KIND_FUNCTION: {
    if (a.count != e.count) {
      return false;
    }
    for (uint32_t i = 0; i < a.count; i++) {
      TypeSlot x = types->slots.items[a.first + i], y = types->slots.items[e.first + i];
      if (x.flags != y.flags || !unify(comparison, y.type, x.type, covariant, projected)) {
        return false;
      }
    }
    return unify(comparison, a.a, e.a, covariant, projected) && types_row_allows(types, a.row, e.row);
  }
  default:
    return false;
  }
}

// A recursive type on either side: what the comparison rests on from here on.
static bool unify_recursive(Comparison *comparison, TypeId actual, TypeId expected, bool covariant,
                            bool projected) {
  TypeTable *types = comparison->types;
  for (uint32_t i = comparison->assumed; i < types->assumed.count; i++) {
    const TypePair *pair = &types->assumed.items[i];
    if (pair->actual == actual && pair->expected == expected && pair->covariant == covariant) {
      return true;
    }
  }
  VECTOR_PUSH(&types->arena, &types->assumed, ((TypePair){actual, expected, covariant}));
  bool result =
      unify(comparison, types_unfold(types, actual), types_unfold(types, expected), covariant, projected);
  types->assumed.count--;
  return result;
}

static bool unify(Comparison *comparison, TypeId actual, TypeId expected, bool covariant, bool projected) {
  TypeTable *types = comparison->types;
  if (actual == expected || over_budget(comparison)) {
    return true;
  }
  const Type *a = type_get(types, actual), *e = type_get(types, expected);
  if (a->kind == KIND_UNKNOWN || e->kind == KIND_UNKNOWN) {
    return comparison->relaxed;
  }
  bool recursive = a->kind == KIND_RECURSIVE || e->kind == KIND_RECURSIVE;
  comparison->depth++;
  bool result = recursive ? unify_recursive(comparison, actual, expected, covariant, projected)
                          : unify_parts(comparison, actual, expected, covariant, projected);
  comparison->depth--;
  return result;
}

// 04 §7.5: binds the impl's parameters by its target (and trait) and checks their constraints.
static bool impl_applies(Comparison *comparison, const ImplInfo *impl, TypeId type, TypeId trait,
                         Substitution *bound) {
  Declarations *declarations = comparison->declarations;
  TypeTable *types = comparison->types;
  const AstImpl *ast = &types->names->ast->impls.items[impl->impl];
  AstRange parameters = ast->type_parameters;
  *bound = (Substitution){0};
  types_bind(declarations, bound, &parameters, 1, impl->target, type);
  TypeId target = types_substitute(types, bound, impl->target);
  TypeId nominal = types_nominal_part(types, type);
  TypeId target_nominal = types_nominal_part(types, target);
  bool fits = nominal != TYPE_NONE && target_nominal != TYPE_NONE
                  ? unify(comparison, nominal, target_nominal, false, false)
                  : unify(comparison, type, target, false, false);
  if (!fits) {
    return false;
  }
  if (trait != TYPE_NONE) {
    types_bind(declarations, bound, &parameters, 1, impl->trait, trait);
    if (!unify(comparison, types_substitute(types, bound, impl->trait), trait, true, false)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < parameters.count; i++) {
    TypeId constraint = declarations_constraint(declarations, parameters.first + i);
    TypeId argument = substitution_get(bound, parameters.first + i);
    if (argument == TYPE_NONE ||
        (constraint != TYPE_NONE &&
         !satisfies(comparison, argument, types_substitute(types, bound, constraint)))) {
      return false;
    }
  }
  return true;
}

static ImplId find_impl(Comparison *comparison, TypeId type, TypeId trait, Substitution *bound) {
  Declarations *declarations = comparison->declarations;
  SymbolId symbol = type_get(comparison->types, trait)->symbol;
  SymbolId nominal = declarations_impl_key(declarations, type);
  for (int pass = nominal ? 0 : 1; pass < 2; pass++) { // those for its name, then the open ones
    ImplId impl = declarations_impl_of(declarations, symbol, pass == 0 ? nominal : 0);
    for (; impl; impl = declarations->next_of_pair.items[impl]) {
      ImplInfo info = declarations->impls.items[impl];
      if (impl_applies(comparison, &info, type, trait, bound)) {
        return impl;
      }
    }
  }
  return 0;
}

static bool satisfies_trait(Comparison *comparison, TypeId actual, TypeId trait) {
  TypeTable *types = comparison->types;
  actual = types_unfold(types, actual);
  Type a = *type_get(types, actual);
  if (a.kind == KIND_PARAMETER) {
    TypeId constraint = declarations_constraint(comparison->declarations, a.symbol);
    if (constraint != TYPE_NONE && satisfies_trait(comparison, constraint, trait)) {
      return true;
    }
  }
  if (a.kind == KIND_TRAIT) {
    return unify(comparison, actual, trait, true, false);
  }
  for (uint32_t i = 0; a.kind == KIND_INTERSECTION && i < a.count; i++) {
    if (unify(comparison, types->ids.items[a.first + i], trait, true, false)) {
      return true;
    }
  }
  for (uint32_t i = comparison->queries; i < types->queries.count; i++) {
    if (types->queries.items[i].type == actual && types->queries.items[i].trait == trait) {
      return false;
    }
  }
  VECTOR_PUSH(&types->arena, &types->queries, ((TraitQuery){actual, trait}));
  Substitution bound;
  TypeId nominal = a.kind == KIND_INTERSECTION ? a.a : actual;
  bool found = nominal != TYPE_NONE && find_impl(comparison, nominal, trait, &bound) != 0;
  types->queries.count--;
  return found;
}

bool types_satisfies(Declarations *declarations, TypeId actual, TypeId expected) {
  if (actual == expected) {
    return true;
  }
  Comparison comparison = begin(declarations);
  return satisfies(&comparison, actual, expected);
}

bool types_nominal_satisfies(Declarations *declarations, TypeId actual, TypeId expected) {
  Comparison comparison = begin(declarations);
  return nominal_satisfies(&comparison, actual, expected);
}

bool types_unify(Declarations *declarations, TypeId actual, TypeId expected, bool covariant) {
  Comparison comparison = begin(declarations);
  return unify(&comparison, actual, expected, covariant, false);
}

bool types_satisfies_trait(Declarations *declarations, TypeId actual, TypeId trait) {
  Comparison comparison = begin(declarations);
  return satisfies_trait(&comparison, actual, trait);
}

ImplId types_find_impl(Declarations *declarations, TypeId type, TypeId trait, Substitution *bound) {
  Comparison comparison = begin(declarations);
  return find_impl(&comparison, type, trait, bound);
}

bool types_impl_applies(Declarations *declarations, ImplId impl, TypeId type, Substitution *bound) {
  Comparison comparison = begin(declarations);
  ImplInfo info = declarations->impls.items[impl];
  return impl_applies(&comparison, &info, type, TYPE_NONE, bound);
}

bool types_matches(Declarations *declarations, TypeId member, TypeId pattern) {
  TypeTable *types = declarations->types;
  TypeId have = types_nominal_part(types, member), wanted = types_nominal_part(types, pattern);
  if (have != TYPE_NONE && wanted != TYPE_NONE) {
    while (have != TYPE_NONE && have != TYPE_OBJECT) {
      if (type_get(types, have)->symbol == type_get(types, wanted)->symbol &&
          types_unify(declarations, have, wanted, false)) {
        return true;
      }
      have = declarations_base(declarations, have);
    }
    return wanted == TYPE_OBJECT;
  }
  const Type *type = type_get(types, pattern);
  if (type->kind == KIND_UNION) {
    for (uint32_t i = 0; i < type->count; i++) {
      if (types_matches(declarations, member, type_argument(types, type, i))) {
        return true;
      }
      type = type_get(types, pattern);
    }
    return false;
  }
  return types_satisfies(declarations, member, pattern);
}
