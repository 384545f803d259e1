// Paths of one compilation (driver/roots.h).
#include "driver/roots.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_absolute(Str path) {
  return path.length > 0 && path.ptr[0] == '/';
}

static bool ends_with(Str text, Str end) {
  return text.length >= end.length && memcmp(text.ptr + text.length - end.length, end.ptr, end.length) == 0;
}

Str path_resolve(Arena *arena, Str base, Str path) {
  Text joined = text_new(arena);
  text_add_char(&joined, '/');
  Str pieces[] = {is_absolute(path) ? STR("") : base, path};
  for (int piece = 0; piece < 2; piece++) {
    Str rest = pieces[piece];
    while (rest.length > 0) {
      const char *slash = memchr(rest.ptr, '/', rest.length);
      size_t length = slash ? (size_t)(slash - rest.ptr) : rest.length;
      Str part = {rest.ptr, length};
      rest = (Str){rest.ptr + length + (slash != NULL), rest.length - length - (slash != NULL)};
      if (str_equal(part, STR("")) || str_equal(part, STR("."))) {
        continue;
      }
      if (str_equal(part, STR(".."))) {
        joined.count = (uint32_t)path_parent(text_str(&joined)).length;
      } else {
        text_add(&joined, joined.count > 1 ? STR("/") : STR(""));
        text_add(&joined, part);
      }
    }
  }
  return (Str){arena_copy_string(arena, joined.bytes, joined.count), joined.count};
}

Str path_current_directory(Arena *arena) {
  char buffer[PATH_MAX];
  const char *directory = getcwd(buffer, sizeof buffer);
  directory = directory ? directory : "/";
  return (Str){arena_copy_string(arena, directory, strlen(directory)), strlen(directory)};
}

Str path_parent(Str path) {
  size_t length = path.length;
  while (length > 1 && path.ptr[length - 1] != '/') {
    length--;
  }
  return (Str){path.ptr, length > 1 ? length - 1 : length};
}

Str path_base_name(Str path) {
  size_t start = path.length;
  while (start > 0 && path.ptr[start - 1] != '/') {
    start--;
  }
  return (Str){path.ptr + start, path.length - start};
}

static bool is_directory(Arena *arena, Str path) {
  struct stat info;
  return stat(arena_copy_string(arena, path.ptr, path.length), &info) == 0 && S_ISDIR(info.st_mode);
}

static bool exists(Arena *arena, Str path) {
  return access(arena_copy_string(arena, path.ptr, path.length), F_OK) == 0;
}

// The first directory named `src` from `start` upwards, else `start` itself (spec 03 §1.4).
static Str source_root_of(Str start) {
  for (Str at = start; at.length > 1; at = path_parent(at)) {
    if (str_equal(path_base_name(at), STR("src"))) {
      return at;
    }
  }
  return start;
}

// The option, else VOYD_STD_ROOT if it names a standard library (spec 03 §1.4).
static Str std_root(Arena *arena, Str current, Str option) {
  if (option.length > 0) {
    return path_resolve(arena, current, option);
  }
  const char *variable = getenv("VOYD_STD_ROOT");
  if (!variable || !*variable) {
    return (Str){0};
  }
  Str root = path_resolve(arena, current, str_from(variable));
  return exists(arena, arena_format(arena, "%.*s/pkg.voyd", STR_ARGS(root))) ? root : (Str){0};
}

Roots roots_resolve(Arena *arena, const CompileOptions *options) {
  Roots roots = {0};
  Str current = path_current_directory(arena);
  Str entry = options->entry.length > 0 ? options->entry : STR("index.voyd");
  if (!ends_with(entry, STR(".voyd"))) {
    entry = arena_format(arena, "%.*s.voyd", STR_ARGS(entry));
  }
  if (options->source_root.length > 0) {
    roots.source = path_resolve(arena, current, options->source_root);
  } else if (options->has_source && !is_absolute(entry)) {
    roots.source = path_resolve(arena, current, STR(".voyd"));
  }
  roots.entry =
      path_resolve(arena, options->has_source && roots.source.length > 0 ? roots.source : current, entry);
  if (roots.source.length == 0) {
    roots.source = source_root_of(path_parent(roots.entry));
  }
  roots.std = std_root(arena, current, options->std_root);
  return roots;
}

bool roots_find_entry(Arena *arena, Str path, Str *entry) {
  *entry = path;
  if (!is_directory(arena, path)) {
    return true;
  }
  Str names[] = {STR("main.voyd"), STR("pkg.voyd")};
  for (int i = 0; i < 2; i++) {
    *entry = path_resolve(arena, path_resolve(arena, path_current_directory(arena), path), names[i]);
    if (exists(arena, *entry)) {
      return true;
    }
  }
  return false;
}
