// When bodies are looked at: each for its errors, and before that whatever must be known of it by others, its
// result and its row if they are not written (spec 05 §5.2.2, 06 §4.4).
//
// A body that needs to know another one looks at it at once, errors muted, so that most bodies are looked at
// after what they call. Three things stand in the way:
//
// - Cycles. A body that reads what a body under way has yet to find gets what is assumed of it, at first
// nothing.
//   The body is looked at again until what it finds is what was assumed; what others found meanwhile is
//   provisional and goes with the assumption.
// - Chains, which would use up the stack. NESTED bodies deep, all of them are given up; the innermost goes on
// an
//   agenda, is found out from its head, and then they are begun anew. Each body is begun twice at most.
// - Cycles longer than that. All on the agenda are found out together: rounds of looks in which what is too
// deep
//   counts as assumed, until no round finds anything new.
//
// Errors are only reported from the outside, by `check_instance_body` without muting: reports do not nest.
#include "base/limits.h"
#include "check/state.h"

enum {
  NESTED = 64,         // bodies under way that can be given up
  LOOKS = 8,           // at one body in a cycle
  ROUNDS_TOGETHER = 64 // of all bodies of a long cycle
};

static TypeId declared_result(Program *program, const Instance *instance) {
  return instance->function ? check_function_info(program, instance->function)->result : TYPE_NONE;
}

// Does something of the instance follow from its body alone?
static bool needs_inference(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  if (!instance->function) {
    return true;
  }
  const FunctionInfo *info = check_function_info(program, instance->function);
  bool inferred = info->result == TYPE_NONE || !info->row_written;
  for (uint32_t i = 0; i < info->parameter_count && !inferred; i++) {
    inferred = info->parameters[i] == TYPE_NONE; // from its default
  }
  return inferred;
}

// Generic functions must declare their result (04 §5.2).
static bool lacks_declaration(Program *program, const Instance *instance) {
  return instance->function && instance->substitution.count > 0 &&
         check_function_info(program, instance->function)->result == TYPE_NONE &&
         ast_function(program->ast, instance->function)->type_parameters.count > 0;
}

static void report_not_inferred(Program *program, InstanceId id) {
  const AstFunction *function = ast_function(program->ast, program->instances.items[id].function);
  Str name = context_name(program->context, function->name);
  Diagnostic *diagnostic =
      diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0034, function->name_span,
                     "the result type of '%.*s' cannot be inferred", STR_ARGS(name));
  diagnostic_hint(&program->context->diagnostics, diagnostic, "write it: `fn %.*s(…) -> T`", STR_ARGS(name));
}

// --- What rests on assumptions

// An answer read now rests on what the running body at `depth` (counted from 1) has yet to find.
static void rest_on(CheckState *state, uint32_t depth) {
  if (!state->resting || depth < state->resting) {
    state->resting = depth;
  }
}

static void read_while_running(Program *program, InstanceId id) {
  CheckState *state = program->state;
  for (uint32_t i = 0; i < state->running.count; i++) {
    if (state->running.items[i] == id) {
      rest_on(state, i + 1);
    }
  }
}

// Was it found already, resting on a body that is still under way?
static bool read_provisional(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  if (instance->state != BODY_NEW || !instance->resting) {
    return false;
  }
  rest_on(program->state, instance->resting);
  return true;
}

// The provisional finds since `first` that rest on the body at `depth` or on one inside it: final, now that
// it is known (`keep`), or to be found anew.
static void settle(Program *program, uint32_t first, uint32_t depth, bool keep) {
  CheckState *state = program->state;
  uint32_t kept = first;
  for (uint32_t i = first; i < state->provisional.count; i++) {
    Instance *instance = &program->instances.items[state->provisional.items[i]];
    if (instance->resting < depth) {
      state->provisional.items[kept++] = state->provisional.items[i];
      continue;
    }
    instance->resting = 0;
    if (keep && instance->state == BODY_NEW && instance->stands) {
      instance->state = instance->clean ? BODY_CHECKED : BODY_INFERRED;
    }
  }
  state->provisional.count = kept;
}

// --- One body

// Looks at a body until what it finds is what was assumed of it.
static void infer_body(Program *program, InstanceId id) {
  CheckState *state = program->state;
  const uint32_t depth = state->running.count; // of this body, already pushed
  const uint32_t first = state->provisional.count;
  const bool declared = declared_result(program, &program->instances.items[id]) != TYPE_NONE;
  const TypeId before = program->instances.items[id].result; // declared, of an earlier round, or none
  const RowId row_before = program->instances.items[id].row;
  const uint32_t outer = state->resting;
  TypeId assumed = before == TYPE_NONE ? TYPE_UNKNOWN : before;
  RowId assumed_row = row_before;
  const TypeId expected = declared ? assumed : TYPE_NONE;
  for (uint32_t look = 0;; look++) {
    program->instances.items[id].result = assumed;
    program->instances.items[id].row = assumed_row;
    state->resting = 0;
    DiagnosticSink *sink = &program->context->diagnostics;
    const uint32_t warnings = sink->muted_warnings;
    uint32_t mark = diagnostics_mute(sink);
    state->nested++;
    TypeId found = check_body_once(program, id, expected, declared);
    state->nested--;
    uint32_t errors = diagnostics_unmute(sink, mark);
    Instance *instance = &program->instances.items[id];
    RowId found_row = instance->row;
    const uint32_t resting = state->resting;
    state->resting = outer;
    if (state->wanted) { // given up: as if it had not been begun
      instance->result = before;
      instance->row = row_before;
      instance->state = BODY_NEW;
      return;
    }
    instance->result = found;
    bool stands = found == assumed && found_row == assumed_row;
    instance->failed = errors > 0 || type_get(&program->types, found)->unknown;
    instance->clean = !instance->failed && sink->muted_warnings == warnings;
    if (resting && resting < depth) {
      state->changed |= found != (before == TYPE_NONE ? TYPE_UNKNOWN : before) || found_row != row_before;
      rest_on(state, resting);
      instance->state = BODY_NEW;
      instance->stands = stands;
      instance->resting = resting;
      VECTOR_PUSH(&program->arena, &state->provisional, id);
      return;
    }
    if (!resting || stands || look == LOOKS) {
      state->changed |= state->together && (found != before || found_row != row_before);
      instance->state = instance->clean ? BODY_CHECKED : BODY_INFERRED;
      settle(program, first, depth, !instance->failed);
      return;
    }
    settle(program, first, depth, false);
    assumed = found;
    assumed_row = found_row;
  }
}

// The second look at a body whose inference met errors or warnings: this time they are reported.
static void report_body(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  TypeId found = instance->result;
  bool declared = declared_result(program, instance) != TYPE_NONE;
  bool unknown = instance->failed && instance->function && !declared;
  uint32_t before = program->context->diagnostics.errors;
  check_body_once(program, id, found == TYPE_UNKNOWN && !declared ? TYPE_NONE : found, declared);
  if (unknown && program->context->diagnostics.errors == before) {
    report_not_inferred(program, id);
  }
}

enum { BODY_DEPTH = 4 }; // what a body inside a body costs, in expressions inside expressions

// Puts the body among those under way for the time of a look.
static void look(Program *program, InstanceId id, void (*at)(Program *, InstanceId)) {
  CheckState *state = program->state;
  program->instances.items[id].state = BODY_CHECKING;
  VECTOR_PUSH(&program->arena, &state->running, id);
  state->depth += BODY_DEPTH;
  ArenaMark mark = arena_mark(&state->scratch);
  at(program, id);
  arena_rewind(&state->scratch, mark);
  state->depth -= BODY_DEPTH;
  state->running.count--;
}

// --- Chains and long cycles

static bool is_open(const Program *program, InstanceId id) {
  return program->instances.items[id].state == BODY_NEW && !program->instances.items[id].resting;
}

static void put_on_agenda(Program *program, InstanceId id) {
  program->instances.items[id].on_agenda = true;
  VECTOR_PUSH(&program->arena, &program->state->agenda, id);
}

static void look_if_open(Program *program, InstanceId id) {
  if (is_open(program, id)) {
    look(program, id, infer_body);
  }
}

// Finds out everything on the agenda from `first` on, a cycle. Later ones were met later, so that a round in
// reverse carries what the innermost found outwards.
static void infer_together(Program *program, uint32_t first) {
  CheckState *state = program->state;
  const uint32_t provisional = state->provisional.count;
  VECTOR_PUSH(&program->arena, &state->running, 0); // what assumptions rest on
  state->together = state->running.count;
  uint32_t looked = first; // on the agenda; the rest was met in this round
  for (uint32_t round = 0; round < ROUNDS_TOGETHER; round++) {
    settle(program, provisional, state->together, false);
    state->changed = false;
    for (uint32_t i = looked; i > first; i--) {
      look_if_open(program, state->agenda.items[i - 1]);
    }
    bool grown = looked < state->agenda.count;
    while (looked < state->agenda.count) {
      look_if_open(program, state->agenda.items[looked++]);
    }
    if (!state->changed && !grown) {
      break;
    }
  }
  settle(program, provisional, state->together, true);
  state->together = 0;
  state->running.count--;
  while (state->agenda.count > first) {
    program->instances.items[state->agenda.items[--state->agenda.count]].on_agenda = false;
  }
}

// Nothing under way can be given up: what is too deep below is found out from here.
static void infer_from_here(Program *program, InstanceId id) {
  CheckState *state = program->state;
  const uint32_t first = state->agenda.count;
  put_on_agenda(program, id);
  while (state->agenda.count > first) {
    InstanceId at = state->agenda.items[state->agenda.count - 1];
    state->begun = state->effort;
    look_if_open(program, at);
    InstanceId wanted = state->wanted;
    state->wanted = 0;
    if (!wanted) {
      state->agenda.count--;
      program->instances.items[at].on_agenda = false;
      continue;
    }
    settle(program, 0, 1, false); // what rests on bodies that were given up
    if (program->instances.items[wanted].on_agenda) {
      infer_together(program, first);
    } else {
      put_on_agenda(program, wanted);
    }
  }
}

void check_infer_body(Program *program, InstanceId id) {
  CheckState *state = program->state;
  if (state->wanted || !is_open(program, id)) {
    return;
  }
  Instance *instance = &program->instances.items[id];
  bool deep = state->nested >= NESTED || state->depth >= LIMIT_CHECK_DEPTH / 2;
  if (instance->function && check_has_broken_impl(program, id)) {
    instance->result = instance->result == TYPE_NONE ? TYPE_UNKNOWN : instance->result;
    instance->state = BODY_CHECKED;
  } else if (lacks_declaration(program, instance)) {
    report_not_inferred(program, id);
    instance->result = TYPE_UNKNOWN;
    instance->state = BODY_CHECKED;
  } else if (state->nested == 0) {
    infer_from_here(program, id);
  } else if (!deep) {
    look(program, id, infer_body);
  } else if (state->together) {
    rest_on(state, state->together);
    if (!instance->on_agenda) {
      put_on_agenda(program, id);
    }
  } else {
    state->wanted = id;
  }
}

// --- Questions

void check_instance_body(Program *program, InstanceId id) {
  CheckState *state = program->state;
  bool muted = program->context->diagnostics.muted > 0;
  bool broken = program->instances.items[id].function && check_has_broken_impl(program, id);
  if (muted || broken || needs_inference(program, id)) {
    check_infer_body(program, id);
  }
  BodyState now = (BodyState)program->instances.items[id].state;
  if (!muted && (now == BODY_NEW || now == BODY_INFERRED)) {
    uint32_t first = program->context->diagnostics.items.count;
    state->begun = state->effort;
    look(program, id, report_body);
    program->instances.items[id].state = BODY_CHECKED;
    check_trace_errors(program, id, first);
  }
}

// The instance whose body says what the signature of `id` does not.
static InstanceId inferred_from(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  return instance->symbolic ? check_symbolic_instance(program, instance->function) : id;
}

// Lets the body be found out, unless it is under way or was found out already.
static void find_out(Program *program, InstanceId id) {
  if (program->instances.items[id].state == BODY_CHECKING) {
    read_while_running(program, id);
  } else if (!read_provisional(program, id)) {
    check_infer_body(program, id);
  }
}

RowId check_instance_row(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  const FunctionInfo *info = instance->function ? check_function_info(program, instance->function) : NULL;
  if (!info || info->row_written || info->intrinsic != NAME_EMPTY) {
    return info && info->row_written ? info->row : ROW_PURE;
  }
  id = inferred_from(program, id);
  find_out(program, id);
  return program->instances.items[id].row;
}

TypeId check_instance_result(Program *program, InstanceId id) {
  const Instance *instance = &program->instances.items[id];
  TypeId result = instance->result;
  if (declared_result(program, instance) == TYPE_NONE) {
    InstanceId source = inferred_from(program, id);
    find_out(program, source);
    result = program->instances.items[source].result;
    if (source != id && result != TYPE_NONE) {
      result = types_substitute(&program->types, &program->instances.items[id].substitution, result);
    }
  }
  return result == TYPE_NONE ? TYPE_UNKNOWN : result;
}
