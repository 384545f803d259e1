// tail-recursion: calls of a function to itself at its end become jumps to its start.
//
// Also where the result still goes through an operator: `return x + f(y)` becomes `total = total + x` and a
// jump, with `total` added to every other result (Cooper, Torczon, "Engineering a Compiler", on accumulator
// recursion). The operators are those of integers that are associative and commutative. This is done only
// where another call of the function itself comes before: then a recursion without end still overflows the
// stack instead of spinning, and these are the functions that profit most.
#include "passes/pass.h"

typedef struct TailRecursion {
  IrModule *module;
  Arena *arena; // the module's
  IrFunctionId id;
  IrFunction *function;
  uint32_t *uses;
  IrBlockId header;
  IrOpcode operator_; // of the accumulator, or IR_OPCODE_COUNT
  IrValue total;      // header parameter of the accumulator
} TailRecursion;

static bool neutral_element(IrOpcode opcode, IrOpcode *constant, uint64_t *bits) {
  *constant = opcode >= IR_I64_CLZ ? IR_I64_CONST : IR_I32_CONST;
  switch (opcode) {
  case IR_I32_ADD:
  case IR_I64_ADD:
  case IR_I32_OR:
  case IR_I64_OR:
  case IR_I32_XOR:
  case IR_I64_XOR:
    *bits = 0;
    return true;
  case IR_I32_MUL:
  case IR_I64_MUL:
    *bits = 1;
    return true;
  case IR_I32_AND:
    *bits = UINT32_MAX;
    return true;
  case IR_I64_AND:
    *bits = UINT64_MAX;
    return true;
  default:
    return false;
  }
}

static bool is_self_call(const TailRecursion *state, const IrInst *inst) {
  return inst->opcode == IR_CALL && inst->a == state->id;
}

static void count_uses(TailRecursion *state) {
  const IrFunction *function = state->function;
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    const IrBlock *block = ir_block(function, id);
    for (uint32_t k = 0; block->terminator != 0 && k <= block->insts.count; k++) {
      const IrInst *inst =
          ir_inst(function, k < block->insts.count ? block->insts.items[k] : block->terminator);
      for (uint32_t o = 0; o < inst->operand_count; o++) {
        state->uses[ir_operands(function, inst)[o]]++;
      }
    }
    for (uint32_t e = 0; e < block->edges.count; e++) {
      for (uint32_t a = 0; a < block->edges.items[e].args.count; a++) {
        state->uses[block->edges.items[e].args.items[a]]++;
      }
    }
  }
}

// Place in the block of the self call that `return x op f(y)` ends with, or UINT32_MAX. The operator is the
// last instruction; nothing with an effect comes between.
static uint32_t accumulating_call(const TailRecursion *state, const IrBlock *block) {
  const IrFunction *function = state->function;
  const IrInst *terminator = ir_inst(function, block->terminator);
  if (terminator->opcode != IR_RETURN || terminator->operand_count != 1 || block->insts.count < 2) {
    return UINT32_MAX;
  }
  const IrInst *last = ir_inst(function, block->insts.items[block->insts.count - 1]);
  IrOpcode constant;
  uint64_t bits;
  if (!neutral_element((IrOpcode)last->opcode, &constant, &bits) || state->uses[last->result] != 1 ||
      ir_operands(function, terminator)[0] != last->result ||
      (state->operator_ != IR_OPCODE_COUNT && state->operator_ != last->opcode)) {
    return UINT32_MAX;
  }
  uint32_t call = UINT32_MAX;
  bool other_call = false;
  for (uint32_t i = block->insts.count - 1; i-- > 0;) {
    const IrInst *inst = ir_inst(function, block->insts.items[i]);
    if (call != UINT32_MAX) {
      other_call |= is_self_call(state, inst);
    } else if (is_self_call(state, inst)) {
      call = i;
    } else if (ir_inst_effects(state->module, function, inst) != IR_PURE) {
      return UINT32_MAX;
    }
  }
  if (call == UINT32_MAX || !other_call) {
    return UINT32_MAX;
  }
  const IrInst *self = ir_inst(function, block->insts.items[call]);
  const IrValue *operands = ir_operands(function, last);
  bool feeds_operator = operands[0] == self->result || operands[1] == self->result;
  return feeds_operator && state->uses[self->result] == 1 ? call : UINT32_MAX;
}

static bool has_foreign_tail_call(const TailRecursion *state) {
  for (IrBlockId id = 1; id < state->function->blocks.count; id++) {
    const IrBlock *block = ir_block(state->function, id);
    if (block->terminator == 0) {
      continue;
    }
    const IrInst *terminator = ir_inst(state->function, block->terminator);
    if (terminator->opcode == IR_TAIL_CALL_REF || terminator->opcode == IR_TAIL_CALL_INDIRECT ||
        (terminator->opcode == IR_TAIL_CALL && terminator->a != state->id)) {
      return true;
    }
  }
  return false;
}

// Which ends of the function can become jumps; decides the operator.
static bool find_work(TailRecursion *state) {
  bool found = false;
  bool may_accumulate = !has_foreign_tail_call(state);
  for (IrBlockId id = 1; id < state->function->blocks.count; id++) {
    const IrBlock *block = ir_block(state->function, id);
    if (block->terminator == 0) {
      continue;
    }
    const IrInst *terminator = ir_inst(state->function, block->terminator);
    found |= terminator->opcode == IR_TAIL_CALL && terminator->a == state->id;
    if (may_accumulate && accumulating_call(state, block) != UINT32_MAX) {
      state->operator_ = ir_inst(state->function, block->insts.items[block->insts.count - 1])->opcode;
      found = true;
    }
  }
  return found;
}

// ---------------------------------------------------------------------------------------------- rewriting

static void replace_everywhere(IrFunction *function, IrValue old, IrValue replacement) {
  for (uint32_t i = 0; i < function->operands.count; i++) {
    function->operands.items[i] =
        function->operands.items[i] == old ? replacement : function->operands.items[i];
  }
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    for (uint32_t e = 0; e < ir_block(function, id)->edges.count; e++) {
      IrValues *args = &ir_block(function, id)->edges.items[e].args;
      for (uint32_t a = 0; a < args->count; a++) {
        args->items[a] = args->items[a] == old ? replacement : args->items[a];
      }
    }
  }
}

// Moves the entry's code to a new block, the loop's header, and lets the entry jump there.
static void make_header(TailRecursion *state) {
  IrFunction *function = state->function;
  state->header = VECTOR_EXTEND(state->arena, &function->blocks, 1);
  IrBlock *entry = ir_block(function, 1), *header = ir_block(function, state->header);
  *header = *entry;
  memset(&header->params, 0, sizeof header->params);
  *entry = (IrBlock){.params = entry->params, .sealed = true};
  IrEdge edge = {.target = state->header};
  for (uint32_t i = 0; i < entry->params.count; i++) {
    IrValue old = entry->params.items[i];
    IrValue param = ir_add_param(state->module, state->id, state->header, ir_type_of(function, old));
    replace_everywhere(function, old, param);
    VECTOR_PUSH(state->arena, &edge.args, old);
  }
  if (state->operator_ != IR_OPCODE_COUNT) {
    IrInst constant = {.origin = {function->origin.position, 0}};
    IrOpcode opcode;
    neutral_element(state->operator_, &opcode, &constant.bits);
    constant.opcode = (uint16_t)opcode;
    IrType type = ir_opcode_info(state->operator_)->result;
    IrValue start = ir_insert(state->module, state->id, 1, 0, constant, NULL, 0, type);
    state->total = ir_add_param(state->module, state->id, state->header, type);
    VECTOR_PUSH(state->arena, &edge.args, start);
  }
  VECTOR_PUSH(state->arena, &entry->edges, edge);
  VECTOR_PUSH(state->arena, &function->insts,
              (IrInst){.opcode = IR_BR, .origin = {function->origin.position, 0}});
  entry->terminator = function->insts.count - 1;
}

// Ends a block with a jump to the header with the operands of `call` and a new total.
static void jump_back(TailRecursion *state, IrBlockId id, const IrInst *call, IrValue total) {
  IrBlock *block = ir_block(state->function, id);
  IrEdge edge = {.target = state->header};
  for (uint32_t i = 0; i < call->operand_count; i++) {
    VECTOR_PUSH(state->arena, &edge.args, ir_operands(state->function, call)[i]);
  }
  if (state->operator_ != IR_OPCODE_COUNT) {
    VECTOR_PUSH(state->arena, &edge.args, total);
  }
  VECTOR_PUSH(state->arena, &block->edges, edge);
  IrInst *terminator = ir_inst(state->function, block->terminator);
  *terminator = (IrInst){.opcode = IR_BR, .origin = terminator->origin};
}

// At once where `value` is computed, so that it need not be kept over what follows.
static IrValue add_to_total(TailRecursion *state, IrBlockId id, IrValue value, IrInstOrigin origin) {
  const IrBlock *block = ir_block(state->function, id);
  uint32_t at = block->insts.count;
  while (at > 0 && block->insts.items[at - 1] != state->function->values.items[value].inst) {
    at--;
  }
  IrInst inst = {.opcode = (uint16_t)state->operator_, .origin = origin};
  return ir_insert(state->module, state->id, id, at, inst, (IrValue[]){state->total, value}, 2,
                   ir_opcode_info(state->operator_)->result);
}

static void accumulate(TailRecursion *state, IrBlockId id, uint32_t at) {
  IrFunction *function = state->function;
  IrBlock *block = ir_block(function, id);
  const IrInst *last = ir_inst(function, block->insts.items[block->insts.count - 1]);
  IrInst call = *ir_inst(function, block->insts.items[at]);
  const IrValue *operands = ir_operands(function, last);
  IrValue other = operands[0] == call.result ? operands[1] : operands[0];
  IrInstOrigin origin = last->origin;
  block->insts.count--;
  for (uint32_t i = at; i + 1 < block->insts.count; i++) {
    block->insts.items[i] = block->insts.items[i + 1];
  }
  block->insts.count--;
  jump_back(state, id, &call, add_to_total(state, id, other, origin));
}

static void rewrite_block(TailRecursion *state, IrBlockId id) {
  IrFunction *function = state->function;
  IrBlock *block = ir_block(function, id);
  if (block->terminator == 0) {
    return;
  }
  IrInst terminator = *ir_inst(function, block->terminator);
  if (terminator.opcode == IR_TAIL_CALL && terminator.a == state->id) {
    jump_back(state, id, &terminator, state->total);
    return;
  }
  if (terminator.opcode != IR_RETURN || state->operator_ == IR_OPCODE_COUNT) {
    return;
  }
  uint32_t at = accumulating_call(state, block);
  if (at != UINT32_MAX) {
    accumulate(state, id, at);
    return;
  }
  IrValue value = ir_operands(function, &terminator)[0];
  IrValue result = add_to_total(state, id, value, terminator.origin);
  ir_operands(function, &terminator)[0] = result;
}

void pass_tail_recursion(PassRun *run) {
  uint32_t loops = 0, accumulators = 0;
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    IrFunction *function = ir_function(run->module, id);
    if (function->blocks.count == 0) {
      continue;
    }
    Arena scratch;
    arena_init(&scratch);
    TailRecursion state = {.module = run->module,
                           .arena = &run->module->arena,
                           .id = id,
                           .function = function,
                           .operator_ = IR_OPCODE_COUNT,
                           .uses = ARENA_ARRAY(&scratch, uint32_t, function->values.count)};
    count_uses(&state);
    if (find_work(&state)) {
      make_header(&state);
      for (IrBlockId block = 2; block < function->blocks.count; block++) {
        rewrite_block(&state, block);
      }
      ir_cleanup(run->module, id);
      loops++;
      accumulators += state.operator_ != IR_OPCODE_COUNT;
      run->changed = true;
    }
    arena_free(&scratch);
  }
  pass_metric(run, "loops", loops);
  pass_metric(run, "accumulators", accumulators);
}
