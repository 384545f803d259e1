// Brace constructors and the entries of braces (spec 01 §10).
#include "syntax/reader.h"

bool constructor_name(const Reader *reader, const Token *word) {
  char c = reader->text[word->start];
  return c >= 'A' && c <= 'Z';
}

// `N {…}` -> (N (object_literal …)), `N<A> {…}` -> (N (generics A) (object_literal …))
Item constructor_join(Reader *reader, Item name, Item braces) {
  uint32_t first = reader->ids.count;
  const Form *form = form_get(reader->forms, name.form);
  if (form->kind == FORM_LIST) {
    const FormId *elements = form_elements(form);
    for (uint32_t i = 0; i < form_count(form); i++) {
      VECTOR_PUSH(reader->scratch, &reader->ids, elements[i]);
    }
  } else {
    VECTOR_PUSH(reader->scratch, &reader->ids, name.form);
  }
  VECTOR_PUSH(reader->scratch, &reader->ids, braces.form);
  FormId list =
      make_list(reader, reader->ids.items + first, reader->ids.count - first, 0, name.start, braces.end);
  reader->ids.count = first;
  return (Item){.form = list, .start = name.start, .end = braces.end, .flags = ITEM_CONSTRUCTOR};
}

// `m::N {…}` -> ((:: m N) (object_literal …)): the braces belong to the whole path.
FormId constructor_regroup_path(Reader *reader, FormId left, Item op, Item constructor) {
  const Form *form = form_get(reader->forms, constructor.form);
  const FormId *elements = form_elements(form);
  uint32_t count = form_count(form);
  FormId name = elements[0], braces = elements[count - 1];
  uint32_t start = form_span(form_get(reader->forms, left)).start - reader->base;
  uint32_t name_end = form_span(form_get(reader->forms, elements[count - 2])).end - reader->base;
  if (count > 2) {
    name = make_list(reader, elements, count - 1, 0, constructor.start, name_end);
  }
  FormId colons =
      form_atom(reader->forms, FORM_IDENTIFIER, NAME_PATH, 0, read_span(reader, op.start, op.end));
  FormId path_parts[] = {colons, left, name};
  FormId path = make_list(reader, path_parts, 3, 0, start, name_end);
  FormId parts[] = {path, braces};
  return make_list(reader, parts, 2, 0, start, constructor.end);
}

// `f: x: T => e`, read as (: (: f x) (=> T e)), is the field f with a lambda: (: f (=> (: x T) e)) (§10.4).
FormId brace_entry(Reader *reader, FormId entry) {
  const FormTable *forms = reader->forms;
  const Form *outer = form_get(forms, entry);
  if (!(outer->flags & FORM_FLAG_CLAUSE) || (outer->flags & FORM_FLAG_PARENTHESISED)) {
    return entry;
  }
  const FormId *parts = form_elements(outer);
  const Form *field = form_get(forms, parts[1]), *lambda = form_get(forms, parts[2]);
  if (!(field->flags & FORM_FLAG_CLAUSE) || !form_headed(forms, lambda, NAME_FAT_ARROW) ||
      form_count(lambda) != 3 || ((field->flags | lambda->flags) & FORM_FLAG_PARENTHESISED)) {
    return entry;
  }
  const FormId *names = form_elements(field), *arrow = form_elements(lambda);
  uint32_t start = form_span(form_get(forms, names[2])).start - reader->base;
  uint32_t type_end = form_span(form_get(forms, arrow[1])).end - reader->base;
  uint32_t end = form_span(outer).end - reader->base;
  FormId parameter_parts[] = {parts[0], names[2], arrow[1]};
  FormId lambda_parts[] = {arrow[0], make_list(reader, parameter_parts, 3, FORM_FLAG_CLAUSE, start, type_end),
                           arrow[2]};
  FormId entry_parts[] = {names[0], names[1], make_list(reader, lambda_parts, 3, 0, start, end)};
  return make_list(reader, entry_parts, 3, FORM_FLAG_CLAUSE, form_span(outer).start - reader->base, end);
}

// --- missing commas (§10.5)

static Name word_of(const Reader *reader, const Item *item) {
  return item->flags & ITEM_WORD ? form_get(reader->forms, item->form)->value : NAME_EMPTY;
}

static bool is_colon(const Item *item) {
  return item->op == OP_COLON || item->op == OP_OPTIONAL_COLON;
}

// The items of one line of an entry: a second `name :` after a value needs a comma before it.
void braces_check_commas(Reader *reader, uint32_t first) {
  const Item *items = reader->items.items;
  uint32_t count = reader->items.count;
  bool labelled = false;
  for (uint32_t i = first; i + 1 < count; i++) {
    Name word = word_of(reader, &items[i]);
    if (word == NAME_IF || word == NAME_WHILE || word == NAME_MATCH || word == NAME_FOR || word == NAME_TRY) {
      return;
    }
    if (word == NAME_EMPTY || !is_colon(&items[i + 1])) {
      continue;
    }
    if (labelled && items[i - 1].op == OP_NONE && word != NAME_DO) {
      Str name = names_text(reader->names, word);
      read_error(reader, items[i].start, items[i].end, "Expected ',' before '%.*s' in braces",
                 STR_ARGS(name));
      return;
    }
    labelled = true;
  }
}
