// The notation that means the same wherever it stands: no suites, no clauses, no juxtaposition; operators
// only where a chain of them would otherwise nest, since the reader takes chains of any length but nests only
// so far. `(=)(x, 1)` calls a group with an operator in it, which reads as the list (= x 1).
//
// The printer of source text turns to it for what plain lines do not say (print_source.c).
#include "syntax/printer.h"

// Operators that a chain may hold, with operands that are words or stand in brackets: those that group to the
// left by their level alone.
static bool chains(Operator op) {
  return op != OP_NONE && OPERATORS[op].infix >= LEVEL_LOGIC && OPERATORS[op].flags == 0 && op != OP_PIPE &&
         op != OP_ARROW;
}

static void print_form(Printer *p, FormId id);

static bool goes_on(const Printer *p, Operator outer, FormId left) {
  Operator inner = printer_infix_of(p, get(p, left));
  return chains(inner) && OPERATORS[inner].infix >= OPERATORS[outer].infix;
}

// An operand of a chain: of a member operator, a word or a call of one; anything else in parentheses.
static void print_link(Printer *p, FormId id, Operator op) {
  const Form *form = get(p, id);
  bool word = form->kind == FORM_IDENTIFIER && operator_of_form(form) == OP_NONE;
  bool brace = form_headed_reserved(p->forms, form, NAME_OBJECT_LITERAL); // `N {…}` would construct
  if (word || printer_is_call(p, form) || (OPERATORS[op].infix < LEVEL_MEMBER && !brace) ||
      chains(printer_infix_of(p, form))) {
    print_form(p, id);
  } else {
    add(p, "(");
    print_form(p, id);
    add(p, ")");
  }
}

static void print_chain(Printer *p, FormId id) {
  VECTOR(FormId) chain = {0};
  Arena arena;
  arena_init(&arena);
  for (Operator op = OP_NONE; op == OP_NONE || goes_on(p, op, id); id = form_element(get(p, id), 1)) {
    VECTOR_PUSH(&arena, &chain, id);
    op = printer_infix_of(p, get(p, id));
  }
  add(p, "(");
  for (uint32_t i = chain.count; i-- > 0;) {
    const Form *form = get(p, chain.items[i]);
    Operator op = printer_infix_of(p, form);
    if (i + 1 == chain.count) {
      print_link(p, id, op);
    }
    const char *space = OPERATORS[op].infix >= LEVEL_MEMBER ? "" : " ";
    text_format(p->out, "%s%.*s%s", space, STR_ARGS(context_name(p->forms->context, OPERATORS[op].name)),
                space);
    print_link(p, form_element(form, 2), op);
  }
  add(p, ")");
  arena_free(&arena);
}

static void print_entries(Printer *p, const char *open, const Form *form, uint32_t from, const char *close) {
  add(p, open);
  for (uint32_t i = from; i < form_count(form); i++) {
    add(p, i > from ? ", " : "");
    print_form(p, form_element(form, i));
  }
  add(p, close);
}

static void print_call(Printer *p, const Form *form) {
  const Form *head = get(p, form_element(form, 0));
  uint32_t next = 1;
  if (head->kind == FORM_BOOL || (head->kind == FORM_IDENTIFIER && operator_of_form(head) == OP_NONE)) {
    form_print(p->forms, form_element(form, 0), p->out);
    const Form *second = form_count(form) > 1 ? get(p, form_element(form, 1)) : head;
    if (form_headed_reserved(p->forms, second, NAME_GENERICS)) {
      print_entries(p, "<", second, 1, ">");
      next = 2;
    }
  } else if (operator_of_form(head) != OP_NONE) {
    print_form(p, form_element(form, 0));
  } else {
    add(p, "(");
    print_form(p, form_element(form, 0));
    add(p, ")");
  }
  if (next == 1 || form_count(form) > next || (form->flags & FORM_FLAG_ADJACENT_CALL)) {
    print_entries(p, "(", form, next, ")");
  }
}

static bool is_operation(const Printer *p, FormId id) {
  Operator op = printer_infix_of(p, get(p, id));
  return op != OP_NONE && !chains(op);
}

// (op a b) as `(op)(a, b)`, however many of them nest on the left.
static void print_operation(Printer *p, FormId id) {
  VECTOR(FormId) nest = {0};
  Arena arena;
  arena_init(&arena);
  for (; is_operation(p, id); id = form_element(get(p, id), 1)) {
    VECTOR_PUSH(&arena, &nest, id);
    print_form(p, form_element(get(p, id), 0));
    add(p, "(");
  }
  print_form(p, id);
  while (nest.count > 0) {
    add(p, ", ");
    print_form(p, form_element(get(p, nest.items[--nest.count]), 2));
    add(p, ")");
  }
  arena_free(&arena);
}

static void print_form(Printer *p, FormId id) {
  const Form *form = get(p, id);
  if (form->kind != FORM_LIST) {
    bool operator_alone = operator_of_form(form) != OP_NONE;
    add(p, operator_alone ? "(" : "");
    form_print(p->forms, id, p->out);
    add(p, operator_alone ? ")" : "");
    return;
  }
  if (form_count(form) == 0) {
    add(p, "()");
    return;
  }
  const Form *head = get(p, form_element(form, 0));
  switch (head->flags & FORM_FLAG_RESERVED ? head->value : NAME_EMPTY) {
  case NAME_TUPLE:
    print_entries(p, "(", form, 1, ")");
    return;
  case NAME_ARRAY_LITERAL:
    print_entries(p, "[", form, 1, "]");
    return;
  case NAME_OBJECT_LITERAL:
    print_entries(p, "{", form, 1, "}");
    return;
  case NAME_SUBSCRIPT:
    add(p, "(");
    print_form(p, form_element(form, 1));
    print_entries(p, ")[", form, 2, "]");
    return;
  case NAME_INTERPOLATION:
    printer_interpolation(p, form, 0);
    return;
  case NAME_MARKUP:
    add(p, "(");
    printer_markup(p, form, 0);
    add(p, ")");
    return;
  default:
    if (chains(printer_infix_of(p, form))) {
      print_chain(p, id);
    } else if (is_operation(p, id)) {
      print_operation(p, id);
    } else {
      print_call(p, form);
    }
  }
}

void printer_bracketed(Printer *p, FormId id) {
  bool before = p->bracketed;
  p->bracketed = true; // also what stands in holes of strings and markup
  print_form(p, id);
  p->bracketed = before;
}
