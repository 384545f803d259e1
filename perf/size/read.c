// Owns the reading of a module into a table of sizes (size.h). Every byte is added once: the bodies of the
// code section piece by piece, everything else section by section.
#include <cjson/cJSON.h>

#include "base/module_bytes.h"
#include "perf/size/size.h"

#define POSITIONS_SECTION "voyd.runtime_diagnostics"

// The names that a function or a scope of the section has.
typedef struct Writer {
  Str module, function, file;
} Writer;

typedef struct Reader {
  Arena *arena;
  Str bytes, directory;
  SizeTable *table;
  cJSON *json;
  Writer *scopes; // by number; 0 unused
  uint32_t scope_count;
  Str *files; // by number; 0 unused
  uint32_t file_count;
  const cJSON **functions; // by index in the module, NULL where nobody knows
  uint32_t imports, function_count;
  Text *error;
} Reader;

static bool fail(Reader *reader, const char *why) {
  text_add(reader->error, str_from(why));
  return false;
}

static Str text_of(Reader *reader, const cJSON *object, const char *member) {
  const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, member);
  if (!cJSON_IsString(found)) {
    return STR("");
  }
  size_t length = strlen(found->valuestring);
  return (Str){arena_copy_string(reader->arena, found->valuestring, length), length};
}

static Str path_of(Reader *reader, Str path) {
  size_t length = reader->directory.length;
  if (length > 0 && path.length > length + 1 && path.ptr[length] == '/' &&
      memcmp(path.ptr, reader->directory.ptr, length) == 0) {
    return (Str){path.ptr + length + 1, path.length - length - 1};
  }
  return path;
}

static uint32_t number_of(const cJSON *item) {
  return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= UINT32_MAX
             ? (uint32_t)item->valuedouble
             : 0;
}

// ----------------------------------------------------------------------------------------------- the section

static Writer writer_of(Reader *reader, const cJSON *object) {
  Writer writer = {.module = text_of(reader, object, "moduleId"),
                   .function = text_of(reader, object, "wasmName")};
  const cJSON *span = cJSON_GetObjectItemCaseSensitive(object, "span");
  writer.file = path_of(reader, text_of(reader, span ? span : object, "file"));
  if (writer.module.length == 0) {
    writer.module = STR(SIZE_GENERATED);
  }
  if (writer.function.length == 0) {
    writer.function = STR("(unnamed)");
  }
  return writer;
}

static uint32_t array_size(const cJSON *json, const char *member) {
  const cJSON *array = cJSON_GetObjectItemCaseSensitive(json, member);
  return cJSON_IsArray(array) ? (uint32_t)cJSON_GetArraySize(array) : 0;
}

static void read_scopes(Reader *reader) {
  const cJSON *item;
  reader->scope_count = array_size(reader->json, "scopes") + 1;
  reader->scopes = ARENA_ARRAY(reader->arena, Writer, reader->scope_count);
  uint32_t next = 1;
  cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(reader->json, "scopes")) {
    reader->scopes[next++] = writer_of(reader, item);
  }
  reader->file_count = array_size(reader->json, "files") + 1;
  reader->files = ARENA_ARRAY(reader->arena, Str, reader->file_count);
  next = 1;
  cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(reader->json, "files")) {
    Str path = cJSON_IsString(item) ? str_from(item->valuestring) : STR("");
    path = (Str){arena_copy_string(reader->arena, path.ptr, path.length), path.length};
    reader->files[next++] = path_of(reader, path);
  }
}

static void read_functions(Reader *reader, const char *member) {
  const cJSON *item;
  cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(reader->json, member)) {
    const cJSON *index = cJSON_GetObjectItemCaseSensitive(item, "wasmIndex");
    if (cJSON_IsNumber(index) && number_of(index) < reader->function_count) {
      reader->functions[number_of(index)] = item;
    }
  }
}

// ------------------------------------------------------------------------------------------------- the code

// The pieces of a body: each begins at a position and ends at the next.
static bool add_pieces(Reader *reader, ModuleBody body, const cJSON *function, Writer own) {
  const cJSON *item;
  SizeRow row = {.module = own.module, .function = own.function};
  uint32_t at = body.start;
  cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(function, "positions")) {
    uint32_t offset = number_of(cJSON_GetArrayItem(item, 0)), scope = number_of(cJSON_GetArrayItem(item, 2));
    uint32_t file = number_of(cJSON_GetArrayItem(item, 3));
    if (offset < at || offset > body.end || scope >= reader->scope_count || file >= reader->file_count) {
      return fail(reader, "its positions do not fit its code");
    }
    row.bytes = offset - at;
    size_add(reader->table, row);
    Writer writer = scope == 0 ? own : reader->scopes[scope];
    row = (SizeRow){.module = writer.module, .function = writer.function};
    row.line = number_of(cJSON_GetArrayItem(item, 1));
    row.file = row.line == 0 ? STR("") : file == 0 ? writer.file : reader->files[file];
    at = offset;
  }
  row.bytes = body.end - at;
  size_add(reader->table, row);
  return true;
}

static bool add_code(Reader *reader, const ModuleSection *section) {
  ModuleBody *bodies;
  uint32_t count;
  if (!module_bodies(reader->arena, reader->bytes, section, &bodies, &count)) {
    return fail(reader, "its code section is damaged");
  }
  reader->function_count = reader->imports + count;
  reader->functions = ARENA_ARRAY(reader->arena, const cJSON *, reader->function_count + 1);
  read_functions(reader, "functions");
  read_functions(reader, "generated");
  uint32_t head = (count > 0 ? bodies[0].start : section->end) - section->start;
  size_add(reader->table, (SizeRow){STR(SIZE_SECTIONS), STR("code (head)"), STR(""), 0, head});
  for (uint32_t i = 0; i < count; i++) {
    const cJSON *function = reader->functions[reader->imports + i];
    Writer own = {STR(SIZE_GENERATED), STR("(unknown)"), STR("")};
    if (!add_pieces(reader, bodies[i], function, function ? writer_of(reader, function) : own)) {
      return false;
    }
  }
  return true;
}

// --------------------------------------------------------------------------------------------- other
// sections

// Programs import functions only.
static bool count_imports(Reader *reader, const ModuleSection *section) {
  ModuleReader imports = {reader->bytes, section->contents};
  uint32_t count, type;
  Str name;
  if (!module_number(&imports, section->end, &count)) {
    return fail(reader, "its import section is damaged");
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!module_text(&imports, section->end, &name) || !module_text(&imports, section->end, &name) ||
        imports.at >= section->end || imports.bytes.ptr[imports.at++] != 0 ||
        !module_number(&imports, section->end, &type)) {
      return fail(reader, "it imports something that is no function");
    }
  }
  reader->imports = count;
  return true;
}

static void add_section(Reader *reader, const ModuleSection *section) {
  Str name = str_from(module_section_name(section->id));
  if (section->id == MODULE_SECTION_CUSTOM) {
    name = arena_format(reader->arena, "custom %.*s", STR_ARGS(section->name));
  } else if (name.length == 0) {
    name = arena_format(reader->arena, "section %u", section->id);
  }
  size_add(reader->table, (SizeRow){STR(SIZE_SECTIONS), name, STR(""), 0, section->end - section->start});
}

// Finds the section of positions; everything else is read in its light.
static bool open_positions(Reader *reader, ModuleSection *positions) {
  ModuleReader sections;
  if (!module_open(&sections, reader->bytes)) {
    return fail(reader, "it is no WebAssembly module");
  }
  while (!module_is_read(&sections)) {
    if (!module_section(&sections, positions)) {
      return fail(reader, "it is damaged");
    }
    if (positions->id == MODULE_SECTION_CUSTOM && str_equal(positions->name, STR(POSITIONS_SECTION))) {
      reader->json = cJSON_ParseWithLength(reader->bytes.ptr + positions->contents,
                                           positions->end - positions->contents);
      return reader->json != NULL || fail(reader, "its section " POSITIONS_SECTION " is damaged");
    }
  }
  return fail(reader, "it has no positions; compile it with --runtime-diagnostics");
}

static bool read_module(Reader *reader, bool shipped) {
  ModuleSection section, positions;
  if (!open_positions(reader, &positions)) {
    return false;
  }
  read_scopes(reader);
  ModuleReader sections;
  module_open(&sections, reader->bytes);
  size_add(reader->table, (SizeRow){STR(SIZE_SECTIONS), STR("head"), STR(""), 0, sections.at});
  while (!module_is_read(&sections)) {
    if (!module_section(&sections, &section) ||
        (section.id == MODULE_SECTION_IMPORT && !count_imports(reader, &section)) ||
        (section.id == MODULE_SECTION_CODE && !add_code(reader, &section))) {
      return reader->error->count > 0 ? false : fail(reader, "it is damaged");
    }
    bool hidden = shipped && section.start == positions.start;
    if (section.id != MODULE_SECTION_CODE && !hidden) {
      add_section(reader, &section);
    }
  }
  return true;
}

bool size_read(Arena *arena, Str module, bool shipped, Str directory, SizeTable *table, Text *error) {
  *table = (SizeTable){.arena = arena};
  Reader reader = {.arena = arena, .bytes = module, .directory = directory, .table = table, .error = error};
  bool ok = read_module(&reader, shipped);
  cJSON_Delete(reader.json);
  return ok;
}
