// Text building (base/text.h) and the edit distance behind spelling suggestions.
#include "base/text.h"

#include <stdio.h>

static void reserve(Text *text, uint32_t extra) {
  uint32_t wanted = text->count + extra + 1;
  if (wanted > text->capacity) {
    uint32_t next = text->capacity < 32 ? 64 : text->capacity * 2;
    next = next < wanted ? wanted : next;
    text->bytes = arena_grow(text->arena, text->bytes, text->capacity, next, 1);
    text->capacity = next;
  }
}

void text_add(Text *text, Str piece) {
  reserve(text, (uint32_t)piece.length);
  if (piece.length > 0) {
    memcpy(text->bytes + text->count, piece.ptr, piece.length);
  }
  text->count += (uint32_t)piece.length;
  text->bytes[text->count] = '\0';
}

void text_add_char(Text *text, char c) {
  text_add(text, (Str){&c, 1});
}

void text_repeat(Text *text, char c, uint32_t times) {
  reserve(text, times);
  memset(text->bytes + text->count, c, times);
  text->count += times;
  text->bytes[text->count] = '\0';
}

void text_format_list(Text *text, const char *format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  reserve(text, 64);
  uint32_t room = text->capacity - text->count;
  int length = vsnprintf(text->bytes + text->count, room, format, arguments);
  if (length >= 0 && (uint32_t)length >= room) {
    reserve(text, (uint32_t)length);
    vsnprintf(text->bytes + text->count, (size_t)length + 1, format, again);
  }
  va_end(again);
  text->count += length > 0 ? (uint32_t)length : 0;
}

void text_format(Text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  text_format_list(text, format, arguments);
  va_end(arguments);
}

Str arena_format(Arena *arena, const char *format, ...) {
  Text text = text_new(arena);
  va_list arguments;
  va_start(arguments, format);
  text_format_list(&text, format, arguments);
  va_end(arguments);
  return text_str(&text);
}

uint32_t text_utf8_length(const unsigned char *at, size_t left) {
  if (at[0] < 0x80) {
    return 1;
  }
  uint32_t length = at[0] >= 0xC2 && at[0] <= 0xDF   ? 2
                    : (at[0] & 0xF0) == 0xE0         ? 3
                    : at[0] >= 0xF0 && at[0] <= 0xF4 ? 4
                                                     : 0;
  if (length == 0 || length > left) {
    return 0;
  }
  for (uint32_t i = 1; i < length; i++) {
    if ((at[i] & 0xC0) != 0x80) {
      return 0;
    }
  }
  bool overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
  bool outside = (at[0] == 0xED && at[1] > 0x9F) || (at[0] == 0xF4 && at[1] > 0x8F);
  return overlong || outside ? 0 : length;
}

void text_add_json(Text *text, Str piece) {
  const unsigned char *at = (const unsigned char *)piece.ptr;
  const unsigned char *end = at + piece.length;
  while (at < end) {
    uint32_t length = text_utf8_length(at, (size_t)(end - at));
    if (length == 0) {
      text_add(text, STR("\xEF\xBF\xBD"));
      at++;
    } else if (*at == '"' || *at == '\\') {
      text_add_char(text, '\\');
      text_add_char(text, (char)*at++);
    } else if (*at == '\n') {
      text_add(text, STR("\\n"));
      at++;
    } else if (*at < 0x20) {
      text_format(text, "\\u%04x", *at++);
    } else {
      text_add(text, (Str){(const char *)at, length});
      at += length;
    }
  }
}

uint32_t edit_distance(Str a, Str b, uint32_t limit) {
  enum { LONGEST = 64 };
  size_t gap = a.length > b.length ? a.length - b.length : b.length - a.length;
  if (a.length > LONGEST || b.length > LONGEST || gap > limit) {
    return limit + 1;
  }
  uint32_t rows[3][LONGEST + 1];
  uint32_t *before = rows[0], *previous = rows[1], *current = rows[2];
  for (uint32_t j = 0; j <= b.length; j++) {
    previous[j] = j;
  }
  for (uint32_t i = 1; i <= a.length; i++) {
    current[0] = i;
    for (uint32_t j = 1; j <= b.length; j++) {
      uint32_t best = previous[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
      best = previous[j] + 1 < best ? previous[j] + 1 : best;
      best = current[j - 1] + 1 < best ? current[j - 1] + 1 : best;
      if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
          before[j - 2] + 1 < best) {
        best = before[j - 2] + 1;
      }
      current[j] = best;
    }
    uint32_t *oldest = before;
    before = previous;
    previous = current;
    current = oldest;
  }
  return previous[b.length] <= limit ? previous[b.length] : limit + 1;
}
