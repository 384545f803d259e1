// Owns the assignment of values to locals, the second half of a function's plan (plan.c).
//
// Liveness by walking up from each use to the definition (Boissinot et al., "Computing Liveness Sets for
// SSA-Form Programs", 2011), then one scan over the blocks in dominance order.
#include "base/bits.h"
#include "base/failure.h"
#include "wasm/internal.h"

typedef VECTOR(IrValue) ValueList;

typedef struct Assigner {
  Emitter *emitter;
  const IrFunction *function;
  Arena *arena;
  FunctionPlan *plan;
  ValueList *live_in;  // by block
  IrBlockId *home;     // by value: block that defines it
  uint32_t *last_use;  // by value: statement of its last use in the current block, 1-based
  IrBlockId *used_in;  // by value: block `last_use` is about
  IrBlockId *live_out; // by value: latest block found to have it live at its end
  uint32_t *wish;      // by value: local + 1 that it or what it flows to would like
  IrValue *flows_to;   // by value: a block parameter it is an argument of, or 0
  uint64_t *occupied;  // by local, in the current block
  uint32_t occupied_words;
  IrValues stack; // leaves of the tree being walked
} Assigner;

// ---------------------------------------------------------------------------------------------- liveness

// Marks `value` live from `block`'s end up to its definition. `mark`: by block, the last value that was live
// at its start.
static void live_at_end(Assigner *assigner, IrValue value, IrBlockId block, IrValue *mark) {
  IrValues work = {0};
  VECTOR_PUSH(assigner->arena, &work, block);
  while (work.count > 0) {
    IrBlockId at = work.items[--work.count];
    if (at == assigner->home[value] || mark[at] == value) {
      continue;
    }
    mark[at] = value;
    VECTOR_PUSH(assigner->arena, &assigner->live_in[at], value);
    const IrBlock *here = ir_block(assigner->function, at);
    for (uint32_t p = 0; p < here->pred.count; p++) {
      if (assigner->plan->flow.number[here->pred.items[p]] != UINT32_MAX) {
        VECTOR_PUSH(assigner->arena, &work, here->pred.items[p]);
      }
    }
  }
}

// Calls of `add_leaf` for every local read by the tree of an instruction.
typedef void (*LeafVisit)(Assigner *assigner, IrValue leaf, void *context);

static void visit_value(Assigner *assigner, IrValue value, LeafVisit visit, void *context) {
  uint32_t base = assigner->stack.count;
  VECTOR_PUSH(assigner->arena, &assigner->stack, value);
  while (assigner->stack.count > base) {
    IrValue top = assigner->stack.items[--assigner->stack.count];
    uint8_t placement = assigner->plan->placement[top];
    if (placement == PLACE_LOCAL) {
      visit(assigner, top, context);
    } else if (placement == PLACE_FOLDED) {
      const IrInst *inst = ir_inst(assigner->function, assigner->function->values.items[top].inst);
      for (uint32_t o = 0; o < inst->operand_count; o++) {
        VECTOR_PUSH(assigner->arena, &assigner->stack, ir_operands(assigner->function, inst)[o]);
      }
    }
  }
}

static void visit_operands(Assigner *assigner, IrInstId id, LeafVisit visit, void *context) {
  const IrInst *inst = ir_inst(assigner->function, id);
  for (uint32_t o = 0; o < inst->operand_count; o++) {
    visit_value(assigner, ir_operands(assigner->function, inst)[o], visit, context);
  }
}

// The leaves read by the terminator and by the moves along its edges.
static void visit_end(Assigner *assigner, const IrBlock *block, LeafVisit visit, void *context) {
  visit_operands(assigner, block->terminator, visit, context);
  for (uint32_t e = 0; e < block->edges.count; e++) {
    const IrValues *args = &block->edges.items[e].args;
    for (uint32_t a = 0; a < args->count; a++) {
      visit_value(assigner, args->items[a], visit, context);
    }
  }
}

// (value, block) of every use outside the value's home, grouped by value afterwards.
typedef struct UseList {
  IrBlockId block;
  VECTOR(uint64_t) pairs;
} UseList;

static void collect_use(Assigner *assigner, IrValue leaf, void *context) {
  UseList *uses = context;
  if (assigner->home[leaf] != uses->block) {
    uint64_t pair = id_pair(leaf, uses->block);
    VECTOR_PUSH(assigner->arena, &uses->pairs, pair);
  }
}

static void find_homes(Assigner *assigner) {
  const IrFunction *function = assigner->function;
  for (uint32_t i = 0; i < assigner->plan->flow.count; i++) {
    IrBlockId id = assigner->plan->flow.order[i];
    const IrBlock *block = ir_block(function, id);
    for (uint32_t p = 0; p < block->params.count; p++) {
      assigner->home[block->params.items[p]] = id;
    }
    for (uint32_t k = 0; k < block->insts.count; k++) {
      const IrInst *inst = ir_inst(function, block->insts.items[k]);
      for (uint32_t r = 0; r < inst->result_count; r++) {
        assigner->home[inst->result + r] = id;
      }
    }
    for (uint32_t e = 0; e < block->edges.count; e++) {
      const IrEdge *edge = &block->edges.items[e];
      for (uint32_t a = 0; a < edge->args.count; a++) {
        assigner->flows_to[edge->args.items[a]] = ir_block(function, edge->target)->params.items[a];
      }
    }
  }
}

static void find_liveness(Assigner *assigner) {
  const IrFunction *function = assigner->function;
  UseList uses = {0};
  for (uint32_t i = 0; i < assigner->plan->flow.count; i++) {
    uses.block = assigner->plan->flow.order[i];
    const IrBlock *block = ir_block(function, uses.block);
    for (uint32_t s = 0; s < assigner->plan->statements[uses.block].count; s++) {
      visit_operands(assigner, assigner->plan->statements[uses.block].items[s], collect_use, &uses);
    }
    visit_end(assigner, block, collect_use, &uses);
  }
  // Group by value with a counting sort: each value's walks share one set of marks.
  uint32_t *start = ARENA_ARRAY(assigner->arena, uint32_t, function->values.count + 1);
  uint64_t *sorted = ARENA_ARRAY(assigner->arena, uint64_t, uses.pairs.count);
  for (uint32_t i = 0; i < uses.pairs.count; i++) {
    start[(uses.pairs.items[i] >> 32) + 1]++;
  }
  for (uint32_t v = 1; v <= function->values.count; v++) {
    start[v] += start[v - 1];
  }
  for (uint32_t i = 0; i < uses.pairs.count; i++) {
    sorted[start[uses.pairs.items[i] >> 32]++] = uses.pairs.items[i];
  }
  IrValue *mark = ARENA_ARRAY(assigner->arena, IrValue, function->blocks.count);
  for (uint32_t i = 0; i < uses.pairs.count; i++) {
    live_at_end(assigner, (IrValue)(sorted[i] >> 32), (IrBlockId)sorted[i], mark);
  }
}

// --------------------------------------------------------------------------------------------- assignment

static void occupy(Assigner *assigner, uint32_t local) {
  if (local / 64 >= assigner->occupied_words) {
    uint32_t words = local / 64 + 1;
    words = words < 2 * assigner->occupied_words ? 2 * assigner->occupied_words : words;
    uint64_t *grown = ARENA_ARRAY(assigner->arena, uint64_t, words);
    if (assigner->occupied_words > 0) {
      memcpy(grown, assigner->occupied, sizeof(uint64_t) * assigner->occupied_words);
    }
    assigner->occupied = grown;
    assigner->occupied_words = words;
  }
  bits_add(assigner->occupied, local);
}

static bool is_occupied(const Assigner *assigner, uint32_t local) {
  return local / 64 < assigner->occupied_words && bits_has(assigner->occupied, local);
}

static bool is_free_for(const Assigner *assigner, uint32_t local, IrType type) {
  return !is_occupied(assigner, local) && assigner->plan->locals.items[local] == type;
}

static uint32_t pick_local(Assigner *assigner, IrValue value, IrType type) {
  IrValue param = assigner->flows_to[value];
  uint32_t wishes[] = {assigner->wish[value], param != 0 ? assigner->wish[param] : 0};
  for (int w = 0; w < 2; w++) {
    if (wishes[w] != 0 && is_free_for(assigner, wishes[w] - 1, type)) {
      return wishes[w] - 1;
    }
  }
  for (uint32_t local = 0; local < assigner->plan->locals.count; local++) {
    if (is_free_for(assigner, local, type)) {
      return local;
    }
  }
  VECTOR_PUSH(assigner->arena, &assigner->plan->locals, type);
  return assigner->plan->locals.count - 1;
}

static void assign(Assigner *assigner, IrValue value, uint32_t local) {
  assigner->plan->local[value] = local;
  occupy(assigner, local);
  assigner->wish[value] = local + 1;
  IrValue param = assigner->flows_to[value];
  if (param != 0 && assigner->wish[param] == 0) {
    assigner->wish[param] = local + 1;
  }
}

static void define(Assigner *assigner, IrValue value) {
  assign(assigner, value, pick_local(assigner, value, ir_type_of(assigner->function, value)));
}

typedef struct UsePoint {
  IrBlockId block;
  uint32_t statement; // 1-based
} UsePoint;

static void note_use(Assigner *assigner, IrValue leaf, void *context) {
  const UsePoint *point = context;
  assigner->used_in[leaf] = point->block;
  assigner->last_use[leaf] = point->statement;
}

static void release_if_dead(Assigner *assigner, IrValue leaf, void *context) {
  const UsePoint *point = context;
  if (assigner->live_out[leaf] != point->block && assigner->last_use[leaf] == point->statement) {
    bits_remove(assigner->occupied, assigner->plan->local[leaf]);
  }
}

static void release_if_unused(Assigner *assigner, IrValue value, IrBlockId block) {
  if (assigner->live_out[value] != block && assigner->used_in[value] != block) {
    bits_remove(assigner->occupied, assigner->plan->local[value]);
  }
}

static void define_results(Assigner *assigner, IrInstId id, IrBlockId block) {
  const IrInst *inst = ir_inst(assigner->function, id);
  for (uint32_t r = 0; r < inst->result_count; r++) {
    if (assigner->plan->uses[inst->result + r] > 0) {
      define(assigner, inst->result + r);
    }
  }
  for (uint32_t r = 0; r < inst->result_count; r++) {
    if (assigner->plan->uses[inst->result + r] > 0) {
      release_if_unused(assigner, inst->result + r, block);
    }
  }
}

// Locals of what is live at the start, and of the parameters.
static void enter_block(Assigner *assigner, IrBlockId id) {
  const IrBlock *block = ir_block(assigner->function, id);
  if (assigner->occupied_words > 0) {
    memset(assigner->occupied, 0, sizeof(uint64_t) * assigner->occupied_words);
  }
  for (uint32_t i = 0; i < assigner->live_in[id].count; i++) {
    occupy(assigner, assigner->plan->local[assigner->live_in[id].items[i]]);
  }
  for (uint32_t p = 0; p < block->params.count; p++) {
    if (id == 1) {
      assign(assigner, block->params.items[p], p);
    } else {
      define(assigner, block->params.items[p]);
    }
  }
  for (uint32_t p = 0; p < block->params.count; p++) {
    release_if_unused(assigner, block->params.items[p], id);
  }
}

static void find_last_uses(Assigner *assigner, IrBlockId id) {
  const IrBlock *block = ir_block(assigner->function, id);
  for (uint32_t e = 0; e < block->edges.count; e++) {
    const ValueList *live = &assigner->live_in[block->edges.items[e].target];
    for (uint32_t i = 0; i < live->count; i++) {
      assigner->live_out[live->items[i]] = id;
    }
  }
  uint32_t statements = assigner->plan->statements[id].count;
  UsePoint point = {id, 1};
  for (; point.statement <= statements; point.statement++) {
    visit_operands(assigner, assigner->plan->statements[id].items[point.statement - 1], note_use, &point);
  }
  visit_end(assigner, block, note_use, &point);
}

static void scan_block(Assigner *assigner, IrBlockId id) {
  find_last_uses(assigner, id);
  enter_block(assigner, id);
  UsePoint point = {id, 1};
  for (; point.statement <= assigner->plan->statements[id].count; point.statement++) {
    IrInstId inst = assigner->plan->statements[id].items[point.statement - 1];
    visit_operands(assigner, inst, release_if_dead, &point);
    define_results(assigner, inst, id);
  }
}

void assign_locals(Emitter *emitter) {
  const IrFunction *function = emitter->function;
  Arena *arena = &emitter->body;
  uint32_t values = function->values.count;
  Assigner assigner = {
      .emitter = emitter,
      .function = function,
      .arena = arena,
      .plan = &emitter->plan,
      .live_in = arena_zalloc(arena, sizeof(ValueList) * function->blocks.count, 16),
      .home = ARENA_ARRAY(arena, IrBlockId, values),
      .last_use = ARENA_ARRAY(arena, uint32_t, values),
      .used_in = ARENA_ARRAY(arena, IrBlockId, values),
      .live_out = ARENA_ARRAY(arena, IrBlockId, values),
      .wish = ARENA_ARRAY(arena, uint32_t, values),
      .flows_to = ARENA_ARRAY(arena, IrValue, values),
  };
  emitter->plan.local = ARENA_ARRAY(arena, uint32_t, values);
  const IrHeapType *type = ir_heap(emitter->module, function->type);
  for (uint32_t p = 0; p < type->param_count; p++) {
    VECTOR_PUSH(arena, &emitter->plan.locals, type->params[p]);
  }
  emitter->plan.param_count = type->param_count;
  find_homes(&assigner);
  find_liveness(&assigner);
  for (uint32_t i = 0; i < emitter->plan.flow.count; i++) {
    scan_block(&assigner, emitter->plan.flow.order[i]);
  }
}
