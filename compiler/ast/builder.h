// Private to ast/: the state of building one module and the rooms' functions.
//
// Nodes are made children first: the id of a child is below its parent's, and the nodes of one function are
// consecutive. A builder function that reports an error gives 0; its callers go on with the siblings, so that
// independent errors of an item are all found, and the item is dropped at its end (01 §18).
#ifndef VOYD_AST_BUILDER_H
#define VOYD_AST_BUILDER_H

#include "ast/ast.h"
#include "base/limits.h"

typedef VECTOR(FormId) FormIds;
typedef VECTOR(NodeId) NodeIds;
typedef VECTOR(FunctionId) FunctionIds;

// The `try` whose body is being built: handlers found inside are moved to it (01 §11.7).
typedef struct TryScope {
  uint32_t first_handler; // in `AstBuilder.handlers`
} TryScope;

typedef struct AstBuilder {
  AstTable *table;
  const ModuleGraph *graph;
  const FormTable *forms;
  Context *context;
  ModuleId module;
  FunctionId function; // being built, 0 outside
  uint32_t depth;      // of recursion over forms
  bool failed;         // the current item has an error
  bool too_deep;       // reported once per item
  bool discarded;      // the item is well-formed but not part of this program
  TryScope *attempt;   // innermost `try` body, NULL outside
  Arena scratch;
  NodeIds nodes;     // stack of finished children waiting for their parent
  FormIds spine;     // stack of left spines
  FormIds handlers;  // stack of handler clauses of open `try`s
  FormIds flattened; // work stack of unions
  FormIds dropped;   // items with errors
} AstBuilder;

// A list form with its elements.
typedef struct FormView {
  const Form *form;
  const FormId *elements; // NULL for atoms
  uint32_t count;
} FormView;

static inline const Form *form_of(const AstBuilder *b, FormId id) {
  return form_get(b->forms, id);
}
static inline Span span_of(const AstBuilder *b, FormId id) {
  return form_span(form_get(b->forms, id));
}
FormView form_view(const AstBuilder *b, FormId id);
// A list whose first element is that word / that reserved head.
bool view_headed(const AstBuilder *b, const FormView *view, Name word);
bool view_reserved(const AstBuilder *b, const FormView *view, Name head);
bool form_word(const AstBuilder *b, FormId id, Name word);
// An identifier that may name something: no operator unless quoted, no reserved head.
bool form_names(const AstBuilder *b, FormId id);
// The list of clauses `(: label value)`: does the form have that shape?
bool form_clause(const AstBuilder *b, FormId id, FormId *label, FormId *value);
bool name_is_operator(Name name);
bool name_is_type_like(const AstBuilder *b, Name name); // first letter upper case (01 §10)

__attribute__((format(printf, 3, 4))) void ast_error(AstBuilder *b, Span span, const char *format, ...);
void ast_error_code(AstBuilder *b, DiagnosticCode code, Span span, const char *message);
// Enters a level of recursion; false (reported once per item) past the limit. Pair with ast_leave.
bool ast_enter(AstBuilder *b, Span span);
void ast_leave(AstBuilder *b);

NodeId node_new(AstBuilder *b, NodeKind kind, uint8_t flags, Span span);
NodeId node_name(AstBuilder *b, FormId identifier);
AstNode *node_of(AstBuilder *b, NodeId id);
// Lists of children: `mark = nodes_mark(b)`, then nodes_add for each, then nodes_take.
uint32_t nodes_mark(const AstBuilder *b);
void nodes_add(AstBuilder *b, NodeId node);
NodeRange nodes_take(AstBuilder *b, uint32_t mark);

// expressions.c
NodeId build_expression(AstBuilder *b, FormId form);
NodeId build_block(AstBuilder *b, FormId form);
NodeRange build_arguments(AstBuilder *b, const FormId *elements, uint32_t count);
// A name or path with type arguments, as callee, constructed type or namespace.
NodeId build_path_segment(AstBuilder *b, FormId name, FormId generics, Span span);
NodeId build_path(AstBuilder *b, FormId form);
// control.c
NodeId build_if(AstBuilder *b, FormId form);
NodeId build_while(AstBuilder *b, FormId form);
// `clauses` are the elements after the operand; a NodeId operand is already built.
NodeId build_match(AstBuilder *b, Span span, NodeId operand, const FormId *clauses, uint32_t count);
NodeId build_try(AstBuilder *b, FormId form);
// A clause that belongs to the innermost `try` (01 §11.7) is taken away and remembered.
bool take_handler(AstBuilder *b, FormId form, bool branch_of_if);
// patterns.c
NodeId build_pattern(AstBuilder *b, FormId form);
NodeId build_match_pattern(AstBuilder *b, FormId form);
// types.c
NodeId build_type(AstBuilder *b, FormId form);
NodeId build_row(AstBuilder *b, FormId form);
NodeRange build_type_arguments(AstBuilder *b, FormId generics);
// A type written as head and optional generics beside it.
NodeId build_applied_type(AstBuilder *b, FormId head, FormId generics, Span span);

// `target: type`, with function types that the reader split at their row put together again (01 §13.2).
typedef struct Annotation {
  FormId target;
  FormId type;       // the type, or `(-> E R)` when `parameters` is set
  FormId parameters; // `(fn A…)` of a function type with a row, else 0
  bool optional;     // `?:`
  Span type_span;
} Annotation;
bool read_annotation(const AstBuilder *b, FormId form, Annotation *out);
NodeId build_annotation_type(AstBuilder *b, const Annotation *annotation);

// functions.c
typedef struct Signature {
  FormId name;           // identifier, 0 if malformed
  FormId generics;       // 0 if absent
  const FormId *entries; // parameters
  uint32_t entry_count;
  FormId row, result; // 0 if absent
  FormId body;        // 0 if absent
} Signature;
// The generics list that stands first in `elements[from…]`, or 0; advances `from`.
FormId take_generics(const AstBuilder *b, const FormId *elements, uint32_t count, uint32_t *from);
AstRange build_type_parameters(AstBuilder *b, FormId generics);
FunctionId function_begin(AstBuilder *b, FunctionKind kind, Span span);
void function_end(AstBuilder *b, FunctionId function, FunctionId outer);
// `elements` start after `fn`; the span is the whole declaration's.
FunctionId build_function(AstBuilder *b, FunctionKind kind, Modifier modifier, const FormId *elements,
                          uint32_t count, Span span, AstRange attributes);
FunctionId build_operation(AstBuilder *b, FormId form, AstRange attributes);
FunctionId build_test(AstBuilder *b, FormId form, AstRange attributes);
NodeId build_lambda(AstBuilder *b, FormId form);
// The clause `op(resume, x…): body` from its parameter forms.
FunctionId build_handler_clause(AstBuilder *b, const FormId *parameters, uint32_t count, FormId body,
                                Span span);

// declarations.c
// The declaration under modifiers: `(pub fn …)`, `(pub (fn …))`. Gives the elements from the keyword on.
typedef struct Declaration {
  Modifier modifier;
  Name keyword; // NAME_EMPTY if none
  const FormId *elements;
  uint32_t count;
} Declaration;
Declaration read_declaration(const AstBuilder *b, FormId form);
void build_item(AstBuilder *b, FormId form, const FormId *attributes, uint32_t attribute_count);

// attributes.c
typedef enum {
  TARGET_FUNCTION = 1 << 0,
  TARGET_TYPE = 1 << 1, // alias, obj, val
  TARGET_TRAIT = 1 << 2,
  TARGET_IMPL = 1 << 3,
  TARGET_EFFECT = 1 << 4,
  TARGET_OPERATION = 1 << 5,
  TARGET_METHOD = 1 << 6,
  TARGET_OTHER = 1 << 7, // let, test
} AttributeTarget;
// Checks a run of `(@ …)` forms against their target and stores the reserved ones (02 §12).
AstRange build_attributes(AstBuilder *b, const FormId *forms, uint32_t count, AttributeTarget target);
// An attribute run at the end of a suite.
void attributes_without_target(AstBuilder *b, const FormId *forms, uint32_t count);
// Checks that need the interpreted declaration (01 §15.3).
void check_function_attributes(AstBuilder *b, FunctionId function, bool explicit_empty_row);

// markup.c
NodeId build_markup(AstBuilder *b, const FormView *view);
// docs.c
// Attaches the documentation of the module that was just built.
void attach_documentation(AstBuilder *b, ModuleGraph *graph);

// children.c
void ast_push_children(const AstTable *table, NodeId node, Arena *arena, NodeIds *out);
void ast_push_function(const AstTable *table, FunctionId function, Arena *arena, NodeIds *out);

#endif
