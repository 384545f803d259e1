// `voydc perf`: where the bytes of a module go, and how two modules differ (perf/size/size.h).
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "perf/size/size.h"

enum { DEFAULT_TOP = 20 };

typedef struct SizeOptions {
  SizeBy by;
  bool by_given;
  uint32_t top;
} SizeOptions;

// EXIT_OK, or the status after the reason was printed.
static int read_size_options(Cli *cli, SizeOptions *options) {
  CommandLine *line = &cli->line;
  *options = (SizeOptions){.by_given = line->given[OPTION_BY], .top = DEFAULT_TOP};
  if (options->by_given) {
    int by = command_line_choice(line, OPTION_BY, "grouping", SIZE_BY_NAMES, SIZE_BY_COUNT, false);
    if (by < 0) {
      return cli_fail(cli, EXIT_USAGE, "%.*s", STR_ARGS(line->error));
    }
    options->by = (SizeBy)by;
  }
  if (line->given[OPTION_TOP]) {
    Str value = line->values[OPTION_TOP];
    char *text = arena_copy_string(cli->arena, value.ptr, value.length), *end;
    unsigned long top = strtoul(text, &end, 10);
    if (value.length == 0 || value.ptr[0] < '0' || value.ptr[0] > '9' || *end != '\0' || top > 1000000000) {
      return cli_fail(cli, EXIT_USAGE, "invalid count \"%s\" for --top (0: all)", text);
    }
    options->top = (uint32_t)top;
  }
  return EXIT_OK;
}

static int write_to(Cli *cli, Str path, const Text *text) {
  if (file_write(cli->arena, path, text_str(text))) {
    return EXIT_OK;
  }
  return cli_fail(cli, EXIT_FAILED, "cannot write %.*s: %s", STR_ARGS(path), strerror(errno));
}

// ------------------------------------------------------------------------------------------------------ size

static Str working_folder(Arena *arena) {
  char directory[4096];
  return getcwd(directory, sizeof directory) ? arena_format(arena, "%s", directory) : STR("");
}

static int read_table(Cli *cli, Str module, bool shipped, Str name, SizeTable *table) {
  Text error = text_new(cli->arena);
  if (size_read(cli->arena, module, shipped, working_folder(cli->arena), table, &error)) {
    return EXIT_OK;
  }
  return cli_fail(cli, EXIT_FAILED, "cannot tell the sizes of %.*s: %.*s", STR_ARGS(name), (int)error.count,
                  error.bytes);
}

static int size_of_file(Cli *cli, Str path, SizeTable *table, SizeSubject *subject) {
  Str module;
  *subject = (SizeSubject){path, STR("")};
  if (!file_read(cli->arena, path, &module)) {
    return cli_fail(cli, EXIT_FAILED, "cannot read %.*s: %s", STR_ARGS(path), strerror(errno));
  }
  return read_table(cli, module, false, path, table);
}

static int size_of_sources(Cli *cli, SizeTable *table, SizeSubject *subject) {
  static const char *const levels[] = {"none", "balanced", "release"};
  CommandLine *line = &cli->line;
  if (!line->given[OPTION_OPT_LEVEL]) {
    line->given[OPTION_OPT] = true; // what is shipped
  }
  Build build;
  int status = build_open(cli, &build);
  if (status == EXIT_OK) {
    voyd_options_set_flag(build.options, VOYD_FLAG_RUNTIME_DIAGNOSTICS, true);
    status = build_run(cli, &build);
  }
  *subject = (SizeSubject){build.entry, str_from(levels[build.level])};
  if (status == EXIT_OK) {
    Str module = from_voyd(voyd_result_output(build.result, VOYD_OUTPUT_WASM));
    status = read_table(cli, module, !line->given[OPTION_RUNTIME_DIAGNOSTICS], build.entry, table);
  }
  build_close(&build);
  return status;
}

static void add_tables(const SizeTable *table, SizeSubject subject, const SizeOptions *options, Text *out) {
  text_format(out, "%.*s%s%.*s: %u bytes\n", STR_ARGS(subject.name), subject.level.length > 0 ? ", " : "",
              STR_ARGS(subject.level), table->total);
  for (SizeBy by = SIZE_BY_MODULE; by < SIZE_BY_COUNT; by++) {
    if (!options->by_given || options->by == by) {
      text_add_char(out, '\n');
      size_report_table(table, by, options->top, out);
    }
  }
}

static int size(Cli *cli) {
  SizeOptions options;
  SizeTable table;
  SizeSubject subject;
  CommandLine *line = &cli->line;
  int status = read_size_options(cli, &options);
  if (status != EXIT_OK) {
    return status;
  }
  Str path = line->words.count > 0 ? line->words.items[0] : STR("");
  Str extension = STR(".wasm");
  bool compiled = path.length > extension.length &&
                  memcmp(path.ptr + path.length - extension.length, extension.ptr, extension.length) == 0;
  status = compiled ? size_of_file(cli, path, &table, &subject) : size_of_sources(cli, &table, &subject);
  if (status != EXIT_OK) {
    return status;
  }
  Text csv = text_new(cli->arena), html = text_new(cli->arena), out = text_new(cli->arena);
  if (line->given[OPTION_CSV]) {
    size_report_csv(&table, &csv);
    status = write_to(cli, line->values[OPTION_CSV], &csv);
  }
  if (status == EXIT_OK && line->given[OPTION_HTML]) {
    size_report_html(&table, subject, &html);
    status = write_to(cli, line->values[OPTION_HTML], &html);
  }
  if (line->given[OPTION_JSON]) {
    size_report_json(&table, subject, &out);
    text_add_char(&out, '\n');
  } else if (!line->given[OPTION_CSV] && !line->given[OPTION_HTML]) {
    add_tables(&table, subject, &options, &out);
  }
  return status == EXIT_OK && !stream_write(stdout, text_str(&out)) ? EXIT_FAILED : status;
}

// --------------------------------------------------------------------------------------------------- compare

static int read_sheet(Cli *cli, Str path, SizeTable *table) {
  Str text;
  Text error = text_new(cli->arena);
  if (!file_read(cli->arena, path, &text)) {
    return cli_fail(cli, EXIT_FAILED, "cannot read %.*s: %s", STR_ARGS(path), strerror(errno));
  }
  if (!size_read_csv(cli->arena, text, table, &error)) {
    return cli_fail(cli, EXIT_FAILED, "cannot read %.*s: %.*s", STR_ARGS(path), (int)error.count,
                    error.bytes);
  }
  return EXIT_OK;
}

static int compare(Cli *cli) {
  SizeOptions options;
  SizeTable base, head;
  const CommandLine *line = &cli->line;
  int status = read_size_options(cli, &options);
  status = status == EXIT_OK ? read_sheet(cli, line->words.items[0], &base) : status;
  status = status == EXIT_OK ? read_sheet(cli, line->words.items[1], &head) : status;
  if (status != EXIT_OK) {
    return status;
  }
  SizeBy by = options.by_given ? options.by : SIZE_BY_FUNCTION;
  Text out = text_new(cli->arena);
  if (line->given[OPTION_CSV]) {
    size_compare_csv(&base, &head, by, &out);
    return write_to(cli, line->values[OPTION_CSV], &out);
  }
  size_compare_table(&base, &head, by, options.top, &out);
  return stream_write(stdout, text_str(&out)) ? EXIT_OK : EXIT_FAILED;
}

int command_perf(Cli *cli) {
  CommandLine *line = &cli->line;
  Str what = line->words.count > 0 ? line->words.items[0] : STR("");
  if (line->words.count > 0) { // what follows is read as for the other commands
    line->words.items++;
    line->words.count--;
  }
  if (str_equal(what, STR("size")) && line->words.count <= 1) {
    return size(cli);
  }
  if (str_equal(what, STR("compare")) && line->words.count == 2) {
    return compare(cli);
  }
  return cli_fail(
      cli, EXIT_USAGE,
      "error: voydc perf size [options] [ENTRY|FILE.wasm], or voydc perf compare BASE.csv HEAD.csv");
}
