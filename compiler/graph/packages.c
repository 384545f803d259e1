// Packages: which directories hold an installed package, and which `pkg.voyd` owns a source module (spec 03
// §4). The directories are looked for when the first `pkg::` path needs them.
#include "graph/state.h"

#include <cjson/cJSON.h>

PackageId package_intern(GraphState *state, Str text) {
  Name name = names_intern(&state->graph->context->names, text);
  uint32_t id = id_map_get(&state->package_ids, name);
  if (id == ID_MAP_NONE) {
    id = state->package_texts.count;
    VECTOR_PUSH(&state->arena, &state->package_texts, context_name(state->graph->context, name));
    id_map_put(&state->arena, &state->package_ids, name, id);
  }
  return id;
}

PackageId package_of_file(GraphState *state, const ModulePath *path, Str file) {
  Context *context = state->graph->context;
  if (path->space == NAMESPACE_STD) {
    return package_intern(state, STR("std"));
  }
  if (path->space == NAMESPACE_PKG) {
    return package_intern(
        state, arena_format(&state->arena, "pkg:%.*s", STR_ARGS(context_name(context, path->package))));
  }
  // the closest directory above the file, below the source root, that holds a pkg.voyd
  Str directory = path_directory(file);
  for (Str rest; path_below(state->source_root, directory, &rest); directory = path_directory(directory)) {
    Str root = path_join(&state->arena, directory, STR("pkg.voyd"));
    if (files_is_file(state, root)) {
      Text text = text_new(&state->arena);
      text_add(&text, STR("local:"));
      for (size_t i = 0; i < rest.length; i++) {
        if (rest.ptr[i] == '/') {
          text_add(&text, STR("::"));
        } else {
          text_add_char(&text, rest.ptr[i]);
        }
      }
      return package_intern(state, text_str(&text));
    }
  }
  return package_intern(state, STR("local"));
}

static void add_directory(GraphState *state, Str path) {
  for (uint32_t i = 0; i < state->package_dirs.count; i++) {
    if (str_equal(state->package_dirs.items[i], path)) {
      return;
    }
  }
  VECTOR_PUSH(&state->arena, &state->package_dirs, path);
}

// `base` joined with a relative path as package.json has it: `./a`, `../a`, `a`, or absolute.
static Str resolve_relative(GraphState *state, Str base, Str path) {
  if (path.length > 0 && path.ptr[0] == '/') {
    return path;
  }
  while (path.length > 0) {
    const char *slash = memchr(path.ptr, '/', path.length);
    size_t length = slash != NULL ? (size_t)(slash - path.ptr) : path.length;
    Str part = {path.ptr, length};
    size_t used = length + (slash != NULL);
    path = (Str){path.ptr + used, path.length - used};
    if (str_equal(part, STR(".."))) {
      base = path_directory(base);
    } else if (part.length > 0 && !str_equal(part, STR("."))) {
      base = path_join(&state->arena, base, part);
    }
  }
  return base;
}

static void report_configuration(GraphState *state, Str path, const char *problem) {
  diagnostic_add(&state->graph->context->diagnostics, DIAGNOSTIC_MD0002, (Span){0}, "%.*s: %s",
                 STR_ARGS(path), problem);
}

// `voyd.packageDirectories` of one package.json (03 §4.4.2).
static void read_package_json(GraphState *state, Str directory) {
  Str path = path_join(&state->arena, directory, STR("package.json"));
  if (!files_is_file(state, path)) {
    return;
  }
  Str text, problem;
  if (!files_read(state, path, &text, &problem)) {
    report_configuration(state, path, arena_copy_string(&state->arena, problem.ptr, problem.length));
    return;
  }
  cJSON *json = cJSON_ParseWithLength(text.ptr, text.length);
  if (json == NULL) {
    report_configuration(state, path, "this is not valid JSON");
    return;
  }
  const cJSON *voyd = cJSON_GetObjectItemCaseSensitive(json, "voyd");
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(voyd, "packageDirectories");
  bool valid = list == NULL || cJSON_IsArray(list);
  const cJSON *entry = NULL;
  cJSON_ArrayForEach(entry, list) {
    valid = valid && cJSON_IsString(entry) && entry->valuestring[0] != '\0';
  }
  if (!valid) {
    report_configuration(state, path, "voyd.packageDirectories must be an array of non-empty strings");
  } else {
    cJSON_ArrayForEach(entry, list) {
      Str relative = {arena_copy_string(&state->arena, entry->valuestring, strlen(entry->valuestring)),
                      strlen(entry->valuestring)};
      add_directory(state, resolve_relative(state, directory, relative));
    }
  }
  cJSON_Delete(json);
}

static void search_directories(GraphState *state) {
  if (state->searched_packages) {
    return;
  }
  state->searched_packages = true;
  for (uint32_t i = 0; i < state->options->package_dir_count; i++) {
    add_directory(state, state->options->package_dirs[i]);
  }
  for (Str at = state->source_root;; at = path_directory(at)) {
    read_package_json(state, at);
    if (at.length <= 1) {
      break;
    }
  }
  for (Str at = state->source_root;; at = path_directory(at)) {
    add_directory(state, path_join(&state->arena, at, STR("node_modules")));
    if (at.length <= 1) {
      break;
    }
  }
}

// `name` or `@scope/name`: a path from a quoted segment must not leave the package directory.
static bool is_package_name(Str name) {
  size_t slashes = 0;
  for (size_t i = 0; i < name.length; i++) {
    bool starts = i == 0 || name.ptr[i - 1] == '/';
    if (name.ptr[i] == '\0' || (starts && (name.ptr[i] == '.' || name.ptr[i] == '/'))) {
      return false;
    }
    slashes += name.ptr[i] == '/';
  }
  return name.length > 0 && slashes <= (name.ptr[0] == '@');
}

const Paths *packages_roots(GraphState *state, Name package) {
  for (uint32_t i = 0; i < state->package_roots.count; i++) {
    if (state->package_roots.items[i].name == package) {
      return &state->package_roots.items[i].roots;
    }
  }
  search_directories(state);
  PackageRoots found = {.name = package};
  Str name = context_name(state->graph->context, package);
  bool plain_name = is_package_name(name);
  for (uint32_t i = 0; plain_name && i < state->package_dirs.count; i++) {
    Str directory = state->package_dirs.items[i];
    Str plain = path_join(&state->arena, directory, name);
    VECTOR_PUSH(&state->arena, &found.roots, path_join(&state->arena, plain, STR("src")));
    VECTOR_PUSH(&state->arena, &found.roots, plain);
    if (name.length > 0 && name.ptr[0] != '@') {
      Str scoped = arena_format(&state->arena, "%.*s/@voyd-lang/%.*s", STR_ARGS(directory), STR_ARGS(name));
      VECTOR_PUSH(&state->arena, &found.roots, path_join(&state->arena, scoped, STR("src")));
      VECTOR_PUSH(&state->arena, &found.roots, scoped);
    }
  }
  VECTOR_PUSH(&state->arena, &state->package_roots, found);
  return &state->package_roots.items[state->package_roots.count - 1].roots;
}

bool packages_own(GraphState *state, Str file, ModulePath *path) {
  Str best = {0}, rest;
  for (uint32_t i = 0; i < state->options->package_dir_count; i++) {
    Str directory = state->options->package_dirs[i];
    if (directory.length > best.length && path_below(directory, file, &rest)) {
      best = directory;
    }
  }
  if (best.length == 0 || !path_below(best, file, &rest)) {
    return false;
  }
  Names segments = {0};
  split_segments(state, rest, &segments);
  if (segments.count < 2) {
    return false;
  }
  uint32_t first = segments.count > 2 && segments.items[1] == NAME_SRC ? 2 : 1;
  *path =
      module_path(state, NAMESPACE_PKG, segments.items[0], segments.items + first, segments.count - first);
  return true;
}
