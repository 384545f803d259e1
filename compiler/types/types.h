// The type table: hash-consed types of the whole compilation, their relations and how they print.
//
// Equal types have equal ids (spec 04 §2), so equality is `==`; only recursive alias instances are compared
// coinductively. A type never names an instance or a node. Canonical order of union members is by (declaring
// module, declaration position, arguments), never by id, since ids depend on what was loaded first.
#ifndef VOYD_TYPES_TYPES_H
#define VOYD_TYPES_TYPES_H

#include "names/names.h"

typedef uint32_t TypeId;
typedef uint32_t RowId;

// Fixed ids.
enum {
  TYPE_NONE,    // no type given
  TYPE_UNKNOWN, // placeholder after an error or during inference; compatible with everything then
  TYPE_I32,
  TYPE_I64,
  TYPE_F32,
  TYPE_F64,
  TYPE_BOOL,
  TYPE_VOID,
  TYPE_U8,     // `__u8`, only as element of FixedArray and only in std: packed bytes, read and written as i32
  TYPE_OBJECT, // the built-in nominal `Object`
  TYPE_FIRST_FREE
};

typedef enum TypeKind {
  KIND_NONE,
  KIND_UNKNOWN,
  KIND_PRIMITIVE,
  KIND_OBJECT,       // the built-in `Object`
  KIND_NOMINAL,      // obj or val: symbol, arguments
  KIND_TRAIT,        // symbol, arguments
  KIND_RECORD,       // fields sorted by name; a tuple is a record with fields 0..n-1
  KIND_FUNCTION,     // parameters, result, row
  KIND_UNION,        // members in canonical order
  KIND_INTERSECTION, // nominal (or TYPE_NONE), record (or TYPE_NONE), traits
  KIND_FIXED_ARRAY,  // element
  KIND_PARAMETER,    // a type parameter as itself, in symbolic checks
  KIND_RECURSIVE,    // a recursive alias instance: symbol, arguments; `types_unfold` gives its body
  KIND_BORROW,       // inner
} TypeKind;

typedef struct TypeField {
  Name name;
  TypeId type; // of an optional field: Optional<T>
  bool optional;
} TypeField;

enum {
  SLOT_MUTABLE = 1 << 0,   // `~`
  SLOT_OPTIONAL = 1 << 1,  // `?:`, the type is Optional<T>
  SLOT_DEFAULTED = 1 << 2, // has a default value
};

typedef struct TypeSlot { // a parameter of a function type
  TypeId type;
  Name label; // display and call matching; not part of identity (04 §4.4)
  uint32_t flags;
} TypeSlot;

typedef struct Type {
  uint8_t kind;
  bool symbolic;   // mentions a type parameter
  bool unknown;    // mentions TYPE_UNKNOWN
  bool recursive;  // mentions a KIND_RECURSIVE
  uint32_t depth;  // nesting
  uint32_t symbol; // nominal, trait, recursive: SymbolId; parameter: index in AstTable.type_parameters
  uint32_t first;  // run in `ids` (arguments, members, traits), `fields` (record) or `slots` (function)
  uint32_t count;
  TypeId a, b; // function: result; fixed array, borrow: inner; intersection: nominal, record
  RowId row;   // function
} Type;

// Effect rows: a sorted set of performed operations (or whole effects) and whether unknown ones may join (06
// §4).
enum { ROW_PURE, ROW_OPEN, ROW_FIRST_FREE };

typedef struct RowEntry {
  SymbolId operation; // SYMBOL_OPERATION
  TypeId arguments;   // the effect's type arguments as a tuple type, TYPE_NONE without
} RowEntry;

typedef struct Row {
  uint32_t first, count; // in `row_entries`
  bool open;
} Row;

// Two types taken to be related while it is found out whether they are.
typedef struct TypePair {
  TypeId actual, expected;
  bool covariant;
} TypePair;

// Whether a type satisfies a trait, while that is found out.
typedef struct TraitQuery {
  TypeId type, trait;
} TraitQuery;

typedef struct TypeTable {
  Context *context;
  NameTables *names;
  Arena arena;
  VECTOR(Type) types;
  VECTOR(TypeId) ids;
  VECTOR(TypeField) fields;
  VECTOR(TypeSlot) slots;
  VECTOR(Row) rows;
  VECTOR(RowEntry) row_entries;
  HashIndex index;
  HashIndex row_index;
  IdMap unfolded;      // KIND_RECURSIVE id -> body
  IdMap own_recursive; // alias -> its KIND_RECURSIVE applied to its own parameters
  IdMap union_names;   // union -> a KIND_RECURSIVE that says which alias declares it, for messages
  SymbolId endless;    // an alias whose expansion was found not to close (04 §11), 0 without
  IdMap record_parts;  // nominal id -> its fields as a record type
  bool relaxed;        // comparisons treat TYPE_UNKNOWN as fitting everything (05 §5.2.2)
  uint64_t steps;      // unification steps of the program so far (04 §4.6)
  bool too_complex;    // a comparison went over its budget and was taken to hold; who asked reports it
  // What the comparisons under way rest on, innermost last (relations.c).
  VECTOR(TypePair) assumed;
  VECTOR(TraitQuery) queries;
} TypeTable;

void types_init(TypeTable *table, Context *context, NameTables *names);
void types_free(TypeTable *table);

static inline const Type *type_get(const TypeTable *table, TypeId id) {
  return &table->types.items[id];
}
static inline TypeKind type_kind(const TypeTable *table, TypeId id) {
  return (TypeKind)table->types.items[id].kind;
}
static inline TypeId type_argument(const TypeTable *table, const Type *type, uint32_t index) {
  return table->ids.items[type->first + index];
}
static inline const TypeField *type_fields(const TypeTable *table, const Type *type) {
  return table->fields.items + type->first;
}
static inline const TypeSlot *type_slots(const TypeTable *table, const Type *type) {
  return table->slots.items + type->first;
}

// Constructors. Inputs are copied; the result is canonical.
TypeId types_nominal(TypeTable *table, SymbolId object, const TypeId *arguments, uint32_t count);
TypeId types_trait(TypeTable *table, SymbolId trait, const TypeId *arguments, uint32_t count);
TypeId types_record(TypeTable *table, const TypeField *fields, uint32_t count); // sorts; later duplicates win
TypeId types_tuple(TypeTable *table, const TypeId *elements, uint32_t count);
TypeId types_function(TypeTable *table, const TypeSlot *slots, uint32_t count, TypeId result, RowId row);
TypeId types_union(TypeTable *table, const TypeId *members, uint32_t count); // flattens; one member is itself
TypeId types_intersection(TypeTable *table, TypeId nominal, TypeId record, const TypeId *traits,
                          uint32_t count);
TypeId types_fixed_array(TypeTable *table, TypeId element);
TypeId types_parameter(TypeTable *table, uint32_t parameter);
TypeId types_recursive(TypeTable *table, SymbolId alias, const TypeId *arguments, uint32_t count);
// `self` is the alias applied to its own parameters, `body` what it stands for.
void types_close_recursive(TypeTable *table, SymbolId alias, TypeId self, TypeId body);
TypeId types_borrow(TypeTable *table, TypeId inner);
TypeId types_unfold(const TypeTable *table, TypeId type); // other kinds: the type itself
RowId types_row(TypeTable *table, const RowEntry *entries, uint32_t count, bool open);
RowId types_row_union(TypeTable *table, RowId a, RowId b);
RowId types_row_without(TypeTable *table, RowId row, const SymbolId *operations, uint32_t count);
// As in messages: `Effect.op, Other.op, open`; `()` for the empty row.
void types_print_row(const TypeTable *table, RowId row, Text *out);

// Position of a field of a record type, its count if there is none of that name.
uint32_t types_field_position(const TypeTable *table, const Type *record, Name name);
bool types_is_tuple(const TypeTable *table, TypeId type); // record with fields 0..n-1, n >= 1
Name types_tuple_field(TypeTable *table, uint32_t index);
bool types_is_value(const TypeTable *table, TypeId type); // a `val` nominal
bool types_is_numeric(TypeId type);                       // i32 i64 f32 f64

// What a type parameter stands for: pairs of parameter index and type.
typedef struct Substitution {
  uint32_t *parameters;
  TypeId *types;
  uint32_t count, capacity;
} Substitution;
// Sets or replaces what `parameter` stands for.
void substitution_bind(Arena *arena, Substitution *substitution, uint32_t parameter, TypeId type);
TypeId substitution_get(const Substitution *substitution, uint32_t parameter); // TYPE_NONE if unbound
TypeId types_substitute(TypeTable *table, const Substitution *substitution, TypeId type);

// A union that an alias declares goes by the alias's name in messages; `preferred`: whatever else it is
// called.
void types_name_union(TypeTable *table, TypeId type, SymbolId alias, const TypeId *arguments, uint32_t count,
                      bool preferred);
// In the user's words: `Name<Args>`, `{ a: T }`, `(A, B) -> R`, `A | B`; `void` prints as `void`.
void types_print(const TypeTable *table, TypeId type, Text *out);
Str types_text(const TypeTable *table, Arena *arena, TypeId type);

#endif
