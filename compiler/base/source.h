// Source texts and positions.
//
// Every file gets its own stretch of one 32-bit position space, so that a position or a span needs no file
// id: the file is found by binary search when a diagnostic is printed. Position 0 belongs to no file. The
// position just past a file's last byte still belongs to it. Lines and columns are computed on demand,
// 1-based, columns in bytes.
#ifndef VOYD_BASE_SOURCE_H
#define VOYD_BASE_SOURCE_H

#include <stdbool.h>

#include "base/strings.h"

typedef uint32_t FileId; // 0 = no file
typedef uint32_t Position;

// Half-open; {0, 0} is unknown.
typedef struct Span {
  Position start;
  Position end;
} Span;

static inline bool span_known(Span span) {
  return span.start != 0;
}
static inline Span span_join(Span first, Span last) {
  return !span_known(first) ? last : !span_known(last) ? first : (Span){first.start, last.end};
}

typedef struct SourceFile {
  Str path;        // as given by the loader: absolute, or `std:array.voyd` for embedded files
  Str text;        // NUL-terminated, valid as long as the table; empty for unreadable files
  Position base;   // position of the first byte
  uint32_t *lines; // offsets of line starts, made on first use
  uint32_t line_count;
} SourceFile;

typedef struct SourceTable {
  Arena arena;
  VECTOR(SourceFile) files; // by FileId; entry 0 is unused
  Position next;
} SourceTable;

typedef struct SourceLocation {
  FileId file;         // 0 when unknown
  uint32_t start, end; // byte offsets in the file
  uint32_t line, column;
  uint32_t end_line, end_column;
} SourceLocation;

void sources_init(SourceTable *table);
void sources_free(SourceTable *table);
// Copies path and text. Gives 0 if the position space is used up (4 GiB of sources).
FileId sources_add(SourceTable *table, Str path, Str text);
static inline SourceFile *sources_file(const SourceTable *table, FileId file) {
  return &table->files.items[file];
}
FileId sources_file_at(const SourceTable *table, Position position);
SourceLocation sources_locate(SourceTable *table, Span span);
// The text of 1-based line `line` without its line end.
Str sources_line(SourceTable *table, FileId file, uint32_t line);
// The bytes of a span (empty if unknown).
Str sources_text(const SourceTable *table, Span span);

#endif
