// Interned strings. Equal texts have equal `Name`s, so names compare with ==.
//
// The words of base/names.def are interned first, in order, so that their ids are compile-time constants
// (`NAME_FN`, `NAME_IF`, …). Texts may hold any bytes, NUL included.
#ifndef VOYD_BASE_STRINGS_H
#define VOYD_BASE_STRINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vector.h"

// A view of bytes owned elsewhere, not NUL-terminated.
typedef struct Str {
  const char *ptr;
  size_t length;
} Str;

#define STR(literal) ((Str){(literal), sizeof(literal) - 1})
// For printf: printf("%.*s", STR_ARGS(text))
#define STR_ARGS(str) (int)(str).length, (str).ptr

static inline Str str_from(const char *text) {
  return (Str){text, strlen(text)};
}
static inline bool str_equal(Str a, Str b) {
  return a.length == b.length && (a.length == 0 || memcmp(a.ptr, b.ptr, a.length) == 0);
}

typedef uint32_t Name;

enum {
#define NAME(id, text) NAME_##id,
#include "base/names.def"
#undef NAME
  NAME_WELL_KNOWN_COUNT
};

typedef struct NameTable {
  Arena arena;
  VECTOR(Str) texts; // by Name
  HashIndex index;
} NameTable;

void names_init(NameTable *table);
void names_free(NameTable *table);
// The name of a text; the bytes are copied on first sight (and NUL-terminated there).
Name names_intern(NameTable *table, Str text);
// Valid as long as the table.
static inline Str names_text(const NameTable *table, Name name) {
  return table->texts.items[name];
}

#endif
