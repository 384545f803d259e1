// `voydc perf size`: where the bytes of a module go, by module, function and source line, and how two modules
// differ.
//
// The table is read from the bytes alone: the module's sections, and its section `voyd.runtime_diagnostics`,
// which says of every byte of code who wrote it, through inlining (compiler/wasm/positions.c). What nobody
// wrote (types, data, adapters) has rows of its own, so that the rows always add up to the size of the file.
#ifndef VOYD_PERF_SIZE_SIZE_H
#define VOYD_PERF_SIZE_SIZE_H

#include "base/text.h"

// Bytes of one line of one function. `line` is 0, and `file` empty, for what has no line: what a function
// costs beside its code, sections.
typedef struct SizeRow {
  Str module, function, file;
  uint32_t line;
  uint32_t bytes;
} SizeRow;

typedef struct SizeTable {
  Arena *arena;
  VECTOR(SizeRow) rows;
  HashIndex index;
  uint32_t total;
} SizeTable;

// The names of what is not in a module of the program.
#define SIZE_SECTIONS  "(sections)"
#define SIZE_GENERATED "(generated)"

// The table of a module. `shipped`: without the section of positions itself, as if the module had been
// compiled without it. Paths below `directory` are cut to what follows it. False with the reason in `error`,
// for bytes that are no module or have no positions.
bool size_read(Arena *arena, Str module, bool shipped, Str directory, SizeTable *table, Text *error);

// What rows are put together by; a coarser one leaves the finer columns empty.
typedef enum { SIZE_BY_MODULE, SIZE_BY_FUNCTION, SIZE_BY_LINE, SIZE_BY_COUNT } SizeBy;
extern const char *const SIZE_BY_NAMES[SIZE_BY_COUNT];
// The rows put together, largest first, equal ones by name.
SizeTable size_group(const SizeTable *table, SizeBy by);

// What the reports say of the compilation.
typedef struct SizeSubject {
  Str name;  // of the entry, or of the file
  Str level; // empty for a file
} SizeSubject;

// A table for people of one grouping, `top` rows at most (0: all) and one for the rest.
void size_report_table(const SizeTable *table, SizeBy by, uint32_t top, Text *out);
// All groupings on one line: {"name","level","bytes","modules":[…],"functions":[…],"lines":[…]}.
void size_report_json(const SizeTable *table, SizeSubject subject, Text *out);
// `module,function,file,line,bytes`, a row per line of a function.
void size_report_csv(const SizeTable *table, Text *out);
// A page that needs nothing beside it: a map of the bytes to click through, and a table.
void size_report_html(const SizeTable *table, SizeSubject subject, Text *out);

// Reads what size_report_csv wrote. False with the reason in `error`.
bool size_read_csv(Arena *arena, Str text, SizeTable *table, Text *error);

// A row of two tables, joined by name.
typedef struct SizeDifference {
  SizeRow row; // without bytes
  uint32_t base, head;
} SizeDifference;
typedef VECTOR(SizeDifference) SizeDifferences;

// The largest difference first; rows without one are left out.
SizeDifferences size_compare(const SizeTable *base, const SizeTable *head, SizeBy by);
void size_compare_table(const SizeTable *base, const SizeTable *head, SizeBy by, uint32_t top, Text *out);
// `module,function,file,line,baseBytes,headBytes,delta`, every row that either has.
void size_compare_csv(const SizeTable *base, const SizeTable *head, SizeBy by, Text *out);

// Adds bytes to the row of these names, which is made if it is new.
void size_add(SizeTable *table, SizeRow row);

#endif
