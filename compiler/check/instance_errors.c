// Errors in the bodies of generic functions: every instance would repeat them. Each is kept for the first
// instance, by code and span, with the calls that led to it and how many other instances have it too; an
// error in std is shown at the user's call.
#include "check/state.h"

enum { CALLS_SHOWN = 3 };

typedef struct ErrorKey {
  const Program *program;
  DiagnosticCode code;
  Span span;
} ErrorKey;

static bool error_equal(const void *context, uint32_t index) {
  const ErrorKey *key = context;
  const InstanceError *error = &key->program->state->instance_errors.items[index];
  return error->code == key->code && error->span.start == key->span.start && error->span.end == key->span.end;
}

static bool is_generic(const Program *program, const Instance *instance) {
  return instance->function && (instance->substitution.count > 0 ||
                                ast_function(program->ast, instance->function)->kind == FUNCTION_TRAIT);
}

// The calls through generic functions that asked for the instance, innermost first. Those of a recursion at
// one place are one.
static void show_calls(Program *program, Diagnostic *diagnostic, InstanceId id) {
  Span last = diagnostic->span;
  for (uint32_t shown = 0; id && shown < CALLS_SHOWN; id = program_instance(program, id)->requester) {
    const Instance *instance = program_instance(program, id);
    if (!is_generic(program, instance) || instance->symbolic || !instance->requester) {
      return;
    }
    Span call = instance->request_span;
    if (call.start == last.start && call.end == last.end) {
      continue;
    }
    Str name = program_instance_name(program, &program->arena, id, true);
    diagnostic_related(&program->context->diagnostics, diagnostic, call, "in '%.*s', which is used here",
                       STR_ARGS(name));
    last = call;
    shown++;
  }
}

// The user's call that led to an instance of std, or an unknown span.
static Span user_call(const Program *program, InstanceId id) {
  while (id && !check_is_user_module(program, program_instance(program, id)->module)) {
    const Instance *instance = program_instance(program, id);
    const Instance *requester = program_instance(program, instance->requester);
    if (instance->requester && check_is_user_module(program, requester->module)) {
      return instance->request_span;
    }
    id = instance->requester;
  }
  return (Span){0, 0};
}

static void show_at_user(Program *program, Diagnostic *diagnostic, InstanceId id) {
  Span call = user_call(program, id);
  if (!span_known(call)) {
    return;
  }
  Span inside = diagnostic->span;
  diagnostic->span = call;
  diagnostic_related(&program->context->diagnostics, diagnostic, inside, "inside of std, here");
}

void check_trace_errors(Program *program, InstanceId id, uint32_t first) {
  CheckState *state = program->state;
  DiagnosticSink *sink = &program->context->diagnostics;
  if (!is_generic(program, program_instance(program, id))) {
    return;
  }
  uint32_t kept = first;
  for (uint32_t i = first; i < sink->items.count; i++) {
    Diagnostic *diagnostic = sink->items.items[i];
    ErrorKey key = {program, diagnostic->code, diagnostic->span};
    uint32_t hash = (uint32_t)hash_mix(key.code, id_pair(key.span.start, key.span.end));
    uint32_t found = hash_index_find(&state->instance_error_index, hash, error_equal, &key);
    InstanceError *known = found == ID_MAP_NONE ? NULL : &state->instance_errors.items[found];
    if (known && known->first != id) {
      known->others += known->last != id;
      known->last = id;
      sink->errors -= diagnostic->severity == SEVERITY_ERROR;
      continue;
    }
    sink->items.items[kept++] = diagnostic;
    if (!known) {
      InstanceError error = {key.code, key.span, diagnostic, id, id, 0};
      VECTOR_PUSH(&program->arena, &state->instance_errors, error);
      hash_index_add(&program->arena, &state->instance_error_index, hash, state->instance_errors.count - 1);
    }
    show_at_user(program, diagnostic, id);
    show_calls(program, diagnostic, id);
  }
  sink->items.count = kept;
}

void check_count_errors(Program *program) {
  CheckState *state = program->state;
  for (uint32_t i = 0; i < state->instance_errors.count; i++) {
    InstanceError *error = &state->instance_errors.items[i];
    if (error->others > 0) {
      diagnostic_hint(&program->context->diagnostics, error->diagnostic, "%u other instance%s it too",
                      error->others, error->others == 1 ? " has" : "s have");
    }
  }
}
