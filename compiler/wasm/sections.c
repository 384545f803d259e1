// Owns what is written by ourselves into Binaryen's bytes: the names of exports, and behind its sections
// custom ones, among them the name section with the names of functions. Inside Binaryen functions and exports
// have numbers for names: its pool of strings belongs to the process and never shrinks.
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

// -------------------------------------------------------------------------------------------------- exports

// One export as Binaryen wrote it: the number of ours in place of its name, then its kind and index.
static bool name_export(Emitter *emitter, ModuleReader *reader, uint32_t end, ByteVector *out) {
  Arena *arena = &emitter->scratch;
  Str digits;
  uint32_t number = 0, index;
  if (!module_text(reader, end, &digits) || reader->at >= end) {
    return false;
  }
  for (size_t i = 0; i < digits.length; i++) {
    number = number * 10 + (uint32_t)(digits.ptr[i] - '0');
  }
  uint8_t kind = (uint8_t)reader->bytes.ptr[reader->at++];
  if (number >= emitter->module->exports.count || !module_number(reader, end, &index)) {
    return false;
  }
  add_text(arena, out, emitter->module->exports.items[number].name);
  add_byte(arena, out, kind);
  add_leb(arena, out, index);
  return true;
}

static bool name_export_section(Emitter *emitter, Str module, const ModuleSection *section,
                                ByteVector *bytes) {
  ModuleReader reader = {module, section->contents};
  ByteVector body = {0};
  uint32_t count;
  if (!module_number(&reader, section->end, &count)) {
    return false;
  }
  add_leb(&emitter->scratch, &body, count);
  for (uint32_t i = 0; i < count; i++) {
    if (!name_export(emitter, &reader, section->end, &body)) {
      return false;
    }
  }
  add_byte(&emitter->scratch, bytes, MODULE_SECTION_EXPORT);
  add_leb(&emitter->scratch, bytes, body.count);
  add_bytes(&emitter->scratch, bytes, body.items, body.count);
  return true;
}

bool name_exports(Emitter *emitter, Str module, ByteVector *bytes) {
  ModuleReader reader;
  ModuleSection section;
  VECTOR_RESERVE(&emitter->scratch, bytes, (uint32_t)module.length);
  if (!module_open(&reader, module)) {
    return false;
  }
  add_bytes(&emitter->scratch, bytes, module.ptr, reader.at);
  while (!module_is_read(&reader)) {
    if (!module_section(&reader, &section)) {
      return false;
    }
    if (section.id != MODULE_SECTION_EXPORT) {
      add_bytes(&emitter->scratch, bytes, module.ptr + section.start, section.end - section.start);
    } else if (!name_export_section(emitter, module, &section, bytes)) {
      return false;
    }
  }
  return true;
}

// ---------------------------------------------------------------------------------------------------- names

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
