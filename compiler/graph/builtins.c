// The functions of the macro-time evaluator (spec 02 §7.5).
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph/expand.h"

typedef struct Call {
  Expander *x;
  Frame *frame;
  Str name;
  const Value *arguments;
  uint32_t count;
} Call;

static const Form *form_of(const Call *c, FormId id) {
  return form_get(c->x->forms, id);
}

static Value value_of(FormId form) {
  return (Value){.form = form};
}

static Value nop(const Call *c) {
  return value_of(macro_nop(c->x, c->frame));
}

static Value boolean(const Call *c, bool value) {
  return value_of(macro_boolean(c->x, c->frame, value));
}

static FormId integer(const Call *c, int64_t value) {
  char digits[24];
  size_t length = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value);
  Name name = names_intern(&c->x->graph->context->names, (Str){digits, length});
  return macro_atom(c->x, c->frame, FORM_INT, name, 0);
}

static Value fail(const Call *c, const char *what) {
  expand_fail(c->x, "%s for %.*s", what, STR_ARGS(c->name));
  return (Value){0};
}

// --- arguments

static FormId syntax(const Call *c, uint32_t index) {
  if (c->arguments[index].lambda && !c->x->failed) {
    fail(c, "expected expression, received macro lambda,");
  }
  return c->arguments[index].form;
}

// The list that an argument must be; NULL after a failure.
static const Form *list(const Call *c, uint32_t index) {
  const Form *form = form_of(c, syntax(c, index));
  if (!c->x->failed && form->kind != FORM_LIST) {
    fail(c, "expected form");
  }
  return c->x->failed ? NULL : form;
}

static const Form *identifier(const Call *c, uint32_t index) {
  const Form *form = form_of(c, syntax(c, index));
  if (!c->x->failed && form->kind != FORM_IDENTIFIER) {
    fail(c, "expected identifier");
  }
  return c->x->failed ? NULL : form;
}

static bool index_of(const Call *c, uint32_t index, int64_t *value) {
  const Form *form = form_of(c, syntax(c, index));
  if (!c->x->failed && form->kind != FORM_INT) {
    fail(c, "expected an integer index");
  }
  if (c->x->failed) {
    return false;
  }
  *value = strtoll(context_name(c->x->graph->context, form->value).ptr, NULL, 10);
  return true;
}

static void push(const Call *c, FormId id) {
  VECTOR_PUSH(c->x->arena, &c->x->ids, id);
}

static void push_elements(const Call *c, const Form *form, uint32_t from, uint32_t until) {
  for (uint32_t i = from; i < until; i++) {
    push(c, form_element(form, i));
  }
}

// ids[first..] as a list, off the stack.
static Value take_list(const Call *c, uint32_t first) {
  FormId result =
      c->x->failed ? 0
                   : expand_list(c->x, c->x->ids.items + first, c->x->ids.count - first, 0, c->frame->span);
  c->x->ids.count = first;
  return value_of(result);
}

// --- lists

static Value apply_length(const Call *c) {
  const Form *form = list(c, 0);
  return form ? value_of(integer(c, form_count(form))) : (Value){0};
}

static Value apply_get(const Call *c) {
  const Form *form = list(c, 0);
  int64_t index;
  if (!form || !index_of(c, 1, &index)) {
    return (Value){0};
  }
  index += index < 0 ? form_count(form) : 0;
  return index >= 0 && index < form_count(form) ? value_of(form_element(form, (uint32_t)index)) : nop(c);
}

static int64_t clamp(int64_t index, int64_t count) {
  index += index < 0 ? count : 0;
  return index < 0 ? 0 : index > count ? count : index;
}

static Value apply_slice(const Call *c) {
  const Form *form = list(c, 0);
  int64_t from, until;
  if (!form || !index_of(c, 1, &from)) {
    return (Value){0};
  }
  until = form_count(form);
  if (c->count > 2 && !index_of(c, 2, &until)) {
    return (Value){0};
  }
  from = clamp(from, form_count(form));
  until = clamp(until, form_count(form));
  uint32_t first = c->x->ids.count;
  push_elements(c, form, (uint32_t)from, (uint32_t)(until < from ? from : until));
  return take_list(c, first);
}

static Value apply_push(const Call *c) {
  const Form *form = list(c, 0);
  uint32_t first = c->x->ids.count;
  if (form) {
    push_elements(c, form, 0, form_count(form));
  }
  for (uint32_t i = 1; i < c->count && !c->x->failed; i++) {
    push(c, syntax(c, i));
  }
  return take_list(c, first);
}

static Value apply_spread(const Call *c) {
  const Form *left = list(c, 0), *right = left ? list(c, 1) : NULL;
  uint32_t first = c->x->ids.count;
  if (right) {
    push_elements(c, left, 0, form_count(left));
    push_elements(c, right, 0, form_count(right));
  }
  return take_list(c, first);
}

static Value apply_concat(const Call *c) {
  uint32_t first = c->x->ids.count;
  for (uint32_t i = 0; i < c->count && !c->x->failed; i++) {
    FormId id = syntax(c, i);
    const Form *form = form_of(c, id);
    if (i == 0 && form->kind != FORM_LIST && form->kind != FORM_IDENTIFIER) {
      fail(c, "expected form or identifier");
    } else if (form->kind == FORM_LIST) {
      push_elements(c, form, 0, form_count(form));
    } else {
      push(c, id);
    }
  }
  return take_list(c, first);
}

static struct Lambda *lambda(const Call *c, uint32_t index) {
  if (!c->arguments[index].lambda && !c->x->failed) {
    fail(c, "expected lambda");
  }
  return c->x->failed ? NULL : c->arguments[index].lambda;
}

static Value apply_map(const Call *c) {
  const Form *form = list(c, 0);
  Lambda *function = form ? lambda(c, 1) : NULL;
  uint32_t first = c->x->ids.count;
  for (uint32_t i = 0; function && i < form_count(form) && !c->x->failed; i++) {
    Value values[] = {value_of(form_element(form, i)), value_of(integer(c, i)), c->arguments[0]};
    Value result = macro_call_lambda(c->x, function, values, 3);
    if (!c->x->failed && result.lambda) {
      fail(c, "expected expression, received macro lambda,");
    }
    push(c, result.form);
  }
  return take_list(c, first);
}

static Value apply_reduce(const Call *c) {
  const Form *form = list(c, 0);
  Lambda *function = form ? lambda(c, 2) : NULL;
  Value result = c->arguments[1];
  for (uint32_t i = 0; function && i < form_count(form) && !c->x->failed; i++) {
    Value values[] = {result, value_of(form_element(form, i)), value_of(integer(c, i)), c->arguments[0]};
    result = macro_call_lambda(c->x, function, values, 4);
  }
  return result;
}

static Value apply_empty_list(const Call *c) {
  return take_list(c, c->x->ids.count);
}

static Value apply_is_list(const Call *c) {
  return boolean(c, !c->arguments[0].lambda && form_of(c, c->arguments[0].form)->kind == FORM_LIST);
}

static Value apply_calls(const Call *c) {
  const Form *form = list(c, 0), *name = form ? identifier(c, 1) : NULL;
  if (!name) {
    return (Value){0};
  }
  const Form *head = form_count(form) > 0 ? form_of(c, form_element(form, 0)) : NULL;
  return boolean(c, head && head->kind == FORM_IDENTIFIER && head->value == name->value);
}

// --- labelled arguments

// The value of element i if it is labelled with the name; 0 otherwise.
static FormId labelled(const Call *c, const Form *form, uint32_t i, Name name) {
  const Form *argument = form_of(c, form_element(form, i));
  if (!form_headed(c->x->forms, argument, NAME_COLON) || form_count(argument) != 3) {
    return 0;
  }
  const Form *label = form_of(c, form_element(argument, 1));
  return label->kind == FORM_IDENTIFIER && label->value == name ? form_element(argument, 2) : 0;
}

static FormId find_labelled(const Call *c, const Form *form, Name name) {
  FormId found = 0;
  for (uint32_t i = 1; i < form_count(form) && found == 0; i++) {
    found = labelled(c, form, i, name);
  }
  return found;
}

static Value apply_arg_with_label(const Call *c) {
  const Form *form = list(c, 0), *name = form ? identifier(c, 1) : NULL;
  if (!name) {
    return (Value){0};
  }
  FormId found = find_labelled(c, form, name->value);
  if (found == 0) {
    Str text = context_name(c->x->graph->context, name->value);
    expand_fail(c->x, "labeled argument '%.*s' not found", STR_ARGS(text));
  }
  return value_of(found);
}

static Value apply_optional_arg_with_label(const Call *c) {
  const Form *form = list(c, 0), *name = form ? identifier(c, 1) : NULL;
  FormId found = name ? find_labelled(c, form, name->value) : 0;
  return found != 0 || !name ? value_of(found) : boolean(c, false);
}

static Value apply_args_with_label(const Call *c) {
  const Form *form = list(c, 0), *name = form ? identifier(c, 1) : NULL;
  uint32_t first = c->x->ids.count;
  for (uint32_t i = 1; name && i < form_count(form); i++) {
    FormId found = labelled(c, form, i, name->value);
    if (found != 0) {
      push(c, found);
    }
  }
  return take_list(c, first);
}

// --- identities and places

static Value apply_identifier(const Call *c) {
  const Form *form = form_of(c, syntax(c, 0));
  if (!c->x->failed && form->kind != FORM_IDENTIFIER && form->kind != FORM_STRING) {
    return fail(c, "expected a string literal or identifier");
  }
  if (c->x->failed) {
    return (Value){0};
  }
  uint8_t flags = form->kind == FORM_IDENTIFIER ? form->flags & FORM_FLAG_QUOTED : 0;
  uint32_t context = hygiene_context(c->x, HYGIENE_FRESH, c->frame->module, c->frame->depth);
  c->x->made_fresh = true;
  return value_of(form_identifier(c->x->forms, form->value, context, flags, c->frame->span));
}

static Value apply_symbol_reference(const Call *c) {
  FormId path = syntax(c, 0);
  FormId result = c->x->failed ? 0 : hygiene_reference(c->x, path, c->frame->span);
  if (result == 0 && !c->x->failed) {
    expand_fail(c->x, "symbol_reference requires an identifier or qualified symbol");
  }
  return value_of(result);
}

static Value apply_with_location(const Call *c) {
  FormId id = syntax(c, 0);
  Span span = form_span(form_of(c, c->x->failed ? 0 : syntax(c, 1)));
  if (c->x->failed) {
    return (Value){0};
  }
  const Form *form = form_of(c, id);
  if (form->kind == FORM_LIST) {
    return value_of(expand_list(c->x, form_elements(form), form_count(form), form->flags, span));
  }
  return value_of(form->kind == FORM_IDENTIFIER
                      ? form_identifier(c->x->forms, form->value, form_context(form), form->flags, span)
                      : form_atom(c->x->forms, form->kind, form->value, form->flags, span));
}

static Value apply_emit_many(const Call *c) {
  uint32_t first = c->x->ids.count;
  push(c, c->x->head_emit_many);
  bool sequence = false;
  if (c->count == 1) { // a single list of lists is the sequence itself
    const Form *form = form_of(c, syntax(c, 0));
    sequence = !c->x->failed && form->kind == FORM_LIST;
    for (uint32_t i = 0; sequence && i < form_count(form); i++) {
      sequence = form_of(c, form_element(form, i))->kind == FORM_LIST;
    }
    if (sequence) {
      push_elements(c, form, 0, form_count(form));
    }
  }
  for (uint32_t i = 0; !sequence && i < c->count && !c->x->failed; i++) {
    push(c, syntax(c, i));
  }
  return take_list(c, first);
}

// What `panic` and `log` say: the text of a string, other values as they are written.
static Str message(const Call *c, FormId id) {
  const Form *form = form_of(c, id);
  if (form->kind == FORM_STRING) {
    return context_name(c->x->graph->context, form->value);
  }
  Text text = text_new(&c->x->work);
  form_print(c->x->forms, id, &text);
  return text_str(&text);
}

static Value apply_panic(const Call *c) {
  if (c->count == 0) {
    return fail(c, "expected a message");
  }
  FormId id = syntax(c, 0);
  if (!c->x->failed) {
    expand_fail(c->x, "%.*s", STR_ARGS(message(c, id)));
  }
  return (Value){0};
}

// --- rare ones

static Value apply_split(const Call *c) {
  const Form *whole = form_of(c, syntax(c, 0)), *mark = form_of(c, c->x->failed ? 0 : syntax(c, 1));
  bool texts = (whole->kind == FORM_IDENTIFIER || whole->kind == FORM_STRING) &&
               (mark->kind == FORM_IDENTIFIER || mark->kind == FORM_STRING);
  if (c->x->failed || !texts) {
    return c->x->failed ? (Value){0} : fail(c, "expected identifiers");
  }
  Str rest = context_name(c->x->graph->context, whole->value);
  Str separator = context_name(c->x->graph->context, mark->value);
  uint32_t first = c->x->ids.count;
  for (;;) {
    const char *found = separator.length > 0 && rest.length > 0
                            ? memmem(rest.ptr, rest.length, separator.ptr, separator.length)
                            : NULL;
    Str piece = {rest.ptr, found ? (size_t)(found - rest.ptr) : rest.length};
    Name name = names_intern(&c->x->graph->context->names, piece);
    push(c, form_identifier(c->x->forms, name, hygiene_template(c->x, c->frame), FORM_FLAG_QUOTED,
                            c->frame->span));
    if (!found) {
      return take_list(c, first);
    }
    rest = (Str){found + separator.length, rest.length - piece.length - separator.length};
  }
}

static Value apply_char_to_code(const Call *c) {
  const Form *form = form_of(c, syntax(c, 0));
  if (c->x->failed || (form->kind != FORM_IDENTIFIER && form->kind != FORM_STRING)) {
    return c->x->failed ? (Value){0} : fail(c, "expected an identifier or string");
  }
  Str text = context_name(c->x->graph->context, form->value);
  const unsigned char *at = (const unsigned char *)text.ptr;
  uint32_t length = text.length > 0 ? text_utf8_length(at, text.length) : 0;
  uint32_t code = length == 0 ? 0 : length == 1 ? at[0] : at[0] & (0xFFu >> (length + 1));
  for (uint32_t i = 1; i < length; i++) {
    code = code << 6 | (at[i] & 0x3F);
  }
  return value_of(integer(c, code));
}

// Each message costs many steps, so that a loop of them soon meets the limit. The value passes through.
static Value apply_log(const Call *c) {
  enum { STEPS_PER_MESSAGE = 1000 };
  FormId id = c->arguments[0].form;
  expand_log(c->x, c->arguments[0].lambda ? STR("a macro lambda") : message(c, id));
  c->x->steps += STEPS_PER_MESSAGE;
  return c->arguments[0];
}

// --- numbers

static bool number(const Call *c, uint32_t index, double *value) {
  const Form *form = form_of(c, syntax(c, index));
  if (!c->x->failed && form->kind != FORM_INT && form->kind != FORM_FLOAT) {
    fail(c, "expected numbers");
  }
  if (c->x->failed) {
    return false;
  }
  *value = strtod(context_name(c->x->graph->context, form->value).ptr, NULL);
  return true;
}

static Value number_value(const Call *c, double value) {
  if (value == floor(value) && fabs(value) < 9.0e15) {
    return value_of(integer(c, (int64_t)value));
  }
  Str text = arena_format(&c->x->work, "%.17g", value);
  Name name = names_intern(&c->x->graph->context->names, text);
  return value_of(form_atom(c->x->forms, FORM_FLOAT, name, FORM_FLAG_WIDE, c->frame->span));
}

static Value arithmetic(const Call *c, char op) {
  double result = 0, next;
  if (!number(c, 0, &result)) {
    return (Value){0};
  }
  if (c->count == 1 && op == '-') {
    result = -result;
  }
  for (uint32_t i = 1; i < c->count; i++) {
    if (!number(c, i, &next)) {
      return (Value){0};
    }
    if (op == '/' && next == 0) {
      expand_fail(c->x, "division by zero");
      return (Value){0};
    }
    result = op == '+'   ? result + next
             : op == '-' ? result - next
             : op == '*' ? result * next
                         : result / next;
  }
  if (!isfinite(result)) {
    return fail(c, "the result is not a number");
  }
  return number_value(c, result);
}

static Value apply_add(const Call *c) {
  return arithmetic(c, '+');
}

static Value apply_subtract(const Call *c) {
  return arithmetic(c, '-');
}

static Value apply_multiply(const Call *c) {
  return arithmetic(c, '*');
}

static Value apply_divide(const Call *c) {
  return arithmetic(c, '/');
}

static bool is_number(const Form *form) {
  return form->kind == FORM_INT || form->kind == FORM_FLOAT;
}

static bool has_text(const Form *form) {
  return form->kind == FORM_IDENTIFIER || form->kind == FORM_STRING;
}

static int compare_texts(const Call *c, const Form *a, const Form *b) {
  Str left = context_name(c->x->graph->context, a->value),
      right = context_name(c->x->graph->context, b->value);
  size_t length = left.length < right.length ? left.length : right.length;
  int order = length > 0 ? memcmp(left.ptr, right.ptr, length) : 0;
  return order != 0 ? order : (left.length > right.length) - (left.length < right.length);
}

static double number_of(const Call *c, const Form *form) {
  return strtod(context_name(c->x->graph->context, form->value).ptr, NULL);
}

static bool equal(const Call *c, FormId left, FormId right) {
  if (left == right) {
    return true;
  }
  const Form *a = form_of(c, left), *b = form_of(c, right);
  if (is_number(a) && is_number(b)) {
    return number_of(c, a) == number_of(c, b);
  }
  if (has_text(a) && has_text(b)) {
    return a->value == b->value;
  }
  if (a->kind != b->kind) {
    return false;
  }
  if (a->kind != FORM_LIST) {
    return a->value == b->value;
  }
  bool same = form_count(a) == form_count(b) && expand_step(c->x) && expand_enter(c->x);
  if (!same) {
    return false;
  }
  for (uint32_t i = 0; same && i < form_count(a); i++) {
    same = equal(c, form_element(a, i), form_element(b, i));
  }
  expand_leave(c->x);
  return same;
}

static Value apply_equal(const Call *c) {
  FormId left = syntax(c, 0), right = c->x->failed ? 0 : syntax(c, 1);
  return c->x->failed ? (Value){0} : boolean(c, equal(c, left, right));
}

// -1, 0, 1, or 2 if they have no order.
static int order(const Call *c) {
  FormId left = syntax(c, 0), right = c->x->failed ? 0 : syntax(c, 1);
  const Form *a = form_of(c, left), *b = form_of(c, right);
  if (c->x->failed) {
    return 2;
  }
  if (is_number(a) && is_number(b)) {
    double x = number_of(c, a), y = number_of(c, b);
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
  }
  if (has_text(a) && has_text(b)) {
    int result = compare_texts(c, a, b);
    return result < 0 ? -1 : result > 0;
  }
  if (a->kind == FORM_BOOL && b->kind == FORM_BOOL) {
    return (int)a->value - (int)b->value;
  }
  fail(c, "expected two numbers, texts or booleans");
  return 2;
}

static Value apply_less(const Call *c) {
  return boolean(c, order(c) == -1);
}

static Value apply_greater(const Call *c) {
  return boolean(c, order(c) == 1);
}

static Value apply_less_equal(const Call *c) {
  int result = order(c);
  return boolean(c, result == -1 || result == 0);
}

static Value apply_greater_equal(const Call *c) {
  int result = order(c);
  return boolean(c, result == 1 || result == 0);
}

static Value apply_not(const Call *c) {
  return boolean(c, !value_is_true(c->x, c->arguments[0]));
}

bool value_is_true(const Expander *x, Value value) {
  if (value.lambda || x->failed) {
    return true;
  }
  const Form *form = form_get(x->forms, value.form);
  switch ((FormKind)form->kind) {
  case FORM_BOOL:
    return form->value != 0;
  case FORM_INT:
  case FORM_FLOAT:
    return strtod(context_name(x->graph->context, form->value).ptr, NULL) != 0;
  case FORM_STRING:
    return form->value != NAME_EMPTY;
  case FORM_IDENTIFIER:
  case FORM_LIST:
    break;
  }
  return true;
}

// --- the table

static const struct {
  const char *name;
  Value (*apply)(const Call *c);
  uint32_t least;
} BUILTINS[] = {
#define BUILTIN(name, function, least) {name, function, least},
#include "graph/builtins.def"
#undef BUILTIN
};

void builtins_know_names(Expander *x) {
  for (uint32_t i = 0; i < sizeof BUILTINS / sizeof *BUILTINS; i++) {
    Name name = names_intern(&x->graph->context->names, str_from(BUILTINS[i].name));
    expand_word(x, name)->builtin = (uint8_t)(i + 1);
  }
}

Value builtin_apply(Expander *x, Frame *frame, uint32_t builtin, const Value *arguments, uint32_t count) {
  uint32_t index = builtin - 1;
  Str name = str_from(BUILTINS[index].name);
  if (count < BUILTINS[index].least) {
    expand_fail(x, "%s expected %u arguments, received %u", name.ptr, BUILTINS[index].least, count);
    return (Value){0};
  }
  return BUILTINS[index].apply(&(Call){x, frame, name, arguments, count});
}
