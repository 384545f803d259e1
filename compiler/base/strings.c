// The name table of base/strings.h.
#include "base/strings.h"

void names_init(NameTable *table) {
  *table = (NameTable){0};
  arena_init(&table->arena);
#define NAME(id, text) names_intern(table, STR(text));
#include "base/names.def"
#undef NAME
}

void names_free(NameTable *table) {
  arena_free(&table->arena);
}

typedef struct NameKey {
  const NameTable *table;
  Str text;
} NameKey;

static bool name_equal(const void *context, uint32_t id) {
  const NameKey *key = context;
  return str_equal(names_text(key->table, id), key->text);
}

Name names_intern(NameTable *table, Str text) {
  uint32_t hash = hash_bytes(text.ptr, text.length);
  NameKey key = {table, text};
  Name found = hash_index_find(&table->index, hash, name_equal, &key);
  if (found != ID_MAP_NONE) {
    return found;
  }
  Name name = table->texts.count;
  char *copy = arena_copy_string(&table->arena, text.ptr, text.length);
  VECTOR_PUSH(&table->arena, &table->texts, (Str){copy, text.length});
  hash_index_add(&table->arena, &table->index, hash, name);
  return name;
}
