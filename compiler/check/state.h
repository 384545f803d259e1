// Private to check/: the checker's state, one body under check, and what its files offer one another.
#ifndef VOYD_CHECK_STATE_H
#define VOYD_CHECK_STATE_H

#include "base/failure.h"
#include "check/check.h"

// A function's signature with its type parameters as themselves.
typedef struct FunctionInfo {
  bool ready;
  bool locals_known;
  bool is_static;      // a method without `self`
  bool uses_signature; // @intrinsic(uses_signature: true)
  bool row_written;
  bool endless_reported;
  uint32_t nested;    // instances that an instance of the same function asked for
  ImplId impl;        // methods
  TypeId trait;       // FUNCTION_TRAIT: the trait applied to its own parameters
  Name intrinsic;     // NAME_EMPTY for ordinary functions
  TypeId *parameters; // optional ones: Optional<T>; TYPE_NONE: untyped, taken from the default or inferred
  uint32_t parameter_count;
  TypeId result; // TYPE_NONE: inferred
  TypeId self;   // methods
  RowId row;
  SymbolId effect; // FUNCTION_OPERATION
  SymbolId operation;
  AstRange free[3]; // own type parameters, then the impl's or the trait's (05 §5.10.1)
  uint32_t free_count;
  LocalId first_local, end_local; // all locals of the body
} FunctionInfo;

typedef enum {
  BODY_NEW,
  BODY_CHECKING,
  BODY_INFERRED, // known, but there were errors, muted: to be checked again
  BODY_CHECKED,
} BodyState;

typedef struct InstanceKey {
  FunctionId function;
  uint32_t let;
  TypeId self;
  const Substitution *substitution;
} InstanceKey;

// What literals call in std.
typedef enum { STD_NEW_ARRAY, STD_STRING_FROM_BYTES, STD_FUNCTION_COUNT } StdFunction;

// An impl that has methods of a name.
typedef struct Offer {
  ImplId impl;
  uint32_t next; // of the same name for the same nominal; ID_MAP_NONE ends
} Offer;

// An error reported in an instance of a generic function.
typedef struct InstanceError {
  DiagnosticCode code;
  Span span; // where it was found
  Diagnostic *diagnostic;
  InstanceId first, last; // that have it
  uint32_t others;        // than the first
} InstanceError;

// Choices among overloads (selections.c).
typedef struct Selection {
  uint32_t first, count; // of the question, in `words`
  uint32_t chosen;       // which of the candidates
} Selection;
typedef struct Selections {
  HashIndex index;
  VECTOR(uint32_t) words; // the questions, one behind the other
  VECTOR(Selection) made;
} Selections;

typedef struct CheckState {
  FunctionId std_functions[STD_FUNCTION_COUNT]; // 0: not looked up, or std does not have it
  VECTOR(FunctionInfo) functions;               // by FunctionId
  IdMap methods_by_name;                        // (ImplId, Name) -> first in AstTable.member_functions, by
  uint32_t *next_method;                        // which the next one of that name follows; UINT32_MAX ends
  IdMap offers_by_name;                         // (nominal or 0 if open, Name) -> first in `offers`
  VECTOR(Offer) offers;
  uint32_t *let_items; // by index in AstTable.lets: its item
  uint32_t let_count;
  HashIndex instance_index;
  Selections selections;
  VECTOR(InstanceId) pending; // requested instances whose bodies wait to be checked
  Arena scratch;              // of the looks at bodies under way: what a look makes goes with it
  // inference.c
  VECTOR(InstanceId) running;     // bodies on the C stack, outermost first
  VECTOR(InstanceId) provisional; // found while something they rest on was open
  VECTOR(InstanceId) agenda;      // bodies to be found out from the same place, each for the one before
  uint32_t resting;  // depth of the outermost body under way that the look under way has read, 0: none
  uint32_t nested;   // bodies under way that can be given up
  uint32_t together; // depth that assumptions about a long cycle rest on; 0: there is none
  InstanceId wanted; // all bodies that can be given up are, for this one; else 0
  bool changed;      // a body of a cycle was found to be other than in the round before
  uint32_t depth;    // of the expression checks under way, in all bodies
  uint64_t effort;   // expression checks so far
  uint64_t begun;    // of them when the outermost body was begun
  bool effort_reported;
  bool depth_reported;
  VECTOR(InstanceError) instance_errors;
  HashIndex instance_error_index;
  uint32_t lambda_calls;  // overloaded calls under way that try lambdas
  uint32_t lambda_trials; // of the outermost of them
} CheckState;

// The callable whose `return` is meant: the body's function, or a lambda inside it.
typedef struct Callable {
  struct Callable *outer;
  FunctionId function;
  TypeId expected;        // declared or contextual result, TYPE_NONE if to be inferred
  TypeId observed;        // joined `return` operands, TYPE_NONE without
  bool declared;          // `expected` was written: mismatch of a `return` is TY0011
  RowId row;              // what its body has performed so far
  TypeId returned;        // a `return` operand that fits `expected`, TYPE_NONE without
  uint32_t loops;         // loops around the current expression
  VECTOR(NodeId) returns; // operands that join to an inferred result
} Callable;

typedef struct Memo Memo;

typedef struct Body {
  Program *program;
  Context *context;
  AstTable *ast;
  NameTables *names;
  TypeTable *types;
  Declarations *declarations;
  Arena *scratch; // until the end of the look
  InstanceId instance;
  ModuleId module;
  bool symbolic;
  Substitution substitution;
  NodeId first_node;
  TypedNode *nodes;
  LocalId first_local, end_local;
  TypeId *local_types;   // declared
  TypeId *current_types; // narrowed by the enclosing arms
  Callable *callable;
  LocalId initializing; // local whose initializer is being checked (TY0031), 0 = none
  FunctionId method_of; // method whose impl gives access to `pri` members, or 0
  Memo *memo;           // NULL until something is tried
  uint32_t environment; // of the lambdas around the current expression (memo.c)
} Body;

// --- check.c, instances.c
// Std is checked where it is reached, all of it only when its own modules are compiled.
bool check_is_user_module(const Program *program, ModuleId module);
FunctionInfo *check_function_info(Program *program, FunctionId function);
InstanceId check_instance(Program *program, InstanceKey key, InstanceId requester, Span span);
// The instance of a function at its own type parameters; its body is not checked yet.
InstanceId check_symbolic_instance(Program *program, FunctionId function);
const AstItem *check_let_item(Program *program, uint32_t let);
// --- bodies.c
// Checks the body with the result `expected` (TYPE_NONE: to be inferred) and gives its result type.
TypeId check_body_once(Program *program, InstanceId id, TypeId expected, bool declared);

// --- instance_errors.c
// The diagnostics from index `first` on were reported by the body of the instance.
void check_trace_errors(Program *program, InstanceId instance, uint32_t first);
// Says with each how many other instances have it.
void check_count_errors(Program *program);

// --- inference.c
// Checks a body, once; its errors are reported unless muted, then a later call does.
void check_instance_body(Program *program, InstanceId instance);
// Finds out what only the body says: result, row, types of parameters with a default.
void check_infer_body(Program *program, InstanceId instance);
// Result type of an instance, written or inferred. TYPE_UNKNOWN inside a cycle.
TypeId check_instance_result(Program *program, InstanceId instance);
RowId check_instance_row(Program *program, InstanceId instance);

// --- signatures.c
void check_locals_of(const Program *program, AstRange parameters, NodeId first_node, NodeId end_node,
                     LocalId *first, LocalId *end);
const AstParameter *check_parameter(const Program *program, const AstFunction *function, uint32_t index);
// `name(a: T) -> R` with type parameters substituted, for messages.
Str check_signature_text(Program *program, FunctionId function, const Substitution *substitution);
void check_function_ranges(Program *program, FunctionId function, LocalId *first, LocalId *end);
void check_impls(Program *program);
// The impl's method for one of its trait, 0 if it takes the default body.
FunctionId check_conforming_method(Program *program, const ImplInfo *impl, FunctionId required);
// Is the instance a trait's default body for a type whose impl does not conform?
bool check_has_broken_impl(Program *program, InstanceId instance);
void check_trait(Program *program, uint32_t trait);          // its own methods; index in AstTable.traits
void check_overload_sets(Program *program, ModuleId module); // TY0047
void check_declarations(Program *program);

// --- expressions.c
// Types an expression with an expected type as hint (TYPE_NONE: none); records and returns its own type.
TypeId check_expression(Body *body, NodeId node, TypeId expected);
// Statement position: the value is dropped.
TypeId check_discarded(Body *body, NodeId node);
// Types and then requires `expected` (05 §5.2.4), leaving a coercion at the node.
TypeId check_value(Body *body, NodeId node, TypeId expected);
// Types without recording errors.
typedef struct Probe {
  TypeId type;
  bool errors;   // there were some
  bool recorded; // the typed nodes are those of this check; else only the answer is known, from before
} Probe;
Probe check_probe(Body *body, NodeId node, TypeId expected);
TypeId check_type(Body *body, NodeId type); // a type expression in this instance
bool check_uses_expected(const Body *body, NodeId node);
NodeId check_inner(const Body *body, NodeId node); // through `~`

static inline TypedNode *body_node(Body *body, NodeId node) {
  return &body->nodes[node - body->first_node];
}
static inline AstNode body_ast(const Body *body, NodeId node) {
  return *ast_node(body->ast, node);
}
static inline Span body_span(const Body *body, NodeId node) {
  return ast_node(body->ast, node)->span;
}
static inline Str body_name(const Body *body, Name name) {
  return context_name(body->context, name);
}
// The name alone, without its type arguments.
static inline Span body_name_span(const Body *body, NodeId node) {
  Span span = body_span(body, node);
  const AstNode *at = ast_node(body->ast, node);
  return at->kind == NODE_NAME && at->name.type_arguments.count > 0 && span_known(span)
             ? (Span){span.start, span.start + (Position)body_name(body, at->name.name).length}
             : span;
}
Str body_type_text(Body *body, TypeId type);
TypeId body_set(Body *body, NodeId node, TypeId type, NodeRole role, uint32_t detail);

// --- memo.c
typedef struct MemoResult {
  TypeId type;
  RowId row; // what the expression performs
  uint32_t errors;
  bool recorded;
} MemoResult;
// Enters a lambda whose parameter `key` has the type. The caller restores `environment`.
void memo_enter(Body *body, uint32_t key, TypeId type);
void memo_enter_anew(Body *body); // an environment that no check had before
bool memo_worth(const Body *body, NodeId node);
bool memo_find(Body *body, NodeId node, TypeId expected, MemoResult *result);
void memo_keep(Body *body, NodeId node, TypeId expected, MemoResult result);
void memo_forget(Body *body, NodeId node); // the node is about to be checked anew, unkept

// --- coerce.c
CoercionKind check_coercion(Program *program, TypeId from, TypeId to);
// The consumer of `node` wants `expected`; reports TY0027 (or TY0045) at the node and leaves the coercion.
bool check_require(Body *body, NodeId node, TypeId expected);
// The same for a type that was declared somewhere else, which a mismatch shows; an unknown span shows
// nothing.
bool check_require_declared(Body *body, NodeId node, TypeId expected, Span declared, const char *what);
// 05 §5.16.5; `at` is the branch that joins. Gives the merged type.
TypeId check_merge(Body *body, TypeId merged, TypeId next, TypeId expected, NodeId at, const char *context);

// --- explain.c
// Hints for a value of type `have` where `want` is expected.
void check_explain_mismatch(Body *body, Diagnostic *diagnostic, NodeId node, TypeId have, TypeId want);
void check_explain_numbers(Body *body, Diagnostic *diagnostic, NodeId node, TypeId have, TypeId want);

// --- control.c
TypeId check_block(Body *body, NodeId node, TypeId expected, bool discard);
TypeId check_if(Body *body, NodeId node, TypeId expected, bool discard);
TypeId check_while(Body *body, NodeId node);
void check_return(Body *body, NodeId node);
// The result of a callable that declares none: what its body and its `return` operands join to. They are
// coerced to it.
TypeId check_join_result(Body *body, Callable *callable, NodeId node, TypeId type, const char *context);
TypeId check_assign(Body *body, NodeId node);

// --- members.c
typedef struct MemberIndex MemberIndex;
// Members of a union, or a type that is none as the only one; some of them, or all.
typedef struct Members {
  TypeId *items;
  uint32_t *positions; // in the list of all
  uint32_t count;
  const MemberIndex *index; // of all, made when it is first asked
} Members;
Members check_members(Body *body, TypeId type);
// Those that the pattern type can match: no other does, but not all of them need to.
Members check_members_for(Body *body, Members *members, TypeId pattern);
// Those that may be objects of this name.
Members check_members_named(Body *body, Members *members, Name name);

// --- patterns.c
TypeId check_match(Body *body, NodeId node, TypeId expected, bool discard);
TypeId check_is(Body *body, NodeId node);
// Binds the names of a binding pattern to parts of `type`.
void check_bind_pattern(Body *body, NodeId pattern, TypeId type);
TypeId check_pattern_annotation(Body *body, NodeId pattern); // TYPE_NONE without
// The local `x` of an `if` whose every condition is `x is T`: its branches see `x` narrowed (04 §9.5); else
// 0.
LocalId check_narrowed_local(const Body *body, NodeId node);
// Checks the condition `local is T` and narrows the local; gives its type from before, to be put back.
TypeId check_narrow(Body *body, NodeId condition, LocalId local);

// --- places.c
// Checks that `node` may be passed for a `~` parameter (07 §1.2). `what` names the parameter.
void check_mutable_argument(Body *body, NodeId node, Str parameter, TypeId type);
LocalId check_place_root(const Body *body, NodeId node);
bool check_is_module_let(const Body *body, NodeId node);

// --- effects.c
TypeId check_try(Body *body, NodeId node, TypeId expected, bool discard);
TypeId check_operation_call(Body *body, NodeId node, NodeId callee, SymbolSet operations, TypeId expected);
TypeId check_continuation_call(Body *body, NodeId node, LocalId continuation);
// The enclosing callable performs these operations.
void check_perform(Body *body, RowId row);
// The row that a call of the instance adds, with what its callbacks bring (06 §4.5).
void check_perform_call(Body *body, InstanceId callee, const ArgumentPlan *arguments, uint32_t count);
// The row of a call through a trait object whose method declares none: what its implementations perform (06
// §10.4). Those of generic impls are not known here; they are found when they run.
void check_perform_dispatch(Body *body, TypeId trait, FunctionId method);
// `inferred` must fit the written row (06 §4.6); reports TY0014 at `span`.
void check_written_row(Program *program, RowId inferred, RowId written, Span span, const char *what,
                       Name name);
void check_exported_rows(Program *program);

// --- resumption.c
typedef struct Resumptions {
  uint32_t least, most; // UINT32_MAX: unbounded
  bool escapes;
} Resumptions;
// How often a clause's body calls its continuation (06 §8).
Resumptions check_count_resumptions(const Program *program, NodeId clause_body, LocalId continuation);

// --- lambdas.c
TypeId check_lambda(Body *body, NodeId node, TypeId expected);
// Reports parameters of the body's lambdas whose type nothing gave. For a body without other errors.
void check_lambda_parameters(Body *body, NodeId end);

// --- calls.c
typedef struct Argument {
  Name label;
  NodeId node; // value expression
  TypeId type; // TYPE_UNKNOWN for lambdas not typed yet
  bool typed;  // `type` is final unless context changes it
  bool errors; // the probe met errors
  bool lambda;
} Argument;

typedef struct Parameter {
  Name name;
  Name label;
  TypeId type;    // TYPE_NONE: unknown (inferred from default)
  uint32_t flags; // SLOT_*
  Span declared;  // of functions of the program's own packages, else unknown
} Parameter;

typedef enum { MATCH_OK, MATCH_MISSING, MATCH_MISSING_LABELLED, MATCH_LABEL, MATCH_EXTRA } MatchFailure;

typedef struct MatchEntry {
  ArgumentKind kind;
  uint32_t argument;
  Name field;
} MatchEntry;

typedef struct Match {
  MatchFailure failure;
  uint32_t argument;   // MATCH_LABEL: which; MATCH_EXTRA: how many
  Name expected, got;  // labels; MATCH_MISSING*: the parameter's name or label in `expected`
  MatchEntry *entries; // one per parameter
} Match;

Match check_match_arguments(Body *body, const Parameter *parameters, uint32_t parameter_count,
                            const Argument *arguments, uint32_t argument_count);
void check_report_match(Body *body, const Match *match, const Argument *arguments, Span call);
Argument *check_collect_arguments(Body *body, NodeRange range, NodeId receiver, uint32_t *count);
void check_probe_arguments(Body *body, Argument *arguments, uint32_t count);
Parameter check_formal(Body *body, FunctionId function, const Substitution *substitution, uint32_t index);
Parameter *check_parameters(Body *body, FunctionId function, const Substitution *substitution,
                            uint32_t *count);

// A callable function with what the call's form already fixed about its type parameters.
typedef struct Candidate {
  FunctionId function;
  Substitution substitution;
  TypeId self;     // static methods and constructors: the type written before `::`
  TypeId dispatch; // a trait object's trait: dynamic dispatch
  ImplId impl;     // a default body: the impl that inherits it
} Candidate;

typedef struct CallSite {
  NodeId node;        // the call
  NodeId receiver;    // methods: argument 0; else 0
  Span span;          // where shape errors are reported
  Name name;          // for messages
  NodeRange explicit; // written type arguments
  Argument *arguments;
  uint32_t argument_count;
  TypeId expected;
  bool from_macro;         // the method's name stands in a macro's template: the user wrote no method call
  bool single_is_overload; // method or operator: even one candidate reports TY0008 (08 §4.3)
} CallSite;

// --- selections.c
typedef struct SelectionQuestion {
  const uint32_t *words; // none: it cannot be remembered
  uint32_t count;
  uint32_t hash;
  uint32_t chosen; // which of the candidates, if it was answered before
} SelectionQuestion;
// Has this choice been made before?
bool selection_find(Body *body, const CallSite *site, const Candidate *candidates, uint32_t count,
                    SelectionQuestion *question);
void selection_keep(Body *body, const SelectionQuestion *question, uint32_t chosen);

// Completes a call of one known function (05 §5.10); records the plan and gives the result type.
TypeId check_call_candidate(Body *body, CallSite *site, Candidate *candidate);
// Chooses among candidates (05 §5.11) and completes the call. `fallback_builtin`: operators and intrinsics.
TypeId check_overloaded_call(Body *body, CallSite *site, Candidate *candidates, uint32_t count);
// The candidate that fits, or NULL with the reason kept for `check_report_no_overload`. Ambiguity is
// reported.
Candidate *check_select(Body *body, CallSite *site, Candidate *candidates, uint32_t count, bool *ambiguous);
void check_report_no_overload(Body *body, CallSite *site, Candidate *candidates, uint32_t count);
TypeId check_call(Body *body, NodeId node, TypeId expected);
// A call whose callee (a NAME, or the last segment of a path) denotes these symbols.
TypeId check_call_symbols(Body *body, NodeId node, NodeId callee, SymbolSet set, TypeId expected);
// A function that is fixed by the context, as a value.
TypeId check_candidate_value(Body *body, NodeId node, const Candidate *candidate, TypeId expected);
TypeId check_value_call(Body *body, NodeId node, NodeId callee, TypeId function, Argument *arguments,
                        uint32_t count);
TypeId check_builtin_call(Body *body, NodeId node, Name name, CallSite *site, bool *found);
uint32_t check_add_call(Body *body, CallPlan plan, const ArgumentPlan *arguments, uint32_t count);
bool check_apply_type_arguments(Body *body, CallSite *site, Candidate *candidate);
// The formal with the free type parameters unknown.
TypeId check_open_formal(Body *body, TypeId formal, const AstRange *free, uint32_t free_count);
bool check_constraints(Body *body, const Substitution *substitution, const AstRange *free,
                       uint32_t free_count);
// The plan of a call of an intrinsic wrapper with `uses_signature`: the built-in operation instead of the
// body.
CallPlan check_intrinsic_plan(Body *body, const FunctionInfo *info, const Parameter *parameters,
                              uint32_t count, CallPlan plan);

// --- expansion.c
void check_expansion(Program *program); // objects that need ever larger instances of themselves
// --- expressions.c
// Reports a comparison of types that went over its budget since the last look (04 §4.6).
void check_budget(Program *program, Span span);

// --- methods.c
TypeId check_method_call(Body *body, NodeId node, TypeId expected);
// `Trait::m(receiver, …)`: only methods of that trait.
bool check_method_access(Body *body, const CallSite *site, const Candidate *candidate);
bool check_trait_declares(Body *body, SymbolId trait, NodeId member);
TypeId check_trait_call(Body *body, CallSite *site, TypeId receiver, SymbolId trait);
TypeId check_operator(Body *body, NodeId node, TypeId expected);
bool check_is_operator(Name name); // one of the table of 05 §5.5.1
// `'+'(a, b)`: the operator called by its name, arguments not typed yet.
TypeId check_named_operator(Body *body, CallSite *site);
TypeId check_subscript(Body *body, NodeId node, TypeId expected);
TypeId check_subscript_assign(Body *body, NodeId node, NodeId target, NodeId value);
// The impl's own methods of that name: positions in AstTable.member_functions, ID_MAP_NONE after the last.
uint32_t check_first_method(const Program *program, ImplId impl, Name name);
uint32_t check_next_method(const Program *program, uint32_t position);
// The impls of a nominal (0: open ones) that have methods of that name, in order of declaration: positions in
// CheckState.offers.
uint32_t check_first_offer(const Program *program, SymbolId nominal, Name name);
// Methods named `name` of a type, static or not (05 §5.12.2).
uint32_t check_find_methods(Body *body, TypeId receiver, Name name, bool is_static, Candidate **out);

// --- construct.c
TypeId check_construct(Body *body, NodeId node, TypeId expected);
TypeId check_type_call(Body *body, NodeId node, SymbolId type, TypeId expected);
TypeId check_record(Body *body, NodeId node, TypeId expected);
TypeId check_tuple(Body *body, NodeId node, TypeId expected);
TypeId check_array(Body *body, NodeId node);
// The common element type of an array literal (05 §5.3.2); every element is checked against it.
TypeId check_elements(Body *body, const NodeId *items, uint32_t count, Span span);
TypeId check_range(Body *body, NodeId node);
FunctionId check_std_function(Body *body, StdFunction which);
TypeId check_literal_call(Body *body, NodeId node, FunctionId maker, const Substitution *bound, TypeId type,
                          TypeId element);
TypeId check_path_value(Body *body, NodeId node, TypeId expected);
TypeId check_path_call(Body *body, NodeId node, TypeId expected);

// --- access.c
// May this body use a member with that modifier of a type declared by `owner`? (03 §5.5)
bool check_member_access(const Body *body, SymbolId owner, Modifier modifier);
const AstField *check_declared_field(const Body *body, TypeId nominal, Name name);

#endif
