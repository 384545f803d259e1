// Instances: a function with type arguments, or a module-level let, made when first asked for (spec 04 §5.1).
#include "base/limits.h"
#include "check/state.h"

typedef struct KeyContext {
  Program *program;
  const InstanceKey *key;
} KeyContext;

static bool instance_equal(const void *context, uint32_t id) {
  const KeyContext *wanted = context;
  const Instance *instance = &wanted->program->instances.items[id];
  const InstanceKey *key = wanted->key;
  if (instance->function != key->function || instance->let != key->let ||
      (key->self != TYPE_NONE && instance->self_type != key->self) ||
      instance->substitution.count != key->substitution->count) {
    return false;
  }
  for (uint32_t i = 0; i < key->substitution->count; i++) {
    if (substitution_get(&instance->substitution, key->substitution->parameters[i]) !=
        key->substitution->types[i]) {
      return false;
    }
  }
  return true;
}

static uint32_t key_hash(const InstanceKey *key) {
  uint64_t hash = id_pair(key->function, key->let);
  uint64_t set = 0; // bindings in any order
  for (uint32_t i = 0; i < key->substitution->count; i++) {
    set += hash_mix(1, id_pair(key->substitution->parameters[i], key->substitution->types[i]));
  }
  hash = hash_mix(hash, set);
  return (uint32_t)(hash ^ hash >> 32);
}

static uint32_t depth_of(const Program *program, FunctionId function, InstanceId requester) {
  uint32_t depth = 0;
  for (InstanceId at = requester; at && depth <= LIMIT_INSTANCE_DEPTH;
       at = program->instances.items[at].requester) {
    depth += program->instances.items[at].function == function;
  }
  return depth;
}

// Once per function: the first request shows where.
static void report_endless(Program *program, FunctionId function, Span span) {
  FunctionInfo *info = check_function_info(program, function);
  if (info->endless_reported) {
    return;
  }
  info->endless_reported = program->context->diagnostics.muted == 0;
  bool deep = info->nested <= LIMIT_NESTED_INSTANCES;
  uint32_t limit = deep ? LIMIT_INSTANCE_DEPTH : LIMIT_NESTED_INSTANCES;
  Diagnostic *diagnostic = diagnostic_add(
      &program->context->diagnostics, DIAGNOSTIC_TY0040, span,
      "type checking too complex (%u/%u): '%.*s' needs ever new instances of itself", limit + 1, limit,
      STR_ARGS(context_name(program->context, ast_function(program->ast, function)->name)));
  diagnostic_hint(&program->context->diagnostics, diagnostic,
                  "call it with the same type arguments as its own");
}

InstanceId check_instance(Program *program, InstanceKey key, InstanceId requester, Span span) {
  CheckState *state = program->state;
  KeyContext context = {program, &key};
  uint32_t hash = key_hash(&key);
  InstanceId found = hash_index_find(&state->instance_index, hash, instance_equal, &context);
  if (found != ID_MAP_NONE) {
    if (program->instances.items[found].endless) {
      report_endless(program, key.function, span);
    }
    return found;
  }
  Instance instance = {.function = key.function,
                       .let = key.let,
                       .self_type = key.self,
                       .requester = requester,
                       .request_span = span};
  const uint32_t bound = key.substitution->count;
  instance.substitution = (Substitution){ARENA_ARRAY(&program->arena, uint32_t, bound),
                                         ARENA_ARRAY(&program->arena, TypeId, bound), bound, bound};
  if (bound > 0) {
    memcpy(instance.substitution.parameters, key.substitution->parameters, sizeof(uint32_t) * bound);
    memcpy(instance.substitution.types, key.substitution->types, sizeof(TypeId) * bound);
  }
  if (key.function) {
    FunctionInfo info = *check_function_info(program, key.function);
    const AstFunction *function = ast_function(program->ast, key.function);
    instance.module = function->module;
    instance.first_node = function->first_node;
    instance.end_node = function->end_node;
    check_function_ranges(program, key.function, &instance.first_local, &instance.end_local);
    TypeId declared_self = info.self == TYPE_NONE
                               ? TYPE_NONE
                               : types_substitute(&program->types, &instance.substitution, info.self);
    instance.self_type = key.self != TYPE_NONE ? key.self : declared_self;
    instance.parameter_types = ARENA_ARRAY(&program->arena, TypeId, info.parameter_count);
    for (uint32_t i = 0; i < info.parameter_count; i++) {
      bool self = i == 0 && !info.is_static && info.self != TYPE_NONE && info.parameters[0] == info.self;
      instance.parameter_types[i] =
          self ? instance.self_type
          : info.parameters[i] == TYPE_NONE
              ? TYPE_NONE
              : types_substitute(&program->types, &instance.substitution, info.parameters[i]);
    }
    instance.result = info.result == TYPE_NONE
                          ? TYPE_NONE
                          : types_substitute(&program->types, &instance.substitution, info.result);
    instance.row = info.row_written ? info.row : ROW_PURE; // else what the body is found to perform
    for (uint32_t i = 0; i < instance.substitution.count; i++) {
      const Type *argument = type_get(&program->types, instance.substitution.types[i]);
      instance.symbolic |= argument->symbolic;
      instance.endless |= argument->depth > LIMIT_TYPE_DEPTH;
    }
    if (!instance.symbolic) { // the bodies of others are not checked for one another
      uint32_t depth = depth_of(program, key.function, requester);
      FunctionInfo *nesting = check_function_info(program, key.function);
      nesting->nested += depth > 0;
      instance.endless |= depth >= LIMIT_INSTANCE_DEPTH || nesting->nested > LIMIT_NESTED_INSTANCES;
    }
    if (instance.endless) {
      report_endless(program, key.function, span);
      instance.state = BODY_CHECKED;
    }
  } else {
    const AstModuleLet *let = &program->ast->lets.items[key.let];
    instance.first_node = let->first_node;
    instance.end_node = let->end_node;
  }
  VECTOR_PUSH(&program->arena, &program->instances, instance);
  hash_index_add(&program->arena, &state->instance_index, hash, program->instances.count - 1);
  return program->instances.count - 1;
}

// --- Symbolic instances (check.h)
//
// The instance at a function's own type parameters lives beside the real ones, under the same kind of key.
// Its body may ask for further instances at types that mention parameters; those serve as signatures only.
// What a signature leaves to inference they take from the one symbolic instance of their function.

InstanceId check_symbolic_instance(Program *program, FunctionId function) {
  FunctionInfo info = *check_function_info(program, function);
  Substitution identity = {0};
  for (uint32_t f = 0; f < info.free_count; f++) {
    for (uint32_t i = 0; i < info.free[f].count; i++) {
      uint32_t parameter = info.free[f].first + i;
      substitution_bind(&program->arena, &identity, parameter, types_parameter(&program->types, parameter));
    }
  }
  TypeId self = info.trait != TYPE_NONE ? info.trait : TYPE_NONE; // of a trait's default body
  return check_instance(program, (InstanceKey){function, 0, self, &identity}, 0,
                        ast_function(program->ast, function)->name_span);
}

InstanceId program_symbolic(Program *program, FunctionId function) {
  uint32_t mark = diagnostics_mute(&program->context->diagnostics);
  InstanceId id = check_symbolic_instance(program, function);
  check_instance_body(program, id);
  diagnostics_unmute(&program->context->diagnostics, mark);
  return id;
}

// --- Module-level lets

const AstItem *check_let_item(Program *program, uint32_t let) {
  CheckState *state = program->state;
  const AstTable *ast = program->ast;
  if (state->let_count < ast->lets.count) { // std modules may come while bodies are checked
    state->let_items = ARENA_ARRAY(&program->arena, uint32_t, ast->lets.count);
    state->let_count = ast->lets.count;
    for (uint32_t i = 0; i < ast->items.count; i++) {
      if (ast->items.items[i].kind == ITEM_LET) {
        state->let_items[ast->items.items[i].index] = i;
      }
    }
  }
  return &ast->items.items[state->let_items[let]];
}

InstanceId program_let(Program *program, uint32_t let) {
  Substitution none = {0};
  uint32_t before = program->instances.count;
  InstanceId id = check_instance(program, (InstanceKey){0, let, TYPE_NONE, &none}, 0, (Span){0, 0});
  if (id == before) {
    Instance *instance = &program->instances.items[id];
    instance->module = check_let_item(program, let)->module;
    check_locals_of(program, (AstRange){0, 0}, instance->first_node, instance->end_node,
                    &instance->first_local, &instance->end_local);
  }
  return id;
}
