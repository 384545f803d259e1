// Effects: what performs and what handles. Programs that use them are refused with a diagnostic at the place:
// their typing (spec 06) is not part of the language this compiler accepts.
#include "check/state.h"

TypeId check_try(Body *body, NodeId node, TypeId expected, bool discard) {
  AstNode at = body_ast(body, node);
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_CG0001, at.span,
                 "effect handlers are not supported");
  return body_set(body, node, discard || expected == TYPE_NONE ? TYPE_UNKNOWN : expected, ROLE_NONE, 0);
}

TypeId check_operation_call(Body *body, NodeId node, SymbolSet operations, TypeId expected) {
  (void)expected;
  AstNode at = body_ast(body, node);
  const Symbol *symbol = names_symbol(body->names, names_listed(body->names, operations, 0));
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_CG0001, at.span,
                 "performing effect operation '%.*s' is not supported",
                 STR_ARGS(body_name(body, symbol->name)));
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}
