// Effects: operations, rows and handlers (spec 06 §2–§6, §9–§11).
//
// A callable gathers the row of what its body performs; a `try` takes away what it handles. Rows of functions
// without a written one are inferred with their bodies.
#include "check/state.h"

void check_perform(Body *body, RowId row) {
  body->callable->row = types_row_union(body->types, body->callable->row, row);
}

static Str row_text(Program *program, RowId row) {
  Text text = text_new(&program->arena);
  types_print_row(&program->types, row, &text);
  return text_str(&text);
}

// What an argument's function may perform beyond what its parameter's type says.
static RowId surplus(Body *body, NodeId node, TypeId actual, TypeId formal) {
  const Type *wanted = type_get(body->types, formal), *have = type_get(body->types, actual);
  if (wanted->kind != KIND_FUNCTION || have->kind != KIND_FUNCTION ||
      !body->types->rows.items[wanted->row].open) {
    return ROW_PURE;
  }
  NodeId inner = check_inner(body, node);
  RowId row = ast_kind(body->ast, inner) == NODE_LAMBDA ? body_node(body, inner)->detail : have->row;
  Row listed = body->types->rows.items[wanted->row];
  SymbolId *operations = ARENA_ARRAY(body->scratch, SymbolId, listed.count);
  for (uint32_t i = 0; i < listed.count; i++) {
    operations[i] = body->types->row_entries.items[listed.first + i].operation;
  }
  return types_row_without(body->types, row, operations, listed.count);
}

void check_perform_call(Body *body, InstanceId callee, const ArgumentPlan *arguments, uint32_t count) {
  RowId row = check_instance_row(body->program, callee);
  const FunctionInfo *info =
      check_function_info(body->program, body->program->instances.items[callee].function);
  if (info->row_written || !body->types->rows.items[row].open) {
    check_perform(body, row);
    return;
  }
  // An inferred open row is open for its callbacks: what they perform is known here.
  Row inferred = body->types->rows.items[row];
  RowEntry *entries = ARENA_ARRAY(body->scratch, RowEntry, inferred.count);
  for (uint32_t i = 0; i < inferred.count; i++) {
    entries[i] = body->types->row_entries.items[inferred.first + i];
  }
  RowId sum = types_row(body->types, entries, inferred.count, false);
  bool callbacks = false;
  for (uint32_t i = 0; i < count; i++) {
    if (arguments[i].kind == ARGUMENT_VALUE && type_kind(body->types, arguments[i].to) == KIND_FUNCTION) {
      callbacks = true;
      sum = types_row_union(body->types, sum,
                            surplus(body, arguments[i].node, arguments[i].from, arguments[i].to));
    }
  }
  check_perform(body, callbacks ? sum : row);
}

void check_written_row(Program *program, RowId inferred, RowId written, Span span, const char *what,
                       Name name) {
  const Row *bound = &program->types.rows.items[written];
  if (bound->open) {
    return;
  }
  SymbolId *allowed = ARENA_ARRAY(&program->arena, SymbolId, bound->count);
  uint32_t count = bound->count;
  for (uint32_t i = 0; i < count; i++) {
    allowed[i] = program->types.row_entries.items[bound->first + i].operation;
  }
  RowId missing = types_row_without(&program->types, inferred, allowed, count);
  if (program->types.rows.items[missing].count == 0) {
    return;
  }
  Row extra = program->types.rows.items[missing];
  RowEntry *entries = ARENA_ARRAY(&program->arena, RowEntry, extra.count);
  for (uint32_t i = 0; i < extra.count; i++) {
    entries[i] = program->types.row_entries.items[extra.first + i];
  }
  Str text = row_text(program, types_row(&program->types, entries, extra.count, false));
  Diagnostic *diagnostic = diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0014, span,
                                          "missing effects (%s %.*s effects): %.*s", what,
                                          STR_ARGS(context_name(program->context, name)), STR_ARGS(text));
  diagnostic_hint(&program->context->diagnostics, diagnostic,
                  "add them to the row, or handle them inside with `try`");
}

TypeId check_operation_call(Body *body, NodeId node, NodeId callee, SymbolSet operations, TypeId expected) {
  AstNode at = body_ast(body, node);
  AstNode name = body_ast(body, callee);
  Candidate *candidates = ARENA_ARRAY(body->scratch, Candidate, operations.count);
  uint32_t count = 0;
  for (uint32_t i = 0; i < operations.count; i++) {
    const Symbol *symbol = names_symbol(body->names, names_listed(body->names, operations, i));
    if (symbol->kind == SYMBOL_OPERATION) {
      candidates[count++] = (Candidate){.function = symbol->declaration};
    }
  }
  NodeRange explicit = name.name.type_arguments;
  if (explicit.count == 0 && ast_kind(body->ast, at.call.callee) == NODE_PATH) { // `Gen<i32>::pass(1)`
    NodeRange segments = ast_node(body->ast, at.call.callee)->path.segments;
    NodeId effect = ast_listed(body->ast, segments, segments.count - 2);
    explicit = ast_node(body->ast, effect)->name.type_arguments;
  }
  CallSite site = {
      .node = node, .span = at.span, .name = name.name.name, .explicit = explicit, .expected = expected};
  site.arguments = check_collect_arguments(body, at.call.arguments, 0, &site.argument_count);
  body_set(body, callee, TYPE_NONE, ROLE_NONE, 0);
  return count == 1 ? check_call_candidate(body, &site, &candidates[0])
                    : check_overloaded_call(body, &site, candidates, count);
}

void check_perform_dispatch(Body *body, TypeId trait, FunctionId method) {
  Program *program = body->program;
  uint32_t head = id_map_get(&program->declarations.impls_of_trait, type_get(body->types, trait)->symbol);
  for (ImplId id = head != ID_MAP_NONE ? head : 0; id; id = program->declarations.next_of_trait.items[id]) {
    TypeId target = program->declarations.impls.items[id].target;
    InstanceId made = target == TYPE_UNKNOWN || type_get(body->types, target)->symbolic
                          ? 0
                          : program_implementation(program, target, trait, method);
    if (made) {
      check_perform(body, check_instance_row(program, made));
    }
  }
}

// Is the callable under check a lambda inside the clause, which the continuation would have to escape to?
static bool is_inside_lambda(const Body *body, FunctionId clause) {
  for (FunctionId at = body->callable->function; at; at = ast_function(body->ast, at)->outer) {
    if (at == clause) {
      return true;
    }
  }
  return false;
}

// `k(v)` in a clause: the argument is the operation's result, and the clause ends here (06 §6.3).
TypeId check_continuation_call(Body *body, NodeId node, LocalId continuation) {
  AstNode at = body_ast(body, node);
  TypeId function = body->local_types[continuation - body->first_local];
  uint32_t count;
  Argument *arguments = check_collect_arguments(body, at.call.arguments, 0, &count);
  body_set(body, at.call.callee, function, ROLE_LOCAL, continuation);
  if (function == TYPE_UNKNOWN) {
    for (uint32_t i = 0; i < count; i++) {
      check_expression(body, arguments[i].node, TYPE_NONE);
    }
    body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  } else if (count > type_get(body->types, function)->count) {
    uint32_t extra = count - type_get(body->types, function)->count;
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0021, at.span, "%u argument%s too many", extra,
                   extra == 1 ? "" : "s");
    body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  } else {
    check_value_call(body, node, at.call.callee, function, arguments, count);
  }
  body_node(body, node)->leaves = !is_inside_lambda(body, names_local(body->names, continuation)->owner);
  return body_node(body, node)->type;
}

// --- try

typedef struct Clause {
  NodeId handler;
  FunctionId function;
  SymbolId operation; // 0 after an error
} Clause;

// The operations that a clause's head names.
static SymbolSet clause_operations(Body *body, NodeId head) {
  NodeId last = head;
  if (ast_kind(body->ast, head) == NODE_PATH) {
    NodeRange segments = ast_node(body->ast, head)->path.segments;
    last = ast_listed(body->ast, segments, segments.count - 1);
  }
  Resolution found = names_resolution(body->names, last);
  if (found.kind == RESOLVED_SYMBOLS && found.symbols.count > 0 &&
      names_symbol(body->names, names_listed(body->names, found.symbols, 0))->kind == SYMBOL_OPERATION) {
    return found.symbols;
  }
  return (SymbolSet){0, 0};
}

static const AstParameter *clause_parameter(const Body *body, const AstFunction *clause, uint32_t index) {
  return &body->ast->parameters.items[clause->parameters.first + index];
}

// Chooses among overloads by the annotations of the clause's parameters (06 §9).
static SymbolId choose_operation(Body *body, NodeId head, SymbolSet set, const AstFunction *clause) {
  if (set.count <= 1) {
    return set.count == 1 ? names_listed(body->names, set, 0) : 0;
  }
  Str name = body_name(body, names_symbol(body->names, names_listed(body->names, set, 0))->name);
  for (uint32_t i = 1; i < clause->parameters.count; i++) {
    if (!clause_parameter(body, clause, i)->type) {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0019, clause_parameter(body, clause, i)->span,
                     "%.*s: annotate handler parameter types to choose among its overloads", STR_ARGS(name));
      return 0;
    }
  }
  SymbolId chosen = 0;
  uint32_t matches = 0;
  for (uint32_t i = 0; i < set.count; i++) {
    SymbolId id = names_listed(body->names, set, i);
    FunctionInfo info = *check_function_info(body->program, names_symbol(body->names, id)->declaration);
    bool fits = info.parameter_count + 1 == clause->parameters.count;
    for (uint32_t p = 1; fits && p < clause->parameters.count; p++) {
      TypeId written = check_type(body, clause_parameter(body, clause, p)->type);
      fits = types_satisfies(body->declarations, written, info.parameters[p - 1]) &&
             types_satisfies(body->declarations, info.parameters[p - 1], written);
    }
    chosen = fits ? id : chosen;
    matches += fits;
  }
  if (matches == 1) {
    return chosen;
  }
  (void)head;
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0019, body_span(body, clause->body),
                 "%.*s: annotations %s", STR_ARGS(name),
                 matches == 0 ? "do not match any overload" : "match multiple overloads");
  return 0;
}

// The operations of generic effects that the body of a `try` performs, gathered when the first clause asks.
typedef struct Performed {
  NodeId attempt;
  bool gathered;
  IdMap types;     // by operation: the type arguments of its effect, where it is first performed
  IdMap ambiguous; // operations performed with other ones too
} Performed;

static void gather_performed(Body *body, Performed *performed) {
  performed->gathered = true;
  Span span = body_span(body, body_ast(body, performed->attempt).attempt.body);
  for (NodeId node = body->first_node; node < performed->attempt; node++) { // children come before parents
    const AstNode *at = ast_node(body->ast, node);
    const TypedNode *typed = body_node(body, node);
    if (at->kind != NODE_CALL || typed->role != ROLE_CALL || at->span.start < span.start ||
        at->span.end > span.end) {
      continue;
    }
    const CallPlan *plan = &body->program->calls.items[typed->detail];
    if (plan->kind != CALL_OPERATION || plan->type_argument == TYPE_NONE) {
      continue;
    }
    uint32_t first = id_map_get(&performed->types, plan->target);
    if (first == ID_MAP_NONE) {
      id_map_put(body->scratch, &performed->types, plan->target, plan->type_argument);
    } else if (first != plan->type_argument) {
      id_map_put(body->scratch, &performed->ambiguous, plan->target, 1);
    }
  }
}

// The instantiation of a generic effect that the body performs (06 §9): bound into `substitution`.
static void bind_instantiation(Body *body, Performed *performed, FunctionId operation, AstRange parameters,
                               Substitution *substitution) {
  if (parameters.count == 0) {
    return;
  }
  if (!performed->gathered) {
    gather_performed(body, performed);
  }
  uint32_t first = id_map_get(&performed->types, operation);
  if (first == ID_MAP_NONE) {
    return;
  }
  const Type tuple = *type_get(body->types, first);
  for (uint32_t i = 0; i < parameters.count && i < tuple.count; i++) {
    substitution_bind(body->scratch, substitution, parameters.first + i,
                      body->types->fields.items[tuple.first + i].type);
  }
  if (id_map_get(&performed->ambiguous, operation) != ID_MAP_NONE) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0018,
                   body_span(body, body_ast(body, performed->attempt).attempt.body),
                   "%.*s: performed at several types in one try",
                   STR_ARGS(body_name(body, ast_function(body->ast, operation)->name)));
  }
}

static void set_local(Body *body, uint32_t parameter, TypeId type) {
  LocalId local = body->names->parameter_locals.items[parameter];
  if (local >= body->first_local && local < body->end_local) {
    body->local_types[local - body->first_local] = type;
    body->current_types[local - body->first_local] = type;
  }
}

static void check_resumptions(Body *body, const AstFunction *clause, const AstFunction *operation) {
  LocalId continuation =
      clause->parameters.count > 0 ? body->names->parameter_locals.items[clause->parameters.first] : 0;
  Resumptions found = check_count_resumptions(body->program, clause->body, continuation);
  bool wrong = operation->operation_tails ? found.least != 1 || found.most != 1 || found.escapes
                                          : found.most > 1 || found.escapes;
  if (!wrong) {
    return;
  }
  Text range = text_new(body->scratch);
  text_format(&range, "%u", found.least);
  if (found.most == UINT32_MAX) {
    text_add(&range, STR("..∞"));
  } else if (found.most != found.least) {
    text_format(&range, "..%u", found.most);
  }
  text_add(&range, found.escapes ? STR(", continuation escapes") : STR(""));
  Str name = body_name(body, operation->name);
  diagnostic_add(&body->context->diagnostics,
                 operation->operation_tails ? DIAGNOSTIC_TY0015 : DIAGNOSTIC_TY0035,
                 body_span(body, clause->body),
                 operation->operation_tails ? "%.*s: `tail` must run exactly once (observed %.*s)"
                                            : "%.*s: `resume` may run at most once (observed %.*s)",
                 STR_ARGS(name), STR_ARGS(text_str(&range)));
}

// Types a clause: its parameters from the operation, its value as the answer.
static void check_clause(Body *body, Performed *performed, const Clause *clause, TypeId answer,
                         bool discard) {
  AstFunction function = *ast_function(body->ast, clause->function);
  FunctionId operation = clause->operation ? names_symbol(body->names, clause->operation)->declaration : 0;
  Substitution substitution = {0};
  FunctionInfo info = {0};
  if (operation) {
    info = *check_function_info(body->program, operation);
    bind_instantiation(body, performed, operation,
                       declarations_type_parameters(body->declarations, info.effect), &substitution);
    if (function.parameters.count > info.parameter_count + 1) {
      diagnostic_add(
          &body->context->diagnostics, DIAGNOSTIC_TY0021,
          clause_parameter(body, &function, info.parameter_count + 1)->span,
          "%u argument%s too many: '%.*s' has %u", function.parameters.count - 1 - info.parameter_count,
          function.parameters.count - 1 - info.parameter_count == 1 ? "" : "s",
          STR_ARGS(body_name(body, ast_function(body->ast, operation)->name)), info.parameter_count);
    }
  }
  for (uint32_t i = 0; i < function.parameters.count; i++) {
    TypeId type = TYPE_UNKNOWN;
    const AstParameter parameter = *clause_parameter(body, &function, i);
    if (i == 0 && operation) {
      TypeId result =
          info.result == TYPE_NONE ? TYPE_VOID : types_substitute(body->types, &substitution, info.result);
      TypeSlot slot = {result, NAME_EMPTY, 0};
      // The call never returns, so its type may be the answer's (06 §6.3).
      TypeId given = answer == TYPE_NONE ? TYPE_VOID : answer;
      type = types_function(body->types, &slot, result == TYPE_VOID ? 0 : 1, given, ROW_PURE);
    } else if (operation && i - 1 < info.parameter_count) {
      type = types_substitute(body->types, &substitution, info.parameters[i - 1]);
    }
    if (parameter.type) {
      TypeId written = check_type(body, parameter.type);
      if (operation && type != TYPE_UNKNOWN && written != type && written != TYPE_UNKNOWN &&
          !type_get(body->types, type)->symbolic) {
        Str want = body_type_text(body, type), have = body_type_text(body, written);
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, body_span(body, parameter.type),
                       "expected '%.*s', found '%.*s': the operation's parameter has this type",
                       STR_ARGS(want), STR_ARGS(have));
      }
      type = written;
    }
    set_local(body, function.parameters.first + i, type);
  }
  uint32_t loops = body->callable->loops;
  body->callable->loops = 0; // `break` cannot leave the clause (06 §7.5)
  if (discard) {
    check_discarded(body, function.body);
  } else {
    check_expression(body, function.body, answer);
    if (!body_node(body, function.body)->leaves) {
      check_require(body, function.body, answer);
    }
  }
  body->callable->loops = loops;
  body_set(body, clause->handler, TYPE_VOID, ROLE_NONE, clause->operation);
  if (operation) {
    check_resumptions(body, &function, ast_function(body->ast, operation));
  }
}

// TY0013 for operations without a clause. `inline_clause`: one has what looks like a clause, with its body on
// the line of its head (06 §6.1).
static void report_unhandled(Body *body, Span span, RowId row, bool inline_clause) {
  if (body->types->rows.items[row].count == 0) {
    return;
  }
  Str text = row_text(body->program, row);
  Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0013, span,
                                          "unhandled effect operations: %.*s", STR_ARGS(text));
  diagnostic_hint(&body->context->diagnostics, diagnostic,
                  inline_clause
                      ? "`head: value` on one line is no clause: begin its body on the next line, deeper"
                      : "add a clause for each, or write `try open` to let them pass");
}

TypeId check_try(Body *body, NodeId node, TypeId expected, bool discard) {
  AstNode at = body_ast(body, node);
  RowId before = body->callable->row;
  body->callable->row = ROW_PURE;
  TypeId answer =
      discard ? check_discarded(body, at.attempt.body) : check_expression(body, at.attempt.body, expected);
  RowId performed = body->callable->row;
  bool body_leaves = body_node(body, at.attempt.body)->leaves;
  if (!discard && expected != TYPE_NONE && expected != TYPE_UNKNOWN) {
    answer = expected;
  }
  if (!discard && !body_leaves) {
    check_require(body, at.attempt.body, answer);
  }
  body->callable->row = before;
  uint32_t count = at.attempt.handlers.count;
  VECTOR(SymbolId) handled = {0};
  RowId inline_row = ROW_PURE; // operations of clauses that are none
  SymbolId *removed = ARENA_ARRAY(body->scratch, SymbolId, count);
  uint32_t removed_count = 0;
  RowId clauses = ROW_PURE;
  Performed in_body = {.attempt = node};
  bool all_leave = body_leaves;
  for (uint32_t i = 0; i < count; i++) {
    AstNode handler = body_ast(body, ast_listed(body->ast, at.attempt.handlers, i));
    Clause clause = {ast_listed(body->ast, at.attempt.handlers, i), handler.handler.clause, 0};
    AstFunction function = *ast_function(body->ast, handler.handler.clause);
    SymbolSet operations = clause_operations(body, handler.handler.operation);
    clause.operation = choose_operation(body, handler.handler.operation, operations, &function);
    for (uint32_t o = 0; o < operations.count; o++) {
      SymbolId operation = names_listed(body->names, operations, o);
      if (clause.operation != 0 && clause.operation != operation) {
        continue; // a clause that is wrong counts for each that it may mean
      }
      VECTOR_PUSH(body->scratch, &handled, operation);
      if (handler.flags & NODE_FLAG_INLINE) {
        RowId one = types_row(body->types, &(RowEntry){operation, TYPE_NONE}, 1, false);
        inline_row = types_row_union(body->types, inline_row, one);
      }
    }
    body->callable->row = ROW_PURE;
    check_clause(body, &in_body, &clause, discard ? TYPE_NONE : answer, discard);
    RowId own = body->callable->row;
    all_leave &= body_node(body, function.body)->leaves;
    bool again = false; // its own clause performs it again: it stays (06 §6.4.1)
    Row row = body->types->rows.items[own];
    for (uint32_t e = 0; e < row.count; e++) {
      again |= body->types->row_entries.items[row.first + e].operation == clause.operation;
    }
    if (!again) {
      removed[removed_count++] = clause.operation;
    }
    clauses = types_row_union(body->types, clauses, own);
  }
  body->callable->row = before;
  RowId unhandled = types_row_without(body->types, performed, handled.items, handled.count);
  bool open = (at.flags & NODE_FLAG_OPEN) || body->types->rows.items[performed].open;
  report_unhandled(body, at.span, open ? inline_row : types_row_union(body->types, unhandled, inline_row),
                   inline_row != ROW_PURE);
  check_perform(body,
                types_row_union(body->types,
                                types_row_without(body->types, performed, removed, removed_count), clauses));
  TypeId type = discard ? TYPE_VOID : answer;
  body_set(body, node, type, ROLE_NONE, 0);
  body_node(body, node)->leaves = body_leaves && all_leave;
  return type;
}

// --- exported functions (06 §11)

// A function or method that leaves its package must be pure, purely open, or say what it performs.
static void check_exported_row(Program *program, FunctionId id, Str name, bool is_main, Span span) {
  const AstFunction *function = ast_function(program->ast, id);
  FunctionInfo info = *check_function_info(program, id);
  uint32_t generic =
      info.impl
          ? program->ast->impls.items[program->declarations.impls.items[info.impl].impl].type_parameters.count
          : 0;
  if (function->type_parameters.count + generic > 0 || (info.row_written && !is_main)) {
    return;
  }
  Substitution none = {0};
  InstanceId instance =
      check_instance(program, (InstanceKey){id, 0, TYPE_NONE, &none}, 0, function->name_span);
  RowId row = check_instance_row(program, instance);
  if (program->types.rows.items[row].count == 0) {
    return;
  }
  Str text = row_text(program, row);
  DiagnosticSink *sink = &program->context->diagnostics;
  Diagnostic *diagnostic =
      is_main ? diagnostic_add(sink, DIAGNOSTIC_TY0017, span, "`main` must be pure, has %.*s", STR_ARGS(text))
              : diagnostic_add(sink, DIAGNOSTIC_TY0016, span,
                               "%.*s is exported with effects %.*s but no annotation", STR_ARGS(name),
                               STR_ARGS(text));
  diagnostic_hint(sink, diagnostic, "handle the effects inside%s", is_main ? "" : ", or write the row");
}

// The `api` methods of a type that a package root exports.
static void check_api_rows(Program *program, SymbolId type) {
  uint32_t head = id_map_get(&program->declarations.impls_of_nominal, type);
  Str owner = context_name(program->context, names_symbol(program->names, type)->name);
  for (ImplId id = head == ID_MAP_NONE ? 0 : head; id; id = program->declarations.next_impl.items[id]) {
    AstRange methods = program->ast->impls.items[program->declarations.impls.items[id].impl].methods;
    for (uint32_t i = 0; i < methods.count; i++) {
      FunctionId method = program->ast->member_functions.items[methods.first + i];
      const AstFunction *function = ast_function(program->ast, method);
      if (function->modifier == MODIFIER_API) {
        Str name = arena_format(&program->arena, "%.*s.%.*s", STR_ARGS(owner),
                                STR_ARGS(context_name(program->context, function->name)));
        check_exported_row(program, method, name, false, function->span);
      }
    }
  }
}

void check_exported_rows(Program *program) {
  for (SymbolId id = 1; id < program->names->symbols.count; id++) {
    const Symbol symbol = *names_symbol(program->names, id);
    const Module *module = graph_module(program->graph, symbol.module);
    if (!module->is_package_root || module->path.space == NAMESPACE_STD ||
        !program->ast->items.items[symbol.item].is_public) {
      continue;
    }
    if (symbol.kind == SYMBOL_FUNCTION) {
      check_exported_row(program, symbol.declaration, context_name(program->context, symbol.name),
                         symbol.name == NAME_MAIN, ast_function(program->ast, symbol.declaration)->span);
    } else if (symbol.kind == SYMBOL_OBJECT) {
      check_api_rows(program, id);
    }
  }
}

Str check_host_operation(const Program *program, FunctionId operation) {
  static const struct {
    const char *module, *name, *effect;
  } OPERATIONS[] = {
#define HOST_OPERATION(module, name, effect) {module, name, effect},
#include "check/host_operations.def"
#undef HOST_OPERATION
  };
  const AstFunction *function = ast_function(program->ast, operation);
  Str module = context_name(program->context, graph_module(program->graph, function->module)->id);
  Str name = context_name(program->context, function->name);
  for (size_t i = 0; i < sizeof OPERATIONS / sizeof *OPERATIONS; i++) {
    if (str_equal(module, str_from(OPERATIONS[i].module)) && str_equal(name, str_from(OPERATIONS[i].name))) {
      return str_from(OPERATIONS[i].effect);
    }
  }
  return (Str){0};
}

// By FunctionId: operations of std that a body to be lowered performs, but the host does not answer at once.
// (A program's own operations trap if nothing handles them.)
static bool *find_unanswered(const Program *program) {
  bool *unanswered = ARENA_ARRAY(&program->context->arena, bool, program->ast->functions.count);
  for (uint32_t i = 0; i < program->lowered.count; i++) {
    const Instance *instance = &program->instances.items[program->lowered.items[i]];
    for (NodeId node = instance->first_node; instance->nodes && node < instance->end_node; node++) {
      const TypedNode *typed = &instance->nodes[node - instance->first_node];
      const CallPlan *call = typed->role == ROLE_CALL ? &program->calls.items[typed->detail] : NULL;
      if (call && call->kind == CALL_OPERATION && typed->type != TYPE_NONE) {
        ModuleId module = ast_function(program->ast, call->target)->module;
        unanswered[call->target] = graph_module(program->graph, module)->path.space == NAMESPACE_STD &&
                                   check_host_operation(program, call->target).length == 0;
      }
    }
  }
  return unanswered;
}

// The operations of a row that nobody would answer, as a row.
static RowId unanswered_of(Program *program, RowId id, const bool *unanswered) {
  const Row row = program->types.rows.items[id];
  RowEntry *entries = ARENA_ARRAY(&program->context->arena, RowEntry, row.count);
  uint32_t count = 0;
  for (uint32_t i = 0; i < row.count; i++) {
    RowEntry entry = program->types.row_entries.items[row.first + i];
    if (unanswered[names_symbol(program->names, entry.operation)->declaration]) {
      entries[count++] = entry;
    }
  }
  return types_row(&program->types, entries, count, false);
}

static bool has_host_id(const Program *program, const AstItem *effect) {
  for (uint32_t i = 0; i < effect->attributes.count; i++) {
    const AstAttribute *attribute = &program->ast->attributes.items[effect->attributes.first + i];
    if (str_equal(context_name(program->context, attribute->name), STR("effect"))) {
      return true;
    }
  }
  return false;
}

// A public effect whose requests may reach the host goes by a name that changes with its place in the program
// (06 §2): CG0004, once for each.
static void warn_without_host_id(Program *program) {
  IdMap seen = {0};
  for (uint32_t i = 0; i < program->export_count; i++) {
    const Row row = program->types.rows.items[program->instances.items[program->exports[i].instance].row];
    for (uint32_t e = 0; e < row.count; e++) {
      SymbolId id =
          names_symbol(program->names, program->types.row_entries.items[row.first + e].operation)->owner;
      const Symbol *effect = names_symbol(program->names, id);
      const AstItem *item = &program->ast->items.items[effect->item];
      const Module *module = graph_module(program->graph, effect->module);
      if (id_map_get(&seen, id) != ID_MAP_NONE || !item->is_public || module->path.space == NAMESPACE_STD ||
          has_host_id(program, item)) {
        continue;
      }
      id_map_put(&program->context->arena, &seen, id, 1);
      Str name = context_name(program->context, effect->name);
      Diagnostic *diagnostic =
          diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_CG0004, effect->span,
                         "%.*s has no id, falls back to %.*s::%.*s::%.*s", STR_ARGS(name),
                         STR_ARGS(graph_package_text(program->graph, module->package)),
                         STR_ARGS(context_name(program->context, module->id)), STR_ARGS(name));
      diagnostic_hint(&program->context->diagnostics, diagnostic,
                      "give it one that stays: `@effect(id: \"…\")`");
    }
  }
}

bool check_can_generate(Program *program) {
  warn_without_host_id(program);
  uint32_t before = program->context->diagnostics.errors;
  const bool *unanswered = find_unanswered(program);
  for (uint32_t i = 0; i < program->export_count; i++) {
    const Instance instance = program->instances.items[program->exports[i].instance];
    RowId row = unanswered_of(program, instance.row, unanswered);
    if (program->types.rows.items[row].count > 0) {
      Str text = row_text(program, row);
      diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_CG0001,
                     ast_function(program->ast, instance.function)->name_span,
                     "effects that the host answers are not supported by code generation: %.*s",
                     STR_ARGS(text));
    }
  }
  return program->context->diagnostics.errors == before;
}
