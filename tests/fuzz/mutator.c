// The grammar-aware mutator: Voyd text in, Voyd text out. It works on what the text is made of: the forms
// that our own reader finds in it (replaced, swapped, wrapped, taken from another program) and its lines with
// the suites below them (moved, copied, deleted, indented anew), and it inserts the constructs of
// grammar.def. Any bytes will do as input; what does not read has lines at least.
#include <string.h>

#include "syntax/print_source.h"
#include "syntax/syntax.h"
#include "tests/fuzz/fuzz.h"

enum { ROUNDS_MAX = 4, PIECE_BYTES_MAX = 400, TYPE_DEPTH = 2 };

typedef struct Range { // of bytes of a text
  size_t start, end;
} Range;
typedef VECTOR(Range) Ranges;

typedef struct Program {
  Str text;
  Ranges forms, names, numbers; // forms: all of them; names and numbers: atoms
  Ranges lines;                 // without their line ends
} Program;

typedef struct Mutation {
  Arena *arena;
  uint32_t random;
  Program program;
  Program donor; // where pieces come from: another program or the same
} Mutation;

// --- Choosing

static uint32_t below(Mutation *mutation, size_t count) {
  mutation->random ^= mutation->random << 13;
  mutation->random ^= mutation->random >> 17;
  mutation->random ^= mutation->random << 5;
  return mutation->random % (uint32_t)count;
}

static Str text_of(const Program *program, Range range) {
  return (Str){program->text.ptr + range.start, range.end - range.start};
}

static bool choose(Mutation *mutation, const Ranges *ranges, Range *out) {
  if (ranges->count > 0) {
    *out = ranges->items[below(mutation, ranges->count)];
  }
  return ranges->count > 0;
}

// --- Reading

static void read_forms(Mutation *mutation, Program *program) {
  Context context;
  context_init(&context);
  FormTable forms;
  forms_init(&forms, &context);
  FileId file = sources_add(&context.sources, STR("mutated.voyd"), program->text);
  Position base = sources_file(&context.sources, file)->base;
  SyntaxResult result;
  syntax_read(&forms, file, &result);
  for (FormId id = form_from(&forms, 0); id < forms.end; id = form_after(&forms, id)) {
    const Form *form = form_get(&forms, id);
    const Span span = form_span(form);
    if (!span_known(span) || span.end == span.start) {
      continue;
    }
    Range range = {span.start - base, span.end - base};
    VECTOR_PUSH(mutation->arena, &program->forms, range);
    if (form->kind == FORM_IDENTIFIER && !(form->flags & FORM_FLAG_RESERVED)) {
      VECTOR_PUSH(mutation->arena, &program->names, range);
    } else if (form->kind == FORM_INT || form->kind == FORM_FLOAT) {
      VECTOR_PUSH(mutation->arena, &program->numbers, range);
    }
  }
  forms_free(&forms);
  context_free(&context);
}

static void read_program(Mutation *mutation, Program *program, Str text) {
  *program = (Program){.text = text};
  for (size_t start = 0; start < text.length;) {
    const char *end = memchr(text.ptr + start, '\n', text.length - start);
    Range line = {start, end != NULL ? (size_t)(end - text.ptr) : text.length};
    VECTOR_PUSH(mutation->arena, &program->lines, line);
    start = line.end + 1;
  }
  read_forms(mutation, program);
}

// --- Writing

static void replace(Mutation *mutation, Range range, Str by) {
  Str old = mutation->program.text;
  Text text = text_new(mutation->arena);
  text_add(&text, (Str){old.ptr, range.start});
  text_add(&text, by);
  text_add(&text, (Str){old.ptr + range.end, old.length - range.end});
  read_program(mutation, &mutation->program, text_str(&text));
}

static size_t line_indent(Str text, size_t at) {
  while (at > 0 && text.ptr[at - 1] != '\n') {
    at--;
  }
  size_t start = at;
  while (at < text.length && text.ptr[at] == ' ') {
    at++;
  }
  return at - start;
}

// The lines of a piece after its first, moved from one indentation to another.
static Str indented(Mutation *mutation, Str piece, size_t from, size_t to) {
  Text text = text_new(mutation->arena);
  for (size_t at = 0; at < piece.length; at++) {
    text_add_char(&text, piece.ptr[at]);
    if (piece.ptr[at] == '\n') {
      size_t spaces = 0;
      while (at + 1 < piece.length && piece.ptr[at + 1] == ' ') {
        spaces++;
        at++;
      }
      text_repeat(&text, ' ', (uint32_t)(spaces + to > from ? spaces + to - from : 0));
    }
  }
  return text_str(&text);
}

// A piece of the donor, as it has to stand at `at` of the program.
static Str donated(Mutation *mutation, Range range, size_t at) {
  return indented(mutation, text_of(&mutation->donor, range), line_indent(mutation->donor.text, range.start),
                  line_indent(mutation->program.text, at));
}

// --- Pieces of grammar.def

typedef enum { WRAP, STATEMENT, DECLARATION, TYPE } ConstructKind;

static const struct {
  ConstructKind kind;
  const char *pattern;
} constructs[] = {
#define CONSTRUCT(kind, pattern) {kind, pattern},
#include "tests/fuzz/grammar.def"
#undef CONSTRUCT
};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *some_pattern(Mutation *mutation, ConstructKind kind) {
  size_t index;
  do {
    index = below(mutation, COUNT(constructs));
  } while (constructs[index].kind != kind);
  return constructs[index].pattern;
}

static Str some_name(Mutation *mutation) {
  Range range;
  if (below(mutation, 8) == 0 || !choose(mutation, &mutation->donor.names, &range)) {
    static const char *const names[] = {"a", "b", "x", "n", "value", "T", "A", "B", "self", "f"};
    return str_from(names[below(mutation, COUNT(names))]);
  }
  return text_of(&mutation->donor, range);
}

static Str some_expression(Mutation *mutation, size_t at) {
  Range range;
  for (int attempt = 0; attempt < 4; attempt++) {
    if (choose(mutation, &mutation->donor.forms, &range) && range.end - range.start <= PIECE_BYTES_MAX) {
      return donated(mutation, range, at);
    }
  }
  return some_name(mutation);
}

static Str filled(Mutation *mutation, const char *pattern, Str subject, size_t at, int depth);

static Str some_type(Mutation *mutation, size_t at, int depth) {
  for (int attempt = 0; attempt < 6 && below(mutation, 2) == 0; attempt++) {
    Str name = some_name(mutation);
    if (name.length > 0 && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z') {
      return name;
    }
  }
  return depth <= 0 ? STR("i32") : filled(mutation, some_pattern(mutation, TYPE), STR(""), at, depth - 1);
}

// A pattern with its places filled, indented as the line at `at`.
static Str filled(Mutation *mutation, const char *pattern, Str subject, size_t at, int depth) {
  Text text = text_new(mutation->arena);
  for (const char *c = pattern; *c != '\0'; c++) {
    if (*c == '_' && strchr("ENTS", c[1]) != NULL && c[1] != '\0') {
      c++;
      text_add(&text, *c == 'E'   ? some_expression(mutation, at)
                      : *c == 'N' ? some_name(mutation)
                      : *c == 'T' ? some_type(mutation, at, depth)
                                  : subject);
    } else {
      text_add_char(&text, *c);
      if (*c == '\n') {
        text_repeat(&text, ' ', (uint32_t)line_indent(mutation->program.text, at));
      }
    }
  }
  return text_str(&text);
}

// --- Changes to forms

static void replace_form(Mutation *mutation) {
  Range target, piece;
  if (choose(mutation, &mutation->program.forms, &target) &&
      choose(mutation, &mutation->donor.forms, &piece)) {
    replace(mutation, target, donated(mutation, piece, target.start));
  }
}

static void replace_name(Mutation *mutation) {
  Range target;
  if (choose(mutation, &mutation->program.names, &target)) {
    replace(mutation, target, some_name(mutation));
  }
}

static void replace_type(Mutation *mutation) {
  Range target;
  for (int attempt = 0; attempt < 8 && choose(mutation, &mutation->program.names, &target); attempt++) {
    char first = mutation->program.text.ptr[target.start];
    if ((first >= 'A' && first <= 'Z') || first == 'i' || first == 'f' || first == 'b') {
      replace(mutation, target, some_type(mutation, target.start, TYPE_DEPTH));
      return;
    }
  }
}

// All places that have one name get another.
static void rename_everywhere(Mutation *mutation) {
  Range target;
  if (!choose(mutation, &mutation->program.names, &target)) {
    return;
  }
  Str from = text_of(&mutation->program, target), to = some_name(mutation), old = mutation->program.text;
  Text text = text_new(mutation->arena);
  size_t done = 0;
  for (uint32_t i = 0; i < mutation->program.names.count; i++) {
    Range range = mutation->program.names.items[i];
    if (range.start >= done && str_equal(text_of(&mutation->program, range), from)) {
      text_add(&text, (Str){old.ptr + done, range.start - done});
      text_add(&text, to);
      done = range.end;
    }
  }
  text_add(&text, (Str){old.ptr + done, old.length - done});
  read_program(mutation, &mutation->program, text_str(&text));
}

static void replace_number(Mutation *mutation) {
  static const char *const numbers[] = {
      "0",     "1",          "-1",         "2",           "31",        "32",   "1000",
      "65536", "2147483647", "2147483648", "-2147483648", "1i64",      "0i64", "9223372036854775807i64",
      "0.0",   "1.5",        "1.5f32",     "1e308",       "0x7fffffff"};
  Range target;
  if (choose(mutation, &mutation->program.numbers, &target)) {
    replace(mutation, target, str_from(numbers[below(mutation, COUNT(numbers))]));
  }
}

static void delete_form(Mutation *mutation) {
  Range target;
  if (choose(mutation, &mutation->program.forms, &target)) {
    replace(mutation, target, STR(""));
  }
}

static void wrap_form(Mutation *mutation) {
  Range target;
  if (choose(mutation, &mutation->program.forms, &target)) {
    const char *pattern = some_pattern(mutation, WRAP);
    replace(mutation, target,
            filled(mutation, pattern, text_of(&mutation->program, target), target.start, TYPE_DEPTH));
  }
}

static void swap_ranges(Mutation *mutation, Range a, Range b) {
  if (a.start > b.start) {
    Range other = a;
    a = b;
    b = other;
  }
  if (a.end > b.start) {
    return; // one lies in the other
  }
  Str first = text_of(&mutation->program, a), second = text_of(&mutation->program, b);
  replace(mutation, b, first);
  replace(mutation, a, second);
}

static void swap_forms(Mutation *mutation) {
  Range a, b;
  if (choose(mutation, &mutation->program.forms, &a) && choose(mutation, &mutation->program.forms, &b)) {
    swap_ranges(mutation, a, b);
  }
}

// The whole program as our printer writes it.
static void print_anew(Mutation *mutation) {
  Context context;
  context_init(&context);
  FormTable forms;
  forms_init(&forms, &context);
  FileId file = sources_add(&context.sources, STR("printed.voyd"), mutation->program.text);
  SyntaxResult result;
  FormId root = syntax_read(&forms, file, &result);
  Text text = text_new(mutation->arena);
  if (result.ok) {
    const Form *module = form_get(&forms, root);
    form_print_source(&forms, form_elements(module) + 1, form_count(module) - 1, 0, &text);
  }
  forms_free(&forms);
  context_free(&context);
  if (result.ok) {
    read_program(mutation, &mutation->program, text_str(&text));
  }
}

// --- Changes to lines

static bool is_blank(const Program *program, Range line) {
  size_t at = line.start;
  while (at < line.end && program->text.ptr[at] == ' ') {
    at++;
  }
  return at == line.end;
}

// A line with the lines below it that are indented deeper; includes the line end, if there is one.
static bool choose_block(Mutation *mutation, const Program *program, Range *out) {
  if (program->lines.count == 0) {
    return false;
  }
  uint32_t first = below(mutation, program->lines.count), last = first;
  size_t indent = line_indent(program->text, program->lines.items[first].start);
  while (last + 1 < program->lines.count && below(mutation, 16) != 0) {
    Range next = program->lines.items[last + 1];
    if (!is_blank(program, next) && line_indent(program->text, next.start) <= indent) {
      break;
    }
    last++;
  }
  size_t end = program->lines.items[last].end;
  *out = (Range){program->lines.items[first].start, end + (end < program->text.length)};
  return true;
}

// Lines of the donor put before a line of the program, as deep as that is.
static void insert_lines(Mutation *mutation, Str lines, size_t from_indent) {
  Range line;
  if (!choose(mutation, &mutation->program.lines, &line)) {
    replace(mutation, (Range){0, 0}, lines);
    return;
  }
  size_t indent = line_indent(mutation->program.text, line.start) + (below(mutation, 8) == 0 ? 2 : 0);
  Text text = text_new(mutation->arena);
  text_repeat(&text, ' ', (uint32_t)indent);
  size_t skip = 0;
  while (skip < lines.length && lines.ptr[skip] == ' ') {
    skip++;
  }
  text_add(&text, indented(mutation, (Str){lines.ptr + skip, lines.length - skip}, from_indent, indent));
  size_t end = text.count;
  while (end > 0 && (text.bytes[end - 1] == '\n' || text.bytes[end - 1] == ' ')) {
    end--;
  }
  text.count = (uint32_t)end;
  text_add_char(&text, '\n');
  replace(mutation, (Range){line.start, line.start}, text_str(&text));
}

static void splice_block(Mutation *mutation) {
  Range block;
  if (choose_block(mutation, &mutation->donor, &block)) {
    insert_lines(mutation, text_of(&mutation->donor, block), line_indent(mutation->donor.text, block.start));
  }
}

static void delete_block(Mutation *mutation) {
  Range block;
  if (choose_block(mutation, &mutation->program, &block)) {
    replace(mutation, block, STR(""));
  }
}

static void move_block(Mutation *mutation) {
  Range block;
  if (choose_block(mutation, &mutation->program, &block)) {
    Str lines = text_of(&mutation->program, block);
    size_t indent = line_indent(mutation->program.text, block.start);
    replace(mutation, block, STR(""));
    insert_lines(mutation, lines, indent);
  }
}

static void swap_blocks(Mutation *mutation) {
  Range a, b;
  if (choose_block(mutation, &mutation->program, &a) && choose_block(mutation, &mutation->program, &b)) {
    swap_ranges(mutation, a, b);
  }
}

static void indent_block(Mutation *mutation) {
  Range block;
  if (choose_block(mutation, &mutation->program, &block)) {
    size_t by = 1 + below(mutation, 2);
    bool deeper = below(mutation, 2) == 0;
    Text text = text_new(mutation->arena);
    text_add_char(&text, '\n'); // so that the first line is one of those that move
    text_add(&text, text_of(&mutation->program, block));
    Str moved = indented(mutation, text_str(&text), deeper ? 0 : by, deeper ? by : 0);
    replace(mutation, block, (Str){moved.ptr + 1, moved.length - 1});
  }
}

static void insert_statement(Mutation *mutation) {
  const char *pattern = some_pattern(mutation, STATEMENT);
  insert_lines(mutation, filled(mutation, pattern, STR(""), 0, TYPE_DEPTH), 0);
}

static void insert_declaration(Mutation *mutation) {
  const char *pattern = some_pattern(mutation, DECLARATION);
  Str lines = filled(mutation, pattern, STR(""), 0, TYPE_DEPTH);
  if (below(mutation, 4) == 0) {
    insert_lines(mutation, lines, 0);
    return;
  }
  Text text = text_new(mutation->arena);
  text_add(&text, lines);
  text_add(&text, STR("\n\n"));
  replace(mutation, (Range){0, 0}, text_str(&text));
}

static void change_bytes(Mutation *mutation) {
  Str old = mutation->program.text;
  size_t limit = old.length + 64;
  uint8_t *bytes = arena_alloc(mutation->arena, limit, 1);
  if (old.length > 0) {
    memcpy(bytes, old.ptr, old.length);
  }
  size_t size = LLVMFuzzerMutate(bytes, old.length, limit);
  read_program(mutation, &mutation->program, (Str){(const char *)bytes, size});
}

// --- Entries

static void (*const changes[])(Mutation *) = {
    replace_form,   replace_form,     replace_name,     replace_name,       replace_type, rename_everywhere,
    replace_number, delete_form,      wrap_form,        wrap_form,          swap_forms,   print_anew,
    splice_block,   splice_block,     delete_block,     delete_block,       move_block,   swap_blocks,
    indent_block,   insert_statement, insert_statement, insert_declaration, change_bytes,
};

static size_t mutate(Str text, Str other, uint8_t *out, size_t limit, unsigned seed) {
  Arena arena;
  arena_init(&arena);
  Mutation mutation = {.arena = &arena, .random = seed * 2654435761u | 1u};
  read_program(&mutation, &mutation.program, text);
  read_program(&mutation, &mutation.donor, other);
  uint32_t rounds = 1 + below(&mutation, ROUNDS_MAX);
  for (uint32_t i = 0; i < rounds; i++) {
    Program before = mutation.program;
    changes[below(&mutation, COUNT(changes))](&mutation);
    if (mutation.program.text.length > limit) {
      mutation.program = before;
    }
  }
  size_t size = mutation.program.text.length < limit ? mutation.program.text.length : limit;
  if (size > 0) {
    memmove(out, mutation.program.text.ptr, size);
  }
  arena_free(&arena);
  return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed) {
  Str text = {(const char *)bytes, size};
  return mutate(text, text, bytes, limit, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *bytes, size_t size, const uint8_t *other, size_t other_size,
                                 uint8_t *out, size_t limit, unsigned seed) {
  return mutate((Str){(const char *)bytes, size}, (Str){(const char *)other, other_size}, out, limit, seed);
}
