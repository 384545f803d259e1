// Owns the sections written by ourselves behind Binaryen's: custom sections, and the name section with the
// names of functions (inside Binaryen functions have short numbers for names).
#include "wasm/internal.h"

static void add_byte(Arena *arena, ByteVector *bytes, uint8_t byte) {
  VECTOR_PUSH(arena, bytes, byte);
}

static void add_leb(Arena *arena, ByteVector *bytes, uint32_t value) {
  while (value >= 0x80) {
    add_byte(arena, bytes, (uint8_t)(value | 0x80));
    value >>= 7;
  }
  add_byte(arena, bytes, (uint8_t)value);
}

static void add_bytes(Arena *arena, ByteVector *bytes, const void *from, size_t size) {
  VECTOR_RESERVE(arena, bytes, bytes->count + (uint32_t)size);
  if (size > 0) {
    memcpy(bytes->items + bytes->count, from, size);
  }
  bytes->count += (uint32_t)size;
}

static void add_text(Arena *arena, ByteVector *bytes, Str text) {
  add_leb(arena, bytes, (uint32_t)text.length);
  add_bytes(arena, bytes, text.ptr, text.length);
}

void add_custom_section(Arena *arena, ByteVector *bytes, Str name, const uint8_t *contents, uint32_t size) {
  ByteVector body = {0};
  add_text(arena, &body, name);
  add_bytes(arena, &body, contents, size);
  add_byte(arena, bytes, 0);
  add_leb(arena, bytes, body.count);
  add_bytes(arena, bytes, body.items, body.count);
}

typedef struct NameMap {
  Emitter *emitter;
  ByteVector entries;
  uint32_t count;
} NameMap;

// Functions keep their numbers through Binaryen's passes; those it makes itself end in the number of one they
// come from, after a `$`.
IrFunctionId function_of_name(const Emitter *emitter, const char *name) {
  const char *digits = strrchr(name, '$');
  uint64_t id = 0;
  for (const char *p = digits != NULL ? digits + 1 : name; *p >= '0' && *p <= '9' && id < UINT32_MAX; p++) {
    id = id * 10 + (uint64_t)(*p - '0');
  }
  return id < emitter->module->functions.count ? (IrFunctionId)id : 0;
}

static void add_function_name(void *context, uint32_t index, const char *name) {
  NameMap *map = context;
  IrFunctionId id = function_of_name(map->emitter, name);
  Str text = id == 0
                 ? str_from(name)
                 : context_name(map->emitter->module->context, ir_function(map->emitter->module, id)->name);
  add_leb(&map->emitter->scratch, &map->entries, index);
  add_text(&map->emitter->scratch, &map->entries, text);
  map->count++;
}

void add_name_section(Emitter *emitter, ByteVector *bytes) {
  Arena *arena = &emitter->scratch;
  NameMap map = {.emitter = emitter};
  shim_functions(emitter->target, add_function_name, &map);
  ByteVector functions = {0};
  add_leb(arena, &functions, map.count);
  add_bytes(arena, &functions, map.entries.items, map.entries.count);
  ByteVector contents = {0};
  add_byte(arena, &contents, 1); // subsection of function names
  add_leb(arena, &contents, functions.count);
  add_bytes(arena, &contents, functions.items, functions.count);
  add_custom_section(arena, bytes, STR("name"), contents.items, contents.count);
}
