// The printer: forms to text that reads back to the same forms, whatever the reader can make.
#include <criterion/criterion.h>

#include "syntax/operators.h"
#include "syntax/print_source.h"
#include "syntax/syntax.h"

typedef struct Reading {
  Context context;
  FormTable forms;
  SyntaxResult result;
} Reading;

static void read_text(Reading *reading, Str source) {
  context_init(&reading->context);
  forms_init(&reading->forms, &reading->context);
  syntax_read(&reading->forms, sources_add(&reading->context.sources, STR("test.voyd"), source),
              &reading->result);
}

static void reading_free(Reading *reading) {
  forms_free(&reading->forms);
  context_free(&reading->context);
}

static Str spelled(const FormTable *forms, const FormId *items, uint32_t count, Arena *arena) {
  Text out = text_new(arena);
  for (uint32_t i = 0; i < count; i++) {
    form_print(forms, items[i], &out);
    text_add_char(&out, '\n');
  }
  return text_str(&out);
}

static void expect_reads_to(Str text, Str wanted, const char *how) {
  Reading again;
  read_text(&again, text);
  const Form *module = form_get(&again.forms, again.result.root);
  Str got = spelled(&again.forms, form_elements(module) + 1, form_count(module) - 1, &again.context.arena);
  cr_expect(again.result.ok && str_equal(wanted, got), "%s:\n%.*s\nwanted: %.*s\ngot:    %.*s", how,
            STR_ARGS(text), STR_ARGS(wanted), STR_ARGS(got));
  reading_free(&again);
}

static uint32_t expect_reads_back(const FormTable *forms, const FormId *items, uint32_t count) {
  Arena arena;
  arena_init(&arena);
  Str wanted = spelled(forms, items, count, &arena);
  Text bracketed = text_new(&arena), source = text_new(&arena);
  for (uint32_t i = 0; i < count; i++) {
    form_print_bracketed(forms, items[i], &bracketed);
    text_add_char(&bracketed, '\n');
  }
  expect_reads_to(text_str(&bracketed), wanted, "in brackets");
  uint32_t in_brackets = form_print_source(forms, items, count, 0, &source);
  expect_reads_to(text_str(&source), wanted, "as source");
  arena_free(&arena);
  return in_brackets;
}

Test(printer, printed_forms_read_back) {
  static const char *const sources[] = {
      "a <",
      "a ??\n",
      "f(a <, b)",
      "a..",
      "x = a..",
      "f(a.. < b)",
      "(a | b) & c",
      "obj A ({}..n)",
      "obj A (-b + c)",
      "(:)\npub",
      "if\n  (-)\n",
      "a | b & c",
      "(A | B) -> C",
      "(a.(1.5)) -> b",
      "macro ugh():()m",
      "A | B -> C",
      "a((f(x)): 1)",
      "a((if b):)",
      "a((do()): 1, (g(y)): 2: 3)",
      "<not base={1} />",
      "<a::in::B>{x}</a::in::B>",
      "A<(-1)>(b)",
  };
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    Reading reading;
    read_text(&reading, str_from(sources[i]));
    const Form *module = form_get(&reading.forms, reading.result.root);
    cr_expect(reading.result.ok, "%s", sources[i]);
    expect_reads_back(&reading.forms, form_elements(module) + 1, form_count(module) - 1);
    reading_free(&reading);
  }
}

// --- forms that no program holds: any head with any operands

typedef struct Maker {
  FormTable *forms;
  uint64_t state;
} Maker;

static uint32_t below(Maker *maker, uint32_t limit) {
  maker->state = maker->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((maker->state >> 33) % limit);
}

static FormId word(Maker *maker, Str text, uint8_t flags) {
  Name name = names_intern(&maker->forms->context->names, text);
  return form_atom(maker->forms, FORM_IDENTIFIER, name, flags, (Span){0, 0});
}

static FormId make_atom(Maker *maker) {
  static const char *const WORDS[] = {"a",    "b",    "N",     "Type",  "do", "if",
                                      "else", "then", "match", "break", "_"};
  Name number = names_intern(&maker->forms->context->names, STR("12"));
  switch (below(maker, 9)) {
  case 0:
    return form_atom(maker->forms, FORM_INT, number, 0, (Span){0, 0});
  case 1:
    return form_atom(maker->forms, FORM_STRING, number, 0, (Span){0, 0});
  case 2:
    return form_atom(maker->forms, FORM_BOOL, 1, 0, (Span){0, 0});
  case 3:
    return word(maker, STR("and"), FORM_FLAG_QUOTED);
  case 4:
    return word(maker, context_name(maker->forms->context, OPERATORS[1 + below(maker, OP_COUNT - 1)].name),
                0);
  default:
    return word(maker, str_from(WORDS[below(maker, sizeof WORDS / sizeof *WORDS)]), 0);
  }
}

enum { OPERANDS_MOST = 3 };

static FormId make_form(Maker *maker, uint32_t depth) {
  static const char *const HEADS[] = {"f",   "N",     "block", "block", "block", "if",   "match", "try",
                                      "let", "var",   "fn",    "while", "for",   "impl", "obj",   "return",
                                      "do",  "break", "trait", "val",   "type",  "eff",  "test",  "macro"};
  static const Name RESERVED[] = {NAME_TUPLE, NAME_ARRAY_LITERAL, NAME_OBJECT_LITERAL, NAME_SUBSCRIPT,
                                  NAME_INTERPOLATION};
  if (depth == 0 || below(maker, 5) == 0) {
    return below(maker, 12) == 0 ? form_list(maker->forms, NULL, 0, 0, (Span){0, 0}) : make_atom(maker);
  }
  FormId elements[OPERANDS_MOST + 2];
  uint32_t count = 0, operands = below(maker, OPERANDS_MOST + 1);
  switch (below(maker, 8)) {
  case 0: { // what the reader itself heads: it has its own numbers of operands
    Name head = RESERVED[below(maker, sizeof RESERVED / sizeof *RESERVED)];
    operands = head == NAME_SUBSCRIPT || (head == NAME_TUPLE && operands < 2) ? 2 : operands;
    operands += head == NAME_INTERPOLATION && operands == 0;
    elements[count++] = form_atom(maker->forms, FORM_IDENTIFIER, head, FORM_FLAG_RESERVED, (Span){0, 0});
    break;
  }
  case 1:
    elements[count++] = make_form(maker, depth - 1);
    break;
  case 2:
  case 3:
  case 4:
    elements[count++] =
        word(maker, context_name(maker->forms->context, OPERATORS[1 + below(maker, OP_COUNT - 1)].name), 0);
    operands = below(maker, 4) == 0 ? operands : operands % 2 + 1;
    break;
  default:
    elements[count++] = word(maker, str_from(HEADS[below(maker, sizeof HEADS / sizeof *HEADS)]), 0);
    if (below(maker, 6) == 0) {
      FormId generics[] = {
          form_atom(maker->forms, FORM_IDENTIFIER, NAME_GENERICS, FORM_FLAG_RESERVED, (Span){0, 0}),
          word(maker, STR("T"), 0)};
      elements[count++] = form_list(maker->forms, generics, 2, 0, (Span){0, 0});
    }
  }
  for (uint32_t i = 0; i < operands; i++) {
    elements[count++] = make_form(maker, depth - 1);
  }
  return form_list(maker->forms, elements, count, 0, (Span){0, 0});
}

Test(printer, any_forms_read_back) {
  enum { MODULES = 10000, ITEMS_MOST = 3, DEPTH = 4 };
  uint32_t in_brackets = 0, all = 0;
  for (uint32_t seed = 0; seed < MODULES; seed++) {
    Context context;
    context_init(&context);
    FormTable forms;
    forms_init(&forms, &context);
    Maker maker = {&forms, seed};
    FormId items[ITEMS_MOST];
    uint32_t count = 1 + below(&maker, ITEMS_MOST);
    for (uint32_t i = 0; i < count; i++) {
      items[i] = make_form(&maker, DEPTH);
    }
    in_brackets += expect_reads_back(&forms, items, count);
    all += count;
    forms_free(&forms);
    context_free(&context);
  }
  cr_expect(in_brackets > 0 && in_brackets < all / 2, "%u of %u items in brackets", in_brackets, all);
}
