// Owns conversions between the representations of two types: the coercions of 04 §13.2 and their inverses,
// which narrowed reads and in-out write-backs need.
#include "lower/lowering.h"

#include "base/failure.h"

bool convert_is_free(Lowering *lowering, TypeId from, TypeId to) {
  if (from == to) {
    return true;
  }
  const Layout *source = layout_of(lowering, from), *target = layout_of(lowering, to);
  if (source->lane_count != target->lane_count) {
    return false;
  }
  for (uint32_t i = 0; i < source->lane_count; i++) {
    if (source->lanes[i] != target->lanes[i]) {
      return false;
    }
  }
  return true;
}

// Is the class of `type` that of `base` or below it?
static bool derives(Lowering *lowering, ClassId class, ClassId base) {
  while (class != 0 && class != base) {
    class = lowering->classes.items[class].base;
  }
  return class != 0;
}

Value convert(Body *body, Value value, TypeId from, TypeId to) {
  if (convert_is_free(body->lowering, from, to)) {
    return value;
  }
  const Layout *source = layout_of(body->lowering, from), *target = layout_of(body->lowering, to);
  ENSURE(source->kind == LAYOUT_OBJECT && target->kind == LAYOUT_OBJECT);
  if (derives(body->lowering, source->class, target->class)) {
    return value;
  }
  // Back to a narrower slot: a trap if the object does not fit (07 §1.3).
  return value_of(body, ir_ref_cast(&body->ir, target->lanes[0], value.lanes[0]));
}
