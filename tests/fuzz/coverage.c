// What libFuzzer counts: the counters of edges that -fsanitize=fuzzer-no-link lays in a section of their own.
// This file is built without it: an instrumented one declares the ends of the section itself.
#include <string.h>

#include "tests/fuzz/fuzz.h"

extern uint8_t __start___sancov_cntrs[];
extern uint8_t __stop___sancov_cntrs[];

void fuzz_forget_coverage(void) {
  memset(__start___sancov_cntrs, 0, (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs));
}
