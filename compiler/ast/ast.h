// The abstract syntax of a program after expansion (spec 01 §18).
//
// Declarations are records of their own (`AstFunction`, `AstObject`, …) in tables of the whole compilation.
// What stands inside them (expressions, statements, patterns, type expressions) are `AstNode`s in one table.
// Invariant: the nodes of one function (parameter types, defaults, body, lambdas and handlers inside) have
// consecutive ids, so that a phase can keep facts about a body in an array indexed by `node - first_node`.
// Children have smaller ids than their parents.
// Spans are exact bytes (08 §2), delimiters included.
#ifndef VOYD_AST_AST_H
#define VOYD_AST_AST_H

#include "graph/graph.h"

typedef uint32_t NodeId; // 0 = absent

// A run of ids in `AstTable.lists`.
typedef struct NodeRange {
  uint32_t first;
  uint32_t count;
} NodeRange;

typedef enum NodeKind {
#define NODE(kind, what) NODE_##kind,
#include "ast/nodes.def"
#undef NODE
  NODE_KIND_COUNT
} NodeKind;

enum {
  NODE_FLAG_WIDE = 1 << 0,      // INT: i64; FLOAT: f64
  NODE_FLAG_QUOTED = 1 << 1,    // NAME written '…' (01 §3.1)
  NODE_FLAG_STANDARD = 1 << 2,  // NAME that the reader made: it denotes the std declaration whatever is in
                                // scope (02 §13: `String` of interpolations, helpers of markup)
  NODE_FLAG_VAR = 1 << 2,       // LET: `var`
  NODE_FLAG_MUTABLE = 1 << 3,   // BIND, TYPE_PARAMETER_SLOT: `~`
  NODE_FLAG_OPTIONAL = 1 << 4,  // TYPE_FIELD, TYPE_PARAMETER_SLOT: `?:`
  NODE_FLAG_INCLUSIVE = 1 << 5, // RANGE: `..=`
  NODE_FLAG_OPEN = 1 << 6,      // ROW, TRY: `open`
  NODE_FLAG_SUITE = 1 << 7,     // BLOCK from an indented suite
  NODE_FLAG_INLINE = 1 << 7,    // HANDLER whose body stands on the line of its head: no clause (06 §6.1)
};

typedef uint32_t FunctionId; // 0 = none

typedef struct AstNode {
  uint8_t kind; // NodeKind
  uint8_t flags;
  uint16_t unused;
  Span span;
  union {
    struct { // INT, FLOAT: digits with sign; STRING: bytes
      Name text;
    } literal;
    struct { // BOOL
      bool value;
    } boolean;
    struct { // NAME: a name with optional type arguments `f<i32>`; also as type and as member
      Name name;
      uint32_t context; // hygiene (02 §9), 0 = as written
      NodeRange type_arguments;
    } name;
    struct { // PATH: NAME nodes, `a::B<T>::c`
      NodeRange segments;
    } path;
    struct { // CALL; arguments are expressions or ARGUMENT nodes
      NodeId callee;
      NodeRange arguments;
    } call;
    struct { // METHOD_CALL: receiver.member(…); member is a NAME, or a PATH `Trait::m` (05 §5.12.4)
      NodeId receiver;
      NodeId member;
      NodeRange arguments;
    } method;
    struct { // OPERATOR: `operator` is a NAME node; right is 0 for a prefix operator
      NodeId operator;
      NodeId left;
      NodeId right;
    } operation;
    struct { // FIELD: member is a NAME (digits for tuples)
      NodeId receiver;
      NodeId member;
    } field;
    struct { // SUBSCRIPT; ASSIGN uses `pair` too
      NodeId receiver;
      NodeId index;
    } subscript;
    struct { // MUTABLE, SPREAD, RETURN (0 = none), BREAK (0 = none)
      NodeId operand;
    } unary;
    struct { // ARGUMENT `label: value`; ENTRY `name: value` of a record or nominal literal
      Name label;
      Span label_span;
      NodeId value;
    } labelled;
    struct { // TUPLE, ARRAY, RECORD (ENTRY | SPREAD), BLOCK (statements), TUPLE_PATTERN, TYPE_TUPLE,
             // TYPE_UNION, TYPE_INTERSECTION, TYPE_RECORD (TYPE_FIELD), ROW (types)
      NodeRange items;
    } list;
    struct { // CONSTRUCT `T { … }`: type is a NAME or PATH
      NodeId type;
      NodeRange entries;
    } construct;
    struct { // RANGE: absent bounds are 0
      NodeId start;
      NodeId end;
    } range;
    struct { // IF: BRANCH nodes; otherwise is 0 without else
      NodeRange branches;
      NodeId otherwise;
    } conditional;
    struct { // BRANCH (condition, value), WHILE (condition, body), ARM (pattern, value), ASSIGN (target,
             // value), IS (value, type), TYPED_PATTERN (pattern, type)
      NodeId first;
      NodeId second;
    } pair;
    struct { // MATCH: binder is a BIND pattern or 0; arms are ARM nodes
      NodeId operand;
      NodeId binder;
      NodeRange arms;
    } match;
    struct { // LET: pattern, value
      NodeId pattern;
      NodeId value;
    } let;
    struct { // LAMBDA
      FunctionId function;
    } lambda;
    struct { // TRY: handlers are HANDLER nodes
      NodeId body;
      NodeRange handlers;
    } attempt;
    struct { // HANDLER: operation is a NAME or PATH; the clause is a function whose first parameter is the
             // continuation
      NodeId operation;
      FunctionId clause;
    } handler;
    struct { // BIND
      Name name;
      uint32_t context;
    } bind;
    struct { // RECORD_PATTERN: FIELD_PATTERN nodes; rest is a pattern or 0
      NodeRange fields;
      NodeId rest;
    } record_pattern;
    struct { // FIELD_PATTERN, TYPE_FIELD: name and pattern / type
      Name name;
      Span name_span;
      NodeId value;
    } member;
    struct { // TYPE_PATTERN `T`, `T as p`, `T { … }`: binding is a pattern or 0
      NodeId type;
      NodeId binding;
    } type_pattern;
    struct { // TYPE_FUNCTION: parameters are TYPE_PARAMETER_SLOT nodes; row is a ROW or 0 (open)
      NodeRange parameters;
      NodeId row;
      NodeId result;
    } function_type;
    struct {     // TYPE_PARAMETER_SLOT
      Name name; // documentation only, NAME_EMPTY if absent
      NodeId type;
    } slot;
  };
} AstNode;

// Visibility words written before a declaration or member.
typedef enum { MODIFIER_NONE, MODIFIER_PUB, MODIFIER_API, MODIFIER_PRI } Modifier;

typedef struct AstTypeParameter {
  Name name;
  uint32_t context;
  NodeId constraint; // type or 0
  Span span;
} AstTypeParameter;

typedef struct AstParameter {
  Name name;
  uint32_t context;
  Name label; // external label, NAME_EMPTY for positional parameters
  NodeId type;
  NodeId default_value;
  NodeId pattern; // lambdas: a tuple or record pattern instead of a name, else 0
  bool is_optional;
  bool is_mutable;
  Name documentation;
  Span span, name_span, label_span;
} AstParameter;

// Reserved attributes of a declaration (02 §12), kept as forms for the phase that understands them.
typedef struct AstAttribute {
  Name name;
  FormId form; // `(@ name)` or `(@ (name args…))`
  Span span;
} AstAttribute;

typedef struct AstRange { // a run in the table that the field's comment names
  uint32_t first;
  uint32_t count;
} AstRange;

typedef enum {
  FUNCTION_PLAIN,
  FUNCTION_METHOD, // in an impl
  FUNCTION_TRAIT,  // in a trait, with or without default body
  FUNCTION_LAMBDA,
  FUNCTION_OPERATION, // of an effect: no body
  FUNCTION_CLAUSE,    // of a handler
  FUNCTION_TEST,
} FunctionKind;

typedef struct AstFunction {
  FunctionKind kind;
  Modifier modifier;
  Name name; // NAME_EMPTY for lambdas and clauses
  uint32_t context;
  bool name_quoted;
  bool operation_tails; // FUNCTION_OPERATION: `tail`, else `resume`
  ModuleId module;
  FunctionId outer;         // lambda, clause: the function it stands in
  AstRange type_parameters; // AstTable.type_parameters
  AstRange parameters;      // AstTable.parameters
  NodeId row;               // ROW or 0
  NodeId result;            // type or 0
  Name same_place;          // `-> ~p`: the parameter's name (`result` is then its type), else NAME_EMPTY
  NodeId body;              // expression; 0 for a signature only
  NodeId first_node,
      end_node;        // half-open range of all nodes of the function (a lambda's lie inside its outer one's)
  AstRange attributes; // AstTable.attributes
  Name documentation;
  Name test_description; // FUNCTION_TEST
  bool test_skip, test_only;
  Span span, name_span;
} AstFunction;

typedef struct AstField {
  Modifier modifier;
  Name name;
  NodeId type;
  bool is_optional;
  Name documentation;
  Span span, name_span;
} AstField;

typedef enum { OBJECT_OBJ, OBJECT_VAL } ObjectKind;

typedef struct AstObject {
  ObjectKind kind;
  Name name;
  uint32_t context;
  AstRange type_parameters;
  NodeId base;     // type or 0
  AstRange fields; // AstTable.fields
} AstObject;

typedef struct AstAlias {
  Name name;
  uint32_t context;
  AstRange type_parameters;
  NodeId type;
  bool from_enum; // made by the std macro `enum`: members form the namespace, variants are hygienic
} AstAlias;

typedef struct AstTrait {
  Name name;
  uint32_t context;
  AstRange type_parameters;
  AstRange methods; // AstTable.member_functions: FunctionIds
} AstTrait;

typedef struct AstImpl {
  AstRange type_parameters;
  NodeId trait; // type or 0
  NodeId target;
  AstRange methods; // AstTable.member_functions
} AstImpl;

typedef struct AstEffect {
  Name name;
  uint32_t context;
  AstRange type_parameters;
  AstRange operations; // AstTable.member_functions
} AstEffect;

typedef struct AstModuleLet {
  Name name;
  uint32_t context;
  NodeId type; // or 0
  NodeId value;
  NodeId first_node, end_node;
} AstModuleLet;

typedef enum {
  ITEM_FUNCTION,
  ITEM_OBJECT,
  ITEM_ALIAS,
  ITEM_TRAIT,
  ITEM_IMPL,
  ITEM_EFFECT,
  ITEM_LET
} ItemKind;

// One top-level declaration of a module.
typedef struct AstItem {
  ItemKind kind;
  bool is_public;
  uint32_t index; // in the table of its kind (functions: FunctionId)
  ModuleId module;
  Span span;
  Span name_span; // the declared name; of an impl its target
  AstRange attributes;
  Name documentation;
} AstItem;

typedef struct AstTable {
  Context *context;
  Arena arena;
  VECTOR(AstNode) nodes; // by NodeId, 0 unused
  VECTOR(NodeId) lists;
  VECTOR(AstItem) items;
  VECTOR(AstRange) module_items; // by ModuleId: run of `items` in source order
  VECTOR(AstFunction) functions; // by FunctionId, 0 unused
  VECTOR(AstParameter) parameters;
  VECTOR(AstTypeParameter) type_parameters;
  VECTOR(AstAttribute) attributes;
  VECTOR(FunctionId) member_functions;
  VECTOR(AstField) fields;
  VECTOR(AstObject) objects;
  VECTOR(AstAlias) aliases;
  VECTOR(AstTrait) traits;
  VECTOR(AstImpl) impls;
  VECTOR(AstEffect) effects;
  VECTOR(AstModuleLet) lets;
} AstTable;

void ast_init(AstTable *table, Context *context);
void ast_free(AstTable *table);

// Interprets the items of a module that is MODULE_EXPANDED; structural errors are MD0002 and drop the item
// (01 §20 S).
void ast_build_module(AstTable *table, ModuleGraph *graph, ModuleId module);

// Pointers into the tables do not survive building another module.
static inline AstNode *ast_node(const AstTable *table, NodeId id) {
  return &table->nodes.items[id];
}
static inline NodeKind ast_kind(const AstTable *table, NodeId id) {
  return (NodeKind)table->nodes.items[id].kind;
}
static inline NodeId ast_listed(const AstTable *table, NodeRange range, uint32_t index) {
  return table->lists.items[range.first + index];
}
static inline AstFunction *ast_function(const AstTable *table, FunctionId id) {
  return &table->functions.items[id];
}

// The attribute of that name in a run of AstTable.attributes, or NULL.
const AstAttribute *ast_attribute(const AstTable *table, AstRange attributes, Name name);
// The value of the argument `label: value`, or of the first argument if label is NAME_EMPTY; NULL if absent.
const Form *ast_attribute_argument(const FormTable *forms, const AstAttribute *attribute, Name label);

// Dump of one module for `--emit ast`: an indented tree, one node a line.
void ast_print_module(const AstTable *table, ModuleId module, Text *out);
// Checks the table's invariants (ranges, consecutive ids, kinds of children); UNREACHABLE when broken. Debug
// builds.
void ast_verify_module(const AstTable *table, ModuleId module);

#endif
