// The reader: source text to base forms (spec 01). Each row of a table is one rule.
#include <criterion/criterion.h>

#include "syntax/syntax.h"

typedef struct Reading {
  Context context;
  FormTable forms;
  SyntaxResult result;
} Reading;

static Reading *reading_new(Str source) {
  Reading *reading = calloc(1, sizeof *reading);
  context_init(&reading->context);
  forms_init(&reading->forms, &reading->context);
  // Another file first: positions in a file are not positions in the program.
  sources_add(&reading->context.sources, STR("other.voyd"), STR("// nothing\n"));
  FileId file = sources_add(&reading->context.sources, STR("test.voyd"), source);
  syntax_read(&reading->forms, file, &reading->result);
  return reading;
}

static void reading_free(Reading *reading) {
  forms_free(&reading->forms);
  context_free(&reading->context);
  free(reading);
}

// The top-level forms, separated by blanks.
static Str forms_text(Reading *reading) {
  const Form *module = form_get(&reading->forms, reading->result.root);
  Text out = text_new(&reading->context.arena);
  for (uint32_t i = 1; i < form_count(module); i++) {
    if (i > 1) {
      text_add_char(&out, ' ');
    }
    form_print(&reading->forms, form_element(module, i), &out);
  }
  return text_str(&out);
}

typedef struct Row {
  const char *source, *forms;
} Row;

static void check_rows(const Row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    Reading *reading = reading_new(str_from(rows[i].source));
    Str text = forms_text(reading);
    cr_expect(str_equal(text, str_from(rows[i].forms)), "source:\n%s\nwanted: %s\ngot:    %.*s\n",
              rows[i].source, rows[i].forms, STR_ARGS(text));
    Text errors = text_new(&reading->context.arena);
    diagnostics_render_text(&reading->context.diagnostics, (DiagnosticStyle){false}, &errors);
    cr_expect(reading->result.ok, "source:\n%s\nerrors: %.*s\n", rows[i].source, STR_ARGS(text_str(&errors)));
    reading_free(reading);
  }
}

#define CHECK_ROWS(...)                                                                                      \
  static const Row ROWS[] = {__VA_ARGS__};                                                                   \
  check_rows(ROWS, sizeof ROWS / sizeof *ROWS)

// spec 01 §2 §3 §3.1 §3.2
Test(syntax, tokens) {
  CHECK_ROWS({"größe λ _a $b a_b$1", "(größe λ _a $b a_b$1)"}, {"f true false", "(f true false)"},
             {"'and more'(5)", "('and more' 5)"}, {"'+'(1, 2)", "('+' 1 2)"}, {"f 'a\\'b'", "(f 'a\\'b')"},
             {"x=-1", "(= x -1)"}, {"a:-1", "(: a -1)"}, {"0..-1", "(.. 0 -1)"}, {"(~x)", "(~ x)"},
             {"\xEF\xBB\xBF"
              "f(1)\r\ng(2)\r\n",
              "(f 1) (g 2)"},
             {"f(1) // comment", "(f 1)"}, {"x // a\n  // b\n\n", "x"}, {"a//b", "a"}, {"=>", "=>"}, {"", ""},
             {"\n\n", ""});
}

// spec 01 §4.1
Test(syntax, numbers) {
  CHECK_ROWS({"f 1 -2 3i64 4i32", "(f 1 -2 3i64 4)"},
             {"f 1.5 2.5f32 3.5f64 4f32 5f64", "(f 1.5 2.5f32 3.5 4f32 5)"},
             {"f 1e5 2.5E-3", "(f 1e5 2.5E-3)"}, {"0..5", "(.. 0 5)"}, {"1.add(2)", "(. 1 (add 2))"},
             {"t.1.0", "(. (. t 1) 0)"}, {"1.5.foo", "(. 1.5 foo)"}, {"a -1", "(a -1)"}, {"a - 1", "(- a 1)"},
             {"a-1", "(- a 1)"}, {"1+2", "(+ 1 2)"}, {"f(-1)", "(f -1)"}, {"f(a,-1)", "(f a -1)"},
             {"[+1]", "(array_literal +1)"}, {"A<-1>(b)", "(A (generics -1) b)"}, {"(a)-1", "(- a 1)"},
             {"a[0]-1", "(- (subscript a 0) 1)"});
}

// spec 01 §4.2, 02 §13.3
Test(syntax, strings) {
  CHECK_ROWS({"\"a b\"", "\"a b\""}, {"\"\"", "\"\""},
             {"\"\\n\\r\\t\\b\\f\\0\\\\\\\"\\'\"", "\"\\n\\r\\t\\b\\f\\0\\\\\\\"'\""},
             {"\"\\${x} $y \\q\"", "\"\\${x} $y \\\\q\""}, {"\"a\nb\"", "\"a\\nb\""},
             {"\"t1 ${e} t2\"", "(interpolation \"t1 \" e \" t2\")"}, {"\"${a}${b}\"", "(interpolation a b)"},
             {"\"${f(\"}\", { a: 1 })}\"", "(interpolation (f \"}\" (object_literal (: a 1))))"},
             {"\"a ${\"b ${c}\"}\"", "(interpolation \"a \" (interpolation \"b \" c))"},
             {"f\n  \"\"\n  g", "(f (block \"\" g))"},
             {"f\n  \"${x}\"\n  g", "(f (block (interpolation x) g))"},
             {"\"${xs.map(x => x + 1)}\".len()", "(. (interpolation (. xs (map (=> x (+ x 1))))) (len))"});
}

// spec 01 §5 §5.1 §5.2 §5.3, 02 §13.2
Test(syntax, groups) {
  CHECK_ROWS(
      {"()", "()"}, {"(e)", "e"}, {"(a, b,)", "(tuple a b)"}, {"[a, b]", "(array_literal a b)"},
      {"[]", "(array_literal)"}, {"{a, b}", "(object_literal a b)"}, {"{}", "(object_literal)"},
      {"name(a, b)", "(name a b)"}, {"name<A, B>", "(name (generics A B))"},
      {"name<A>(a)", "(name (generics A) a)"}, {"x[i]", "(subscript x i)"}, {"-(a)", "(- a)"},
      {"not(x)", "(not x)"}, {"f(a)(b)", "((f a) b)"}, {"f (a)", "(f a)"}, {"f (a, b)", "(f (tuple a b))"},
      {"f()", "(f)"}, {"f ()", "(f ())"}, {"f [1]", "(f (array_literal 1))"},
      {"a.b[0].c[1](2)", "((subscript (. (subscript (. a b) 0) c) 1) 2)"},
      {"a.b[0]", "(subscript (. a b) 0)"}, {"f(x)[0]", "(subscript (f x) 0)"},
      {"a[0][1]", "(subscript (subscript a 0) 1)"}, {"a.f(x)(y)", "((. a (f x)) y)"},
      {"A::b[0]", "(subscript (:: A b) 0)"}, {"-a[0]", "(- (subscript a 0))"}, {"(f)(x)", "(f x)"},
      {"[f](x)", "((array_literal f) x)"}, {"\"abc\"[0]", "(subscript \"abc\" 0)"},
      {"Map<K, Array<V>>", "(Map (generics K (Array (generics V))))"},
      {"Array<T>::init", "(:: (Array (generics T)) init)"}, {"f<() -> T>()", "(f (generics (-> () T)))"},
      {"i < n", "(< i n)"}, {"f<\n  A,\n  B\n>(x)", "(f (generics A B) x)"}, {"a <= b", "(<= a b)"},
      {"i<=n", "(<= i n)"}, {"f(,a,,b,)", "(f a b)"});
}

// spec 01 §6.1, 02 §2.2
Test(syntax, surface_constructs) {
  CHECK_ROWS(
      {"f a b", "(f a b)"}, {"f(a, b)", "(f a b)"}, {"f(x: 1, 2)", "(f (: x 1) 2)"},
      {"a + b * c", "(+ a (* b c))"}, {"-a", "(- a)"}, {"not a", "(not a)"}, {"~a", "(~ a)"},
      {"...a", "(... a)"}, {"a.b", "(. a b)"}, {"a.f(x)", "(. a (f x))"},
      {"a.f<T>(x)", "(. a (f (generics T) x))"}, {"t.0", "(. t 0)"}, {"a.T::f(x)", "(. a (:: T (f x)))"},
      {"a.(x => e)", "(. a (=> x e))"}, {"a.(x) => e", "(. a (=> x e))"},
      {"a.(x: T) -> R => e", "(. a (=> (-> (: x T) R) e))"}, {"a::b::f(x)", "(:: (:: a b) (f x))"},
      {"A<T>::f()", "(:: (A (generics T)) (f))"}, {"a..b", "(.. a b)"}, {"..b", "(.. b)"},
      {"a..", "(.. a ())"}, {"..", ".."}, {"a..=b", "(..= a b)"}, {"a..<b", "(..< a b)"},
      {"x[a..]", "(subscript x (.. a ()))"}, {"x[..]", "(subscript x ..)"},
      {"x[i] = v", "(= (subscript x i) v)"}, {"{ a, b: 1, ...c }", "(object_literal a (: b 1) (... c))"},
      {"T { a: 1 }", "(T (object_literal (: a 1)))"}, {"T<A> { a }", "(T (generics A) (object_literal a))"},
      {"m::T { a }", "((:: m T) (object_literal a))"}, {"x => e", "(=> x e)"},
      {"(a, b) => e", "(=> (a b) e)"}, {"() => e", "(=> () e)"}, {"(a: T) => e", "(=> (: a T) e)"},
      {"(a: T, b: U) -> R => e", "(=> (-> (tuple (: a T) (: b U)) R) e)"},
      {"f\n  s1\n  s2", "(f (block s1 s2))"}, {"let p = e", "(let (= p e))"}, {"var p = e", "(var (= p e))"},
      {"p = e", "(= p e)"}, {"p: T", "(: p T)"}, {"p?: T", "(?: p T)"}, {"p: T = d", "(= (: p T) d)"},
      {"return", "return"}, {"return e", "(return e)"}, {"break", "break"}, {"break e", "(break e)"},
      {"if c: a else: b", "(if (: c a) (: else b))"},
      {"if c then: a elif: d then: e else: b", "(if c (: then a) (: elif d) (: then e) (: else b))"},
      {"if c then:\n  a\nelif: d then:\n  e\nelse: b",
       "(if c (: then (block a)) (: elif d) (: then (block e)) (: else b))"},
      {"if\n  c: a d: b\n  else: e", "(if (: c a) (: d b) (: else e))"},
      {"while c:\n  x", "(while (: c (block x)))"}, {"for p in e:\n  x", "(for (: (in p e) (block x)))"},
      {"match(v)\n  P: e\n  Q: g", "(match v (: P e) (: Q g))"}, {"v.match\n  P: e", "(. v (match (: P e)))"},
      {"match v b\n  P: e", "(match v b (: P e))"}, {"v.match(b)\n  P: e", "(. v (match b (: P e)))"},
      {"try\n  x\nE::op(tail, x):\n  y", "(try (block x) (: (:: E (op tail x)) (block y)))"},
      {"try open\n  x\nop(k):\n  y", "(try open (block x) (: (op k) (block y)))"},
      {"f(1) do(a):\n  b", "(f 1 (=> a (block b)))"},
      {"f(1) on_x(a):\n  b", "(f 1 (: on_x (=> a (block b))))"},
      {"fn f<T: B>(a: T): E -> R\n  x", "(fn (: (f (generics (: T B)) (: a T)) (-> E R)) (block x))"},
      {"fn f(a) -> R = e", "(fn (= (-> (f a) R) e))"}, {"fn f(a) = e", "(fn (= (f a) e))"},
      {"fn(A, B): E -> R", "(: (fn A B) (-> E R))"}, {"A | B | C", "(| A (| B C))"}, {"A & B", "(& A B)"});
}

// spec 01 §7.1 §7.2 §7.3
Test(syntax, layout) {
  CHECK_ROWS({"let x = foo\n  .bar()\n  .baz(1)", "(let (= x (. (. foo (bar)) (baz 1))))"},
             {"let ok = a and\n  b and\n  c", "(let (= ok (and a (and b c))))"},
             {"fn f() -> i32\n  g()\n  1", "(fn (-> (f) i32) (block (g) 1))"},
             {"let y =\n  let t = 2\n  t + 1", "(let (= y (block (let (= t 2)) (+ t 1))))"},
             {"run(1, () =>\n  step()\n  stop()\n)", "(run 1 (=> () (block (step) (stop))))"},
             {"run(\n    1,\n    () =>\n      step()\n      stop(),\n    2)",
              "(run 1 (=> () (block (step) (stop))) 2)"},
             {"a -\n    b -\n    c", "(- a (- b c))"}, {"a\n  - b\n  - c", "(- (- a b) c)"},
             {"if a and\n    b:\n  c", "(if (: (and a b) (block c)))"},
             {"f(1) or\n  b do:\n    c", "(or (f 1) (b (=> () (block c))))"}, {"x =\n3", "(= x 3)"},
             {"let r = 2 +\n3", "(let (= r (+ 2 3)))"}, {"f(\n  a\n  + b\n)", "(f (+ a b))"},
             {"f(a\n, b)", "(f a b)"}, {"f\n    a\n    b\ng", "(f (block a b)) g"},
             {"f\n  -x\n  y", "(f (block (- x) y))"}, {"f\n  - x", "(- f x)"}, {"a\n-b", "a (- b)"},
             {"type A =\n  B |\n  C", "(type (= A (block (| B C))))"},
             {"type A = B |\n  C |\n  D", "(type (= A (| B (| C D))))"},
             {"type A = B\n  | C\n  | D", "(type (= A (| B (| C D))))"},
             {"type A =\n  | B\n  | C", "(type (= A (| B C)))"},
             {"if c: 1, d: 2, else: 3", "(if (: c 1) (: d 2) (: else 3))"},
             {"let x = if c: 1, else: 3", "(let (= x (if (: c 1) (: else 3))))"},
             {"f(if c: 1, d)", "(f (if (: c 1)) d)"},
             {"f(x =>\n  if c: 1, d: 2, else: 3\n)", "(f (=> x (block (if (: c 1) (: d 2) (: else 3)))))"},
             {"let v = try open\n    p()\n  E::op(k):\n    1",
              "(let (= v (try open (block (p)) (: (:: E (op k)) (block 1)))))"},
             {"a\n  b\n\n // c\n  d\n", "(a (block b d))"},
             // the last line end may be missing
             {"a\n  -\n", "(- a ())"}, {"a\n  -", "(- a ())"});
}

// spec 01 §8.1 §8.2
Test(syntax, operators) {
  CHECK_ROWS(
      {"a or b and c", "(and (or a b) c)"}, {"not a == b", "(== (not a) b)"},
      {"not x is T", "(is (not x) T)"}, {"not a.b", "(not (. a b))"}, {"-a.b", "(- (. a b))"},
      {"a and x is T", "(and a (is x T))"}, {"a < b < c", "(< (< a b) c)"}, {"0..n - 1", "(.. 0 (- n 1))"},
      {"x = a = b", "(= x (= a b))"}, {"x: a and b", "(: x (and a b))"}, {"c: i32 = 3", "(= (: c i32) 3)"},
      {"a and b: c", "(: (and a b) c)"}, {"A | fn(A) -> B", "(| A (-> (fn A) B))"},
      {"f() -> A | B = e", "(= (-> (f) (| A B)) e)"}, {"let x: A | B = e", "(let (= (: x (| A B)) e))"},
      {"(+ $a 1)", "(+ $a 1)"}, {"(: $n $t)", "(: $n $t)"}, {"(= $a $b)", "(= $a $b)"},
      {"calls(x, =>)", "(calls x =>)"}, {"calls(x, :)", "(calls x :)"}, {"(- $a 1)", "(- $a 1)"},
      {"a ?? 3 + 5", "(?? a (+ 3 5))"}, {"a - b - c", "(- (- a b) c)"}, {"a * b |> c", "(* a (|> b c))"},
      {"A -> B -> C", "(-> A (-> B C))"}, {"A & B | C", "(| (& A B) C)"},
      {"A | B & C | D", "(| A (| (& B C) D))"}, {"a?.b(c)", "(?. a (b c))"}, {"...xs.ys", "(... (. xs ys))"},
      {"a as b", "(as a b)"}, {"(2..)", "(.. 2 ())"},
      {"for i in 2..:\n  x", "(for (: (in i (.. 2 ())) (block x)))"},
      {"cb: fn(A): E -> R", "(: (: cb (fn A)) (-> E R))"}, {"cb: fn(A) -> R", "(: cb (-> (fn A) R))"},
      {"fn f() -> fn(A) -> R\n  x", "(fn (-> (f) (-> (fn A) R)) (block x))"},
      {"(x: T): E -> R => e", "(=> (: (: x T) (-> E R)) e)"},
      {"((x: T) : E -> R) => e", "(=> (: (: x T) (-> E R)) e)"}, {"@access(self)", "(@ (access self))"},
      {"# fn f()\n  x", "(# (fn (f) (block x)))"}, {"pri n: T", "(pri (: n T))"},
      {"fn f(x: i32): () -> i32 g(x)", "(fn (: (f (: x i32)) (-> () i32)) (g x))"});
}

// spec 01 §8.2 §8.3
Test(syntax, juxtaposed_calls) {
  CHECK_ROWS({"fib n - 1", "(fib (- n 1))"}, {"f x + g y", "(f (+ x g) y)"}, {"a + f x", "(+ a (f x))"},
             {"x.foo 1 2", "(. x (foo 1 2))"}, {"clamp v min: 0 max: 10", "(clamp v (: min 0) (: max 10))"},
             {"f -1", "(f -1)"}, {"f -x", "(- f x)"}, {"f(-x)", "(f (- x))"}, {"f(a) b", "(f a b)"},
             {"f(a) (x) => e", "(f a (=> x e))"}, {"f not x", "(f (not x))"}, {"not f x", "(not (f x))"},
             {"return f x", "(return (f x))"}, {"return match(x)\n  A: 1", "(return (match x (: A 1)))"},
             {"impl<T> Show for T\n  f", "(impl (generics T) Show for T (block f))"}, {"`(f a)", "(` (f a))"},
             {"` x", "(` x)"}, {"$(e).m()", "(. ($ e) (m))"}, {"$x.foo", "(. $x foo)"},
             {"(a + b) c", "((+ a b) c)"});
}

// spec 01 §9.1 §9.2 §9.3 §9.4
Test(syntax, clauses) {
  CHECK_ROWS({"if\n  x < 4:\n    a()\n  else:\n    b()", "(if (: (< x 4) (block (a))) (: else (block (b))))"},
             {"if c:\n  a\nelse:\n  b", "(if (: c (block a)) (: else (block b)))"},
             {"let x = if c:\n  a\nelse:\n  b", "(let (= x (if (: c (block a)) (: else (block b)))))"},
             {"x.reduce(0)\ndone: f", "(. x (reduce 0 (: done f)))"},
             {"x = g(1)\ndo: f", "(= x (g 1 (=> () f)))"},
             {"f(1)\n  init: 0\n  step(a, b): a", "(f 1 (: init 0) (: step (=> (a b) a)))"},
             {"f() do: body", "(f (=> () body))"}, {"f() do(p): body", "(f (=> p body))"},
             {"f() do(a, b: i32): body", "(f (=> (a (: b i32)) body))"},
             {"f() name(): body", "(f (: name (=> () body)))"},
             {"f() name(p, q): body", "(f (: name (=> (p q) body)))"},
             {"f() name: body", "(f (: name body))"}, {"5.with() do(x): x", "(. 5 (with (=> x x)))"},
             {"(with(5) do(x): x * 2) * 3", "(* (with 5 (=> x (* x 2))) 3)"},
             {"let r = f(1) do(x):\n  x", "(let (= r (f 1 (=> x (block x)))))"},
             {"g(1) + f(1) do(x): x", "(+ (g 1) (f 1 (=> x x)))"}, {"if f(a): b", "(if (: (f a) b))"},
             {"match(p)\n  Dog { age }: age", "(match p (: (Dog (object_literal age)) age))"},
             {"p.match\nA: 1", "(. p (match (: A 1)))"}, {"f(on(x): y)", "(f (: on (=> x y)))"},
             {"if a:\n  1\nb:\n  2\nelse:\n  3", "(if (: a (block 1)) (: b (block 2)) (: else (block 3)))"},
             {"f\n  A\n  B: 2", "(f (block A (: B 2)))"}, {"x\ny: 1", "x (: y 1)"},
             {"test skip \"d\":\n  x", "(test skip (: \"d\" (block x)))"});
}

// spec 01 §10
Test(syntax, constructors) {
  CHECK_ROWS(
      {"f A { x: 1 } b", "(f (A (object_literal (: x 1))) b)"}, {"obj N {}", "(obj (N (object_literal)))"},
      {"obj N<T>: B { x: T }", "(obj (: (N (generics T)) (B (object_literal (: x T)))))"},
      {"return P { x }", "(return (P (object_literal x)))"}, {"(N) { x }", "(N (object_literal x))"},
      {"P{ x }.x", "(. (P (object_literal x)) x)"}, {"a::m::N { x }", "((:: (:: a m) N) (object_literal x))"},
      {"m::N<A> { x }", "((:: m (N (generics A))) (object_literal x))"},
      {"use m::{ a, b as c }", "(use (:: m (object_literal a (as b c))))"},
      {"{ f: x: T => e }", "(object_literal (: f (=> (: x T) e)))"},
      {"{ f: (x: T) => e, g: 1 }", "(object_literal (: f (=> (: x T) e)) (: g 1))"},
      {"{ a: if c: 1 else: 2, b: 3 }", "(object_literal (: a (if (: c 1) (: else 2))) (: b 3))"},
      {"{ a: f(1) do: 3 }", "(object_literal (: a (f 1 (=> () 3))))"},
      {"f({ plus offset: i32 })", "(f (object_literal (plus (: offset i32))))"},
      {"{\n  a: 1,\n  b: 2,\n}", "(object_literal (: a 1) (: b 2))"},
      {"f\n{ a: 1 }", "f (object_literal (: a 1))"},
      {"A\n  { a: 1 }", "(A (block (object_literal (: a 1))))"}, {"'N' { x }", "('N' (object_literal x))"});
}

// spec 01 §17, 02 §13.5
Test(syntax, markup) {
  CHECK_ROWS({"<br/>", "(markup br ())"},
             {"x = <a href=\"#\" on/>", "(= x (markup a ((: href \"#\") (: on true))))"},
             {"<a b='x \"y\"' c={d + 1}></a>", "(markup a ((: b \"x \\\"y\\\"\") (: c (+ d 1))) ())"},
             {"<p>\n  some   text {x} and\n  more <b>bold</b>\n  {y}\n</p>",
              "(markup p () (\"some text \" x \" and more \" (markup b () (\"bold\")) y))"},
             {"<pre> a\n  b </pre>", "(markup pre () (\" a\\n  b \"))"},
             {"<ui::Card title=\"t\" />", "(markup (:: ui Card) ((: title \"t\")))"},
             {"<p>{}</p>", "(markup p () ())"}, {"(<b/>)", "(markup b ())"},
             {"f(<b/>, <i/>)", "(f (markup b ()) (markup i ()))"},
             {"<ul>\n  {xs.map() do(x):\n    <li>{x}</li>\n  }\n</ul>",
              "(markup ul () ((. xs (map (=> x (block (markup li () (x))))))))"},
             {"<a on_click={x => y}>t</a>.b", "(. (markup a ((: on_click (=> x y))) (\"t\")) b)"},
             {"<my-tag/>", "(markup my-tag ())"},
             {"<input value=\"1\" checked disabled/>",
              "(markup input ((: value \"1\") (: checked true) (: disabled true)))"});
}

// --- errors (§20, R rows): the message's key phrase, the text of the span, the number of errors

typedef struct ErrorRow {
  const char *source, *phrase, *span;
  int count;
} ErrorRow;

static void check_errors(const ErrorRow *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    Reading *reading = reading_new(str_from(rows[i].source));
    const DiagnosticSink *sink = &reading->context.diagnostics;
    cr_expect(!reading->result.ok, "no error: %s", rows[i].source);
    cr_expect_eq((int)sink->errors, rows[i].count, "%d errors: %s", (int)sink->errors, rows[i].source);
    bool found = false;
    for (uint32_t k = 0; k < sink->items.count; k++) {
      const Diagnostic *diagnostic = sink->items.items[k];
      Str span = sources_text(&reading->context.sources, diagnostic->span);
      found |= strstr(diagnostic->message.ptr, rows[i].phrase) && str_equal(span, str_from(rows[i].span));
      if (k == 0 &&
          !(strstr(diagnostic->message.ptr, rows[i].phrase) && str_equal(span, str_from(rows[i].span)))) {
        cr_log_warn("first: %s: '%.*s'", diagnostic->message.ptr, STR_ARGS(span));
      }
    }
    cr_expect(found, "missing '%s' at '%s': %s", rows[i].phrase, rows[i].span, rows[i].source);
    reading_free(reading);
  }
}

#define CHECK_ERRORS(...)                                                                                    \
  static const ErrorRow ROWS[] = {__VA_ARGS__};                                                              \
  check_errors(ROWS, sizeof ROWS / sizeof *ROWS)

// spec 01 §20
Test(syntax, lexical_errors) {
  CHECK_ERRORS({"f()\n\tg()\n\th()", "tabs are not supported", "\t", 1},
               {"f(\"abc\ng()\n", "unterminated string literal", "\"", 1},
               {"x = \"abc\ny = 1", "unterminated string literal", "\"", 1},
               {"x = \"a ${b\ny = 1", "unterminated string literal", "\"", 1},
               {"x = 0xff", "invalid number literal", "0xff", 1},
               {"1_000", "invalid number literal", "1_000", 1},
               {"1.5i32", "invalid number literal", "1.5i32", 1}, {"f(a))", "unexpected ')'", ")", 1},
               {"]", "unexpected ']'", "]", 1}, {"f(a, [b, c)\ng()", "unclosed '['", "[", 1},
               {"f(a]\ng()", "unexpected ']'", "]", 1}, {"f(a ] b)\ng()", "unexpected ']'", "]", 1},
               {"f(a\ng(b)", "unclosed '('", "(", 1}, {"if i<n: 1", "unclosed generic list", "<", 1},
               {"f(i<n, 1)", "unclosed generic list", "<", 1},
               {"while i<n and a > b:\n  x", "unclosed generic list", "<", 1},
               {"a && b", "unknown operator '&&'", "&&", 1}, {"a \\ b", "unknown operator '\\'", "\\", 1},
               {"a >> b", "unknown operator '>>'", ">>", 1}, {"a ? b", "unknown operator '?'", "?", 1},
               {"f 'abc\ng()", "unterminated quoted identifier", "'", 1},
               {"a \x01 b", "unexpected character", "\x01", 1},
               {"a \xEF\xBB\xBF b", "unexpected character U+FEFF", "\xEF\xBB\xBF", 1},
               {"\"${}\"", "exactly one expression", "${}", 1}, {"x = \xff", "invalid UTF-8", "\xff", 1});
}

// spec 01 §20
Test(syntax, layout_errors) {
  CHECK_ERRORS({"f\n    a\n  b\ng", "inconsistent indentation", "b", 1},
               {"x =\n    a\n  b: c\n", "inconsistent indentation", "b: c", 1},
               {"f a, b", "unexpected ','", ",", 1}, {"f(a\n  b: 1\nc)", "expected ','", "c", 1},
               {"x[]", "exactly one index", "[]", 1}, {"x[a, b]", "exactly one index", "[a, b]", 1},
               {"P { x: 1 y: 2 }", "Expected ',' before 'y' in braces", "y", 1},
               {"P {\n  x: 1\n  y: 2\n}", "Expected ',' before 'y' in braces", "y", 1},
               {"P { x: 1\n    y: 2 }", "Expected ',' before 'y' in braces", "y", 1},
               {"obj P { x: i32 y: i32 z: i32 }", "Expected ',' before 'y' in braces", "y", 1});
}

// spec 01 §14.7 §20
Test(syntax, use_errors) {
  CHECK_ERRORS({"use std:math", "Invalid module access syntax", ":", 1},
               {"use std::{}", "at least one selection", "{}", 1},
               {"use std::math::", "a path on both sides of '::'", "std::math::", 1},
               {"use a as 1", "use alias requires", "a as 1", 1},
               {"use a::{ b, 1 }", "unsupported use path entry", "1", 1},
               {"use 1", "unsupported use path", "1", 1},
               {"pub use a:b", "Invalid module access syntax", ":", 1},
               {"pub a::{}", "at least one selection", "{}", 1},
               {"mod m\n  use a:b", "Invalid module access syntax", ":", 1},
               {"use a b", "unsupported use path", "use a b", 1},
               {"use a::{ b::{} }", "at least one selection", "{}", 1});
}

// spec 01 §17 §20
Test(syntax, markup_errors) {
  CHECK_ERRORS(
      {"x = <a b=c/>", "Attribute value must be quoted", "c", 1},
      {"x = <a b=\"c/>", "Unterminated attribute value", "\"", 1},
      {"x = <a></b>", "Mismatched closing tag, expected a but got b", "b", 1},
      {"x = <a></a", "Malformed closing tag", "a", 1}, {"x = <a>text", "Expected closing tag", "<a>", 1},
      {"x = <a b={}/>", "Unescaped curly brace", "{}", 1}, {"x = <a *>", "Malformed tag", "*", 1},
      {"if a <b:\n  c", "Malformed tag", ":", 1}, {"x = <a> < b </a>", "Malformed tag", "<", 1},
      {"<div value=\"x\"/>", "JSX property 'value' has no stable SSR representation", "value=\"x\"", 1},
      {"<p checked/>", "JSX property 'checked'", "checked", 1},
      {"<p disabled={a}/>", "JSX property 'disabled'", "disabled={a}", 1});
}

// Each independent mistake once, and what stands between them is read.
Test(syntax, recovery) {
  Reading *reading =
      reading_new(STR("fn a()\n  f(1\n\nfn b()\n  x = 0xff\n\nfn c()\n  \"open\n\nfn d()\n  p(]\n"));
  const DiagnosticSink *sink = &reading->context.diagnostics;
  cr_expect_eq(sink->errors, 4u, "%u", sink->errors);
  const char *phrases[] = {"unclosed '('", "invalid number literal", "unterminated string", "unexpected ']'"};
  for (uint32_t i = 0; i < 4 && i < sink->items.count; i++) {
    cr_expect(strstr(sink->items.items[i]->message.ptr, phrases[i]), "%s", sink->items.items[i]->message.ptr);
  }
  Str text = forms_text(reading);
  cr_expect(
      str_equal(
          text,
          STR("(fn (a) (block (f 1))) (fn (b) (block (= x 0))) (fn (c) (block \"\")) (fn (d) (block (p)))")),
      "%.*s", STR_ARGS(text));
  reading_free(reading);
}

static Str repeated(Arena *arena, const char *before, const char *unit, uint32_t times, const char *after) {
  Text text = text_new(arena);
  text_add(&text, str_from(before));
  for (uint32_t i = 0; i < times; i++) {
    text_add(&text, str_from(unit));
  }
  text_add(&text, str_from(after));
  return text_str(&text);
}

Test(syntax, nesting_is_limited) {
  Arena arena;
  arena_init(&arena);
  const char *units[] = {"(",    "[",   "{",  "f(",   "-(",    "not ",  "x => (",
                         "\"${", "<a>", "f<", "x = ", "a -> ", "{ a: ", "x =\n"};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    Reading *reading = reading_new(repeated(&arena, "", units[i], 100000, "1"));
    cr_expect(!reading->result.ok, "%s", units[i]);
    reading_free(reading);
  }
  Reading *reading = reading_new(repeated(&arena, repeated(&arena, "", "(", 1000, "1").ptr, ")", 1000, ""));
  cr_expect(reading->result.ok);
  reading_free(reading);
  reading = reading_new(repeated(&arena, repeated(&arena, "", "(", 1001, "1").ptr, ")", 1001, ""));
  cr_expect_eq(reading->context.diagnostics.errors, 1u);
  cr_expect(strstr(reading->context.diagnostics.items.items[0]->message.ptr, "nested too deeply"));
  SourceLocation where =
      sources_locate(&reading->context.sources, reading->context.diagnostics.items.items[0]->span);
  cr_expect_eq(where.column, 1001u);
  reading_free(reading);
  arena_free(&arena);
}

// Chains are not nesting.
Test(syntax, long_chains) {
  Arena arena;
  arena_init(&arena);
  const char *units[] = {" + a", ".b", "::c", " and d", " a", ", a"};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    bool call = units[i][0] == ',';
    Reading *reading = reading_new(repeated(&arena, call ? "f(x" : "x", units[i], 100000, call ? ")" : ""));
    cr_expect(reading->result.ok, "%s", units[i]);
    cr_expect(forms_text(reading).length > 100000);
    reading_free(reading);
  }
  arena_free(&arena);
}

// spec 01 §2 §16
Test(syntax, directive_and_docs) {
  Reading *reading =
      reading_new(STR("//! about\n#!no_prelude here\n/// one\n/// two\n// plain\n@a\nfn f()\n  1\n"
                      "  /// three\n\n//// four\nobj P {\n  /// x\n  x: i32\n}\n"));
  cr_expect(reading->result.ok);
  cr_expect(reading->result.no_prelude);
  cr_assert_eq(reading->result.doc_count, 5u);
  const DocComment *docs = reading->result.docs;
  SourceTable *sources = &reading->context.sources;
  cr_expect_eq(docs[0].kind, DOC_INNER);
  cr_expect(str_equal(docs[0].text, STR(" about")));
  cr_expect(str_equal(docs[1].text, STR(" one\n two")));
  cr_expect(str_equal(sources_text(sources, docs[1].span), STR("/// one\n/// two")));
  cr_expect(str_equal(sources_text(sources, docs[1].target), STR("fn f()")));
  cr_expect(!span_known(docs[2].target)); // a blank line follows
  cr_expect(str_equal(docs[3].text, STR("/ four")));
  cr_expect(str_equal(sources_text(sources, docs[4].target), STR("x: i32")));
  cr_expect_eq(docs[4].indent, 2u);
  cr_assert_eq(reading->context.diagnostics.items.count, 1u);
  cr_expect_eq(reading->context.diagnostics.items.items[0]->code, DIAGNOSTIC_MD0004);
  reading_free(reading);
}

// Spans are exact: atoms their characters, lists first to last constituent with closing bracket.
static void collect_spans(Reading *reading, FormId id, Text *out) {
  const Form *form = form_get(&reading->forms, id);
  if (span_known(form_span(form))) {
    text_add_char(out, '|');
    text_add(out, sources_text(&reading->context.sources, form_span(form)));
  }
  for (uint32_t i = 0; form->kind == FORM_LIST && i < form_count(form); i++) {
    collect_spans(reading, form_element(form, i), out);
  }
}

Test(syntax, only_the_lines_of_the_parts_are_read) {
  const Str source = STR("a\n// no\nimpl T\n  fn f() = 1\n  fn g() =\n    2\n\n  fn h() = 3\nlast(");
  Reading *reading = reading_new(STR(""));
  FileId file = sources_add(&reading->context.sources, STR("parts.voyd"), source);
  // `impl T`, `fn g() = 2`
  const SyntaxPart parts[] = {{8, 15}, {28, 45}};
  syntax_read_parts(&reading->forms, file, parts, 2, &reading->result);
  cr_expect(reading->result.ok);
  cr_expect_eq(reading->result.lines, 4); // the end of the text counts as one
  Str text = forms_text(reading);
  cr_expect(str_equal(text, STR("(impl T (block (fn (= (g) (block 2)))))")), "%.*s", STR_ARGS(text));
  const Form *module = form_get(&reading->forms, reading->result.root);
  SourceLocation place = sources_locate(&reading->context.sources,
                                        form_span(form_get(&reading->forms, form_element(module, 1))));
  cr_expect(place.line == 3 && place.end_line == 6 && place.end_column == 6);
  reading_free(reading);
}

Test(syntax, spans) {
  static const Row ROWS[] = {
      {"a + f(x, (y * 2)) ", "|a + f(x, (y * 2))|+|a|f(x, (y * 2))|f|x|y * 2|*|y|2"},
      {"(a + b) * c", "|(a + b) * c|*|a + b|+|a|b|c"},
      {"x[i].f<T>(\"s\")", "|x[i].f<T>(\"s\")|.|x[i]|x|i|f<T>(\"s\")|f|<T>|T|\"s\""},
      {"let p = -q", "|let p = -q|let|p = -q|=|p|-q|-|q"},
      {"P { x: 1 }", "|P { x: 1 }|P|{ x: 1 }|x: 1|:|x|1"},
      {"if c:\n  a\nelse:\n  b", "|if c:\n  a\nelse:\n  b|if|c:\n  a|:|c|a|a|else:\n  b|:|else|b|b"},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    Reading *reading = reading_new(str_from(ROWS[i].source));
    const Form *module = form_get(&reading->forms, reading->result.root);
    Text out = text_new(&reading->context.arena);
    collect_spans(reading, form_element(module, 1), &out);
    cr_expect(str_equal(text_str(&out), str_from(ROWS[i].forms)), "%s\nwanted %s\ngot    %.*s",
              ROWS[i].source, ROWS[i].forms, STR_ARGS(text_str(&out)));
    reading_free(reading);
  }
}
