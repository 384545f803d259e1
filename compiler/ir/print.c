// Owns the printer of the text form. Deterministic: values and blocks are renumbered in the order of
// printing, equal names of different things get a suffix, so that ids never show.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/failure.h"
#include "ir/text.h"

typedef struct Printer {
  const IrModule *module;
  IrPrintOptions options;
  Text *out;
  Arena *scratch;
  Str *types, *functions, *globals, *tables, *data; // unique names by id
  const IrFunction *function;                       // being printed
  uint32_t *value_numbers, *block_numbers;
} Printer;

// A position, and the instance of a function or the site of an instruction.
static void print_origin(Printer *printer, Position position, uint32_t id) {
  if (printer->options.origins && (position != 0 || id != 0)) {
    text_format(printer->out, " !%u:%u", position, id);
  }
}

// ------------------------------------------------------------------------------------------------- names

static bool is_plain(Str name) {
  for (size_t i = 0; i < name.length; i++) {
    if (!ir_text_is_name_char((unsigned char)name.ptr[i])) {
      return false;
    }
  }
  return name.length > 0;
}

static void print_quoted(Text *out, Str bytes) {
  text_add_char(out, '"');
  for (size_t i = 0; i < bytes.length; i++) {
    unsigned char c = (unsigned char)bytes.ptr[i];
    if (c == '"' || c == '\\' || c < 32 || c > 126) {
      text_format(out, "\\%02x", c);
    } else {
      text_add_char(out, (char)c);
    }
  }
  text_add_char(out, '"');
}

static void print_name(Printer *printer, char sigil, Str name) {
  text_add_char(printer->out, sigil);
  if (is_plain(name)) {
    text_add(printer->out, name);
  } else {
    print_quoted(printer->out, name);
  }
}

// Makes the names of one kind of thing unique: the first of a name keeps it, others get `~2`, `~3`, … and
// nameless ones a letter and their rank.
static Str *unique_names(Printer *printer, const Name *names, uint32_t count, char letter) {
  NameTable *table = &printer->module->context->names;
  IdMap taken = {0};
  Str *unique = ARENA_ARRAY(printer->scratch, Str, count);
  for (uint32_t i = 1; i < count; i++) {
    if (names[i] != NAME_EMPTY && id_map_get(&taken, names[i]) == ID_MAP_NONE) {
      id_map_put(printer->scratch, &taken, names[i], 1);
      unique[i] = names_text(table, names[i]);
    }
  }
  for (uint32_t i = 1; i < count; i++) {
    if (unique[i].length > 0) {
      continue;
    }
    Str base = names_text(table, names[i]);
    uint32_t suffix = names[i] == NAME_EMPTY ? i : id_map_get(&taken, names[i]) + 1;
    for (;; suffix++) {
      unique[i] = names[i] == NAME_EMPTY ? arena_format(printer->scratch, "%c%u", letter, suffix)
                                         : arena_format(printer->scratch, "%.*s~%u", STR_ARGS(base), suffix);
      Name name = names_intern(table, unique[i]);
      if (id_map_get(&taken, name) == ID_MAP_NONE) {
        id_map_put(printer->scratch, &taken, name, 1);
        break;
      }
    }
    if (names[i] != NAME_EMPTY) {
      id_map_put(printer->scratch, &taken, names[i], suffix);
    }
  }
  return unique;
}

#define COLLECT_NAMES(printer, vector, letter, into)                                                         \
  do {                                                                                                       \
    Name *names_ = ARENA_ARRAY((printer)->scratch, Name, (vector).count);                                    \
    for (uint32_t i_ = 1; i_ < (vector).count; i_++) {                                                       \
      names_[i_] = (vector).items[i_].name;                                                                  \
    }                                                                                                        \
    (into) = unique_names((printer), names_, (vector).count, (letter));                                      \
  } while (0)

static void collect_names(Printer *printer) {
  const IrModule *module = printer->module;
  COLLECT_NAMES(printer, module->heap_types, 't', printer->types);
  COLLECT_NAMES(printer, module->functions, 'f', printer->functions);
  COLLECT_NAMES(printer, module->globals, 'g', printer->globals);
  COLLECT_NAMES(printer, module->tables, 'r', printer->tables);
  COLLECT_NAMES(printer, module->data, 'd', printer->data);
}

// ------------------------------------------------------------------------------------------------- types

static void print_heap(Printer *printer, IrHeapId heap) {
  print_name(printer, '$', printer->types[heap]);
}

static void print_type(Printer *printer, IrType type) {
  IrKind kind = ir_type_kind(type);
  if (!ir_type_is_reference(type)) {
    text_add(printer->out, str_from(ir_text_kinds[kind]));
    return;
  }
  text_add(printer->out, ir_type_is_nullable(type) ? STR("ref null ") : STR("ref "));
  if (kind == IR_KIND_REF) {
    print_heap(printer, ir_type_heap(type));
  } else {
    text_add(printer->out, str_from(ir_text_kinds[kind]));
  }
}

static void print_types(Printer *printer, const IrType *types, uint32_t count) {
  text_add_char(printer->out, '(');
  for (uint32_t i = 0; i < count; i++) {
    text_add(printer->out, i > 0 ? STR(", ") : STR(""));
    print_type(printer, types[i]);
  }
  text_add_char(printer->out, ')');
}

static void print_field(Printer *printer, const IrField *field) {
  text_add(printer->out, field->mutable_ ? STR("mut ") : STR(""));
  if (field->packing != IR_PACK_NONE) {
    text_add(printer->out, field->packing == IR_PACK_I8 ? STR("i8") : STR("i16"));
  } else {
    print_type(printer, field->type);
  }
}

static void print_signature(Printer *printer, const IrHeapType *type) {
  print_types(printer, type->params, type->param_count);
  text_add(printer->out, STR(" -> "));
  print_types(printer, type->results, type->result_count);
}

static void print_struct(Printer *printer, const IrHeapType *type) {
  text_add(printer->out, STR("struct {"));
  for (uint32_t i = 0; i < type->field_count; i++) {
    text_add(printer->out, i > 0 ? STR(", ") : STR(""));
    if (type->fields[i].name != NAME_EMPTY) {
      print_name(printer, '.', context_name(printer->module->context, type->fields[i].name));
      text_add_char(printer->out, ' ');
    }
    print_field(printer, &type->fields[i]);
  }
  text_add_char(printer->out, '}');
}

static void print_heap_types(Printer *printer) {
  for (IrHeapId id = 1; id < printer->module->heap_types.count; id++) {
    const IrHeapType *type = ir_heap(printer->module, id);
    text_add(printer->out, STR("type "));
    print_heap(printer, id);
    text_add(printer->out, type->open ? STR(" = open ") : STR(" = "));
    if (type->super != 0) {
      text_add(printer->out, STR("sub "));
      print_heap(printer, type->super);
      text_add_char(printer->out, ' ');
    }
    switch (type->kind) {
    case IR_HEAP_STRUCT:
      print_struct(printer, type);
      break;
    case IR_HEAP_ARRAY:
      text_add(printer->out, STR("array "));
      print_field(printer, type->fields);
      break;
    case IR_HEAP_FUNCTION:
      text_add(printer->out, type->interned ? STR("fn ") : STR("own fn "));
      print_signature(printer, type);
      break;
    case IR_HEAP_UNDEFINED:
      text_add(printer->out, STR("undefined"));
      break;
    }
    text_add_char(printer->out, '\n');
  }
}

// --------------------------------------------------------------------------------------------- immediates

static void print_float(Text *out, double value, uint64_t bits, bool is_f64) {
  if (isnan(value)) {
    text_format(out, "%snan:%llx", bits >> (is_f64 ? 63 : 31) ? "-" : "",
                (unsigned long long)(bits & (is_f64 ? UINT64_C(0xFFFFFFFFFFFFF) : 0x7FFFFF)));
    return;
  }
  for (int digits = is_f64 ? 15 : 6;; digits++) {
    char buffer[40];
    snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (isinf(value) || (is_f64 ? strtod(buffer, NULL) == value : strtof(buffer, NULL) == (float)value)) {
      text_add(out, str_from(buffer));
      return;
    }
  }
}

static void print_immediate(Printer *printer, IrImmediate kind, uint64_t bits, uint32_t id) {
  Text *out = printer->out;
  if (kind == IR_IMMEDIATE_NONE) {
    return;
  }
  text_add_char(out, ' ');
  switch (kind) {
  case IR_IMMEDIATE_NONE:
    break;
  case IR_IMMEDIATE_I32:
    text_format(out, "%d", (int32_t)bits);
    break;
  case IR_IMMEDIATE_I64:
    text_format(out, "%lld", (long long)bits);
    break;
  case IR_IMMEDIATE_F32: {
    uint32_t single = (uint32_t)bits;
    float value;
    memcpy(&value, &single, sizeof value);
    print_float(out, (double)value, bits, false);
    break;
  }
  case IR_IMMEDIATE_F64: {
    double value;
    memcpy(&value, &bits, sizeof value);
    print_float(out, value, bits, true);
    break;
  }
  case IR_IMMEDIATE_TYPE:
    print_type(printer, id);
    break;
  case IR_IMMEDIATE_STRUCT:
  case IR_IMMEDIATE_ARRAY:
  case IR_IMMEDIATE_SIGNATURE:
    print_heap(printer, id);
    break;
  case IR_IMMEDIATE_FUNCTION:
    print_name(printer, '@', printer->functions[id]);
    break;
  case IR_IMMEDIATE_GLOBAL:
    print_name(printer, '@', printer->globals[id]);
    break;
  case IR_IMMEDIATE_TABLE:
    print_name(printer, '@', printer->tables[id]);
    break;
  case IR_IMMEDIATE_DATA:
    print_name(printer, '@', printer->data[id]);
    break;
  case IR_IMMEDIATE_FIELD:
  case IR_IMMEDIATE_OFFSET:
    text_format(out, "%u", id);
    break;
  }
}

// ------------------------------------------------------------------------------------------- module items

static void print_constant(Printer *printer, IrConstantId id) {
  const IrConstant *constant = &printer->module->constants.items[id];
  const IrOpcodeInfo *info = ir_opcode_info(constant->opcode);
  text_add(printer->out, str_from(info->text));
  print_immediate(printer, info->a, constant->bits, constant->a);
  print_immediate(printer, info->b, constant->bits, constant->b);
  if (constant->operand_count > 0) {
    text_add(printer->out, STR(" ("));
    for (uint32_t i = 0; i < constant->operand_count; i++) {
      text_add(printer->out, i > 0 ? STR(", ") : STR(""));
      print_constant(printer, constant->operands[i]);
    }
    text_add_char(printer->out, ')');
  }
}

static void print_import(Printer *printer, Str from, Str base) {
  text_add(printer->out, STR(" import "));
  print_quoted(printer->out, from);
  text_add_char(printer->out, ' ');
  print_quoted(printer->out, base);
}

static void print_globals(Printer *printer) {
  for (IrGlobalId id = 1; id < printer->module->globals.count; id++) {
    const IrGlobal *global = &printer->module->globals.items[id];
    text_add(printer->out, STR("global "));
    print_name(printer, '@', printer->globals[id]);
    text_add(printer->out, global->mutable_ ? STR(" : mut ") : STR(" : "));
    print_type(printer, global->type);
    if (global->import_module.length > 0) {
      print_import(printer, global->import_module, global->import_name);
    } else {
      text_add(printer->out, STR(" = "));
      print_constant(printer, global->init);
    }
    text_add_char(printer->out, '\n');
  }
}

static void print_tables_and_data(Printer *printer) {
  for (IrTableId id = 1; id < printer->module->tables.count; id++) {
    const IrTable *table = &printer->module->tables.items[id];
    text_add(printer->out, STR("table "));
    print_name(printer, '@', printer->tables[id]);
    text_add(printer->out, STR(" = ("));
    for (uint32_t i = 0; i < table->entries.count; i++) {
      text_add(printer->out, i > 0 ? STR(", ") : STR(""));
      if (table->entries.items[i] == 0) {
        text_add(printer->out, STR("null"));
      } else {
        print_name(printer, '@', printer->functions[table->entries.items[i]]);
      }
    }
    text_add(printer->out, STR(")\n"));
  }
  if (printer->module->has_memory) {
    text_format(printer->out, "memory %u %u\n", printer->module->memory_min, printer->module->memory_max);
  }
  for (IrDataId id = 1; id < printer->module->data.count; id++) {
    const IrData *data = &printer->module->data.items[id];
    text_add(printer->out, STR("data "));
    print_name(printer, '@', printer->data[id]);
    if (data->active) {
      text_format(printer->out, " at %u", data->offset);
    }
    text_add(printer->out, STR(" = "));
    print_quoted(printer->out, data->bytes);
    text_add_char(printer->out, '\n');
  }
}

static void print_exports(Printer *printer) {
  for (uint32_t i = 0; i < printer->module->exports.count; i++) {
    const IrExport *export = &printer->module->exports.items[i];
    text_add(printer->out, STR("export "));
    print_quoted(printer->out, export->name);
    switch (export->kind) {
    case IR_EXPORT_FUNCTION:
      text_add(printer->out, STR(" fn "));
      print_name(printer, '@', printer->functions[export->id]);
      break;
    case IR_EXPORT_GLOBAL:
      text_add(printer->out, STR(" global "));
      print_name(printer, '@', printer->globals[export->id]);
      break;
    case IR_EXPORT_MEMORY:
      text_add(printer->out, STR(" memory"));
      break;
    }
    text_add_char(printer->out, '\n');
  }
}

// ---------------------------------------------------------------------------------------------- functions

static void number_values(Printer *printer) {
  const IrFunction *function = printer->function;
  printer->value_numbers = ARENA_ARRAY(printer->scratch, uint32_t, function->values.count);
  printer->block_numbers = ARENA_ARRAY(printer->scratch, uint32_t, function->blocks.count);
  uint32_t value = 1, number = 1;
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    const IrBlock *block = ir_block(function, id);
    if (block->terminator == 0) {
      continue;
    }
    printer->block_numbers[id] = number++;
    for (uint32_t i = 0; i < block->params.count; i++) {
      printer->value_numbers[block->params.items[i]] = value++;
    }
    for (uint32_t i = 0; i < block->insts.count; i++) {
      const IrInst *inst = ir_inst(function, block->insts.items[i]);
      for (uint32_t r = 0; r < inst->result_count; r++) {
        printer->value_numbers[inst->result + r] = value++;
      }
    }
  }
}

static void print_value(Printer *printer, IrValue value) {
  text_format(printer->out, "v%u", printer->value_numbers[value]);
}

static void print_params(Printer *printer, const IrBlock *block) {
  for (uint32_t i = 0; i < block->params.count; i++) {
    text_add(printer->out, i > 0 ? STR(", ") : STR(""));
    print_value(printer, block->params.items[i]);
    text_add(printer->out, STR(": "));
    print_type(printer, ir_type_of(printer->function, block->params.items[i]));
  }
}

static void print_edges(Printer *printer, const IrBlock *block) {
  for (uint32_t e = 0; e < block->edges.count; e++) {
    const IrEdge *edge = &block->edges.items[e];
    text_format(printer->out, "%s ^%u", e > 0 ? "," : "", printer->block_numbers[edge->target]);
    for (uint32_t i = 0; i < edge->args.count; i++) {
      text_add(printer->out, i > 0 ? STR(", ") : STR("("));
      print_value(printer, edge->args.items[i]);
    }
    text_add(printer->out, edge->args.count > 0 ? STR(")") : STR(""));
  }
}

static void print_inst(Printer *printer, const IrInst *inst) {
  const IrOpcodeInfo *info = ir_opcode_info(inst->opcode);
  text_add(printer->out, STR("  "));
  for (uint32_t r = 0; r < inst->result_count; r++) {
    text_add(printer->out, r > 0 ? STR(", ") : STR(""));
    print_value(printer, inst->result + r);
    if (ir_text_needs_type(inst->opcode)) {
      text_add(printer->out, STR(": "));
      print_type(printer, ir_type_of(printer->function, inst->result + r));
    }
  }
  text_add(printer->out, inst->result_count > 0 ? STR(" = ") : STR(""));
  text_add(printer->out, str_from(info->text));
  print_immediate(printer, info->a, inst->bits, inst->a);
  print_immediate(printer, info->b, inst->bits, inst->b);
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    text_add(printer->out, i > 0 ? STR(", ") : STR(" "));
    print_value(printer, ir_operands(printer->function, inst)[i]);
  }
}

static void print_body(Printer *printer) {
  const IrFunction *function = printer->function;
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    const IrBlock *block = ir_block(function, id);
    if (block->terminator == 0) {
      continue;
    }
    if (id != 1) {
      text_format(printer->out, "^%u", printer->block_numbers[id]);
      if (block->params.count > 0) {
        text_add_char(printer->out, '(');
        print_params(printer, block);
        text_add_char(printer->out, ')');
      }
      text_add(printer->out, STR(":\n"));
    }
    for (uint32_t i = 0; i < block->insts.count; i++) {
      const IrInst *inst = ir_inst(function, block->insts.items[i]);
      print_inst(printer, inst);
      print_origin(printer, inst->origin.position, inst->origin.site);
      text_add_char(printer->out, '\n');
    }
    const IrInst *terminator = ir_inst(function, block->terminator);
    print_inst(printer, terminator);
    print_edges(printer, block);
    print_origin(printer, terminator->origin.position, terminator->origin.site);
    text_add_char(printer->out, '\n');
  }
}

static void print_function(Printer *printer, IrFunctionId id) {
  const IrFunction *function = ir_function(printer->module, id);
  const IrHeapType *type = ir_heap(printer->module, function->type);
  printer->function = function;
  if (ir_function_is_dropped(function)) {
    return;
  }
  text_add(printer->out, STR("fn "));
  print_name(printer, '@', printer->functions[id]);
  if (!type->interned) {
    text_add(printer->out, STR(" : "));
    print_heap(printer, function->type);
    text_add_char(printer->out, ' ');
  }
  if (ir_function_is_import(function)) {
    print_signature(printer, type);
    print_import(printer, function->import_module, function->import_name);
    print_origin(printer, function->origin.position, function->origin.instance);
    text_add_char(printer->out, '\n');
    return;
  }
  number_values(printer);
  text_add_char(printer->out, '(');
  print_params(printer, ir_block(function, 1));
  text_add(printer->out, STR(") -> "));
  print_types(printer, type->results, type->result_count);
  print_origin(printer, function->origin.position, function->origin.instance);
  text_add(printer->out, STR(" {\n"));
  print_body(printer);
  text_add(printer->out, STR("}\n"));
}

void ir_print(const IrModule *module, IrPrintOptions options, Text *out) {
  Arena scratch;
  arena_init(&scratch);
  Printer printer = {.module = module, .options = options, .out = out, .scratch = &scratch};
  collect_names(&printer);
  print_heap_types(&printer);
  print_globals(&printer);
  print_tables_and_data(&printer);
  print_exports(&printer);
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    print_function(&printer, id);
  }
  arena_free(&scratch);
}

void ir_print_function(const IrModule *module, IrFunctionId function, IrPrintOptions options, Text *out) {
  Arena scratch;
  arena_init(&scratch);
  Printer printer = {.module = module, .options = options, .out = out, .scratch = &scratch};
  collect_names(&printer);
  print_function(&printer, function);
  arena_free(&scratch);
}
