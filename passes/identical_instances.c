// identical-instances: functions with the same code become one, and so do types with the same layout.
//
// Instances of a generic function for classes that look alike differ only in the types they name; these are
// told apart by nothing but casts and tests. The coarsest partition of functions and types in which the
// members of a class agree in everything but references to members of one class is found by refinement, as
// for the states of an automaton (Moore 1956): recursive functions and types that refer to each other stay
// together. A class id is a constant of the code, so what makes objects of different classes stays apart.
//
// Types that a cast or test can tell apart are kept apart. Functions are one only if they are instances of
// one function and all of their code comes from the same places, so that traps lead to what was written. Runs
// last: what is one type here is no longer told apart by the flow of objects.
#include "base/map.h"
#include "passes/objects.h"
#include "passes/pass.h"

// Code and layouts as words; a word that refers to a function or type counts by its class.
typedef struct Word {
  enum { WORD_PLAIN, WORD_FUNCTION, WORD_HEAP } kind;
  uint32_t value;
} Word;

typedef uint32_t Item; // a function, or a heap type after all functions

typedef struct Identity {
  IrModule *module;
  Arena scratch;
  uint32_t functions, items; // functions.count of the module; that and heap_types.count
  VECTOR(Word) words;
  uint32_t *first; // by Item: its first word; one more than there are items
  Item *classes;   // by Item: the first of its class
  Item *refined;
  HashIndex index; // first members of the refined classes
  bool *apart;     // by Item: a class of its own
  uint32_t *sizes; // by Item that is the first of its class: its members
} Identity;

// ------------------------------------------------------------------------------------------------- writing

static void write(Identity *identity, uint32_t value) {
  VECTOR_PUSH(&identity->scratch, &identity->words, (Word){WORD_PLAIN, value});
}

static void write_heap(Identity *identity, IrHeapId heap) {
  VECTOR_PUSH(&identity->scratch, &identity->words, (Word){heap == 0 ? WORD_PLAIN : WORD_HEAP, heap});
}

static IrType without_heap(IrType type) {
  return type & ((1u << IR_TYPE_HEAP_SHIFT) - 1);
}

static void write_type(Identity *identity, IrType type) {
  write(identity, without_heap(type));
  write_heap(identity, ir_type_heap(type));
}

static void write_immediate(Identity *identity, IrImmediate kind, uint32_t immediate) {
  switch (kind) {
  case IR_IMMEDIATE_TYPE:
    write_type(identity, immediate);
    break;
  case IR_IMMEDIATE_STRUCT:
  case IR_IMMEDIATE_ARRAY:
  case IR_IMMEDIATE_SIGNATURE:
    write_heap(identity, immediate);
    break;
  case IR_IMMEDIATE_FUNCTION:
    VECTOR_PUSH(&identity->scratch, &identity->words, (Word){WORD_FUNCTION, immediate});
    break;
  default:
    write(identity, immediate);
    break;
  }
}

// Blocks in reverse postorder, values numbered in the order of their definitions.
typedef struct Body {
  const IrFunction *function;
  IrFlow flow;
  uint32_t *numbers; // by IrValue
} Body;

static void number_values(Identity *identity, Body *body) {
  const IrFunction *function = body->function;
  uint32_t next = 1;
  body->numbers = ARENA_ARRAY(&identity->scratch, uint32_t, function->values.count);
  for (uint32_t i = 0; i < body->flow.count; i++) {
    const IrBlock *block = ir_block(function, body->flow.order[i]);
    for (uint32_t p = 0; p < block->params.count; p++) {
      body->numbers[block->params.items[p]] = next++;
    }
    for (uint32_t k = 0; k < block->insts.count; k++) {
      const IrInst *inst = ir_inst(function, block->insts.items[k]);
      for (uint32_t r = 0; r < inst->result_count; r++) {
        body->numbers[inst->result + r] = next++;
      }
    }
  }
}

static void write_inst(Identity *identity, const Body *body, const IrInst *inst) {
  const IrOpcodeInfo *info = ir_opcode_info((IrOpcode)inst->opcode);
  write(identity, inst->opcode);
  write(identity, inst->operand_count);
  write(identity, inst->origin.position);
  write_immediate(identity, info->a, inst->a); // of a constant: the low and the high half
  write_immediate(identity, info->b, inst->b);
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    write(identity, body->numbers[ir_operands(body->function, inst)[i]]);
  }
}

static void write_block(Identity *identity, const Body *body, const IrBlock *block) {
  write(identity, block->params.count);
  for (uint32_t p = 0; p < block->params.count; p++) {
    write_type(identity, ir_type_of(body->function, block->params.items[p]));
  }
  write(identity, block->insts.count);
  for (uint32_t i = 0; i < block->insts.count; i++) {
    write_inst(identity, body, ir_inst(body->function, block->insts.items[i]));
  }
  write_inst(identity, body, ir_inst(body->function, block->terminator));
  write(identity, block->edges.count);
  for (uint32_t e = 0; e < block->edges.count; e++) {
    const IrEdge *edge = &block->edges.items[e];
    write(identity, body->flow.number[edge->target]);
    for (uint32_t a = 0; a < edge->args.count; a++) {
      write(identity, body->numbers[edge->args.items[a]]);
    }
  }
}

static void write_function(Identity *identity, IrFunctionId id) {
  const IrFunction *function = ir_function(identity->module, id);
  if (function->blocks.count <= 1) {
    write(identity, id); // dropped or imported: like no other
    return;
  }
  write(identity, 0);
  write(identity, function->name);
  write(identity, function->origin.position);
  write_heap(identity, function->type);
  Body body = {.function = function, .flow = ir_flow(&identity->scratch, function)};
  number_values(identity, &body);
  for (uint32_t i = 0; i < body.flow.count; i++) {
    write_block(identity, &body, ir_block(function, body.flow.order[i]));
  }
}

static void write_layout(Identity *identity, IrHeapId id) {
  const IrHeapType *type = ir_heap(identity->module, id);
  write(identity, UINT32_MAX - type->kind); // no function begins so
  write(identity, type->kind == IR_HEAP_UNDEFINED ? id : (uint32_t)(type->open * 2 + type->interned));
  write_heap(identity, type->super);
  write(identity, type->field_count);
  for (uint32_t i = 0; i < type->field_count; i++) {
    write(identity, (uint32_t)type->fields[i].packing * 2 + type->fields[i].mutable_);
    write_type(identity, type->fields[i].type);
  }
  write(identity, type->param_count);
  for (uint32_t i = 0; i < type->param_count; i++) {
    write_type(identity, type->params[i]);
  }
  for (uint32_t i = 0; i < type->result_count; i++) {
    write_type(identity, type->results[i]);
  }
}

static void write_all(Identity *identity) {
  identity->first = ARENA_ARRAY(&identity->scratch, uint32_t, identity->items + 1);
  for (Item item = 0; item < identity->items; item++) {
    identity->first[item] = identity->words.count;
    if (item > 0 && item < identity->functions) {
      write_function(identity, item);
    } else if (item > identity->functions) {
      write_layout(identity, item - identity->functions);
    }
  }
  identity->first[identity->items] = identity->words.count;
}

// ------------------------------------------------------------------------------------------------ refining

static uint32_t meaning(const Identity *identity, const Word *word) {
  switch (word->kind) {
  case WORD_FUNCTION:
    return identity->classes[word->value];
  case WORD_HEAP:
    return identity->classes[identity->functions + word->value];
  default:
    return word->value;
  }
}

typedef struct Likeness {
  const Identity *identity;
  Item item;
} Likeness;

static bool is_like(const void *context, uint32_t other) {
  const Likeness *likeness = context;
  const Identity *identity = likeness->identity;
  const uint32_t *first = identity->first;
  uint32_t count = first[likeness->item + 1] - first[likeness->item];
  if (identity->classes[likeness->item] != identity->classes[other] || identity->apart[likeness->item] ||
      identity->apart[other] || first[other + 1] - first[other] != count) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (meaning(identity, &identity->words.items[first[likeness->item] + i]) !=
        meaning(identity, &identity->words.items[first[other] + i])) {
      return false;
    }
  }
  return true;
}

// Splits classes whose members refer to different classes; gives the number of classes.
static uint32_t refine_once(Identity *identity) {
  memset(&identity->index, 0, sizeof identity->index);
  uint32_t count = 0;
  for (Item item = 1; item < identity->items; item++) {
    uint64_t hash = identity->classes[item];
    for (uint32_t i = identity->first[item]; i < identity->first[item + 1]; i++) {
      hash = hash_mix(hash, meaning(identity, &identity->words.items[i]));
    }
    Likeness likeness = {identity, item};
    Item like = hash_index_find(&identity->index, (uint32_t)hash, is_like, &likeness);
    if (like == ID_MAP_NONE) {
      hash_index_add(&identity->scratch, &identity->index, (uint32_t)hash, item);
      like = item;
      count++;
    }
    identity->refined[item] = like;
  }
  Item *classes = identity->classes;
  identity->classes = identity->refined;
  identity->refined = classes;
  return count;
}

static void refine(Identity *identity) {
  uint32_t count = 0;
  for (uint32_t next = 1; next != count;) {
    count = next;
    next = refine_once(identity);
  }
}

// ------------------------------------------------------------------------------------------ casts and tests

static IrHeapId first_type(const Identity *identity, IrHeapId heap) {
  return identity->classes[identity->functions + heap] - identity->functions;
}

// Would an object of one heap type be taken for one of `target` if types of a class were one, but is it not?
static bool is_mistaken(const Identity *identity, IrHeapId heap, IrHeapId target) {
  if (heap == 0 || ir_heap_is_subtype(identity->module, heap, target)) {
    return false;
  }
  for (; heap != 0; heap = ir_heap(identity->module, heap)->super) {
    if (first_type(identity, heap) == first_type(identity, target)) {
      return true;
    }
  }
  return false;
}

static void count_members(Identity *identity) {
  memset(identity->sizes, 0, sizeof(uint32_t) * identity->items);
  for (Item item = 1; item < identity->items; item++) {
    identity->sizes[identity->classes[item]]++;
  }
}

// Does a cast or test to `target` tell apart types of one class?
static bool tells_apart(const Identity *identity, const Objects *objects, const ObjectSet *set,
                        IrHeapId target) {
  if (set->any) {
    return identity->sizes[identity->functions + first_type(identity, target)] > 1;
  }
  for (uint32_t i = 0; i < set->count; i++) {
    if (is_mistaken(identity, objects_kind(objects, set->kinds[i]).heap, target)) {
      return true;
    }
  }
  return false;
}

static bool tells_entries_apart(const Identity *identity, const IrTable *table, IrHeapId signature) {
  for (uint32_t i = 0; i < table->entries.count; i++) {
    IrFunctionId entry = table->entries.items[i];
    if (entry != 0 && is_mistaken(identity, ir_function(identity->module, entry)->type, signature)) {
      return true;
    }
  }
  return false;
}

// The type that an instruction tells from others of its class, or 0.
static IrHeapId told_apart(const Identity *identity, const Objects *objects, IrFunctionId id,
                           const IrInst *inst) {
  if (inst->opcode == IR_REF_CAST || inst->opcode == IR_REF_TEST) {
    IrValue tested = ir_operands(ir_function(identity->module, id), inst)[0];
    IrHeapId target = ir_type_heap(inst->a);
    return target != 0 && tells_apart(identity, objects, objects_of(objects, id, tested), target) ? target
                                                                                                  : 0;
  }
  if (inst->opcode == IR_CALL_INDIRECT || inst->opcode == IR_TAIL_CALL_INDIRECT) {
    return tells_entries_apart(identity, &identity->module->tables.items[inst->a], inst->b) ? inst->b : 0;
  }
  return 0;
}

// Gives a class of its own to each type that is told from others of its class; false if there is none.
static bool split_by_casts(Identity *identity, const Objects *objects) {
  bool split = false;
  count_members(identity);
  for (IrFunctionId id = 1; id < identity->functions; id++) {
    const IrFunction *function = ir_function(identity->module, id);
    for (IrBlockId block_id = 1; block_id < function->blocks.count; block_id++) {
      const IrBlock *block = ir_block(function, block_id);
      for (uint32_t i = 0; block->terminator != 0 && i <= block->insts.count; i++) {
        const IrInst *inst =
            ir_inst(function, i < block->insts.count ? block->insts.items[i] : block->terminator);
        IrHeapId told = told_apart(identity, objects, id, inst);
        if (told != 0) {
          identity->apart[identity->functions + told] = split = true;
        }
      }
    }
  }
  return split;
}

// ---------------------------------------------------------------------------------------------- replacing

static IrType replaced_type(const Identity *identity, IrType type) {
  IrHeapId heap = ir_type_heap(type);
  return heap == 0 ? type : without_heap(type) | first_type(identity, heap) << IR_TYPE_HEAP_SHIFT;
}

static void replace_types(const Identity *identity, IrType *types, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    types[i] = replaced_type(identity, types[i]);
  }
}

static void replace_immediate(const Identity *identity, IrImmediate kind, uint32_t *immediate) {
  switch (kind) {
  case IR_IMMEDIATE_TYPE:
    *immediate = replaced_type(identity, *immediate);
    break;
  case IR_IMMEDIATE_STRUCT:
  case IR_IMMEDIATE_ARRAY:
  case IR_IMMEDIATE_SIGNATURE:
    *immediate = first_type(identity, *immediate);
    break;
  case IR_IMMEDIATE_FUNCTION:
    *immediate = identity->classes[*immediate];
    break;
  default:
    break;
  }
}

static void replace_in_function(const Identity *identity, IrFunction *function) {
  function->type = first_type(identity, function->type);
  for (IrValue value = 1; value < function->values.count; value++) {
    replace_types(identity, &function->values.items[value].type, 1);
  }
  for (IrBlockId block_id = 1; block_id < function->blocks.count; block_id++) {
    const IrBlock *block = ir_block(function, block_id);
    for (uint32_t i = 0; block->terminator != 0 && i <= block->insts.count; i++) {
      IrInst *inst = ir_inst(function, i < block->insts.count ? block->insts.items[i] : block->terminator);
      const IrOpcodeInfo *info = ir_opcode_info((IrOpcode)inst->opcode);
      replace_immediate(identity, info->a, &inst->a);
      replace_immediate(identity, info->b, &inst->b);
    }
  }
}

static void replace_in_type(const Identity *identity, IrHeapType *type) {
  type->super = type->super == 0 ? 0 : first_type(identity, type->super);
  for (uint32_t i = 0; i < type->field_count; i++) {
    replace_types(identity, &type->fields[i].type, 1);
  }
  replace_types(identity, type->params, type->param_count);
  replace_types(identity, type->results, type->result_count);
}

static void replace_all(const Identity *identity) {
  IrModule *module = identity->module;
  for (IrFunctionId id = 1; id < identity->functions; id++) {
    replace_in_function(identity, ir_function(module, id));
  }
  for (IrHeapId id = 1; id < module->heap_types.count; id++) {
    replace_in_type(identity, &module->heap_types.items[id]);
  }
  for (IrGlobalId id = 1; id < module->globals.count; id++) {
    replace_types(identity, &module->globals.items[id].type, 1);
  }
  for (IrConstantId id = 1; id < module->constants.count; id++) {
    IrConstant *constant = &module->constants.items[id];
    replace_immediate(identity, ir_opcode_info(constant->opcode)->a, &constant->a);
  }
  for (IrTableId id = 1; id < module->tables.count; id++) {
    for (uint32_t i = 0; i < module->tables.items[id].entries.count; i++) {
      replace_immediate(identity, IR_IMMEDIATE_FUNCTION, &module->tables.items[id].entries.items[i]);
    }
  }
  for (uint32_t i = 0; i < module->exports.count; i++) {
    if (module->exports.items[i].kind == IR_EXPORT_FUNCTION) {
      replace_immediate(identity, IR_IMMEDIATE_FUNCTION, &module->exports.items[i].id);
    }
  }
}

void pass_identical_instances(PassRun *run) {
  IrModule *module = run->module;
  Identity identity = {.module = module, .functions = module->functions.count};
  arena_init(&identity.scratch);
  identity.items = identity.functions + module->heap_types.count;
  identity.classes = ARENA_ARRAY(&identity.scratch, Item, identity.items);
  identity.refined = ARENA_ARRAY(&identity.scratch, Item, identity.items);
  identity.apart = ARENA_ARRAY(&identity.scratch, bool, identity.items);
  identity.sizes = ARENA_ARRAY(&identity.scratch, uint32_t, identity.items);
  const Objects *objects = objects_find(module, &identity.scratch);
  write_all(&identity);
  do {
    refine(&identity);
  } while (split_by_casts(&identity, objects));
  uint32_t functions = 0, types = 0;
  for (Item item = 1; item < identity.items; item++) {
    bool is_function = item < identity.functions;
    functions += is_function && identity.classes[item] != item;
    types += item > identity.functions && identity.classes[item] != item;
  }
  run->changed = functions + types > 0;
  if (run->changed) {
    replace_all(&identity);
  }
  for (IrFunctionId id = 1; id < identity.functions; id++) {
    if (identity.classes[id] != id) {
      ir_function_drop(module, id);
    }
  }
  pass_metric(run, "merged_functions", functions);
  pass_metric(run, "merged_types", types);
  arena_free(&identity.scratch);
}
