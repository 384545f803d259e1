// exact-receiver-propagation: what is known of the objects behind references decides tests of them (spec 10
// §10.6).
//
// A read of a class id or of a closure's code, a type test, a test for null and the branches on them become
// constants where every object that can get there agrees. What traps on null goes on doing so.
#include "passes/objects.h"
#include "passes/pass.h"

typedef struct Receivers {
  IrModule *module;
  Arena scratch;
  const Objects *objects;
  IrFunctionId id;
  IrFunction *function;
  uint32_t exact, known; // parameters
  uint32_t decided;      // tests and branches, in all functions
} Receivers;

static void count_parameters(Receivers *receivers) {
  const IrBlock *entry = ir_block(receivers->function, 1);
  for (uint32_t i = 0; i < entry->params.count; i++) {
    if (ir_type_is_reference(ir_type_of(receivers->function, entry->params.items[i]))) {
      const ObjectSet *set = objects_of(receivers->objects, receivers->id, entry->params.items[i]);
      receivers->exact += set->count == 1;
      receivers->known += set->count > 1;
    }
  }
}

// An instruction with one result; it stands in no block yet.
static IrInstId inst_new(Receivers *receivers, IrBlockId block, IrInst inst, IrType type) {
  IrFunction *function = receivers->function;
  Arena *arena = &receivers->module->arena;
  VECTOR_PUSH(arena, &function->insts, inst);
  IrInstId id = function->insts.count - 1;
  VECTOR_PUSH(arena, &function->values, (IrValueInfo){.type = type, .inst = id, .block = block});
  ir_inst(function, id)->result = function->values.count - 1;
  ir_inst(function, id)->result_count = 1;
  return id;
}

static IrInst i32_constant(uint32_t value, IrInstOrigin origin) {
  return (IrInst){.opcode = IR_I32_CONST, .bits = value, .origin = origin};
}

// The constant that an instruction gives for all objects.
static bool decide(const Receivers *receivers, const IrInst *inst, IrInst *constant) {
  const IrValue *operands = ir_operands(receivers->function, inst);
  uint32_t value;
  ObjectKind common;
  switch ((IrOpcode)inst->opcode) {
  case IR_STRUCT_GET:
    if (inst->b != 0 ||
        !objects_common_tag(receivers->objects, objects_of(receivers->objects, receivers->id, operands[0]),
                            &common)) {
      return false;
    }
    *constant = common.tag == OBJECT_TAG_I32
                    ? i32_constant(common.value, inst->origin)
                    : (IrInst){.opcode = IR_REF_FUNC, .a = common.value, .origin = inst->origin};
    return true;
  case IR_REF_TEST:
  case IR_REF_IS_NULL:
    if (!objects_decide(receivers->objects, receivers->id, inst->result, (ObjectAssumption){0}, &value)) {
      return false;
    }
    *constant = i32_constant(value, inst->origin);
    return true;
  default:
    return false;
  }
}

// In place of the instruction at `at`, which moves up.
static void check_null(Receivers *receivers, IrBlockId block_id, uint32_t at, IrValue object,
                       IrInstOrigin origin) {
  IrFunction *function = receivers->function;
  Arena *arena = &receivers->module->arena;
  VECTOR_PUSH(arena, &function->operands, object);
  IrInst check = {.opcode = IR_REF_AS_NON_NULL,
                  .operands = function->operands.count - 1,
                  .operand_count = 1,
                  .origin = origin};
  IrInstId made = inst_new(receivers, block_id, check, ir_type_non_null(ir_type_of(function, object)));
  IrBlock *block = ir_block(function, block_id);
  VECTOR_PUSH(arena, &block->insts, 0);
  memmove(block->insts.items + at + 1, block->insts.items + at,
          sizeof(IrInstId) * (block->insts.count - at - 1));
  block->insts.items[at] = made;
}

static void decide_tests(Receivers *receivers, IrBlockId block_id) {
  IrFunction *function = receivers->function;
  for (uint32_t i = 0; i < ir_block(function, block_id)->insts.count; i++) {
    IrBlock *block = ir_block(function, block_id);
    const IrInst *inst = ir_inst(function, block->insts.items[i]);
    IrInst constant = {0};
    if (!decide(receivers, inst, &constant)) {
      continue;
    }
    receivers->decided++;
    IrValue old = inst->result, object = ir_operands(function, inst)[0];
    bool traps = inst->opcode == IR_STRUCT_GET && objects_of(receivers->objects, receivers->id, object)->null;
    IrInstId made = inst_new(receivers, block_id, constant, ir_type_of(function, old));
    ir_replace(function, old, ir_inst(function, made)->result);
    if (traps) {
      check_null(receivers, block_id, i++, object, constant.origin);
    }
    block->insts.items[i] = made;
  }
}

static void decide_branch(Receivers *receivers, IrBlockId block_id) {
  IrFunction *function = receivers->function;
  IrBlock *block = ir_block(function, block_id);
  const IrInst *end = ir_inst(function, block->terminator);
  uint32_t value;
  if ((end->opcode != IR_BR_IF && end->opcode != IR_SWITCH) ||
      !objects_decide(receivers->objects, receivers->id, ir_operands(function, end)[0], (ObjectAssumption){0},
                      &value)) {
    return;
  }
  receivers->decided++;
  IrInstId made = inst_new(receivers, block_id, i32_constant(value, end->origin), IR_I32);
  VECTOR_PUSH(&receivers->module->arena, &block->insts, made);
  end = ir_inst(function, block->terminator);
  ir_operands(function, end)[0] = ir_inst(function, made)->result;
}

void pass_exact_receivers(PassRun *run) {
  Receivers receivers = {.module = run->module};
  arena_init(&receivers.scratch);
  receivers.objects = objects_find(run->module, &receivers.scratch);
  for (IrFunctionId id = 1; id < run->module->functions.count; id++) {
    receivers.id = id;
    receivers.function = ir_function(run->module, id);
    if (receivers.function->blocks.count <= 1) {
      continue;
    }
    count_parameters(&receivers);
    uint32_t before = receivers.decided;
    for (IrBlockId block = 1; block < receivers.function->blocks.count; block++) {
      if (ir_block(receivers.function, block)->terminator != 0) {
        decide_branch(&receivers, block); // before the tests it is made of are gone
        decide_tests(&receivers, block);
      }
    }
    if (receivers.decided > before) {
      ir_cleanup(run->module, id);
    }
  }
  run->changed = receivers.decided > 0;
  pass_metric(run, "exact_parameter_facts", receivers.exact);
  pass_metric(run, "known_parameter_facts", receivers.known);
  pass_metric(run, "receiver_specialization_requests", 0); // receiver-specialization makes them
  pass_metric(run, "decided_tests", receivers.decided);
  arena_free(&receivers.scratch);
}
