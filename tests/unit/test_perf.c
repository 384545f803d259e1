// perf/: the tables against the text of the specification, spans and counters, and what a summary says.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "perf/perf.h"

// The zero-presence list of spec 10 §4.7, as the chapter writes it: a prefix and its names, separated by
// blanks.
static const struct {
  const char *prefix;
  const char *names;
} always[] = {
    {"borrowing.ordinary.", "strictAscents dependencyEnqueues solverBound solverBoundUsage"},
    {"borrowing.ordinary.liveness.", "cfgBlocks cfgEdges trackedCapabilities stateInsertions workItems"},
    {"borrowing.resultIdentity.", "declarations paths forwarding traitChecks violations calls.conservative "
                                  "calls.detached calls.fresh calls.samePlace samePlace.invalidUses"},
    {"borrowing.staged.", "declarations cfgBlocks cfgEdges facts workItems forwarding traitChecks violations "
                          "calls.accepted calls.conservative"},
    {"borrowing.builder.", "declarations symbols originInsertions calls forwarding traitChecks violations "
                           "calls.accepted calls.conservative"},
    {"borrowing.identity_guard.", "pairs static_disjoint emitted.immediate emitted.deferred_default"},
    {"borrowing.identity_guard.rejected.", "same-place-overlap incomplete-identity proven-overlap "
                                           "suspending-target ambient-access unknown-callback "
                                           "unresolved-target unguardable-default missing-expression"},
    {"codegen.safe_array_while.", "requested accepted"},
    {"codegen.safe_array_while.fallback.",
     "shape nested-control control-transfer array-reassigned index-update array-method dynamic-call "
     "identity-guard "
     "unresolved-call missing-summary suspending-call ambient-access unknown-callback parameter-write "
     "array-alias-argument index-count"},
    {"codegen.range_array_safe_scope.", "requested accepted"},
    {"codegen.range_array_safe_scope.fallback.",
     "nested-control control-transfer array-reassigned index-update array-method dynamic-call identity-guard "
     "unresolved-call missing-summary suspending-call ambient-access unknown-callback parameter-write "
     "array-alias-argument index-count"},
    {"codegen.intrinsic_array_for.", "requested accepted fallback.effectful fallback.shape"},
    {"codegen.intrinsic_range_for.", "requested accepted fallback.effectful fallback.shape"},
    {"codegen.exact_iterator_for.", "requested accepted"},
    {"codegen.exact_iterator_for.fallback.",
     "noncanonical-iter-call noncanonical-body nonexact-receiver unresolved-iter-target "
     "missing-iter-metadata "
     "missing-iter-body nonfresh-iterator-result unresolved-next-target missing-next-trait-mapping "
     "ambiguous-next-implementation"},
    {"codegen.mutable_scalar_aggregate_lane_abi.", "requested accepted"},
    {"codegen.mutable_scalar_aggregate_lane_abi.fallback.",
     "missing-body missing-module-context unsupported-layout missing-parameter missing-signature effectful "
     "result-abi parameter-abi optional-parameter defaulted-parameter parameter-type exact-fact-unavailable "
     "unsafe-boundary explicit-void-return whole-value-access indirect-access escape retention result-alias "
     "no-writes unknown-field"},
    {"codegen.default_identity_guard_companion.",
     "requested created reused compiled fallback.missing-protocol fallback.missing-body"},
    {"optimize.pass.stable-field-load-forwarding.", "candidates accepted forwarded_loads"},
    {"optimize.pass.stable-field-load-forwarding.fallback.",
     "local-mutation local-capture local-retention local-result-alias dynamic-dispatch identity-guard "
     "unresolved-target exact-fact-unavailable unsafe-boundary escape retention result-alias "
     "unsupported-argument-plan whole-value-access candidate-field-write"},
    {"codegen.scalar_aggregate.initializer.", "applied"},
    {"codegen.scalar_aggregate.initializer.bailout.",
     "effectful interior_mutability no_layout address_taken too_wide mutable_dynamic_use identity_observable "
     "nested_assignment handler_capture escape_or_shape lowering_fallback"},
    {"codegen.scalar_aggregate.parameter.", "applied"},
    {"codegen.scalar_aggregate.parameter.bailout.",
     "effectful mutable escapes no_layout incompatible_abi too_wide lane_mismatch"},
    {"codegen.exact_call.",
     "requests cache_hits cache_misses body_visits accepted fallback analysis_operations "
     "work_units retained_bytes"},
    {"codegen.exact_call.fallback.", "missing-body work-budget memory-budget unsupported-alias"},
    {"codegen.exact_call.bailout.", "missing-body work-budget memory-budget unsupported-alias"},
    {"codegen.exact_call.budget_exhaustion.", "per_body_work per_body_memory compile_wide_memory"},
};

static bool table_has_always(const char *name) {
  for (uint32_t i = 0; i < PERF_COUNTER_COUNT; i++) {
    if (strcmp(perf_counter_name(i), name) == 0) {
      return perf_counter_always(i);
    }
  }
  return false;
}

Test(perf, every_name_of_the_zero_presence_list_is_in_the_table_and_no_other) {
  uint32_t names = 0;
  for (size_t family = 0; family < sizeof always / sizeof *always; family++) {
    char list[1024], name[256];
    snprintf(list, sizeof list, "%s", always[family].names);
    for (char *rest = list, *word; (word = strtok_r(rest, " ", &rest));) {
      snprintf(name, sizeof name, "%s%s", always[family].prefix, word);
      cr_expect(table_has_always(name), "missing from the table: %s", name);
      names++;
    }
  }
  uint32_t in_table = 0;
  for (uint32_t i = 0; i < PERF_COUNTER_COUNT; i++) {
    in_table += perf_counter_always(i);
  }
  cr_expect_eq(names, in_table);
}

Test(perf, no_name_stands_twice_in_a_table) {
  for (uint32_t i = 0; i < PERF_COUNTER_COUNT; i++) {
    for (uint32_t j = 0; j < i; j++) {
      cr_expect_str_neq(perf_counter_name(i), perf_counter_name(j));
    }
  }
  for (uint32_t i = 0; i < PERF_PHASE_COUNT; i++) {
    for (uint32_t j = 0; j < i; j++) {
      cr_expect_str_neq(perf_phase_name(i), perf_phase_name(j));
    }
  }
}

static void busy(double milliseconds) {
  for (double start = perf_clock(); perf_clock() - start < milliseconds;) {
  }
}

static PerfSession *session_new(void) {
  return perf_session_new(&(PerfOptions){.entry = STR("/p/src/main.voyd")});
}

typedef struct Report {
  Arena arena;
  char *json;
} Report;

static Report finish(PerfSession *session, bool success, uint32_t diagnostics) {
  Report report = {0};
  perf_session_finish(session, success, diagnostics);
  Text text = text_new(&report.arena);
  perf_summary_json(session, &text);
  report.json = text.bytes;
  return report;
}

// The number behind "name": in the summary, or -1.
static double value_of(const Report *report, const char *name) {
  char key[128];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *found = strstr(report->json, key);
  return found ? atof(found + strlen(key)) : -1;
}

Test(perf, a_summary_has_the_fields_of_the_schema_in_order) {
  PerfSession *session = session_new();
  Report report = finish(session, true, 3);
  cr_expect(
      strncmp(report.json,
              "{\"schemaVersion\":1,\"entryPath\":\"/p/src/main.voyd\",\"success\":true,\"diagnostics\":0,"
              "\"phasesMs\":{\"total\":",
              strlen("{\"schemaVersion\":1,\"entryPath\":\"/p/src/main.voyd\",\"success\":true,"
                     "\"diagnostics\":0,\"phasesMs\":{\"total\":")) == 0,
      "%s", report.json);
  cr_expect_eq(value_of(&report, "codegen.safe_array_while.fallback.shape"), 0);
  cr_expect_eq(value_of(&report, "source.lines"), -1);
  cr_expect_null(strstr(report.json, "overlapped"));
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, a_failed_compile_reports_its_diagnostics_and_the_phase_that_failed) {
  PerfSession *session = session_new();
  PERF_BEGIN(session, LOAD_MODULE_GRAPH);
  PERF_BEGIN(session, LOAD_PARSE);
  busy(1);
  Report report = finish(session, false, 2);
  cr_expect_not_null(strstr(report.json, "\"success\":false,\"diagnostics\":2,"));
  cr_expect_geq(value_of(&report, "loadModuleGraph"), 1);
  cr_expect_geq(value_of(&report, "loadModuleGraph.parse"), 1);
  cr_expect_eq(value_of(&report, "analyzeModules"), -1, "phases never reached are absent");
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, the_first_completion_wins) {
  PerfSession *session = session_new();
  perf_session_finish(session, false, 1);
  Report report = finish(session, true, 0);
  cr_expect_not_null(strstr(report.json, "\"success\":false"));
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, a_phase_open_twice_counts_its_time_once) {
  PerfSession *session = session_new();
  double start = perf_clock();
  PERF_BEGIN(session, ANALYZE_CHECK);
  PERF_BEGIN(session, ANALYZE_CHECK);
  busy(2);
  PERF_END(session, ANALYZE_CHECK);
  PERF_END(session, ANALYZE_CHECK);
  double spent = perf_clock() - start;
  Report report = finish(session, true, 0);
  cr_expect_geq(value_of(&report, "analyzeModules.check"), 2);
  cr_expect_leq(value_of(&report, "analyzeModules.check"), spent + 0.001);
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, a_span_apart_is_taken_out_of_the_spans_around_it_but_not_of_the_total) {
  PerfSession *session = session_new();
  double start = perf_clock();
  PERF_BEGIN(session, ANALYZE_MODULES);
  busy(1);
  PERF_BEGIN_APART(session, LOAD_MODULE_GRAPH);
  busy(5);
  PERF_END(session, LOAD_MODULE_GRAPH);
  PERF_END(session, ANALYZE_MODULES);
  double spent = perf_clock() - start;
  Report report = finish(session, true, 0);
  cr_expect_geq(value_of(&report, "loadModuleGraph"), 5);
  cr_expect_leq(value_of(&report, "analyzeModules"), spent - 5 + 0.002);
  cr_expect_geq(value_of(&report, "total"), 6);
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, stages_without_work_appear_as_zero_with_their_parent) {
  PerfSession *session = session_new();
  perf_time_add(session, PERF_PHASE_CODEGEN_PROGRAM, 1.5);
  perf_time_add(session, PERF_PHASE_BINARYEN_OPTIMIZE, 1);
  perf_time_add(session, PERF_PHASE_EMIT_BINARY, -1);
  Report report = finish(session, true, 0);
  cr_expect_eq(value_of(&report, "binaryen.prepareOptimizeModule"), 0);
  cr_expect_eq(value_of(&report, "binaryen.optimize.final"), 0);
  cr_expect_eq(value_of(&report, "codegenProgram"), 1.5);
  cr_expect_eq(value_of(&report, "emitBinary"), -1, "negative durations are dropped");
  cr_expect_eq(value_of(&report, "analyzeBorrowing"), -1);
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, names_made_while_compiling_join_the_tables) {
  PerfSession *session = session_new();
  perf_time_add_named(session, STR("optimize.pass.licm"), 0.25);
  perf_time_add_named(session, STR("optimize.pass.licm"), 0.25);
  perf_count_named(session, STR("optimize.pass.4.licm.ms"), 0);
  perf_count_named(session, STR("codegen.safe_array_while.requested"), 2);
  PERF_COUNT(session, SOURCE_LINES, 7);
  perf_count_named(NULL, STR("nobody listens"), 1);
  Report report = finish(session, true, 0);
  cr_expect_eq(value_of(&report, "optimize.pass.licm"), 0.5);
  cr_expect_eq(value_of(&report, "optimize.pass.4.licm.ms"), 0);
  cr_expect_eq(value_of(&report, "codegen.safe_array_while.requested"), 2);
  cr_expect_eq(value_of(&report, "source.lines"), 7);
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, setup_before_the_session_is_part_of_the_total) {
  PerfSession *session = perf_session_new(&(PerfOptions){.entry = STR("m"), .setup = 100});
  Report report = finish(session, true, 0);
  cr_expect_eq(value_of(&report, "sdkSetup.total"), 100);
  cr_expect_geq(value_of(&report, "total"), 100);
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, sessions_inside_process_wide_work_together_are_overlapped) {
  PerfSession *first = session_new(), *second = session_new(), *third = session_new();
  PerfShared a = perf_shared_enter(first);
  PerfShared b = perf_shared_enter(second);
  perf_shared_leave(b);
  perf_shared_leave(a);
  perf_shared_leave(perf_shared_enter(third));
  Report reports[] = {finish(first, true, 0), finish(second, true, 0), finish(third, true, 0)};
  cr_expect_not_null(strstr(reports[0].json, ",\"overlapped\":true"));
  cr_expect_not_null(strstr(reports[1].json, ",\"overlapped\":true"));
  cr_expect_null(strstr(reports[2].json, "overlapped"));
  for (int i = 0; i < 3; i++) {
    arena_free(&reports[i].arena);
  }
  perf_session_free(first);
  perf_session_free(second);
  perf_session_free(third);
}

Test(perf, the_peak_of_a_phase_counts_arenas_that_were_freed_inside_it) {
  PerfSession *session = session_new();
  Arena arena = {0};
  PERF_BEGIN(session, LOAD_MODULE_GRAPH);
  arena_alloc(&arena, 3000000, 8);
  arena_free(&arena);
  PERF_END(session, LOAD_MODULE_GRAPH);
  PERF_BEGIN(session, ANALYZE_MODULES);
  PERF_END(session, ANALYZE_MODULES);
  Report report = finish(session, true, 0);
  const char *memory = strstr(report.json, "\"arenaPeakBytes\":");
  cr_assert_not_null(memory);
  Report inside = {.json = (char *)memory};
  cr_expect_geq(value_of(&inside, "loadModuleGraph"), 3000000);
  cr_expect_geq(value_of(&inside, "total"), 3000000);
  cr_expect_lt(value_of(&inside, "analyzeModules"), 3000000);
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, resident_memory_is_measured_where_the_system_permits) {
  PerfSession *session = perf_session_new(&(PerfOptions){.entry = STR("m"), .resident_memory = true});
  PERF_BEGIN(session, LOAD_MODULE_GRAPH);
  // Mapped, since an allocator need not give memory back when it is freed.
  char *block = mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  cr_assert_neq(block, MAP_FAILED);
  for (int i = 0; i < 32 << 20; i += 4096) {
    ((volatile char *)block)[i] = 1;
  }
  PERF_END(session, LOAD_MODULE_GRAPH);
  munmap(block, 32 << 20);
  PERF_BEGIN(session, ANALYZE_MODULES);
  PERF_END(session, ANALYZE_MODULES);
  Report report = finish(session, true, 0);
  const char *memory = strstr(report.json, "\"residentPeakBytes\":");
  cr_assert_not_null(memory);
  Report inside = {.json = (char *)memory};
  if (value_of(&inside, "total") > 0) {
    cr_expect_geq(value_of(&inside, "loadModuleGraph"), 32 << 20);
    cr_expect_geq(value_of(&inside, "total"), 32 << 20);
    cr_expect_lt(value_of(&inside, "analyzeModules"), value_of(&inside, "loadModuleGraph"));
  }
  arena_free(&report.arena);
  perf_session_free(session);
}

Test(perf, a_trace_keeps_every_span_with_its_detail) {
  PerfSession *session = perf_session_new(&(PerfOptions){.entry = STR("m"), .trace = true});
  PERF_BEGIN_OF(session, LOAD_PARSE, STR("src::\"odd\""));
  PERF_END(session, LOAD_PARSE);
  perf_begin_named(session, STR("optimize.pass.x"));
  perf_end_named(session, STR("optimize.pass.x"));
  perf_session_finish(session, true, 0);
  Arena arena = {0};
  Text text = text_new(&arena);
  perf_trace_json(session, &text);
  cr_expect_not_null(
      strstr(text.bytes, "\"name\":\"loadModuleGraph.parse\",\"cat\":\"compile\",\"ph\":\"X\""));
  cr_expect_not_null(strstr(text.bytes, "\"args\":{\"of\":\"src::\\\"odd\\\"\"}"));
  cr_expect_not_null(strstr(text.bytes, "optimize.pass.x"));
  arena_free(&arena);
  perf_session_free(session);
}

Test(perf, the_environment_variable_takes_three_words_in_any_case) {
  static const struct {
    const char *value;
    bool wanted;
  } rows[] = {{"1", true},    {" true ", true},   {"YES", true},
              {"0", false},   {"false", false},   {"", false},
              {"1 1", false}, {"trueish", false}, {"a very long value", false}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    setenv("VOYD_COMPILER_PERF", rows[i].value, 1);
    cr_expect_eq(perf_wanted_by_environment(), rows[i].wanted, "'%s'", rows[i].value);
  }
  unsetenv("VOYD_COMPILER_PERF");
  cr_expect_not(perf_wanted_by_environment());
}
