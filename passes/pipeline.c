// Owns the order of passes and their measurement (names of spec 10 §4.3).
#include "passes/pipeline.h"

#include "base/failure.h"
#include "passes/pass.h"
#include "perf/perf.h"

typedef enum { STAGE_INITIAL, STAGE_FIXED_POINT, STAGE_INLINING, STAGE_FINAL } Stage;

typedef struct PassInfo {
  const char *name;
  Stage stage;
  void (*run)(PassRun *run);
} PassInfo;

static const PassInfo passes[] = {
#define PASS(id, name, stage)       {name, STAGE_##stage, pass_##id},
#define PASS_AGAIN(id, name, stage) {name, STAGE_##stage, pass_##id},
#include "passes/passes.def"
#undef PASS_AGAIN
#undef PASS
};
enum { PASS_COUNT = sizeof passes / sizeof *passes };

// Inlining brings to light which closures are called where, and these are inlined in turn: how often.
enum { CYCLES_MOST = 3 };

typedef struct Pipeline {
  IrModule *module;
  const PassOptions *options;
  uint32_t ordinal; // of the next run
  Arena scratch;
} Pipeline;

void pass_metric(PassRun *run, const char *name, double value) {
  ENSURE(run->metric_count < PASS_METRICS_MAX);
  run->metric_names[run->metric_count] = name;
  run->metrics[run->metric_count++] = value;
}

static const PassInfo *find_pass(Str name) {
  for (uint32_t i = 0; i < PASS_COUNT; i++) {
    if (str_equal(str_from(passes[i].name), name)) {
      return &passes[i];
    }
  }
  return NULL;
}

bool pass_exists(Str name) {
  return find_pass(name) != NULL;
}

// Counts `value` under the pass's name, and under its name with the ordinal of this run.
static void count_both(Pipeline *pipeline, const char *pass, const char *what, double value) {
  PerfSession *session = pipeline->module->context->perf;
  perf_count_named(session, arena_format(&pipeline->scratch, "optimize.pass.%s.%s", pass, what), value);
  perf_count_named(session,
                   arena_format(&pipeline->scratch, "optimize.pass.%u.%s.%s", pipeline->ordinal, pass, what),
                   value);
}

static void report(Pipeline *pipeline, const PassInfo *pass, const PassRun *run, double milliseconds) {
  count_both(pipeline, pass->name, "ms", milliseconds);
  if (run->changed) {
    count_both(pipeline, pass->name, "changed", 1);
  }
  for (uint32_t i = 0; i < run->metric_count; i++) {
    count_both(pipeline, pass->name, run->metric_names[i], run->metrics[i]);
  }
}

static void verify(Pipeline *pipeline, const PassInfo *pass) {
  Text faults = text_new(&pipeline->scratch);
  if (!ir_verify(pipeline->module, &faults)) {
    UNREACHABLE(
        arena_format(&pipeline->scratch, "IR invalid after %s: %s", pass->name, text_str(&faults).ptr).ptr);
  }
}

static bool run_pass(Pipeline *pipeline, const PassInfo *pass) {
  PerfSession *session = pipeline->module->context->perf;
  Str phase = session == NULL ? STR("") : arena_format(&pipeline->scratch, "optimize.pass.%s", pass->name);
  PassRun run = {.module = pipeline->module};
  perf_begin_named(session, phase);
  double start = session == NULL ? 0 : perf_clock();
  pass->run(&run);
  double spent = session == NULL ? 0 : perf_clock() - start;
  perf_end_named(session, phase);
  if (session != NULL) {
    report(pipeline, pass, &run, spent);
  }
  pipeline->ordinal++;
  if (pipeline->options->verify && run.changed) {
    verify(pipeline, pass);
  }
  if (str_equal(pipeline->options->dump_after, str_from(pass->name))) {
    pipeline->options->dump->count = 0;
    ir_print(pipeline->module, (IrPrintOptions){0}, pipeline->options->dump);
  }
  return run.changed;
}

static bool run_stage(Pipeline *pipeline, Stage stage) {
  bool changed = false;
  for (uint32_t i = 0; i < PASS_COUNT; i++) {
    if (passes[i].stage == stage) {
      changed |= run_pass(pipeline, &passes[i]);
    }
  }
  return changed;
}

// Spec 10 §8: a cap so high that only passes that undo each other reach it.
static uint32_t round_limit(const IrModule *module) {
  uint64_t limit = 32;
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    limit += 4 * (uint64_t)ir_function(module, id)->insts.count + 2;
  }
  return limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit;
}

// Gives the number of rounds.
static uint32_t reach_fixed_point(Pipeline *pipeline) {
  uint32_t rounds = 1, limit = round_limit(pipeline->module);
  while (run_stage(pipeline, STAGE_FIXED_POINT)) {
    if (++rounds > limit) {
      UNREACHABLE("the optimiser's passes do not converge");
    }
  }
  return rounds;
}

void passes_run(IrModule *module, const PassOptions *options) {
  Pipeline pipeline = {.module = module, .options = options};
  arena_init(&pipeline.scratch);
  run_stage(&pipeline, STAGE_INITIAL);
  uint32_t rounds = 0, cycles = 0;
  do {
    rounds += reach_fixed_point(&pipeline);
  } while (++cycles < CYCLES_MOST && run_stage(&pipeline, STAGE_INLINING));
  perf_count_named(module->context->perf, STR("optimize.fixed_point.iterations"), rounds);
  perf_count_named(module->context->perf, STR("optimize.fixed_point.converged"), 1);
  run_stage(&pipeline, STAGE_FINAL);
  arena_free(&pipeline.scratch);
}

bool pass_run(IrModule *module, Str name) {
  const PassInfo *pass = find_pass(name);
  if (pass != NULL) {
    pass->run(&(PassRun){.module = module});
  }
  return pass != NULL;
}
