// scalar-replacement: the fields of an object that never leaves its function become values (spec 10 §12.1).
//
// An object stays if it is only read, written, tested and cast where it was made: it is no argument, no
// element or field of another object, no result, and does not flow through a block parameter. Each of its
// fields is then a variable; ir_repair makes the block parameters. Objects that hold others go first, so
// rounds follow until nothing is left: a range in its iterator in an Optional.
//
// Binaryen's heap2local does the same, but later: the passes behind this one want the iterator's counter and
// the array's count as values.
#include "passes/pass.h"
#include "passes/simplify.h"

typedef struct Replacement {
  IrModule *module;
  IrFunctionId id;
  IrFunction *function;
  Arena scratch;
  IrFlow flow;
  IrValue *object; // by value: the allocation it is, or 0
  bool *stays;     // by allocation
  IrVar *vars;     // by allocation: the variable of its first field
  IrRepair repair;
  uint32_t *touched; // by variable: the visit whose `current` counts
  IrValue *current;  // by variable: its value at this place of the block visited, or 0
  uint32_t visit;
  uint32_t objects;
} Replacement;

static bool is_candidate(const Replacement *state, const IrInst *inst) {
  if (inst->opcode != IR_STRUCT_NEW && inst->opcode != IR_STRUCT_NEW_DEFAULT) {
    return false;
  }
  const IrHeapType *heap = ir_heap(state->module, inst->a);
  for (uint32_t i = 0; i < heap->field_count; i++) {
    if (heap->fields[i].packing != IR_PACK_NONE) {
      return false; // a write would cut the value
    }
  }
  return true;
}

// Does the use of `allocation` as operand `index` leave it in the function?
static bool is_harmless(Replacement *state, const IrInst *inst, uint32_t index, IrValue allocation) {
  switch ((IrOpcode)inst->opcode) {
  case IR_STRUCT_GET:
    return true;
  case IR_STRUCT_SET:
    return index == 0;
  case IR_REF_IS_NULL:
  case IR_REF_EQ:
  case IR_REF_TEST:
    return true;
  case IR_REF_AS_NON_NULL:
    state->object[inst->result] = allocation;
    return true;
  case IR_REF_CAST:
    state->object[inst->result] = allocation;
    return ir_is_subtype(state->module, ir_type_of(state->function, allocation), inst->a);
  default:
    return false;
  }
}

static void look_at(Replacement *state, const IrInst *inst) {
  if (is_candidate(state, inst)) {
    state->object[inst->result] = inst->result;
    state->stays[inst->result] = true;
  }
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    IrValue allocation = state->object[ir_operands(state->function, inst)[i]];
    if (allocation != 0 && !is_harmless(state, inst, i, allocation)) {
      state->stays[allocation] = false;
    }
  }
}

static void find_objects(Replacement *state) {
  IrFunction *function = state->function;
  for (uint32_t b = 0; b < state->flow.count; b++) {
    const IrBlock *block = ir_block(function, state->flow.order[b]);
    for (uint32_t i = 0; i < block->insts.count; i++) {
      look_at(state, ir_inst(function, block->insts.items[i]));
    }
    look_at(state, ir_inst(function, block->terminator));
    for (uint32_t e = 0; e < block->edges.count; e++) {
      for (uint32_t a = 0; a < block->edges.items[e].args.count; a++) {
        state->stays[state->object[block->edges.items[e].args.items[a]]] = false;
      }
    }
  }
}

// The replaced object that operand `index` is, or 0.
static IrValue replaced(const Replacement *state, const IrInst *inst, uint32_t index) {
  IrValue allocation = state->object[ir_operands(state->function, inst)[index]];
  return state->stays[allocation] ? allocation : 0;
}

static void write(Replacement *state, IrVar var, IrValue value) {
  state->touched[var] = state->visit;
  state->current[var] = value;
}

static IrValue zero(Replacement *state, IrType type) {
  IrOpcode opcode = type == IR_I32   ? IR_I32_CONST
                    : type == IR_I64 ? IR_I64_CONST
                    : type == IR_F32 ? IR_F32_CONST
                    : type == IR_F64 ? IR_F64_CONST
                                     : IR_REF_NULL;
  IrInst inst = {.opcode = (uint16_t)opcode};
  if (opcode == IR_REF_NULL) {
    inst.a = type;
  }
  return ir_insert(state->module, state->id, 1, 0, inst, NULL, 0, type);
}

// Gives an allocation of zeros its operands.
static void spell_out(Replacement *state, IrValue allocation) {
  IrFunction *function = state->function;
  IrInstId id = function->values.items[allocation].inst;
  const IrHeapType *heap = ir_heap(state->module, ir_inst(function, id)->a);
  IrValues zeros = {0};
  for (uint32_t i = 0; i < heap->field_count; i++) {
    VECTOR_PUSH(&state->scratch, &zeros, zero(state, heap->fields[i].type));
  }
  IrInst *inst = ir_inst(function, id);
  inst->opcode = IR_STRUCT_NEW;
  inst->operands = function->operands.count;
  inst->operand_count = zeros.count;
  for (uint32_t i = 0; i < zeros.count; i++) {
    VECTOR_PUSH(&state->module->arena, &function->operands, zeros.items[i]);
  }
}

// What every block leaves in the variables; all of it before the first read.
static void define_ends(Replacement *state) {
  IrFunction *function = state->function;
  for (uint32_t b = 0; b < state->flow.count; b++) {
    IrBlockId id = state->flow.order[b];
    const IrBlock *block = ir_block(function, id);
    for (uint32_t i = 0; i < block->insts.count; i++) {
      const IrInst *inst = ir_inst(function, block->insts.items[i]);
      if (inst->opcode == IR_STRUCT_NEW && state->stays[inst->result]) {
        for (uint32_t f = 0; f < inst->operand_count; f++) {
          ir_repair_define(&state->repair, state->vars[inst->result] + f, id, ir_operands(function, inst)[f]);
        }
      } else if (inst->opcode == IR_STRUCT_SET && replaced(state, inst, 0) != 0) {
        ir_repair_define(&state->repair, state->vars[replaced(state, inst, 0)] + inst->b, id,
                         ir_operands(function, inst)[1]);
      }
    }
  }
}

static IrValue read(Replacement *state, IrVar var, IrBlockId block) {
  return state->touched[var] == state->visit ? state->current[var]
                                             : ir_repair_read(&state->repair, var, block);
}

// Becomes a constant; what the answer of a test about a replaced object always is.
static void answer(IrInst *inst, bool yes) {
  inst->opcode = IR_I32_CONST;
  inst->operand_count = 0;
  inst->bits = yes;
}

// Rewrites an instruction that uses a replaced object; true if it goes.
static bool rewrite(Replacement *state, IrBlockId block, IrInstId id) {
  IrFunction *function = state->function;
  IrInst *inst = ir_inst(function, id);
  if (inst->opcode == IR_STRUCT_NEW && state->stays[inst->result]) {
    for (uint32_t f = 0; f < inst->operand_count; f++) {
      write(state, state->vars[inst->result] + f, ir_operands(function, inst)[f]);
    }
    return true;
  }
  IrValue allocation = inst->operand_count == 0 ? 0 : replaced(state, inst, 0);
  if (inst->opcode == IR_REF_EQ && (allocation != 0 || replaced(state, inst, 1) != 0)) {
    answer(inst, allocation == replaced(state, inst, 1)); // nothing else can be the object
    return false;
  }
  if (allocation == 0) {
    return false;
  }
  switch ((IrOpcode)inst->opcode) {
  case IR_STRUCT_GET: {
    IrValue result = inst->result;
    ir_replace(function, result, read(state, state->vars[allocation] + inst->b, block));
    return true;
  }
  case IR_STRUCT_SET:
    write(state, state->vars[allocation] + inst->b, ir_operands(function, inst)[1]);
    return true;
  case IR_REF_IS_NULL:
    answer(inst, false);
    return false;
  case IR_REF_TEST:
    answer(inst, ir_is_subtype(state->module, ir_type_of(function, allocation), inst->a));
    return false;
  case IR_REF_AS_NON_NULL:
  case IR_REF_CAST:
    return true;
  default:
    return false;
  }
}

static void rewrite_all(Replacement *state) {
  for (uint32_t b = 0; b < state->flow.count; b++) {
    IrBlockId id = state->flow.order[b];
    state->visit++;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ir_block(state->function, id)->insts.count; i++) {
      IrInstId inst = ir_block(state->function, id)->insts.items[i];
      if (!rewrite(state, id, inst)) {
        ir_block(state->function, id)->insts.items[kept++] = inst;
      }
    }
    ir_block(state->function, id)->insts.count = kept;
  }
}

static void make_variables(Replacement *state, uint32_t values) {
  uint32_t vars = 0;
  for (IrValue value = 1; value < values; value++) {
    if (!state->stays[value]) {
      continue;
    }
    const IrInst *inst = definition_of(state->function, value);
    const IrHeapType *heap = ir_heap(state->module, inst->a);
    state->vars[value] = vars;
    for (uint32_t i = 0; i < heap->field_count; i++) {
      vars = ir_repair_var(&state->repair, heap->fields[i].type) + 1;
    }
    if (inst->opcode == IR_STRUCT_NEW_DEFAULT) {
      spell_out(state, value);
    }
    state->objects++;
  }
  state->touched = ARENA_ARRAY(&state->scratch, uint32_t, vars);
  state->current = ARENA_ARRAY(&state->scratch, IrValue, vars);
}

static bool replace_round(Replacement *state) {
  arena_init(&state->scratch);
  uint32_t before = state->objects, values = state->function->values.count;
  state->flow = ir_flow(&state->scratch, state->function);
  state->object = ARENA_ARRAY(&state->scratch, IrValue, values);
  state->stays = ARENA_ARRAY(&state->scratch, bool, values);
  state->vars = ARENA_ARRAY(&state->scratch, IrVar, values);
  ir_repair_begin(&state->repair, state->module, state->id, &state->scratch);
  find_objects(state);
  make_variables(state, values);
  if (state->objects > before) {
    define_ends(state);
    rewrite_all(state);
  }
  arena_free(&state->scratch);
  return state->objects > before;
}

static bool allocates(const IrFunction *function) {
  for (IrInstId id = 1; id < function->insts.count; id++) {
    uint16_t opcode = ir_inst(function, id)->opcode;
    if (opcode == IR_STRUCT_NEW || opcode == IR_STRUCT_NEW_DEFAULT) {
      return true;
    }
  }
  return false;
}

void pass_scalar_replacement(PassRun *run) {
  Replacement state = {.module = run->module};
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    state.id = id;
    state.function = ir_function(run->module, id);
    if (state.function->blocks.count < 2 || !allocates(state.function)) {
      continue;
    }
    while (replace_round(&state)) {
      ir_cleanup(run->module, id);
      simplify_function(run->module, id);
      run->changed = true;
    }
  }
  pass_metric(run, "objects", state.objects);
}
