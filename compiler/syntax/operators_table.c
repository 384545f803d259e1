// The operator tables of syntax/operators.h, made from operators.def.
#include "syntax/operators.h"

const OperatorInfo OPERATORS[OP_COUNT] = {
#define OPERATOR(id, infix, prefix, flags) [OP_##id] = {NAME_##id, infix, prefix, flags},
#include "syntax/operators.def"
#undef OPERATOR
};

const uint8_t OPERATOR_OF_NAME[NAME_WELL_KNOWN_COUNT] = {
#define OPERATOR(id, infix, prefix, flags) [NAME_##id] = OP_##id,
#include "syntax/operators.def"
#undef OPERATOR
};
