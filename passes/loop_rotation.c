// loop-rotation: `while c { … }` becomes `if c { do { … } while c }`, so that a round takes one jump and code
// that needs no round never enters the loop (loop inversion: Muchnick, "Advanced Compiler Design and
// Implementation", §18.5).
//
// The copy of the test costs bytes, and the engine does this by itself to loops without calls; so only loops
// that call are rotated. Recursion that became a loop profits most: a call that ends at once (every other one
// of a naive Fibonacci) runs straight through. After the passes that want the test at the top.
#include "base/bits.h"
#include "passes/block_copies.h"
#include "passes/pass.h"
#include "passes/simplify.h"

typedef struct Rotation {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  Arena scratch;
  IrFlow flow;
  uint64_t *meets; // headers that a rotated loop of this round begins or goes on with
  uint32_t rotated;
} Rotation;

typedef struct Loop {
  IrBlockId header;
  VECTOR(IrBlockId) blocks; // of the natural loop: those that reach a back edge without the header
  uint64_t *inside;         // the same as a set
  uint32_t out;             // edge of the header that leaves the loop
} Loop;

static Loop loop_of(Rotation *state, IrBlockId header) {
  Loop loop = {.header = header, .inside = bits_new(&state->scratch, state->function->blocks.count)};
  bits_add(loop.inside, header);
  VECTOR_PUSH(&state->scratch, &loop.blocks, header);
  for (uint32_t b = 0; b < loop.blocks.count; b++) {
    const IrBlock *block = ir_block(state->function, loop.blocks.items[b]);
    for (uint32_t p = 0; p < block->pred.count; p++) {
      IrBlockId from = block->pred.items[p];
      if (ir_dominates(&state->flow, header, from) && !bits_has(loop.inside, from)) {
        bits_add(loop.inside, from);
        VECTOR_PUSH(&state->scratch, &loop.blocks, from);
      }
    }
  }
  loop.out = bits_has(loop.inside, ir_block(state->function, header)->edges.items[0].target);
  return loop;
}

static bool calls(const Rotation *state, const Loop *loop) {
  for (uint32_t b = 0; b < loop->blocks.count; b++) {
    const IrBlock *block = ir_block(state->function, loop->blocks.items[b]);
    for (uint32_t i = 0; i < block->insts.count; i++) {
      IrOpcode opcode = (IrOpcode)ir_inst(state->function, block->insts.items[i])->opcode;
      if (opcode == IR_CALL || opcode == IR_CALL_REF || opcode == IR_CALL_INDIRECT) {
        return true;
      }
    }
  }
  return false;
}

// Is the header a test that one way leaves the loop by, before anything has happened in it?
static bool tests_first(const Rotation *state, IrBlockId header) {
  return ir_terminator(state->function, header)->opcode == IR_BR_IF &&
         block_is_cheap(state->module, state->function, ir_block(state->function, header));
}

// A body that heads a loop of its own would become the header of both. What follows a rotated loop is entered
// from the copy of its test as well, so the loop there has its turn in the next round.
static bool is_worth(const Rotation *state, const Loop *loop) {
  const IrBlock *block = ir_block(state->function, loop->header);
  IrBlockId body = block->edges.items[!loop->out].target, behind = block->edges.items[loop->out].target;
  return !bits_has(loop->inside, behind) && body != loop->header && !state->flow.loop_header[body] &&
         !bits_has(state->meets, loop->header) && !bits_has(state->meets, behind) && calls(state, loop);
}

// What enters the loop tests in a copy of the header; the header itself is left to the rounds that end. Where
// the function returns behind the loop, without a round it returns at once: the result is often simpler
// there.
static void rotate(Rotation *state, BlockCopies *copies, const Loop *loop) {
  IrFunction *function = state->function;
  IrBlockId test = block_copies_add(copies, loop->header, ALL_EDGES);
  IrBlockId behind = ir_block(function, test)->edges.items[loop->out].target;
  if (ir_terminator(function, behind)->opcode == IR_RETURN &&
      block_is_cheap(state->module, function, ir_block(function, behind))) {
    IrBlockId end = block_copies_add(copies, behind, ALL_EDGES);
    ir_block(function, test)->edges.items[loop->out].target = end;
  }
  const IrBlock *header = ir_block(function, loop->header);
  for (uint32_t p = 0; p < header->pred.count; p++) {
    IrBlock *from = ir_block(function, header->pred.items[p]);
    for (uint32_t e = 0; !bits_has(loop->inside, header->pred.items[p]) && e < from->edges.count; e++) {
      IrEdge *edge = &from->edges.items[e];
      edge->target = edge->target == loop->header ? test : edge->target;
    }
  }
  bits_add(state->meets, loop->header);
  bits_add(state->meets, behind);
  state->rotated++;
}

// A rotated loop does not test first any more, so the rounds end.
static bool rotate_round(Rotation *state) {
  arena_init(&state->scratch);
  state->flow = ir_flow(&state->scratch, state->function);
  state->meets = bits_new(&state->scratch, state->function->blocks.count);
  BlockCopies copies;
  uint32_t before = state->rotated;
  for (uint32_t b = 0; b < state->flow.count; b++) {
    IrBlockId header = state->flow.order[b];
    if (state->flow.loop_header[header] && tests_first(state, header)) {
      Loop loop = loop_of(state, header);
      if (is_worth(state, &loop)) {
        if (state->rotated == before) {
          block_copies_begin(&copies, state->module, state->id, &state->scratch);
        }
        rotate(state, &copies, &loop);
      }
    }
  }
  if (state->rotated > before) {
    block_copies_end(&copies);
  }
  arena_free(&state->scratch);
  return state->rotated > before;
}

void pass_loop_rotation(PassRun *run) {
  Rotation state = {.module = run->module};
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    state.id = id;
    state.function = ir_function(run->module, id);
    while (state.function->blocks.count > 1 && rotate_round(&state)) {
      ir_cleanup(run->module, id);
      simplify_function(run->module, id);
      run->changed = true;
    }
  }
  pass_metric(run, "loops", state.rotated);
}
