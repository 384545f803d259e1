// Private to lower/: the state of lowering and what its files offer each other.
//
// A value is a run of lanes (SSA values): none for void, one for a scalar or a reference, several for a
// `val`. Everything that copies, passes or stores values is written over lanes and knows nothing of their
// types.
#ifndef VOYD_LOWER_LOWERING_H
#define VOYD_LOWER_LOWERING_H

#include <locale.h>

#include "lower/lower.h"

// ------------------------------------------------------------------------------------------------ layouts

typedef uint32_t ClassId; // 0 = none

typedef enum {
  LAYOUT_SCALAR, // void (no lane) and numbers
  LAYOUT_OBJECT, // one lane: a reference to the struct of a class
  LAYOUT_VALUE,  // a `val`: the lanes of its fields
} LayoutKind;

// Where a field lies: lanes `first .. first + count` of a value, or fields of a class's struct.
typedef struct FieldLayout {
  Name name;
  TypeId type;
  uint32_t first;
  uint32_t count;
} FieldLayout;

typedef struct Layout {
  LayoutKind kind;
  ClassId class; // LAYOUT_OBJECT
  uint32_t lane_count;
  const IrType *lanes;
  uint32_t field_count; // LAYOUT_VALUE
  const FieldLayout *fields;
} Layout;

typedef struct Class {
  TypeId type;
  ClassId base;
  IrHeapId heap;
  bool defined; // fields below and the heap type's are set
  uint32_t field_count;
  const FieldLayout *fields; // in construction order: declared order of the type
  uint32_t heap_field_count;
} Class;

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

typedef struct Lowering {
  Program *program;
  Context *context;
  IrModule *module;
  Arena arena;                // tables of the whole lowering
  Arena scratch;              // values of the function being built
  VECTOR(Layout *) layouts;   // by TypeId, NULL until asked for
  VECTOR(Class) classes;      // by ClassId
  IdMap open_names;           // names of objects that stand as somebody's base
  uint32_t *first_parameter;  // by InstanceId: first index in `written`
  bool *written;              // per parameter of each instance: a `~` slot that comes back to the caller
  VECTOR(Entry) entries;      // [0] unused; also the work list, built in order
  uint32_t *instance_entries; // by InstanceId: first entry, 0 = none
  LoweredLet *lets;           // by index in AstTable.lets
  VECTOR(uint32_t) lazy_lets; // work list of let indices
  bool *cyclic;               // by InstanceId: the instance can reach itself
  IrGlobalId activation;      // counts calls of exports; 0: no let needs it
  locale_t locale;            // numbers as the language writes them, whatever the host process has set
  bool failed;                // a diagnostic was reported
} Lowering;

// layout.c
const Layout *layout_of(Lowering *lowering, TypeId type);
const Class *layout_class(Lowering *lowering, ClassId class); // fields set
const FieldLayout *layout_field(const FieldLayout *fields, uint32_t count, Name name);

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

// exports.c
void exports_lower(Lowering *lowering, LowerResult *result);
// Puts a wrapper around every export that counts its calls, for lets that can reach themselves.
void exports_count_activations(Lowering *lowering);

// A diagnostic for what neither the language nor the checker rules out, but the engine cannot do.
void lower_reject(Lowering *lowering, Span span, const char *what);

// ----------------------------------------------------------------------------------------------- one body

typedef struct Value {
  const IrValue *lanes;
  uint32_t count;
} Value;

typedef enum {
  VARIABLE_UNSEEN,
  VARIABLE_LANES, // SSA variables, one per lane
  VARIABLE_ALIAS, // `let ~d = place`: no storage of its own (07 §1.4)
} VariableKind;

typedef struct Variable {
  VariableKind kind;
  TypeId type;
  IrVar first;  // VARIABLE_LANES
  NodeId place; // VARIABLE_ALIAS
} Variable;

typedef struct Loop {
  IrBlockId next; // `continue`
  IrBlockId done; // `break`
  struct Loop *outer;
} Loop;

typedef struct Body {
  Lowering *lowering;
  Program *program;
  InstanceId instance_id;
  const Instance *instance;
  IrBuilder ir;
  Variable *variables;   // by local - instance->first_local
  const NodeId *aliases; // by local - instance->first_local: the place of `let ~d = place`, else 0
  Loop *loop;
  TypeId result;      // what `return` converts to
  uint32_t out_count; // `~` parameters that come back, in parameter order
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
Value value_slice(Value value, uint32_t first, uint32_t count);
// Returns a value of the result's type together with the out parameters.
void lower_return(Body *body, Value value);

// convert.c
Value convert(Body *body, Value value, TypeId from, TypeId to);
// True if `convert` does nothing to the lanes.
bool convert_is_free(Lowering *lowering, TypeId from, TypeId to);

// operators.c
Value lower_builtin(Body *body, const CallPlan *plan);
// The value of a literal; false for other nodes.
bool literal_constant(Lowering *lowering, const AstNode *node, Constant *out);
// Folds a built-in that cannot trap over constants; false for others.
bool builtin_fold(Builtin builtin, Constant left, Constant right, Constant *out);

// control.c
Value lower_block(Body *body, NodeId node, bool tail);
Value lower_if(Body *body, NodeId node, bool tail);
void lower_let(Body *body, NodeId node);
void lower_while(Body *body, NodeId node);
// Branches on a condition without making a bool of it.
void lower_condition(Body *body, NodeId node, IrBlockId taken, IrBlockId otherwise);

// calls.c
Value lower_call(Body *body, NodeId node, bool tail);
Value lower_construction(Body *body, NodeId node);

// places.c
typedef enum { PLACE_TEMPORARY, PLACE_VARIABLE, PLACE_FIELD } PlaceKind;
// A slot, its owner object evaluated.
typedef struct Place {
  PlaceKind kind;
  TypeId type;    // of the slot
  Value value;    // PLACE_TEMPORARY: writes to it are lost
  IrVar first;    // PLACE_VARIABLE
  IrValue object; // PLACE_FIELD
  IrHeapId heap;
  uint32_t field; // first field of the struct
  uint32_t count; // lanes
} Place;
Place place_open(Body *body, NodeId node);
Value place_read(Body *body, const Place *place);
void place_write(Body *body, const Place *place, Value value);
void lower_assign(Body *body, NodeId node);
Value lower_field(Body *body, NodeId node);
// The node without the `~` written around it.
NodeId place_strip(const AstTable *ast, NodeId node);
// The local whose own storage the place lies in, or 0 (an object's field, a temporary).
LocalId place_root(const Program *program, const Instance *instance, const NodeId *aliases, NodeId node);
// By local - first_local: the place that `let ~d = place` names, or 0. In `arena`.
const NodeId *place_aliases(const Program *program, const Instance *instance, Arena *arena);

// variables of a body (places.c)
Variable *variable_of(Body *body, LocalId local);
void variable_declare(Body *body, LocalId local, TypeId type);
void variable_write(Body *body, LocalId local, Value value);

// lets.c: module-level ones.
Value let_read(Body *body, uint32_t let);

// functions.c: a body outside of an instance's own function (let getters).
void body_start(Body *body, Lowering *lowering, InstanceId instance, IrFunctionId function);
void body_end(Body *body);

#endif
