/* libvoyd as its users see it: only voyd.h. Ends with `N passed, N failed`. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/voyd.h"

static int passed, failed;

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER; /* some tests check in several threads */

static void check(bool holds, const char *what, int line) {
  pthread_mutex_lock(&counting);
  passed += holds;
  failed += !holds;
  if (!holds) {
    printf("FAILED line %d: %s\n", line, what);
  }
  pthread_mutex_unlock(&counting);
}
#define CHECK(condition) check((condition), #condition, __LINE__)

static bool equal(voyd_str text, const char *expected) {
  return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

static bool contains(voyd_str text, const char *part) {
  size_t length = strlen(part);
  for (size_t i = 0; i + length <= text.len; i++) {
    if (memcmp(text.ptr + i, part, length) == 0) {
      return true;
    }
  }
  return false;
}

typedef struct Case {
  voyd_context *context;
  voyd_options *options;
  voyd_result *result;
  voyd_status status;
} Case;

static Case open_case(const char *source) {
  Case c = {0};
  CHECK(voyd_context_new(NULL, &c.context) == VOYD_OK);
  c.options = voyd_options_new(c.context);
  CHECK(c.options != NULL);
  if (source) {
    CHECK(voyd_options_set_source(c.options, (voyd_str){source, strlen(source)}) == VOYD_OK);
  }
  return c;
}

static void compile(Case *c) {
  voyd_result_free(c->result);
  c->status = voyd_compile(c->context, c->options, &c->result);
}

static void close_case(Case *c) {
  voyd_result_free(c->result);
  voyd_options_free(c->options);
  voyd_context_free(c->context);
}

static void versions(void) {
  CHECK(voyd_abi_version() == VOYD_ABI_VERSION);
  CHECK(strchr(voyd_version(), '.') != NULL);
}

static void a_program_becomes_an_artifact_that_outlives_its_result(void) {
  Case c = open_case("pub fn main() -> i32\n  42\n");
  compile(&c);
  CHECK(c.status == VOYD_OK);
  CHECK(voyd_result_diagnostic_count(c.result) == 0);
  CHECK(equal(voyd_result_diagnostics_text(c.result, true), ""));
  CHECK(equal(voyd_result_diagnostics_json(c.result), "[]"));
  voyd_artifact *artifact = voyd_result_artifact(c.result);
  CHECK(artifact != NULL);
  close_case(&c);
  voyd_str bytes = voyd_artifact_bytes(artifact);
  CHECK(bytes.len > 8 && memcmp(bytes.ptr, "\0asm", 4) == 0);
  CHECK(voyd_artifact_retain(artifact) == artifact);
  voyd_artifact_release(artifact);
  voyd_artifact_release(artifact);
}

static void options_can_be_used_again(void) {
  Case c = open_case("pub fn main() -> i32\n  1\n");
  compile(&c);
  voyd_artifact *first = voyd_result_artifact(c.result);
  CHECK(voyd_options_set_source(c.options, VOYD_STR("pub fn main() -> i32\n  2\n")) == VOYD_OK);
  compile(&c);
  voyd_artifact *second = voyd_result_artifact(c.result);
  voyd_str a = voyd_artifact_bytes(first), b = voyd_artifact_bytes(second);
  CHECK(a.len == b.len && memcmp(a.ptr, b.ptr, a.len) != 0);
  voyd_artifact_release(first);
  voyd_artifact_release(second);
  close_case(&c);
}

static void errors_are_diagnostics_with_exact_places(void) {
  Case c = open_case("pub fn main() -> i32\n  missing\n");
  voyd_options_set_entry(c.options, VOYD_STR("/virtual/main"));
  compile(&c);
  CHECK(c.status == VOYD_E_DIAGNOSTICS);
  CHECK(voyd_result_artifact(c.result) == NULL);
  CHECK(voyd_result_diagnostic_count(c.result) == 1);
  voyd_diagnostic diagnostic;
  CHECK(voyd_result_diagnostic(c.result, 0, &diagnostic));
  CHECK(equal(diagnostic.code, "TY0030"));
  CHECK(equal(diagnostic.phase, "typing"));
  CHECK(diagnostic.severity == VOYD_SEVERITY_ERROR);
  CHECK(equal(diagnostic.span.file, "/virtual/main.voyd"));
  CHECK(diagnostic.span.start == 23 && diagnostic.span.end == 30);
  CHECK(diagnostic.span.line == 2 && diagnostic.span.column == 3);
  CHECK(diagnostic.span.end_line == 2 && diagnostic.span.end_column == 10);
  CHECK(!voyd_result_diagnostic(c.result, 1, &diagnostic));
  voyd_str hint;
  voyd_related related;
  CHECK(!voyd_result_hint(c.result, 0, 99, &hint));
  CHECK(!voyd_result_related(c.result, 0, 99, &related));
  CHECK(contains(voyd_result_diagnostics_text(c.result, false), "2 |   missing\n"));
  CHECK(contains(voyd_result_diagnostics_text(c.result, true), "\x1b["));
  CHECK(contains(voyd_result_diagnostics_json(c.result), "\"code\":\"TY0030\""));
  voyd_str path, text;
  CHECK(voyd_result_source(c.result, 0, &path, &text) && equal(path, "/virtual/main.voyd") && text.len == 31);
  close_case(&c);
}

static void virtual_files_are_modules(void) {
  Case c = open_case("use src::other::answer\n\npub fn main() -> i32\n  answer()\n");
  CHECK(voyd_options_add_file(c.options, VOYD_STR("other.voyd"),
                              VOYD_STR("pub fn answer() -> i32\n  42\n")) == VOYD_OK);
  compile(&c);
  CHECK(c.status == VOYD_OK);
  close_case(&c);
}

static void neither_entry_nor_source_is_a_diagnostic(void) {
  Case c = open_case(NULL);
  compile(&c);
  CHECK(c.status == VOYD_E_DIAGNOSTICS);
  voyd_diagnostic diagnostic;
  CHECK(voyd_result_diagnostic(c.result, 0, &diagnostic) && equal(diagnostic.code, "TY9999"));
  CHECK(equal(diagnostic.message, "compile requires entryPath or source"));
  CHECK(equal(voyd_result_perf(c.result, VOYD_PERF_JSON), ""));
  close_case(&c);
}

static void outputs_are_made_on_request(void) {
  Case c = open_case("pub fn main() -> i32\n  42\n");
  voyd_options_set_output(c.options, VOYD_OUTPUT_WAT, true);
  compile(&c);
  CHECK(contains(voyd_result_output(c.result, VOYD_OUTPUT_WAT), "(module"));
  CHECK(voyd_result_output(c.result, VOYD_OUTPUT_WASM).len > 0);
  CHECK(voyd_result_output(c.result, VOYD_OUTPUT_IR).len == 0);
  voyd_options_set_output(c.options, VOYD_OUTPUT_WASM, false);
  voyd_options_set_output(c.options, VOYD_OUTPUT_WAT, false);
  compile(&c);
  CHECK(c.status == VOYD_OK && voyd_result_artifact(c.result) == NULL);
  close_case(&c);
}

// For editors.
static void forms_are_there_in_spite_of_errors(void) {
  Case c = open_case("pub fn a() -> i32\n  f(1, [2\n\npub fn b() -> i32\n  g(3)\n");
  voyd_options_set_output(c.options, VOYD_OUTPUT_WASM, false);
  voyd_options_set_output(c.options, VOYD_OUTPUT_BASE_FORMS, true);
  compile(&c);
  CHECK(c.status == VOYD_E_DIAGNOSTICS && voyd_result_diagnostic_count(c.result) == 1);
  CHECK(contains(voyd_result_output(c.result, VOYD_OUTPUT_BASE_FORMS), "\"f\""));
  CHECK(contains(voyd_result_output(c.result, VOYD_OUTPUT_BASE_FORMS), "\"g\""));
  close_case(&c);
}

static void levels_and_names(void) {
  for (int level = VOYD_LEVEL_NONE; level <= VOYD_LEVEL_RELEASE; level++) {
    Case c = open_case("pub fn main() -> i32\n  42\n");
    CHECK(voyd_options_set_opt_level(c.options, (voyd_opt_level)level) == VOYD_OK);
    voyd_options_set_flag(c.options, VOYD_FLAG_NAMES, true);
    voyd_options_set_flag(c.options, VOYD_FLAG_VALIDATE, true);
    compile(&c);
    CHECK(c.status == VOYD_OK && contains(voyd_result_output(c.result, VOYD_OUTPUT_WASM), "name"));
    close_case(&c);
  }
}

static void perf_is_measured_on_request(void) {
  Case c = open_case("pub fn main() -> i32\n  42\n");
  compile(&c);
  CHECK(voyd_result_perf(c.result, VOYD_PERF_JSON).len == 0);
  voyd_options_set_flag(c.options, VOYD_FLAG_PERF, true);
  voyd_options_set_flag(c.options, VOYD_FLAG_PERF_TRACE, true);
  compile(&c);
  CHECK(contains(voyd_result_perf(c.result, VOYD_PERF_JSON), "\"schemaVersion\":1"));
  CHECK(contains(voyd_result_perf(c.result, VOYD_PERF_TABLE), "loadModuleGraph"));
  CHECK(contains(voyd_result_perf(c.result, VOYD_PERF_TRACE), "\"ph\":\"X\""));
  close_case(&c);
}

static void wrong_arguments_are_refused(void) {
  Case c = open_case(NULL);
  voyd_result *result;
  CHECK(voyd_context_new(NULL, NULL) == VOYD_E_ARG);
  CHECK(voyd_compile(c.context, NULL, &result) == VOYD_E_ARG && result == NULL);
  CHECK(voyd_options_set_entry(c.options, (voyd_str){NULL, 3}) == VOYD_E_ARG);
  CHECK(voyd_context_last_error(c.context).len > 0);
  CHECK(voyd_options_set_opt_level(c.options, (voyd_opt_level)17) == VOYD_E_ARG);
  CHECK(voyd_options_set_output(c.options, (voyd_output)17, true) == VOYD_E_ARG);
  CHECK(voyd_options_set_flag(c.options, (voyd_flag)170, true) == VOYD_E_ARG);
  CHECK(voyd_options_set_root(c.options, (voyd_root)17, VOYD_STR("x")) == VOYD_E_ARG);
  CHECK(voyd_options_find_entry(c.options, VOYD_STR("/")) == VOYD_E_NOT_FOUND);
  CHECK(contains(voyd_context_last_error(c.context), "Expected main.voyd or pkg.voyd."));
  voyd_artifact *artifact;
  CHECK(voyd_artifact_load(c.context, "hello world", 11, &artifact) == VOYD_E_ARG && artifact == NULL);
  close_case(&c);
  voyd_result_free(NULL);
  voyd_options_free(NULL);
  voyd_context_free(NULL);
  voyd_artifact_release(NULL);
}

enum { THREADS = 4, ROUNDS = 5 };

typedef struct Job {
  const char *source;
  voyd_opt_level level;
  voyd_artifact *artifacts[ROUNDS];
} Job;

static void *work(void *argument) {
  Job *job = argument;
  for (int round = 0; round < ROUNDS; round++) {
    voyd_context *context;
    voyd_result *result = NULL;
    if (voyd_context_new(NULL, &context) != VOYD_OK) {
      continue;
    }
    voyd_options *options = voyd_options_new(context);
    voyd_options_set_source(options, (voyd_str){job->source, strlen(job->source)});
    voyd_options_set_opt_level(options, job->level);
    voyd_options_set_flag(options, VOYD_FLAG_PERF, true);
    if (voyd_compile(context, options, &result) == VOYD_OK) {
      job->artifacts[round] = voyd_result_artifact(result);
    }
    voyd_result_free(result);
    voyd_options_free(options);
    voyd_context_free(context);
  }
  return NULL;
}

/* Contexts are independent: threads that compile at the same time get what one alone gets. */
static void threads_do_not_disturb_each_other(void) {
  static const char *const sources[THREADS] = {
      "obj P { x: i32, y: i32 }\n\npub fn main() -> i32\n  let p = P { x: 1, y: 2 }\n  p.x + p.y\n",
      "fn f(n: i32) -> i32\n  if n < 2:\n    return n\n  f(n - 1) + f(n - 2)\n\npub fn main() = f(9)\n",
      "pub fn main() -> f64\n  var x = 1.0\n  while x < 100.0:\n    x = x * 1.5\n  x\n",
      "pub fn main() -> i32\n  missing\n",
  };
  Job alone[THREADS], together[THREADS];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    alone[i] = together[i] = (Job){.source = sources[i], .level = (voyd_opt_level)(i % 3)};
    work(&alone[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&threads[i], NULL, work, &together[i]) == 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
  }
  for (int i = 0; i < THREADS; i++) {
    for (int round = 0; round < ROUNDS; round++) {
      voyd_str expected = voyd_artifact_bytes(alone[i].artifacts[0]);
      voyd_str bytes = voyd_artifact_bytes(together[i].artifacts[round]);
      CHECK((expected.len > 0) == (i != THREADS - 1));
      CHECK(bytes.len == expected.len && memcmp(bytes.ptr, expected.ptr, bytes.len) == 0);
      voyd_artifact_release(together[i].artifacts[round]);
    }
    for (int round = 0; round < ROUNDS; round++) {
      voyd_artifact_release(alone[i].artifacts[round]);
    }
  }
}

/* ---- The same program, the same bytes */

static const char *const programs[] = {"ray-tracer/src", "json/src", "dijkstra/src", "expressions/src",
                                       "red-black-tree/src"};
enum { PROGRAMS = sizeof programs / sizeof *programs };

static voyd_artifact *compile_program(int program, voyd_opt_level level) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/%s", VOYD_SCENARIOS, programs[program]);
  Case c = open_case(NULL);
  CHECK(voyd_options_find_entry(c.options, (voyd_str){path, (size_t)length}) == VOYD_OK);
  voyd_options_set_opt_level(c.options, level);
  compile(&c);
  voyd_artifact *artifact = c.result ? voyd_result_artifact(c.result) : NULL;
  close_case(&c);
  return artifact;
}

static bool same_bytes(voyd_artifact *a, voyd_str b) {
  voyd_str bytes = a ? voyd_artifact_bytes(a) : (voyd_str){"", 0};
  return bytes.len > 8 && bytes.len == b.len && memcmp(bytes.ptr, b.ptr, b.len) == 0;
}

/* What another process gets: this program, started to write one module. */
static voyd_str compile_elsewhere(const char *self, int program, int level, char *buffer, size_t size) {
  char command[4096];
  snprintf(command, sizeof command, "'%s' --write %d %d", self, program, level);
  FILE *output = popen(command, "r");
  size_t length = output ? fread(buffer, 1, size, output) : 0;
  CHECK(output && pclose(output) == 0);
  return (voyd_str){buffer, length};
}

typedef struct Twin {
  int program;
  voyd_opt_level level;
  voyd_artifact *artifact;
} Twin;

static void *compile_twin(void *argument) {
  Twin *twin = argument;
  twin->artifact = compile_program(twin->program, twin->level);
  return NULL;
}

static void the_same_program_gives_the_same_bytes(const char *self) {
  static char buffer[1 << 20];
  for (int level = VOYD_LEVEL_NONE; level <= VOYD_LEVEL_RELEASE; level++) {
    for (int program = 0; program < PROGRAMS; program++) {
      voyd_str elsewhere = compile_elsewhere(self, program, level, buffer, sizeof buffer);
      voyd_artifact *first = compile_program(program, (voyd_opt_level)level);
      voyd_artifact *second = compile_program(program, (voyd_opt_level)level);
      CHECK(same_bytes(first, elsewhere));
      CHECK(same_bytes(second, elsewhere));
      Twin twins[2];
      pthread_t threads[2];
      for (int i = 0; i < 2; i++) {
        twins[i] = (Twin){program, (voyd_opt_level)level, NULL};
        CHECK(pthread_create(&threads[i], NULL, compile_twin, &twins[i]) == 0);
      }
      for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        CHECK(same_bytes(twins[i].artifact, elsewhere));
        voyd_artifact_release(twins[i].artifact);
      }
      voyd_artifact_release(first);
      voyd_artifact_release(second);
    }
  }
}

static int write_program(int program, int level) {
  voyd_artifact *artifact = compile_program(program, (voyd_opt_level)level);
  voyd_str bytes = artifact ? voyd_artifact_bytes(artifact) : (voyd_str){"", 0};
  return fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len && bytes.len > 0 ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "--write") == 0) {
    return write_program(atoi(argv[2]) % PROGRAMS, atoi(argv[3]));
  }
  versions();
  a_program_becomes_an_artifact_that_outlives_its_result();
  options_can_be_used_again();
  errors_are_diagnostics_with_exact_places();
  virtual_files_are_modules();
  neither_entry_nor_source_is_a_diagnostic();
  outputs_are_made_on_request();
  forms_are_there_in_spite_of_errors();
  levels_and_names();
  perf_is_measured_on_request();
  wrong_arguments_are_refused();
  threads_do_not_disturb_each_other();
  the_same_program_gives_the_same_bytes(argv[0]);
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
