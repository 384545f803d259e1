// The source table of base/source.h.
#include "base/source.h"

void sources_init(SourceTable *table) {
  *table = (SourceTable){0};
  arena_init(&table->arena);
  VECTOR_PUSH(&table->arena, &table->files, (SourceFile){.path = STR("<unknown>"), .text = STR("")});
  table->next = 1;
}

void sources_free(SourceTable *table) {
  arena_free(&table->arena);
}

FileId sources_add(SourceTable *table, Str path, Str text) {
  if (text.length >= UINT32_MAX - table->next - 1) {
    return 0;
  }
  SourceFile file = {
      .path = {arena_copy_string(&table->arena, path.ptr, path.length), path.length},
      .text = {arena_copy_string(&table->arena, text.ptr, text.length), text.length},
      .base = table->next,
  };
  table->next += (Position)text.length + 1;
  VECTOR_PUSH(&table->arena, &table->files, file);
  return table->files.count - 1;
}

FileId sources_file_at(const SourceTable *table, Position position) {
  uint32_t low = 0, high = table->files.count;
  while (high - low > 1) {
    uint32_t middle = (low + high) / 2;
    if (table->files.items[middle].base <= position) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return position == 0 || position >= table->next ? 0 : low;
}

static void index_lines(SourceTable *table, SourceFile *file) {
  if (file->lines) {
    return;
  }
  uint32_t count = 1;
  for (size_t i = 0; i < file->text.length; i++) {
    count += file->text.ptr[i] == '\n';
  }
  file->lines = ARENA_ARRAY(&table->arena, uint32_t, count);
  file->line_count = count;
  uint32_t line = 1;
  for (size_t i = 0; i < file->text.length; i++) {
    if (file->text.ptr[i] == '\n') {
      file->lines[line++] = (uint32_t)i + 1;
    }
  }
}

static uint32_t line_of(const SourceFile *file, uint32_t offset) {
  uint32_t low = 0, high = file->line_count;
  while (high - low > 1) {
    uint32_t middle = (low + high) / 2;
    if (file->lines[middle] <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

SourceLocation sources_locate(SourceTable *table, Span span) {
  FileId id = sources_file_at(table, span.start);
  if (id == 0) {
    return (SourceLocation){.line = 1, .column = 1, .end_line = 1, .end_column = 1};
  }
  SourceFile *file = sources_file(table, id);
  index_lines(table, file);
  uint32_t length = (uint32_t)file->text.length;
  uint32_t start = span.start - file->base;
  uint32_t end = span.end < span.start ? start : span.end - file->base;
  end = end > length ? length : end;
  uint32_t line = line_of(file, start);
  uint32_t end_line = line_of(file, end);
  return (SourceLocation){
      .file = id,
      .start = start,
      .end = end,
      .line = line + 1,
      .column = start - file->lines[line] + 1,
      .end_line = end_line + 1,
      .end_column = end - file->lines[end_line] + 1,
  };
}

Str sources_line(SourceTable *table, FileId id, uint32_t line) {
  SourceFile *file = sources_file(table, id);
  index_lines(table, file);
  if (line == 0 || line > file->line_count) {
    return STR("");
  }
  uint32_t start = file->lines[line - 1];
  uint32_t end = line < file->line_count ? file->lines[line] - 1 : (uint32_t)file->text.length;
  return (Str){file->text.ptr + start, end - start};
}

Str sources_text(const SourceTable *table, Span span) {
  FileId id = sources_file_at(table, span.start);
  if (id == 0 || span.end <= span.start) {
    return STR("");
  }
  const SourceFile *file = sources_file(table, id);
  size_t start = span.start - file->base;
  size_t length = span.end - span.start;
  return (Str){file->text.ptr + start,
               length > file->text.length - start ? file->text.length - start : length};
}
