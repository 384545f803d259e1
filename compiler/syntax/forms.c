// The form table of syntax/forms.h.
//
// What is left of a page that a record does not fit into is marked, for iteration. A record longer than a
// page gets consecutive pages of one block, so that it is always one stretch of memory.
#include "syntax/forms.h"

#include <string.h>

#include "base/failure.h"
#include "base/limits.h"
#include "syntax/operators.h"

_Static_assert(LIMIT_NESTING < FORM_MOST_DEPTH, "the depth of a form has room for one level too many");

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

__attribute__((noinline, cold)) static void add_pages(FormTable *table, size_t words) {
  if (table->at != table->limit) { // the first word of a record holds its kind
    const Form unused = {.kind = FORM_UNUSED};
    memcpy(table->at, &unused, sizeof *table->at);
  }
  ENSURE(words < UINT32_MAX / 2);
  uint32_t pages = (uint32_t)((words + FORM_PAGE_WORDS - 1) >> FORM_PAGE_BITS);
  ENSURE((uint64_t)table->pages.count + pages < (uint64_t)1 << (32 - FORM_PAGE_BITS));
  table->end = table->pages.count << FORM_PAGE_BITS;
  table->at =
      arena_alloc(&table->arena, sizeof(uint32_t) * ((size_t)pages << FORM_PAGE_BITS), _Alignof(Form));
  table->limit = table->at + ((size_t)pages << FORM_PAGE_BITS);
  for (uint32_t *page = table->at; page != table->limit; page += FORM_PAGE_WORDS) {
    VECTOR_PUSH(&table->arena, &table->pages, page);
  }
}

// A record with `extra` words behind it that are still to be filled in.
__attribute__((always_inline)) static inline Form *new_form(FormTable *table, Form record, uint32_t extra,
                                                            Span span, FormId *id) {
  uint32_t length = span.end - span.start;
  size_t words = FORM_WORDS + (size_t)extra + (length >= FORM_LONG);
  if ((size_t)(table->limit - table->at) < words) {
    add_pages(table, words);
  }
  Form *form = (Form *)(void *)table->at;
  *id = table->end;
  table->at += words;
  table->end += (uint32_t)words;
  table->count++;
  record.start = span.start;
  record.length = length < FORM_LONG ? length & FORM_LONG : FORM_LONG;
  *form = record;
  if (length >= FORM_LONG) {
    ((uint32_t *)(form + 1))[extra] = span.end;
  }
  return form;
}

FormId form_atom(FormTable *table, FormKind kind, uint32_t value, uint8_t flags, Span span) {
  FormId id;
  new_form(table, (Form){.kind = kind, .flags = flags & (uint8_t)~FORM_FLAG_MARKED, .value = value}, 0, span,
           &id);
  return id;
}

FormId form_identifier(FormTable *table, Name name, uint32_t context, uint8_t flags, Span span) {
  if (context == 0) {
    return form_atom(table, FORM_IDENTIFIER, name, flags, span);
  }
  FormId id;
  Form record = {.kind = FORM_IDENTIFIER, .flags = flags | FORM_FLAG_MARKED, .value = name};
  *(uint32_t *)(new_form(table, record, 1, span, &id) + 1) = context;
  return id;
}

// Operators nest freely to the left: `a + b + c + …` has the depth of its deepest operand, plus one.
static inline bool is_infix(const FormTable *table, const FormId *elements) {
  Operator op = operator_of_form(form_get(table, elements[0]));
  return op != OP_NONE && operator_is_infix(op);
}

FormId form_list(FormTable *table, const FormId *elements, uint32_t count, uint8_t flags, Span span) {
  FormId id;
  Form *form = new_form(table, (Form){.kind = FORM_LIST, .flags = flags, .value = count}, count, span, &id);
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
  form->depth = (depth < FORM_MOST_DEPTH ? depth : FORM_MOST_DEPTH) & FORM_MOST_DEPTH;
  return id;
}
