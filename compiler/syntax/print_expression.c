// Expressions of the printer: operators with as few parentheses as are certainly right, calls, groups,
// literals.
//
// A list can always be written as a call, `head(a, b)`, whatever it means. Left operands nest without limit
// and are written in a loop.
#include "syntax/printer.h"

// --- what a form is

static bool is_word_atom(const Form *form) {
  return form->kind == FORM_IDENTIFIER && (form->flags & FORM_FLAG_RESERVED) == 0 &&
         operator_of_form(form) == OP_NONE;
}

// A list headed by a word: the form of a call.
bool printer_is_call(const Printer *p, const Form *form) {
  return form->kind == FORM_LIST && form_count(form) > 0 && is_word_atom(get(p, form_element(form, 0)));
}

// The operator of a list with the number of operands that it is written between or before.
Operator printer_infix_of(const Printer *p, const Form *form) {
  if (form->kind != FORM_LIST || form_count(form) != 3) {
    return OP_NONE;
  }
  Operator op = operator_of_form(get(p, form_element(form, 0)));
  return op != OP_NONE && operator_is_infix(op) ? op : OP_NONE;
}

Operator printer_prefix_of(const Printer *p, const Form *form) {
  if (form->kind != FORM_LIST || form_count(form) != 2) {
    return OP_NONE;
  }
  Operator op = operator_of_form(get(p, form_element(form, 0)));
  return op != OP_NONE && operator_is_prefix(op) ? op : OP_NONE;
}

bool printer_is_clause(const Printer *p, FormId id) {
  return printer_infix_of(p, get(p, id)) == OP_COLON;
}

// Its right side is the rest of the line, or it is no operand without parentheses for other reasons.
bool printer_takes_rest(Operator op) {
  return (OPERATORS[op].flags & OPERATOR_TAKES_LINE) || OPERATORS[op].infix == LEVEL_ASSIGN;
}

static bool is_type_name(const Printer *p, FormId id) {
  const Form *form = get(p, id);
  Str text = form->kind == FORM_IDENTIFIER ? context_name(p->forms->context, form->value) : STR("");
  return (form->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) == 0 && text.length > 0 &&
         text.ptr[0] >= 'A' && text.ptr[0] <= 'Z';
}

// `N { … }`, `N<A> { … }`
static bool is_constructor(const Printer *p, const Form *form) {
  if (!printer_is_call(p, form) || form_count(form) < 2 || form_count(form) > 3 ||
      !is_type_name(p, form_element(form, 0)) ||
      !form_headed_reserved(p->forms, get(p, form_element(form, form_count(form) - 1)),
                            NAME_OBJECT_LITERAL)) {
    return false;
  }
  return form_count(form) == 2 ||
         form_headed_reserved(p->forms, get(p, form_element(form, 1)), NAME_GENERICS);
}

// `N`, `N<A>`
static bool is_type_path_end(const Printer *p, FormId id) {
  const Form *form = get(p, id);
  bool generic = form_count(form) == 2 && !(form->flags & FORM_FLAG_ADJACENT_CALL) &&
                 form_headed_reserved(p->forms, get(p, form_element(form, 1)), NAME_GENERICS);
  return is_type_name(p, generic ? form_element(form, 0) : id);
}

bool printer_lacks_operand(const Printer *p, const Form *form) {
  Operator op = printer_infix_of(p, form);
  return operator_is_range(op) && is_empty_list(get(p, form_element(form, 2)));
}

// --- atoms and groups

static void print_atom(Printer *p, FormId id) {
  const Form *form = get(p, id);
  if (form->kind == FORM_IDENTIFIER && operator_of_form(form) != OP_NONE) {
    add(p, "(");
    form_print(p->forms, id, p->out);
    add(p, ")");
  } else {
    form_print(p->forms, id, p->out);
  }
}

// elements[0..count) between brackets; over several lines if they hold blocks.
void printer_entries(Printer *p, const char *open, const FormId *elements, uint32_t count, const char *close,
                     uint32_t indent) {
  bool lines = false;
  for (uint32_t i = 0; i < count; i++) {
    lines |= p->has_block[elements[i]];
  }
  add(p, open);
  for (uint32_t i = 0; i < count; i++) {
    if (lines) {
      new_line(p, indent + 2);
    } else if (i > 0) {
      add(p, " ");
    }
    printer_entry(p, elements[i], lines ? indent + 2 : indent);
    if (i + 1 < count) {
      add(p, ",");
    }
  }
  if (lines) {
    new_line(p, indent);
  }
  add(p, close);
}

static void print_braces(Printer *p, const Form *form, uint32_t indent) {
  bool empty = form_count(form) == 1;
  printer_entries(p, empty ? "{" : "{ ", form_elements(form) + 1, form_count(form) - 1, empty ? "}" : " }",
                  indent);
}

static void print_string_part(Printer *p, FormId id) {
  uint32_t start = p->out->count;
  form_print(p->forms, id, p->out); // with quotes, which go
  memmove(p->out->bytes + start, p->out->bytes + start + 1, p->out->count - start - 2);
  p->out->count -= 2;
  p->out->bytes[p->out->count] = '\0';
}

// Text stands as it is, but for a string after text, an empty one, and a lone one: these were written in
// holes.
void printer_interpolation(Printer *p, const Form *form, uint32_t indent) {
  bool after_text = form_count(form) == 2;
  add(p, "\"");
  for (uint32_t i = 1; i < form_count(form); i++) {
    FormId id = form_element(form, i);
    const Form *element = get(p, id);
    if (element->kind == FORM_STRING && element->value != NAME_EMPTY && !after_text) {
      print_string_part(p, id);
      after_text = true;
    } else {
      add(p, "${");
      printer_entry(p, id, indent);
      add(p, "}");
      after_text = false;
    }
  }
  add(p, "\"");
}

// A name, or names in a path; here words that are operators elsewhere are names too.
static void print_tag(Printer *p, FormId id) {
  VECTOR(FormId) path = {0};
  Arena arena;
  arena_init(&arena);
  for (; get(p, id)->kind == FORM_LIST; id = form_element(get(p, id), 1)) {
    VECTOR_PUSH(&arena, &path, form_element(get(p, id), 2));
  }
  form_print(p->forms, id, p->out);
  while (path.count > 0) {
    add(p, "::");
    form_print(p->forms, path.items[--path.count], p->out);
  }
  arena_free(&arena);
}

// (markup tag (attribute…) (child…)); text goes in holes, where its white space stays as it is
void printer_markup(Printer *p, const Form *form, uint32_t indent) {
  add(p, "<");
  uint32_t start = p->out->count;
  print_tag(p, form_element(form, 1));
  Str tag = {p->out->bytes + start, p->out->count - start};
  tag.ptr = arena_copy_string(p->out->arena, tag.ptr, tag.length);
  const Form *attributes = get(p, form_element(form, 2));
  for (uint32_t i = 0; i < form_count(attributes); i++) {
    const Form *attribute = get(p, form_element(attributes, i));
    add(p, " ");
    form_print(p->forms, form_element(attribute, 1), p->out);
    add(p, "={");
    printer_entry(p, form_element(attribute, 2), indent);
    add(p, "}");
  }
  if (form_count(form) < 4) {
    add(p, " />");
    return;
  }
  add(p, ">");
  const Form *children = get(p, form_element(form, 3));
  for (uint32_t i = 0; i < form_count(children); i++) {
    FormId child = form_element(children, i);
    bool element = form_headed_reserved(p->forms, get(p, child), NAME_MARKUP);
    if (element) {
      printer_markup(p, get(p, child), indent);
    } else {
      add(p, "{");
      printer_entry(p, child, indent);
      add(p, "}");
    }
  }
  text_format(p->out, "</%.*s>", STR_ARGS(tag));
}

// --- calls

void printer_generics(Printer *p, const Form *generics, uint32_t indent) {
  printer_entries(p, "<", form_elements(generics) + 1, form_count(generics) - 1, ">", indent);
}

static void print_arguments(Printer *p, const Form *form, uint32_t from, uint32_t indent) {
  printer_entries(p, "(", form_elements(form) + from, form_count(form) - from, ")", indent);
}

// A list headed by a word. `braces`: a constructor may be written with braces here.
static void print_call(Printer *p, const Form *form, bool braces, uint32_t indent) {
  FormId head = form_element(form, 0);
  uint32_t next = 1;
  form_print(p->forms, head, p->out);
  if (form_count(form) > 1 && form_headed_reserved(p->forms, get(p, form_element(form, 1)), NAME_GENERICS)) {
    printer_generics(p, get(p, form_element(form, 1)), indent);
    next = 2;
  }
  if (braces && is_constructor(p, form)) {
    add(p, " ");
    print_braces(p, get(p, form_element(form, next)), indent);
  } else if (form_count(form) > next || next == 1 || (form->flags & FORM_FLAG_ADJACENT_CALL)) {
    print_arguments(p, form, next, indent);
  }
}

// A list headed by a list: the result of an expression is called.
static void print_curried(Printer *p, const Form *form, uint32_t indent) {
  FormId callee = form_element(form, 0);
  const Form *head = get(p, callee);
  Operator op = printer_infix_of(p, head);
  if (op == OP_PATH && form_count(form) == 2 && is_type_path_end(p, form_element(head, 2)) &&
      form_headed_reserved(p->forms, get(p, form_element(form, 1)), NAME_OBJECT_LITERAL)) { // m::N<A> { … }
    printer_operand(p, callee, LEVEL_PATH, indent);
    add(p, " ");
    print_braces(p, get(p, form_element(form, 1)), indent);
    return;
  }
  bool direct = printer_is_call(p, head) && !is_constructor(p, head) &&
                !(form_count(head) == 2 &&
                  form_headed_reserved(p->forms, get(p, form_element(head, 1)), NAME_GENERICS));
  direct |= form_headed_reserved(p->forms, head, NAME_SUBSCRIPT) ||
            form_headed_reserved(p->forms, head, NAME_TUPLE) ||
            form_headed_reserved(p->forms, head, NAME_ARRAY_LITERAL);
  if (direct || (form_count(head) > 0 && get(p, form_element(head, 0))->kind == FORM_LIST &&
                 !form_headed_reserved(p->forms, get(p, form_element(head, form_count(head) - 1)),
                                       NAME_OBJECT_LITERAL))) {
    printer_operand(p, callee, LEVEL_ATOM, indent);
  } else {
    add(p, "(");
    printer_entry(p, callee, indent);
    add(p, ")");
  }
  print_arguments(p, form, 1, indent);
}

void printer_parenthesised(Printer *p, FormId id, uint32_t indent) {
  const FormId elements[] = {id};
  printer_entries(p, "(", elements, 1, ")", indent);
}

// --- operators

// After `.` or `::`: a name, an index, a call of a name; anything else in parentheses.
static void print_member(Printer *p, FormId id, Operator op, uint32_t indent) {
  const Form *form = get(p, id);
  bool index = form->kind == FORM_INT && op != OP_PATH;
  if (index) {
    Str digits = context_name(p->forms->context, form->value);
    index =
        digits.length > 0 && digits.ptr[0] >= '0' && digits.ptr[0] <= '9' && !(form->flags & FORM_FLAG_WIDE);
  }
  if (index || is_word_atom(form)) {
    form_print(p->forms, id, p->out);
  } else if (printer_is_call(p, form) && !is_constructor(p, form)) {
    print_call(p, form, false, indent);
  } else if (op == OP_PATH && form_headed_reserved(p->forms, form, NAME_OBJECT_LITERAL)) {
    print_braces(p, form, indent);
  } else if (op != OP_PATH && printer_infix_of(p, form) == OP_PATH) {
    printer_operand(p, id, LEVEL_PATH, indent);
  } else if (is_empty_list(form)) {
    add(p, "()");
  } else {
    printer_parenthesised(p, id, indent);
  }
}

void printer_right(Printer *p, Operator op, FormId id, uint32_t indent) {
  const Form *form = get(p, id);
  Operator inner = printer_infix_of(p, form);
  switch (op) {
  case OP_DOT:
  case OP_OPTIONAL_DOT:
  case OP_PATH:
    print_member(p, id, op, indent);
    return;
  case OP_PIPE:
    printer_operand(p, id, inner == OP_PIPE ? LEVEL_UNION : LEVEL_UNION + 1, indent);
    return;
  case OP_ARROW:
    printer_operand(p, id, inner == OP_ARROW ? LEVEL_ARROW : LEVEL_ARROW + 1, indent);
    return;
  default:
    printer_operand(p, id, OPERATORS[op].infix + 1, indent);
  }
}

static bool groups_right(Operator op) {
  return op == OP_PIPE || op == OP_ARROW;
}

// What an operand of this form needs on the left of an operator: its level, or that it stands in parentheses.
bool printer_left_needs_parentheses(const Printer *p, Operator op, FormId id) {
  const Form *form = get(p, id);
  Operator inner = printer_infix_of(p, form), prefix = printer_prefix_of(p, form);
  if (inner != OP_NONE) {
    bool missing = is_empty_list(get(p, form_element(form, 2)));
    OperatorLevel least = OPERATORS[op].infix + (groups_right(op) || groups_right(inner));
    // it would be one of the last member (01 §8.1.7), or of the member alone
    bool arrow = op == OP_ARROW && (inner == OP_PIPE || inner == OP_DOT || inner == OP_OPTIONAL_DOT);
    return printer_takes_rest(inner) || missing || arrow || OPERATORS[inner].infix < least;
  }
  if (prefix != OP_NONE) {
    return OPERATORS[prefix].prefix < OPERATORS[op].infix || OPERATORS[prefix].prefix != LEVEL_UNARY;
  }
  if (OPERATORS[op].infix < LEVEL_MEMBER) {
    return false;
  }
  if (form->kind == FORM_INT || form->kind == FORM_FLOAT) { // 1.0 is a number
    return true;
  }
  bool plain = form->kind != FORM_LIST || printer_is_call(p, form);
  return op == OP_PATH ? !plain
                       : !plain && !form_headed_reserved(p->forms, form, NAME_SUBSCRIPT) &&
                             !form_headed_reserved(p->forms, form, NAME_ARRAY_LITERAL) &&
                             !form_headed_reserved(p->forms, form, NAME_INTERPOLATION);
}

// `a + b`, however long the chain to the left.
static void print_chain(Printer *p, FormId id, uint32_t indent) {
  VECTOR(FormId) chain = {0};
  Arena arena;
  arena_init(&arena);
  for (;;) {
    const Form *form = get(p, id);
    VECTOR_PUSH(&arena, &chain, id);
    FormId left = form_element(form, 1);
    Operator inner = printer_infix_of(p, get(p, left));
    bool parentheses =
        printer_left_needs_parentheses(p, operator_of_form(get(p, form_element(form, 0))), left);
    if (inner == OP_NONE || printer_takes_rest(inner) ||
        is_empty_list(get(p, form_element(get(p, left), 2)))) {
      break;
    }
    if (parentheses) {
      add(p, "(");
    }
    id = left;
  }
  for (uint32_t i = chain.count; i-- > 0;) {
    const Form *form = get(p, chain.items[i]);
    Operator op = operator_of_form(get(p, form_element(form, 0)));
    FormId left = form_element(form, 1), right = form_element(form, 2);
    bool parentheses = printer_left_needs_parentheses(p, op, left);
    if (i + 1 < chain.count) {
      add(p, parentheses ? ")" : "");
    } else if (parentheses) {
      printer_parenthesised(p, left, indent);
    } else {
      printer_operand(p, left, OPERATORS[op].infix, indent);
    }
    bool tight = OPERATORS[op].infix >= LEVEL_MEMBER || operator_is_range(op);
    add(p, tight ? "" : " ");
    text_add(p->out, context_name(p->forms->context, OPERATORS[op].name));
    add(p, tight ? "" : " ");
    printer_right(p, op, right, indent);
  }
  arena_free(&arena);
}

void printer_prefix(Printer *p, Operator op, FormId operand, uint32_t indent) {
  const Form *form = get(p, operand);
  text_add(p->out, context_name(p->forms->context, OPERATORS[op].name));
  bool simple = is_word_atom(form) || printer_is_call(p, form) ||
                form_headed_reserved(p->forms, form, NAME_SUBSCRIPT) || printer_infix_of(p, form) == OP_DOT ||
                printer_infix_of(p, form) == OP_PATH || form->kind == FORM_STRING || form->kind == FORM_BOOL;
  if (op == OP_NOT) {
    add(p, " ");
  }
  if (simple) {
    printer_operand(p, operand, LEVEL_MEMBER, indent);
  } else {
    printer_parenthesised(p, operand, indent);
  }
}

void printer_operand(Printer *p, FormId id, OperatorLevel level, uint32_t indent) {
  const Form *form = get(p, id);
  if (form->kind != FORM_LIST) {
    print_atom(p, id);
    return;
  }
  if (form_count(form) == 0) {
    add(p, "()");
    return;
  }
  const Form *head = get(p, form_element(form, 0));
  Operator infix = printer_infix_of(p, form), prefix = printer_prefix_of(p, form);
  if (head->flags & FORM_FLAG_RESERVED) {
    const FormId *elements = form_elements(form) + 1;
    switch (head->value) {
    case NAME_TUPLE:
      printer_entries(p, "(", elements, form_count(form) - 1, ")", indent);
      return;
    case NAME_ARRAY_LITERAL:
      printer_entries(p, "[", elements, form_count(form) - 1, "]", indent);
      return;
    case NAME_OBJECT_LITERAL:
      print_braces(p, form, indent);
      return;
    case NAME_SUBSCRIPT: {
      FormId target = elements[0];
      bool plain = get(p, target)->kind != FORM_LIST || printer_is_call(p, get(p, target)) ||
                   form_headed_reserved(p->forms, get(p, target), NAME_SUBSCRIPT);
      if (plain) {
        printer_operand(p, target, LEVEL_ATOM, indent);
      } else {
        printer_parenthesised(p, target, indent);
      }
      printer_entries(p, "[", elements + 1, 1, "]", indent);
      return;
    }
    case NAME_INTERPOLATION:
      printer_interpolation(p, form, indent);
      return;
    case NAME_MARKUP:
      add(p, "(");
      printer_markup(p, form, indent);
      add(p, ")");
      return;
    default:
      printer_bracketed(p, id);
      return;
    }
  }
  if (infix != OP_NONE) {
    if (printer_takes_rest(infix) || printer_lacks_operand(p, form) || OPERATORS[infix].infix < level) {
      printer_parenthesised(p, id, indent);
    } else {
      print_chain(p, id, indent);
    }
  } else if (prefix != OP_NONE) {
    if (OPERATORS[prefix].prefix < level || OPERATORS[prefix].prefix != LEVEL_UNARY) {
      printer_parenthesised(p, id, indent);
    } else {
      printer_prefix(p, prefix, form_element(form, 1), indent);
    }
  } else if (operator_of_form(head) != OP_NONE ||
             (head->kind != FORM_IDENTIFIER && head->kind != FORM_LIST)) {
    printer_bracketed(p, id);
  } else if (head->kind == FORM_LIST) {
    print_curried(p, form, indent);
  } else {
    print_call(p, form, true, indent);
  }
}
