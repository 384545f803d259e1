// Expressions: one function per kind of node; the judgement of spec 05 §5.2.1.
#include "base/limits.h"
#include "check/state.h"

enum { EFFORT_LIMIT = 4000000 }; // expression checks of one body before TY0040

Str body_type_text(Body *body, TypeId type) {
  return types_text(body->types, body->scratch, type);
}

TypeId body_set(Body *body, NodeId node, TypeId type, NodeRole role, uint32_t detail) {
  TypedNode *typed = body_node(body, node);
  typed->type = typed->target = type;
  typed->coercion = COERCE_NONE;
  typed->role = (uint8_t)role;
  typed->detail = detail;
  return type;
}

TypeId check_type(Body *body, NodeId node) {
  TypeId type = declarations_type(body->declarations, body->module, node);
  type = types_substitute(body->types, &body->substitution, type);
  return body_set(body, node, type, ROLE_NONE, 0);
}

NodeId check_inner(const Body *body, NodeId node) {
  while (ast_kind(body->ast, node) == NODE_MUTABLE) {
    node = ast_node(body->ast, node)->unary.operand;
  }
  return node;
}

static bool is_initializing(const Body *body, LocalId local) {
  return body->current_types[local - body->first_local] == TYPE_NONE;
}

static TypeId check_local(Body *body, NodeId node, LocalId local) {
  if (local < body->first_local || local >= body->end_local) {
    UNREACHABLE("local of another body");
  }
  if (is_initializing(body, local)) {
    const Local *info = names_local(body->names, local);
    bool parameter = info->kind == LOCAL_PARAMETER || info->kind == LOCAL_MUTABLE_PARAMETER;
    Str name = body_name(body, info->name);
    if (parameter) {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0044, body_span(body, node),
                     "a default may only use earlier parameters, '%.*s' is not earlier", STR_ARGS(name));
    } else {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0031, body_span(body, node),
                     "'%.*s' is used while being initialised", STR_ARGS(name));
    }
    return body_set(body, node, TYPE_UNKNOWN, ROLE_LOCAL, local);
  }
  return body_set(body, node, body->current_types[local - body->first_local], ROLE_LOCAL, local);
}

// A chain of initializers, without a function in between, that comes back to this let (04 §6.7).
static bool reads_itself(const Body *body, InstanceId let) {
  const CheckState *state = body->program->state;
  bool found = false;
  for (uint32_t i = 0; i < state->running.count; i++) {
    InstanceId running = state->running.items[i];
    found = running == let || (found && !body->program->instances.items[running].function);
  }
  return found && body->callable->function == 0;
}

// Later looks do not come around the whole circle: it is remembered by its lets.
static void remember_circle(Body *body, InstanceId let) {
  const CheckState *state = body->program->state;
  Instance *instances = body->program->instances.items;
  InstanceId before = 0;
  for (uint32_t i = 0; i < state->running.count; i++) {
    InstanceId running = state->running.items[i];
    if (before && !instances[running].function) {
      instances[before].needs = running;
    }
    before = (before || running == let) && !instances[running].function ? running : before;
  }
  instances[before].needs = let;
  instances[body->instance].closes = let;
}

// Shows the lets of the circle, from the one that is read again on.
static void relate_circle(Body *body, Diagnostic *diagnostic, InstanceId let) {
  const Instance *instances = body->program->instances.items;
  InstanceId at = let;
  do {
    bool last = instances[at].needs == let;
    diagnostic_related(&body->context->diagnostics, diagnostic,
                       check_let_item(body->program, instances[at].let)->name_span,
                       last ? "'%.*s' needs the first again" : "'%.*s' needs the next",
                       STR_ARGS(body_name(body, body->ast->lets.items[instances[at].let].name)));
    at = instances[at].needs;
  } while (at && at != let);
}

static TypeId check_let_read(Body *body, NodeId node, uint32_t let) {
  InstanceId instance = program_let(body->program, let);
  if (reads_itself(body, instance)) {
    remember_circle(body, instance);
  }
  if (body->program->instances.items[body->instance].closes == instance) {
    Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0031,
                                            body_span(body, node), "'%.*s' is used while being initialised",
                                            STR_ARGS(body_name(body, body->ast->lets.items[let].name)));
    relate_circle(body, diagnostic, instance);
    return body_set(body, node, TYPE_UNKNOWN, ROLE_LET, let);
  }
  return body_set(body, node, check_instance_result(body->program, instance), ROLE_LET, let);
}

// The function type of a named function (05 §5.4.2).
static TypeId function_type(Body *body, FunctionId function, const Substitution *substitution, TypeId result,
                            RowId row) {
  FunctionInfo *info = check_function_info(body->program, function);
  TypeSlot *slots = ARENA_ARRAY(body->scratch, TypeSlot, info->parameter_count);
  AstRange parameters = ast_function(body->ast, function)->parameters;
  for (uint32_t i = 0; i < info->parameter_count; i++) {
    const AstParameter *parameter = &body->ast->parameters.items[parameters.first + i];
    uint32_t flags = (parameter->is_mutable ? (uint32_t)SLOT_MUTABLE : 0) |
                     (parameter->is_optional ? (uint32_t)SLOT_OPTIONAL : 0) |
                     (parameter->default_value ? (uint32_t)SLOT_DEFAULTED : 0);
    slots[i] =
        (TypeSlot){types_substitute(body->types, substitution, info->parameters[i]), parameter->label, flags};
  }
  return types_function(body->types, slots, info->parameter_count, result, row);
}

TypeId check_candidate_value(Body *body, NodeId node, const Candidate *candidate, TypeId expected) {
  FunctionId function = candidate->function;
  FunctionInfo info = *check_function_info(body->program, function);
  Substitution substitution = candidate->substitution;
  if (expected != TYPE_NONE && info.result != TYPE_NONE) {
    TypeId symbolic = function_type(body, function, &substitution,
                                    types_substitute(body->types, &substitution, info.result), info.row);
    types_bind(body->declarations, &substitution, info.free, info.free_count, symbolic, expected);
  }
  Substitution used = {0};
  for (uint32_t f = 0; f < info.free_count; f++) {
    for (uint32_t i = 0; i < info.free[f].count; i++) {
      TypeId bound = substitution_get(&substitution, info.free[f].first + i);
      if (bound == TYPE_NONE) {
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, node),
                       "generic function '%.*s' as a value needs a context that fixes its type arguments",
                       STR_ARGS(body_name(body, ast_function(body->ast, function)->name)));
        return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
      }
      substitution_bind(body->scratch, &used, info.free[f].first + i, bound);
    }
  }
  InstanceId instance = check_instance(body->program, (InstanceKey){function, 0, candidate->self, &used},
                                       body->instance, body_span(body, node));
  TypeId result = check_instance_result(body->program, instance);
  return body_set(body, node,
                  function_type(body, function, &used, result, check_instance_row(body->program, instance)),
                  ROLE_FUNCTION, instance);
}

static TypeId check_function_value(Body *body, NodeId node, FunctionId function, TypeId expected) {
  Candidate candidate = {.function = function};
  AstRange own = ast_function(body->ast, function)->type_parameters;
  NodeRange written = ast_node(body->ast, node)->name.type_arguments;
  for (uint32_t i = 0; i < written.count && i < own.count; i++) {
    substitution_bind(body->scratch, &candidate.substitution, own.first + i,
                      check_type(body, ast_listed(body->ast, written, i)));
  }
  return check_candidate_value(body, node, &candidate, expected);
}

static void report_unknown_name(Body *body, NodeId node, Name name, DiagnosticCode code, const char *what,
                                LookupSpace space) {
  Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, code, body_span(body, node),
                                          "no %s '%.*s' is in scope", what, STR_ARGS(body_name(body, name)));
  Name close = names_suggest(body->names, body->module, name, space);
  if (close != NAME_EMPTY && close != name) {
    diagnostic_hint(&body->context->diagnostics, diagnostic, "did you mean '%.*s'?",
                    STR_ARGS(body_name(body, close)));
  }
}

static const char *symbol_kind_text(SymbolKind kind) {
  switch (kind) {
  case SYMBOL_TRAIT:
    return "trait";
  case SYMBOL_EFFECT:
    return "effect";
  case SYMBOL_MODULE:
    return "module";
  default:
    return "type";
  }
}

static TypeId check_symbols(Body *body, NodeId node, SymbolSet set, Name name, TypeId expected) {
  SymbolId last = names_listed(body->names, set, set.count - 1);
  Symbol symbol = *names_symbol(body->names, last);
  if (symbol.kind == SYMBOL_LET) {
    return check_let_read(body, node, symbol.declaration);
  }
  if (symbol.kind == SYMBOL_OPERATION) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_BD0009, body_span(body, node),
                   "effect operation '%.*s' can only be called or handled", STR_ARGS(body_name(body, name)));
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  if (symbol.kind != SYMBOL_FUNCTION) {
    Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0041,
                                            body_span(body, node), "'%.*s' is a %s, no value",
                                            STR_ARGS(body_name(body, name)), symbol_kind_text(symbol.kind));
    if (symbol.kind == SYMBOL_OBJECT) {
      diagnostic_hint(&body->context->diagnostics, diagnostic, "make one with `%.*s { … }`",
                      STR_ARGS(body_name(body, name)));
    }
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  if (set.count > 1) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, node),
                   "overload set '%.*s' cannot be used outside of a call expression",
                   STR_ARGS(body_name(body, name)));
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  return check_function_value(body, node, symbol.declaration, expected);
}

static TypeId check_name(Body *body, NodeId node, TypeId expected) {
  Resolution found = names_resolution(body->names, node);
  Name name = ast_node(body->ast, node)->name.name;
  switch ((ResolutionKind)found.kind) {
  case RESOLVED_LOCAL:
    return check_local(body, node, found.id);
  case RESOLVED_SYMBOLS:
    return check_symbols(body, node, found.symbols, name, expected);
  case RESOLVED_ERROR:
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  case RESOLVED_TYPE_PARAMETER:
  case RESOLVED_BUILTIN:
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0041, body_span(body, node),
                   "'%.*s' is a type, no value", STR_ARGS(body_name(body, name)));
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  case RESOLVED_NOTHING:
    break;
  }
  report_unknown_name(body, node, name, DIAGNOSTIC_TY0030, "value", LOOKUP_VALUE);
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

static bool is_digits(Str text) {
  return text.length > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9';
}

static TypeId check_field(Body *body, NodeId node) {
  AstNode at = body_ast(body, node);
  TypeId receiver = check_expression(body, at.field.receiver, TYPE_NONE);
  Name name = ast_node(body->ast, at.field.member)->name.name;
  Str text = body_name(body, name);
  if (receiver == TYPE_UNKNOWN) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_FIELD, name);
  }
  TypeId record = types_record_part(body->declarations, receiver);
  if (record == TYPE_NONE) {
    Str type = body_type_text(body, receiver);
    Diagnostic *diagnostic =
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0033, at.span,
                       "no field '%.*s' in '%.*s', which has no fields", STR_ARGS(text), STR_ARGS(type));
    if (type_kind(body->types, receiver) == KIND_UNION) {
      diagnostic_hint(&body->context->diagnostics, diagnostic, "use `match` to learn which member it is");
    }
    return body_set(body, node, TYPE_UNKNOWN, ROLE_FIELD, name);
  }
  TypeField field;
  if (!types_find_field(body->declarations, receiver, name, &field)) {
    Str type = body_type_text(body, receiver);
    if (types_is_tuple(body->types, receiver) && is_digits(text)) {
      Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0032, at.span,
                                              "index %.*s is outside of the tuple of length %u",
                                              STR_ARGS(text), type_get(body->types, record)->count);
      diagnostic_hint(&body->context->diagnostics, diagnostic, "tuple indices begin at 0");
    } else {
      Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0033, at.span,
                                              "no field '%.*s' in '%.*s'", STR_ARGS(text), STR_ARGS(type));
      const Type *fields = type_get(body->types, record);
      Name best = NAME_EMPTY;
      uint32_t nearest = 3;
      for (uint32_t i = 0; i < fields->count; i++) {
        Name candidate = type_fields(body->types, fields)[i].name;
        uint32_t distance = edit_distance(text, body_name(body, candidate), 2);
        if (distance < nearest) {
          nearest = distance;
          best = candidate;
        }
      }
      if (best != NAME_EMPTY) {
        diagnostic_hint(&body->context->diagnostics, diagnostic, "did you mean '%.*s'?",
                        STR_ARGS(body_name(body, best)));
      }
    }
    return body_set(body, node, TYPE_UNKNOWN, ROLE_FIELD, name);
  }
  TypeId nominal = types_nominal_part(body->types, receiver);
  const AstField *declared = nominal == TYPE_NONE ? NULL : check_declared_field(body, nominal, name);
  if (declared && !check_member_access(body, type_get(body->types, nominal)->symbol, declared->modifier)) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0009, at.span,
                   "field '%.*s' inaccessible (visibility: %s)", STR_ARGS(text),
                   declared->modifier == MODIFIER_PRI ? "pri" : "package; it needs `api`");
    return body_set(body, node, TYPE_UNKNOWN, ROLE_FIELD, name);
  }
  return body_set(body, node, field.type, ROLE_FIELD, name);
}

static TypeId check_kind(Body *body, NodeId node, TypeId expected, bool discard) {
  AstNode at = body_ast(body, node);
  switch ((NodeKind)at.kind) {
  case NODE_INT:
    return body_set(body, node, at.flags & NODE_FLAG_WIDE ? TYPE_I64 : TYPE_I32, ROLE_NONE, 0);
  case NODE_FLOAT:
    return body_set(body, node, at.flags & NODE_FLAG_WIDE ? TYPE_F64 : TYPE_F32, ROLE_NONE, 0);
  case NODE_BOOL:
    return body_set(body, node, TYPE_BOOL, ROLE_NONE, 0);
  case NODE_VOID:
    return body_set(body, node, TYPE_VOID, ROLE_NONE, 0);
  case NODE_STRING: {
    FunctionId maker = check_std_function(body, STD_STRING_FROM_BYTES);
    if (!maker) {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span,
                     "string literals need std's String");
      return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
    }
    TypeId type = types_nominal(body->types, body->declarations->string_object, NULL, 0);
    return check_literal_call(body, node, maker, &(Substitution){0}, type, TYPE_U8);
  }
  case NODE_NAME:
    return check_name(body, node, expected);
  case NODE_PATH:
    return check_path_value(body, node, expected);
  case NODE_CALL:
    return check_call(body, node, expected);
  case NODE_METHOD_CALL:
    return check_method_call(body, node, expected);
  case NODE_OPERATOR:
    return check_operator(body, node, expected);
  case NODE_FIELD:
    return check_field(body, node);
  case NODE_SUBSCRIPT:
    return check_subscript(body, node, expected);
  case NODE_MUTABLE:
    return body_set(body, node, check_expression(body, at.unary.operand, expected), ROLE_PLACE_MARK, 0);
  case NODE_TUPLE:
    return check_tuple(body, node, expected);
  case NODE_ARRAY:
    return check_array(body, node);
  case NODE_RECORD:
    return check_record(body, node, expected);
  case NODE_CONSTRUCT:
    return check_construct(body, node, expected);
  case NODE_RANGE:
    return check_range(body, node);
  case NODE_BLOCK:
    return check_block(body, node, expected, discard);
  case NODE_IF:
    return check_if(body, node, expected, discard);
  case NODE_MATCH:
    return check_match(body, node, expected, discard);
  case NODE_WHILE:
    return check_while(body, node);
  case NODE_BREAK:
  case NODE_CONTINUE:
    if (body->callable->loops == 0) {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_CG0001, at.span, "`%s` outside of a loop",
                     at.kind == NODE_BREAK ? "break" : "continue");
    }
    if (at.kind == NODE_BREAK && at.unary.operand) {
      check_discarded(body, at.unary.operand);
    }
    body_set(body, node, TYPE_VOID, ROLE_NONE, 0);
    body_node(body, node)->leaves = true;
    return TYPE_VOID;
  case NODE_RETURN:
    check_return(body, node);
    return TYPE_VOID;
  case NODE_ASSIGN:
    return check_assign(body, node);
  case NODE_LAMBDA:
    return check_lambda(body, node, expected);
  case NODE_IS:
    return check_is(body, node);
  case NODE_SPREAD:
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span, "a spread has no meaning here");
    check_discarded(body, at.unary.operand);
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  case NODE_TRY:
    return check_try(body, node, expected, discard);
  default:
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span, "this is no expression");
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
}

static bool out_of_effort(Body *body, NodeId node) {
  CheckState *state = body->program->state;
  if (++state->effort - state->begun <= EFFORT_LIMIT) {
    return false;
  }
  if (!state->effort_reported && body->context->diagnostics.muted == 0) {
    state->effort_reported = true;
    Diagnostic *diagnostic =
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0040, body_span(body, node),
                       "type checking too complex (%u/%u)", EFFORT_LIMIT + 1, EFFORT_LIMIT);
    diagnostic_hint(&body->context->diagnostics, diagnostic,
                    "annotate lambda parameters and bind nested calls to names");
  }
  return true;
}

// Chains of fields and method calls nest to the left as deep as the text is long (those of operators are
// iterated, builtins.c); everything else stays well below.
static bool too_deep(Body *body, NodeId node) {
  CheckState *state = body->program->state;
  if (state->depth < LIMIT_CHECK_DEPTH) {
    return false;
  }
  if (!state->depth_reported && body->context->diagnostics.muted == 0) {
    state->depth_reported = true;
    bool bodies = state->running.count > LIMIT_NESTING / 10;
    Diagnostic *diagnostic = diagnostic_add(
        &body->context->diagnostics, bodies ? DIAGNOSTIC_TY0040 : DIAGNOSTIC_MD0002, body_span(body, node),
        bodies ? "type checking too complex (%u/%u): too many results are inferred from one another"
               : "nested too deeply (%u/%u)",
        state->depth + 1, LIMIT_CHECK_DEPTH);
    if (bodies) {
      diagnostic_hint(&body->context->diagnostics, diagnostic, "write result types along the chain of calls");
    }
  } else if (!state->depth_reported) {
    body->context->diagnostics.muted_errors++; // to be looked at again when errors are heard
  }
  return true;
}

void check_budget(Program *program, Span span) {
  if (program->types.too_complex) {
    program->types.too_complex = false;
    diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0040, span,
                   "type checking too complex: comparing types took more than %u steps", LIMIT_UNIFY_STEPS);
  }
}

static TypeId check_anew(Body *body, NodeId node, TypeId expected, bool discard) {
  CheckState *state = body->program->state;
  if (state->wanted || out_of_effort(body, node) || too_deep(body, node)) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  state->depth++;
  TypedNode *typed = body_node(body, node);
  typed->leaves = false;
  typed->discarded = discard;
  TypeId type = check_kind(body, node, expected, discard);
  state->depth--;
  check_budget(body->program, body_span(body, node)); // the innermost expression that asked
  return type;
}

static TypeId check_with(Body *body, NodeId node, TypeId expected, bool discard) {
  DiagnosticSink *sink = &body->context->diagnostics;
  if (!memo_worth(body, node)) {
    return check_anew(body, node, expected, discard);
  }
  MemoResult known;
  if (!discard && memo_find(body, node, expected, &known) && known.recorded &&
      (known.errors == 0 || sink->muted > 0)) {
    sink->muted_errors += known.errors;
    check_perform(body, known.row);
    TypedNode *typed = body_node(body, node);
    typed->target = typed->type;
    typed->coercion = COERCE_NONE;
    return known.type;
  }
  memo_forget(body, node);
  if (discard || sink->muted == 0) {
    return check_anew(body, node, expected, discard);
  }
  uint32_t before = sink->muted_errors;
  RowId row = body->callable->row;
  body->callable->row = ROW_PURE;
  TypeId type = check_anew(body, node, expected, discard);
  memo_keep(body, node, expected, (MemoResult){type, body->callable->row, sink->muted_errors - before, true});
  check_perform(body, row);
  return type;
}

TypeId check_expression(Body *body, NodeId node, TypeId expected) {
  return check_with(body, node, expected, false);
}
TypeId check_discarded(Body *body, NodeId node) {
  return check_with(body, node, TYPE_NONE, true);
}

TypeId check_value(Body *body, NodeId node, TypeId expected) {
  TypeId type = check_with(body, node, expected, false);
  check_require(body, node, expected);
  return type;
}

Probe check_probe(Body *body, NodeId node, TypeId expected) {
  MemoResult known;
  if (memo_worth(body, node) && memo_find(body, node, expected, &known) && !known.recorded) {
    body->context->diagnostics.muted_errors += known.errors;
    return (Probe){known.type, known.errors > 0, false};
  }
  uint32_t mark = diagnostics_mute(&body->context->diagnostics);
  TypeId type = check_with(body, node, expected, false);
  bool errors = diagnostics_unmute(&body->context->diagnostics, mark) > 0;
  return (Probe){type, errors, true};
}

// Kinds whose type can depend on the expected type (05 §5.2.1); others need no second look.
bool check_uses_expected(const Body *body, NodeId node) {
  switch (ast_kind(body->ast, check_inner(body, node))) {
  case NODE_TUPLE:
  case NODE_RECORD:
  case NODE_LAMBDA:
  case NODE_BLOCK:
  case NODE_IF:
  case NODE_MATCH:
  case NODE_CALL:
  case NODE_METHOD_CALL:
  case NODE_CONSTRUCT:
  case NODE_PATH:
  case NODE_NAME:
  case NODE_TRY:
    return true;
  default:
    return false;
  }
}
