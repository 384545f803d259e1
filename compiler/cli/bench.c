// `voydc bench run` and `voydc bench compare` (perf/bench/bench.h).
#include <stdlib.h>

#include "cli/cli.h"
#include "perf/bench/bench.h"
#include "perf/bench/scenario.h"

// A whole number above 0: from the option, else the environment variable, else the default. 0 with an error
// printed.
static uint32_t count_of(Cli *cli, OptionId option, const char *variable, uint32_t otherwise) {
  const char *value = variable ? getenv(variable) : NULL;
  if (cli->line.given[option]) {
    value = arena_copy_string(cli->arena, cli->line.values[option].ptr, cli->line.values[option].length);
  }
  if (!value || !*value) {
    return otherwise;
  }
  char *end;
  long count = strtol(value, &end, 10);
  if (*end != '\0' || count < 1 || count > 1000000) {
    cli_fail(cli, EXIT_USAGE, "invalid count \"%s\" for --%s", value, OPTIONS[option].long_name);
    return 0;
  }
  return (uint32_t)count;
}

static int run(Cli *cli) {
  const CommandLine *line = &cli->line;
  const char *revision = getenv("VOYD_BENCH_REVISION");
  BenchOptions options = {
      .arena = cli->arena,
      .folder = line->given[OPTION_DIR] ? line->values[OPTION_DIR] : STR("perf/scenarios"),
      .scenarios = line->values[OPTION_SCENARIOS],
      .levels = line->values[OPTION_LEVELS],
      .csv = line->values[OPTION_CSV],
      .revision = line->given[OPTION_REVISION] ? line->values[OPTION_REVISION]
                                               : str_from(revision && *revision ? revision : "worktree"),
      .warmups = 3,
      .samples = count_of(cli, OPTION_SAMPLES, "VOYD_BENCH_ITERATIONS", 9),
      .compile_samples = count_of(cli, OPTION_COMPILE_SAMPLES, NULL, 5),
      .twins = line->given[OPTION_TWIN],
  };
  if (options.samples == 0 || options.compile_samples == 0) {
    return EXIT_USAGE;
  }
  if (options.levels.length > 0 && bench_levels_parse(options.levels) == 0) {
    return cli_fail(cli, EXIT_USAGE, "invalid optimization level \"%.*s\" (allowed: none, balanced, release)",
                    STR_ARGS(options.levels));
  }
  return bench_run(&options);
}

int command_bench(Cli *cli) {
  const Str *words = cli->line.words.items;
  uint32_t count = cli->line.words.count;
  if (count == 1 && str_equal(words[0], STR("run"))) {
    return run(cli);
  }
  if (count == 3 && str_equal(words[0], STR("compare"))) {
    return bench_compare(cli->arena, words[1], words[2]);
  }
  return cli_fail(cli, EXIT_USAGE,
                  "error: voydc bench run [options], or voydc bench compare BASE.csv HEAD.csv");
}
