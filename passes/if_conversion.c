// if-conversion: a branch that only chooses between numbers becomes a selection.
//
// Two ways to the same block that differ in a parameter or two, with at most a couple of cheap instructions
// on the way, cost less when both are computed: the processor need not guess. `a < b ? a : b` in a loop is
// the pattern, and an index that may count from the end. The limits are about those of LLVM's SimplifyCFG.
#include "passes/pass.h"
#include "passes/simplify.h"

enum { SELECTS_MOST = 2, HOISTED_MOST = 2 };

// One way out of a branch: where it arrives, and the block it passes on the way, or 0.
typedef struct Way {
  IrBlockId through, target;
  const IrValues *args;
} Way;

typedef struct Conversion {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  uint32_t selects;
} Conversion;

// Whether computing it in vain does no harm and costs about a cycle.
static bool is_cheap(const Conversion *state, const IrInst *inst) {
  bool computes = ir_opcode_info((IrOpcode)inst->opcode)->numeric || inst->opcode == IR_SELECT ||
                  inst->opcode == IR_I32_CONST || inst->opcode == IR_I64_CONST;
  if (!computes || ir_inst_effects(state->module, state->function, inst) != IR_PURE) {
    return false;
  }
  IrType type = ir_type_of(state->function, inst->result);
  return type == IR_I32 || type == IR_I64;
}

static Way way_along(const Conversion *state, const IrEdge *edge) {
  const IrBlock *block = ir_block(state->function, edge->target);
  bool passes = block->pred.count == 1 && block->params.count == 0 && block->insts.count <= HOISTED_MOST &&
                ir_inst(state->function, block->terminator)->opcode == IR_BR;
  for (uint32_t i = 0; passes && i < block->insts.count; i++) {
    passes = is_cheap(state, ir_inst(state->function, block->insts.items[i]));
  }
  return passes ? (Way){edge->target, block->edges.items[0].target, &block->edges.items[0].args}
                : (Way){0, edge->target, &edge->args};
}

static uint32_t instructions(const Conversion *state, Way way) {
  return way.through == 0 ? 0 : ir_block(state->function, way.through)->insts.count;
}

static bool is_worth(const Conversion *state, Way first, Way second) {
  if (first.target != second.target ||
      instructions(state, first) + instructions(state, second) > HOISTED_MOST) {
    return false;
  }
  uint32_t selects = 0;
  for (uint32_t i = 0; i < first.args->count; i++) {
    if (first.args->items[i] != second.args->items[i]) {
      IrType type = ir_type_of(state->function, first.args->items[i]);
      if (ir_type_is_reference(type)) {
        return false;
      }
      selects++;
    }
  }
  return selects <= SELECTS_MOST;
}

static void hoist(Conversion *state, Way way, IrBlockId into) {
  for (uint32_t i = 0; i < instructions(state, way); i++) {
    IrInstId inst = ir_block(state->function, way.through)->insts.items[i];
    VECTOR_PUSH(&state->module->arena, &ir_block(state->function, into)->insts, inst);
  }
  if (way.through != 0) {
    ir_block(state->function, way.through)->insts.count = 0;
  }
}

static bool convert(Conversion *state, IrBlockId id) {
  IrFunction *function = state->function;
  const IrBlock *block = ir_block(function, id);
  if (block->terminator == 0 || ir_inst(function, block->terminator)->opcode != IR_BR_IF) {
    return false;
  }
  Way taken = way_along(state, &block->edges.items[0]), other = way_along(state, &block->edges.items[1]);
  if (!is_worth(state, taken, other)) {
    return false;
  }
  IrInstOrigin origin = ir_terminator(function, id)->origin;
  IrValue condition = ir_operands(function, ir_terminator(function, id))[0];
  hoist(state, taken, id);
  hoist(state, other, id);
  IrEdge edge = {.target = taken.target};
  for (uint32_t i = 0; i < taken.args->count; i++) {
    IrValue value = taken.args->items[i], otherwise = other.args->items[i];
    if (value != otherwise) {
      IrType type = ir_type_of(function, value);
      IrInst select = {.opcode = IR_SELECT, .a = type, .origin = origin};
      value = ir_insert(state->module, state->id, id, ir_block(function, id)->insts.count, select,
                        (IrValue[]){value, otherwise, condition}, 3, type);
      state->selects++;
    }
    VECTOR_PUSH(&state->module->arena, &edge.args, value);
  }
  ir_end_with(state->module, state->id, id, IR_BR, &edge, origin);
  return true;
}

void pass_if_conversion(PassRun *run) {
  Conversion state = {.module = run->module};
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    state.id = id;
    state.function = ir_function(run->module, id);
    for (bool changed = true; changed;) {
      changed = false;
      for (IrBlockId block = 1; block < state.function->blocks.count; block++) {
        changed |= convert(&state, block);
      }
      if (changed) { // a block that became simple may now be passed by another
        ir_cleanup(run->module, id);
        run->changed = true;
      }
    }
  }
  pass_metric(run, "selects", state.selects);
}
