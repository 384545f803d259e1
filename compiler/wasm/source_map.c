// Owns the decoding of source maps (wasm/source_map.h).
#include "wasm/source_map.h"

typedef struct MapReader {
  Str text;
  size_t at;
} MapReader;

static int digit_value(char digit) {
  if (digit >= 'A' && digit <= 'Z') {
    return digit - 'A';
  }
  if (digit >= 'a' && digit <= 'z') {
    return digit - 'a' + 26;
  }
  if (digit >= '0' && digit <= '9') {
    return digit - '0' + 52;
  }
  return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

// One number: digits of 5 bits and a bit that says whether more follow, lowest first; the sign in the lowest
// bit.
static bool read_vlq(MapReader *reader, int64_t *number) {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift < 35 && reader->at < reader->text.length; shift += 5) {
    int digit = digit_value(reader->text.ptr[reader->at++]);
    if (digit < 0) {
      return false;
    }
    value |= (uint64_t)(digit & 31) << shift;
    if (!(digit & 32)) {
      *number = value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
      return true;
    }
  }
  return false;
}

static bool ends_entry(const MapReader *reader) {
  char c = reader->text.ptr[reader->at];
  return c == ',' || c == '"';
}

static bool fits(int64_t number) {
  return number >= 0 && number <= UINT32_MAX;
}

// Where the text of the mappings begins; its length if there is none.
static size_t find_mappings(Str map) {
  static const char key[] = "\"mappings\":\"";
  for (size_t at = 0; at + sizeof key <= map.length; at++) {
    if (memcmp(map.ptr + at, key, sizeof key - 1) == 0) {
      return at + sizeof key - 1;
    }
  }
  return map.length;
}

// An entry is an offset, or an offset, a file, a line and a column, and perhaps a name.
static bool read_entry(MapReader *reader, int64_t place[4], CodeLocation *location) {
  int64_t step, name;
  if (!read_vlq(reader, &step) || reader->at >= reader->text.length) {
    return false;
  }
  place[0] += step;
  bool known = !ends_entry(reader);
  for (int i = 1; known && i < 4; i++) {
    if (!read_vlq(reader, &step)) {
      return false;
    }
    place[i] += step;
  }
  if (!fits(place[0]) || !fits(place[2]) || !fits(place[3]) || reader->at >= reader->text.length) {
    return false;
  }
  *location = (CodeLocation){.offset = (uint32_t)place[0], .known = known};
  if (known) {
    location->line = (uint32_t)place[2];
    location->column = (uint32_t)place[3];
  }
  if (known && !ends_entry(reader) && (!read_vlq(reader, &name) || reader->at >= reader->text.length)) {
    return false;
  }
  return ends_entry(reader);
}

bool source_map_read(Arena *arena, Str map, CodeLocations *locations) {
  VECTOR(CodeLocation) read = {0};
  MapReader reader = {map, find_mappings(map)};
  int64_t place[4] = {0, 0, 1, 0}; // offset, file, line, column
  while (reader.at < map.length && map.ptr[reader.at] != '"') {
    CodeLocation location;
    int64_t before = place[0];
    if (!read_entry(&reader, place, &location) || place[0] < before || reader.at >= map.length) {
      return false;
    }
    VECTOR_PUSH(arena, &read, location);
    reader.at += map.ptr[reader.at] == ',';
  }
  *locations = (CodeLocations){read.items, read.count};
  return reader.at < map.length;
}
