// Owns the shape of a control-flow graph: reverse postorder, dominator tree, loop headers, reducibility.
// Used by the verifier, by passes and by emission.
//
// Dominators: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001). Nothing recurses.
#include "base/bits.h"
#include "ir/ir.h"

typedef struct Visit {
  IrBlockId block;
  uint32_t edges_left;
} Visit;

// Visits the last edge first, so that the first edge's target comes early in the order.
static void reverse_postorder(Arena *arena, const IrFunction *function, IrFlow *flow) {
  uint32_t blocks = function->blocks.count;
  Visit *stack = ARENA_ARRAY(arena, Visit, blocks);
  uint64_t *seen = bits_new(arena, blocks);
  uint32_t depth = 0, at = blocks;
  stack[depth++] = (Visit){1, ir_block(function, 1)->edges.count};
  bits_add(seen, 1);
  while (depth > 0) {
    Visit *top = &stack[depth - 1];
    if (top->edges_left == 0) {
      flow->order[--at] = top->block;
      depth--;
      continue;
    }
    IrBlockId next = ir_block(function, top->block)->edges.items[--top->edges_left].target;
    if (!bits_has(seen, next)) {
      bits_add(seen, next);
      stack[depth++] = (Visit){next, ir_block(function, next)->edges.count};
    }
  }
  flow->count = blocks - at;
  memmove(flow->order, flow->order + at, sizeof(IrBlockId) * flow->count);
  for (uint32_t i = 0; i < flow->count; i++) {
    flow->number[flow->order[i]] = i;
  }
}

static IrBlockId common_dominator(const IrFlow *flow, IrBlockId a, IrBlockId b) {
  while (a != b) {
    while (flow->number[a] > flow->number[b]) {
      a = flow->idom[a];
    }
    while (flow->number[b] > flow->number[a]) {
      b = flow->idom[b];
    }
  }
  return a;
}

static void dominators(const IrFunction *function, IrFlow *flow) {
  flow->idom[flow->order[0]] = flow->order[0];
  for (bool changed = true; changed;) {
    changed = false;
    // Forward over the edges: each block hands itself to its successors. In a reducible graph one round
    // finds the result and a second one confirms it.
    for (uint32_t i = 0; i < flow->count; i++) {
      IrBlockId from = flow->order[i];
      const IrBlock *block = ir_block(function, from);
      for (uint32_t e = 0; e < block->edges.count; e++) {
        IrBlockId to = block->edges.items[e].target;
        if (to == flow->order[0]) {
          continue;
        }
        IrBlockId above = flow->idom[to] == 0 ? from : common_dominator(flow, flow->idom[to], from);
        if (flow->idom[to] != above) {
          flow->idom[to] = above;
          changed = true;
        }
      }
    }
  }
  flow->idom[flow->order[0]] = 0;
}

static void dominator_tree(Arena *arena, const IrFunction *function, IrFlow *flow) {
  uint32_t *size = ARENA_ARRAY(arena, uint32_t, function->blocks.count);
  uint32_t *next = ARENA_ARRAY(arena, uint32_t, function->blocks.count);
  for (uint32_t i = flow->count; i-- > 0;) {
    IrBlockId block = flow->order[i];
    size[block]++;
    size[flow->idom[block]] += size[block];
  }
  next[0] = 1;
  for (uint32_t i = 0; i < flow->count; i++) {
    IrBlockId block = flow->order[i], above = flow->idom[block];
    flow->tree_enter[block] = next[above];
    flow->tree_leave[block] = next[above] + size[block] - 1;
    next[above] += size[block];
    next[block] = flow->tree_enter[block] + 1;
  }
}

IrFlow ir_flow(Arena *arena, const IrFunction *function) {
  uint32_t blocks = function->blocks.count;
  IrFlow flow = {
      .order = ARENA_ARRAY(arena, IrBlockId, blocks),
      .number = ARENA_ARRAY(arena, uint32_t, blocks),
      .idom = ARENA_ARRAY(arena, IrBlockId, blocks),
      .loop_header = ARENA_ARRAY(arena, bool, blocks),
      .tree_enter = ARENA_ARRAY(arena, uint32_t, blocks),
      .tree_leave = ARENA_ARRAY(arena, uint32_t, blocks),
      .reducible = true,
  };
  memset(flow.number, 0xFF, sizeof(uint32_t) * blocks);
  reverse_postorder(arena, function, &flow);
  dominators(function, &flow);
  dominator_tree(arena, function, &flow);
  for (uint32_t i = 0; i < flow.count; i++) {
    const IrBlock *block = ir_block(function, flow.order[i]);
    for (uint32_t e = 0; e < block->edges.count; e++) {
      IrBlockId target = block->edges.items[e].target;
      if (flow.number[target] <= i) {
        flow.loop_header[target] = true;
        flow.reducible &= ir_dominates(&flow, target, flow.order[i]);
      }
    }
  }
  return flow;
}
