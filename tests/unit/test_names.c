// Names: programs of several virtual files, bound; what is reported where, and what each name denotes.
#include <criterion/criterion.h>

#include "names/names.h"
#include "syntax/syntax.h"

typedef struct Program {
  Context context;
  ModuleGraph graph;
  AstTable ast;
  NameTables names;
} Program;

// A program is one text: files start at lines `--- PATH` below `/p` (or `/std`, when absolute); the first one
// is main.voyd.
static void program_open(Program *program, const char *text) {
  context_init(&program->context);
  graph_init(&program->graph, &program->context);
  ast_init(&program->ast, &program->context);
  static VirtualFile files[16];
  uint32_t count = 0;
  Arena *arena = &program->context.arena;
  const char *path = "main.voyd";
  const char *start = text;
  for (;;) {
    const char *mark = strstr(start, "--- ");
    size_t length = mark ? (size_t)(mark - start) : strlen(start);
    Str full = *path == '/' ? arena_format(arena, "%s", path) : arena_format(arena, "/p/%s", path);
    files[count++] = (VirtualFile){full, (Str){start, length}};
    if (!mark) {
      break;
    }
    const char *end = strchr(mark, '\n');
    path = arena_copy_string(arena, mark + 4, (size_t)(end - mark - 4));
    start = end + 1;
  }
  GraphOptions options = {.entry = STR("/p/main.voyd"),
                          .files = files,
                          .file_count = count,
                          .source_root = STR("/p"),
                          .std_root = STR("/std")};
  graph_load(&program->graph, &options);
  for (ModuleId module = 1; module < program->graph.modules.count; module++) {
    ast_build_module(&program->ast, &program->graph, module);
  }
  names_tables_init(&program->names, &program->context, &program->graph, &program->ast);
  names_bind_program(&program->names);
}

static void program_close(Program *program) {
  names_tables_free(&program->names);
  ast_free(&program->ast);
  graph_free(&program->graph);
  context_free(&program->context);
}

// `CODE \`text\`` per diagnostic, separated by "; ".
static Str reported(Program *program) {
  Text text = text_new(&program->context.arena);
  for (uint32_t i = 0; i < program->context.diagnostics.items.count; i++) {
    const Diagnostic *diagnostic = program->context.diagnostics.items.items[i];
    Str span = sources_text(&program->context.sources, diagnostic->span);
    const char *line_end = memchr(span.ptr, '\n', span.length);
    text_format(&text, "%s%s `%.*s`", i == 0 ? "" : "; ", diagnostic_code_text(diagnostic->code),
                line_end ? (int)(line_end - span.ptr) : (int)span.length, span.ptr);
  }
  return text_str(&text);
}

static bool message_has(Program *program, const char *part) {
  for (uint32_t i = 0; i < program->context.diagnostics.items.count; i++) {
    const Diagnostic *diagnostic = program->context.diagnostics.items.items[i];
    if (memmem(diagnostic->message.ptr, diagnostic->message.length, part, strlen(part)) != NULL) {
      return true;
    }
  }
  return false;
}

typedef struct ReportCase {
  const char *program;
  const char *expected;
  const char *message; // part of one of the messages, or NULL
} ReportCase;

static void check_reports(const ReportCase *cases, size_t count) {
  for (size_t i = 0; i < count; i++) {
    Program program;
    program_open(&program, cases[i].program);
    Str found = reported(&program);
    cr_expect(str_equal(found, str_from(cases[i].expected)), "case %zu:\n%s\nexpected: %s\nreported: %.*s", i,
              cases[i].program, cases[i].expected, STR_ARGS(found));
    if (cases[i].message) {
      bool has = message_has(&program, cases[i].message);
      cr_expect(has, "case %zu: no message has '%s'; the first is '%.*s'", i, cases[i].message,
                program.context.diagnostics.items.count > 0
                    ? (int)program.context.diagnostics.items.items[0]->message.length
                    : 0,
                program.context.diagnostics.items.count > 0
                    ? program.context.diagnostics.items.items[0]->message.ptr
                    : "");
    }
    program_close(&program);
  }
}

#define CHECK_REPORTS(...)                                                                                   \
  do {                                                                                                       \
    static const ReportCase cases[] = {__VA_ARGS__};                                                         \
    check_reports(cases, sizeof cases / sizeof *cases);                                                      \
  } while (0)

// What the nth NAME node with this text denotes, in source order over the whole program.
static Str denoted(Program *program, const char *wanted, uint32_t nth) {
  NameTables *names = &program->names;
  Arena *arena = &program->context.arena;
  NodeId best = 0;
  Position after = 0;
  for (uint32_t n = 0; n <= nth; n++) {
    best = 0;
    for (NodeId id = 1; id < program->ast.nodes.count; id++) {
      const AstNode *node = ast_node(&program->ast, id);
      if (node->kind == NODE_NAME && node->span.start > after &&
          str_equal(context_name(&program->context, node->name.name), str_from(wanted)) &&
          (best == 0 || node->span.start < ast_node(&program->ast, best)->span.start)) {
        best = id;
      }
    }
    if (best == 0) {
      return STR("no such node");
    }
    after = ast_node(&program->ast, best)->span.start;
  }
  static const char *const local_kinds[] = {"let",       "var",        "mutable",
                                            "parameter", "~parameter", "continuation"};
  Resolution resolution = names_resolution(names, best);
  switch ((ResolutionKind)resolution.kind) {
  case RESOLVED_NOTHING:
    return STR("nothing");
  case RESOLVED_ERROR:
    return STR("error");
  case RESOLVED_LOCAL: {
    const Local *local = names_local(names, resolution.id);
    uint32_t line = sources_locate(&program->context.sources, local->span).line;
    return arena_format(arena, "%s of line %u", local_kinds[local->kind], line);
  }
  case RESOLVED_TYPE_PARAMETER:
    return STR("type parameter");
  case RESOLVED_BUILTIN:
    return STR("builtin");
  case RESOLVED_SYMBOLS: {
    Str first = names_describe(names, names_listed(names, resolution.symbols, 0));
    return resolution.symbols.count == 1
               ? first
               : arena_format(arena, "%u of %.*s", resolution.symbols.count, STR_ARGS(first));
  }
  }
  return STR("?");
}

typedef struct NameCase {
  const char *name;
  uint32_t nth;
  const char *expected;
} NameCase;

static void check_names(const char *text, const NameCase *cases, size_t count) {
  Program program;
  program_open(&program, text);
  Str found = reported(&program);
  cr_expect(found.length == 0, "reported: %.*s", STR_ARGS(found));
  for (size_t i = 0; i < count; i++) {
    Str denotes = denoted(&program, cases[i].name, cases[i].nth);
    cr_expect(str_equal(denotes, str_from(cases[i].expected)), "%s number %u: expected %s, denotes %.*s",
              cases[i].name, cases[i].nth, cases[i].expected, STR_ARGS(denotes));
  }
  program_close(&program);
}

#define CHECK_NAMES(text, ...)                                                                               \
  do {                                                                                                       \
    static const NameCase cases[] = {__VA_ARGS__};                                                           \
    check_names(text, cases, sizeof cases / sizeof *cases);                                                  \
  } while (0)

// --- Declarations of one scope (03 §6.5)

Test(names, declarations_conflict) {
  CHECK_REPORTS(
      {"fn g(a: i32) -> i32\n  1\nfn g(b: i32) -> bool\n  true\n", "BD0002 `fn g(b: i32) -> bool`",
       "overload (i32) exists already"},
      {"fn g<T>(a: T) -> i32\n  1\nfn g<U>(b: U) -> i32\n  1\n", "BD0002 `fn g<U>(b: U) -> i32`", NULL},
      {"fn g(a: i32) -> i32\n  1\nfn g(a: i64) -> i32\n  1\nfn g({ a: i32 }) -> i32\n  1\n", "", NULL},
      {"fn g<T: A>(a: T) -> i32\n  1\nfn g<T: B>(a: T) -> i32\n  1\ntrait A\n  fn a(self) -> i32\ntrait B\n  "
       "fn b(self) -> i32\n",
       "", NULL},
      {"let g = 1\nfn g() -> i32\n  2\nfn g(a: i32) -> i32\n  2\n", "BD0003 `fn g() -> i32`",
       "already a module-level let"},
      {"fn g() -> i32\n  2\nlet g = 1\n", "BD0003 `g`", "already a function"},
      {"type A = i32\nfn A() -> i32\n  2\n", "BD0003 `fn A() -> i32`", "type alias"},
      {"obj P { x: i32 }\nfn P(x: i32, y: i32) -> i32\n  2\n", "", NULL},
      {"type A = i32\ntype A = i64\n", "BD0006 `A`", "type alias 'A' exists already"},
      {"obj A { x: i32 }\ntrait A\n  fn m(self) -> i32\n", "BD0006 `A`", NULL},
      {"obj A { x: i32, x: i64 }\n", "BD0006 `x`", "field"}, {"let a = 1\nlet a = 2\n", "BD0006 `a`", NULL},
      {"fn g(a: i32) -> i32\n  1\nfn g(a: i32, b) -> i32\n  1\n", "BD0004 `b`", "'b' needs a type"},
      {"obj my_type { x: i32 }\n", "BD0007 `my_type`", "UpperCamelCase"},
      {"trait Has_b\n  fn m(self) -> i32\n", "BD0007 `Has_b`", NULL},
      {"eff Ask\n  get(resume, n: i32) -> i32\n  get(tail, m: i32) -> i64\n",
       "BD0002 `get(tail, m: i32) -> i64`", "Ask.get"},
      {"eff S\n  @operation(id: \"put\")\n  a(tail) -> void\n  @operation(id: \"put\")\n  b(tail) -> void\n",
       "BD0009 `b`", "host operation key"},
      {"eff S\n  load(tail) -> i32\n  @operation(id: \"load\")\n  b(tail) -> void\n", "BD0009 `b`", NULL},
      {"eff Ask\n  get(resume) -> i32\nfn Ask() -> i32\n  1\n", "BD0003 `fn Ask() -> i32`", "effect"});
}

Test(names, locals_of_one_scope_are_distinct) {
  CHECK_REPORTS({"fn f() -> i32\n  let a = 1\n  let a = 2\n  a\n", "BD0006 `a`", "already defined"},
                {"fn f(a: i32, a: i32) -> i32\n  a\n", "BD0006 `a`", NULL},
                {"fn f() -> i32\n  let (a, b) = (1, 2)\n  let ~b = 3\n  a\n", "BD0006 `b`", NULL},
                {"fn f(a: i32) -> i32\n  let a = 1\n  let b =\n    let a = 2\n    a\n  a\n", "", NULL},
                {"fn f() -> i32\n  let _ = 1\n  let _ = 2\n  1\n", "", NULL},
                {"fn f<T, T>(a: T) -> i32\n  1\n", "BD0006 `T`", NULL});
}

// --- Imports (03 §2, §10.3)

Test(names, imports_that_fail_say_why) {
  CHECK_REPORTS(
      {"use src::lib::hidden\n--- lib.voyd\nfn hidden() -> i32\n  1\n", "BD0001 `use src::lib::hidden`",
       "module-private"},
      {"use src::lib::missing\n--- lib.voyd\npub fn present() -> i32\n  1\n",
       "BD0001 `use src::lib::missing`", "does not export 'missing'"},
      {"use src::lib::size\n--- lib.voyd\npub obj T { n: i32 }\nimpl T\n  fn size(self) -> i32\n    1\n",
       "BD0001 `use src::lib::size`", "instance member"},
      {"use src::geo::shape::area\n--- geo/shape.voyd\npub fn area() -> i32\n  4\n--- geo/pkg.voyd\npub fn "
       "o() "
       "-> i32\n  1\n",
       "BD0001 `use src::geo::shape::area`", "hidden nested-package internals"},
      {"use src::geo::{ hidden }\n--- geo/pkg.voyd\nfn hidden() -> i32\n  1\n",
       "BD0001 `use src::geo::{ hidden }`", "module-private"},
      {"use lib::thing\n", "BD0001 `use lib::thing`", "`self::`, `super::`, `src::`, `std::`, `pkg::`"},
      {"use src::fx::Ask\nuse Ask::other\n--- fx.voyd\npub eff Ask\n  ask(resume) -> i32\n",
       "BD0001 `use Ask::other`", "src::fx::Ask does not export 'other'"},
      {"use src::fx::ask\n--- fx.voyd\npub eff Ask\n  ask(resume) -> i32\n", "BD0001 `use src::fx::ask`",
       "does not export"},
      {"use src::k::Drink::Milk\n--- k.voyd\npub obj Tea { n: i32 }\npub obj Coffee { n: i32 }\npub type "
       "Drink "
       "= Tea | Coffee\n",
       "BD0001 `use src::k::Drink::Milk`", "Drink does not export 'Milk'"});
}

Test(names, modules_of_std_give_what_their_path_allows) {
  CHECK_REPORTS({"use math::root\nuse std::print\n"
                 "--- /std/pkg.voyd\npub use self::prelude\npub use self::math\npub fn print() -> i32\n  1\n"
                 "--- /std/prelude.voyd\npub use std::math\n--- /std/math.voyd\npub fn root() -> i32\n  1\n",
                 "BD0001 `use std::print`", "no module for use path std::print"},
                {"use std::{ math }\nuse math::root\nuse std::math::root as other\n"
                 "--- /std/pkg.voyd\npub use self::math\n--- /std/math.voyd\npub fn root() -> i32\n  1\n",
                 "BD0001 `use math::root`", "package-private and not visible here"});
}

Test(names, errors_do_not_cascade) {
  CHECK_REPORTS({"use src::mid::gone\nfn f() -> i32\n  gone()\n--- mid.voyd\npub use src::lib::gone\n--- "
                 "lib.voyd\npub fn present() -> i32\n  1\n",
                 "BD0001 `pub use src::lib::gone`", NULL},
                {"use src::a::x\n--- a.voyd\npub use src::b::x\n--- b.voyd\npub use src::a::x\n",
                 "BD0001 `use src::a::x`; BD0001 `pub use src::b::x`; BD0001 `pub use src::a::x`", NULL});
}

Test(names, imported_names_clash) {
  CHECK_REPORTS(
      {"use src::lib\nfn lib() -> i32\n  1\n--- lib.voyd\npub fn p() -> i32\n  1\n",
       "BD0003 `fn lib() -> i32`", "already a module"},
      {"fn lib() -> i32\n  1\nuse src::lib\n--- lib.voyd\npub fn p() -> i32\n  1\n", "BD0001 `use src::lib`",
       "clashes"},
      {"use src::fx::Ask\nuse Ask::ask\nfn ask(n: i32) -> i32\n  n\n--- fx.voyd\npub eff Ask\n  ask(resume, "
       "n: "
       "i32) -> i32\n",
       "BD0001 `use Ask::ask`", "clashes"},
      {"use src::fx::Ask\nuse Ask::ask as ask_op\nfn ask(n: i32) -> i32\n  n\n--- fx.voyd\npub eff Ask\n  "
       "ask(resume, n: i32) -> i32\n",
       "", NULL},
      {"use src::a::f\nuse src::b::f\nuse src::a::f\n--- a.voyd\npub fn f() -> i32\n  1\n--- b.voyd\npub fn "
       "f() "
       "-> i32\n  2\n",
       "", NULL});
}

Test(names, members_of_modules_and_effects_exist) {
  CHECK_REPORTS(
      {"use src::lib\nfn f() -> i32\n  lib::missing()\n--- lib.voyd\npub fn p() -> i32\n  1\n",
       "BD0001 `missing`", "does not export"},
      {"use src::lib\nfn f(a: lib::Missing<i32>) -> i32\n  1\n--- lib.voyd\npub fn p() -> i32\n  1\n",
       "BD0001 `Missing`", NULL},
      {"eff Ask\n  ask(resume, n: i32) -> i32\nfn g(): Ask -> i32\n  Ask::other(1)\n", "BD0009 `other`",
       "does not declare operation other"},
      {"eff Ask\n  get(resume) -> i32\nfn f() -> i32\n  let g = Ask::get\n  1\n", "BD0009 `get`",
       "not a first-class value"},
      {"eff Ask\n  get(resume) -> i32\nfn f(): Ask::get -> i32\n  Ask::get()\n", "BD0009 `get`", NULL},
      {"eff Ask\n  get(resume) -> i32\nfn h(n: i32) -> i32\n  n\nfn f() -> i32\n  try\n    Ask::get()\n  "
       "h(k):\n    k(1)\n",
       "BD0009 `h`", "imported effect operation"},
      {"eff Ask\n  get(resume) -> i32\nobj T { n: i32 }\nfn f() -> i32\n  try\n    Ask::get()\n  "
       "T::get(k):\n   "
       " k(1)\n",
       "BD0009 `T`", "does not resolve to an effect"},
      {"eff Ask\n  get(resume) -> i32\nfn f() -> i32\n  try\n    Ask::get()\n  Ask::fetch(k):\n    k(1)\n",
       "BD0009 `fetch`", NULL});
}

Test(names, imports_bring_the_declared_symbols) {
  CHECK_NAMES(
      "use src::facade::all\nuse src::core::{ two as zwei, Thing }\nuse src::facade\n"
      "fn f(t: Thing) -> i32\n  base() + zwei(1) + facade::outer::four() + three()\n"
      "--- facade.voyd\npub use src::core::{ base, two }\npub use src::outer\npub use src::more::all\n"
      "--- core.voyd\npub fn base() -> i32\n  1\npub fn two() -> i32\n  2\npub fn two(a: i32) -> i32\n "
      " 2\npub obj Thing { n: i32 }\n"
      "--- outer.voyd\npub fn four() -> i32\n  4\n"
      "--- more.voyd\npub use src::even_more::all\n"
      "--- even_more.voyd\npub fn three() -> i32\n  3\n",
      {"Thing", 0, "src::core::Thing"}, {"base", 0, "src::core::base"}, {"zwei", 0, "2 of src::core::two"},
      {"facade", 0, "src::facade"}, {"outer", 0, "src::outer"}, {"four", 0, "src::outer::four"},
      {"three", 0, "src::even_more::three"});
}

Test(names, declarations_beat_imports_and_the_last_import_wins) {
  CHECK_NAMES(
      "use src::lib::all\nuse src::other::clash\n"
      "fn pick(a: i32) -> i32\n  1\n"
      "fn f() -> i32\n  pick(1) + clash() + value()\n"
      "fn g(value: i32) -> i32\n  value\n"
      "--- lib.voyd\npub fn pick() -> i32\n  2\npub fn clash() -> i32\n  1\npub fn value() -> i32\n  1\n"
      "--- other.voyd\npub fn clash() -> i32\n  2\n",
      {"pick", 0, "src::main::pick"}, {"clash", 0, "src::other::clash"}, {"value", 0, "src::lib::value"},
      {"value", 1, "parameter of line 7"});
}

Test(names, the_prelude_comes_last_and_never_conflicts) {
  CHECK_NAMES(
      "use src::math\n"
      "fn some(a: i32) -> i32\n  a\n"
      "fn f(o: Maybe) -> i32\n  some(1) + math::mine() + none()\n"
      "--- math.voyd\npub fn mine() -> i32\n  1\n"
      "--- /std/pkg.voyd\npub use self::prelude\n"
      "--- /std/prelude.voyd\npub use std::optional::all\npub use std::math\n"
      "--- /std/optional.voyd\npub fn some() -> i32\n  1\npub fn none() -> i32\n  1\npub obj Maybe { n: "
      "i32 }\n"
      "--- /std/math.voyd\npub fn theirs() -> i32\n  1\n",
      {"Maybe", 0, "std::optional::Maybe"}, {"some", 0, "src::main::some"}, {"math", 0, "src::math"},
      {"mine", 0, "src::math::mine"}, {"none", 0, "std::optional::none"});
}

Test(names, effects_and_unions_are_namespaces) {
  CHECK_NAMES(
      "use src::fx::{ Ask, Count::{ next, reset as restart } }\nuse src::fx\nuse Ask::all\n"
      "use src::kinds::Shape\nuse Shape::{ Circle as C }\n"
      "fn f(c: C): Ask -> i32\n  ask(1) + next() + restart() + fx::Ask::ask(5) + Ask::ask(6)\n"
      "eff Own\n  ping(resume) -> i32\n"
      "fn g(): ping -> i32\n  Own::ping()\n"
      "--- fx.voyd\npub eff Ask\n  ask(resume, n: i32) -> i32\npub eff Count\n  next(resume) -> i32\n  "
      "reset(resume) -> i32\n"
      "--- kinds.voyd\npub obj Circle { r: i32 }\npub obj Square { r: i32 }\npub type Round = "
      "Circle\npub type Shape = Round | Square\n",
      {"C", 0, "src::kinds::Circle"}, {"ask", 0, "src::fx::Ask::ask"}, {"next", 0, "src::fx::Count::next"},
      {"restart", 0, "src::fx::Count::reset"}, {"ask", 1, "src::fx::Ask::ask"},
      {"ask", 2, "src::fx::Ask::ask"}, {"ping", 0, "src::main::Own::ping"},
      {"ping", 1, "src::main::Own::ping"});
}

Test(names, a_facade_gives_the_members_of_its_modules) {
  CHECK_NAMES("use src::geo\nuse src::geo::shape\nuse src::geo::shape::all\n"
              "fn f() -> i32\n  geo::shape::sides() + shape::sides() + sides()\n"
              "--- geo/pkg.voyd\npub use self::shape\n"
              "--- geo/shape.voyd\npub fn sides() -> i32\n  4\n",
              {"sides", 0, "src::geo::shape::sides"}, {"sides", 1, "src::geo::shape::sides"},
              {"sides", 2, "nothing"});
}

// --- Bodies (03 §6.2, 05 §5.4.1)

Test(names, bodies_resolve_innermost_first) {
  CHECK_NAMES("fn f(a: i32) -> i32\n"
              "  let b = a\n"
              "  let a = b\n"
              "  let g = (b: i32) => a + b\n"
              "  a + undefined + fixed_array_literal(1) + __sqrt(2.0)\n",
              {"a", 0, "parameter of line 1"}, {"b", 0, "let of line 2"}, {"a", 1, "let of line 3"},
              {"b", 1, "parameter of line 4"}, {"a", 2, "let of line 3"}, {"undefined", 0, "nothing"},
              {"fixed_array_literal", 0, "builtin"}, {"__sqrt", 0, "nothing"}, {"i32", 0, "builtin"});
}

Test(names, type_parameters_hide_types_and_values_do_not) {
  CHECK_NAMES("obj Point { x: i32 }\n"
              "trait Tr\n  fn m(self) -> i32\n"
              "fn id<Point>(a: Point) -> Point\n  a\n"
              "impl<T: Tr> Tr for Box<T>\n  fn m<U>(self, a: T, b: U) -> i32\n    T::make()\n"
              "obj Box<T> { value: T }\n"
              "fn g(Point: i32) -> i32\n  Point::at(Point)\n",
              {"Point", 0, "type parameter"}, {"Tr", 0, "src::main::Tr"}, {"T", 0, "type parameter"},
              {"T", 1, "type parameter"}, {"U", 0, "type parameter"}, {"T", 2, "type parameter"},
              {"T", 3, "type parameter"}, {"Point", 2, "src::main::Point"},
              {"Point", 3, "parameter of line 10"});
}

Test(names, patterns_bind_in_their_arm) {
  CHECK_NAMES("obj L { l: i32 }\nobj R { r: i32 }\ntype U = L | R\n"
              "fn f(u: U) -> i32\n"
              "  match(u) w\n"
              "    L { l }: l + w.l\n"
              "    U::R as r: r.r\n"
              "    else: l\n",
              {"L", 0, "src::main::L"}, {"l", 0, "let of line 6"}, {"w", 0, "let of line 5"},
              {"U", 0, "src::main::U"}, {"r", 0, "let of line 7"}, {"l", 1, "nothing"});
}

static const Local *local_named(Program *program, const char *name) {
  for (LocalId id = 1; id < program->names.locals.count; id++) {
    const Local *local = names_local(&program->names, id);
    if (str_equal(context_name(&program->context, local->name), str_from(name))) {
      return local;
    }
  }
  cr_assert(false, "no local %s", name);
  return NULL;
}

Test(names, locals_know_how_they_are_used) {
  Program program;
  program_open(&program, "eff Ask\n  get(resume, n: i32) -> i32\n"
                         "fn f(p: i32, ~q: i32) -> i32\n"
                         "  let plain = 1\n"
                         "  var counter = 0\n"
                         "  var (left, right) = (1, 2)\n"
                         "  let (~inner, outer) = (1, 2)\n"
                         "  let ~slot = 1\n"
                         "  let add = (x: i32) => x + counter\n"
                         "  counter = 1\n"
                         "  (left, q) = (3, 4)\n"
                         "  h(~slot)\n"
                         "  try\n    Ask::get(1)\n  Ask::get(k, n):\n    k(n + plain)\n"
                         "fn h(~a: i32) -> i32\n  a\n");
  Str found = reported(&program);
  cr_expect(found.length == 0, "%.*s", STR_ARGS(found));
  static const struct {
    const char *name;
    LocalKind kind;
    bool captured, assigned;
  } expected[] = {
      {"p", LOCAL_PARAMETER, false, false},    {"q", LOCAL_MUTABLE_PARAMETER, false, true},
      {"plain", LOCAL_LET, true, false},       {"counter", LOCAL_VAR, true, true},
      {"left", LOCAL_VAR, false, true},        {"right", LOCAL_VAR, false, false},
      {"inner", LOCAL_MUTABLE, false, false},  {"outer", LOCAL_LET, false, false},
      {"slot", LOCAL_MUTABLE, false, true},    {"x", LOCAL_PARAMETER, false, false},
      {"k", LOCAL_CONTINUATION, false, false}, {"n", LOCAL_PARAMETER, false, false},
  };
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const Local *local = local_named(&program, expected[i].name);
    cr_expect(local->kind == expected[i].kind, "kind of %s: %d", expected[i].name, local->kind);
    cr_expect(local->captured == expected[i].captured, "captured: %s", expected[i].name);
    cr_expect(local->assigned == expected[i].assigned, "assigned: %s", expected[i].name);
  }
  program_close(&program);
}

Test(names, long_chains_do_not_recurse) {
  Program program;
  context_init(&program.context);
  Text text = text_new(&program.context.arena);
  text_add(&text, STR("fn f(a: i32) -> i32\n  a"));
  for (int i = 0; i < 100000; i++) {
    text_add(&text, STR(" + a"));
  }
  text_add(&text, STR("\n"));
  const char *source = strdup(text.bytes);
  context_free(&program.context);
  program_open(&program, source);
  Str last = denoted(&program, "a", 10);
  cr_expect(str_equal(last, STR("parameter of line 1")), "%.*s", STR_ARGS(last));
  program_close(&program);
  free((void *)source);
}

Test(names, program_exports_and_access) {
  Program program;
  program_open(&program,
               "pub fn one() -> i32\n  1\nfn hidden() -> i32\n  1\npub use src::lib::{ two as zwei }\n"
               "pub obj T { n: i32 }\n"
               "--- lib.voyd\npub fn two() -> i32\n  2\n"
               "--- lib/pkg2.voyd\nfn x() -> i32\n  1\n");
  ProgramExports exports = {0};
  names_program_exports(&program.names, program.graph.entry, &exports);
  cr_assert_eq(exports.count, 2u);
  cr_expect(str_equal(context_name(&program.context, exports.items[0].name), STR("one")));
  cr_expect(str_equal(context_name(&program.context, exports.items[1].name), STR("zwei")));
  ModuleId lib = names_symbol(&program.names, exports.items[1].symbol)->module;
  ModuleId entry = program.graph.entry;
  SymbolSet hidden = names_lookup(&program.names, entry, names_intern(&program.context.names, STR("hidden")),
                                  0, LOOKUP_VALUE);
  cr_assert_eq(hidden.count, 1u);
  SymbolId symbol = names_listed(&program.names, hidden, 0);
  cr_expect(names_can_access(&program.names, symbol, entry));
  cr_expect_not(names_can_access(&program.names, symbol, lib));
  cr_expect(names_can_access(&program.names, exports.items[0].symbol, lib));
  Name near =
      names_suggest(&program.names, entry, names_intern(&program.context.names, STR("hiden")), LOOKUP_VALUE);
  cr_expect(str_equal(context_name(&program.context, near), STR("hidden")));
  program_close(&program);
}
