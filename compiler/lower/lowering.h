// Private to lower/: the state of lowering and what its files offer each other.
//
// A value is a run of lanes (SSA values): none for void, one for a scalar or a reference, several for a
// `val`. Everything that copies, passes or stores values is written over lanes and knows nothing of their
// types.
#ifndef VOYD_LOWER_LOWERING_H
#define VOYD_LOWER_LOWERING_H

#include <locale.h>

#include "lower/lower.h"

// -------------------------------------------------------------------------------------- the coercion graph

// What the whole program does with a type (coercions.c). Indexed by TypeId.
typedef struct TypeFacts {
  TypeId parent; // union-find over types that share a representation; TYPE_NONE: a root
  TypeId next;   // circular list of the joined set; TYPE_NONE: alone
  bool seen;
  bool constructed;   // some object of exactly this type may exist
  bool rooted;        // its values are seen as something that does not say their class
  bool family_rooted; // on the representative of the outermost base: objects begin with a class id
  bool received;      // the host may send it
  bool widened;       // a record type (or trait, Object) that other types flow into
  uint32_t class_id;  // 0: not numbered yet
} TypeFacts;

// ------------------------------------------------------------------------------------------------ layouts

typedef uint32_t ClassId; // 0 = none

typedef enum {
  LAYOUT_SCALAR,   // void (no lane) and numbers
  LAYOUT_OBJECT,   // one lane: a reference to the struct of a class
  LAYOUT_VALUE,    // a `val`: the lanes of its fields
  LAYOUT_OPTIONAL, // Optional<T>: a nullable reference, or a tag and the lanes of T
  LAYOUT_UNIFORM,  // one lane: a reference that does not say the class
  LAYOUT_CLOSURE,  // one lane: a reference to a closure
  LAYOUT_ARRAY,    // one lane: a reference to a fixed array
} LayoutKind;

// A place inside something that all members of a joined set share: the lanes of its type if they agree on
// them, else one uniform reference.
typedef struct Slot {
  bool uniform;
  uint32_t first; // lane of a value, or field of a struct
  uint32_t count;
  const IrType *lanes;
} Slot;

typedef struct FieldLayout {
  Name name;
  TypeId type; // in the type that was laid out first; views have types of their own
  Slot slot;
} FieldLayout;

typedef struct Layout {
  LayoutKind kind;
  uint32_t lane_count;
  const IrType *lanes;
  ClassId class;        // LAYOUT_OBJECT
  uint32_t field_count; // LAYOUT_VALUE
  const FieldLayout *fields;
  TypeId payload; // LAYOUT_OPTIONAL
  bool tagged;    // LAYOUT_OPTIONAL: lane 0 is 1 for Some, 0 for None
} Layout;

// The struct of an object, a record, or a box around a scalar or `val`.
typedef struct Class {
  TypeId type;
  ClassId base;
  IrHeapId heap;
  bool is_box;
  bool has_id;  // field 0 is the class id
  bool defined; // what follows and the heap type's fields are set
  uint32_t field_count;
  const FieldLayout *fields; // in declared order; a box has one
  uint32_t heap_field_count;
} Class;

typedef struct Signature { // of a function type
  IrHeapId function;       // first parameter: the closure
  IrHeapId closure;        // struct that all closures of the type begin with: the function
  uint32_t param_count;
  const Slot *params; // `first`: index among the function's parameters; its presence flag stands before it
  const uint32_t *flags;
  Slot result;
  const Slot *outs; // by parameter: `first` among the results; count 0 for plain ones
} Signature;

typedef struct ArrayLayout {
  IrHeapId heap; // one lane: the array itself; else a struct of one array per lane (none: of the length)
  Slot element;  // `first` is 0
  const IrHeapId *arrays;
} ArrayLayout;

// --------------------------------------------------------------------------------------------- the program

// A function of the IR for an instance. `omitted`: one flag per parameter that the caller leaves to its
// default, or NULL for none. `drops_outs`: an export, which hands the host the result alone.
typedef struct Entry {
  InstanceId instance;
  const bool *omitted;
  bool drops_outs;
  IrFunctionId function;
  uint32_t next; // other entries of the instance, 0 ends
} Entry;

typedef enum { LET_UNSEEN, LET_CONSTANT, LET_LAZY } LetKind;

typedef struct Constant {
  IrOpcode opcode;
  uint64_t bits; // as ir_bits wants them
} Constant;

// A module-level let that is read somewhere (04 §6.7).
typedef struct LoweredLet {
  LetKind kind;
  Constant constant;   // LET_CONSTANT
  InstanceId instance; // its initialiser
  IrFunctionId getter; // LET_LAZY
} LoweredLet;

typedef struct Accessor { // reads or writes a field of an object whose class is not known
  TypeId type;
  Name name;
  bool writes;
  IrFunctionId function;
} Accessor;

// Closures that something makes: bodies waiting to be built.
typedef struct Lambda {
  InstanceId instance;
  NodeId node;
  IrHeapId closure; // struct: the function, then the captures
  const LocalId *captures;
  uint32_t capture_count;
  IrFunctionId function;
} Lambda;

typedef struct Thunk { // a named function as a value of a function type
  InstanceId instance;
  TypeId type;
  IrFunctionId function;
  IrGlobalId closure;
} Thunk;

typedef struct Adapter { // a closure of one function type around one of another
  TypeId from, to;
  IrHeapId closure;
  IrFunctionId function;
} Adapter;

// A trait method as called on objects whose class is not known. Parameters and results are those of the plan.
typedef struct Dispatcher {
  TypeId trait;
  FunctionId method;
  TypeId result;
  uint32_t count; // parameters
  const TypeId *parameters;
  const bool *outs; // by parameter
  IrFunctionId function;
} Dispatcher;

typedef struct HostOperation { // performed by the host (boundary.c)
  FunctionId operation;
  const CallPlan *plan;  // of a call: the types
  IrFunctionId function; // takes and gives values
  IrFunctionId host;     // the import behind it, which takes and gives nothing
} HostOperation;

typedef struct Codec { // writes or reads values of a type for the host
  TypeId type;
  bool reads;
  IrFunctionId function;
} Codec;

// The classes whose objects a value of a type can be, each with the member of the union that it belongs to.
typedef struct Possible {
  uint32_t count;
  TypeId *classes;
  TypeId *members;
} Possible;

typedef struct Operation { // of an effect, at the types it is performed
  FunctionId function;
  TypeId result;
  TypeId *params;
  uint32_t count;
  uint32_t number;  // what a link of the chain of clauses names it by
  IrHeapId code;    // the closure, the parameters' lanes -> the result's
  IrHeapId closure; // struct that all closures of its clauses begin with
} Operation;

typedef struct Handling { // a clause of a `try`
  InstanceId instance;
  FunctionId clause;
  Operation operation;
  IrHeapId closure, frame_heap;
  const LocalId *captures;
  uint32_t capture_count;
  TypeId answer, result; // of the `try`, of the callable around it
  bool discards;
  IrFunctionId function;
  LocalId continuation; // while its body is built
  IrVar frame;
} Handling;

typedef struct Lowering {
  Program *program;
  Context *context;
  IrModule *module;
  Arena arena;                // tables of the whole lowering
  Arena scratch;              // values of the function being built
  VECTOR(TypeFacts) facts;    // by TypeId
  VECTOR(TypeId) constructed; // types that objects or boxes may have, in order of discovery
  uint32_t next_class_id;
  IdMap possible_index; // TypeId -> index in `possible`
  VECTOR(Possible) possible;

  VECTOR(Layout *) layouts; // by TypeId, NULL until asked for
  VECTOR(Class) classes;    // by ClassId
  IdMap boxes;              // TypeId -> ClassId
  IdMap signatures;         // representative -> index in signature_table
  VECTOR(Signature *) signature_table;
  VECTOR(TypeId) signature_types;
  IdMap arrays; // representative -> index in array_table
  VECTOR(ArrayLayout *) array_table;
  VECTOR(TypeId) array_types;
  IdMap fieldless;  // TypeId -> global that holds its one object
  IdMap cells;      // TypeId -> heap type of its cells
  IrHeapId root;    // 0 until needed
  IdMap open_names; // names of objects that stand as somebody's base

  uint32_t *first_parameter; // by InstanceId: first index in `written`
  bool *written;             // per parameter of each instance: a `~` slot that comes back to the caller
  bool *cyclic;              // by InstanceId: the instance can reach itself

  // Functions to build, each list in order of demand.
  VECTOR(Entry) entries;      // [0] unused
  uint32_t *instance_entries; // by InstanceId: first entry, 0 = none
  LoweredLet *lets;           // by index in AstTable.lets
  VECTOR(uint32_t) lazy_lets; // let indices
  IdMap accessor_index;       // (type, name, direction) -> index in accessors
  VECTOR(Accessor) accessors;
  VECTOR(Dispatcher) dispatchers;
  VECTOR(Lambda) lambdas;
  IdMap thunk_index; // (instance, representative of the function type) -> index in thunks
  VECTOR(Thunk) thunks;
  IdMap adapter_index; // (from, to) -> index in adapters
  VECTOR(Adapter) adapters;

  bool has_effects; // some `try` is reachable; else the fields below are unused
  IrHeapId effect_link;
  IrGlobalId effect_head, effect_pending;
  IrFunctionId effect_find;
  IdMap frames; // (answer, result) -> heap type
  VECTOR(Operation) operations;
  VECTOR(Handling) handlings;

  IrGlobalId wire_cursor; // values that cross to the host (boundary.c); 0: none does
  IrFunctionId wire_advance;
  IrGlobalId wire_depth; // of the writers of recursive types that are active; 0: there are none
  bool memory_exported;
  IrGlobalId panic_address, panic_length; // of the text that a panic publishes; 0: the program has none
  VECTOR(TypeId) schema_types;            // described in `voyd.abi` by index
  VECTOR(Codec) codecs;
  VECTOR(HostOperation) host_operations;
  Text abi;         // the section `voyd.abi` so far
  IdMap text_index; // Name of a literal -> offset in `texts`
  Text texts;       // bytes of long string literals, one data segment
  IrDataId text_data;

  IrGlobalId activation; // counts calls of exports; 0: no let needs it
  locale_t locale;       // numbers as the language writes them, whatever the host process has set
  bool failed;           // a diagnostic was reported
} Lowering;

// coercions.c
void coercions_collect(Lowering *lowering);
TypeFacts *type_facts(Lowering *lowering, TypeId type); // moves when another type is asked for
TypeId coercions_find(Lowering *lowering, TypeId type); // representative of the joined set
TypeId coercions_next(Lowering *lowering, TypeId type); // next member of the set, in a circle
void coercions_construct(Lowering *lowering, TypeId type);
TypeId type_plain(const Lowering *lowering, TypeId type); // unfolded, without Borrow
TypeId type_outermost(Lowering *lowering, TypeId type);   // the base at the end of the chain below Object

// layout.c
const Layout *layout_of(Lowering *lowering, TypeId type);
const Class *layout_class(Lowering *lowering, ClassId class); // fields set
ClassId layout_box(Lowering *lowering, TypeId type);          // box around a scalar or `val`
ClassId layout_class_of(Lowering *lowering, TypeId type);     // of an object, a record or a box
const Signature *layout_signature(Lowering *lowering, TypeId function);
const ArrayLayout *layout_array(Lowering *lowering, TypeId array);
const FieldLayout *layout_field(const FieldLayout *fields, uint32_t count, Name name);
const Signature *layout_signature_defined(Lowering *lowering, TypeId function);
const ArrayLayout *layout_array_defined(Lowering *lowering, TypeId array);
Name type_name(const Lowering *lowering, TypeId type); // of a nominal type
void layout_define_all(Lowering *lowering);            // what was declared and never touched
IrHeapId layout_root(Lowering *lowering); // the struct of a class id alone, above all that have one
TypeId type_field(Lowering *lowering, TypeId type, Name name); // type of a field as this type shows it

// classes.c
void classes_number(Lowering *lowering);
uint32_t class_id_of(Lowering *lowering, TypeId type);
IrFunctionId class_accessor(Lowering *lowering, TypeId type, Name name, bool writes);
void class_accessor_build(Lowering *lowering, uint32_t index);

// closures.c
void lambda_build(Lowering *lowering, uint32_t index);
void thunk_build(Lowering *lowering, uint32_t index);
void adapter_build(Lowering *lowering, uint32_t index);

// dispatch.c
void dispatcher_build(Lowering *lowering, uint32_t index);
// The method that an object of exactly this type runs for a trait's, or 0.
InstanceId dispatch_implementation(Lowering *lowering, TypeId exact, TypeId trait, FunctionId method);

// effects.c
void effects_prepare(Lowering *lowering);
void effects_enter(Lowering *lowering, IrBuilder *ir);
void handling_build(Lowering *lowering, uint32_t index);

// facts.c: what must be known of all functions before the first is built.
void facts_collect(Lowering *lowering);
// Marks the instances that can reach themselves through calls, function values and reads of lets.
void facts_find_cycles(Lowering *lowering);
// Does the `~` slot of this parameter come back to the caller as extra results?
bool facts_written(const Lowering *lowering, InstanceId instance, uint32_t parameter);

// functions.c
IrFunctionId function_entry(Lowering *lowering, InstanceId instance, const bool *omitted, bool drops_outs);
void function_build(Lowering *lowering, uint32_t entry);

// lets.c
void lets_prepare(Lowering *lowering);
void let_build(Lowering *lowering, uint32_t let);
// From here on, the marks of initialisers that were running when the program last stopped count no more.
void lets_activate(Lowering *lowering, IrBuilder *ir);

// exports.c
void exports_lower(Lowering *lowering);
Str exports_section(Lowering *lowering); // `voyd.abi`, when all bodies are built
// Puts a wrapper around every export: it counts its calls, for lets that can reach themselves, and starts
// without active clauses.
void exports_enter(Lowering *lowering);

// boundary.c
bool boundary_crosses(Lowering *lowering, TypeId type); // can the type cross to the host?
void boundary_schema(Lowering *lowering, Text *out, TypeId type);
void boundary_types(Lowering *lowering, Text *out); // definitions of the types that schemas name by index
// `given`: the arguments that the host passes, the first ones; the other parameters have defaults or are
// optional.
IrFunctionId boundary_wrapper(Lowering *lowering, InstanceId id, uint32_t given, bool params_cross,
                              bool result_crosses);
void codec_build(Lowering *lowering, uint32_t index);
void host_operation_build(Lowering *lowering, uint32_t index); // when all lets are known
// The types whose objects the host may make, for a parameter of this type.
void boundary_see(Lowering *lowering, TypeId type, bool (*constructs)(void *context, TypeId type),
                  void *context);

// A diagnostic for what neither the language nor the checker rules out, but the engine cannot do.
void lower_reject(Lowering *lowering, Span span, const char *what);

typedef VECTOR(IrType) Types;                                   // growing, in the scratch arena
void types_push(Lowering *lowering, Types *types, TypeId type); // the lanes of a type

// ----------------------------------------------------------------------------------------------- one body

struct Body;

typedef struct Value {
  const IrValue *lanes;
  uint32_t count;
} Value;

typedef VECTOR(IrValue) Values; // growing, in the scratch arena
void values_push(struct Body *body, Values *values, Value value);

typedef enum {
  VARIABLE_UNSEEN,
  VARIABLE_LANES, // SSA variables, one per lane
  VARIABLE_CELL,  // a captured `var`: one SSA variable that holds the cell, a struct of the lanes
} VariableKind;

typedef struct Variable {
  VariableKind kind;
  TypeId type;
  IrVar first;
  bool captured; // a cell that another callable declares
} Variable;

typedef struct Loop {
  IrBlockId next; // `continue`
  IrBlockId done; // `break`
  struct Loop *outer;
  const struct Attempt *attempt; // around the loop
} Loop;

// A `try` whose body is being built.
typedef struct Attempt {
  IrValue saved;     // the chain of clauses outside
  IrBlockId landing; // where abandoned calls go
  const struct Attempt *outer;
} Attempt;

typedef struct Body {
  Lowering *lowering;
  const Attempt *attempt; // innermost
  const Handling *clause; // the body is a clause's
  Program *program;
  InstanceId instance_id;
  const Instance *instance;
  IrBuilder ir;
  Variable *variables;   // by local - instance->first_local
  const NodeId *aliases; // by local - instance->first_local: the place of `let ~d = place`, else 0
  Loop *loop;
  TypeId result;              // what `return` converts to
  const Signature *signature; // of a function called through closures: how results are handed back
  uint32_t out_count; // `~` parameters that come back, in parameter order; with a signature: all parameters
  const LocalId *outs;
  uint32_t depth; // nesting of nodes
} Body;

static inline const TypedNode *body_typed(const Body *body, NodeId node) {
  return typed_node(body->instance, node);
}
static inline const AstNode *body_node(const Body *body, NodeId node) {
  return ast_node(body->program->ast, node);
}

// expressions.c: a node's value after its consumer's coercion; lanes live in the scratch arena.
Value lower_value(Body *body, NodeId node);
// Evaluates for effect only.
void lower_discarded(Body *body, NodeId node);
// The value of a node in tail position: ends the block with a return or a tail call.
void lower_tail(Body *body, NodeId node);
// A value that stands in code that nothing reaches.
Value lower_nothing(Body *body, TypeId type);
Value value_of(Body *body, IrValue lane);
Value value_run(Body *body, IrValue first, uint32_t count); // consecutive results
Value value_joined(Body *body, const IrValue *first, uint32_t first_count, Value rest);
Value value_concat(Body *body, const Value *parts, uint32_t count);
Value value_slice(Value value, uint32_t first, uint32_t count);
// Returns a value of the result's type together with the out parameters.
void lower_return(Body *body, Value value);

// classes.c
IrValue class_id_read(Body *body, IrValue reference);
IrValue class_id_among(Body *body, IrValue id, uint32_t *ids, uint32_t count); // sorts `ids`
const Possible *class_possible(Lowering *lowering, TypeId discriminated);
// Goes to targets[i] for an object with class id ids[i], else to `fallback`.
void class_switch(Body *body, IrValue reference, uint32_t *ids, const IrBlockId *targets, uint32_t count,
                  IrBlockId fallback);
enum { CLASS_SWITCH_FROM = 6 }; // cases from which a table beats a chain (docs/object-model.md)
// Is a value of type `discriminated` taken by the pattern type? An i32.
IrValue class_test(Body *body, Value value, TypeId discriminated, TypeId pattern);

// convert.c
Value convert(Body *body, Value value, TypeId from, TypeId to);
// True if `convert` does nothing to the lanes.
bool convert_is_free(Lowering *lowering, TypeId from, TypeId to);
IrValue optional_is_some(Body *body, Value value, TypeId type);
Value optional_payload(Body *body, Value value, TypeId type);
Value optional_some(Body *body, Value payload, TypeId type);
Value optional_none(Body *body, TypeId type);
// A value as a slot holds it, and back.
Value slot_value(Body *body, const Slot *slot, Value value, TypeId type);
Value slot_content(Body *body, const Slot *slot, Value stored, TypeId type);
// A new object or record; a value per field of its class, in the class's order.
IrValue object_new(Body *body, TypeId type, const Value *fields);

// effects.c
void effects_after_call(Body *body); // passes an abandonment on
void effects_leave(Body *body, const Attempt *outer);
void effects_abandon(Body *body, bool returns, Value value);
Value effects_resume(Body *body, const CallPlan *plan);
Value effects_perform(Body *body, const CallPlan *plan);
Value effects_try(Body *body, NodeId node);

// closures.c
const LocalId *closure_captures(Lowering *lowering, const Instance *instance, const NodeId *aliases,
                                FunctionId inner, uint32_t *count);
Types closure_capture_types(Lowering *lowering, const Instance *instance, LocalId local, bool snapshot);
Value closure_captured(Body *body, LocalId local, bool snapshot);
uint32_t closure_load(Body *body, LocalId local, bool snapshot, IrHeapId heap, uint32_t field,
                      IrValue closure);
Value closure_adapt(Body *body, Value value, TypeId from, TypeId to);
void closure_return(Body *body, Value value);
Value lower_lambda(Body *body, NodeId node);
Value lower_function_value(Body *body, InstanceId instance, TypeId type);

// operators.c
Value lower_builtin(Body *body, NodeId node);
// The value of a literal; false for other nodes.
bool literal_constant(Lowering *lowering, const AstNode *node, Constant *out);
// Folds a built-in that cannot trap over constants; false for others.
bool builtin_fold(Builtin builtin, Constant left, Constant right, Constant *out);

// control.c
Value lower_block(Body *body, NodeId node, bool tail);
Value lower_if(Body *body, NodeId node, bool tail);
// Where branches meet, with one block parameter per lane of the common type.
typedef struct Merge {
  IrBlockId block;
  TypeId type;
  IrValue *lanes;
  uint32_t count;
} Merge;
Merge merge_new(Body *body, TypeId type);
void merge_branch(Body *body, const Merge *merge, NodeId node, bool tail); // evaluates and goes to the merge
Value merge_end(Body *body, const Merge *merge);                           // goes on from there
bool merge_returns_nothing(Body *body); // the function has no result: any branch may end it

// patterns.c
void lower_let(Body *body, NodeId node);
Value lower_match(Body *body, NodeId node, bool tail);
Value lower_is(Body *body, NodeId node);
void pattern_bind(Body *body, NodeId pattern, Value value, TypeId type);
void lower_while(Body *body, NodeId node);
// Branches on a condition without making a bool of it.
void lower_condition(Body *body, NodeId node, IrBlockId taken, IrBlockId otherwise);

// calls.c
Value lower_call(Body *body, NodeId node, bool tail);
Value lower_construction(Body *body, NodeId node);
Value lower_tuple(Body *body, NodeId node);

// arrays.c
Value array_of_elements(Body *body, const NodeId *nodes, uint32_t count, TypeId array);
Value array_of_text(Body *body, Name text, TypeId array);   // the bytes of a string literal
Value array_made(Body *body, TypeId array, IrValue length); // unwritten elements
Value array_read(Body *body, Value array, TypeId type, IrValue index);
void array_write(Body *body, Value array, TypeId type, IrValue index, Value value);
Value lower_array_builtin(Body *body, const CallPlan *plan);

// dispatch.c
uint32_t dispatcher_of(Lowering *lowering, const CallPlan *plan);

// boundary.c
IrFunctionId boundary_host_operation(Lowering *lowering, const CallPlan *plan); // performs it, at the host
void boundary_publish_panic(Body *body, IrValue address, IrValue length);

// places.c
typedef enum { PLACE_TEMPORARY, PLACE_VARIABLE, PLACE_FIELD, PLACE_RECORD_FIELD, PLACE_PART } PlaceKind;
// A slot, its owner object evaluated.
typedef struct Place {
  PlaceKind kind;
  TypeId type;               // of the slot
  Value value;               // PLACE_TEMPORARY: writes to it are lost
  IrVar first;               // PLACE_VARIABLE
  IrValue object;            // PLACE_FIELD, PLACE_RECORD_FIELD
  IrHeapId heap;             // PLACE_FIELD
  Slot slot;                 // PLACE_FIELD: in the struct; PLACE_PART: lanes of the owner's value
  TypeId record;             // PLACE_RECORD_FIELD: the type through which the object is seen
  Name name;                 // PLACE_RECORD_FIELD
  const struct Place *owner; // PLACE_PART of a value that is not held in lanes
} Place;
Place place_open(Body *body, NodeId node);
Value place_read(Body *body, const Place *place);
void place_write(Body *body, const Place *place, Value value);
void lower_assign(Body *body, NodeId node);
Value lower_field(Body *body, NodeId node);
Value value_field(Body *body, Value value, TypeId type, Name name); // a field of an evaluated value
// The node without the `~` written around it.
NodeId place_strip(const AstTable *ast, NodeId node);
// The local whose own storage the place lies in, or 0 (an object's field, a temporary).
LocalId place_root(const Program *program, const Instance *instance, const NodeId *aliases, NodeId node);
// By local - first_local: the place that `let ~d = place` names, or 0. In `arena`.
const NodeId *place_aliases(const Program *program, const Instance *instance, Arena *arena);

// variables of a body (places.c)
Variable *variable_of(Body *body, LocalId local);
void variable_declare(Body *body, LocalId local, TypeId type);
void variable_init(Body *body, LocalId local, Value value); // each evaluation of a declaration
Value variable_read(Body *body, LocalId local);
IrHeapId variable_cell(Lowering *lowering, TypeId type);
bool variable_is_cell(const Program *program, const Instance *instance, LocalId local);

// lets.c: module-level ones.
Value let_read(Body *body, uint32_t let);

// functions.c: a body outside of an instance's own function (let getters).
void body_start(Body *body, Lowering *lowering, InstanceId instance, IrFunctionId function);
void body_end(Body *body);

#endif
