// The state of reading one file, shared by the lexer and the layout parser. Private to syntax/.
//
// Errors are noted here and reported at the end, sorted by position: the lexer runs before the parser.
// Offsets are relative to the file's text.
#ifndef VOYD_SYNTAX_READER_H
#define VOYD_SYNTAX_READER_H

#include "base/limits.h"
#include "syntax/syntax.h"
#include "syntax/tokens.h"

typedef struct SyntaxError {
  uint32_t start, end;
  Str message;
  Str hint;                      // empty: none
  uint32_t note_start, note_end; // related place; equal: none
  Str note;
  bool ends_line;      // other errors of its line are no mistakes of their own
  bool excuses_commas; // nor are commas before it
  bool is_comma;       // an unexpected one
} SyntaxError;

static const uint32_t NO_QUOTE = UINT32_MAX;

// A bracket, string or element that is open in the lexer.
typedef enum OpenKind {
  OPEN_PAREN,
  OPEN_BRACKET,
  OPEN_BRACE,
  OPEN_GENERIC,
  OPEN_STRING_HOLE,    // `}` goes back into the string
  OPEN_ATTRIBUTE_HOLE, // `}` goes back to the attributes of a tag
  OPEN_CHILD_HOLE,     // `}` goes back to the children of an element
  OPEN_ELEMENT,        // between `>` and `</tag>`
} OpenKind;

typedef struct Open {
  OpenKind kind;
  uint32_t token; // index of the opening token
  uint32_t start; // offset for errors; of a hole: the quote of its string
  uint32_t tag;   // OPEN_ELEMENT, OPEN_ATTRIBUTE_HOLE: token of the tag
} Open;

// An element of a line: an operand, an operator, or a postfix operation on what stands before it.
typedef struct Item {
  FormId form; // 0: operator
  uint32_t start, end;
  uint8_t op;
  uint8_t flags;
} Item;

enum {
  ITEM_CALL = 1 << 0,      // postfix call; the form is the list of arguments
  ITEM_SUBSCRIPT = 1 << 1, // postfix subscript; the form is the index
  ITEM_GROUP = 1 << 2,     // written ( … )
  ITEM_TYPE_NAME = 1 << 3, // `Name` or `Name<…>`: a brace group after it makes a constructor (01 §10)
  ITEM_CONSTRUCTOR = 1 << 4,
  ITEM_WORD = 1 << 5, // a word, unquoted
};

enum { WORD_CACHE_BITS = 12 };

typedef struct Reader {
  FormTable *forms;
  NameTable *names;
  Arena *scratch; // of the form table; dropped when the file is read
  const char *text;
  uint32_t length;
  Position base;
  bool failed;  // an error was noted
  bool aborted; // no further reading: nested too deeply or too many errors
  bool no_prelude;
  bool has_markup;

  VECTOR(SyntaxError) errors;
  VECTOR(DocComment) docs; // in scratch until the end

  // lexer
  const char *at;
  const SyntaxPart *file_parts; // those that are not read to their end
  uint32_t file_part_count;
  uint32_t indent;   // of the current line
  bool first;        // nothing on the current line yet
  bool tab_reported; // once per file
  uint32_t reported_tab;
  uint32_t tag;           // token of the tag whose attributes are being read
  uint32_t suspect;       // the first quote that seems to want its end in its line; NO_QUOTE
  const uint32_t *blamed; // quotes whose strings end with their lines, since reading failed otherwise
  uint32_t blamed_count;
  uint32_t recoveries;
  uint32_t lines, token_count;
  VECTOR(Token) tokens;
  VECTOR(Open) open;
  Name word_cache[1 << WORD_CACHE_BITS];

  // parser
  uint32_t next;      // index of the next token
  uint32_t nesting;   // open brackets, blocks, prefix operators
  uint32_t recursion; // active lines
  uint32_t brackets;  // open brackets
  VECTOR(Item) items; // stacks
  VECTOR(Item) parts;
  VECTOR(FormId) ids;
  FormId head_ast, head_block, head_tuple, head_object_literal, head_generics, head_subscript,
      head_array_literal, head_interpolation, head_markup;
} Reader;

// errors.c
// Notes an error; the result may be given a hint or a related place until the next one. Never NULL.
__attribute__((format(printf, 4, 5))) SyntaxError *read_error(Reader *reader, uint32_t start, uint32_t end,
                                                              const char *format, ...);
__attribute__((format(printf, 3, 4))) void read_error_hint(Reader *reader, SyntaxError *error,
                                                           const char *format, ...);
__attribute__((format(printf, 5, 6))) void read_error_note(Reader *reader, SyntaxError *error, uint32_t start,
                                                           uint32_t end, const char *format, ...);
// Puts the errors in the order of the text, without those on the line of an unterminated string.
void read_errors_settle(Reader *reader);
void read_errors_report(const Reader *reader);
// "nested too deeply" at a place; ends reading.
void read_too_deep(Reader *reader, uint32_t start, uint32_t end);

// lexer.c
void lex_start(Reader *reader);
// The tokens of the next top-level entries, from the first; false at the end of the text.
bool lex_next(Reader *reader);
Token *lex_token(Reader *reader, TokenKind kind, const char *start, const char *end);
Name lex_intern(Reader *reader, const char *start, const char *end);
// Called at the start of a line, after LF: counts its indent, notes docs and directives.
void lex_begin_line(Reader *reader);
void lex_open(Reader *reader, OpenKind kind, uint32_t start);
bool lex_is_word(const char *at); // a letter, a digit or `_`
static inline uint32_t lex_offset(const Reader *reader, const char *at) {
  return (uint32_t)(at - reader->text);
}

// brackets.c
void lex_opener(Reader *reader); // at an opening bracket
void lex_closer(Reader *reader); // at a closing one
// The innermost open generic list has no `>`: it was a comparison.
void lex_give_up_generic(Reader *reader);
// The text ended inside brackets: closes them where it plainly goes on, and goes on there.
void lex_recover_unclosed(Reader *reader);
static inline bool lex_in_generic(const Reader *reader) {
  return reader->open.count > 0 && reader->open.items[reader->open.count - 1].kind == OPEN_GENERIC;
}

// strings.c
void lex_string(Reader *reader);      // at the opening quote
void lex_string_rest(Reader *reader); // after the `}` of a hole, the string's entry still open
void lex_quoted(Reader *reader);      // 'name'
// After an unterminated string: what was open inside it is gone; go on with the next line.
void lex_skip_line(Reader *reader, uint32_t from);

// markup_lexer.c
void lex_markup(Reader *reader);            // at `<`
void lex_markup_attributes(Reader *reader); // after an attribute's `}`
void lex_markup_children(Reader *reader);   // after `>` or a child's `}`

// docs.c
void docs_note_line(Reader *reader, const char *start, const char *end);
void docs_finish(Reader *reader);

// layout.c
Item read_line(Reader *reader, uint32_t base, unsigned flags);
void read_module(Reader *reader, SyntaxResult *result);
// One entry of a bracket group or hole up to `,` or its closer; reports a missing comma. `in_braces` as 01
// §10.5.
Item read_entry(Reader *reader, bool in_braces);
// Pushes the entries up to the closer, which is consumed too, on `ids`; gives the closer's end offset.
uint32_t read_entries(Reader *reader, bool in_braces);

// expressions.c: the items from `first` on become one operand and leave the stack.
Item list_of_items(Reader *reader, uint32_t first, bool splits_clauses);
FormId make_list(Reader *reader, const FormId *elements, uint32_t count, uint8_t flags, uint32_t start,
                 uint32_t end);
static inline Span read_span(const Reader *reader, uint32_t start, uint32_t end) {
  return (Span){reader->base + start, reader->base + end};
}

// clauses.c: ids[first..] are the elements of a call-like list; splices a suite of clauses, makes callbacks
// lambdas.
void clauses_finish_call(Reader *reader, uint32_t first);
// Makes the callbacks among ids[first..] lambdas.
void clauses_make_callbacks(Reader *reader, uint32_t first);
// Attaches runs of clauses among the entries ids[first..] of a block or module to the entry before (01 §9.2).
void clauses_attach(Reader *reader, uint32_t first);

// constructors.c
bool constructor_name(const Reader *reader, const Token *word);
Item constructor_join(Reader *reader, Item name, Item braces);
FormId constructor_regroup_path(Reader *reader, FormId left, Item op, Item constructor);
FormId brace_entry(Reader *reader, FormId entry);
void braces_check_commas(Reader *reader, uint32_t first);

// markup.c
Item read_markup(Reader *reader);

// uses.c
void uses_check_module(Reader *reader, FormId root);

#endif
