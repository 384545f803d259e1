// Private to the printer of source text: print_source.c (what is printed, and that it reads back) over
// print_lines.c (lines and suites), print_expression.c (what stands on one line, unless its brackets hold
// suites) and print_bracketed.c (what means the same anywhere).
#ifndef VOYD_SYNTAX_PRINTER_H
#define VOYD_SYNTAX_PRINTER_H

#include "syntax/operators.h"
#include "syntax/print_source.h"

typedef struct Printer {
  const FormTable *forms;
  Text *out;
  uint8_t *has_block; // by form: does it hold a block?
  uint8_t
      *needs_brackets; // by form that is an item or a statement: does its plain text read as something else?
  bool bracketed;      // everything down from here in brackets
} Printer;

static inline const Form *get(const Printer *p, FormId id) {
  return form_get(p->forms, id);
}
static inline void add(Printer *p, const char *text) {
  text_add(p->out, str_from(text));
}
static inline void new_line(Printer *p, uint32_t indent) {
  text_add_char(p->out, '\n');
  text_repeat(p->out, ' ', indent);
}
static inline bool is_empty_list(const Form *form) {
  return form->kind == FORM_LIST && form_count(form) == 0;
}

// print_expression.c
bool printer_is_call(const Printer *p, const Form *form);       // a list headed by a word
Operator printer_infix_of(const Printer *p, const Form *form);  // of (op a b), else OP_NONE
Operator printer_prefix_of(const Printer *p, const Form *form); // of (op a), else OP_NONE
bool printer_is_clause(const Printer *p, FormId id);            // (: label value)
bool printer_takes_rest(Operator op); // its right side is the rest of the line, or the like
bool printer_left_needs_parentheses(const Printer *p, Operator op, FormId id);
bool printer_lacks_operand(const Printer *p, const Form *form); // `2..`
void printer_operand(Printer *p, FormId id, OperatorLevel level, uint32_t indent);
void printer_right(Printer *p, Operator op, FormId id, uint32_t indent);
void printer_prefix(Printer *p, Operator op, FormId operand, uint32_t indent);
void printer_parenthesised(Printer *p, FormId id, uint32_t indent);
// elements[0..count) between brackets; over several lines if they hold blocks
void printer_entries(Printer *p, const char *open, const FormId *elements, uint32_t count, const char *close,
                     uint32_t indent);
void printer_generics(Printer *p, const Form *generics, uint32_t indent);
void printer_interpolation(Printer *p, const Form *form, uint32_t indent);
void printer_markup(Printer *p, const Form *form, uint32_t indent);

// print_bracketed.c
void printer_bracketed(Printer *p, FormId id);

// print_lines.c
bool printer_is_block(const Printer *p, FormId id);
void printer_line(Printer *p, FormId id, uint32_t indent, bool statement);
void printer_entry(Printer *p, FormId id,
                   uint32_t indent); // all up to the end of an entry belongs to the form

#endif
