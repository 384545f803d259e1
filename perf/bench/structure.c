// Counting in the text form (structure.h). Every pattern begins with `(`, so one pass over the parentheses
// finds all.
#include "perf/bench/structure.h"

#include <ctype.h>

typedef enum { ANYTHING, BLANK, WORD_END, ARRAY_FORM } Follow;

typedef struct Row {
  const char *pattern;
  Follow follow;
} Row;

static const Row ROWS[STRUCTURE_COUNT] = {
#define STRUCTURE(id, column, counter, pattern, ends) {pattern, ends},
#include "perf/bench/structure.def"
#undef STRUCTURE
};

const char *const STRUCTURE_COLUMNS[STRUCTURE_COUNT] = {
#define STRUCTURE(id, column, counter, pattern, ends) column,
#include "perf/bench/structure.def"
#undef STRUCTURE
};

const char *const STRUCTURE_COUNTERS[STRUCTURE_COUNT] = {
#define STRUCTURE(id, column, counter, pattern, ends) counter,
#include "perf/bench/structure.def"
#undef STRUCTURE
};

static bool follows(Follow follow, const char *at, const char *end) {
  switch (follow) {
  case ANYTHING:
    return true;
  case BLANK:
    return at < end && *at == ' ';
  case WORD_END:
    return at == end || !(isalnum((unsigned char)*at) || *at == '_');
  case ARRAY_FORM:
    if (at < end && *at == '_') {
      at++;
      const char *first = at;
      while (at < end && ((*at >= 'a' && *at <= 'z') || *at == '_')) {
        at++;
      }
      if (at == first) {
        return false;
      }
    }
    return at < end && (isspace((unsigned char)*at) || *at == ')');
  }
  return false;
}

Structure structure_of_text(Str wat) {
  Structure structure = {0};
  const char *end = wat.ptr + wat.length;
  for (const char *at = wat.ptr; at && at < end && (at = memchr(at, '(', (size_t)(end - at))); at++) {
    for (int row = 0; row < STRUCTURE_COUNT; row++) {
      size_t length = strlen(ROWS[row].pattern);
      if (length <= (size_t)(end - at) && memcmp(at, ROWS[row].pattern, length) == 0 &&
          follows(ROWS[row].follow, at + length, end)) {
        structure.counts[row]++;
      }
    }
  }
  return structure;
}
