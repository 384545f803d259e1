// Folding of instructions whose operands are known, for the passes that make them known.
//
// Equal constants become one instruction at the start of the entry block: emission writes a constant where it
// is used, and a block parameter that only gets equal constants is then seen to be that constant. An access
// at a negative constant index always traps, so what follows it is unreachable.
#include "passes/simplify.h"

#include "base/failure.h"

bool constant_of(const IrFunction *function, IrValue value, int64_t *bits) {
  const IrInst *inst = definition_of(function, value);
  if (inst == NULL || (inst->opcode != IR_I32_CONST && inst->opcode != IR_I64_CONST)) {
    return false;
  }
  *bits = inst->opcode == IR_I32_CONST ? (int32_t)(uint32_t)inst->bits : (int64_t)inst->bits;
  return true;
}

static bool fold_comparison(IrOpcode opcode, int64_t left, int64_t right, int64_t *result) {
  switch (opcode) {
  case IR_I32_EQZ:
  case IR_I64_EQZ:
    *result = left == 0;
    return true;
  case IR_I32_EQ:
  case IR_I64_EQ:
    *result = left == right;
    return true;
  case IR_I32_NE:
  case IR_I64_NE:
    *result = left != right;
    return true;
  case IR_I32_LT_S:
  case IR_I64_LT_S:
    *result = left < right;
    return true;
  case IR_I32_LE_S:
  case IR_I64_LE_S:
    *result = left <= right;
    return true;
  case IR_I32_GT_S:
  case IR_I64_GT_S:
    *result = left > right;
    return true;
  case IR_I32_GE_S:
  case IR_I64_GE_S:
    *result = left >= right;
    return true;
  default:
    return false;
  }
}

static bool fold_arithmetic(IrOpcode opcode, uint64_t left, uint64_t right, uint64_t *result) {
  switch (opcode) {
  case IR_I32_ADD:
  case IR_I64_ADD:
    *result = left + right;
    return true;
  case IR_I32_SUB:
  case IR_I64_SUB:
    *result = left - right;
    return true;
  case IR_I32_MUL:
  case IR_I64_MUL:
    *result = left * right;
    return true;
  case IR_I32_AND:
  case IR_I64_AND:
    *result = left & right;
    return true;
  case IR_I32_OR:
  case IR_I64_OR:
    *result = left | right;
    return true;
  case IR_I32_XOR:
  case IR_I64_XOR:
    *result = left ^ right;
    return true;
  case IR_I64_EXTEND_I32_S:
  case IR_I32_WRAP_I64:
    *result = left;
    return true;
  default:
    return false;
  }
}

bool fold_operation(IrOpcode opcode, int64_t left, int64_t right, int64_t *result) {
  if (fold_comparison(opcode, left, right, result)) {
    return true;
  }
  uint64_t bits;
  if (!fold_arithmetic(opcode, (uint64_t)left, (uint64_t)right, &bits)) {
    return false;
  }
  *result = ir_opcode_info(opcode)->result == IR_I32 ? (int32_t)(uint32_t)bits : (int64_t)bits;
  return true;
}

typedef struct Simplifier {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  Arena scratch;
  IdMap constants[2]; // of i32 and of i64: bits -> the one value, in the entry block
  bool changed;
} Simplifier;

static void replace(Simplifier *state, IrValue old, IrValue by) {
  ir_replace(state->function, old, by);
  state->changed = true;
}

static void make_constant(Simplifier *state, IrInst *inst, int64_t value) {
  IrType type = ir_type_of(state->function, inst->result);
  inst->opcode = type == IR_I32 ? IR_I32_CONST : IR_I64_CONST;
  inst->bits = type == IR_I32 ? (uint32_t)value : (uint64_t)value;
  inst->operand_count = 0;
  state->changed = true;
}

static void unify_constant(Simplifier *state, const IrInst *inst) {
  IdMap *known = &state->constants[inst->opcode == IR_I64_CONST];
  if (inst->bits == UINT64_MAX) {
    return; // no key
  }
  uint32_t first = id_map_get(known, inst->bits);
  if (first == ID_MAP_NONE) {
    id_map_put(&state->scratch, known, inst->bits, inst->result);
  } else if (first != inst->result) {
    ir_replace(state->function, inst->result, first);
  }
}

// Moves the constants of all blocks to the entry, so that each dominates every use.
static void gather_constants(Simplifier *state) {
  IrFunction *function = state->function;
  VECTOR(IrInstId) gathered = {0};
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    IrBlock *block = ir_block(function, id);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < block->insts.count; i++) {
      IrInstId inst = block->insts.items[i];
      uint16_t opcode = ir_inst(function, inst)->opcode;
      if (opcode == IR_I32_CONST || opcode == IR_I64_CONST) {
        VECTOR_PUSH(&state->scratch, &gathered, inst);
        unify_constant(state, ir_inst(function, inst));
      } else {
        block->insts.items[kept++] = inst;
      }
    }
    block->insts.count = kept;
  }
  IrBlock *entry = ir_block(function, 1);
  uint32_t others = entry->insts.count;
  (void)VECTOR_EXTEND(&state->module->arena, &entry->insts, gathered.count);
  if (others > 0) {
    memmove(entry->insts.items + gathered.count, entry->insts.items, sizeof(IrInstId) * others);
  }
  for (uint32_t i = 0; i < gathered.count; i++) {
    entry->insts.items[i] = gathered.items[i];
  }
}

static void simplify_reference(Simplifier *state, IrInst *inst, IrValue operand) {
  IrType type = ir_type_of(state->function, operand);
  const IrInst *definition = definition_of(state->function, operand);
  bool is_null = definition != NULL && definition->opcode == IR_REF_NULL;
  switch ((IrOpcode)inst->opcode) {
  case IR_REF_IS_NULL:
    if (is_null || !ir_type_is_nullable(type)) {
      make_constant(state, inst, is_null);
    }
    break;
  case IR_REF_AS_NON_NULL:
    if (!ir_type_is_nullable(type)) {
      replace(state, inst->result, operand);
    }
    break;
  case IR_REF_CAST:
    if (ir_is_subtype(state->module, type, inst->a)) {
      replace(state, inst->result, operand);
      *inst = (IrInst){.opcode = IR_UNDEF, .a = inst->a, .result = inst->result, .result_count = 1};
    }
    break;
  default:
    break;
  }
}

// Does a value of i64 widen an i32, or is it a constant that fits one?
static bool is_narrow(const Simplifier *state, IrValue value) {
  const IrInst *inst = definition_of(state->function, ir_resolve(state->function, value));
  int64_t bits;
  return inst != NULL &&
         (inst->opcode == IR_I64_EXTEND_I32_S ||
          (constant_of(state->function, inst->result, &bits) && bits >= INT32_MIN && bits <= INT32_MAX));
}

// The i32 that such a value is.
static IrValue narrowed(Simplifier *state, IrValue value) {
  const IrInst *inst = definition_of(state->function, ir_resolve(state->function, value));
  if (inst->opcode == IR_I64_EXTEND_I32_S) {
    return ir_resolve(state->function, ir_operands(state->function, inst)[0]);
  }
  IrInst constant = {.opcode = IR_I32_CONST, .bits = (uint32_t)inst->bits, .origin = inst->origin};
  return ir_insert(state->module, state->id, 1, 0, constant, NULL, 0, IR_I32);
}

// The low half of a sum, and a comparison, of two widened numbers need only the numbers.
static void narrow_operation(Simplifier *state, IrInstId id) {
  IrFunction *function = state->function;
  IrInst *inst = ir_inst(function, id);
  const IrInst *wide = inst;
  if (inst->opcode == IR_I32_WRAP_I64) {
    wide = definition_of(function, ir_resolve(function, ir_operands(function, inst)[0]));
    if (wide == NULL || (wide->opcode != IR_I64_ADD && wide->opcode != IR_I64_SUB)) {
      return;
    }
  } else if (inst->opcode < IR_I64_EQ || inst->opcode > IR_I64_GE_S || inst->operand_count != 2) {
    return;
  }
  uint16_t opcode = (uint16_t)(wide->opcode - IR_I64_ADD + IR_I32_ADD);
  bool is_signed = ir_opcode_info((IrOpcode)opcode)->numeric && opcode != IR_I32_LT_U &&
                   opcode != IR_I32_LE_U && opcode != IR_I32_GT_U && opcode != IR_I32_GE_U;
  IrValue first = ir_operands(function, wide)[0], second = ir_operands(function, wide)[1];
  if (!is_signed || !is_narrow(state, first) || !is_narrow(state, second)) {
    return;
  }
  IrValue left = narrowed(state, first), right = narrowed(state, second);
  inst = ir_inst(function, id); // constants may have moved it
  inst->opcode = opcode;
  inst->operand_count = 2;
  inst->operands = function->operands.count;
  VECTOR_PUSH(&state->module->arena, &function->operands, left);
  VECTOR_PUSH(&state->module->arena, &function->operands, right);
  state->changed = true;
}

static void simplify_inst(Simplifier *state, IrInstId id) {
  IrFunction *function = state->function;
  IrInst *inst = ir_inst(function, id);
  const IrValue *operands = ir_operands(function, inst);
  if (inst->result_count != 1 || inst->operand_count == 0) {
    return;
  }
  IrValue first = ir_resolve(function, operands[0]);
  int64_t left, right = 0, result;
  if (inst->opcode == IR_SELECT) {
    if (constant_of(function, ir_resolve(function, operands[2]), &left)) {
      replace(state, inst->result, operands[left != 0 ? 0 : 1]);
    }
  } else if (ir_opcode_info((IrOpcode)inst->opcode)->numeric) {
    const IrInst *inner = definition_of(function, first);
    if (constant_of(function, first, &left) &&
        (inst->operand_count == 1 || constant_of(function, ir_resolve(function, operands[1]), &right)) &&
        fold_operation((IrOpcode)inst->opcode, left, right, &result)) {
      make_constant(state, inst, result);
    } else if (inst->opcode == IR_I32_WRAP_I64 && inner != NULL && inner->opcode == IR_I64_EXTEND_I32_S) {
      replace(state, inst->result, ir_operands(function, inner)[0]);
    } else {
      narrow_operation(state, id);
    }
  } else {
    simplify_reference(state, inst, first);
  }
}

static bool always_traps(const Simplifier *state, const IrInst *inst) {
  int64_t index;
  return (inst->opcode == IR_ARRAY_GET || inst->opcode == IR_ARRAY_GET_S || inst->opcode == IR_ARRAY_SET) &&
         constant_of(state->function, ir_resolve(state->function, ir_operands(state->function, inst)[1]),
                     &index) &&
         index < 0;
}

static void simplify_block(Simplifier *state, IrBlockId id) {
  IrFunction *function = state->function;
  for (uint32_t i = 0; i < ir_block(function, id)->insts.count; i++) {
    IrInstId at = ir_block(function, id)->insts.items[i];
    simplify_inst(state, at);
    bool ended =
        i + 1 == ir_block(function, id)->insts.count && ir_terminator(function, id)->opcode == IR_UNREACHABLE;
    if (always_traps(state, ir_inst(function, at)) && !ended) {
      IrInstOrigin origin = ir_inst(function, at)->origin;
      ir_block(function, id)->insts.count = i + 1;
      ir_end_with(state->module, state->id, id, IR_UNREACHABLE, NULL, origin);
      state->changed = true;
      return;
    }
  }
}

bool simplify_values(IrModule *module, IrFunctionId id) {
  Simplifier state = {.module = module, .id = id, .function = ir_function(module, id)};
  arena_init(&state.scratch);
  for (IrBlockId block = 1; block < state.function->blocks.count; block++) {
    if (ir_block(state.function, block)->terminator != 0) {
      simplify_block(&state, block);
    }
  }
  gather_constants(&state);
  arena_free(&state.scratch);
  return state.changed;
}

void simplify_function(IrModule *module, IrFunctionId id) {
  for (bool changed = true; changed;) {
    changed = simplify_values(module, id);
    ir_cleanup(module, id);
    changed |= simplify_branches(module, id);
    if (changed) {
      ir_cleanup(module, id);
    }
  }
}
