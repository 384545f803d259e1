// Summaries of effects.h: the heap types written, by fixpoint over direct calls. Indirect calls and imports,
// behind which the host may call back, write everything.
#include "passes/effects.h"

#include "base/bits.h"

typedef struct Summary {
  uint64_t *written; // heap types
  bool everything;
} Summary;

struct Effects {
  const IrModule *module;
  Summary *functions; // by IrFunctionId
  uint32_t words;
};

static bool is_direct_call(const IrInst *inst) {
  return inst->opcode == IR_CALL || inst->opcode == IR_TAIL_CALL;
}

static bool is_write(const IrInst *inst) {
  return inst->opcode == IR_STRUCT_SET || inst->opcode == IR_ARRAY_SET || inst->opcode == IR_ARRAY_COPY ||
         inst->opcode == IR_ARRAY_FILL;
}

// Adds what an instruction writes; says whether the summary grew.
static bool add(Effects *effects, Summary *summary, const IrInst *inst) {
  bool grown = false;
  if (is_write(inst)) {
    grown = !bits_has(summary->written, inst->a);
    bits_add(summary->written, inst->a);
  } else if (is_direct_call(inst)) {
    const Summary *callee = &effects->functions[inst->a];
    grown = bits_union(summary->written, callee->written, effects->words) ||
            (callee->everything && !summary->everything);
    summary->everything |= callee->everything;
  } else if (ir_opcode_info((IrOpcode)inst->opcode)->effects & IR_CALLS) {
    grown = !summary->everything;
    summary->everything = true;
  }
  return grown;
}

static bool add_function(Effects *effects, IrFunctionId id) {
  const IrFunction *function = ir_function(effects->module, id);
  Summary *summary = &effects->functions[id];
  bool grown = false;
  for (IrBlockId b = 1; b < function->blocks.count && !summary->everything; b++) {
    const IrBlock *block = ir_block(function, b);
    for (uint32_t i = 0; block->terminator != 0 && i <= block->insts.count; i++) {
      IrInstId inst = i < block->insts.count ? block->insts.items[i] : block->terminator;
      grown |= add(effects, summary, ir_inst(function, inst));
    }
  }
  return grown;
}

Effects *effects_of(const IrModule *module, Arena *scratch) {
  Effects *effects = ARENA_ARRAY(scratch, Effects, 1);
  effects->module = module;
  effects->words = bits_words(module->heap_types.count);
  effects->functions = ARENA_ARRAY(scratch, Summary, module->functions.count);
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    effects->functions[id].written = bits_new(scratch, module->heap_types.count);
    effects->functions[id].everything = ir_function_is_import(ir_function(module, id));
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (IrFunctionId id = 1; id < module->functions.count; id++) {
      grown |= add_function(effects, id);
    }
  }
  return effects;
}

static bool are_related(const IrModule *module, IrHeapId first, IrHeapId second) {
  return ir_heap_is_subtype(module, first, second) || ir_heap_is_subtype(module, second, first);
}

bool effects_may_write(const Effects *effects, const IrInst *inst, IrHeapId heap) {
  if (is_write(inst)) {
    return are_related(effects->module, inst->a, heap);
  }
  if (!is_direct_call(inst)) {
    return (ir_opcode_info((IrOpcode)inst->opcode)->effects & IR_CALLS) != 0;
  }
  const Summary *callee = &effects->functions[inst->a];
  if (callee->everything) {
    return true;
  }
  for (IrHeapId written = 1; written < effects->module->heap_types.count; written++) {
    if (bits_has(callee->written, written) && are_related(effects->module, written, heap)) {
      return true;
    }
  }
  return false;
}
