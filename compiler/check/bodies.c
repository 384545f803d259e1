// One look at the body of an instance: what it says with its type arguments (spec 05 §5.2, §5.8.5). Who looks
// when, and how often, is inference.c's business.
#include "check/state.h"

static Body body_of(Program *program, InstanceId id) {
  Instance *instance = &program->instances.items[id];
  uint32_t node_count = instance->end_node - instance->first_node;
  uint32_t local_count = instance->end_local - instance->first_local;
  if (instance->nodes) { // of an earlier look
    memset(instance->nodes, 0, sizeof *instance->nodes * node_count);
    memset(instance->local_types, 0, sizeof *instance->local_types * local_count);
  } else {
    instance->nodes = ARENA_ARRAY(&program->arena, TypedNode, node_count);
    instance->local_types = ARENA_ARRAY(&program->arena, TypeId, local_count);
  }
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
      .scratch = &program->state->scratch,
      .current_types = ARENA_ARRAY(&program->state->scratch, TypeId, local_count),
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

static TypeId check_function_once(Program *program, InstanceId id, TypeId expected, bool declared) {
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

static TypeId check_let_once(Program *program, InstanceId id) {
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
  return program->instances.items[id].result;
}

TypeId check_body_once(Program *program, InstanceId id, TypeId expected, bool declared) {
  const Instance *instance = &program->instances.items[id];
  const Span span = instance->function ? ast_function(program->ast, instance->function)->name_span
                                       : check_let_item(program, instance->let)->name_span;
  TypeId type =
      instance->function ? check_function_once(program, id, expected, declared) : check_let_once(program, id);
  check_budget(program, span);
  return type;
}
