// The table of sizes and the decoders under it: modules from outside, source maps, tables as CSV.
#include <criterion/criterion.h>

#include "base/module_bytes.h"
#include "perf/size/size.h"
#include "wasm/source_map.h"

static Arena arena;

static void open_arena(void) {
  arena_init(&arena);
}

static void close_arena(void) {
  arena_free(&arena);
}

TestSuite(size, .init = open_arena, .fini = close_arena);

// ------------------------------------------------------------------------------------------------ source
// maps

static bool read_map(const char *mappings, CodeLocations *locations) {
  Str map =
      arena_format(&arena, "{\"version\":3,\"sources\":[\"v\"],\"names\":[],\"mappings\":\"%s\"}", mappings);
  return source_map_read(&arena, map, locations);
}

static void expect_location(CodeLocation location, uint32_t offset, bool known, uint32_t line,
                            uint32_t column) {
  cr_assert_eq(location.offset, offset);
  cr_assert_eq(location.known, known);
  cr_assert_eq(location.line, line);
  cr_assert_eq(location.column, column);
}

Test(size, mappings_are_relative_to_the_entry_before) {
  CodeLocations locations;
  // 16; file 0, line 1 + 2, column 5. Then 3 bytes on, nobody. Then 1, line - 1, column + 16.
  cr_assert(read_map("gBAEK,G,CADgB", &locations));
  cr_assert_eq(locations.count, 3);
  expect_location(locations.items[0], 16, true, 3, 5);
  expect_location(locations.items[1], 19, false, 0, 0);
  expect_location(locations.items[2], 20, true, 2, 21);
}

Test(size, an_entry_may_name_a_symbol) {
  CodeLocations locations;
  cr_assert(read_map("CAACA,CAACA", &locations));
  cr_assert_eq(locations.count, 2);
  expect_location(locations.items[1], 2, true, 1, 2);
}

Test(size, a_map_without_entries_is_empty) {
  CodeLocations locations;
  cr_assert(read_map("", &locations));
  cr_assert_eq(locations.count, 0);
}

Test(size, damaged_mappings_are_refused) {
  static const char *const damaged[] = {"g",    "CA", "CAA",         "C!",     "D",
                                        "CAAF", ",",  "ggggggggggC", "C,DAAA", "CAAAAA"};
  CodeLocations locations;
  for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
    cr_assert_not(read_map(damaged[i], &locations), "%s", damaged[i]);
  }
  cr_assert_not(source_map_read(&arena, STR("{}"), &locations));
  cr_assert_not(source_map_read(&arena, STR("\"mappings\":\"CAAC"), &locations));
}

// ----------------------------------------------------------------------------------------------------
// modules

#define MODULE_HEAD "\0asm\1\0\0\0"

Test(size, sections_follow_each_other_to_the_end) {
  Str module = STR(MODULE_HEAD "\1\2xy"
                               "\0\4\2abc"
                               "\12\6\2\2\0\13\1z");
  ModuleReader reader;
  ModuleSection section;
  cr_assert(module_open(&reader, module));
  cr_assert(module_section(&reader, &section));
  cr_assert(section.id == 1 && section.start == 8 && section.contents == 10 && section.end == 12);
  cr_assert_str_eq(module_section_name(section.id), "type");
  cr_assert(module_section(&reader, &section));
  cr_assert(section.id == MODULE_SECTION_CUSTOM && str_equal(section.name, STR("ab")) &&
            section.contents == 17);
  cr_assert(module_section(&reader, &section));
  cr_assert(module_is_read(&reader));
  ModuleBody *bodies;
  uint32_t count;
  cr_assert(module_bodies(&arena, module, &section, &bodies, &count));
  cr_assert_eq(count, 2);
  cr_assert(bodies[0].start == 21 && bodies[0].end == 24 && bodies[1].start == 24 && bodies[1].end == 26);
}

Test(size, a_damaged_module_is_refused) {
  ModuleReader reader;
  ModuleSection section;
  cr_assert_not(module_open(&reader, STR("\0asm\1\0\0")));
  cr_assert_not(module_open(&reader, STR("\0asm\2\0\0\0")));
  static const char *const tails[] = {
      "\1",      "\1\5x",      "\1\200",     "\1\377\377\377\377\177", "\1\200\200\200\200\200\1",
      "\12\1\2", "\12\3\1\5x", "\12\4\1\1xy"};
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    Text text = text_new(&arena);
    ModuleBody *bodies;
    uint32_t count;
    text_add(&text, STR(MODULE_HEAD));
    text_add(&text, str_from(tails[i]));
    cr_assert(module_open(&reader, text_str(&text)));
    cr_assert_not(module_section(&reader, &section) &&
                      module_bodies(&arena, text_str(&text), &section, &bodies, &count),
                  "%zu", i);
  }
}

// ------------------------------------------------------------------------------------------------------
// tables

// A module with a type section, two functions of 4 and 3 bytes, and positions as given.
static Str module_with(const char *json) {
  Text text = text_new(&arena);
  text_add(&text, STR(MODULE_HEAD "\1\2xy"
                                  "\12\10\2\3\0\1\13\2\0\13"));
  size_t name = strlen("voyd.runtime_diagnostics"), length = 1 + name + strlen(json);
  text_add_char(&text, 0);
  text_add_char(&text, (char)(length % 128 + 128));
  text_add_char(&text, (char)(length / 128));
  text_add_char(&text, (char)name);
  text_add(&text, STR("voyd.runtime_diagnostics"));
  text_add(&text, str_from(json));
  return text_str(&text);
}

static uint32_t bytes_of(const SizeTable *table, const char *module, const char *function, uint32_t line) {
  uint32_t bytes = 0;
  for (uint32_t i = 0; i < table->rows.count; i++) {
    const SizeRow *row = &table->rows.items[i];
    if (str_equal(row->module, str_from(module)) && str_equal(row->function, str_from(function)) &&
        row->line == line) {
      bytes += row->bytes;
    }
  }
  return bytes;
}

static const char positions[] =
    "{\"version\":1,\"functions\":[{\"wasmName\":\"f\",\"moduleId\":\"src::a\",\"span\":{\"file\":\"/p/"
    "a.voyd\"},"
    "\"wasmIndex\":0,\"positions\":[[16,3],[17,7,1]]}],\"generated\":[{\"wasmName\":\"g\",\"moduleId\":\"\","
    "\"wasmIndex\":1,\"positions\":[]}],\"scopes\":[{\"wasmName\":\"h<i32, f64>\",\"moduleId\":\"src::b\","
    "\"file\":\"/p/b.voyd\",\"line\":3}],\"files\":[]}";

Test(size, every_byte_has_one_row) {
  Str module = module_with(positions);
  SizeTable table;
  Text error = text_new(&arena);
  cr_assert(size_read(&arena, module, false, STR("/p"), &table, &error), "%s", error.bytes);
  cr_assert_eq(table.total, module.length);
  cr_assert_eq(bytes_of(&table, "src::a", "f", 0), 1, "the length of the body");
  cr_assert_eq(bytes_of(&table, "src::a", "f", 3), 1);
  cr_assert_eq(bytes_of(&table, "src::b", "h<i32, f64>", 7), 2);
  cr_assert_eq(bytes_of(&table, "(generated)", "g", 0), 3);
  cr_assert_eq(bytes_of(&table, "(sections)", "type", 0), 4);
  SizeTable shipped;
  cr_assert(size_read(&arena, module, true, STR("/p"), &shipped, &error));
  cr_assert_eq(shipped.total, 22);
  for (SizeBy by = SIZE_BY_MODULE; by < SIZE_BY_COUNT; by++) {
    cr_assert_eq(size_group(&table, by).total, table.total);
  }
}

Test(size, a_table_survives_csv) {
  SizeTable table, again;
  Text error = text_new(&arena), csv = text_new(&arena);
  cr_assert(size_read(&arena, module_with(positions), false, STR("/p"), &table, &error));
  size_add(&table, (SizeRow){STR("odd \"names\""), STR("a,b\nc"), STR("x"), 3, 5});
  size_report_csv(&table, &csv);
  cr_assert_not_null(strstr(csv.bytes, "src::b,\"h<i32, f64>\",b.voyd,7,2\n"));
  cr_assert(size_read_csv(&arena, text_str(&csv), &again, &error), "%s", error.bytes);
  cr_assert_eq(again.total, table.total);
  cr_assert_eq(size_compare(&table, &again, SIZE_BY_LINE).count, 0);
  size_add(&again, (SizeRow){STR("src::a"), STR("f"), STR("a.voyd"), 3, 9});
  SizeDifferences changed = size_compare(&table, &again, SIZE_BY_LINE);
  cr_assert_eq(changed.count, 1);
  cr_assert(changed.items[0].base == 1 && changed.items[0].head == 10);
}

Test(size, damaged_tables_are_refused) {
  static const char *const wrong[] = {
      "{",
      "{\"functions\":[{\"wasmIndex\":0,\"positions\":[[99,1]]}]}",
      "{\"functions\":[{\"wasmIndex\":0,\"positions\":[[17,1],[16,1]]}]}",
      "{\"functions\":[{\"wasmIndex\":0,\"positions\":[[16,1,1]]}]}",
      "{\"functions\":[{\"wasmIndex\":0,\"positions\":[[16,1,0,1]]}]}",
  };
  SizeTable table;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    Text error = text_new(&arena);
    cr_assert_not(size_read(&arena, module_with(wrong[i]), false, STR(""), &table, &error), "%zu", i);
    cr_assert_gt(error.count, 0);
  }
  static const char *const sheets[] = {"", "module\n", "module,function,file,line,bytes\na,b,c,1\n",
                                       "module,function,file,line,bytes\na,b,c,1,x\n",
                                       "module,function,file,line,bytes\na,\"b,c,1,2\n"};
  for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
    Text error = text_new(&arena);
    cr_assert_not(size_read_csv(&arena, str_from(sheets[i]), &table, &error), "%zu", i);
    cr_assert_gt(error.count, 0);
  }
}
