// Owns the custom section `voyd.runtime_diagnostics` (spec 03 §16.1, runtime-wasm/host/README.md): the
// functions of the module with their places in the source, and for each the lines of its code by offset.
//
// Positions are [offset, line] or, for code inlined from elsewhere, [offset, line, function name, file].
#include <stdlib.h>

#include "wasm/internal.h"

typedef struct CodeRange {
  uint32_t index; // of the function in the module, imports counted
  IrFunctionId id;
  uint32_t start, end; // offsets of its body in the bytes
  Str name;
} CodeRange;

typedef struct DiagnosticsWriter {
  Emitter *emitter;
  const ShimBinary *binary;
  CodeRange *ranges; // by function index
  uint32_t range_count;
  Text json;
} DiagnosticsWriter;

static uint32_t read_leb(const uint8_t *bytes, size_t size, size_t *at) {
  uint32_t value = 0;
  for (uint32_t shift = 0; *at < size && shift < 35; shift += 7) {
    uint8_t byte = bytes[(*at)++];
    value |= (uint32_t)(byte & 0x7F) << shift;
    if (byte < 0x80) {
      break;
    }
  }
  return value;
}

static void collect_function(void *context, uint32_t index, const char *name) {
  DiagnosticsWriter *writer = context;
  writer->ranges[writer->range_count++] =
      (CodeRange){.index = index, .id = function_of_name(writer->emitter, name)};
}

// The bodies of the code section, in order, belong to the functions that are not imported.
static void find_bodies(DiagnosticsWriter *writer) {
  const uint8_t *bytes = writer->binary->bytes;
  size_t size = writer->binary->size, at = 8;
  while (at < size) {
    uint8_t section = bytes[at++];
    uint32_t length = read_leb(bytes, size, &at);
    if (section != 10) {
      at += length;
      continue;
    }
    uint32_t bodies = read_leb(bytes, size, &at);
    uint32_t first = writer->range_count - (bodies < writer->range_count ? bodies : writer->range_count);
    for (uint32_t i = first; i < writer->range_count; i++) {
      uint32_t body = read_leb(bytes, size, &at);
      writer->ranges[i].start = (uint32_t)at;
      writer->ranges[i].end = (uint32_t)at + body;
      at += body;
    }
    return;
  }
}

static Str name_of(const DiagnosticsWriter *writer, IrFunctionId id) {
  const IrModule *module = writer->emitter->module;
  return context_name(module->context, ir_function(module, id)->name);
}

static SourceLocation locate(const DiagnosticsWriter *writer, Position position) {
  return sources_locate(&writer->emitter->module->context->sources, (Span){position, position});
}

static Str path_of(const DiagnosticsWriter *writer, FileId file) {
  return file == 0 ? STR("") : sources_file(&writer->emitter->module->context->sources, file)->path;
}

static void add_string(DiagnosticsWriter *writer, Str text) {
  text_add_char(&writer->json, '"');
  text_add_json(&writer->json, text);
  text_add_char(&writer->json, '"');
}

// The first position at or after `offset`.
static size_t first_position(const ShimBinary *binary, uint32_t offset) {
  size_t low = 0, high = binary->position_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (binary->positions[middle].offset < offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static void add_positions(DiagnosticsWriter *writer, const CodeRange *range) {
  text_add(&writer->json, STR(",\"positions\":["));
  uint32_t last_line = 0, last_function = 0;
  bool first = true;
  for (size_t i = first_position(writer->binary, range->start);
       i < writer->binary->position_count && writer->binary->positions[i].offset < range->end; i++) {
    const ShimPosition *position = &writer->binary->positions[i];
    IrFunctionId function = position->column;
    if (position->line == 0 || function == 0 || function >= writer->emitter->module->functions.count) {
      continue;
    }
    SourceLocation place = locate(writer, position->line);
    if (place.line == last_line && function == last_function) {
      continue;
    }
    text_format(&writer->json, "%s[%u,%u", first ? "" : ",", position->offset, place.line);
    if (function != range->id) {
      text_add_char(&writer->json, ',');
      add_string(writer, name_of(writer, function));
      text_add_char(&writer->json, ',');
      add_string(writer, path_of(writer, place.file));
    }
    text_add_char(&writer->json, ']');
    last_line = place.line;
    last_function = function;
    first = false;
  }
  text_add_char(&writer->json, ']');
}

static void add_function(DiagnosticsWriter *writer, const CodeRange *range) {
  SourceLocation place = locate(writer, ir_function(writer->emitter->module, range->id)->origin.position);
  text_add(&writer->json, STR("{\"wasmName\":"));
  add_string(writer, range->name);
  text_add(&writer->json, STR(",\"moduleId\":"));
  add_string(writer, path_of(writer, place.file));
  text_add(&writer->json, STR(",\"functionName\":"));
  add_string(writer, range->name);
  text_add(&writer->json, STR(",\"span\":{\"file\":"));
  add_string(writer, path_of(writer, place.file));
  text_format(&writer->json, ",\"start\":%u,\"end\":%u,\"startLine\":%u,\"startColumn\":%u},\"wasmIndex\":%u",
              place.start, place.end, place.line, place.column, range->index);
  add_positions(writer, range);
  text_add_char(&writer->json, '}');
}

static int by_name(const void *first, const void *second) {
  const CodeRange *a = first, *b = second;
  size_t shorter = a->name.length < b->name.length ? a->name.length : b->name.length;
  int order = shorter == 0 ? 0 : memcmp(a->name.ptr, b->name.ptr, shorter);
  if (order == 0) {
    order = a->name.length < b->name.length ? -1 : a->name.length > b->name.length;
  }
  return order != 0 ? order : a->index < b->index ? -1 : 1;
}

void add_runtime_diagnostics(Emitter *emitter, const ShimBinary *binary, ByteVector *bytes) {
  DiagnosticsWriter writer = {.emitter = emitter, .binary = binary, .json = text_new(&emitter->scratch)};
  uint32_t functions = BinaryenGetNumFunctions(emitter->target);
  writer.ranges = ARENA_ARRAY(&emitter->scratch, CodeRange, functions);
  shim_functions(emitter->target, collect_function, &writer);
  find_bodies(&writer);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < writer.range_count; i++) {
    CodeRange *range = &writer.ranges[i];
    if (range->id != 0 && range->end > 0 && ir_function(emitter->module, range->id)->origin.position != 0) {
      range->name = name_of(&writer, range->id);
      writer.ranges[kept++] = *range;
    }
  }
  if (kept == 0) {
    return;
  }
  qsort(writer.ranges, kept, sizeof *writer.ranges, by_name);
  text_add(&writer.json, STR("{\"version\":1,\"functions\":["));
  for (uint32_t i = 0; i < kept; i++) {
    text_add(&writer.json, i > 0 ? STR(",") : STR(""));
    add_function(&writer, &writer.ranges[i]);
  }
  text_add(&writer.json, STR("]}"));
  add_custom_section(&emitter->scratch, bytes, STR("voyd.runtime_diagnostics"),
                     (const uint8_t *)writer.json.bytes, writer.json.count);
}
