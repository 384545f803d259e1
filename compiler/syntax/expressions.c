// Operators and juxtaposed calls (spec 01 §8): the items of a line to one form.
//
// Precedence climbing over an array of items. Left-associative chains and unions are loops; recursion happens
// only to operands that bind tighter, or under prefix operators and arrows, and is bounded by the depth of
// forms.
#include "syntax/reader.h"

typedef struct Cursor {
  uint32_t next, end; // indices of items
} Cursor;

static Item expression(Reader *reader, Cursor *cursor, OperatorLevel level);

FormId make_list(Reader *reader, const FormId *elements, uint32_t count, uint8_t flags, uint32_t start,
                 uint32_t end) {
  FormId list = form_list(reader->forms, elements, count, flags, read_span(reader, start, end));
  if (form_get(reader->forms, list)->depth > LIMIT_NESTING) {
    read_too_deep(reader, start, end);
  }
  return list;
}

static FormId operator_form(Reader *reader, Item item) {
  return form_atom(reader->forms, FORM_IDENTIFIER, OPERATORS[item.op].name, 0,
                   read_span(reader, item.start, item.end));
}

static Item operand_of(Reader *reader, Item item) {
  return item.form ? item : (Item){.form = operator_form(reader, item), .start = item.start, .end = item.end};
}

static Item infix(Reader *reader, Item op, Item left, Item right) {
  FormId elements[] = {operator_form(reader, op), left.form, right.form};
  uint8_t flags = op.op == OP_COLON ? FORM_FLAG_CLAUSE : 0;
  return (Item){.form = make_list(reader, elements, 3, flags, left.start, right.end),
                .start = left.start,
                .end = right.end};
}

static inline const Item *at(const Reader *reader, const Cursor *cursor) {
  return &reader->items.items[cursor->next];
}

static inline Operator infix_at(const Reader *reader, const Cursor *cursor) {
  if (cursor->next >= cursor->end || !operator_is_infix(at(reader, cursor)->op)) {
    return OP_NONE;
  }
  return (Operator)at(reader, cursor)->op;
}

// §8.1.8: `2..` at the end of a group, or before an operator that starts no operand, has the empty list on
// its right.
static bool operand_missing(const Reader *reader, const Cursor *cursor) {
  if (cursor->next >= cursor->end) {
    return true;
  }
  const Item *item = at(reader, cursor);
  return item->op != OP_NONE && !operator_is_prefix(item->op);
}

static Item missing_operand(Reader *reader, Item op) {
  return (Item){.form = make_list(reader, NULL, 0, 0, op.start, op.end), .start = op.start, .end = op.end};
}

static Item right_operand(Reader *reader, Cursor *cursor, Item op, OperatorLevel level) {
  return operand_missing(reader, cursor) ? missing_operand(reader, op) : expression(reader, cursor, level);
}

// `A -> B -> C` groups to the right and leaves `=>` alone.
static Item arrow_result(Reader *reader, Cursor *cursor, Item op) {
  Item right = right_operand(reader, cursor, op, LEVEL_ARROW + 1);
  if (infix_at(reader, cursor) != OP_ARROW) {
    return right;
  }
  Item next = *at(reader, cursor);
  cursor->next++;
  if (++reader->nesting > LIMIT_NESTING) {
    read_too_deep(reader, next.start, next.end);
  }
  Item rest = reader->aborted ? missing_operand(reader, next) : arrow_result(reader, cursor, next);
  reader->nesting--;
  return infix(reader, next, right, rest);
}

// The members after the first `|`: each with its `&`s, the last with its `->` (§8.1.7). Folded from the
// right.
static Item union_members(Reader *reader, Cursor *cursor, Item left, Item op) {
  uint32_t first = reader->parts.count;
  VECTOR_PUSH(reader->scratch, &reader->parts, left);
  for (;;) {
    Item member = right_operand(reader, cursor, op, LEVEL_UNION + 1);
    while (infix_at(reader, cursor) == OP_AMPERSAND) {
      Item both = *at(reader, cursor);
      cursor->next++;
      member = infix(reader, both, member, right_operand(reader, cursor, both, LEVEL_UNION + 1));
    }
    if (infix_at(reader, cursor) == OP_ARROW) {
      Item arrow = *at(reader, cursor);
      cursor->next++;
      member = infix(reader, arrow, member, arrow_result(reader, cursor, arrow));
    }
    VECTOR_PUSH(reader->scratch, &reader->parts, op);
    VECTOR_PUSH(reader->scratch, &reader->parts, member);
    if (infix_at(reader, cursor) != OP_PIPE) {
      break;
    }
    op = *at(reader, cursor);
    cursor->next++;
  }
  Item result = reader->parts.items[reader->parts.count - 1];
  for (uint32_t i = reader->parts.count - 1; i > first; i -= 2) {
    result = infix(reader, reader->parts.items[i - 1], reader->parts.items[i - 2], result);
  }
  reader->parts.count = first;
  return result;
}

// `a.(p) => e` on one line means `a.((p) => e)` (§11.3).
static bool dot_lambda(const Reader *reader, const Cursor *cursor) {
  if (cursor->end - cursor->next < 2 || !(at(reader, cursor)->flags & ITEM_GROUP)) {
    return false;
  }
  Operator after = (Operator)at(reader, cursor)[1].op;
  return after == OP_FAT_ARROW || after == OP_ARROW;
}

// The parameters of `(a, b) => e` are a plain list: the head `tuple` goes.
static Item lambda_parameters(Reader *reader, Item left) {
  const Form *form = form_get(reader->forms, left.form);
  if (form_headed_reserved(reader->forms, form, NAME_TUPLE)) {
    const FormId *elements = form_elements(form);
    left.form = make_list(reader, elements + 1, form_count(form) - 1, 0, left.start, left.end);
  }
  return left;
}

// `(x: T): E -> R => e` reads as a lambda with an effect row (§11.8): (: g (=> (-> E R) e)) -> (=> (: g (-> E
// R)) e)
static Item lambda_with_row(Reader *reader, Item colon, Item left, Item right) {
  const FormTable *forms = reader->forms;
  const Form *lambda = form_get(forms, right.form);
  if (!(left.flags & ITEM_GROUP) || !form_headed(forms, lambda, NAME_FAT_ARROW) || form_count(lambda) != 3 ||
      (lambda->flags & FORM_FLAG_PARENTHESISED)) {
    return infix(reader, colon, left, right);
  }
  const FormId *elements = form_elements(lambda);
  const Form *row = form_get(forms, elements[1]);
  if (!form_headed(forms, row, NAME_ARROW) || (row->flags & FORM_FLAG_PARENTHESISED)) {
    return infix(reader, colon, left, right);
  }
  Item result = {.form = elements[1], .start = right.start, .end = form_span(row).end - reader->base};
  Item signature = infix(reader, colon, left, result);
  FormId parts[] = {elements[0], signature.form, elements[2]};
  return (Item){
      .form = make_list(reader, parts, 3, 0, left.start, right.end), .start = left.start, .end = right.end};
}

static Item postfix(Reader *reader, Item left, Item operation) {
  uint32_t first = reader->ids.count;
  if (operation.flags & ITEM_SUBSCRIPT) {
    FormId elements[] = {reader->head_subscript, left.form, operation.form};
    left.form = make_list(reader, elements, 3, 0, left.start, operation.end);
  } else {
    const Form *arguments = form_get(reader->forms, operation.form);
    const FormId *elements = form_elements(arguments);
    VECTOR_PUSH(reader->scratch, &reader->ids, left.form);
    for (uint32_t i = 0; i < form_count(arguments); i++) {
      VECTOR_PUSH(reader->scratch, &reader->ids, elements[i]);
    }
    clauses_make_callbacks(reader, first + 1);
    left.form = make_list(reader, reader->ids.items + first, reader->ids.count - first,
                          FORM_FLAG_ADJACENT_CALL, left.start, operation.end);
    reader->ids.count = first;
  }
  left.end = operation.end;
  left.flags = 0;
  return left;
}

static Item infix_operation(Reader *reader, Cursor *cursor, Item left, Item op) {
  switch ((Operator)op.op) {
  case OP_PATH: {
    bool single = cursor->next < cursor->end && (at(reader, cursor)->flags & ITEM_CONSTRUCTOR);
    Item right = right_operand(reader, cursor, op, LEVEL_PATH + 1);
    if (!single) {
      return infix(reader, op, left, right);
    }
    Item path = {.start = left.start, .end = right.end};
    path.form = constructor_regroup_path(reader, left.form, op, right);
    return path;
  }
  case OP_DOT:
  case OP_OPTIONAL_DOT: {
    OperatorLevel level = dot_lambda(reader, cursor) ? LEVEL_ARROW : LEVEL_MEMBER + 1;
    return infix(reader, op, left, right_operand(reader, cursor, op, level));
  }
  case OP_PIPE:
    return union_members(reader, cursor, left, op);
  case OP_ARROW:
    return infix(reader, op, left, arrow_result(reader, cursor, op));
  case OP_FAT_ARROW:
    left = lambda_parameters(reader, left);
    return infix(reader, op, left, right_operand(reader, cursor, op, LEVEL_ARROW + 1));
  case OP_COLON:
    return lambda_with_row(reader, op, left, right_operand(reader, cursor, op, LEVEL_ASSIGN + 1));
  default:
    return infix(reader, op, left, right_operand(reader, cursor, op, OPERATORS[op.op].infix + 1));
  }
}

// Prefix operator and operand, one operand, or an operator that stands for itself.
static Item first_operand(Reader *reader, Cursor *cursor) {
  Item item = *at(reader, cursor);
  cursor->next++;
  if (item.form) {
    return item;
  }
  if (!operator_is_prefix(item.op) || cursor->next >= cursor->end) {
    return operand_of(reader, item);
  }
  if (++reader->nesting > LIMIT_NESTING) {
    read_too_deep(reader, item.start, item.end);
    cursor->next = cursor->end;
    reader->nesting--;
    return operand_of(reader, item);
  }
  Item operand = expression(reader, cursor, OPERATORS[item.op].prefix);
  reader->nesting--;
  FormId elements[] = {operator_form(reader, item), operand.form};
  return (Item){.form = make_list(reader, elements, 2, 0, item.start, operand.end),
                .start = item.start,
                .end = operand.end};
}

static Item expression(Reader *reader, Cursor *cursor, OperatorLevel level) {
  bool is_operator = at(reader, cursor)->op != OP_NONE && !operator_is_prefix(at(reader, cursor)->op);
  Item left = first_operand(reader, cursor);
  if (is_operator) { // list notation, `(+ a 1)`: it takes no part in an operation
    return left;
  }
  while (cursor->next < cursor->end) {
    if (reader->aborted) {
      cursor->next = cursor->end;
      break;
    }
    Item next = *at(reader, cursor);
    if (next.flags & (ITEM_CALL | ITEM_SUBSCRIPT)) {
      if (level > LEVEL_MEMBER) {
        break;
      }
      cursor->next++;
      left = postfix(reader, left, next);
      continue;
    }
    OperatorLevel binds = OPERATORS[next.op].infix;
    if (binds == LEVEL_NONE || binds < level) {
      break;
    }
    cursor->next++;
    left = infix_operation(reader, cursor, left, next);
  }
  return left;
}

// --- juxtaposition (§8.2, §8.3)

static FormId finish_list(Reader *reader, uint32_t first, uint32_t start, uint32_t end);

static uint32_t start_of(const Reader *reader, FormId form) {
  return form_span(form_get(reader->forms, form)).start - reader->base;
}

// Does a list take what follows it as further elements? Not if it was written in parentheses as an operation.
static bool absorbs(const Reader *reader, const Form *form) {
  if (form->kind != FORM_LIST || form_count(form) == 0) {
    return false;
  }
  const Form *head = form_get(reader->forms, form_element(form, 0));
  if (head->flags & FORM_FLAG_RESERVED) {
    return false;
  }
  return !(form->flags & FORM_FLAG_PARENTHESISED) || operator_of_form(head) == OP_NONE;
}

static void push_absorbed(Reader *reader, FormId id) {
  const Form *form = form_get(reader->forms, id);
  if (!absorbs(reader, form)) {
    VECTOR_PUSH(reader->scratch, &reader->ids, id);
    return;
  }
  const FormId *elements = form_elements(form);
  for (uint32_t i = 0; i < form_count(form); i++) {
    VECTOR_PUSH(reader->scratch, &reader->ids, elements[i]);
  }
}

// ids[from..] as a list of their own (List(rest) of §8.2), replaced by it.
static void gather_rest(Reader *reader, uint32_t from, uint32_t end) {
  uint32_t count = reader->ids.count - from;
  if (count == 1) {
    return;
  }
  if (form_get(reader->forms, reader->ids.items[from])->flags & FORM_FLAG_SUITE) {
    // After a suite come clauses less deep than its lines (layout.c), and there is no call that they go to.
    uint32_t start = start_of(reader, reader->ids.items[from + 1]);
    read_error(reader, start, end, "inconsistent indentation");
  }
  uint32_t first = reader->ids.count;
  push_absorbed(reader, reader->ids.items[from]);
  for (uint32_t i = 1; i < count; i++) {
    FormId id = reader->ids.items[from + i];
    VECTOR_PUSH(reader->scratch, &reader->ids, id);
  }
  FormId rest = finish_list(reader, first, start_of(reader, reader->ids.items[from]), end);
  reader->ids.count = from;
  VECTOR_PUSH(reader->scratch, &reader->ids, rest);
}

// ids[first..] are the elements of a list in order; gives the list and takes them off.
static FormId finish_list(Reader *reader, uint32_t first, uint32_t start, uint32_t end) {
  const Form *head = form_get(reader->forms, reader->ids.items[first]);
  Operator op = head->flags & FORM_FLAG_PARENTHESISED ? OP_NONE : operator_of_form(head);
  uint8_t flags = 0;
  if (op != OP_NONE) {
    uint32_t most = operator_is_infix(op) ? 3 : 2;
    if (reader->ids.count - first > most && !reader->aborted) {
      gather_rest(reader, first + most - 1, end);
    }
    flags = op == OP_COLON && reader->ids.count - first == 3 ? FORM_FLAG_CLAUSE : 0;
  } else if ((form_is_word(head, NAME_RETURN) || form_is_word(head, NAME_BREAK)) &&
             reader->ids.count - first > 2) {
    gather_rest(reader, first + 1, end);
  } else {
    clauses_finish_call(reader, first);
  }
  FormId list = make_list(reader, reader->ids.items + first, reader->ids.count - first, flags, start, end);
  reader->ids.count = first;
  return list;
}

static bool only_clause_parts(const Reader *reader, uint32_t first) {
  for (uint32_t i = first; i < reader->parts.count; i++) {
    if (!(form_get(reader->forms, reader->parts.items[i].form)->flags & FORM_FLAG_CLAUSE)) {
      return false;
    }
  }
  return true;
}

// Clauses that share a line stay apart (§9.2): the first does not call the others.
static Item clause_run(Reader *reader, uint32_t first) {
  uint32_t ids = reader->ids.count;
  for (uint32_t i = first; i < reader->parts.count; i++) {
    VECTOR_PUSH(reader->scratch, &reader->ids, reader->parts.items[i].form);
  }
  uint32_t start = reader->parts.items[first].start, end = reader->parts.items[reader->parts.count - 1].end;
  FormId run =
      make_list(reader, reader->ids.items + ids, reader->ids.count - ids, FORM_FLAG_CLAUSES, start, end);
  reader->ids.count = ids;
  return (Item){.form = run, .start = start, .end = end};
}

Item list_of_items(Reader *reader, uint32_t first, bool splits_clauses) {
  Cursor cursor = {first, reader->items.count};
  Item result;
  if (cursor.end - first == 1) {
    result = operand_of(reader, reader->items.items[first]);
  } else {
    uint32_t parts = reader->parts.count;
    while (cursor.next < cursor.end) {
      Item part = expression(reader, &cursor, LEVEL_ASSIGN);
      VECTOR_PUSH(reader->scratch, &reader->parts, part);
    }
    result = reader->parts.items[parts];
    if (splits_clauses && reader->parts.count > parts + 1 && only_clause_parts(reader, parts)) {
      result = clause_run(reader, parts);
    } else if (reader->parts.count > parts + 1) {
      uint32_t ids = reader->ids.count;
      push_absorbed(reader, result.form);
      for (uint32_t i = parts + 1; i < reader->parts.count; i++) {
        FormId id = reader->parts.items[i].form;
        VECTOR_PUSH(reader->scratch, &reader->ids, id);
      }
      uint32_t end = reader->parts.items[reader->parts.count - 1].end;
      result = (Item){.form = finish_list(reader, ids, result.start, end), .start = result.start, .end = end};
    }
    reader->parts.count = parts;
  }
  reader->items.count = first;
  result.flags &= (uint8_t) ~(ITEM_TYPE_NAME | ITEM_GROUP);
  return result;
}
