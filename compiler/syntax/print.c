// Forms as S-expressions on one line, as in the tables of spec 01 §6.1.
//
// Left operands of operators nest without limit, so the printer keeps its own stack.
#include "syntax/forms.h"

typedef struct Pending {
  FormId form; // 0: a closing parenthesis
} Pending;

static void print_string(Str bytes, Text *out) {
  text_add_char(out, '"');
  for (size_t i = 0; i < bytes.length; i++) {
    unsigned char c = (unsigned char)bytes.ptr[i];
    const char *escapes = "\n\r\t\b\f\0\\\"", *letters = "nrtbf0\\\"";
    const char *found = memchr(escapes, c, 8);
    if (found) {
      text_add_char(out, '\\');
      text_add_char(out, letters[found - escapes]);
    } else if (c == '$' && i + 1 < bytes.length && bytes.ptr[i + 1] == '{') {
      text_add(out, STR("\\$"));
    } else {
      text_add_char(out, (char)c);
    }
  }
  text_add_char(out, '"');
}

static void print_atom(const FormTable *table, const Form *form, Text *out) {
  Str text = form->kind == FORM_BOOL ? STR("") : context_name(table->context, form->value);
  bool wide = form->flags & FORM_FLAG_WIDE;
  switch ((FormKind)form->kind) {
  case FORM_IDENTIFIER:
    text_format(out, form->flags & FORM_FLAG_QUOTED ? "'%.*s'" : "%.*s", STR_ARGS(text));
    break;
  case FORM_INT:
    text_add(out, text);
    text_add(out, wide ? STR("i64") : STR(""));
    break;
  case FORM_FLOAT:
    text_add(out, text);
    text_add(out, wide ? STR("") : STR("f32"));
    break;
  case FORM_BOOL:
    text_add(out, form->value ? STR("true") : STR("false"));
    break;
  case FORM_STRING:
    print_string(text, out);
    break;
  case FORM_LIST:
    break;
  }
}

void form_print(const FormTable *table, FormId root, Text *out) {
  VECTOR(Pending) stack = {0};
  Arena arena;
  arena_init(&arena);
  VECTOR_PUSH(&arena, &stack, (Pending){root});
  bool space = false;
  while (stack.count > 0) {
    FormId id = stack.items[--stack.count].form;
    if (id == 0) {
      text_add_char(out, ')');
      space = true;
      continue;
    }
    const Form *form = form_get(table, id);
    if (space) {
      text_add_char(out, ' ');
    }
    space = true;
    if (form->kind != FORM_LIST) {
      print_atom(table, form, out);
      continue;
    }
    text_add_char(out, '(');
    space = false;
    VECTOR_PUSH(&arena, &stack, (Pending){0});
    for (uint32_t i = form_count(form); i-- > 0;) {
      VECTOR_PUSH(&arena, &stack, (Pending){form_element(form, i)});
    }
  }
  arena_free(&arena);
}
