// Matching arguments to parameters (spec 05 §5.8) and reporting why they do not.
#include "check/state.h"

Parameter check_formal(Body *body, FunctionId function, const Substitution *substitution, uint32_t index) {
  TypeId type = check_function_info(body->program, function)->parameters[index];
  const AstFunction *ast = ast_function(body->ast, function);
  const AstParameter *parameter = &body->ast->parameters.items[ast->parameters.first + index];
  bool std = graph_module(body->program->graph, ast->module)->path.space == NAMESPACE_STD;
  return (Parameter){parameter->name, parameter->label,
                     type == TYPE_NONE ? TYPE_NONE : types_substitute(body->types, substitution, type),
                     (parameter->is_mutable ? (uint32_t)SLOT_MUTABLE : 0) |
                         (parameter->is_optional ? (uint32_t)SLOT_OPTIONAL : 0) |
                         (parameter->default_value ? (uint32_t)SLOT_DEFAULTED : 0),
                     std ? (Span){0} : parameter->name_span};
}

Parameter *check_parameters(Body *body, FunctionId function, const Substitution *substitution,
                            uint32_t *count) {
  *count = check_function_info(body->program, function)->parameter_count;
  Parameter *parameters = ARENA_ARRAY(body->scratch, Parameter, *count);
  for (uint32_t i = 0; i < *count; i++) {
    parameters[i] = check_formal(body, function, substitution, i);
  }
  return parameters;
}

Argument *check_collect_arguments(Body *body, NodeRange range, NodeId receiver, uint32_t *count) {
  uint32_t extra = receiver ? 1 : 0;
  Argument *arguments = ARENA_ARRAY(body->scratch, Argument, range.count + extra);
  if (receiver) {
    arguments[0] = (Argument){.node = receiver};
  }
  for (uint32_t i = 0; i < range.count; i++) {
    NodeId node = ast_listed(body->ast, range, i);
    AstNode at = body_ast(body, node);
    Argument *argument = &arguments[i + extra];
    if (at.kind == NODE_ARGUMENT || at.kind == NODE_ENTRY) {
      *argument = (Argument){.label = at.labelled.label, .node = at.labelled.value};
    } else {
      *argument = (Argument){.node = at.kind == NODE_SPREAD ? at.unary.operand : node};
    }
    argument->lambda = ast_kind(body->ast, check_inner(body, argument->node)) == NODE_LAMBDA;
  }
  *count = range.count + extra;
  return arguments;
}

static bool skippable(const Parameter *parameter) {
  return parameter->flags & (SLOT_OPTIONAL | SLOT_DEFAULTED);
}

static MatchEntry omitted(const Parameter *parameter) {
  return (MatchEntry){parameter->flags & SLOT_OPTIONAL ? ARGUMENT_ABSENT : ARGUMENT_DEFAULT, 0, NAME_EMPTY};
}

static bool all_labelled(const Parameter *parameters, uint32_t parameter_count, const Argument *arguments,
                         uint32_t argument_count) {
  for (uint32_t i = 0; i < parameter_count; i++) {
    if (parameters[i].label == NAME_EMPTY) {
      return false;
    }
  }
  for (uint32_t i = 0; i < argument_count; i++) {
    if (arguments[i].label == NAME_EMPTY) {
      return false;
    }
  }
  return parameter_count > 0 && argument_count > 0;
}

static bool has_label(const Parameter *parameters, uint32_t first, uint32_t count, Name label) {
  for (uint32_t i = first; i < count; i++) {
    if (parameters[i].label == label) {
      return true;
    }
  }
  return false;
}

// 05 §5.8.1: by name in any order.
static void match_labelled(Body *body, Match *match, const Parameter *parameters, uint32_t parameter_count,
                           const Argument *arguments, uint32_t argument_count) {
  bool *used = ARENA_ARRAY(body->scratch, bool, argument_count);
  for (uint32_t p = 0; p < parameter_count; p++) {
    bool in_order = p < argument_count && !used[p] && arguments[p].label == parameters[p].label;
    uint32_t found = in_order ? p : argument_count;
    for (uint32_t a = 0; a < argument_count && found == argument_count; a++) {
      found = !used[a] && arguments[a].label == parameters[p].label ? a : argument_count;
    }
    if (found < argument_count) {
      used[found] = true;
      match->entries[p] = (MatchEntry){ARGUMENT_VALUE, found, NAME_EMPTY};
      continue;
    }
    if (skippable(&parameters[p])) {
      match->entries[p] = omitted(&parameters[p]);
      continue;
    }
    uint32_t stray = argument_count, any = argument_count;
    for (uint32_t a = 0; a < argument_count; a++) {
      if (!used[a]) {
        any = any == argument_count ? a : any;
        stray = stray == argument_count && !has_label(parameters, p, parameter_count, arguments[a].label)
                    ? a
                    : stray;
      }
    }
    uint32_t blamed = stray < argument_count ? stray : any;
    match->expected = parameters[p].label;
    if (blamed < argument_count) {
      match->failure = MATCH_LABEL;
      match->argument = blamed;
      match->got = arguments[blamed].label;
    } else {
      match->failure = MATCH_MISSING_LABELLED;
    }
    return;
  }
  for (uint32_t a = 0; a < argument_count; a++) {
    match->argument += !used[a];
  }
  match->failure = match->argument > 0 ? MATCH_EXTRA : MATCH_OK;
}

// The field names that an argument offers to a run of labelled parameters: those of an object literal as
// written, else those of its type.
static bool offers_fields(Body *body, const Argument *argument) {
  if (ast_kind(body->ast, argument->node) == NODE_RECORD) {
    return true;
  }
  return argument->type != TYPE_UNKNOWN && argument->type != TYPE_NONE &&
         types_has_fields(body->declarations, argument->type);
}

static bool offers_field(Body *body, const Argument *argument, Name name) {
  TypeField field;
  if (argument->type != TYPE_UNKNOWN && argument->type != TYPE_NONE) {
    return types_find_field(body->declarations, argument->type, name, &field);
  }
  AstNode at = body_ast(body, argument->node);
  for (uint32_t i = 0; at.kind == NODE_RECORD && i < at.list.items.count; i++) {
    AstNode entry = body_ast(body, ast_listed(body->ast, at.list.items, i));
    if (entry.kind == NODE_SPREAD || (entry.kind == NODE_ENTRY && entry.labelled.label == name)) {
      return true;
    }
  }
  return false;
}

Match check_match_arguments(Body *body, const Parameter *parameters, uint32_t parameter_count,
                            const Argument *arguments, uint32_t argument_count) {
  Match match = {MATCH_OK, 0, NAME_EMPTY, NAME_EMPTY,
                 ARENA_ARRAY(body->scratch, MatchEntry, parameter_count)};
  if (all_labelled(parameters, parameter_count, arguments, argument_count)) {
    match_labelled(body, &match, parameters, parameter_count, arguments, argument_count);
    return match;
  }
  uint32_t a = 0, p = 0;
  while (p < parameter_count) {
    const Parameter *parameter = &parameters[p];
    if (a == argument_count) {
      if (skippable(parameter)) {
        match.entries[p] = omitted(parameter);
        p++;
        continue;
      }
      match.failure = parameter->label != NAME_EMPTY ? MATCH_MISSING_LABELLED : MATCH_MISSING;
      match.expected = parameter->label != NAME_EMPTY ? parameter->label : parameter->name;
      return match;
    }
    if (parameter->label != NAME_EMPTY && arguments[a].label == NAME_EMPTY &&
        offers_fields(body, &arguments[a])) {
      while (p < parameter_count && parameters[p].label != NAME_EMPTY) {
        if (offers_field(body, &arguments[a], parameters[p].label)) {
          match.entries[p] = (MatchEntry){ARGUMENT_FIELD, a, parameters[p].label};
        } else if (skippable(&parameters[p])) {
          match.entries[p] = omitted(&parameters[p]);
        } else {
          match.failure = MATCH_MISSING_LABELLED;
          match.expected = parameters[p].label;
          return match;
        }
        p++;
      }
      a++;
    } else if (parameter->label == arguments[a].label) {
      match.entries[p] = (MatchEntry){ARGUMENT_VALUE, a, NAME_EMPTY};
      a++;
      p++;
    } else if (skippable(parameter)) {
      match.entries[p] = omitted(parameter);
      p++;
    } else {
      match.failure = MATCH_LABEL;
      match.argument = a;
      match.expected = parameter->label;
      match.got = arguments[a].label;
      return match;
    }
  }
  if (a < argument_count) {
    match.failure = MATCH_EXTRA;
    match.argument = argument_count - a;
  }
  return match;
}

void check_report_match(Body *body, const Match *match, const Argument *arguments, Span call) {
  DiagnosticSink *sink = &body->context->diagnostics;
  Str expected = match->expected == NAME_EMPTY ? STR("no label") : body_name(body, match->expected);
  Str got = match->got == NAME_EMPTY ? STR("no label") : body_name(body, match->got);
  switch (match->failure) {
  case MATCH_OK:
    break;
  case MATCH_MISSING: {
    diagnostic_add(sink, DIAGNOSTIC_TY0021, call, "argument for %.*s missing", STR_ARGS(expected));
    break;
  }
  case MATCH_MISSING_LABELLED: {
    Diagnostic *diagnostic =
        diagnostic_add(sink, DIAGNOSTIC_TY0021, call, "labelled argument %.*s missing", STR_ARGS(expected));
    diagnostic_hint(sink, diagnostic, "add `%.*s: …`", STR_ARGS(expected));
    break;
  }
  case MATCH_LABEL: {
    Diagnostic *diagnostic = diagnostic_add(
        sink, DIAGNOSTIC_TY0021, body_span(body, arguments[match->argument].node),
        "argument %u: expected %.*s, got %.*s", match->argument + 1, STR_ARGS(expected), STR_ARGS(got));
    if (match->got == NAME_EMPTY) {
      diagnostic_hint(sink, diagnostic, "write the label: `%.*s: …`", STR_ARGS(expected));
    }
    break;
  }
  case MATCH_EXTRA:
    diagnostic_add(sink, DIAGNOSTIC_TY0021, call, "%u argument%s too many", match->argument,
                   match->argument == 1 ? "" : "s");
    break;
  }
}
