// `voydc run`: compile if need be, then run one function in the engine (cli/engine.h).
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/engine.h"
#include "cli/files.h"

static bool ends_with(Str text, Str end) {
  return text.length > end.length && memcmp(text.ptr + text.length - end.length, end.ptr, end.length) == 0;
}

static int run_module(Cli *cli, Str module, uint32_t timeout) {
  const CommandLine *line = &cli->line;
  EngineOutcome outcome = engine_run(
      cli->arena, &(EngineJob){.module = module,
                               .entry = line->given[OPTION_ENTRY] ? line->values[OPTION_ENTRY] : STR("main"),
                               .arguments = line->values[OPTION_ARGS],
                               .timeout_ms = timeout});
  bool returned = outcome.status == ENGINE_VALUE;
  Str text = line->given[OPTION_JSON] ? outcome.json : outcome.text;
  FILE *stream = returned || line->given[OPTION_JSON] ? stdout : stderr;
  if (text.length > 0 && !(stream_write(stream, text) && stream_write(stream, STR("\n")))) {
    return EXIT_FAILED;
  }
  return returned ? EXIT_OK : EXIT_FAILED;
}

static int run_file(Cli *cli, Str path, uint32_t timeout) {
  Str module;
  if (!file_read(cli->arena, path, &module)) {
    return cli_fail(cli, EXIT_FAILED, "cannot read %.*s: %s", STR_ARGS(path), strerror(errno));
  }
  return run_module(cli, module, timeout);
}

static int run_sources(Cli *cli, uint32_t timeout) {
  Build build;
  int status = build_open(cli, &build);
  if (status == EXIT_OK) {
    // The module lives as long as the run: positions cost nobody and make traps say where.
    voyd_options_set_flag(build.options, VOYD_FLAG_RUNTIME_DIAGNOSTICS, true);
    status = build_run(cli, &build);
  }
  if (status == EXIT_OK) {
    status = run_module(cli, from_voyd(voyd_result_output(build.result, VOYD_OUTPUT_WASM)), timeout);
  }
  build_close(&build);
  return status;
}

// Seconds with a fraction, to milliseconds; false if it is not such a number.
static bool read_timeout(const CommandLine *line, uint32_t *milliseconds) {
  *milliseconds = 0;
  if (!line->given[OPTION_TIMEOUT]) {
    return true;
  }
  Str value = line->values[OPTION_TIMEOUT];
  char *text = arena_copy_string(line->arena, value.ptr, value.length), *end;
  double seconds = strtod(text, &end);
  if (end == text || *end != '\0' || !(seconds > 0 && seconds <= 1e6)) {
    return false;
  }
  *milliseconds = seconds * 1000 < 1 ? 1 : (uint32_t)(seconds * 1000);
  return true;
}

int command_run(Cli *cli) {
  const CommandLine *line = &cli->line;
  uint32_t timeout;
  if (!read_timeout(line, &timeout)) {
    return cli_fail(cli, EXIT_USAGE, "invalid timeout \"%.*s\" (allowed: seconds above 0)",
                    STR_ARGS(line->values[OPTION_TIMEOUT]));
  }
  Str path = line->words.count > 0 ? line->words.items[0] : STR("");
  if (path.length > 0 && (line->given[OPTION_RUN_WASM] || ends_with(path, STR(".wasm")))) {
    return run_file(cli, path, timeout);
  }
  if (line->given[OPTION_RUN_WASM]) {
    return cli_fail(cli, EXIT_USAGE, "error: --run-wasm needs a compiled module");
  }
  return run_sources(cli, timeout);
}
