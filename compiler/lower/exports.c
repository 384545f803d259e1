// Owns what the host sees: the exported functions and the section `voyd.abi` (runtime-wasm/host/README.md).
//
// An export of numbers is the function itself. Only what the Wasm signature does not tell is written into the
// section: today that a result or parameter is a `bool`.
#include "lower/lowering.h"

#include "base/text.h"

static const char *schema_of(TypeId type) {
  switch (type) {
  case TYPE_I32:
    return "i32";
  case TYPE_I64:
    return "i64";
  case TYPE_F32:
    return "f32";
  case TYPE_F64:
    return "f64";
  case TYPE_BOOL:
    return "bool";
  case TYPE_VOID:
    return "void";
  default:
    return NULL;
  }
}

static uint32_t parameter_count(const Program *program, const Instance *instance) {
  return ast_function(program->ast, instance->function)->parameters.count;
}

// One member of "exports"; nothing if the signature says it all or the host cannot call it.
static void describe(Lowering *lowering, Text *abi, Name name, const Instance *instance) {
  uint32_t count = parameter_count(lowering->program, instance);
  bool params_need = false, opaque = schema_of(instance->result) == NULL;
  for (uint32_t i = 0; i < count; i++) {
    params_need |= instance->parameter_types[i] == TYPE_BOOL;
    opaque |= schema_of(instance->parameter_types[i]) == NULL;
  }
  bool result_needs = instance->result == TYPE_BOOL;
  if (opaque || !(params_need || result_needs)) {
    return;
  }
  text_add(abi, abi->count == 0 ? STR("{\"version\":1,\"exports\":{\"") : STR(",\""));
  text_add_json(abi, context_name(lowering->context, name));
  text_add(abi, STR("\":{"));
  if (params_need) {
    text_add(abi, STR("\"params\":["));
    for (uint32_t i = 0; i < count; i++) {
      text_format(abi, "%s\"%s\"", i ? "," : "", schema_of(instance->parameter_types[i]));
    }
    text_add(abi, STR("]"));
  }
  if (result_needs) {
    text_add(abi, params_need ? STR(",\"result\":\"bool\"") : STR("\"result\":\"bool\""));
  }
  text_add_char(abi, '}');
}

static bool comes_back(const Lowering *lowering, InstanceId id, const Instance *instance) {
  for (uint32_t i = 0; i < parameter_count(lowering->program, instance); i++) {
    if (facts_written(lowering, id, i)) {
      return true;
    }
  }
  return false;
}

void exports_lower(Lowering *lowering, LowerResult *result) {
  Program *program = lowering->program;
  Text abi = text_new(&lowering->module->arena);
  for (uint32_t i = 0; i < program->export_count; i++) {
    InstanceId id = program->exports[i].instance;
    const Instance *instance = program_instance(program, id);
    IrFunctionId function = function_entry(lowering, id, NULL, comes_back(lowering, id, instance));
    Str name = context_name(lowering->context, program->exports[i].name);
    ir_export(lowering->module, IR_EXPORT_FUNCTION, function, name);
    describe(lowering, &abi, program->exports[i].name, instance);
  }
  if (abi.count > 0) {
    text_add(&abi, STR("}}"));
  }
  result->abi = text_str(&abi);
}

void exports_count_activations(Lowering *lowering) {
  IrModule *module = lowering->module;
  for (uint32_t i = 0; i < module->exports.count; i++) {
    IrExport *export = &module->exports.items[i];
    IrFunction *target = ir_function(module, export->id);
    IrFunctionId wrapper = ir_function_new(module, target->name, target->type, target->origin);
    target = ir_function(module, export->id);
    uint32_t count = ir_heap(module, target->type)->param_count;
    IrBuilder ir;
    ir_build(&ir, module, wrapper);
    IrValue number = ir_binary(&ir, IR_I32_ADD, ir_global_get(&ir, lowering->activation), ir_i32(&ir, 1));
    ir_global_set(&ir, lowering->activation, number);
    IrValue *arguments = ARENA_ARRAY(&lowering->scratch, IrValue, count);
    for (uint32_t k = 0; k < count; k++) {
      arguments[k] = ir_param(&ir, k);
    }
    ir_tail_call(&ir, export->id, arguments, count);
    ir_build_end(&ir);
    module->exports.items[i].id = wrapper;
  }
}
