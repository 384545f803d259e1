// Owns the parser of the text form (docs/ir.md): for tests, fuzzers and reading a dump back.
//
// Line oriented: an item starts in the first column, an instruction ends with its line. Four rounds over the
// items: declare names, define types, read headers, read bodies, so that everything may refer to everything.
// The first fault moves the cursor to the end of the text, so that every loop ends. Numbers of values and
// blocks are ids; they are bounded by the length of the function's text.
#include <math.h>
#include <stdlib.h>

#include "base/failure.h"
#include "base/limits.h"
#include "ir/internal.h"
#include "ir/text.h"

const char *const ir_text_kinds[IR_KIND_REF + 1] = {
    [IR_KIND_VOID] = "void",   [IR_KIND_I32] = "i32",       [IR_KIND_I64] = "i64",
    [IR_KIND_F32] = "f32",     [IR_KIND_F64] = "f64",       [IR_KIND_ANY] = "any",
    [IR_KIND_EQ] = "eq",       [IR_KIND_I31] = "i31",       [IR_KIND_STRUCT] = "struct",
    [IR_KIND_ARRAY] = "array", [IR_KIND_FUNC] = "func",     [IR_KIND_EXTERN] = "extern",
    [IR_KIND_NONE] = "none",   [IR_KIND_NOFUNC] = "nofunc", [IR_KIND_NOEXTERN] = "noextern",
};

typedef enum { ROUND_DECLARE, ROUND_TYPES, ROUND_HEADERS, ROUND_BODIES, ROUND_COUNT } Round;

typedef struct Parser {
  IrModule *module;
  Arena scratch;
  const char *start, *at, *end;
  Text *error;
  bool failed;
  IdMap types, functions, globals, tables, data;                         // Name -> id
  IdMap opcodes;                                                         // Name -> opcode
  uint32_t next_type, next_global, next_table, next_data, next_function; // in this round
  IrBuilder builder;                                                     // of the function being read
  uint32_t number_limit;
} Parser;

typedef VECTOR(IrType) IrTypes;

__attribute__((format(printf, 2, 3))) static void fail(Parser *parser, const char *format, ...) {
  if (!parser->failed) {
    uint32_t line = 1;
    const char *line_start = parser->start;
    for (const char *p = parser->start; p < parser->at; p++) {
      if (*p == '\n') {
        line++;
        line_start = p + 1;
      }
    }
    text_format(parser->error, "%u:%u: ", line, (uint32_t)(parser->at - line_start) + 1);
    va_list arguments;
    va_start(arguments, format);
    text_format_list(parser->error, format, arguments);
    va_end(arguments);
  }
  parser->failed = true;
  parser->at = parser->end;
}

// ------------------------------------------------------------------------------------------------- tokens

static void skip_blanks(Parser *parser) {
  while (parser->at < parser->end && (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\r')) {
    parser->at++;
  }
  if (parser->at < parser->end && *parser->at == ';') {
    while (parser->at < parser->end && *parser->at != '\n') {
      parser->at++;
    }
  }
}

static void skip_lines(Parser *parser) {
  skip_blanks(parser);
  while (parser->at < parser->end && *parser->at == '\n') {
    parser->at++;
    skip_blanks(parser);
  }
}

static char peek(Parser *parser) {
  skip_blanks(parser);
  return parser->at < parser->end ? *parser->at : 0;
}

static bool accept(Parser *parser, const char *token) {
  skip_blanks(parser);
  size_t length = strlen(token);
  if ((size_t)(parser->end - parser->at) < length || memcmp(parser->at, token, length) != 0) {
    return false;
  }
  bool is_word = ir_text_is_name_char((unsigned char)token[length - 1]);
  if (is_word && parser->at + length < parser->end &&
      ir_text_is_name_char((unsigned char)parser->at[length])) {
    return false;
  }
  parser->at += length;
  return true;
}

static void expect(Parser *parser, const char *token) {
  if (!accept(parser, token)) {
    fail(parser, "expected `%s`", token);
  }
}

static Str word(Parser *parser) {
  skip_blanks(parser);
  const char *start = parser->at;
  while (parser->at < parser->end && ir_text_is_name_char((unsigned char)*parser->at)) {
    parser->at++;
  }
  return (Str){start, (size_t)(parser->at - start)};
}

static int hex_digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static Str quoted(Parser *parser) {
  Text bytes = text_new(&parser->scratch);
  expect(parser, "\"");
  while (!parser->failed) {
    if (parser->at >= parser->end || *parser->at == '\n') {
      fail(parser, "unterminated string");
      break;
    }
    char c = *parser->at++;
    if (c == '"') {
      break;
    }
    if (c == '\\') {
      int high = parser->end - parser->at >= 2 ? hex_digit(parser->at[0]) : -1;
      int low = high >= 0 ? hex_digit(parser->at[1]) : -1;
      if (low < 0) {
        fail(parser, "`\\` needs two hexadecimal digits");
        break;
      }
      c = (char)(high * 16 + low);
      parser->at += 2;
    }
    text_add_char(&bytes, c);
  }
  return text_str(&bytes);
}

static void expect_sigil(Parser *parser, char sigil) {
  if (peek(parser) == sigil) {
    parser->at++;
  } else {
    fail(parser, "expected `%c`", sigil);
  }
}

static Name parse_name(Parser *parser, char sigil) {
  expect_sigil(parser, sigil);
  Str text = peek(parser) == '"' ? quoted(parser) : word(parser);
  if (text.length == 0) {
    fail(parser, "expected a name");
  }
  return names_intern(&parser->module->context->names, text);
}

static uint64_t parse_unsigned(Parser *parser, uint64_t max) {
  skip_blanks(parser);
  if (parser->at >= parser->end || *parser->at < '0' || *parser->at > '9') {
    fail(parser, "expected a number");
    return 0;
  }
  uint64_t value = 0;
  while (parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9') {
    uint64_t digit = (uint64_t)(*parser->at - '0');
    if (value > (max - digit) / 10) {
      fail(parser, "number is too large");
      return 0;
    }
    value = value * 10 + digit;
    parser->at++;
  }
  return value;
}

static uint64_t parse_signed(Parser *parser, int bits) {
  bool negative = accept(parser, "-");
  uint64_t limit = UINT64_C(1) << (bits - 1);
  uint64_t value = parse_unsigned(parser, negative ? limit : limit - 1);
  value = negative ? 0 - value : value;
  return bits == 32 ? (uint32_t)value : value;
}

static uint64_t float_bits(double value, bool is_f64) {
  if (is_f64) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
  }
  float single = (float)value;
  uint32_t bits;
  memcpy(&bits, &single, sizeof bits);
  return bits;
}

static uint64_t parse_nan(Parser *parser, bool negative, bool is_f64) {
  uint64_t payload = 0, limit = is_f64 ? UINT64_C(0xFFFFFFFFFFFFF) : 0x7FFFFF;
  while (parser->at < parser->end && hex_digit(*parser->at) >= 0 && payload <= limit >> 4) {
    payload = payload * 16 + (uint64_t)hex_digit(*parser->at++);
  }
  if (payload == 0 || payload > limit) {
    fail(parser, "bad payload of a NaN");
  }
  uint64_t exponent = is_f64 ? UINT64_C(0x7FF) << 52 : UINT64_C(0xFF) << 23;
  return exponent | payload | (negative ? UINT64_C(1) << (is_f64 ? 63 : 31) : 0);
}

static uint64_t parse_float(Parser *parser, bool is_f64) {
  bool negative = accept(parser, "-");
  if (accept(parser, "nan:")) {
    return parse_nan(parser, negative, is_f64);
  }
  char buffer[64];
  size_t length = 0;
  skip_blanks(parser);
  while (parser->at < parser->end && length + 1 < sizeof buffer &&
         (ir_text_is_name_char((unsigned char)*parser->at) || *parser->at == '-' || *parser->at == '+')) {
    buffer[length++] = *parser->at++;
  }
  buffer[length] = 0;
  char *stop = buffer;
  double value = is_f64 ? strtod(buffer, &stop) : (double)strtof(buffer, &stop);
  if (length == 0 || stop != buffer + length || isnan(value)) {
    fail(parser, "expected a number");
    return 0;
  }
  return float_bits(negative ? -value : value, is_f64);
}

static uint32_t lookup(Parser *parser, const IdMap *map, char sigil) {
  const char *before = parser->at;
  Name name = parse_name(parser, sigil);
  uint32_t id = parser->failed ? 0 : id_map_get(map, name);
  if (id == ID_MAP_NONE) {
    parser->at = before;
    fail(parser, "unknown name");
    return 0;
  }
  return id;
}

// -------------------------------------------------------------------------------------------------- types

static IrType parse_type(Parser *parser) {
  static const struct {
    const char *word;
    IrType type;
  } short_forms[] = {{"anyref", IR_ANYREF},       {"eqref", IR_EQREF},       {"i31ref", IR_I31REF},
                     {"structref", IR_STRUCTREF}, {"arrayref", IR_ARRAYREF}, {"funcref", IR_FUNCREF},
                     {"externref", IR_EXTERNREF}, {"nullref", IR_NULLREF}};
  bool is_reference = accept(parser, "ref");
  IrType nullable = is_reference && accept(parser, "null") ? IR_TYPE_NULLABLE_BIT : 0;
  if (is_reference && peek(parser) == '$') {
    return ir_ref(lookup(parser, &parser->types, '$')) | nullable;
  }
  for (uint32_t kind = is_reference ? IR_KIND_ANY : IR_KIND_I32;
       kind < (is_reference ? IR_KIND_REF : IR_KIND_ANY); kind++) {
    if (accept(parser, ir_text_kinds[kind])) {
      return kind | nullable;
    }
  }
  for (uint32_t i = 0; !is_reference && i < sizeof short_forms / sizeof *short_forms; i++) {
    if (accept(parser, short_forms[i].word)) {
      return short_forms[i].type;
    }
  }
  fail(parser, "expected a type");
  return IR_I32;
}

static IrTypes parse_types(Parser *parser) {
  IrTypes types = {0};
  expect(parser, "(");
  while (!parser->failed && !accept(parser, ")")) {
    if (types.count > 0) {
      expect(parser, ",");
    }
    IrType type = parse_type(parser);
    VECTOR_PUSH(&parser->scratch, &types, type);
  }
  return types;
}

static IrField parse_field(Parser *parser) {
  IrField field = {.type = IR_I32};
  if (peek(parser) == '.') {
    field.name = parse_name(parser, '.');
  }
  field.mutable_ = accept(parser, "mut");
  if (accept(parser, "i8")) {
    field.packing = IR_PACK_I8;
  } else if (accept(parser, "i16")) {
    field.packing = IR_PACK_I16;
  } else {
    field.type = parse_type(parser);
  }
  return field;
}

static void parse_struct(Parser *parser, IrHeapId heap, IrHeapId super, bool open) {
  VECTOR(IrField) fields = {0};
  expect(parser, "{");
  while (!parser->failed && !accept(parser, "}")) {
    if (fields.count > 0) {
      expect(parser, ",");
    }
    IrField field = parse_field(parser);
    VECTOR_PUSH(&parser->scratch, &fields, field);
  }
  ir_struct_define(parser->module, heap, super, open, fields.items, fields.count);
}

static void parse_heap_type(Parser *parser, Round round) {
  Name name = parse_name(parser, '$');
  if (round == ROUND_DECLARE) {
    if (!parser->failed && id_map_get(&parser->types, name) != ID_MAP_NONE) {
      fail(parser, "name is taken");
    }
    id_map_put(&parser->scratch, &parser->types, name, ir_heap_declare(parser->module, name));
    return;
  }
  IrHeapId heap = parser->next_type++;
  if (round != ROUND_TYPES) {
    return;
  }
  expect(parser, "=");
  bool open = accept(parser, "open");
  IrHeapId super = accept(parser, "sub") ? lookup(parser, &parser->types, '$') : 0;
  if (accept(parser, "struct")) {
    parse_struct(parser, heap, super, open);
  } else if (accept(parser, "array")) {
    ir_array_define(parser->module, heap, parse_field(parser));
  } else {
    bool own = accept(parser, "own");
    expect(parser, "fn");
    IrTypes params = parse_types(parser);
    expect(parser, "->");
    IrTypes results = parse_types(parser);
    (own ? ir_function_type_define : ir_function_type_intern)(parser->module, heap, params.items,
                                                              params.count, results.items, results.count);
  }
  parser->module->heap_types.items[heap].super = super;
}

// --------------------------------------------------------------------------------------------- immediates

static uint32_t parse_id(Parser *parser, IrImmediate kind) {
  switch (kind) {
  case IR_IMMEDIATE_TYPE:
    return parse_type(parser);
  case IR_IMMEDIATE_STRUCT:
  case IR_IMMEDIATE_ARRAY:
  case IR_IMMEDIATE_SIGNATURE:
    return lookup(parser, &parser->types, '$');
  case IR_IMMEDIATE_FUNCTION:
    return lookup(parser, &parser->functions, '@');
  case IR_IMMEDIATE_GLOBAL:
    return lookup(parser, &parser->globals, '@');
  case IR_IMMEDIATE_TABLE:
    return lookup(parser, &parser->tables, '@');
  case IR_IMMEDIATE_DATA:
    return lookup(parser, &parser->data, '@');
  case IR_IMMEDIATE_FIELD:
  case IR_IMMEDIATE_OFFSET:
    return (uint32_t)parse_unsigned(parser, UINT32_MAX);
  default:
    return 0;
  }
}

static IrInst parse_immediates(Parser *parser, IrOpcode opcode) {
  const IrOpcodeInfo *info = ir_opcode_info(opcode);
  IrInst inst = {.opcode = (uint16_t)opcode};
  switch (info->a) {
  case IR_IMMEDIATE_I32:
    inst.bits = parse_signed(parser, 32);
    break;
  case IR_IMMEDIATE_I64:
    inst.bits = parse_signed(parser, 64);
    break;
  case IR_IMMEDIATE_F32:
    inst.bits = parse_float(parser, false);
    break;
  case IR_IMMEDIATE_F64:
    inst.bits = parse_float(parser, true);
    break;
  default:
    inst.a = parse_id(parser, info->a);
    inst.b = parse_id(parser, info->b);
  }
  if (!parser->failed && !ir_immediates_valid(parser->module, &inst)) {
    fail(parser, "`%s` cannot have this immediate", info->text);
  }
  return inst;
}

static IrOpcode parse_opcode(Parser *parser) {
  Name name = names_intern(&parser->module->context->names, word(parser));
  uint32_t opcode = id_map_get(&parser->opcodes, name);
  if (opcode == ID_MAP_NONE) {
    fail(parser, "unknown instruction");
    return IR_UNREACHABLE;
  }
  return (IrOpcode)opcode;
}

// ------------------------------------------------------------------------------------------- module items

static IrConstantId parse_constant(Parser *parser, uint32_t depth) {
  IrOpcode opcode = parse_opcode(parser);
  IrInst inst = parse_immediates(parser, opcode);
  if (depth > LIMIT_NESTING) {
    fail(parser, "constant nests too deep");
  }
  VECTOR(IrConstantId) operands = {0};
  if (!parser->failed && accept(parser, "(")) {
    while (!parser->failed && !accept(parser, ")")) {
      if (operands.count > 0) {
        expect(parser, ",");
      }
      IrConstantId operand = parse_constant(parser, depth + 1);
      VECTOR_PUSH(&parser->scratch, &operands, operand);
    }
  }
  const IrOpcodeInfo *info = ir_opcode_info(opcode);
  return info->a >= IR_IMMEDIATE_I32 && info->a <= IR_IMMEDIATE_F64
             ? ir_constant_bits(parser->module, opcode, inst.bits)
             : ir_constant(parser->module, opcode, inst.a, inst.b, operands.items, operands.count);
}

// Declares in the first round; gives the id in the others.
static void declare(Parser *parser, IdMap *map, Name name, uint32_t id) {
  if (!parser->failed && id_map_get(map, name) != ID_MAP_NONE) {
    fail(parser, "name is taken");
  }
  id_map_put(&parser->scratch, map, name, id);
}

static void parse_import(Parser *parser, Str *from, Str *base) {
  *from = quoted(parser);
  *base = quoted(parser);
  if (from->length == 0) {
    fail(parser, "an import needs a module name");
  }
  from->ptr = arena_copy_string(&parser->module->arena, from->ptr, from->length);
  base->ptr = arena_copy_string(&parser->module->arena, base->ptr, base->length);
}

static void parse_global(Parser *parser, Round round) {
  Name name = parse_name(parser, '@');
  if (round == ROUND_DECLARE) {
    declare(parser, &parser->globals, name, ir_global_new(parser->module, name, IR_I32, false, 0));
    return;
  }
  IrGlobalId id = parser->next_global++;
  if (round < ROUND_HEADERS) {
    return;
  }
  expect(parser, ":");
  bool is_mutable = accept(parser, "mut");
  IrType type = parse_type(parser);
  IrGlobal *global = &parser->module->globals.items[id];
  global->mutable_ = is_mutable;
  global->type = type;
  if (accept(parser, "import")) {
    parse_import(parser, &global->import_module, &global->import_name);
  } else if (round == ROUND_BODIES) {
    expect(parser, "=");
    IrConstantId init = parse_constant(parser, 0);
    parser->module->globals.items[id].init = init;
  }
}

static void parse_table(Parser *parser, Round round) {
  Name name = parse_name(parser, '@');
  if (round == ROUND_DECLARE) {
    declare(parser, &parser->tables, name, ir_table_new(parser->module, name));
    return;
  }
  IrTableId id = parser->next_table++;
  if (round != ROUND_HEADERS) {
    return;
  }
  expect(parser, "=");
  expect(parser, "(");
  for (bool first = true; !parser->failed && !accept(parser, ")"); first = false) {
    if (!first) {
      expect(parser, ",");
    }
    ir_table_add(parser->module, id, accept(parser, "null") ? 0 : lookup(parser, &parser->functions, '@'));
  }
}

static void parse_data(Parser *parser, Round round) {
  Name name = parse_name(parser, '@');
  if (round == ROUND_DECLARE) {
    declare(parser, &parser->data, name, ir_data_new(parser->module, name, STR("")));
    return;
  }
  IrData *data = &parser->module->data.items[parser->next_data++];
  if (round != ROUND_HEADERS) {
    return;
  }
  data->active = accept(parser, "at");
  data->offset = data->active ? (uint32_t)parse_unsigned(parser, UINT32_MAX) : 0;
  expect(parser, "=");
  Str bytes = quoted(parser);
  data->bytes = (Str){arena_copy(&parser->module->arena, bytes.ptr, bytes.length), bytes.length};
}

static void parse_memory(Parser *parser, Round round) {
  if (round == ROUND_HEADERS) {
    uint32_t min = (uint32_t)parse_unsigned(parser, 65536);
    ir_memory(parser->module, min, (uint32_t)parse_unsigned(parser, 65536));
  }
}

static void parse_export(Parser *parser, Round round) {
  if (round != ROUND_HEADERS) {
    return;
  }
  Str name = quoted(parser);
  if (accept(parser, "fn")) {
    ir_export(parser->module, IR_EXPORT_FUNCTION, lookup(parser, &parser->functions, '@'), name);
  } else if (accept(parser, "global")) {
    ir_export(parser->module, IR_EXPORT_GLOBAL, lookup(parser, &parser->globals, '@'), name);
  } else {
    expect(parser, "memory");
    ir_export(parser->module, IR_EXPORT_MEMORY, 0, name);
  }
}

// ---------------------------------------------------------------------------------------------- functions

static void parse_origin(Parser *parser, Position *position, uint32_t *id) {
  *position = *id = 0;
  if (accept(parser, "!")) {
    *position = (Position)parse_unsigned(parser, UINT32_MAX);
    expect(parser, ":");
    *id = (uint32_t)parse_unsigned(parser, UINT32_MAX);
  }
}

static uint32_t parse_number(Parser *parser, char sigil) {
  expect_sigil(parser, sigil);
  uint32_t number = (uint32_t)parse_unsigned(parser, parser->number_limit);
  if (number == 0) {
    fail(parser, "numbers start at 1");
  }
  return number;
}

// Uses may come before definitions; a value never defined has type void, which ir_verify refuses.
static IrValue parse_value(Parser *parser) {
  uint32_t number = parse_number(parser, 'v');
  IrFunction *function = ir_built(&parser->builder);
  if (!parser->failed && number >= function->values.count) {
    (void)VECTOR_EXTEND(&parser->module->arena, &function->values, number + 1 - function->values.count);
  }
  return number;
}

static void define_value(Parser *parser, IrValue value, IrType type, IrInstId inst, IrBlockId block) {
  if (parser->failed) {
    return;
  }
  IrValueInfo *info = &ir_built(&parser->builder)->values.items[value];
  if (info->type != IR_VOID) {
    fail(parser, "v%u is defined twice", value);
    return;
  }
  *info = (IrValueInfo){.type = type, .inst = inst, .block = block};
}

static IrBlockId parse_block_number(Parser *parser) {
  uint32_t number = parse_number(parser, '^');
  IrFunction *function = ir_built(&parser->builder);
  if (!parser->failed && number >= function->blocks.count) {
    (void)VECTOR_EXTEND(&parser->module->arena, &function->blocks, number + 1 - function->blocks.count);
  }
  return number;
}

// `v1: i32, v2: f64` up to the closing parenthesis; values only where `block` is not 0.
static IrTypes parse_params(Parser *parser, IrBlockId block) {
  IrTypes types = {0};
  expect(parser, "(");
  while (!parser->failed && !accept(parser, ")")) {
    if (types.count > 0) {
      expect(parser, ",");
    }
    IrValue value = 0;
    if (peek(parser) == 'v') {
      value = block != 0 ? parse_value(parser) : parse_number(parser, 'v');
      expect(parser, ":");
    }
    IrType type = parse_type(parser);
    VECTOR_PUSH(&parser->scratch, &types, type);
    if (block != 0 && !parser->failed) {
      if (value == 0) {
        fail(parser, "a parameter needs a name");
        break;
      }
      define_value(parser, value, type, 0, block);
      VECTOR_PUSH(&parser->module->arena, &ir_block(ir_built(&parser->builder), block)->params, value);
    }
  }
  return types;
}

static IrValues parse_values(Parser *parser) {
  IrValues values = {0};
  while (!parser->failed && peek(parser) == 'v') {
    IrValue value = parse_value(parser);
    VECTOR_PUSH(&parser->scratch, &values, value);
    if (!accept(parser, ",")) {
      break;
    }
  }
  return values;
}

static void parse_edges(Parser *parser, IrBlockId from) {
  while (!parser->failed && peek(parser) == '^') {
    IrEdge edge = {.target = parse_block_number(parser)};
    if (accept(parser, "(")) {
      while (!parser->failed && !accept(parser, ")")) {
        if (edge.args.count > 0) {
          expect(parser, ",");
        }
        IrValue value = parse_value(parser);
        VECTOR_PUSH(&parser->module->arena, &edge.args, value);
      }
    }
    if (parser->failed) {
      return;
    }
    IrFunction *function = ir_built(&parser->builder);
    VECTOR_PUSH(&parser->module->arena, &ir_block(function, from)->edges, edge);
    VECTOR_PUSH(&parser->module->arena, &ir_block(function, edge.target)->pred, from);
    if (!accept(parser, ",")) {
      return;
    }
  }
}

static void define_results(Parser *parser, IrInstId id, const IrValues *results, IrType explicit_type,
                           IrBlockId block) {
  IrFunction *function = ir_built(&parser->builder);
  IrInst *inst = ir_inst(function, id);
  uint32_t count = ir_expected_results(parser->module, inst);
  if (count != results->count || count > UINT16_MAX) {
    fail(parser, "expected %u results", count);
    return;
  }
  inst->result_count = (uint16_t)count;
  inst->result = count > 0 ? results->items[0] : 0;
  for (uint32_t r = 0; r < count; r++) {
    if (results->items[r] != inst->result + r) {
      fail(parser, "results must be numbered one after the other");
      return;
    }
    bool is_explicit = ir_text_needs_type(inst->opcode);
    if (is_explicit && explicit_type == IR_VOID) {
      fail(parser, "the result needs a type");
      return;
    }
    IrType type = is_explicit ? explicit_type : ir_expected_result(parser->module, function, inst, r);
    define_value(parser, results->items[r], type, id, block);
  }
}

// One line: `v1, v2: type = opcode immediates operands edges origin`.
static void parse_inst(Parser *parser, IrBlockId block) {
  IrValues results = {0};
  IrType explicit_type = IR_VOID;
  if (peek(parser) == 'v') {
    results = parse_values(parser);
    if (accept(parser, ":")) {
      explicit_type = parse_type(parser);
    }
    expect(parser, "=");
  }
  IrOpcode opcode = parse_opcode(parser);
  IrInst inst = parse_immediates(parser, opcode);
  IrValues operands = parse_values(parser);
  if (parser->failed) {
    return;
  }
  IrFunction *function = ir_built(&parser->builder);
  inst.operands = function->operands.count;
  inst.operand_count = operands.count;
  for (uint32_t i = 0; i < operands.count; i++) {
    VECTOR_PUSH(&parser->module->arena, &function->operands, operands.items[i]);
  }
  if (ir_opcode_info(opcode)->effects & IR_TERMINATES) {
    parse_edges(parser, block);
  }
  parse_origin(parser, &inst.origin.position, &inst.origin.site);
  VECTOR_PUSH(&parser->module->arena, &function->insts, inst);
  IrInstId id = function->insts.count - 1;
  define_results(parser, id, &results, explicit_type, block);
  if (ir_opcode_info(opcode)->effects & IR_TERMINATES) {
    ir_block(function, block)->terminator = id;
  } else {
    VECTOR_PUSH(&parser->module->arena, &ir_block(function, block)->insts, id);
  }
}

static void parse_body(Parser *parser) {
  IrBlockId block = 1;
  for (skip_lines(parser); !parser->failed && !accept(parser, "}"); skip_lines(parser)) {
    if (peek(parser) == '^') {
      block = parse_block_number(parser);
      if (!parser->failed && (block == 1 || ir_block(ir_built(&parser->builder), block)->sealed)) {
        fail(parser, "^%u is defined twice", block);
      }
      if (peek(parser) == '(') {
        parse_params(parser, block);
      }
      expect(parser, ":");
      if (!parser->failed) {
        ir_block(ir_built(&parser->builder), block)->sealed = true;
      }
    } else {
      if (parser->at >= parser->end) {
        fail(parser, "expected `}`");
        return;
      }
      if (ir_block(ir_built(&parser->builder), block)->terminator != 0) {
        fail(parser, "instruction after the terminator of its block");
        return;
      }
      parse_inst(parser, block);
    }
    if (parser->at < parser->end && peek(parser) != '\n' && peek(parser) != 0) {
      fail(parser, "unexpected text");
    }
  }
}

// From the function's header to its closing brace.
static uint32_t text_length(const Parser *parser) {
  const char *p = parser->at;
  while (p < parser->end && !(p[0] == '\n' && p + 1 < parser->end && p[1] == '}')) {
    p++;
  }
  return (uint32_t)(p - parser->at);
}

static void open_body(Parser *parser, IrFunctionId id) {
  parser->builder = (IrBuilder){.module = parser->module, .function_id = id};
  IrFunction *function = ir_function(parser->module, id);
  (void)VECTOR_EXTEND(&parser->module->arena, &function->blocks, 2);
  (void)VECTOR_EXTEND(&parser->module->arena, &function->insts, 1);
  (void)VECTOR_EXTEND(&parser->module->arena, &function->values, 1);
  ir_block(function, 1)->sealed = true;
}

static bool line_opens_body(const Parser *parser) {
  const char *p = parser->at;
  while (p < parser->end && *p != '\n') {
    p++;
  }
  while (p > parser->at && (p[-1] == ' ' || p[-1] == '\r')) {
    p--;
  }
  return p > parser->at && p[-1] == '{';
}

// Instances of one function share its name, which the printer makes unique: `push` is the name of `push~2`.
static Name without_rank(Parser *parser, Name name) {
  NameTable *table = &parser->module->context->names;
  Str text = names_text(table, name);
  size_t length = text.length;
  while (length > 0 && text.ptr[length - 1] >= '0' && text.ptr[length - 1] <= '9') {
    length--;
  }
  bool ranked = length > 1 && length < text.length && text.ptr[length - 1] == '~';
  return ranked ? names_intern(table, (Str){text.ptr, length - 1}) : name;
}

static void parse_function(Parser *parser, Round round) {
  Name name = parse_name(parser, '@');
  if (round == ROUND_DECLARE) {
    declare(parser, &parser->functions, name,
            ir_function_new(parser->module, without_rank(parser, name), 0, (IrOrigin){0, 0}));
    return;
  }
  IrFunctionId id = parser->next_function++;
  if (round < ROUND_HEADERS) {
    return;
  }
  bool has_body = line_opens_body(parser);
  parser->number_limit = text_length(parser);
  if (has_body && round == ROUND_BODIES) {
    open_body(parser, id);
  }
  IrHeapId own = accept(parser, ":") ? lookup(parser, &parser->types, '$') : 0;
  IrTypes params = parse_params(parser, has_body && round == ROUND_BODIES ? 1 : 0);
  expect(parser, "->");
  IrTypes results = parse_types(parser);
  if (parser->failed) {
    return;
  }
  if (round == ROUND_HEADERS) {
    IrHeapId type =
        own != 0 ? own
                 : ir_function_type(parser->module, params.items, params.count, results.items, results.count);
    if (ir_heap(parser->module, type)->kind != IR_HEAP_FUNCTION) {
      fail(parser, "not a function type");
      return;
    }
    ir_function(parser->module, id)->type = type;
  }
  IrFunction *function = ir_function(parser->module, id);
  if (!has_body && accept(parser, "import")) {
    parse_import(parser, &function->import_module, &function->import_name);
  }
  parse_origin(parser, &function->origin.position, &function->origin.instance);
  if (has_body) {
    expect(parser, "{");
    if (round == ROUND_BODIES) {
      parse_body(parser);
    }
  } else if (!parser->failed && !ir_function_is_import(function)) {
    fail(parser, "a function without a body must be imported");
  }
}

// -------------------------------------------------------------------------------------------------- rounds

static void next_line(Parser *parser) {
  while (parser->at < parser->end && *parser->at != '\n') {
    parser->at++;
  }
  parser->at += parser->at < parser->end;
}

static void parse_item(Parser *parser, Round round) {
  if (accept(parser, "type")) {
    parse_heap_type(parser, round);
  } else if (accept(parser, "global")) {
    parse_global(parser, round);
  } else if (accept(parser, "table")) {
    parse_table(parser, round);
  } else if (accept(parser, "data")) {
    parse_data(parser, round);
  } else if (accept(parser, "memory")) {
    parse_memory(parser, round);
  } else if (accept(parser, "export")) {
    parse_export(parser, round);
  } else if (accept(parser, "fn")) {
    parse_function(parser, round);
  } else {
    fail(parser, "expected type, global, table, data, memory, export or fn");
  }
}

static void parse_round(Parser *parser, Round round) {
  parser->at = parser->start;
  parser->next_type = parser->next_global = parser->next_table = parser->next_data = parser->next_function =
      1;
  while (parser->at < parser->end) {
    char c = *parser->at;
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != ';' && c != '}' && c != '^') {
      parse_item(parser, round);
    }
    next_line(parser);
  }
}

bool ir_parse(IrModule *module, Str text, Text *error) {
  Parser parser = {.module = module, .start = text.ptr, .end = text.ptr + text.length, .error = error};
  arena_init(&parser.scratch);
  for (uint32_t opcode = 0; opcode < IR_OPCODE_COUNT; opcode++) {
    Name name = names_intern(&module->context->names, str_from(ir_opcode_info(opcode)->text));
    id_map_put(&parser.scratch, &parser.opcodes, name, opcode);
  }
  for (Round round = ROUND_DECLARE; round < ROUND_COUNT && !parser.failed; round++) {
    parse_round(&parser, round);
  }
  arena_free(&parser.scratch);
  return !parser.failed;
}
