// The proofs of ranges.h, on demand, as in Bodik, Gupta, Sarkar, "ABCD: Eliminating Array Bounds Checks on
// Demand" (PLDI 2000): through definitions (additions that do not overflow, widenings, block parameters by
// induction over their edges) and through what holds at the place (conditions of the edges that lead there,
// indices of accesses that did not trap). A value of i64 and one of i32 can be compared, since both stand for
// integers.
#include "passes/ranges.h"

#include "passes/simplify.h"

enum { STEPS_MOST = 200, DEPTH_LEAST = 6, DEPTH_MOST = 24 };
// Offsets beyond OFFSET_MOST are not pursued; a bound of UNBOUNDED is farther than any offset reaches.
#define OFFSET_MOST (INT64_C(1) << 59)
#define UNBOUNDED   (INT64_C(1) << 61)

// a <= b + offset; 0 stands for the number zero.
typedef struct Inequality {
  IrValue a, b;
  int64_t offset;
} Inequality;

// An inequality that holds behind an edge.
typedef struct Fact {
  Inequality inequality;
  Place edge;
} Fact;

typedef VECTOR(uint32_t) Ids;
typedef VECTOR(Place) Places;

struct Ranges {
  IrModule *module;
  IrFunction *function;
  Arena *scratch;
  IrFlow flow;
  VECTOR(Fact) facts;
  Ids *facts_of;              // by value: the facts that mention it
  Ids *accesses;              // by value: blocks where it was an index
  IrBlockId *defined;         // by value: its block
  uint32_t *place;            // by value: its number among the parameters of its block, or UINT32_MAX
  Places *incoming_of;        // by block: the edges that lead to it
  VECTOR(Inequality) assumed; // what an induction under way may rely on
  uint32_t steps, depth;      // left for the question asked
};

static bool proves(Ranges *state, IrValue x, IrValue y, int64_t offset, Place at);

// --------------------------------------------------------------------------------------------- what is known

static void add_fact(Ranges *state, IrValue a, IrValue b, int64_t offset, Place edge) {
  uint32_t id = state->facts.count;
  VECTOR_PUSH(state->scratch, &state->facts, (Fact){{a, b, offset}, edge});
  VECTOR_PUSH(state->scratch, &state->facts_of[a], id);
  VECTOR_PUSH(state->scratch, &state->facts_of[b], id);
}

Comparison ranges_comparison(const IrFunction *function, const IrInst *inst) {
  const IrValue *operands = ir_operands(function, inst);
  switch ((IrOpcode)inst->opcode) {
  case IR_I32_EQ:
  case IR_I64_EQ:
    return (Comparison){true, true, operands[0], operands[1], 0};
  case IR_I32_LT_S:
  case IR_I64_LT_S:
    return (Comparison){true, false, operands[0], operands[1], -1};
  case IR_I32_LE_S:
  case IR_I64_LE_S:
    return (Comparison){true, false, operands[0], operands[1], 0};
  case IR_I32_GT_S:
  case IR_I64_GT_S:
    return (Comparison){true, false, operands[1], operands[0], -1};
  case IR_I32_GE_S:
  case IR_I64_GE_S:
    return (Comparison){true, false, operands[1], operands[0], 0};
  default:
    return (Comparison){0};
  }
}

static void learn_from_condition(Ranges *state, IrBlockId id) {
  const IrInst *terminator = ir_terminator(state->function, id);
  if (terminator->opcode != IR_BR_IF) {
    return;
  }
  const IrInst *condition = definition_of(state->function, ir_operands(state->function, terminator)[0]);
  Comparison comparison = condition == NULL ? (Comparison){0} : ranges_comparison(state->function, condition);
  if (!comparison.known) {
    return;
  }
  Place taken = {id, 0}, other = {id, 1};
  add_fact(state, comparison.left, comparison.right, comparison.offset, taken);
  if (comparison.equality) {
    add_fact(state, comparison.right, comparison.left, 0, taken);
  } else {
    // not left <= right + offset: right <= left - offset - 1
    add_fact(state, comparison.right, comparison.left, -comparison.offset - 1, other);
  }
}

static void learn_from_accesses(Ranges *state, IrBlockId id) {
  const IrBlock *block = ir_block(state->function, id);
  for (uint32_t i = 0; i < block->insts.count; i++) {
    const IrInst *inst = ir_inst(state->function, block->insts.items[i]);
    if (inst->opcode == IR_ARRAY_GET || inst->opcode == IR_ARRAY_GET_S || inst->opcode == IR_ARRAY_SET) {
      VECTOR_PUSH(state->scratch, &state->accesses[ir_operands(state->function, inst)[1]], id);
    }
    for (uint32_t r = 0; r < inst->result_count; r++) {
      state->defined[inst->result + r] = id;
      state->place[inst->result + r] = UINT32_MAX;
    }
  }
}

static void learn(Ranges *state) {
  for (uint32_t b = 0; b < state->flow.count; b++) {
    IrBlockId id = state->flow.order[b];
    const IrBlock *block = ir_block(state->function, id);
    for (uint32_t p = 0; p < block->params.count; p++) {
      state->defined[block->params.items[p]] = id;
      state->place[block->params.items[p]] = p;
    }
    for (uint32_t e = 0; e < block->edges.count; e++) {
      VECTOR_PUSH(state->scratch, &state->incoming_of[block->edges.items[e].target], (Place){id, e});
    }
    learn_from_accesses(state, id);
    learn_from_condition(state, id);
  }
}

// Does everything that comes to `at` come through the edge?
static bool leads_to(const Ranges *state, Place edge, Place at) {
  if (edge.block == at.block && edge.edge == at.edge) {
    return true;
  }
  IrBlockId target = ir_block(state->function, edge.block)->edges.items[edge.edge].target;
  return state->incoming_of[target].count == 1 && ir_dominates(&state->flow, target, at.block);
}

// ------------------------------------------------------------------------------------------------ the
// numbers

typedef struct Interval {
  int64_t low, high;
} Interval;

// What the definition of a value says on its own.
static Interval interval_of(const Ranges *state, IrValue value) {
  if (value == 0) {
    return (Interval){0, 0};
  }
  Interval whole = ir_type_of(state->function, value) == IR_I32 ? (Interval){INT32_MIN, INT32_MAX}
                                                                : (Interval){-UNBOUNDED, UNBOUNDED};
  const IrInst *inst = definition_of(state->function, value);
  int64_t constant;
  if (inst == NULL) {
    return whole;
  }
  switch ((IrOpcode)inst->opcode) {
  case IR_ARRAY_GET: {
    IrPacking packing = ir_heap(state->module, inst->a)->fields[0].packing;
    return packing == IR_PACK_I8 ? (Interval){0, 255} : packing == IR_PACK_I16 ? (Interval){0, 65535} : whole;
  }
  case IR_ARRAY_LEN:
    return (Interval){0, INT32_MAX}; // engines stop at 2 GiB of payload, so no length looks negative
  case IR_I64_EXTEND_I32_S:
    return (Interval){INT32_MIN, INT32_MAX};
  case IR_I32_AND:
    if (constant_of(state->function, ir_operands(state->function, inst)[1], &constant) && constant >= 0) {
      return (Interval){0, constant};
    }
    return whole;
  case IR_I32_REM_S:
    if (constant_of(state->function, ir_operands(state->function, inst)[1], &constant) && constant > 0) {
      return (Interval){1 - constant, constant - 1};
    }
    return whole;
  default:
    return ir_opcode_info((IrOpcode)inst->opcode)->result == IR_I32 &&
                   ranges_comparison(state->function, inst).known
               ? (Interval){0, 1}
               : whole;
  }
}

// The value as another plus a constant. `exact` is false where the sum may overflow: then the value is not
// greater for a positive constant, and not less for a negative one.
typedef struct Sum {
  bool known, exact;
  IrValue value;
  int64_t constant;
} Sum;

static Sum sum_of(Ranges *state, const IrInst *inst, Place at) {
  const IrValue *operands = ir_operands(state->function, inst);
  int64_t constant;
  switch ((IrOpcode)inst->opcode) {
  case IR_I64_EXTEND_I32_S:
    return (Sum){true, true, operands[0], 0};
  case IR_I32_WRAP_I64:
    return (Sum){proves(state, operands[0], 0, INT32_MAX, at) &&
                     proves(state, 0, operands[0], -(int64_t)INT32_MIN, at),
                 true, operands[0], 0};
  case IR_I32_ADD:
  case IR_I64_ADD: {
    uint32_t which = constant_of(state->function, operands[1], &constant) ? 1 : 0;
    if (which == 0 && !constant_of(state->function, operands[0], &constant)) {
      return (Sum){0};
    }
    bool small = constant >= INT32_MIN && constant <= INT32_MAX;
    return (Sum){small, constant == 0, operands[1 - which], constant};
  }
  case IR_I32_SUB:
  case IR_I64_SUB:
    if (constant_of(state->function, operands[1], &constant) && constant > INT32_MIN &&
        constant <= INT32_MAX) {
      return (Sum){true, constant == 0, operands[0], -constant};
    }
    return (Sum){0};
  default:
    return (Sum){0};
  }
}

static bool stays_in_range(Ranges *state, const IrInst *inst, Sum sum, Place at) {
  int64_t low = ir_opcode_info((IrOpcode)inst->opcode)->result == IR_I32 ? INT32_MIN : -OFFSET_MOST / 2;
  int64_t high = low == INT32_MIN ? INT32_MAX : OFFSET_MOST / 2;
  return sum.constant > 0 ? proves(state, sum.value, 0, high - sum.constant, at)
                          : proves(state, 0, sum.value, sum.constant - low, at);
}

// -------------------------------------------------------------------------------------------------- the
// proof

static bool follows_from_facts(Ranges *state, IrValue x, IrValue y, int64_t offset, Place at) {
  for (uint32_t i = 0; i < state->facts_of[x].count; i++) {
    Fact fact = state->facts.items[state->facts_of[x].items[i]];
    if (x != 0 && fact.inequality.a == x && leads_to(state, fact.edge, at) &&
        proves(state, fact.inequality.b, y, offset - fact.inequality.offset, at)) {
      return true;
    }
  }
  for (uint32_t i = 0; i < state->facts_of[y].count; i++) {
    Fact fact = state->facts.items[state->facts_of[y].items[i]];
    if (y != 0 && fact.inequality.b == y && leads_to(state, fact.edge, at) &&
        proves(state, x, fact.inequality.a, offset - fact.inequality.offset, at)) {
      return true;
    }
  }
  return false;
}

static bool was_index(const Ranges *state, IrValue value, Place at) {
  for (uint32_t i = 0; value != 0 && i < state->accesses[value].count; i++) {
    IrBlockId block = state->accesses[value].items[i];
    if (ir_dominates(&state->flow, block, at.block) && !(block == at.block && at.edge == AT_START)) {
      return true;
    }
  }
  return false;
}

// Over all edges to the block of parameter `x` or `y`, assuming what is to be shown for the rounds before.
// The other side must be the same in each round.
static bool follows_by_induction(Ranges *state, IrValue parameter, IrValue x, IrValue y, int64_t offset) {
  IrBlockId block = state->defined[parameter];
  bool x_here = x != 0 && state->defined[x] == block && state->place[x] != UINT32_MAX;
  bool y_here = y != 0 && state->defined[y] == block && state->place[y] != UINT32_MAX;
  bool x_fixed =
      x == 0 || (state->defined[x] != block && ir_dominates(&state->flow, state->defined[x], block));
  bool y_fixed =
      y == 0 || (state->defined[y] != block && ir_dominates(&state->flow, state->defined[y], block));
  if (block == 1 || !(x_here || x_fixed) || !(y_here || y_fixed)) {
    return false;
  }
  VECTOR_PUSH(state->scratch, &state->assumed, (Inequality){x, y, offset});
  bool holds = true;
  for (uint32_t i = 0; holds && i < state->incoming_of[block].count; i++) {
    Place edge = state->incoming_of[block].items[i];
    const IrValues *args = &ir_block(state->function, edge.block)->edges.items[edge.edge].args;
    holds = proves(state, x_here ? args->items[state->place[x]] : x,
                   y_here ? args->items[state->place[y]] : y, offset, edge);
  }
  state->assumed.count--;
  return holds;
}

static bool is_parameter(const Ranges *state, IrValue value) {
  return value != 0 && state->place[value] != UINT32_MAX;
}

// x <= y + offset by what x is made of.
static bool follows_from_left(Ranges *state, IrValue x, IrValue y, int64_t offset, Place at) {
  if (is_parameter(state, x)) {
    return follows_by_induction(state, x, x, y, offset);
  }
  const IrInst *inst = definition_of(state->function, x);
  const IrValue *operands = ir_operands(state->function, inst);
  int64_t constant;
  if (inst->opcode == IR_SELECT) {
    return proves(state, operands[0], y, offset, at) && proves(state, operands[1], y, offset, at);
  }
  if (inst->opcode == IR_I32_DIV_S && constant_of(state->function, operands[1], &constant) && constant > 0) {
    return proves(state, 0, operands[0], 0, at) && proves(state, operands[0], y, offset, at);
  }
  Sum sum = sum_of(state, inst, at);
  return sum.known && (sum.exact || sum.constant > 0 || stays_in_range(state, inst, sum, at)) &&
         proves(state, sum.value, y, offset - sum.constant, at);
}

// x <= y + offset by what y is made of.
static bool follows_from_right(Ranges *state, IrValue x, IrValue y, int64_t offset, Place at) {
  if (is_parameter(state, y)) {
    return follows_by_induction(state, y, x, y, offset);
  }
  const IrInst *inst = definition_of(state->function, y);
  const IrValue *operands = ir_operands(state->function, inst);
  int64_t constant;
  if (inst->opcode == IR_SELECT) {
    return proves(state, x, operands[0], offset, at) && proves(state, x, operands[1], offset, at);
  }
  if (inst->opcode == IR_I32_DIV_S && constant_of(state->function, operands[1], &constant) && constant > 0) {
    return proves(state, 0, operands[0], 0, at) && proves(state, x, 0, offset, at);
  }
  Sum sum = sum_of(state, inst, at);
  return sum.known && (sum.exact || sum.constant < 0 || stays_in_range(state, inst, sum, at)) &&
         proves(state, x, sum.value, offset + sum.constant, at);
}

// `open`: an induction over the two is under way, though for a weaker claim perhaps.
static bool is_assumed(const Ranges *state, IrValue x, IrValue y, int64_t offset, bool *open) {
  *open = false;
  for (uint32_t i = 0; i < state->assumed.count; i++) {
    Inequality assumed = state->assumed.items[i];
    if (assumed.a == x && assumed.b == y) {
      *open = true;
      if (assumed.offset <= offset) {
        return true;
      }
    }
  }
  return false;
}

static bool try_to_prove(Ranges *state, IrValue x, IrValue y, int64_t offset, Place at) {
  if (x == y && offset >= 0) {
    return true;
  }
  if (interval_of(state, x).high - interval_of(state, y).low <= offset) {
    return true;
  }
  if ((x == 0 && offset >= 0 && was_index(state, y, at)) ||
      (y == 0 && offset >= INT32_MAX - 1 && was_index(state, x, at))) {
    return true;
  }
  bool open;
  if (is_assumed(state, x, y, offset, &open)) {
    return true;
  }
  return x != y && (follows_from_facts(state, x, y, offset, at) ||
                    (x != 0 && !open && follows_from_left(state, x, y, offset, at)) ||
                    (y != 0 && !open && follows_from_right(state, x, y, offset, at)));
}

// Makes a constant part of the offset: the number zero takes its place. False if it is too large for that.
static bool take_constant(const Ranges *state, IrValue *value, int64_t *offset, int64_t sign) {
  int64_t constant;
  if (*value != 0 && constant_of(state->function, *value, &constant)) {
    if (constant > OFFSET_MOST || constant < -OFFSET_MOST) {
      return false;
    }
    *value = 0;
    *offset += sign * constant;
  }
  return true;
}

// x <= y + offset at a place, where 0 stands for zero.
static bool proves(Ranges *state, IrValue x, IrValue y, int64_t offset, Place at) {
  if (!take_constant(state, &x, &offset, -1) || !take_constant(state, &y, &offset, 1) ||
      offset > OFFSET_MOST || offset < -OFFSET_MOST || state->steps == 0 || state->depth == 0) {
    return false;
  }
  state->steps--;
  state->depth--;
  bool holds = try_to_prove(state, x, y, offset, at);
  state->depth++;
  return holds;
}

// Short proofs first: a long way in the wrong direction costs as much as many short ones.
bool ranges_prove(Ranges *state, IrValue x, IrValue y, int64_t offset, Place at) {
  for (uint32_t depth = DEPTH_LEAST; depth <= DEPTH_MOST; depth *= 2) {
    state->steps = STEPS_MOST;
    state->depth = depth;
    if (proves(state, x, y, offset, at)) {
      return true;
    }
  }
  return false;
}

Ranges *ranges_of(IrModule *module, IrFunctionId id, Arena *scratch) {
  Ranges *state = ARENA_ARRAY(scratch, Ranges, 1);
  state->module = module;
  state->function = ir_function(module, id);
  state->scratch = scratch;
  uint32_t values = state->function->values.count;
  state->flow = ir_flow(scratch, state->function);
  state->facts_of = ARENA_ARRAY(scratch, Ids, values);
  state->accesses = ARENA_ARRAY(scratch, Ids, values);
  state->defined = ARENA_ARRAY(scratch, IrBlockId, values);
  state->place = ARENA_ARRAY(scratch, uint32_t, values);
  state->incoming_of = ARENA_ARRAY(scratch, Places, state->function->blocks.count);
  learn(state);
  return state;
}
