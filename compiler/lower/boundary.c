// Owns what crosses to the host and back (06 §15, §16): which types can, what the section `voyd.abi` says of
// them, and the functions that the host calls, and that call the host, in place of those that were written.
//
// An export whose parameters or result are more than numbers gets a wrapper. Values cross as bytes in linear
// memory (wire.c), laid out by their type (runtime-wasm/host/README.md, "The wire"): nothing in the bytes
// says what they are, the schema does.
#include "lower/boundary.h"

// ------------------------------------------------------------------------------------------- what can cross

static bool is_symbol(const Lowering *lowering, TypeId type, SymbolId symbol) {
  const Type *at = type_get(&lowering->program->types, type);
  return symbol != 0 && at->kind == KIND_NOMINAL && at->symbol == symbol;
}

bool boundary_is_string(const Lowering *lowering, TypeId type) {
  return is_symbol(lowering, type, lowering->program->declarations.string_object);
}

bool boundary_is_array(const Lowering *lowering, TypeId type) {
  return is_symbol(lowering, type, lowering->program->declarations.array_object);
}

bool boundary_is_bytes(const Lowering *lowering, TypeId type) {
  return is_symbol(lowering, type, lowering->program->declarations.bytes_object);
}

bool boundary_is_variant(const Lowering *lowering, TypeId type) {
  const Type *at = type_get(&lowering->program->types, type);
  return at->kind == KIND_NOMINAL && names_is_variant(lowering->program->names, at->symbol);
}

TypeId boundary_argument(const Lowering *lowering, TypeId type) {
  return type_argument(&lowering->program->types, type_get(&lowering->program->types, type), 0);
}

const TypeField *boundary_fields(Lowering *lowering, TypeId type, uint32_t *count) {
  const TypeTable *types = &lowering->program->types;
  const Type *at = type_get(types, type);
  if (at->kind == KIND_RECORD) {
    *count = at->count;
    return type_fields(types, at);
  }
  return declarations_fields(&lowering->program->declarations, type, count);
}

typedef struct Crossing {
  Lowering *lowering;
  VECTOR(TypeId) visited;
} Crossing;

static bool crosses(Crossing *crossing, TypeId type);

static bool has_private_field(const Lowering *lowering, TypeId type) {
  const Program *program = lowering->program;
  const Symbol *symbol = names_symbol(program->names, type_get(&program->types, type)->symbol);
  AstRange fields = program->ast->objects.items[symbol->declaration].fields;
  for (uint32_t i = 0; i < fields.count; i++) {
    if (program->ast->fields.items[fields.first + i].modifier == MODIFIER_PRI) {
      return true;
    }
  }
  return false;
}

static bool fields_cross(Crossing *crossing, TypeId type) {
  uint32_t count;
  (void)boundary_fields(crossing->lowering, type, &count);
  for (uint32_t i = 0; i < count; i++) {
    if (!crosses(crossing, boundary_fields(crossing->lowering, type, &count)[i].type)) {
      return false;
    }
  }
  return true;
}

static bool hides_tag(Lowering *lowering, TypeId type) {
  uint32_t count;
  const TypeField *fields = boundary_fields(lowering, type, &count);
  for (uint32_t i = 0; i < count; i++) {
    Str name = context_name(lowering->context, fields[i].name);
    if (str_equal(name, STR("tag")) || str_equal(name, STR("$variant"))) {
      return true;
    }
  }
  return false;
}

// A member of a union crosses under its declared name, which goes beside its fields as `tag`.
static bool member_crosses(Crossing *crossing, const Type *type, uint32_t index) {
  Lowering *lowering = crossing->lowering;
  const TypeTable *types = &lowering->program->types;
  TypeId member = type_plain(lowering, types->ids.items[type->first + index]);
  if (type_kind(types, member) != KIND_NOMINAL || boundary_is_string(lowering, member) ||
      boundary_is_array(lowering, member)) {
    return false;
  }
  for (uint32_t i = 0; i < index; i++) {
    TypeId other = type_plain(lowering, types->ids.items[type->first + i]);
    if (type_name(lowering, other) == type_name(lowering, member)) {
      return false;
    }
  }
  return !hides_tag(lowering, member) && crosses(crossing, member);
}

static bool crosses(Crossing *crossing, TypeId type) {
  Lowering *lowering = crossing->lowering;
  type = type_plain(lowering, type);
  for (uint32_t i = 0; i < crossing->visited.count; i++) {
    if (crossing->visited.items[i] == type) {
      return true; // under question already, or answered
    }
  }
  VECTOR_PUSH(&lowering->scratch, &crossing->visited, type);
  Type at = *type_get(&lowering->program->types, type);
  switch ((TypeKind)at.kind) {
  case KIND_PRIMITIVE:
    return type != TYPE_U8;
  case KIND_NOMINAL:
    if (boundary_is_string(lowering, type) || boundary_is_bytes(lowering, type)) {
      return true;
    }
    if (boundary_is_array(lowering, type)) {
      return crosses(crossing, boundary_argument(lowering, type));
    }
    return !has_private_field(lowering, type) &&
           !(boundary_is_variant(lowering, type) && hides_tag(lowering, type)) &&
           fields_cross(crossing, type);
  case KIND_RECORD:
    return fields_cross(crossing, type);
  case KIND_UNION:
    for (uint32_t i = 0; i < at.count; i++) {
      if (!member_crosses(crossing, &at, i)) {
        return false;
      }
    }
    return true;
  default:
    return false;
  }
}

bool boundary_crosses(Lowering *lowering, TypeId type) {
  Crossing crossing = {.lowering = lowering};
  return crosses(&crossing, type);
}

typedef struct TypeSearch {
  VECTOR(TypeId) seen; // `wanted` first
  Arena *arena;
  bool found;
} TypeSearch;

static bool meet_type(void *context, TypeId type) {
  TypeSearch *search = context;
  for (uint32_t i = 0; i < search->seen.count; i++) {
    if (search->seen.items[i] == type) {
      search->found |= i == 0;
      return false;
    }
  }
  VECTOR_PUSH(search->arena, &search->seen, type);
  return true;
}

bool boundary_is_recursive(Lowering *lowering, TypeId type) {
  TypeSearch search = {.arena = &lowering->scratch};
  boundary_see(lowering, type, meet_type, &search);
  return search.found;
}

static void see_fields(Lowering *lowering, TypeId type, bool (*constructs)(void *, TypeId), void *context) {
  uint32_t count;
  (void)boundary_fields(lowering, type, &count);
  for (uint32_t i = 0; i < count; i++) {
    boundary_see(lowering, boundary_fields(lowering, type, &count)[i].type, constructs, context);
  }
}

// Every type inside a parameter is reported once, recursive ones too: `constructs` says whether it is new.
void boundary_see(Lowering *lowering, TypeId type, bool (*constructs)(void *context, TypeId type),
                  void *context) {
  type = type_plain(lowering, type);
  Type at = *type_get(&lowering->program->types, type);
  if (at.kind == KIND_PRIMITIVE || !constructs(context, type)) {
    return;
  }
  if (at.kind == KIND_UNION) {
    for (uint32_t i = 0; i < at.count; i++) {
      boundary_see(lowering, lowering->program->types.ids.items[at.first + i], constructs, context);
    }
  } else if (at.kind == KIND_NOMINAL || at.kind == KIND_RECORD) {
    see_fields(lowering, type, constructs, context);
    if (boundary_is_array(lowering, type)) {
      boundary_see(lowering, boundary_argument(lowering, type), constructs, context);
    }
  }
}

// ------------------------------------------------------------------------------------------------ the schema

static const char *scalar_schema(const Lowering *lowering, TypeId type) {
  switch (type) {
  case TYPE_I32:
    return "\"i32\"";
  case TYPE_I64:
    return "\"i64\"";
  case TYPE_F32:
    return "\"f32\"";
  case TYPE_F64:
    return "\"f64\"";
  case TYPE_BOOL:
    return "\"bool\"";
  case TYPE_VOID:
    return "\"void\"";
  default:
    return boundary_is_string(lowering, type)  ? "\"string\""
           : boundary_is_bytes(lowering, type) ? "\"bytes\""
                                               : NULL;
  }
}

static uint32_t schema_index(Lowering *lowering, TypeId type) {
  for (uint32_t i = 0; i < lowering->schema_types.count; i++) {
    if (lowering->schema_types.items[i] == type) {
      return i;
    }
  }
  VECTOR_PUSH(&lowering->arena, &lowering->schema_types, type);
  return lowering->schema_types.count - 1;
}

void boundary_schema(Lowering *lowering, Text *out, TypeId type) {
  type = type_plain(lowering, type);
  const char *scalar = scalar_schema(lowering, type);
  if (scalar) {
    text_add(out, str_from(scalar));
  } else if (boundary_is_array(lowering, type)) {
    text_add(out, STR("{\"array\":"));
    boundary_schema(lowering, out, boundary_argument(lowering, type));
    text_add_char(out, '}');
  } else {
    text_format(out, "{\"type\":%u}", schema_index(lowering, type));
  }
}

// A field that may be absent (`name?: T`) is there or not, without a wrapper around its value.
TypeId boundary_absent_payload(const Lowering *lowering, TypeField field) {
  return field.optional
             ? declarations_payload(&lowering->program->declarations, type_plain(lowering, field.type))
             : TYPE_NONE;
}

static void fields_schema(Lowering *lowering, Text *out, TypeId type) {
  uint32_t count;
  (void)boundary_fields(lowering, type, &count);
  text_add_char(out, '[');
  for (uint32_t i = 0; i < count; i++) {
    TypeField field = boundary_fields(lowering, type, &count)[i];
    TypeId payload = boundary_absent_payload(lowering, field);
    text_add(out, i ? STR(",[\"") : STR("[\""));
    text_add_json(out, context_name(lowering->context, field.name));
    text_add(out, STR("\","));
    boundary_schema(lowering, out, payload == TYPE_NONE ? field.type : payload);
    text_add(out, payload == TYPE_NONE ? STR("]") : STR(",1]"));
  }
  text_add_char(out, ']');
}

static void variant_schema(Lowering *lowering, Text *out, TypeId member) {
  text_add(out, STR("[\""));
  text_add_json(out, context_name(lowering->context, type_name(lowering, member)));
  text_add(out, STR("\","));
  fields_schema(lowering, out, member);
  text_add_char(out, ']');
}

void boundary_types(Lowering *lowering, Text *out) {
  text_add_char(out, '[');
  for (uint32_t i = 0; i < lowering->schema_types.count; i++) { // the list grows meanwhile
    TypeId type = lowering->schema_types.items[i];
    Type at = *type_get(&lowering->program->types, type);
    text_add(out, i ? STR(",") : STR(""));
    if (at.kind != KIND_UNION && !boundary_is_variant(lowering, type)) {
      text_add(out, STR("{\"record\":"));
      fields_schema(lowering, out, type);
      text_add_char(out, '}');
      continue;
    }
    text_add(out, STR("{\"variant\":["));
    for (uint32_t k = 0; k < (at.kind == KIND_UNION ? at.count : 1); k++) {
      text_add(out, k ? STR(",") : STR(""));
      variant_schema(lowering, out,
                     at.kind == KIND_UNION
                         ? type_plain(lowering, lowering->program->types.ids.items[at.first + k])
                         : type);
    }
    text_add(out, STR("]}"));
  }
  text_add_char(out, ']');
}

// ------------------------------------------------------------------------------------------------- wrappers

// The function that the host calls in place of an export: `params_cross`, `result_crosses` say what goes
// through memory; the rest is passed as it is.
IrFunctionId boundary_wrapper(Lowering *lowering, InstanceId id, uint32_t given, bool params_cross,
                              bool result_crosses) {
  const Instance *instance = program_instance(lowering->program, id);
  AstRange parameters = ast_function(lowering->program->ast, instance->function)->parameters;
  Types params = {0}, results = {0};
  wire_prepare(lowering);
  for (uint32_t i = 0; !params_cross && i < given; i++) {
    types_push(lowering, &params, instance->parameter_types[i]);
  }
  if (!result_crosses) {
    types_push(lowering, &results, instance->result);
  }
  Body body = {.lowering = lowering, .program = lowering->program};
  IrFunctionId wrapper =
      wire_function(lowering, &body.ir, ast_function(lowering->program->ast, instance->function)->name,
                    params.items, params.count, results.items, results.count);
  Values arguments = {0};
  uint32_t lane = 0;
  bool *omitted = ARENA_ARRAY(&lowering->scratch, bool, parameters.count);
  for (uint32_t i = 0; i < parameters.count; i++) {
    TypeId type = instance->parameter_types[i];
    omitted[i] =
        i >= given && lowering->program->ast->parameters.items[parameters.first + i].default_value != 0;
    if (omitted[i]) {
      continue;
    }
    if (i >= given) {
      values_push(&body, &arguments, optional_none(&body, type_plain(lowering, type)));
    } else if (params_cross) {
      values_push(&body, &arguments, wire_read(&body, type));
    } else if (type != TYPE_VOID) {
      values_push(&body, &arguments, value_of(&body, ir_param(&body.ir, lane++)));
    }
  }
  IrFunctionId callee = function_entry(lowering, id, given < parameters.count ? omitted : NULL, false);
  IrValue first = ir_call(&body.ir, callee, arguments.items, arguments.count);
  Value result = value_run(&body, first, layout_of(lowering, instance->result)->lane_count);
  if (result_crosses) {
    ir_global_set(&body.ir, lowering->wire_cursor, ir_i32(&body.ir, 0));
    wire_write(&body, result, instance->result);
    result.count = 0;
  }
  ir_return(&body.ir, result.lanes, result.count);
  ir_build_end(&body.ir);
  return wrapper;
}

// Performs an operation at the host, which may call exports meanwhile (06 §14). What they left behind is
// undone: the active clauses are those of before, and an initialiser that stopped in there is not running.
static void call_host(Body *body, IrFunctionId host) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  IrValue head = lowering->has_effects ? ir_global_get(ir, lowering->effect_head) : 0;
  (void)ir_call(ir, host, NULL, 0);
  if (lowering->has_effects) {
    ir_global_set(ir, lowering->effect_head, head);
    ir_global_set(ir, lowering->effect_pending, ir_null(ir, IR_STRUCTREF));
  }
  if (lowering->activation != 0) {
    lets_activate(lowering, ir);
  }
}

// The function that performs an operation: its arguments go through memory, then the host is called, which
// leaves the answer there.
void host_operation_build(Lowering *lowering, uint32_t index) {
  HostOperation operation = lowering->host_operations.items[index];
  const ArgumentPlan *arguments = &lowering->program->arguments.items[operation.plan->first];
  Body body = {.lowering = lowering, .program = lowering->program};
  ir_build(&body.ir, lowering->module, operation.function);
  uint32_t lane = 0;
  ir_global_set(&body.ir, lowering->wire_cursor, ir_i32(&body.ir, 0));
  for (uint32_t i = 0; i < operation.plan->count; i++) {
    uint32_t count = layout_of(lowering, arguments[i].to)->lane_count;
    IrValue *lanes = ARENA_ARRAY(&lowering->scratch, IrValue, count + 1);
    for (uint32_t k = 0; k < count; k++) {
      lanes[k] = ir_param(&body.ir, lane++);
    }
    wire_write(&body, (Value){lanes, count}, arguments[i].to);
  }
  call_host(&body, operation.host);
  ir_global_set(&body.ir, lowering->wire_cursor, ir_i32(&body.ir, 0));
  Value result = wire_read(&body, operation.plan->result);
  ir_return(&body.ir, result.lanes, result.count);
  ir_build_end(&body.ir);
}

IrFunctionId boundary_host_operation(Lowering *lowering, const CallPlan *plan) {
  for (uint32_t i = 0; i < lowering->host_operations.count; i++) {
    if (lowering->host_operations.items[i].operation == plan->target) {
      return lowering->host_operations.items[i].function;
    }
  }
  const AstFunction *declared = ast_function(lowering->program->ast, plan->target);
  IrModule *module = lowering->module;
  Types params = {0}, results = {0};
  wire_prepare(lowering);
  for (uint32_t i = 0; i < plan->count; i++) {
    types_push(lowering, &params, lowering->program->arguments.items[plan->first + i].to);
  }
  types_push(lowering, &results, plan->result);
  HostOperation operation = {.operation = plan->target, .plan = plan};
  operation.host = ir_function_import(module, NAME_EMPTY, ir_function_type(module, NULL, 0, NULL, 0),
                                      check_host_operation(lowering->program, plan->target),
                                      context_name(lowering->context, declared->name));
  operation.function = ir_function_new(
      module, declared->name,
      ir_function_type(module, params.items, params.count, results.items, results.count), (IrOrigin){0, 0});
  VECTOR_PUSH(&lowering->arena, &lowering->host_operations, operation);
  return operation.function;
}
