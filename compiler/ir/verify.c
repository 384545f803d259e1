// Owns the verifier: every invariant of ir.h, for the module and each body. Runs after lowering and after
// each pass in debug builds; emission relies on it.
#include "base/bits.h"
#include "ir/internal.h"

enum { FAULTS_SHOWN = 20 };

typedef struct Verifier {
  IrModule *module;
  Text *out;
  uint32_t faults;
  Arena scratch; // of the function being verified
  IrFunctionId function_id;
  IrFunction *function;
  IrFlow flow;
  IrBlockId *defined_in; // by value; 0: not at all
  uint32_t *position;    // by value: place in its block, parameters 0, instructions from 1
} Verifier;

__attribute__((format(printf, 2, 3))) static void fault(Verifier *verifier, const char *format, ...) {
  if (verifier->faults++ >= FAULTS_SHOWN) {
    return;
  }
  if (verifier->function != NULL) {
    Str name = context_name(verifier->module->context, verifier->function->name);
    text_format(verifier->out, "fn %.*s (%u): ", STR_ARGS(name), verifier->function_id);
  }
  va_list arguments;
  va_start(arguments, format);
  text_format_list(verifier->out, format, arguments);
  va_end(arguments);
  text_add_char(verifier->out, '\n');
}

// ------------------------------------------------------------------------------------------------ module

static bool types_valid(const IrModule *module, const IrType *types, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (!ir_type_valid(module, types[i])) {
      return false;
    }
  }
  return true;
}

static void verify_fields(Verifier *verifier, IrHeapId id, const IrHeapType *type) {
  for (uint32_t i = 0; i < type->field_count; i++) {
    const IrField *field = &type->fields[i];
    if (!ir_type_valid(verifier->module, field->type) ||
        (field->packing != IR_PACK_NONE && field->type != IR_I32)) {
      fault(verifier, "type %u: field %u has an invalid type", id, i);
    }
  }
}

static void verify_super(Verifier *verifier, IrHeapId id, const IrHeapType *type) {
  if (type->super >= id) {
    fault(verifier, "type %u: supertype %u has no smaller id", id, type->super);
    return;
  }
  const IrHeapType *super = ir_heap(verifier->module, type->super);
  if (super->kind != IR_HEAP_STRUCT || type->kind != IR_HEAP_STRUCT || !super->open ||
      type->field_count < super->field_count) {
    fault(verifier, "type %u: cannot be a subtype of %u", id, type->super);
    return;
  }
  for (uint32_t i = 0; i < super->field_count; i++) {
    const IrField *own = &type->fields[i], *above = &super->fields[i];
    bool fits =
        own->mutable_ == above->mutable_ && own->packing == above->packing &&
        (own->mutable_ ? own->type == above->type : ir_is_subtype(verifier->module, own->type, above->type));
    if (!fits) {
      fault(verifier, "type %u: field %u does not fit its supertype's", id, i);
    }
  }
}

static void verify_heap_types(Verifier *verifier) {
  for (IrHeapId id = 1; id < verifier->module->heap_types.count; id++) {
    const IrHeapType *type = ir_heap(verifier->module, id);
    if (type->kind == IR_HEAP_UNDEFINED) {
      fault(verifier, "type %u is declared and never defined", id);
    }
    verify_fields(verifier, id, type);
    if (!types_valid(verifier->module, type->params, type->param_count) ||
        !types_valid(verifier->module, type->results, type->result_count)) {
      fault(verifier, "type %u: signature has an invalid type", id);
    }
    if (type->super != 0) {
      verify_super(verifier, id, type);
    }
  }
}

static bool is_dropped(const IrModule *module, IrFunctionId id) {
  return ir_function_is_dropped(ir_function(module, id));
}

static bool constant_opcode(IrOpcode opcode) {
  switch (opcode) {
  case IR_I32_CONST:
  case IR_I64_CONST:
  case IR_F32_CONST:
  case IR_F64_CONST:
  case IR_REF_NULL:
  case IR_REF_FUNC:
  case IR_GLOBAL_GET:
  case IR_REF_I31:
  case IR_STRUCT_NEW:
  case IR_STRUCT_NEW_DEFAULT:
  case IR_ARRAY_NEW_FIXED:
    return true;
  default:
    return false;
  }
}

// `before`: the first global a constant may not read. Operands have smaller ids, so the walk ends.
static void verify_constant(Verifier *verifier, IrConstantId id, IrType wanted, IrGlobalId before) {
  const IrModule *module = verifier->module;
  if (id == 0 || id >= module->constants.count) {
    fault(verifier, "constant %u does not exist", id);
    return;
  }
  const IrConstant *constant = &module->constants.items[id];
  IrInst inst = {.opcode = (uint16_t)constant->opcode, .operand_count = constant->operand_count};
  inst.bits = constant->bits;
  if (!constant_opcode(constant->opcode) || !ir_immediates_valid(module, &inst) ||
      ir_expected_operands(module, NULL, &inst) != constant->operand_count ||
      (constant->opcode == IR_REF_FUNC && is_dropped(module, constant->a))) {
    fault(verifier, "constant %u is malformed", id);
    return;
  }
  if (constant->opcode == IR_GLOBAL_GET &&
      (constant->a >= before || module->globals.items[constant->a].mutable_)) {
    fault(verifier, "constant %u reads a global that is mutable or not set yet", id);
  }
  if (!ir_is_subtype(module, ir_constant_type(module, id), wanted)) {
    fault(verifier, "constant %u has the wrong type", id);
  }
  for (uint32_t i = 0; i < constant->operand_count; i++) {
    if (constant->operands[i] >= id) {
      fault(verifier, "constant %u uses a later one", id);
      return;
    }
    verify_constant(verifier, constant->operands[i], ir_expected_operand(module, NULL, &inst, i), before);
  }
}

static bool function_valid(const IrModule *module, IrFunctionId id) {
  if (id == 0 || id >= module->functions.count) {
    return false;
  }
  const IrFunction *function = ir_function(module, id);
  return function->type > 0 && function->type < module->heap_types.count &&
         ir_heap(module, function->type)->kind == IR_HEAP_FUNCTION &&
         (!ir_function_is_import(function) || function->blocks.count == 0);
}

// Valid, and not dropped: something may refer to it.
static bool usable(const IrModule *module, IrFunctionId id) {
  return function_valid(module, id) && !is_dropped(module, id);
}

static void verify_items(Verifier *verifier) {
  const IrModule *module = verifier->module;
  for (IrGlobalId id = 1; id < module->globals.count; id++) {
    const IrGlobal *global = &module->globals.items[id];
    if (!ir_type_valid(module, global->type)) {
      fault(verifier, "global %u has an invalid type", id);
    } else if (global->import_module.length == 0) {
      verify_constant(verifier, global->init, global->type, id);
    }
  }
  for (IrTableId id = 1; id < module->tables.count; id++) {
    const IrTable *table = &module->tables.items[id];
    for (uint32_t i = 0; i < table->entries.count; i++) {
      if (table->entries.items[i] != 0 && !usable(module, table->entries.items[i])) {
        fault(verifier, "table %u: entry %u is no function", id, i);
      }
    }
  }
  for (IrDataId id = 1; id < module->data.count; id++) {
    if (module->data.items[id].active && !module->has_memory) {
      fault(verifier, "data %u needs a memory", id);
    }
  }
  if (module->memory_max != 0 && module->memory_max < module->memory_min) {
    fault(verifier, "memory cannot have a maximum below its minimum");
  }
  for (uint32_t i = 0; i < module->exports.count; i++) {
    const IrExport *export = &module->exports.items[i];
    bool valid = export->kind == IR_EXPORT_FUNCTION ? usable(module, export->id)
                 : export->kind == IR_EXPORT_GLOBAL ? export->id > 0 && export->id < module->globals.count
                                                    : module->has_memory;
    if (!valid) {
      fault(verifier, "export %u does not exist", i);
    }
    for (uint32_t k = 0; k < i; k++) {
      if (str_equal(module->exports.items[k].name, export->name)) {
        fault(verifier, "export name %.*s is taken", STR_ARGS(export->name));
      }
    }
  }
}

// ------------------------------------------------------------------------------------------------- bodies

static void define_value(Verifier *verifier, IrValue value, IrInstId inst, IrBlockId block,
                         uint32_t position) {
  const IrFunction *function = verifier->function;
  if (value == 0 || value >= function->values.count) {
    fault(verifier, "^%u defines value %u, which does not exist", block, value);
    return;
  }
  if (verifier->defined_in[value] != 0) {
    fault(verifier, "v%u is defined twice", value);
  }
  const IrValueInfo *info = &function->values.items[value];
  if (!ir_type_valid(verifier->module, info->type) || info->inst != inst) {
    fault(verifier, "v%u: its record does not match its definition", value);
  }
  verifier->defined_in[value] = block;
  verifier->position[value] = position;
}

static void collect_definitions(Verifier *verifier) {
  const IrFunction *function = verifier->function;
  for (uint32_t i = 0; i < verifier->flow.count; i++) {
    IrBlockId id = verifier->flow.order[i];
    const IrBlock *block = ir_block(function, id);
    for (uint32_t p = 0; p < block->params.count; p++) {
      define_value(verifier, block->params.items[p], 0, id, 0);
    }
    for (uint32_t k = 0; k < block->insts.count; k++) {
      const IrInst *inst = ir_inst(function, block->insts.items[k]);
      for (uint32_t r = 0; r < inst->result_count; r++) {
        define_value(verifier, inst->result + r, block->insts.items[k], id, k + 1);
      }
    }
  }
}

// Is `value` defined before `position` of `block`, on every path? Gives its type, or void.
static IrType used_type(Verifier *verifier, IrValue value, IrBlockId block, uint32_t position) {
  if (value == 0 || value >= verifier->function->values.count || verifier->defined_in[value] == 0) {
    fault(verifier, "^%u uses v%u, which is defined nowhere", block, value);
    return IR_VOID;
  }
  IrBlockId home = verifier->defined_in[value];
  bool before =
      home == block ? verifier->position[value] < position : ir_dominates(&verifier->flow, home, block);
  if (!before) {
    fault(verifier, "^%u uses v%u, whose definition does not dominate it", block, value);
  }
  return ir_type_of(verifier->function, value);
}

static bool uses_memory(const IrInst *inst) {
  return inst->opcode >= IR_I32_LOAD && inst->opcode <= IR_MEMORY_FILL;
}

static void verify_inst(Verifier *verifier, IrInst *inst, IrBlockId block, uint32_t position) {
  const IrModule *module = verifier->module;
  const IrOpcodeInfo *info = ir_opcode_info(inst->opcode);
  if (!ir_immediates_valid(module, inst) || (uses_memory(inst) && !module->has_memory) ||
      (info->a == IR_IMMEDIATE_FUNCTION && is_dropped(module, inst->a))) {
    fault(verifier, "^%u: %s has an invalid immediate", block, info->text);
    return;
  }
  if (inst->operand_count != ir_expected_operands(module, verifier->function, inst)) {
    fault(verifier, "^%u: %s has %u operands", block, info->text, inst->operand_count);
    return;
  }
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    IrType type = used_type(verifier, ir_operands(verifier->function, inst)[i], block, position);
    IrType wanted = ir_expected_operand(module, verifier->function, inst, i);
    bool fits = wanted == IR_VOID ? ir_type_is_reference(type) : ir_is_subtype(module, type, wanted);
    if (type != IR_VOID && !fits) {
      fault(verifier, "^%u: operand %u of %s has the wrong type", block, i, info->text);
    }
  }
  if (inst->result_count != ir_expected_results(module, inst)) {
    fault(verifier, "^%u: %s has %u results", block, info->text, inst->result_count);
    return;
  }
  for (uint32_t r = 0; r < inst->result_count; r++) {
    if (ir_type_of(verifier->function, inst->result + r) !=
        ir_expected_result(module, verifier->function, inst, r)) {
      fault(verifier, "^%u: result %u of %s has the wrong type", block, r, info->text);
    }
  }
}

static bool edge_count_fits(const IrBlock *block, IrOpcode opcode) {
  switch (opcode) {
  case IR_BR:
    return block->edges.count == 1;
  case IR_BR_IF:
    return block->edges.count == 2;
  case IR_SWITCH:
    return block->edges.count >= 1;
  default:
    return block->edges.count == 0;
  }
}

static void verify_edges(Verifier *verifier, IrBlockId id) {
  const IrFunction *function = verifier->function;
  const IrBlock *block = ir_block(function, id);
  for (uint32_t e = 0; e < block->edges.count; e++) {
    const IrEdge *edge = &block->edges.items[e];
    const IrBlock *target = ir_block(function, edge->target);
    if (edge->target == 1) {
      fault(verifier, "^%u jumps to the entry", id);
    }
    if (edge->args.count != target->params.count) {
      fault(verifier, "^%u gives ^%u %u arguments", id, edge->target, edge->args.count);
      continue;
    }
    for (uint32_t i = 0; i < edge->args.count; i++) {
      IrType type = used_type(verifier, edge->args.items[i], id, UINT32_MAX);
      IrType wanted = ir_type_of(function, target->params.items[i]);
      if (type != IR_VOID && !ir_is_subtype(verifier->module, type, wanted)) {
        fault(verifier, "^%u: argument %u for ^%u has the wrong type", id, i, edge->target);
      }
    }
  }
}

static void verify_tail_call(Verifier *verifier, const IrInst *inst, IrBlockId id) {
  IrHeapId callee = inst->opcode == IR_TAIL_CALL       ? ir_function(verifier->module, inst->a)->type
                    : inst->opcode == IR_TAIL_CALL_REF ? inst->a
                                                       : inst->b;
  const IrHeapType *from = ir_heap(verifier->module, callee);
  const IrHeapType *to = ir_heap(verifier->module, verifier->function->type);
  bool fits = from->result_count == to->result_count;
  for (uint32_t i = 0; fits && i < to->result_count; i++) {
    fits = ir_is_subtype(verifier->module, from->results[i], to->results[i]);
  }
  if (!fits) {
    fault(verifier, "^%u: the tail call's results are not the function's", id);
  }
}

static void verify_block(Verifier *verifier, IrBlockId id) {
  const IrFunction *function = verifier->function;
  const IrBlock *block = ir_block(function, id);
  for (uint32_t k = 0; k < block->insts.count; k++) {
    IrInst *inst = ir_inst(function, block->insts.items[k]);
    if (ir_opcode_info(inst->opcode)->effects & IR_TERMINATES) {
      fault(verifier, "^%u has a terminator in its middle", id);
      return;
    }
    verify_inst(verifier, inst, id, k + 1);
  }
  IrInst *terminator = ir_inst(function, block->terminator);
  uint32_t before = verifier->faults;
  verify_inst(verifier, terminator, id, UINT32_MAX);
  if (!edge_count_fits(block, (IrOpcode)terminator->opcode)) {
    fault(verifier, "^%u has %u edges", id, block->edges.count);
  }
  if (before == verifier->faults && terminator->opcode >= IR_TAIL_CALL &&
      terminator->opcode <= IR_TAIL_CALL_INDIRECT) {
    verify_tail_call(verifier, terminator, id);
  }
  verify_edges(verifier, id);
}

static void verify_entry(Verifier *verifier) {
  const IrHeapType *type = ir_heap(verifier->module, verifier->function->type);
  const IrBlock *entry = ir_block(verifier->function, 1);
  bool fits = entry->params.count == type->param_count;
  for (uint32_t i = 0; fits && i < type->param_count; i++) {
    fits = ir_type_of(verifier->function, entry->params.items[i]) == type->params[i];
  }
  if (!fits) {
    fault(verifier, "the entry's parameters are not the function's");
  }
}

static bool terminators_exist(Verifier *verifier) {
  for (uint32_t i = 0; i < verifier->flow.count; i++) {
    IrBlockId id = verifier->flow.order[i];
    IrInstId terminator = ir_block(verifier->function, id)->terminator;
    if (terminator == 0 ||
        !(ir_opcode_info(ir_inst(verifier->function, terminator)->opcode)->effects & IR_TERMINATES)) {
      fault(verifier, "^%u has no terminator", id);
      return false;
    }
  }
  return true;
}

static void verify_body(Verifier *verifier, IrFunctionId id) {
  verifier->function_id = id;
  verifier->function = ir_function(verifier->module, id);
  arena_init(&verifier->scratch);
  verifier->flow = ir_flow(&verifier->scratch, verifier->function);
  verifier->defined_in = ARENA_ARRAY(&verifier->scratch, IrBlockId, verifier->function->values.count);
  verifier->position = ARENA_ARRAY(&verifier->scratch, uint32_t, verifier->function->values.count);
  if (!verifier->flow.reducible) {
    fault(verifier, "a loop has two entries");
  }
  if (terminators_exist(verifier)) {
    verify_entry(verifier);
    collect_definitions(verifier);
    for (uint32_t i = 0; i < verifier->flow.count; i++) {
      verify_block(verifier, verifier->flow.order[i]);
    }
  }
  arena_free(&verifier->scratch);
  verifier->function = NULL;
}

bool ir_verify(IrModule *module, Text *out) {
  Verifier verifier = {.module = module, .out = out};
  verify_heap_types(&verifier);
  if (verifier.faults == 0) {
    for (IrFunctionId id = 1; id < module->functions.count; id++) {
      if (!function_valid(module, id)) {
        fault(&verifier, "function %u has no valid type, or both a body and an import", id);
      }
    }
  }
  if (verifier.faults == 0) {
    verify_items(&verifier);
    for (IrFunctionId id = 1; id < module->functions.count; id++) {
      if (!ir_function_is_import(ir_function(module, id)) && !is_dropped(module, id)) {
        verify_body(&verifier, id);
      }
    }
  }
  return verifier.faults == 0;
}
