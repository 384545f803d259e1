// The reader: the text of one source file to base forms (spec 01 §2-§10, §17).
//
//   text -> tokens (lexer.c, strings.c, markup_lexer.c) -> lines, blocks and groups (layout.c) -> operators
//   and juxtaposed calls (expressions.c) -> clauses and callbacks (clauses.c), constructors (constructors.c)
//   = base forms
//
// Surface that the specification leaves to built-in lowerings stays as data, under reserved heads beside
// those of 01 §6 (the spans of reserved heads and of the head `block` are unknown):
//   "a ${x} b"           (interpolation "a " x " b")                     02 §13.3
//   <t a="1" b={x}>…</t>  (markup t ((: a "1") (: b x)) (child…))         02 §13.5; without the children list
//   if
//                         self-closing. Children are string atoms with white space normalised, expressions
//                         and nested markup; t is an identifier, or (:: A B) for a path tag.
#ifndef VOYD_SYNTAX_SYNTAX_H
#define VOYD_SYNTAX_SYNTAX_H

#include "syntax/forms.h"

typedef enum DocKind {
  DOC_OUTER, // a run of consecutive `///` lines
  DOC_INNER, // one `//!` line
} DocKind;

// Documentation as written; ast/ finds what it documents (01 §16).
typedef struct DocComment {
  DocKind kind;
  uint32_t indent; // column of the comment, 0-based
  Span span;       // DOC_OUTER: start of the first to end of the last line
  Str text;        // lines joined with LF; lives as long as the form table
  Span target;     // DOC_OUTER: the next significant line; unknown if there is none, MD0004 is then reported
                   // already
} DocComment;

typedef struct SyntaxResult {
  FormId root; // (ast item…), also after errors: what could be read
  bool ok;     // no reading error (MD0002); otherwise the module counts as empty
  bool no_prelude;
  bool has_markup; // so that std::vx is part of the program (02 §13.5)
  const DocComment *docs;
  uint32_t doc_count;
  uint32_t lines, tokens, forms; // for counters
} SyntaxResult;

// Whole lines of a file, as byte offsets.
typedef struct SyntaxPart {
  uint32_t start, end;
} SyntaxPart;

// Reads a file and reports its reading errors in the order of the text. Always gives a root.
FormId syntax_read(FormTable *forms, FileId file, SyntaxResult *result);
// The same as if the file had no other lines than those of the parts, which are in order and do not overlap.
FormId syntax_read_parts(FormTable *forms, FileId file, const SyntaxPart *parts, uint32_t count,
                         SyntaxResult *result);

// Checks the path of a `(use path)`, `(pub use path)` or `(pub path)` form (01 §14.7) and reports MD0002 for
// the first thing wrong with it. Other forms pass. syntax_read has done this for what the file itself holds;
// uses that macros emit need it again.
bool syntax_check_use(FormTable *forms, FormId declaration);

// Is a list with this head a construct of the language, whose clauses are no labelled arguments (01 §9)?
bool syntax_is_structural(Name head);

#endif
