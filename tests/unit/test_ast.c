// Forms to declarations, statements, expressions, patterns and types (spec 01 §11-§16): each row is one rule.
#include <criterion/criterion.h>

#include "ast/ast.h"

typedef struct Building {
  Context context;
  ModuleGraph graph;
  AstTable ast;
} Building;

static Building *building_new(Str source, bool tests) {
  Building *building = calloc(1, sizeof *building);
  context_init(&building->context);
  graph_init(&building->graph, &building->context);
  ast_init(&building->ast, &building->context);
  GraphOptions options = {.entry = STR("/p/src/main.voyd"),
                          .has_source = true,
                          .source = source,
                          .source_root = STR("/p/src"),
                          .include_tests = tests};
  graph_load(&building->graph, &options);
  for (ModuleId module = 1; module < building->graph.modules.count; module++) {
    ast_build_module(&building->ast, &building->graph, module);
    ast_verify_module(&building->ast, module);
  }
  return building;
}

static void building_free(Building *building) {
  ast_free(&building->ast);
  graph_free(&building->graph);
  context_free(&building->context);
  free(building);
}

// The printed tree on one line: `[label [child] [child]]`.
static Str one_line(Building *building) {
  Text printed = text_new(&building->context.arena);
  ast_print_module(&building->ast, building->graph.entry, &printed);
  Text out = text_new(&building->context.arena);
  uint32_t depth = 0;
  Str rest = text_str(&printed);
  while (rest.length > 0) {
    size_t line = (size_t)((const char *)memchr(rest.ptr, '\n', rest.length) - rest.ptr);
    size_t indent = strspn(rest.ptr, " ");
    for (uint32_t level = (uint32_t)indent / 2; depth > level; depth--) {
      text_add_char(&out, ']');
    }
    text_add(&out, out.count > 0 ? STR(" [") : STR("["));
    text_add(&out, (Str){rest.ptr + indent, line - indent});
    depth = (uint32_t)indent / 2 + 1;
    rest = (Str){rest.ptr + line + 1, rest.length - line - 1};
  }
  text_repeat(&out, ']', depth);
  return text_str(&out);
}

typedef struct TreeRow {
  const char *source, *tree;
} TreeRow;

static const TreeRow tree_rows[] = {
    {"fn f(a: i32, ~b: T, c?: i64, d: i32 = 1) -> i32\n  a",
     "[fn f (a:, ~b:, c?:, d:=) -> [name i32] [name T] [name i64] [name i32] [int 1] [name i32] [block [name "
     "a]]]"},
    {"pub fn f<T, U: Show>(x: T, { label y: U, z: i32, ~w: T }): (Io, open) -> T = x",
     "[pub fn f <T, U:> (x:, label/y:, z/z:, w/~w:) row -> [name Show] [name T] [name U] [name i32] [name T] "
     "[row open [name Io]] [name T] [name x]]"},
    {"fn '=='(a, b): () -> bool g(a)", "[fn '==' (a, b) row -> [row] [name bool] [call [name g] [name a]]]"},
    {"fn f(~p: A) -> ~p\n  p", "[fn f (~p:) -> ~p [name A] [block [name p]]]"},
    {"fn f(cb: fn(A): E -> R, g?: fn(A) -> R): () -> void\n  g(cb)",
     "[fn f (cb:, g?:) row -> [type-function [type-parameter-slot [name A]] [row [name E]] [name R]] "
     "[type-function [type-parameter-slot [name A]] [name R]] [row] [name void] [block [call [name g] [name "
     "cb]]]]"},
    {"obj P<T> : m::Base<T> { api x: i32, pri y?: T, #z: fn(A): E -> R }",
     "[obj P [type-parameter T] [base [path [name m] [name Base [name T]]]] [field api x [name i32]] [field "
     "pri y? [name T]] [field pri z [type-function [type-parameter-slot [name A]] [row [name E]] [name "
     "R]]]]"},
    {"pub val V { x: f64 }", "[pub val V [field x [name f64]]]"},
    {"type U = A | B<i32> | m::C",
     "[type U [type-union [name A] [name B [name i32]] [path [name m] [name C]]]]"},
    {"type F = fn(a: A, ~B, c?: C): () -> R",
     "[type F [type-function [type-parameter-slot [name A]] [type-parameter-slot ~ [name B]] "
     "[type-parameter-slot ? [name C]] [row] [name R]]]"},
    {"type G = (A & B) -> ()",
     "[type G [type-function [type-parameter-slot [type-intersection [name A] [name B]]] [type-tuple]]]"},
    {"type R = { a: i32, b?: (i32, String) }", "[type R [type-record [type-field a [name i32]] [type-field "
                                               "b? [type-tuple [name i32] [name String]]]]]"},
    {"trait T<X>\n  fn m(self) -> i32\n  fn d(self) -> i32\n    1",
     "[trait T [type-parameter X] [fn m (self) -> [name i32]] [fn d (self) -> [name i32] [block [int 1]]]]"},
    {"impl<X: C> Tr<X> for N<X>\n  api fn m(self) -> X\n    self.x\n  # fn p(~self) = 1",
     "[impl [type-parameter X [name C]] [trait [name Tr [name X]]] [target [name N [name X]]] [api fn m "
     "(self) -> [name X] [block [field [name self] [name x]]]] [pri fn p (~self) [int 1]]]"},
    {"eff E<T>\n  op(resume, a: i32) -> T\n  fn stop(tail) -> void",
     "[eff E [type-parameter T] [resume op (a:) -> [name i32] [name T]] [tail stop () -> [name void]]]"},
    {"pub eff ask(resume, n: i32) -> i32", "[pub eff ask [resume ask (n:) -> [name i32] [name i32]]]"},
    {"let x: i32 = 1", "[let x: [name i32] [int 1]]"},
    {"test skip \"works\":\n  1", "[test skip \"works\" [block [int 1]]]"},
    {"@intrinsic(name: \"__sqrt\", uses_signature: true)\npub fn s(x: f64) -> f64 __sqrt(x)",
     "[@intrinsic] [pub fn s (x:) -> [name f64] [name f64] [call [name __sqrt] [name x]]]"},
    {"let e = -1 + 2i64 * 1.5f32",
     "[let e [operator [name +] [int -1] [operator [name *] [int 2i64] [float 1.5f32]]]]"},
    {"let e = a.b.0.f<i32>(x, l: 1)", "[let e [method-call [field [field [name a] [name b]] [name 0]] [name "
                                      "f [name i32]] [name x] [argument l [int 1]]]]"},
    {"let e = a::B<T>::c(1)", "[let e [call [path [name a] [name B [name T]] [name c]] [int 1]]]"},
    {"let e = f<i32>", "[let e [name f [name i32]]]"},
    {"let e = x.T::m(1)", "[let e [method-call [name x] [path [name T] [name m]] [int 1]]]"},
    {"let e = N { a, b: 1, ...c }",
     "[let e [construct [name N] [entry a [name a]] [entry b [int 1]] [spread [name c]]]]"},
    {"let e = m::N<T> { }", "[let e [construct [path [name m] [name N [name T]]]]]"},
    {"let e = E::V(1)", "[let e [call [path [name E] [name V]] [int 1]]]"},
    {"let e = { a, ...b }", "[let e [record [entry a [name a]] [spread [name b]]]]"},
    {"let e = [1, ...xs]", "[let e [array [int 1] [spread [name xs]]]]"},
    {"let e = (1, \"a\", true, void, ())",
     "[let e [tuple [int 1] [string \"a\"] [bool true] [void] [tuple]]]"},
    {"let e = a[1][i..] = 2",
     "[let e [assign [subscript [subscript [name a] [int 1]] [range to-end [name i]]] [int 2]]]"},
    {"let e = (1..=2, ..3, ..)", "[let e [tuple [range inclusive [int 1] [int 2]] [range from-start [int 3]] "
                                 "[range from-start to-end]]]"},
    {"let e = not a is T", "[let e [is [operator [name not] [name a]] [name T]]]"},
    {"let e = '+'(1, 2)", "[let e [call [name '+'] [int 1] [int 2]]]"},
    {"let e = f(1)(2).g", "[let e [field [call [call [name f] [int 1]] [int 2]] [name g]]]"},
    {"let e = f a b: 1", "[let e [call [name f] [name a] [argument b [int 1]]]]"},
    {"let e = \"a${x}b\"",
     "[let e [method-call [method-call [method-call [call [path [name String std] [name init]]] [name "
     "concat] [string \"a\"]] [name concat] [name x]] [name concat] [string \"b\"]]]"},
    {"let e = ~x", "[let e [mutable [name x]]]"},
    {"let e = a |> b", "[let e [operator [name |>] [name a] [name b]]]"},
    {"let e = 2.(x => x + 1)", "[let e [call [lambda (x) [operator [name +] [name x] [int 1]]] [int 2]]]"},
    {"let e = f(1) do(a, b: i32): a", "[let e [call [name f] [int 1] [lambda (a, b:) [name i32] [name a]]]]"},
    {"let e = f(1) on_x(): 2", "[let e [call [name f] [int 1] [argument on_x [lambda () [int 2]]]]]"},
    {"let e = (x: i32, ~y, z?: T) -> i32 => x",
     "[let e [lambda (x:, ~y, z?:) -> [name i32] [name T] [name i32] [name x]]]"},
    {"let e = () => 1", "[let e [lambda () [int 1]]]"},
    {"let e = ((a, b), c) => a", "[let e [lambda ({}, c) [tuple-pattern [bind a] [bind b]] [name a]]]"},
    {"let e = ((x: i32) : E -> i32) => x",
     "[let e [lambda (x:) row -> [name i32] [row [name E]] [name i32] [name x]]]"},
    {"let e = (cb: fn(A): E -> R) => cb", "[let e [lambda (cb:) [type-function [type-parameter-slot [name "
                                          "A]] [row [name E]] [name R]] [name cb]]]"},
    {"let e = fn<T>(a: T) => a", "[let e [lambda <T> (a:) [name T] [name a]]]"},
    {"fn f()\n  let (a, { b: ~c, ...d }): T = e\n  var x = 1\n  x = 2\n  a.b = 3\n  (x, y) = (y, x)\n  "
     "return x\n  return",
     "[fn f () [block [let [typed-pattern [tuple-pattern [bind a] [record-pattern rest [field-pattern b "
     "[bind ~c]] [bind d]]] [name T]] [name e]] [let var [bind x] [int 1]] [assign [name x] [int 2]] [assign "
     "[field [name a] [name b]] [int 3]] [assign [tuple [name x] [name y]] [tuple [name y] [name x]]] "
     "[return [name x]] [return]]]"},
    {"fn f()\n  if a: 1 else: 2", "[fn f () [block [if else [branch [name a] [int 1]] [int 2]]]]"},
    {"fn f()\n  if a then: 1 elif: b then: 2 else: 3",
     "[fn f () [block [if else [branch [name a] [int 1]] [branch [name b] [int 2]] [int 3]]]]"},
    {"fn f()\n  if\n    a: 1\n    b:\n      2",
     "[fn f () [block [if [branch [name a] [int 1]] [branch [name b] [block [int 2]]]]]]"},
    {"fn f()\n  while a:\n    break\n    continue\n    break 1",
     "[fn f () [block [while [name a] [block [break] [continue] [break [int 1]]]]]]"},
    {"fn f()\n  match(v, b)\n    A { x, y: z }: 1\n    m::B<T> as w: 2\n    (p, q): 3\n    else: 4",
     "[fn f () [block [match binder [name v] [bind b] [arm [type-pattern [name A] [record-pattern "
     "[field-pattern x [bind x]] [field-pattern y [bind z]]]] [int 1]] [arm [type-pattern [path [name m] "
     "[name B [name T]]] [bind w]] [int 2]] [arm [tuple-pattern [bind p] [bind q]] [int 3]] [arm [wildcard] "
     "[int 4]]]]]"},
    {"fn f()\n  v.match\n    A: 1",
     "[fn f () [block [match [name v] [arm [type-pattern [name A]] [int 1]]]]]"},
    {"fn f()\n  try open\n    g()\n  E::op(resume, x: i32):\n    resume(x)\n  stop(tail):\n    tail()",
     "[fn f () [block [try open [block [call [name g]]] [handler (resume, x:) [path [name E] [name op]] "
     "[name i32] [block [call [name resume] [name x]]]] [handler (tail) [name stop] [block [call [name "
     "tail]]]]]]]"},
    {"fn f()\n  try\n    g()\n    E::op(resume):\n      resume()",
     "[fn f () [block [try [block [call [name g]]] [handler (resume) [path [name E] [name op]] [block [call "
     "[name resume]]]]]]]"},
    {"fn f()\n  try\n    g() do:\n      1\n    m::E::op(tail, x):\n      tail(x)",
     "[fn f () [block [try [block [call [name g] [lambda () [block [int 1]]]]] [handler (tail, x) [path "
     "[name m] [name E] [name op]] [block [call [name tail] [name x]]]]]]]"},
    // markup
    {"let e = <br/>", "[let e [call [name html_element std] [argument tag [string \"br\"]] [argument "
                      "children [call [path [name "
                      "Array std [name Html std [name void]]] [name init]]]]]]"},
    {"let e = <p class=\"a\" id=\"b\">t {n}</p>",
     "[let e [call [name html_element std] [argument tag [string \"p\"]] [argument attrs [array [call [name "
     "class "
     "std] [string \"a\"]] [call [name attr std] [argument name [string \"id\"]] [argument value [string "
     "\"b\"]]]]] [argument children [array [call [name html_child std] [string \"t \"]] [call [name "
     "html_child "
     "std] [name n]]]]]]"},
    {"let e = <input value={v} on_key_down={M {}} on_input={(e: E) -> M => m} on_click={() => m}/>",
     "[let e [call [name html_element std] [argument tag [string \"input\"]] [argument attrs [array [call "
     "[name "
     "value std] [name v]] [call [name html_event_message std] [argument name [string \"keydown\"]] "
     "[argument "
     "message [construct [name M]]]] [call [name html_event_payload_handler std] [argument name [string "
     "\"input\"]] [argument handler [lambda (e:) -> [name E] [name M] [name m]]]] [call [name "
     "html_event_handler "
     "std] [argument name [string \"click\"]] [argument handler [lambda () [name m]]]]]] [argument children "
     "[call "
     "[path [name Array std [name Html std [name void]]] [name init]]]]]]"},
    {"let e = <ui::Box key={k} wide>a</ui::Box>",
     "[let e [call [name keyed std] [argument key [name k]] [argument child [construct [path [name ui] [name "
     "Box]] "
     "[entry wide [bool true]] [entry children [array [call [name html_child std] [string \"a\"]]]]]]]]"},
};

// spec 01 §11 §12 §13.1 §13.2 §14 §15 §17 §18, 02 §13
Test(ast, builds_the_tree_of_each_construct) {
  for (size_t i = 0; i < sizeof tree_rows / sizeof *tree_rows; i++) {
    Building *building = building_new(str_from(tree_rows[i].source), true);
    Str tree = one_line(building);
    cr_expect(str_equal(tree, str_from(tree_rows[i].tree)), "%s\n  gives  %.*s\n  wanted %s",
              tree_rows[i].source, STR_ARGS(tree), tree_rows[i].tree);
    cr_expect_eq(building->context.diagnostics.items.count, 0, "%s", tree_rows[i].source);
    building_free(building);
  }
}

typedef struct ErrorRow {
  const char *source;
  DiagnosticCode code;
  const char *text; // what the span covers; empty: not compared
  uint32_t occurrence;
} ErrorRow;

static const ErrorRow error_rows[] = {
    {"fn f() -> i32\n", DIAGNOSTIC_MD0002, "fn f() -> i32", 1},
    {"fn f = 1\n", DIAGNOSTIC_MD0002, "f", 2},
    {"fn f<T> = 1\n", DIAGNOSTIC_MD0002, "f", 2},
    {"fn f(): T\n  1\n", DIAGNOSTIC_MD0002, "T", 1},
    {"fn g<1>(a: i32) -> i32\n  a\n", DIAGNOSTIC_MD0002, "1", 1},
    {"fn f(1) -> i32\n  1\n", DIAGNOSTIC_MD0002, "1", 1},
    {"fn f(1: i32) -> i32\n  1\n", DIAGNOSTIC_MD0002, "1: i32", 1},
    {"fn f(a?: i32 = 1) -> i32\n  1\n", DIAGNOSTIC_MD0002, "a?: i32 = 1", 1},
    {"fn f({ a: i32, { b: i32 } })\n  1\n", DIAGNOSTIC_MD0002, "{ b: i32 }", 1},
    {"fn f(a: i32) -> ~a\n  a\n", DIAGNOSTIC_MD0002, "a", 2},
    {"fn f(~a: i32) -> ~b\n  a\n", DIAGNOSTIC_MD0002, "b", 1},
    {"fn f(~a: i32) -> ~(b, c)\n  a\n", DIAGNOSTIC_MD0002, "~(b, c)", 1},
    {"type A\n", DIAGNOSTIC_MD0002, "A", 1},
    {"type A b = i32\n", DIAGNOSTIC_MD0002, "A", 1},
    {"let ~a = 1\n", DIAGNOSTIC_MD0002, "~a", 1},
    {"let (a, b) = (1, 2)\n", DIAGNOSTIC_MD0002, "(a, b)", 1},
    {"let a\n", DIAGNOSTIC_MD0002, "a", 1},
    {"var a = 1\n", DIAGNOSTIC_MD0002, "var a = 1", 1},
    {"obj A\n", DIAGNOSTIC_MD0002, "A", 1},
    {"obj A { n }\n", DIAGNOSTIC_MD0002, "n", 1},
    {"obj A { 1: i32 }\n", DIAGNOSTIC_MD0002, "1", 1},
    {"obj A { api n }\n", DIAGNOSTIC_MD0002, "api n", 1},
    {"val B : A { x: i32 }\n", DIAGNOSTIC_TY9999, "A", 1},
    {"trait T\n", DIAGNOSTIC_MD0002, "trait T", 1},
    {"trait T\n  let x = 1\n", DIAGNOSTIC_MD0002, "let x = 1", 1},
    {"trait T\n  pub fn m(self)\n", DIAGNOSTIC_MD0002, "pub fn m(self)", 1},
    {"trait T\n  fn m(self, a: i32 = 1) -> i32\n", DIAGNOSTIC_MD0002, "1", 1},
    {"impl A\n  let x = 1\n", DIAGNOSTIC_MD0002, "let x = 1", 1},
    {"impl A for\n  fn f() = 1\n", DIAGNOSTIC_MD0002, "for", 1},
    {"impl A B C\n  fn f() = 1\n", DIAGNOSTIC_MD0002, "B", 1},
    {"impl A\n", DIAGNOSTIC_MD0002, "impl A", 1},
    {"impl A\n  fn m(self)\n", DIAGNOSTIC_MD0002, "fn m(self)", 1},
    {"eff E\n", DIAGNOSTIC_MD0002, "eff E", 1},
    {"eff E\n  op(a: i32) -> i32\n", DIAGNOSTIC_MD0002, "a: i32", 1},
    {"eff E\n  op(resume, a: i32 = 1) -> i32\n", DIAGNOSTIC_MD0002, "a: i32 = 1", 1},
    {"eff E\n  op(resume): X -> i32\n", DIAGNOSTIC_MD0002, "op(resume): X -> i32", 1},
    {"eff E\n  op\n", DIAGNOSTIC_MD0002, "op", 1},
    {"foo 1 2\n", DIAGNOSTIC_MD0002, "foo 1 2", 1},
    {"42\n", DIAGNOSTIC_MD0002, "42", 1},
    {"test \"x\"\n", DIAGNOSTIC_MD0002, "test \"x\"", 1},
    {"test:\n  1\n", DIAGNOSTIC_MD0002, "test:\n  1", 1},
    {"fn f()\n  if true\n  1\n", DIAGNOSTIC_MD0002, "if true", 1},
    {"fn f()\n  if true elif: false then: 1 else: 2\n", DIAGNOSTIC_MD0002, "elif: false", 1},
    {"fn f()\n  if true else: 2 then: 1\n", DIAGNOSTIC_MD0002, "else: 2", 1},
    {"fn f()\n  if then: 2\n", DIAGNOSTIC_MD0002, "then: 2", 1},
    {"fn f()\n  if a then: 1 else: 2 else: 3\n", DIAGNOSTIC_MD0002, "else: 3", 1},
    {"fn f()\n  if else: 2\n", DIAGNOSTIC_MD0002, "else: 2", 1},
    {"fn f()\n  while true\n    break\n", DIAGNOSTIC_MD0002, "true", 1},
    {"fn f()\n  match(v)\n    A\n    B: 2\n", DIAGNOSTIC_MD0002, "A", 1},
    {"fn f()\n  match(v)\n    1: 2\n", DIAGNOSTIC_TY9999, "1", 1},
    {"fn f()\n  match(v)\n    { a }: 2\n", DIAGNOSTIC_MD0002, "{ a }", 1},
    {"fn f()\n  try\n  E::op(resume):\n    1\n", DIAGNOSTIC_MD0002, "", 1},
    {"fn f()\n  try\n    g()\n  E::op:\n    1\n", DIAGNOSTIC_MD0002, "E::op", 1},
    {"fn f()\n  try\n    g()\n  E::op(1):\n    1\n", DIAGNOSTIC_MD0002, "1", 1},
    {"fn f()\n  let x\n  1\n", DIAGNOSTIC_MD0002, "let x", 1},
    {"fn f()\n  g(let x = 1)\n", DIAGNOSTIC_MD0002, "let x = 1", 1},
    {"fn f()\n  let 1 = 1\n  2\n", DIAGNOSTIC_MD0002, "1", 1},
    {"fn f()\n  let ~(a, b) = (1, 2)\n  a\n", DIAGNOSTIC_MD0002, "~(a, b)", 1},
    {"fn f()\n  let { a, ...b, ...c } = x\n  a\n", DIAGNOSTIC_MD0002, "{ a, ...b, ...c }", 1},
    {"fn f()\n  let { 1: a } = x\n  a\n", DIAGNOSTIC_MD0002, "1", 1},
    {"fn f()\n  return(1, 2)\n", DIAGNOSTIC_MD0002, "return(1, 2)", 1},
    {"fn f()\n  g(1: 2)\n", DIAGNOSTIC_MD0002, "1: 2", 1},
    {"fn f()\n  { 1 }\n", DIAGNOSTIC_MD0002, "1", 1},
    {"fn f()\n  { a: 1, ... }\n", DIAGNOSTIC_MD0002, "", 1},
    {"fn f()\n  1 + 2 = 3\n", DIAGNOSTIC_MD0002, "1 + 2", 1},
    {"fn f()\n  fn g()\n    1\n", DIAGNOSTIC_MD0002, "fn g()\n    1", 1},
    {"fn f()\n  ((1) => 2)\n", DIAGNOSTIC_MD0002, "1", 1},
    {"type A = { b }\n", DIAGNOSTIC_MD0002, "b", 1},
    {"type A = 1\n", DIAGNOSTIC_MD0002, "1", 1},
    {"type A = fn(i32)\n", DIAGNOSTIC_MD0002, "fn(i32)", 1},
    {"type A = fn<T>(T) -> T\n", DIAGNOSTIC_TY9999, "fn<T>(T) -> T", 1},
    {"@nope\nfn f() = 1\n", DIAGNOSTIC_MD0003, "nope", 1},
    {"@isolated\nfn f() = 1\n", DIAGNOSTIC_MD0002, "fn f() = 1", 1},
    {"trait T\n  @isolated\n  fn m(self) -> i32\n", DIAGNOSTIC_MD0002, "fn m(self) -> i32", 1},
    {"@effect(id: 1)\neff E\n  op(resume)\n", DIAGNOSTIC_MD0003, "@effect(id: 1)", 1},
    {"@effect(id: \"a\")\nfn f() = 1\n", DIAGNOSTIC_MD0003, "@effect(id: \"a\")", 1},
    {"@external(id: \"a\")\n@intrinsic\nfn f() = 1\n", DIAGNOSTIC_MD0003, "@intrinsic", 1},
    {"@result(fresh)\n@result(fresh)\nfn f() = 1\n", DIAGNOSTIC_MD0003, "@result(fresh)", 2},
    {"@result(fresh)\nfn f(~a: A) -> ~a\n  a\n", DIAGNOSTIC_MD0002, "fn f(~a: A) -> ~a\n  a", 1},
    {"@access(staged: b)\nfn f(a: A)\n  1\n", DIAGNOSTIC_MD0002, "fn f(a: A)\n  1", 1},
    {"@access(staged: a)\nfn f(a: A)\n  1\n", DIAGNOSTIC_MD0002, "fn f(a: A)\n  1", 1},
    {"@result(fresh)\n", DIAGNOSTIC_MD0003, "@result(fresh)", 1},
    {"fn f()\n  /// no\n  let x = 1\n  x\n", DIAGNOSTIC_MD0004, "/// no", 1},
    {"/// no\nuse std::math\n", DIAGNOSTIC_MD0004, "/// no", 1},
};

static uint32_t offset_of(const char *source, const char *text, uint32_t occurrence) {
  const char *at = source - 1;
  for (uint32_t i = 0; i < occurrence; i++) {
    at = strstr(at + 1, text);
  }
  return (uint32_t)(at - source);
}

// spec 01 §20, 02 §12
Test(ast, reports_structural_errors_once_at_their_place) {
  for (size_t i = 0; i < sizeof error_rows / sizeof *error_rows; i++) {
    const ErrorRow *row = &error_rows[i];
    Building *building = building_new(str_from(row->source), true);
    DiagnosticSink *sink = &building->context.diagnostics;
    cr_expect_eq(sink->items.count, 1, "%s: %u diagnostics", row->source, sink->items.count);
    if (sink->items.count > 0) {
      const Diagnostic *diagnostic = sink->items.items[0];
      SourceLocation location = sources_locate(&building->context.sources, diagnostic->span);
      Str covered = sources_text(&building->context.sources, diagnostic->span);
      cr_expect_eq(diagnostic->code, row->code, "%s: %s %.*s", row->source,
                   diagnostic_code_text(diagnostic->code), STR_ARGS(diagnostic->message));
      if (row->text[0] != '\0') {
        cr_expect(str_equal(covered, str_from(row->text)), "%s: covers %.*s", row->source, STR_ARGS(covered));
        cr_expect_eq(location.start, offset_of(row->source, row->text, row->occurrence), "%s", row->source);
      }
    }
    building_free(building);
  }
}

Test(ast, drops_a_broken_item_and_keeps_the_others) {
  Building *building = building_new(STR("fn a() = 1\nfn b(1) = g(1: 2)\nfn c() = 3\n"), false);
  cr_assert(str_equal(one_line(building), STR("[fn a () [int 1]] [fn c () [int 3]]")));
  cr_assert_eq(building->context.diagnostics.errors, 2); // both errors of `b`
  building_free(building);
}

Test(ast, an_unknown_attribute_leaves_its_declaration) {
  Building *building = building_new(STR("@nope\nfn a() = 1\n"), false);
  cr_assert(str_equal(one_line(building), STR("[fn a () [int 1]]")));
  cr_assert_eq(building->context.diagnostics.errors, 1);
  building_free(building);
}

Test(ast, tests_are_checked_in_form_but_left_out_unless_wanted) {
  Building *building = building_new(STR("test \"t\":\n  g(1)\n"), false);
  cr_assert_eq(one_line(building).length, 0);
  cr_assert_eq(building->context.diagnostics.errors, 0);
  building_free(building);
  building = building_new(STR("test \"t\":\n  g(1: 2)\n"), false);
  cr_assert_eq(building->context.diagnostics.errors, 1);
  building_free(building);
}

Test(ast, documentation_goes_to_the_leftmost_name_on_the_next_line) {
  Building *building = building_new(STR("//! About.\n//! More.\n"
                                        "/// The function.\n"
                                        "@result(fresh)\n"
                                        "fn f(\n"
                                        "  /// A parameter.\n"
                                        "  a: i32\n"
                                        ") = a\n"
                                        "obj P {\n"
                                        "  /// A field.\n"
                                        "  x: i32\n"
                                        "}\n"
                                        "/// An impl.\n"
                                        "impl P\n"
                                        "  /// A method.\n"
                                        "  fn m(self) = 1\n"
                                        "/// A module.\n"
                                        "mod inner\n"
                                        "  //! Inside.\n"
                                        "  /// A let.\n"
                                        "  let x = 1\n"),
                                    false);
  Context *context = &building->context;
  cr_assert_eq(context->diagnostics.items.count, 0, "%.*s",
               STR_ARGS(sources_text(&context->sources, context->diagnostics.items.items[0]->span)));
  cr_assert(
      str_equal(one_line(building), STR("[doc \" The function.\"] [@result] [fn f (a:) [name i32] [name a]] "
                                        "[obj P [doc \" A field.\"] [field x [name i32]]] "
                                        "[doc \" An impl.\"] [impl [target [name P]] "
                                        "[doc \" A method.\"] [fn m (self) [int 1]]]")));
  cr_assert(str_equal(context_name(context, building->ast.parameters.items[0].documentation),
                      STR(" A parameter.")));
  const Module *entry = graph_module(&building->graph, building->graph.entry);
  cr_assert(str_equal(context_name(context, entry->documentation), STR(" About.\n More.")));
  const Module *inner = NULL;
  for (ModuleId id = 1; id < building->graph.modules.count; id++) {
    inner = graph_module(&building->graph, id)->is_inline ? graph_module(&building->graph, id) : inner;
  }
  cr_assert_not_null(inner);
  cr_assert(str_equal(context_name(context, inner->documentation), STR(" A module.\n Inside.")));
  building_free(building);
}

// 100,000 operators, members, calls and union members nest to the left and right without recursion.
Test(ast, long_chains_need_no_stack) {
  static const char *links[] = {" + a", ".b", ".c(1)", " and a", " is T"};
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    Arena arena;
    arena_init(&arena);
    Text source = text_new(&arena);
    text_add(&source, STR("let e = a"));
    for (int k = 0; k < 100000; k++) {
      text_add(&source, str_from(links[i]));
    }
    Building *building = building_new(text_str(&source), false);
    cr_assert_eq(building->context.diagnostics.errors, 0, "%s", links[i]);
    cr_assert_gt(building->ast.nodes.count, 100000u);
    Text printed = text_new(&arena);
    ast_print_module(&building->ast, building->graph.entry, &printed);
    cr_assert_gt(printed.count, 100000u);
    building_free(building);
    arena_free(&arena);
  }
}

Test(ast, nodes_of_a_function_are_consecutive) {
  Building *building = building_new(STR("fn a(x: i32) = (y => x)\nfn b() = 2\n"), false);
  const AstTable *ast = &building->ast;
  const AstItem *first = &ast->items.items[ast->module_items.items[building->graph.entry].first];
  const AstFunction *a = ast_function(ast, first[0].index);
  const AstFunction *b = ast_function(ast, first[1].index);
  cr_assert_eq(a->end_node, b->first_node);
  cr_assert(a->body >= a->first_node && a->body < a->end_node);
  const AstFunction *lambda = ast_function(ast, ast_node(ast, a->body)->lambda.function);
  cr_assert_eq(lambda->outer, first[0].index);
  cr_assert(lambda->first_node >= a->first_node && lambda->end_node <= a->end_node);
  building_free(building);
}

Test(ast, arguments_of_attributes_can_be_asked_for) {
  Building *building = building_new(STR("@effect(id: \"io\")\neff E\n  op(resume)\n"), false);
  const AstTable *ast = &building->ast;
  const AstItem *item = &ast->items.items[ast->module_items.items[building->graph.entry].first];
  const AstAttribute *attribute = ast_attribute(ast, item->attributes, NAME_EFFECT);
  cr_assert_not_null(attribute);
  const Form *id = ast_attribute_argument(&building->graph.forms, attribute, NAME_ID);
  cr_assert(id != NULL && id->kind == FORM_STRING);
  cr_assert(str_equal(context_name(&building->context, id->value), STR("io")));
  cr_assert_null(ast_attribute_argument(&building->graph.forms, attribute, NAME_VERSION));
  cr_assert_null(ast_attribute(ast, item->attributes, NAME_EXTERNAL));
  building_free(building);
}
