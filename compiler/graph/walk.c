// The traversal of forms (spec 02 §5.1): outermost macro first, elements from left to right.
//
// What cannot be an invocation although it looks like a call is passed over: members after `.` and `::`,
// names in declaration headers, parameters, patterns, handler heads. An unchanged list keeps its id, so that
// code without macros costs no memory. Left operands of operators nest without limit and are walked in a
// loop.
#include "graph/expand.h"
#include "syntax/operators.h"

static FormId expand_modified(Expander *x, FormId id, uint32_t keyword);

// --- rebuilding

// ids[first..] as the new elements of a list; the list itself if they are the old ones.
static FormId rebuilt(Expander *x, FormId id, uint32_t first) {
  const Form *form = expand_form(x, id);
  uint32_t count = x->ids.count - first;
  const FormId *now = x->ids.items + first, *before = form_elements(form);
  bool same = count == form_count(form);
  for (uint32_t i = 0; same && i < count; i++) {
    same = now[i] == before[i];
  }
  FormId result = same ? id : expand_list(x, now, count, form->flags, form_span(form));
  x->ids.count = first;
  return result;
}

static void push(Expander *x, FormId id) {
  VECTOR_PUSH(x->arena, &x->ids, id);
}

// A place for exactly one expression.
static FormId expand_single(Expander *x, FormId id) {
  if (form_count(expand_form(x, id)) == 0) {
    return id;
  }
  FormId result = expand_any(x, id);
  if (!x->failed && expand_is_many(x, expand_form(x, result))) {
    x->invocation = form_span(expand_form(x, id));
    expand_fail(x, "emit_many needs a statement or declaration position");
  }
  return result;
}

static FormId expand_from(Expander *x, FormId id, uint32_t from) {
  const Form *form = expand_form(x, id);
  if (form->kind != FORM_LIST) {
    return id;
  }
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    push(x, i < from ? element : expand_single(x, element));
  }
  return rebuilt(x, id, first);
}

// --- places that are no candidates

// A member after `.` or `::`: its arguments only.
static FormId expand_member(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  if (form->kind != FORM_LIST || form_count(form) == 0) {
    return id;
  }
  const Form *head = expand_form(x, form_element(form, 0));
  if (form_is_word(head, NAME_FAT_ARROW) || form_is_word(head, NAME_MATCH)) {
    return expand_children(x, id);
  }
  if (form_is_word(head, NAME_PATH) && form_count(form) == 3) {
    uint32_t first = x->ids.count;
    const FormId *parts = form_elements(form);
    push(x, parts[0]);
    push(x, expand_member(x, parts[1]));
    push(x, expand_member(x, parts[2]));
    return rebuilt(x, id, first);
  }
  return expand_from(x, id, 1);
}

// A parameter: its type and default.
static FormId expand_parameter(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  if (form->kind != FORM_LIST || form_count(form) == 0) {
    return id;
  }
  const Form *head = expand_form(x, form_element(form, 0));
  bool annotated = form_is_word(head, NAME_COLON) || form_is_word(head, NAME_OPTIONAL_COLON);
  bool default_value = form_is_word(head, NAME_ASSIGN);
  bool group = form_is_reserved(head, NAME_OBJECT_LITERAL) || form_is_reserved(head, NAME_TUPLE) ||
               form_is_reserved(head, NAME_GENERICS);
  if (!annotated && !default_value && !group) {
    return form_count(form) == 2 ? expand_from(x, id, 2) : id;
  }
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    push(x, i == 0 ? element : group || i == 1 ? expand_parameter(x, element) : expand_single(x, element));
  }
  return rebuilt(x, id, first);
}

static FormId expand_parameters(Expander *x, FormId id, uint32_t from) {
  const Form *form = expand_form(x, id);
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    push(x, i < from ? element : expand_parameter(x, element));
  }
  return rebuilt(x, id, first);
}

// `(f p…)`, `(-> (f p…) R)`, `(: (f p…) (-> E R))`; of a lambda the list of parameters has no name.
static FormId expand_signature(Expander *x, FormId id, bool named) {
  const Form *form = expand_form(x, id);
  if (form->kind != FORM_LIST || form_count(form) == 0) {
    return id;
  }
  const Form *head = expand_form(x, form_element(form, 0));
  bool typed = form_is_word(head, NAME_ARROW) || (form_is_word(head, NAME_COLON) && named);
  if (!named && form_is_word(head, NAME_COLON) && form_count(form) == 3) {
    const Form *row = expand_form(x, form_element(form, 2));
    typed = form_headed(x->forms, row, NAME_ARROW);
  }
  if (typed && form_count(form) == 3) {
    const FormId *parts = form_elements(form);
    uint32_t first = x->ids.count;
    push(x, parts[0]);
    push(x, expand_signature(x, parts[1], named));
    push(x, expand_single(x, parts[2]));
    return rebuilt(x, id, first);
  }
  if (named || form_is_reserved(head, NAME_TUPLE) || form_is_word(head, NAME_FN)) {
    return expand_parameters(x, id, 1);
  }
  Operator op = operator_of_form(head);
  return op == OP_NONE && !form_is_reserved(head, NAME_OBJECT_LITERAL) ? expand_parameters(x, id, 0)
                                                                       : expand_parameter(x, id);
}

// `(: pattern value)` and `(: handler value)`: the value. Others as they are.
static FormId expand_arm(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  return form_headed(x->forms, form, NAME_COLON) && form_count(form) == 3 ? expand_from(x, id, 2)
                                                                          : expand_single(x, id);
}

static FormId expand_arms(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    push(x, i == 0 ? element : expand_arm(x, element));
  }
  return rebuilt(x, id, first);
}

// `(let (= pattern value))`
static FormId expand_binding(Expander *x, FormId id, uint32_t from) {
  const Form *form = expand_form(x, id);
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    bool assigns = form_headed(x->forms, expand_form(x, element), NAME_ASSIGN);
    push(x, i < from ? element : assigns ? expand_from(x, element, 2) : element);
  }
  return rebuilt(x, id, first);
}

// `fn` with its keyword at `keyword`: the signature, perhaps with `= body`, and the body.
static FormId expand_function(Expander *x, FormId id, uint32_t keyword) {
  const Form *form = expand_form(x, id);
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    const Form *signature = expand_form(x, element);
    if (i <= keyword) {
      push(x, element);
    } else if (i > keyword + 1) {
      push(x, expand_single(x, element));
    } else if (form_headed(x->forms, signature, NAME_ASSIGN) && form_count(signature) == 3) {
      const FormId *parts = form_elements(signature);
      uint32_t inner = x->ids.count;
      push(x, parts[0]);
      push(x, expand_signature(x, parts[1], true));
      push(x, expand_single(x, parts[2]));
      FormId whole = rebuilt(x, element, inner);
      push(x, whole);
    } else {
      push(x, expand_signature(x, element, true));
    }
  }
  return rebuilt(x, id, first);
}

// A declaration of which only the suite is code: `trait`, `impl`, `mod`, `eff`.
static FormId expand_suites(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    bool suite = form_headed(x->forms, expand_form(x, element), NAME_BLOCK);
    push(x, suite ? expand_children(x, element) : element);
  }
  return rebuilt(x, id, first);
}

static FormId expand_block(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  uint32_t first = x->ids.count;
  push(x, form_element(form, 0));
  expand_sequence(x, form_elements(form) + 1, form_count(form) - 1, false);
  return rebuilt(x, id, first);
}

// (markup tag (attribute…) (child…))
static FormId expand_markup(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    if (i < 2) {
      push(x, element);
      continue;
    }
    const Form *list = expand_form(x, element);
    uint32_t inner = x->ids.count;
    for (uint32_t k = 0; k < form_count(list); k++) {
      FormId part = form_element(list, k);
      push(x, i == 2 ? expand_from(x, part, 2) : expand_single(x, part));
    }
    FormId whole = rebuilt(x, element, inner);
    push(x, whole);
  }
  return rebuilt(x, id, first);
}

// --- lists by their head

static FormId expand_keyword(Expander *x, FormId id, uint32_t keyword) {
  const Form *form = expand_form(x, id);
  const Form *word = expand_form(x, form_element(form, keyword));
  switch (word->value) {
  case NAME_FN:
    return expand_function(x, id, keyword);
  case NAME_LET:
  case NAME_VAR:
    return expand_binding(x, id, keyword + 1);
  case NAME_OBJ:
  case NAME_VAL:
  case NAME_USE:
  case NAME_EFF:
    return id;
  case NAME_TYPE: {
    return expand_binding(x, id, keyword + 1);
  }
  case NAME_TRAIT:
  case NAME_IMPL:
  case NAME_MOD:
    return expand_suites(x, id);
  default:
    return keyword == 0 ? 0 : expand_from(x, id, keyword);
  }
}

// `pub d`, `api d`, `pri d`, `# d`
static FormId expand_modified(Expander *x, FormId id, uint32_t keyword) {
  const Form *form = expand_form(x, id);
  if (form_count(form) <= keyword) {
    return id;
  }
  const Form *next = expand_form(x, form_element(form, keyword));
  if (next->kind == FORM_IDENTIFIER && (next->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) == 0) {
    FormId result = expand_keyword(x, id, keyword);
    return result ? result : id;
  }
  return form_count(form) == keyword + 1 ? expand_from(x, id, keyword) : id;
}

FormId expand_children(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  if (form->kind != FORM_LIST || form_count(form) == 0 || x->failed) {
    return id;
  }
  const Form *head = expand_form(x, form_element(form, 0));
  if (form_is_reserved(head, NAME_MARKUP)) {
    return expand_markup(x, id);
  }
  if (head->kind != FORM_IDENTIFIER || (head->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED))) {
    return expand_from(x, id, head->kind == FORM_IDENTIFIER);
  }
  switch (head->value) {
  case NAME_BLOCK:
    return expand_block(x, id);
  case NAME_FAT_ARROW: {
    const FormId *parts = form_elements(form);
    if (form_count(form) != 3) {
      return id;
    }
    uint32_t first = x->ids.count;
    push(x, parts[0]);
    push(x, expand_signature(x, parts[1], false));
    push(x, expand_single(x, parts[2]));
    return rebuilt(x, id, first);
  }
  case NAME_MATCH:
  case NAME_TRY:
    return expand_arms(x, id);
  case NAME_AT:
    return id;
  case NAME_PUB:
  case NAME_API:
  case NAME_PRI:
  case NAME_HASH:
    return expand_modified(x, id, 1);
  default: {
    FormId result = expand_keyword(x, id, 0);
    return result ? result : expand_from(x, id, 1);
  }
  }
}

// --- invocations

// The macro that a list invokes; 0 none.
static MacroId invoked(Expander *x, const Form *form) {
  if (form->kind != FORM_LIST || form_count(form) == 0) {
    return 0;
  }
  const Form *head = expand_form(x, form_element(form, 0));
  if (head->kind != FORM_IDENTIFIER || (head->flags & FORM_FLAG_RESERVED)) {
    return 0;
  }
  return macros_find(x, x->module, head->value, form_context(head));
}

static bool is_spine(const Expander *x, const Form *form) {
  if (form->kind != FORM_LIST || form_count(form) != 3) {
    return false;
  }
  const Form *head = expand_form(x, form_element(form, 0));
  Operator op = operator_of_form(head);
  return op != OP_NONE && operator_is_infix(op) && op != OP_COLON && op != OP_FAT_ARROW;
}

// One step of outermost expansion: invokes until the list is no invocation.
static FormId expand_head(Expander *x, FormId id) {
  MacroId macro;
  while (!x->failed && (macro = invoked(x, expand_form(x, id))) != 0) {
    const Form *form = expand_form(x, id);
    const Form *head = expand_form(x, form_element(form, 0));
    x->invocation = form_span(form);
    if (macro == MACRO_AMBIGUOUS) {
      Str name = context_name(x->graph->context, head->value);
      expand_fail(x, "macro '%.*s' is ambiguous; import with an explicit alias", STR_ARGS(name));
      return id;
    }
    if (x->macros.items[macro].is_attribute) {
      Str name = context_name(x->graph->context, head->value);
      expand_fail(x, "attribute macro '%.*s' must be invoked with '@'", STR_ARGS(name));
      return id;
    }
    uint32_t depth = form_context(head) == 0 ? 0 : hygiene_depth(x, form_context(head)) + 1;
    id = macro_invoke(x, macro, form_elements(form) + 1, form_count(form) - 1, form_span(form), depth);
  }
  return id;
}

FormId expand_any(Expander *x, FormId id) {
  if (x->failed || expand_form(x, id)->kind != FORM_LIST) {
    return id;
  }
  if (!expand_enter(x)) {
    return id;
  }
  uint32_t first = x->ids.count;
  id = expand_head(x, id);
  if (expand_is_many(x, expand_form(x, id))) { // for the sequence around it
    expand_leave(x);
    return id;
  }
  while (!x->failed && is_spine(x, expand_form(x, id))) { // down the left operands
    push(x, id);
    FormId left = form_element(expand_form(x, id), 1);
    if (form_headed(x->forms, expand_form(x, left), NAME_FAT_ARROW)) {
      id = left;
      break;
    }
    id = expand_head(x, left);
  }
  FormId result = x->failed ? id : expand_children(x, id);
  while (x->ids.count > first && !x->failed) { // and up again
    FormId parent = x->ids.items[--x->ids.count];
    const FormId *parts = form_elements(expand_form(x, parent));
    Name op = expand_form(x, parts[0])->value;
    bool member = op == NAME_DOT || op == NAME_PATH || op == NAME_OPTIONAL_DOT;
    if (expand_is_many(x, expand_form(x, result))) {
      expand_fail(x, "emit_many needs a statement or declaration position");
    }
    FormId right = member ? expand_member(x, parts[2]) : expand_single(x, parts[2]);
    uint32_t mark = x->ids.count;
    push(x, parts[0]);
    push(x, result);
    push(x, right);
    result = rebuilt(x, parent, mark);
  }
  x->ids.count = first;
  expand_leave(x);
  return result;
}
