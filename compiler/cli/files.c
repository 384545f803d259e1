// Reading and writing whole files (cli/files.h).
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_read(Arena *arena, Str path, Str *bytes) {
  FILE *file =
      str_equal(path, STR("-")) ? stdin : fopen(arena_copy_string(arena, path.ptr, path.length), "rb");
  if (!file) {
    return false;
  }
  Text text = text_new(arena);
  char buffer[65536];
  for (size_t length; (length = fread(buffer, 1, sizeof buffer, file)) > 0;) {
    text_add(&text, (Str){buffer, length});
  }
  int error = ferror(file) ? errno : 0;
  if (file != stdin) {
    fclose(file);
  }
  *bytes = text_str(&text);
  errno = error;
  return error == 0;
}

bool stream_write(FILE *stream, Str bytes) {
  return fwrite(bytes.ptr, 1, bytes.length, stream) == bytes.length && fflush(stream) == 0;
}

// A new file made by mkstemp is private; give it the mode that a plain creation would have.
static void set_usual_mode(int file) {
  mode_t mask = umask(0);
  umask(mask);
  fchmod(file, 0666 & ~mask);
}

static bool write_all(int file, Str bytes) {
  while (bytes.length > 0) {
    ssize_t written = write(file, bytes.ptr, bytes.length);
    if (written < 0 && errno != EINTR) {
      return false;
    }
    size_t done = written > 0 ? (size_t)written : 0;
    bytes = (Str){bytes.ptr + done, bytes.length - done};
  }
  return true;
}

bool file_write(Arena *arena, Str path, Str bytes) {
  if (str_equal(path, STR("-"))) {
    return stream_write(stdout, bytes);
  }
  const char *target = arena_copy_string(arena, path.ptr, path.length);
  struct stat info;
  bool exists = stat(target, &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return false;
  }
  if (exists && !S_ISREG(info.st_mode)) { // a device or a pipe cannot be replaced
    int file = open(target, O_WRONLY | O_CLOEXEC);
    bool written = file >= 0 && write_all(file, bytes);
    return file >= 0 && close(file) == 0 && written;
  }
  Str temporary = arena_format(arena, "%s.XXXXXX", target);
  char *name = arena_copy_string(arena, temporary.ptr, temporary.length);
  int file = mkstemp(name);
  if (file < 0) {
    return false;
  }
  set_usual_mode(file);
  bool written = write_all(file, bytes);
  written = close(file) == 0 && written;
  if (written && rename(name, target) == 0) {
    return true;
  }
  int error = errno;
  unlink(name);
  errno = error;
  return false;
}
