// Files of the command line: reading whole inputs, writing outputs so that a reader never sees half of one.
#ifndef VOYD_CLI_FILES_H
#define VOYD_CLI_FILES_H

#include <stdio.h>

#include "base/text.h"

// All bytes of a file, or of standard input for `-`. False with errno set.
bool file_read(Arena *arena, Str path, Str *bytes);
// Writes to a temporary name beside `path` and renames it; `-` is standard output. False with errno set; then
// `path` is as it was.
bool file_write(Arena *arena, Str path, Str bytes);
// Writes and flushes; false with errno set.
bool stream_write(FILE *stream, Str bytes);

#endif
