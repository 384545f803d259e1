/* A process that compiles for a long time does not grow: different programs, one after another, leave nothing
 * behind. Ends with `N passed, N failed`. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sdk/voyd.h"

enum { WARM_UP = 100, COMPILATIONS = 1000 };

/* What may be in use at the end beyond what was after the warm-up. A byte kept per compilation and name would
 * show: each program has its own names, types, constants and texts. */
enum { HEAP_SLACK = 64 << 10, RESIDENT_SLACK = 8 << 20 };

static int passed, failed;

static size_t resident_bytes(void) {
  unsigned long whole = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%lu %lu", &whole, &resident) != 2) {
    resident = 0;
  }
  if (file) {
    fclose(file);
  }
  return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t heap_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/* Objects, a union, generics, a closure, an array, texts, an export of its own name; every 15th has an error.
 */
static int program_text(char *text, size_t size, unsigned n) {
  return snprintf(
      text, size,
      "obj Point%u {\n  x%u: i32,\n  y: f64\n}\n\n"
      "obj Other%u {\n  name: String\n}\n\n"
      "fn pick%u<T>(a: T, b: T, first: bool) -> T\n  if first then: a else: b\n\n"
      "fn show%u(value: Point%u | Other%u) -> String\n  match(value)\n    Point%u: \"point %u\"\n"
      "    Other%u { name }: name\n\n"
      "pub fn answer%u(n: i32) -> i32\n"
      "  let point = Point%u { x%u: n, y: %u.5 }\n"
      "  let scale = (k: i32) => k * %u + point.x%u\n"
      "  var total = 0\n"
      "  for i in [1, %u, n]:\n    total = total + pick%u<i32>(scale(i), i, n > %u)\n"
      "  total + %s\n\n"
      "pub fn text%u(n: i32) -> String\n"
      "  if n > 0 then: show%u(Other%u { name: \"text %u\" }) else: show%u(Point%u { x%u: n, y: 1.0 })\n",
      n, n, n, n, n, n, n, n, n, n, n, n, n, n, n % 1000 + 3, n, n, n, n % 7, n % 15 == 14 ? "missing" : "1",
      n, n, n, n, n, n, n);
}

/* Half of them at level none, a quarter at each other one; with positions, measured, with names, and without.
 */
static bool compile_one(unsigned n) {
  static const voyd_opt_level levels[] = {VOYD_LEVEL_NONE, VOYD_LEVEL_BALANCED, VOYD_LEVEL_NONE,
                                          VOYD_LEVEL_RELEASE};
  char text[2048];
  int length = program_text(text, sizeof text, n);
  voyd_context *context;
  voyd_result *result = NULL;
  if (length < 0 || (size_t)length >= sizeof text || voyd_context_new(NULL, &context) != VOYD_OK) {
    return false;
  }
  voyd_options *options = voyd_options_new(context);
  voyd_options_set_source(options, (voyd_str){text, (size_t)length});
  voyd_options_set_opt_level(options, levels[n % 4]);
  voyd_options_set_flag(options, VOYD_FLAG_RUNTIME_DIAGNOSTICS, n / 4 % 4 == 1);
  voyd_options_set_flag(options, VOYD_FLAG_PERF, n / 4 % 4 == 2);
  voyd_options_set_flag(options, VOYD_FLAG_NAMES, n / 4 % 4 == 3);
  voyd_status status = voyd_compile(context, options, &result);
  if (result && (status == VOYD_OK) != (n % 15 != 14)) {
    voyd_str shown = voyd_result_diagnostics_text(result, false);
    printf("%.*s\n", (int)shown.len, shown.ptr);
  }
  voyd_result_free(result);
  voyd_options_free(options);
  voyd_context_free(context);
  return status == (n % 15 == 14 ? VOYD_E_DIAGNOSTICS : VOYD_OK);
}

static void expect_small(const char *what, size_t before, size_t after, size_t slack) {
  bool holds = after <= before + slack;
  passed += holds;
  failed += !holds;
  printf("%s: %zu KB after the warm-up, %zu KB at the end%s\n", what, before >> 10, after >> 10,
         holds ? "" : ": IT GROWS");
}

int main(void) {
  unsigned wrong = 0, n = 0;
  while (n < WARM_UP) {
    wrong += !compile_one(n++);
  }
  size_t heap = heap_bytes(), resident = resident_bytes();
  while (n < WARM_UP + COMPILATIONS) {
    wrong += !compile_one(n++);
  }
  passed += wrong == 0;
  failed += wrong > 0;
  printf("%u of %d compilations ended otherwise than they should\n", wrong, WARM_UP + COMPILATIONS);
  expect_small("heap in use", heap, heap_bytes(), HEAP_SLACK);
  expect_small("resident", resident, resident_bytes(), RESIDENT_SLACK);
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
