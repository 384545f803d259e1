// IR text from any bytes: the parser and the verifier must refuse or accept without a fault; what they accept
// prints to text that reads back to the same text, and is emitted as a module that Binaryen holds valid.
#include "tests/fuzz/fuzz.h"
#include "wasm/wasm.h"

static Str print(const IrModule *module, Arena *arena) {
  Text text = text_new(arena);
  ir_print(module, (IrPrintOptions){.origins = true}, &text);
  return text_str(&text);
}

static void check_module(Context *context, IrModule *module) {
  Text error = text_new(&context->arena);
  if (!ir_verify(module, &error)) {
    return;
  }
  Str text = print(module, &context->arena);
  IrModule again;
  ir_module_init(&again, context);
  if (!ir_parse(&again, text, &error) || !ir_verify(&again, &error) ||
      !str_equal(text, print(&again, &context->arena))) {
    abort();
  }
  ir_module_free(&again);
  WasmResult result;
  WasmOptions options = {.validate = true};
  if (!wasm_emit(module, &options, &context->arena, &result) && context->diagnostics.errors == 0) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  Context context;
  context_init(&context);
  IrModule module;
  ir_module_init(&module, &context);
  Text error = text_new(&context.arena);
  if (ir_parse(&module, (Str){(const char *)bytes, size}, &error)) {
    check_module(&context, &module);
  }
  ir_module_free(&module);
  context_free(&context);
  return 0;
}
