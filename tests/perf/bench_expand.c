// bench_expand [RUNS]: how fast programs are read and their macros expanded (`for`, `enum`, `??`, `?.` of
// std), on generated text, and how the cost grows (slope of log time over log size; 1 = linear), also for
// invocations nested in each other. The time and memory of loading std is measured alone and taken off.
// Memory is what all arenas hold at their highest: forms, names, what expansion notes, the scratch of reader
// and evaluator.
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

// Functions of 50 loops and choices inside each other: deep, though below the limit.
static Str make_nested(Arena *arena, uint32_t wanted, uint32_t *lines) {
  enum { DEPTH = 50 };
  Text out = text_new(arena);
  text_add(&out, STR("use std::optional::all\n\n"));
  *lines = 2;
  for (uint32_t i = 0; *lines < wanted; i++) {
    text_format(&out, "fn work_%u(o: Optional<i32>, xs: Array<i32>) -> void\n", i);
    for (uint32_t k = 1; k <= DEPTH; k++) {
      text_repeat(&out, ' ', 2 * k);
      text_format(&out, k % 2 ? "for x%u in xs:\n" : "if (o ?? %u) > 0:\n", k);
    }
    text_repeat(&out, ' ', 2 * (DEPTH + 1));
    text_add(&out, STR("void\n\n"));
    *lines += DEPTH + 3;
  }
  return text_str(&out);
}

static int by_value(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

typedef struct Cost {
  double seconds;     // the median
  size_t form_bytes;  // of the form table
  size_t arena_bytes; // of all arenas at their highest
} Cost;

static Cost measure(Str text, int runs) {
  Cost cost = {0};
  double *times = calloc((size_t)runs, sizeof *times);
  for (int i = 0; i < runs; i++) {
    ArenaGauge *gauge = arena_gauge();
    int64_t before = gauge->peak = gauge->live;
    Context context;
    context_init(&context);
    ModuleGraph graph;
    graph_init(&graph, &context);
    double start = now();
    bool ok = graph_load(
        &graph, &(GraphOptions){.entry = STR("/bench/main.voyd"), .has_source = true, .source = text});
    times[i] = now() - start;
    cost.form_bytes = graph.forms.arena.used;
    cost.arena_bytes = (size_t)(gauge->peak - before);
    if (!ok) {
      fprintf(stderr, "the generated program does not expand: %s\n",
              context.diagnostics.items.items[0]->message.ptr);
      exit(EXIT_FAILURE);
    }
    graph_free(&graph);
    context_free(&context);
  }
  qsort(times, (size_t)runs, sizeof *times, by_value);
  cost.seconds = times[runs / 2];
  free(times);
  return cost;
}

enum { SIZES = 4 };

static void growth(const char *what, Str (*make)(Arena *, uint32_t, uint32_t *), uint32_t most, int runs,
                   Cost library) {
  double x = 0, y = 0, xx = 0, xy = 0;
  printf("%s\n", what);
  for (int i = 0; i < SIZES; i++) {
    Arena arena;
    arena_init(&arena);
    uint32_t lines;
    Str text = make(&arena, most >> (2 * (SIZES - 1 - i)), &lines);
    Cost cost = measure(text, runs);
    double seconds = cost.seconds - library.seconds, bytes = (double)text.length;
    printf("%8zu bytes, %6u lines: %7.2f ms, %.2f million lines/s, arena bytes per source byte: %.1f of "
           "forms, %.1f "
           "of all\n",
           text.length, lines, seconds * 1e3, lines / seconds / 1e6,
           (double)(cost.form_bytes - library.form_bytes) / bytes,
           (double)(cost.arena_bytes - library.arena_bytes) / bytes - 1);
    double lx = log(bytes), ly = log(seconds);
    x += lx;
    y += ly;
    xx += lx * lx;
    xy += lx * ly;
    arena_free(&arena);
  }
  printf("slope %.3f\n", (SIZES * xy - x * y) / (SIZES * xx - x * x));
}

int main(int count, char **arguments) {
  int runs = count > 1 ? atoi(arguments[1]) : 9;
  runs = runs < 1 ? 1 : runs;
  Cost library = measure(STR("use std::optional::all\n"), runs);
  printf("std alone: %.2f ms\n", library.seconds * 1e3);
  growth("code", make_program, 100000, runs, library);
  growth("nested", make_nested, 64000, runs, library);
  return EXIT_SUCCESS;
}
