// The front end from bytes: a source text is read, bound and checked. Diagnostics are fine; crashes, hangs,
// reads out of bounds and internal errors are not.
#include <stdio.h>
#include <stdlib.h>

#include "driver/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  CompileOptions options = {
      .entry = STR("/fuzz/main.voyd"), .has_source = true, .source = {(const char *)data, size}};
  CompileResult result;
  driver_compile(&options, &result);
  if (result.status == COMPILE_INTERNAL) {
    fprintf(stderr, "internal error: %s\n", result.failure);
    abort();
  }
  Text text = text_new(&result.arena);
  diagnostics_render_text(&result.context.diagnostics, (DiagnosticStyle){.color = false}, &text);
  diagnostics_render_json(&result.context.diagnostics, &text);
  driver_result_free(&result);
  return 0;
}
