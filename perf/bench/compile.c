// Compilations of scenarios in child processes, and what is known of their modules (compile.h).
//
// The child is a fork that has not compiled anything yet; it answers over a pipe with blocks of a length and
// bytes.
#include "perf/bench/compile.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "perf/perf.h"
#include "sdk/voyd.h"

extern char **environ;

// --- The child
// -------------------------------------------------------------------------------------------------------

static void send_block(FILE *pipe, voyd_str block) {
  uint64_t length = block.len;
  fwrite(&length, sizeof length, 1, pipe);
  fwrite(block.ptr, 1, block.len, pipe);
}

// Compiles and answers: milliseconds, module, text, summary, diagnostics.
static void compile_in_child(const Scenario *scenario, BenchLevel level, FILE *pipe) {
  voyd_context *context;
  voyd_result *result = NULL;
  voyd_context_new(NULL, &context);
  voyd_options *options = voyd_options_new(context);
  voyd_options_set_entry(options, (voyd_str){scenario->entry.ptr, scenario->entry.length});
  voyd_options_set_opt_level(options, (voyd_opt_level)level);
  voyd_options_set_output(options, VOYD_OUTPUT_WAT, true);
  voyd_options_set_flag(options, VOYD_FLAG_PERF, true);
  double start = perf_clock();
  voyd_compile(context, options, &result);
  double spent = perf_clock() - start;
  fwrite(&spent, sizeof spent, 1, pipe);
  send_block(pipe, voyd_result_output(result, VOYD_OUTPUT_WASM));
  send_block(pipe, voyd_result_output(result, VOYD_OUTPUT_WAT));
  send_block(pipe, voyd_result_perf(result, VOYD_PERF_JSON));
  send_block(pipe, voyd_result_diagnostics_text(result, false));
  fclose(pipe);
  _exit(0);
}

// --- The parent
// ------------------------------------------------------------------------------------------------------

typedef struct Answer {
  double milliseconds;
  Str wasm, wat, perf, diagnostics;
  int64_t resident_peak;
} Answer;

static bool receive_block(Arena *arena, FILE *pipe, Str *block) {
  uint64_t length;
  if (fread(&length, sizeof length, 1, pipe) != 1) {
    return false;
  }
  char *bytes = arena_alloc(arena, (size_t)length + 1, 1);
  bytes[length] = '\0';
  *block = (Str){bytes, (size_t)length};
  return fread(bytes, 1, (size_t)length, pipe) == length;
}

static bool receive(Arena *arena, FILE *pipe, Answer *answer) {
  return fread(&answer->milliseconds, sizeof answer->milliseconds, 1, pipe) == 1 &&
         receive_block(arena, pipe, &answer->wasm) && receive_block(arena, pipe, &answer->wat) &&
         receive_block(arena, pipe, &answer->perf) && receive_block(arena, pipe, &answer->diagnostics);
}

static bool compile_once(Arena *arena, const Scenario *scenario, BenchLevel level, Answer *answer,
                         Str *error) {
  int ends[2];
  if (pipe(ends) != 0) {
    *error = arena_format(arena, "cannot open a pipe: %s", strerror(errno));
    return false;
  }
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    FILE *out = fdopen(ends[1], "wb");
    if (out) {
      compile_in_child(scenario, level, out);
    }
    _exit(1);
  }
  close(ends[1]);
  FILE *in = fdopen(ends[0], "rb");
  bool received = child > 0 && in && receive(arena, in, answer);
  if (in) {
    fclose(in);
  }
  struct rusage usage = {0};
  int status = 0;
  if (child > 0) {
    wait4(child, &status, 0, &usage);
  }
  answer->resident_peak = (int64_t)usage.ru_maxrss * 1024;
  if (!received || status != 0) {
    *error = arena_format(arena, "%.*s at %s: the compiler's process failed (status %d)",
                          STR_ARGS(scenario->name), BENCH_LEVEL_NAMES[level], status);
    return false;
  }
  if (answer->wasm.length == 0) {
    *error = arena_format(arena, "%.*s at %s does not compile:\n%.*s", STR_ARGS(scenario->name),
                          BENCH_LEVEL_NAMES[level], STR_ARGS(answer->diagnostics));
    return false;
  }
  return true;
}

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

double bench_median(Arena *arena, const double *values, uint32_t count) {
  if (count == 0) {
    return 0;
  }
  double *sorted = ARENA_ARRAY(arena, double, count);
  memcpy(sorted, values, sizeof *values * count);
  qsort(sorted, count, sizeof *sorted, compare_doubles);
  return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

// The summary must be fit for attribution, and its counters of the module must say what the text says.
static bool check_summary(Arena *arena, const Scenario *scenario, const BenchBuild *build, Str *error) {
  cJSON *summary = cJSON_ParseWithLength(build->perf.ptr, build->perf.length);
  const cJSON *counters = cJSON_GetObjectItemCaseSensitive(summary, "counters");
  bool fine = summary && !cJSON_GetObjectItemCaseSensitive(summary, "overlapped");
  if (!fine) {
    *error = arena_format(arena, "%.*s: overlapped or missing measurements", STR_ARGS(scenario->name));
  }
  for (int i = 0; fine && i < STRUCTURE_COUNT; i++) {
    const cJSON *counter = cJSON_GetObjectItemCaseSensitive(counters, STRUCTURE_COUNTERS[i]);
    if (counter && cJSON_GetNumberValue(counter) != build->structure.counts[i]) {
      *error =
          arena_format(arena, "%.*s: %s counts %g in the module, %u in its text", STR_ARGS(scenario->name),
                       STRUCTURE_COUNTERS[i], cJSON_GetNumberValue(counter), build->structure.counts[i]);
      fine = false;
    }
  }
  cJSON_Delete(summary);
  return fine;
}

bool bench_compile(Arena *arena, const Scenario *scenario, BenchLevel level, uint32_t samples,
                   BenchBuild *build, Str *error) {
  *build = (BenchBuild){0};
  double *times = ARENA_ARRAY(arena, double, samples);
  for (uint32_t i = 0; i < samples; i++) {
    Answer answer = {0};
    if (!compile_once(arena, scenario, level, &answer, error)) {
      return false;
    }
    if (i > 0 && !str_equal(answer.wasm, build->wasm)) {
      *error = arena_format(arena, "%.*s at %s: two compilations gave different bytes (nondeterministic)",
                            STR_ARGS(scenario->name), BENCH_LEVEL_NAMES[level]);
      return false;
    }
    times[i] = answer.milliseconds;
    build->wasm = answer.wasm;
    build->wat = answer.wat;
    build->perf = answer.perf;
    build->resident_peak =
        answer.resident_peak > build->resident_peak ? answer.resident_peak : build->resident_peak;
  }
  build->milliseconds = bench_median(arena, times, samples);
  build->structure = structure_of_text(build->wat);
  return check_summary(arena, scenario, build, error);
}

bool bench_compile_twin(Arena *arena, const Scenario *scenario, Str output, Str *error) {
  Str export = arena_format(arena, "-Wl,--export=voyd_%.*s", STR_ARGS(scenario->export));
  char *arguments[] = {"clang",
                       "--target=wasm32",
                       "-O3",
                       "-mbulk-memory",
                       "-nostdlib",
                       "-Wl,--no-entry",
                       (char *)export.ptr,
                       "-o",
                       arena_copy_string(arena, output.ptr, output.length),
                       arena_copy_string(arena, scenario->twin.ptr, scenario->twin.length),
                       NULL};
  pid_t process;
  int failed = posix_spawnp(&process, arguments[0], NULL, NULL, arguments, environ);
  int status = 0;
  if (!failed) {
    waitpid(process, &status, 0);
  }
  if (failed || status != 0) {
    *error = arena_format(arena, "%.*s: the twin needs clang and lld for wasm32 (%s)",
                          STR_ARGS(scenario->name), failed ? strerror(failed) : "clang failed");
    return false;
  }
  return true;
}
