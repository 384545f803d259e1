// Where a compilation's files are: absolute paths of entry and roots (spec 03 §1.2, §1.4, §13.2).
#ifndef VOYD_DRIVER_ROOTS_H
#define VOYD_DRIVER_ROOTS_H

#include "driver/driver.h"

typedef struct Roots {
  Str entry;  // absolute, ends in .voyd
  Str source; // absolute directory without a slash at its end (but `/`)
  Str std;    // the same; empty for the embedded library
} Roots;

Roots roots_resolve(Arena *arena, const CompileOptions *options);

// `path` from directory `base` (absolute), without `.`, `..` and doubled slashes. Symbolic links are left
// alone.
Str path_resolve(Arena *arena, Str base, Str path);
Str path_current_directory(Arena *arena);
Str path_parent(Str path);
Str path_base_name(Str path);

// The entry file of a path given by a person: a directory stands for its main.voyd, else its pkg.voyd (spec
// 03 §12.1); any other path for itself. False for a directory that has neither.
bool roots_find_entry(Arena *arena, Str path, Str *entry);

#endif
