// The source map that Binaryen writes: which code came from where.
//
// A location is two numbers of ours, its line and its column (wasm/positions.c says what they mean); the map
// holds them as base 64 VLQ, each relative to the one before.
#ifndef VOYD_WASM_SOURCE_MAP_H
#define VOYD_WASM_SOURCE_MAP_H

#include "base/strings.h"

// From `offset` in the bytes on, code has this location; `known` is false where nobody knows.
typedef struct CodeLocation {
  uint32_t offset, line, column;
  bool known;
} CodeLocation;

typedef struct CodeLocations {
  CodeLocation *items; // by ascending offset
  uint32_t count;
} CodeLocations;

// Reads the mappings of a source map in JSON into the arena. False if it has none or they are damaged.
bool source_map_read(Arena *arena, Str map, CodeLocations *locations);

#endif
