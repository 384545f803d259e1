// Calls of known functions, function values and intrinsics (spec 05 §5.6, §5.9, §5.10, §5.15.5).
#include "check/state.h"

uint32_t check_add_call(Body *body, CallPlan plan, const ArgumentPlan *arguments, uint32_t count) {
  Program *program = body->program;
  plan.first = VECTOR_EXTEND(&program->arena, &program->arguments, count);
  plan.count = count;
  if (count > 0) {
    memcpy(program->arguments.items + plan.first, arguments, sizeof *arguments * count);
  }
  VECTOR_PUSH(&program->arena, &program->calls, plan);
  return program->calls.count - 1;
}

void check_probe_arguments(Body *body, Argument *arguments, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (arguments[i].lambda) {
      arguments[i].type = TYPE_UNKNOWN;
    } else if (!arguments[i].typed) {
      Probe probe = check_probe(body, arguments[i].node, TYPE_NONE);
      arguments[i].type = probe.type;
      arguments[i].errors = probe.errors;
      arguments[i].typed = !probe.errors && probe.recorded;
    }
  }
}

// The parameter that an argument goes to by index or label (05 §5.9); the number of parameters if there is
// none.
static uint32_t parameter_for(const Body *body, FunctionId function, const Argument *argument,
                              uint32_t index) {
  AstRange written = ast_function(body->ast, function)->parameters;
  const AstParameter *parameters = body->ast->parameters.items + written.first;
  bool there =
      index < written.count && (argument->label == NAME_EMPTY || parameters[index].label == argument->label);
  uint32_t found = there ? index : written.count;
  for (uint32_t p = 0; p < written.count && argument->label != NAME_EMPTY && found == written.count; p++) {
    found = parameters[p].label == argument->label ? p : written.count;
  }
  return found;
}

// The same for the parameters of a function type: what the argument is expected to be.
static TypeId expected_for(const Parameter *parameters, uint32_t count, const Argument *arguments,
                           uint32_t index) {
  if (arguments[index].label != NAME_EMPTY) {
    for (uint32_t p = 0; p < count; p++) {
      if (parameters[p].label == arguments[index].label) {
        return parameters[p].type;
      }
    }
    return TYPE_NONE;
  }
  return index < count ? parameters[index].type : TYPE_NONE;
}

// An object literal at a run of labelled parameters expects a record of them (05 §5.9).
static TypeId expected_record(Body *body, FunctionId function, const Substitution *substitution,
                              const Argument *argument, uint32_t index) {
  if (ast_kind(body->ast, argument->node) != NODE_RECORD) {
    return TYPE_NONE;
  }
  uint32_t count;
  const Parameter *parameters = check_parameters(body, function, substitution, &count);
  TypeField *fields = ARENA_ARRAY(body->scratch, TypeField, count);
  uint32_t used = 0;
  AstNode literal = body_ast(body, argument->node);
  for (uint32_t p = index; p < count && parameters[p].label != NAME_EMPTY; p++) {
    bool mentioned = false;
    for (uint32_t i = 0; i < literal.list.items.count && !mentioned; i++) {
      AstNode entry = body_ast(body, ast_listed(body->ast, literal.list.items, i));
      mentioned = entry.kind == NODE_ENTRY && entry.labelled.label == parameters[p].label;
    }
    bool skip = parameters[p].flags & (SLOT_OPTIONAL | SLOT_DEFAULTED);
    if ((mentioned || !skip) && parameters[p].type != TYPE_NONE &&
        !type_get(body->types, parameters[p].type)->symbolic) {
      fields[used++] = (TypeField){parameters[p].label, parameters[p].type, false};
    }
  }
  return used > 0 ? types_record(body->types, fields, used) : TYPE_NONE;
}

// Type parameters that nothing has bound yet become unknown, so that a lambda sees the rest of its formal
// type.
TypeId check_open_formal(Body *body, TypeId formal, const AstRange *free, uint32_t free_count) {
  if (formal == TYPE_NONE || !type_get(body->types, formal)->symbolic) {
    return formal;
  }
  Substitution unknown = {0};
  for (uint32_t f = 0; f < free_count; f++) {
    for (uint32_t i = 0; i < free[f].count; i++) {
      substitution_bind(body->scratch, &unknown, free[f].first + i, TYPE_UNKNOWN);
    }
  }
  return types_substitute(body->types, &unknown, formal);
}

static bool is_concrete(const Body *body, TypeId type) {
  return type != TYPE_NONE && type != TYPE_UNKNOWN && !type_get(body->types, type)->symbolic &&
         !type_get(body->types, type)->unknown;
}

// Types the arguments with the parameters of the chosen candidate; keeps what a probe has settled (05 §5.9).
static void type_with_context(Body *body, Argument *arguments, uint32_t argument_count, FunctionId function,
                              Substitution *substitution, const AstRange *free, uint32_t free_count,
                              TypeId expected, TypeId result) {
  // Binding looks at the formal types as declared (explicit arguments apart), so that a later argument can
  // still widen what an earlier one bound (05 §5.10.1).
  Substitution given = {0};
  for (uint32_t i = 0; i < substitution->count; i++) {
    substitution_bind(body->scratch, &given, substitution->parameters[i], substitution->types[i]);
  }
  for (int pass = 0; pass < 2; pass++) { // lambdas after everything that can bind their parameter types
    for (uint32_t i = 0; i < argument_count; i++) {
      Argument *argument = &arguments[i];
      if (argument->lambda != (pass == 1)) {
        continue;
      }
      const uint32_t count = check_function_info(body->program, function)->parameter_count;
      const uint32_t position = parameter_for(body, function, argument, i);
      const Parameter parameter =
          position < count ? check_formal(body, function, substitution, position) : (Parameter){0};
      const bool to_labelled = argument->label == NAME_EMPTY && parameter.label != NAME_EMPTY;
      TypeId formal = parameter.type;
      TypeId wanted = argument->lambda            ? check_open_formal(body, formal, free, free_count)
                      : is_concrete(body, formal) ? formal
                                                  : TYPE_NONE;
      if (wanted != TYPE_NONE && !argument->lambda && type_kind(body->types, wanted) == KIND_BORROW) {
        wanted = TYPE_NONE;
      }
      if (to_labelled) {
        wanted = expected_record(body, function, substitution, argument, i);
      }
      bool settled =
          argument->typed && !argument->lambda && !type_get(body->types, argument->type)->unknown &&
          (wanted == TYPE_NONE || argument->type == wanted || !check_uses_expected(body, argument->node));
      if (!settled) {
        argument->type = check_expression(body, argument->node, wanted);
        argument->typed = true;
      }
      if (formal != TYPE_NONE && type_get(body->types, formal)->symbolic && to_labelled) {
        continue; // fields of a structural argument bind below, by the match
      }
      if (formal != TYPE_NONE) {
        formal = check_formal(body, function, &given, position).type;
        types_bind(body->declarations, substitution, free, free_count, formal, argument->type);
      }
    }
    if (pass == 0 && expected != TYPE_NONE && result != TYPE_NONE) { // before lambdas, which may need it
      Substitution from_result = {0};
      types_bind(body->declarations, &from_result, free, free_count,
                 types_substitute(body->types, &given, result), expected);
      for (uint32_t i = 0; i < from_result.count; i++) {
        if (substitution_get(substitution, from_result.parameters[i]) == TYPE_NONE &&
            !type_get(body->types, from_result.types[i])->unknown) {
          substitution_bind(body->scratch, substitution, from_result.parameters[i], from_result.types[i]);
        }
      }
    }
  }
}

// Binds what only the match shows: fields of structural arguments and arguments behind skipped parameters.
static void bind_by_match(Body *body, const Match *match, FunctionId function, const Argument *arguments,
                          Substitution *substitution, const AstRange *free, uint32_t free_count) {
  uint32_t count;
  Parameter *parameters = check_parameters(body, function, substitution, &count);
  for (uint32_t p = 0; p < count; p++) {
    const MatchEntry *entry = &match->entries[p];
    if (parameters[p].type == TYPE_NONE || !type_get(body->types, parameters[p].type)->symbolic) {
      continue;
    }
    TypeField field;
    if (entry->kind == ARGUMENT_VALUE) {
      types_bind(body->declarations, substitution, free, free_count, parameters[p].type,
                 arguments[entry->argument].type);
    } else if (entry->kind == ARGUMENT_FIELD &&
               types_find_field(body->declarations, arguments[entry->argument].type, entry->field, &field)) {
      types_bind(body->declarations, substitution, free, free_count, parameters[p].type, field.type);
    }
  }
}

static bool missing_type_arguments(Body *body, CallSite *site, FunctionId function,
                                   const Substitution *substitution, const AstRange *free,
                                   uint32_t free_count) {
  uint32_t missing = 0;
  Name unbound = NAME_EMPTY;
  for (uint32_t f = 0; f < free_count; f++) {
    for (uint32_t i = 0; i < free[f].count; i++) {
      TypeId bound = substitution_get(substitution, free[f].first + i);
      if (bound == TYPE_NONE && missing++ == 0) {
        unbound = body->ast->type_parameters.items[free[f].first + i].name;
      }
      if (bound == TYPE_UNKNOWN) {
        return true; // follows from an error already reported
      }
    }
  }
  for (uint32_t i = 0; missing > 0 && i < site->argument_count; i++) {
    if (type_get(body->types, site->arguments[i].type)->unknown) {
      return true;
    }
  }
  if (missing > 0) {
    Diagnostic *diagnostic =
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, site->span,
                       "function %.*s is missing %u type argument(s): nothing here says what '%.*s' is",
                       STR_ARGS(body_name(body, ast_function(body->ast, function)->name)), missing,
                       STR_ARGS(body_name(body, unbound)));
    diagnostic_hint(&body->context->diagnostics, diagnostic, "add explicit type arguments: `%.*s<…>(…)`",
                    STR_ARGS(body_name(body, ast_function(body->ast, function)->name)));
  }
  return missing > 0;
}

static bool constraints_hold(Body *body, CallSite *site, const Substitution *substitution,
                             const AstRange *free, uint32_t free_count) {
  for (uint32_t f = 0; f < free_count; f++) {
    for (uint32_t i = 0; i < free[f].count; i++) {
      TypeId constraint = declarations_constraint(body->declarations, free[f].first + i);
      TypeId argument = substitution_get(substitution, free[f].first + i);
      if (constraint == TYPE_NONE || argument == TYPE_NONE || argument == TYPE_UNKNOWN) {
        continue;
      }
      TypeId wanted = types_substitute(body->types, substitution, constraint);
      if (!types_satisfies(body->declarations, argument, wanted)) {
        if (site) {
          Str have = body_type_text(body, argument), want = body_type_text(body, wanted);
          const AstTypeParameter parameter = body->ast->type_parameters.items[free[f].first + i];
          Str name = body_name(body, parameter.name);
          Diagnostic *diagnostic =
              diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, site->span,
                             "type argument '%.*s' for %.*s does not satisfy its constraint '%.*s'",
                             STR_ARGS(have), STR_ARGS(name), STR_ARGS(want));
          diagnostic_related(&body->context->diagnostics, diagnostic, parameter.span,
                             "the constraint is declared here");
          check_explain_mismatch(body, diagnostic, site->node, argument, wanted);
        }
        return false;
      }
    }
  }
  return true;
}

bool check_constraints(Body *body, const Substitution *substitution, const AstRange *free,
                       uint32_t free_count) {
  return constraints_hold(body, NULL, substitution, free, free_count);
}

bool check_apply_type_arguments(Body *body, CallSite *site, Candidate *candidate) {
  FunctionInfo info = *check_function_info(body->program, candidate->function);
  uint32_t total = 0;
  for (uint32_t f = 0; f < info.free_count; f++) {
    total += info.free[f].count;
  }
  if (site->explicit.count > total) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, site->span,
                   total == 0 ? "call does not accept type arguments: '%.*s' is not generic"
                              : "call received too many type arguments for '%.*s'",
                   STR_ARGS(body_name(body, site->name)));
    return false;
  }
  uint32_t given = 0;
  for (uint32_t f = 0; f < info.free_count; f++) {
    for (uint32_t i = 0; i < info.free[f].count && given < site->explicit.count; i++, given++) {
      substitution_bind(body->scratch, &candidate->substitution, info.free[f].first + i,
                        check_type(body, ast_listed(body->ast, site->explicit, given)));
    }
  }
  return true;
}

// Requires each argument to fit and makes the plan (05 §5.8.3).
static ArgumentPlan *plan_arguments(Body *body, CallSite *site, const Match *match,
                                    const Parameter *parameters, uint32_t count) {
  ArgumentPlan *plans = ARENA_ARRAY(body->scratch, ArgumentPlan, count);
  for (uint32_t p = 0; p < count; p++) {
    const MatchEntry *entry = &match->entries[p];
    ArgumentPlan *plan = &plans[p];
    *plan = (ArgumentPlan){
        .kind = entry->kind, .to = parameters[p].type, .mutable = parameters[p].flags & SLOT_MUTABLE};
    if (entry->kind != ARGUMENT_VALUE && entry->kind != ARGUMENT_FIELD) {
      plan->mutable = false;
      continue;
    }
    const Argument *argument = &site->arguments[entry->argument];
    plan->node = argument->node;
    plan->position = entry->argument;
    if (entry->kind == ARGUMENT_VALUE) {
      plan->from = argument->type;
      bool borrow =
          parameters[p].type != TYPE_NONE && type_kind(body->types, parameters[p].type) == KIND_BORROW;
      TypeId wanted = borrow && type_kind(body->types, argument->type) != KIND_BORROW
                          ? type_get(body->types, parameters[p].type)->a
                          : parameters[p].type;
      bool fits = check_require_declared(body, argument->node, wanted, parameters[p].declared,
                                         "the parameter is declared here");
      if (plan->mutable && fits) {
        check_mutable_argument(body, argument->node, body_name(body, parameters[p].name), argument->type);
      }
      continue;
    }
    TypeField field = {0};
    plan->field = entry->field;
    types_find_field(body->declarations, argument->type, entry->field, &field);
    plan->from = field.type;
    body_node(body, argument->node)->target = argument->type;
    if (!types_satisfies(body->declarations, field.type, parameters[p].type)) {
      Str want = body_type_text(body, parameters[p].type), have = body_type_text(body, field.type);
      NodeId blamed = argument->node;
      AstNode literal = body_ast(body, argument->node);
      for (uint32_t i = 0; literal.kind == NODE_RECORD && i < literal.list.items.count; i++) {
        AstNode written = body_ast(body, ast_listed(body->ast, literal.list.items, i));
        blamed = written.kind == NODE_ENTRY && written.labelled.label == entry->field ? written.labelled.value
                                                                                      : blamed;
      }
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, body_span(body, blamed),
                     "expected '%.*s', found '%.*s' for '%.*s'", STR_ARGS(want), STR_ARGS(have),
                     STR_ARGS(body_name(body, entry->field)));
    } else {
      plan->coercion = (uint8_t)check_coercion(body->program, field.type, parameters[p].type);
    }
  }
  return plans;
}

// Types that nothing consumed are still looked at, so that errors inside arguments show.
static TypeId give_up(Body *body, CallSite *site) {
  for (uint32_t i = 0; i < site->argument_count; i++) {
    if (site->arguments[i].errors || !site->arguments[i].typed) {
      check_expression(body, site->arguments[i].node, TYPE_NONE);
    }
  }
  return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

// The instantiation of a generic effect, as a tuple (06 §9).
static TypeId effect_arguments(Body *body, const FunctionInfo *info, const Substitution *substitution) {
  AstRange parameters = declarations_type_parameters(body->declarations, info->effect);
  TypeId *types = ARENA_ARRAY(body->scratch, TypeId, parameters.count);
  for (uint32_t i = 0; i < parameters.count; i++) {
    types[i] = substitution_get(substitution, parameters.first + i);
  }
  return parameters.count > 0 ? types_tuple(body->types, types, parameters.count) : TYPE_NONE;
}

TypeId check_call_candidate(Body *body, CallSite *site, Candidate *candidate) {
  FunctionInfo info = *check_function_info(body->program, candidate->function);
  if (!check_apply_type_arguments(body, site, candidate)) {
    return give_up(body, site);
  }
  AstRange *free = info.free;
  uint32_t free_count = info.free_count;
  Substitution *substitution = &candidate->substitution;
  // A first look at the shape: with a wrong one the arguments are typed without context.
  type_with_context(body, site->arguments, site->argument_count, candidate->function, substitution, free,
                    free_count, site->expected, info.result);
  uint32_t count;
  Parameter *parameters = check_parameters(body, candidate->function, substitution, &count);
  Match match = check_match_arguments(body, parameters, count, site->arguments, site->argument_count);
  if (match.failure != MATCH_OK) {
    check_report_match(body, &match, site->arguments, site->span);
    return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  bind_by_match(body, &match, candidate->function, site->arguments, substitution, free, free_count);
  if (missing_type_arguments(body, site, candidate->function, substitution, free, free_count) ||
      !constraints_hold(body, site, substitution, free, free_count)) {
    return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  InstanceId instance = 0;
  TypeId result;
  bool operation = info.operation != 0;
  if (candidate->dispatch != TYPE_NONE || operation) {
    result = info.result == TYPE_NONE ? TYPE_VOID : types_substitute(body->types, substitution, info.result);
  } else if (info.intrinsic != NAME_EMPTY && !info.uses_signature) {
    bool found = false;
    CallSite inner = *site;
    TypeId built = check_builtin_call(body, site->node, info.intrinsic, &inner, &found);
    return found ? built : body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
  } else {
    Substitution used = {0}; // only what the function's own parameters stand for
    for (uint32_t f = 0; f < free_count; f++) {
      for (uint32_t i = 0; i < free[f].count; i++) {
        substitution_bind(body->scratch, &used, free[f].first + i,
                          substitution_get(substitution, free[f].first + i));
      }
    }
    instance = check_instance(body->program, (InstanceKey){candidate->function, 0, candidate->self, &used},
                              body->instance, site->span);
    result = check_instance_result(body->program, instance);
    const Instance *made = &body->program->instances.items[instance];
    for (uint32_t p = 0; p < count; p++) { // untyped defaults got their type with the instance
      if (parameters[p].type == TYPE_NONE) {
        if (made->parameter_types[p] == TYPE_NONE) {
          check_infer_body(body->program, instance);
          made = &body->program->instances.items[instance];
        }
        parameters[p].type = made->parameter_types[p] == TYPE_NONE ? TYPE_UNKNOWN : made->parameter_types[p];
      } else {
        parameters[p].type = made->parameter_types[p];
      }
    }
  }
  ArgumentPlan *plans = plan_arguments(body, site, &match, parameters, count);
  CallPlan plan = {.kind = operation                          ? CALL_OPERATION
                           : candidate->dispatch != TYPE_NONE ? CALL_DISPATCH
                                                              : CALL_DIRECT,
                   .target = instance ? instance : candidate->function,
                   .trait = candidate->dispatch,
                   .result = result};
  if (operation) {
    plan.type_argument = effect_arguments(body, &info, substitution);
    check_perform(body, types_row(body->types, &(RowEntry){info.operation, TYPE_NONE}, 1, false));
  } else if (instance) {
    check_perform_call(body, instance, plans, count);
  } else if (info.row_written) {
    check_perform(body, info.row);
  } else {
    check_perform_dispatch(body, candidate->dispatch, candidate->function);
  }
  if (info.intrinsic != NAME_EMPTY) {
    plan = check_intrinsic_plan(body, &info, parameters, count, plan);
  }
  uint32_t call = check_add_call(body, plan, plans, count);
  return body_set(body, site->node, result, ROLE_CALL, call);
}

// --- calls of function values

static Parameter *slot_parameters(Body *body, TypeId function, uint32_t *count) {
  const Type type = *type_get(body->types, function);
  Parameter *parameters = ARENA_ARRAY(body->scratch, Parameter, type.count);
  for (uint32_t i = 0; i < type.count; i++) {
    const TypeSlot slot = body->types->slots.items[type.first + i];
    Name name = slot.label != NAME_EMPTY ? slot.label : types_tuple_field(body->types, i);
    parameters[i] = (Parameter){.name = name, .label = slot.label, .type = slot.type, .flags = slot.flags};
  }
  *count = type.count;
  return parameters;
}

// Plans the call of a value with the arguments from `from` on, and of its result with what is left (05
// §5.15.5). 0 after a report, else 1 + index of the plan.
static uint32_t plan_value_call(Body *body, NodeId node, NodeId callee, TypeId function, Argument *arguments,
                                uint32_t count, uint32_t from, TypeId *result) {
  const Type type = *type_get(body->types, function);
  uint32_t parameter_count;
  Parameter *parameters = slot_parameters(body, function, &parameter_count);
  uint32_t given = count - from;
  for (uint32_t i = from; i < count && i < from + parameter_count; i++) {
    TypeId wanted = expected_for(parameters, parameter_count, arguments + from, i - from);
    arguments[i].type = check_expression(body, arguments[i].node, wanted);
    arguments[i].typed = true;
  }
  bool curried =
      given > parameter_count && parameter_count > 0 && type_kind(body->types, type.a) == KIND_FUNCTION;
  if (given > parameter_count && !curried) {
    bool nullary = parameter_count == 0 && ast_kind(body->ast, callee) == NODE_NAME;
    diagnostic_add(&body->context->diagnostics, nullary ? DIAGNOSTIC_TY9999 : DIAGNOSTIC_TY0005,
                   nullary ? body_span(body, node) : body_span(body, callee),
                   "the function takes %u argument%s, %u given, and its result is no function",
                   parameter_count, parameter_count == 1 ? "" : "s", given);
    return 0;
  }
  uint32_t taken = curried ? parameter_count : given;
  Match match = check_match_arguments(body, parameters, parameter_count, arguments + from, taken);
  if (match.failure != MATCH_OK) {
    check_report_match(body, &match, arguments + from, body_span(body, node));
    return 0;
  }
  CallSite site = {
      .node = node, .span = body_span(body, node), .arguments = arguments + from, .argument_count = taken};
  ArgumentPlan *plans = plan_arguments(body, &site, &match, parameters, parameter_count);
  for (uint32_t p = 0; p < parameter_count; p++) {
    plans[p].position += from;
  }
  CallPlan plan = {.kind = CALL_VALUE, .callee = callee, .function = function, .result = type.a};
  check_perform(body, type.row);
  *result = type.a;
  if (curried) {
    plan.curried = plan_value_call(body, node, callee, type.a, arguments, count, from + taken, result);
    plan.result = *result;
    if (!plan.curried) {
      return 0;
    }
  }
  return 1 + check_add_call(body, plan, plans, parameter_count);
}

TypeId check_value_call(Body *body, NodeId node, NodeId callee, TypeId function, Argument *arguments,
                        uint32_t count) {
  if (type_kind(body->types, function) != KIND_FUNCTION) {
    if (function != TYPE_UNKNOWN) {
      Str text = body_type_text(body, function);
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0005, body_span(body, callee),
                     "value is not callable: it is '%.*s'", STR_ARGS(text));
    }
    for (uint32_t i = 0; i < count; i++) {
      check_expression(body, arguments[i].node, TYPE_NONE);
    }
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  if (ast_kind(body->ast, callee) == NODE_NAME && body_ast(body, callee).name.type_arguments.count > 0) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, node),
                   "call does not accept type arguments: a function value has its types already");
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  TypeId result = TYPE_UNKNOWN;
  uint32_t plan = plan_value_call(body, node, callee, function, arguments, count, 0, &result);
  return plan ? body_set(body, node, result, ROLE_CALL, plan - 1)
              : body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

// --- f(args)

static Candidate *function_candidates(Body *body, SymbolSet set, uint32_t *count) {
  Candidate *candidates = ARENA_ARRAY(body->scratch, Candidate, set.count);
  *count = 0;
  for (uint32_t i = 0; i < set.count; i++) {
    const Symbol *symbol = names_symbol(body->names, names_listed(body->names, set, i));
    if (symbol->kind == SYMBOL_FUNCTION) {
      candidates[(*count)++] = (Candidate){.function = symbol->declaration};
    }
  }
  return candidates;
}

TypeId check_call_symbols(Body *body, NodeId node, NodeId callee, SymbolSet set, TypeId expected) {
  AstNode at = body_ast(body, node);
  AstNode name = body_ast(body, callee);
  SymbolId last = names_listed(body->names, set, set.count - 1);
  const Symbol symbol = *names_symbol(body->names, last);
  if (symbol.kind == SYMBOL_OBJECT || symbol.kind == SYMBOL_ALIAS) {
    return check_type_call(body, node, last, expected);
  }
  if (symbol.kind == SYMBOL_OPERATION) {
    return check_operation_call(body, node, callee, set, expected);
  }
  if (symbol.kind != SYMBOL_FUNCTION) {
    uint32_t count;
    Argument *arguments = check_collect_arguments(body, at.call.arguments, 0, &count);
    TypeId type = check_expression(body, callee, TYPE_NONE);
    return check_value_call(body, node, callee, type, arguments, count);
  }
  uint32_t count;
  Candidate *candidates = function_candidates(body, set, &count);
  CallSite site = {.node = node,
                   .span = at.span,
                   .name = name.name.name,
                   .explicit = name.name.type_arguments,
                   .expected = expected};
  site.arguments = check_collect_arguments(body, at.call.arguments, 0, &site.argument_count);
  body_set(body, callee, TYPE_NONE, ROLE_NONE, 0);
  return count == 1 ? check_call_candidate(body, &site, &candidates[0])
                    : check_overloaded_call(body, &site, candidates, count);
}

static TypeId call_unknown(Body *body, NodeId node, NodeId callee) {
  AstNode at = body_ast(body, node);
  Name name = ast_node(body->ast, callee)->name.name;
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0006, body_name_span(body, callee),
                     "no function '%.*s' is in scope", STR_ARGS(body_name(body, name)));
  Name close = names_suggest(body->names, body->module, name, LOOKUP_VALUE);
  if (close != NAME_EMPTY && close != name) {
    diagnostic_hint(&body->context->diagnostics, diagnostic, "did you mean '%.*s'?",
                    STR_ARGS(body_name(body, close)));
  }
  for (uint32_t i = 0; i < at.call.arguments.count; i++) {
    NodeId argument = ast_listed(body->ast, at.call.arguments, i);
    AstNode written = body_ast(body, argument);
    check_expression(body, written.kind == NODE_ARGUMENT ? written.labelled.value : argument, TYPE_NONE);
  }
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

TypeId check_call(Body *body, NodeId node, TypeId expected) {
  AstNode at = body_ast(body, node);
  NodeId callee = at.call.callee;
  NodeKind kind = ast_kind(body->ast, callee);
  if (kind == NODE_PATH) {
    return check_path_call(body, node, expected);
  }
  uint32_t count;
  if (kind == NODE_NAME) {
    Resolution found = names_resolution(body->names, callee);
    Name name = ast_node(body->ast, callee)->name.name;
    if (found.kind == RESOLVED_LOCAL && names_local(body->names, found.id)->kind == LOCAL_CONTINUATION) {
      return check_continuation_call(body, node, found.id);
    }
    if (check_is_operator(name) && (ast_node(body->ast, callee)->flags & NODE_FLAG_QUOTED)) {
      CallSite site = {
          .node = node, .span = at.span, .name = name, .expected = expected, .single_is_overload = true};
      site.arguments = check_collect_arguments(body, at.call.arguments, 0, &site.argument_count);
      return check_named_operator(body, &site);
    }
    if (found.kind == RESOLVED_SYMBOLS) {
      return check_call_symbols(body, node, callee, found.symbols, expected);
    }
    if (found.kind == RESOLVED_BUILTIN) {
      CallSite site = {.node = node,
                       .span = at.span,
                       .name = name,
                       .explicit = ast_node(body->ast, callee)->name.type_arguments,
                       .expected = expected};
      site.arguments = check_collect_arguments(body, at.call.arguments, 0, &site.argument_count);
      bool known;
      TypeId type = check_builtin_call(body, node, name, &site, &known);
      if (known) {
        return type;
      }
      found.kind = RESOLVED_NOTHING;
    }
    if (found.kind == RESOLVED_NOTHING) {
      return call_unknown(body, node, callee);
    }
    if (found.kind == RESOLVED_ERROR) {
      CallSite site = {.node = node};
      site.arguments = check_collect_arguments(body, at.call.arguments, 0, &site.argument_count);
      return give_up(body, &site);
    }
  }
  Argument *arguments = check_collect_arguments(body, at.call.arguments, 0, &count);
  if (kind == NODE_LAMBDA) { // a lambda called in place gets its parameter types from the arguments
    AstRange own = ast_function(body->ast, ast_node(body->ast, callee)->lambda.function)->parameters;
    uint32_t known = count < own.count ? count : own.count;
    TypeSlot *slots = ARENA_ARRAY(body->scratch, TypeSlot, known);
    for (uint32_t i = 0; i < known; i++) {
      slots[i] = (TypeSlot){check_probe(body, arguments[i].node, TYPE_NONE).type, NAME_EMPTY, 0};
    }
    TypeId formal = types_function(body->types, slots, known, TYPE_UNKNOWN, ROW_OPEN);
    TypeId function = check_lambda(body, callee, formal);
    body_node(body, callee)->target = function;
    return check_value_call(body, node, callee, function, arguments, count);
  }
  TypeId function = check_expression(body, callee, TYPE_NONE);
  body_node(body, callee)->target = function;
  return check_value_call(body, node, callee, function, arguments, count);
}
