// Type checking: modules in, the typed tree out.
//
// A body is checked once per instance (function, type arguments), spec 04 §5.1. The AST stays as it is; what
// checking finds about a node (its type, what a name or call means, how its consumer converts it) is a
// `TypedNode` in an array of the instance, indexed by `node - first_node`. Calls, constructions and patterns
// that need more have a plan. Invariants after a check without errors: no TYPE_UNKNOWN is left; every
// consumer whose value has another type than it wants has left a coercion; every `~` argument has a place.
#ifndef VOYD_CHECK_CHECK_H
#define VOYD_CHECK_CHECK_H

#include "types/declarations.h"

typedef uint32_t InstanceId; // 0 = none

// How a value becomes a value of the consumer's type (04 §13.2). `from` and `to` are TypedNode.type and
// .target.
typedef enum {
  COERCE_NONE,
  COERCE_WRAP,  // T to Optional<T>: Some around the (already coerced) value
  COERCE_WIDEN, // a reference seen as base, union, trait, record or Object; identity kept. Some/None to
                // Optional may copy
  COERCE_BOX,   // a primitive or val becomes a union member, or a val a fresh record
  COERCE_ADAPT, // a function value whose signature differs
  COERCE_VIEW,  // a generic container seen at wider arguments (Box<L> as Box<L | R>)
} CoercionKind;

// What a node means beyond its kind.
typedef enum {
  ROLE_NONE,
  ROLE_LOCAL, // NAME: detail = LocalId. `type` may be narrower than the local's: a narrowed read (04 §9.6)
  ROLE_LET,   // NAME: module-level let, detail = index in AstTable.lets
  ROLE_FUNCTION, // NAME, PATH: a named function as value, detail = InstanceId
  ROLE_CALL, // ARRAY, STRING: of the std function that makes the object from a FixedArray; CALL, METHOD_CALL,
             // OPERATOR, SUBSCRIPT, CONSTRUCT (through init): detail = index in `calls`
  ROLE_CONSTRUCT,  // CONSTRUCT, CALL: fieldwise construction, detail = index in `constructions`
  ROLE_FIELD,      // FIELD: detail = Name of the field; the receiver's type says how
  ROLE_PLACE_MARK, // MUTABLE outside of arguments: the operand itself
} NodeRole;

typedef struct TypedNode {
  TypeId type;   // type of the expression, the pattern's matched type, the type expression's type; TYPE_NONE:
                 // not reached
  TypeId target; // type after the consumer's coercion; equals `type` if none
  uint8_t coercion; // CoercionKind
  uint8_t role;     // NodeRole
  bool discarded;   // the value is not used (05 §5.2.1): branches are not joined
  bool leaves;      // the expression always leaves by return, break or continue (04 §13.1)
  uint32_t detail;
} TypedNode;

// Built-in operations of 05 §5.5 and Appendix A; see check/builtins.def.
typedef enum Builtin {
#define BUILTIN(id, ...) BUILTIN_##id,
#include "check/builtins.def"
#undef BUILTIN
  BUILTIN_COUNT
} Builtin;

typedef enum {
  ARGUMENT_VALUE,   // node
  ARGUMENT_FIELD,   // field `field` of the structural argument `node`, which is evaluated once (05 §5.20.2)
  ARGUMENT_ABSENT,  // omitted optional parameter: None
  ARGUMENT_DEFAULT, // omitted defaulted parameter: the callee evaluates the default
} ArgumentKind;

// What is passed for one parameter. The value's coercion to the parameter's type is here, not in the node's
// record, for ARGUMENT_FIELD; for ARGUMENT_VALUE the node's own record has it.
typedef struct ArgumentPlan {
  ArgumentKind kind;
  bool mutable;      // `~` parameter: `node` is a place (or a temporary marked `~`), in-out (07 §1.3)
  uint8_t coercion;  // ARGUMENT_FIELD
  uint32_t position; // source order among the explicit arguments; the receiver is 0
  NodeId node;
  Name field;
  TypeId from, to; // value type before and parameter type
} ArgumentPlan;

typedef enum {
  CALL_DIRECT,    // target: InstanceId
  CALL_BUILTIN,   // target: Builtin
  CALL_VALUE,     // callee expression of function type: `callee`
  CALL_DISPATCH,  // trait method on a trait object: target = FunctionId of the trait's method, `trait` its
                  // instance
  CALL_OPERATION, // effect operation: target = FunctionId
} CallKind;

typedef struct CallPlan {
  CallKind kind;
  uint32_t target;
  NodeId callee;         // CALL_VALUE: evaluated first
  TypeId function;       // CALL_VALUE, CALL_DISPATCH: the function type called
  TypeId trait;          // CALL_DISPATCH
  TypeId result;         // before the consumer's coercion
  TypeId type_argument;  // CALL_BUILTIN on FixedArray: the element type
  uint32_t first, count; // ArgumentPlans in parameter order, in `arguments`
  uint32_t curried;      // CALL_VALUE: 1 + index of the call that applies this one's result to the remaining
                    // arguments (05 §5.15.5), 0 without. All arguments are evaluated before the first call;
                    // `result` is that of the last
} CallPlan;

// Fieldwise construction of a nominal object (05 §5.13) or a record literal: entries are evaluated in source
// order.
typedef struct FieldPlan {
  Name field;
  NodeId node;      // ENTRY value, or SPREAD operand, or 0: absent optional field, None
  bool from_spread; // field `field` of the spread operand
  uint8_t coercion; // from_spread: how that field's value converts
  TypeId from, to;
} FieldPlan;

typedef struct ConstructionPlan {
  TypeId type;
  uint32_t first, count; // FieldPlans in the type's declared field order, in `field_plans`
} ConstructionPlan;

// One function body with its type arguments; or the initializer of a module-level let; or a trait's default
// body compiled for one impl.
typedef struct Instance {
  FunctionId function; // 0: initializer
  uint32_t let;        // index in AstTable.lets when function is 0
  ModuleId module;
  Substitution substitution; // own and impl type parameters, for default bodies also the trait's
  TypeId self_type;          // methods: the implementing type, else TYPE_NONE
  TypeId *parameter_types;   // one per parameter; optional parameters: Optional<T>
  TypeId result;
  RowId row;
  NodeId first_node, end_node;
  TypedNode *nodes; // [end_node - first_node], set once checked
  LocalId first_local, end_local;
  TypeId *local_types;  // [end_local - first_local], declared type of each local
  InstanceId requester; // who asked first, and where: for errors inside an instance
  Span request_span;
  // Private to check/ (inference.c):
  uint8_t state;
  bool endless; // one of ever more (TY0040); its body is not checked
  bool failed;  // the last look for inference met an error, or found no result
  bool clean;   // it met neither an error nor a warning
  bool stands;  // it found what it had assumed
  bool on_agenda;
  InstanceId closes; // let: one that it reads while that is being initialised (04 §6.7), or 0
  InstanceId needs;  // let in such a circle: the next one
  uint32_t resting;  // provisional: on the body under way at that depth; 0: on none
  bool reachable;    // through calls and values, from where reachability was last asked for
  bool symbolic;     // a type argument mentions a type parameter: for signatures, and for program_symbolic
} Instance;

typedef struct Program {
  Context *context;
  ModuleGraph *graph;
  AstTable *ast;
  NameTables *names;
  TypeTable types;
  Declarations declarations;
  Arena arena;                // dropped after lower/
  VECTOR(Instance) instances; // by InstanceId, 0 unused
  VECTOR(CallPlan) calls;
  VECTOR(ArgumentPlan) arguments;
  VECTOR(ConstructionPlan) constructions;
  VECTOR(FieldPlan) field_plans;
  VECTOR(InstanceId) checked; // what the user's own bodies reach, in order of discovery
  VECTOR(InstanceId) lowered; // what the exports reach of it
  struct ProgramExportInstance {
    Name name;
    InstanceId instance;
  } * exports;
  uint32_t export_count;
  struct CheckState *state; // private
} Program;

void program_init(Program *program, Context *context, ModuleGraph *graph, AstTable *ast, NameTables *names);
void program_free(Program *program);

// Checks all modules of the user's packages and whatever std they reach. False if any error was reported.
bool check_program(Program *program);

// After check_program: reports what code generation refuses in the bodies to be lowered (CG0001). False if
// anything.
bool check_can_generate(Program *program);
// The id of the effect of an operation that the host answers at once, empty for others
// (check/host_operations.def).
Str check_host_operation(const Program *program, FunctionId operation);

// Expressions looked at so far, each as often as it was: the work of checking, the same on every machine.
uint64_t check_steps(const Program *program);

static inline const Instance *program_instance(const Program *program, InstanceId id) {
  return &program->instances.items[id];
}
static inline TypedNode *typed_node(const Instance *instance, NodeId node) {
  return &instance->nodes[node - instance->first_node];
}
static inline TypeId local_type(const Instance *instance, LocalId local) {
  return instance->local_types[local - instance->first_local];
}

// The fields of a nominal type with its arguments substituted, in declared order.
const TypeField *program_fields(Program *program, TypeId nominal, uint32_t *count);
ObjectInfo *program_object(Program *program, SymbolId object);
// The instance that a trait method resolves to for an implementing type, or 0 (dispatch rows of lower/).
InstanceId program_implementation(Program *program, TypeId type, TypeId trait, FunctionId method);
// Makes an instance, with all that it mentions, part of what is lowered: a method that only a trait object
// calls.
void program_reach(Program *program, InstanceId instance);
// What an instance is called: the name of its function or let; `full`: behind the type that it is a method
// of, and with its own type arguments, as `Array<i32>.map<String>`.
Str program_instance_name(const Program *program, Arena *arena, InstanceId instance, bool full);
// The declaration of its function, or the initializer of its let.
Span program_instance_span(const Program *program, InstanceId instance);
// Initializer instance of a module-level let; its `result` is the let's type.
InstanceId program_let(Program *program, uint32_t let);

// The body of a function typed with its type parameters as themselves, for what looks at a function rather
// than at one use of it: borrow analysis, docs, editors. What depends on the parameters is unknown there: a
// call that instances may resolve differently has type TYPE_UNKNOWN and no plan. Made on demand, with errors
// muted; a function without type parameters has its one instance. A function whose result cannot be known has
// no nodes.
InstanceId program_symbolic(Program *program, FunctionId function);

// For `--emit typed`, after a check without errors: type, meaning, plan and coercion of every expression of
// the user's own package.
void check_print(Program *program, Text *out);

#endif
