// What opens and closes (spec 01 §5): matching in the lexer, and what happens when it fails. The stack of
// open things is the reader's; wrong text leaves the tokens balanced all the same.
#include "syntax/reader.h"

#include <string.h>

// The innermost open generic list has no `>`: it was a comparison. Enclosing lists that end with it go
// silently.
void lex_give_up_generic(Reader *reader) {
  const Open *open = &reader->open.items[reader->open.count - 1];
  SyntaxError *error = read_error(reader, open->start, open->start + 1, "unclosed generic list");
  read_error_hint(reader, error, "to compare, put spaces around '<'");
  for (uint32_t i = open->token; i < reader->tokens.count;
       i++) { // a comma meant for the list is no second mistake
    reader->tokens.items[i].flags |= reader->tokens.items[i].kind == TOKEN_COMMA ? TOKEN_EXCUSED : 0;
  }
  while (reader->open.count > 0 && reader->open.items[reader->open.count - 1].kind == OPEN_GENERIC) {
    Token *token = &reader->tokens.items[reader->open.items[--reader->open.count].token];
    token->kind = TOKEN_OPERATOR;
    token->op = OP_LESS;
  }
}

// --- brackets (§5)

static const struct {
  TokenKind close;
  char opener, closer;
} BRACKETS[] = {
    [OPEN_PAREN] = {TOKEN_CLOSE_PAREN, '(', ')'},      [OPEN_BRACKET] = {TOKEN_CLOSE_BRACKET, '[', ']'},
    [OPEN_BRACE] = {TOKEN_CLOSE_BRACE, '{', '}'},      [OPEN_GENERIC] = {TOKEN_CLOSE_GENERIC, '<', '>'},
    [OPEN_STRING_HOLE] = {TOKEN_CLOSE_HOLE, '{', '}'}, [OPEN_ATTRIBUTE_HOLE] = {TOKEN_CLOSE_HOLE, '{', '}'},
    [OPEN_CHILD_HOLE] = {TOKEN_CLOSE_HOLE, '{', '}'},  [OPEN_ELEMENT] = {TOKEN_TAG_CLOSE, '<', '>'},
};

void lex_opener(Reader *reader) {
  const char *at = reader->at;
  TokenKind kind = *at == '(' ? TOKEN_OPEN_PAREN : *at == '[' ? TOKEN_OPEN_BRACKET : TOKEN_OPEN_BRACE;
  lex_token(reader, kind, at, at + 1);
  lex_open(reader, *at == '(' ? OPEN_PAREN : *at == '[' ? OPEN_BRACKET : OPEN_BRACE, lex_offset(reader, at));
  reader->at = at + 1;
}

static void unclosed(Reader *reader, const Open *open) {
  if (open->kind == OPEN_ELEMENT) {
    read_error(reader, open->start, reader->tokens.items[open->token].end, "Expected closing tag");
  } else if (open->kind == OPEN_STRING_HOLE) {
    read_error(reader, open->start, open->start + 1, "unterminated string literal");
  } else {
    SyntaxError *error =
        read_error(reader, open->start, open->start + 1, "unclosed '%c'", BRACKETS[open->kind].opener);
    read_error_hint(reader, error, "expected '%c' where what it holds ends", BRACKETS[open->kind].closer);
  }
}

// Is there, on the rest of this line, a closer for what is open? Looks only as far as people do.
static bool closes_on_line(const char *at, char opener, char closer) {
  int depth = 0;
  for (int steps = 0; steps < 200 && *at != '\n' && *at != '\0'; steps++, at++) {
    depth += *at == opener;
    if (*at == closer && depth-- == 0) {
      return true;
    }
  }
  return false;
}

static void close_token(Reader *reader, const char *start, const char *end) {
  Open open = reader->open.items[--reader->open.count];
  lex_token(reader, BRACKETS[open.kind].close, start, end);
  if (open.kind == OPEN_STRING_HOLE) {
    lex_string_rest(reader);
  } else if (open.kind == OPEN_ATTRIBUTE_HOLE) {
    lex_markup_attributes(reader);
  } else if (open.kind == OPEN_CHILD_HOLE) {
    lex_markup_children(reader);
  }
}

// Does what stands around the open brackets go on at this token?
static bool goes_on(const Token *token, uint32_t indent) {
  return (token->flags & TOKEN_FIRST) && token->indent <= indent && token->kind > TOKEN_LAST_STOP &&
         token->kind < TOKEN_TEXT;
}

// Has what stands around an open bracket gone on since?
static bool is_left_behind(const Reader *reader, const Open *open) {
  uint32_t indent = reader->tokens.items[open->token].indent;
  for (uint32_t i = open->token + 1; i < reader->tokens.count; i++) {
    if (goes_on(&reader->tokens.items[i], indent)) {
      return true;
    }
  }
  return false;
}

void lex_closer(Reader *reader) {
  const char *at = reader->at++;
  if (lex_in_generic(reader)) {
    lex_give_up_generic(reader);
  }
  uint32_t depth = reader->open.count;
  bool found = false;
  while (depth > 0 && !found) {
    OpenKind kind = reader->open.items[depth - 1].kind;
    found = BRACKETS[kind].closer == *at && kind != OPEN_ELEMENT && kind != OPEN_GENERIC;
    if (kind > OPEN_GENERIC) {
      break; // the inside of a hole ends with the hole
    }
    depth -= !found;
  }
  if (found) {
    if (depth < reader->open.count) { // report the innermost; those around it are likely the same mistake
      unclosed(reader, &reader->open.items[reader->open.count - 1]);
    }
    while (reader->open.count > depth) {
      close_token(reader, at, at);
    }
    close_token(reader, at, at + 1);
    return;
  }
  uint32_t start = lex_offset(reader, at);
  SyntaxError *error = read_error(reader, start, start + 1, "unexpected '%c'", *at);
  if (reader->open.count == 0) {
    error->excuses_commas = true; // its opener is missing, and they are between the two
    read_error_hint(reader, error, "nothing is open here that it could close");
  }
  if (reader->open.count > 0 && reader->open.items[reader->open.count - 1].kind < OPEN_GENERIC) {
    const Open *open = &reader->open.items[reader->open.count - 1];
    char opener = BRACKETS[open->kind].opener, closer = BRACKETS[open->kind].closer;
    read_error_note(reader, error, open->start, open->start + 1, "'%c' is open here", opener);
    if (!closes_on_line(at + 1, opener, closer) && !is_left_behind(reader, open)) { // meant to close this one
      close_token(reader, at, at + 1);
    }
  }
}

// --- recovery

enum { MOST_RECOVERIES = 16 };

void lex_skip_line(Reader *reader, uint32_t from) {
  const char *at = reader->text + from;
  const char *end = memchr(at, '\n', reader->length - from);
  reader->at = end && reader->recoveries < MOST_RECOVERIES ? end : reader->text + reader->length;
  reader->recoveries++;
  uint32_t line = from;
  while (line > 0 && reader->text[line - 1] != '\n') {
    line--;
  }
  while (reader->open.count > 0) { // what the line opened it would have closed
    Open open = reader->open.items[reader->open.count - 1];
    if (open.kind > OPEN_GENERIC || open.start < line) {
      break;
    }
    reader->open.count--;
    lex_token(reader, BRACKETS[open.kind].close, at, at);
  }
}

// The innermost thing that was open at an offset: a bracket if there is one. Those around it are likely the
// same mistake.
static Open innermost(const Reader *reader, uint32_t before) {
  Open inner = reader->open.items[0];
  for (uint32_t i = 0; i < reader->open.count && reader->open.items[i].start < before; i++) {
    if (reader->open.items[i].kind < OPEN_GENERIC || inner.kind >= OPEN_GENERIC) {
      inner = reader->open.items[i];
    }
  }
  return inner;
}

static bool holds_element(const Reader *reader) {
  for (uint32_t i = 0; i < reader->open.count; i++) {
    if (reader->open.items[i].kind == OPEN_ELEMENT) {
      return true;
    }
  }
  return false;
}

// Where the first line after `from` begins that is not deeper than `*indent`, which becomes its own. The text
// of an element that has no end has no tokens to ask.
static uint32_t line_not_deeper(const Reader *reader, uint32_t from, uint32_t *indent) {
  const char *at = reader->text + from, *end = reader->text + reader->length;
  while ((at = memchr(at, '\n', (size_t)(end - at)))) {
    const char *line = ++at;
    while (at < end && *at == ' ') {
      at++;
    }
    if (at < end && !strchr("\n\r\t</>)]}", *at) && (uint32_t)(at - line) <= *indent) {
      *indent = (uint32_t)(at - line);
      return lex_offset(reader, at);
    }
  }
  return reader->length;
}

// The text ended inside brackets. Closes them at the first line that is not deeper than the outermost one's
// line, and goes on reading there.
void lex_recover_unclosed(Reader *reader) {
  const Token *first = &reader->tokens.items[reader->open.items[0].token];
  uint32_t indent = first->indent;
  uint32_t stop = reader->open.items[0].token + 1;
  uint32_t resume = reader->length;
  if (holds_element(reader)) {
    resume = line_not_deeper(reader, first->start, &indent);
    while (stop < reader->tokens.count && reader->tokens.items[stop].start < resume) {
      stop++;
    }
  } else {
    while (stop < reader->tokens.count && !goes_on(&reader->tokens.items[stop], indent)) {
      stop++;
    }
    if (stop < reader->tokens.count) {
      resume = reader->tokens.items[stop].start;
      indent = reader->tokens.items[stop].indent;
    }
  }
  bool again = resume < reader->length && reader->recoveries++ < MOST_RECOVERIES;
  resume = again ? resume : reader->length;
  Open inner = innermost(reader, resume);
  if (again) {
    reader->indent = indent;
    reader->tokens.count = stop;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < reader->errors.count; i++) { // found again, if they are errors then
      if (reader->errors.items[i].start < resume) {
        reader->errors.items[kept++] = reader->errors.items[i];
      }
    }
    reader->errors.count = kept;
    reader->tab_reported = reader->tab_reported && reader->reported_tab < resume;
    while (reader->docs.count > 0 &&
           reader->docs.items[reader->docs.count - 1].span.start >= reader->base + resume) {
      reader->docs.count--;
    }
  }
  unclosed(reader, &inner);
  reader->at = reader->text + resume;
  const char *here = reader->at;
  while (reader->open.count > 0) {
    Open open = reader->open.items[--reader->open.count];
    if (open.token >= reader->tokens.count) {
      continue;
    }
    reader->first = false;
    if (open.kind == OPEN_ATTRIBUTE_HOLE) {
      lex_token(reader, TOKEN_CLOSE_HOLE, here, here);
      lex_token(reader, TOKEN_TAG_EMPTY, here, here);
    } else {
      lex_token(reader, BRACKETS[open.kind].close, here, here);
      if (open.kind == OPEN_STRING_HOLE) {
        lex_token(reader, TOKEN_CLOSE_STRING, here, here);
      }
    }
  }
  reader->first = again;
}
