// Owns the table of sizes: adding, grouping, comparing (size.h).
#include <stdlib.h>

#include "perf/size/size.h"

const char *const SIZE_BY_NAMES[SIZE_BY_COUNT] = {"module", "function", "line"};

static bool same_names(const SizeRow *a, const SizeRow *b) {
  return a->line == b->line && str_equal(a->function, b->function) && str_equal(a->module, b->module) &&
         str_equal(a->file, b->file);
}

static uint32_t hash_names(const SizeRow *row) {
  uint64_t hash = hash_bytes(row->module.ptr, row->module.length);
  hash = hash_mix(hash, hash_bytes(row->function.ptr, row->function.length));
  hash = hash_mix(hash, hash_bytes(row->file.ptr, row->file.length));
  return (uint32_t)hash_mix(hash, row->line);
}

typedef struct RowKey {
  const SizeTable *table;
  const SizeRow *row;
} RowKey;

static bool row_equal(const void *context, uint32_t id) {
  const RowKey *key = context;
  return same_names(&key->table->rows.items[id], key->row);
}

static uint32_t find_row(const SizeTable *table, const SizeRow *row) {
  RowKey key = {table, row};
  return hash_index_find(&table->index, hash_names(row), row_equal, &key);
}

void size_add(SizeTable *table, SizeRow row) {
  if (row.bytes == 0) {
    return;
  }
  table->total += row.bytes;
  uint32_t found = find_row(table, &row);
  if (found != ID_MAP_NONE) {
    table->rows.items[found].bytes += row.bytes;
    return;
  }
  VECTOR_PUSH(table->arena, &table->rows, row);
  hash_index_add(table->arena, &table->index, hash_names(&row), table->rows.count - 1);
}

static int compare_texts(Str a, Str b) {
  size_t shorter = a.length < b.length ? a.length : b.length;
  int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int by_names(const SizeRow *a, const SizeRow *b) {
  int order = compare_texts(a->module, b->module);
  order = order != 0 ? order : compare_texts(a->function, b->function);
  order = order != 0 ? order : compare_texts(a->file, b->file);
  return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static int larger_first(const void *first, const void *second) {
  const SizeRow *a = first, *b = second;
  return a->bytes != b->bytes ? (a->bytes < b->bytes ? 1 : -1) : by_names(a, b);
}

static SizeRow coarse(SizeRow row, SizeBy by) {
  if (by == SIZE_BY_LINE) {
    return row;
  }
  return (SizeRow){row.module, by == SIZE_BY_FUNCTION ? row.function : STR(""), STR(""), 0, row.bytes};
}

SizeTable size_group(const SizeTable *table, SizeBy by) {
  SizeTable grouped = {.arena = table->arena};
  for (uint32_t i = 0; i < table->rows.count; i++) {
    size_add(&grouped, coarse(table->rows.items[i], by));
  }
  if (grouped.rows.count > 0) {
    qsort(grouped.rows.items, grouped.rows.count, sizeof(SizeRow), larger_first);
  }
  grouped.index = (HashIndex){0}; // the rows have other places now
  for (uint32_t i = 0; i < grouped.rows.count; i++) {
    hash_index_add(grouped.arena, &grouped.index, hash_names(&grouped.rows.items[i]), i);
  }
  return grouped;
}

// ------------------------------------------------------------------------------------------------- comparing

static uint32_t bytes_of(const SizeTable *table, const SizeRow *row) {
  uint32_t found = find_row(table, row);
  return found == ID_MAP_NONE ? 0 : table->rows.items[found].bytes;
}

static uint32_t distance(const SizeDifference *difference) {
  return difference->head > difference->base ? difference->head - difference->base
                                             : difference->base - difference->head;
}

static int farther_first(const void *first, const void *second) {
  const SizeDifference *a = first, *b = second;
  uint32_t left = distance(a), right = distance(b);
  return left != right ? (left < right ? 1 : -1) : by_names(&a->row, &b->row);
}

static SizeDifferences join(const SizeTable *base, const SizeTable *head, SizeBy by, bool all) {
  SizeTable from = size_group(base, by), to = size_group(head, by);
  SizeDifferences joined = {0};
  for (uint32_t i = 0; i < to.rows.count; i++) {
    const SizeRow *row = &to.rows.items[i];
    VECTOR_PUSH(to.arena, &joined, (SizeDifference){*row, bytes_of(&from, row), row->bytes});
  }
  for (uint32_t i = 0; i < from.rows.count; i++) {
    const SizeRow *row = &from.rows.items[i];
    if (find_row(&to, row) == ID_MAP_NONE) {
      VECTOR_PUSH(to.arena, &joined, (SizeDifference){*row, row->bytes, 0});
    }
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < joined.count; i++) {
    if (all || distance(&joined.items[i]) > 0) {
      joined.items[kept++] = joined.items[i];
    }
  }
  joined.count = kept;
  if (kept > 0) {
    qsort(joined.items, kept, sizeof(SizeDifference), farther_first);
  }
  return joined;
}

SizeDifferences size_compare(const SizeTable *base, const SizeTable *head, SizeBy by) {
  return join(base, head, by, false);
}

// ------------------------------------------------------------------------------------------- comparisons as
// text

static Str label_of(Arena *arena, const SizeRow *row, SizeBy by) {
  if (by == SIZE_BY_MODULE) {
    return row->module;
  }
  if (by == SIZE_BY_FUNCTION || row->line == 0) {
    return arena_format(arena, "%.*s  %.*s", STR_ARGS(row->module), STR_ARGS(row->function));
  }
  return arena_format(arena, "%.*s:%u  %.*s", STR_ARGS(row->file), row->line, STR_ARGS(row->function));
}

static void add_difference(Text *out, Str label, uint32_t base, uint32_t head) {
  text_format(out, "%9u %9u %+9lld  %.*s\n", base, head, (long long)head - base, STR_ARGS(label));
}

void size_compare_table(const SizeTable *base, const SizeTable *head, SizeBy by, uint32_t top, Text *out) {
  SizeDifferences all = size_compare(base, head, by);
  text_format(out, "     base      head     delta  %s\n", SIZE_BY_NAMES[by]);
  uint32_t shown = top == 0 || top > all.count ? all.count : top;
  uint32_t rest[2] = {0, 0};
  for (uint32_t i = 0; i < all.count; i++) {
    const SizeDifference *at = &all.items[i];
    if (i < shown) {
      add_difference(out, label_of(out->arena, &at->row, by), at->base, at->head);
    } else {
      rest[0] += at->base;
      rest[1] += at->head;
    }
  }
  if (shown < all.count) {
    add_difference(out, arena_format(out->arena, "(%u more)", all.count - shown), rest[0], rest[1]);
  }
  add_difference(out, STR("total"), base->total, head->total);
}

static void add_csv_text(Text *out, Str text) {
  bool plain = true;
  for (size_t i = 0; i < text.length && plain; i++) {
    plain = text.ptr[i] != ',' && text.ptr[i] != '"' && text.ptr[i] != '\n';
  }
  if (plain) {
    text_add(out, text);
    return;
  }
  text_add_char(out, '"');
  for (size_t i = 0; i < text.length; i++) {
    text_add(out, text.ptr[i] == '"' ? STR("\"") : STR(""));
    text_add_char(out, text.ptr[i]);
  }
  text_add_char(out, '"');
}

static void add_csv_names(Text *out, const SizeRow *row) {
  add_csv_text(out, row->module);
  text_add_char(out, ',');
  add_csv_text(out, row->function);
  text_add_char(out, ',');
  add_csv_text(out, row->file);
  text_format(out, ",%u,", row->line);
}

void size_compare_csv(const SizeTable *base, const SizeTable *head, SizeBy by, Text *out) {
  SizeDifferences all = join(base, head, by, true);
  text_add(out, STR("module,function,file,line,baseBytes,headBytes,delta\n"));
  for (uint32_t i = 0; i < all.count; i++) {
    const SizeDifference *at = &all.items[i];
    add_csv_names(out, &at->row);
    text_format(out, "%u,%u,%lld\n", at->base, at->head, (long long)at->head - at->base);
  }
}

void size_report_csv(const SizeTable *table, Text *out) {
  SizeTable rows = size_group(table, SIZE_BY_LINE);
  text_add(out, STR("module,function,file,line,bytes\n"));
  for (uint32_t i = 0; i < rows.rows.count; i++) {
    add_csv_names(out, &rows.rows.items[i]);
    text_format(out, "%u\n", rows.rows.items[i].bytes);
  }
}

// ------------------------------------------------------------------------------------------------ reading
// CSV

enum { CSV_FIELDS = 5 };

typedef struct CsvReader {
  Arena *arena;
  Str text;
  size_t at;
} CsvReader;

// One field and what follows it: `,`, `\n`, or 0 at the end of the text; -1 if it is damaged.
static int csv_field(CsvReader *reader, Str *field) {
  Text text = text_new(reader->arena);
  bool quoted = reader->at < reader->text.length && reader->text.ptr[reader->at] == '"';
  reader->at += quoted;
  while (reader->at < reader->text.length) {
    char c = reader->text.ptr[reader->at];
    if (quoted && c == '"') {
      reader->at++;
      if (reader->at >= reader->text.length || reader->text.ptr[reader->at] != '"') {
        quoted = false;
        break;
      }
    } else if (!quoted && (c == ',' || c == '\n' || c == '\r')) {
      break;
    }
    text_add_char(&text, c);
    reader->at++;
  }
  *field = text_str(&text);
  if (quoted) {
    return -1;
  }
  reader->at += reader->at < reader->text.length && reader->text.ptr[reader->at] == '\r';
  if (reader->at >= reader->text.length) {
    return 0;
  }
  char end = reader->text.ptr[reader->at++];
  return end == ',' || end == '\n' ? end : -1;
}

static bool csv_number(Str field, uint32_t *number) {
  uint64_t value = 0;
  for (size_t i = 0; i < field.length; i++) {
    if (field.ptr[i] < '0' || field.ptr[i] > '9' || value > UINT32_MAX) {
      return false;
    }
    value = value * 10 + (uint64_t)(field.ptr[i] - '0');
  }
  *number = (uint32_t)value;
  return field.length > 0 && value <= UINT32_MAX;
}

static bool csv_row(CsvReader *reader, Str fields[CSV_FIELDS]) {
  for (int i = 0; i < CSV_FIELDS; i++) {
    int end = csv_field(reader, &fields[i]);
    if (i + 1 < CSV_FIELDS ? end != ',' : end != '\n' && end != 0) {
      return false;
    }
  }
  return true;
}

bool size_read_csv(Arena *arena, Str text, SizeTable *table, Text *error) {
  *table = (SizeTable){.arena = arena};
  Str head = STR("module,function,file,line,bytes");
  CsvReader reader = {arena, text, 0};
  Str fields[CSV_FIELDS];
  if (text.length < head.length || memcmp(text.ptr, head.ptr, head.length) != 0 ||
      !csv_row(&reader, fields)) {
    text_add(error, STR("it is no table of `voydc perf size --csv`"));
    return false;
  }
  for (uint32_t line = 2; reader.at < text.length; line++) {
    SizeRow row;
    if (!csv_row(&reader, fields) || !csv_number(fields[3], &row.line) ||
        !csv_number(fields[4], &row.bytes)) {
      text_format(error, "line %u is damaged", line);
      return false;
    }
    row.module = fields[0];
    row.function = fields[1];
    row.file = fields[2];
    size_add(table, row);
  }
  return true;
}
