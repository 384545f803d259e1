// The commands of voydc. Each gives the exit status; all of them are clients of sdk/voyd.h.
#ifndef VOYD_CLI_CLI_H
#define VOYD_CLI_CLI_H

#include "cli/options.h"
#include "sdk/voyd.h"

typedef struct Cli {
  Arena *arena;
  CommandLine line;
  bool color; // standard error may be coloured
  int argument_count;
  char *const *arguments; // as given, for the reproducer of an internal error
} Cli;

// One compilation by the options of the command line.
typedef struct Build {
  voyd_context *context;
  voyd_options *options;
  voyd_result *result;
  Str entry; // as given; `-` for standard input
  voyd_opt_level level;
} Build;

// Reads the options; EXIT_OK, or the exit status after the reason was printed. Close the build in every case.
int build_open(Cli *cli, Build *build);
// Compiles, prints diagnostics and reports. EXIT_OK if there are no errors.
int build_run(Cli *cli, Build *build);
void build_close(Build *build);

int command_compile(Cli *cli);
int command_check(Cli *cli);
int command_expand(Cli *cli);
int command_run(Cli *cli);
int command_perf(Cli *cli);
int command_bench(Cli *cli);
int command_main(Cli *cli);

// Prints a message and a newline to standard error; gives `status`.
int cli_fail(Cli *cli, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

// After VOYD_E_INTERNAL: leaves options and sources in a folder and says how to report it.
void reproducer_leave(Cli *cli, Build *build);

static inline voyd_str to_voyd(Str text) {
  return (voyd_str){text.ptr, text.length};
}
static inline Str from_voyd(voyd_str text) {
  return (Str){text.ptr, text.len};
}

#endif
