// From IR text to WebAssembly: structure, locals, types, limits, counters, determinism. That the emitted code
// computes what the IR says is tested in tests/passes and by running programs.
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

#include "wasm/wasm.h"

static Context context;
static IrModule module;
static Arena arena;

static void open_module(void) {
  context_init(&context);
  ir_module_init(&module, &context);
  arena_init(&arena);
}

static void close_module(void) {
  arena_free(&arena);
  ir_module_free(&module);
  context_free(&context);
}

TestSuite(wasm, .init = open_module, .fini = close_module);

static void parse(const char *text) {
  Text error = text_new(&context.arena);
  bool ok = ir_parse(&module, str_from(text), &error) && ir_verify(&module, &error);
  cr_assert(ok, "%.*s", STR_ARGS(text_str(&error)));
}

static WasmResult emit(WasmOptions options) {
  WasmResult result;
  options.validate = true;
  bool ok = wasm_emit(&module, &options, &arena, &result);
  cr_assert(ok, "%s", result.failure);
  return result;
}

static uint32_t occurrences(Str text, const char *piece) {
  uint32_t count = 0;
  for (const char *at = strstr(text.ptr, piece); at != NULL; at = strstr(at + 1, piece)) {
    count++;
  }
  return count;
}

Test(wasm, a_function_without_parameters_takes_under_100_bytes) {
  parse("export \"main\" fn @main\nfn @main() -> (i32) {\n  v1 = i32.const 42\n  return v1\n}\n");
  WasmResult result = emit((WasmOptions){0});
  cr_assert_lt(result.bytes.length, 100);
  cr_assert_arr_eq(result.bytes.ptr, "\0asm\1\0\0\0", 8);
}

Test(wasm, values_used_once_become_trees_and_loops_reuse_locals) {
  parse("export \"sum\" fn @sum\n"
        "fn @sum(v1: i32) -> (i32) {\n"
        "  v2 = i32.const 0\n"
        "  br ^2(v2, v2)\n"
        "^2(v3: i32, v4: i32):\n"
        "  v5 = i32.lt_s v3, v1\n"
        "  br_if v5 ^3, ^4\n"
        "^3:\n"
        "  v6 = i32.const 1\n"
        "  v7 = i32.add v3, v6\n"
        "  v8 = i32.add v4, v3\n"
        "  br ^2(v7, v8)\n"
        "^4:\n"
        "  return v4\n"
        "}\n");
  WasmResult result = emit((WasmOptions){.text = true});
  // The two loop variables are the only locals beside the parameter, each set at the start and in the loop.
  cr_assert_eq(occurrences(result.text, "(local $"), 2, "%s", result.text.ptr);
  cr_assert_eq(occurrences(result.text, "local.set"), 4, "%s", result.text.ptr);
}

Test(wasm, a_swap_along_an_edge_goes_through_a_temporary) {
  parse("export \"swap\" fn @swap\n"
        "fn @swap(v1: i32, v2: i32, v3: i32) -> (i32) {\n"
        "  br ^2(v1, v2, v3)\n"
        "^2(v4: i32, v5: i32, v6: i32):\n"
        "  v7 = i32.const 1\n"
        "  v8 = i32.sub v6, v7\n"
        "  br_if v8 ^2(v5, v4, v8), ^3\n"
        "^3:\n"
        "  return v4\n"
        "}\n");
  WasmResult result = emit((WasmOptions){.text = true});
  cr_assert_eq(occurrences(result.text, "(local $"), 1, "%s", result.text.ptr);
}

Test(wasm, a_read_is_not_moved_across_a_write) {
  parse("global @g : mut i32 = i32.const 0\n"
        "export \"f\" fn @f\n"
        "fn @f() -> (i32) {\n"
        "  v1 = global.get @g\n"
        "  v2 = i32.const 1\n"
        "  global.set @g v2\n"
        "  return v1\n"
        "}\n");
  WasmResult result = emit((WasmOptions){.text = true});
  const char *get = strstr(result.text.ptr, "(global.get"), *set = strstr(result.text.ptr, "(global.set");
  cr_assert(get != NULL && set != NULL && get < set, "%s", result.text.ptr);
}

static const char *const aggregates = "type $Base = open struct {.id i32}\n"
                                      "type $Point = sub $Base struct {.id i32, .x mut f64}\n"
                                      "type $Bytes = array mut i8\n"
                                      "type $Code = own fn (ref $Env, i32) -> (i32)\n"
                                      "type $Env = struct {.code ref $Code}\n"
                                      "data @hello = \"hello\"\n"
                                      "table @rows = (@code, null, @code)\n"
                                      "global @env : ref $Env = struct.new $Env (ref.func @code)\n"
                                      "export \"main\" fn @main\n"
                                      "fn @code : $Code (v1: ref $Env, v2: i32) -> (i32) {\n"
                                      "  return v2\n"
                                      "}\n"
                                      "fn @pair(v1: i32) -> (i32, f64) {\n"
                                      "  v2 = f64.const 2\n"
                                      "  return v1, v2\n"
                                      "}\n"
                                      "fn @main(v1: i32) -> (i32) {\n"
                                      "  v2, v3 = call @pair v1\n"
                                      "  v4 = struct.new $Point v2, v3\n"
                                      "  v5 = struct.new_default $Point\n"
                                      "  br_if v1 ^2(v4), ^2(v5)\n"
                                      "^2(v6: ref $Base):\n"
                                      "  v7 = ref.cast ref $Point v6\n"
                                      "  struct.set $Point 1 v7, v3\n"
                                      "  v8 = i32.const 0\n"
                                      "  v9 = i32.const 5\n"
                                      "  v10 = array.new_data $Bytes @hello v8, v9\n"
                                      "  v11 = array.get $Bytes v10, v8\n"
                                      "  v12 = global.get @env\n"
                                      "  v13 = struct.get $Env 0 v12\n"
                                      "  v14 = call_ref $Code v12, v11, v13\n"
                                      "  v15 = call_indirect @rows $Code v12, v14, v8\n"
                                      "  v16 = struct.get $Base 0 v6\n"
                                      "  v17 = i32.add v15, v16\n"
                                      "  return v17\n"
                                      "}\n";

Test(wasm, every_profile_gives_a_valid_module) {
  parse(aggregates);
  size_t none = emit((WasmOptions){0}).bytes.length;
  size_t standard = emit((WasmOptions){.profile = WASM_PROFILE_STANDARD}).bytes.length;
  size_t aggressive = emit((WasmOptions){.profile = WASM_PROFILE_AGGRESSIVE}).bytes.length;
  cr_assert_leq(standard, none);
  cr_assert_leq(aggressive, standard);
}

Test(wasm, counters_equal_counting_in_the_text) {
  parse(aggregates);
  for (WasmProfile profile = WASM_PROFILE_NONE; profile <= WASM_PROFILE_AGGRESSIVE; profile++) {
    WasmResult result = emit((WasmOptions){.profile = profile, .counters = true, .text = true});
    cr_assert_eq(result.counters.struct_new, occurrences(result.text, "(struct.new "));
    cr_assert_eq(result.counters.struct_new_default, occurrences(result.text, "(struct.new_default "));
    cr_assert_eq(result.counters.array_new, occurrences(result.text, "(array.new"));
    cr_assert_eq(result.counters.ref_cast, occurrences(result.text, "(ref.cast"));
    cr_assert_eq(result.counters.call_ref, occurrences(result.text, "(call_ref "));
    cr_assert_eq(result.counters.tuple_make, occurrences(result.text, "(tuple.make"));
    if (profile == WASM_PROFILE_NONE) {
      cr_assert_eq(result.counters.struct_new, 2);
      cr_assert_eq(result.counters.struct_new_default, 1);
      cr_assert_eq(result.counters.array_new, 1);
      cr_assert_eq(result.counters.ref_cast, 1);
      cr_assert_eq(result.counters.call_ref, 1);
      cr_assert_eq(result.counters.tuple_make, 1);
    }
  }
}

Test(wasm, types_that_the_code_does_not_mention_are_not_written) {
  static const char code[] = "type $Used = struct {i32}\n"
                             "export \"main\" fn @main\n"
                             "fn @main(v1: i32) -> (i32) {\n"
                             "  v2 = struct.new $Used v1\n"
                             "  v3 = struct.get $Used 0 v2\n"
                             "  return v3\n"
                             "}\n";
  parse(code);
  size_t plain = emit((WasmOptions){0}).bytes.length;
  close_module();
  open_module();
  Text text = text_new(&context.arena);
  text_format(&text,
              "type $Unused = array mut ref null $Other\n"
              "type $Other = struct {ref null $Unused}\n"
              "type $Call = fn (ref null $Other) -> ()\n%s",
              code);
  parse(text_str(&text).ptr);
  cr_assert_eq(emit((WasmOptions){0}).bytes.length, plain);
}

Test(wasm, the_same_ir_gives_the_same_bytes) {
  parse(aggregates);
  for (WasmProfile profile = WASM_PROFILE_NONE; profile <= WASM_PROFILE_AGGRESSIVE; profile++) {
    Str first = emit((WasmOptions){.profile = profile}).bytes;
    cr_assert(
        str_equal(first, emit((WasmOptions){.profile = profile, .text = true, .counters = true}).bytes));
  }
}

Test(wasm, names_and_custom_sections_come_on_request) {
  parse(aggregates);
  Str plain = emit((WasmOptions){0}).bytes;
  WasmSection section = {STR("voyd.abi"), STR("{}")};
  Str named = emit((WasmOptions){.names = true, .sections = &section, .section_count = 1}).bytes;
  cr_assert_gt(named.length, plain.length);
  cr_assert_arr_eq(named.ptr, plain.ptr, plain.length);
  cr_assert_not_null(memmem(named.ptr, named.length, "\x08voyd.abi{}", 11));
  cr_assert_not_null(memmem(named.ptr, named.length, "\x04name", 5));
  cr_assert_not_null(memmem(named.ptr, named.length, "\x04pair", 5));
  cr_assert_null(memmem(plain.ptr, plain.length, "pair", 4));
}

// A chain of `count` conditions, each leaving early: the nesting must not grow with it.
Test(wasm, long_chains_of_conditions_stay_flat) {
  enum { COUNT = 20000 };
  Text text = text_new(&context.arena);
  text_add(&text, STR("export \"f\" fn @f\nfn @f(v1: i32) -> (i32) {\n"));
  uint32_t value = 2;
  for (uint32_t i = 0; i < COUNT; i++) {
    if (i > 0) {
      text_format(&text, "^%u:\n", 2 * i);
    }
    text_format(&text, "  v%u = i32.const %u\n  v%u = i32.eq v1, v%u\n  br_if v%u ^%u, ^%u\n", value, i,
                value + 1, value, value + 1, 2 * i + 3, 2 * i + 2);
    text_format(&text, "^%u:\n  br ^%u(v%u)\n", 2 * i + 3, 2 * COUNT + 2, value);
    value += 2;
  }
  text_format(&text, "^%u:\n  br ^%u(v1)\n^%u(v%u: i32):\n  return v%u\n}\n", 2 * COUNT, 2 * COUNT + 2,
              2 * COUNT + 2, value, value);
  parse(text_str(&text).ptr);
  emit((WasmOptions){0});
}

Test(wasm, too_many_parameters_are_a_diagnostic) {
  IrType types[1001];
  for (int i = 0; i < 1001; i++) {
    types[i] = IR_I32;
  }
  IrBuilder b;
  ir_build(&b, &module,
           ir_function_new(&module, NAME_EMPTY, ir_function_type(&module, types, 1001, NULL, 0),
                           (IrOrigin){0, 0}));
  ir_return(&b, NULL, 0);
  ir_build_end(&b);
  WasmResult result;
  cr_assert_not(wasm_emit(&module, &(WasmOptions){0}, &arena, &result));
  cr_assert_eq(context.diagnostics.errors, 1);
}

// One expression of 100,000 nested additions must not nest as deep in the emitted tree.
Test(wasm, very_deep_expressions_are_cut) {
  IrBuilder b;
  IrType i32 = IR_I32;
  IrFunctionId id =
      ir_function_new(&module, NAME_EMPTY, ir_function_type(&module, &i32, 1, &i32, 1), (IrOrigin){0, 0});
  ir_build(&b, &module, id);
  IrValue sum = ir_param(&b, 0);
  for (int i = 0; i < 100000; i++) {
    sum = ir_binary(&b, IR_I32_ADD, sum, ir_i32(&b, i));
  }
  ir_return(&b, &sum, 1);
  ir_build_end(&b);
  ir_export(&module, IR_EXPORT_FUNCTION, id, STR("f"));
  emit((WasmOptions){0});
}

typedef struct ThreadResult {
  Str first;
  bool same;
} ThreadResult;

// Emits the same module many times, with its own context.
static void *emit_repeatedly(void *argument) {
  ThreadResult *result = argument;
  result->same = true;
  for (int i = 0; i < 20; i++) {
    Context own;
    IrModule own_module;
    WasmResult emitted;
    context_init(&own);
    ir_module_init(&own_module, &own);
    Text error = text_new(&own.arena);
    bool ok =
        ir_parse(&own_module, str_from(aggregates), &error) &&
        wasm_emit(&own_module, &(WasmOptions){.profile = WASM_PROFILE_AGGRESSIVE}, &own.arena, &emitted);
    if (ok && i == 0) {
      char *copy = malloc(emitted.bytes.length);
      memcpy(copy, emitted.bytes.ptr, emitted.bytes.length);
      result->first = (Str){copy, emitted.bytes.length};
    }
    result->same &= ok && str_equal(result->first, emitted.bytes);
    ir_module_free(&own_module);
    context_free(&own);
  }
  return NULL;
}

Test(wasm, threads_emit_the_same_bytes_side_by_side) {
  pthread_t threads[2];
  ThreadResult results[2] = {{{0}, false}, {{0}, false}};
  for (int i = 0; i < 2; i++) {
    pthread_create(&threads[i], NULL, emit_repeatedly, &results[i]);
  }
  for (int i = 0; i < 2; i++) {
    pthread_join(threads[i], NULL);
    cr_assert(results[i].same);
  }
  cr_assert(str_equal(results[0].first, results[1].first));
}

Test(wasm, positions_lead_from_code_to_lines_also_through_inlining) {
  FileId file =
      sources_add(&context.sources, STR("/p/a.voyd"), STR("fn main()\n  half(1)\nfn half(x)\n  x / 0\n"));
  Position base = sources_file(&context.sources, file)->base;
  Text text = text_new(&context.arena);
  text_format(&text,
              "export \"main\" fn @main\n"
              "fn @main(v1: i32) -> (i32) !%u:1 {\n  v2 = call @half v1 !%u:0\n  return v2\n}\n"
              "fn @half(v1: i32) -> (i32) !%u:2 {\n  v2 = i32.div_s v1, v1 !%u:0\n  return v2\n}\n",
              base, base + 12, base + 20, base + 33);
  parse(text_str(&text).ptr);
  for (WasmProfile profile = WASM_PROFILE_NONE; profile <= WASM_PROFILE_STANDARD; profile++) {
    Str bytes = emit((WasmOptions){.profile = profile, .runtime_diagnostics = true}).bytes;
    const char *section = memmem(bytes.ptr, bytes.length, "voyd.runtime_diagnostics", 24);
    cr_assert_not_null(section);
    size_t left = (size_t)(bytes.ptr + bytes.length - section);
    cr_assert_not_null(
        memmem(section, left, "\"functionName\":\"main\"", strlen("\"functionName\":\"main\"")));
    cr_assert_not_null(memmem(section, left, "\"file\":\"/p/a.voyd\"", strlen("\"file\":\"/p/a.voyd\"")));
    if (profile == WASM_PROFILE_NONE) {
      cr_assert_not_null(memmem(section, left, ",4]", strlen(",4]")), "the division is on line 4 of half");
      cr_assert_not_null(memmem(section, left, ",2]", strlen(",2]")), "the call is on line 2 of main");
    } else {
      static const char scope[] = "\"functionName\":\"half\",\"file\":\"/p/a.voyd\",\"line\":2}";
      cr_assert_not_null(memmem(section, left, ",4,1]", strlen(",4,1]")), "line 4 of scope 1");
      cr_assert_not_null(memmem(section, left, scope, strlen(scope)), "half, called on line 2 of main");
    }
  }
  cr_assert_null(memmem(emit((WasmOptions){0}).bytes.ptr, emit((WasmOptions){0}).bytes.length, "voyd.", 5));
}
