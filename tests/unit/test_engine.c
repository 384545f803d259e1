// The engine process: finding it and running modules in it (compiler/cli/engine.h).
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/engine.h"

// Exports: answer() -> i32 42, same(i64) -> i64, divide(i32, i32) -> i32 (signed), spin() without end,
// deep(i32) -> i32 (recursion as deep as its argument, not in tail position); the name section names the
// third function "halve".
static const unsigned char MODULE[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, //
    0x01, 0x18, 0x05, 0x60, 0x00, 0x01, 0x7f, 0x60, 0x01, 0x7e, 0x01, 0x7e, 0x60, 0x02, 0x7f, 0x7f, 0x01,
    0x7f, 0x60, 0x00, 0x00, 0x60, 0x01, 0x7f, 0x01, 0x7f,                               // types
    0x03, 0x06, 0x05, 0x00, 0x01, 0x02, 0x03, 0x04,                                     // functions
    0x07, 0x28, 0x05, 0x06, 'a',  'n',  's',  'w',  'e',  'r',  0x00, 0x00, 0x04, 's',  //
    'a',  'm',  'e',  0x00, 0x01, 0x06, 'd',  'i',  'v',  'i',  'd',  'e',  0x00, 0x02, //
    0x04, 's',  'p',  'i',  'n',  0x00, 0x03, 0x04, 'd',  'e',  'e',  'p',  0x00, 0x04, // exports
    0x0a, 0x2e, 0x05, 0x04, 0x00, 0x41, 0x2a, 0x0b,                                     // answer
    0x04, 0x00, 0x20, 0x00, 0x0b,                                                       // same
    0x07, 0x00, 0x20, 0x00, 0x20, 0x01, 0x6d, 0x0b,                                     // divide
    0x07, 0x00, 0x03, 0x40, 0x0c, 0x00, 0x0b, 0x0b,                                     // spin
    0x12, 0x00, 0x20, 0x00, 0x45, 0x04, 0x7f, 0x41, 0x00, 0x05, 0x20, 0x00, 0x41, 0x01, 0x6b, 0x10, 0x04,
    0x0b, 0x0b, //
    0x00, 0x0f, 0x04, 'n',  'a',  'm',  'e',  0x01, 0x08, 0x01, 0x02, 0x05, 'h',  'a',  'l',  'v',  'e'};

static Arena arena;

static void set_up(void) {
  arena_init(&arena);
}

static void tear_down(void) {
  arena_free(&arena);
}

TestSuite(engine, .init = set_up, .fini = tear_down, .timeout = 60);

static EngineOutcome run(const char *entry, const char *arguments, uint32_t timeout_ms) {
  return engine_run(
      &arena,
      &(EngineJob){{(const char *)MODULE, sizeof MODULE}, str_from(entry), str_from(arguments), timeout_ms});
}

static void expect(EngineOutcome outcome, EngineStatus status, const char *json, const char *text) {
  cr_expect_eq(outcome.status, status, "status %d", outcome.status);
  cr_expect(str_equal(outcome.json, str_from(json)), "json %.*s", STR_ARGS(outcome.json));
  cr_expect(str_equal(outcome.text, str_from(text)), "text %.*s", STR_ARGS(outcome.text));
}

Test(engine, a_value_comes_back_as_json_and_as_text) {
  expect(run("answer", "", 0), ENGINE_VALUE, "{\"value\":42}", "42");
}

Test(engine, wide_integers_cross_exactly) {
  expect(run("same", "[{\"i64\":\"-9223372036854775808\"}]", 0), ENGINE_VALUE,
         "{\"value\":{\"i64\":\"-9223372036854775808\"}}", "-9223372036854775808n");
}

Test(engine, a_trap_names_its_function) {
  expect(run("divide", "[1, 0]", 0), ENGINE_TRAP,
         "{\"trap\":{\"message\":\"divide by zero\",\"function\":\"halve\"}}",
         "trap: divide by zero (in halve)");
}

Test(engine, an_endless_program_is_stopped_at_its_limit) {
  expect(run("spin", "", 200), ENGINE_TIMEOUT,
         "{\"error\":{\"message\":\"the program did not end within 200 ms\"}}",
         "error: the program did not end within 200 ms");
}

Test(engine, recursion_goes_a_million_frames_deep) {
  expect(run("deep", "[1000000]", 0), ENGINE_VALUE, "{\"value\":0}", "0");
}

Test(engine, wrong_calls_are_errors) {
  expect(run("missing", "", 0), ENGINE_ERROR, "{\"error\":{\"message\":\"Missing export missing\"}}",
         "error: Missing export missing");
  expect(run("same", "[]", 0), ENGINE_ERROR,
         "{\"error\":{\"message\":\"typed export same expected 1 args, got 0\"}}",
         "error: typed export same expected 1 args, got 0");
  cr_expect_eq(run("same", "{}", 0).status, ENGINE_ERROR);
  cr_expect_eq(run("same", "[", 0).status, ENGINE_ERROR);
}

Test(engine, bytes_that_are_no_module_are_an_error) {
  EngineOutcome outcome = engine_run(&arena, &(EngineJob){STR("\0asm\1\0\0\0\1"), STR("main"), STR(""), 0});
  cr_expect_eq(outcome.status, ENGINE_ERROR);
  outcome = engine_run(&arena, &(EngineJob){STR(""), STR("main"), STR(""), 0});
  cr_expect_eq(outcome.status, ENGINE_ERROR);
}

Test(engine, a_missing_engine_is_explained) {
  setenv("VOYD_NODE", "/nowhere/node", 1);
  EngineOutcome outcome = run("answer", "", 0);
  cr_expect_eq(outcome.status, ENGINE_UNAVAILABLE);
  cr_expect_not_null(strstr(outcome.text.ptr, "/nowhere/node"));
  setenv("VOYD_NODE", "/bin/true", 1);
  cr_expect_eq(run("answer", "", 0).status, ENGINE_UNAVAILABLE);
}

Test(engine, the_choice_goes_environment_then_cache_then_path) {
  char folder[] = "/tmp/voyd-engine-XXXXXX";
  cr_assert_not_null(mkdtemp(folder));
  Str cache = arena_format(&arena, "%s/voydc", folder);
  Str file = arena_format(&arena, "%s/engine", cache.ptr);
  cr_assert_eq(system(arena_format(&arena, "mkdir %s && echo /bin/true > %s", cache.ptr, file.ptr).ptr), 0);
  unsetenv("VOYD_NODE");
  setenv("XDG_CACHE_HOME", folder, 1);
  setenv("PATH", folder, 1);
  cr_expect(str_equal(engine_find(&arena), STR("/bin/true")));
  setenv("VOYD_NODE", "/chosen", 1);
  cr_expect(str_equal(engine_find(&arena), STR("/chosen")));
  unsetenv("VOYD_NODE");
  cr_assert_eq(remove(file.ptr), 0);
  cr_expect_eq(engine_find(&arena).length, 0);
  cr_expect_eq(run("answer", "", 0).status, ENGINE_UNAVAILABLE);
  setenv("PATH", "/nonexistent:/bin", 1);
  remove(cache.ptr);
  remove(folder);
}
