// Lambdas (spec 05 §5.15).
#include "check/state.h"

static void set_local(Body *body, LocalId local, TypeId type) {
  if (local >= body->first_local && local < body->end_local) {
    body->local_types[local - body->first_local] = type;
    body->current_types[local - body->first_local] = type;
  }
}

// A parameter's type: written, else that of the expected function's parameter at its place.
static TypeId lambda_parameter(Body *body, const AstParameter *parameter, const Type *expected,
                               uint32_t index) {
  TypeId type = TYPE_UNKNOWN;
  if (parameter->type) {
    type = check_type(body, parameter->type);
    return parameter->is_optional && type != TYPE_UNKNOWN ? declarations_optional(body->declarations, type)
                                                          : type;
  }
  if (expected && index < expected->count) {
    type = body->types->slots.items[expected->first + index].type;
  }
  return type;
}

static bool has_return(const Body *body, const AstFunction *lambda) {
  for (NodeId node = lambda->first_node; node < lambda->end_node; node++) {
    if (ast_kind(body->ast, node) == NODE_RETURN) {
      return true;
    }
  }
  return false;
}

// The lambda's own type parameters, as far as the types that its context gives its parameters and result say
// (05 §5.15.1).
static void bind_type_parameters(Body *body, const AstFunction *lambda, const Type *expected) {
  AstRange free = lambda->type_parameters;
  Substitution found = {0};
  for (uint32_t i = 0; expected && i < lambda->parameters.count && i < expected->count; i++) {
    NodeId written = body->ast->parameters.items[lambda->parameters.first + i].type;
    if (written) {
      types_bind(body->declarations, &found, &free, 1,
                 declarations_type(body->declarations, body->module, written),
                 body->types->slots.items[expected->first + i].type);
    }
  }
  if (expected && lambda->result) {
    types_bind(body->declarations, &found, &free, 1,
               declarations_type(body->declarations, body->module, lambda->result), expected->a);
  }
  for (uint32_t i = 0; i < free.count; i++) {
    TypeId type = substitution_get(&found, free.first + i);
    substitution_bind(body->scratch, &body->substitution, free.first + i,
                      type == TYPE_NONE ? TYPE_UNKNOWN : type);
  }
}

void check_lambda_parameters(Body *body, NodeId end) {
  for (NodeId node = body->first_node; node < end; node++) {
    TypeId type = ast_kind(body->ast, node) == NODE_LAMBDA ? body_node(body, node)->type : TYPE_NONE;
    if (type_kind(body->types, type) != KIND_FUNCTION) {
      continue;
    }
    AstRange parameters = ast_function(body->ast, ast_node(body->ast, node)->lambda.function)->parameters;
    for (uint32_t i = 0; i < parameters.count; i++) {
      const AstParameter *parameter = &body->ast->parameters.items[parameters.first + i];
      TypeId slot = type_slots(body->types, type_get(body->types, type))[i].type;
      if (!type_get(body->types, slot)->unknown) {
        continue;
      }
      Diagnostic *diagnostic =
          diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, parameter->span,
                         "the type of parameter '%.*s' is not known: nothing here says what is passed",
                         STR_ARGS(body_name(body, parameter->name)));
      diagnostic_hint(&body->context->diagnostics, diagnostic, "write it: `(%.*s: T) => …`",
                      STR_ARGS(body_name(body, parameter->name)));
    }
  }
}

TypeId check_lambda(Body *body, NodeId node, TypeId expected_type) {
  FunctionId id = ast_node(body->ast, node)->lambda.function;
  body->program->state->lambda_trials++;
  AstFunction lambda = *ast_function(body->ast, id);
  TypeId payload =
      expected_type == TYPE_NONE ? TYPE_NONE : declarations_payload(body->declarations, expected_type);
  expected_type = payload != TYPE_NONE ? payload : expected_type;
  Type formal = expected_type == TYPE_NONE ? (Type){0} : *type_get(body->types, expected_type);
  const Type *expected = formal.kind == KIND_FUNCTION ? &formal : NULL;
  uint32_t extra =
      expected && expected->count > lambda.parameters.count ? expected->count - lambda.parameters.count : 0;
  TypeSlot *slots = ARENA_ARRAY(body->scratch, TypeSlot, lambda.parameters.count + extra);
  uint32_t outer_environment = body->environment;
  if (lambda.type_parameters.count > 0) {
    bind_type_parameters(body, &lambda, expected);
  }
  for (uint32_t i = 0; i < lambda.parameters.count; i++) {
    AstParameter parameter = body->ast->parameters.items[lambda.parameters.first + i];
    TypeId type = lambda_parameter(body, &parameter, expected, i);
    slots[i] = (TypeSlot){type, NAME_EMPTY,
                          (parameter.is_mutable ? (uint32_t)SLOT_MUTABLE : 0) |
                              (parameter.is_optional ? (uint32_t)SLOT_OPTIONAL : 0)};
    memo_enter(body, lambda.parameters.first + i, type);
    if (parameter.pattern) {
      check_bind_pattern(body, parameter.pattern, type);
    }
    set_local(body, body->names->parameter_locals.items[lambda.parameters.first + i], type);
  }
  for (uint32_t i = 0; i < extra; i++) { // missing trailing parameters are ignored at run time (05 §5.15.1.5)
    slots[lambda.parameters.count + i] =
        body->types->slots.items[expected->first + lambda.parameters.count + i];
  }
  TypeId written = lambda.result ? check_type(body, lambda.result) : TYPE_NONE;
  TypeId result = written != TYPE_NONE ? written : expected ? expected->a : TYPE_NONE;
  bool known = result != TYPE_NONE && !type_get(body->types, result)->unknown &&
               !type_get(body->types, result)->symbolic;
  TypeId wanted = known ? result : TYPE_NONE;
  Callable callable = {.outer = body->callable, .function = id, .expected = wanted, .declared = known};
  body->callable = &callable;
  if (has_return(body, &lambda)) { // its operands meet in this callable: nothing from an earlier look counts
    memo_enter_anew(body);
  }
  TypeId type = check_expression(body, lambda.body, wanted);
  body->environment = outer_environment;
  body->callable = callable.outer;
  if (wanted != TYPE_NONE) {
    if (!body_node(body, lambda.body)->leaves) {
      check_require(body, lambda.body, wanted);
    }
    type = wanted;
  } else {
    type = check_join_result(body, &callable, lambda.body, type, "lambda result");
  }
  // The type says what the context asks for where the body fits it, else what the body performs; what it
  // performs is kept at the node for the row of the call that takes the lambda.
  RowId row = callable.row;
  if (lambda.row) {
    RowId row_written = declarations_row(body->declarations, body->module, lambda.row, ROW_OPEN);
    check_written_row(body->program, row, row_written, ast_node(body->ast, node)->span, "lambda", NAME_EMPTY);
    row = row_written;
  }
  RowId performed = row;
  if (expected && types_row_allows(body->types, row, expected->row)) {
    row = expected->row;
  }
  TypeId function = types_function(body->types, slots, lambda.parameters.count + extra, type, row);
  return body_set(body, node, function, ROLE_NONE, performed);
}
