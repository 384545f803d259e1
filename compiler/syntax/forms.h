// Forms: the surface tree that the reader makes, macros rewrite and ast/ interprets (spec 01 §6, 02 §2).
//
//   form ::= list | atom        atom ::= identifier | int | float | bool | string
//
// A form is a fixed-size record named by a 32-bit id; the elements of a list are a run of ids. One table
// serves the whole compilation, so that macros can mix forms of several modules. Forms are immutable once
// made: a rewrite makes new ones. Records live in pages that never move; a `const Form *` stays valid.
#ifndef VOYD_SYNTAX_FORMS_H
#define VOYD_SYNTAX_FORMS_H

#include "base/context.h"

typedef uint32_t FormId; // 0 = none

typedef enum FormKind {
  FORM_LIST,
  FORM_IDENTIFIER, // value: Name
  FORM_INT,        // value: Name of the digits with sign, without suffix; FORM_FLAG_WIDE: i64
  FORM_FLOAT,      // the same; FORM_FLAG_WIDE: f64 (the default), without: f32
  FORM_BOOL,       // value: 0 or 1
  FORM_STRING,     // value: Name whose text is the unescaped bytes
} FormKind;

enum {
  FORM_FLAG_QUOTED = 1 << 0, // identifier written 'x' (01 §3.1)
  FORM_FLAG_RESERVED =
      1 << 1, // identifier made by the reader as reserved head: tuple, object_literal, … (01 §6)
  FORM_FLAG_WIDE = 1 << 2, // i64 / f64
  FORM_FLAG_PARENTHESISED =
      1 << 3, // written `(e)`: no constructor name (01 §10); an operator list so written is never taken apart
  FORM_FLAG_ADJACENT_CALL = 1 << 4, // list written f(…)
  FORM_FLAG_SUITE = 1 << 5,         // block made from an indented suite (not written by a macro template)
  FORM_FLAG_CLAUSE = 1 << 6,        // set by the reader on (: label value); for its own use
  FORM_FLAG_CLAUSES = 1 << 7,       // set by the reader on a suite of clauses only; for its own use
};

typedef struct Form {
  uint8_t kind;
  uint8_t flags;
  uint16_t depth; // lists: nesting, not counting left operands of infix operators; the reader keeps it within
                  // LIMIT_NESTING, so that whoever iterates over left operands may recurse on the others
  uint32_t context; // hygiene context of an identifier (02 §9), 0 = as written
  uint32_t value;   // atoms: see FormKind; lists: index of the first element in the table of elements
  uint32_t count;   // lists: number of elements
  Span span;
} Form;

enum { FORM_PAGE_BITS = 12, FORM_PAGE_SIZE = 1 << FORM_PAGE_BITS, ELEMENT_PAGE_BITS = 14 };

typedef struct FormTable {
  Context *context;
  Arena arena;
  VECTOR(Form *) pages;  // of FORM_PAGE_SIZE records
  uint32_t count;        // ids handed out, including 0
  VECTOR(FormId *) runs; // pages of elements; a run never crosses a page unless it has one of its own
  uint32_t elements;
  Arena scratch; // of the file that is being read
} FormTable;

void forms_init(FormTable *table, Context *context);
void forms_free(FormTable *table);

static inline const Form *form_get(const FormTable *table, FormId id) {
  return &table->pages.items[id >> FORM_PAGE_BITS][id & (FORM_PAGE_SIZE - 1)];
}
// The elements of a list; valid as long as the table.
const FormId *form_elements(const FormTable *table, const Form *list);
static inline FormId form_element(const FormTable *table, const Form *list, uint32_t index) {
  return form_elements(table, list)[index];
}

FormId form_atom(FormTable *table, FormKind kind, uint32_t value, uint8_t flags, Span span);
// An identifier with a hygiene context (02 §9).
FormId form_identifier(FormTable *table, Name name, uint32_t context, uint8_t flags, Span span);
// `elements` is copied.
FormId form_list(FormTable *table, const FormId *elements, uint32_t count, uint8_t flags, Span span);

// An unquoted, unreserved identifier with this name?
static inline bool form_is_word(const Form *form, Name name) {
  return form->kind == FORM_IDENTIFIER && form->value == name &&
         (form->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) == 0;
}
static inline bool form_is_reserved(const Form *form, Name name) {
  return form->kind == FORM_IDENTIFIER && form->value == name && (form->flags & FORM_FLAG_RESERVED) != 0;
}
// A list whose first element is the word / the reserved head `name`?
bool form_headed(const FormTable *table, const Form *form, Name name);
bool form_headed_reserved(const FormTable *table, const Form *form, Name name);

// S-expression text of a form, as in the tables of spec 01 §6.1 (one line; strings quoted, quoted identifiers
// in '…').
void form_print(const FormTable *table, FormId form, Text *out);

#endif
