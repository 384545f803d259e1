// voydc: reads the command line and hands it to its command.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/failure.h"
#include "cli/cli.h"
#include "cli/files.h"

int cli_fail(Cli *cli, int status, const char *format, ...) {
  Text text = text_new(cli->arena);
  va_list arguments;
  va_start(arguments, format);
  text_format_list(&text, format, arguments);
  va_end(arguments);
  text_add_char(&text, '\n');
  stream_write(stderr, text_str(&text));
  return status;
}

static bool wants_color(CommandLine *line) {
  static const char *const words[] = {"auto", "always", "never"};
  int when = line->given[OPTION_COLOR]
                 ? command_line_choice(line, OPTION_COLOR, "color choice", words, 3, false)
                 : 0;
  if (when != 0) {
    return when == 1;
  }
  const char *no_color = getenv("NO_COLOR");
  const char *terminal = getenv("TERM");
  return isatty(STDERR_FILENO) && !(no_color && *no_color) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static int command_help(Cli *cli) {
  Text text = text_new(cli->arena);
  if (cli->line.words.count == 0) {
    help_print(&text, COMMAND_MAIN);
  } else if (!help_topic(&text, cli->line.words.items[0])) {
    return cli_fail(cli, EXIT_USAGE, "error: no help for '%.*s' (voydc help lists commands and topics)",
                    STR_ARGS(cli->line.words.items[0]));
  }
  return stream_write(stdout, text_str(&text)) ? EXIT_OK : EXIT_FAILED;
}

static int run_command(Cli *cli) {
  cli->color = wants_color(&cli->line);
  if (cli->line.error.length > 0) {
    return cli_fail(cli, EXIT_USAGE, "%.*s", STR_ARGS(cli->line.error));
  }
  if (cli->line.given[OPTION_HELP]) {
    Text text = text_new(cli->arena);
    help_print(&text, cli->line.command);
    return stream_write(stdout, text_str(&text)) ? EXIT_OK : EXIT_FAILED;
  }
  if (cli->line.given[OPTION_VERSION]) {
    return printf("%s\n", voyd_version()) > 0 && fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
  }
  uint32_t most = COMMANDS[cli->line.command].words;
  if (cli->line.words.count > most) {
    return cli_fail(cli, EXIT_USAGE, "error: unexpected argument '%.*s'",
                    STR_ARGS(cli->line.words.items[most]));
  }
  static int (*const commands[COMMAND_COUNT])(Cli *) = {
      [COMMAND_MAIN] = command_main,     [COMMAND_COMPILE] = command_compile, [COMMAND_CHECK] = command_check,
      [COMMAND_EXPAND] = command_expand, [COMMAND_RUN] = command_run,         [COMMAND_PERF] = command_perf,
      [COMMAND_BENCH] = command_bench,   [COMMAND_HELP] = command_help,
  };
  return commands[cli->line.command](cli);
}

int main(int argc, char **argv) {
  Arena arena;
  arena_init(&arena);
  int status = EXIT_FAILED;
  Failure failure;
  if (FAILURE_GUARD(&failure)) {
    Cli *cli = ARENA_NEW(&arena, Cli);
    *cli = (Cli){.arena = &arena, .argument_count = argc, .arguments = argv};
    cli->line = command_line_parse(&arena, argc > 0 ? argc - 1 : 0, argv + 1);
    status = run_command(cli);
    failure_leave(&failure);
  } else {
    fprintf(stderr, "voydc: %s\n", failure.message);
  }
  arena_free(&arena);
  return status;
}
