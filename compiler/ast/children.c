// The children of a node in source order: one place that knows which union member a kind uses.
#include "ast/builder.h"

#include "base/failure.h"

static void push(NodeId node, Arena *arena, NodeIds *out) {
  if (node != 0) {
    VECTOR_PUSH(arena, out, node);
  }
}

static void push_range(const AstTable *table, NodeRange range, Arena *arena, NodeIds *out) {
  for (uint32_t i = 0; i < range.count; i++) {
    VECTOR_PUSH(arena, out, ast_listed(table, range, i));
  }
}

static void push_function(const AstTable *table, FunctionId function, Arena *arena, NodeIds *out) {
  const AstFunction *f = ast_function(table, function);
  for (uint32_t i = 0; i < f->type_parameters.count; i++) {
    push(table->type_parameters.items[f->type_parameters.first + i].constraint, arena, out);
  }
  for (uint32_t i = 0; i < f->parameters.count; i++) {
    const AstParameter *parameter = &table->parameters.items[f->parameters.first + i];
    push(parameter->pattern, arena, out);
    push(parameter->type, arena, out);
    push(parameter->default_value, arena, out);
  }
  push(f->row, arena, out);
  if (f->same_place == NAME_EMPTY) { // else the type of the parameter, listed above
    push(f->result, arena, out);
  }
  push(f->body, arena, out);
}

void ast_push_function(const AstTable *table, FunctionId function, Arena *arena, NodeIds *out) {
  push_function(table, function, arena, out);
}

void ast_push_children(const AstTable *table, NodeId node, Arena *arena, NodeIds *out) {
  const AstNode *n = ast_node(table, node);
  switch ((NodeKind)n->kind) {
  case NODE_NONE:
  case NODE_INT:
  case NODE_FLOAT:
  case NODE_BOOL:
  case NODE_STRING:
  case NODE_VOID:
  case NODE_CONTINUE:
  case NODE_WILDCARD:
  case NODE_BIND:
    return;
  case NODE_NAME:
    push_range(table, n->name.type_arguments, arena, out);
    return;
  case NODE_PATH:
    push_range(table, n->path.segments, arena, out);
    return;
  case NODE_CALL:
    push(n->call.callee, arena, out);
    push_range(table, n->call.arguments, arena, out);
    return;
  case NODE_METHOD_CALL:
    push(n->method.receiver, arena, out);
    push(n->method.member, arena, out);
    push_range(table, n->method.arguments, arena, out);
    return;
  case NODE_OPERATOR:
    push(n->operation.operator, arena, out);
    push(n->operation.left, arena, out);
    push(n->operation.right, arena, out);
    return;
  case NODE_FIELD:
    push(n->field.receiver, arena, out);
    push(n->field.member, arena, out);
    return;
  case NODE_SUBSCRIPT:
    push(n->subscript.receiver, arena, out);
    push(n->subscript.index, arena, out);
    return;
  case NODE_MUTABLE:
  case NODE_SPREAD:
  case NODE_RETURN:
  case NODE_BREAK:
    push(n->unary.operand, arena, out);
    return;
  case NODE_ARGUMENT:
  case NODE_ENTRY:
    push(n->labelled.value, arena, out);
    return;
  case NODE_TUPLE:
  case NODE_ARRAY:
  case NODE_RECORD:
  case NODE_BLOCK:
  case NODE_TUPLE_PATTERN:
  case NODE_TYPE_RECORD:
  case NODE_TYPE_TUPLE:
  case NODE_TYPE_UNION:
  case NODE_TYPE_INTERSECTION:
  case NODE_ROW:
    push_range(table, n->list.items, arena, out);
    return;
  case NODE_CONSTRUCT:
    push(n->construct.type, arena, out);
    push_range(table, n->construct.entries, arena, out);
    return;
  case NODE_RANGE:
    push(n->range.start, arena, out);
    push(n->range.end, arena, out);
    return;
  case NODE_IF:
    push_range(table, n->conditional.branches, arena, out);
    push(n->conditional.otherwise, arena, out);
    return;
  case NODE_BRANCH:
  case NODE_ARM:
  case NODE_WHILE:
  case NODE_ASSIGN:
  case NODE_IS:
  case NODE_TYPED_PATTERN:
    push(n->pair.first, arena, out);
    push(n->pair.second, arena, out);
    return;
  case NODE_MATCH:
    push(n->match.operand, arena, out);
    push(n->match.binder, arena, out);
    push_range(table, n->match.arms, arena, out);
    return;
  case NODE_LAMBDA:
    push_function(table, n->lambda.function, arena, out);
    return;
  case NODE_TRY:
    push(n->attempt.body, arena, out);
    push_range(table, n->attempt.handlers, arena, out);
    return;
  case NODE_HANDLER:
    push(n->handler.operation, arena, out);
    push_function(table, n->handler.clause, arena, out);
    return;
  case NODE_LET:
    push(n->let.pattern, arena, out);
    push(n->let.value, arena, out);
    return;
  case NODE_RECORD_PATTERN:
    push_range(table, n->record_pattern.fields, arena, out);
    push(n->record_pattern.rest, arena, out);
    return;
  case NODE_FIELD_PATTERN:
  case NODE_TYPE_FIELD:
    push(n->member.value, arena, out);
    return;
  case NODE_TYPE_PATTERN:
    push(n->type_pattern.type, arena, out);
    push(n->type_pattern.binding, arena, out);
    return;
  case NODE_TYPE_FUNCTION:
    push_range(table, n->function_type.parameters, arena, out);
    push(n->function_type.row, arena, out);
    push(n->function_type.result, arena, out);
    return;
  case NODE_TYPE_PARAMETER_SLOT:
    push(n->slot.type, arena, out);
    return;
  case NODE_KIND_COUNT:
    break;
  }
  UNREACHABLE("node kind out of range");
}
