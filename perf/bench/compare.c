// `voydc bench compare BASE HEAD`: the rows that two CSV files of `bench run` share (spec 10 §5).
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/files.h"
#include "perf/bench/bench.h"

// Measures with a relative and counts with an absolute difference.
static const char *const MEASURES[] = {"compileMs", "medianMs", "wasmBytes", "gzipBytes", "wasmTextBytes"};
static const char *const COUNTS[] = {"structNew", "structNewDefault", "arrayNew",
                                     "refCast",   "callRef",          "tupleMake"};
enum { MEASURE_COUNT = sizeof MEASURES / sizeof *MEASURES, COUNT_COUNT = sizeof COUNTS / sizeof *COUNTS };

typedef VECTOR(Str) Fields;

typedef struct Sheet {
  Str path;
  Fields header;
  VECTOR(Fields) rows;
} Sheet;

static Fields split(Arena *arena, Str line) {
  Fields fields = {0};
  size_t start = 0;
  for (size_t i = 0; i <= line.length; i++) {
    if (i == line.length || line.ptr[i] == ',') {
      VECTOR_PUSH(arena, &fields, (Str){line.ptr + start, i - start});
      start = i + 1;
    }
  }
  return fields;
}

static int column_of(const Sheet *sheet, const char *name) {
  for (uint32_t i = 0; i < sheet->header.count; i++) {
    if (str_equal(sheet->header.items[i], str_from(name))) {
      return (int)i;
    }
  }
  return -1;
}

static Str field(const Sheet *sheet, const Fields *row, const char *name) {
  int column = column_of(sheet, name);
  return column >= 0 && (uint32_t)column < row->count ? row->items[column] : STR("");
}

// Every column that the comparison reads but `revision`, which older files lack, and `level`.
static bool check_columns(Arena *arena, const Sheet *sheet) {
  Fields needed = {0};
  VECTOR_PUSH(arena, &needed, STR("name"));
  VECTOR_PUSH(arena, &needed, STR("optimize"));
  VECTOR_PUSH(arena, &needed, STR("wasmSha256"));
  for (int i = 0; i < MEASURE_COUNT; i++) {
    VECTOR_PUSH(arena, &needed, str_from(MEASURES[i]));
  }
  for (int i = 0; i < COUNT_COUNT; i++) {
    VECTOR_PUSH(arena, &needed, arena_format(arena, "%sCount", COUNTS[i]));
  }
  for (uint32_t i = 0; i < needed.count; i++) {
    if (column_of(sheet, needed.items[i].ptr) < 0) {
      fprintf(stderr, "bench: %.*s has no column %s\n", STR_ARGS(sheet->path), needed.items[i].ptr);
      return false;
    }
  }
  return true;
}

static bool read_sheet(Arena *arena, Str path, Sheet *sheet) {
  *sheet = (Sheet){.path = path};
  Str text;
  if (!file_read(arena, path, &text)) {
    fprintf(stderr, "bench: cannot read %.*s: %s\n", STR_ARGS(path), strerror(errno));
    return false;
  }
  size_t start = 0;
  for (size_t i = 0; i <= text.length; i++) {
    if (i < text.length && text.ptr[i] != '\n') {
      continue;
    }
    size_t length = i - start;
    length -= length > 0 && text.ptr[start + length - 1] == '\r';
    if (length > 0) {
      Fields fields = split(arena, (Str){text.ptr + start, length});
      if (sheet->header.count == 0) {
        sheet->header = fields;
      } else {
        VECTOR_PUSH(arena, &sheet->rows, fields);
      }
    }
    start = i + 1;
  }
  return check_columns(arena, sheet);
}

// Rows belong together by name and optimize, and by level where both files have it.
static const Fields *partner(const Sheet *base, const Sheet *head, const Fields *row) {
  bool levels = column_of(base, "level") >= 0 && column_of(head, "level") >= 0;
  for (uint32_t i = 0; i < base->rows.count; i++) {
    const Fields *other = &base->rows.items[i];
    if (str_equal(field(base, other, "name"), field(head, row, "name")) &&
        str_equal(field(base, other, "optimize"), field(head, row, "optimize")) &&
        (!levels || str_equal(field(base, other, "level"), field(head, row, "level")))) {
      return other;
    }
  }
  return NULL;
}

static double number(Arena *arena, Str text) {
  return strtod(arena_copy_string(arena, text.ptr, text.length), NULL);
}

static Str revision(const Sheet *sheet, const Fields *row) {
  return column_of(sheet, "revision") >= 0 ? field(sheet, row, "revision") : STR("unknown");
}

static void add_pair(Arena *arena, const Sheet *sheets[2], const Fields *rows[2], Text *out) {
  text_format(out, "%.*s,%.*s,%.*s,%.*s", STR_ARGS(field(sheets[1], rows[1], "name")),
              STR_ARGS(field(sheets[1], rows[1], "optimize")), STR_ARGS(revision(sheets[0], rows[0])),
              STR_ARGS(revision(sheets[1], rows[1])));
  for (int i = 0; i < MEASURE_COUNT; i++) {
    Str base = field(sheets[0], rows[0], MEASURES[i]), head = field(sheets[1], rows[1], MEASURES[i]);
    double from = number(arena, base), to = number(arena, head);
    text_format(out, ",%.*s,%.*s,", STR_ARGS(base), STR_ARGS(head));
    if (base.length > 0 && head.length > 0 && from != 0) {
      text_format(out, "%.1f", (to - from) / from * 100);
    }
  }
  for (int i = 0; i < COUNT_COUNT; i++) {
    Str column = arena_format(arena, "%sCount", COUNTS[i]);
    Str base = field(sheets[0], rows[0], column.ptr), head = field(sheets[1], rows[1], column.ptr);
    text_format(out, ",%.*s,%.*s,%.0f", STR_ARGS(base), STR_ARGS(head),
                number(arena, head) - number(arena, base));
  }
  text_format(out, ",%.*s,%.*s", STR_ARGS(field(sheets[0], rows[0], "wasmSha256")),
              STR_ARGS(field(sheets[1], rows[1], "wasmSha256")));
  if (column_of(sheets[1], "level") >= 0) {
    text_format(out, ",%.*s", STR_ARGS(field(sheets[1], rows[1], "level")));
  }
  text_add_char(out, '\n');
}

int bench_compare(Arena *arena, Str base, Str head) {
  Sheet sheets[2];
  if (!read_sheet(arena, base, &sheets[0]) || !read_sheet(arena, head, &sheets[1])) {
    return 1;
  }
  Text out = text_new(arena);
  text_add(&out, STR("name,optimize,baseRevision,headRevision"));
  for (int i = 0; i < MEASURE_COUNT; i++) {
    text_format(&out, ",%sBase,%sHead,%sDeltaPct", MEASURES[i], MEASURES[i], MEASURES[i]);
  }
  for (int i = 0; i < COUNT_COUNT; i++) {
    text_format(&out, ",%sBase,%sHead,%sDelta", COUNTS[i], COUNTS[i], COUNTS[i]);
  }
  text_add(&out, STR(",baseWasmSha256,headWasmSha256"));
  text_add(&out, column_of(&sheets[1], "level") >= 0 ? STR(",level\n") : STR("\n"));
  for (uint32_t i = 0; i < sheets[1].rows.count; i++) {
    const Fields *row = &sheets[1].rows.items[i], *other = partner(&sheets[0], &sheets[1], row);
    if (other) {
      add_pair(arena, (const Sheet *[]){&sheets[0], &sheets[1]}, (const Fields *[]){other, row}, &out);
    }
  }
  return stream_write(stdout, text_str(&out)) ? 0 : 1;
}
