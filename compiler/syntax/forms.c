// The form table of syntax/forms.h.
//
// Runs of elements longer than a page get consecutive pages of one block, so that a run is always one stretch
// of memory.
#include "syntax/forms.h"

#include <string.h>

#include "base/failure.h"
#include "syntax/operators.h"

enum { ELEMENT_PAGE_SIZE = 1 << ELEMENT_PAGE_BITS };

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

const FormId *form_elements(const FormTable *table, const Form *list) {
  return &table->runs.items[list->value >> ELEMENT_PAGE_BITS][list->value & (ELEMENT_PAGE_SIZE - 1)];
}

static Form *new_form(FormTable *table, FormId *id) {
  if ((table->count & (FORM_PAGE_SIZE - 1)) == 0) {
    ENSURE(table->count < UINT32_MAX - FORM_PAGE_SIZE);
    Form *page = arena_alloc(&table->arena, sizeof(Form) * FORM_PAGE_SIZE, _Alignof(Form));
    VECTOR_PUSH(&table->arena, &table->pages, page);
  }
  *id = table->count++;
  return &table->pages.items[*id >> FORM_PAGE_BITS][*id & (FORM_PAGE_SIZE - 1)];
}

// Room for a run; gives its index.
static uint32_t new_run(FormTable *table, uint32_t count) {
  uint32_t used = table->elements & (ELEMENT_PAGE_SIZE - 1);
  if (table->runs.count == 0 || used + count > ELEMENT_PAGE_SIZE || (used == 0 && table->elements > 0)) {
    uint32_t pages = count <= ELEMENT_PAGE_SIZE ? 1 : (count + ELEMENT_PAGE_SIZE - 1) >> ELEMENT_PAGE_BITS;
    ENSURE((uint64_t)table->runs.count + pages < (uint64_t)1 << (32 - ELEMENT_PAGE_BITS));
    table->elements = table->runs.count << ELEMENT_PAGE_BITS;
    FormId *block =
        arena_alloc(&table->arena, sizeof(FormId) * ((size_t)pages << ELEMENT_PAGE_BITS), _Alignof(FormId));
    for (uint32_t i = 0; i < pages; i++) {
      FormId *page = block + ((size_t)i << ELEMENT_PAGE_BITS);
      VECTOR_PUSH(&table->arena, &table->runs, page);
    }
  }
  uint32_t index = table->elements;
  table->elements += count;
  return index;
}

FormId form_atom(FormTable *table, FormKind kind, uint32_t value, uint8_t flags, Span span) {
  FormId id;
  *new_form(table, &id) = (Form){.kind = (uint8_t)kind, .flags = flags, .value = value, .span = span};
  return id;
}

FormId form_identifier(FormTable *table, Name name, uint32_t context, uint8_t flags, Span span) {
  FormId id;
  *new_form(table, &id) =
      (Form){.kind = FORM_IDENTIFIER, .flags = flags, .context = context, .value = name, .span = span};
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
  uint32_t run = new_run(table, count);
  if (count > 0) {
    FormId *into = &table->runs.items[run >> ELEMENT_PAGE_BITS][run & (ELEMENT_PAGE_SIZE - 1)];
    memcpy(into, elements, sizeof *elements * count);
  }
  FormId id;
  *new_form(table, &id) =
      (Form){.kind = FORM_LIST, .flags = flags, .depth = depth, .value = run, .count = count, .span = span};
  return id;
}

bool form_headed(const FormTable *table, const Form *form, Name name) {
  return form->kind == FORM_LIST && form->count > 0 &&
         form_is_word(form_get(table, form_element(table, form, 0)), name);
}

bool form_headed_reserved(const FormTable *table, const Form *form, Name name) {
  return form->kind == FORM_LIST && form->count > 0 &&
         form_is_reserved(form_get(table, form_element(table, form, 0)), name);
}
