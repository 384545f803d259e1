// Clauses and trailing callbacks (spec 01 §9): `label: value` after a call, in a suite below it or at its
// indent.
#include "syntax/reader.h"

// Heads whose clauses have a meaning of their own.
bool syntax_is_structural(Name head) {
  switch (head) {
  case NAME_HASH:
  case NAME_FAT_ARROW:
  case NAME_API:
  case NAME_BLOCK:
  case NAME_EFF:
  case NAME_FN:
  case NAME_IF:
  case NAME_IMPL:
  case NAME_LET:
  case NAME_MACRO_LET:
  case NAME_MATCH:
  case NAME_OBJ:
  case NAME_PRI:
  case NAME_PUB:
  case NAME_TEST:
  case NAME_TRAIT:
  case NAME_TRY:
  case NAME_TYPE:
  case NAME_USE:
  case NAME_VAL:
  case NAME_VAR:
  case NAME_WHILE:
    return true;
  default:
    return false;
  }
}

// `do(p): body` -> (=> p body); `name(p): body` -> (: name (=> p body)); other clauses stay (§9.3).
static FormId callback(Reader *reader, FormId clause) {
  FormTable *forms = reader->forms;
  const Form *form = form_get(forms, clause);
  if (!(form->flags & FORM_FLAG_CLAUSE) || form_count(form) != 3) {
    return clause;
  }
  const FormId *parts = form_elements(form);
  const Form *label = form_get(forms, parts[1]);
  Span span = form_span(form);
  bool named = false;
  FormId parameters;
  if (form_is_word(label, NAME_DO)) {
    parameters = form_list(forms, NULL, 0, 0, form_span(label));
  } else if (label->kind == FORM_LIST && (label->flags & FORM_FLAG_ADJACENT_CALL) &&
             !(label->flags & FORM_FLAG_PARENTHESISED)) {
    const FormId *call = form_elements(label);
    const Form *name = form_get(forms, call[0]);
    if (name->kind != FORM_IDENTIFIER) {
      return clause;
    }
    named = !form_is_word(name, NAME_DO);
    Span inside = {form_span(name).end, form_span(label).end};
    parameters =
        form_count(label) == 2 ? call[1] : form_list(forms, call + 1, form_count(label) - 1, 0, inside);
  } else {
    return clause;
  }
  Span arrow_span = form_span(form_get(forms, parts[0]));
  FormId arrow = form_atom(forms, FORM_IDENTIFIER, NAME_FAT_ARROW, 0, arrow_span);
  FormId lambda_parts[] = {arrow, parameters, parts[2]};
  FormId lambda = make_list(reader, lambda_parts, 3, 0, span.start - reader->base, span.end - reader->base);
  if (!named) {
    return lambda;
  }
  FormId clause_parts[] = {parts[0], form_elements(label)[0], lambda};
  return make_list(reader, clause_parts, 3, FORM_FLAG_CLAUSE, span.start - reader->base,
                   span.end - reader->base);
}

void clauses_make_callbacks(Reader *reader, uint32_t first) {
  for (uint32_t i = first; i < reader->ids.count; i++) {
    FormId id = reader->ids.items[i];
    if (form_get(reader->forms, id)->flags & FORM_FLAG_CLAUSE) {
      FormId made = callback(reader, id);
      reader->ids.items[i] = made;
    }
  }
}

static bool is_call_like(const Form *head) {
  return !(head->flags & FORM_FLAG_RESERVED) && operator_of_form(head) == OP_NONE;
}

static bool takes_callbacks(const Form *head) {
  return is_call_like(head) && !(head->kind == FORM_IDENTIFIER && syntax_is_structural(head->value));
}

void clauses_finish_call(Reader *reader, uint32_t first) {
  const Form *head = form_get(reader->forms, reader->ids.items[first]);
  if (head->flags & FORM_FLAG_RESERVED) {
    return;
  }
  const Form *last = form_get(reader->forms, reader->ids.items[reader->ids.count - 1]);
  const uint8_t suite = FORM_FLAG_CLAUSES | FORM_FLAG_SUITE;
  if (last->kind == FORM_LIST && (last->flags & suite) == suite && reader->ids.count > first + 1) { // §9.1
    const FormId *clauses = form_elements(last);
    reader->ids.count--;
    for (uint32_t i = 1; i < form_count(last); i++) {
      VECTOR_PUSH(reader->scratch, &reader->ids, clauses[i]);
    }
  }
  if (takes_callbacks(head)) {
    clauses_make_callbacks(reader, first + 1);
  }
}

// The entry with the clauses ids[from..until] attached to its rightmost call (§9.2), or 0.
static FormId attach(Reader *reader, FormId entry, uint32_t from, uint32_t until) {
  FormTable *forms = reader->forms;
  const Form *form = form_get(forms, entry);
  uint32_t end = form_span(form_get(forms, reader->ids.items[until - 1])).end - reader->base;
  uint32_t start = form_span(form).start - reader->base;
  if (form->kind == FORM_IDENTIFIER && (form_is_word(form, NAME_MATCH) || form_is_word(form, NAME_IF))) {
    form = NULL; // `v.match` with its arms at the same indent
  } else if (form->kind != FORM_LIST || form_count(form) == 0) {
    return 0;
  }
  uint32_t first = reader->ids.count;
  if (!form) {
    VECTOR_PUSH(reader->scratch, &reader->ids, entry);
  } else {
    const FormId *elements = form_elements(form);
    for (uint32_t i = 0; i < form_count(form); i++) {
      VECTOR_PUSH(reader->scratch, &reader->ids, elements[i]);
    }
  }
  const Form *head = form_get(forms, reader->ids.items[first]);
  Operator op = operator_of_form(head);
  bool binding =
      form_is_word(head, NAME_LET) || form_is_word(head, NAME_VAR) || form_is_word(head, NAME_RETURN);
  FormId result = 0;
  if (op != OP_NONE || binding) {
    if (op != OP_COLON && op != OP_FAT_ARROW && form && form_count(form) > 1) {
      FormId inner = attach(reader, reader->ids.items[reader->ids.count - 1], from, until);
      if (inner) {
        reader->ids.items[reader->ids.count - 1] = inner;
        result =
            make_list(reader, reader->ids.items + first, reader->ids.count - first, form->flags, start, end);
      }
    }
  } else if (is_call_like(head) && !form_is_word(head, NAME_BLOCK)) {
    uint32_t arguments = reader->ids.count;
    for (uint32_t i = from; i < until; i++) {
      FormId clause = reader->ids.items[i];
      VECTOR_PUSH(reader->scratch, &reader->ids, clause);
    }
    if (takes_callbacks(head)) {
      clauses_make_callbacks(reader, arguments);
    }
    result = make_list(reader, reader->ids.items + first, reader->ids.count - first, 0, start, end);
  }
  reader->ids.count = first;
  return result;
}

void clauses_attach(Reader *reader, uint32_t first) {
  uint32_t kept = first, count = reader->ids.count;
  for (uint32_t i = first; i < count;) {
    uint32_t until = i;
    while (until < count && (form_get(reader->forms, reader->ids.items[until])->flags & FORM_FLAG_CLAUSE)) {
      until++;
    }
    if (until > i && kept > first) {
      FormId attached = attach(reader, reader->ids.items[kept - 1], i, until);
      if (attached) {
        reader->ids.items[kept - 1] = attached;
        i = until;
        continue;
      }
    }
    do { // nothing to attach to: ast/ says so
      FormId id = reader->ids.items[i++];
      reader->ids.items[kept++] = id;
    } while (i < until);
  }
  reader->ids.count = kept;
}
