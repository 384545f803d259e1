// What the files of wasm/ share: the emission of a module, and of one function.
#ifndef VOYD_WASM_INTERNAL_H
#define VOYD_WASM_INTERNAL_H

#include "base/module_bytes.h"
#include "wasm/binaryen_shim.h"
#include "wasm/wasm.h"

// How one function's values become expression trees and locals (plan.c).
typedef struct FunctionPlan {
  IrFlow flow;
  // By value. A value is either `again` (constants: emitted anew at each use), `folded` (part of the tree of
  // its only use), or lives in a local (or nowhere, when unused).
  uint8_t *placement;
  uint32_t *local;
  uint32_t *uses;
  // By block: the instructions that are statements, in order of evaluation.
  VECTOR(IrInstId) * statements;
  VECTOR(IrType) locals; // types by index, parameters first
  uint32_t param_count;
} FunctionPlan;

enum { PLACE_LOCAL, PLACE_FOLDED, PLACE_AGAIN };

typedef struct LocalSwap {
  uint32_t local, saved;
} LocalSwap;

// An emitted expression and where it comes from; collected only when positions are wanted.
typedef struct OriginNote {
  BinaryenExpressionRef expression;
  IrInstOrigin origin;
} OriginNote;

typedef struct Emitter {
  IrModule *module;
  const WasmOptions *options;
  BinaryenModuleRef target;
  Arena scratch;                // of the whole emission
  BinaryenHeapType *heap_types; // by IrHeapId
  // The function being emitted.
  Arena body;
  ArenaMark body_start;
  IrFunctionId function_id;
  IrFunction *function;
  FunctionPlan plan;
  VECTOR(BinaryenType) vars;     // locals beyond the parameters: the plan's, then temporaries
  VECTOR(uint32_t) tuple_locals; // locals of tuple types, by first use
  VECTOR(LocalSwap) swaps;       // locals whose old value is in another one, during a parallel move
  VECTOR(OriginNote) origins;    // of an expression noted twice the first counts
  IrInstOrigin at;               // of the statement or terminator being emitted
  bool limit_hit;                // a function exceeds a limit of the engine; the diagnostic is out
} Emitter;

typedef VECTOR(BinaryenExpressionRef) Expressions;

// types.c
bool emit_types(Emitter *emitter);
BinaryenType emit_type(const Emitter *emitter, IrType type);
BinaryenType emit_tuple_type(Emitter *emitter, const IrType *types, uint32_t count);

// plan.c
void plan_function(Emitter *emitter);

// locals.c
void assign_locals(Emitter *emitter);

// expression.c
typedef struct NameBuffer {
  char text[12];
} NameBuffer;
NameBuffer number_name(uint32_t id);
BinaryenExpressionRef emit_constant(Emitter *emitter, IrConstantId constant);
BinaryenExpressionRef emit_value(Emitter *emitter, IrValue value);
BinaryenExpressionRef *emit_operands(Emitter *emitter, const IrInst *inst);
void emit_statement(Emitter *emitter, IrInstId inst, Expressions *out);
BinaryenExpressionRef emit_tail_call(Emitter *emitter, const IrInst *inst);
uint32_t new_local(Emitter *emitter, BinaryenType type);
// Remembers the origin of an expression if positions are wanted; gives the expression.
BinaryenExpressionRef note_origin(Emitter *emitter, IrInstOrigin origin, BinaryenExpressionRef expression);
// Appends; an expression without an origin of its own has that of the statement.
void push_expression(Emitter *emitter, Expressions *list, BinaryenExpressionRef expression);

// control.c
BinaryenExpressionRef emit_body(Emitter *emitter);

// moves.c
void emit_moves(Emitter *emitter, const IrEdge *edge, Expressions *out);

typedef VECTOR(uint8_t) ByteVector;

// positions.c
// `map`: Binaryen's source map; the code that it means stands `moved` bytes further on in `bytes`. False if
// it cannot be read.
bool add_runtime_diagnostics(Emitter *emitter, Str map, uint32_t moved, ByteVector *bytes);

// sections.c
void add_custom_section(Arena *arena, ByteVector *bytes, Str name, const uint8_t *contents, uint32_t size);
// The module that Binaryen wrote, with the names of its exports. False if it cannot be read.
bool name_exports(Emitter *emitter, Str module, ByteVector *bytes);
void add_name_section(Emitter *emitter, ByteVector *bytes);
IrFunctionId function_of_name(const Emitter *emitter, const char *name);

#endif
