// `voydc bench run`: scenarios to rows, for people and as CSV (bench.h, spec 10 §5).
#include "perf/bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/files.h"
#include "perf/bench/compile.h"
#include "perf/bench/measure.h"

typedef struct Row {
  const Scenario *scenario;
  BenchLevel level;
  BenchBuild build;
  BenchProgram program;
  double median;      // milliseconds
  double twin_median; // of the twin that ran beside it, 0 without one
} Row;

typedef struct Run {
  const BenchOptions *options;
  Arena *arena;
  Str folder; // temporary
  VECTOR(Row) rows;
} Run;

static bool complain(Str error) {
  fprintf(stderr, "bench: %.*s\n", STR_ARGS(error));
  return false;
}

static bool write_module(Run *run, Str path, Str bytes) {
  if (file_write(run->arena, path, bytes)) {
    return true;
  }
  return complain(arena_format(run->arena, "cannot write %.*s: %s", STR_ARGS(path), strerror(errno)));
}

static bool compile_level(Run *run, const Scenario *scenario, BenchLevel level, BenchProgram *program) {
  Str error;
  Row row = {.scenario = scenario, .level = level};
  if (!bench_compile(run->arena, scenario, level, run->options->compile_samples, &row.build, &error)) {
    return complain(error);
  }
  Str path = arena_format(run->arena, "%.*s/%s.wasm", STR_ARGS(run->folder), BENCH_LEVEL_NAMES[level]);
  *program = (BenchProgram){
      .file = path, .export = scenario->export, .args = scenario->args, .expected = scenario->expected};
  VECTOR_PUSH(run->arena, &run->rows, row);
  return write_module(run, path, row.build.wasm);
}

static bool compile_twin(Run *run, const Scenario *scenario, BenchProgram *program) {
  Str error;
  Str path = arena_format(run->arena, "%.*s/twin.wasm", STR_ARGS(run->folder));
  *program = (BenchProgram){.file = path,
                            .export = arena_format(run->arena, "voyd_%.*s", STR_ARGS(scenario->export)),
                            .args = scenario->args,
                            .expected = scenario->expected};
  return bench_compile_twin(run->arena, scenario, path, &error) || complain(error);
}

// Compiles all levels and the twin, then runs them in turns in one engine process.
static bool run_scenario(Run *run, const Scenario *scenario) {
  const BenchOptions *options = run->options;
  BenchProgram programs[BENCH_LEVEL_COUNT + 1];
  uint32_t count = 0, first_row = run->rows.count;
  uint32_t wanted = options->levels.length > 0 ? bench_levels_parse(options->levels) : scenario->levels;
  for (int level = 0; level < BENCH_LEVEL_COUNT; level++) {
    if ((wanted >> level & 1) && !compile_level(run, scenario, (BenchLevel)level, &programs[count++])) {
      return false;
    }
  }
  bool twin = options->twins && scenario->twin.length > 0;
  if (twin && !compile_twin(run, scenario, &programs[count])) {
    return false;
  }
  Str error;
  BenchJob job = {run->folder,      programs,         count + twin,
                  options->warmups, options->samples, options->minimum_ms};
  bool measured = bench_measure(run->arena, &job, &error) || complain(error);
  for (uint32_t i = 0; i < job.program_count; i++) {
    unlink(programs[i].file.ptr);
    if (measured && programs[i].error.length > 0) {
      measured = complain(
          arena_format(run->arena, "%.*s: %.*s", STR_ARGS(scenario->name), STR_ARGS(programs[i].error)));
    }
  }
  for (uint32_t i = 0; measured && i < count; i++) {
    Row *row = &run->rows.items[first_row + i];
    row->program = programs[i];
    row->median = bench_median(run->arena, programs[i].samples, programs[i].sample_count);
    row->twin_median =
        twin ? bench_median(run->arena, programs[count].samples, programs[count].sample_count) : 0;
  }
  return measured;
}

// --- Reports
// ---------------------------------------------------------------------------------------------------------

static void print_table(const Run *run) {
  printf("%-16s %-9s %10s %10s %8s %8s %9s%s\n", "scenario", "level", "compile ms", "memory MiB", "bytes",
         "gzip", "run ms", run->options->twins ? "      C ms  ratio" : "");
  for (uint32_t i = 0; i < run->rows.count; i++) {
    const Row *row = &run->rows.items[i];
    printf("%-16.*s %-9s %10.3f %10.1f %8zu %8u %9.3f", STR_ARGS(row->scenario->name),
           BENCH_LEVEL_NAMES[row->level], row->build.milliseconds,
           (double)row->build.resident_peak / (1024 * 1024), row->build.wasm.length, row->program.gzip_bytes,
           row->median);
    if (row->twin_median > 0) {
      printf(" %9.3f %6.3f", row->twin_median, row->median / row->twin_median);
    }
    printf("\n");
  }
}

static void add_row(const Run *run, const Row *row, Text *out) {
  text_format(out, "%.*s,%.*s,%s,%.3f,%zu,%u,%zu", STR_ARGS(run->options->revision),
              STR_ARGS(row->scenario->name), row->level == BENCH_NONE ? "false" : "true",
              row->build.milliseconds, row->build.wasm.length, row->program.gzip_bytes,
              row->build.wat.length);
  for (int i = 0; i < STRUCTURE_COUNT; i++) {
    text_format(out, ",%u", row->build.structure.counts[i]);
  }
  text_format(out, ",%.*s,%.3f,", STR_ARGS(row->program.sha256), row->median);
  for (uint32_t i = 0; i < row->program.sample_count; i++) {
    text_format(out, "%s%.3f", i > 0 ? "|" : "", row->program.samples[i]);
  }
  text_format(out, ",%s", BENCH_LEVEL_NAMES[row->level]);
  if (run->options->twins) {
    if (row->twin_median > 0) {
      text_format(out, ",%.3f,%.3f", row->twin_median, row->median / row->twin_median);
    } else {
      text_add(out, STR(",,"));
    }
  }
  text_add_char(out, '\n');
}

static bool write_csv(const Run *run) {
  Text out = text_new(run->arena);
  text_add(&out, STR("revision,name,optimize,compileMs,wasmBytes,gzipBytes,wasmTextBytes"));
  for (int i = 0; i < STRUCTURE_COUNT; i++) {
    text_format(&out, ",%s", STRUCTURE_COLUMNS[i]);
  }
  text_add(&out, STR(",wasmSha256,medianMs,samplesMs,level"));
  text_add(&out, run->options->twins ? STR(",twinMedianMs,twinRatio\n") : STR("\n"));
  for (uint32_t i = 0; i < run->rows.count; i++) {
    add_row(run, &run->rows.items[i], &out);
  }
  if (file_write(run->arena, run->options->csv, text_str(&out))) {
    return true;
  }
  return complain(
      arena_format(run->arena, "cannot write %.*s: %s", STR_ARGS(run->options->csv), strerror(errno)));
}

int bench_run(const BenchOptions *options) {
  Run run = {.options = options, .arena = options->arena};
  ScenarioList scenarios = {0};
  Str error;
  if (!scenarios_load(run.arena, options->folder, options->scenarios, &scenarios, &error)) {
    complain(error);
    return 1;
  }
  const char *temporary = getenv("TMPDIR");
  Str pattern =
      arena_format(run.arena, "%s/voydc-bench-XXXXXX", temporary && *temporary ? temporary : "/tmp");
  if (!mkdtemp((char *)pattern.ptr)) {
    complain(arena_format(run.arena, "cannot make a folder %s: %s", pattern.ptr, strerror(errno)));
    return 1;
  }
  run.folder = pattern;
  bool fine = true;
  for (uint32_t i = 0; i < scenarios.count; i++) {
    uint32_t rows = run.rows.count;
    if (!run_scenario(&run, &scenarios.items[i])) {
      run.rows.count = rows; // what could not be measured has no row
      fine = false;
    }
  }
  rmdir(run.folder.ptr);
  if (!str_equal(options->csv, STR("-"))) {
    print_table(&run);
    fflush(stdout);
  }
  fine = (options->csv.length == 0 || write_csv(&run)) && fine;
  return fine ? 0 : 1;
}
