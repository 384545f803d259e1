// What is left after an internal error: a folder with the command line, the failure and every source that was
// read, and a message that says what to do with it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/files.h"

// A file name for the source at `path`: its place in the list, then its path with the slashes replaced.
static Str source_name(Arena *arena, const char *folder, size_t index, Str path) {
  Text name = text_new(arena);
  text_format(&name, "%s/source-%03zu-", folder, index);
  size_t longest = 150, start = path.length > longest ? path.length - longest : 0;
  for (size_t i = start; i < path.length; i++) {
    char c = path.ptr[i];
    text_add_char(&name, c == '/' || (unsigned char)c < 0x20 ? '_' : c);
  }
  return text_str(&name);
}

static Str describe(Cli *cli, const Build *build) {
  Text text = text_new(cli->arena);
  text_format(&text, "voydc %s\n%.*s\n\narguments:\n", voyd_version(),
              STR_ARGS(from_voyd(voyd_result_failure(build->result))));
  for (int i = 1; i < cli->argument_count; i++) {
    text_format(&text, "%s\n", cli->arguments[i]);
  }
  text_add(&text, STR("\nsources:\n"));
  voyd_str path, source;
  for (size_t i = 0; voyd_result_source(build->result, i, &path, &source); i++) {
    text_format(&text, "%03zu %.*s\n", i, STR_ARGS(from_voyd(path)));
  }
  return text_str(&text);
}

void reproducer_leave(Cli *cli, Build *build) {
  const char *temporary = getenv("TMPDIR");
  Str pattern =
      arena_format(cli->arena, "%s/voydc-failure-XXXXXX", temporary && *temporary ? temporary : "/tmp");
  char *folder = arena_copy_string(cli->arena, pattern.ptr, pattern.length);
  bool written =
      mkdtemp(folder) != NULL &&
      file_write(cli->arena, arena_format(cli->arena, "%s/failure.txt", folder), describe(cli, build));
  voyd_str path, source;
  for (size_t i = 0; written && voyd_result_source(build->result, i, &path, &source); i++) {
    written = file_write(cli->arena, source_name(cli->arena, folder, i, from_voyd(path)), from_voyd(source));
  }
  if (written) {
    cli_fail(cli, 0,
             "\nThis is a bug of voydc. Please report it to its maintainers with the folder %s:\n"
             "it holds the command line, the failure and the sources that were read.",
             folder);
  } else {
    cli_fail(cli, 0,
             "\nThis is a bug of voydc. Please report it to its maintainers with the command line and the "
             "sources\n"
             "(they could not be copied to %s: %s).",
             folder, strerror(errno));
  }
}
