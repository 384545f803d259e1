// Forms back to Voyd text: reading the text again gives the same forms.
//
// What plain lines mean depends on what stands around them: layout, clauses, callbacks, juxtaposition and
// operators all reach over the end of a form. So no rule says for every form whether its plain text reads
// back; instead the text is read, and the items and statements that it gets wrong are written in brackets
// (print_bracketed.c). Programs as people write them never come to that.
#include "syntax/printer.h"
#include "syntax/syntax.h"

static uint8_t *find_blocks(const FormTable *forms, Arena *arena, FormId root) {
  uint8_t *found = ARENA_ARRAY(arena, uint8_t, (size_t)root + 1);
  for (FormId id = form_from(forms, 0); id <= root;
       id = form_after(forms, id)) { // elements are made before their list
    const Form *form = form_get(forms, id);
    if (form->kind != FORM_LIST || form_count(form) == 0) {
      continue;
    }
    uint8_t has = form_headed(forms, form, NAME_BLOCK);
    for (uint32_t i = 0; i < form_count(form) && !has; i++) {
      FormId element = form_element(form, i);
      has = element < id ? found[element] : 0;
    }
    found[id] = has;
  }
  return found;
}

static void print_items(Printer *p, const FormId *items, uint32_t count, uint32_t indent) {
  for (uint32_t i = 0; i < count; i++) {
    bool attribute = form_headed(p->forms, get(p, items[i]), NAME_AT);
    text_repeat(p->out, ' ', indent);
    printer_line(p, items[i], indent, true);
    text_add_char(p->out, '\n');
    if (!attribute && p->has_block[items[i]] && i + 1 < count) {
      text_add_char(p->out, '\n');
    }
  }
}

// --- reading back

static Str spelled(Arena *arena, const FormTable *forms, const FormId *items, uint32_t count) {
  Text text = text_new(arena);
  for (uint32_t i = 0; i < count; i++) {
    form_print(forms, items[i], &text);
    text_add_char(&text, '\n');
  }
  return text_str(&text);
}

// Does a text read to these items, and to nothing else?
static bool reads_to(const Printer *p, Str text, const FormId *items, uint32_t count) {
  Context context; // of its own: names and errors of the text are nobody's
  context_init(&context);
  FormTable forms;
  forms_init(&forms, &context);
  SyntaxResult result;
  const Form *module =
      form_get(&forms, syntax_read(&forms, sources_add(&context.sources, STR("printed"), text), &result));
  bool same = result.ok && form_count(module) == count + 1 &&
              str_equal(spelled(&context.arena, p->forms, items, count),
                        spelled(&context.arena, &forms, form_elements(module) + 1, count));
  forms_free(&forms);
  context_free(&context);
  return same;
}

static bool reads_back(const Printer *p, const FormId *items, uint32_t count) {
  Arena arena;
  arena_init(&arena);
  Text text = text_new(&arena);
  Printer printer = *p;
  printer.out = &text;
  print_items(&printer, items, count, 0);
  bool same = reads_to(p, text_str(&text), items, count);
  arena_free(&arena);
  return same;
}

static uint32_t put_in_brackets(Printer *p, const FormId *items, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    p->needs_brackets[items[i]] = true;
  }
  return count;
}

static uint32_t mend(Printer *p, FormId item);

// The statements of the blocks of a form, not those of blocks inside them.
static uint32_t mend_blocks(Printer *p, FormId id) {
  uint32_t mended = 0;
  while (get(p, id)->kind == FORM_LIST && p->has_block[id]) { // left operands nest without limit
    const Form *form = get(p, id);
    bool block = printer_is_block(p, id), infix = printer_infix_of(p, form) != OP_NONE;
    for (uint32_t i = 1 + infix; i < form_count(form); i++) {
      mended += block ? mend(p, form_element(form, i)) : mend_blocks(p, form_element(form, i));
    }
    if (!infix) {
      break;
    }
    id = form_element(form, 1);
  }
  return mended;
}

// Brackets for the innermost statements that do not read back, or for the item.
static uint32_t mend(Printer *p, FormId item) {
  if (reads_back(p, &item, 1)) {
    return 0;
  }
  uint32_t mended = mend_blocks(p, item);
  return reads_back(p, &item, 1) ? mended : put_in_brackets(p, &item, 1);
}

uint32_t form_print_source(const FormTable *forms, const FormId *items, uint32_t count, uint32_t indent,
                           Text *out) {
  Arena arena;
  arena_init(&arena);
  FormId root = 0;
  for (uint32_t i = 0; i < count; i++) {
    root = items[i] > root ? items[i] : root;
  }
  Printer printer = {.forms = forms,
                     .out = out,
                     .has_block = find_blocks(forms, &arena, root),
                     .needs_brackets = ARENA_ARRAY(&arena, uint8_t, (size_t)root + 1)};
  uint32_t bracketed = 0;
  if (!reads_back(&printer, items, count)) {
    for (uint32_t i = 0; i < count; i++) {
      bracketed += mend(&printer, items[i]);
    }
    if (!reads_back(&printer, items, count)) { // items that read on into each other
      bracketed = put_in_brackets(&printer, items, count);
    }
  }
  print_items(&printer, items, count, indent);
  arena_free(&arena);
  return bracketed;
}

void form_print_bracketed(const FormTable *forms, FormId form, Text *out) {
  printer_bracketed(&(Printer){.forms = forms, .out = out}, form);
}
