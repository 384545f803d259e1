#include <criterion/criterion.h>

#include "base/bits.h"
#include "base/diagnostics.h"
#include "base/failure.h"
#include "base/limits.h"

Test(arena, blocks_keep_their_place_and_alignment) {
  Arena arena;
  arena_init(&arena);
  char *first = arena_copy_string(&arena, "abc", 3);
  for (int i = 0; i < 10000; i++) {
    uint64_t *word = ARENA_NEW(&arena, uint64_t);
    cr_assert_eq((uintptr_t)word % _Alignof(uint64_t), 0);
    cr_assert_eq(*word, 0);
  }
  cr_assert_str_eq(first, "abc");
  arena_free(&arena);
}

Test(arena, rewind_drops_what_came_after_the_mark) {
  Arena arena;
  arena_init(&arena);
  char *kept = arena_copy_string(&arena, "kept", 4);
  ArenaMark mark = arena_mark(&arena);
  for (int i = 0; i < 100; i++) {
    arena_alloc(&arena, 100000, 8);
  }
  arena_rewind(&arena, mark);
  cr_assert_str_eq(kept, "kept");
  cr_assert_eq(arena.used, mark.used);
  arena_free(&arena);
}

Test(vector, grows_and_keeps_items) {
  Arena arena;
  arena_init(&arena);
  VECTOR(uint32_t) numbers = {0};
  for (uint32_t i = 0; i < 1000; i++) {
    VECTOR_PUSH(&arena, &numbers, i * 3);
    if (i % 7 == 0) {
      arena_alloc(&arena, 24, 8);
    }
  }
  for (uint32_t i = 0; i < 1000; i++) {
    cr_assert_eq(numbers.items[i], i * 3);
  }
  arena_free(&arena);
}

Test(map, finds_what_was_put) {
  Arena arena;
  arena_init(&arena);
  IdMap map = {0};
  cr_assert_eq(id_map_get(&map, 5), ID_MAP_NONE);
  for (uint32_t i = 0; i < 5000; i++) {
    id_map_put(&arena, &map, id_pair(i, i ^ 77), i);
  }
  id_map_put(&arena, &map, id_pair(3, 3 ^ 77), 99);
  for (uint32_t i = 0; i < 5000; i++) {
    cr_assert_eq(id_map_get(&map, id_pair(i, i ^ 77)), i == 3 ? 99 : i);
  }
  cr_assert_eq(id_map_get(&map, id_pair(1, 1)), ID_MAP_NONE);
  arena_free(&arena);
}

Test(names, equal_texts_have_equal_names) {
  NameTable names;
  names_init(&names);
  cr_assert_eq(names_intern(&names, STR("fn")), NAME_FN);
  cr_assert_eq(names_intern(&names, STR("")), NAME_EMPTY);
  Name a = names_intern(&names, STR("speed"));
  cr_assert_eq(names_intern(&names, STR("speed")), a);
  cr_assert(str_equal(names_text(&names, a), STR("speed")));
  cr_assert_neq(names_intern(&names, (Str){"a\0b", 3}), names_intern(&names, (Str){"a\0c", 3}));
  names_free(&names);
}

Test(sources, positions_find_their_file_line_and_column) {
  SourceTable sources;
  sources_init(&sources);
  sources_add(&sources, STR("/a.voyd"), STR("one\ntwo"));
  FileId b = sources_add(&sources, STR("/b.voyd"), STR("x\nhello world\n"));
  Position base = sources_file(&sources, b)->base;
  SourceLocation at = sources_locate(&sources, (Span){base + 8, base + 13});
  cr_assert_eq(at.file, b);
  cr_assert_eq(at.line, 2);
  cr_assert_eq(at.column, 7);
  cr_assert(str_equal(sources_text(&sources, (Span){base + 8, base + 13}), STR("world")));
  SourceLocation end = sources_locate(&sources, (Span){base + 14, base + 14});
  cr_assert_eq(end.file, b);
  cr_assert_eq(end.line, 3);
  cr_assert_eq(sources_locate(&sources, (Span){0, 0}).file, 0);
  sources_free(&sources);
}

Test(diagnostics, text_shows_line_and_carets) {
  Arena arena;
  arena_init(&arena);
  SourceTable sources;
  sources_init(&sources);
  FileId file = sources_add(&sources, STR("/p/main.voyd"), STR("fn f()\n  let x = oops\n"));
  Position base = sources_file(&sources, file)->base;
  DiagnosticSink sink;
  diagnostics_init(&sink, &arena, &sources);
  Diagnostic *d =
      diagnostic_add(&sink, DIAGNOSTIC_TY0030, (Span){base + 17, base + 21}, "no value '%s'", "oops");
  diagnostic_hint(&sink, d, "did you mean 'ops'?");
  diagnostic_add(&sink, DIAGNOSTIC_TY0030, (Span){base + 17, base + 21}, "no value '%s'", "oops");
  Text out = text_new(&arena);
  diagnostics_render_text(&sink, (DiagnosticStyle){false}, &out);
  cr_assert_str_eq(
      out.bytes,
      "/p/main.voyd:2:11 ERROR [typing] TY0030: no value 'oops'\n"
      "  |\n"
      "2 |   let x = oops\n"
      "  |           ^^^^ no value 'oops'\n"
      "hint: did you mean 'ops'?\n"
      "\nSuppressed 1 additional diagnostic (1 duplicate, 0 import diagnostics above display limit).\n");
  sources_free(&sources);
  arena_free(&arena);
}

Test(diagnostics, json_escapes_and_counts_bytes) {
  Arena arena;
  arena_init(&arena);
  SourceTable sources;
  sources_init(&sources);
  FileId file = sources_add(&sources, STR("/p/a\"b.voyd"), STR("\xFF x"));
  Position base = sources_file(&sources, file)->base;
  DiagnosticSink sink;
  diagnostics_init(&sink, &arena, &sources);
  diagnostic_add(&sink, DIAGNOSTIC_MD0002, (Span){base, base + 1}, "bad byte '\xFF'\n");
  Text out = text_new(&arena);
  diagnostics_render_json(&sink, &out);
  cr_assert_str_eq(out.bytes,
                   "[{\"code\":\"MD0002\",\"severity\":\"error\",\"phase\":\"module-graph\","
                   "\"message\":\"bad byte '\xEF\xBF\xBD'\\n\",\"span\":{\"file\":\"/p/a\\\"b.voyd\","
                   "\"start\":0,\"end\":1},\"line\":1,\"column\":1,\"hints\":[],\"related\":[]}]");
  sources_free(&sources);
  arena_free(&arena);
}

Test(diagnostics, errors_past_the_limit_are_only_counted) {
  Arena arena;
  arena_init(&arena);
  SourceTable sources;
  sources_init(&sources);
  DiagnosticSink sink;
  diagnostics_init(&sink, &arena, &sources);
  for (uint32_t i = 0; i < LIMIT_DIAGNOSTICS + 5; i++) {
    Diagnostic *diagnostic = diagnostic_add(&sink, DIAGNOSTIC_TY0001, (Span){i, i}, "x");
    diagnostic_hint(&sink, diagnostic, "y");
  }
  cr_expect_eq(sink.errors, LIMIT_DIAGNOSTICS + 5);
  cr_expect_eq(sink.items.count, LIMIT_DIAGNOSTICS);
  sources_free(&sources);
  arena_free(&arena);
}

Test(diagnostics, muted_errors_are_counted_and_dropped) {
  Arena arena;
  arena_init(&arena);
  SourceTable sources;
  sources_init(&sources);
  DiagnosticSink sink;
  diagnostics_init(&sink, &arena, &sources);
  uint32_t mark = diagnostics_mute(&sink);
  diagnostic_add(&sink, DIAGNOSTIC_TY0027, (Span){0, 0}, "x");
  uint32_t inner = diagnostics_mute(&sink);
  diagnostic_add(&sink, DIAGNOSTIC_TY0039, (Span){0, 0}, "warning");
  cr_assert_eq(diagnostics_unmute(&sink, inner), 0);
  cr_assert_eq(diagnostics_unmute(&sink, mark), 1);
  cr_assert_eq(sink.items.count, 0);
  cr_assert_eq(sink.errors, 0);
  sources_free(&sources);
  arena_free(&arena);
}

Test(failure, unreachable_returns_to_the_innermost_boundary) {
  Failure outer, inner;
  volatile int step = 0;
  if (FAILURE_GUARD(&outer)) {
    if (FAILURE_GUARD(&inner)) {
      step = 1;
      UNREACHABLE("broken");
    } else {
      cr_assert_eq(inner.kind, FAILURE_INTERNAL);
      cr_assert_str_eq(inner.message, "broken");
      step = 2;
    }
    failure_leave(&outer);
  } else {
    cr_assert_fail("the outer boundary must not be reached");
  }
  cr_assert_eq(step, 2);
}

Test(text, edit_distance_counts_swaps_once) {
  cr_assert_eq(edit_distance(STR("lenght"), STR("length"), 3), 1);
  cr_assert_eq(edit_distance(STR("foo"), STR("bar"), 2), 3);
  cr_assert_eq(edit_distance(STR(""), STR("ab"), 3), 2);
}
