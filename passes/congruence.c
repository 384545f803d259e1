// Parameters that always have the value of another, as the searches of load-forwarding leave them.
//
// Two questions, both answered hopefully until an edge says otherwise, so that loops do not hide the answer.
// Is a parameter always the same value from further up? Parameters that only pass each other around, and that
// value, are. Which parameters of a block always have the same value? The greatest such equivalence, by
// partition refinement (Alpern, Wegman, Zadeck, "Detecting Equality of Variables in Programs", POPL 1988, for
// parameters alone).
#include "passes/simplify.h"

typedef struct Edge {
  IrBlockId block;
  uint32_t edge;
} Edge;
typedef VECTOR(Edge) Edges;

typedef struct Congruence {
  IrFunction *function;
  Edges *incoming; // by block
  IrFlow flow;
  IrValue *
      leader; // by value: the value or first parameter of its block thought equal, or itself; 0: anything yet
} Congruence;

static IrValue leader_along(const Congruence *state, Edge edge, uint32_t param) {
  return state->leader[ir_block(state->function, edge.block)->edges.items[edge.edge].args.items[param]];
}

// The one value that all edges give a parameter, as far as is known; itself if there are two.
static IrValue only_value(const Congruence *state, IrBlockId id, uint32_t param) {
  IrValue only = 0, self = ir_block(state->function, id)->params.items[param];
  for (uint32_t i = 0; i < state->incoming[id].count; i++) {
    IrValue value = leader_along(state, state->incoming[id].items[i], param);
    if (value != 0 && value != self) {
      if (only != 0 && only != value) {
        return self;
      }
      only = value;
    }
  }
  return only;
}

// Each parameter goes from anything to a value, and from there at most to itself.
static void find_copies(Congruence *state) {
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 1; b < state->flow.count; b++) {
      const IrBlock *block = ir_block(state->function, state->flow.order[b]);
      for (uint32_t p = 0; p < block->params.count; p++) {
        IrValue param = block->params.items[p];
        IrValue value = state->leader[param] == param ? param : only_value(state, state->flow.order[b], p);
        if (state->leader[param] != 0 && state->leader[param] != value) {
          value = param;
        }
        changed |= state->leader[param] != value;
        state->leader[param] = value;
      }
    }
  }
}

static bool are_equal(const Congruence *state, IrBlockId id, uint32_t first, uint32_t second) {
  const IrBlock *block = ir_block(state->function, id);
  if (state->leader[block->params.items[first]] != state->leader[block->params.items[second]]) {
    return false;
  }
  for (uint32_t i = 0; i < state->incoming[id].count; i++) {
    Edge edge = state->incoming[id].items[i];
    if (leader_along(state, edge, first) != leader_along(state, edge, second)) {
      return false;
    }
  }
  return true;
}

// Splits what is not equal; the new leaders of a block count when all are known.
static bool refine(Congruence *state, IrBlockId id, Arena *scratch) {
  const IrBlock *block = ir_block(state->function, id);
  IrValue *leaders = ARENA_ARRAY(scratch, IrValue, block->params.count);
  bool changed = false;
  for (uint32_t p = 0; p < block->params.count; p++) {
    uint32_t q = 0;
    while (q < p && !are_equal(state, id, q, p)) {
      q++;
    }
    leaders[p] = block->params.items[q];
  }
  for (uint32_t p = 0; p < block->params.count; p++) {
    changed |= state->leader[block->params.items[p]] != leaders[p];
    state->leader[block->params.items[p]] = leaders[p];
  }
  return changed;
}

static void think_equal(Congruence *state, const IrBlock *block) {
  for (uint32_t p = 0; p < block->params.count; p++) {
    uint32_t q = 0;
    while (ir_type_of(state->function, block->params.items[q]) !=
           ir_type_of(state->function, block->params.items[p])) {
      q++;
    }
    state->leader[block->params.items[p]] = block->params.items[q];
  }
}

static bool replace_by_leaders(const Congruence *state) {
  bool replaced = false;
  for (uint32_t b = 1; b < state->flow.count; b++) {
    const IrBlock *block = ir_block(state->function, state->flow.order[b]);
    for (uint32_t p = 0; p < block->params.count; p++) {
      IrValue param = block->params.items[p], leader = state->leader[param];
      if (leader != param && leader != 0) {
        ir_replace(state->function, param, leader);
        replaced = true;
      }
    }
  }
  return replaced;
}

static void find_equals(Congruence *state, Arena *scratch) {
  for (uint32_t b = 1; b < state->flow.count; b++) {
    think_equal(state, ir_block(state->function, state->flow.order[b]));
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 1; b < state->flow.count; b++) {
      changed |= refine(state, state->flow.order[b], scratch);
    }
  }
}

typedef enum { COPIES, EQUALS } Question;

static bool ask(IrModule *module, IrFunctionId id, Question question) {
  Arena scratch;
  arena_init(&scratch);
  Congruence state = {.function = ir_function(module, id)};
  state.flow = ir_flow(&scratch, state.function);
  state.incoming = ARENA_ARRAY(&scratch, Edges, state.function->blocks.count);
  state.leader = ARENA_ARRAY(&scratch, IrValue, state.function->values.count);
  for (IrValue value = 1; value < state.function->values.count; value++) {
    state.leader[value] = value;
  }
  for (uint32_t b = 0; b < state.flow.count; b++) {
    const IrBlock *block = ir_block(state.function, state.flow.order[b]);
    for (uint32_t e = 0; e < block->edges.count; e++) {
      VECTOR_PUSH(&scratch, &state.incoming[block->edges.items[e].target], (Edge){state.flow.order[b], e});
    }
    for (uint32_t p = 0; b > 0 && p < block->params.count; p++) {
      state.leader[block->params.items[p]] = 0; // those of the function are what they are
    }
  }
  if (question == COPIES) {
    find_copies(&state);
  } else {
    find_equals(&state, &scratch);
  }
  bool replaced = replace_by_leaders(&state);
  arena_free(&scratch);
  if (replaced) {
    ir_cleanup(module, id);
  }
  return replaced;
}

bool merge_equal_parameters(IrModule *module, IrFunctionId id) {
  bool copies = ask(module, id, COPIES), equals = ask(module, id, EQUALS);
  return copies || equals;
}
