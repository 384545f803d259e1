// Choosing among overloads (spec 05 §5.11).
#include "base/limits.h"
#include "check/state.h"

// What trying one candidate found.
typedef struct Trial {
  Candidate *candidate;
  Substitution substitution;
  Match match;
  Parameter *parameters; // with what the receiver says about the impl's type parameters
  Parameter *written;    // with explicit type arguments alone: what candidates are ranked by
  uint32_t count;
  bool shape; // arguments match by labels and count
  bool fits;  // and by type
  bool expected_result;
  uint32_t borrows; // arguments that fit by implicit borrowing alone
  uint32_t conversions;
  uint32_t genericity;
  uint32_t constraints;
  uint32_t lambda_score;
  uint32_t wrong_argument; // first that did not fit
  TypeId wanted;
} Trial;

static bool mentions_free(const Body *body, TypeId type) {
  return type != TYPE_NONE && type_get(body->types, type)->symbolic;
}

static uint32_t count_parameters(const TypeTable *types, TypeId id) {
  const Type *type = type_get(types, id);
  if (!type->symbolic) {
    return 0;
  }
  if (type->kind == KIND_PARAMETER) {
    return 1;
  }
  uint32_t total = (type->a != TYPE_NONE ? count_parameters(types, type->a) : 0) +
                   (type->b != TYPE_NONE ? count_parameters(types, type->b) : 0);
  for (uint32_t i = 0; i < type->count; i++) {
    TypeId part = type->kind == KIND_RECORD     ? type_fields(types, type)[i].type
                  : type->kind == KIND_FUNCTION ? type_slots(types, type)[i].type
                                                : type_argument(types, type, i);
    total += count_parameters(types, part);
  }
  return total;
}

static uint32_t genericity_of(const TypeTable *types, TypeId id) {
  const Type *type = type_get(types, id);
  bool bare_result = type->kind == KIND_FUNCTION && type_kind(types, type->a) == KIND_PARAMETER;
  return count_parameters(types, id) + (bare_result ? 2 : 0);
}

static TypeId argument_type(Body *body, const Trial *trial, const Argument *arguments, uint32_t parameter) {
  const MatchEntry *entry = &trial->match.entries[parameter];
  TypeField field;
  if (entry->kind == ARGUMENT_VALUE) {
    return arguments[entry->argument].type;
  }
  if (entry->kind == ARGUMENT_FIELD) {
    return types_find_field(body->declarations, arguments[entry->argument].type, entry->field, &field)
               ? field.type
               : TYPE_UNKNOWN;
  }
  return TYPE_NONE;
}

// An inline lambda must not take more parameters than the formal, and its annotations must be compatible (05
// §5.11.4.1).
static bool lambda_fits(Body *body, NodeId node, TypeId formal) {
  const Type *type = type_get(body->types, formal);
  if (type->kind == KIND_PARAMETER || type->kind == KIND_UNKNOWN) {
    return true;
  }
  TypeId payload = declarations_payload(body->declarations, formal);
  if (payload != TYPE_NONE) {
    return lambda_fits(body, node, payload);
  }
  if (type->kind != KIND_FUNCTION) {
    return false;
  }
  const AstFunction *lambda =
      ast_function(body->ast, ast_node(body->ast, check_inner(body, node))->lambda.function);
  if (lambda->parameters.count > type->count) {
    return false;
  }
  for (uint32_t i = 0; i < lambda->parameters.count; i++) {
    const AstParameter parameter = body->ast->parameters.items[lambda->parameters.first + i];
    TypeSlot slot = body->types->slots.items[type_get(body->types, formal)->first + i];
    if (((slot.flags & SLOT_MUTABLE) != 0) != parameter.is_mutable) {
      return false;
    }
    if (parameter.type && !type_get(body->types, slot.type)->symbolic) {
      TypeId written = types_substitute(body->types, &body->substitution,
                                        declarations_type(body->declarations, body->module, parameter.type));
      if (!types_satisfies(body->declarations, written, slot.type) &&
          !types_satisfies(body->declarations, slot.type, written)) {
        return false;
      }
    }
  }
  return true;
}

static bool argument_fits(Body *body, Trial *trial, const Argument *arguments, uint32_t parameter) {
  const MatchEntry *entry = &trial->match.entries[parameter];
  if (entry->kind != ARGUMENT_VALUE && entry->kind != ARGUMENT_FIELD) {
    return true;
  }
  TypeId formal = trial->parameters[parameter].type;
  TypeId wanted =
      formal == TYPE_NONE ? TYPE_UNKNOWN : types_substitute(body->types, &trial->substitution, formal);
  const Argument *argument = &arguments[entry->argument];
  if (entry->kind == ARGUMENT_VALUE && argument->lambda && argument->type == TYPE_UNKNOWN) {
    return lambda_fits(body, argument->node, wanted);
  }
  TypeId type = argument_type(body, trial, arguments, parameter);
  if (type == TYPE_UNKNOWN || wanted == TYPE_UNKNOWN) {
    return true;
  }
  if (mentions_free(body, wanted)) { // what is still open fits anything, its surroundings must fit
    FunctionInfo info = *check_function_info(body->program, trial->candidate->function);
    wanted = check_open_formal(body, wanted, info.free, info.free_count);
    return wanted == TYPE_UNKNOWN || types_satisfies(body->declarations, type, wanted);
  }
  trial->conversions += type != wanted;
  if (type_kind(body->types, wanted) == KIND_BORROW && type_kind(body->types, type) != KIND_BORROW) {
    trial->borrows++;
    wanted = type_get(body->types, wanted)->a;
  }
  TypeKind target = type_kind(body->types, wanted);
  if (types_is_value(body->types, type) && target == KIND_TRAIT) {
    return false;
  }
  if (types_satisfies(body->declarations, type, wanted)) {
    return true;
  }
  trial->wrong_argument = entry->argument;
  trial->wanted = wanted;
  return false;
}

static void try_candidate(Body *body, CallSite *site, Candidate *candidate, Trial *trial) {
  FunctionInfo info = *check_function_info(body->program, candidate->function);
  *trial = (Trial){.candidate = candidate, .wrong_argument = UINT32_MAX};
  for (uint32_t i = 0; i < candidate->substitution.count; i++) {
    substitution_bind(body->scratch, &trial->substitution, candidate->substitution.parameters[i],
                      candidate->substitution.types[i]);
  }
  Substitution explicit = {0};
  uint32_t total = 0, given = 0;
  for (uint32_t f = 0; f < info.free_count; f++) {
    for (uint32_t i = 0; i < info.free[f].count; i++, total++) {
      if (given < site->explicit.count) {
        TypeId type = check_type(body, ast_listed(body->ast, site->explicit, given++));
        substitution_bind(body->scratch, &trial->substitution, info.free[f].first + i, type);
        substitution_bind(body->scratch, &explicit, info.free[f].first + i, type);
      }
    }
  }
  trial->parameters = check_parameters(body, candidate->function, &trial->substitution, &trial->count);
  trial->written = site->receiver ? check_parameters(body, candidate->function, &explicit, &trial->count)
                                  : trial->parameters;
  if (candidate->self != TYPE_NONE && !info.is_static && trial->count > 0) {
    trial->parameters[0].type = candidate->self; // a default body, for the implementing type
    trial->written[0].type = candidate->self;
  }
  trial->match =
      check_match_arguments(body, trial->parameters, trial->count, site->arguments, site->argument_count);
  trial->shape = trial->match.failure == MATCH_OK && site->explicit.count <= total;
  if (!trial->shape) {
    return;
  }
  for (uint32_t p = 0; p < trial->count; p++) {
    TypeId type = argument_type(body, trial, site->arguments, p);
    if (type != TYPE_NONE && type != TYPE_UNKNOWN && trial->parameters[p].type != TYPE_NONE) {
      types_bind(body->declarations, &trial->substitution, info.free, info.free_count,
                 trial->parameters[p].type, type);
    }
  }
  trial->fits = check_constraints(body, &trial->substitution, info.free, info.free_count);
  for (uint32_t p = 0; p < trial->count && trial->fits; p++) {
    trial->fits = argument_fits(body, trial, site->arguments, p);
  }
  if (trial->count != site->argument_count) {
    trial->conversions = 0;
  }
  for (uint32_t p = 0; p < trial->count; p++) {
    trial->genericity +=
        trial->written[p].type == TYPE_NONE ? 0 : genericity_of(body->types, trial->written[p].type);
  }
  for (uint32_t f = 0; f < info.free_count; f++) {
    for (uint32_t i = 0; i < info.free[f].count; i++) {
      trial->constraints += body->ast->type_parameters.items[info.free[f].first + i].constraint != 0;
    }
  }
  trial->expected_result =
      site->expected != TYPE_NONE && info.result != TYPE_NONE &&
      types_satisfies(body->declarations, types_substitute(body->types, &trial->substitution, info.result),
                      site->expected);
}

// `f` dominates `g`: each parameter at least as specific, one strictly (05 §5.11.3.5).
static bool dominates(Body *body, const Trial *f, const Trial *g) {
  if (f->count != g->count) {
    return false;
  }
  bool strictly = false;
  for (uint32_t p = 0; p < f->count; p++) {
    const Parameter *x = &f->written[p], *y = &g->written[p];
    if (x->label != y->label || (x->flags & SLOT_OPTIONAL) != (y->flags & SLOT_OPTIONAL) ||
        x->type == TYPE_NONE || y->type == TYPE_NONE) {
      return false;
    }
    if (x->type == y->type) {
      continue;
    }
    bool bare_x = type_kind(body->types, x->type) == KIND_PARAMETER,
         bare_y = type_kind(body->types, y->type) == KIND_PARAMETER;
    if (bare_x && !bare_y) {
      return false;
    }
    if (!bare_x && bare_y) {
      strictly = true;
      continue;
    }
    if (bare_x && bare_y) {
      continue;
    }
    // `Box<i32>` before `Box<T>`: bind the other's parameters to see whether it is an instance of it.
    FunctionInfo info = *check_function_info(body->program, g->candidate->function);
    Substitution bound = {0};
    types_bind(body->declarations, &bound, info.free, info.free_count, y->type, x->type);
    if (!types_satisfies(body->declarations, x->type, types_substitute(body->types, &bound, y->type))) {
      return false;
    }
    FunctionInfo mine = *check_function_info(body->program, f->candidate->function);
    Substitution back = {0};
    types_bind(body->declarations, &back, mine.free, mine.free_count, x->type, y->type);
    strictly |= !types_satisfies(body->declarations, y->type, types_substitute(body->types, &back, x->type));
  }
  return strictly;
}

typedef uint32_t (*Score)(const Trial *);
static uint32_t score_result(const Trial *trial) {
  return trial->expected_result ? 0 : 1;
}
static uint32_t score_lambda(const Trial *trial) {
  return UINT32_MAX - trial->lambda_score;
}
static uint32_t score_borrows(const Trial *trial) {
  return trial->borrows;
}
static uint32_t score_conversions(const Trial *trial) {
  return trial->conversions;
}
static uint32_t score_genericity(const Trial *trial) {
  return trial->genericity;
}
static uint32_t score_constraints(const Trial *trial) {
  return UINT32_MAX - trial->constraints;
}

// Keeps the trials with the lowest score, in order.
static uint32_t keep_best(Trial **trials, uint32_t count, Score score) {
  uint32_t best = UINT32_MAX, kept = 0;
  for (uint32_t i = 0; i < count; i++) {
    best = score(trials[i]) < best ? score(trials[i]) : best;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (score(trials[i]) == best) {
      trials[kept++] = trials[i];
    }
  }
  return kept;
}

static uint32_t keep_undominated(Body *body, Trial **trials, uint32_t count) {
  bool *out = ARENA_ARRAY(body->scratch, bool, count);
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t j = 0; j < count && !out[i]; j++) {
      out[i] = i != j && dominates(body, trials[j], trials[i]);
    }
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!out[i]) {
      trials[kept++] = trials[i];
    }
  }
  return kept > 0 ? kept : count;
}

// 05 §5.11.4: how well the inline lambdas suit a candidate.
//
// Where candidates disagree on a lambda's parameter types its body is checked once for each, and the calls
// inside it once more for each: false when the outermost such call has had its share of trials.
static bool score_lambdas(Body *body, CallSite *site, Trial **trials, uint32_t count) {
  CheckState *state = body->program->state;
  bool any = false;
  for (uint32_t i = 0; i < site->argument_count; i++) {
    any |= site->arguments[i].lambda;
  }
  if (!any) {
    return true;
  }
  if (state->lambda_calls++ == 0) {
    state->lambda_trials = 0;
  }
  for (uint32_t t = 0; t < count && state->lambda_trials <= LIMIT_LAMBDA_TRIALS; t++) {
    Trial *trial = trials[t];
    FunctionInfo info = *check_function_info(body->program, trial->candidate->function);
    uint32_t equal = 0;
    bool ok = true, checked = false;
    for (uint32_t p = 0; p < trial->count; p++) {
      const MatchEntry *entry = &trial->match.entries[p];
      if (entry->kind != ARGUMENT_VALUE || !site->arguments[entry->argument].lambda ||
          trial->parameters[p].type == TYPE_NONE) {
        continue;
      }
      NodeId node = site->arguments[entry->argument].node;
      TypeId formal = types_substitute(body->types, &trial->substitution, trial->parameters[p].type);
      const Type *type = type_get(body->types, formal);
      const AstFunction *lambda =
          ast_function(body->ast, ast_node(body->ast, check_inner(body, node))->lambda.function);
      equal += type->kind == KIND_FUNCTION && type->count == lambda->parameters.count;
      Substitution unknown = {0};
      for (uint32_t f = 0; f < info.free_count; f++) {
        for (uint32_t i = 0; i < info.free[f].count; i++) {
          substitution_bind(body->scratch, &unknown, info.free[f].first + i, TYPE_UNKNOWN);
        }
      }
      TypeId opened = types_substitute(body->types, &unknown, formal);
      const Type *open = type_get(body->types, opened);
      if (open->kind != KIND_FUNCTION) {
        continue;
      }
      // the formal parameter types with an unknown result (05 §5.11.4.2)
      TypeSlot *slots = ARENA_ARRAY(body->scratch, TypeSlot, open->count);
      if (open->count > 0) {
        memcpy(slots, type_slots(body->types, open), sizeof *slots * open->count);
      }
      TypeId result = open->a;
      TypeId probe = types_function(body->types, slots, open->count, TYPE_UNKNOWN, open->row);
      Probe tried = check_probe(body, node, probe);
      TypeId found = tried.type;
      TypeId got =
          type_kind(body->types, found) == KIND_FUNCTION ? type_get(body->types, found)->a : TYPE_UNKNOWN;
      checked = true;
      ok &= !tried.errors && (result == TYPE_UNKNOWN || got == TYPE_UNKNOWN ||
                              types_satisfies(body->declarations, got, result));
    }
    trial->lambda_score = (checked && ok ? 1000 : 0) + equal;
  }
  state->lambda_calls--;
  return state->lambda_trials <= LIMIT_LAMBDA_TRIALS;
}

static Str candidate_text(Body *body, FunctionId function) {
  Text text = text_new(body->scratch);
  AstFunction ast = *ast_function(body->ast, function);
  FunctionInfo info = *check_function_info(body->program, function);
  text_add(&text, body_name(body, ast.name));
  text_add_char(&text, '(');
  for (uint32_t i = 0; i < info.parameter_count; i++) {
    const AstParameter *parameter = &body->ast->parameters.items[ast.parameters.first + i];
    text_add(&text, i > 0 ? STR(", ") : STR(""));
    if (parameter->label != NAME_EMPTY) {
      text_add(&text, body_name(body, parameter->label));
      text_add(&text, STR(": "));
    }
    text_add(&text, parameter->is_mutable ? STR("~") : STR(""));
    if (info.parameters[i] != TYPE_NONE) {
      types_print(body->types, info.parameters[i], &text);
    } else {
      text_add(&text, body_name(body, parameter->name));
    }
  }
  text_add_char(&text, ')');
  if (info.result != TYPE_NONE) {
    text_add(&text, STR(" -> "));
    types_print(body->types, info.result, &text);
  }
  return text_str(&text);
}

static void add_argument_types(Body *body, const CallSite *site, Text *text) {
  text_add(text, STR("\ninferred argument types: ("));
  for (uint32_t i = 0; i < site->argument_count; i++) {
    text_add(text, i > 0 ? STR(", ") : STR(""));
    if (site->arguments[i].label != NAME_EMPTY) {
      text_add(text, body_name(body, site->arguments[i].label));
      text_add(text, STR(": "));
    }
    if (site->arguments[i].lambda) {
      text_add(text, STR("lambda"));
    } else {
      types_print(body->types, site->arguments[i].type, text);
    }
  }
  text_add(text, STR(")\ncandidates:"));
}

static void add_reason(Body *body, const CallSite *site, const Trial *trial, Text *text) {
  if (!trial->shape) {
    bool labels = trial->match.failure == MATCH_LABEL || trial->match.failure == MATCH_MISSING_LABELLED;
    text_format(text, labels ? " (labels mismatch)" : " (arity mismatch: %u argument%s)",
                site->argument_count, site->argument_count == 1 ? "" : "s");
  } else if (trial->wrong_argument != UINT32_MAX) {
    text_format(text, " (type incompatibility at argument %u: expected ", trial->wrong_argument + 1);
    types_print(body->types, trial->wanted, text);
    text_add(text, STR(", got "));
    types_print(body->types, site->arguments[trial->wrong_argument].type, text);
    text_add_char(text, ')');
  } else if (!trial->fits) {
    text_add(text, STR(" (type arguments do not satisfy the candidate constraints)"));
  }
}

static void add_candidates(Body *body, const CallSite *site, Trial *const *trials, uint32_t count,
                           bool reasons, Text *text) {
  enum { SHOWN = 12 };
  for (uint32_t i = 0; i < count && i < SHOWN; i++) {
    text_add(text, STR("\n  - "));
    text_add(text, candidate_text(body, trials[i]->candidate->function));
    if (reasons) {
      add_reason(body, site, trials[i], text);
    }
  }
  if (count > SHOWN) {
    text_format(text, "\n  ... %u more candidate(s) omitted", count - SHOWN);
  }
}

static Trial *try_all(Body *body, CallSite *site, Candidate *candidates, uint32_t count) {
  Trial *trials = ARENA_ARRAY(body->scratch, Trial, count);
  for (uint32_t i = 0; i < count; i++) {
    try_candidate(body, site, &candidates[i], &trials[i]);
  }
  return trials;
}

// In a symbolic body the type parameters in argument types stand for what instances put there: they fit
// everything. Gives whether there are any.
static bool open_arguments(Body *body, CallSite *site) {
  bool open = false;
  for (uint32_t i = 0; body->symbolic && i < site->argument_count; i++) {
    open |= type_get(body->types, site->arguments[i].type)->symbolic;
  }
  if (open) {
    Substitution unknown = {0};
    for (uint32_t i = 0; i < body->substitution.count; i++) {
      substitution_bind(body->scratch, &unknown, body->substitution.parameters[i], TYPE_UNKNOWN);
    }
    Argument *arguments = ARENA_ARRAY(body->scratch, Argument, site->argument_count);
    for (uint32_t i = 0; i < site->argument_count; i++) {
      arguments[i] = site->arguments[i];
      arguments[i].type = types_substitute(body->types, &unknown, arguments[i].type);
    }
    site->arguments = arguments;
  }
  return open;
}

static Candidate *select_anew(Body *body, CallSite *site, Candidate *candidates, uint32_t count,
                              bool *ambiguous) {
  *ambiguous = false;
  CallSite opened = *site;
  bool open = open_arguments(body, &opened);
  site = open ? &opened : site;
  if (count > LIMIT_OVERLOAD_CANDIDATES) {
    Diagnostic *diagnostic =
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0041, site->span,
                       "overload resolution for %.*s considered %u candidates, limit %u",
                       STR_ARGS(body_name(body, site->name)), count, LIMIT_OVERLOAD_CANDIDATES);
    diagnostic_hint(&body->context->diagnostics, diagnostic, "give some of them names of their own");
    *ambiguous = true;
    return NULL;
  }
  Trial *trials = try_all(body, site, candidates, count);
  Trial **left = ARENA_ARRAY(body->scratch, Trial *, count);
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (trials[i].fits) {
      left[used++] = &trials[i];
    }
  }
  if (used <= 1) {
    return used == 1 ? left[0]->candidate : NULL;
  }
  if (open) { // each instance chooses for itself
    *ambiguous = true;
    return NULL;
  }
  if (!score_lambdas(body, site, left, used)) {
    Diagnostic *diagnostic =
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0041, site->span,
                       "overload resolution for %.*s considered %u lambdas, limit %u",
                       STR_ARGS(body_name(body, site->name)), LIMIT_LAMBDA_TRIALS + 1, LIMIT_LAMBDA_TRIALS);
    diagnostic_hint(&body->context->diagnostics, diagnostic,
                    "write the types of the lambdas' parameters, or bind the inner calls to names");
    *ambiguous = true;
    return NULL;
  }
  static const Score BEFORE[] = {score_result, score_lambda, score_borrows, score_conversions};
  for (size_t i = 0; i < sizeof BEFORE / sizeof *BEFORE && used > 1; i++) {
    used = keep_best(left, used, BEFORE[i]);
  }
  used = used > 1 ? keep_undominated(body, left, used) : used;
  used = used > 1 ? keep_best(left, used, score_genericity) : used;
  used = used > 1 ? keep_best(left, used, score_constraints) : used;
  if (used == 1) {
    return left[0]->candidate;
  }
  *ambiguous = true;
  for (uint32_t i = 0; i < site->argument_count; i++) {
    if (site->arguments[i].errors) {
      return NULL; // the argument's own error says more
    }
  }
  Text details = text_new(body->scratch);
  add_argument_types(body, site, &details);
  add_candidates(body, site, left, used, false, &details);
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0007, site->span,
                     "ambiguous overload for %.*s: several fit%.*s", STR_ARGS(body_name(body, site->name)),
                     STR_ARGS(text_str(&details)));
  diagnostic_hint(&body->context->diagnostics, diagnostic, "add type arguments or an annotation");
  return NULL;
}

Candidate *check_select(Body *body, CallSite *site, Candidate *candidates, uint32_t count, bool *ambiguous) {
  SelectionQuestion question;
  if (!body->symbolic && selection_find(body, site, candidates, count, &question)) {
    *ambiguous = false;
    return &candidates[question.chosen];
  }
  Candidate *chosen = select_anew(body, site, candidates, count, ambiguous);
  if (chosen && !body->symbolic) {
    selection_keep(body, &question, (uint32_t)(chosen - candidates));
  }
  return chosen;
}

static bool same_failure(const Match *a, const Match *b) {
  return a->failure == b->failure && a->argument == b->argument && a->expected == b->expected &&
         a->got == b->got;
}

void check_report_no_overload(Body *body, CallSite *site, Candidate *candidates, uint32_t count) {
  Trial *trials = try_all(body, site, candidates, count);
  bool same = count > 0 && !trials[0].shape;
  for (uint32_t i = 1; i < count && same; i++) {
    same = !trials[i].shape && same_failure(&trials[0].match, &trials[i].match);
  }
  if (same && trials[0].match.failure != MATCH_OK) {
    check_report_match(body, &trials[0].match, site->arguments, site->span);
    return;
  }
  Trial **all = ARENA_ARRAY(body->scratch, Trial *, count);
  for (uint32_t i = 0; i < count; i++) {
    all[i] = &trials[i];
  }
  Text details = text_new(body->scratch);
  add_argument_types(body, site, &details);
  add_candidates(body, site, all, count, true, &details);
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0008, site->span,
                 "no overload of %.*s matches argument types%.*s", STR_ARGS(body_name(body, site->name)),
                 STR_ARGS(text_str(&details)));
}

TypeId check_overloaded_call(Body *body, CallSite *site, Candidate *candidates, uint32_t count) {
  check_probe_arguments(body, site->arguments, site->argument_count);
  bool ambiguous;
  Candidate *chosen = check_select(body, site, candidates, count, &ambiguous);
  if (chosen) {
    return check_call_candidate(body, site, chosen);
  }
  bool errors = false;
  for (uint32_t i = 0; i < site->argument_count; i++) {
    if (site->arguments[i].errors) {
      check_expression(body, site->arguments[i].node, TYPE_NONE);
      errors = true;
    }
  }
  if (!ambiguous && !errors) {
    check_report_no_overload(body, site, candidates, count);
  }
  return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
}
