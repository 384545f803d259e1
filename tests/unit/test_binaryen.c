// What the compiler takes for granted of the Binaryen it is linked with: GC types, tail calls, the optimiser,
// and a valid binary at the end.
#include <criterion/criterion.h>
#include <stdlib.h>

#include <binaryen-c.h>

static BinaryenModuleRef module_new(void) {
  BinaryenModuleRef module = BinaryenModuleCreate();
  BinaryenModuleSetFeatures(module, BinaryenFeatureGC() | BinaryenFeatureReferenceTypes() |
                                        BinaryenFeatureTailCall() | BinaryenFeatureExceptionHandling());
  return module;
}

Test(binaryen, folds_constants_and_writes_a_module) {
  BinaryenModuleRef module = module_new();
  BinaryenExpressionRef sum =
      BinaryenBinary(module, BinaryenAddInt32(), BinaryenConst(module, BinaryenLiteralInt32(40)),
                     BinaryenConst(module, BinaryenLiteralInt32(2)));
  BinaryenFunctionRef function =
      BinaryenAddFunction(module, "main", BinaryenTypeNone(), BinaryenTypeInt32(), NULL, 0, sum);
  BinaryenAddFunctionExport(module, "main", "main");
  cr_assert(BinaryenModuleValidate(module));
  BinaryenModuleOptimize(module);
  BinaryenExpressionRef body = BinaryenFunctionGetBody(function);
  cr_assert_eq(BinaryenExpressionGetId(body), BinaryenConstId());
  cr_assert_eq(BinaryenConstGetValueI32(body), 42);

  BinaryenModuleAllocateAndWriteResult written = BinaryenModuleAllocateAndWrite(module, NULL);
  cr_assert_lt(written.binaryBytes, 100);
  cr_assert_arr_eq(written.binary, "\0asm\1\0\0\0", 8);
  free(written.binary);
  BinaryenModuleDispose(module);
}

Test(binaryen, a_struct_that_does_not_escape_is_optimised_away) {
  BinaryenModuleRef module = module_new();
  TypeBuilderRef builder = TypeBuilderCreate(1);
  BinaryenType fields[] = {BinaryenTypeInt32()};
  BinaryenPackedType packing[] = {BinaryenPackedTypeNotPacked()};
  bool mutable[] = {true};
  TypeBuilderSetStructType(builder, 0, fields, packing, mutable, 1);
  BinaryenHeapType box;
  BinaryenIndex error_index;
  TypeBuilderErrorReason error_reason;
  cr_assert(TypeBuilderBuildAndDispose(builder, &box, &error_index, &error_reason));

  BinaryenExpressionRef operands[] = {BinaryenLocalGet(module, 0, BinaryenTypeInt32())};
  BinaryenExpressionRef boxed = BinaryenStructNew(module, operands, 1, box);
  BinaryenFunctionRef function =
      BinaryenAddFunction(module, "through_a_box", BinaryenTypeInt32(), BinaryenTypeInt32(), NULL, 0,
                          BinaryenStructGet(module, 0, boxed, BinaryenTypeInt32(), false));
  BinaryenAddFunctionExport(module, "through_a_box", "through_a_box");
  cr_assert(BinaryenModuleValidate(module));
  BinaryenModuleOptimize(module);
  cr_assert_eq(BinaryenExpressionGetId(BinaryenFunctionGetBody(function)), BinaryenLocalGetId());
  BinaryenModuleDispose(module);
}

Test(binaryen, tail_calls_validate) {
  BinaryenModuleRef module = module_new();
  BinaryenExpressionRef operands[] = {BinaryenLocalGet(module, 0, BinaryenTypeInt32())};
  BinaryenAddFunction(module, "forever", BinaryenTypeInt32(), BinaryenTypeInt32(), NULL, 0,
                      BinaryenReturnCall(module, "forever", operands, 1, BinaryenTypeInt32()));
  cr_assert(BinaryenModuleValidate(module));
  BinaryenModuleDispose(module);
}
