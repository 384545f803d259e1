// Where the text of modules comes from: virtual files over embedded std over the file system.
//
// Embedded files have paths that begin with `std:`. Everything else is an absolute path. Listings are sorted,
// so that nothing depends on the order of a directory.
#include "graph/state.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"

#define EMBEDDED_ROOT STR("std:")

Str path_join(Arena *arena, Str directory, Str name) {
  bool joined = directory.length > 0 &&
                (directory.ptr[directory.length - 1] == '/' || directory.ptr[directory.length - 1] == ':');
  return arena_format(arena, "%.*s%s%.*s", STR_ARGS(directory), joined ? "" : "/", STR_ARGS(name));
}

Str path_directory(Str path) {
  size_t length = path.length;
  while (length > 0 && path.ptr[length - 1] != '/') {
    length--;
  }
  return (Str){path.ptr, length > 1 ? length - 1 : length}; // without the slash, except `/`
}

Str path_last(Str path) {
  size_t start = path.length;
  while (start > 0 && path.ptr[start - 1] != '/' && path.ptr[start - 1] != ':') {
    start--;
  }
  return (Str){path.ptr + start, path.length - start};
}

bool path_ends_with(Str path, Str end) {
  return path.length >= end.length && memcmp(path.ptr + path.length - end.length, end.ptr, end.length) == 0;
}

bool path_below(Str directory, Str path, Str *rest) {
  if (path.length <= directory.length || memcmp(path.ptr, directory.ptr, directory.length) != 0) {
    return false;
  }
  size_t skip = directory.length;
  char last = directory.length > 0 ? directory.ptr[directory.length - 1] : '/';
  if (last != '/' && last != ':') {
    if (path.ptr[skip] != '/') {
      return false;
    }
    skip++;
  }
  *rest = (Str){path.ptr + skip, path.length - skip};
  return rest->length > 0;
}

static Name path_name(GraphState *state, Str path) {
  return names_intern(&state->graph->context->names, path);
}

void files_init(GraphState *state) {
  for (uint32_t i = 0; i < state->options->file_count; i++) {
    id_map_put(&state->arena, &state->virtual_files, path_name(state, state->options->files[i].path), i);
  }
}

static const VirtualFile *virtual_file(GraphState *state, Str path) {
  if (state->virtual_files.count == 0) {
    return NULL;
  }
  uint32_t index = id_map_get(&state->virtual_files, path_name(state, path));
  return index == ID_MAP_NONE ? NULL : &state->options->files[index];
}

static const EmbeddedFile *embedded_file(Str path) {
  Str name;
  if (!path_below(EMBEDDED_ROOT, path, &name)) {
    return NULL;
  }
  for (uint32_t i = 0; i < embedded_std_file_count; i++) {
    if (str_equal(name, str_from(embedded_std_files[i].name))) {
      return &embedded_std_files[i];
    }
  }
  return NULL;
}

static bool is_embedded(Str path) {
  return path.length >= EMBEDDED_ROOT.length &&
         memcmp(path.ptr, EMBEDDED_ROOT.ptr, EMBEDDED_ROOT.length) == 0;
}

bool files_are_embedded(GraphState *state, Str directory) {
  Str rest;
  for (uint32_t i = 0; i < state->options->file_count; i++) {
    if (path_below(directory, state->options->files[i].path, &rest)) {
      return false;
    }
  }
  return is_embedded(directory);
}

static const char *terminated(GraphState *state, Str path) {
  return arena_copy_string(&state->arena, path.ptr, path.length);
}

FileKind files_kind(GraphState *state, Str path) {
  if (state->options->has_source && str_equal(path, state->options->entry)) {
    return FILE_PLAIN;
  }
  if (virtual_file(state, path) != NULL) {
    return FILE_PLAIN;
  }
  if (is_embedded(path)) {
    return embedded_file(path) != NULL ? FILE_PLAIN : FILE_ABSENT;
  }
  struct stat status;
  ArenaMark mark = arena_mark(&state->arena);
  int result = stat(terminated(state, path), &status);
  arena_rewind(&state->arena, mark);
  if (result != 0) {
    // a name too long or with a file for a directory on its way cannot exist; anything else may
    return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG ? FILE_ABSENT : FILE_OTHER;
  }
  return S_ISREG(status.st_mode) ? FILE_PLAIN : S_ISDIR(status.st_mode) ? FILE_DIRECTORY : FILE_OTHER;
}

static bool read_real(GraphState *state, Str path, Str *text, Str *problem) {
  struct stat status;
  FILE *file = NULL;
  const char *reason = NULL;
  const char *name = terminated(state, path);
  if (stat(name, &status) != 0) {
    reason = strerror(errno);
  } else if (!S_ISREG(status.st_mode)) { // a pipe or device could block or never end
    reason = S_ISDIR(status.st_mode) ? "it is a directory" : "it is no regular file";
  } else if (status.st_size > LIMIT_FILE_BYTES) {
    reason = "it is larger than 256 MiB";
  } else if ((file = fopen(name, "rb")) == NULL) {
    reason = strerror(errno);
  }
  if (file != NULL) {
    size_t size = (size_t)status.st_size;
    char *bytes = arena_alloc(&state->arena, size + 1, 1);
    size_t count = fread(bytes, 1, size, file);
    if (ferror(file)) {
      reason = strerror(errno);
    }
    fclose(file);
    *text = (Str){bytes, count};
  }
  if (reason != NULL) {
    *problem = arena_format(&state->arena, "%s", reason);
    return false;
  }
  return true;
}

bool files_read(GraphState *state, Str path, Str *text, Str *problem) {
  if (state->options->has_source && str_equal(path, state->options->entry)) {
    *text = state->options->source;
  } else {
    const VirtualFile *file = virtual_file(state, path);
    const EmbeddedFile *embedded = file == NULL ? embedded_file(path) : NULL;
    if (file != NULL) {
      *text = file->text;
    } else if (embedded != NULL) {
      *text = (Str){(const char *)embedded->bytes, embedded->size};
    } else {
      return read_real(state, path, text, problem);
    }
  }
  if (text->length > LIMIT_FILE_BYTES) {
    *problem = STR("it is larger than 256 MiB");
    return false;
  }
  return true;
}

static bool is_source_name(Str name) {
  return path_ends_with(name, STR(".voyd")) && !path_ends_with(name, STR(".test.voyd")) && name.length > 5;
}

static int compare_paths(const void *left, const void *right) {
  const Str *a = left, *b = right;
  size_t shorter = a->length < b->length ? a->length : b->length;
  int order = memcmp(a->ptr, b->ptr, shorter);
  return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static void list_real(GraphState *state, Str directory, Paths *out, Paths *pending) {
  DIR *stream = opendir(terminated(state, directory));
  if (stream == NULL) {
    return;
  }
  for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
    Str name = str_from(entry->d_name);
    if (name.ptr[0] == '.') {
      continue;
    }
    Str path = path_join(&state->arena, directory, name);
    struct stat status;
    // a link to a directory could lead in circles
    if (lstat(path.ptr, &status) == 0 && S_ISDIR(status.st_mode)) {
      VECTOR_PUSH(&state->arena, pending, path);
    } else if (is_source_name(name) && files_is_file(state, path)) {
      VECTOR_PUSH(&state->arena, out, path);
    }
  }
  closedir(stream);
}

void files_below(GraphState *state, Str directory, Paths *out) {
  uint32_t first = out->count;
  Str rest;
  for (uint32_t i = 0; i < state->options->file_count; i++) {
    Str path = state->options->files[i].path;
    if (path_below(directory, path, &rest) && is_source_name(path_last(path))) {
      VECTOR_PUSH(&state->arena, out, path);
    }
  }
  Paths pending = {0};
  if (!is_embedded(directory)) {
    VECTOR_PUSH(&state->arena, &pending, directory);
  }
  for (uint32_t i = 0; i < embedded_std_file_count; i++) {
    Str path = path_join(&state->arena, EMBEDDED_ROOT, str_from(embedded_std_files[i].name));
    if (path_below(directory, path, &rest)) {
      VECTOR_PUSH(&state->arena, out, path);
    }
  }
  for (uint32_t i = 0; i < pending.count; i++) {
    list_real(state, pending.items[i], out, &pending);
  }
  if (out->count == first) {
    return;
  }
  qsort(out->items + first, out->count - first, sizeof *out->items, compare_paths);
  uint32_t kept = first;
  for (uint32_t i = first; i < out->count; i++) { // a virtual file may hide a real one
    if (kept == first || !str_equal(out->items[kept - 1], out->items[i])) {
      out->items[kept++] = out->items[i];
    }
  }
  out->count = kept;
}
