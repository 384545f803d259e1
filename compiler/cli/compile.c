// `voydc compile`, `voydc check`, and the actions spelled as flags (spec 03 §12.2).
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/files.h"

// The kinds of --emit.
static const char *const KINDS[] = {"wasm", "wat", "ir", "typed", "ast", "forms"};
static const voyd_output KIND_OUTPUTS[] = {VOYD_OUTPUT_WASM,  VOYD_OUTPUT_WAT, VOYD_OUTPUT_IR,
                                           VOYD_OUTPUT_TYPED, VOYD_OUTPUT_AST, VOYD_OUTPUT_FORMS};

// Where the output goes without -o: text to standard output, a module to a file named after the entry.
static Str default_path(Cli *cli, const Build *build, voyd_output output) {
  if (output != VOYD_OUTPUT_WASM || str_equal(build->entry, STR("-"))) {
    return STR("-");
  }
  Str name = build->entry;
  while (name.length > 1 && name.ptr[name.length - 1] == '/') {
    name.length--;
  }
  for (size_t i = name.length; i > 0; i--) {
    if (name.ptr[i - 1] == '/') {
      name = (Str){name.ptr + i, name.length - i};
      break;
    }
  }
  Str extension = STR(".voyd");
  if (name.length > extension.length &&
      memcmp(name.ptr + name.length - extension.length, extension.ptr, extension.length) == 0) {
    name.length -= extension.length;
  }
  if (str_equal(name, STR(".")) || str_equal(name, STR(".."))) {
    name = STR("main");
  }
  return arena_format(cli->arena, "%.*s.wasm", STR_ARGS(name));
}

static bool set_dump(Cli *cli, Build *build) {
  voyd_str pass = to_voyd(cli->line.values[OPTION_DUMP_AFTER]);
  if (voyd_options_set_dump_after(build->options, pass) != VOYD_OK) {
    Str text = from_voyd(voyd_context_last_error(build->context));
    cli_fail(cli, EXIT_USAGE, "error: %.*s", STR_ARGS(text));
    return false;
  }
  if (build->level == VOYD_LEVEL_NONE) {
    cli_fail(cli, EXIT_USAGE,
             "error: --dump-after needs --opt-level balanced or release: no pass runs at none");
    return false;
  }
  return true;
}

static int compile_to(Cli *cli, voyd_output output, Str path) {
  Build build;
  int status = build_open(cli, &build);
  if (status == EXIT_OK) {
    voyd_options_set_output(build.options, VOYD_OUTPUT_WASM, output == VOYD_OUTPUT_WASM);
    voyd_options_set_output(build.options, output, true);
    path = path.length > 0 ? path : default_path(cli, &build, output);
    if (output == VOYD_OUTPUT_DUMP && !set_dump(cli, &build)) {
      status = EXIT_USAGE;
    } else if (output == VOYD_OUTPUT_WASM && str_equal(path, STR("-")) && isatty(STDOUT_FILENO)) {
      status = cli_fail(cli, EXIT_USAGE, "error: a module is not for terminals: use -o FILE, or --emit wat");
    } else {
      status = build_run(cli, &build);
    }
  }
  bool is_there = status == EXIT_OK;
  if (status == EXIT_FAILED && output == VOYD_OUTPUT_BASE_FORMS) { // what could be read, for editors
    is_there = voyd_result_output(build.result, output).len > 0;
  }
  if (is_there && !file_write(cli->arena, path, from_voyd(voyd_result_output(build.result, output)))) {
    status = cli_fail(cli, EXIT_FAILED, "cannot write %.*s: %s", STR_ARGS(path), strerror(errno));
  }
  build_close(&build);
  return status;
}

int command_compile(Cli *cli) {
  CommandLine *line = &cli->line;
  voyd_output output = VOYD_OUTPUT_WASM;
  if (line->given[OPTION_EMIT]) {
    int count = sizeof KINDS / sizeof *KINDS;
    int kind = command_line_choice(line, OPTION_EMIT, "output kind", KINDS, count, false);
    if (kind < 0) {
      return cli_fail(cli, EXIT_USAGE, "%.*s", STR_ARGS(line->error));
    }
    output = KIND_OUTPUTS[kind];
  } else if (line->given[OPTION_DUMP_AFTER]) {
    output = VOYD_OUTPUT_DUMP;
  }
  return compile_to(cli, output, line->values[OPTION_OUTPUT]);
}

int command_check(Cli *cli) {
  Build build;
  int status = build_open(cli, &build);
  if (status == EXIT_OK) {
    voyd_options_set_output(build.options, VOYD_OUTPUT_WASM, false);
    status = build_run(cli, &build);
  }
  build_close(&build);
  return status;
}

// Each line of `text` as a comment.
static Str as_comments(Cli *cli, Str text) {
  Text out = text_new(cli->arena);
  for (size_t start = 0; start < text.length;) {
    const char *end = memchr(text.ptr + start, '\n', text.length - start);
    size_t length = (size_t)(end - (text.ptr + start)) + 1;
    text_add(&out, STR("// "));
    text_add(&out, (Str){text.ptr + start, length});
    start += length;
  }
  text_add(&out, out.count > 0 ? STR("\n") : STR(""));
  return text_str(&out);
}

int command_expand(Cli *cli) {
  Build build;
  bool trace = cli->line.given[OPTION_TRACE];
  int status = build_open(cli, &build);
  if (status == EXIT_OK) {
    voyd_options_set_output(build.options, VOYD_OUTPUT_WASM, false);
    voyd_options_set_output(build.options, VOYD_OUTPUT_SOURCE, true);
    voyd_options_set_output(build.options, VOYD_OUTPUT_TRACE, trace);
    status = build_run(cli, &build);
  }
  if (status == EXIT_OK) {
    Str invocations =
        trace ? as_comments(cli, from_voyd(voyd_result_output(build.result, VOYD_OUTPUT_TRACE))) : STR("");
    Str source = from_voyd(voyd_result_output(build.result, VOYD_OUTPUT_SOURCE));
    Str whole = arena_format(cli->arena, "%.*s%.*s", STR_ARGS(invocations), STR_ARGS(source));
    if (!file_write(cli->arena, STR("-"), whole)) {
      status = cli_fail(cli, EXIT_FAILED, "cannot write: %s", strerror(errno));
    }
  }
  build_close(&build);
  return status;
}

int command_main(Cli *cli) {
  const bool *given = cli->line.given;
  static const struct {
    OptionId option;
    voyd_output output;
  } emits[] = {{OPTION_EMIT_PARSER_AST, VOYD_OUTPUT_FORMS_JSON},
               {OPTION_EMIT_CORE_AST, VOYD_OUTPUT_BASE_FORMS},
               {OPTION_EMIT_WASM_TEXT, VOYD_OUTPUT_WAT},
               {OPTION_EMIT_WASM, VOYD_OUTPUT_WASM}};
  for (size_t i = 0; i < sizeof emits / sizeof *emits && !given[OPTION_RUN_WASM]; i++) {
    if (given[emits[i].option]) {
      return compile_to(cli, emits[i].output, STR("-"));
    }
  }
  if (given[OPTION_RUN] || given[OPTION_RUN_WASM]) {
    return command_run(cli);
  }
  stream_write(stdout,
               STR("Nothing to do: say what with a command (voydc run, voydc compile) or an action option "
                   "(--run, --emit-wasm).\nvoydc --help shows all of them.\n"));
  return EXIT_OK;
}
