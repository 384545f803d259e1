// load-forwarding: a field or element that was just written or read is not read again (spec 10 §11.5).
//
// From each load the pass looks back along all ways to it for a load or store of the same place, until
// something may have written there. Through a block parameter the place changes with the edge: `row[j]` at
// the head of a loop is `row[j + 1]` of the round before, whose value then stays in a local (scalar
// replacement of subscripted variables: Callahan, Carr, Kennedy, PLDI 1990; the search is that of load
// elimination with phi translation). Where ways meet, the value becomes a block parameter. If only the way
// into a loop lacks it, and reading there can do no harm, the load moves in front of the loop.
#include "passes/effects.h"
#include "passes/pass.h"
#include "passes/simplify.h"

enum { VISITS_MOST = 64, INSTRUCTIONS_MOST = 1000, ROUNDS_MOST = 4 };
#define NONE UINT32_MAX

// A field of an object, or an element of an array.
typedef struct Location {
  IrOpcode opcode; // of the load: packed places are read with or without sign
  IrHeapId heap;
  uint32_t field;
  IrValue object, index; // index: 0 for a field
  bool packed;           // a store keeps less than it is given
} Location;

// What comes along one edge: a value, or what the start of another block has, or a load to be put at its end.
typedef struct Source {
  IrBlockId block;
  uint32_t edge;
  IrValue value;
  uint32_t visit; // NONE if there is a value
  IrValue loads;  // the object to load from at the end of the block, or 0
} Source;

// The start of a block, asked for a location.
typedef struct Visit {
  IrBlockId block;
  IrValue object, index;
  IrValue parameter;     // if several edges lead here
  uint32_t first, count; // its sources
} Visit;

typedef VECTOR(uint32_t) Ids;

typedef struct Edge {
  IrBlockId block;
  uint32_t edge;
} Edge;
typedef VECTOR(Edge) Edges;

typedef struct Forwarding {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  const Effects *effects;
  Arena scratch;
  IrFlow flow;
  IrBlockId *defined; // by value, of those before the pass: its block
  uint32_t values;
  Ids *touched;      // by value: blocks where it is looked into, so that behind them it is not null
  Edges *incoming;   // by block
  Location location; // searched for, at the load
  VECTOR(Visit) visits;
  VECTOR(Source) sources;
  uint32_t instructions; // looked at in this search
  uint32_t forwarded, carried, hoisted;
} Forwarding;

// --------------------------------------------------------------------------------------------------
// locations

static IrValue operand(const Forwarding *state, const IrInst *inst, uint32_t index) {
  return ir_resolve(state->function, ir_operands(state->function, inst)[index]);
}

static bool is_packed(const Forwarding *state, IrHeapId heap, uint32_t field) {
  return ir_heap(state->module, heap)->fields[field].packing != IR_PACK_NONE;
}

// The location that a load of something mutable reads; false for other instructions.
static bool location_of(const Forwarding *state, const IrInst *inst, Location *location) {
  bool of_field = inst->opcode == IR_STRUCT_GET || inst->opcode == IR_STRUCT_GET_S;
  if (!of_field && inst->opcode != IR_ARRAY_GET && inst->opcode != IR_ARRAY_GET_S) {
    return false;
  }
  uint32_t field = of_field ? inst->b : 0;
  *location = (Location){.opcode = (IrOpcode)inst->opcode,
                         .heap = inst->a,
                         .field = field,
                         .object = operand(state, inst, 0),
                         .index = of_field ? 0 : operand(state, inst, 1),
                         .packed = is_packed(state, inst->a, field)};
  return ir_heap(state->module, inst->a)->fields[field].mutable_;
}

static bool is_allocation(const Forwarding *state, IrValue value) {
  const IrInst *inst = definition_of(state->function, value);
  return inst != NULL && (ir_opcode_info((IrOpcode)inst->opcode)->effects & IR_ALLOCATES) != 0;
}

static IrValue without_constant(const Forwarding *state, IrValue index, int64_t *constant) {
  *constant = 0;
  if (constant_of(state->function, index, constant)) {
    return 0;
  }
  const IrInst *inst = definition_of(state->function, index);
  if (inst != NULL && inst->opcode == IR_I32_ADD &&
      constant_of(state->function, operand(state, inst, 1), constant)) {
    return operand(state, inst, 0);
  }
  return index;
}

static bool indices_differ(const Forwarding *state, IrValue first, IrValue second) {
  int64_t first_constant, second_constant;
  return without_constant(state, first, &first_constant) ==
             without_constant(state, second, &second_constant) &&
         (int32_t)first_constant != (int32_t)second_constant;
}

// The value that an instruction leaves in the location, or 0.
static IrValue value_left_by(const Forwarding *state, const IrInst *inst, const Location *at) {
  switch ((IrOpcode)inst->opcode) {
  case IR_STRUCT_GET:
  case IR_STRUCT_GET_S:
    return at->index == 0 && inst->opcode == at->opcode && inst->b == at->field &&
                   operand(state, inst, 0) == at->object
               ? inst->result
               : 0;
  case IR_STRUCT_SET:
    return at->index == 0 && inst->b == at->field && operand(state, inst, 0) == at->object && !at->packed
               ? operand(state, inst, 1)
               : 0;
  case IR_STRUCT_NEW:
    return at->index == 0 && inst->result == at->object && !at->packed ? operand(state, inst, at->field) : 0;
  case IR_ARRAY_GET:
  case IR_ARRAY_GET_S:
    return at->index != 0 && inst->opcode == at->opcode && operand(state, inst, 0) == at->object &&
                   operand(state, inst, 1) == at->index
               ? inst->result
               : 0;
  case IR_ARRAY_SET:
    return at->index != 0 && operand(state, inst, 0) == at->object && operand(state, inst, 1) == at->index &&
                   !at->packed
               ? operand(state, inst, 2)
               : 0;
  default:
    return 0;
  }
}

static bool may_change(const Forwarding *state, const IrInst *inst, const Location *at) {
  if (!effects_may_write(state->effects, inst, at->heap)) {
    return false;
  }
  if (ir_opcode_info((IrOpcode)inst->opcode)->effects & IR_CALLS) {
    return true;
  }
  IrValue object = operand(state, inst, 0);
  if (object != at->object && is_allocation(state, object) && is_allocation(state, at->object)) {
    return false;
  }
  if (inst->opcode == IR_STRUCT_SET) {
    return inst->b == at->field;
  }
  return inst->opcode != IR_ARRAY_SET || object != at->object ||
         !indices_differ(state, operand(state, inst, 1), at->index);
}

// ------------------------------------------------------------------------------------------------- the
// search

typedef enum { FOUND, CHANGED, AT_THE_START } Outcome;

// Looks back through a block from before place `from`.
static Outcome scan(Forwarding *state, IrBlockId id, uint32_t from, const Location *at, IrValue *value) {
  const IrBlock *block = ir_block(state->function, id);
  for (uint32_t i = from; i-- > 0;) {
    const IrInst *inst = ir_inst(state->function, block->insts.items[i]);
    *value = value_left_by(state, inst, at);
    if (*value != 0) {
      return FOUND;
    }
    if (++state->instructions > INSTRUCTIONS_MOST || may_change(state, inst, at)) {
      return CHANGED;
    }
  }
  return AT_THE_START;
}

static IrBlockId block_of(const Forwarding *state, IrValue value) {
  return value < state->values ? state->defined[value] : state->function->values.items[value].block;
}

// What a value of the location at the start of `block` is on the way there, or 0 if there is no such.
static IrValue along(const Forwarding *state, IrValue value, IrBlockId block, Edge edge) {
  if (value == 0 || block_of(state, value) != block) {
    return value;
  }
  const IrBlock *target = ir_block(state->function, block);
  for (uint32_t p = 0; p < target->params.count; p++) {
    if (target->params.items[p] == value) {
      return ir_resolve(state->function,
                        ir_block(state->function, edge.block)->edges.items[edge.edge].args.items[p]);
    }
  }
  return 0;
}

static bool is_not_null(const Forwarding *state, IrValue value, IrBlockId end_of) {
  if (!ir_type_is_nullable(ir_type_of(state->function, value))) {
    return true;
  }
  for (uint32_t i = 0; value < state->values && i < state->touched[value].count; i++) {
    if (ir_dominates(&state->flow, state->touched[value].items[i], end_of)) {
      return true;
    }
  }
  return false;
}

// May the load stand at the end of the block before a loop?
static bool may_insert(const Forwarding *state, IrBlockId header, Edge edge, const Location *at) {
  return at->index == 0 && state->flow.loop_header[header] &&
         !ir_dominates(&state->flow, header, edge.block) &&
         ir_block(state->function, edge.block)->edges.count == 1 &&
         is_not_null(state, at->object, edge.block);
}

static uint32_t find_visit(const Forwarding *state, IrBlockId block, const Location *at) {
  for (uint32_t i = 0; i < state->visits.count; i++) {
    const Visit *visit = &state->visits.items[i];
    if (visit->block == block && visit->object == at->object && visit->index == at->index) {
      return i;
    }
  }
  return NONE;
}

static uint32_t visit(Forwarding *state, IrBlockId block, const Location *at);

// Finds what comes along an edge to `block`.
static bool find_source(Forwarding *state, IrBlockId block, Edge edge, const Location *at, Source *source) {
  Location there = *at;
  there.object = along(state, at->object, block, edge);
  there.index = along(state, at->index, block, edge);
  *source = (Source){.block = edge.block, .edge = edge.edge, .visit = NONE};
  if (there.object == 0 || (there.index == 0) != (at->index == 0)) {
    return false;
  }
  Outcome outcome =
      scan(state, edge.block, ir_block(state->function, edge.block)->insts.count, &there, &source->value);
  if (outcome == AT_THE_START) {
    uint32_t visits = state->visits.count, sources = state->sources.count;
    source->visit = visit(state, edge.block, &there);
    if (source->visit == NONE) { // what was visited in vain must not be found again
      state->visits.count = visits;
      state->sources.count = sources;
    }
  }
  if (outcome == FOUND || source->visit != NONE) {
    return true;
  }
  source->loads = may_insert(state, block, edge, &there) ? there.object : 0;
  return source->loads != 0;
}

// Visits the start of a block and all that it needs. A block met again has what is being searched: a loop
// does not change it. NONE if some way does not have it.
static uint32_t visit(Forwarding *state, IrBlockId block, const Location *at) {
  uint32_t found = find_visit(state, block, at);
  if (found != NONE || block == 1 || state->visits.count == VISITS_MOST) {
    return found;
  }
  uint32_t id = state->visits.count, count = state->incoming[block].count;
  uint32_t first = VECTOR_EXTEND(&state->scratch, &state->sources, count);
  Visit made = {.block = block, .object = at->object, .index = at->index, .first = first, .count = count};
  VECTOR_PUSH(&state->scratch, &state->visits, made);
  for (uint32_t i = 0; i < count; i++) {
    Source source;
    if (!find_source(state, block, state->incoming[block].items[i], at, &source)) {
      return NONE;
    }
    state->sources.items[first + i] = source;
  }
  return id;
}

// ------------------------------------------------------------------------------------------------ the
// rewriting

static IrValue value_of_visit(const Forwarding *state, uint32_t id) {
  const Visit *at = &state->visits.items[id];
  while (at->parameter == 0) { // one way leads here
    const Source *source = &state->sources.items[at->first];
    if (source->visit == NONE) {
      return source->value;
    }
    at = &state->visits.items[source->visit];
  }
  return at->parameter;
}

static void insert_load(Forwarding *state, Source *source, IrType type, IrInstOrigin origin) {
  const Location *at = &state->location;
  IrInst load = {.opcode = (uint16_t)at->opcode, .a = at->heap, .b = at->field, .origin = origin};
  uint32_t end = ir_block(state->function, source->block)->insts.count;
  source->value = ir_insert(state->module, state->id, source->block, end, load, &source->loads, 1, type);
  state->hoisted++;
}

// The one value that all ways begin with, or 0. It then dominates the load and needs no parameters.
static IrValue only_value(const Forwarding *state) {
  IrValue only = 0;
  for (uint32_t i = 0; i < state->sources.count; i++) {
    const Source *source = &state->sources.items[i];
    if (source->visit == NONE) {
      if (only != 0 && only != source->value) {
        return 0;
      }
      only = source->value;
    }
  }
  return only;
}

static void give_arguments(Forwarding *state, const Visit *at) {
  for (uint32_t s = at->first; s < at->first + at->count; s++) {
    const Source *source = &state->sources.items[s];
    IrValue value = source->visit == NONE ? source->value : value_of_visit(state, source->visit);
    IrEdge *edge = &ir_block(state->function, source->block)->edges.items[source->edge];
    VECTOR_PUSH(&state->module->arena, &edge->args, value);
  }
}

// Makes the loads and parameters that the visits need; gives the value of the first.
static IrValue build(Forwarding *state, IrType type, IrInstOrigin origin) {
  for (uint32_t i = 0; i < state->sources.count; i++) {
    if (state->sources.items[i].loads != 0) {
      insert_load(state, &state->sources.items[i], type, origin);
    }
  }
  IrValue only = only_value(state);
  if (only != 0) {
    return only;
  }
  for (uint32_t i = 0; i < state->visits.count; i++) {
    Visit *at = &state->visits.items[i];
    if (at->count > 1) {
      at->parameter = ir_add_param(state->module, state->id, at->block, type);
    }
  }
  for (uint32_t i = 0; i < state->visits.count; i++) {
    if (state->visits.items[i].parameter != 0) {
      give_arguments(state, &state->visits.items[i]);
    }
  }
  state->carried++;
  return value_of_visit(state, 0);
}

// Forwards the load at a place of a block; true if it goes.
static bool forward(Forwarding *state, IrBlockId block, uint32_t place) {
  const IrInst *inst = ir_inst(state->function, ir_block(state->function, block)->insts.items[place]);
  if (!location_of(state, inst, &state->location)) {
    return false;
  }
  IrValue result = inst->result, value = 0;
  IrType type = ir_type_of(state->function, result);
  IrInstOrigin origin = inst->origin;
  state->visits.count = state->sources.count = state->instructions = 0;
  Outcome outcome = scan(state, block, place, &state->location, &value);
  if (outcome == AT_THE_START) {
    uint32_t start = visit(state, block, &state->location);
    value = start == NONE ? 0 : build(state, type, origin);
  }
  if (value == 0) {
    return false;
  }
  ir_replace(state->function, result, value);
  state->forwarded++;
  return true;
}

static void touch(Forwarding *state, IrBlockId block, const IrInst *inst) {
  switch ((IrOpcode)inst->opcode) {
  case IR_STRUCT_GET:
  case IR_STRUCT_GET_S:
  case IR_STRUCT_SET:
  case IR_ARRAY_GET:
  case IR_ARRAY_GET_S:
  case IR_ARRAY_SET:
  case IR_ARRAY_LEN:
  case IR_REF_AS_NON_NULL:
    VECTOR_PUSH(&state->scratch, &state->touched[operand(state, inst, 0)], block);
    break;
  default:
    break;
  }
}

static void survey(Forwarding *state) {
  for (uint32_t b = 0; b < state->flow.count; b++) {
    IrBlockId id = state->flow.order[b];
    const IrBlock *block = ir_block(state->function, id);
    for (uint32_t p = 0; p < block->params.count; p++) {
      state->defined[block->params.items[p]] = id;
    }
    for (uint32_t i = 0; i < block->insts.count; i++) {
      const IrInst *inst = ir_inst(state->function, block->insts.items[i]);
      for (uint32_t r = 0; r < inst->result_count; r++) {
        state->defined[inst->result + r] = id;
      }
      touch(state, id, inst);
    }
    for (uint32_t e = 0; e < block->edges.count; e++) {
      VECTOR_PUSH(&state->scratch, &state->incoming[block->edges.items[e].target], (Edge){id, e});
    }
  }
}

static bool forward_loads(Forwarding *state) {
  arena_init(&state->scratch);
  uint32_t before = state->forwarded;
  state->flow = ir_flow(&state->scratch, state->function);
  state->values = state->function->values.count;
  state->defined = ARENA_ARRAY(&state->scratch, IrBlockId, state->values);
  state->touched = ARENA_ARRAY(&state->scratch, Ids, state->values);
  state->incoming = ARENA_ARRAY(&state->scratch, Edges, state->function->blocks.count);
  memset(&state->visits, 0, sizeof state->visits);
  memset(&state->sources, 0, sizeof state->sources);
  survey(state);
  for (uint32_t b = 0; b < state->flow.count; b++) {
    IrBlockId id = state->flow.order[b];
    for (uint32_t i = 0; i < ir_block(state->function, id)->insts.count; i++) {
      if (forward(state, id, i)) {
        IrBlock *block = ir_block(state->function, id);
        memmove(block->insts.items + i, block->insts.items + i + 1,
                sizeof(IrInstId) * (block->insts.count - i - 1));
        block->insts.count--;
        i--;
      }
    }
  }
  arena_free(&state->scratch);
  return state->forwarded > before;
}

void pass_load_forwarding(PassRun *run) {
  Arena scratch;
  arena_init(&scratch);
  Forwarding state = {.module = run->module, .effects = effects_of(run->module, &scratch)};
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    state.id = id;
    state.function = ir_function(run->module, id);
    // A load through an object that was loaded itself may only now be seen to be of the same object.
    for (uint32_t round = 0; round < ROUNDS_MOST && state.function->blocks.count > 1; round++) {
      if (!forward_loads(&state)) {
        break;
      }
      simplify_function(run->module, id);
      merge_equal_parameters(run->module, id);
      run->changed = true;
    }
  }
  arena_free(&scratch);
  pass_metric(run, "loads", state.forwarded);
  pass_metric(run, "carried", state.carried);
  pass_metric(run, "hoisted", state.hoisted);
}
