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

Test(printer, plain_text_stays_as_it_is) {
  static const char *const sources[] = {
      "let a = Tree::Leaf<i32> { value: 1 }\n", "f(m::N { a: 1 }, N<A> { b: 2 })\n",
      "(m::N<A>())({ a: 1 })\n", // no constructor
  };
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    Reading reading;
    read_text(&reading, str_from(sources[i]));
    const Form *module = form_get(&reading.forms, reading.result.root);
    Text text = text_new(&reading.context.arena);
    form_print_source(&reading.forms, form_elements(module) + 1, form_count(module) - 1, 0, &text);
    cr_expect_str_eq(text.bytes, sources[i]);
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
  Name number = names_intern(&maker->forms->context->names, below(maker, 2) == 0 ? STR("12") : STR("-12"));
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
          make_atom(maker)};
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

// --- texts with layout, clauses, callbacks and markup in places where no program has them: those that read

typedef struct Writer {
  Maker maker;
  Text *out;
} Writer;

static bool chance(Writer *writer, uint32_t one_in) {
  return below(&writer->maker, one_in) == 0;
}

static void put(Writer *writer, const char *text) {
  text_add(writer->out, str_from(text));
}

// `%` stands for an expression; after a line end `>` indents by one more, `<` by one less.
static const char *const PATTERNS[] = {
    "(%)",
    "f(%, %)",
    "f<%>(%)",
    "N<%>",
    "%(%)",
    "[%, %]",
    "(%, %)",
    "{ %, % }",
    "N { a: % }",
    "{ a }",
    "%[%]",
    "%.f(%)",
    "%.f",
    "%::N",
    "%: %",
    "%?: %",
    "% => %",
    "(%) -> %",
    "f %",
    "f % %",
    "% % %",
    "\"s${%}t${%}\"",
    "<div>{%}</div>",
    "<div a={%} b />",
    "<a::N c=\"x\"> t {%} <b>{%}</b></a::N>",
    "<not>x {%}</not>",
    "if %: %",
    "if(%, then: %, else: %)",
    "let % = %",
    "var %: % = %",
    "%.. ",
    "..%",
    "% ..= %",
    "fn %(%) -> %\n>%",
    "f(%):\n>%",
    "f(%) do(%):\n>%",
    "if %:\n>%\n<else:\n>%",
    "match(%)\n>%: %\n%:\n>%",
    "try\n>%\n<%: %",
    "while %:\n>%",
    "% =\n>%",
    "% =>\n>%\n%",
    "%\n>.f(%)",
    "%\n>%: %\n%: %",
    "%\n>%\n%",
    "% +\n>%",
    "obj N { %: % }",
    "impl<%> % for %\n>%",
    "type % = %",
    "eff %\n>%",
    "pub use %::{ % }",
    "macro %(%)\n>%",
    "quote %",
    "#%",
    "$%",
    "$$%",
    "@%\n%",
    "return %",
    "break %",
    "for % in %:\n>%",
    "%; %",
    "% <| %",
    "% |> %",
    "% = %",
    "% := %",
    "&%",
    "~%",
    "`(%)",
    "%<%>",
    "%:\n>%",
    "test % %",
    "trait %<%>: %",
    "val N { %: % }",
};

static void write_pattern(Writer *writer, uint32_t depth, uint32_t indent);
static void write_operation(Writer *writer, uint32_t depth, uint32_t indent);

static void write_expression(Writer *writer, uint32_t depth, uint32_t indent) {
  static const char *const ATOMS[] = {"a",    "b",       "N",    "_",     "1",   "-1",    "(-1)",
                                      "1.5",  "0xff_u8", "true", "\"s\"", "'c'", "`and`", "()",
                                      "[]",   "{}",      "void", "self",  "not", "fn",    "match",
                                      "else", "then",    "try",  "use",   "do",  "if",    "let"};
  if (depth == 0 || chance(writer, 5)) {
    put(writer, ATOMS[below(&writer->maker, sizeof ATOMS / sizeof *ATOMS)]);
  } else if (chance(writer, 3)) {
    write_operation(writer, depth - 1, indent);
  } else {
    write_pattern(writer, depth - 1, indent);
  }
}

// Some lack an operand, some have no space around the operator.
static void write_operation(Writer *writer, uint32_t depth, uint32_t indent) {
  Operator op = (Operator)(1 + below(&writer->maker, OP_COUNT - 1));
  const char *space = chance(writer, 4) ? "" : " ";
  if (OPERATORS[op].infix != LEVEL_NONE && !chance(writer, 4)) {
    write_expression(writer, depth, indent);
  }
  put(writer, space);
  text_add(writer->out, context_name(writer->maker.forms->context, OPERATORS[op].name));
  put(writer, space);
  if (!chance(writer, 12)) {
    write_expression(writer, depth, indent);
  }
}

static void write_pattern(Writer *writer, uint32_t depth, uint32_t indent) {
  for (const char *c = PATTERNS[below(&writer->maker, sizeof PATTERNS / sizeof *PATTERNS)]; *c != '\0'; c++) {
    if (*c == '%') {
      write_expression(writer, depth, indent);
      continue;
    }
    text_add_char(writer->out, *c);
    if (*c == '\n') {
      for (; c[1] == '>' || c[1] == '<'; c++) {
        indent = c[1] == '>' ? indent + 2 : indent - 2;
      }
      text_repeat(writer->out, ' ', indent);
    }
  }
}

Test(printer, texts_that_read_read_back) {
  enum { TEXTS = 30000, DEPTH = 4 };
  uint32_t read = 0;
  for (uint32_t seed = 0; seed < TEXTS; seed++) {
    Context context;
    context_init(&context);
    FormTable forms;
    forms_init(&forms, &context);
    Text text = text_new(&context.arena);
    Writer writer = {{&forms, seed}, &text};
    for (uint32_t lines = 1 + below(&writer.maker, 3); lines > 0; lines--) {
      write_expression(&writer, 1 + below(&writer.maker, DEPTH), 0);
      put(&writer, "\n");
    }
    Reading reading;
    read_text(&reading, text_str(&text));
    if (reading.result.ok) {
      const Form *module = form_get(&reading.forms, reading.result.root);
      expect_reads_back(&reading.forms, form_elements(module) + 1, form_count(module) - 1);
      read++;
    }
    reading_free(&reading);
    forms_free(&forms);
    context_free(&context);
  }
  cr_expect(read > TEXTS / 10, "%u of %u texts read", read, TEXTS);
}
