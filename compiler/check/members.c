// Which members of a union a pattern may match, found by name (spec 04 §9.2, §9.3).
//
// A match names most members of its union once: looking through all of them for each arm would cost the
// square of their number. Only members without a name, and patterns without one, have to be compared.
#include "check/state.h"

typedef struct MemberLink {
  uint32_t position, next; // ID_MAP_NONE ends
} MemberLink;

struct MemberIndex {
  IdMap by_object;   // of members that are this object or extend it: the first link
  IdMap by_name;     // of members that have this name themselves: the first link
  uint32_t nameless; // of members without nominal part: the first link
  VECTOR(MemberLink) links;
};

static uint32_t add_link(Body *body, MemberIndex *index, uint32_t position, uint32_t next) {
  VECTOR_PUSH(body->scratch, &index->links, ((MemberLink){position, next}));
  return index->links.count - 1;
}

static void add_to(Body *body, MemberIndex *index, IdMap *map, uint32_t key, uint32_t position) {
  id_map_put(body->scratch, map, key, add_link(body, index, position, id_map_get(map, key)));
}

static const MemberIndex *index_of(Body *body, Members *members) {
  if (members->index) {
    return members->index;
  }
  MemberIndex *index = ARENA_NEW(body->scratch, MemberIndex);
  index->nameless = ID_MAP_NONE;
  for (uint32_t i = members->count; i-- > 0;) { // backwards: a chain begins with the first member
    TypeId nominal = types_nominal_part(body->types, members->items[i]);
    if (nominal == TYPE_NONE) {
      index->nameless = add_link(body, index, i, index->nameless);
      continue;
    }
    const Type *own = type_get(body->types, types_unfold(body->types, members->items[i]));
    if (own->kind == KIND_NOMINAL) {
      add_to(body, index, &index->by_name, names_symbol(body->names, own->symbol)->name, i);
    }
    while (nominal != TYPE_NONE && nominal != TYPE_OBJECT) {
      add_to(body, index, &index->by_object, type_get(body->types, nominal)->symbol, i);
      nominal = declarations_base(body->declarations, nominal);
    }
  }
  members->index = index;
  return index;
}

static Members chosen(Body *body, const Members *members, const uint32_t *heads, uint32_t head_count) {
  const MemberLink *links = members->index->links.items;
  Members found = {0};
  for (uint32_t h = 0; h < head_count; h++) {
    for (uint32_t at = heads[h]; at != ID_MAP_NONE; at = links[at].next) {
      found.count++;
    }
  }
  found.items = ARENA_ARRAY(body->scratch, TypeId, found.count);
  found.positions = ARENA_ARRAY(body->scratch, uint32_t, found.count);
  for (uint32_t h = 0, i = 0; h < head_count; h++) {
    for (uint32_t at = heads[h]; at != ID_MAP_NONE; at = links[at].next, i++) {
      found.items[i] = members->items[links[at].position];
      found.positions[i] = links[at].position;
    }
  }
  return found;
}

// An index pays when many are to be told apart.
static bool are_many(const Members *members) {
  return members->count > 16;
}

Members check_members(Body *body, TypeId type) {
  type = types_unfold(body->types, type);
  const Type *at = type_get(body->types, type);
  Members members = {.count = at->kind == KIND_UNION ? at->count : 1};
  members.items = ARENA_ARRAY(body->scratch, TypeId, members.count);
  members.positions = ARENA_ARRAY(body->scratch, uint32_t, members.count);
  for (uint32_t i = 0; i < members.count; i++) {
    members.items[i] = at->kind == KIND_UNION ? type_argument(body->types, at, i) : type;
    members.positions[i] = i;
  }
  return members;
}

Members check_members_for(Body *body, Members *members, TypeId pattern) {
  TypeId wanted = types_nominal_part(body->types, pattern);
  if (!are_many(members) || wanted == TYPE_NONE || wanted == TYPE_OBJECT) {
    return *members;
  }
  const MemberIndex *index = index_of(body, members);
  const uint32_t heads[] = {id_map_get(&index->by_object, type_get(body->types, wanted)->symbol),
                            index->nameless};
  return chosen(body, members, heads, 2);
}

Members check_members_named(Body *body, Members *members, Name name) {
  if (!are_many(members)) {
    return *members;
  }
  const uint32_t head = id_map_get(&index_of(body, members)->by_name, name);
  return chosen(body, members, &head, 1);
}
