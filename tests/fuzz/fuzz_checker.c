// The front end from bytes: a source text is read, bound, checked, and lowered if it is right. Diagnostics
// are fine; crashes, hangs, reads out of bounds and internal errors are not, and what the checker accepts
// must lower to IR that verifies, before and after our passes.
#include "driver/driver.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  CompileOptions options = {
      .entry = STR("/fuzz/main.voyd"),
      .has_source = true,
      .source = {(const char *)bytes, size},
      .level = LEVEL_BALANCED,
      .outputs = 1u << OUTPUT_IR,
  };
  CompileResult result;
  driver_compile(&options, &result);
  if (result.status == COMPILE_INTERNAL) {
    fprintf(stderr, "internal error: %s\n", result.failure);
    abort();
  }
  Text text = text_new(&result.arena);
  diagnostics_render_text(&result.context.diagnostics, (DiagnosticStyle){.color = false}, &text);
  diagnostics_render_json(&result.context.diagnostics, &text);
#ifdef FUZZ_ACCEPTED
  if (result.status != COMPILE_OK) {
    fuzz_forget_coverage();
  }
#endif
  driver_result_free(&result);
  return 0;
}
