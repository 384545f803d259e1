// Lines, suites, declarations, bindings and clauses: suites stand where the layout rules read one, after `=`,
// `=>`, `:` and as the last element of a line. What no line can say so is written as a call
// (print_expression.c).
#include "syntax/printer.h"
#include "syntax/syntax.h"

static bool print_declaration(Printer *p, const Form *form, uint32_t indent);
static bool print_callback(Printer *p, const Form *form, uint32_t indent);
static bool print_suite_call(Printer *p, const Form *form, uint32_t indent, bool statement);

// A call of an unquoted word with arguments.
static bool is_plain_call(const Printer *p, const Form *form) {
  return printer_is_call(p, form) && form_count(form) > 1 &&
         !(get(p, form_element(form, 0))->flags & FORM_FLAG_QUOTED);
}

static bool is_operator_atom(const Form *form) {
  return form->kind == FORM_IDENTIFIER && operator_of_form(form) != OP_NONE;
}

bool printer_is_block(const Printer *p, FormId id) {
  return form_headed(p->forms, get(p, id), NAME_BLOCK) && form_count(get(p, id)) > 1;
}

// --- suites

static void print_suite(Printer *p, FormId block, uint32_t indent) {
  const Form *form = get(p, block);
  for (uint32_t i = 1; i < form_count(form); i++) {
    new_line(p, indent + 2);
    printer_line(p, form_element(form, i), indent + 2, true);
  }
}

// Is a block what a suite reads as? One of clauses only would become arguments.
static bool is_suite(const Printer *p, FormId id) {
  if (!printer_is_block(p, id)) {
    return false;
  }
  const Form *form = get(p, id);
  for (uint32_t i = 1; i < form_count(form); i++) {
    if (!printer_is_clause(p, form_element(form, i))) {
      return !printer_is_clause(p, form_element(form, 1)) || i == 1;
    }
  }
  return false;
}

// After `=` and `=>`: a suite, or the rest of the line.
static void print_rest(Printer *p, FormId id, uint32_t indent) {
  if (is_suite(p, id)) {
    print_suite(p, id, indent);
  } else {
    add(p, " ");
    printer_line(p, id, indent, false);
  }
}

// The parameters of a lambda, with its result if one is written.
static void print_signature(Printer *p, FormId id, uint32_t indent) {
  const Form *form = get(p, id);
  if (form->kind != FORM_LIST || form_count(form) == 0) {
    printer_operand(p, id, LEVEL_ATOM, indent);
    return;
  }
  const Form *head = get(p, form_element(form, 0));
  if (printer_infix_of(p, form) == OP_ARROW) {
    FormId parameters = form_element(form, 1);
    bool group = get(p, parameters)->kind == FORM_LIST && printer_infix_of(p, get(p, parameters)) != OP_NONE;
    if (group) {
      printer_parenthesised(p, parameters, indent);
    } else {
      printer_operand(p, parameters, LEVEL_ARROW + 1, indent);
    }
    add(p, " -> ");
    printer_right(p, OP_ARROW, form_element(form, 2), indent);
  } else if (operator_of_form(head) != OP_NONE || (head->flags & FORM_FLAG_RESERVED)) {
    printer_parenthesised(p, id, indent);
  } else if (form_count(form) > 1 &&
             !form_headed_reserved(p->forms, get(p, form_element(form, 1)), NAME_GENERICS)) {
    printer_entries(p, "(", form_elements(form), form_count(form), ")", indent);
  } else {
    printer_operand(p, id, LEVEL_ATOM, indent);
  }
}

static void print_lambda(Printer *p, const Form *form, uint32_t indent) {
  print_signature(p, form_element(form, 1), indent);
  add(p, " =>");
  print_rest(p, form_element(form, 2), indent);
}

static bool is_labelling(Operator op) {
  return op == OP_COLON || op == OP_OPTIONAL_COLON || op == OP_WALRUS;
}

// The left side of `:`, `?:`, `:=` and `=`: these group to the left, without limit. In an entry of a group a
// call before `:` would read as a callback (01 §9.3).
static void print_left(Printer *p, FormId id, bool in_entry, uint32_t indent) {
  VECTOR(FormId) chain = {0};
  Arena arena;
  arena_init(&arena);
  for (; is_labelling(printer_infix_of(p, get(p, id))); id = form_element(get(p, id), 1)) {
    VECTOR_PUSH(&arena, &chain, id);
  }
  const Form *form = get(p, id);
  if (in_entry && printer_infix_of(p, form) == OP_NONE && printer_prefix_of(p, form) == OP_NONE &&
      printer_is_call(p, form)) {
    printer_parenthesised(p, id, indent);
  } else {
    printer_operand(p, id, LEVEL_LOGIC, indent);
  }
  while (chain.count > 0) {
    form = get(p, chain.items[--chain.count]);
    Operator op = printer_infix_of(p, form);
    text_format(p->out, "%s%.*s ", op == OP_WALRUS ? " " : "",
                STR_ARGS(context_name(p->forms->context, OPERATORS[op].name)));
    printer_operand(p, form_element(form, 2), LEVEL_LOGIC, indent);
  }
  arena_free(&arena);
}

// `label: value`
static void print_clause(Printer *p, FormId id, bool in_entry, uint32_t indent) {
  const Form *form = get(p, id);
  FormId value = form_element(form, 2);
  print_left(p, form_element(form, 1), in_entry, indent);
  add(p, form_is_word(get(p, form_element(form, 0)), NAME_COLON) ? ":" : "?:");
  if (is_suite(p, value)) {
    print_suite(p, value, indent);
  } else if (printer_infix_of(p, get(p, value)) == OP_FAT_ARROW) {
    add(p, " ");
    print_lambda(p, get(p, value), indent);
  } else {
    add(p, " ");
    printer_operand(p, value, LEVEL_LOGIC, indent);
  }
}

// Where everything up to the end of an entry or line belongs to the form.
void printer_entry(Printer *p, FormId id, uint32_t indent) {
  const Form *form = get(p, id);
  if (p->bracketed) {
    printer_bracketed(p, id);
    return;
  }
  if (is_plain_call(p, form)) {
    Name head = get(p, form_element(form, 0))->value;
    bool binding = head == NAME_LET || head == NAME_VAR;
    if ((binding && print_declaration(p, form, indent)) ||
        (p->has_block[id] && (print_callback(p, form, indent) || print_suite_call(p, form, indent, false)))) {
      return;
    }
  }
  Operator op = printer_infix_of(p, form);
  if (is_operator_atom(form)) {
    form_print(p->forms, id, p->out);
  } else if (op == OP_COLON || op == OP_OPTIONAL_COLON) {
    print_clause(p, id, true, indent);
  } else if (op == OP_ASSIGN) {
    print_left(p, form_element(form, 1), true, indent);
    add(p, " =");
    print_rest(p, form_element(form, 2), indent);
  } else if (op == OP_FAT_ARROW) {
    print_lambda(p, form, indent);
  } else if (op != OP_NONE && (OPERATORS[op].flags & OPERATOR_TAKES_LINE)) {
    printer_operand(p, form_element(form, 1), OPERATORS[op].infix, indent);
    text_format(p->out, " %.*s", STR_ARGS(context_name(p->forms->context, OPERATORS[op].name)));
    print_rest(p, form_element(form, 2), indent);
  } else if (printer_lacks_operand(p, form)) {
    printer_operand(p, form_element(form, 1), OPERATORS[op].infix, indent);
    text_add(p->out, context_name(p->forms->context, OPERATORS[op].name));
  } else if (op != OP_NONE && OPERATORS[op].infix == LEVEL_ASSIGN) {
    print_left(p, id, true, indent);
  } else if (printer_prefix_of(p, form) != OP_NONE) {
    printer_prefix(p, printer_prefix_of(p, form), form_element(form, 1), indent);
  } else if (form_headed_reserved(p->forms, form, NAME_MARKUP)) {
    printer_markup(p, form, indent);
  } else {
    printer_operand(p, id, LEVEL_ASSIGN, indent);
  }
}

// --- lines

// What a form begins with: itself, or the first operand of its infix operators.
static FormId leftmost(const Printer *p, FormId id) {
  while (printer_infix_of(p, get(p, id)) != OP_NONE) {
    id = form_element(get(p, id), 1);
  }
  return id;
}

// Would the line read an element's first operator as one between it and the element before?
static bool starts_with_operator(const Printer *p, FormId id) {
  return printer_prefix_of(p, get(p, leftmost(p, id))) != OP_NONE;
}

// An element after others on a line, as juxtaposition reads it.
static void print_juxtaposed(Printer *p, FormId id, bool last, uint32_t indent) {
  const Form *form = get(p, id);
  Operator op = printer_infix_of(p, form);
  add(p, " ");
  if (op == OP_COLON || op == OP_OPTIONAL_COLON) {
    print_clause(p, id, false, indent);
  } else if (op == OP_ASSIGN && last) {
    printer_entry(p, id, indent);
  } else if (starts_with_operator(p, id) ||
             form_headed_reserved(p->forms, get(p, leftmost(p, id)), NAME_OBJECT_LITERAL)) {
    printer_parenthesised(p, id, indent);
  } else {
    printer_operand(p, id, LEVEL_LOGIC, indent);
  }
}

static bool is_declaration_head(Name head) {
  switch (head) {
  case NAME_API:
  case NAME_ATTRIBUTE:
  case NAME_BREAK:
  case NAME_EFF:
  case NAME_FN:
  case NAME_IMPL:
  case NAME_LET:
  case NAME_MACRO:
  case NAME_MACRO_LET:
  case NAME_MOD:
  case NAME_OBJ:
  case NAME_PRI:
  case NAME_PUB:
  case NAME_TEST:
  case NAME_TRAIT:
  case NAME_TYPE:
  case NAME_USE:
  case NAME_VAL:
  case NAME_VAR:
    return true;
  default:
    return false;
  }
}

// `pub fn f(a) -> R` and the like: elements side by side, the last may be a suite.
static bool print_declaration(Printer *p, const Form *form, uint32_t indent) {
  for (uint32_t i = 1; i < form_count(form); i++) {
    FormId id = form_element(form, i);
    Operator op = printer_infix_of(p, get(p, id));
    bool last = i + 1 == form_count(form);
    if (p->has_block[id] && !(last && (is_suite(p, id) || op == OP_ASSIGN || op == OP_COLON))) {
      return false;
    }
  }
  form_print(p->forms, form_element(form, 0), p->out);
  for (uint32_t i = 1; i < form_count(form); i++) {
    FormId id = form_element(form, i);
    const Form *element = get(p, id);
    if (i + 1 == form_count(form) && is_suite(p, id)) {
      print_suite(p, id, indent);
    } else if (i == 1 && form_headed_reserved(p->forms, element, NAME_GENERICS)) {
      printer_generics(p, element, indent);
    } else {
      print_juxtaposed(p, id, i + 1 == form_count(form), indent);
    }
  }
  return true;
}

// A call at the end of a line whose last arguments hold blocks: `f(a) do(x):`, `match(v)` and its arms, …
static bool print_suite_call(Printer *p, const Form *form, uint32_t indent, bool statement) {
  if (!printer_is_call(p, form) || form_count(form) < 2) {
    return false;
  }
  uint32_t clauses = form_count(form);
  while (clauses > 1 && printer_is_clause(p, form_element(form, clauses - 1))) {
    clauses--;
  }
  for (uint32_t i = 1; i < clauses; i++) {
    bool last_block = i + 1 == form_count(form) && is_suite(p, form_element(form, i));
    bool try_block = statement && i + 1 == clauses && form_headed(p->forms, form, NAME_TRY) &&
                     is_suite(p, form_element(form, i));
    if (p->has_block[form_element(form, i)] && !last_block && !try_block) {
      return false;
    }
  }
  Name head = get(p, form_element(form, 0))->value;
  uint32_t plain = clauses; // arguments before the suite
  if (clauses > 1 && is_suite(p, form_element(form, clauses - 1)) &&
      p->has_block[form_element(form, clauses - 1)]) {
    plain = clauses - 1;
  }
  if (plain == form_count(form)) {
    return false;
  }
  form_print(p->forms, form_element(form, 0), p->out);
  uint32_t next = 1;
  if (form_count(form) > 1 && form_headed_reserved(p->forms, get(p, form_element(form, 1)), NAME_GENERICS)) {
    printer_generics(p, get(p, form_element(form, 1)), indent);
    next = 2;
  }
  if (plain > next) {
    printer_entries(p, "(", form_elements(form) + next, plain - next, ")", indent);
  } else if (!syntax_is_structural(head) && head != NAME_FOR && next == 1) {
    add(p, "()");
  }
  if (plain < clauses) {
    print_suite(p, form_element(form, plain), indent);
  }
  if (clauses + 1 == form_count(form) && plain == clauses &&
      (head == NAME_WHILE || head == NAME_FOR || head == NAME_IF)) {
    FormId only = form_element(form, clauses);
    if (!starts_with_operator(p, form_element(get(p, only), 1))) {
      add(p, " ");
      print_clause(p, only, false, indent);
      return true;
    }
  }
  uint32_t inner = plain < clauses ? indent : indent + 2; // handlers stand beside their `try`
  bool beside = statement && head == NAME_IF && plain == 1 &&
                !starts_with_operator(p, form_element(get(p, form_element(form, 1)), 1));
  for (uint32_t i = clauses; i < form_count(form); i++) {
    if (beside) {
      if (i == clauses) {
        add(p, " ");
      } else {
        new_line(p, indent);
      }
      print_clause(p, form_element(form, i), false, indent);
    } else {
      new_line(p, inner);
      print_clause(p, form_element(form, i), false, inner);
    }
  }
  return true;
}

// The last argument is a lambda with a suite: `f(a) do(x):`. For a member, `receiver.f(a) do(x):`.
static bool print_callback(Printer *p, const Form *form, uint32_t indent) {
  if (!printer_is_call(p, form) || form_count(form) < 2 ||
      syntax_is_structural(get(p, form_element(form, 0))->value)) {
    return false;
  }
  FormId last = form_element(form, form_count(form) - 1);
  const Form *lambda = get(p, last);
  if (printer_infix_of(p, lambda) != OP_FAT_ARROW || !is_suite(p, form_element(lambda, 2))) {
    return false;
  }
  const Form *parameters = get(p, form_element(lambda, 1));
  Operator op = printer_infix_of(p, parameters);
  if (op != OP_NONE && op != OP_COLON) { // with a result type
    return false;
  }
  for (uint32_t i = 1; i + 1 < form_count(form); i++) {
    if (p->has_block[form_element(form, i)]) {
      return false;
    }
  }
  bool list = parameters->kind == FORM_LIST && form_count(parameters) > 1 && op == OP_NONE;
  form_print(p->forms, form_element(form, 0), p->out);
  uint32_t next = 1;
  if (form_headed_reserved(p->forms, get(p, form_element(form, 1)), NAME_GENERICS)) {
    printer_generics(p, get(p, form_element(form, 1)), indent);
    next = 2;
  }
  printer_entries(p, "(", form_elements(form) + next, form_count(form) - 1 - next, ")", indent);
  add(p, " do");
  if (list) {
    printer_entries(p, "(", form_elements(parameters), form_count(parameters), ")", indent);
  } else if (parameters->kind != FORM_LIST || form_count(parameters) > 0) {
    printer_parenthesised(p, form_element(lambda, 1), indent);
  }
  add(p, ":");
  print_suite(p, form_element(lambda, 2), indent);
  return true;
}

static bool is_match(const Printer *p, FormId id) {
  return form_headed(p->forms, get(p, id), NAME_MATCH) && form_count(get(p, id)) > 1;
}

void printer_line(Printer *p, FormId id, uint32_t indent, bool statement) {
  const Form *form = get(p, id);
  if (p->needs_brackets[id]) {
    printer_bracketed(p, id);
    return;
  }
  if (is_plain_call(p, form)) {
    Name head = get(p, form_element(form, 0))->value;
    bool juxtaposed =
        head != NAME_BREAK || form_count(form) == 2; // what follows `break` is one value (01 §8.2)
    if (is_declaration_head(head) && juxtaposed && print_declaration(p, form, indent)) {
      return;
    }
    if (head == NAME_RETURN && form_count(form) == 2 && !starts_with_operator(p, form_element(form, 1)) &&
        !printer_takes_rest(printer_infix_of(p, get(p, form_element(form, 1))))) {
      FormId value = form_element(form, 1);
      bool call = printer_is_call(p, get(p, value)) && p->has_block[value];
      add(p, "return ");
      if (!call ||
          !(print_callback(p, get(p, value), indent) || print_suite_call(p, get(p, value), indent, false))) {
        printer_operand(p, value, LEVEL_LOGIC, indent);
      }
      return;
    }
    if ((p->has_block[id] || head == NAME_MATCH) &&
        (print_callback(p, form, indent) || print_suite_call(p, form, indent, statement))) {
      return;
    }
    if (head == NAME_IF && form_count(form) > 2 &&
        printer_is_clause(p, form_element(form, form_count(form) - 1)) && !p->has_block[id]) {
      add(p, "if");
      for (uint32_t i = 1; i < form_count(form); i++) {
        print_juxtaposed(p, form_element(form, i), false, indent);
      }
      return;
    }
  }
  Operator op = printer_infix_of(p, form);
  if (op == OP_DOT && (p->has_block[form_element(form, 2)] || is_match(p, form_element(form, 2))) &&
      !p->has_block[form_element(form, 1)] && printer_is_call(p, get(p, form_element(form, 2)))) {
    uint32_t mark = p->out->count;
    FormId receiver = form_element(form, 1);
    if (printer_left_needs_parentheses(p, OP_DOT, receiver)) {
      printer_parenthesised(p, receiver, indent);
    } else {
      printer_operand(p, receiver, LEVEL_MEMBER, indent);
    }
    add(p, ".");
    const Form *call = get(p, form_element(form, 2));
    if (print_callback(p, call, indent) || print_suite_call(p, call, indent, false)) {
      return;
    }
    p->out->count = mark;
    p->out->bytes[mark] = '\0';
  }
  if (printer_lacks_operand(p, form)) { // the next line would be its operand
    printer_parenthesised(p, id, indent);
    return;
  }
  if (is_operator_atom(form)) { // alone it would join the lines around it
    add(p, "(");
    form_print(p->forms, id, p->out);
    add(p, ")");
    return;
  }
  if (printer_prefix_of(p, form) == OP_HASH) {
    add(p, "# ");
    printer_line(p, form_element(form, 1), indent, false);
    return;
  }
  printer_entry(p, id, indent);
}
