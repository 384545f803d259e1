// Interning of types and rows (types/types.h). One table, one hash index; a record's content is its identity.
#include "types/types.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct TypeKey {
  const TypeTable *table;
  Type type; // first and count describe the arrays below
  const TypeId *ids;
  const TypeField *fields;
  const TypeSlot *slots;
} TypeKey;

static uint32_t key_hash(const TypeKey *key) {
  const Type *type = &key->type;
  uint64_t hash = hash_mix(type->kind, id_pair(type->symbol, type->count));
  hash = hash_mix(hash, id_pair(type->a, type->b));
  hash = hash_mix(hash, type->row);
  for (uint32_t i = 0; i < type->count; i++) {
    if (key->fields) {
      hash = hash_mix(hash, id_pair(key->fields[i].name, key->fields[i].type * 2 + key->fields[i].optional));
    } else if (key->slots) {
      hash = hash_mix(hash, id_pair(key->slots[i].flags, key->slots[i].type));
    } else {
      hash = hash_mix(hash, key->ids[i]);
    }
  }
  return (uint32_t)(hash ^ hash >> 32);
}

static bool key_equal(const void *context, uint32_t id) {
  const TypeKey *key = context;
  const Type *a = &key->type;
  const Type *b = type_get(key->table, id);
  if (a->kind != b->kind || a->symbol != b->symbol || a->count != b->count || a->a != b->a || a->b != b->b ||
      a->row != b->row) {
    return false;
  }
  for (uint32_t i = 0; i < a->count; i++) {
    if (key->fields) {
      const TypeField *other = type_fields(key->table, b) + i;
      if (key->fields[i].name != other->name || key->fields[i].type != other->type ||
          key->fields[i].optional != other->optional) {
        return false;
      }
    } else if (key->slots) {
      const TypeSlot *other = type_slots(key->table, b) + i;
      if (key->slots[i].flags != other->flags || key->slots[i].type != other->type) {
        return false;
      }
    } else if (key->ids[i] != type_argument(key->table, b, i)) {
      return false;
    }
  }
  return true;
}

static void absorb(Type *type, const TypeTable *table, TypeId part) {
  const Type *inner = type_get(table, part);
  type->symbolic |= inner->symbolic;
  type->unknown |= inner->unknown;
  type->recursive |= inner->recursive;
  type->depth = inner->depth + 1 > type->depth ? inner->depth + 1 : type->depth;
}

static TypeId intern(TypeTable *table, TypeKey *key) {
  uint32_t hash = key_hash(key);
  uint32_t found = hash_index_find(&table->index, hash, key_equal, key);
  if (found != ID_MAP_NONE) {
    return found;
  }
  Type type = key->type;
  if (key->fields) {
    type.first = VECTOR_EXTEND(&table->arena, &table->fields, type.count);
    for (uint32_t i = 0; i < type.count; i++) {
      table->fields.items[type.first + i] = key->fields[i];
      absorb(&type, table, key->fields[i].type);
    }
  } else if (key->slots) {
    type.first = VECTOR_EXTEND(&table->arena, &table->slots, type.count);
    for (uint32_t i = 0; i < type.count; i++) {
      table->slots.items[type.first + i] = key->slots[i];
      absorb(&type, table, key->slots[i].type);
    }
  } else if (type.count > 0) {
    type.first = VECTOR_EXTEND(&table->arena, &table->ids, type.count);
    for (uint32_t i = 0; i < type.count; i++) {
      table->ids.items[type.first + i] = key->ids[i];
      absorb(&type, table, key->ids[i]);
    }
  }
  if (type.a != TYPE_NONE) {
    absorb(&type, table, type.a);
  }
  if (type.b != TYPE_NONE) {
    absorb(&type, table, type.b);
  }
  TypeId id = table->types.count;
  VECTOR_PUSH(&table->arena, &table->types, type);
  hash_index_add(&table->arena, &table->index, hash, id);
  return id;
}

void types_init(TypeTable *table, Context *context, NameTables *names) {
  *table = (TypeTable){.context = context, .names = names};
  arena_init(&table->arena);
  static const uint8_t KINDS[TYPE_FIRST_FREE] = {
      [TYPE_NONE] = KIND_NONE,      [TYPE_UNKNOWN] = KIND_UNKNOWN, [TYPE_I32] = KIND_PRIMITIVE,
      [TYPE_I64] = KIND_PRIMITIVE,  [TYPE_F32] = KIND_PRIMITIVE,   [TYPE_F64] = KIND_PRIMITIVE,
      [TYPE_BOOL] = KIND_PRIMITIVE, [TYPE_VOID] = KIND_PRIMITIVE,  [TYPE_U8] = KIND_PRIMITIVE,
      [TYPE_OBJECT] = KIND_OBJECT,
  };
  for (TypeId id = 0; id < TYPE_FIRST_FREE; id++) {
    VECTOR_PUSH(&table->arena, &table->types, (Type){.kind = KINDS[id], .unknown = id == TYPE_UNKNOWN});
  }
  for (RowId row = 0; row < ROW_FIRST_FREE; row++) {
    VECTOR_PUSH(&table->arena, &table->rows, (Row){.open = row == ROW_OPEN});
  }
}

void types_free(TypeTable *table) {
  arena_free(&table->arena);
}

static TypeId applied(TypeTable *table, TypeKind kind, uint32_t symbol, const TypeId *arguments,
                      uint32_t count) {
  TypeKey key = {table, {.kind = (uint8_t)kind, .symbol = symbol, .count = count}, arguments, NULL, NULL};
  return intern(table, &key);
}

TypeId types_nominal(TypeTable *table, SymbolId object, const TypeId *arguments, uint32_t count) {
  return applied(table, KIND_NOMINAL, object, arguments, count);
}

TypeId types_trait(TypeTable *table, SymbolId trait, const TypeId *arguments, uint32_t count) {
  return applied(table, KIND_TRAIT, trait, arguments, count);
}

TypeId types_recursive(TypeTable *table, SymbolId alias, const TypeId *arguments, uint32_t count) {
  TypeId id = applied(table, KIND_RECURSIVE, alias, arguments, count);
  table->types.items[id].recursive = true;
  return id;
}

void types_close_recursive(TypeTable *table, SymbolId alias, TypeId self, TypeId body) {
  id_map_put(&table->arena, &table->own_recursive, alias, self);
  id_map_put(&table->arena, &table->unfolded, self, body);
}

void types_name_union(TypeTable *table, TypeId type, SymbolId alias, const TypeId *arguments, uint32_t count,
                      bool preferred) {
  if (type_kind(table, type) == KIND_UNION &&
      (preferred || id_map_get(&table->union_names, type) == ID_MAP_NONE)) {
    id_map_put(&table->arena, &table->union_names, type,
               applied(table, KIND_RECURSIVE, alias, arguments, count));
  }
}

TypeId types_unfold(const TypeTable *table, TypeId type) {
  if (type_kind(table, type) != KIND_RECURSIVE) {
    return type;
  }
  uint32_t body = id_map_get(&table->unfolded, type);
  return body == ID_MAP_NONE ? TYPE_UNKNOWN : body;
}

TypeId types_parameter(TypeTable *table, uint32_t parameter) {
  TypeId id = applied(table, KIND_PARAMETER, parameter, NULL, 0);
  table->types.items[id].symbolic = true;
  return id;
}

static TypeId wrapper(TypeTable *table, TypeKind kind, TypeId inner) {
  TypeKey key = {table, {.kind = (uint8_t)kind, .a = inner}, NULL, NULL, NULL};
  return intern(table, &key);
}

TypeId types_fixed_array(TypeTable *table, TypeId element) {
  return wrapper(table, KIND_FIXED_ARRAY, element);
}
TypeId types_borrow(TypeTable *table, TypeId inner) {
  return wrapper(table, KIND_BORROW, inner);
}

// Records order their fields by name text: numbers by value, so that tuples stay in order.
static int compare_names(const TypeTable *table, Name a, Name b) {
  Str x = context_name(table->context, a), y = context_name(table->context, b);
  bool x_digits = x.length > 0 && x.ptr[0] >= '0' && x.ptr[0] <= '9';
  bool y_digits = y.length > 0 && y.ptr[0] >= '0' && y.ptr[0] <= '9';
  if (x_digits && y_digits && x.length != y.length) {
    return x.length < y.length ? -1 : 1;
  }
  size_t shorter = x.length < y.length ? x.length : y.length;
  int order = shorter > 0 ? memcmp(x.ptr, y.ptr, shorter) : 0;
  return order != 0 ? order : x.length < y.length ? -1 : x.length > y.length;
}

TypeId types_record(TypeTable *table, const TypeField *fields, uint32_t count) {
  ArenaMark mark = arena_mark(&table->context->arena);
  TypeField *sorted = ARENA_ARRAY(&table->context->arena, TypeField, count);
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    bool last = used == 0 || compare_names(table, sorted[used - 1].name, fields[i].name) < 0;
    uint32_t low = last ? used : 0, high = used;
    while (low < high) {
      uint32_t middle = low + (high - low) / 2;
      if (compare_names(table, sorted[middle].name, fields[i].name) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == used || sorted[low].name != fields[i].name) {
      memmove(sorted + low + 1, sorted + low, sizeof *sorted * (used - low));
      used++;
    }
    sorted[low] = fields[i];
  }
  TypeKey key = {table, {.kind = KIND_RECORD, .count = used}, NULL, sorted, NULL};
  TypeId id = intern(table, &key);
  arena_rewind(&table->context->arena, mark);
  return id;
}

uint32_t types_field_position(const TypeTable *table, const Type *record, Name name) {
  const TypeField *fields = type_fields(table, record);
  uint32_t low = 0, high = record->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (fields[middle].name == name) {
      return middle;
    }
    if (compare_names(table, fields[middle].name, name) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return record->count;
}

Name types_tuple_field(TypeTable *table, uint32_t index) {
  char digits[12];
  int length = snprintf(digits, sizeof digits, "%u", index);
  return names_intern(&table->context->names, (Str){digits, (size_t)length});
}

TypeId types_tuple(TypeTable *table, const TypeId *elements, uint32_t count) {
  TypeField *fields = ARENA_ARRAY(&table->context->arena, TypeField, count);
  for (uint32_t i = 0; i < count; i++) {
    fields[i] = (TypeField){types_tuple_field(table, i), elements[i], false};
  }
  return types_record(table, fields, count);
}

TypeId types_function(TypeTable *table, const TypeSlot *slots, uint32_t count, TypeId result, RowId row) {
  static const TypeSlot NO_SLOTS[1];
  TypeKey key = {table,
                 {.kind = KIND_FUNCTION, .count = count, .a = result, .row = row},
                 NULL,
                 NULL,
                 slots ? slots : NO_SLOTS};
  return intern(table, &key);
}

static int compare_types(const TypeTable *table, TypeId a, TypeId b);

static int compare_numbers(uint32_t a, uint32_t b) {
  return a < b ? -1 : a > b;
}

static int compare_symbols(const TypeTable *table, SymbolId a, SymbolId b) {
  if (a == b) {
    return 0;
  }
  const Symbol *x = names_symbol(table->names, a), *y = names_symbol(table->names, b);
  if (x->module != y->module) {
    const ModuleGraph *graph = table->names->graph;
    int order = compare_names(table, graph_module(graph, x->module)->id, graph_module(graph, y->module)->id);
    if (order != 0) {
      return order;
    }
  }
  return compare_numbers(x->position, y->position);
}

// The canonical order of union members and traits: by kind, declaration, then parts; never by id.
static int compare_types(const TypeTable *table, TypeId a, TypeId b) {
  if (a == b) {
    return 0;
  }
  const Type *x = type_get(table, a), *y = type_get(table, b);
  int order = compare_numbers(x->kind, y->kind);
  if (order == 0 && (x->kind == KIND_NOMINAL || x->kind == KIND_TRAIT || x->kind == KIND_RECURSIVE)) {
    order = compare_symbols(table, x->symbol, y->symbol);
  } else if (order == 0 && x->kind == KIND_PRIMITIVE) {
    order = compare_numbers(a, b);
  } else if (order == 0 && x->kind == KIND_PARAMETER) {
    order = compare_numbers(x->symbol, y->symbol);
  }
  order = order != 0 ? order : compare_numbers(x->count, y->count);
  for (uint32_t i = 0; order == 0 && i < x->count; i++) {
    if (x->kind == KIND_RECORD) {
      const TypeField *f = type_fields(table, x) + i, *g = type_fields(table, y) + i;
      order = compare_names(table, f->name, g->name);
      order = order != 0 ? order : compare_types(table, f->type, g->type);
      order = order != 0 ? order : compare_numbers(f->optional, g->optional);
    } else if (x->kind == KIND_FUNCTION) {
      const TypeSlot *f = type_slots(table, x) + i, *g = type_slots(table, y) + i;
      order = compare_types(table, f->type, g->type);
      order = order != 0 ? order : compare_numbers(f->flags, g->flags);
    } else {
      order = compare_types(table, type_argument(table, x, i), type_argument(table, y, i));
    }
  }
  order = order != 0 ? order : compare_types(table, x->a, y->a);
  order = order != 0 ? order : compare_types(table, x->b, y->b);
  return order != 0 ? order : compare_numbers(x->row, y->row);
}

// Inserts into a sorted set; equal members are kept once.
static void insert_type(const TypeTable *table, TypeId *set, uint32_t *count, TypeId member) {
  uint32_t low = *count > 0 && compare_types(table, set[*count - 1], member) < 0 ? *count : 0;
  uint32_t high = *count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (compare_types(table, set[middle], member) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (uint32_t i = low; i < *count && compare_types(table, set[i], member) == 0; i++) {
    if (set[i] == member) {
      return;
    }
  }
  memmove(set + low + 1, set + low, sizeof *set * (*count - low));
  set[low] = member;
  ++*count;
}

TypeId types_union(TypeTable *table, const TypeId *members, uint32_t count) {
  uint32_t most = 0;
  for (uint32_t i = 0; i < count; i++) {
    const Type *member = type_get(table, members[i]);
    most += member->kind == KIND_UNION ? member->count : 1;
  }
  ArenaMark mark = arena_mark(&table->context->arena);
  TypeId *set = ARENA_ARRAY(&table->context->arena, TypeId, most);
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    const Type *member = type_get(table, members[i]);
    if (member->kind == KIND_UNION) {
      for (uint32_t j = 0; j < member->count; j++) {
        insert_type(table, set, &used, type_argument(table, member, j));
      }
    } else {
      insert_type(table, set, &used, members[i]);
    }
  }
  TypeId result = used == 0 ? TYPE_UNKNOWN : used == 1 ? set[0] : applied(table, KIND_UNION, 0, set, used);
  arena_rewind(&table->context->arena, mark);
  return result;
}

TypeId types_intersection(TypeTable *table, TypeId nominal, TypeId record, const TypeId *traits,
                          uint32_t count) {
  if (count == 0 && record == TYPE_NONE) {
    return nominal;
  }
  if (count == 0 && (nominal == TYPE_NONE || nominal == TYPE_OBJECT)) {
    return record;
  }
  if (count == 1 && nominal == TYPE_NONE && record == TYPE_NONE) {
    return traits[0];
  }
  ArenaMark mark = arena_mark(&table->context->arena);
  TypeId *set = ARENA_ARRAY(&table->context->arena, TypeId, count);
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    insert_type(table, set, &used, traits[i]);
  }
  TypeKey key = {
      table, {.kind = KIND_INTERSECTION, .count = used, .a = nominal, .b = record}, set, NULL, NULL};
  TypeId id = intern(table, &key);
  arena_rewind(&table->context->arena, mark);
  return id;
}

bool types_is_tuple(const TypeTable *table, TypeId type) {
  const Type *record = type_get(table, type);
  if (record->kind != KIND_RECORD || record->count == 0) {
    return false;
  }
  for (uint32_t i = 0; i < record->count; i++) {
    Str name = context_name(table->context, type_fields(table, record)[i].name);
    char digits[12];
    int length = snprintf(digits, sizeof digits, "%u", i);
    if (!str_equal(name, (Str){digits, (size_t)length})) {
      return false;
    }
  }
  return true;
}

bool types_is_value(const TypeTable *table, TypeId id) {
  const Type *type = type_get(table, id);
  if (type->kind == KIND_INTERSECTION && type->a != TYPE_NONE) {
    return types_is_value(table, type->a);
  }
  if (type->kind != KIND_NOMINAL) {
    return false;
  }
  const Symbol *symbol = names_symbol(table->names, type->symbol);
  return table->names->ast->objects.items[symbol->declaration].kind == OBJECT_VAL;
}

bool types_is_numeric(TypeId type) {
  return type >= TYPE_I32 && type <= TYPE_F64;
}

typedef struct RowKey {
  const TypeTable *table;
  const RowEntry *entries;
  uint32_t count;
  bool open;
} RowKey;

static bool row_equal(const void *context, uint32_t id) {
  const RowKey *key = context;
  const Row *row = &key->table->rows.items[id];
  if (row->count != key->count || row->open != key->open) {
    return false;
  }
  for (uint32_t i = 0; i < key->count; i++) {
    const RowEntry *entry = &key->table->row_entries.items[row->first + i];
    if (entry->operation != key->entries[i].operation || entry->arguments != key->entries[i].arguments) {
      return false;
    }
  }
  return true;
}

RowId types_row(TypeTable *table, const RowEntry *entries, uint32_t count, bool open) {
  if (count == 0) {
    return open ? ROW_OPEN : ROW_PURE;
  }
  RowEntry *sorted = ARENA_ARRAY(&table->context->arena, RowEntry, count);
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = used;
    int order = 1;
    while (at > 0) {
      order = compare_symbols(table, sorted[at - 1].operation, entries[i].operation);
      order = order != 0 ? order : compare_types(table, sorted[at - 1].arguments, entries[i].arguments);
      if (order <= 0) {
        break;
      }
      at--;
    }
    if (at > 0 && order == 0) {
      continue;
    }
    memmove(sorted + at + 1, sorted + at, sizeof *sorted * (used - at));
    sorted[at] = entries[i];
    used++;
  }
  RowKey key = {table, sorted, used, open};
  uint64_t mixed = open;
  for (uint32_t i = 0; i < used; i++) {
    mixed = hash_mix(mixed, id_pair(sorted[i].operation, sorted[i].arguments));
  }
  uint32_t hash = (uint32_t)(mixed ^ mixed >> 32);
  uint32_t found = hash_index_find(&table->row_index, hash, row_equal, &key);
  if (found != ID_MAP_NONE) {
    return found;
  }
  Row row = {VECTOR_EXTEND(&table->arena, &table->row_entries, used), used, open};
  memcpy(table->row_entries.items + row.first, sorted, sizeof *sorted * used);
  VECTOR_PUSH(&table->arena, &table->rows, row);
  hash_index_add(&table->arena, &table->row_index, hash, table->rows.count - 1);
  return table->rows.count - 1;
}

RowId types_row_union(TypeTable *table, RowId a, RowId b) {
  Row x = table->rows.items[a], y = table->rows.items[b];
  if (a == b || (y.count == 0 && (!y.open || x.open))) {
    return a;
  }
  RowEntry *entries = ARENA_ARRAY(&table->context->arena, RowEntry, x.count + y.count);
  for (uint32_t i = 0; i < x.count + y.count; i++) {
    entries[i] = table->row_entries.items[i < x.count ? x.first + i : y.first + i - x.count];
  }
  return types_row(table, entries, x.count + y.count, x.open || y.open);
}

RowId types_row_without(TypeTable *table, RowId id, const SymbolId *operations, uint32_t count) {
  Row row = table->rows.items[id];
  RowEntry *entries = ARENA_ARRAY(&table->context->arena, RowEntry, row.count);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < row.count; i++) {
    bool removed = false;
    for (uint32_t j = 0; j < count && !removed; j++) {
      removed = table->row_entries.items[row.first + i].operation == operations[j];
    }
    if (!removed) {
      entries[kept++] = table->row_entries.items[row.first + i];
    }
  }
  return types_row(table, entries, kept, row.open);
}

void substitution_bind(Arena *arena, Substitution *substitution, uint32_t parameter, TypeId type) {
  for (uint32_t i = 0; i < substitution->count; i++) {
    if (substitution->parameters[i] == parameter) {
      substitution->types[i] = type;
      return;
    }
  }
  if (substitution->count == substitution->capacity) {
    uint32_t next = substitution->capacity < 4 ? 4 : substitution->capacity * 2;
    uint32_t *parameters = ARENA_ARRAY(arena, uint32_t, next);
    TypeId *types = ARENA_ARRAY(arena, TypeId, next);
    for (uint32_t i = 0; i < substitution->count; i++) {
      parameters[i] = substitution->parameters[i];
      types[i] = substitution->types[i];
    }
    substitution->parameters = parameters;
    substitution->types = types;
    substitution->capacity = next;
  }
  substitution->parameters[substitution->count] = parameter;
  substitution->types[substitution->count++] = type;
}

TypeId substitution_get(const Substitution *substitution, uint32_t parameter) {
  for (uint32_t i = 0; i < substitution->count; i++) {
    if (substitution->parameters[i] == parameter) {
      return substitution->types[i];
    }
  }
  return TYPE_NONE;
}

static RowId substitute_row(TypeTable *table, const Substitution *substitution, RowId id) {
  Row row = table->rows.items[id];
  bool changed = false;
  RowEntry *entries = ARENA_ARRAY(&table->context->arena, RowEntry, row.count);
  for (uint32_t i = 0; i < row.count; i++) {
    entries[i] = table->row_entries.items[row.first + i];
    TypeId arguments = types_substitute(table, substitution, entries[i].arguments);
    changed |= arguments != entries[i].arguments;
    entries[i].arguments = arguments;
  }
  return changed ? types_row(table, entries, row.count, row.open) : id;
}

// Finds what an instance of a recursive alias stands for, and with it the instances that it mentions: P<i32,
// i64> may mention P<i64, i32>. Such a chain closes or is endless (04 §11).
static void unfold_instance(TypeTable *table, TypeId instance) {
  const Type at = *type_get(table, instance);
  uint32_t self = id_map_get(&table->own_recursive, at.symbol);
  if (self == ID_MAP_NONE || id_map_get(&table->unfolded, instance) != ID_MAP_NONE) {
    return;
  }
  id_map_put(&table->arena, &table->unfolded, instance, TYPE_UNKNOWN); // closes the cycle while it is made
  if (at.depth > LIMIT_TYPE_DEPTH) {
    table->endless = at.symbol;
    return;
  }
  Substitution arguments = {0};
  for (uint32_t i = 0; i < at.count; i++) {
    uint32_t parameter = type_get(table, table->ids.items[type_get(table, self)->first + i])->symbol;
    substitution_bind(&table->arena, &arguments, parameter, table->ids.items[at.first + i]);
  }
  TypeId body = types_substitute(table, &arguments, id_map_get(&table->unfolded, self));
  id_map_put(&table->arena, &table->unfolded, instance, body);
}

// An instance of a named union has the name at the instance's arguments.
static void name_substituted(TypeTable *table, const Substitution *substitution, TypeId from, TypeId to) {
  uint32_t name = id_map_get(&table->union_names, from);
  if (name == ID_MAP_NONE || from == to || id_map_get(&table->union_names, to) != ID_MAP_NONE) {
    return;
  }
  const Type at = *type_get(table, name);
  TypeId *arguments = ARENA_ARRAY(&table->context->arena, TypeId, at.count);
  for (uint32_t i = 0; i < at.count; i++) {
    arguments[i] = types_substitute(table, substitution, table->ids.items[at.first + i]);
  }
  types_name_union(table, to, at.symbol, arguments, at.count, false);
}

TypeId types_substitute(TypeTable *table, const Substitution *substitution, TypeId id) {
  Type type = *type_get(table, id);
  if (!type.symbolic || substitution->count == 0) {
    return id;
  }
  if (type.kind == KIND_PARAMETER) {
    TypeId bound = substitution_get(substitution, type.symbol);
    return bound == TYPE_NONE ? id : bound;
  }
  ArenaMark mark = arena_mark(&table->context->arena);
  TypeId result = id;
  TypeId a = type.a == TYPE_NONE ? TYPE_NONE : types_substitute(table, substitution, type.a);
  TypeId b = type.b == TYPE_NONE ? TYPE_NONE : types_substitute(table, substitution, type.b);
  if (type.kind == KIND_RECORD) {
    TypeField *fields = ARENA_ARRAY(&table->context->arena, TypeField, type.count);
    for (uint32_t i = 0; i < type.count; i++) {
      fields[i] = table->fields.items[type.first + i];
      fields[i].type = types_substitute(table, substitution, fields[i].type);
    }
    result = types_record(table, fields, type.count);
  } else if (type.kind == KIND_FUNCTION) {
    TypeSlot *slots = ARENA_ARRAY(&table->context->arena, TypeSlot, type.count);
    for (uint32_t i = 0; i < type.count; i++) {
      slots[i] = table->slots.items[type.first + i];
      slots[i].type = types_substitute(table, substitution, slots[i].type);
    }
    result = types_function(table, slots, type.count, a, substitute_row(table, substitution, type.row));
  } else if (type.kind == KIND_FIXED_ARRAY || type.kind == KIND_BORROW) {
    result = wrapper(table, type.kind, a);
  } else {
    TypeId *ids = ARENA_ARRAY(&table->context->arena, TypeId, type.count);
    for (uint32_t i = 0; i < type.count; i++) {
      ids[i] = types_substitute(table, substitution, table->ids.items[type.first + i]);
    }
    if (type.kind == KIND_UNION) {
      result = types_union(table, ids, type.count);
      name_substituted(table, substitution, id, result);
    } else if (type.kind == KIND_INTERSECTION) {
      result = types_intersection(table, a, b, ids, type.count);
    } else {
      result = applied(table, (TypeKind)type.kind, type.symbol, ids, type.count);
      if (type.kind == KIND_RECURSIVE) {
        table->types.items[result].recursive = true;
        unfold_instance(table, result);
      }
    }
  }
  arena_rewind(&table->context->arena, mark);
  return result;
}
