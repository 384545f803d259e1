// What the two files of the boundary share: which types cross (boundary.c), and their bytes (wire.c).
#ifndef VOYD_LOWER_BOUNDARY_H
#define VOYD_LOWER_BOUNDARY_H

#include "lower/lowering.h"

// boundary.c
bool boundary_is_string(const Lowering *lowering, TypeId type);
bool boundary_is_array(const Lowering *lowering, TypeId type);
bool boundary_is_bytes(const Lowering *lowering, TypeId type);
// A variant of an enum: it crosses with its name also where it is no member of a union (06 §15).
bool boundary_is_variant(const Lowering *lowering, TypeId type);
// Can a value of this type hold another of the type?
bool boundary_is_recursive(Lowering *lowering, TypeId type);
TypeId boundary_argument(const Lowering *lowering, TypeId type); // the first
const TypeField *boundary_fields(Lowering *lowering, TypeId type, uint32_t *count);
// The value of a field that may be absent (`name?: T`), which crosses without a wrapper; else TYPE_NONE.
TypeId boundary_absent_payload(const Lowering *lowering, TypeField field);

// wire.c
void wire_prepare(Lowering *lowering); // makes memory and cursor, once
// A function that nobody wrote, and its builder.
IrFunctionId wire_function(Lowering *lowering, IrBuilder *ir, Name name, const IrType *params,
                           uint32_t param_count, const IrType *results, uint32_t result_count);
// At the cursor, which moves on.
void wire_write(Body *body, Value value, TypeId type);
Value wire_read(Body *body, TypeId type);

#endif
