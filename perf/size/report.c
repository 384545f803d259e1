// Owns what a table of sizes looks like for people and for programs (size.h).
#include "perf/size/size.h"

#include "perf/size/page.h"

static double share_of(const SizeTable *table, uint32_t bytes) {
  return table->total == 0 ? 0 : 100.0 * bytes / table->total;
}

static void add_table_row(const SizeTable *table, uint32_t bytes, Str label, Text *out) {
  text_format(out, "%9u %6.1f %%  %.*s\n", bytes, share_of(table, bytes), STR_ARGS(label));
}

static Str label_of(Arena *arena, const SizeRow *row, SizeBy by) {
  if (by == SIZE_BY_MODULE) {
    return row->module;
  }
  if (by == SIZE_BY_FUNCTION) {
    return arena_format(arena, "%-24.*s %.*s", STR_ARGS(row->module), STR_ARGS(row->function));
  }
  Str place = row->line == 0 ? row->module : arena_format(arena, "%.*s:%u", STR_ARGS(row->file), row->line);
  return arena_format(arena, "%-32.*s %.*s", STR_ARGS(place), STR_ARGS(row->function));
}

void size_report_table(const SizeTable *table, SizeBy by, uint32_t top, Text *out) {
  SizeTable rows = size_group(table, by);
  text_format(out, "    bytes    share  %s\n", SIZE_BY_NAMES[by]);
  uint32_t shown = top == 0 || top > rows.rows.count ? rows.rows.count : top, rest = 0;
  for (uint32_t i = 0; i < rows.rows.count; i++) {
    const SizeRow *row = &rows.rows.items[i];
    if (i < shown) {
      add_table_row(table, row->bytes, label_of(out->arena, row, by), out);
    } else {
      rest += row->bytes;
    }
  }
  if (shown < rows.rows.count) {
    add_table_row(table, rest, arena_format(out->arena, "(%u more)", rows.rows.count - shown), out);
  }
  add_table_row(table, table->total, STR("total"), out);
}

static void add_member(Text *out, const char *name, Str text) {
  text_format(out, "\"%s\":\"", name);
  text_add_json(out, text);
  text_add(out, STR("\","));
}

static void add_json_rows(const SizeTable *table, SizeBy by, Text *out) {
  SizeTable rows = size_group(table, by);
  text_format(out, ",\"%ss\":[", SIZE_BY_NAMES[by]);
  for (uint32_t i = 0; i < rows.rows.count; i++) {
    const SizeRow *row = &rows.rows.items[i];
    text_add(out, i > 0 ? STR(",{") : STR("{"));
    add_member(out, "module", row->module);
    if (by != SIZE_BY_MODULE) {
      add_member(out, "function", row->function);
    }
    if (row->line != 0) {
      add_member(out, "file", row->file);
      text_format(out, "\"line\":%u,", row->line);
    }
    text_format(out, "\"bytes\":%u}", row->bytes);
  }
  text_add_char(out, ']');
}

void size_report_json(const SizeTable *table, SizeSubject subject, Text *out) {
  text_add_char(out, '{');
  add_member(out, "name", subject.name);
  add_member(out, "level", subject.level);
  text_format(out, "\"bytes\":%u", table->total);
  for (SizeBy by = SIZE_BY_MODULE; by < SIZE_BY_COUNT; by++) {
    add_json_rows(table, by, out);
  }
  text_add_char(out, '}');
}

// The data stands in a script: `<` is written so that no text can end it.
static void add_script_json(const SizeTable *table, SizeSubject subject, Text *out) {
  Text json = text_new(out->arena);
  size_report_json(table, subject, &json);
  for (uint32_t i = 0; i < json.count; i++) {
    if (json.bytes[i] == '<') {
      text_add(out, STR("\\u003c"));
    } else {
      text_add_char(out, json.bytes[i]);
    }
  }
}

void size_report_html(const SizeTable *table, SizeSubject subject, Text *out) {
  static const char marker[] = "/*data*/null";
  Str page = {(const char *)size_page, size_page_length};
  const char *at = memmem(page.ptr, page.length, marker, sizeof marker - 1);
  size_t before = (size_t)(at - page.ptr), after = before + sizeof marker - 1;
  text_add(out, (Str){page.ptr, before});
  add_script_json(table, subject, out);
  text_add(out, (Str){page.ptr + after, page.length - after});
}
