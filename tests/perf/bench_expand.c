// bench_expand [RUNS]: how fast programs are read and their macros expanded (`for`, `enum`, `??`, `?.` of
// std), on generated text, and how the cost grows (slope of log time over log size; 1 = linear). The time and
// memory of loading std is measured alone and taken off.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "graph/graph.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time); // other programs may be running
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static Str make_program(Arena *arena, uint32_t wanted, uint32_t *lines) {
  Text out = text_new(arena);
  text_add(&out, STR("use std::optional::all\n\n"));
  *lines = 2;
  for (uint32_t i = 0; *lines < wanted; i++) {
    if (i % 10 == 0) {
      text_format(&out, "enum Shape%u\n  Circle { r: i32 }\n  Square { s: i32 }\n  Empty\n\n", i);
      *lines += 5;
    }
    text_format(
        &out,
        "fn work_%u(count: i32, o: Optional<i32>, xs: Array<i32>) -> i32\n  var sum = count * %u\n"
        "  let first = o ?? %u\n  for x in xs:\n    sum = sum + x * first\n    let y = sum - x / 2\n"
        "    if y > %u:\n      sum = y\n    else:\n      sum = y + 1\n  let n = o?.abs() ?? xs.len()\n"
        "  match(o)\n    Some { value }: sum + value\n    None: sum - n\n\n",
        i, i % 7, i, i);
    *lines += 15;
  }
  return text_str(&out);
}

static int by_value(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

// Median seconds; `bytes` of the form table.
static double measure(Str text, int runs, size_t *bytes) {
  double *times = calloc((size_t)runs, sizeof *times);
  for (int i = 0; i < runs; i++) {
    Context context;
    context_init(&context);
    ModuleGraph graph;
    graph_init(&graph, &context);
    double start = now();
    bool ok = graph_load(
        &graph, &(GraphOptions){.entry = STR("/bench/main.voyd"), .has_source = true, .source = text});
    times[i] = now() - start;
    *bytes = graph.forms.arena.used;
    if (!ok) {
      fprintf(stderr, "the generated program does not expand: %s\n",
              context.diagnostics.items.items[0]->message.ptr);
      exit(EXIT_FAILURE);
    }
    graph_free(&graph);
    context_free(&context);
  }
  qsort(times, (size_t)runs, sizeof *times, by_value);
  double median = times[runs / 2];
  free(times);
  return median;
}

int main(int count, char **arguments) {
  int runs = count > 1 ? atoi(arguments[1]) : 9;
  runs = runs < 1 ? 1 : runs;
  enum { SIZES = 4 };
  Arena arena;
  arena_init(&arena);
  size_t std_bytes, bytes;
  double std_seconds = measure(STR("use std::optional::all\n"), runs, &std_bytes);
  printf("std alone: %.2f ms\n", std_seconds * 1e3);
  double x = 0, y = 0, xx = 0, xy = 0;
  for (int i = 0; i < SIZES; i++) {
    uint32_t lines;
    Str text = make_program(&arena, 100000u >> (2 * (SIZES - 1 - i)), &lines);
    double seconds = measure(text, runs, &bytes) - std_seconds;
    printf("%6u lines: %7.2f ms, %.2f million lines/s, %.1f arena bytes of forms per source byte\n", lines,
           seconds * 1e3, lines / seconds / 1e6, (double)(bytes - std_bytes) / (double)text.length);
    double lx = log(lines), ly = log(seconds);
    x += lx;
    y += ly;
    xx += lx * lx;
    xy += lx * ly;
  }
  printf("slope %.3f\n", (SIZES * xy - x * y) / (SIZES * xx - x * x));
  arena_free(&arena);
  return EXIT_SUCCESS;
}
