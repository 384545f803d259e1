// String literals with escapes and interpolation, and quoted identifiers (spec 01 §3.1, §4.2).
#include "syntax/reader.h"

#include <string.h>

static char unescaped(char c) {
  switch (c) {
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case '0':
    return '\0';
  default:
    return c;
  }
}

// Reads text up to the closing quote or a hole, whichever comes first; `*stop` is where. Gives the unescaped
// bytes, or false at the end of the file.
static bool read_text(Reader *reader, Name *value, const char **stop) {
  const char *start = reader->at, *end = reader->text + reader->length;
  const char *at = start;
  while (at < end && *at != '"' && *at != '\\' && !(*at == '$' && at[1] == '{')) {
    reader->lines += *at == '\n';
    at++;
  }
  if (at < end && *at != '\\') {
    *value = lex_intern(reader, start, at);
    *stop = at;
    return true;
  }
  ArenaMark mark = arena_mark(reader->scratch);
  Text text = text_new(reader->scratch);
  text_add(&text, (Str){start, (size_t)(at - start)});
  while (at < end && *at != '"' && !(*at == '$' && at[1] == '{')) {
    reader->lines += *at == '\n';
    if (*at != '\\' || at + 1 >= end) {
      text_add_char(&text, *at++);
    } else if (strchr("nrtbf0\\\"'", at[1]) && at[1] != '\0') {
      text_add_char(&text, unescaped(at[1]));
      at += 2;
    } else if (at[1] == '$' && at[2] == '{') {
      text_add(&text, STR("${"));
      at += 3;
    } else {
      text_add(&text, (Str){at, 2});
      at += 2;
    }
  }
  Str bytes = text_str(&text);
  *value = names_intern(reader->names, bytes);
  arena_rewind(reader->scratch, mark);
  *stop = at;
  return at < end;
}

// The rest of the line of `from` belongs to a string or name that has no end.
static void unterminated(Reader *reader, uint32_t quote, uint32_t from, const char *what) {
  read_error(reader, quote, quote + 1, "%s", what)->ends_line = true;
  lex_skip_line(reader, from);
}

// --- a quote without its fellow
//
// Strings may hold line ends, so one quote too many turns all strings of a file inside out, and is missed at
// the last one. It shows where such a string ends: the text that follows it begins without a space. When
// reading fails, the file is read again with the first such quote blamed (syntax.c).

static bool is_blamed(const Reader *reader, const char *quote) {
  for (uint32_t i = 0; i < reader->blamed_count; i++) {
    if (reader->blamed[i] == lex_offset(reader, quote)) {
      return true;
    }
  }
  return false;
}

static void suspect(Reader *reader, const char *quote, const char *end) {
  if (reader->suspect == NO_QUOTE && memchr(quote, '\n', (size_t)(end - quote))) {
    reader->suspect = lex_offset(reader, quote);
  }
}

static bool looks_like_text(const char *after) {
  return lex_is_word(after) || *after == '"' || *after == '$' || *after == '\\';
}

static void open_hole(Reader *reader, const char *dollar, uint32_t quote) {
  lex_token(reader, TOKEN_OPEN_HOLE, dollar, dollar + 2);
  lex_open(reader, OPEN_STRING_HOLE, quote);
  reader->at = dollar + 2;
}

void lex_string(Reader *reader) {
  const char *quote = reader->at++;
  uint32_t lines = reader->lines;
  Name value;
  const char *stop;
  if (is_blamed(reader, quote) || !read_text(reader, &value, &stop)) {
    reader->lines = lines;
    lex_token(reader, TOKEN_STRING, quote, quote + 1)->value = NAME_EMPTY;
    uint32_t start = lex_offset(reader, quote);
    unterminated(reader, start, start, "unterminated string literal");
    return;
  }
  if (*stop == '"' && looks_like_text(stop + 1)) {
    suspect(reader, quote, stop);
  }
  if (*stop == '"') {
    lex_token(reader, TOKEN_STRING, quote, stop + 1)->value = value;
    reader->at = stop + 1;
    return;
  }
  lex_token(reader, TOKEN_OPEN_STRING, quote, quote + 1);
  if (value != NAME_EMPTY) {
    lex_token(reader, TOKEN_TEXT, quote + 1, stop)->value = value;
  }
  open_hole(reader, stop, lex_offset(reader, quote));
}

void lex_string_rest(Reader *reader) {
  // The entry of the hole is gone from the stack, but lies there still: it names the quote.
  uint32_t quote = reader->open.items[reader->open.count].start;
  const char *start = reader->at;
  uint32_t lines = reader->lines;
  Name value;
  const char *stop;
  if (is_blamed(reader, start) || !read_text(reader, &value, &stop)) {
    reader->lines = lines;
    lex_token(reader, TOKEN_CLOSE_STRING, start, start);
    unterminated(reader, quote, lex_offset(reader, start), "unterminated string literal");
    return;
  }
  if (*stop == '"' && looks_like_text(stop + 1)) {
    suspect(reader, start, stop);
  }
  if (value != NAME_EMPTY) {
    lex_token(reader, TOKEN_TEXT, start, stop)->value = value;
  }
  if (*stop == '"') {
    lex_token(reader, TOKEN_CLOSE_STRING, stop, stop + 1);
    reader->at = stop + 1;
  } else {
    open_hole(reader, stop, quote);
  }
}

void lex_quoted(Reader *reader) {
  const char *quote = reader->at, *end = reader->text + reader->length;
  const char *at = quote + 1;
  while (at < end && *at != '\'') {
    at += *at == '\\' && at + 1 < end ? 2 : 1;
  }
  if (is_blamed(reader, quote) || at >= end) {
    lex_token(reader, TOKEN_QUOTED, quote, quote + 1)->value = NAME_EMPTY;
    uint32_t start = lex_offset(reader, quote);
    unterminated(reader, start, start, "unterminated quoted identifier");
    return;
  }
  suspect(reader, quote, at);
  for (const char *c = quote; c < at; c++) {
    reader->lines += *c == '\n';
  }
  Name name = lex_intern(reader, quote + 1, at);
  lex_token(reader, TOKEN_QUOTED, quote, at + 1)->value = name;
  reader->at = at + 1;
}
