// Macro expansion: programs of a few files, and the forms of their entry after it (spec 02).
#include <criterion/criterion.h>

#include "graph/graph.h"

enum { MAX_FILES = 4 };

typedef struct Row {
  const char *source, *forms;
} Row;

typedef struct Expansion {
  Context context;
  ModuleGraph graph;
  bool ok;
} Expansion;

// The entry is /p/src/main.voyd; others are given as path and text.
static Expansion *expand(const char *source, const char *const (*others)[2]) {
  Expansion *expansion = calloc(1, sizeof *expansion);
  context_init(&expansion->context);
  graph_init(&expansion->graph, &expansion->context);
  VirtualFile files[MAX_FILES];
  uint32_t count = 0;
  files[count++] = (VirtualFile){STR("/p/src/main.voyd"), str_from(source)};
  for (uint32_t i = 0; others && others[i][0]; i++) {
    Str path = arena_format(&expansion->context.arena, "/p/src/%s", others[i][0]);
    files[count++] = (VirtualFile){path, str_from(others[i][1])};
  }
  GraphOptions options = {.entry = STR("/p/src/main.voyd"), .files = files, .file_count = count};
  expansion->ok = graph_load(&expansion->graph, &options);
  return expansion;
}

static void expansion_free(Expansion *expansion) {
  graph_free(&expansion->graph);
  context_free(&expansion->context);
  free(expansion);
}

// The items of the entry, separated by blanks.
static Str items_text(Expansion *expansion) {
  const Module *entry = graph_module(&expansion->graph, expansion->graph.entry);
  Text out = text_new(&expansion->context.arena);
  for (uint32_t i = 0; i < entry->items.count; i++) {
    text_add(&out, i > 0 ? STR(" ") : STR(""));
    form_print(&expansion->graph.forms, entry->items.items[i], &out);
  }
  return text_str(&out);
}

static Str errors_text(Expansion *expansion) {
  Text out = text_new(&expansion->context.arena);
  diagnostics_render_text(&expansion->context.diagnostics, (DiagnosticStyle){false}, &out);
  return text_str(&out);
}

static void check_rows(const Row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    Expansion *expansion = expand(rows[i].source, NULL);
    Str text = items_text(expansion);
    cr_expect(str_equal(text, str_from(rows[i].forms)), "source:\n%s\nwanted: %s\ngot:    %.*s\n%.*s",
              rows[i].source, rows[i].forms, STR_ARGS(text), STR_ARGS(errors_text(expansion)));
    cr_expect(expansion->ok, "source:\n%s\n%.*s", rows[i].source, STR_ARGS(errors_text(expansion)));
    expansion_free(expansion);
  }
}

#define CHECK_ROWS(...)                                                                                      \
  static const Row ROWS[] = {__VA_ARGS__};                                                                   \
  check_rows(ROWS, sizeof ROWS / sizeof *ROWS)

// A macro `m` with the given body lines, invoked once at the top level.
#define MACRO(parameters, body, call) "#!no_prelude\nmacro m(" parameters ")\n" body "\nlet r = " call

// spec 02 §8
Test(expand, templates) {
  CHECK_ROWS({MACRO("x", "  `(f $x)", "m(a + b)"), "(let (= r (f (+ a b))))"},
             {MACRO("x", "  `(f(1))", "m(a)"), "(let (= r (f 1)))"},
             {MACRO("x", "  `x", "m(a)"), "(let (= r x))"}, {MACRO("x", "  `(x)", "m(a)"), "(let (= r x))"},
             {MACRO("x", "  `(a, $x)", "m(b)"), "(let (= r (a b)))"},
             {MACRO("", "  `()", "m()"), "(let (= r ()))"},
             {MACRO("x", "  `f $x g", "m(a)"), "(let (= r (f a g)))"},
             {MACRO("x", "  `\n    f\n    $x", "m(a)"), "(let (= r (block f a)))"},
             {MACRO("x", "  `\n    $x", "m(a)"), "(let (= r (block a)))"},
             {MACRO("x", "  syntax_template f $x", "m(a)"), "(let (= r (f a)))"},
             {MACRO("x", "  `($x.foo)", "m(a)"), "(let (= r (. a foo)))"},
             {MACRO("x", "  `($x(1))", "m(a)"), "(let (= r (a 1)))"},
             {MACRO("x", "  `($x::y)", "m(a)"), "(let (= r (:: a y)))"},
             {MACRO("x", "  `(Foo<$x>)", "m(a)"), "(let (= r (Foo (generics a))))"},
             {MACRO("x", "  `({ $x: ~$x })", "m(a)"), "(let (= r (object_literal (: a (~ a)))))"},
             {MACRO("x", "  `($unknown + \"$x\" + '$x')", "m(a)"), "(let (= r (+ (+ unknown \"$x\") '$x')))"},
             // splices
             {MACRO("x", "  `(f $x)", "m((p, q))"), "(let (= r (f (tuple p q))))"},
             {MACRO("", "  `(f $$body)", "m(p, q)"), "(let (= r (f p q)))"},
             {MACRO("", "  `(f $body)", "m(p, q)"), "(let (= r (f (p q))))"},
             {MACRO("", "  `(f $(body.get(1)).len())", "m(p, q)"), "(let (= r (f (. q (len)))))"},
             {MACRO("", "  `(f $$(body.slice(5)))", "m(p, q)"), "(let (= r (f)))"},
             {MACRO("x", "  `(f $$x)", "m(p)"), "(let (= r (f p)))"},
             {MACRO("x", "  `(f `($x))", "m(p)"), "(let (= r (f (` p))))"});
}

// spec 02 §7.1 §7.2 §7.3 §7.4 §7.5
Test(expand, evaluator) {
  CHECK_ROWS(
      {MACRO("x", "  let y = x\n  y", "m(a)"), "(let (= r a))"},
      {MACRO("x", "  if x == 1: one\n  else: two", "m(1)"), "(let (= r one))"},
      {MACRO("x", "  if x == 1 then: one elif: x == 2 then: two else: three", "m(2)"), "(let (= r two))"},
      {MACRO("x", "  if false: one", "m(2)"), "(let (= r nop))"},
      {MACRO("x", "  if\n    0: zero\n    \"\": empty\n    `(): yes", "m(2)"), "(let (= r yes))"},
      {MACRO("x", "  x.length", "m(f(a, b))"), "(let (= r 3))"},
      {MACRO("x", "  length(x)", "m(f(a, b))"), "(let (= r 3))"},
      {MACRO("x", "  x.get(-1)", "m(f(a, b))"), "(let (= r b))"},
      {MACRO("x", "  x.get(7)", "m(f(a, b))"), "(let (= r nop))"},
      {MACRO("x", "  x.slice(1)", "m(f(a, b))"), "(let (= r (a b)))"},
      {MACRO("x", "  x.slice(-2, -1)", "m(f(a, b))"), "(let (= r (a)))"},
      {MACRO("x", "  x.push(1, 2)", "m(f(a))"), "(let (= r (f a 1 2)))"},
      {MACRO("x", "  concat(x, `(1, 2), 3)", "m(f)"), "(let (= r (f 1 2 3)))"},
      {MACRO("x", "  spread(x, x)", "m(f(a))"), "(let (= r (f a f a)))"},
      {MACRO("x", "  x.map((e, i) => `($e + $i))", "m(f(a))"), "(let (= r ((+ f 0) (+ a 1))))"},
      {MACRO("", "  body.slice(1).reduce(body.get(0), (acc, next) => `($acc + $next))", "m(1, 2, 3)"),
       "(let (= r (+ (+ 1 2) 3)))"},
      {MACRO("x", "  is_list(x)", "m(\"s\")"), "(let (= r false))"},
      {MACRO("x", "  x.calls(tuple)", "m((a, b))"), "(let (= r true))"},
      {MACRO("x", "  x.calls(=>)", "m(a => b)"), "(let (= r true))"},
      {MACRO("x", "  x.argWithLabel(k)", "m(f(j: 1, k: 2))"), "(let (= r 2))"},
      {MACRO("x", "  x.optionalArgWithLabel(l)", "m(f(k: 2))"), "(let (= r false))"},
      {MACRO("x", "  x.argsWithLabel(k)", "m(f(k: 1, j: 2, k: 3))"), "(let (= r (1 3)))"},
      {MACRO("x", "  x * 2 + 1", "m(4)"), "(let (= r 9))"},
      {MACRO("x", "  x / 2", "m(5)"), "(let (= r 2.5))"}, {MACRO("x", "  1 - x", "m(3)"), "(let (= r -2))"},
      {MACRO("x", "  1 == x", "m(1.0)"), "(let (= r true))"},
      {MACRO("x", "  x == `(f(a))", "m(f(a))"), "(let (= r true))"},
      {MACRO("x", "  x < \"b\"", "m(\"a\")"), "(let (= r true))"},
      {MACRO("x", "  not x", "m(false)"), "(let (= r true))"},
      {MACRO("x", "  let f = (n) => if n > 0 then: f(n - 1) else: done\n  f(x)", "m(3)"), "(let (= r done))"},
      {MACRO("x", "  g(x, k: x)", "m(1)"), "(let (= r (g 1 (: k 1))))"},
      {MACRO("x", "  if false and panic(\"no\"): 1\n  else: 2", "m(1)"), "(let (= r 2))"},
      {MACRO("x", "  split('a.b.c', '.')", "m(1)"), "(let (= r ('a' 'b' 'c')))"},
      {MACRO("x", "  char_to_code(x)", "m(\"λ\")"), "(let (= r 955))"},
      {MACRO("", "  let f = (a) => (b) => `($a + $b)\n  let g = f(1)\n  g(2)", "m()"), "(let (= r (+ 1 2)))"},
      {MACRO("x", "  identifier(\"t\")", "m(1)"), "(let (= r t))"},
      {MACRO("x", "  symbol_reference(a::b)", "m(1)"), "(let (= r (:: a b)))"},
      {"#!no_prelude\nmacro_let k = 1 + 2\nmacro m()\n  `(f $k)\nlet r = m()", "(let (= r (f 3)))"});
}

// spec 02 §5.1 §5.2 §5.3 §5.4
Test(expand, invocations) {
  CHECK_ROWS(
      // outermost first; results are expanded again; arguments arrive unexpanded
      {"#!no_prelude\nmacro q(x)\n  `(quoted $x)\nmacro n(x)\n  x.length\nlet r = n(q(1))", "(let (= r 2))"},
      {"#!no_prelude\nmacro a(x)\n  `(b($x))\nmacro b(x)\n  `($x + 1)\nlet r = a(a(1))",
       "(let (= r (+ (+ 1 1) 1)))"},
      {"#!no_prelude\nmacro '?\?'(l, r)\n  `(or_else($l, $r))\nlet x = a ?? b ?? c",
       "(let (= x (or_else (or_else a b) c)))"},
      // textual position
      {"#!no_prelude\nlet r = m(1)\nmacro m(x)\n  `(f $x)", "(let (= r (m 1)))"},
      {"#!no_prelude\nmacro m()\n  1\nlet a = m()\nmacro m()\n  2\nlet b = m()",
       "(let (= a 1)) (let (= b 2))"},
      // places that are no candidates
      {"#!no_prelude\nmacro m(x)\n  `(f $x)\nlet r = a.m(m(1))", "(let (= r (. a (m (f 1)))))"},
      {"#!no_prelude\nmacro m(x)\n  `(f $x)\nfn m(a: i32) -> i32\n  a",
       "(fn (-> (m (: a i32)) i32) (block a))"},
      {"#!no_prelude\nmacro m(x)\n  `(f $x)\nlet r = A::m(1)", "(let (= r (:: A (m 1))))"},
      {"#!no_prelude\nmacro m(x)\n  `(f $x)\nfn g()\n  try\n    1\n  m(k):\n    m(2)",
       "(fn (g) (block (try (block 1) (: (m k) (block (f 2))))))"},
      {"#!no_prelude\nmacro m(x)\n  `(f $x)\nlet r = m", "(let (= r m))"},
      {"#!no_prelude\nmacro m(x)\n  `(f $x)\nlet r = (m, b) => m(1)", "(let (= r (=> (m b) (f 1))))"},
      // sequences
      {"#!no_prelude\nmacro pair(a, b)\n  emit_many(`(type ($a = i32)), `(type ($b = i64)))\npub pair S L",
       "(pub type (= S i32)) (pub type (= L i64))"},
      {"#!no_prelude\nmacro two()\n  emit_many(`(f()), `(g()))\nfn h()\n  two()\n  1",
       "(fn (h) (block (f) (g) 1))"},
      {"#!no_prelude\nmacro none()\n  `()\nnone()\nfn h()\n  none()\n  1", "(fn (h) (block 1))"},
      {"#!no_prelude\nmacro two()\n  emit_many(`(f()), `(g()))\nmacro four()\n  emit_many(`(two()), "
       "`(two()))\nfn h()\n  four()",
       "(fn (h) (block (f) (g) (f) (g)))"},
      // macros that make macros
      {"#!no_prelude\nmacro make(name, value)\n  `(macro $name() `($value))\nmake(k, 7)\nlet r = k()",
       "(let (= r 7))"},
      {"#!no_prelude\nmacro getter(name, value)\n  `(fn $name() -> i32\n    $value)\ngetter(answer, 42)",
       "(fn (-> (answer) i32) (block 42))"});
}

// spec 02 §11
Test(expand, attributes) {
  CHECK_ROWS(
      {"#!no_prelude\nattribute macro twice(args, decl)\n  emit_many(decl, `(fn other() -> i32 = "
       "1))\n@twice\nfn f() -> i32 = 2",
       "(fn (= (-> (f) i32) 2)) (fn (= (-> (other) i32) 1))"},
      {"#!no_prelude\nattribute macro gone(args, decl)\n  `()\n@gone\nfn f() = 2\nfn g() = 1",
       "(fn (= (g) 1))"},
      {"#!no_prelude\nattribute macro value(args, decl)\n  `(let x = $(args.get(0)))\n@value(7)\nfn f() = 2",
       "(let (= x 7))"},
      {"#!no_prelude\nattribute macro keep(args, decl)\n  decl\n@external(id: \"a\")\n@keep\nfn f() -> i32",
       "(@ (external (: id \"a\"))) (fn (-> (f) i32))"},
      {"#!no_prelude\nattribute macro keep(args, decl)\n  decl\nimpl T\n  @keep\n  fn f() = 1",
       "(impl T (block (fn (= (f) 1))))"},
      {"#!no_prelude\nattribute macro a(args, decl)\n  `(pub $$decl)\n@a\nfn f() = 1", "(pub fn (= (f) 1))"});
}

// spec 02 §14.1 §14.2 §14.3 §14.4
Test(expand, standard_macros) {
  CHECK_ROWS(
      {"fn f()\n  for x in xs:\n    g(x)", "(fn (f) (block (block (let (= (~ it) (. xs (iter)))) (while (: "
                                           "true (block (let (= item (. it (next)))) "
                                           "(. item (match (: Some (block (let (= x (. item value))) (block "
                                           "(g x)) void)) (: None (block break))))))))))"},
      {"let x = a ?? b",
       "(let (= x (block (let (= value a)) (if (: (is value Some) (. value value)) (: else b)))))"},
      {"use std::optional::all\nlet x = a?.b(1)",
       "(let (= x (block (let (= value a)) (match value (: (Some (object_literal (: value inner))) "
       "(Some (object_literal (: value (. inner (b 1)))))) (: None (None (object_literal)))))))"},
      {"pub enum E\n  A\n  B { x: i32 }",
       "(obj (A (object_literal))) (obj (B (object_literal (: x i32)))) (pub type (= E (| A B)))"},
      {"enum E\n  A<T: Show> { x: T }\n  B<T>\n  C",
       "(obj (A (generics (: T Show)) (object_literal (: x T)))) (obj (B (generics T) (object_literal))) "
       "(obj (C (object_literal))) "
       "(type (= (E (generics (: T Show))) (| (| (A (generics T)) (B (generics T))) C)))"},
      {"enum E<T>\n  Only<T> { x: T }",
       "(obj (Only (generics T) (object_literal (: x T)))) (type (= (E (generics T)) (Only (generics T))))"});
}

typedef struct ErrorRow {
  const char *source, *phrase, *span;
} ErrorRow;

// spec 02 §5.5 §16: one MD0003 with the phrase and the span, and what remains of the module.
Test(expand, errors) {
  static const ErrorRow ROWS[] = {
      {"macro m(a)\n  a\nlet r = m()", "macro m expected 1 arguments, received 0", "m()"},
      {"macro m(a)\n  panic(\"no way\")\nlet r = m(1)", "no way", "m(1)"},
      {"macro m(a)\n  panic(a)\nlet r = m(f(1))", "(f 1)", "m(f(1))"},
      {"macro m(a)\n  a.length\nlet r = m(1)", "expected form for length", "m(1)"},
      {"macro m(a)\n  a.calls(1)\nlet r = m(f(1))", "expected identifier for calls", "m(f(1))"},
      {"macro m(a)\n  a.argWithLabel(k)\nlet r = m(f(1))", "labeled argument 'k' not found", "m(f(1))"},
      {"macro m(a)\n  let b = a\n  b = 1\nlet r = m(1)", "variable b is not mutable", "m(1)"},
      {"macro m(a)\n  b = 1\nlet r = m(1)", "variable b is not defined", "m(1)"},
      {"macro m(a)\n  x => x\nlet r = m(1)", "received macro lambda", "m(1)"},
      {"macro m\n  1", "macro missing signature", "macro m\n  1"},
      {"macro m(1)\n  1", "parameters are plain identifiers", "macro m(1)\n  1"},
      {"attribute macro m(a)\n  1", "must accept (arguments, declaration)", "attribute macro m(a)\n  1"},
      {"attribute macro isolated(a, b)\n  1", "the name is reserved", "attribute macro isolated(a, b)\n  1"},
      {"attribute macro m(a, b)\n  b\nlet r = m(1, 2)", "must be invoked with '@'", "m(1, 2)"},
      {"macro m(a, b)\n  b\n@m\nfn f() = 1", "functional macro", "@m"},
      {"@nope\nfn f() = 1", "unknown attribute '@nope'", "nope"},
      {"attribute macro m(a, b)\n  b\n@m\n@m\nfn f() = 1", "duplicate user-defined attribute '@m'", "@m"},
      {"attribute macro m(a, b)\n  b\n@m\nf(1)", "must precede a supported declaration", "f(1)"},
      {"@external(id: \"a\")\nuse src::main::all\nfn f() = 1", "must precede a supported declaration",
       "use src::main::all"},
      {"attribute macro m(a, b)\n  b\n@m", "missing a following declaration", "@m"},
      {"attribute macro m(a, b)\n  `(@m $b)\n  emit_many(`(@m), b)\n@m\nfn f() = 1", "depth limit of 64",
       "@m"},
      {"macro m(x)\n  let r = symbol_reference(f)\n  `(let $r = 1)\nfn g()\n  m(1)", "reference-only",
       "m(1)"},
      {"macro m(x)\n  symbol_reference(1)\nlet r = m(1)", "requires an identifier or qualified symbol",
       "m(1)"},
      {"macro two()\n  emit_many(`(f()), `(g()))\nlet r = two()",
       "emit_many needs a statement or declaration position", "two()"},
      {"macro m()\n  `(m())\nlet r = m()", "more than 256 deep", "m()"},
      {"macro m(x)\n  `($x($x))\nlet r = m(m)", "steps of work", "m(m)"},
      {"macro m(x)\n  `(m($x, $x) + m($x, $x))\nlet r = m(1)", "", "m(1)"},
      {"macro m()\n  let f = (n) => f(n + 1)\n  f(0)\nlet r = m()", "", "m()"},
      {"fn f()\n  macro m()\n    1\n  2", "at module level only", "macro m()\n    1"},
      {"macro m(x)\n  1 / 0\nlet r = m(1)", "division by zero", "m(1)"},
      {"macro m(x)\n  x + 1\nlet r = m(a)", "expected numbers for +", "m(a)"},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    Str source = {0};
    Arena arena;
    arena_init(&arena);
    source = arena_format(&arena, "#!no_prelude\n%s\n", ROWS[i].source);
    Expansion *expansion = expand(source.ptr, NULL);
    const DiagnosticSink *sink = &expansion->context.diagnostics;
    cr_expect(!expansion->ok, "no error: %s", ROWS[i].source);
    cr_expect_eq(sink->items.count, 1u, "%s\n%.*s", ROWS[i].source, STR_ARGS(errors_text(expansion)));
    if (sink->items.count > 0) {
      const Diagnostic *diagnostic = sink->items.items[0];
      Str span = sources_text(&expansion->context.sources, diagnostic->span);
      cr_expect_eq(diagnostic->code, DIAGNOSTIC_MD0003);
      cr_expect(strstr(diagnostic->message.ptr, ROWS[i].phrase), "%s\n%s", ROWS[i].source,
                diagnostic->message.ptr);
      cr_expect(str_equal(span, str_from(ROWS[i].span)), "%s\nspan: %.*s", ROWS[i].source, STR_ARGS(span));
    }
    expansion_free(expansion);
    arena_free(&arena);
  }
}

// spec 02 §5.6: the failing form goes, the others stay.
Test(expand, failure_is_local) {
  Expansion *expansion = expand(
      "#!no_prelude\nmacro m(a)\n  a\nlet a = m()\nlet b = m(2)\n@nope\nfn f() = 1\nlet c = m()", NULL);
  Str text = items_text(expansion);
  cr_expect(str_equal(text, STR("(let (= b 2)) (fn (= (f) 1))")), "%.*s", STR_ARGS(text));
  cr_expect_eq(expansion->context.diagnostics.items.count, 3u);
  expansion_free(expansion);
}

typedef struct GraphRow {
  const char *source;
  const char *others[MAX_FILES][2];
  const char *forms;
  const char *error; // or NULL
} GraphRow;

// spec 02 §4 §6
Test(expand, modules) {
  static const GraphRow ROWS[] = {
      {"use src::m::k\nlet r = k(1)",
       {{"m.voyd", "pub macro k(x)\n  `($x + 1)"}},
       "(let (= r (+ 1 1)))",
       NULL},
      {"use src::m::all\nlet r = k(1)",
       {{"m.voyd", "pub macro k(x)\n  `($x + 1)"}},
       "(let (= r (+ 1 1)))",
       NULL},
      {"use src::m::k as j\nlet r = j(k(1))",
       {{"m.voyd", "pub macro k(x)\n  `($x + 1)"}},
       "(let (= r (+ (k 1) 1)))",
       NULL},
      {"use src::m::all\nlet r = k(1)", {{"m.voyd", "macro k(x)\n  `($x + 1)"}}, "(let (= r (k 1)))", NULL},
      {"use src::n::all\nlet r = j(1)",
       {{"m.voyd", "pub macro k(x)\n  `($x + 1)"}, {"n.voyd", "pub use src::m::k as j"}},
       "(let (= r (+ 1 1)))",
       NULL},
      {"use src::m\nlet r = m::k(1)",
       {{"m.voyd", "pub macro k(x)\n  `($x + 1)"}},
       "(let (= r (:: m (k 1))))",
       NULL},
      // a private helper macro of the template's module
      {"use src::m::k\nlet r = k(1)",
       {{"m.voyd", "macro h(x)\n  `($x * 2)\npub macro k(x)\n  `(h($x))"}},
       "(let (= r (* 1 2)))",
       NULL},
      // local beats imported; two imports are ambiguous only when used
      {"use src::m::k\nmacro k(x)\n  `(mine)\nlet r = k(1)",
       {{"m.voyd", "pub macro k(x)\n  `($x + 1)"}},
       "(let (= r mine))",
       NULL},
      {"use src::m::k\nuse src::n::k\nlet r = k(1)",
       {{"m.voyd", "pub macro k(x)\n  1"}, {"n.voyd", "pub macro k(x)\n  2"}},
       "",
       "macro 'k' is ambiguous"},
      {"use src::m::k\nuse src::n::k\nlet r = 1",
       {{"m.voyd", "pub macro k(x)\n  1"}, {"n.voyd", "pub macro k(x)\n  2"}},
       "(let (= r 1))",
       NULL},
      {"use src::m::k\nuse src::n::k\nlet r = k(1)",
       {{"m.voyd", "pub macro k(x)\n  1"}, {"n.voyd", "pub use src::m::k"}},
       "(let (= r 1))",
       NULL},
      // an explicit import beats the prelude
      {"use src::m::'?\?'\nlet r = a ?? b",
       {{"m.voyd", "pub macro '?\?'(l, r)\n  `(mine)"}},
       "(let (= r mine))",
       NULL},
      // emitted uses count in the whole module, emitted macros for importers
      {"let r = k(1)\nmacro bring()\n  `(use src::m::k)\nbring()",
       {{"m.voyd", "pub macro k(x)\n  `($x + 1)"}},
       "(let (= r (+ 1 1)))",
       NULL},
      {"use src::m::k\nlet r = k()",
       {{"m.voyd", "macro make(n)\n  `(pub macro $n() 5)\nmake(k)"}},
       "(let (= r 5))",
       NULL},
      // cyclic imports
      {"use src::m::k\npub macro j(x)\n  `($x * 3)\nlet r = k(1)",
       {{"m.voyd", "use src::main::j\npub macro k(x)\n  `(j($x))\nlet s = j(2)"}},
       "(let (= r (* 1 3)))",
       NULL},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    Expansion *expansion = expand(ROWS[i].source, ROWS[i].others);
    Str text = items_text(expansion);
    cr_expect(str_equal(text, str_from(ROWS[i].forms)), "%s\nwanted: %s\ngot:    %.*s", ROWS[i].source,
              ROWS[i].forms, STR_ARGS(text));
    Str errors = errors_text(expansion);
    cr_expect(ROWS[i].error ? !expansion->ok && memmem(errors.ptr, errors.length, ROWS[i].error,
                                                       strlen(ROWS[i].error)) != NULL
                            : expansion->ok,
              "%s\n%.*s", ROWS[i].source, STR_ARGS(errors));
    expansion_free(expansion);
  }
}

static Str module_items(Expansion *expansion, const char *id) {
  Name name = names_intern(&expansion->context.names, str_from(id));
  const Module *module = graph_module(&expansion->graph, graph_find(&expansion->graph, name));
  Text out = text_new(&expansion->context.arena);
  for (uint32_t i = 0; i < module->items.count; i++) {
    form_print(&expansion->graph.forms, module->items.items[i], &out);
  }
  return text_str(&out);
}

// spec 02 §4 §6: inline modules see the macros above them; an expansion may make one.
Test(expand, inline_modules) {
  Expansion *expansion =
      expand("macro k(x)\n  `($x + 1)\nmod m\n  let a = k(1)\n  let b = j(1)\nmacro j(x)\n  `($x + 2)\n"
             "macro make(n)\n  `(mod $n\n    let c = k(3))\nmake(o)",
             NULL);
  cr_expect(expansion->ok, "%.*s", STR_ARGS(errors_text(expansion)));
  Str inner = module_items(expansion, "src::main::m"), made = module_items(expansion, "src::main::o");
  cr_expect(str_equal(inner, STR("(let (= a (+ 1 1)))(let (= b (j 1)))")), "%.*s", STR_ARGS(inner));
  cr_expect(str_equal(made, STR("(let (= c (+ 3 1)))")), "%.*s", STR_ARGS(made));
  expansion_free(expansion);
}

// The context of the first identifier of that text in a form, or UINT32_MAX.
static uint32_t context_of(const Expansion *expansion, FormId id, Name name) {
  const Form *form = form_get(&expansion->graph.forms, id);
  if (form->kind == FORM_IDENTIFIER) {
    return form->value == name ? form_context(form) : UINT32_MAX;
  }
  uint32_t found = UINT32_MAX;
  for (uint32_t i = 0; form->kind == FORM_LIST && i < form_count(form) && found == UINT32_MAX; i++) {
    found = context_of(expansion, form_element(form, i), name);
  }
  return found;
}

// spec 02 §9.1 §9.2
Test(expand, hygiene) {
  Expansion *expansion =
      expand("use src::m::k\nlet r = k(caller)",
             (const char *const[][2]){{"m.voyd", "pub macro k(x)\n  let t = identifier(\"fresh\")\n"
                                                 "  `(own($x, $t, $(symbol_reference(ref))))"},
                                      {NULL, NULL}});
  cr_assert(expansion->ok, "%.*s", STR_ARGS(errors_text(expansion)));
  const ModuleGraph *graph = &expansion->graph;
  FormId item = graph_module(graph, graph->entry)->items.items[0];
  ModuleId m = graph_find(graph, names_intern(&expansion->context.names, STR("src::m")));
  const char *names[] = {"caller", "own", "fresh", "ref"};
  HygieneKind kinds[] = {HYGIENE_SOURCE, HYGIENE_TEMPLATE, HYGIENE_FRESH, HYGIENE_REFERENCE};
  for (int i = 0; i < 4; i++) {
    uint32_t context =
        context_of(expansion, item, names_intern(&expansion->context.names, str_from(names[i])));
    cr_assert_neq(context, UINT32_MAX);
    cr_expect_eq(graph->contexts.items[context].kind, kinds[i], "%s", names[i]);
    cr_expect(i == 0 ? context == 0 : graph->contexts.items[context].module == m, "%s", names[i]);
  }
  expansion_free(expansion);
}

// spec 02 §10: nodes of the macro stand at the invocation, those of the caller where they were written.
Test(expand, locations) {
  Expansion *expansion = expand("#!no_prelude\nmacro m(x)\n  `(f $x)\nlet r = m(a + 1)", NULL);
  const FormTable *forms = &expansion->graph.forms;
  const Form *let = form_get(forms, graph_module(&expansion->graph, expansion->graph.entry)->items.items[0]);
  const Form *call = form_get(forms, form_element(form_get(forms, form_element(let, 1)), 2));
  const Form *head = form_get(forms, form_element(call, 0)),
             *argument = form_get(forms, form_element(call, 1));
  SourceTable *sources = &expansion->context.sources;
  cr_expect(str_equal(sources_text(sources, form_span(call)), STR("m(a + 1)")));
  cr_expect(str_equal(sources_text(sources, form_span(head)), STR("m(a + 1)")));
  cr_expect(str_equal(sources_text(sources, form_span(argument)), STR("a + 1")));
  expansion_free(expansion);
}

// A chain of macro operators is no nesting of invocations.
Test(expand, long_chains) {
  Text source = text_new(&(Arena){0});
  Arena arena;
  arena_init(&arena);
  source = text_new(&arena);
  text_add(&source, STR("#!no_prelude\nlet r = a"));
  for (int i = 0; i < 100000; i++) {
    text_add(&source, STR(" + a"));
  }
  Expansion *expansion = expand(text_str(&source).ptr, NULL);
  cr_expect(expansion->ok);
  expansion_free(expansion);
  arena_free(&arena);
}
