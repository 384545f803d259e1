// The lexer (spec 01 §2-§5): one pass over the bytes to an array of balanced tokens.
//
// Table driven: the class of a character picks the rule. What is open (brackets, generic lists, holes of
// strings and markup, elements) is an explicit stack, so that no input nests C calls. After an unclosed
// bracket or string the lexer goes back to a line where the text plainly goes on, closes what is open and
// reads on from there; the number of such recoveries is limited, which keeps the whole linear.
#include "syntax/reader.h"

#include <string.h>

enum CharClass {
  WORD,
  DIGIT,
  OPERATOR_CHAR,
  BLANK,
  LINE,
  TAB,
  OPENER,
  CLOSER,
  COMMA,
  STRING,
  QUOTE,
  BACK,
  BAD
};

enum { CHUNK_TOKENS = 4096 };

#define W WORD
#define D DIGIT
#define O OPERATOR_CHAR
#define X BAD
static const uint8_t CLASS[256] = {
    X,      X,      X,      X,      X,     X,      X, X,
    X,      TAB,    LINE,   X,      X,     BLANK,  X, X, // 00
    X,      X,      X,      X,      X,     X,      X, X,
    X,      X,      X,      X,      X,     X,      X, X, // 10
    BLANK,  O,      STRING, O,      W,     O,      O, QUOTE,
    OPENER, CLOSER, O,      O,      COMMA, O,      O, O, // SP ! " # $ % & ' ( ) * + , - . /
    D,      D,      D,      D,      D,     D,      D, D,
    D,      D,      O,      O,      O,     O,      O, O, // 0-9 : ; < = > ?
    O,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // @ A-O
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      OPENER, O,     CLOSER, O, W, // P-Z [ \ ] ^ _
    BACK,   W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // ` a-o
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      OPENER, O,     CLOSER, O, X, // p-z { | } ~ DEL
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // 80
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // 90
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // A0
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // B0
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // C0
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // D0
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // E0
    W,      W,      W,      W,      W,     W,      W, W,
    W,      W,      W,      W,      W,     W,      W, W, // F0
};
#undef W
#undef D
#undef O
#undef X

static inline uint8_t class_of(const char *at) {
  return CLASS[(unsigned char)*at];
}

bool lex_is_word(const char *at) {
  return class_of(at) == WORD || class_of(at) == DIGIT;
}

Token *lex_token(Reader *reader, TokenKind kind, const char *start, const char *end) {
  if (reader->tokens.count ==
      reader->tokens.capacity) { // a long entry: grow once, memory is touched only when used
    uint32_t left = reader->length - lex_offset(reader, start);
    VECTOR_RESERVE(reader->scratch, &reader->tokens, reader->tokens.count + left / 2 + 16);
  }
  Token *token = &reader->tokens.items[reader->tokens.count++];
  *token = (Token){.start = lex_offset(reader, start),
                   .end = lex_offset(reader, end),
                   .indent = reader->indent,
                   .kind = (uint8_t)kind,
                   .flags = reader->first ? TOKEN_FIRST : 0};
  reader->first = false;
  return token;
}

static inline const Token *last_token(const Reader *reader) {
  static const Token NOTHING = {.kind = TOKEN_END, .end = UINT32_MAX};
  return reader->tokens.count > 0 ? &reader->tokens.items[reader->tokens.count - 1] : &NOTHING;
}

static Name intern_hashed(Reader *reader, const char *start, const char *end, uint32_t hash) {
  Name *slot = &reader->word_cache[(hash ^ hash >> 16) & ((1 << WORD_CACHE_BITS) - 1)];
  Str text = {start, (size_t)(end - start)};
  if (!str_equal(names_text(reader->names, *slot), text)) {
    *slot = names_intern(reader->names, text);
  }
  return *slot;
}

Name lex_intern(Reader *reader, const char *start, const char *end) {
  uint32_t hash = 2166136261u;
  for (const char *at = start; at < end; at++) {
    hash = (hash ^ (unsigned char)*at) * 16777619u;
  }
  return intern_hashed(reader, start, end, hash);
}

void lex_open(Reader *reader, OpenKind kind, uint32_t start) {
  VECTOR_PUSH(reader->scratch, &reader->open, (Open){kind, reader->tokens.count - 1, start, reader->tag});
}

// §2.5: `#!no_prelude` at a line start makes the line blank.
static bool skip_directive(Reader *reader) {
  static const char DIRECTIVE[] = "#!no_prelude";
  const char *at = reader->at;
  size_t left = reader->length - lex_offset(reader, at);
  if (left < sizeof DIRECTIVE - 1 || memcmp(at, DIRECTIVE, sizeof DIRECTIVE - 1) != 0) {
    return false;
  }
  const char *after = at + sizeof DIRECTIVE - 1;
  if (left > sizeof DIRECTIVE - 1 && (class_of(after) == WORD || class_of(after) == DIGIT)) {
    return false;
  }
  reader->no_prelude = true;
  const char *line_end = memchr(after, '\n', left - (sizeof DIRECTIVE - 1));
  reader->at = line_end ? line_end : reader->text + reader->length;
  return true;
}

// From the start of a line outside all parts to that of the next part, or to the end of the text.
static void enter_part(Reader *reader) {
  uint32_t offset = lex_offset(reader, reader->at);
  while (reader->file_part_count > 0 && reader->file_parts->end <= offset) {
    reader->file_parts++;
    reader->file_part_count--;
  }
  uint32_t start = reader->file_part_count > 0 ? reader->file_parts->start : reader->length;
  if (start > offset) {
    reader->at = reader->text + start;
  }
}

void lex_begin_line(Reader *reader) {
  enter_part(reader);
  reader->lines++;
  const char *at = reader->at;
  while (*at == ' ') {
    at++;
  }
  reader->indent = (uint32_t)(at - reader->at);
  reader->first = true;
  reader->at = at;
  if (*at == '#') {
    skip_directive(reader);
  }
}

static void lex_comment(Reader *reader) {
  const char *start = reader->at;
  const char *end = memchr(start, '\n', reader->length - lex_offset(reader, start));
  end = end ? end : reader->text + reader->length;
  reader->at = end;
  if (reader->first && end - start >= 3 && (start[2] == '/' || start[2] == '!')) {
    docs_note_line(reader, start, end);
  }
}

static void lex_tab(Reader *reader) {
  uint32_t at = lex_offset(reader, reader->at);
  if (!reader->tab_reported) {
    SyntaxError *error = read_error(reader, at, at + 1, "tabs are not supported");
    read_error_hint(reader, error, "indent with spaces, two per level");
    reader->tab_reported = true;
    reader->reported_tab = at;
  }
  if (reader->first) { // guess that a tab was meant as a level
    reader->indent += 2;
    reader->at++;
    while (*reader->at == ' ') {
      reader->indent++;
      reader->at++;
    }
    return;
  }
  reader->at++;
}

// --- numbers (§4.1)

// A `+` or `-` directly before a digit: part of the number?
static bool sign_belongs_to_number(const Reader *reader) {
  if (reader->at == reader->text) {
    return true;
  }
  const char *before = reader->at - 1;
  switch (class_of(before)) {
  case BLANK:
  case LINE:
  case TAB:
  case COMMA:
  case OPENER:
    return true;
  case OPERATOR_CHAR:
    // The `>` that closes a generic list ends an operand, the `<` that opens one does not; a member is never
    // negative (§4.1.3).
    return last_token(reader)->kind == TOKEN_OPEN_GENERIC ||
           (last_token(reader)->kind == TOKEN_OPERATOR && last_token(reader)->op != OP_DOT &&
            last_token(reader)->op != OP_OPTIONAL_DOT);
  default:
    return false;
  }
}

static const char *skip_digits(const char *at) {
  while (class_of(at) == DIGIT) {
    at++;
  }
  return at;
}

static void lex_number(Reader *reader) {
  const char *start = reader->at;
  const Token *before = last_token(reader);
  bool after_dot = before->kind == TOKEN_OPERATOR &&
                   (before->op == OP_DOT || before->op == OP_OPTIONAL_DOT) &&
                   before->end == lex_offset(reader, start);
  const char *at = skip_digits(start + (*start == '-' || *start == '+'));
  bool is_float = false, wide = false;
  if (!after_dot) {
    if (*at == '.' && class_of(at + 1) == DIGIT) {
      is_float = true;
      at = skip_digits(at + 1);
    }
    if ((*at == 'e' || *at == 'E') &&
        (class_of(at + 1) == DIGIT || ((at[1] == '-' || at[1] == '+') && class_of(at + 2) == DIGIT))) {
      is_float = true;
      at = skip_digits(at + 2);
    }
  }
  const char *digits_end = at;
  wide = is_float;
  bool sized =
      (at[0] == 'i' || at[0] == 'f') && ((at[1] == '3' && at[2] == '2') || (at[1] == '6' && at[2] == '4'));
  if (!after_dot && sized && !(is_float && *at == 'i')) {
    is_float = *at == 'f';
    wide = at[1] == '6';
    at += 3;
  }
  if (class_of(at) == WORD || class_of(at) == DIGIT) {
    while (class_of(at) == WORD || class_of(at) == DIGIT) {
      at++;
    }
    SyntaxError *error =
        read_error(reader, lex_offset(reader, start), lex_offset(reader, at), "invalid number literal '%.*s'",
                   at - start > 40 ? 40 : (int)(at - start), start);
    read_error_hint(reader, error,
                    "numbers are decimal digits, optionally with a fraction and one of the suffixes "
                    "i32, i64, f32, f64");
  }
  Name digits = lex_intern(reader, start, digits_end);
  Token *token = lex_token(reader, is_float ? TOKEN_FLOAT : TOKEN_INT, start, at);
  token->value = digits;
  token->flags |= wide ? TOKEN_WIDE : 0;
  reader->at = at;
}

// --- generic lists (§5.3)

// Operators that no list of types or type parameters holds.
static bool ends_generic(Operator op) {
  switch (OPERATORS[op].infix) {
  case LEVEL_LOGIC:
  case LEVEL_ADD:
  case LEVEL_MULTIPLY:
    return true;
  case LEVEL_COMPARE:
    return !operator_is_range(op);
  default:
    return op == OP_ASSIGN;
  }
}

static bool starts_statement(Name word) {
  switch (word) {
  case NAME_LET:
  case NAME_VAR:
  case NAME_RETURN:
  case NAME_WHILE:
  case NAME_IF:
  case NAME_PUB:
  case NAME_USE:
    return true;
  default:
    return false;
  }
}

// --- words and operators (§3)

static bool at_byte_order_mark(const Reader *reader) {
  return reader->length - lex_offset(reader, reader->at) >= 3 && memcmp(reader->at, "\xEF\xBB\xBF", 3) == 0;
}

static void lex_word(Reader *reader) {
  const char *start = reader->at;
  const char *at = start;
  if (*at == '\xEF' && at_byte_order_mark(reader)) { // only the first thing in a file may be one
    uint32_t offset = lex_offset(reader, at);
    read_error(reader, offset, offset + 3, "unexpected character U+FEFF");
    reader->at += 3;
    return;
  }
  uint32_t hash = 2166136261u;
  do {
    hash = (hash ^ (unsigned char)*at) * 16777619u;
    at++;
  } while (class_of(at) <= DIGIT);
  Name name = intern_hashed(reader, start, at, hash);
  Operator op = operator_of_name(name);
  if (lex_in_generic(reader) &&
      ((op != OP_NONE && ends_generic(op)) || (reader->first && starts_statement(name)))) {
    lex_give_up_generic(reader);
  }
  Token *token = lex_token(reader, op == OP_NONE ? TOKEN_WORD : TOKEN_OPERATOR, start, at);
  token->value = name;
  token->op = (uint8_t)op;
  reader->at = at;
}

// The longest operator of at most `length` (1 to 3) characters at `at` that has exactly `length` characters.
static Operator known_operator(const char *at, uint32_t length) {
#define PACK(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))
  uint32_t packed = PACK((unsigned char)at[0], length > 1 ? (unsigned char)at[1] : 0,
                         length > 2 ? (unsigned char)at[2] : 0);
  switch (packed) {
  case PACK('+', 0, 0):
    return OP_PLUS;
  case PACK('-', 0, 0):
    return OP_MINUS;
  case PACK('*', 0, 0):
    return OP_STAR;
  case PACK('/', 0, 0):
    return OP_SLASH;
  case PACK('%', 0, 0):
    return OP_PERCENT;
  case PACK('^', 0, 0):
    return OP_CARET;
  case PACK('=', '=', 0):
    return OP_EQUAL;
  case PACK('!', '=', 0):
    return OP_NOT_EQUAL;
  case PACK('<', 0, 0):
    return OP_LESS;
  case PACK('>', 0, 0):
    return OP_GREATER;
  case PACK('<', '=', 0):
    return OP_LESS_EQUAL;
  case PACK('>', '=', 0):
    return OP_GREATER_EQUAL;
  case PACK('=', 0, 0):
    return OP_ASSIGN;
  case PACK('+', '=', 0):
    return OP_PLUS_ASSIGN;
  case PACK('-', '=', 0):
    return OP_MINUS_ASSIGN;
  case PACK('*', '=', 0):
    return OP_STAR_ASSIGN;
  case PACK('/', '=', 0):
    return OP_SLASH_ASSIGN;
  case PACK(':', '=', 0):
    return OP_WALRUS;
  case PACK(':', 0, 0):
    return OP_COLON;
  case PACK('?', ':', 0):
    return OP_OPTIONAL_COLON;
  case PACK(':', ':', 0):
    return OP_PATH;
  case PACK('.', 0, 0):
    return OP_DOT;
  case PACK('?', '.', 0):
    return OP_OPTIONAL_DOT;
  case PACK('.', '.', 0):
    return OP_RANGE;
  case PACK('.', '.', '='):
    return OP_RANGE_INCLUSIVE;
  case PACK('.', '.', '<'):
    return OP_RANGE_EXCLUSIVE;
  case PACK('.', '.', '.'):
    return OP_SPREAD;
  case PACK('-', '>', 0):
    return OP_ARROW;
  case PACK('=', '>', 0):
    return OP_FAT_ARROW;
  case PACK('|', '>', 0):
    return OP_PIPE_RIGHT;
  case PACK('<', '|', 0):
    return OP_PIPE_LEFT;
  case PACK('|', 0, 0):
    return OP_PIPE;
  case PACK('&', 0, 0):
    return OP_AMPERSAND;
  case PACK(';', 0, 0):
    return OP_SEMICOLON;
  case PACK('?', '?', 0):
    return OP_COALESCE;
  case PACK('!', 0, 0):
    return OP_BANG;
  case PACK('~', 0, 0):
    return OP_TILDE;
  case PACK('@', 0, 0):
    return OP_AT;
  case PACK('#', 0, 0):
    return OP_HASH;
  default:
    return OP_NONE;
  }
#undef PACK
}

static inline bool in_operator_run(const char *at) {
  return class_of(at) == OPERATOR_CHAR && !(at[0] == '/' && at[1] == '/');
}

// A run of operator characters with a part that is no operator, or no prefix operator after the first
// (§3.2.1). What is left of the run is skipped, so that one mistake is one error.
static void unknown_operator(Reader *reader, const char *start) {
  const char *end = reader->at;
  while (in_operator_run(end)) {
    end++;
  }
  int length = end - start > 40 ? 40 : (int)(end - start);
  SyntaxError *error = read_error(reader, lex_offset(reader, start), lex_offset(reader, end),
                                  "unknown operator '%.*s'", length, start);
  Str run = {start, (size_t)(end - start)};
  if (str_equal(run, STR("&&"))) {
    read_error_hint(reader, error, "the logical operator is 'and'");
  } else if (str_equal(run, STR("||"))) {
    read_error_hint(reader, error, "the logical operator is 'or'");
  } else if (str_equal(run, STR("++")) || str_equal(run, STR("--"))) {
    read_error_hint(reader, error, "write 'x = x %c 1'", start[0]);
  }
  reader->at = end;
}

static bool markup_starts(const Reader *reader) {
  const char *at = reader->at;
  char next = at[1];
  if (!((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z'))) {
    return false;
  }
  if (at == reader->text) {
    return true;
  }
  switch (class_of(at - 1)) {
  case BLANK:
  case LINE:
  case TAB:
  case OPENER:
  case COMMA:
    return true;
  default:
    return false;
  }
}

static void lex_operator(Reader *reader) {
  const char *at = reader->at;
  if (*at == '>' && lex_in_generic(reader)) { // §3.2.2
    lex_token(reader, TOKEN_CLOSE_GENERIC, at, at + 1);
    reader->open.count--;
    reader->at = at + 1;
    return;
  }
  uint32_t length = 1;
  while (length < 4 && in_operator_run(at + length)) {
    length++;
  }
  Operator op = OP_NONE;
  for (length = length > 3 ? 3 : length; length > 0 && op == OP_NONE;) {
    op = known_operator(at, length);
    length -= op == OP_NONE;
  }
  const Token *before = last_token(reader);
  bool adjacent = before->end == lex_offset(reader, at);
  bool in_run = adjacent && before->kind == TOKEN_OPERATOR && class_of(at - 1) == OPERATOR_CHAR;
  // A range may lack its right operand (`2..:`); after other operators only a prefix operator can follow.
  bool after_range = in_run && operator_is_infix(before->op) && operator_is_prefix(before->op) &&
                     before->op != OP_MINUS && before->op != OP_PERCENT;
  if (op == OP_NONE || (in_run && !operator_is_prefix(op) && !after_range)) {
    unknown_operator(reader, in_run ? reader->text + before->start : at);
    return;
  }
  if (op == OP_LESS && adjacent &&
      (before->kind == TOKEN_QUOTED || (before->kind == TOKEN_WORD && before->value != NAME_BACKTICK))) {
    lex_token(reader, TOKEN_OPEN_GENERIC, at, at + 1);
    lex_open(reader, OPEN_GENERIC, lex_offset(reader, at));
    reader->at = at + 1;
    return;
  }
  if (op == OP_LESS && markup_starts(reader)) {
    lex_markup(reader);
    return;
  }
  if (lex_in_generic(reader) && ends_generic(op)) {
    lex_give_up_generic(reader);
  }
  Token *token = lex_token(reader, TOKEN_OPERATOR, at, at + length);
  token->value = OPERATORS[op].name;
  token->op = (uint8_t)op;
  reader->at = at + length;
}

// --- the whole text

static void unexpected_character(Reader *reader) {
  unsigned char c = (unsigned char)*reader->at;
  uint32_t start = lex_offset(reader, reader->at);
  const char *end = reader->at;
  while (lex_offset(reader, end) < reader->length && class_of(end) == BAD) {
    end++;
  }
  read_error(reader, start, lex_offset(reader, end), "unexpected character U+%04X", c);
  reader->at = end;
}

// Offset of the first byte that is not UTF-8, or the length.
static uint32_t invalid_utf8(const char *text, uint32_t length) {
  const unsigned char *at = (const unsigned char *)text, *end = at + length;
  while (at < end) {
    uint64_t eight;
    while (end - at >= 8 && (memcpy(&eight, at, 8), (eight & UINT64_C(0x8080808080808080)) == 0)) {
      at += 8;
    }
    if (at == end || *at < 0x80) {
      at += at < end;
      continue;
    }
    uint32_t size = text_utf8_length(at, (size_t)(end - at));
    if (size == 0) {
      break;
    }
    at += size;
  }
  return (uint32_t)(at - (const unsigned char *)text);
}

// At the start of a line: does a new top-level entry begin, so that the parser may take over? Not if an
// operator still wants its operand (§7.1 rule 3).
static bool chunk_ends(const Reader *reader) {
  if (reader->tokens.count < CHUNK_TOKENS || reader->indent > 0 || reader->open.count > 0) {
    return false;
  }
  uint8_t next = class_of(reader->at);
  if (next != WORD && next != OPERATOR_CHAR) {
    return false;
  }
  const Token *last = last_token(reader);
  bool comment = reader->at[0] == '/' && reader->at[1] == '/';
  return !comment && !(last->kind == TOKEN_OPERATOR && operator_is_infix(last->op));
}

static void lex_chunk(Reader *reader) {
  const char *end = reader->text + reader->length;
  while (reader->at < end && !reader->aborted) {
    switch (class_of(reader->at)) {
    case WORD:
      lex_word(reader);
      break;
    case BLANK:
      reader->at++;
      break;
    case LINE:
      reader->at++;
      lex_begin_line(reader);
      if (chunk_ends(reader)) {
        return;
      }
      break;
    case DIGIT:
      lex_number(reader);
      break;
    case OPERATOR_CHAR:
      if (reader->at[0] == '/' && reader->at[1] == '/') {
        lex_comment(reader);
      } else if ((*reader->at == '-' || *reader->at == '+') && class_of(reader->at + 1) == DIGIT &&
                 sign_belongs_to_number(reader)) {
        lex_number(reader);
      } else {
        lex_operator(reader);
      }
      break;
    case OPENER:
      lex_opener(reader);
      break;
    case CLOSER:
      lex_closer(reader);
      break;
    case COMMA:
      lex_token(reader, TOKEN_COMMA, reader->at, reader->at + 1);
      reader->at++;
      break;
    case STRING:
      lex_string(reader);
      break;
    case QUOTE:
      lex_quoted(reader);
      break;
    case BACK:
      lex_token(reader, TOKEN_WORD, reader->at, reader->at + 1)->value = NAME_BACKTICK;
      reader->at++;
      break;
    case TAB:
      lex_tab(reader);
      break;
    default:
      unexpected_character(reader);
    }
  }
}

void lex_start(Reader *reader) {
  uint32_t most = reader->length / 2 + 16;
  VECTOR_RESERVE(reader->scratch, &reader->tokens, most < 2 * CHUNK_TOKENS ? most : 2 * CHUNK_TOKENS);
  uint32_t invalid = invalid_utf8(reader->text, reader->length);
  if (invalid < reader->length) {
    read_error(reader, invalid, invalid + 1, "invalid UTF-8");
  }
  if (at_byte_order_mark(reader)) {
    reader->at += 3;
  }
  lex_begin_line(reader);
}

bool lex_next(Reader *reader) {
  reader->tokens.count = 0;
  for (;;) {
    lex_chunk(reader);
    if (reader->open.count == 0 || reader->aborted) {
      break; // the parser stops at the end token even where closers are missing
    }
    if (lex_in_generic(reader)) {
      lex_give_up_generic(reader);
    } else {
      lex_recover_unclosed(reader);
    }
  }
  bool first = reader->first;
  uint32_t indent = reader->indent;
  reader->indent = 0;
  lex_token(reader, TOKEN_END, reader->at, reader->at)->flags = TOKEN_FIRST;
  reader->indent = indent;
  reader->first = first;
  reader->token_count += reader->tokens.count - 1;
  reader->next = 0;
  // The stacks of the parser never hold more than the tokens of one chunk, but for what calls are taken apart
  // to.
  VECTOR_RESERVE(reader->scratch, &reader->items, reader->tokens.count);
  VECTOR_RESERVE(reader->scratch, &reader->parts, reader->tokens.count);
  VECTOR_RESERVE(reader->scratch, &reader->ids, reader->ids.count + reader->tokens.count);
  return reader->tokens.count > 1;
}
