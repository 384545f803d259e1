// The table of limits as constants: LIMIT_NESTING, …
#ifndef VOYD_BASE_LIMITS_H
#define VOYD_BASE_LIMITS_H

enum {
#define LIMIT(id, value, what) LIMIT_##id = (value),
#include "base/limits.def"
#undef LIMIT
};

#endif
