// perf/bench/: scenarios, counting in the text form, measuring in the engine, comparing two files.
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/files.h"
#include "perf/bench/bench.h"
#include "perf/bench/compile.h"
#include "perf/bench/measure.h"
#include "perf/perf.h"

static Arena arena;
static char folder[] = "/tmp/voydc-test-bench-XXXXXX";

static void open_folder(void) {
  cr_assert_not_null(mkdtemp(folder));
}

static Str path_of(const char *name) {
  return arena_format(&arena, "%s/%s", folder, name);
}

static Str write_file(const char *name, Str text) {
  Str path = path_of(name);
  cr_assert(file_write(&arena, path, text));
  return path;
}

static void close_folder(void) {
  cr_assert_eq(system(arena_format(&arena, "rm -r %s", folder).ptr), 0);
  arena_free(&arena);
}

Test(bench, structure_counts_the_patterns_of_the_specification) {
  Structure found =
      structure_of_text(STR("(struct.new $a (struct.new_default $b)(array.new $c)(array.new_fixed $d 2)"
                            "(array.new)(array.new_default\n(array.newer )(array.new_ )(ref.cast $e)"
                            "(ref.cast_desc)(call_ref $f)(call_refs)(return_call_ref $g)(tuple.make 2"));
  cr_expect_eq(found.counts[STRUCTURE_STRUCT_NEW], 1);
  cr_expect_eq(found.counts[STRUCTURE_STRUCT_NEW_DEFAULT], 1);
  cr_expect_eq(found.counts[STRUCTURE_ARRAY_NEW], 4);
  cr_expect_eq(found.counts[STRUCTURE_REF_CAST], 2);
  cr_expect_eq(found.counts[STRUCTURE_CALL_REF], 1);
  cr_expect_eq(found.counts[STRUCTURE_TUPLE_MAKE], 1);
  Structure nothing = structure_of_text(STR(""));
  cr_expect_eq(nothing.counts[STRUCTURE_STRUCT_NEW], 0);
}

Test(bench, the_counters_of_the_structure_are_those_of_the_perf_table) {
  for (int i = 0; i < STRUCTURE_COUNT; i++) {
    bool known = false;
    for (uint32_t c = 0; c < PERF_COUNTER_COUNT; c++) {
      known = known || strcmp(perf_counter_name(c), STRUCTURE_COUNTERS[i]) == 0;
    }
    cr_expect(known, "%s", STRUCTURE_COUNTERS[i]);
  }
}

Test(bench, the_median_of_an_even_count_is_the_mean_of_the_middle) {
  cr_expect_eq(bench_median(&arena, (double[]){3, 1, 2}, 3), 2);
  cr_expect_eq(bench_median(&arena, (double[]){4, 1, 3, 2}, 4), 2.5);
  cr_expect_eq(bench_median(&arena, NULL, 0), 0);
  arena_free(&arena);
}

Test(bench, scenarios_of_the_project_load) {
  ScenarioList list = {0};
  Str error = {0};
  cr_assert(scenarios_load(&arena, STR(VOYD_SCENARIOS), STR("nbody,fib"), &list, &error), "%s", error.ptr);
  cr_assert_eq(list.count, 2);
  cr_expect(str_equal(list.items[0].name, STR("nbody")));
  cr_expect(str_equal(list.items[1].expected, STR("2178309")));
  cr_expect_eq(list.items[1].levels, 7);
  cr_expect_gt(list.items[1].twin.length, 0);
  ScenarioList all = {0};
  cr_assert(scenarios_load(&arena, STR(VOYD_SCENARIOS), STR(""), &all, &error), "%s", error.ptr);
  cr_expect_geq(all.count, 4);
  arena_free(&arena);
}

Test(bench, a_scenario_that_is_not_there_is_named, .init = open_folder, .fini = close_folder) {
  ScenarioList list = {0};
  Str error = {0};
  cr_expect_not(scenarios_load(&arena, str_from(folder), STR("none"), &list, &error));
  cr_expect_not_null(strstr(error.ptr, "no scenario none"));
}

Test(bench, levels_are_names_separated_by_commas) {
  cr_expect_eq(bench_levels_parse(STR("none,release")), 1u << BENCH_NONE | 1u << BENCH_RELEASE);
  cr_expect_eq(bench_levels_parse(STR("fast")), 0);
}

// (module (func (export "main") (result i32) i32.const 42))
static const char ANSWER[] =
    "\0asm\1\0\0\0\1\5\1\x60\0\1\x7f\3\2\1\0\7\x08\1\4main\0\0\n\6\1\4\0\x41\x2a\x0b";

Test(bench, programs_are_measured_and_their_results_checked, .init = open_folder, .fini = close_folder) {
  Str module = write_file("answer.wasm", (Str){ANSWER, sizeof ANSWER - 1});
  BenchProgram programs[] = {
      {.file = module, .export = STR("main"), .args = STR("[]"), .expected = STR("42")},
      {.file = module, .export = STR("main"), .args = STR("[]"), .expected = STR("43")},
      {.file = module, .export = STR("other"), .args = STR("[]"), .expected = STR("42")},
  };
  BenchJob job = {str_from(folder), programs, 3, 1, 5, 0};
  Str error = {0};
  cr_assert(bench_measure(&arena, &job, &error), "%s", error.ptr);
  cr_expect_eq(programs[0].sample_count, 5);
  cr_expect_eq(programs[0].error.length, 0);
  cr_expect_eq(programs[0].sha256.length, 64);
  cr_expect_gt(programs[0].gzip_bytes, 40);
  cr_expect(str_equal(programs[1].error, STR("main returned 42, expected 43")), "%s", programs[1].error.ptr);
  cr_expect_not_null(strstr(programs[2].error.ptr, "other"));
}

#define HEADER                                                                                               \
  "name,optimize,compileMs,wasmBytes,gzipBytes,wasmTextBytes,structNewCount,structNewDefaultCount,"          \
  "arrayNewCount,refCastCount,callRefCount,tupleMakeCount,wasmSha256,medianMs,samplesMs"

static void redirect(void) {
  open_folder();
  cr_redirect_stdout();
  cr_redirect_stderr();
}

Test(bench, files_are_compared_by_name_and_optimize, .init = redirect, .fini = close_folder) {
  Str base = write_file(
      "base.csv",
      STR(HEADER "\na,true,10.000,200,100,0,1,2,3,4,5,6,aa,,\nb,true,1,1,1,1,0,0,0,0,0,0,bb,1,1\n"));
  Str head =
      write_file("head.csv", STR("revision," HEADER
                                 ",level\r\nnew,a,true,15.000,150,100,7,4,2,3,4,5,6,cc,2.000,2,release\n"
                                 "new,c,true,1,1,1,1,0,0,0,0,0,0,bb,1,1,none\n"));
  cr_expect_eq(bench_compare(&arena, base, head), 0);
  cr_expect_stdout_eq_str(
      "name,optimize,baseRevision,headRevision,compileMsBase,compileMsHead,compileMsDeltaPct,medianMsBase,"
      "medianMsHead,"
      "medianMsDeltaPct,wasmBytesBase,wasmBytesHead,wasmBytesDeltaPct,gzipBytesBase,gzipBytesHead,"
      "gzipBytesDeltaPct,"
      "wasmTextBytesBase,wasmTextBytesHead,wasmTextBytesDeltaPct,structNewBase,structNewHead,structNewDelta,"
      "structNewDefaultBase,structNewDefaultHead,structNewDefaultDelta,arrayNewBase,arrayNewHead,"
      "arrayNewDelta,"
      "refCastBase,refCastHead,refCastDelta,callRefBase,callRefHead,callRefDelta,tupleMakeBase,tupleMakeHead,"
      "tupleMakeDelta,baseWasmSha256,headWasmSha256,level\n"
      "a,true,unknown,new,10.000,15.000,50.0,,2.000,,200,150,-25.0,100,100,0.0,0,7,,1,4,3,2,2,0,3,3,0,4,4,0,"
      "5,5,0,6,6,0,"
      "aa,cc,release\n");
}

Test(bench, a_file_without_a_column_is_refused, .init = redirect, .fini = close_folder) {
  Str base = write_file("base.csv", STR("name,optimize\na,true\n"));
  cr_expect_eq(bench_compare(&arena, base, base), 1);
  fflush(stderr);
  cr_expect_eq(bench_compare(&arena, base, STR("/nowhere")), 1);
}
