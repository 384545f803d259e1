// The operator table of spec 01 §8.1 as data, for the reader, the printer and whoever asks whether a name is
// an operator.
#ifndef VOYD_SYNTAX_OPERATORS_H
#define VOYD_SYNTAX_OPERATORS_H

#include "syntax/forms.h"

// Binding strength; an operand parsed "at level n" holds only infix operators of level n and above.
typedef enum OperatorLevel {
  LEVEL_NONE,
  LEVEL_ASSIGN,   // = := : ?:  and prefix #
  LEVEL_LOGIC,    // and or xor
  LEVEL_RELATION, // is as in …
  LEVEL_COMPARE,  // == < .. ?? …
  LEVEL_ADD,
  LEVEL_MULTIPLY,
  LEVEL_PIPE,
  LEVEL_ARROW, // -> => and prefix ...
  LEVEL_UNION,
  LEVEL_UNARY,
  LEVEL_MEMBER, // . ?. and the postfix call and subscript
  LEVEL_PATH,
  LEVEL_ATOM,
} OperatorLevel;

enum {
  OPERATOR_TAKES_LINE = 1 << 0,  // its right operand is the whole rest of the line (01 §7.1 rule 4)
  OPERATOR_TAKES_BLOCK = 1 << 1, // a deeper line after it is a block, not an operand (01 §7.1 rule 2a)
};

typedef enum Operator {
  OP_NONE,
#define OPERATOR(id, infix, prefix, flags) OP_##id,
#include "syntax/operators.def"
#undef OPERATOR
  OP_COUNT
} Operator;

typedef struct OperatorInfo {
  Name name;
  uint8_t infix;
  uint8_t prefix;
  uint8_t flags;
} OperatorInfo;

extern const OperatorInfo OPERATORS[OP_COUNT];
// By well-known name.
extern const uint8_t OPERATOR_OF_NAME[NAME_WELL_KNOWN_COUNT];

static inline Operator operator_of_name(Name name) {
  return name < NAME_WELL_KNOWN_COUNT ? (Operator)OPERATOR_OF_NAME[name] : OP_NONE;
}
// The operator that an identifier form stands for; OP_NONE for quoted spellings (01 §3.1) and everything
// else.
static inline Operator operator_of_form(const Form *form) {
  return form->kind == FORM_IDENTIFIER && (form->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) == 0
             ? operator_of_name(form->value)
             : OP_NONE;
}
static inline bool operator_is_infix(Operator op) {
  return OPERATORS[op].infix != LEVEL_NONE;
}
static inline bool operator_is_prefix(Operator op) {
  return OPERATORS[op].prefix != LEVEL_NONE;
}
static inline bool operator_is_range(Operator op) {
  return op == OP_RANGE || op == OP_RANGE_INCLUSIVE || op == OP_RANGE_EXCLUSIVE;
}

#endif
