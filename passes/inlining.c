// inlining: the body of a small function takes the place of a call to it.
//
// Binaryen inlines too, but late, by the size of code that is not small yet, and never a function of many
// results. What pays here is what disappears after: a wrapper object that a method only reads, an Optional
// that the next line takes apart, the lanes of a value type that would cross a call as results on the stack.
// So the limit grows with the lanes that a call passes.
//
// Functions are visited callees first, so that a body is as small as it gets when it is judged; a call within
// a cycle of calls is left alone. A call in tail position keeps the callee's own ends.
#include "base/failure.h"
#include "passes/inline_call.h"
#include "passes/pass.h"

enum {
  SMALL = 20,        // instructions of a body that is always inlined
  PER_LANE = 3,      // more for each parameter and result
  ONCE = 200,        // a function with one call in the program
  CALLER_MOST = 3000 // instructions of a function beyond which nothing more is inlined into it
};

typedef enum { UNVISITED, OPEN, DONE } Visit;

typedef struct Inlining {
  IrModule *module;
  Arena scratch;
  uint8_t *visits;    // by IrFunctionId
  uint32_t *mentions; // by IrFunctionId: calls, references, exports, table entries
  uint32_t *calls;    // by IrFunctionId: direct calls alone
  uint32_t *sizes;    // by IrFunctionId, once DONE
  bool *recursive;    // by IrFunctionId, once DONE: calls itself
  uint32_t inlined;
} Inlining;

static bool has_body(const IrModule *module, IrFunctionId id) {
  return ir_function(module, id)->blocks.count > 1;
}

static bool is_call(const IrInst *inst) {
  return inst->opcode == IR_CALL || inst->opcode == IR_TAIL_CALL;
}

// ----------------------------------------------------------------------------------------------- judgement

static void count_mentions(Inlining *state) {
  const IrModule *module = state->module;
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    const IrFunction *function = ir_function(module, id);
    for (IrBlockId block = 1; block < function->blocks.count; block++) {
      const IrBlock *at = ir_block(function, block);
      for (uint32_t i = 0; at->terminator != 0 && i <= at->insts.count; i++) {
        const IrInst *inst = ir_inst(function, i < at->insts.count ? at->insts.items[i] : at->terminator);
        if (is_call(inst)) {
          state->mentions[inst->a]++;
          state->calls[inst->a]++;
        } else if (inst->opcode == IR_REF_FUNC) {
          state->mentions[inst->a] += 2; // never its only mention
        }
      }
    }
  }
  for (uint32_t i = 0; i < module->exports.count; i++) {
    if (module->exports.items[i].kind == IR_EXPORT_FUNCTION) {
      state->mentions[module->exports.items[i].id] += 2;
    }
  }
  for (uint32_t i = 0; i < module->constants.count; i++) {
    if (module->constants.items[i].opcode == IR_REF_FUNC) {
      state->mentions[module->constants.items[i].a] += 2;
    }
  }
  for (uint32_t i = 1; i < module->tables.count; i++) {
    for (uint32_t k = 0; k < module->tables.items[i].entries.count; k++) {
      state->mentions[module->tables.items[i].entries.items[k]] += 2;
    }
  }
}

// Instructions that become code; constants go into their users.
static uint32_t size_of(const IrFunction *function) {
  uint32_t size = 0;
  for (IrBlockId block = 1; block < function->blocks.count; block++) {
    const IrBlock *at = ir_block(function, block);
    for (uint32_t i = 0; at->terminator != 0 && i < at->insts.count; i++) {
      uint16_t opcode = ir_inst(function, at->insts.items[i])->opcode;
      size += opcode < IR_I32_CONST || opcode > IR_F64_CONST;
    }
    size += at->terminator != 0;
  }
  return size;
}

static bool calls_itself(const IrFunction *function, IrFunctionId id) {
  for (IrBlockId block = 1; block < function->blocks.count; block++) {
    const IrBlock *at = ir_block(function, block);
    for (uint32_t i = 0; at->terminator != 0 && i <= at->insts.count; i++) {
      const IrInst *inst = ir_inst(function, i < at->insts.count ? at->insts.items[i] : at->terminator);
      if (is_call(inst) && inst->a == id) {
        return true;
      }
    }
  }
  return false;
}

static bool is_small(const Inlining *state, IrFunctionId id) {
  const IrHeapType *type = ir_heap(state->module, ir_function(state->module, id)->type);
  return state->sizes[id] <= SMALL + PER_LANE * (type->param_count + type->result_count);
}

// A function with one call goes there, unless the caller is small and itself to be inlined at several places:
// then the callee is what the caller does seldom, as an array that grows when something is pushed.
static bool is_worth(const Inlining *state, IrFunctionId caller, IrFunctionId callee) {
  if (state->recursive[callee]) {
    return false; // one round of it is no gain
  }
  return is_small(state, callee) || (state->mentions[callee] == 1 && state->sizes[callee] <= ONCE &&
                                     !(state->calls[caller] > 1 && is_small(state, caller)));
}

static bool may_inline(const Inlining *state, IrFunctionId caller, const IrInst *inst) {
  return is_call(inst) && inst->a != caller && has_body(state->module, inst->a) &&
         state->visits[inst->a] == DONE && state->sizes[caller] + state->sizes[inst->a] <= CALLER_MOST &&
         is_worth(state, caller, inst->a);
}

// ------------------------------------------------------------------------------------------------ the order

static void inline_call(Inlining *state, IrFunctionId caller, IrBlockId block, uint32_t at,
                        IrFunctionId callee) {
  ir_inline_call(state->module, &state->scratch, caller, block, at);
  state->sizes[caller] += state->sizes[callee];
  state->mentions[callee]--;
  state->inlined++;
}

static void inline_into(Inlining *state, IrFunctionId id) {
  IrFunction *function = ir_function(state->module, id);
  state->sizes[id] = size_of(function);
  state->recursive[id] = calls_itself(function, id);
  uint32_t before = state->inlined, blocks = function->blocks.count;
  // What is copied in was judged when its own function was visited; what follows a call is a block of its
  // own.
  for (IrBlockId block = 1; block < blocks; block++) {
    IrBlockId at = block;
    for (uint32_t i = 0; ir_block(function, at)->terminator != 0 && i <= ir_block(function, at)->insts.count;
         i++) {
      const IrBlock *here = ir_block(function, at);
      bool tail = i == here->insts.count;
      const IrInst *inst = ir_inst(function, tail ? here->terminator : here->insts.items[i]);
      if (!may_inline(state, id, inst)) {
        continue;
      }
      IrBlockId after =
          function->blocks.count; // the first block that is made, unless the call is a tail call
      inline_call(state, id, at, i, inst->a);
      if (tail) {
        break;
      }
      at = after;
      i = UINT32_MAX; // goes on at its first instruction
    }
  }
  if (state->inlined > before) {
    ir_cleanup(state->module, id);
    state->sizes[id] = size_of(function);
  }
}

typedef struct Frame {
  IrFunctionId function;
  IrBlockId block;
  uint32_t inst;
} Frame;

// The next function called from here that was not visited, or 0.
static IrFunctionId next_callee(const Inlining *state, Frame *frame) {
  const IrFunction *function = ir_function(state->module, frame->function);
  for (; frame->block < function->blocks.count; frame->block++, frame->inst = 0) {
    const IrBlock *block = ir_block(function, frame->block);
    while (block->terminator != 0 && frame->inst <= block->insts.count) {
      uint32_t i = frame->inst++;
      const IrInst *inst =
          ir_inst(function, i < block->insts.count ? block->insts.items[i] : block->terminator);
      if (is_call(inst) && state->visits[inst->a] == UNVISITED) {
        return inst->a;
      }
    }
  }
  return 0;
}

static void visit_from(Inlining *state, IrFunctionId root) {
  VECTOR(Frame) frames = {0};
  state->visits[root] = OPEN;
  VECTOR_PUSH(&state->scratch, &frames, (Frame){root, 1, 0});
  while (frames.count > 0) {
    Frame *frame = &frames.items[frames.count - 1];
    IrFunctionId callee = next_callee(state, frame);
    if (callee != 0) {
      state->visits[callee] = OPEN;
      VECTOR_PUSH(&state->scratch, &frames, (Frame){callee, 1, 0});
      continue;
    }
    IrFunctionId id = frame->function;
    frames.count--;
    if (has_body(state->module, id)) {
      inline_into(state, id);
    }
    state->visits[id] = DONE;
  }
}

void pass_inlining(PassRun *run) {
  Inlining state = {.module = run->module};
  arena_init(&state.scratch);
  uint32_t count = run->module->functions.count;
  state.visits = ARENA_ARRAY(&state.scratch, uint8_t, count);
  state.mentions = ARENA_ARRAY(&state.scratch, uint32_t, count);
  state.calls = ARENA_ARRAY(&state.scratch, uint32_t, count);
  state.sizes = ARENA_ARRAY(&state.scratch, uint32_t, count);
  state.recursive = ARENA_ARRAY(&state.scratch, bool, count);
  count_mentions(&state);
  for (IrFunctionId id = 1; id < count; id++) {
    if (state.visits[id] == UNVISITED) {
      visit_from(&state, id);
    }
  }
  run->changed = state.inlined > 0;
  pass_metric(run, "calls", state.inlined);
  arena_free(&state.scratch);
}
