// Owns patterns: names bound by `let` and arms, `match`, `is` (04 §9).
#include "lower/lowering.h"

#include "base/failure.h"

static TypeId target_of(const Body *body, NodeId node) {
  return body_typed(body, node)->target;
}

static void bind_pattern(Body *body, NodeId pattern, Value value, TypeId type);

static void bind_tuple(Body *body, NodeRange patterns, Value value, TypeId type) {
  const AstTable *ast = body->program->ast;
  for (uint32_t i = 0; i < patterns.count; i++) {
    Name name = types_tuple_field(&body->program->types, i);
    TypeId part = type_field(body->lowering, type, name);
    bind_pattern(body, ast_listed(ast, patterns, i), value_field(body, value, type, name), part);
  }
}

static void bind_record(Body *body, const AstNode *node, Value value, TypeId type) {
  const AstTable *ast = body->program->ast;
  NodeRange fields = node->record_pattern.fields;
  NodeId rest = node->record_pattern.rest;
  for (uint32_t i = 0; i < fields.count; i++) {
    const AstNode *field = ast_node(ast, ast_listed(ast, fields, i));
    TypeId part = type_field(body->lowering, type, field->member.name);
    bind_pattern(body, field->member.value, value_field(body, value, type, field->member.name), part);
  }
  if (rest != 0) {
    bind_pattern(body, rest, value, type);
  }
}

static void bind_pattern(Body *body, NodeId pattern, Value value, TypeId type) {
  const AstNode *node = body_node(body, pattern);
  switch ((NodeKind)node->kind) {
  case NODE_WILDCARD:
    return;
  case NODE_TYPED_PATTERN: {
    TypeId annotation = body_typed(body, node->pair.first)->type;
    bind_pattern(body, node->pair.first, convert(body, value, type, annotation), annotation);
    return;
  }
  case NODE_BIND: {
    LocalId local = body->program->names->bind_locals.items[pattern];
    TypeId declared = local_type(body->instance, local);
    variable_declare(body, local, declared);
    variable_init(body, local, convert(body, value, type, declared));
    return;
  }
  case NODE_TUPLE_PATTERN:
    bind_tuple(body, node->list.items, value, type);
    return;
  case NODE_RECORD_PATTERN:
    bind_record(body, node, value, type);
    return;
  default:
    UNREACHABLE("a pattern that lowering does not know");
  }
}

void pattern_bind(Body *body, NodeId pattern, Value value, TypeId type) {
  bind_pattern(body, pattern, value, type);
}

// `let (a, b) = (x, y)`: the elements, then the names; no tuple is made.
static void bind_elements(Body *body, NodeRange patterns, NodeRange sources) {
  const AstTable *ast = body->program->ast;
  Value *values = ARENA_ARRAY(&body->lowering->scratch, Value, patterns.count);
  for (uint32_t i = 0; i < patterns.count; i++) {
    values[i] = lower_value(body, ast_listed(ast, sources, i));
  }
  for (uint32_t i = 0; i < patterns.count; i++) {
    bind_pattern(body, ast_listed(ast, patterns, i), values[i], target_of(body, ast_listed(ast, sources, i)));
  }
}

void lower_let(Body *body, NodeId id) {
  const AstNode *node = body_node(body, id);
  NodeId pattern = node->let.pattern, source = node->let.value;
  const AstNode *source_node = body_node(body, source);
  if (body_node(body, pattern)->kind == NODE_TUPLE_PATTERN && source_node->kind == NODE_TUPLE &&
      body_typed(body, source)->coercion == COERCE_NONE) {
    bind_elements(body, body_node(body, pattern)->list.items, source_node->list.items);
    return;
  }
  NodeId name = pattern;
  if (body_node(body, name)->kind == NODE_TYPED_PATTERN) {
    name = body_node(body, name)->pair.first;
  }
  if (body_node(body, name)->kind == NODE_BIND &&
      body->aliases[body->program->names->bind_locals.items[name] - body->instance->first_local] != 0) {
    return; // another name of a slot: nothing happens here
  }
  Value value = lower_value(body, source);
  if (!ir_is_dead(&body->ir)) {
    bind_pattern(body, pattern, value, target_of(body, source));
  }
}

// ---------------------------------------------------------------------------------------------------- match

// What an arm's pattern takes; TYPE_NONE: everything.
static TypeId pattern_type(const Body *body, NodeId pattern) {
  const AstNode *node = body_node(body, pattern);
  switch ((NodeKind)node->kind) {
  case NODE_TYPE_PATTERN:
    return body_typed(body, node->type_pattern.type)->type;
  case NODE_TUPLE_PATTERN:
    return body_typed(body, pattern)->type;
  default:
    return TYPE_NONE;
  }
}

static bool is_some(const Body *body, TypeId type) {
  const Type *at = type_get(&body->program->types, type);
  return at->kind == KIND_NOMINAL && at->symbol == body->program->declarations.some_object;
}

static void bind_arm(Body *body, NodeId pattern, Value value, TypeId discriminated) {
  const AstTable *ast = body->program->ast;
  const AstNode *node = body_node(body, pattern);
  NodeId binding = node->kind == NODE_TYPE_PATTERN    ? node->type_pattern.binding
                   : node->kind == NODE_TUPLE_PATTERN ? pattern
                                                      : 0;
  if (binding == 0) {
    return;
  }
  TypeId narrowed = type_plain(body->lowering, body_typed(body, pattern)->type);
  const AstNode *binding_node = body_node(body, binding);
  const Layout *layout = layout_of(body->lowering, discriminated);
  if (layout->kind == LAYOUT_OPTIONAL && is_some(body, narrowed) &&
      binding_node->kind == NODE_RECORD_PATTERN && binding_node->record_pattern.rest == 0) {
    NodeRange fields = binding_node->record_pattern.fields; // the payload without making a Some
    for (uint32_t i = 0; i < fields.count; i++) {
      const AstNode *field = ast_node(ast, ast_listed(ast, fields, i));
      bind_pattern(body, field->member.value, optional_payload(body, value, discriminated), layout->payload);
    }
    return;
  }
  bind_pattern(body, binding, convert(body, value, discriminated, narrowed), narrowed);
}

// Goes to a fresh block if the pattern takes the value, and leaves the builder there; gives the block for the
// rest, or 0 if there is none.
static IrBlockId enter_arm(Body *body, TypeId pattern, bool last, Value value, TypeId discriminated) {
  IrBuilder *ir = &body->ir;
  bool is_union = type_kind(&body->program->types, discriminated) == KIND_UNION;
  if (pattern == TYPE_NONE || last || !is_union) {
    return 0; // a match is exhaustive: what comes to the last arm is taken
  }
  IrBlockId taken = ir_block_new(ir), next = ir_block_new(ir);
  ir_br_if(ir, class_test(body, value, discriminated, pattern), taken, next);
  ir_seal(ir, taken);
  ir_seal(ir, next);
  ir_enter(ir, taken);
  return next;
}

// Many arms over objects: one jump through a table of class ids.
static bool arms_by_table(Body *body, NodeRange arms, TypeId discriminated) {
  const IrType *lane = layout_of(body->lowering, discriminated)->lanes;
  bool rooted = layout_of(body->lowering, discriminated)->kind == LAYOUT_UNIFORM && *lane != IR_ANYREF;
  return rooted && arms.count >= CLASS_SWITCH_FROM &&
         type_kind(&body->program->types, discriminated) == KIND_UNION;
}

static void lower_arms_by_table(Body *body, NodeRange arms, Value value, TypeId discriminated,
                                const Merge *merge, bool ends) {
  const AstTable *ast = body->program->ast;
  Lowering *lowering = body->lowering;
  Possible possible = *class_possible(lowering, discriminated);
  IrBlockId *blocks = ARENA_ARRAY(&lowering->scratch, IrBlockId, arms.count);
  IrBlockId *targets = ARENA_ARRAY(&lowering->scratch, IrBlockId, possible.count);
  uint32_t *ids = ARENA_ARRAY(&lowering->scratch, uint32_t, possible.count);
  for (uint32_t i = 0; i < arms.count; i++) {
    blocks[i] = ir_block_new(&body->ir);
  }
  for (uint32_t k = 0; k < possible.count; k++) {
    ids[k] = class_id_of(lowering, possible.classes[k]);
    targets[k] = blocks[arms.count - 1];
    for (uint32_t i = arms.count; i > 0; i--) { // the first that matches wins
      TypeId pattern = pattern_type(body, ast_node(ast, ast_listed(ast, arms, i - 1))->pair.first);
      if (pattern == TYPE_NONE || types_matches(&body->program->declarations, possible.members[k], pattern)) {
        targets[k] = blocks[i - 1];
      }
    }
  }
  class_switch(body, value.lanes[0], ids, targets, possible.count, blocks[arms.count - 1]);
  for (uint32_t i = 0; i < arms.count; i++) {
    const AstNode *arm = ast_node(ast, ast_listed(ast, arms, i));
    ir_seal(&body->ir, blocks[i]);
    ir_enter(&body->ir, blocks[i]);
    if (!ir_is_dead(&body->ir)) {
      bind_arm(body, arm->pair.first, value, discriminated);
      merge_branch(body, merge, arm->pair.second, ends);
    }
  }
}

Value lower_match(Body *body, NodeId id, bool tail) {
  const AstTable *ast = body->program->ast;
  const AstNode *node = body_node(body, id);
  const TypedNode *typed = body_typed(body, id);
  NodeRange arms = node->match.arms;
  Value value = lower_value(body, node->match.operand);
  TypeId discriminated = type_plain(body->lowering, target_of(body, node->match.operand));
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, typed->type);
  }
  if (node->match.binder != 0) {
    bind_pattern(body, node->match.binder, value, discriminated);
  }
  bool ends = tail && (!typed->discarded || merge_returns_nothing(body));
  Merge merge = merge_new(body, typed->discarded ? TYPE_VOID : typed->type);
  if (arms_by_table(body, arms, discriminated)) {
    lower_arms_by_table(body, arms, value, discriminated, &merge, ends);
    return merge_end(body, &merge);
  }
  bool open = true; // some value may still come to the next arm
  for (uint32_t i = 0; i < arms.count && open; i++) {
    const AstNode *arm = ast_node(ast, ast_listed(ast, arms, i));
    IrBlockId next =
        enter_arm(body, pattern_type(body, arm->pair.first), i + 1 == arms.count, value, discriminated);
    bind_arm(body, arm->pair.first, value, discriminated);
    merge_branch(body, &merge, arm->pair.second, ends);
    open = next != 0;
    if (open) {
      ir_enter(&body->ir, next);
    }
  }
  if (open) {
    ir_trap(&body->ir);
  }
  return merge_end(body, &merge);
}

Value lower_is(Body *body, NodeId id) {
  const AstNode *node = body_node(body, id);
  Value value = lower_value(body, node->pair.first);
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, TYPE_BOOL);
  }
  TypeId discriminated = target_of(body, node->pair.first);
  return value_of(body, class_test(body, value, discriminated, body_typed(body, node->pair.second)->type));
}
