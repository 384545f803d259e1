// Help, made from the tables of commands, options and topics.
#include "cli/options.h"

typedef struct Topic {
  const char *name;
  const char *what;
  const char *text;
} Topic;

static const Topic TOPICS[] = {
#define TOPIC(name, what, text) {name, what, text},
#include "cli/topics.def"
#undef TOPIC
};
enum { TOPIC_COUNT = sizeof TOPICS / sizeof *TOPICS, LEFT_WIDTH = 30, LINE_WIDTH = 110 };

// `what` beside its name, wrapped at words.
static void add_row(Text *out, Str left, const char *what) {
  text_format(out, "  %-*.*s", LEFT_WIDTH, STR_ARGS(left));
  if (left.length >= LEFT_WIDTH) {
    text_add_char(out, '\n');
    text_repeat(out, ' ', LEFT_WIDTH + 2);
  }
  uint32_t room = LINE_WIDTH - LEFT_WIDTH - 2, used = 0;
  while (*what) {
    size_t length = strcspn(what, " ");
    if (used > 0 && used + 1 + length > room) {
      text_add_char(out, '\n');
      text_repeat(out, ' ', LEFT_WIDTH + 2);
      used = 0;
    } else if (used > 0) {
      text_add_char(out, ' ');
      used++;
    }
    text_add(out, (Str){what, length});
    used += (uint32_t)length;
    what += length + (what[length] == ' ');
  }
  text_add_char(out, '\n');
}

static void add_option(Text *out, const OptionInfo *option) {
  Text left = text_new(out->arena);
  if (option->short_name) {
    text_format(&left, "-%c, ", option->short_name);
  }
  text_format(&left, "--%s", option->long_name);
  if (option->value == VALUE) {
    text_format(&left, " <%s>", option->value_name);
  } else if (option->value == OPTIONAL_VALUE) {
    text_format(&left, "[=<%s>]", option->value_name);
  }
  add_row(out, text_str(&left), option->what);
}

void help_print(Text *out, CommandId command) {
  const CommandInfo *info = &COMMANDS[command];
  if (command == COMMAND_MAIN) {
    text_add(out,
             STR("Usage: voydc COMMAND [options] [ENTRY]\n       voydc [options] [ENTRY]\n\n"
                 "The compiler for the Voyd language: programs become WebAssembly modules.\n\nCommands:\n"));
    for (int i = COMMAND_MAIN + 1; i < COMMAND_COUNT; i++) {
      add_row(out, arena_format(out->arena, "%s %s", COMMANDS[i].name, COMMANDS[i].arguments),
              COMMANDS[i].what);
    }
  } else {
    text_format(out, "Usage: voydc %s [options] %s\n\n%s\n", info->name, info->arguments, info->what);
  }
  if (strstr(info->arguments, "ENTRY")) {
    text_add(out, STR("\nArguments:\n"));
    add_row(out, str_from("ENTRY"),
            "source file, or folder with main.voyd or pkg.voyd (default: ./src); - is standard input");
  }
  text_add(out, command == COMMAND_MAIN ? STR("\nOptions without a command:\n") : STR("\nOptions:\n"));
  for (int i = 0; i < OPTION_COUNT; i++) {
    if (OPTIONS[i].commands >> command & 1) {
      add_option(out, &OPTIONS[i]);
    }
  }
  if (command == COMMAND_MAIN) {
    text_add(out, STR("\nTopics of voydc help:\n"));
    for (int i = 0; i < TOPIC_COUNT; i++) {
      add_row(out, str_from(TOPICS[i].name), TOPICS[i].what);
    }
  }
}

bool help_topic(Text *out, Str topic) {
  for (int i = 0; i < TOPIC_COUNT; i++) {
    if (str_equal(str_from(TOPICS[i].name), topic)) {
      text_add(out, str_from(TOPICS[i].text));
      return true;
    }
  }
  for (int i = COMMAND_MAIN + 1; i < COMMAND_COUNT; i++) {
    if (str_equal(str_from(COMMANDS[i].name), topic)) {
      help_print(out, (CommandId)i);
      return true;
    }
  }
  return false;
}
