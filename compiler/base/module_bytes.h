// The outside of a WebAssembly module: its sections and the bodies of its functions, by byte offsets.
//
// Pure functions over bytes that anybody may have written: nothing reads out of bounds, and a damaged module
// gives false. What is inside a section is not judged.
#ifndef VOYD_BASE_MODULE_BYTES_H
#define VOYD_BASE_MODULE_BYTES_H

#include "base/strings.h"

enum {
  MODULE_SECTION_CUSTOM = 0,
  MODULE_SECTION_IMPORT = 2,
  MODULE_SECTION_EXPORT = 7,
  MODULE_SECTION_CODE = 10,
  MODULE_SECTION_KINDS = 14
};

typedef struct ModuleReader {
  Str bytes;
  uint32_t at;
} ModuleReader;

// Offsets from the start of the module: the section's first byte, what follows its length, its end.
typedef struct ModuleSection {
  uint8_t id;
  uint32_t start, contents, end;
  Str name; // of a custom section; `contents` is then what follows the name
} ModuleSection;

// A function of the code section: from the first byte of its length to the end of its code.
typedef struct ModuleBody {
  uint32_t start, end;
} ModuleBody;

// At the first section. False if the bytes are no module.
bool module_open(ModuleReader *reader, Str bytes);
static inline bool module_is_read(const ModuleReader *reader) {
  return reader->at >= reader->bytes.length;
}
// The next section, of which there must be one. False if it is damaged.
bool module_section(ModuleReader *reader, ModuleSection *section);
// The name of a section as the WebAssembly specification has it; "" for a kind that it does not know.
const char *module_section_name(uint8_t id);

// An unsigned LEB128 number of at most 32 bits within the first `end` bytes. False if there is none.
bool module_number(ModuleReader *reader, uint32_t end, uint32_t *number);
// A number of that kind, and as many bytes.
bool module_text(ModuleReader *reader, uint32_t end, Str *text);

// The bodies of a code section, in an array of the arena. False if they do not fill the section.
bool module_bodies(Arena *arena, Str bytes, const ModuleSection *code, ModuleBody **bodies, uint32_t *count);

#endif
