// The engine side of a bench from C: a script, a job file, a result file (measure.h).
#include "perf/bench/measure.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/engine.h"
#include "cli/files.h"
#include "perf/bench/bench_host.h"

extern char **environ;

static void add_string(Text *out, const char *key, Str value) {
  text_format(out, "\"%s\":\"", key);
  text_add_json(out, value);
  text_add_char(out, '"');
}

static Str job_json(Arena *arena, const BenchJob *job, Str result) {
  Text out = text_new(arena);
  text_add_char(&out, '{');
  add_string(&out, "result", result);
  text_format(&out, ",\"warmups\":%u,\"samples\":%u,\"minimumMs\":%u,\"programs\":[", job->warmups,
              job->samples, job->minimum_ms);
  for (uint32_t i = 0; i < job->program_count; i++) {
    const BenchProgram *program = &job->programs[i];
    text_add(&out, i > 0 ? STR(",{") : STR("{"));
    add_string(&out, "file", program->file);
    text_add_char(&out, ',');
    add_string(&out, "export", program->export);
    text_format(&out, ",\"args\":%.*s,\"expected\":%.*s}", STR_ARGS(program->args),
                STR_ARGS(program->expected));
  }
  text_add(&out, STR("]}"));
  return text_str(&out);
}

static bool run_engine(Arena *arena, Str script, Str *error) {
  Str engine = engine_find(arena);
  if (engine.length == 0) {
    *error = STR(
        "no engine to run programs with: install Node 24.15 or later, or set VOYD_NODE to the path of one");
    return false;
  }
  char *arguments[] = {(char *)engine.ptr, (char *)script.ptr, NULL};
  pid_t process;
  int failed = posix_spawn(&process, engine.ptr, NULL, NULL, arguments, environ);
  int status = 0;
  if (failed) {
    *error = arena_format(arena, "cannot start the engine %s: %s", engine.ptr, strerror(failed));
    return false;
  }
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) {
    *error = arena_format(arena, "the engine %s failed (status %d)", engine.ptr, status);
  }
  return status == 0;
}

static void take_result(Arena *arena, const cJSON *result, BenchProgram *program) {
  const char *error = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "error"));
  const cJSON *samples = cJSON_GetObjectItemCaseSensitive(result, "samplesMs"), *sample;
  int count = cJSON_GetArraySize(samples);
  program->samples = ARENA_ARRAY(arena, double, count > 0 ? (size_t)count : 1);
  cJSON_ArrayForEach(sample, samples) {
    program->samples[program->sample_count++] = cJSON_GetNumberValue(sample);
  }
  const char *sha256 = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "sha256"));
  const cJSON *gzip = cJSON_GetObjectItemCaseSensitive(result, "gzipBytes");
  program->sha256 = arena_format(arena, "%s", sha256 ? sha256 : "");
  program->gzip_bytes = gzip ? (uint32_t)cJSON_GetNumberValue(gzip) : 0;
  if (error || count == 0) {
    program->error = arena_format(arena, "%s", error ? error : "no samples");
  }
}

bool bench_measure(Arena *arena, BenchJob *job, Str *error) {
  Str script = arena_format(arena, "%.*s/bench.cjs", STR_ARGS(job->folder));
  Str description = arena_format(arena, "%.*s/job.json", STR_ARGS(job->folder));
  Str result = arena_format(arena, "%.*s/result.json", STR_ARGS(job->folder));
  Str source = {(const char *)bench_host_source, bench_host_source_length}, text;
  if (!file_write(arena, script, source) || !file_write(arena, description, job_json(arena, job, result))) {
    *error = arena_format(arena, "cannot write to %.*s: %s", STR_ARGS(job->folder), strerror(errno));
    return false;
  }
  setenv("VOYD_BENCH_JOB", description.ptr, 1);
  bool ran = run_engine(arena, script, error);
  unsetenv("VOYD_BENCH_JOB");
  if (!ran) {
    return false;
  }
  cJSON *answer = file_read(arena, result, &text) ? cJSON_ParseWithLength(text.ptr, text.length) : NULL;
  const cJSON *programs = cJSON_GetObjectItemCaseSensitive(answer, "programs");
  bool complete = cJSON_GetArraySize(programs) == (int)job->program_count;
  for (uint32_t i = 0; complete && i < job->program_count; i++) {
    take_result(arena, cJSON_GetArrayItem(programs, (int)i), &job->programs[i]);
  }
  cJSON_Delete(answer);
  if (!complete) {
    *error = STR("the engine gave no result");
  }
  unlink(script.ptr);
  unlink(description.ptr);
  unlink(result.ptr);
  return complete;
}
