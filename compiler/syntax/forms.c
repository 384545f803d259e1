// The form table of syntax/forms.h.
//
// What is left of a page that a record does not fit into is marked, for iteration. A record longer than a
// page gets consecutive pages of one block, so that it is always one stretch of memory.
#include "syntax/forms.h"

#include "base/failure.h"
#include "syntax/operators.h"

void forms_init(FormTable *table, Context *context) {
  *table = (FormTable){.context = context};
  arena_init(&table->arena);
  arena_init(&table->scratch);
  Span nowhere = {0, 0};
  form_list(table, NULL, 0, 0, nowhere); // id 0
}

void forms_free(FormTable *table) {
  arena_free(&table->arena);
  arena_free(&table->scratch);
  *table = (FormTable){.context = table->context};
}

__attribute__((noinline, cold)) static void add_pages(FormTable *table, uint32_t words) {
  if (table->at != table->limit) {
    *(uint8_t *)table->at = FORM_UNUSED;
  }
  ENSURE(words < UINT32_MAX / 2);
  uint32_t pages = (words + FORM_PAGE_WORDS - 1) >> FORM_PAGE_BITS;
  ENSURE((uint64_t)table->pages.count + pages < (uint64_t)1 << (32 - FORM_PAGE_BITS));
  table->end = table->pages.count << FORM_PAGE_BITS;
  table->at =
      arena_alloc(&table->arena, sizeof(uint32_t) * ((size_t)pages << FORM_PAGE_BITS), _Alignof(Form));
  table->limit = table->at + ((size_t)pages << FORM_PAGE_BITS);
  for (uint32_t *page = table->at; page != table->limit; page += FORM_PAGE_WORDS) {
    VECTOR_PUSH(&table->arena, &table->pages, page);
  }
}

__attribute__((always_inline)) static inline Form *new_form(FormTable *table, uint32_t extra_words,
                                                            FormId *id) {
  size_t words = FORM_WORDS + (size_t)extra_words;
  if ((size_t)(table->limit - table->at) < words) {
    add_pages(table, (uint32_t)words);
  }
  Form *form = (Form *)(void *)table->at;
  *id = table->end;
  table->at += words;
  table->end += (uint32_t)words;
  table->count++;
  return form;
}

FormId form_atom(FormTable *table, FormKind kind, uint32_t value, uint8_t flags, Span span) {
  FormId id;
  *new_form(table, 0, &id) = (Form){
      .kind = (uint8_t)kind, .flags = flags & (uint8_t)~FORM_FLAG_MARKED, .value = value, .span = span};
  return id;
}

FormId form_identifier(FormTable *table, Name name, uint32_t context, uint8_t flags, Span span) {
  if (context == 0) {
    return form_atom(table, FORM_IDENTIFIER, name, flags, span);
  }
  FormId id;
  Form *form = new_form(table, 1, &id);
  *form = (Form){.kind = FORM_IDENTIFIER, .flags = flags | FORM_FLAG_MARKED, .value = name, .span = span};
  *(uint32_t *)(form + 1) = context;
  return id;
}

// Operators nest freely to the left: `a + b + c + …` has the depth of its deepest operand, plus one.
static inline bool is_infix(const FormTable *table, const FormId *elements) {
  Operator op = operator_of_form(form_get(table, elements[0]));
  return op != OP_NONE && operator_is_infix(op);
}

FormId form_list(FormTable *table, const FormId *elements, uint32_t count, uint8_t flags, Span span) {
  FormId id;
  Form *form = new_form(table, count, &id);
  FormId *copy = (FormId *)(form + 1);
  uint32_t depth = 0, left = 0, i = 0;
  if (count == 3 && is_infix(table, elements)) {
    copy[0] = elements[0];
    copy[1] = elements[1];
    left = form_get(table, elements[1])->depth;
    i = 2;
  }
  for (; i < count; i++) {
    copy[i] = elements[i];
    uint32_t inner = form_get(table, elements[i])->depth;
    depth = inner > depth ? inner : depth;
  }
  depth = depth + 1 > left ? depth + 1 : left;
  *form = (Form){.kind = FORM_LIST,
                 .flags = flags,
                 .depth = (uint16_t)(depth > UINT16_MAX ? UINT16_MAX : depth),
                 .value = count,
                 .span = span};
  return id;
}
