// The mid-level IR: a control-flow graph in SSA form with block parameters, one module per program.
//
// Owns the module (heap types, functions, globals, tables, data), its builder, its text form and its
// verifier. lower/ builds it, passes/ rewrites it, wasm/ emits it; it knows nothing of the AST nor of
// Binaryen.
//
// Invariants (checked by ir_verify):
//   - a value has one definition (a block parameter or an instruction) that dominates every use;
//   - every reachable block ends in exactly one terminator; an edge carries one argument per parameter of its
//     target; the entry block is block 1, its parameters are the function's parameters and nothing jumps to
//     it;
//   - the graph is reducible: every loop is entered through its header only;
//   - a heap type's supertype has a smaller id.
// All ids start at 1; 0 is "none". Ids never reach the output except as positions in ordered lists.
#ifndef VOYD_IR_IR_H
#define VOYD_IR_IR_H

#include "base/context.h"

// ------------------------------------------------------------------------------------------------- types

typedef uint32_t IrHeapId; // a struct, array or function type of the module

typedef enum {
  IR_KIND_VOID,
  IR_KIND_I32,
  IR_KIND_I64,
  IR_KIND_F32,
  IR_KIND_F64,
  IR_KIND_ANY, // the uniform reference: the top of structs, arrays and i31
  IR_KIND_EQ,
  IR_KIND_I31,
  IR_KIND_STRUCT,
  IR_KIND_ARRAY,
  IR_KIND_FUNC,
  IR_KIND_EXTERN,
  IR_KIND_NONE, // the bottom below any
  IR_KIND_NOFUNC,
  IR_KIND_NOEXTERN,
  IR_KIND_REF // a reference to a heap type of the module
} IrKind;

// A value type: kind, nullability and heap type in one word, so types compare with ==.
typedef uint32_t IrType;

enum { IR_TYPE_NULLABLE_BIT = 1u << 5, IR_TYPE_HEAP_SHIFT = 6 };
enum {
  IR_VOID = IR_KIND_VOID,
  IR_I32 = IR_KIND_I32,
  IR_I64 = IR_KIND_I64,
  IR_F32 = IR_KIND_F32,
  IR_F64 = IR_KIND_F64,
  IR_ANYREF = IR_KIND_ANY | IR_TYPE_NULLABLE_BIT,
  IR_EQREF = IR_KIND_EQ | IR_TYPE_NULLABLE_BIT,
  IR_I31REF = IR_KIND_I31 | IR_TYPE_NULLABLE_BIT,
  IR_STRUCTREF = IR_KIND_STRUCT | IR_TYPE_NULLABLE_BIT,
  IR_ARRAYREF = IR_KIND_ARRAY | IR_TYPE_NULLABLE_BIT,
  IR_FUNCREF = IR_KIND_FUNC | IR_TYPE_NULLABLE_BIT,
  IR_EXTERNREF = IR_KIND_EXTERN | IR_TYPE_NULLABLE_BIT,
  IR_NULLREF = IR_KIND_NONE | IR_TYPE_NULLABLE_BIT
};

static inline IrType ir_ref(IrHeapId heap) {
  return IR_KIND_REF | heap << IR_TYPE_HEAP_SHIFT;
}
static inline IrType ir_ref_null(IrHeapId heap) {
  return IR_KIND_REF | IR_TYPE_NULLABLE_BIT | heap << IR_TYPE_HEAP_SHIFT;
}
static inline IrKind ir_type_kind(IrType type) {
  return (IrKind)(type & 31);
}
static inline IrHeapId ir_type_heap(IrType type) {
  return type >> IR_TYPE_HEAP_SHIFT;
}
static inline bool ir_type_is_reference(IrType type) {
  return ir_type_kind(type) >= IR_KIND_ANY;
}
static inline bool ir_type_is_nullable(IrType type) {
  return (type & IR_TYPE_NULLABLE_BIT) != 0;
}
static inline IrType ir_type_non_null(IrType type) {
  return type & ~(IrType)IR_TYPE_NULLABLE_BIT;
}
static inline IrType ir_type_nullable(IrType type) {
  return type | IR_TYPE_NULLABLE_BIT;
}

typedef enum { IR_PACK_NONE, IR_PACK_I8, IR_PACK_I16 } IrPacking; // packed storage has type i32

typedef struct IrField {
  Name name; // for dumps only; may be NAME_EMPTY
  IrType type;
  IrPacking packing;
  bool mutable_;
} IrField;

typedef enum { IR_HEAP_UNDEFINED, IR_HEAP_STRUCT, IR_HEAP_ARRAY, IR_HEAP_FUNCTION } IrHeapKind;

typedef struct IrHeapType {
  Name name; // for dumps only
  IrHeapKind kind;
  IrHeapId super; // 0 or a smaller id of the same kind
  bool open;      // may have subtypes
  bool interned;  // a function type made by ir_function_type
  uint32_t field_count;
  IrField *fields; // struct: its fields; array: one, its element
  uint32_t param_count, result_count;
  IrType *params, *results; // function
} IrHeapType;

// ------------------------------------------------------------------------------------------ instructions

typedef enum {
#define IR_NUMERIC(id, text, result, left, right, effects, backend) IR_##id,
#define IR_OPERATION(id, text, a, b, effects)                       IR_##id,
#include "ir/opcodes.def"
#undef IR_NUMERIC
#undef IR_OPERATION
  IR_OPCODE_COUNT
} IrOpcode;

// What an instruction does besides computing its results. Two instructions may swap unless one writes what
// the other reads or writes, or both are observable (traps, calls).
typedef enum {
  IR_PURE = 0,
  IR_TRAPS = 1 << 0,
  IR_READS_HEAP = 1 << 1, // mutable fields and elements
  IR_WRITES_HEAP = 1 << 2,
  IR_READS_GLOBAL = 1 << 3,
  IR_WRITES_GLOBAL = 1 << 4,
  IR_READS_MEMORY = 1 << 5,
  IR_WRITES_MEMORY = 1 << 6,
  IR_CALLS = 1 << 7,     // any effect, may not return
  IR_ALLOCATES = 1 << 8, // result has an identity: not to be duplicated, free to move or to drop
  IR_TERMINATES = 1 << 9
} IrEffects;

// What an immediate is: a constant's bits, a value type, or the id of a thing of the module.
typedef enum {
  IR_IMMEDIATE_NONE,
  IR_IMMEDIATE_I32,
  IR_IMMEDIATE_I64,
  IR_IMMEDIATE_F32,
  IR_IMMEDIATE_F64,
  IR_IMMEDIATE_TYPE,
  IR_IMMEDIATE_STRUCT,
  IR_IMMEDIATE_ARRAY,
  IR_IMMEDIATE_SIGNATURE, // function type
  IR_IMMEDIATE_FIELD,     // of the struct that is the other immediate
  IR_IMMEDIATE_FUNCTION,
  IR_IMMEDIATE_GLOBAL,
  IR_IMMEDIATE_TABLE,
  IR_IMMEDIATE_DATA,
  IR_IMMEDIATE_OFFSET // bytes
} IrImmediate;

typedef uint32_t IrFunctionId;
typedef uint32_t IrBlockId;
typedef uint32_t IrInstId;
typedef uint32_t IrValue;
typedef uint32_t IrGlobalId;
typedef uint32_t IrTableId;
typedef uint32_t IrDataId;
typedef uint32_t IrConstantId;

typedef uint32_t IrSiteId;

// Where a function comes from: the position of its declaration, 0 if nobody wrote it (an adapter, a codec),
// and the instance that it belongs to, 0 if none.
typedef struct IrOrigin {
  Position position;
  uint32_t instance;
} IrOrigin;

// Where an instruction comes from: a source position, 0 when unknown, and the call whose place its code took,
// 0 if it was written in the function that it stands in.
typedef struct IrInstOrigin {
  Position position;
  IrSiteId site;
} IrInstOrigin;

// A call that inlining replaced: what it called, from where, and the call around that one whose place the
// caller's code had taken itself.
typedef struct IrSite {
  IrFunctionId callee;
  Position position;
  IrSiteId outer;
  IrFunctionId root; // the function that the code stands in now
} IrSite;

// Immediates by opcode: `bits` of a constant (floats as their IEEE bits); else `a` and `b` as opcodes.def
// says.
typedef struct IrInst {
  uint16_t opcode;
  uint16_t result_count;
  IrValue result;         // first result; the others follow in consecutive ids; 0 without results
  uint32_t operands;      // index of the first in the function's operand pool
  uint32_t operand_count; // wasm order
  union {
    struct {
      uint32_t a, b;
    };
    uint64_t bits;
  };
  IrInstOrigin origin;
} IrInst;

typedef VECTOR(IrValue) IrValues;

typedef struct IrEdge {
  IrBlockId target;
  IrValues args;
} IrEdge;

typedef struct IrBlock {
  IrValues params;
  VECTOR(IrInstId) insts;
  IrInstId terminator;   // 0 while the block is open
  VECTOR(IrEdge) edges;  // br: 1; br_if: taken, else; switch: case 0, 1, …, default; otherwise none
  VECTOR(uint32_t) pred; // blocks with an edge to this one, once per edge; kept by builder and ir_cleanup
  bool sealed;           // builder: all predecessors are known
} IrBlock;

typedef struct IrValueInfo {
  IrType type;
  IrInstId inst;   // defining instruction, or 0 for a block parameter
  IrBlockId block; // block of the parameter or of the instruction at its creation
  IrValue forward; // not 0: replaced by that value; operands are rewritten by ir_cleanup
} IrValueInfo;

typedef struct IrFunction {
  Name name;         // for dumps, traps and the name section; need not be unique
  IrHeapId type;     // a function type: parameters and results
  Str import_module; // imported when not empty; then there are no blocks
  Str import_name;
  IrOrigin origin;
  IrFunctionId base;      // the function this one was cloned from, or 0
  VECTOR(IrBlock) blocks; // by IrBlockId; 1 is the entry; blocks nothing reaches are removed by ir_cleanup
  VECTOR(IrInst) insts;   // by IrInstId; only those listed in a block count
  VECTOR(IrValue) operands;
  VECTOR(IrValueInfo) values; // by IrValue
} IrFunction;

// A constant expression: initial values of globals. opcode is one of the *_CONST, REF_NULL, REF_FUNC,
// GLOBAL_GET (of an earlier immutable global), REF_I31, STRUCT_NEW, STRUCT_NEW_DEFAULT, ARRAY_NEW_FIXED;
// immediates as for instructions.
typedef struct IrConstant {
  IrOpcode opcode;
  union {
    struct {
      uint32_t a, b;
    };
    uint64_t bits;
  };
  uint32_t operand_count;
  IrConstantId *operands;
} IrConstant;

typedef struct IrGlobal {
  Name name;
  IrType type;
  bool mutable_;
  IrConstantId init;
  Str import_module, import_name; // imported when the module is not empty; then there is no init
} IrGlobal;

// A table of functions filled once, from index 0 (dispatch rows). Entry 0 stands for a null.
typedef struct IrTable {
  Name name;
  VECTOR(IrFunctionId) entries;
} IrTable;

typedef struct IrData {
  Name name;
  Str bytes;
  bool active;     // copied into memory at `offset` on instantiation; else passive, for array.new_data
  uint32_t offset; // bytes
} IrData;

typedef enum { IR_EXPORT_FUNCTION, IR_EXPORT_GLOBAL, IR_EXPORT_MEMORY } IrExportKind;

typedef struct IrExport {
  IrExportKind kind;
  uint32_t id; // function or global
  Str name;
} IrExport;

typedef struct IrModule {
  Arena arena; // everything below; dropped by ir_module_free
  Context *context;
  VECTOR(IrHeapType) heap_types; // by IrHeapId
  HashIndex function_types;      // index of the interned ones
  VECTOR(IrFunction) functions;  // by IrFunctionId
  VECTOR(IrConstant) constants;
  VECTOR(IrGlobal) globals;
  VECTOR(IrTable) tables;
  VECTOR(IrData) data;
  VECTOR(IrExport) exports;
  bool keeps_sites;     // inlining records the calls that it replaces; else all sites are 0
  VECTOR(IrSite) sites; // by IrSiteId, 0 unused
  bool has_memory;
  uint32_t memory_min, memory_max; // pages of 64 KiB; max 0: none given
} IrModule;

void ir_module_init(IrModule *module, Context *context);
void ir_module_free(IrModule *module);

// Heap types. A type that takes part in a cycle is declared first and defined later; until defined it may
// only be referred to. Arrays given are copied.
IrHeapId ir_heap_declare(IrModule *module, Name name);
void ir_struct_define(IrModule *module, IrHeapId heap, IrHeapId super, bool open, const IrField *fields,
                      uint32_t count);
void ir_array_define(IrModule *module, IrHeapId heap, IrField element);
void ir_function_type_define(IrModule *module, IrHeapId heap, const IrType *params, uint32_t param_count,
                             const IrType *results, uint32_t result_count);
// The one function type of this signature; equal signatures give the same id (declared types excluded).
IrHeapId ir_function_type(IrModule *module, const IrType *params, uint32_t param_count, const IrType *results,
                          uint32_t result_count);
static inline const IrHeapType *ir_heap(const IrModule *module, IrHeapId heap) {
  return &module->heap_types.items[heap];
}
bool ir_heap_is_subtype(const IrModule *module, IrHeapId sub, IrHeapId super);
bool ir_is_subtype(const IrModule *module, IrType sub, IrType super);

// Functions may be called before they have a body. An imported function never gets one.
IrFunctionId ir_function_new(IrModule *module, Name name, IrHeapId type, IrOrigin origin);
IrFunctionId ir_function_import(IrModule *module, Name name, IrHeapId type, Str from, Str base);
static inline IrFunction *ir_function(const IrModule *module, IrFunctionId id) {
  return &module->functions.items[id];
}
static inline bool ir_function_is_import(const IrFunction *function) {
  return function->import_module.length > 0;
}
// A second function with the same body and name. Both are independent from then on.
IrFunctionId ir_function_clone(IrModule *module, IrFunctionId id);
// A function that nothing refers to any more keeps its id and loses its body; it is not emitted.
void ir_function_drop(IrModule *module, IrFunctionId id);
static inline bool ir_function_is_dropped(const IrFunction *function) {
  return function->blocks.count == 0 && !ir_function_is_import(function);
}

IrGlobalId ir_global_new(IrModule *module, Name name, IrType type, bool mutable_, IrConstantId init);
IrGlobalId ir_global_import(IrModule *module, Name name, IrType type, bool mutable_, Str from, Str base);
IrConstantId ir_constant_bits(IrModule *module, IrOpcode opcode, uint64_t bits);
// a, b: immediates of the opcode; operands as the instruction's.
IrConstantId ir_constant(IrModule *module, IrOpcode opcode, uint32_t a, uint32_t b,
                         const IrConstantId *operands, uint32_t count);
// Zero, or null for a nullable reference: the initial value of a global that is written before it is read.
IrConstantId ir_constant_zero(IrModule *module, IrType type);
IrType ir_constant_type(const IrModule *module, IrConstantId constant);

IrTableId ir_table_new(IrModule *module, Name name);
// Appends a row entry (0 for null) and gives its index.
uint32_t ir_table_add(IrModule *module, IrTableId table, IrFunctionId function);
IrDataId ir_data_new(IrModule *module, Name name, Str bytes);                     // passive
IrDataId ir_data_active(IrModule *module, Name name, Str bytes, uint32_t offset); // needs the memory
void ir_memory(IrModule *module, uint32_t min_pages, uint32_t max_pages);
void ir_export(IrModule *module, IrExportKind kind, uint32_t id, Str name);

// --------------------------------------------------------------------------------------------- the builder
//
// Builds the body of one function. SSA form is made on the fly (Braun et al. 2013, "Simple and Efficient
// Construction of Static Single Assignment Form"): source variables are IrVars, written and read freely;
// block parameters appear where needed.
//
//   IrBuilder b;
//   ir_build(&b, module, function);              // in the entry block, sealed
//   IrVar i = ir_var_new(&b, IR_I32);
//   ir_var_write(&b, i, ir_i32(&b, 0));
//   IrBlockId head = ir_block_new(&b), body = ir_block_new(&b), done = ir_block_new(&b);
//   ir_br(&b, head);
//   ir_enter(&b, head);                          // not sealed: the back edge is still to come
//   ir_br_if(&b, ir_binary(&b, IR_I32_LT_S, ir_var_read(&b, i), ir_param(&b, 0)), body, done);
//   ir_seal(&b, body); ir_enter(&b, body);
//   ir_var_write(&b, i, ir_binary(&b, IR_I32_ADD, ir_var_read(&b, i), ir_i32(&b, 1)));
//   ir_br(&b, head);
//   ir_seal(&b, head); ir_seal(&b, done); ir_enter(&b, done);
//   ir_return(&b, (IrValue[]){ir_var_read(&b, i)}, 1);
//   ir_build_end(&b);
//
// What follows a terminator goes to a fresh block that nothing reaches, so that code after `return` needs no
// special case; `ir_is_dead` says so.

typedef uint32_t IrVar;

// A parameter that stands for a variable: in a block not sealed yet, or known to be complete.
typedef struct IrVarParam {
  IrBlockId block;
  IrVar var;
  uint32_t index; // of the parameter in its block
} IrVarParam;

typedef struct IrBuilder {
  IrModule *module;
  IrFunctionId function_id;
  IrBlockId block;               // 0 after a terminator, until the next instruction
  IrInstOrigin origin;           // given to each new instruction; set it while walking the tree
  VECTOR(IrType) vars;           // by IrVar
  IdMap definitions;             // (block, var) -> value
  VECTOR(IrVarParam) incomplete; // parameters of blocks that are not sealed yet
} IrBuilder;

// Starts a body: makes the entry block with the function's parameters.
void ir_build(IrBuilder *builder, IrModule *module, IrFunctionId function);
// Finishes it: every block must be sealed; removes unreachable blocks and trivial parameters.
void ir_build_end(IrBuilder *builder);
static inline IrFunction *ir_built(const IrBuilder *builder) {
  return ir_function(builder->module, builder->function_id);
}

IrBlockId ir_block_new(IrBuilder *builder);
// A parameter of one's own making; every edge to the block must then give its arguments (ir_br_args).
IrValue ir_block_param(IrBuilder *builder, IrBlockId block, IrType type);
// The instructions that follow go to the end of `block`, which has no terminator yet.
void ir_enter(IrBuilder *builder, IrBlockId block);
// Says that no further edge to `block` will come.
void ir_seal(IrBuilder *builder, IrBlockId block);
// True when nothing can reach the current block (it is sealed and has no predecessor).
bool ir_is_dead(const IrBuilder *builder);

IrValue ir_param(const IrBuilder *builder, uint32_t index); // of the function, from 0
IrType ir_value_type(const IrBuilder *builder, IrValue value);

IrVar ir_var_new(IrBuilder *builder, IrType type);
void ir_var_write(IrBuilder *builder, IrVar var, IrValue value);
// The value of a variable here. On a path without a write it is `undef`: zero or null; where the type has no
// null nothing may look at it.
IrValue ir_var_read(IrBuilder *builder, IrVar var);

// Terminators. They end the current block.
void ir_br(IrBuilder *builder, IrBlockId target);
void ir_br_args(IrBuilder *builder, IrBlockId target, const IrValue *args, uint32_t count);
void ir_br_if(IrBuilder *builder, IrValue condition, IrBlockId taken, IrBlockId otherwise);
// index 0 .. count-1 (unsigned) go to cases[index], everything else to `fallback`.
void ir_switch(IrBuilder *builder, IrValue index, const IrBlockId *cases, uint32_t count, IrBlockId fallback);
void ir_return(IrBuilder *builder, const IrValue *values, uint32_t count);
void ir_tail_call(IrBuilder *builder, IrFunctionId callee, const IrValue *args, uint32_t count);
void ir_tail_call_ref(IrBuilder *builder, IrHeapId type, const IrValue *args, uint32_t count, IrValue callee);
void ir_tail_call_indirect(IrBuilder *builder, IrTableId table, IrHeapId type, const IrValue *args,
                           uint32_t count, IrValue index);
void ir_trap(IrBuilder *builder); // unreachable

// Instructions. Each gives its (first) result, 0 without one; several results have consecutive ids.
IrValue ir_i32(IrBuilder *builder, int32_t value);
IrValue ir_i64(IrBuilder *builder, int64_t value);
IrValue ir_f32(IrBuilder *builder, float value);
IrValue ir_f64(IrBuilder *builder, double value);
IrValue ir_bits(IrBuilder *builder, IrOpcode opcode, uint64_t bits); // a constant by its bits
IrValue ir_zero(IrBuilder *builder, IrType type); // zero or null; undef for non-null references
IrValue ir_unary(IrBuilder *builder, IrOpcode opcode, IrValue operand);
IrValue ir_binary(IrBuilder *builder, IrOpcode opcode, IrValue left, IrValue right);
IrValue ir_select(IrBuilder *builder, IrType type, IrValue condition, IrValue if_true, IrValue if_false);

IrValue ir_call(IrBuilder *builder, IrFunctionId callee, const IrValue *args, uint32_t count);
IrValue ir_call_ref(IrBuilder *builder, IrHeapId type, const IrValue *args, uint32_t count, IrValue callee);
IrValue ir_call_indirect(IrBuilder *builder, IrTableId table, IrHeapId type, const IrValue *args,
                         uint32_t count, IrValue index);

IrValue ir_global_get(IrBuilder *builder, IrGlobalId global);
void ir_global_set(IrBuilder *builder, IrGlobalId global, IrValue value);

IrValue ir_struct_new(IrBuilder *builder, IrHeapId heap, const IrValue *fields, uint32_t count);
IrValue ir_struct_new_default(IrBuilder *builder, IrHeapId heap);
// Packed fields read zero-extended; use ir_struct_get_signed for sign extension. A null object traps.
IrValue ir_struct_get(IrBuilder *builder, IrHeapId heap, uint32_t field, IrValue object);
IrValue ir_struct_get_signed(IrBuilder *builder, IrHeapId heap, uint32_t field, IrValue object);
void ir_struct_set(IrBuilder *builder, IrHeapId heap, uint32_t field, IrValue object, IrValue value);

IrValue ir_array_new(IrBuilder *builder, IrHeapId heap, IrValue fill, IrValue length);
IrValue ir_array_new_default(IrBuilder *builder, IrHeapId heap, IrValue length);
// At most LIMIT_ENGINE_ARRAY_OPERANDS elements: above, emission allocates and stores one by one.
IrValue ir_array_new_fixed(IrBuilder *builder, IrHeapId heap, const IrValue *elements, uint32_t count);
IrValue ir_array_new_data(IrBuilder *builder, IrHeapId heap, IrDataId data, IrValue offset, IrValue length);
IrValue ir_array_get(IrBuilder *builder, IrHeapId heap, IrValue array,
                     IrValue index); // packed: zero-extended
IrValue ir_array_get_signed(IrBuilder *builder, IrHeapId heap, IrValue array, IrValue index);
void ir_array_set(IrBuilder *builder, IrHeapId heap, IrValue array, IrValue index, IrValue value);
IrValue ir_array_len(IrBuilder *builder, IrValue array);
void ir_array_copy(IrBuilder *builder, IrHeapId to_heap, IrHeapId from_heap, IrValue to, IrValue to_index,
                   IrValue from, IrValue from_index, IrValue length);
void ir_array_fill(IrBuilder *builder, IrHeapId heap, IrValue array, IrValue index, IrValue value,
                   IrValue length);

IrValue ir_null(IrBuilder *builder, IrType type);                     // type: nullable reference
IrValue ir_ref_func(IrBuilder *builder, IrFunctionId function);       // type: ir_ref(function's type)
IrValue ir_is_null(IrBuilder *builder, IrValue reference);            // i32
IrValue ir_non_null(IrBuilder *builder, IrValue reference);           // traps on null
IrValue ir_ref_eq(IrBuilder *builder, IrValue left, IrValue right);   // i32
IrValue ir_ref_test(IrBuilder *builder, IrType type, IrValue value);  // i32
IrValue ir_ref_cast(IrBuilder *builder, IrType type, IrValue value);  // traps when it does not fit
IrValue ir_ref_i31(IrBuilder *builder, IrValue value);                // ref i31 of the low 31 bits
IrValue ir_i31_get(IrBuilder *builder, IrValue reference, bool sign); // traps on null
IrValue ir_extern_to_any(IrBuilder *builder, IrValue reference);
IrValue ir_any_to_extern(IrBuilder *builder, IrValue reference);

// opcode: one of the *_LOAD* and *_STORE* opcodes; offset: bytes added to the address, without wrapping.
IrValue ir_load(IrBuilder *builder, IrOpcode opcode, IrValue address, uint32_t offset);
void ir_store(IrBuilder *builder, IrOpcode opcode, IrValue address, uint32_t offset, IrValue value);
IrValue ir_memory_size(IrBuilder *builder);                // pages
IrValue ir_memory_grow(IrBuilder *builder, IrValue pages); // old size or -1
void ir_memory_copy(IrBuilder *builder, IrValue to, IrValue from, IrValue length);
void ir_memory_fill(IrBuilder *builder, IrValue to, IrValue byte, IrValue length);

// ------------------------------------------------------------------------------------ reading and rewriting

// What opcodes.def says of an opcode. Operand and result types of numeric opcodes; IR_VOID otherwise.
typedef struct IrOpcodeInfo {
  const char *text;
  IrType result, left, right;
  uint32_t effects; // IrEffects
  bool numeric;
  IrImmediate a, b;
} IrOpcodeInfo;
const IrOpcodeInfo *ir_opcode_info(IrOpcode opcode);
// Effects of this very instruction: reading an immutable field of an object that cannot be null is pure, for
// example.
uint32_t ir_inst_effects(const IrModule *module, const IrFunction *function, const IrInst *inst);
bool ir_effects_conflict(uint32_t first, uint32_t second);

// The types an instruction asks for and gives, by its immediates, which must be valid. An expected operand of
// IR_VOID means any reference. Result types that follow those of operands (ref.as_non_null, conversions) need
// the operands' types to be known.
uint32_t ir_expected_operands(const IrModule *module, const IrFunction *function, const IrInst *inst);
IrType ir_expected_operand(const IrModule *module, const IrFunction *function, const IrInst *inst,
                           uint32_t index);
uint32_t ir_expected_results(const IrModule *module, const IrInst *inst);
IrType ir_expected_result(const IrModule *module, const IrFunction *function, const IrInst *inst,
                          uint32_t index);

static inline IrInst *ir_inst(const IrFunction *function, IrInstId id) {
  return &function->insts.items[id];
}
static inline IrValue *ir_operands(const IrFunction *function, const IrInst *inst) {
  return inst->operand_count == 0 ? NULL : function->operands.items + inst->operands;
}
static inline IrBlock *ir_block(const IrFunction *function, IrBlockId id) {
  return &function->blocks.items[id];
}
static inline IrInst *ir_terminator(const IrFunction *function, IrBlockId block) {
  return ir_inst(function, ir_block(function, block)->terminator);
}
static inline IrType ir_type_of(const IrFunction *function, IrValue value) {
  return function->values.items[value].type;
}

// Uses of `old` mean `replacement` from now on; takes effect in operands with the next ir_cleanup.
void ir_replace(IrFunction *function, IrValue old, IrValue replacement);
// The value a (possibly replaced) value stands for.
IrValue ir_resolve(IrFunction *function, IrValue value);
// After rewriting: applies replacements, drops unreachable blocks, parameters whose arguments are all one
// value or themselves, and instructions without uses or effects; joins blocks that can only follow each
// other; renumbers nothing; rebuilds predecessor lists.
void ir_cleanup(IrModule *module, IrFunctionId function);

// Puts an instruction with one result before place `at` of a block; gives its result.
IrValue ir_insert(IrModule *module, IrFunctionId function, IrBlockId block, uint32_t at, IrInst inst,
                  const IrValue *operands, uint32_t count, IrType type);
// An empty block, to be ended; a parameter, whose arguments are still to be given.
IrBlockId ir_add_block(IrModule *module, IrFunctionId function);
IrValue ir_add_param(IrModule *module, IrFunctionId function, IrBlockId block, IrType type);
// Ends a block, whatever it ended with before, by a terminator without operands along `edge` (or NULL).
void ir_end_with(IrModule *module, IrFunctionId function, IrBlockId block, IrOpcode opcode,
                 const IrEdge *edge, IrInstOrigin origin);

// Repair of SSA form where rewriting gave one value several definitions: a variable per such value, its
// definitions first (the value it has at the end of a block), then reads, which make block parameters where
// paths meet. The graph must not change in between; what is read must be defined on every path.
typedef VECTOR(IrBlockId) IrPreds;
typedef struct IrRepair {
  IrModule *module;
  IrFunctionId function_id;
  Arena *scratch;
  IrPreds *preds;          // by block, each predecessor once
  VECTOR(IrType) types;    // by variable
  IdMap at_end, at_start;  // (block, variable) -> value
  VECTOR(IrVarParam) work; // parameters without arguments
} IrRepair;
void ir_repair_begin(IrRepair *repair, IrModule *module, IrFunctionId function, Arena *scratch);
IrVar ir_repair_var(IrRepair *repair, IrType type);
void ir_repair_define(IrRepair *repair, IrVar var, IrBlockId block, IrValue value);
// The value of a variable at the start of a block.
IrValue ir_repair_read(IrRepair *repair, IrVar var, IrBlockId block);

// The shape of a function's graph. Arrays indexed by IrBlockId, in `arena`.
typedef struct IrFlow {
  IrBlockId *order; // reverse postorder of the reachable blocks, order[0] is the entry
  uint32_t count;
  uint32_t *number;     // position in `order`, or UINT32_MAX for unreachable blocks
  IrBlockId *idom;      // immediate dominator; 0 for the entry
  bool *loop_header;    // target of a back edge (its target dominates its source)
  uint32_t *tree_enter; // preorder interval in the dominator tree: for ir_dominates
  uint32_t *tree_leave;
  bool reducible;
} IrFlow;
IrFlow ir_flow(Arena *arena, const IrFunction *function);
static inline bool ir_dominates(const IrFlow *flow, IrBlockId above, IrBlockId below) {
  return flow->tree_enter[above] <= flow->tree_enter[below] &&
         flow->tree_leave[below] <= flow->tree_leave[above];
}

// --------------------------------------------------------------------------------------- text and checking

// Checks every invariant of this header. On a fault gives false and appends one line per fault to `out` (at
// most 20).
bool ir_verify(IrModule *module, Text *out);

typedef struct IrPrintOptions {
  bool origins; // positions and sites behind each instruction
} IrPrintOptions;
// The text form (docs/ir.md). Printing what was parsed from printed text gives the same text.
void ir_print(const IrModule *module, IrPrintOptions options, Text *out);
void ir_print_function(const IrModule *module, IrFunctionId function, IrPrintOptions options, Text *out);
// Fills an initialised, empty module. On a syntax fault gives false and the fault (line:column: message) in
// `error`. The result is well-formed text, not necessarily a valid module: see ir_verify.
bool ir_parse(IrModule *module, Str text, Text *error);

#endif
