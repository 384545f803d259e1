// common-subexpressions: what was computed on every way here is not computed again.
//
// Values are numbered along the dominator tree (Briggs, Cooper, Simpson, "Value Numbering", 1997): an
// instruction that reads nothing that can change, with the operands of one that dominates it, gives what that
// gave; if that one did not trap, this one does not. The passes behind compare values by identity: `row[j +
// 1]` read and written.
#include "base/failure.h"
#include "passes/pass.h"
#include "passes/simplify.h"

typedef struct Numbering {
  IrModule *module;
  IrFunction *function;
  Arena scratch;
  IrFlow flow;
  IdMap newest; // hash of an expression -> place in `known` + 1 of the newest one
  VECTOR(IrInstId) known;
  VECTOR(IrBlockId) blocks; // of the known
  VECTOR(uint32_t) older;   // of the known: the next older one of the same hash, + 1
  uint32_t removed;
} Numbering;

static bool is_numbered(const Numbering *state, const IrInst *inst) {
  const uint32_t harmless = IR_TRAPS; // the same trap would have struck before
  return inst->result_count == 1 && inst->opcode != IR_UNDEF && inst->opcode != IR_I32_CONST &&
         inst->opcode != IR_I64_CONST &&
         (ir_inst_effects(state->module, state->function, inst) & ~harmless) == IR_PURE;
}

static uint64_t hash_of(const Numbering *state, const IrInst *inst) {
  uint64_t hash = hash_mix(inst->opcode, inst->bits);
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    hash = hash_mix(hash, ir_operands(state->function, inst)[i]);
  }
  return hash >> 1;
}

static bool are_equal(const Numbering *state, const IrInst *first, const IrInst *second) {
  return first->opcode == second->opcode && first->bits == second->bits &&
         first->operand_count == second->operand_count &&
         (first->operand_count == 0 ||
          memcmp(ir_operands(state->function, first), ir_operands(state->function, second),
                 sizeof(IrValue) * first->operand_count) == 0);
}

static void resolve_operands(Numbering *state, const IrInst *inst) {
  IrValue *operands = ir_operands(state->function, inst);
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    operands[i] = ir_resolve(state->function, operands[i]);
  }
}

// Replaces an instruction by an equal one above it, or remembers it.
static bool number(Numbering *state, IrBlockId block, IrInstId id) {
  const IrInst *inst = ir_inst(state->function, id);
  uint64_t hash = hash_of(state, inst);
  uint32_t newest = id_map_get(&state->newest, hash);
  uint32_t next = newest == ID_MAP_NONE ? 0 : newest;
  for (uint32_t at = next; at != 0; at = state->older.items[at - 1]) {
    const IrInst *above = ir_inst(state->function, state->known.items[at - 1]);
    if (are_equal(state, above, inst) && ir_dominates(&state->flow, state->blocks.items[at - 1], block)) {
      ir_replace(state->function, inst->result, above->result);
      state->removed++;
      return true;
    }
  }
  VECTOR_PUSH(&state->scratch, &state->known, id);
  VECTOR_PUSH(&state->scratch, &state->blocks, block);
  VECTOR_PUSH(&state->scratch, &state->older, next);
  id_map_put(&state->scratch, &state->newest, hash, state->known.count);
  return false;
}

static void number_function(Numbering *state) {
  arena_init(&state->scratch);
  state->flow = ir_flow(&state->scratch, state->function);
  memset(&state->newest, 0, sizeof state->newest);
  memset(&state->known, 0, sizeof state->known);
  memset(&state->blocks, 0, sizeof state->blocks);
  memset(&state->older, 0, sizeof state->older);
  for (uint32_t b = 0; b < state->flow.count; b++) {
    IrBlockId id = state->flow.order[b];
    IrBlock *block = ir_block(state->function, id);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < block->insts.count; i++) {
      IrInstId inst = block->insts.items[i];
      resolve_operands(state, ir_inst(state->function, inst));
      if (!is_numbered(state, ir_inst(state->function, inst)) || !number(state, id, inst)) {
        block->insts.items[kept++] = inst;
      }
    }
    block->insts.count = kept;
  }
  arena_free(&state->scratch);
}

void pass_common_subexpressions(PassRun *run) {
  Numbering state = {.module = run->module};
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    state.function = ir_function(run->module, id);
    uint32_t before = state.removed;
    if (state.function->blocks.count > 1) {
      number_function(&state);
    }
    if (state.removed > before) {
      ir_cleanup(run->module, id);
      run->changed = true;
    }
  }
  pass_metric(run, "removed", state.removed);
}
