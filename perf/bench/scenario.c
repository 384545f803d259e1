// Reading scenarios (scenario.h).
#include "perf/bench/scenario.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdlib.h>

#include "cli/files.h"

const char *const BENCH_LEVEL_NAMES[BENCH_LEVEL_COUNT] = {"none", "balanced", "release"};

static uint32_t level_bit(Str name) {
  for (int level = 0; level < BENCH_LEVEL_COUNT; level++) {
    if (str_equal(str_from(BENCH_LEVEL_NAMES[level]), name)) {
      return 1u << level;
    }
  }
  return 0;
}

// Takes the text before the next comma off the front.
static Str next_name(Str *names) {
  const char *comma = memchr(names->ptr, ',', names->length);
  size_t length = comma ? (size_t)(comma - names->ptr) : names->length;
  Str name = {names->ptr, length};
  *names = (Str){names->ptr + length + (comma != NULL), names->length - length - (comma != NULL)};
  return name;
}

uint32_t bench_levels_parse(Str names) {
  uint32_t levels = 0;
  while (names.length > 0) {
    uint32_t bit = level_bit(next_name(&names));
    if (bit == 0) {
      return 0;
    }
    levels |= bit;
  }
  return levels;
}

static Str text_field(Arena *arena, const cJSON *object, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
  return text ? (Str){arena_copy_string(arena, text, strlen(text)), strlen(text)} : (Str){0};
}

static Str json_field(Arena *arena, const cJSON *object, const char *key, const char *otherwise) {
  const cJSON *field = cJSON_GetObjectItemCaseSensitive(object, key);
  char *printed = field ? cJSON_PrintUnformatted(field) : NULL;
  Str copy = printed ? (Str){arena_copy_string(arena, printed, strlen(printed)), strlen(printed)}
                     : str_from(otherwise);
  cJSON_free(printed);
  return copy;
}

static bool read_fields(Arena *arena, Str folder, const cJSON *object, Scenario *scenario, Str *error) {
  scenario->entry = text_field(arena, object, "entry");
  scenario->export = text_field(arena, object, "export");
  if (scenario->entry.length == 0 || scenario->export.length == 0 ||
      !cJSON_GetObjectItemCaseSensitive(object, "expected")) {
    *error =
        arena_format(arena, "scenario %.*s: entry, export and expected are needed", STR_ARGS(scenario->name));
    return false;
  }
  scenario->entry = arena_format(arena, "%.*s/%.*s", STR_ARGS(folder), STR_ARGS(scenario->entry));
  scenario->args = json_field(arena, object, "args", "[]");
  scenario->expected = json_field(arena, object, "expected", "null");
  Str twin = text_field(arena, object, "twin");
  if (twin.length > 0) {
    scenario->twin = arena_format(arena, "%.*s/%.*s", STR_ARGS(folder), STR_ARGS(twin));
  }
  const cJSON *levels = cJSON_GetObjectItemCaseSensitive(object, "levels"), *level;
  scenario->levels = levels ? 0 : (1u << BENCH_LEVEL_COUNT) - 1;
  cJSON_ArrayForEach(level, levels) {
    const char *name = cJSON_GetStringValue(level);
    uint32_t bit = name ? level_bit(str_from(name)) : 0;
    if (bit == 0) {
      *error =
          arena_format(arena, "scenario %.*s: levels are none, balanced, release", STR_ARGS(scenario->name));
      return false;
    }
    scenario->levels |= bit;
  }
  return true;
}

static bool load(Arena *arena, Str root, Str name, Scenario *scenario, Str *error) {
  *scenario = (Scenario){.name = name};
  Str folder = arena_format(arena, "%.*s/%.*s", STR_ARGS(root), STR_ARGS(name));
  Str path = arena_format(arena, "%.*s/scenario.json", STR_ARGS(folder)), text;
  if (!file_read(arena, path, &text)) {
    *error = arena_format(arena, "no scenario %.*s: cannot read %.*s", STR_ARGS(name), STR_ARGS(path));
    return false;
  }
  cJSON *object = cJSON_ParseWithLength(text.ptr, text.length);
  if (!cJSON_IsObject(object)) {
    *error = arena_format(arena, "%.*s is not a JSON object", STR_ARGS(path));
    cJSON_Delete(object);
    return false;
  }
  bool read = read_fields(arena, folder, object, scenario, error);
  cJSON_Delete(object);
  return read;
}

static int compare_text(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

// The names of all folders in `root`, sorted, separated by commas.
static Str all_names(Arena *arena, Str root) {
  VECTOR(char *) names = {0};
  DIR *directory = opendir(arena_copy_string(arena, root.ptr, root.length));
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    if (entry->d_name[0] != '.') {
      VECTOR_PUSH(arena, &names, arena_copy_string(arena, entry->d_name, strlen(entry->d_name)));
    }
  }
  if (directory) {
    closedir(directory);
  }
  if (names.count > 0) {
    qsort(names.items, names.count, sizeof *names.items, compare_text);
  }
  Text joined = text_new(arena);
  for (uint32_t i = 0; i < names.count; i++) {
    text_format(&joined, "%s%s", i > 0 ? "," : "", names.items[i]);
  }
  return text_str(&joined);
}

bool scenarios_load(Arena *arena, Str folder, Str names, ScenarioList *list, Str *error) {
  names = names.length > 0 ? names : all_names(arena, folder);
  if (names.length == 0) {
    *error = arena_format(arena, "no scenarios in %.*s", STR_ARGS(folder));
    return false;
  }
  while (names.length > 0) {
    Scenario scenario;
    if (!load(arena, folder, next_name(&names), &scenario, error)) {
      return false;
    }
    VECTOR_PUSH(arena, list, scenario);
  }
  return true;
}
