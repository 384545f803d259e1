// Owns the plan of a function: which values are folded into the expression of their only use, and which local
// each other value lives in.
//
// Folding keeps the order of effects: a value waits until its use, and is written to a local as soon as
// something that conflicts with it would be evaluated first. Locals are assigned greedily over the dominator
// tree's order, which is optimal for SSA form (Hack, Grund, Goos, "Register Allocation for Programs in
// SSA-Form", 2006), preferring the local of the block parameter a value flows to.
#include "base/bits.h"
#include "base/failure.h"
#include "base/limits.h"
#include "wasm/internal.h"

enum { WAITING_MAX = 64 }; // values waiting at a time; bounds the work per instruction

// A value whose only use is still to come in this block.
typedef struct Waiting {
  IrValue value;
  uint32_t effects; // of its whole tree
} Waiting;

typedef struct Planner {
  Emitter *emitter;
  const IrFunction *function;
  Arena *arena;
  FunctionPlan *plan;
  IrBlockId *use_block; // by value: block of its only use; valid when uses == 1
  uint32_t *depth;      // by value: height of its tree
  Waiting waiting[WAITING_MAX];
  uint32_t waiting_count;
  IrBlockId block;
} Planner;

static bool is_again(const Planner *planner, const IrInst *inst) {
  switch ((IrOpcode)inst->opcode) {
  case IR_I32_CONST:
  case IR_I64_CONST:
  case IR_F32_CONST:
  case IR_F64_CONST:
  case IR_REF_NULL:
  case IR_REF_FUNC:
  case IR_UNDEF:
    return true;
  case IR_GLOBAL_GET:
    return !planner->emitter->module->globals.items[inst->a].mutable_;
  default:
    return false;
  }
}

static void count_use(Planner *planner, IrValue value, IrBlockId block) {
  planner->plan->uses[value]++;
  planner->use_block[value] = block;
}

static void count_uses(Planner *planner) {
  const IrFunction *function = planner->function;
  for (uint32_t i = 0; i < planner->plan->flow.count; i++) {
    IrBlockId id = planner->plan->flow.order[i];
    const IrBlock *block = ir_block(function, id);
    for (uint32_t k = 0; k <= block->insts.count; k++) {
      const IrInst *inst =
          ir_inst(function, k < block->insts.count ? block->insts.items[k] : block->terminator);
      if (is_again(planner, inst)) {
        planner->plan->placement[inst->result] = PLACE_AGAIN;
      }
      for (uint32_t o = 0; o < inst->operand_count; o++) {
        count_use(planner, ir_operands(function, inst)[o], id);
      }
    }
    for (uint32_t e = 0; e < block->edges.count; e++) {
      const IrValues *args = &block->edges.items[e].args;
      for (uint32_t a = 0; a < args->count; a++) {
        count_use(planner, args->items[a], id);
      }
    }
  }
}

// ------------------------------------------------------------------------------------------------ folding

static void add_statement(Planner *planner, IrInstId inst) {
  VECTOR_PUSH(planner->arena, &planner->plan->statements[planner->block], inst);
}

static uint32_t find_waiting(const Planner *planner, IrValue value) {
  if (planner->plan->uses[value] != 1) {
    return UINT32_MAX;
  }
  for (uint32_t i = 0; i < planner->waiting_count; i++) {
    if (planner->waiting[i].value == value) {
      return i;
    }
  }
  return UINT32_MAX;
}

// Writes to locals all waiting values marked in `flush`, and whichever earlier ones conflict with them.
static void flush_waiting(Planner *planner, uint64_t flush) {
  uint32_t effects = 0;
  for (uint32_t i = planner->waiting_count; i-- > 0;) {
    if (flush >> i & 1 || ir_effects_conflict(effects, planner->waiting[i].effects)) {
      flush |= UINT64_C(1) << i;
      effects |= planner->waiting[i].effects;
    }
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < planner->waiting_count; i++) {
    if (flush >> i & 1) {
      IrValue value = planner->waiting[i].value;
      planner->plan->placement[value] = PLACE_LOCAL;
      add_statement(planner, planner->function->values.items[value].inst);
    } else {
      planner->waiting[kept++] = planner->waiting[i];
    }
  }
  planner->waiting_count = kept;
}

// Of the values waiting, takes those among `operands` that may be evaluated in their place, in this order and
// together; writes the others among them to locals. Gives the effects of the taken trees.
static uint32_t take_operands(Planner *planner, const IrValue *operands, uint32_t count) {
  uint64_t taken = 0, flush = 0;
  uint32_t effects = 0;
  uint32_t latest = 0; // place of the latest taken operand + 1
  for (uint32_t o = 0; o < count; o++) {
    uint32_t at = find_waiting(planner, operands[o]);
    if (at == UINT32_MAX) {
      continue;
    }
    const Waiting *waiting = &planner->waiting[at];
    // Taking an earlier value after a later one reverses them.
    bool fits = at + 1 > latest || !ir_effects_conflict(effects, waiting->effects);
    if (fits && planner->depth[operands[o]] < LIMIT_EMIT_NESTING) {
      taken |= UINT64_C(1) << at;
      effects |= waiting->effects;
      latest = at + 1 > latest ? at + 1 : latest;
    } else {
      flush |= UINT64_C(1) << at;
    }
  }
  // Values between that are not taken stay behind: a taken one must not cross them.
  for (uint32_t t = 0; t < planner->waiting_count; t++) {
    for (uint32_t i = t + 1; taken >> t & 1 && i < planner->waiting_count; i++) {
      if (!(taken >> i & 1) &&
          ir_effects_conflict(planner->waiting[t].effects, planner->waiting[i].effects)) {
        taken &= ~(UINT64_C(1) << t);
        flush |= UINT64_C(1) << t;
      }
    }
  }
  if (flush != 0) {
    // What is written earlier changes what can be taken: begin again without it. Each round writes at least
    // one value, so this ends.
    flush_waiting(planner, flush);
    return take_operands(planner, operands, count);
  }
  effects = 0;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < planner->waiting_count; i++) {
    if (taken >> i & 1) {
      effects |= planner->waiting[i].effects;
      planner->plan->placement[planner->waiting[i].value] = PLACE_FOLDED;
    } else {
      planner->waiting[kept++] = planner->waiting[i];
    }
  }
  planner->waiting_count = kept;
  return effects;
}

static void flush_conflicting(Planner *planner, uint32_t effects) {
  uint64_t flush = 0;
  for (uint32_t i = 0; i < planner->waiting_count; i++) {
    if (ir_effects_conflict(effects, planner->waiting[i].effects)) {
      flush |= UINT64_C(1) << i;
    }
  }
  if (flush != 0) {
    flush_waiting(planner, flush);
  }
}

static uint32_t tree_depth(const Planner *planner, const IrInst *inst) {
  uint32_t depth = 0;
  for (uint32_t o = 0; o < inst->operand_count; o++) {
    IrValue operand = ir_operands(planner->function, inst)[o];
    if (planner->plan->placement[operand] == PLACE_FOLDED && planner->depth[operand] > depth) {
      depth = planner->depth[operand];
    }
  }
  return depth + 1;
}

// An array of more elements than the engine takes operands is filled by statements (expression.c).
static bool is_long_array(const IrInst *inst) {
  return inst->opcode == IR_ARRAY_NEW_FIXED && inst->operand_count > LIMIT_ENGINE_ARRAY_OPERANDS;
}

static void plan_inst(Planner *planner, IrInstId id) {
  const IrFunction *function = planner->function;
  const IrInst *inst = ir_inst(function, id);
  if (inst->result_count == 1 && planner->plan->placement[inst->result] == PLACE_AGAIN) {
    return;
  }
  uint32_t effects = ir_inst_effects(planner->emitter->module, function, inst);
  if (is_long_array(inst)) {
    flush_waiting(planner, UINT64_MAX);
  }
  effects |= take_operands(planner, ir_operands(function, inst), inst->operand_count);
  bool may_wait = inst->result_count == 1 && planner->plan->uses[inst->result] == 1 &&
                  planner->use_block[inst->result] == planner->block && !is_long_array(inst);
  if (may_wait) {
    if (planner->waiting_count == WAITING_MAX) {
      flush_waiting(planner, 1);
    }
    planner->depth[inst->result] = tree_depth(planner, inst);
    planner->waiting[planner->waiting_count++] = (Waiting){inst->result, effects};
    return;
  }
  flush_conflicting(planner, effects);
  add_statement(planner, id);
}

// The arguments of a single edge are evaluated last and may be trees, but only one of them with effects: the
// parallel move (moves.c) picks its own order. Arguments of one edge of several may only be pure.
static void plan_edges(Planner *planner, const IrBlock *block) {
  bool effect_seen = false;
  uint64_t flush = 0;
  for (uint32_t e = 0; e < block->edges.count; e++) {
    const IrValues *args = &block->edges.items[e].args;
    for (uint32_t a = 0; a < args->count; a++) {
      uint32_t at = find_waiting(planner, args->items[a]);
      if (at == UINT32_MAX || planner->waiting[at].effects == IR_PURE) {
        continue;
      }
      if (block->edges.count > 1 || effect_seen) {
        flush |= UINT64_C(1) << at;
      }
      effect_seen = true;
    }
  }
  if (flush != 0) {
    flush_waiting(planner, flush);
  }
}

static void plan_terminator(Planner *planner, const IrBlock *block) {
  const IrFunction *function = planner->function;
  const IrInst *inst = ir_inst(function, block->terminator);
  plan_edges(planner, block);
  take_operands(planner, ir_operands(function, inst), inst->operand_count);
  // All that still waits is an argument of an edge.
  for (uint32_t i = 0; i < planner->waiting_count; i++) {
    bool too_deep = planner->depth[planner->waiting[i].value] >= LIMIT_EMIT_NESTING;
    planner->plan->placement[planner->waiting[i].value] = too_deep ? PLACE_LOCAL : PLACE_FOLDED;
    if (too_deep) {
      add_statement(planner, function->values.items[planner->waiting[i].value].inst);
    }
  }
  planner->waiting_count = 0;
}

static void plan_blocks(Planner *planner) {
  for (uint32_t i = 0; i < planner->plan->flow.count; i++) {
    planner->block = planner->plan->flow.order[i];
    const IrBlock *block = ir_block(planner->function, planner->block);
    for (uint32_t k = 0; k < block->insts.count; k++) {
      plan_inst(planner, block->insts.items[k]);
    }
    plan_terminator(planner, block);
  }
}

// --------------------------------------------------------------------------------------------------- plan

void plan_function(Emitter *emitter) {
  const IrFunction *function = emitter->function;
  Arena *arena = &emitter->body;
  uint32_t values = function->values.count;
  FunctionPlan *plan = &emitter->plan;
  *plan = (FunctionPlan){
      .flow = ir_flow(arena, function),
      .placement = ARENA_ARRAY(arena, uint8_t, values),
      .uses = ARENA_ARRAY(arena, uint32_t, values),
  };
  plan->statements = arena_zalloc(arena, sizeof *plan->statements * function->blocks.count, 16);
  Planner planner = {
      .emitter = emitter,
      .function = function,
      .arena = arena,
      .plan = plan,
      .use_block = ARENA_ARRAY(arena, IrBlockId, values),
      .depth = ARENA_ARRAY(arena, uint32_t, values),
  };
  count_uses(&planner);
  plan_blocks(&planner);
  assign_locals(emitter);
}
