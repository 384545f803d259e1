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
