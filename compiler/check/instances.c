// Instances: a function with type arguments, checked once (spec 04 §5.1), and the inference of results (05
// §5.2.2).
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
  for (uint32_t i = 0; i < key.substitution->count; i++) {
    substitution_bind(&program->arena, &instance.substitution, key.substitution->parameters[i],
                      key.substitution->types[i]);
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

// The instance whose body says what the signature of `id` does not.
static InstanceId inferred_from(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  return instance->symbolic ? check_symbolic_instance(program, instance->function) : id;
}

static Body body_of(Program *program, InstanceId id) {
  Instance *instance = &program->instances.items[id];
  uint32_t node_count = instance->end_node - instance->first_node;
  uint32_t local_count = instance->end_local - instance->first_local;
  instance->nodes = ARENA_ARRAY(&program->arena, TypedNode, node_count);
  instance->local_types = ARENA_ARRAY(&program->arena, TypeId, local_count);
  Body body = {
      .program = program,
      .context = program->context,
      .ast = program->ast,
      .names = program->names,
      .types = &program->types,
      .declarations = &program->declarations,
      .instance = id,
      .module = instance->module,
      .symbolic = instance->symbolic,
      .substitution = instance->substitution,
      .first_node = instance->first_node,
      .nodes = instance->nodes,
      .first_local = instance->first_local,
      .end_local = instance->end_local,
      .local_types = instance->local_types,
      .current_types = ARENA_ARRAY(&program->arena, TypeId, local_count),
  };
  return body;
}

static void set_local(Body *body, LocalId local, TypeId type) {
  if (local >= body->first_local && local < body->end_local) {
    body->local_types[local - body->first_local] = type;
    body->current_types[local - body->first_local] = type;
  }
}

// Parameters enter scope in order; a default may read earlier ones (05 §5.8.5).
static void check_parameter_list(Body *body, const AstFunction *function, TypeId *types) {
  for (uint32_t i = 0; i < function->parameters.count; i++) {
    AstParameter parameter = body->ast->parameters.items[function->parameters.first + i];
    LocalId local = body->names->parameter_locals.items[function->parameters.first + i];
    if (parameter.default_value) {
      set_local(body, local, TYPE_UNKNOWN);
      for (uint32_t later = i; later < function->parameters.count; later++) {
        LocalId hidden = body->names->parameter_locals.items[function->parameters.first + later];
        set_local(body, hidden, TYPE_NONE); // TYPE_NONE: not yet in scope (TY0044)
      }
      if (types[i] == TYPE_NONE) {
        types[i] = check_expression(body, parameter.default_value, TYPE_NONE);
        body_node(body, parameter.default_value)->target = types[i];
      } else {
        TypeId type = check_expression(body, parameter.default_value, types[i]);
        if (types_satisfies(body->declarations, type, types[i])) {
          check_require(body, parameter.default_value, types[i]);
        } else {
          Str want = body_type_text(body, types[i]), have = body_type_text(body, type);
          diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, parameter.name_span,
                         "expected '%.*s', found '%.*s' as default of '%.*s'", STR_ARGS(want), STR_ARGS(have),
                         STR_ARGS(body_name(body, parameter.name)));
        }
      }
    }
    set_local(body, local, types[i]);
  }
}

// A row that the trait declares bounds its implementations (06 §10.4).
static void check_trait_row(Program *program, InstanceId id, RowId row) {
  FunctionId function = program->instances.items[id].function;
  FunctionInfo info = *check_function_info(program, function);
  TypeId trait = info.impl ? program->declarations.impls.items[info.impl].trait : TYPE_NONE;
  if (trait == TYPE_NONE || type_kind(&program->types, trait) != KIND_TRAIT ||
      program->types.rows.items[row].count == 0) {
    return;
  }
  SymbolId symbol = type_get(&program->types, trait)->symbol;
  AstRange methods = program->ast->traits.items[names_symbol(program->names, symbol)->declaration].methods;
  const AstFunction *own = ast_function(program->ast, function);
  for (uint32_t i = 0; i < methods.count; i++) {
    FunctionId method = program->ast->member_functions.items[methods.first + i];
    const AstFunction *declared = ast_function(program->ast, method);
    FunctionInfo bound = *check_function_info(program, method);
    if (declared->name != own->name || declared->parameters.count != own->parameters.count ||
        !bound.row_written) {
      continue;
    }
    if (bound.row == ROW_PURE) {
      Diagnostic *diagnostic =
          diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0055, own->span,
                         "'%.*s' may suspend beyond its bound: the trait declares it pure",
                         STR_ARGS(context_name(program->context, own->name)));
      diagnostic_hint(&program->context->diagnostics, diagnostic,
                      "handle the effects inside, or give the trait's method a row");
    } else {
      check_written_row(program, row, bound.row, own->span, "method", own->name);
    }
  }
}

static uint32_t errors_so_far(const Program *program) {
  const DiagnosticSink *sink = &program->context->diagnostics;
  return sink->errors + sink->muted_errors;
}

// Checks the body once with `expected` (TYPE_NONE: infer) and gives its result type.
static TypeId check_once(Program *program, InstanceId id, TypeId expected, bool declared) {
  Body body = body_of(program, id);
  AstFunction function = *ast_function(program->ast, program->instances.items[id].function);
  FunctionInfo info = *check_function_info(program, program->instances.items[id].function);
  body.method_of = info.impl ? program->instances.items[id].function : 0;
  Callable callable = {
      .function = program->instances.items[id].function, .expected = expected, .declared = declared};
  body.callable = &callable;
  TypeId *types = program->instances.items[id].parameter_types;
  check_parameter_list(&body, &function, types);
  // `__string_new` only marks an ordinary function (05 Appendix A.1).
  bool replaced = info.intrinsic != NAME_EMPTY && info.uses_signature &&
                  !str_equal(body_name(&body, info.intrinsic), STR("__string_new"));
  if (!function.body || replaced) {
    return expected == TYPE_NONE ? TYPE_VOID : expected;
  }
  const uint32_t errors = errors_so_far(program);
  TypeId type = check_expression(&body, function.body, expected);
  if (errors_so_far(program) == errors) {
    check_lambda_parameters(&body, function.end_node);
  }
  if (info.row_written) {
    check_written_row(program, callable.row, info.row, function.span, "function", function.name);
  } else {
    program->instances.items[id].row = callable.row;
    check_trait_row(program, id, callable.row);
  }
  if (expected != TYPE_NONE) {
    if (!body_node(&body, function.body)->leaves) {
      bool joined = callable.returned == TYPE_NONE ||
                    types_satisfies(&program->declarations, type, expected) ||
                    check_merge(&body, callable.returned, type, TYPE_NONE, function.body,
                                "function result") != TYPE_UNKNOWN;
      if (joined) {
        Span written = function.result ? ast_node(program->ast, function.result)->span : (Span){0};
        check_require_declared(&body, function.body, expected, written, "the result type is declared here");
      }
    }
    return expected;
  }
  return check_join_result(&body, &callable, function.body, type, "function result");
}

static void report_not_inferred(Program *program, InstanceId id) {
  const AstFunction *function = ast_function(program->ast, program->instances.items[id].function);
  Diagnostic *diagnostic = diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0034,
                                          function->name_span, "the result type of '%.*s' cannot be inferred",
                                          STR_ARGS(context_name(program->context, function->name)));
  diagnostic_hint(&program->context->diagnostics, diagnostic, "write it: `fn %.*s(…) -> T`",
                  STR_ARGS(context_name(program->context, function->name)));
}

// What was inferred inside the last round of the body at `depth` rests on its final result: it is final too.
static void settle_provisional(Program *program, uint32_t depth) {
  CheckState *state = program->state;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < state->provisional.count; i++) {
    Instance *instance = &program->instances.items[state->provisional.items[i]];
    if (instance->touched < depth) {
      state->provisional.items[kept++] = state->provisional.items[i];
    } else if (instance->state == BODY_NEW && instance->round == state->round && instance->clean) {
      instance->state = BODY_CHECKED;
    }
  }
  state->provisional.count = kept;
}

// Inference rounds: the first assumes nothing about a recursive result, later ones what the one before found.
// Functions that call one another find their results together: those inside a round keep provisional results
// for its length and begin the next one with them, until no result changes. The diagnostics of a round are
// kept only when it is the last.
static void infer_body(Program *program, InstanceId id) {
  enum { ROUNDS = 8 };
  CheckState *state = program->state;
  uint32_t depth = state->running.count; // of this body, already pushed
  bool outer_changed = state->changed;
  bool declared = check_function_info(program, program->instances.items[id].function)->result != TYPE_NONE;
  TypeId before = program->instances.items[id].result; // declared, of the outer body's round before, or none
  RowId row_before = program->instances.items[id].row;
  TypeId assumed = before == TYPE_NONE ? TYPE_UNKNOWN : before;
  RowId assumed_row = row_before;
  const TypeId expected = declared ? assumed : TYPE_NONE;
  for (uint32_t round = 0;; round++) {
    program->instances.items[id].result = assumed;
    program->instances.items[id].row = assumed_row;
    uint32_t outer = state->inferring;
    state->inferring = 0;
    state->changed = false;
    state->round += round > 0;
    uint32_t mark = diagnostics_mute(&program->context->diagnostics), unheard = state->unheard;
    TypeId found = check_once(program, id, expected, declared);
    RowId found_row = program->instances.items[id].row;
    uint32_t errors = diagnostics_unmute(&program->context->diagnostics, mark);
    uint32_t touched = state->inferring;
    state->inferring = outer && (!touched || outer < touched) ? outer : touched;
    bool failed = errors > 0 || type_get(&program->types, found)->unknown;
    Instance *instance = &program->instances.items[id];
    instance->warned = !failed && state->unheard > unheard;
    if (touched && touched < depth) { // an outer body's result is still open: ours is provisional
      state->changed |=
          outer_changed || found != (before == TYPE_NONE ? TYPE_UNKNOWN : before) || found_row != row_before;
      instance->result = found;
      instance->state = BODY_NEW;
      instance->clean = !failed && !instance->warned && found == assumed && found_row == assumed_row;
      instance->round = state->round;
      instance->touched = touched;
      VECTOR_PUSH(&program->arena, &state->provisional, id);
      return;
    }
    state->inferring = outer;
    bool stable = (found == assumed && found_row == assumed_row && !state->changed) || round == ROUNDS;
    if (stable || !touched) {
      instance->result = found;
      instance->state = failed || instance->warned ? BODY_INFERRED : BODY_CHECKED;
      if (!failed) {
        settle_provisional(program, depth);
      }
      state->round++;
      state->changed = outer_changed;
      return;
    }
    assumed = found;
    assumed_row = found_row;
  }
}

// The second look at a body whose inference met errors or warnings: this time they are reported.
static void report_inferred(Program *program, InstanceId id) {
  TypeId found = program->instances.items[id].result;
  uint32_t before = program->context->diagnostics.errors;
  bool declared = check_function_info(program, program->instances.items[id].function)->result != TYPE_NONE;
  if (program->instances.items[id].warned) { // what was found stands: a recursive call need not look again
    program->instances.items[id].state = BODY_CHECKED;
  }
  check_once(program, id, found == TYPE_UNKNOWN ? TYPE_NONE : found, declared);
  if (program->context->diagnostics.errors == before && !declared && !program->instances.items[id].warned) {
    report_not_inferred(program, id);
  }
  program->instances.items[id].state = BODY_CHECKED;
}

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

static void check_let_once(Program *program, InstanceId id) {
  AstModuleLet let = program->ast->lets.items[program->instances.items[id].let];
  Body body = body_of(program, id);
  Callable callable = {0};
  body.callable = &callable;
  const uint32_t errors = errors_so_far(program);
  if (let.type) {
    TypeId type = check_type(&body, let.type);
    program->instances.items[id].result = type;
    check_value(&body, let.value, type);
  } else {
    TypeId type = check_expression(&body, let.value, TYPE_NONE);
    body_node(&body, let.value)->target = type;
    program->instances.items[id].result = type;
  }
  if (errors_so_far(program) == errors) {
    check_lambda_parameters(&body, let.end_node);
  }
  if (program->types.rows.items[callable.row].count > 0) {
    Span span = check_let_item(program, program->instances.items[id].let)->span;
    check_written_row(program, callable.row, ROW_PURE, span, "initializer", let.name);
  }
}

// `again`: errors are known to be there, and are wanted.
static void check_let(Program *program, InstanceId id, bool again) {
  bool failed = again;
  if (!again) {
    uint32_t mark = diagnostics_mute(&program->context->diagnostics), unheard = program->state->unheard;
    check_let_once(program, id);
    failed =
        diagnostics_unmute(&program->context->diagnostics, mark) > 0 || program->state->unheard > unheard;
  }
  if (failed && program->context->diagnostics.muted == 0) {
    program->instances.items[id].result = TYPE_NONE;
    check_let_once(program, id);
    failed = false;
  }
  program->instances.items[id].state = failed ? BODY_INFERRED : BODY_CHECKED;
}

static void locals_of_let(Program *program, InstanceId id) {
  Instance *instance = &program->instances.items[id];
  LocalId low = UINT32_MAX, high = 0;
  for (NodeId node = instance->first_node; node < instance->end_node; node++) {
    const AstNode *at = ast_node(program->ast, node);
    LocalId local = at->kind == NODE_BIND ? program->names->bind_locals.items[node] : 0;
    low = local && local < low ? local : low;
    high = local > high ? local : high;
    FunctionId inner = at->kind == NODE_LAMBDA ? at->lambda.function : 0;
    AstRange parameters = inner ? ast_function(program->ast, inner)->parameters : (AstRange){0, 0};
    for (uint32_t i = 0; i < parameters.count; i++) {
      local = program->names->parameter_locals.items[parameters.first + i];
      low = local && local < low ? local : low;
      high = local > high ? local : high;
    }
  }
  instance->first_local = high ? low : 0;
  instance->end_local = high ? high + 1 : 0;
}

InstanceId program_let(Program *program, uint32_t let) {
  Substitution none = {0};
  uint32_t before = program->instances.count;
  InstanceId id = check_instance(program, (InstanceKey){0, let, TYPE_NONE, &none}, 0, (Span){0, 0});
  if (id == before) {
    program->instances.items[id].module = check_let_item(program, let)->module;
    locals_of_let(program, id);
  }
  return id;
}

enum { BODY_DEPTH = 4 }; // what a body inside a body costs, in expressions inside expressions

void check_instance_body(Program *program, InstanceId id) {
  CheckState *state = program->state;
  BodyState now = program->instances.items[id].state;
  bool muted = program->context->diagnostics.muted > 0;
  if (now == BODY_CHECKED || now == BODY_CHECKING || (now == BODY_INFERRED && muted)) {
    return;
  }
  FunctionId function = program->instances.items[id].function;
  bool declared = function && check_function_info(program, function)->result != TYPE_NONE;
  if (function && check_has_broken_impl(program, id)) {
    program->instances.items[id].state = BODY_CHECKED;
    program->instances.items[id].result = declared ? program->instances.items[id].result : TYPE_UNKNOWN;
    return;
  }
  program->instances.items[id].state = BODY_CHECKING;
  VECTOR_PUSH(&program->arena, &state->running, id);
  state->depth += BODY_DEPTH;
  if (!function) {
    check_let(program, id, now == BODY_INFERRED);
  } else if (declared && check_function_info(program, function)->row_written) {
    check_once(program, id, program->instances.items[id].result, true);
    program->instances.items[id].state = BODY_CHECKED;
  } else if (!declared && program->instances.items[id].substitution.count > 0 &&
             ast_function(program->ast, function)->type_parameters.count >
                 0) { // generic: must be declared (04 §5.2)
    report_not_inferred(program, id);
    program->instances.items[id].result = TYPE_UNKNOWN;
    program->instances.items[id].state = BODY_CHECKED;
  } else {
    if (now != BODY_INFERRED) {
      infer_body(program, id);
    }
    if (!muted && program->instances.items[id].state != BODY_CHECKED &&
        program->instances.items[id].state != BODY_NEW) {
      report_inferred(program, id);
    }
  }
  state->depth -= BODY_DEPTH;
  state->running.count--;
}

// A read of what a body under check has not found yet: its inference goes on until the answer stands.
static void read_while_running(Program *program, InstanceId id) {
  CheckState *state = program->state;
  for (uint32_t i = 0; i < state->running.count; i++) {
    if (state->running.items[i] == id && (!state->inferring || i + 1 < state->inferring)) {
      state->inferring = i + 1;
    }
  }
}

// Was it inferred in this round already, with an outer body's result still open?
static bool read_provisional(Program *program, InstanceId id) {
  CheckState *state = program->state;
  const Instance *instance = &program->instances.items[id];
  if (instance->state != BODY_NEW || instance->touched == 0 || instance->round != state->round) {
    return false;
  }
  state->inferring =
      state->inferring && state->inferring < instance->touched ? state->inferring : instance->touched;
  return true;
}

RowId check_instance_row(Program *program, InstanceId id) {
  enum { DEEPEST = 200 }; // bodies on the C stack; below, a row counts as open
  CheckState *state = program->state;
  const Instance *instance = &program->instances.items[id];
  const FunctionInfo *info = instance->function ? check_function_info(program, instance->function) : NULL;
  if (!info || info->row_written || info->intrinsic != NAME_EMPTY) {
    return info && info->row_written ? info->row : ROW_PURE;
  }
  id = inferred_from(program, id);
  instance = &program->instances.items[id];
  if (instance->state == BODY_CHECKING) {
    read_while_running(program, id);
  } else if (instance->state == BODY_NEW && !read_provisional(program, id)) {
    if (state->running.count >= DEEPEST || state->depth >= LIMIT_CHECK_DEPTH / 2) {
      return ROW_OPEN;
    }
    check_instance_body(program, id);
  }
  return program->instances.items[id].row;
}

static TypeId instance_result(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  bool declared = instance->function && check_function_info(program, instance->function)->result != TYPE_NONE;
  if (instance->state == BODY_INFERRED && !declared) {
    check_instance_body(program, id); // reports what inference kept back, unless muted again
    return program->instances.items[id].result;
  }
  if (declared || instance->state == BODY_CHECKED) {
    return instance->result;
  }
  if (instance->state == BODY_CHECKING) {
    read_while_running(program, id);
    return instance->result;
  }
  if (!read_provisional(program, id)) {
    check_instance_body(program, id);
  }
  return program->instances.items[id].result;
}

TypeId check_instance_result(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  TypeId result = instance->result;
  if (!instance->symbolic) {
    result = instance_result(program, id);
  } else if (result == TYPE_NONE) {
    result = instance_result(program, inferred_from(program, id));
    result = types_substitute(&program->types, &program->instances.items[id].substitution, result);
  }
  return result == TYPE_NONE ? TYPE_UNKNOWN : result;
}
