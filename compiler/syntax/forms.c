// The form table of syntax/forms.h.
//
// What is left of a page that a record does not fit into is marked, for iteration. A record longer than a
// page gets consecutive pages of one block, so that it is always one stretch of memory.
#include "syntax/forms.h"

#include <string.h>

#include "base/failure.h"
#include "syntax/operators.h"

enum { RECORD_WORDS = sizeof(Form) / sizeof(uint32_t), UNUSED_KIND = UINT8_MAX };

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

static uint32_t *word_at(const FormTable *table, FormId id) {
  return &table->pages.items[id >> FORM_PAGE_BITS][id & (FORM_PAGE_WORDS - 1)];
}

static void add_pages(FormTable *table, uint32_t words) {
  if ((table->end & (FORM_PAGE_WORDS - 1)) != 0) {
    *(uint8_t *)word_at(table, table->end) = UNUSED_KIND;
  }
  uint32_t pages = (words + FORM_PAGE_WORDS - 1) >> FORM_PAGE_BITS;
  ENSURE((uint64_t)table->pages.count + pages < (uint64_t)1 << (32 - FORM_PAGE_BITS));
  table->end = table->pages.count << FORM_PAGE_BITS;
  uint32_t *block =
      arena_alloc(&table->arena, sizeof(uint32_t) * ((size_t)pages << FORM_PAGE_BITS), _Alignof(Form));
  for (uint32_t i = 0; i < pages; i++) {
    uint32_t *page = block + ((size_t)i << FORM_PAGE_BITS);
    VECTOR_PUSH(&table->arena, &table->pages, page);
  }
}

static inline Form *new_form(FormTable *table, uint32_t extra_words, FormId *id) {
  uint32_t used = table->end & (FORM_PAGE_WORDS - 1);
  ENSURE(extra_words < UINT32_MAX / 2);
  if (used == 0 || used + RECORD_WORDS + extra_words > FORM_PAGE_WORDS) {
    add_pages(table, RECORD_WORDS + extra_words);
  }
  *id = table->end;
  table->end += RECORD_WORDS + extra_words;
  table->count++;
  return (Form *)(void *)word_at(table, *id);
}

FormId form_from(const FormTable *table, FormId id) {
  bool unused =
      id < table->end && (id & (FORM_PAGE_WORDS - 1)) != 0 && form_get(table, id)->kind == UNUSED_KIND;
  return unused ? ((id >> FORM_PAGE_BITS) + 1) << FORM_PAGE_BITS : id;
}

FormId form_after(const FormTable *table, FormId id) {
  const Form *form = form_get(table, id);
  bool marked = form->kind == FORM_IDENTIFIER && (form->flags & FORM_FLAG_MARKED) != 0;
  return form_from(table, id + RECORD_WORDS + form_count(form) + marked);
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
static uint16_t depth_of(const FormTable *table, const FormId *elements, uint32_t count) {
  uint32_t depth = 0, left = 0;
  uint32_t i = 0;
  if (count == 3) {
    const Form *head = form_get(table, elements[0]);
    Operator op = operator_of_form(head);
    if (op != OP_NONE && operator_is_infix(op)) {
      left = form_get(table, elements[1])->depth;
      i = 2;
    }
  }
  for (; i < count; i++) {
    uint32_t inner = form_get(table, elements[i])->depth;
    depth = inner > depth ? inner : depth;
  }
  depth = depth + 1 > left ? depth + 1 : left;
  return (uint16_t)(depth > UINT16_MAX ? UINT16_MAX : depth);
}

FormId form_list(FormTable *table, const FormId *elements, uint32_t count, uint8_t flags, Span span) {
  uint16_t depth = depth_of(table, elements, count);
  FormId id;
  Form *form = new_form(table, count, &id);
  *form = (Form){.kind = FORM_LIST, .flags = flags, .depth = depth, .value = count, .span = span};
  if (count > 0) {
    memcpy(form + 1, elements, sizeof *elements * count);
  }
  return id;
}
