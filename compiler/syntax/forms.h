// Forms: the surface tree that the reader makes, macros rewrite and ast/ interprets (spec 01 §6, 02 §2).
//
//   form ::= list | atom        atom ::= identifier | int | float | bool | string
//
// A form is a record named by a 32-bit id: 12 bytes, behind them the ids of a list's elements or the hygiene
// context of a marked identifier, and the end of a span that is too long for the record. One table serves the
// whole compilation, so that macros can mix forms of several modules. Forms are immutable once made: a
// rewrite makes new ones, with higher ids than those they are made of. Records live in pages that never move;
// a `const Form *` stays valid.
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
  FORM_FLAG_MARKED = 1 << 6,        // identifiers: a context stands behind the record
};

typedef struct Form {
  uint32_t kind : 3;
  uint32_t flags : 8;
  uint32_t
      depth : 10; // lists: nesting, not counting left operands of infix operators; the reader keeps it within
                  // LIMIT_NESTING, so that whoever iterates over left operands may recurse on the others
  uint32_t length : 11; // of the span
  uint32_t value;       // atoms: see FormKind; lists: number of elements
  Position start;       // of the span
} Form;

enum {
  FORM_WORDS = sizeof(Form) / sizeof(uint32_t),
  FORM_PAGE_BITS = 14,
  FORM_PAGE_WORDS = 1 << FORM_PAGE_BITS,
  FORM_UNUSED = 7, // in place of a kind: the rest of the page
  FORM_MOST_DEPTH = (1 << 10) - 1,
  FORM_LONG = (1 << 11) - 1, // in place of a length: the end stands last in the record
};

typedef struct FormTable {
  Context *context;
  Arena arena;
  VECTOR(uint32_t *) pages; // of FORM_PAGE_WORDS words; a record never crosses a page unless it has its own
  FormId end;               // of the next record, unless it does not fit into what is left of the page
  uint32_t *at, *limit;     // the place of `end`, and the end of its page
  uint32_t count;           // of records, including 0
  Arena scratch;            // of the file that is being read
} FormTable;

void forms_init(FormTable *table, Context *context);
void forms_free(FormTable *table);

static inline const Form *form_get(const FormTable *table, FormId id) {
  return (const Form *)(const void *)&table->pages.items[id >> FORM_PAGE_BITS][id & (FORM_PAGE_WORDS - 1)];
}
// The number of a list's elements; 0 for atoms.
static inline uint32_t form_count(const Form *form) {
  return form->kind == FORM_LIST ? form->value : 0;
}
// The elements of a list; valid as long as the table.
static inline const FormId *form_elements(const Form *list) {
  return (const FormId *)(list + 1);
}
static inline FormId form_element(const Form *list, uint32_t index) {
  return form_elements(list)[index];
}
static inline bool form_is_marked(const Form *form) {
  return form->kind == FORM_IDENTIFIER && (form->flags & FORM_FLAG_MARKED) != 0;
}
// The hygiene context of an identifier (02 §9); 0: as written.
static inline uint32_t form_context(const Form *form) {
  return form_is_marked(form) ? *(const uint32_t *)(form + 1) : 0;
}
static inline Span form_span(const Form *form) {
  const uint32_t *behind = (const uint32_t *)(form + 1) + form_count(form) + form_is_marked(form);
  return (Span){form->start, form->length == FORM_LONG ? *behind : form->start + form->length};
}

FormId form_atom(FormTable *table, FormKind kind, uint32_t value, uint8_t flags, Span span);
// An identifier with a hygiene context (02 §9).
FormId form_identifier(FormTable *table, Name name, uint32_t context, uint8_t flags, Span span);
// `elements` is copied.
FormId form_list(FormTable *table, const FormId *elements, uint32_t count, uint8_t flags, Span span);

// Iterates over the records in the order of their making, from the `end` of an earlier time on:
//   for (FormId id = form_from(table, end); id < table->end; id = form_after(table, id))
static inline FormId form_from(const FormTable *table, FormId id) {
  bool unused =
      id < table->end && (id & (FORM_PAGE_WORDS - 1)) != 0 && form_get(table, id)->kind == FORM_UNUSED;
  return unused ? ((id >> FORM_PAGE_BITS) + 1) << FORM_PAGE_BITS : id;
}
static inline FormId form_after(const FormTable *table, FormId id) {
  const Form *form = form_get(table, id);
  return form_from(table,
                   id + FORM_WORDS + form_count(form) + form_is_marked(form) + (form->length == FORM_LONG));
}

// An unquoted, unreserved identifier with this name?
static inline bool form_is_word(const Form *form, Name name) {
  return form->kind == FORM_IDENTIFIER && form->value == name &&
         (form->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) == 0;
}
static inline bool form_is_reserved(const Form *form, Name name) {
  return form->kind == FORM_IDENTIFIER && form->value == name && (form->flags & FORM_FLAG_RESERVED) != 0;
}
// A list whose first element is the word / the reserved head `name`?
static inline bool form_headed(const FormTable *table, const Form *form, Name name) {
  return form_count(form) > 0 && form_is_word(form_get(table, form_element(form, 0)), name);
}
static inline bool form_headed_reserved(const FormTable *table, const Form *form, Name name) {
  return form_count(form) > 0 && form_is_reserved(form_get(table, form_element(form, 0)), name);
}

// S-expression text of a form, as in the tables of spec 01 §6.1 (one line; strings quoted, quoted identifiers
// in '…').
void form_print(const FormTable *table, FormId form, Text *out);

#endif
