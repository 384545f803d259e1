// bench_reader [RUNS]: how fast the reader makes forms, on generated text that looks like real code, and how
// its cost grows: the slope of log time over log size for code, long lines and long operator chains (1 =
// linear).
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "syntax/syntax.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time); // other programs may be running
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static uint32_t next_random(uint32_t *state, uint32_t below) {
  *state = *state * 1664525u + 1013904223u;
  return (*state >> 8) % below;
}

static const char *const NOUNS[] = {"count", "total", "index", "value", "name",   "result",
                                    "left",  "right", "items", "node",  "length", "width",
                                    "depth", "state", "other", "buffer"};
static const char *const TYPES[] = {"i32",  "i64", "f64", "bool", "String", "Array<i32>", "Optional<String>",
                                    "Point"};

static const char *noun(uint32_t *state) {
  return NOUNS[next_random(state, sizeof NOUNS / sizeof *NOUNS)];
}

static const char *type(uint32_t *state) {
  return TYPES[next_random(state, sizeof TYPES / sizeof *TYPES)];
}

static void statement(Text *out, uint32_t *state, const char *indent, uint32_t *lines) {
  const char *a = noun(state), *b = noun(state), *c = noun(state);
  uint32_t n = next_random(state, 1000);
  switch (next_random(state, 11)) {
  case 0:
    text_format(out, "%slet %s = %s.%s + %u\n", indent, a, b, c, n);
    break;
  case 1:
    text_format(out, "%svar %s = %s(%s, %u)\n", indent, a, b, c, n);
    break;
  case 2:
    text_format(out, "%s%s = %s * %u - %s / 2\n", indent, a, b, n, c);
    break;
  case 3:
    text_format(out, "%sif %s < %u then: %s else: %s\n", indent, a, n, b, c);
    break;
  case 4:
    text_format(out, "%sif %s == %s and not %s:\n%s  %s.push(%u)\n%selse:\n%s  %s = %u\n", indent, a, b, c,
                indent, a, n, indent, indent, b, n);
    *lines += 3;
    break;
  case 5:
    text_format(out, "%swhile %s < %s:\n%s  %s = %s + 1\n", indent, a, b, indent, a, a);
    *lines += 1;
    break;
  case 6:
    text_format(out, "%slet %s = %s.map(x => x * %u).filter(x => x > %s)\n", indent, a, b, n, c);
    break;
  case 7:
    text_format(out, "%smatch(%s)\n%s  Some { value }: value + %u\n%s  None: %s\n", indent, a, indent, n,
                indent, b);
    *lines += 2;
    break;
  case 8:
    text_format(out, "%s// keeps %s apart from %s\n%s%s(\"%s: ${%s}\", %s[%u])\n", indent, a, b, indent, b, a,
                c, a, n);
    *lines += 1;
    break;
  case 9:
    text_format(out, "%sfor %s in 0..%u:\n%s  %s(%s)\n", indent, a, n, indent, b, a);
    *lines += 1;
    break;
  default:
    text_format(out, "%s%s(%s, by: %u) do(%s):\n%s  %s.%s\n", indent, a, b, n, c, indent, c, a);
    *lines += 1;
  }
  *lines += 1;
}

static Str make_code(Arena *arena, uint32_t wanted) {
  Text out = text_new(arena);
  uint32_t state = 7, lines = 0;
  for (uint32_t i = 0; lines < wanted; i++) {
    if (i % 8 == 0) {
      text_format(&out, "obj Thing%u<T> {\n  %s: %s,\n  %s?: T\n}\n\n", i, noun(&state), type(&state),
                  noun(&state));
      lines += 5;
    }
    text_format(&out, "pub fn %s_%u(%s: %s, %s: %s) -> %s\n", noun(&state), i, noun(&state), type(&state),
                noun(&state), type(&state), type(&state));
    for (uint32_t k = 4 + next_random(&state, 8); k > 0; k--) {
      statement(&out, &state, "  ", &lines);
    }
    text_format(&out, "  %s\n\n", noun(&state));
    lines += 3;
  }
  return text_str(&out);
}

// One line, `size` bytes: a call with many arguments.
static Str make_long_line(Arena *arena, uint32_t size) {
  Text out = text_new(arena);
  text_add(&out, STR("let x = f(a"));
  uint32_t state = 7;
  while (out.count < size) {
    text_format(&out, ", %s.%s(%u)", noun(&state), noun(&state), next_random(&state, 1000));
  }
  text_add(&out, STR(")\n"));
  return text_str(&out);
}

static Str make_chain(Arena *arena, uint32_t size) {
  static const char *const OPERATORS[] = {"+", "*", "-", "and", "==", ".."};
  Text out = text_new(arena);
  text_add(&out, STR("let x = a"));
  uint32_t state = 7;
  while (out.count < size) {
    text_format(&out, " %s %s", OPERATORS[next_random(&state, 6)], noun(&state));
  }
  text_add_char(&out, '\n');
  return text_str(&out);
}

typedef struct Sample {
  double seconds;
  SyntaxResult result;
  size_t bytes; // of the form table
} Sample;

static int by_value(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static Sample measure(Str text, int runs) {
  Sample sample = {0};
  double *times = calloc((size_t)runs, sizeof *times);
  for (int i = 0; i < runs; i++) {
    Context context;
    context_init(&context);
    FormTable forms;
    forms_init(&forms, &context);
    FileId file = sources_add(&context.sources, STR("bench.voyd"), text);
    double start = now();
    syntax_read(&forms, file, &sample.result);
    times[i] = now() - start;
    if (!sample.result.ok) {
      fprintf(stderr, "the generated text does not read: %s\n",
              context.diagnostics.items.items[0]->message.ptr);
      exit(EXIT_FAILURE);
    }
    sample.bytes = forms.arena.used;
    forms_free(&forms);
    context_free(&context);
  }
  qsort(times, (size_t)runs, sizeof *times, by_value);
  sample.seconds = times[runs / 2];
  free(times);
  return sample;
}

static void growth(const char *what, Str (*make)(Arena *, uint32_t), uint32_t smallest, int runs) {
  double x = 0, y = 0, xx = 0, xy = 0;
  enum { SIZES = 4 };
  printf("%-16s", what);
  for (int i = 0; i < SIZES; i++) {
    Arena arena;
    arena_init(&arena);
    Str text = make(&arena, smallest << (2 * i));
    double seconds = measure(text, runs).seconds;
    printf("  %8zu B %8.3f ms", text.length, seconds * 1e3);
    double lx = log((double)text.length), ly = log(seconds);
    x += lx;
    y += ly;
    xx += lx * lx;
    xy += lx * ly;
    arena_free(&arena);
  }
  printf("  slope %.3f\n", (SIZES * xy - x * y) / (SIZES * xx - x * x));
}

int main(int count, char **arguments) {
  int runs = count > 1 ? atoi(arguments[1]) : 15;
  runs = runs < 1 ? 1 : runs;
  Arena arena;
  arena_init(&arena);
  Str code = make_code(&arena, 100000);
  Sample sample = measure(code, runs);
  printf("code: %u lines, %zu bytes (%.1f a line), %u tokens, %u forms\n", sample.result.lines, code.length,
         (double)code.length / sample.result.lines, sample.result.tokens, sample.result.forms);
  printf("%.2f ms, %.2f million lines/s, %.1f MB/s, %.1f arena bytes per source byte\n", sample.seconds * 1e3,
         sample.result.lines / sample.seconds / 1e6, (double)code.length / sample.seconds / 1e6,
         (double)sample.bytes / (double)code.length);
  growth("code", make_code, 1600, runs);
  growth("long line", make_long_line, 16000, runs);
  growth("operator chain", make_chain, 16000, runs);
  arena_free(&arena);
  return EXIT_SUCCESS;
}
