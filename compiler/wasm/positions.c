// Owns the custom section `voyd.runtime_diagnostics` (spec 03 §16.1): the one table behind trap reports and
// size attribution. For every function its place in the source, and for every piece of its code the line and,
// where it was inlined, the scope (wasm/scopes.h). What the section holds: runtime-wasm/host/README.md.
//
// A debug location's first number is our position (0: nobody wrote this), its second the mark of who wrote
// the code. Binaryen keeps both when it moves, copies and inlines.
#include <stdlib.h>

#include "wasm/scopes.h"
#include "wasm/source_map.h"

typedef struct CodeRange {
  uint32_t index; // of the function in the module, imports counted
  IrFunctionId id;
  ModuleBody body;
  WasmLabel label;
} CodeRange;

typedef struct TableWriter {
  Emitter *emitter;
  CodeLocations locations;
  ScopeTable scopes;
  VECTOR(CodeRange) ranges;
  uint32_t *file_numbers; // by FileId: place in `files`, + 1
  VECTOR(FileId) files;   // of code that is in another file than its function
  Text json;
} TableWriter;

static Context *context_of(const TableWriter *writer) {
  return writer->emitter->module->context;
}

static SourceLocation locate(const TableWriter *writer, Position position) {
  return sources_locate(&context_of(writer)->sources, (Span){position, position});
}

static Str path_of(const TableWriter *writer, FileId file) {
  return file == 0 ? STR("") : sources_file(&context_of(writer)->sources, file)->path;
}

static FileId file_of(const TableWriter *writer, IrFunctionId id) {
  return sources_file_at(&context_of(writer)->sources,
                         ir_function(writer->emitter->module, id)->origin.position);
}

// What a function without a name of its own is in: the clauses and lambdas of an instance.
static WasmLabel label_of(const TableWriter *writer, IrFunctionId id) {
  Emitter *emitter = writer->emitter;
  const IrFunction *function = ir_function(emitter->module, id);
  Str own = context_name(emitter->module->context, function->name);
  const WasmOptions *options = emitter->options;
  if (function->origin.instance == 0 || !options->label) {
    return (WasmLabel){.name = own, .full = own};
  }
  WasmLabel label = options->label(options->label_context, &emitter->scratch, function->origin.instance);
  if (function->name == NAME_EMPTY) {
    label.name = arena_format(&emitter->scratch, "fn in %.*s", STR_ARGS(label.name));
    label.full = arena_format(&emitter->scratch, "fn in %.*s", STR_ARGS(label.full));
  }
  return label;
}

// ------------------------------------------------------------------------------------------------- functions

static void collect_function(void *context, uint32_t index, const char *name) {
  TableWriter *writer = context;
  CodeRange range = {.index = index, .id = function_of_name(writer->emitter, name)};
  if (range.id != 0) {
    range.label = label_of(writer, range.id);
  }
  VECTOR_PUSH(&writer->emitter->scratch, &writer->ranges, range);
}

// The bodies of the code section, in order, belong to the functions that are not imported; the imported ones,
// which come first, are dropped.
static bool find_bodies(TableWriter *writer, Str bytes) {
  ModuleReader reader;
  ModuleSection section;
  ModuleBody *bodies;
  uint32_t count;
  if (!module_open(&reader, bytes)) {
    return false;
  }
  while (!module_is_read(&reader) && module_section(&reader, &section)) {
    if (section.id == MODULE_SECTION_CODE) {
      if (!module_bodies(&writer->emitter->scratch, bytes, &section, &bodies, &count) ||
          count > writer->ranges.count) {
        return false;
      }
      uint32_t imports = writer->ranges.count - count;
      for (uint32_t i = 0; i < count; i++) {
        writer->ranges.items[i] = writer->ranges.items[imports + i];
        writer->ranges.items[i].body = bodies[i];
      }
      writer->ranges.count = count;
      return true;
    }
  }
  writer->ranges.count = 0;
  return true;
}

static int by_name(const void *first, const void *second) {
  const CodeRange *a = first, *b = second;
  Str left = a->label.full, right = b->label.full;
  size_t shorter = left.length < right.length ? left.length : right.length;
  int order = shorter == 0 ? 0 : memcmp(left.ptr, right.ptr, shorter);
  if (order == 0) {
    order = left.length < right.length ? -1 : left.length > right.length;
  }
  return order != 0 ? order : a->index < b->index ? -1 : 1;
}

// ------------------------------------------------------------------------------------------------- positions

// The first location at or after `offset`.
static uint32_t first_location(const CodeLocations *locations, uint32_t offset) {
  uint32_t low = 0, high = locations->count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (locations->items[middle].offset < offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// 0 if it is the file of the function that wrote the code.
static uint32_t number_of_file(TableWriter *writer, FileId file, IrFunctionId function) {
  if (file == 0 || function == 0 || file == file_of(writer, function)) {
    return 0;
  }
  if (writer->file_numbers[file] == 0) {
    VECTOR_PUSH(&writer->emitter->scratch, &writer->files, file);
    writer->file_numbers[file] = writer->files.count;
  }
  return writer->file_numbers[file];
}

typedef struct Place {
  uint32_t line, scope, file;
} Place;

static Place place_of(TableWriter *writer, const CodeRange *range, const CodeLocation *location) {
  if (!location->known) {
    return (Place){0, 0, 0};
  }
  Place place = {.scope = scopes_of(&writer->scopes, range->id, location->column)};
  if (location->line != 0) {
    SourceLocation source = locate(writer, location->line);
    place.line = source.line;
    place.file =
        number_of_file(writer, source.file,
                       place.scope == 0 ? range->id : writer->scopes.scopes.items[place.scope].function);
  }
  return place;
}

static void add_positions(TableWriter *writer, const CodeRange *range) {
  Text *json = &writer->json;
  const CodeLocations *locations = &writer->locations;
  Place last = {0, 0, 0};
  const char *comma = "";
  text_add(json, STR(",\"positions\":["));
  for (uint32_t i = first_location(locations, range->body.start);
       i < locations->count && locations->items[i].offset < range->body.end; i++) {
    Place place = place_of(writer, range, &locations->items[i]);
    if (memcmp(&place, &last, sizeof place) == 0) {
      continue;
    }
    text_format(json, "%s[%u,%u", comma, locations->items[i].offset, place.line);
    if (place.scope != 0 || place.file != 0) {
      text_format(json, ",%u", place.scope);
    }
    if (place.file != 0) {
      text_format(json, ",%u", place.file);
    }
    text_add_char(json, ']');
    last = place;
    comma = ",";
  }
  text_add_char(json, ']');
}

// ------------------------------------------------------------------------------------------------- the
// section

static void add_member(TableWriter *writer, const char *name, Str text) {
  text_format(&writer->json, "\"%s\":\"", name);
  text_add_json(&writer->json, text);
  text_add_char(&writer->json, '"');
}

static void add_label(TableWriter *writer, WasmLabel label) {
  add_member(writer, "wasmName", label.full);
  text_add_char(&writer->json, ',');
  add_member(writer, "moduleId", label.module);
  text_add_char(&writer->json, ',');
  add_member(writer, "functionName", label.name);
}

static bool is_written(const TableWriter *writer, const CodeRange *range) {
  return range->id != 0 && ir_function(writer->emitter->module, range->id)->origin.position != 0;
}

// The whole function; of a lambda or a clause, which has no declaration, where it begins.
static void add_span(TableWriter *writer, const CodeRange *range) {
  Position position = ir_function(writer->emitter->module, range->id)->origin.position;
  Span span = range->label.span.start == position ? range->label.span : (Span){position, position};
  SourceLocation place = sources_locate(&context_of(writer)->sources, span);
  text_add(&writer->json, STR(",\"span\":{"));
  add_member(writer, "file", path_of(writer, place.file));
  text_format(&writer->json, ",\"start\":%u,\"end\":%u,\"startLine\":%u,\"startColumn\":%u,", place.start,
              place.end, place.line, place.column);
  text_format(&writer->json, "\"endLine\":%u,\"endColumn\":%u}", place.end_line, place.end_column);
}

static void add_function(TableWriter *writer, const CodeRange *range) {
  text_add_char(&writer->json, '{');
  add_label(writer, range->label);
  if (is_written(writer, range)) {
    add_span(writer, range);
  }
  text_format(&writer->json, ",\"wasmIndex\":%u", range->index);
  add_positions(writer, range);
  text_add_char(&writer->json, '}');
}

static void add_functions(TableWriter *writer, bool written) {
  const char *comma = "";
  for (uint32_t i = 0; i < writer->ranges.count; i++) {
    if (is_written(writer, &writer->ranges.items[i]) == written) {
      text_add(&writer->json, str_from(comma));
      add_function(writer, &writer->ranges.items[i]);
      comma = ",";
    }
  }
}

static void add_scopes(TableWriter *writer) {
  for (uint32_t i = 1; i < writer->scopes.scopes.count; i++) {
    Scope scope = writer->scopes.scopes.items[i];
    text_add(&writer->json, i > 1 ? STR(",{") : STR("{"));
    add_label(writer, label_of(writer, scope.function));
    FileId file = file_of(writer, scope.function);
    if (file != 0) {
      text_add_char(&writer->json, ',');
      add_member(writer, "file", path_of(writer, file));
    }
    if (scope.call != 0) {
      text_format(&writer->json, ",\"line\":%u", locate(writer, scope.call).line);
    }
    if (scope.outer != 0) {
      text_format(&writer->json, ",\"scope\":%u", scope.outer);
    }
    text_add_char(&writer->json, '}');
  }
}

static void add_files(TableWriter *writer) {
  for (uint32_t i = 0; i < writer->files.count; i++) {
    text_add(&writer->json, i > 0 ? STR(",\"") : STR("\""));
    text_add_json(&writer->json, path_of(writer, writer->files.items[i]));
    text_add_char(&writer->json, '"');
  }
}

bool add_runtime_diagnostics(Emitter *emitter, Str map, uint32_t moved, ByteVector *bytes) {
  Arena *arena = &emitter->scratch;
  TableWriter writer = {
      .emitter = emitter, .json = text_new(arena), .scopes = scopes_new(emitter->module, arena)};
  writer.file_numbers = ARENA_ARRAY(arena, uint32_t, emitter->module->context->sources.files.count);
  if (!source_map_read(arena, map, &writer.locations) ||
      !shim_functions(emitter->target, collect_function, &writer) ||
      !find_bodies(&writer, (Str){(const char *)bytes->items, bytes->count})) {
    return false;
  }
  for (uint32_t i = 0; i < writer.locations.count; i++) {
    writer.locations.items[i].offset += moved;
  }
  if (writer.ranges.count == 0) {
    return true;
  }
  qsort(writer.ranges.items, writer.ranges.count, sizeof *writer.ranges.items, by_name);
  text_add(&writer.json, STR("{\"version\":1,\"functions\":["));
  add_functions(&writer, true);
  text_add(&writer.json, STR("],\"generated\":["));
  add_functions(&writer, false);
  text_add(&writer.json, STR("],\"scopes\":["));
  add_scopes(&writer);
  text_add(&writer.json, STR("],\"files\":["));
  add_files(&writer);
  text_add(&writer.json, STR("]}"));
  add_custom_section(arena, bytes, STR("voyd.runtime_diagnostics"), (const uint8_t *)writer.json.bytes,
                     writer.json.count);
  return true;
}
