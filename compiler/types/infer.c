// Binding type parameters by arguments (spec 05 §5.10.1, §5.10.2).
#include "types/declarations.h"

typedef struct Binder {
  Declarations *declarations;
  TypeTable *types;
  Substitution *substitution;
  const AstRange *free;
  uint32_t free_count;
  uint32_t depth;
} Binder;

enum { BIND_DEPTH = 64 };

static void bind(Binder *binder, TypeId formal, TypeId actual);

static bool is_free(const Binder *binder, uint32_t parameter) {
  for (uint32_t i = 0; i < binder->free_count; i++) {
    if (parameter - binder->free[i].first < binder->free[i].count) {
      return true;
    }
  }
  return false;
}

static void bind_parameter(Binder *binder, uint32_t parameter, TypeId actual) {
  if (!is_free(binder, parameter)) {
    return;
  }
  TypeId bound = substitution_get(binder->substitution, parameter);
  if (bound == TYPE_NONE || (!types_satisfies(binder->declarations, actual, bound) &&
                             types_satisfies(binder->declarations, bound, actual))) {
    substitution_bind(&binder->types->arena, binder->substitution, parameter, actual);
  }
}

// The one formal member that mentions type parameters and is nominal (rule 1), or TYPE_NONE.
static TypeId lone_generic_member(const Binder *binder, const Type *formal) {
  TypeId generic = TYPE_NONE;
  for (uint32_t i = 0; i < formal->count; i++) {
    TypeId member = type_argument(binder->types, formal, i);
    if (type_get(binder->types, member)->symbolic) {
      if (generic != TYPE_NONE || type_kind(binder->types, member) != KIND_NOMINAL) {
        return TYPE_NONE;
      }
      generic = member;
    }
  }
  return generic;
}

static void bind_repeated_nominal(Binder *binder, Type formal, TypeId generic, const TypeId *members,
                                  uint32_t count) {
  TypeTable *types = binder->types;
  Type wanted = *type_get(types, generic);
  VECTOR(TypeId) left = {0};
  for (uint32_t i = 0; i < count; i++) {
    bool fixed = false;
    for (uint32_t f = 0; f < formal.count && !fixed; f++) {
      TypeId other = types->ids.items[formal.first + f];
      fixed = other != generic && types_satisfies(binder->declarations, members[i], other);
    }
    if (!fixed) {
      const Type *member = type_get(types, members[i]);
      if (member->kind != KIND_NOMINAL || member->symbol != wanted.symbol) {
        return;
      }
      VECTOR_PUSH(&types->arena, &left, members[i]);
    }
  }
  for (uint32_t a = 0; left.count > 0 && a < wanted.count; a++) {
    TypeId *arguments = ARENA_ARRAY(&types->arena, TypeId, left.count);
    for (uint32_t i = 0; i < left.count; i++) {
      arguments[i] = type_argument(types, type_get(types, left.items[i]), a);
    }
    bind(binder, types->ids.items[wanted.first + a], types_union(types, arguments, left.count));
  }
}

static void bind_union(Binder *binder, TypeId formal_id, TypeId actual_id) {
  TypeTable *types = binder->types;
  Type formal = *type_get(types, formal_id), actual = *type_get(types, actual_id);
  uint32_t count = actual.kind == KIND_UNION ? actual.count : 1;
  TypeId *members = ARENA_ARRAY(&types->arena, TypeId, count);
  for (uint32_t i = 0; i < count; i++) {
    members[i] = actual.kind == KIND_UNION ? types->ids.items[actual.first + i] : actual_id;
  }
  TypeId generic = lone_generic_member(binder, &formal);
  if (generic != TYPE_NONE) {
    bind_repeated_nominal(binder, formal, generic, members, count);
    return;
  }
  // Rules 2 to 4: pair each fixed-shape generic member with a member of the actual, the rest goes to a bare
  // parameter.
  TypeId remainder = TYPE_NONE;
  bool *covered = ARENA_ARRAY(&types->arena, bool, count);
  for (uint32_t f = 0; f < formal.count; f++) {
    TypeId member = types->ids.items[formal.first + f];
    if (type_kind(types, member) == KIND_PARAMETER) {
      if (remainder != TYPE_NONE) {
        return;
      }
      remainder = member;
      continue;
    }
    bool paired = false;
    for (uint32_t i = 0; i < count; i++) {
      const Type *x = type_get(types, member), *y = type_get(types, members[i]);
      bool same_head = x->kind == y->kind && x->symbol == y->symbol;
      if (same_head && (!x->symbolic || !paired)) {
        bind(binder, member, members[i]);
        covered[i] = paired = true;
      }
    }
    if (!paired && type_get(types, member)->symbolic) {
      return;
    }
  }
  if (remainder != TYPE_NONE) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < count; i++) {
      if (!covered[i]) {
        members[left++] = members[i];
      }
    }
    if (left > 0) {
      bind(binder, remainder, types_union(types, members, left));
    }
  }
}

static void bind(Binder *binder, TypeId formal_id, TypeId actual_id) {
  TypeTable *types = binder->types;
  actual_id = types_unfold(types, actual_id);
  Type formal = *type_get(types, formal_id), actual = *type_get(types, actual_id);
  if (!formal.symbolic || actual.kind == KIND_UNKNOWN || actual.kind == KIND_NONE ||
      binder->depth >= BIND_DEPTH) {
    return;
  }
  binder->depth++;
  switch ((TypeKind)formal.kind) {
  case KIND_PARAMETER:
    bind_parameter(binder, formal.symbol, actual_id);
    break;
  case KIND_NOMINAL: {
    TypeId nominal = types_nominal_part(types, actual_id);
    Type have = *type_get(types, nominal);
    for (uint32_t i = 0; have.kind == KIND_NOMINAL && have.symbol == formal.symbol && i < formal.count; i++) {
      bind(binder, types->ids.items[formal.first + i], types->ids.items[have.first + i]);
    }
    break;
  }
  case KIND_TRAIT:
    for (uint32_t i = 0; actual.kind == KIND_TRAIT && actual.symbol == formal.symbol && i < formal.count;
         i++) {
      bind(binder, types->ids.items[formal.first + i], types->ids.items[actual.first + i]);
    }
    break;
  case KIND_RECORD:
    for (uint32_t i = 0; i < formal.count; i++) {
      TypeField field;
      if (types_find_field(binder->declarations, actual_id, types->fields.items[formal.first + i].name,
                           &field)) {
        bind(binder, types->fields.items[formal.first + i].type, field.type);
      }
    }
    break;
  case KIND_FIXED_ARRAY:
    if (actual.kind == KIND_FIXED_ARRAY) {
      bind(binder, formal.a, actual.a);
    }
    break;
  case KIND_BORROW:
    bind(binder, formal.a, actual.kind == KIND_BORROW ? actual.a : actual_id);
    break;
  case KIND_FUNCTION:
    if (actual.kind == KIND_FUNCTION) {
      for (uint32_t i = 0; i < formal.count && i < actual.count; i++) {
        bind(binder, types->slots.items[formal.first + i].type, types->slots.items[actual.first + i].type);
      }
      bind(binder, formal.a, actual.a);
    }
    break;
  case KIND_INTERSECTION:
    if (formal.a != TYPE_NONE) {
      bind(binder, formal.a, actual_id);
    }
    if (formal.b != TYPE_NONE) {
      bind(binder, formal.b, actual_id);
    }
    break;
  case KIND_UNION:
    bind_union(binder, formal_id, actual_id);
    break;
  case KIND_RECURSIVE:
    bind(binder, types_unfold(types, formal_id), actual_id);
    break;
  case KIND_NONE:
  case KIND_UNKNOWN:
  case KIND_PRIMITIVE:
  case KIND_OBJECT:
    break;
  }
  binder->depth--;
}

void types_bind(Declarations *declarations, Substitution *substitution, const AstRange *free,
                uint32_t free_count, TypeId formal, TypeId actual) {
  Binder binder = {declarations, declarations->types, substitution, free, free_count, 0};
  bind(&binder, formal, actual);
}
