// The mid-level IR: types and their relations, SSA construction, cleanup.
#include <criterion/criterion.h>

#include "ir/ir.h"

static Context context;
static IrModule module;

static void open_module(void) {
  context_init(&context);
  ir_module_init(&module, &context);
}

static void close_module(void) {
  ir_module_free(&module);
  context_free(&context);
}

static Name name(const char *text) {
  return names_intern(&context.names, str_from(text));
}

// A function of one i32 parameter and one i32 result, opened for building.
static IrFunctionId open_function(IrBuilder *b, const char *text) {
  IrType i32 = IR_I32;
  IrFunctionId id =
      ir_function_new(&module, name(text), ir_function_type(&module, &i32, 1, &i32, 1), (IrOrigin){0, 0});
  ir_build(b, &module, id);
  return id;
}

TestSuite(ir, .init = open_module, .fini = close_module);

Test(ir, equal_signatures_share_one_function_type) {
  IrType types[] = {IR_I32, IR_F64};
  IrHeapId first = ir_function_type(&module, types, 2, types, 1);
  cr_assert_eq(first, ir_function_type(&module, types, 2, types, 1));
  cr_assert_neq(first, ir_function_type(&module, types, 1, types, 2));
}

Test(ir, references_relate_by_declared_supertypes_and_nullability) {
  IrHeapId base = ir_heap_declare(&module, name("Base")), derived = ir_heap_declare(&module, name("Derived"));
  ir_struct_define(&module, base, 0, true, NULL, 0);
  ir_struct_define(&module, derived, base, false, NULL, 0);
  cr_assert(ir_is_subtype(&module, ir_ref(derived), ir_ref(base)));
  cr_assert(ir_is_subtype(&module, ir_ref(derived), ir_ref_null(base)));
  cr_assert_not(ir_is_subtype(&module, ir_ref_null(derived), ir_ref(base)));
  cr_assert_not(ir_is_subtype(&module, ir_ref(base), ir_ref(derived)));
  cr_assert(ir_is_subtype(&module, ir_ref(derived), IR_ANYREF));
  cr_assert(ir_is_subtype(&module, IR_NULLREF, ir_ref_null(base)));
  cr_assert_not(ir_is_subtype(&module, ir_ref(derived), IR_FUNCREF));
  cr_assert_not(ir_is_subtype(&module, IR_EXTERNREF, IR_ANYREF));
}

Test(ir, a_variable_assigned_in_a_loop_becomes_a_parameter_of_its_header) {
  IrBuilder b;
  IrFunctionId id = open_function(&b, "count");
  IrVar i = ir_var_new(&b, IR_I32), same = ir_var_new(&b, IR_I32);
  ir_var_write(&b, i, ir_i32(&b, 0));
  ir_var_write(&b, same, ir_param(&b, 0));
  IrBlockId head = ir_block_new(&b), body = ir_block_new(&b), done = ir_block_new(&b);
  ir_br(&b, head);
  ir_enter(&b, head);
  ir_br_if(&b, ir_binary(&b, IR_I32_LT_S, ir_var_read(&b, i), ir_var_read(&b, same)), body, done);
  ir_seal(&b, body);
  ir_enter(&b, body);
  ir_var_write(&b, i, ir_binary(&b, IR_I32_ADD, ir_var_read(&b, i), ir_i32(&b, 1)));
  ir_br(&b, head);
  ir_seal(&b, head);
  ir_seal(&b, done);
  ir_enter(&b, done);
  IrValue result = ir_var_read(&b, i);
  ir_return(&b, &result, 1);
  ir_build_end(&b);
  const IrFunction *function = ir_function(&module, id);
  cr_assert_eq(ir_block(function, head)->params.count, 1, "only the changing variable needs a parameter");
  cr_assert_eq(ir_block(function, done)->params.count, 0);
  cr_assert_eq(ir_operands(function, ir_terminator(function, done))[0],
               ir_block(function, head)->params.items[0]);
}

Test(ir, code_after_a_return_disappears) {
  IrBuilder b;
  IrFunctionId id = open_function(&b, "early");
  IrValue one = ir_param(&b, 0);
  ir_return(&b, &one, 1);
  cr_assert(ir_is_dead(&b));
  IrVar never = ir_var_new(&b, IR_I32);
  IrValue read = ir_var_read(&b, never);
  ir_binary(&b, IR_I32_DIV_S, read, read);
  ir_build_end(&b);
  const IrFunction *function = ir_function(&module, id);
  uint32_t instructions = 0;
  for (IrBlockId block = 1; block < function->blocks.count; block++) {
    instructions += ir_block(function, block)->insts.count;
  }
  cr_assert_eq(instructions, 0);
}

Test(ir, unused_pure_code_goes_and_traps_stay) {
  IrBuilder b;
  IrFunctionId id = open_function(&b, "effects");
  IrValue x = ir_param(&b, 0);
  ir_binary(&b, IR_I32_ADD, x, x);
  ir_binary(&b, IR_I32_DIV_S, x, x);
  ir_return(&b, &x, 1);
  ir_build_end(&b);
  const IrFunction *function = ir_function(&module, id);
  cr_assert_eq(ir_block(function, 1)->insts.count, 1);
  cr_assert_eq(ir_inst(function, ir_block(function, 1)->insts.items[0])->opcode, IR_I32_DIV_S);
}

Test(ir, reads_through_very_many_blocks_do_not_recurse) {
  IrBuilder b;
  IrFunctionId id = open_function(&b, "chain");
  IrVar x = ir_var_new(&b, IR_I32);
  ir_var_write(&b, x, ir_param(&b, 0));
  for (int i = 0; i < 200000; i++) {
    IrBlockId next = ir_block_new(&b);
    ir_br(&b, next);
    ir_seal(&b, next);
    ir_enter(&b, next);
  }
  IrValue result = ir_var_read(&b, x);
  ir_return(&b, &result, 1);
  ir_build_end(&b);
  cr_assert_eq(result, ir_block(ir_function(&module, id), 1)->params.items[0]);
}

Test(ir, a_loop_with_two_entries_is_not_reducible) {
  IrBuilder b;
  IrFunctionId id = open_function(&b, "irreducible");
  IrBlockId left = ir_block_new(&b), right = ir_block_new(&b);
  ir_br_if(&b, ir_param(&b, 0), left, right);
  ir_enter(&b, left);
  ir_br(&b, right);
  ir_enter(&b, right);
  ir_br(&b, left);
  ir_seal(&b, left);
  ir_seal(&b, right);
  ir_build_end(&b);
  Arena arena;
  arena_init(&arena);
  cr_assert_not(ir_flow(&arena, ir_function(&module, id)).reducible);
  arena_free(&arena);
}

Test(ir, effects_say_what_may_swap) {
  cr_assert_not(ir_effects_conflict(IR_READS_HEAP, IR_READS_HEAP));
  cr_assert(ir_effects_conflict(IR_READS_HEAP, IR_WRITES_HEAP));
  cr_assert_not(ir_effects_conflict(IR_READS_HEAP, IR_WRITES_MEMORY));
  cr_assert(ir_effects_conflict(IR_CALLS, IR_READS_GLOBAL));
  cr_assert(ir_effects_conflict(IR_TRAPS, IR_TRAPS));
  cr_assert(ir_effects_conflict(IR_TRAPS, IR_WRITES_GLOBAL));
  cr_assert_not(ir_effects_conflict(IR_TRAPS, IR_READS_GLOBAL));
  cr_assert_not(ir_effects_conflict(IR_ALLOCATES, IR_CALLS));
}

// ------------------------------------------------------------------------------------------- text form

static const char *const everything = "type $Base = open struct {.id i32}\n"
                                      "type $Point = sub $Base struct {.id i32, .x mut f64, .flag mut i8}\n"
                                      "type $Bytes = array mut i8\n"
                                      "type $Env = struct {.code ref $Code}\n"
                                      "type $Code = own fn (ref $Env, i32) -> (i32)\n"
                                      "type $t6 = fn (i32) -> (i32)\n"
                                      "type $t7 = fn (f64) -> ()\n"
                                      "type $t8 = fn () -> (i32, f64)\n"
                                      "global @count : mut i32 = i32.const -7\n"
                                      "global @env : ref $Env = struct.new $Env (ref.func @code)\n"
                                      "global @host : ref null extern import \"env\" \"host\"\n"
                                      "table @rows = (@code, null)\n"
                                      "memory 1 16\n"
                                      "data @text = \"a\\22\\00b\"\n"
                                      "data @low at 8 = \"xy\"\n"
                                      "export \"main\" fn @main\n"
                                      "export \"memory\" memory\n"
                                      "fn @log(f64) -> () import \"env\" \"log\"\n"
                                      "fn @code : $Code (v1: ref $Env, v2: i32) -> (i32) {\n"
                                      "  return v2\n"
                                      "}\n"
                                      "fn @main(v1: i32) -> (i32) {\n"
                                      "  v2 = i32.const 0\n"
                                      "  v3 = f64.const 0.1\n"
                                      "  v4 = f64.const -nan:8000000000000\n"
                                      "  call @log v3\n"
                                      "  br ^2(v2)\n"
                                      "^2(v5: i32):\n"
                                      "  v6 = i32.lt_s v5, v1\n"
                                      "  br_if v6 ^3, ^4\n"
                                      "^3:\n"
                                      "  v7 = i32.const 1\n"
                                      "  v8 = i32.add v5, v7\n"
                                      "  br ^2(v8)\n"
                                      "^4:\n"
                                      "  v9, v10 = call @\"two words\"\n"
                                      "  v11 = global.get @env\n"
                                      "  switch v9 ^5, ^6(v9), ^6(v5)\n"
                                      "^5:\n"
                                      "  v12 = struct.get $Env 0 v11\n"
                                      "  tail_call_ref $Code v11, v9, v12\n"
                                      "^6(v13: i32):\n"
                                      "  v14 = ref.null ref null $Point\n"
                                      "  v15: ref $Point = ref.as_non_null v14\n"
                                      "  struct.set $Point 1 v15, v10\n"
                                      "  return v13\n"
                                      "}\n"
                                      "fn @\"two words\"() -> (i32, f64) {\n"
                                      "  v1 = i32.const 3\n"
                                      "  v2 = f64.const inf\n"
                                      "  return v1, v2\n"
                                      "}\n";

static Str parse_and_print(Str text) {
  Text error = text_new(&context.arena), out = text_new(&context.arena);
  IrModule parsed;
  ir_module_init(&parsed, &context);
  bool ok = ir_parse(&parsed, text, &error);
  cr_assert(ok, "%.*s", STR_ARGS(text_str(&error)));
  ok = ir_verify(&parsed, &error);
  cr_assert(ok, "%.*s", STR_ARGS(text_str(&error)));
  ir_print(&parsed, (IrPrintOptions){0}, &out);
  ir_module_free(&parsed);
  return text_str(&out);
}

Test(ir, text_round_trips) {
  Str printed = parse_and_print(str_from(everything));
  cr_assert_str_eq(printed.ptr, everything);
}

Test(ir, origins_are_printed_on_request_and_read_back) {
  const char *text = "type $t1 = fn () -> (i32)\n"
                     "fn @f() -> (i32) !7:1 {\n"
                     "  v1 = i32.const 3 !12:1\n"
                     "  return v1 !15:2\n"
                     "}\n";
  Text error = text_new(&context.arena), out = text_new(&context.arena);
  cr_assert(ir_parse(&module, str_from(text), &error));
  ir_print(&module, (IrPrintOptions){.origins = true}, &out);
  cr_assert_str_eq(text_str(&out).ptr, text);
}

Test(ir, equal_names_are_told_apart_in_text) {
  IrHeapId type = ir_function_type(&module, NULL, 0, NULL, 0);
  for (int i = 0; i < 3; i++) {
    IrBuilder b;
    ir_build(&b, &module, ir_function_new(&module, name(i == 1 ? "f~2" : "f"), type, (IrOrigin){0, 0}));
    ir_return(&b, NULL, 0);
    ir_build_end(&b);
  }
  Text out = text_new(&context.arena);
  ir_print(&module, (IrPrintOptions){0}, &out);
  cr_assert_not_null(strstr(text_str(&out).ptr, "fn @f()"));
  cr_assert_not_null(strstr(text_str(&out).ptr, "fn @f~2()"));
  cr_assert_not_null(strstr(text_str(&out).ptr, "fn @f~3()"));
}

// Each text has one fault that the parser or the verifier must name.
static void expect_fault(const char *text, const char *message) {
  Text error = text_new(&context.arena);
  IrModule parsed;
  ir_module_init(&parsed, &context);
  bool ok = ir_parse(&parsed, str_from(text), &error) && ir_verify(&parsed, &error);
  ir_module_free(&parsed);
  cr_assert_not(ok, "accepted: %s", text);
  cr_assert_not_null(strstr(text_str(&error).ptr, message), "%s\n  says: %.*s", text,
                     STR_ARGS(text_str(&error)));
}

Test(ir, faults_are_named) {
  expect_fault("fn @f() -> () {\n  retrun\n}\n", "2:9: unknown instruction");
  expect_fault("fn @f() -> () {\n  return\n", "expected");
  expect_fault("fn @f() -> (i32) {\n  return\n}\n", "return has 0 operands");
  expect_fault("fn @f(v1: f64) -> (i32) {\n  return v1\n}\n", "wrong type");
  expect_fault("fn @f() -> (i32) {\n  return v1\n}\n", "defined nowhere");
  expect_fault("fn @f() -> () {\n  br ^2\n}\n", "has no terminator");
  expect_fault("fn @f(v1: i32) -> () {\n  br ^2(v1)\n^2:\n  return\n}\n", "1 arguments");
  expect_fault("fn @f(v1: i32) -> (i32) {\n  br_if v1 ^2, ^3\n^2:\n  v2 = i32.const 1\n  br ^3\n^3:\n"
               "  return v2\n}\n",
               "does not dominate");
  expect_fault("fn @f(v1: i32) -> () {\n  br_if v1 ^2, ^3\n^2:\n  br ^3\n^3:\n  br ^2\n}\n", "two entries");
  expect_fault("fn @f(v1: i32) -> () {\n  v1 = i32.const 1\n  return\n}\n", "defined twice");
  expect_fault("fn @f() -> () {\n  v9999 = i32.const 1\n  return\n}\n", "number is too large");
  expect_fault("type $A = struct {}\ntype $B = sub $A struct {}\n", "cannot be a subtype");
  expect_fault("global @g : mut i32 = f64.const 1\n", "wrong type");
  expect_fault("export \"a\" fn @b\n", "unknown name");
  expect_fault(
      "type $A = array i8\nfn @f(v1: ref $A) -> (i32) {\n  v2 = struct.get $A 0 v1\n  return v2\n}\n",
      "cannot have this immediate");
}

// Code after a return reads a reference that its path never wrote.
Test(ir, a_reference_read_in_dead_code_leaves_nothing_in_living_code) {
  IrHeapId heap = ir_heap_declare(&module, name("Object"));
  ir_struct_define(&module, heap, 0, false, NULL, 0);
  IrBuilder b;
  IrFunctionId id = open_function(&b, "dead");
  IrVar object = ir_var_new(&b, ir_ref(heap));
  IrValue one = ir_param(&b, 0);
  ir_return(&b, &one, 1);
  ir_ref_test(&b, ir_ref(heap), ir_var_read(&b, object));
  ir_build_end(&b);
  cr_assert_eq(ir_block(ir_function(&module, id), 1)->insts.count, 0);
}

Test(ir, a_clone_has_blocks_and_sites_of_its_own) {
  IrBuilder b;
  IrFunctionId id = open_function(&b, "original");
  VECTOR_PUSH(&module.arena, &module.sites, (IrSite){.callee = id, .position = 3, .root = id});
  VECTOR_PUSH(&module.arena, &module.sites, (IrSite){.callee = id, .position = 5, .outer = 1, .root = id});
  b.origin = (IrInstOrigin){.position = 7, .site = 2};
  IrValue twice = ir_binary(&b, IR_I32_ADD, ir_param(&b, 0), ir_param(&b, 0));
  ir_return(&b, &twice, 1);
  ir_build_end(&b);
  IrFunctionId clone_id = ir_function_clone(&module, id);
  IrFunction *original = ir_function(&module, id), *clone = ir_function(&module, clone_id);
  cr_assert_eq(clone->base, id);
  ir_block(original, 1)->insts.items[0] = 0;
  cr_assert_neq(ir_block(clone, 1)->insts.items[0], 0);
  IrSiteId site = ir_terminator(clone, 1)->origin.site;
  cr_assert_eq(module.sites.items[site].position, 5);
  cr_assert_eq(module.sites.items[site].root, clone_id);
  cr_assert_eq(module.sites.items[module.sites.items[site].outer].position, 3);
  cr_assert_eq(module.sites.items[module.sites.items[site].outer].root, clone_id);
  cr_assert_eq(ir_terminator(original, 1)->origin.site, 2);
}
