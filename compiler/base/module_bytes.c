// Owns the reading of a module's outside. First users: the positions of emitted code, `voydc perf size`.
#include "base/module_bytes.h"

static const char *const SECTION_NAMES[MODULE_SECTION_KINDS] = {
    "custom", "type",  "import",  "function", "table", "memory",     "global",
    "export", "start", "element", "code",     "data",  "data count", "tag",
};

bool module_open(ModuleReader *reader, Str bytes) {
  static const char head[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  *reader = (ModuleReader){bytes, sizeof head};
  return bytes.length >= sizeof head && bytes.length <= UINT32_MAX &&
         memcmp(bytes.ptr, head, sizeof head) == 0;
}

bool module_number(ModuleReader *reader, uint32_t end, uint32_t *number) {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift < 35 && reader->at < end; shift += 7) {
    uint8_t byte = (uint8_t)reader->bytes.ptr[reader->at++];
    value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) {
      *number = (uint32_t)value;
      return value <= UINT32_MAX;
    }
  }
  return false;
}

bool module_text(ModuleReader *reader, uint32_t end, Str *text) {
  uint32_t length;
  if (!module_number(reader, end, &length) || length > end - reader->at) {
    return false;
  }
  *text = (Str){reader->bytes.ptr + reader->at, length};
  reader->at += length;
  return true;
}

bool module_section(ModuleReader *reader, ModuleSection *section) {
  uint32_t size = (uint32_t)reader->bytes.length, length;
  *section = (ModuleSection){.start = reader->at};
  if (reader->at >= size) {
    return false;
  }
  section->id = (uint8_t)reader->bytes.ptr[reader->at++];
  if (!module_number(reader, size, &length) || length > size - reader->at) {
    return false;
  }
  section->end = reader->at + length;
  if (section->id == MODULE_SECTION_CUSTOM && !module_text(reader, section->end, &section->name)) {
    return false;
  }
  section->contents = reader->at;
  reader->at = section->end;
  return true;
}

const char *module_section_name(uint8_t id) {
  return id < MODULE_SECTION_KINDS ? SECTION_NAMES[id] : "";
}

bool module_bodies(Arena *arena, Str bytes, const ModuleSection *code, ModuleBody **bodies, uint32_t *count) {
  ModuleReader reader = {bytes, code->contents};
  // Each body takes at least one byte, so a longer list is a damaged one.
  if (!module_number(&reader, code->end, count) || *count > code->end - reader.at) {
    return false;
  }
  *bodies = ARENA_ARRAY(arena, ModuleBody, *count + 1);
  for (uint32_t i = 0; i < *count; i++) {
    uint32_t start = reader.at, length;
    if (!module_number(&reader, code->end, &length) || length > code->end - reader.at) {
      return false;
    }
    reader.at += length;
    (*bodies)[i] = (ModuleBody){start, reader.at};
  }
  return reader.at == code->end;
}
