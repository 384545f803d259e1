// emission-differential FIRST COUNT DIRECTORY: random IR modules with the results an interpreter of the IR
// gives, to be compared with what the emitted WebAssembly computes (run.mjs).
//
// Module number N (from FIRST) is a function of N alone. Control flow is built from nested scopes with jumps
// to any enclosing end or loop start, so that graphs are reducible and everything else; values go through
// builder variables (SSA construction), explicit block parameters (parallel moves), globals and objects
// (order of effects). Each line of DIRECTORY/cases.jsonl names a module and its calls; its IR stands beside
// it.
#include <stdio.h>
#include <stdlib.h>

#include "base/failure.h"
#include "passes/pipeline.h"
#include "wasm/wasm.h"

enum {
  FUNCTIONS = 4,
  VARS = 5,
  OBJECTS = 2,
  SCOPES_MAX = 24,
  FUEL = 300000,
  HEAP_MAX = 4096,
  CALL_DEPTH = 64
};

typedef struct Random {
  uint64_t state;
} Random;

static uint32_t next(Random *random, uint32_t below) {
  random->state = random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((random->state >> 33) % below);
}

// --------------------------------------------------------------------------------------------- generation

typedef struct Generator {
  Random random;
  IrModule *module;
  IrBuilder b;
  IrHeapId pair;
  IrGlobalId global;
  IrFunctionId functions[FUNCTIONS];
  uint32_t function_count; // that may be called
  IrVar ints[VARS], longs[VARS], objects[OBJECTS];
  IrBlockId scopes[SCOPES_MAX]; // ends of enclosing scopes and starts of enclosing loops
  uint32_t scope_count;
  uint32_t budget; // statements left
} Generator;

static void gen_statements(Generator *g, uint32_t depth);

static IrValue gen_int(Generator *g, uint32_t depth) {
  static const IrOpcode binary[] = {IR_I32_ADD, IR_I32_SUB,   IR_I32_MUL,   IR_I32_XOR,
                                    IR_I32_SHL, IR_I32_SHR_S, IR_I32_LT_S,  IR_I32_LT_U,
                                    IR_I32_EQ,  IR_I32_AND,   IR_I32_DIV_S, IR_I32_REM_U};
  IrBuilder *b = &g->b;
  switch (next(&g->random, depth == 0 ? 2 : 9)) {
  case 0:
    return ir_i32(b, (int32_t)next(&g->random, 7) - 3);
  case 1:
    return ir_var_read(b, g->ints[next(&g->random, VARS)]);
  case 2:
    return ir_global_get(b, g->global);
  case 3:
    return ir_struct_get(b, g->pair, next(&g->random, 2),
                         ir_var_read(b, g->objects[next(&g->random, OBJECTS)]));
  case 4:
    return ir_unary(b, IR_I32_WRAP_I64, ir_var_read(b, g->longs[next(&g->random, VARS)]));
  case 5: {
    IrValue condition = gen_int(g, depth - 1), yes = gen_int(g, depth - 1);
    return ir_select(b, IR_I32, condition, yes, gen_int(g, depth - 1));
  }
  default: {
    // Division mostly by something that is not zero.
    IrOpcode opcode = binary[next(&g->random, sizeof binary / sizeof *binary)];
    IrValue left = gen_int(g, depth - 1), right = gen_int(g, depth - 1);
    if ((opcode == IR_I32_DIV_S || opcode == IR_I32_REM_U) && next(&g->random, 8) != 0) {
      right = ir_binary(b, IR_I32_OR, right, ir_i32(b, 1));
    }
    return ir_binary(b, opcode, left, right);
  }
  }
}

static void gen_call(Generator *g) {
  if (g->function_count == 0) {
    return;
  }
  IrValue args[2];
  args[0] = gen_int(g, 1);
  args[1] = gen_int(g, 2);
  IrValue first = ir_call(&g->b, g->functions[next(&g->random, g->function_count)], args, 2);
  if (next(&g->random, 4) != 0) {
    ir_var_write(&g->b, g->ints[next(&g->random, VARS)], first);
  }
  if (next(&g->random, 4) != 0) {
    ir_var_write(&g->b, g->longs[next(&g->random, VARS)], first + 1);
  }
}

static void gen_return(Generator *g) {
  IrValue results[2];
  results[0] = gen_int(g, 2);
  results[1] = ir_var_read(&g->b, g->longs[next(&g->random, VARS)]);
  ir_return(&g->b, results, 2);
}

static void gen_if(Generator *g, uint32_t depth) {
  IrBuilder *b = &g->b;
  IrBlockId yes = ir_block_new(b), no = ir_block_new(b), done = ir_block_new(b);
  ir_br_if(b, gen_int(g, 2), yes, no);
  ir_seal(b, yes);
  ir_seal(b, no);
  ir_enter(b, yes);
  gen_statements(g, depth - 1);
  ir_br(b, done);
  ir_enter(b, no);
  if (next(&g->random, 2)) {
    gen_statements(g, depth - 1);
  }
  ir_br(b, done);
  ir_seal(b, done);
  ir_enter(b, done);
}

static void gen_scope(Generator *g, uint32_t depth) {
  IrBlockId end = ir_block_new(&g->b);
  g->scopes[g->scope_count++] = end;
  gen_statements(g, depth - 1);
  g->scope_count--;
  ir_br(&g->b, end);
  ir_seal(&g->b, end);
  ir_enter(&g->b, end);
}

// A loop of at most 5 rounds whose two parameters may be swapped each round.
static void gen_loop(Generator *g, uint32_t depth) {
  IrBuilder *b = &g->b;
  IrBlockId head = ir_block_new(b), body = ir_block_new(b), latch = ir_block_new(b), end = ir_block_new(b);
  IrVar rounds = ir_var_new(b, IR_I32);
  ir_var_write(b, rounds, ir_i32(b, 0));
  IrValue p = ir_block_param(b, head, IR_I32), q = ir_block_param(b, head, IR_I32);
  IrValue start[2] = {gen_int(g, 1), 0};
  start[1] = gen_int(g, 1);
  ir_br_args(b, head, start, 2);
  ir_enter(b, head);
  IrValue limit = ir_i32(b, 1 + (int32_t)next(&g->random, 5));
  ir_br_if(b, ir_binary(b, IR_I32_LT_S, ir_var_read(b, rounds), limit), body, end);
  ir_seal(b, body);
  ir_enter(b, body);
  ir_var_write(b, rounds, ir_binary(b, IR_I32_ADD, ir_var_read(b, rounds), ir_i32(b, 1)));
  ir_var_write(b, g->ints[next(&g->random, VARS)], p);
  // `latch` stands for continue, `end` for break.
  g->scopes[g->scope_count++] = latch;
  g->scopes[g->scope_count++] = end;
  gen_statements(g, depth - 1);
  g->scope_count -= 2;
  ir_br(b, latch);
  ir_seal(b, latch);
  ir_enter(b, latch);
  bool swaps = next(&g->random, 2);
  IrValue again[2] = {swaps ? q : p, swaps ? p : ir_binary(b, IR_I32_ADD, q, p)};
  ir_br_args(b, head, again, 2);
  ir_seal(b, head);
  ir_seal(b, end);
  ir_enter(b, end);
}

static void gen_switch(Generator *g, uint32_t depth) {
  IrBuilder *b = &g->b;
  IrBlockId cases[3], done = ir_block_new(b), fallback = ir_block_new(b);
  for (uint32_t i = 0; i < 3; i++) {
    cases[i] = i > 0 && next(&g->random, 3) == 0 ? cases[i - 1] : ir_block_new(b);
  }
  ir_switch(b, gen_int(g, 2), cases, 3, fallback);
  for (uint32_t i = 0; i < 3; i++) {
    if (i > 0 && cases[i] == cases[i - 1]) {
      continue;
    }
    ir_seal(b, cases[i]);
    ir_enter(b, cases[i]);
    gen_statements(g, depth - 1);
    ir_br(b, done);
  }
  ir_seal(b, fallback);
  ir_enter(b, fallback);
  ir_br(b, done);
  ir_seal(b, done);
  ir_enter(b, done);
}

static void gen_jump(Generator *g) {
  if (g->scope_count == 0) {
    return;
  }
  IrBlockId target = g->scopes[next(&g->random, g->scope_count)], rest = ir_block_new(&g->b);
  ir_br_if(&g->b, gen_int(g, 1), target, rest);
  ir_seal(&g->b, rest);
  ir_enter(&g->b, rest);
}

static void gen_simple(Generator *g) {
  IrBuilder *b = &g->b;
  switch (next(&g->random, 6)) {
  case 0:
    ir_global_set(b, g->global, gen_int(g, 2));
    break;
  case 1:
    ir_struct_set(b, g->pair, next(&g->random, 2), ir_var_read(b, g->objects[next(&g->random, OBJECTS)]),
                  gen_int(g, 2));
    break;
  case 2: {
    IrValue fields[2] = {gen_int(g, 2), 0};
    fields[1] = gen_int(g, 1);
    ir_var_write(b, g->objects[next(&g->random, OBJECTS)], ir_struct_new(b, g->pair, fields, 2));
    break;
  }
  case 3:
    ir_var_write(b, g->longs[next(&g->random, VARS)],
                 ir_binary(b, IR_I64_MUL, ir_var_read(b, g->longs[next(&g->random, VARS)]),
                           ir_unary(b, IR_I64_EXTEND_I32_S, gen_int(g, 1))));
    break;
  default:
    ir_var_write(b, g->ints[next(&g->random, VARS)], gen_int(g, 3));
  }
}

static void gen_statements(Generator *g, uint32_t depth) {
  for (uint32_t count = 1 + next(&g->random, 4); count > 0 && g->budget > 0; count--) {
    g->budget--;
    uint32_t kind = next(&g->random, 14);
    if (depth > 0 && g->scope_count + 2 < SCOPES_MAX && kind < 7) {
      static void (*const nested[])(Generator *, uint32_t) = {gen_if,    gen_if,   gen_if,    gen_scope,
                                                              gen_scope, gen_loop, gen_switch};
      nested[kind](g, depth);
    } else if (kind == 7) {
      gen_jump(g);
    } else if (kind == 8) {
      gen_call(g);
    } else if (kind == 9 && next(&g->random, 6) == 0) {
      gen_return(g);
    } else {
      gen_simple(g);
    }
  }
}

static void gen_function(Generator *g, IrFunctionId id) {
  IrBuilder *b = &g->b;
  ir_build(b, g->module, id);
  g->scope_count = 0;
  g->budget = 40;
  for (uint32_t i = 0; i < VARS; i++) {
    g->ints[i] = ir_var_new(b, IR_I32);
    g->longs[i] = ir_var_new(b, IR_I64);
    ir_var_write(b, g->ints[i], i < 2 ? ir_param(b, i) : ir_i32(b, (int32_t)i));
    ir_var_write(b, g->longs[i], ir_i64(b, (int64_t)i * 5 + 1));
  }
  for (uint32_t i = 0; i < OBJECTS; i++) {
    g->objects[i] = ir_var_new(b, ir_ref(g->pair));
    IrValue fields[2] = {ir_param(b, 0), ir_param(b, 1)};
    ir_var_write(b, g->objects[i], ir_struct_new(b, g->pair, fields, 2));
  }
  gen_statements(g, 4);
  gen_return(g);
  ir_build_end(b);
}

static void gen_module(Generator *g, IrModule *module, uint64_t seed) {
  static const IrType params[] = {IR_I32, IR_I32}, results[] = {IR_I32, IR_I64};
  g->random.state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
  next(&g->random, 2);
  g->module = module;
  g->pair = ir_heap_declare(module, NAME_EMPTY);
  const IrField fields[2] = {{.type = IR_I32, .mutable_ = true}, {.type = IR_I32, .mutable_ = true}};
  ir_struct_define(module, g->pair, 0, false, fields, 2);
  g->global = ir_global_new(module, NAME_EMPTY, IR_I32, true, ir_constant_zero(module, IR_I32));
  for (g->function_count = 0; g->function_count < FUNCTIONS; g->function_count++) {
    IrFunctionId id = ir_function_new(module, NAME_EMPTY, ir_function_type(module, params, 2, results, 2),
                                      (IrOrigin){0, 0});
    g->functions[g->function_count] = id;
    gen_function(g, id);
  }
  IrFunctionId last = g->functions[FUNCTIONS - 1];
  ir_export(module, IR_EXPORT_FUNCTION, last, STR("main"));
}

// ------------------------------------------------------------------------------------------ interpretation

typedef struct Machine {
  const IrModule *module;
  int32_t global;
  int32_t heap[HEAP_MAX][2];
  uint32_t heap_used;
  uint32_t fuel;
  bool trapped, exhausted;
} Machine;

static int64_t int_binary(Machine *machine, IrOpcode opcode, int64_t left, int64_t right) {
  uint32_t a = (uint32_t)left, b = (uint32_t)right;
  switch (opcode) {
  case IR_I32_ADD:
    return (int32_t)(a + b);
  case IR_I32_SUB:
    return (int32_t)(a - b);
  case IR_I32_MUL:
    return (int32_t)(a * b);
  case IR_I32_XOR:
    return (int32_t)(a ^ b);
  case IR_I32_OR:
    return (int32_t)(a | b);
  case IR_I32_AND:
    return (int32_t)(a & b);
  case IR_I32_SHL:
    return (int32_t)(a << (b & 31));
  case IR_I32_SHR_S:
    return (int32_t)a >> (b & 31);
  case IR_I32_LT_S:
    return (int32_t)a < (int32_t)b;
  case IR_I32_LT_U:
    return a < b;
  case IR_I32_EQ:
    return a == b;
  case IR_I64_MUL:
    return (int64_t)((uint64_t)left * (uint64_t)right);
  case IR_I32_DIV_S:
    machine->trapped |= b == 0 || (a == 0x80000000u && b == UINT32_MAX);
    return machine->trapped ? 0 : (int32_t)a / (int32_t)b;
  case IR_I32_REM_U:
    machine->trapped |= b == 0;
    return machine->trapped ? 0 : (int32_t)(a % b);
  default:
    UNREACHABLE("the generator makes no such operator");
  }
}

static void interpret(Machine *machine, IrFunctionId id, const int64_t *args, int64_t *results,
                      uint32_t depth);

static void step(Machine *machine, const IrFunction *function, const IrInst *inst, int64_t *values,
                 uint32_t depth) {
  const IrValue *operands = ir_operands(function, inst);
  int64_t o[3] = {0};
  for (uint32_t i = 0; i < inst->operand_count && i < 3; i++) {
    o[i] = values[operands[i]];
  }
  int64_t *result = &values[inst->result];
  switch ((IrOpcode)inst->opcode) {
  case IR_UNDEF:
    *result = 0;
    break;
  case IR_I32_CONST:
    *result = (int32_t)inst->bits;
    break;
  case IR_I64_CONST:
    *result = (int64_t)inst->bits;
    break;
  case IR_SELECT:
    *result = (int32_t)o[2] != 0 ? o[0] : o[1];
    break;
  case IR_GLOBAL_GET:
    *result = machine->global;
    break;
  case IR_GLOBAL_SET:
    machine->global = (int32_t)o[0];
    break;
  case IR_STRUCT_NEW:
    machine->exhausted |= machine->heap_used == HEAP_MAX;
    if (!machine->exhausted) {
      machine->heap[machine->heap_used][0] = (int32_t)o[0];
      machine->heap[machine->heap_used][1] = (int32_t)o[1];
      *result = machine->heap_used++;
    }
    break;
  case IR_STRUCT_GET:
    *result = machine->heap[o[0]][inst->b];
    break;
  case IR_STRUCT_SET:
    machine->heap[o[0]][inst->b] = (int32_t)o[1];
    break;
  case IR_I32_WRAP_I64:
  case IR_I64_EXTEND_I32_S:
    *result = (int32_t)o[0];
    break;
  case IR_I32_EQZ:
    *result = (int32_t)o[0] == 0;
    break;
  case IR_CALL:
    interpret(machine, inst->a, o, result, depth + 1);
    break;
  default:
    *result = int_binary(machine, (IrOpcode)inst->opcode, o[0], o[1]);
  }
}

// Follows an edge: all arguments are read before a parameter is written.
static IrBlockId follow(const IrFunction *function, const IrEdge *edge, int64_t *values) {
  int64_t moved[256];
  const IrBlock *target = ir_block(function, edge->target);
  ENSURE(edge->args.count <= 256);
  for (uint32_t i = 0; i < edge->args.count; i++) {
    moved[i] = values[edge->args.items[i]];
  }
  for (uint32_t i = 0; i < edge->args.count; i++) {
    values[target->params.items[i]] = moved[i];
  }
  return edge->target;
}

static IrBlockId leave_block(const IrFunction *function, const IrBlock *block, int64_t *values) {
  const IrInst *terminator = ir_inst(function, block->terminator);
  uint32_t edge = 0;
  if (terminator->opcode == IR_BR_IF) {
    edge = (int32_t)values[ir_operands(function, terminator)[0]] != 0 ? 0 : 1;
  } else if (terminator->opcode == IR_SWITCH) {
    uint32_t index = (uint32_t)values[ir_operands(function, terminator)[0]];
    edge = index < block->edges.count - 1 ? index : block->edges.count - 1;
  } else if (terminator->opcode != IR_BR) {
    return 0;
  }
  return follow(function, &block->edges.items[edge], values);
}

static void interpret(Machine *machine, IrFunctionId id, const int64_t *args, int64_t *results,
                      uint32_t depth) {
  const IrFunction *function = ir_function(machine->module, id);
  int64_t *values = calloc(function->values.count, sizeof *values);
  machine->exhausted |= depth > CALL_DEPTH;
  for (uint32_t i = 0; i < ir_block(function, 1)->params.count; i++) {
    values[ir_block(function, 1)->params.items[i]] = args[i];
  }
  IrBlockId at = 1;
  while (at != 0 && !machine->trapped && !machine->exhausted) {
    const IrBlock *block = ir_block(function, at);
    for (uint32_t i = 0; i < block->insts.count && !machine->trapped && !machine->exhausted; i++) {
      step(machine, function, ir_inst(function, block->insts.items[i]), values, depth);
    }
    const IrInst *terminator = ir_inst(function, block->terminator);
    machine->trapped |= !machine->exhausted && terminator->opcode == IR_UNREACHABLE;
    machine->exhausted |= machine->fuel-- == 1;
    if (terminator->opcode == IR_RETURN) {
      results[0] = values[ir_operands(function, terminator)[0]];
      results[1] = values[ir_operands(function, terminator)[1]];
    }
    at = leave_block(function, block, values);
  }
  free(values);
}

// ------------------------------------------------------------------------------------------------- driving

static void print_case(FILE *out, const IrModule *module, IrFunctionId main, int32_t a, int32_t b,
                       bool *first) {
  static Machine machine;
  memset(&machine, 0, sizeof machine);
  machine.module = module;
  machine.fuel = FUEL;
  int64_t args[2] = {a, b}, results[2] = {0};
  interpret(&machine, main, args, results, 0);
  if (machine.exhausted) {
    return;
  }
  fprintf(out, "%s[%d,%d,", *first ? "" : ",", a, b);
  *first = false;
  if (machine.trapped) {
    fputs("null]", out);
  } else {
    fprintf(out, "[%d,\"%lld\"]]", (int32_t)results[0], (long long)results[1]);
  }
}

static bool write_file(const char *directory, uint64_t number, const char *suffix, Str bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%llu.%s", directory, (unsigned long long)number, suffix);
  FILE *file = fopen(path, "wb");
  return file && fwrite(bytes.ptr, 1, bytes.length, file) == bytes.length && fclose(file) == 0;
}

static bool make_case(uint64_t number, const char *directory, FILE *out) {
  static const int32_t inputs[][2] = {{0, 0}, {1, 2}, {-3, 5}, {7, -1}, {100, 3}};
  Context context;
  context_init(&context);
  IrModule module;
  ir_module_init(&module, &context);
  Generator generator = {0};
  gen_module(&generator, &module, number);
  Text faults = text_new(&context.arena);
  WasmResult result = {0};
  bool ok = ir_verify(&module, &faults);
  IrFunctionId main = generator.functions[FUNCTIONS - 1];
  fprintf(out, "{\"module\":%llu,\"cases\":[", (unsigned long long)number);
  bool first = true;
  for (uint32_t i = 0; ok && i < sizeof inputs / sizeof *inputs; i++) {
    print_case(out, &module, main, inputs[i][0], inputs[i][1], &first);
  }
  fputs("]}\n", out);
  if (ok && number % 4 >= 2) {
    passes_run(&module, &(PassOptions){.verify = true});
  }
  WasmOptions options = {.validate = true, .profile = (WasmProfile)(number % 3)};
  ok = ok && wasm_emit(&module, &options, &context.arena, &result);
  Text text = text_new(&context.arena);
  ir_print(&module, (IrPrintOptions){0}, &text);
  ok = write_file(directory, number, "ir", text_str(&text)) && ok;
  ok = ok && write_file(directory, number, "wasm", result.bytes);
  if (!ok) {
    fprintf(stderr, "module %llu: %.*s%s\n", (unsigned long long)number, STR_ARGS(text_str(&faults)),
            result.failure);
  }
  ir_module_free(&module);
  context_free(&context);
  return ok;
}

int main(int count, char **arguments) {
  if (count != 4) {
    fputs("usage: emission-differential FIRST COUNT DIRECTORY\n", stderr);
    return 2;
  }
  uint64_t start = strtoull(arguments[1], NULL, 10), total = strtoull(arguments[2], NULL, 10);
  char path[4096];
  snprintf(path, sizeof path, "%s/cases.jsonl", arguments[3]);
  FILE *out = fopen(path, "wb");
  if (!out) {
    perror(path);
    return 2;
  }
  bool ok = true;
  for (uint64_t number = start; number < start + total; number++) {
    ok &= make_case(number, arguments[3], out);
  }
  return fclose(out) == 0 && ok ? 0 : 1;
}
