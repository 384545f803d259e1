// Modules, source maps and tables of sizes from any bytes: the decoders must refuse or accept without a
// fault, and the rows of what they accept add up to the bytes that were read.
#include <stdlib.h>

#include "perf/size/size.h"
#include "tests/fuzz/fuzz.h"
#include "wasm/source_map.h"

static void check_sum(const SizeTable *table, uint32_t bytes) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < table->rows.count; i++) {
    sum += table->rows.items[i].bytes;
  }
  if (sum != table->total || table->total != bytes) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Arena arena;
  arena_init(&arena);
  Str bytes = {(const char *)data, size};
  Text error = text_new(&arena), out = text_new(&arena);
  SizeTable table;
  CodeLocations locations;
  (void)source_map_read(&arena, bytes, &locations);
  if (size_read(&arena, bytes, false, STR("/p"), &table, &error)) {
    check_sum(&table, (uint32_t)size);
    size_report_html(&table, (SizeSubject){STR("fuzz"), STR("")}, &out);
  }
  if (size_read_csv(&arena, bytes, &table, &error)) {
    SizeTable again;
    Text csv = text_new(&arena);
    size_report_csv(&table, &csv);
    if (!size_read_csv(&arena, text_str(&csv), &again, &error) ||
        size_compare(&table, &again, SIZE_BY_LINE).count > 0) {
      abort();
    }
  }
  arena_free(&arena);
  return 0;
}
