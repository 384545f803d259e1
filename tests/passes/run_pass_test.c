// run-pass-test [--update] FILE.ir…: text tests of optimiser passes.
//
// A file begins with `; pass: NAME` (or `; pass: none` for parser and printer alone), then IR text, then a
// line
// `; expect:` and the text the IR has afterwards. Both sides must verify. --update writes what came out. Ends
// with `N passed, N failed`.
#include <stdio.h>
#include <stdlib.h>

#include "passes/pipeline.h"

typedef struct TestFile {
  Str pass, input, expected;
} TestFile;

static Str read_file(Arena *arena, const char *path) {
  Text text = text_new(arena);
  FILE *file = fopen(path, "rb");
  char buffer[4096];
  size_t got;
  while (file && (got = fread(buffer, 1, sizeof buffer, file)) > 0) {
    text_add(&text, (Str){buffer, got});
  }
  if (file) {
    fclose(file);
  }
  return text_str(&text);
}

static bool split(Str text, TestFile *test) {
  static const char head[] = "; pass: ", mark[] = "; expect:\n";
  if (text.length < sizeof head || memcmp(text.ptr, head, sizeof head - 1) != 0) {
    return false;
  }
  const char *name = text.ptr + sizeof head - 1, *line_end = strchr(name, '\n');
  const char *expect = line_end == NULL ? NULL : strstr(line_end, mark);
  if (expect == NULL) {
    return false;
  }
  test->pass = (Str){name, (size_t)(line_end - name)};
  test->input = (Str){line_end + 1, (size_t)(expect - line_end - 1)};
  const char *body = expect + sizeof mark - 1;
  test->expected = (Str){body, (size_t)(text.ptr + text.length - body)};
  return true;
}

// The text after the pass, or a message in `error`.
static bool apply(Context *context, const TestFile *test, Text *out, Text *error) {
  IrModule module;
  ir_module_init(&module, context);
  bool ok = ir_parse(&module, test->input, error) && ir_verify(&module, error);
  if (ok && !str_equal(test->pass, STR("none")) && !pass_run(&module, test->pass)) {
    text_format(error, "no pass %.*s", STR_ARGS(test->pass));
    ok = false;
  }
  ok = ok && ir_verify(&module, error);
  if (ok) {
    ir_print(&module, (IrPrintOptions){0}, out);
  }
  ir_module_free(&module);
  return ok;
}

static bool update(const char *path, const TestFile *test, Str got) {
  FILE *file = fopen(path, "wb");
  if (!file) {
    return false;
  }
  fprintf(file, "; pass: %.*s\n%.*s; expect:\n%.*s", STR_ARGS(test->pass), STR_ARGS(test->input),
          STR_ARGS(got));
  return fclose(file) == 0;
}

static bool run_file(const char *path, bool updates) {
  Context context;
  context_init(&context);
  TestFile test;
  Text out = text_new(&context.arena), error = text_new(&context.arena);
  bool ok = split(read_file(&context.arena, path), &test);
  if (!ok) {
    text_format(&error, "needs `; pass: NAME` first and `; expect:` later");
  }
  ok = ok && apply(&context, &test, &out, &error);
  if (ok && !str_equal(text_str(&out), test.expected)) {
    ok = updates && update(path, &test, text_str(&out));
    text_format(&error, "expected:\n%.*sgot:\n%.*s", STR_ARGS(test.expected), STR_ARGS(text_str(&out)));
  }
  if (!ok) {
    printf("%s: %.*s\n", path, STR_ARGS(text_str(&error)));
  }
  context_free(&context);
  return ok;
}

int main(int count, char **arguments) {
  bool updates = count > 1 && strcmp(arguments[1], "--update") == 0;
  int passed = 0, failed = 0;
  for (int i = updates ? 2 : 1; i < count; i++) {
    *(run_file(arguments[i], updates) ? &passed : &failed) += 1;
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
