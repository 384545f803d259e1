// Owns control flow: blocks, `let` statements, `if`, `while`, conditions.
//
// A value that several branches give arrives as block parameters, one per lane. A branch that always leaves
// gives none (04 §13.1).
#include "lower/lowering.h"

#include "base/failure.h"

// What lower_value says of a node: its type for the consumer.
static TypeId target_of(const Body *body, NodeId node) {
  return body_typed(body, node)->target;
}

bool merge_returns_nothing(Body *body) {
  return layout_of(body->lowering, body->result)->lane_count == 0;
}

Value lower_block(Body *body, NodeId id, bool tail) {
  const AstTable *ast = body->program->ast;
  NodeRange items = body_node(body, id)->list.items;
  const TypedNode *typed = body_typed(body, id);
  for (uint32_t i = 0; i < items.count; i++) {
    NodeId item = ast_listed(ast, items, i);
    bool last = i + 1 == items.count;
    if (ir_is_dead(&body->ir)) {
      break; // after `return`, `break`, `continue`: nothing runs
    }
    NodeKind kind = ast_kind(ast, item);
    bool is_expression = kind != NODE_LET && kind != NODE_RETURN;
    bool is_value = last && !body_typed(body, item)->discarded && is_expression;
    if (last && tail && is_expression && (is_value || merge_returns_nothing(body))) {
      lower_tail(body, item); // of a void function also a discarded one: its call can be a tail call
    } else if (!is_value) {
      lower_discarded(body, item);
    } else {
      return convert(body, lower_value(body, item), target_of(body, item), typed->type);
    }
  }
  return ir_is_dead(&body->ir) ? lower_nothing(body, typed->type) : (Value){NULL, 0};
}

// ----------------------------------------------------------------------------------------------- branches

void lower_condition(Body *body, NodeId id, IrBlockId taken, IrBlockId otherwise) {
  if (ir_is_dead(&body->ir)) {
    return;
  }
  const TypedNode *typed = body_typed(body, id);
  if (typed->role == ROLE_CALL) {
    const CallPlan *plan = &body->program->calls.items[typed->detail];
    const ArgumentPlan *arguments = &body->program->arguments.items[plan->first];
    if (plan->kind == CALL_BUILTIN && plan->target == BUILTIN_NOT) {
      lower_condition(body, arguments[0].node, otherwise, taken);
      return;
    }
    if (plan->kind == CALL_BUILTIN && (plan->target == BUILTIN_AND || plan->target == BUILTIN_OR)) {
      NodeId left = arguments[0].node, right = arguments[1].node;
      IrBlockId second = ir_block_new(&body->ir);
      if (plan->target == BUILTIN_AND) {
        lower_condition(body, left, second, otherwise);
      } else {
        lower_condition(body, left, taken, second);
      }
      ir_seal(&body->ir, second);
      ir_enter(&body->ir, second);
      lower_condition(body, right, taken, otherwise);
      return;
    }
  }
  const AstNode *node = body_node(body, id);
  if (node->kind == NODE_BOOL) {
    ir_br(&body->ir, node->boolean.value ? taken : otherwise);
    return;
  }
  Value value = lower_value(body, id);
  if (!ir_is_dead(&body->ir)) {
    ir_br_if(&body->ir, value.lanes[0], taken, otherwise);
  }
}

Merge merge_new(Body *body, TypeId type) {
  const Layout *layout = layout_of(body->lowering, type);
  Merge merge = {.block = ir_block_new(&body->ir), .type = type, .count = layout->lane_count};
  merge.lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, layout->lane_count);
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    merge.lanes[i] = ir_block_param(&body->ir, merge.block, layout->lanes[i]);
  }
  return merge;
}

// Evaluates a branch and goes to the merge.
void merge_branch(Body *body, const Merge *merge, NodeId node, bool tail) {
  if (ir_is_dead(&body->ir)) {
    return; // the condition never lets anything come here
  }
  if (tail) {
    lower_tail(body, node);
    return;
  }
  Value value = {NULL, 0};
  if (merge->count == 0) {
    lower_discarded(body, node);
  } else {
    value = convert(body, lower_value(body, node), target_of(body, node), merge->type);
  }
  if (!ir_is_dead(&body->ir)) {
    ir_br_args(&body->ir, merge->block, value.lanes, value.count);
  }
}

Value merge_end(Body *body, const Merge *merge) {
  ir_seal(&body->ir, merge->block);
  ir_enter(&body->ir, merge->block);
  return (Value){merge->lanes, merge->count};
}

Value lower_if(Body *body, NodeId id, bool tail) {
  const AstNode *node = body_node(body, id);
  const AstTable *ast = body->program->ast;
  const TypedNode *typed = body_typed(body, id);
  NodeRange branches = node->conditional.branches;
  NodeId otherwise = node->conditional.otherwise;
  // In tail position each branch ends the function by itself.
  bool ends = tail && (merge_returns_nothing(body) || (otherwise != 0 && !typed->discarded));
  Merge merge = merge_new(body, typed->discarded || otherwise == 0 ? TYPE_VOID : typed->type);
  for (uint32_t i = 0; i < branches.count && !ir_is_dead(&body->ir); i++) {
    const AstNode *branch = body_node(body, ast_listed(ast, branches, i));
    NodeId condition = branch->pair.first, value = branch->pair.second;
    IrBlockId taken = ir_block_new(&body->ir);
    bool last = i + 1 == branches.count;
    IrBlockId next = last && otherwise == 0 ? merge.block : ir_block_new(&body->ir);
    lower_condition(body, condition, taken, next);
    ir_seal(&body->ir, taken);
    ir_enter(&body->ir, taken);
    merge_branch(body, &merge, value, ends);
    if (next != merge.block) {
      ir_seal(&body->ir, next);
      ir_enter(&body->ir, next);
    }
  }
  if (otherwise != 0) {
    merge_branch(body, &merge, otherwise, ends);
  }
  return merge_end(body, &merge);
}

void lower_while(Body *body, NodeId id) {
  const AstNode *node = body_node(body, id);
  IrBlockId head = ir_block_new(&body->ir), inside = ir_block_new(&body->ir), done = ir_block_new(&body->ir);
  ir_br(&body->ir, head);
  ir_enter(&body->ir, head);
  lower_condition(body, node->pair.first, inside, done);
  ir_seal(&body->ir, inside);
  ir_enter(&body->ir, inside);
  Loop loop = {.next = head, .done = done, .outer = body->loop, .attempt = body->attempt};
  body->loop = &loop;
  lower_discarded(body, node->pair.second);
  body->loop = loop.outer;
  if (!ir_is_dead(&body->ir)) {
    ir_br(&body->ir, head);
  }
  ir_seal(&body->ir, head);
  ir_seal(&body->ir, done);
  ir_enter(&body->ir, done);
}
