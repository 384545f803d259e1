// Owns what the host sees: the exported functions and the section `voyd.abi` (runtime-wasm/host/README.md).
//
// An export of numbers is the function itself. Only what the Wasm signature does not tell is written into the
// section. What else can cross goes through memory (boundary.c); what cannot is exported as it is, for Wasm.
#include "lower/lowering.h"

#include "base/text.h"

static bool is_number(TypeId type) {
  return type == TYPE_I32 || type == TYPE_I64 || type == TYPE_F32 || type == TYPE_F64;
}

static bool is_direct(TypeId type) {
  return is_number(type) || type == TYPE_BOOL || type == TYPE_VOID;
}

static uint32_t parameter_count(const Program *program, const Instance *instance) {
  return ast_function(program->ast, instance->function)->parameters.count;
}

typedef struct Export {
  Name name;
  InstanceId id;
  uint32_t count, omits;             // parameters; the last ones that a host may leave out (06 §16.6)
  bool params_cross, result_crosses; // through memory
  bool opaque;                       // something cannot cross: only Wasm can call it
  bool described;                    // needs an entry in the section
} Export;

static bool may_omit(const Program *program, const Instance *instance, uint32_t index) {
  AstRange parameters = ast_function(program->ast, instance->function)->parameters;
  const AstParameter *parameter = &program->ast->parameters.items[parameters.first + index];
  return parameter->default_value != 0 || parameter->is_optional;
}

static Export judge(Lowering *lowering, Name name, InstanceId id) {
  const Instance *instance = program_instance(lowering->program, id);
  Export export = {.name = name,
                   .id = id,
                   .count = parameter_count(lowering->program, instance),
                   .result_crosses = !is_direct(instance->result)};
  export.opaque = !boundary_crosses(lowering, instance->result);
  export.described = instance->result == TYPE_BOOL;
  for (uint32_t i = 0; i < export.count; i++) {
    TypeId type = instance->parameter_types[i];
    export.params_cross |= !is_direct(type);
    export.opaque |= !boundary_crosses(lowering, type);
    export.described |= type == TYPE_BOOL || type == TYPE_VOID;
  }
  while (export.omits < export.count &&
         may_omit(lowering->program, instance, export.count - 1 - export.omits)) {
    export.omits++;
  }
  export.described |= export.params_cross || export.result_crosses || export.omits > 0;
  return export;
}

// One member of "exports".
static void describe(Lowering *lowering, Text *abi, const Export *export) {
  const Instance *instance = program_instance(lowering->program, export->id);
  text_add(abi, abi->count == 0 ? STR("{\"version\":1,\"exports\":{\"") : STR(",\""));
  text_add_json(abi, context_name(lowering->context, export->name));
  text_add(abi, STR("\":{\"params\":["));
  for (uint32_t i = 0; i < export->count; i++) {
    text_add(abi, i ? STR(",") : STR(""));
    boundary_schema(lowering, abi, instance->parameter_types[i]);
  }
  text_add(abi, STR("],\"result\":"));
  boundary_schema(lowering, abi, instance->result);
  if (export->params_cross || export->result_crosses) {
    text_format(abi, ",\"wire\":\"%s\"",
                !export->result_crosses ? "params"
                : export->params_cross  ? "both"
                                        : "result");
  }
  if (export->omits > 0) {
    text_format(abi, ",\"omits\":%u", export->omits);
  }
  text_add_char(abi, '}');
}

// "imports": the operations that the host is asked for.
static void describe_host_operations(Lowering *lowering, Text *abi) {
  text_add(abi,
           abi->count == 0 ? STR("{\"version\":1,\"exports\":{},\"imports\":[") : STR("},\"imports\":["));
  for (uint32_t i = 0; i < lowering->host_operations.count; i++) {
    const HostOperation *operation = &lowering->host_operations.items[i];
    const CallPlan *plan = operation->plan;
    text_add(abi, i ? STR(",{\"module\":\"") : STR("{\"module\":\""));
    text_add_json(abi, check_host_operation(lowering->program, operation->operation));
    text_add(abi, STR("\",\"name\":\""));
    text_add_json(abi, context_name(lowering->context,
                                    ast_function(lowering->program->ast, operation->operation)->name));
    text_add(abi, STR("\",\"params\":["));
    for (uint32_t k = 0; k < plan->count; k++) {
      text_add(abi, k ? STR(",") : STR(""));
      boundary_schema(lowering, abi, lowering->program->arguments.items[plan->first + k].to);
    }
    text_add(abi, STR("],\"result\":"));
    boundary_schema(lowering, abi, plan->result);
    text_add_char(abi, '}');
  }
  text_add_char(abi, ']');
}

static bool comes_back(const Lowering *lowering, InstanceId id) {
  const Instance *instance = program_instance(lowering->program, id);
  for (uint32_t i = 0; i < parameter_count(lowering->program, instance); i++) {
    if (facts_written(lowering, id, i)) {
      return true;
    }
  }
  return false;
}

// What the host calls when it passes the first `given` arguments.
static IrFunctionId export_entry(Lowering *lowering, const Export *export, uint32_t given) {
  if (!export->opaque && (export->params_cross || export->result_crosses)) {
    return boundary_wrapper(lowering, export->id, given, export->params_cross, export->result_crosses);
  }
  bool *omitted = ARENA_ARRAY(&lowering->scratch, bool, export->count);
  for (uint32_t i = given; i < export->count; i++) {
    omitted[i] = true;
  }
  return function_entry(lowering, export->id, given < export->count ? omitted : NULL,
                        comes_back(lowering, export->id));
}

static void export_one(Lowering *lowering, const Export *export) {
  Str name = context_name(lowering->context, export->name);
  IrFunctionId full = export_entry(lowering, export, export->count);
  ir_export(lowering->module, IR_EXPORT_FUNCTION, full, name);
  if (export->opaque || !export->described) {
    return;
  }
  describe(lowering, &lowering->abi, export);
  for (uint32_t omits = 1; omits <= export->omits; omits++) {
    ir_export(lowering->module, IR_EXPORT_FUNCTION, export_entry(lowering, export, export->count - omits),
              arena_format(&lowering->module->arena, "voyd.omit.%u.%.*s", omits, STR_ARGS(name)));
  }
}

void exports_lower(Lowering *lowering) {
  Program *program = lowering->program;
  lowering->abi = text_new(&lowering->module->arena);
  for (uint32_t i = 0; i < program->export_count; i++) {
    Export export = judge(lowering, program->exports[i].name, program->exports[i].instance);
    export_one(lowering, &export);
  }
}

Str exports_section(Lowering *lowering) {
  Text *abi = &lowering->abi;
  if (lowering->host_operations.count > 0) {
    describe_host_operations(lowering, abi);
  } else if (abi->count > 0) {
    text_add_char(abi, '}');
  }
  if (abi->count > 0) {
    if (lowering->schema_types.count > 0) {
      text_add(abi, STR(",\"types\":"));
      boundary_types(lowering, abi);
    }
    text_add_char(abi, '}');
  }
  return text_str(abi);
}

void exports_enter(Lowering *lowering) {
  IrModule *module = lowering->module;
  for (uint32_t i = 0; i < module->exports.count; i++) {
    IrExport *export = &module->exports.items[i];
    if (export->kind != IR_EXPORT_FUNCTION || str_equal(export->name, STR("voyd.wire"))) {
      continue;
    }
    IrFunction *target = ir_function(module, export->id);
    IrFunctionId wrapper = ir_function_new(module, target->name, target->type, target->origin);
    target = ir_function(module, export->id);
    uint32_t count = ir_heap(module, target->type)->param_count;
    IrBuilder ir;
    ir_build(&ir, module, wrapper);
    effects_enter(lowering, &ir);
    if (lowering->activation != 0) {
      lets_activate(lowering, &ir);
    }
    IrValue *arguments = ARENA_ARRAY(&lowering->scratch, IrValue, count);
    for (uint32_t k = 0; k < count; k++) {
      arguments[k] = ir_param(&ir, k);
    }
    ir_tail_call(&ir, export->id, arguments, count);
    ir_build_end(&ir);
    module->exports.items[i].id = wrapper;
  }
}
