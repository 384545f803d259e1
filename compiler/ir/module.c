// Owns the module: heap types and their relations, functions, globals, constants, tables, data, exports, and
// the facts about opcodes. First user: lower/.
#include "base/failure.h"
#include "base/map.h"
#include "ir/internal.h"

static const IrOpcodeInfo opcode_infos[IR_OPCODE_COUNT] = {
#define IR_NUMERIC(id, text, result, left, right, effects, backend)                                          \
  {text, result, left, right, effects, true, IR_IMMEDIATE_NONE, IR_IMMEDIATE_NONE},
#define IR_OPERATION(id, text, a, b, effects)                                                                \
  {text, IR_VOID, IR_VOID, IR_VOID, effects, false, IR_IMMEDIATE_##a, IR_IMMEDIATE_##b},
#include "ir/opcodes.def"
#undef IR_NUMERIC
#undef IR_OPERATION
};

const IrOpcodeInfo *ir_opcode_info(IrOpcode opcode) {
  return &opcode_infos[opcode];
}

void ir_module_init(IrModule *module, Context *context) {
  memset(module, 0, sizeof *module);
  arena_init(&module->arena);
  module->context = context;
  // Entry 0 of every table means "none".
  (void)VECTOR_EXTEND(&module->arena, &module->heap_types, 1);
  (void)VECTOR_EXTEND(&module->arena, &module->functions, 1);
  (void)VECTOR_EXTEND(&module->arena, &module->sites, 1);
  (void)VECTOR_EXTEND(&module->arena, &module->constants, 1);
  (void)VECTOR_EXTEND(&module->arena, &module->globals, 1);
  (void)VECTOR_EXTEND(&module->arena, &module->tables, 1);
  (void)VECTOR_EXTEND(&module->arena, &module->data, 1);
}

void ir_module_free(IrModule *module) {
  arena_free(&module->arena);
}

static Str copy_text(IrModule *module, Str text) {
  return (Str){arena_copy_string(&module->arena, text.ptr, text.length), text.length};
}

// -------------------------------------------------------------------------------------------- heap types

IrHeapId ir_heap_declare(IrModule *module, Name name) {
  ENSURE(module->heap_types.count < UINT32_MAX >> IR_TYPE_HEAP_SHIFT);
  VECTOR_PUSH(&module->arena, &module->heap_types, (IrHeapType){.name = name});
  return module->heap_types.count - 1;
}

static IrHeapType *define(IrModule *module, IrHeapId heap, IrHeapKind kind) {
  IrHeapType *type = &module->heap_types.items[heap];
  ENSURE(type->kind == IR_HEAP_UNDEFINED);
  type->kind = kind;
  return type;
}

void ir_struct_define(IrModule *module, IrHeapId heap, IrHeapId super, bool open, const IrField *fields,
                      uint32_t count) {
  IrHeapType *type = define(module, heap, IR_HEAP_STRUCT);
  type->super = super;
  type->open = open;
  type->fields = ARENA_ARRAY(&module->arena, IrField, count);
  type->field_count = count;
  for (uint32_t i = 0; i < count; i++) {
    type->fields[i] = fields[i];
  }
}

void ir_array_define(IrModule *module, IrHeapId heap, IrField element) {
  IrHeapType *type = define(module, heap, IR_HEAP_ARRAY);
  type->fields = ARENA_NEW(&module->arena, IrField);
  type->fields[0] = element;
  type->field_count = 1;
}

static IrType *copy_types(IrModule *module, const IrType *types, uint32_t count) {
  IrType *copy = ARENA_ARRAY(&module->arena, IrType, count);
  for (uint32_t i = 0; i < count; i++) {
    copy[i] = types[i];
  }
  return copy;
}

void ir_function_type_define(IrModule *module, IrHeapId heap, const IrType *params, uint32_t param_count,
                             const IrType *results, uint32_t result_count) {
  IrHeapType *type = define(module, heap, IR_HEAP_FUNCTION);
  type->params = copy_types(module, params, param_count);
  type->param_count = param_count;
  type->results = copy_types(module, results, result_count);
  type->result_count = result_count;
}

typedef struct Signature {
  const IrModule *module;
  const IrType *params, *results;
  uint32_t param_count, result_count;
} Signature;

static bool signature_equal(const void *context, uint32_t id) {
  const Signature *wanted = context;
  const IrHeapType *type = ir_heap(wanted->module, id);
  if (type->param_count != wanted->param_count || type->result_count != wanted->result_count) {
    return false;
  }
  for (uint32_t i = 0; i < type->param_count; i++) {
    if (type->params[i] != wanted->params[i]) {
      return false;
    }
  }
  for (uint32_t i = 0; i < type->result_count; i++) {
    if (type->results[i] != wanted->results[i]) {
      return false;
    }
  }
  return true;
}

static uint32_t signature_hash(const Signature *signature) {
  uint64_t hash = hash_mix(signature->param_count, signature->result_count);
  for (uint32_t i = 0; i < signature->param_count; i++) {
    hash = hash_mix(hash, signature->params[i]);
  }
  for (uint32_t i = 0; i < signature->result_count; i++) {
    hash = hash_mix(hash, signature->results[i]);
  }
  return (uint32_t)hash;
}

IrHeapId ir_function_type(IrModule *module, const IrType *params, uint32_t param_count, const IrType *results,
                          uint32_t result_count) {
  Signature wanted = {module, params, results, param_count, result_count};
  uint32_t found =
      hash_index_find(&module->function_types, signature_hash(&wanted), signature_equal, &wanted);
  if (found != ID_MAP_NONE) {
    return found;
  }
  IrHeapId heap = ir_heap_declare(module, NAME_EMPTY);
  ir_function_type_intern(module, heap, params, param_count, results, result_count);
  return heap;
}

void ir_function_type_intern(IrModule *module, IrHeapId heap, const IrType *params, uint32_t param_count,
                             const IrType *results, uint32_t result_count) {
  Signature wanted = {module, params, results, param_count, result_count};
  uint32_t hash = signature_hash(&wanted);
  bool is_new = hash_index_find(&module->function_types, hash, signature_equal, &wanted) == ID_MAP_NONE;
  ir_function_type_define(module, heap, params, param_count, results, result_count);
  if (is_new) {
    module->heap_types.items[heap].interned = true;
    hash_index_add(&module->arena, &module->function_types, hash, heap);
  }
}

bool ir_heap_is_subtype(const IrModule *module, IrHeapId sub, IrHeapId super) {
  // Supertypes have smaller ids, so the walk ends.
  while (sub > super) {
    sub = ir_heap(module, sub)->super;
  }
  return sub == super;
}

// Is the abstract kind `super` at or above kind `sub` (of a heap type: the kind's own abstract type)?
static bool kind_is_subtype(IrKind sub, IrKind super) {
  if (sub == super) {
    return true;
  }
  switch (super) {
  case IR_KIND_ANY:
    return sub == IR_KIND_EQ || sub == IR_KIND_I31 || sub == IR_KIND_STRUCT || sub == IR_KIND_ARRAY ||
           sub == IR_KIND_NONE;
  case IR_KIND_EQ:
    return sub == IR_KIND_I31 || sub == IR_KIND_STRUCT || sub == IR_KIND_ARRAY || sub == IR_KIND_NONE;
  case IR_KIND_I31:
  case IR_KIND_STRUCT:
  case IR_KIND_ARRAY:
    return sub == IR_KIND_NONE;
  case IR_KIND_FUNC:
    return sub == IR_KIND_NOFUNC;
  case IR_KIND_EXTERN:
    return sub == IR_KIND_NOEXTERN;
  default:
    return false;
  }
}

static IrKind heap_kind(const IrModule *module, IrHeapId heap) {
  switch (ir_heap(module, heap)->kind) {
  case IR_HEAP_STRUCT:
    return IR_KIND_STRUCT;
  case IR_HEAP_ARRAY:
    return IR_KIND_ARRAY;
  case IR_HEAP_FUNCTION:
    return IR_KIND_FUNC;
  case IR_HEAP_UNDEFINED:
    break;
  }
  return IR_KIND_VOID;
}

bool ir_is_subtype(const IrModule *module, IrType sub, IrType super) {
  if (sub == super) {
    return true;
  }
  if (!ir_type_is_reference(sub) || !ir_type_is_reference(super) ||
      (ir_type_is_nullable(sub) && !ir_type_is_nullable(super))) {
    return false;
  }
  IrKind sub_kind = ir_type_kind(sub), super_kind = ir_type_kind(super);
  if (super_kind == IR_KIND_REF) {
    IrHeapId heap = ir_type_heap(super);
    if (sub_kind == IR_KIND_REF) {
      return ir_heap_is_subtype(module, ir_type_heap(sub), heap);
    }
    return sub_kind == (heap_kind(module, heap) == IR_KIND_FUNC ? IR_KIND_NOFUNC : IR_KIND_NONE);
  }
  return kind_is_subtype(sub_kind == IR_KIND_REF ? heap_kind(module, ir_type_heap(sub)) : sub_kind,
                         super_kind);
}

// ------------------------------------------------------------------------------------- functions and data

IrFunctionId ir_function_new(IrModule *module, Name name, IrHeapId type, IrOrigin origin) {
  VECTOR_PUSH(&module->arena, &module->functions, (IrFunction){.name = name, .type = type, .origin = origin});
  return module->functions.count - 1;
}

IrFunctionId ir_function_import(IrModule *module, Name name, IrHeapId type, Str from, Str base) {
  IrFunctionId id = ir_function_new(module, name, type, (IrOrigin){0, 0});
  IrFunction *function = ir_function(module, id);
  function->import_module = copy_text(module, from);
  function->import_name = copy_text(module, base);
  return id;
}

// Edges and the lists of a block are copied; what is in them are ids.
static IrBlock copy_block(Arena *arena, const IrBlock *from) {
  IrBlock block = {.terminator = from->terminator, .sealed = from->sealed};
  VECTOR_COPY(arena, &block.params, &from->params);
  VECTOR_COPY(arena, &block.insts, &from->insts);
  VECTOR_COPY(arena, &block.pred, &from->pred);
  VECTOR_COPY(arena, &block.edges, &from->edges);
  for (uint32_t e = 0; e < block.edges.count; e++) {
    IrValues *args = &block.edges.items[e].args;
    *args = (IrValues){0};
    VECTOR_COPY(arena, args, &from->edges.items[e].args);
  }
  return block;
}

// A site like the given one, of code that stands in `root`.
static IrSiteId copy_site(IrModule *module, IdMap *copies, IrSiteId site, IrFunctionId root) {
  if (site == 0) {
    return 0;
  }
  uint32_t known = id_map_get(copies, site);
  if (known == ID_MAP_NONE) {
    IrSite copy = module->sites.items[site];
    copy.outer = copy_site(module, copies, copy.outer, root);
    copy.root = root;
    known = module->sites.count;
    VECTOR_PUSH(&module->arena, &module->sites, copy);
    id_map_put(&module->arena, copies, site, known);
  }
  return known;
}

IrFunctionId ir_function_clone(IrModule *module, IrFunctionId id) {
  const IrFunction from = *ir_function(module, id);
  IrFunctionId clone = ir_function_new(module, from.name, from.type, from.origin);
  IrFunction *to = ir_function(module, clone);
  Arena *arena = &module->arena;
  to->base = from.base == 0 ? id : from.base;
  VECTOR_COPY(arena, &to->insts, &from.insts);
  VECTOR_COPY(arena, &to->operands, &from.operands);
  VECTOR_COPY(arena, &to->values, &from.values);
  VECTOR_COPY(arena, &to->blocks, &from.blocks);
  for (IrBlockId block = 0; block < to->blocks.count; block++) {
    to->blocks.items[block] = copy_block(arena, &from.blocks.items[block]);
  }
  IdMap sites = {0};
  for (IrInstId inst = 1; inst < to->insts.count; inst++) {
    to->insts.items[inst].origin.site = copy_site(module, &sites, to->insts.items[inst].origin.site, clone);
  }
  return clone;
}

void ir_function_drop(IrModule *module, IrFunctionId id) {
  IrFunction *function = ir_function(module, id);
  *function = (IrFunction){.name = function->name, .type = function->type, .origin = function->origin};
}

IrGlobalId ir_global_new(IrModule *module, Name name, IrType type, bool mutable_, IrConstantId init) {
  VECTOR_PUSH(&module->arena, &module->globals,
              (IrGlobal){.name = name, .type = type, .mutable_ = mutable_, .init = init});
  return module->globals.count - 1;
}

IrGlobalId ir_global_import(IrModule *module, Name name, IrType type, bool mutable_, Str from, Str base) {
  IrGlobalId id = ir_global_new(module, name, type, mutable_, 0);
  module->globals.items[id].import_module = copy_text(module, from);
  module->globals.items[id].import_name = copy_text(module, base);
  return id;
}

IrConstantId ir_constant_bits(IrModule *module, IrOpcode opcode, uint64_t bits) {
  VECTOR_PUSH(&module->arena, &module->constants, (IrConstant){.opcode = opcode, .bits = bits});
  return module->constants.count - 1;
}

IrConstantId ir_constant(IrModule *module, IrOpcode opcode, uint32_t a, uint32_t b,
                         const IrConstantId *operands, uint32_t count) {
  IrConstant constant = {.opcode = opcode, .a = a, .b = b, .operand_count = count};
  constant.operands = ARENA_ARRAY(&module->arena, IrConstantId, count);
  for (uint32_t i = 0; i < count; i++) {
    constant.operands[i] = operands[i];
  }
  VECTOR_PUSH(&module->arena, &module->constants, constant);
  return module->constants.count - 1;
}

IrConstantId ir_constant_zero(IrModule *module, IrType type) {
  switch (ir_type_kind(type)) {
  case IR_KIND_I32:
    return ir_constant_bits(module, IR_I32_CONST, 0);
  case IR_KIND_I64:
    return ir_constant_bits(module, IR_I64_CONST, 0);
  case IR_KIND_F32:
    return ir_constant_bits(module, IR_F32_CONST, 0);
  case IR_KIND_F64:
    return ir_constant_bits(module, IR_F64_CONST, 0);
  default:
    ENSURE(ir_type_is_nullable(type));
    return ir_constant(module, IR_REF_NULL, type, 0, NULL, 0);
  }
}

IrType ir_constant_type(const IrModule *module, IrConstantId id) {
  const IrConstant *constant = &module->constants.items[id];
  switch (constant->opcode) {
  case IR_I32_CONST:
    return IR_I32;
  case IR_I64_CONST:
    return IR_I64;
  case IR_F32_CONST:
    return IR_F32;
  case IR_F64_CONST:
    return IR_F64;
  case IR_REF_NULL:
    return constant->a;
  case IR_REF_FUNC:
    return ir_ref(ir_function(module, constant->a)->type);
  case IR_GLOBAL_GET:
    return module->globals.items[constant->a].type;
  case IR_REF_I31:
    return ir_type_non_null(IR_I31REF);
  case IR_STRUCT_NEW:
  case IR_STRUCT_NEW_DEFAULT:
  case IR_ARRAY_NEW_FIXED:
    return ir_ref(constant->a);
  default:
    return IR_VOID;
  }
}

IrTableId ir_table_new(IrModule *module, Name name) {
  VECTOR_PUSH(&module->arena, &module->tables, (IrTable){.name = name});
  return module->tables.count - 1;
}

uint32_t ir_table_add(IrModule *module, IrTableId table, IrFunctionId function) {
  IrTable *rows = &module->tables.items[table];
  VECTOR_PUSH(&module->arena, &rows->entries, function);
  return rows->entries.count - 1;
}

IrDataId ir_data_new(IrModule *module, Name name, Str bytes) {
  VECTOR_PUSH(&module->arena, &module->data, (IrData){.name = name, .bytes = copy_text(module, bytes)});
  return module->data.count - 1;
}

IrDataId ir_data_active(IrModule *module, Name name, Str bytes, uint32_t offset) {
  IrDataId id = ir_data_new(module, name, bytes);
  module->data.items[id].active = true;
  module->data.items[id].offset = offset;
  return id;
}

void ir_memory(IrModule *module, uint32_t min_pages, uint32_t max_pages) {
  module->has_memory = true;
  module->memory_min = min_pages;
  module->memory_max = max_pages;
}

void ir_export(IrModule *module, IrExportKind kind, uint32_t id, Str name) {
  VECTOR_PUSH(&module->arena, &module->exports, (IrExport){kind, id, copy_text(module, name)});
}

// ------------------------------------------------------------------------------------------------ effects

static bool is_constant_other_than(const IrFunction *function, IrValue value, uint64_t bits, uint64_t also) {
  const IrValueInfo *info = &function->values.items[value];
  if (info->inst == 0) {
    return false;
  }
  const IrInst *inst = ir_inst(function, info->inst);
  return (inst->opcode == IR_I32_CONST || inst->opcode == IR_I64_CONST) && inst->bits != bits &&
         inst->bits != also;
}

// Traps only on a null operand, which the operand's type may exclude.
static uint32_t without_null_trap(const IrFunction *function, const IrInst *inst, uint32_t effects) {
  IrType operand = ir_type_of(function, ir_operands(function, inst)[0]);
  return ir_type_is_nullable(operand) ? effects : effects & ~(uint32_t)IR_TRAPS;
}

uint32_t ir_inst_effects(const IrModule *module, const IrFunction *function, const IrInst *inst) {
  uint32_t effects = opcode_infos[inst->opcode].effects;
  switch ((IrOpcode)inst->opcode) {
  case IR_GLOBAL_GET:
    return module->globals.items[inst->a].mutable_ ? effects : IR_PURE;
  case IR_STRUCT_GET:
  case IR_STRUCT_GET_S:
    if (!ir_heap(module, inst->a)->fields[inst->b].mutable_) {
      effects &= ~(uint32_t)IR_READS_HEAP;
    }
    return without_null_trap(function, inst, effects);
  case IR_ARRAY_GET:
  case IR_ARRAY_GET_S:
    return ir_heap(module, inst->a)->fields[0].mutable_ ? effects : effects & ~(uint32_t)IR_READS_HEAP;
  case IR_STRUCT_SET:
  case IR_ARRAY_LEN:
  case IR_REF_AS_NON_NULL:
  case IR_I31_GET_S:
  case IR_I31_GET_U:
    return without_null_trap(function, inst, effects);
  case IR_I32_DIV_U:
  case IR_I32_REM_U:
  case IR_I32_REM_S:
  case IR_I64_DIV_U:
  case IR_I64_REM_U:
  case IR_I64_REM_S:
    return is_constant_other_than(function, ir_operands(function, inst)[1], 0, 0) ? IR_PURE : effects;
  case IR_I32_DIV_S:
    return is_constant_other_than(function, ir_operands(function, inst)[1], 0, UINT32_MAX) ? IR_PURE
                                                                                           : effects;
  case IR_I64_DIV_S:
    return is_constant_other_than(function, ir_operands(function, inst)[1], 0, UINT64_MAX) ? IR_PURE
                                                                                           : effects;
  default:
    return effects;
  }
}

bool ir_effects_conflict(uint32_t first, uint32_t second) {
  const uint32_t reads = IR_READS_HEAP | IR_READS_GLOBAL | IR_READS_MEMORY;
  const uint32_t writes = IR_WRITES_HEAP | IR_WRITES_GLOBAL | IR_WRITES_MEMORY;
  const uint32_t stops = IR_TRAPS | IR_CALLS | IR_TERMINATES;
  // A write bit is the read bit of the same store shifted left by one.
  uint32_t first_writes = first & writes, second_writes = second & writes;
  if (first & IR_CALLS) {
    first_writes |= writes;
  }
  if (second & IR_CALLS) {
    second_writes |= writes;
  }
  uint32_t first_touches = first_writes | (first & IR_CALLS ? writes : (first & reads) << 1);
  uint32_t second_touches = second_writes | (second & IR_CALLS ? writes : (second & reads) << 1);
  if ((first_writes & second_touches) || (second_writes & first_touches)) {
    return true;
  }
  // Which of two traps strikes is observable through its message, and so is a write before a trap.
  return ((first & stops) && ((second & stops) || second_writes)) || ((second & stops) && first_writes);
}
