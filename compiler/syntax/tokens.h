// Tokens: what the lexer hands to the layout parser. Private to syntax/.
//
// The lexer balances brackets: in a token array every opener has its closer, with entries of strings and
// markup nested the same way. Missing closers are inserted with zero width, stray ones dropped, after the
// error was noted.
#ifndef VOYD_SYNTAX_TOKENS_H
#define VOYD_SYNTAX_TOKENS_H

#include "syntax/operators.h"

typedef enum TokenKind {
  // A line always ends at these.
  TOKEN_END,
  TOKEN_COMMA,
  TOKEN_CLOSE_PAREN,
  TOKEN_CLOSE_BRACKET,
  TOKEN_CLOSE_BRACE,
  TOKEN_CLOSE_GENERIC,
  TOKEN_CLOSE_HOLE,
  TOKEN_LAST_STOP = TOKEN_CLOSE_HOLE,
  // Operands; value: Name
  TOKEN_WORD, // also the back-quote
  TOKEN_QUOTED,
  TOKEN_INT,
  TOKEN_FLOAT,
  TOKEN_STRING,
  TOKEN_OPERATOR, // op: Operator
  TOKEN_OPEN_PAREN,
  TOKEN_OPEN_BRACKET,
  TOKEN_OPEN_BRACE,
  TOKEN_OPEN_GENERIC,
  // "text ${ entry } text": OPEN_STRING (TEXT | OPEN_HOLE … CLOSE_HOLE)* CLOSE_STRING
  TOKEN_OPEN_STRING,
  TOKEN_CLOSE_STRING,
  TOKEN_TEXT, // value: Name of the unescaped bytes; in markup the raw ones
  TOKEN_OPEN_HOLE,
  // <tag name="raw" other={ entry }> children </tag>: TAG (ATTRIBUTE [TEXT | OPEN_HOLE … CLOSE_HOLE])*
  // (TAG_EMPTY | TAG_BODY (TEXT | OPEN_HOLE … CLOSE_HOLE | element)* TAG_CLOSE)
  TOKEN_TAG,       // value: Name of the tag; span from '<' to the end of the name
  TOKEN_ATTRIBUTE, // value: Name
  TOKEN_TAG_EMPTY, // '/>'
  TOKEN_TAG_BODY,  // '>'
  TOKEN_TAG_CLOSE, // '</tag>'
} TokenKind;

enum {
  TOKEN_FIRST = 1 << 0,   // first on its line
  TOKEN_WIDE = 1 << 1,    // number: i64 / f64
  TOKEN_EXCUSED = 1 << 2, // comma of a generic list that was given up
};

typedef struct Token {
  uint32_t start, end; // byte offsets in the file
  uint32_t value;
  uint32_t indent; // of the line it stands on
  uint8_t kind;
  uint8_t flags;
  uint8_t op;
  uint8_t unused;
} Token;

#endif
