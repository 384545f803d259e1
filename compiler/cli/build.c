// One compilation for a command: options of the command line to options of the SDK, and what is printed
// afterwards.
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/files.h"

static const char *const LEVELS[] = {"none", "balanced", "release"};
static const char *const FORMS[] = {"text", "json"};

typedef struct FlagOption {
  OptionId option;
  voyd_flag flag;
} FlagOption;

static const FlagOption FLAGS[] = {
    {OPTION_NAMES, VOYD_FLAG_NAMES},
    {OPTION_VALIDATE, VOYD_FLAG_VALIDATE},
    {OPTION_RUNTIME_DIAGNOSTICS, VOYD_FLAG_RUNTIME_DIAGNOSTICS},
    {OPTION_EAGER_STD, VOYD_FLAG_EAGER_STD},
    {OPTION_TIME, VOYD_FLAG_PERF},
    {OPTION_TIME, VOYD_FLAG_PERF_MEMORY},
    {OPTION_PERF, VOYD_FLAG_PERF},
    {OPTION_PERF, VOYD_FLAG_PERF_MEMORY},
    {OPTION_PERF_TRACE, VOYD_FLAG_PERF_TRACE},
};

// The entry from standard input: a module `stdin` of the current directory, so that its imports are found
// there.
static int open_standard_input(Cli *cli, Build *build) {
  char directory[4096];
  Str source;
  if (!file_read(cli->arena, STR("-"), &source) || !getcwd(directory, sizeof directory)) {
    return cli_fail(cli, EXIT_FAILED, "cannot read standard input: %s", strerror(errno));
  }
  Str path = arena_format(cli->arena, "%s/stdin.voyd", directory);
  voyd_options_set_entry(build->options, to_voyd(path));
  voyd_options_set_source(build->options, to_voyd(source));
  return EXIT_OK;
}

static int read_options(Cli *cli, Build *build) {
  CommandLine *line = &cli->line;
  int level = VOYD_LEVEL_NONE;
  if (line->given[OPTION_OPT_LEVEL]) {
    level = command_line_choice(line, OPTION_OPT_LEVEL, "optimization level", LEVELS, 3, true);
  } else if (line->given[OPTION_OPT]) {
    level = VOYD_LEVEL_RELEASE;
  }
  if (line->given[OPTION_DIAGNOSTICS]) {
    command_line_choice(line, OPTION_DIAGNOSTICS, "diagnostics form", FORMS, 2, false);
  }
  if (line->error.length > 0) {
    return cli_fail(cli, EXIT_USAGE, "%.*s", STR_ARGS(line->error));
  }
  build->level = (voyd_opt_level)level;
  voyd_options_set_opt_level(build->options, build->level);
  for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
    if (line->given[FLAGS[i].option]) {
      voyd_options_set_flag(build->options, FLAGS[i].flag, true);
    }
  }
  if (line->given[OPTION_PERF] && line->values[OPTION_PERF].length == 0) {
    voyd_options_set_flag(build->options, VOYD_FLAG_PERF_REPORT, true);
  }
  if (line->given[OPTION_SRC]) {
    voyd_options_set_root(build->options, VOYD_ROOT_SRC, to_voyd(line->values[OPTION_SRC]));
  }
  if (line->given[OPTION_STD]) {
    voyd_options_set_root(build->options, VOYD_ROOT_STD, to_voyd(line->values[OPTION_STD]));
  }
  for (uint32_t i = 0; i < line->package_dirs.count; i++) {
    voyd_options_add_package_dir(build->options, to_voyd(line->package_dirs.items[i]));
  }
  return EXIT_OK;
}

int build_open(Cli *cli, Build *build) {
  *build = (Build){.entry = cli->line.words.count > 0 ? cli->line.words.items[0] : STR("./src")};
  voyd_context_new(NULL, &build->context);
  build->options = voyd_options_new(build->context);
  if (!build->options) {
    return cli_fail(cli, EXIT_FAILED, "out of memory");
  }
  int status = read_options(cli, build);
  if (status != EXIT_OK) {
    return status;
  }
  if (str_equal(build->entry, STR("-"))) {
    return open_standard_input(cli, build);
  }
  if (voyd_options_find_entry(build->options, to_voyd(build->entry)) != VOYD_OK) {
    Str text = from_voyd(voyd_context_last_error(build->context));
    return cli_fail(cli, EXIT_FAILED, "%.*s", STR_ARGS(text));
  }
  return EXIT_OK;
}

static void print_diagnostics(Cli *cli, Build *build) {
  if (voyd_result_diagnostic_count(build->result) == 0) {
    return;
  }
  if (str_equal(cli->line.values[OPTION_DIAGNOSTICS], STR("json"))) {
    stream_write(stderr, from_voyd(voyd_result_diagnostics_json(build->result)));
    stream_write(stderr, STR("\n"));
  } else {
    stream_write(stderr, from_voyd(voyd_result_diagnostics_text(build->result, cli->color)));
  }
}

// False if a report could not be written.
static bool write_report(Cli *cli, Build *build, OptionId option, voyd_perf_report report) {
  Str path = cli->line.values[option];
  if (!cli->line.given[option] || path.length == 0) {
    return true;
  }
  Text text = text_new(cli->arena);
  text_add(&text, from_voyd(voyd_result_perf(build->result, report)));
  text_add(&text, report == VOYD_PERF_JSON ? STR("\n") : STR(""));
  if (!file_write(cli->arena, path, text_str(&text))) {
    cli_fail(cli, EXIT_FAILED, "cannot write %.*s: %s", STR_ARGS(path), strerror(errno));
    return false;
  }
  return true;
}

int build_run(Cli *cli, Build *build) {
  voyd_status status = voyd_compile(build->context, build->options, &build->result);
  if (!build->result) {
    Str text = from_voyd(voyd_context_last_error(build->context));
    return cli_fail(cli, EXIT_FAILED, "voydc: %.*s", STR_ARGS(text));
  }
  print_diagnostics(cli, build);
  if (status == VOYD_E_INTERNAL) {
    reproducer_leave(cli, build);
  }
  if (cli->line.given[OPTION_TIME]) {
    voyd_perf_report table = cli->color ? VOYD_PERF_TABLE_COLOR : VOYD_PERF_TABLE;
    stream_write(stderr, from_voyd(voyd_result_perf(build->result, table)));
  }
  bool reported = write_report(cli, build, OPTION_PERF, VOYD_PERF_JSON);
  reported = write_report(cli, build, OPTION_PERF_TRACE, VOYD_PERF_TRACE) && reported;
  return status == VOYD_OK && reported ? EXIT_OK : EXIT_FAILED;
}

void build_close(Build *build) {
  voyd_result_free(build->result);
  voyd_options_free(build->options);
  voyd_context_free(build->context);
}
