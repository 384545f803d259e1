// Resolves the names in bodies and signatures: one walk over the nodes of a declaration in source order.
//
// Left spines (operator, call, field and method chains) are iterated, since they may be as long as a file;
// all other recursion is bounded by the nesting of the source.
#include "base/limits.h"
#include "names/state.h"

// Nodes per nested form are few; the reader bounds the forms.
enum { DEPTH_LIMIT = 4 * LIMIT_NESTING };

static void walk_expression(BodyWalk *walk, NodeId node);
static void walk_callable(BodyWalk *walk, FunctionId function);

static const AstNode *node_at(const BodyWalk *walk, NodeId id) {
  return ast_node(walk->tables->ast, id);
}

// False, reported, when the source nests too deeply. Pair with walk_leave.
static bool walk_enter(BodyWalk *walk, NodeId node) {
  if (++walk->depth <= DEPTH_LIMIT) {
    return true;
  }
  diagnostic_add(&walk->tables->context->diagnostics, DIAGNOSTIC_MD0002, node_at(walk, node)->span,
                 "nested too deeply");
  return false;
}

static void walk_leave(BodyWalk *walk) {
  walk->depth--;
}

static void walk_expressions(BodyWalk *walk, NodeRange list) {
  for (uint32_t i = 0; i < list.count; i++) {
    walk_expression(walk, ast_listed(walk->tables->ast, list, i));
  }
}

// Types ---------------------------------------------------------------------------------------------------

void walk_types(BodyWalk *walk, NodeRange types) {
  for (uint32_t i = 0; i < types.count; i++) {
    walk_type(walk, ast_listed(walk->tables->ast, types, i));
  }
}

static void walk_row(BodyWalk *walk, NodeId row) {
  if (row == 0) {
    return;
  }
  NodeRange effects = node_at(walk, row)->list.items;
  for (uint32_t i = 0; i < effects.count; i++) {
    NodeId effect = ast_listed(walk->tables->ast, effects, i);
    if (node_at(walk, effect)->kind == NODE_NAME) {
      walk_name(walk, effect, PLACE_ROW);
    } else if (node_at(walk, effect)->kind == NODE_PATH) {
      walk_path(walk, effect, PLACE_ROW);
    }
  }
}

static void walk_type_node(BodyWalk *walk, NodeId id) {
  const AstNode *node = node_at(walk, id);
  switch ((NodeKind)node->kind) {
  case NODE_NAME:
    walk_name(walk, id, PLACE_TYPE);
    return;
  case NODE_PATH:
    walk_path(walk, id, PLACE_TYPE);
    return;
  case NODE_TYPE_RECORD:
  case NODE_TYPE_TUPLE:
  case NODE_TYPE_UNION:
  case NODE_TYPE_INTERSECTION:
    walk_types(walk, node->list.items);
    return;
  case NODE_TYPE_FIELD:
    walk_type(walk, node->member.value);
    return;
  case NODE_TYPE_PARAMETER_SLOT:
    walk_type(walk, node->slot.type);
    return;
  case NODE_TYPE_FUNCTION:
    walk_types(walk, node->function_type.parameters);
    walk_row(walk, node->function_type.row);
    walk_type(walk, node->function_type.result);
    return;
  case NODE_ROW:
    walk_row(walk, id);
    return;
  default:
    return;
  }
}

void walk_type(BodyWalk *walk, NodeId id) {
  if (id == 0) {
    return;
  }
  if (walk_enter(walk, id)) {
    walk_type_node(walk, id);
  }
  walk_leave(walk);
}

// Patterns ------------------------------------------------------------------------------------------------

static void declare_bind(BodyWalk *walk, NodeId id, LocalKind kind) {
  NameTables *tables = walk->tables;
  const AstNode *node = node_at(walk, id);
  Span span = node->span; // `~x` included
  uint32_t length = (uint32_t)context_name(tables->context, node->bind.name).length;
  if ((node->flags & NODE_FLAG_MUTABLE) != 0 && span_known(span) && span.end - span.start > length) {
    span.start = span.end - length;
  }
  tables->bind_locals.items[id] = walk_declare(
      walk, (Local){.kind = kind, .name = node->bind.name, .node = id, .parameter = UINT32_MAX, .span = span},
      node->bind.context);
}

static void walk_pattern(BodyWalk *walk, NodeId id, LocalKind kind);

static void walk_patterns(BodyWalk *walk, NodeRange patterns, LocalKind kind) {
  for (uint32_t i = 0; i < patterns.count; i++) {
    walk_pattern(walk, ast_listed(walk->tables->ast, patterns, i), kind);
  }
}

static void walk_pattern_node(BodyWalk *walk, NodeId id, LocalKind kind) {
  const AstNode *node = node_at(walk, id);
  switch ((NodeKind)node->kind) {
  case NODE_BIND:
    declare_bind(walk, id, kind);
    return;
  case NODE_TUPLE_PATTERN:
    walk_patterns(walk, node->list.items, kind);
    return;
  case NODE_RECORD_PATTERN:
    walk_patterns(walk, node->record_pattern.fields, kind);
    walk_pattern(walk, node->record_pattern.rest, kind);
    return;
  case NODE_FIELD_PATTERN:
    walk_pattern(walk, node->member.value, kind);
    return;
  case NODE_TYPED_PATTERN:
    walk_pattern(walk, node->pair.first, kind);
    walk_type(walk, node->pair.second);
    return;
  case NODE_TYPE_PATTERN:
    walk_type(walk, node->type_pattern.type);
    walk_pattern(walk, node->type_pattern.binding, kind);
    return;
  default:
    return;
  }
}

// `~` on a pattern is inherited by the names inside it (07 §1.1.4).
static void walk_pattern(BodyWalk *walk, NodeId id, LocalKind kind) {
  if (id == 0) {
    return;
  }
  if ((node_at(walk, id)->flags & NODE_FLAG_MUTABLE) != 0) {
    kind = LOCAL_MUTABLE;
  }
  if (walk_enter(walk, id)) {
    walk_pattern_node(walk, id, kind);
  }
  walk_leave(walk);
}

// Expressions ---------------------------------------------------------------------------------------------

static void walk_block(BodyWalk *walk, NodeRange statements) {
  ScopeMark mark = walk_open(walk);
  walk_expressions(walk, statements);
  walk_close(walk, mark);
}

static void walk_let(BodyWalk *walk, const AstNode *node) {
  // The names are in scope of their own initialiser, where mentioning them is TY0031 (04 §5.3).
  walk_pattern(walk, node->let.pattern, (node->flags & NODE_FLAG_VAR) != 0 ? LOCAL_VAR : LOCAL_LET);
  walk_expression(walk, node->let.value);
}

static void walk_match(BodyWalk *walk, const AstNode *node) {
  const AstTable *ast = walk->tables->ast;
  walk_expression(walk, node->match.operand);
  ScopeMark mark = walk_open(walk);
  walk_pattern(walk, node->match.binder, LOCAL_LET);
  for (uint32_t i = 0; i < node->match.arms.count; i++) {
    const AstNode *arm = node_at(walk, ast_listed(ast, node->match.arms, i));
    ScopeMark arm_mark = walk_open(walk);
    walk_pattern(walk, arm->pair.first, LOCAL_LET);
    walk_expression(walk, arm->pair.second);
    walk_close(walk, arm_mark);
  }
  walk_close(walk, mark);
}

// Marks the locals that an assignment target names: the name itself, or those of a tuple or record of names.
static void mark_assigned(BodyWalk *walk, NodeId id) {
  if (id == 0) {
    return;
  }
  const AstTable *ast = walk->tables->ast;
  const AstNode *node = node_at(walk, id);
  switch ((NodeKind)node->kind) {
  case NODE_NAME: {
    Resolution resolution = names_resolution(walk->tables, id);
    if (resolution.kind == RESOLVED_LOCAL) {
      names_local(walk->tables, resolution.id)->assigned = true;
    }
    return;
  }
  case NODE_ENTRY:
    mark_assigned(walk, node->labelled.value);
    return;
  case NODE_TUPLE:
  case NODE_RECORD:
    for (uint32_t i = 0; i < node->list.items.count; i++) {
      mark_assigned(walk, ast_listed(ast, node->list.items, i));
    }
    return;
  default:
    return;
  }
}

static void walk_try(BodyWalk *walk, const AstNode *node) {
  walk_expression(walk, node->attempt.body);
  for (uint32_t i = 0; i < node->attempt.handlers.count; i++) {
    const AstNode *handler = node_at(walk, ast_listed(walk->tables->ast, node->attempt.handlers, i));
    NodeId operation = handler->handler.operation;
    if (operation != 0 && node_at(walk, operation)->kind == NODE_NAME) {
      walk_name(walk, operation, PLACE_HANDLER);
    } else if (operation != 0 && node_at(walk, operation)->kind == NODE_PATH) {
      walk_path(walk, operation, PLACE_HANDLER);
    }
    walk_callable(walk, handler->handler.clause);
  }
}

static void walk_operator_name(BodyWalk *walk, NodeId id) {
  NameTables *tables = walk->tables;
  const AstNode *node = node_at(walk, id);
  SymbolSet set = names_functions_in_scope(tables, walk->module, node->name.name, true);
  Resolution resolution = {0};
  if (set.count > 0) {
    resolution = (Resolution){.kind = RESOLVED_SYMBOLS, .symbols = set};
  } else if ((names_builtin(tables, node->name.name) & BUILTIN_OPERATOR) != 0) {
    resolution = (Resolution){.kind = RESOLVED_BUILTIN, .id = node->name.name};
  }
  set_resolution(walk, id, resolution);
}

// A member after `.` is found by the receiver's type; only type arguments and a trait before `::` are names.
static void walk_member(BodyWalk *walk, NodeId member) {
  if (member == 0) {
    return;
  }
  const AstNode *node = node_at(walk, member);
  if (node->kind == NODE_NAME) {
    walk_types(walk, node->name.type_arguments);
  } else if (node->kind == NODE_PATH) {
    walk_path(walk, member, PLACE_CALLEE);
  }
}

// Everything of a spine node but its left child.
static void walk_rest(BodyWalk *walk, NodeId id) {
  const AstNode *node = node_at(walk, id);
  switch ((NodeKind)node->kind) {
  case NODE_CALL:
    walk_expressions(walk, node->call.arguments);
    return;
  case NODE_METHOD_CALL:
    walk_member(walk, node->method.member);
    walk_expressions(walk, node->method.arguments);
    return;
  case NODE_OPERATOR:
    walk_operator_name(walk, node->operation.operator);
    walk_expression(walk, node->operation.right);
    return;
  case NODE_SUBSCRIPT:
    walk_expression(walk, node->subscript.index);
    return;
  case NODE_IS:
    walk_type(walk, node->pair.second);
    return;
  default:
    return;
  }
}

static void walk_node(BodyWalk *walk, NodeId id, bool is_callee) {
  const AstTable *ast = walk->tables->ast;
  const AstNode *node = node_at(walk, id);
  switch ((NodeKind)node->kind) {
  case NODE_NAME:
    walk_name(walk, id, is_callee ? PLACE_CALLEE : PLACE_VALUE);
    return;
  case NODE_PATH:
    walk_path(walk, id, is_callee ? PLACE_CALLEE : PLACE_VALUE);
    return;
  case NODE_MUTABLE:
    walk_expression(walk, node->unary.operand);
    mark_assigned(walk, node->unary.operand);
    return;
  case NODE_SPREAD:
  case NODE_RETURN:
  case NODE_BREAK:
    walk_expression(walk, node->unary.operand);
    return;
  case NODE_ARGUMENT:
  case NODE_ENTRY:
    walk_expression(walk, node->labelled.value);
    return;
  case NODE_TUPLE:
  case NODE_ARRAY:
  case NODE_RECORD:
    walk_expressions(walk, node->list.items);
    return;
  case NODE_BLOCK:
    walk_block(walk, node->list.items);
    return;
  case NODE_CONSTRUCT:
    walk_type(walk, node->construct.type);
    walk_expressions(walk, node->construct.entries);
    return;
  case NODE_RANGE:
    walk_expression(walk, node->range.start);
    walk_expression(walk, node->range.end);
    return;
  case NODE_IF:
    for (uint32_t i = 0; i < node->conditional.branches.count; i++) {
      const AstNode *branch = node_at(walk, ast_listed(ast, node->conditional.branches, i));
      walk_expression(walk, branch->pair.first);
      walk_expression(walk, branch->pair.second);
    }
    walk_expression(walk, node->conditional.otherwise);
    return;
  case NODE_MATCH:
    walk_match(walk, node);
    return;
  case NODE_WHILE:
    walk_expression(walk, node->pair.first);
    walk_expression(walk, node->pair.second);
    return;
  case NODE_ASSIGN:
    walk_expression(walk, node->pair.first);
    mark_assigned(walk, node->pair.first);
    walk_expression(walk, node->pair.second);
    return;
  case NODE_LAMBDA:
    walk_callable(walk, node->lambda.function);
    return;
  case NODE_TRY:
    walk_try(walk, node);
    return;
  case NODE_LET:
    walk_let(walk, node);
    return;
  default:
    return; // literals
  }
}

// The child that a chain grows at.
static NodeId left_child(const AstNode *node) {
  switch ((NodeKind)node->kind) {
  case NODE_CALL:
    return node->call.callee;
  case NODE_METHOD_CALL:
    return node->method.receiver;
  case NODE_OPERATOR:
    return node->operation.left;
  case NODE_FIELD:
    return node->field.receiver;
  case NODE_SUBSCRIPT:
    return node->subscript.receiver;
  case NODE_IS:
    return node->pair.first;
  default:
    return 0;
  }
}

static void walk_expression(BodyWalk *walk, NodeId id) {
  if (id == 0) {
    return;
  }
  NamesState *state = walk->tables->state;
  uint32_t base = state->spine.count;
  bool is_callee = false;
  for (NodeId left = left_child(node_at(walk, id)); left != 0; left = left_child(node_at(walk, id))) {
    is_callee = node_at(walk, id)->kind == NODE_CALL;
    VECTOR_PUSH(&walk->tables->arena, &state->spine, id);
    id = left;
  }
  if (walk_enter(walk, id)) {
    walk_node(walk, id, is_callee);
    while (state->spine.count > base) {
      walk_rest(walk, state->spine.items[--state->spine.count]);
    }
  }
  state->spine.count = base;
  walk_leave(walk);
}

// Callables and items -------------------------------------------------------------------------------------

static void walk_constraints(BodyWalk *walk, AstRange parameters) {
  for (uint32_t i = 0; i < parameters.count; i++) {
    walk_type(walk, walk->tables->ast->type_parameters.items[parameters.first + i].constraint);
  }
}

static void declare_parameter(BodyWalk *walk, FunctionKind kind, uint32_t parameter_index, uint32_t index) {
  NameTables *tables = walk->tables;
  const AstParameter *parameter = &tables->ast->parameters.items[parameter_index];
  if (parameter->pattern != 0) {
    walk_pattern(walk, parameter->pattern, parameter->is_mutable ? LOCAL_MUTABLE : LOCAL_LET);
    return;
  }
  LocalKind local_kind = kind == FUNCTION_CLAUSE && index == 0 ? LOCAL_CONTINUATION
                         : parameter->is_mutable               ? LOCAL_MUTABLE_PARAMETER
                                                               : LOCAL_PARAMETER;
  tables->parameter_locals.items[parameter_index] = walk_declare(
      walk,
      (Local){.kind = local_kind, .name = parameter->name, .parameter = index, .span = parameter->name_span},
      parameter->context);
}

static void walk_callable(BodyWalk *walk, FunctionId id) {
  if (id == 0) {
    return;
  }
  const AstTable *ast = walk->tables->ast;
  const AstFunction *function = ast_function(ast, id);
  FunctionId outer = walk->current;
  walk->current = id;
  walk->tables->state->function_items.items[id] = walk->item + 1;
  ScopeMark mark = walk_open(walk);
  walk_declare_type_parameters(walk, function->type_parameters);
  walk_constraints(walk, function->type_parameters);
  for (uint32_t i = 0; i < function->parameters.count; i++) {
    declare_parameter(walk, function->kind, function->parameters.first + i, i);
  }
  // Defaults see all parameters; one that uses a later one is TY0044.
  for (uint32_t i = 0; i < function->parameters.count; i++) {
    const AstParameter *parameter = &ast->parameters.items[function->parameters.first + i];
    walk_type(walk, parameter->type);
    walk_expression(walk, parameter->default_value);
  }
  walk_row(walk, function->row);
  walk_type(walk, function->result);
  walk_expression(walk, function->body);
  walk_close(walk, mark);
  walk->current = outer;
}

static AstRange item_type_parameters(const AstTable *ast, const AstItem *item) {
  switch (item->kind) {
  case ITEM_OBJECT:
    return ast->objects.items[item->index].type_parameters;
  case ITEM_ALIAS:
    return ast->aliases.items[item->index].type_parameters;
  case ITEM_TRAIT:
    return ast->traits.items[item->index].type_parameters;
  case ITEM_IMPL:
    return ast->impls.items[item->index].type_parameters;
  case ITEM_EFFECT:
    return ast->effects.items[item->index].type_parameters;
  case ITEM_FUNCTION:
  case ITEM_LET:
    return (AstRange){0};
  }
  return (AstRange){0};
}

void names_bodies_reserve(NameTables *tables) {
  Arena *arena = &tables->arena;
  const AstTable *ast = tables->ast;
  if (tables->resolutions.count < ast->nodes.count) {
    VECTOR_EXTEND(arena, &tables->resolutions, ast->nodes.count - tables->resolutions.count);
    VECTOR_EXTEND(arena, &tables->bind_locals, ast->nodes.count - tables->bind_locals.count);
  }
  if (tables->parameter_locals.count < ast->parameters.count) {
    VECTOR_EXTEND(arena, &tables->parameter_locals, ast->parameters.count - tables->parameter_locals.count);
  }
}

void names_bind_function(NameTables *tables, FunctionId function) {
  NamesState *state = tables->state;
  while (ast_function(tables->ast, function)->outer != 0) {
    function = ast_function(tables->ast, function)->outer;
  }
  uint32_t item = state->function_items.items[function];
  if (item == 0 || state->function_bound.items[function] != 0) {
    return;
  }
  state->function_bound.items[function] = 1;
  BodyWalk walk = {.tables = tables,
                   .module = ast_function(tables->ast, function)->module,
                   .item = item - 1,
                   .outermost = function};
  ScopeMark mark = walk_open(&walk);
  walk_declare_type_parameters(&walk, item_type_parameters(tables->ast, &tables->ast->items.items[item - 1]));
  walk_callable(&walk, function);
  walk_close(&walk, mark);
}

static void bind_members(NameTables *tables, AstRange members) {
  for (uint32_t i = 0; i < members.count; i++) {
    names_bind_function(tables, tables->ast->member_functions.items[members.first + i]);
  }
}

static AstRange item_members(const AstTable *ast, const AstItem *item) {
  switch (item->kind) {
  case ITEM_TRAIT:
    return ast->traits.items[item->index].methods;
  case ITEM_IMPL:
    return ast->impls.items[item->index].methods;
  case ITEM_EFFECT:
    return ast->effects.items[item->index].operations;
  default:
    return (AstRange){0};
  }
}

static void walk_item(BodyWalk *walk, const AstItem *item) {
  const AstTable *ast = walk->tables->ast;
  switch (item->kind) {
  case ITEM_OBJECT: {
    const AstObject *object = &ast->objects.items[item->index];
    walk_type(walk, object->base);
    for (uint32_t i = 0; i < object->fields.count; i++) {
      walk_type(walk, ast->fields.items[object->fields.first + i].type);
    }
    return;
  }
  case ITEM_ALIAS:
    walk_type(walk, ast->aliases.items[item->index].type);
    return;
  case ITEM_IMPL:
    walk_type(walk, ast->impls.items[item->index].trait);
    walk_type(walk, ast->impls.items[item->index].target);
    return;
  case ITEM_LET:
    walk_type(walk, ast->lets.items[item->index].type);
    walk_expression(walk, ast->lets.items[item->index].value);
    return;
  case ITEM_FUNCTION:
  case ITEM_TRAIT:
  case ITEM_EFFECT:
    return;
  }
}

static AstRange declared_parameters(const NameTables *tables, Resolution head) {
  for (uint32_t i = 0; head.kind == RESOLVED_SYMBOLS && i < head.symbols.count; i++) {
    const Symbol *symbol = names_symbol(tables, names_listed(tables, head.symbols, i));
    if (symbol->kind == SYMBOL_OBJECT || symbol->kind == SYMBOL_TRAIT) {
      return item_type_parameters(tables->ast, &tables->ast->items.items[symbol->item]);
    }
  }
  return (AstRange){0};
}

// Makes arguments of an impl's head that mean nothing else, but are spelled like the parameter that they
// stand for, type parameters of the impl: `impl Box<T>` of `obj Box<T>` (04 §7.2).
static void add_implicit_parameters(BodyWalk *walk, AstImpl *impl, NodeId head) {
  AstTable *ast = walk->tables->ast;
  if (head != 0 && ast_kind(ast, head) == NODE_PATH) {
    NodeRange segments = ast_node(ast, head)->path.segments;
    head = ast_listed(ast, segments, segments.count - 1);
  }
  if (head == 0 || ast_kind(ast, head) != NODE_NAME) {
    return;
  }
  NodeRange arguments = ast_node(ast, head)->name.type_arguments;
  AstRange declared = declared_parameters(walk->tables, names_resolution(walk->tables, head));
  for (uint32_t i = 0; i < arguments.count && i < declared.count; i++) {
    const AstNode *argument = ast_node(ast, ast_listed(ast, arguments, i));
    bool known = argument->kind != NODE_NAME || argument->name.type_arguments.count > 0 ||
                 names_resolution(walk->tables, ast_listed(ast, arguments, i)).kind != RESOLVED_NOTHING ||
                 argument->name.name != ast->type_parameters.items[declared.first + i].name;
    for (uint32_t k = 0; !known && k < impl->type_parameters.count; k++) {
      known = ast->type_parameters.items[impl->type_parameters.first + k].name == argument->name.name;
    }
    if (!known) {
      AstTypeParameter parameter = {argument->name.name, argument->name.context, 0, argument->span};
      VECTOR_PUSH(&ast->arena, &ast->type_parameters, parameter);
      impl->type_parameters.count++;
    }
  }
}

// An impl without type parameters of its own may name them in its head alone.
static void find_implicit_parameters(NameTables *tables, const AstItem *item, uint32_t index) {
  AstTable *ast = tables->ast;
  AstImpl impl = ast->impls.items[item->index];
  if (impl.type_parameters.count > 0) {
    return;
  }
  BodyWalk walk = {.tables = tables, .module = item->module, .item = index};
  ScopeMark mark = walk_open(&walk);
  uint32_t muted = diagnostics_mute(&tables->context->diagnostics); // the head is looked at again
  walk_item(&walk, item);
  diagnostics_unmute(&tables->context->diagnostics, muted);
  walk_close(&walk, mark);
  impl.type_parameters.first = ast->type_parameters.count;
  add_implicit_parameters(&walk, &impl, impl.target);
  add_implicit_parameters(&walk, &impl, impl.trait);
  ast->impls.items[item->index].type_parameters = impl.type_parameters;
}

void names_bind_item(NameTables *tables, uint32_t index) {
  const AstItem *item = &tables->ast->items.items[index];
  if (item->kind == ITEM_IMPL) {
    find_implicit_parameters(tables, item, index);
  }
  BodyWalk walk = {.tables = tables, .module = item->module, .item = index};
  ScopeMark mark = walk_open(&walk);
  AstRange type_parameters = item_type_parameters(tables->ast, item);
  walk_declare_type_parameters(&walk, type_parameters);
  walk_constraints(&walk, type_parameters);
  walk_item(&walk, item);
  walk_close(&walk, mark);
  if (graph_module(tables->graph, item->module)->path.space == NAMESPACE_STD) {
    return; // functions of std on demand
  }
  if (item->kind == ITEM_FUNCTION) {
    names_bind_function(tables, item->index);
  }
  bind_members(tables, item_members(tables->ast, item));
}
