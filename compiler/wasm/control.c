// Owns structured control flow: the nesting of blocks, loops and ifs is rebuilt from the dominator tree
// (Ramsey, "Beyond Relooper", ICFP 2022).
//
// A block that several edges reach gets a label around its dominator's code and follows it; a loop header
// gets a loop; every other block stands where its only edge comes from. Beyond the paper: what lies behind a
// loop is put behind it, not into it; a block's straight-line code precedes the labels it dominates, so that
// its locals are set where the validator sees it; sequences are built by iteration, and of two arms the
// smaller one is nested, so that the nesting of long chains stays logarithmic.
#include <stdio.h>

#include "base/failure.h"
#include "wasm/internal.h"

enum { COMFORTABLE_DEPTH = 64 }; // below it, arms are nested as the source had them

typedef struct LabelName {
  char text[16];
} LabelName;

typedef struct Control {
  Emitter *emitter;
  const IrFunction *function;
  const IrFlow *flow;
  Arena *arena;
  IrBlockId *loop;       // by block: header of the innermost loop around it, itself for a header; 0: none
  IrBlockId *outer_loop; // by header: header of the loop around it
  bool *labelled;        // by block: reached by a jump to a label around its dominator's code
  IrBlockId *inside;     // by block: first labelled child that follows its code, in reverse postorder
  IrBlockId *behind;     // by header: first block behind the loop
  IrBlockId *next_child; // by block: the sibling after it in one of those lists
  bool *label_used;      // by block: something jumps to its label
  bool *loop_used;       // by header: something jumps back
  Expressions *top;      // the function's own list: a return may end it with a plain value
  uint32_t depth;
  uint32_t trampolines;
} Control;

static LabelName block_label(IrBlockId block) {
  LabelName name;
  snprintf(name.text, sizeof name.text, "b%u", block);
  return name;
}

static LabelName loop_label(IrBlockId header) {
  LabelName name;
  snprintf(name.text, sizeof name.text, "l%u", header);
  return name;
}

// ------------------------------------------------------------------------------------------------ loops

static bool is_back_edge(const Control *control, IrBlockId from, IrBlockId to) {
  return control->flow->number[to] <= control->flow->number[from];
}

static IrBlockId outermost_known_loop(const Control *control, IrBlockId header) {
  while (control->outer_loop[header] != 0) {
    header = control->outer_loop[header];
  }
  return header;
}

// Collects the loop of `header` backwards from its back edges; loops inside were found before.
static void collect_loop(Control *control, IrBlockId header) {
  IrValues work = {0};
  const IrBlock *block = ir_block(control->function, header);
  for (uint32_t p = 0; p < block->pred.count; p++) {
    IrBlockId from = block->pred.items[p];
    if (control->flow->number[from] != UINT32_MAX && is_back_edge(control, from, header)) {
      VECTOR_PUSH(control->arena, &work, from);
    }
  }
  control->loop[header] = header;
  while (work.count > 0) {
    IrBlockId at = work.items[--work.count];
    if (control->loop[at] != 0) {
      at = outermost_known_loop(control, control->loop[at]);
      if (at == header) {
        continue;
      }
      control->outer_loop[at] = header;
    } else {
      control->loop[at] = header;
    }
    const IrBlock *inner = ir_block(control->function, at);
    for (uint32_t p = 0; p < inner->pred.count; p++) {
      IrBlockId from = inner->pred.items[p];
      if (control->flow->number[from] != UINT32_MAX &&
          !(control->loop[at] == at && is_back_edge(control, from, at))) {
        VECTOR_PUSH(control->arena, &work, from);
      }
    }
  }
}

static bool is_in_loop(const Control *control, IrBlockId block, IrBlockId header) {
  for (IrBlockId at = control->loop[block]; at != 0; at = control->outer_loop[at]) {
    if (at == header) {
      return true;
    }
  }
  return false;
}

// --------------------------------------------------------------------------------------------- placement

static bool is_dead_end(const Control *control, IrBlockId block) {
  return ir_block(control->function, block)->edges.count == 0;
}

static uint32_t forward_edges_in(const Control *control, IrBlockId id) {
  const IrBlock *block = ir_block(control->function, id);
  uint32_t count = 0;
  for (uint32_t p = 0; p < block->pred.count; p++) {
    IrBlockId from = block->pred.items[p];
    count += control->flow->number[from] != UINT32_MAX && !is_back_edge(control, from, id);
  }
  return count;
}

static void place_block(Control *control, IrBlockId id) {
  IrBlockId above = control->flow->idom[id], header = 0;
  uint32_t edges = forward_edges_in(control, id);
  bool from_switch = ir_terminator(control->function, above)->opcode == IR_SWITCH;
  if (edges > 1 || from_switch || !is_dead_end(control, id)) {
    for (IrBlockId loop = control->loop[above]; loop != 0 && !is_in_loop(control, id, loop);
         loop = control->outer_loop[loop]) {
      header = loop;
    }
  }
  control->labelled[id] = edges > 1 || from_switch || header != 0;
  if (control->labelled[id]) {
    IrBlockId *list = header != 0 ? &control->behind[header] : &control->inside[above];
    control->next_child[id] = *list;
    *list = id;
  }
}

static void analyse(Control *control) {
  uint32_t blocks = control->function->blocks.count;
  control->loop = ARENA_ARRAY(control->arena, IrBlockId, blocks);
  control->outer_loop = ARENA_ARRAY(control->arena, IrBlockId, blocks);
  control->labelled = ARENA_ARRAY(control->arena, bool, blocks);
  control->inside = ARENA_ARRAY(control->arena, IrBlockId, blocks);
  control->behind = ARENA_ARRAY(control->arena, IrBlockId, blocks);
  control->next_child = ARENA_ARRAY(control->arena, IrBlockId, blocks);
  control->label_used = ARENA_ARRAY(control->arena, bool, blocks);
  control->loop_used = ARENA_ARRAY(control->arena, bool, blocks);
  for (uint32_t i = control->flow->count; i-- > 0;) {
    if (control->flow->loop_header[control->flow->order[i]]) {
      collect_loop(control, control->flow->order[i]);
    }
  }
  // From the last block to the first, so that the lists come out in reverse postorder.
  for (uint32_t i = control->flow->count; i-- > 1;) {
    place_block(control, control->flow->order[i]);
  }
}

// ----------------------------------------------------------------------------------------------- emission

static BinaryenExpressionRef sequence(Control *control, const Expressions *list) {
  if (list->count == 1) {
    return list->items[0];
  }
  return BinaryenBlock(control->emitter->target, NULL, list->items, list->count, BinaryenTypeAuto());
}

static BinaryenExpressionRef negate(Control *control, BinaryenExpressionRef condition) {
  return BinaryenUnary(control->emitter->target, BinaryenEqZInt32(), condition);
}

static bool is_inline(const Control *control, IrBlockId from, const IrEdge *edge) {
  return !control->labelled[edge->target] && !is_back_edge(control, from, edge->target);
}

static BinaryenExpressionRef jump_to(Control *control, IrBlockId from, IrBlockId target,
                                     BinaryenExpressionRef condition) {
  bool back = is_back_edge(control, from, target);
  *(back ? &control->loop_used[target] : &control->label_used[target]) = true;
  LabelName name = back ? loop_label(target) : block_label(target);
  return BinaryenBreak(control->emitter->target, name.text, condition, NULL);
}

// The moves of an edge and the jump, which is left out when the target follows anyway.
static void emit_edge(Control *control, IrBlockId from, const IrEdge *edge, IrBlockId next,
                      Expressions *list) {
  emit_moves(control->emitter, edge, list);
  if (edge->target != next || is_back_edge(control, from, edge->target)) {
    push_expression(control->emitter, list, jump_to(control, from, edge->target, NULL));
  }
}

static void emit_scope(Control *control, IrBlockId block, Expressions *list, IrBlockId next, bool as_body);

// What is made now belongs to the end of `block`: its arms and the blocks behind it were made before.
static void return_to(Control *control, IrBlockId block) {
  control->emitter->at = ir_inst(control->function, ir_block(control->function, block)->terminator)->origin;
}

static Expressions emit_arm(Control *control, const IrEdge *edge, IrBlockId next) {
  Expressions arm = {0};
  emit_moves(control->emitter, edge, &arm);
  emit_scope(control, edge->target, &arm, next, false);
  return arm;
}

static void emit_if(Control *control, BinaryenExpressionRef condition, const Expressions *then_list,
                    const Expressions *else_list, Expressions *out) {
  BinaryenModuleRef target = control->emitter->target;
  if (then_list->count == 0 && else_list->count == 0) {
    push_expression(control->emitter, out, BinaryenDrop(target, condition));
  } else if (then_list->count == 0) {
    push_expression(control->emitter, out,
                    BinaryenIf(target, negate(control, condition), sequence(control, else_list), NULL));
  } else {
    push_expression(control->emitter, out,
                    BinaryenIf(target, condition, sequence(control, then_list),
                               else_list->count == 0 ? NULL : sequence(control, else_list)));
  }
}

static bool falls_to(const Control *control, IrBlockId from, const IrEdge *edge, IrBlockId next) {
  return edge->target == next && !is_back_edge(control, from, edge->target);
}

// `if (condition) go there`, where nothing has to be moved; else an if around moves and jump.
static void emit_jump_if(Control *control, IrBlockId from, const IrEdge *edge,
                         BinaryenExpressionRef condition, Expressions *out) {
  Expressions moves = {0};
  emit_moves(control->emitter, edge, &moves);
  if (moves.count == 0) {
    push_expression(control->emitter, out, jump_to(control, from, edge->target, condition));
    return;
  }
  push_expression(control->emitter, &moves, jump_to(control, from, edge->target, NULL));
  push_expression(control->emitter, out,
                  BinaryenIf(control->emitter->target, condition, sequence(control, &moves), NULL));
}

// Two jumps.
static void emit_jumps(Control *control, IrBlockId from, BinaryenExpressionRef condition, const IrEdge *taken,
                       const IrEdge *otherwise, IrBlockId next, Expressions *list) {
  bool taken_falls = falls_to(control, from, taken, next);
  bool otherwise_falls = falls_to(control, from, otherwise, next);
  if (taken_falls && otherwise_falls) {
    Expressions moves[2] = {{0}, {0}};
    emit_moves(control->emitter, taken, &moves[0]);
    emit_moves(control->emitter, otherwise, &moves[1]);
    emit_if(control, condition, &moves[0], &moves[1], list);
  } else if (taken_falls || (taken->args.count > 0 && otherwise->args.count == 0)) {
    emit_jump_if(control, from, otherwise, negate(control, condition), list);
    emit_edge(control, from, taken, next, list);
  } else {
    emit_jump_if(control, from, taken, condition, list);
    emit_edge(control, from, otherwise, next, list);
  }
}

// One arm is inline, the other jumps. Gives the block to go on with in `list`, or 0.
static IrBlockId emit_one_arm(Control *control, IrBlockId from, BinaryenExpressionRef condition,
                              const IrEdge *jump, const IrEdge *arm, bool jumps_if_true, IrBlockId next,
                              Expressions *list) {
  if (falls_to(control, from, jump, next) && control->depth < COMFORTABLE_DEPTH) {
    Expressions moves = {0};
    emit_moves(control->emitter, jump, &moves);
    Expressions inner = emit_arm(control, arm, next);
    return_to(control, from);
    emit_if(control, condition, jumps_if_true ? &moves : &inner, jumps_if_true ? &inner : &moves, list);
    return 0;
  }
  emit_jump_if(control, from, jump, jumps_if_true ? condition : negate(control, condition), list);
  emit_moves(control->emitter, arm, list);
  return arm->target;
}

static uint32_t subtree_size(const Control *control, IrBlockId block) {
  return control->flow->tree_leave[block] - control->flow->tree_enter[block];
}

// Both arms are inline. Gives the block to go on with, or 0.
static IrBlockId emit_two_arms(Control *control, IrBlockId from, BinaryenExpressionRef condition,
                               const IrEdge *taken, const IrEdge *otherwise, IrBlockId next,
                               Expressions *list) {
  bool taken_ends = is_dead_end(control, taken->target);
  bool otherwise_ends = is_dead_end(control, otherwise->target);
  if (control->depth < COMFORTABLE_DEPTH && !taken_ends && !otherwise_ends) {
    Expressions then_list = emit_arm(control, taken, next), else_list = emit_arm(control, otherwise, next);
    return_to(control, from);
    emit_if(control, condition, &then_list, &else_list, list);
    return 0;
  }
  bool nest_taken = taken_ends || (!otherwise_ends && subtree_size(control, taken->target) <=
                                                          subtree_size(control, otherwise->target));
  Expressions arm = emit_arm(control, nest_taken ? taken : otherwise, 0);
  return_to(control, from);
  push_expression(control->emitter, list,
                  BinaryenIf(control->emitter->target, nest_taken ? condition : negate(control, condition),
                             sequence(control, &arm), NULL));
  const IrEdge *rest = nest_taken ? otherwise : taken;
  emit_moves(control->emitter, rest, list);
  return rest->target;
}

static IrBlockId emit_br_if(Control *control, IrBlockId from, IrBlockId next, Expressions *list) {
  const IrBlock *block = ir_block(control->function, from);
  const IrEdge *taken = &block->edges.items[0], *otherwise = &block->edges.items[1];
  BinaryenExpressionRef condition =
      emit_value(control->emitter, ir_operands(control->function, ir_terminator(control->function, from))[0]);
  bool taken_inline = is_inline(control, from, taken), otherwise_inline = is_inline(control, from, otherwise);
  if (taken_inline && otherwise_inline) {
    return emit_two_arms(control, from, condition, taken, otherwise, next, list);
  }
  if (taken_inline) {
    return emit_one_arm(control, from, condition, otherwise, taken, false, next, list);
  }
  if (otherwise_inline) {
    return emit_one_arm(control, from, condition, taken, otherwise, true, next, list);
  }
  emit_jumps(control, from, condition, taken, otherwise, next, list);
  return 0;
}

// Edges with moves go through a label of their own.
static void emit_switch(Control *control, IrBlockId from, Expressions *list) {
  BinaryenModuleRef target = control->emitter->target;
  const IrBlock *block = ir_block(control->function, from);
  uint32_t count = block->edges.count;
  BinaryenExpressionRef index =
      emit_value(control->emitter, ir_operands(control->function, ir_terminator(control->function, from))[0]);
  LabelName *names = ARENA_ARRAY(control->arena, LabelName, count);
  const char **texts = ARENA_ARRAY(control->arena, const char *, count);
  Expressions *moves = arena_zalloc(control->arena, sizeof(Expressions) * count, 16);
  for (uint32_t e = 0; e < count; e++) {
    const IrEdge *edge = &block->edges.items[e];
    emit_moves(control->emitter, edge, &moves[e]);
    bool back = is_back_edge(control, from, edge->target);
    if (moves[e].count > 0) {
      snprintf(names[e].text, sizeof names[e].text, "s%u", control->trampolines++);
    } else {
      names[e] = back ? loop_label(edge->target) : block_label(edge->target);
    }
    *(back ? &control->loop_used[edge->target] : &control->label_used[edge->target]) = true;
    texts[e] = names[e].text;
  }
  Expressions inner = {0};
  push_expression(control->emitter, &inner,
                  BinaryenSwitch(target, texts, count - 1, texts[count - 1], index, NULL));
  for (uint32_t e = 0; e < count; e++) {
    if (moves[e].count == 0) {
      continue;
    }
    BinaryenExpressionRef labelled =
        BinaryenBlock(target, names[e].text, inner.items, inner.count, BinaryenTypeNone());
    inner = (Expressions){0};
    push_expression(control->emitter, &inner, labelled);
    for (uint32_t i = 0; i < moves[e].count; i++) {
      push_expression(control->emitter, &inner, moves[e].items[i]);
    }
    push_expression(control->emitter, &inner, jump_to(control, from, block->edges.items[e].target, NULL));
  }
  for (uint32_t i = 0; i < inner.count; i++) {
    push_expression(control->emitter, list, inner.items[i]);
  }
}

static void emit_return(Control *control, const IrInst *inst, Expressions *list) {
  BinaryenModuleRef target = control->emitter->target;
  BinaryenExpressionRef *values = emit_operands(control->emitter, inst);
  BinaryenExpressionRef value = inst->operand_count == 0 ? NULL
                                : inst->operand_count == 1
                                    ? values[0]
                                    : BinaryenTupleMake(target, values, inst->operand_count);
  if (list != control->top) {
    push_expression(control->emitter, list, BinaryenReturn(target, value));
  } else if (value != NULL) {
    push_expression(control->emitter, list, value);
  }
}

// The end of a block. Gives the block to go on with in the same list, or 0.
static IrBlockId emit_terminator(Control *control, IrBlockId id, IrBlockId next, Expressions *list) {
  const IrBlock *block = ir_block(control->function, id);
  const IrInst *inst = ir_inst(control->function, block->terminator);
  control->emitter->at = inst->origin;
  switch ((IrOpcode)inst->opcode) {
  case IR_BR:
    if (is_inline(control, id, &block->edges.items[0])) {
      emit_moves(control->emitter, &block->edges.items[0], list);
      return block->edges.items[0].target;
    }
    emit_edge(control, id, &block->edges.items[0], next, list);
    return 0;
  case IR_BR_IF:
    return emit_br_if(control, id, next, list);
  case IR_SWITCH:
    emit_switch(control, id, list);
    return 0;
  case IR_RETURN:
    emit_return(control, inst, list);
    return 0;
  case IR_UNREACHABLE:
    push_expression(control->emitter, list, BinaryenUnreachable(control->emitter->target));
    return 0;
  default:
    push_expression(control->emitter, list, emit_tail_call(control->emitter, inst));
    return 0;
  }
}

static BinaryenExpressionRef emit_loop(Control *control, IrBlockId header, IrBlockId next) {
  Expressions body = {0};
  emit_scope(control, header, &body, next, true);
  return BinaryenLoop(control->emitter->target, loop_label(header).text, sequence(control, &body));
}

static void append(Control *control, Expressions *list, const Expressions *more) {
  for (uint32_t i = 0; i < more->count; i++) {
    push_expression(control->emitter, list, more->items[i]);
  }
}

// Puts the label of `child` around what stands before it.
static Expressions close_label(Control *control, IrBlockId child, Expressions before) {
  if (!control->label_used[child]) {
    return before;
  }
  Expressions closed = {0};
  push_expression(control->emitter, &closed,
                  BinaryenBlock(control->emitter->target, block_label(child).text, before.items, before.count,
                                BinaryenTypeNone()));
  return closed;
}

// Emits the dominator subtree of a block to `list`. `next`: the block that follows the list's end, or 0.
// `as_body`: the block is a loop header whose loop is open already.
static void emit_scope(Control *control, IrBlockId block, Expressions *list, IrBlockId next, bool as_body) {
  control->depth++;
  while (block != 0) {
    Expressions before = {0};
    IrBlockId child;
    if (control->flow->loop_header[block] && !as_body) {
      child = control->behind[block];
      BinaryenExpressionRef loop = emit_loop(control, block, child != 0 ? child : next);
      return_to(control, block);
      push_expression(control->emitter, &before, loop);
      if (child == 0) {
        append(control, list, &before);
        break;
      }
    } else {
      as_body = false;
      for (uint32_t s = 0; s < control->emitter->plan.statements[block].count; s++) {
        emit_statement(control->emitter, control->emitter->plan.statements[block].items[s], list);
      }
      child = control->inside[block];
      if (child == 0) {
        block = emit_terminator(control, block, next, list);
        continue;
      }
      IrBlockId rest = emit_terminator(control, block, child, &before);
      if (rest != 0) {
        emit_scope(control, rest, &before, child, false);
      }
    }
    for (; control->next_child[child] != 0; child = control->next_child[child]) {
      before = close_label(control, child, before);
      emit_scope(control, child, &before, control->next_child[child], false);
    }
    before = close_label(control, child, before);
    append(control, list, &before);
    block = child;
  }
  control->depth--;
}

BinaryenExpressionRef emit_body(Emitter *emitter) {
  Control control = {.emitter = emitter,
                     .function = emitter->function,
                     .flow = &emitter->plan.flow,
                     .arena = &emitter->body};
  Expressions list = {0};
  control.top = &list;
  analyse(&control);
  emit_scope(&control, 1, &list, 0, false);
  const IrHeapType *type = ir_heap(emitter->module, emitter->function->type);
  if (type->result_count > 0 &&
      (list.count == 0 || BinaryenExpressionGetType(list.items[list.count - 1]) == BinaryenTypeNone())) {
    // The last thing never falls through, but its type does not say so.
    push_expression(emitter, &list, BinaryenUnreachable(emitter->target));
  }
  return list.count == 0 ? BinaryenNop(emitter->target) : sequence(&control, &list);
}
