// What printer and parser of the text form agree on. The form itself is described in docs/ir.md.
#ifndef VOYD_IR_TEXT_H
#define VOYD_IR_TEXT_H

#include "ir/ir.h"

// Words of the kinds of value types; NULL for IR_KIND_REF.
extern const char *const ir_text_kinds[IR_KIND_REF + 1];

// Characters a name needs no quotes for.
static inline bool ir_text_is_name_char(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '~' || c == '/';
}

// Result types that follow operands, which may be defined further down in the text, are written out.
static inline bool ir_text_needs_type(uint32_t opcode) {
  return opcode == IR_REF_AS_NON_NULL || opcode == IR_ANY_CONVERT_EXTERN || opcode == IR_EXTERN_CONVERT_ANY;
}

#endif
