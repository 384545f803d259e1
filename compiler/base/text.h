// A growing piece of text in an arena: the one way the compiler builds messages, dumps and reports.
#ifndef VOYD_BASE_TEXT_H
#define VOYD_BASE_TEXT_H

#include <stdarg.h>

#include "base/strings.h"

typedef struct Text {
  Arena *arena;
  char *bytes; // NUL-terminated once something was added
  uint32_t count;
  uint32_t capacity;
} Text;

static inline Text text_new(Arena *arena) {
  return (Text){arena, 0, 0, 0};
}
void text_add(Text *text, Str piece);
void text_add_char(Text *text, char c);
void text_repeat(Text *text, char c, uint32_t times);
__attribute__((format(printf, 2, 3))) void text_format(Text *text, const char *format, ...);
void text_format_list(Text *text, const char *format, va_list arguments);
// Valid until the next addition.
static inline Str text_str(const Text *text) {
  return (Str){text->bytes ? text->bytes : "", text->count};
}

// The bytes as the inside of a quoted JSON string; invalid UTF-8 becomes U+FFFD.
void text_add_json(Text *text, Str piece);

// Length of the valid UTF-8 sequence at `at`, or 0 (overlong forms, surrogates and values past U+10FFFF are
// invalid).
uint32_t text_utf8_length(const unsigned char *at, size_t left);

// One formatted message in the arena.
__attribute__((format(printf, 2, 3))) Str arena_format(Arena *arena, const char *format, ...);

// Levenshtein distance with transpositions of neighbours, cut off above `limit` (then limit + 1). For
// suggestions.
uint32_t edit_distance(Str a, Str b, uint32_t limit);

#endif
