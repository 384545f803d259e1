// The module graph over virtual files: paths to files, `use` entries, packages, the work list, and what is
// reported when something is missing (spec 03 §1-§4, §8, §11.2).
#include <criterion/criterion.h>

#include "graph/graph.h"
#include "graph/library.h"

typedef struct Loading {
  Context context;
  ModuleGraph graph;
  bool ok;
} Loading;

enum { MAX_FILES = 12 };

typedef struct Program {
  const char *files[MAX_FILES][2]; // path below /p, text; the first is the entry
} Program;

static Loading *load_with(const Program *program, const GraphOptions *options) {
  const Str directories[] = {STR("/p/packages")};
  Loading *loading = calloc(1, sizeof *loading);
  Context *context = &loading->context;
  context_init(context);
  graph_init(&loading->graph, context);
  VirtualFile files[MAX_FILES];
  uint32_t count = 0;
  while (count < MAX_FILES && program->files[count][0] != NULL) {
    Str path = arena_format(&context->arena, "/p/%s", program->files[count][0]);
    files[count] = (VirtualFile){path, str_from(program->files[count][1])};
    count++;
  }
  GraphOptions all = *options;
  all.entry = files[0].path;
  all.files = files;
  all.file_count = count;
  all.package_dirs = directories;
  all.package_dir_count = 1;
  loading->ok = graph_load(&loading->graph, &all);
  return loading;
}

static Loading *load(const Program *program) {
  return load_with(program, &(GraphOptions){0});
}

static void loading_free(Loading *loading) {
  graph_free(&loading->graph);
  context_free(&loading->context);
  free(loading);
}

static ModuleId module_of(Loading *loading, const char *id) {
  return graph_find(&loading->graph, names_intern(&loading->context.names, str_from(id)));
}

static bool has(Loading *loading, const char *id) {
  return module_of(loading, id) != 0;
}

// The entries of a module without the prelude: `module[.member] selection target as alias`.
static Str uses_text(Loading *loading, const char *id) {
  static const char *selections[] = {"module", "all", "name"};
  Context *context = &loading->context;
  const Module *module = graph_module(&loading->graph, module_of(loading, id));
  Text out = text_new(&context->arena);
  for (uint32_t i = 0; i < module->uses.count; i++) {
    const UseEntry *use = &module->uses.items[i];
    if (use->is_prelude) {
      continue;
    }
    text_add(&out, out.count > 0 ? STR("; ") : STR(""));
    text_add(&out, use->is_public ? STR("pub ") : STR(""));
    text_add(&out, use->module != 0 ? context_name(context, graph_module(&loading->graph, use->module)->id)
                                    : STR("?"));
    if (use->member != NAME_EMPTY) {
      text_format(&out, ".%.*s", STR_ARGS(context_name(context, use->member)));
    }
    text_format(&out, " %s", selections[use->selection]);
    if (use->selection == SELECT_NAME) {
      text_format(&out, " %.*s", STR_ARGS(context_name(context, use->target)));
    }
    if (use->selection != SELECT_ALL) {
      text_format(&out, " as %.*s", STR_ARGS(context_name(context, use->alias)));
    }
  }
  return text_str(&out);
}

// The codes of all diagnostics with what their spans cover: `MD0001 use src::a`.
static Str reports_text(Loading *loading) {
  Context *context = &loading->context;
  Text out = text_new(&context->arena);
  for (uint32_t i = 0; i < context->diagnostics.items.count; i++) {
    const Diagnostic *diagnostic = context->diagnostics.items.items[i];
    Str covered = sources_text(&context->sources, diagnostic->span);
    text_format(&out, "%s%s %.*s", i > 0 ? "; " : "", diagnostic_code_text(diagnostic->code),
                STR_ARGS(covered));
  }
  return text_str(&out);
}

#define EXPECT_TEXT(actual, wanted)                                                                          \
  do {                                                                                                       \
    Str text_ = (actual);                                                                                    \
    cr_expect(str_equal(text_, str_from(wanted)), "gives  %.*s\nwanted %s", STR_ARGS(text_), wanted);        \
  } while (0)

// ---- `use` entries (03 §2.2) ----

typedef struct UseRow {
  const char *use, *entries;
} UseRow;

static const UseRow use_rows[] = {
    {"use src::math", "src::math module as math"},
    {"use src::math as m", "src::math module as m"},
    {"use src::math::add", "src::math name add as add"},
    {"use src::math::add as plus", "src::math name add as plus"},
    {"use src::math::all", "src::math all"},
    {"use src::math::self", "src::math module as math"},
    {"use src::math::{ self, add, self as m }",
     "src::math module as math; src::math name add as add; src::math module as m"},
    {"use src::{ math, math::{ add } }", "src::math module as math; src::math name add as add"},
    {"use src::math::vec3", "src::math name vec3 as vec3"},
    {"use src::math::vec3::one", "src::math::vec3 name one as one"},
    {"use super::math", "src::math module as math"},
    {"use super::{ math }", "src::math module as math"},
    {"use super::math::add", "src::math name add as add"},
    {"pub use src::math::add", "pub src::math name add as add"},
    {"pub src::math::add", "pub src::math name add as add"},
    {"pub src::math::{ add, sub as minus }",
     "pub src::math name add as add; pub src::math name sub as minus"},
    {"use std::math", "std::math module as math"},
    {"use std::{ sqrt }", "std::pkg name sqrt as sqrt"},
    {"use std::math::sqrt", "std::math name sqrt as sqrt"},
    {"use pkg::std::math", "std::math module as math"},
    {"use pkg::json", "pkg:json::pkg module as json"},
    {"use pkg::json::encode", "pkg:json::pkg name encode as encode"},
    {"use pkg::json::codec::all", "pkg:json::codec all"},
    {"use src::geometry", "src::geometry::pkg module as geometry"},
    {"use src::geometry::shape::area", "src::geometry::shape name area as area"},
    {"use src::fx::Ask::all", "src::fx.Ask all"},
    {"use src::fx::Ask::{ ask as a }", "src::fx.Ask name ask as a"},
    {"use std::Test::fail", "std::pkg.Test name fail as fail"},
    {"use m::add", "? name add as add"},
    {"use m", "? module as m"},
    {"use src::math::'+'", "src::math name + as +"},
};

Test(graph, normalises_use_entries) {
  for (size_t i = 0; i < sizeof use_rows / sizeof *use_rows; i++) {
    Program program = {{{"src/main.voyd", use_rows[i].use},
                        {"src/math.voyd", "pub fn add() = 1"},
                        {"src/math/vec3.voyd", "pub fn one() = 1"},
                        {"src/geometry/pkg.voyd", "pub use self::shape"},
                        {"src/geometry/shape.voyd", "pub fn area() = 1"},
                        {"src/fx.voyd", "pub eff Ask\n  ask(resume) -> i32"},
                        {"packages/json/src/pkg.voyd", "pub fn encode() = 1"},
                        {"packages/json/src/codec.voyd", "pub fn x() = 1"}}};
    Loading *loading = load(&program);
    Str entries = uses_text(loading, "src::main");
    cr_expect(str_equal(entries, str_from(use_rows[i].entries)), "%s\n  gives  %.*s\n  wanted %s",
              use_rows[i].use, STR_ARGS(entries), use_rows[i].entries);
    cr_expect(loading->ok, "%s: %.*s", use_rows[i].use, STR_ARGS(reports_text(loading)));
    loading_free(loading);
  }
}

Test(graph, anchors_of_package_roots_and_inline_modules) {
  Program program = {
      {{"src/main.voyd",
        "use src::geometry\nmod a\n  use super::all\n  use self::b\n  mod b\n    use super::super::c\n"
        "mod c\n  pub fn x() = 1"},
       {"src/geometry/pkg.voyd",
        "use self::shape\nuse super::shape::area\nuse self::inner::x\nmod inner\n  pub fn x() = 1"},
       {"src/geometry/shape.voyd", "use super::pkg"}}};
  Loading *loading = load(&program);
  EXPECT_TEXT(uses_text(loading, "src::main::a"), "src::main all; src::main::a::b module as b");
  EXPECT_TEXT(uses_text(loading, "src::main::a::b"), "src::main::c module as c");
  EXPECT_TEXT(uses_text(loading, "src::geometry::pkg"),
              "src::geometry::shape module as shape; src::geometry::shape name area as area; "
              "src::geometry::pkg::inner name x as x");
  EXPECT_TEXT(uses_text(loading, "src::geometry::shape"), "src::geometry::pkg module as pkg");
  cr_assert(loading->ok, "%.*s", STR_ARGS(reports_text(loading)));
  loading_free(loading);
}

Test(graph, src_inside_a_package_is_its_own_root) {
  Program program = {{{"src/main.voyd", "use pkg::json"},
                      {"packages/json/src/pkg.voyd", "use src::codec::x\nuse src::self as root"},
                      {"packages/json/src/codec.voyd", "pub fn x() = 1"}}};
  Loading *loading = load(&program);
  EXPECT_TEXT(uses_text(loading, "pkg:json::pkg"),
              "pkg:json::codec name x as x; pkg:json::pkg module as root");
  EXPECT_TEXT(
      graph_package_text(&loading->graph,
                         graph_module(&loading->graph, module_of(loading, "pkg:json::codec"))->package),
      "pkg:json");
  cr_assert(loading->ok, "%.*s", STR_ARGS(reports_text(loading)));
  loading_free(loading);
}

// ---- files and packages ----

Test(graph, a_folder_with_pkg_owns_its_modules) {
  Program program = {{{"src/main.voyd", "use src::a::b::c\nuse src::a::b::sub::d"},
                      {"src/a/b/pkg.voyd", "pub fn p() = 1"},
                      {"src/a/b/c.voyd", "mod inner\n  pub fn q() = 1"},
                      {"src/a/b/sub/pkg.voyd", "pub fn d() = 1"}}};
  Loading *loading = load(&program);
  const ModuleGraph *graph = &loading->graph;
  cr_assert(loading->ok, "%.*s", STR_ARGS(reports_text(loading)));
  cr_assert_eq(graph_module(graph, graph->entry)->package, 0);
  EXPECT_TEXT(graph_package_text(graph, 0), "local");
  const Module *root = graph_module(graph, module_of(loading, "src::a::b::pkg"));
  cr_assert(root->is_package_root);
  EXPECT_TEXT(graph_package_text(graph, root->package), "local:a::b");
  const Module *sub = graph_module(graph, module_of(loading, "src::a::b::sub::pkg"));
  EXPECT_TEXT(graph_package_text(graph, sub->package), "local:a::b::sub");
  loading_free(loading);
}

Test(graph, the_source_root_is_the_first_src_above_the_entry) {
  Program program = {{{"src/apps/demo/main.voyd", "use src::shared"}, {"src/shared.voyd", "pub fn x() = 1"}}};
  Loading *loading = load(&program);
  cr_assert(has(loading, "src::apps::demo::main"));
  cr_assert(has(loading, "src::shared"));
  cr_assert(loading->ok);
  loading_free(loading);
}

Test(graph, files_below_a_module_belong_to_the_program) {
  Program program = {{{"src/main.voyd", "use src::a"},
                      {"src/a.voyd", ""},
                      {"src/a/one.voyd", "use src::b"},
                      {"src/a/deep/two.voyd", ""},
                      {"src/a/one.test.voyd", "fn unused() = 1"},
                      {"src/b.voyd", ""},
                      {"src/c.voyd", ""}}};
  Loading *loading = load(&program);
  cr_assert(has(loading, "src::a::one") && has(loading, "src::a::deep::two") && has(loading, "src::b"));
  cr_assert(!has(loading, "src::c"));
  cr_assert_eq(graph_module(&loading->graph, module_of(loading, "src::a::one"))->items.count, 0);
  loading_free(loading);
}

Test(graph, test_companions_join_their_module_when_asked_for) {
  Program program = {{{"src/main.voyd", "fn a() = 1"},
                      {"src/main.test.voyd", "use src::helper\nfn b() = 1"},
                      {"src/helper.voyd", ""}}};
  Loading *loading = load_with(&program, &(GraphOptions){.include_tests = true});
  cr_assert_eq(graph_module(&loading->graph, loading->graph.entry)->items.count, 2);
  EXPECT_TEXT(uses_text(loading, "src::main"), "src::helper module as helper");
  loading_free(loading);
  loading = load(&program);
  cr_assert_eq(graph_module(&loading->graph, loading->graph.entry)->items.count, 1);
  cr_assert(!has(loading, "src::helper"));
  loading_free(loading);
}

Test(graph, the_prelude_comes_first_unless_it_is_refused_or_named) {
  static const struct {
    const char *source;
    bool prelude;
  } rows[] = {{"fn a() = 1", true},
              {"#!no_prelude\nfn a() = 1", false},
              {"use std::prelude::math", false},
              {"use std::{ prelude }", false},
              {"use std::math", true}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Program program = {{{"src/main.voyd", rows[i].source}}};
    Loading *loading = load(&program);
    const Module *entry = graph_module(&loading->graph, loading->graph.entry);
    bool prelude = entry->uses.count > 0 && entry->uses.items[0].is_prelude;
    cr_expect_eq(prelude, rows[i].prelude, "%s", rows[i].source);
    cr_expect(!prelude || entry->uses.items[0].module == module_of(loading, "std::prelude"));
    loading_free(loading);
  }
}

Test(graph, what_literals_and_markup_need_is_loaded_without_an_import) {
  Program program = {{{"src/main.voyd", "#!no_prelude\nlet a = <p>x</p>"},
                      {"std/prelude.voyd", "pub use std::string"},
                      {"std/string.voyd", "pub obj String {}"},
                      {"std/vx/pkg.voyd", "pub fn html_child() = 1"}}};
  Loading *loading = load_with(&program, &(GraphOptions){.std_root = STR("/p/std")});
  cr_assert(has(loading, "std::prelude") && has(loading, "std::string") && has(loading, "std::vx::pkg"));
  cr_assert_eq(graph_module(&loading->graph, loading->graph.entry)->uses.count, 0);
  loading_free(loading);
}

Test(graph, cycles_load_each_module_once) {
  Program program = {{{"src/main.voyd", "use src::a\nuse src::main"},
                      {"src/a.voyd", "use src::main::all\nuse src::b"},
                      {"src/b.voyd", "use src::a::x"}}};
  Loading *loading = load(&program);
  cr_assert(loading->ok);
  uint32_t own = 0;
  for (ModuleId id = 1; id < loading->graph.modules.count; id++) {
    own += graph_module(&loading->graph, id)->path.space == NAMESPACE_SRC;
  }
  cr_assert_eq(own, 3);
  loading_free(loading);
}

// ---- reports ----

typedef struct ReportRow {
  Program program;
  const char *reports;
} ReportRow;

static const ReportRow report_rows[] = {
    {{{{"src/main.voyd", "use src::missing"}}}, "MD0001 use src::missing"},
    {{{{"src/main.voyd", "use self::helper\nfn helper() = 1"}}}, "MD0001 use self::helper"},
    {{{{"src/main.voyd", "use src::missing::x"}}}, "MD0001 use src::missing::x; BD0001 use src::missing::x"},
    {{{{"src/main.voyd", "use src::missing\nuse src::missing"}}}, "MD0001 use src::missing"},
    {{{{"src/main.voyd", "use pkg::nothing"}}}, "MD0001 use pkg::nothing"},
    {{{{"src/main.voyd", "use pkg::'../json'"}}}, "MD0001 use pkg::'../json'"},
    {{{{"src/main.voyd", "use src::'../json'"}}}, "MD0001 use src::'../json'"},
    {{{{"src/main.voyd", "use std::box::deep::x"}}},
     "MD0001 use std::box::deep::x; BD0001 use std::box::deep::x"},
    {{{{"src/main.voyd", "use std::math::deep::x"}}}, ""}, // the binder's: math re-exports modules
    {{{{"src/main.voyd", "use std::sqrt"}}}, ""},          // the binder's
    {{{{"src/main.voyd", "use self"}}}, "BD0001 use self"},
    {{{{"src/main.voyd", "use super"}}}, "BD0001 use super"},
    {{{{"src/main.voyd", "use super::super::super::x::y"}}}, "BD0001 use super::super::super::x::y"},
    {{{{"src/main.voyd", "use src::geo\nuse src::geo::a"}, {"src/geo.voyd", ""}, {"src/geo/pkg.voyd", ""}}},
     "MD0006 use src::geo"},
    {{{{"src/main.voyd", "mod all\n  fn x() = 1"}}}, "MD0005 mod all\n  fn x() = 1"},
    {{{{"src/main.voyd", "use src::all::x"}}}, "MD0005 use src::all::x"},
    {{{{"src/main.voyd", ""}, {"src/main/all.voyd", "fn x() = 1"}}}, "MD0005 "},
    {{{{"src/main.voyd", "mod shapes"}}}, "BD0005 mod shapes"},
    {{{{"src/main.voyd", "mod a\n  fn x() = 1\nmod a\n  fn y() = 1"}}}, "BD0006 a"},
    // a file that does not parse: its importers stay silent
    {{{{"src/main.voyd", "use src::bad::x\nuse src::bad::E::op"}, {"src/bad.voyd", "fn f("}}}, "MD0002 ("},
};

Test(graph, reports_missing_modules) {
  for (size_t i = 0; i < sizeof report_rows / sizeof *report_rows; i++) {
    Loading *loading = load_with(&report_rows[i].program, &(GraphOptions){.whole_library = true});
    Str reports = reports_text(loading);
    cr_expect(str_equal(reports, str_from(report_rows[i].reports)), "%s\n  gives  %.*s\n  wanted %s",
              report_rows[i].program.files[0][1], STR_ARGS(reports), report_rows[i].reports);
    loading_free(loading);
  }
}

Test(graph, a_file_that_does_not_parse_is_an_empty_module) {
  Program program = {
      {{"src/main.voyd", "use src::bad"}, {"src/bad.voyd", "use src::other\nfn f("}, {"src/other.voyd", ""}}};
  Loading *loading = load(&program);
  const Module *bad = graph_module(&loading->graph, module_of(loading, "src::bad"));
  cr_assert(bad->failed);
  cr_assert_eq(bad->items.count + bad->uses.count, 0);
  cr_assert(!has(loading, "src::other"));
  loading_free(loading);
}

Test(graph, an_entry_that_cannot_be_read_is_reported) {
  static const char *entries[] = {"/nowhere/main.voyd", "/tmp"};
  for (int i = 0; i < 2; i++) {
    Context context;
    ModuleGraph graph;
    context_init(&context);
    graph_init(&graph, &context);
    cr_assert(!graph_load(&graph, &(GraphOptions){.entry = str_from(entries[i])}));
    cr_assert_eq(graph.entry, 0);
    cr_assert_eq(context.diagnostics.items.count, 1);
    const Diagnostic *diagnostic = context.diagnostics.items.items[0];
    cr_assert_eq(diagnostic->code, DIAGNOSTIC_MD0002);
    cr_assert_not_null(
        memmem(diagnostic->message.ptr, diagnostic->message.length, entries[i], strlen(entries[i])));
    graph_free(&graph);
    context_free(&context);
  }
}

// Uses stand in the order of the text; `test` and attributes stay items.
Test(graph, items_keep_their_order) {
  Program program = {{{"src/main.voyd", "@external(id: \"a\")\nfn f() = 1\nuse src::m\npub mod m\n  fn g() = "
                                        "1\n  let x = 1\ntest \"t\":\n  1"},
                      {"src/m.voyd", ""}}};
  Loading *loading = load(&program);
  const Module *entry = graph_module(&loading->graph, loading->graph.entry);
  cr_assert_eq(entry->items.count, 3);
  const Module *inner = graph_module(&loading->graph, module_of(loading, "src::main::m"));
  cr_assert(inner->is_inline && inner->is_public && inner->parent == loading->graph.entry);
  cr_assert_eq(inner->items.count, 2);
  loading_free(loading);
}

// ---- std on demand (graph/library.c) ----

// Does the word stand in what was read of a module of std?
static bool reads(Loading *loading, const char *id, const char *word) {
  const ModuleGraph *graph = &loading->graph;
  const Module *module = graph_module(graph, module_of(loading, id));
  Text text = text_new(&loading->context.arena);
  for (uint32_t i = 0; i < module->items.count; i++) {
    form_print(&graph->forms, module->items.items[i], &text);
    text_add_char(&text, '\n');
  }
  text_add_char(&text, '\0');
  const char *found = text.bytes;
  size_t length = strlen(word);
  while ((found = strstr(found, word)) != NULL) {
    bool starts = found == text.bytes || strchr("( '", found[-1]) != NULL;
    if (starts && strchr(") '\n", found[length]) != NULL) {
      return true;
    }
    found += length;
  }
  return false;
}

Test(graph, of_std_is_read_what_the_words_of_the_program_can_mean) {
  static const struct {
    const char *source, *module, *word;
    bool expected;
  } rows[] = {
      {"fn a() = 1", "std::array", "Array", false},
      {"fn a() = [1]", "std::array", "Array", true}, // a literal
      {"fn a() = [1]", "std::array", "ArrayPop", false},
      {"fn a() = [1]", "std::array", "pushed", false},
      {"fn a() = [1].pushed(2)", "std::array", "pushed", true}, // a method of a type that is there
      {"fn a(b: B) = b.pushed(2)", "std::array", "pushed", false},
      {"fn a(b: Array<i32>) = b.group_by(c)", "std::dict", "group_by",
       true}, // wherever it is added to the type
      {"fn a() = [1]", "std::array", "Sequence", false},
      {"fn a() = [1].iter()", "std::array", "Sequence", true},                       // a method of a trait
      {"fn a<T: Sequence<i32>>(b: Array<i32>) = 1", "std::array", "Sequence", true}, // a trait and a type
      {"fn a<T: Sequence<i32>>(b: T) = 1", "std::array", "Sequence", false},
      {"fn a() = \"text\"", "std::string::type", "String", true},
      {"fn a() = 0..3", "std::range", "Range", true},
      {"fn a(x?: i32) = 1", "std::optional::types", "Optional", true},
      {"fn a() = x ?? y", "std::optional::types", "Some", true},                   // what a macro makes
      {"fn a() = is_power_of_two(1)", "std::math::int", "is_power_of_two", false}, // nothing imports it
      {"fn a() = math::is_power_of_two(1)", "std::math::int", "is_power_of_two",
       true}, // through the prelude's module
      {"use std::math::int::all\nfn a() = is_power_of_two(1)", "std::math::int", "is_power_of_two", true},
      {"use std::math::int::all\nfn a() = 1", "std::math::int", "is_power_of_two", false},
      {"pub use std::math::int::all", "std::math::int", "is_power_of_two", true}, // the program passes it on
      {"use src::other", "std::array", "Array", true},
      {"mod inner\n  fn a() = String", "std::string::type", "String", true},
      {"macro m()\n  `(Array)\nfn a() = m()", "std::array", "Array", true},
      {"#!no_prelude\nfn a() = Array", "std::array", "Array", false},
      {"#!no_prelude\nfn a() = [1]", "std::array", "Array", true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Program program = {{{"src/main.voyd", rows[i].source}, {"src/other.voyd", "let a: Array<i32> = b"}}};
    Loading *loading = load(&program);
    cr_expect_eq(loading->graph.library, LIBRARY_PARTIAL);
    cr_expect_eq(reads(loading, rows[i].module, rows[i].word), rows[i].expected, "%s: %s in %s",
                 rows[i].source, rows[i].word, rows[i].module);
    loading_free(loading);
  }
}

Test(graph, imports_that_macros_make_can_mean_more_of_std) {
  Program program = {{{"src/main.voyd", "macro m()\n  `(use std::json::all)\nm()\nfn a(b: JsonError) = 1"}}};
  Loading *loading = load(&program);
  cr_expect_eq(loading->graph.library, LIBRARY_TOO_SMALL);
  loading_free(loading);
}

Test(graph, errors_of_reading_do_not_depend_on_the_rest_of_std) {
  Program unreadable = {{{"src/main.voyd", "fn f("}}},
          guessed = {{{"src/main.voyd", "use std::box::deep::x\nfn f("},
                      {"src/main/other.voyd", "use std::box::deep::x"}}};
  Loading *loading = load(&unreadable);
  cr_expect_eq(loading->graph.library, LIBRARY_ENOUGH);
  loading_free(loading);
  loading = load(&guessed); // whether std::box has a `deep`, its unread lines say
  cr_expect_eq(loading->graph.library, LIBRARY_PARTIAL);
  loading_free(loading);
}

Test(graph, std_is_whole_where_it_is_wanted_or_not_the_built_in_one) {
  Program program = {{{"src/main.voyd", "fn a() = 1"}}};
  Loading *loading = load_with(&program, &(GraphOptions){.whole_library = true});
  cr_expect_eq(loading->graph.library, LIBRARY_WHOLE);
  cr_expect(reads(loading, "std::array", "Array") && reads(loading, "std::json", "Parser"));
  loading_free(loading);

  Program own = {{{"src/main.voyd", "fn a() = 1"},
                  {"std/prelude.voyd", "pub use std::array::all"},
                  {"std/array.voyd", "pub obj Array {}"}}};
  loading = load_with(&own, &(GraphOptions){.std_root = STR("/p/std")});
  cr_expect_eq(loading->graph.library, LIBRARY_WHOLE);
  cr_expect(reads(loading, "std::array", "Array"));
  loading_free(loading);
}

static bool range_fits(LibraryRange range, uint32_t count) {
  return range.first <= count && range.count <= count - range.first;
}

Test(graph, the_index_of_std_fits_its_texts) {
  const LibraryIndex *index = &embedded_library_index;
  cr_assert_gt(index->module_count, 40);
  for (uint32_t i = 1; i < index->word_count; i++) {
    cr_expect_lt(strcmp(index->words[i - 1], index->words[i]), 0);
  }
  for (uint32_t i = 0; i < index->id_count; i++) {
    cr_expect_lt(index->ids[i],
                 index->unit_count > index->word_count ? index->unit_count : index->word_count);
  }
  Program program = {{{"src/main.voyd", ""}}};
  Loading *loading = load_with(&program, &(GraphOptions){.whole_library = true});
  for (uint32_t m = 1; m < index->module_count; m++) {
    const LibraryModule *module = &index->modules[m];
    Str path = arena_format(&loading->context.arena, "std:%s", module->file), text = {0};
    for (FileId file = 1; file < loading->context.sources.files.count; file++) {
      const SourceFile *source = sources_file(&loading->context.sources, file);
      text = str_equal(source->path, path) ? source->text : text;
    }
    cr_assert(range_fits(module->units, index->unit_count) &&
              range_fits(module->exports, index->export_count));
    for (uint32_t i = 0; i < module->units.count; i++) {
      const LibraryUnit *unit = &index->units[module->units.first + i];
      cr_assert(unit->module == m && unit->start < unit->end && unit->end <= text.length, "%s", module->file);
      cr_expect((unit->start == 0 || text.ptr[unit->start - 1] == '\n') && text.ptr[unit->end - 1] == '\n');
      cr_expect(range_fits(unit->needs, index->id_count) && range_fits(unit->words, index->id_count));
      cr_expect(i == 0 || unit[-1].end <= unit->start || unit->import != LIBRARY_NONE);
    }
  }
  loading_free(loading);
}
