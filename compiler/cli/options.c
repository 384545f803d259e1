// Parsing the command line by the tables options.def and commands.def. Words are read the same way whatever
// the command is; only then is it checked whether the command knows the options given.
#include "cli/options.h"

#include <strings.h>

enum {
#define COMMAND(id, name, words, arguments, what) IN_##id = 1 << COMMAND_##id,
#include "cli/commands.def"
#undef COMMAND
  IN_ALL = (1 << COMMAND_COUNT) - 1,
  IN_SOURCES = IN_MAIN | IN_COMPILE | IN_CHECK | IN_EXPAND | IN_RUN | IN_PERF,
};

const CommandInfo COMMANDS[COMMAND_COUNT] = {
#define COMMAND(id, name, words, arguments, what) [COMMAND_##id] = {name, words, arguments, what},
#include "cli/commands.def"
#undef COMMAND
};

const OptionInfo OPTIONS[OPTION_COUNT] = {
#define OPTION(id, short_name, long_name, value, value_name, commands, what)                                 \
  [OPTION_##id] = {short_name, long_name, value, value_name, commands, what},
#include "cli/options.def"
#undef OPTION
};

static void set_error(CommandLine *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void set_error(CommandLine *line, const char *format, ...) {
  if (line->error.length == 0) { // the first one counts
    Text text = text_new(line->arena);
    va_list arguments;
    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    line->error = text_str(&text);
  }
}

static int find_long(Str name) {
  for (int option = 0; option < OPTION_COUNT; option++) {
    if (str_equal(str_from(OPTIONS[option].long_name), name)) {
      return option;
    }
  }
  return -1;
}

static int find_short(char name) {
  for (int option = 0; option < OPTION_COUNT; option++) {
    if (OPTIONS[option].short_name == name) {
      return option;
    }
  }
  return -1;
}

static void unknown_option(CommandLine *line, Str word) {
  size_t name = word.length > 2 && word.ptr[1] == '-' ? 2 : 1;
  const char *equals = memchr(word.ptr, '=', word.length);
  Str wrong = {word.ptr + name, (equals ? (size_t)(equals - word.ptr) : word.length) - name};
  const char *best = NULL;
  uint32_t best_distance = 3;
  for (int option = 0; option < OPTION_COUNT && name == 2; option++) {
    bool allowed = (OPTIONS[option].commands >> line->command & 1) != 0;
    uint32_t distance = allowed ? edit_distance(wrong, str_from(OPTIONS[option].long_name), 2) : 3;
    if (distance < best_distance) {
      best_distance = distance;
      best = OPTIONS[option].long_name;
    }
  }
  set_error(line, "error: unknown option '%.*s'%s%s%s", (int)(name + wrong.length), word.ptr,
            best ? " (did you mean '--" : "", best ? best : "", best ? "'?)" : "");
}

static CommandId find_command(Str word) {
  for (int command = COMMAND_MAIN + 1; command < COMMAND_COUNT; command++) {
    if (str_equal(str_from(COMMANDS[command].name), word)) {
      return (CommandId)command;
    }
  }
  return COMMAND_MAIN;
}

typedef struct Reader {
  int count;
  char *const *arguments;
  int at;
  Str first_word[OPTION_COUNT]; // as written, for messages
} Reader;

static void read_option(CommandLine *line, Reader *reader, Str word) {
  bool is_long = word.ptr[1] == '-';
  const char *equals = memchr(word.ptr, '=', word.length);
  size_t end = equals ? (size_t)(equals - word.ptr) : word.length;
  int option = is_long ? find_long((Str){word.ptr + 2, end - 2}) : end == 2 ? find_short(word.ptr[1]) : -1;
  if (option < 0) {
    unknown_option(line, word);
    return;
  }
  const OptionInfo *info = &OPTIONS[option];
  Str value = {0};
  if (equals && info->value == NO_VALUE) {
    set_error(line, "error: option '--%s' takes no value", info->long_name);
  } else if (equals) {
    value = (Str){equals + 1, word.length - end - 1};
  } else if (info->value == VALUE) {
    if (reader->at == reader->count) {
      set_error(line, "error: option '--%s <%s>' argument missing", info->long_name, info->value_name);
    } else {
      value = str_from(reader->arguments[reader->at++]);
    }
  }
  line->given[option] = true;
  line->values[option] = value;
  reader->first_word[option] = word;
  if (option == OPTION_PKG_DIR) {
    VECTOR_PUSH(line->arena, &line->package_dirs, value);
  }
}

CommandLine command_line_parse(Arena *arena, int count, char *const *arguments) {
  CommandLine line = {.arena = arena};
  Reader reader = {.count = count, .arguments = arguments};
  bool options_ended = false;
  while (reader.at < count) {
    Str word = str_from(arguments[reader.at++]);
    if (!options_ended && str_equal(word, STR("--"))) {
      options_ended = true;
    } else if (!options_ended && word.length > 1 && word.ptr[0] == '-') {
      read_option(&line, &reader, word);
    } else if (!options_ended && line.words.count == 0 && line.command == COMMAND_MAIN &&
               find_command(word) != COMMAND_MAIN) {
      line.command = find_command(word);
    } else {
      VECTOR_PUSH(arena, &line.words, word);
    }
  }
  for (int option = 0; option < OPTION_COUNT; option++) {
    if (line.given[option] && (OPTIONS[option].commands >> line.command & 1) == 0) {
      unknown_option(&line, reader.first_word[option]);
    }
  }
  if (line.given[OPTION_OPT] && line.given[OPTION_OPT_LEVEL]) {
    set_error(&line, "--opt and --opt-level cannot be used together");
  }
  return line;
}

int command_line_choice(CommandLine *line, OptionId option, const char *what, const char *const *words,
                        int count, bool any_case) {
  Str value = line->values[option];
  Text allowed = text_new(line->arena);
  for (int i = 0; i < count; i++) {
    size_t length = strlen(words[i]);
    if (length == value.length &&
        (any_case ? strncasecmp(words[i], value.ptr, length) : strncmp(words[i], value.ptr, length)) == 0) {
      return i;
    }
    text_format(&allowed, "%s%s", i > 0 ? ", " : "", words[i]);
  }
  set_error(line, "invalid %s \"%.*s\" (allowed: %s)", what, STR_ARGS(value), allowed.bytes);
  return -1;
}
