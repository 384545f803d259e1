// Markup (spec 01 §17): inside an element the lexer works on characters, not on tokens of code.
//
// Elements nest on the stack of open things, not in C. A `{` goes back to the ordinary lexer until its `}`.
#include "syntax/reader.h"

#include <string.h>

static bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static const char *text_end(const Reader *reader) {
  return reader->text + reader->length;
}

// Passes over one character, keeping track of lines.
static void step(Reader *reader) {
  if (*reader->at++ == '\n') {
    reader->lines++;
    const char *at = reader->at;
    while (*at == ' ') {
      at++;
    }
    reader->indent = (uint32_t)(at - reader->at);
  }
}

static void skip_space(Reader *reader) {
  while (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t') {
    step(reader);
  }
}

// name { "::" name }
static const char *tag_name_end(const char *at) {
  for (;;) {
    while (is_name_char(*at)) {
      at++;
    }
    if (at[0] == ':' && at[1] == ':' && is_name_char(at[2])) {
      at += 2;
    } else {
      return at;
    }
  }
}

static SyntaxError *error_here(Reader *reader, const char *message) {
  uint32_t at = lex_offset(reader, reader->at);
  return read_error(reader, at, at + 1, "%s", message);
}

static void open_tag(Reader *reader) {
  const char *start = reader->at;
  const char *end = tag_name_end(start + 1);
  Name name = lex_intern(reader, start + 1, end);
  lex_token(reader, TOKEN_TAG, start, end)->value = name;
  reader->tag = reader->tokens.count - 1;
  reader->at = end;
}

static bool in_element(const Reader *reader) {
  return reader->open.count > 0 && reader->open.items[reader->open.count - 1].kind == OPEN_ELEMENT;
}

// '…' or "…", raw. False after an error.
static bool attribute_text(Reader *reader) {
  const char *quote = reader->at;
  const char *end = memchr(quote + 1, *quote, (size_t)(text_end(reader) - quote - 1));
  if (!end) {
    error_here(reader, "Unterminated attribute value");
    lex_skip_line(reader, lex_offset(reader, quote));
    return false;
  }
  Name value = lex_intern(reader, quote + 1, end);
  lex_token(reader, TOKEN_TEXT, quote, end + 1)->value = value;
  while (reader->at <= end) {
    step(reader);
  }
  return true;
}

typedef enum { MODE_ATTRIBUTES, MODE_CHILDREN, MODE_CODE } Mode;

static Mode after_element(const Reader *reader) {
  return in_element(reader) ? MODE_CHILDREN : MODE_CODE;
}

static Mode tag_body(Reader *reader, const char *at) {
  uint32_t start = reader->tokens.items[reader->tag].start;
  lex_token(reader, TOKEN_TAG_BODY, at, at + 1);
  lex_open(reader, OPEN_ELEMENT, start);
  reader->at = at + 1;
  return MODE_CHILDREN;
}

// After a mistake inside a tag: goes on behind its `>` if one stands on the line, as an element with children
// if its closing tag is near.
static Mode broken_tag(Reader *reader) {
  enum { NEAR = 4096 };
  const char *at = reader->at;
  while (at < text_end(reader) && *at != '\n' && *at != '>') {
    at++;
  }
  if (at == text_end(reader) || *at == '\n') {
    lex_token(reader, TOKEN_TAG_EMPTY, reader->at, reader->at);
    return after_element(reader);
  }
  const Token *tag = &reader->tokens.items[reader->tag];
  Str name = names_text(reader->names, tag->value);
  size_t left = (size_t)(text_end(reader) - at);
  const char *close = at[-1] == '/' ? NULL : memmem(at, left > NEAR ? NEAR : left, "</", 2);
  while (close && !((size_t)(text_end(reader) - close) > name.length + 2 &&
                    memcmp(close + 2, name.ptr, name.length) == 0)) {
    size_t rest = (size_t)(text_end(reader) - close - 2);
    close = close - at > NEAR ? NULL : memmem(close + 2, rest > NEAR ? NEAR : rest, "</", 2);
  }
  reader->at = at + 1;
  if (!close) {
    lex_token(reader, TOKEN_TAG_EMPTY, at, at + 1);
    return after_element(reader);
  }
  return tag_body(reader, at);
}

// One step in a tag after its name.
static Mode attribute(Reader *reader) {
  skip_space(reader);
  const char *at = reader->at;
  if (at[0] == '/' && at[1] == '>') {
    lex_token(reader, TOKEN_TAG_EMPTY, at, at + 2);
    reader->at = at + 2;
    return after_element(reader);
  }
  if (*at == '>') {
    return tag_body(reader, at);
  }
  if (!is_name_char(*at) && *at != '_') {
    SyntaxError *error = error_here(reader, "Malformed tag");
    if (!in_element(reader)) {
      read_error_hint(reader, error, "to compare, put a space after '<'");
    }
    return broken_tag(reader);
  }
  const char *end = at;
  while (is_name_char(*end) || *end == '_') {
    end++;
  }
  Name name = lex_intern(reader, at, end);
  lex_token(reader, TOKEN_ATTRIBUTE, at, end)->value = name;
  reader->at = end;
  if (*end != '=') {
    return MODE_ATTRIBUTES;
  }
  reader->at++;
  if (*reader->at == '"' || *reader->at == '\'') {
    return attribute_text(reader) ? MODE_ATTRIBUTES : broken_tag(reader);
  }
  if (*reader->at == '{') {
    lex_token(reader, TOKEN_OPEN_HOLE, reader->at, reader->at + 1);
    lex_open(reader, OPEN_ATTRIBUTE_HOLE, lex_offset(reader, reader->at));
    reader->at++;
    return MODE_CODE;
  }
  error_here(reader, "Attribute value must be quoted");
  while (*reader->at > ' ' && *reader->at != '>' && *reader->at != '/') {
    reader->at++;
  }
  return MODE_ATTRIBUTES;
}

static Mode closing_tag(Reader *reader) {
  const char *start = reader->at;
  const char *name = start + 2;
  const char *name_end = tag_name_end(name);
  const char *end = name_end;
  while (*end == ' ' || *end == '\n' || *end == '\r' || *end == '\t') {
    end++;
  }
  Open open = reader->open.items[reader->open.count - 1];
  const Token *tag = &reader->tokens.items[open.tag];
  Str expected = names_text(reader->names, tag->value);
  Str found = {name, (size_t)(name_end - name)};
  if (*end != '>') {
    reader->at = end;
    error_here(reader, "Malformed closing tag");
  } else if (!str_equal(expected, found)) {
    uint32_t offset = lex_offset(reader, name);
    SyntaxError *error =
        read_error(reader, offset, lex_offset(reader, name_end),
                   "Mismatched closing tag, expected %.*s but got %.*s", STR_ARGS(expected), STR_ARGS(found));
    read_error_note(reader, error, tag->start, tag->end, "this element is open");
  }
  while (reader->at < end) {
    step(reader);
  }
  reader->at = *end == '>' ? end + 1 : end;
  lex_token(reader, TOKEN_TAG_CLOSE, start, reader->at);
  reader->open.count--;
  return after_element(reader);
}

// One child, or the closing tag.
static Mode child(Reader *reader) {
  const char *start = reader->at;
  uint32_t indent = reader->indent;
  while (reader->at < text_end(reader) && *reader->at != '<' && *reader->at != '{') {
    step(reader);
  }
  const char *at = reader->at;
  if (at > start) {
    Name text = lex_intern(reader, start, at);
    uint32_t indent_after = reader->indent;
    reader->indent = indent;
    lex_token(reader, TOKEN_TEXT, start, at)->value = text;
    reader->indent = indent_after;
  }
  if (at == text_end(reader)) {
    return MODE_CODE; // the lexer reports the open element
  }
  if (*at == '{') {
    lex_token(reader, TOKEN_OPEN_HOLE, at, at + 1);
    lex_open(reader, OPEN_CHILD_HOLE, lex_offset(reader, at));
    reader->at = at + 1;
    return MODE_CODE;
  }
  if (at[1] == '/') {
    return closing_tag(reader);
  }
  if (is_name_char(at[1]) && at[1] != '-') {
    open_tag(reader);
    return MODE_ATTRIBUTES;
  }
  error_here(reader, "Malformed tag");
  reader->at++;
  return MODE_CHILDREN;
}

static void run(Reader *reader, Mode mode) {
  reader->first = false;
  while (mode != MODE_CODE && !reader->aborted) {
    mode = mode == MODE_ATTRIBUTES ? attribute(reader) : child(reader);
  }
}

void lex_markup(Reader *reader) {
  open_tag(reader);
  run(reader, MODE_ATTRIBUTES);
}

void lex_markup_attributes(Reader *reader) {
  // The entry of the hole is gone from the stack, but lies there still.
  reader->tag = reader->open.items[reader->open.count].tag;
  run(reader, MODE_ATTRIBUTES);
}

void lex_markup_children(Reader *reader) {
  run(reader, MODE_CHILDREN);
}
