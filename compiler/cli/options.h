// The command line as data: which command, which options, which words.
#ifndef VOYD_CLI_OPTIONS_H
#define VOYD_CLI_OPTIONS_H

#include "base/text.h"

typedef enum {
#define COMMAND(id, name, words, arguments, what) COMMAND_##id,
#include "cli/commands.def"
#undef COMMAND
  COMMAND_COUNT
} CommandId;

typedef enum {
#define OPTION(id, short_name, long_name, value, value_name, commands, what) OPTION_##id,
#include "cli/options.def"
#undef OPTION
  OPTION_COUNT
} OptionId;

typedef enum { NO_VALUE, VALUE, OPTIONAL_VALUE } OptionValue;

typedef struct CommandInfo {
  const char *name;
  uint32_t words; // most words after it
  const char *arguments;
  const char *what;
} CommandInfo;

typedef struct OptionInfo {
  char short_name; // 0 if it has none
  const char *long_name;
  OptionValue value;
  const char *value_name;
  uint32_t commands; // bits 1 << CommandId
  const char *what;
} OptionInfo;

extern const CommandInfo COMMANDS[COMMAND_COUNT];
extern const OptionInfo OPTIONS[OPTION_COUNT];

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef struct CommandLine {
  Arena *arena;
  CommandId command;
  bool given[OPTION_COUNT];
  Str values[OPTION_COUNT]; // of a repeated option the last
  VECTOR(Str) package_dirs; // every --pkg-dir
  VECTOR(Str) words;        // arguments that are neither options nor the command
  Str error;                // empty if the command line is right
} CommandLine;

// Reads the arguments after the program name. Problems are in `error`, in the words of spec 03 §12.1.
CommandLine command_line_parse(Arena *arena, int count, char *const *arguments);

// The value of an option that takes one of these words (case-insensitive if `any_case`), or -1 with an error
// message.
int command_line_choice(CommandLine *line, OptionId option, const char *what, const char *const *words,
                        int count, bool any_case);

void help_print(Text *out, CommandId command);
// False if there is no such topic.
bool help_topic(Text *out, Str topic);

#endif
