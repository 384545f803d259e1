// Which objects a reference can be: a flow analysis over the whole module.
//
// An object is known by its kind: its heap type and what its first field holds if that is immutable, which is
// the class id of an object of the language and the code of a closure. Every value, field, element, global
// and result of a reference type has the set of kinds that can flow there, found by following all moves until
// nothing changes (Lhoták and Hendren 2003 call it a subset-based, field-based analysis; Binaryen's GUFA does
// the same without class ids). What the host can hand in is any object. The module is closed: the host cannot
// look into objects.
#ifndef VOYD_PASSES_OBJECTS_H
#define VOYD_PASSES_OBJECTS_H

#include "ir/ir.h"

typedef enum { OBJECT_TAG_NONE, OBJECT_TAG_I32, OBJECT_TAG_CODE } ObjectTag;

typedef struct ObjectKind {
  IrHeapId heap; // a struct, array or function type; 0: a small integer (i31)
  ObjectTag tag; // what `value` is: nothing known, the integer or the function in the first field
  uint32_t value;
} ObjectKind;

enum { OBJECT_KINDS_MAX = 6 }; // beyond that a set holds any object

typedef struct ObjectSet {
  uint32_t kinds[OBJECT_KINDS_MAX]; // ascending indices of kinds; a function is its own kind
  uint8_t count;
  bool any;  // every object; then nothing is listed
  bool null; // null too
} ObjectSet;

typedef struct Objects Objects;

// The facts about a module whose replacements are all applied (ir_cleanup); in `arena`, for as long as the
// module stays as it is.
Objects *objects_find(const IrModule *module, Arena *arena);
// What a value of a reference type can be. Nothing at all: no object ever gets there.
const ObjectSet *objects_of(const Objects *objects, IrFunctionId function, IrValue value);
ObjectKind objects_kind(const Objects *objects, uint32_t kind);

// What the first field of each object of the set holds, if that is known and the same for all.
bool objects_common_tag(const Objects *objects, const ObjectSet *set, ObjectKind *common);

// A value assumed to be one of a set: an argument in place of a parameter. `value` 0: nothing is assumed.
typedef struct ObjectAssumption {
  IrValue value;
  const ObjectSet *set;
} ObjectAssumption;
// The result of an i32 made of constants and tests of one reference (its first field, type, null), if it is
// the same for all objects that the reference can be.
bool objects_decide(const Objects *objects, IrFunctionId function, IrValue condition,
                    ObjectAssumption assumed, uint32_t *result);
// The reference that such an i32 tests; 0: it is no such test.
IrValue objects_tested(const Objects *objects, IrFunctionId function, IrValue condition);

#endif
