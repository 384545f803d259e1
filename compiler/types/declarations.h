// Declared types: what the program's objects, aliases, traits and impls say, resolved on demand and kept.
//
// Everything is resolved once with the declaration's own type parameters as themselves and substituted per
// use, so a declaration that nothing names costs nothing. Problems are reported when the declaration is
// resolved, once.
#ifndef VOYD_TYPES_DECLARATIONS_H
#define VOYD_TYPES_DECLARATIONS_H

#include "types/types.h"

typedef enum { RESOLVE_UNTOUCHED, RESOLVE_RUNNING, RESOLVE_DONE } ResolveState;

// Roles that std gives to its declarations with @intrinsic_type (05 Appendix A.2).
typedef enum {
  INTRINSIC_NONE,
  INTRINSIC_OPTIONAL,
  INTRINSIC_SOME,
  INTRINSIC_NONE_TYPE,
  INTRINSIC_STRING,
  INTRINSIC_ARRAY,
  INTRINSIC_RANGE
} IntrinsicRole;

typedef struct ObjectInfo {
  ResolveState state;
  SymbolId symbol;
  TypeId self;       // the nominal type applied to its own parameters
  TypeId base;       // TYPE_OBJECT without; a `val` has none
  TypeField *fields; // in declared order
  uint32_t field_count;
  bool is_value;
} ObjectInfo;

typedef struct AliasInfo {
  ResolveState state;
  SymbolId symbol;
  TypeId body;
  bool recursive; // the body mentions the alias
  bool endless;   // … at ever new arguments (04 §11)
  bool endless_reported;
} AliasInfo;

typedef struct ImplInfo {
  ResolveState state;
  uint32_t impl; // index in AstTable.impls
  uint32_t item; // index in AstTable.items
  ModuleId module;
  TypeId target;
  TypeId trait; // TYPE_NONE for inherent impls
  bool broken;  // does not conform: what its trait's default bodies make of it is of no interest
} ImplInfo;

typedef uint32_t ImplId; // 0 = none

typedef struct ImplRange { // run in `impl_lists`
  uint32_t first, count;
} ImplRange;

typedef struct Declarations {
  TypeTable *types;
  bool collected;             // impls are known, so constraints can be checked
  VECTOR(ObjectInfo) objects; // by index in AstTable.objects
  VECTOR(AliasInfo) aliases;  // by index in AstTable.aliases
  VECTOR(ImplInfo) impls;     // by ImplId, 0 unused
  // Chains of impls, later ones first. An *open* impl has a target without a nominal part (a union, a tuple,
  // a type parameter); its nominal counts as 0.
  IdMap impls_of_nominal; // SymbolId of the target's nominal -> ImplId, then `next_impl`
  IdMap impls_of_trait;   // SymbolId of the trait -> ImplId, then `next_of_trait`
  IdMap impls_of_pair;    // (trait, target's nominal) -> ImplId, then `next_of_pair`
  VECTOR(ImplId) next_impl;
  VECTOR(ImplId) next_of_trait;
  VECTOR(ImplId) next_of_pair;
  IdMap field_positions;              // (object, name) -> position among its fields
  VECTOR(ModuleId) parameter_modules; // by index in AstTable.type_parameters
  VECTOR(TypeId) node_types;          // by NodeId: resolved type expressions (symbolic), TYPE_NONE = not yet
  uint32_t depth;                     // of the type expressions being resolved, through aliases
  IdMap substituted_fields;           // nominal TypeId -> index in `field_runs`
  VECTOR(TypeField *) field_runs;
  SymbolId optional_alias, some_object, none_object, string_object, array_object, bytes_object,
      range_object;  // std roles (roles.c), 0 = not loaded
  bool roles_broken; // one that has another form than the language builds it by; reported
} Declarations;

void declarations_init(Declarations *declarations, TypeTable *types);
// Takes notice of all items of the modules built so far: heads of impls, std roles.
void declarations_collect(Declarations *declarations);
// The declaration that `@intrinsic_type` gives this role; other texts are none of ours. Reports TY9999.
void declarations_note_role(Declarations *declarations, Str text, SymbolId symbol);
// Whether what holds a role has the fields that are meant; reports TY9999.
bool declarations_check_roles(Declarations *declarations);

// The type a type expression denotes, with type parameters as themselves. Reports TY0026, TY9999, … once per
// node and gives TYPE_UNKNOWN then.
TypeId declarations_type(Declarations *declarations, ModuleId module, NodeId node);
// An effect row expression; 0 (none written) gives `missing`.
RowId declarations_row(Declarations *declarations, ModuleId module, NodeId row, RowId missing);

// Position of a field among those of an object, ID_MAP_NONE if it has none of that name.
uint32_t declarations_field_position(Declarations *declarations, SymbolId object, Name name);
// The first impl of the trait whose target has that nominal (0: is open), or 0.
ImplId declarations_impl_of(const Declarations *declarations, SymbolId trait, SymbolId nominal);
// The nominal that an impl with this target is found by, 0 for open ones.
SymbolId declarations_impl_key(const Declarations *declarations, TypeId target);

ObjectInfo *declarations_object(Declarations *declarations, SymbolId symbol);
// Fields of a nominal type with its arguments substituted, in declared order; valid as long as the table.
const TypeField *declarations_fields(Declarations *declarations, TypeId nominal, uint32_t *count);
// The base of a nominal type, substituted; TYPE_NONE for `val`.
TypeId declarations_base(Declarations *declarations, TypeId nominal);
// The type of an alias applied to arguments.
TypeId declarations_alias(Declarations *declarations, SymbolId alias, const TypeId *arguments,
                          uint32_t count);
// The constraint of a type parameter, TYPE_NONE without.
TypeId declarations_constraint(Declarations *declarations, uint32_t parameter);
AstRange declarations_type_parameters(const Declarations *declarations, SymbolId symbol);

// Optional<T> of std, or TYPE_UNKNOWN when std has none. The payload of an Optional<T> (TYPE_NONE for other
// types).
TypeId declarations_optional(Declarations *declarations, TypeId payload);
TypeId declarations_payload(const Declarations *declarations, TypeId type);

// Projections of 04 §1: the nominal part, and the named fields of a type merged from its parts.
TypeId types_nominal_part(const TypeTable *types, TypeId type);
bool types_has_fields(Declarations *declarations, TypeId type);
bool types_find_field(Declarations *declarations, TypeId type, Name name, TypeField *out);
// All fields, as a record type (TYPE_NONE when it has none).
TypeId types_record_part(Declarations *declarations, TypeId type);

// Relations (relations.c).
bool types_satisfies(Declarations *declarations, TypeId actual, TypeId expected);         // SAT, 04 §4.1
bool types_nominal_satisfies(Declarations *declarations, TypeId actual, TypeId expected); // NOMSAT, 04 §4.2
bool types_unify(Declarations *declarations, TypeId actual, TypeId expected,
                 bool covariant);                                                    // UNIFY, 04 §4.3
bool types_satisfies_trait(Declarations *declarations, TypeId actual, TypeId trait); // 04 §4.5
// Does the (inherent or trait) impl's target fit the type? Binds the impl's parameters.
bool types_impl_applies(Declarations *declarations, ImplId impl, TypeId type, Substitution *bound);
bool types_row_allows(const TypeTable *types, RowId actual, RowId expected); // 06 §5
// The impl of `trait` for `type` with its parameters bound, or 0.
ImplId types_find_impl(Declarations *declarations, TypeId type, TypeId trait, Substitution *bound);
// MATCH of 04 §9.2: can a value of member type `member` be taken by pattern type `pattern`?
bool types_matches(Declarations *declarations, TypeId member, TypeId pattern);

// Inference (infer.c): binds type parameters in `formal` by `actual` (05 §5.10.1); `free` says which
// parameters may be bound by their position in the run [first, first + count).
void types_bind(Declarations *declarations, Substitution *substitution, const AstRange *free,
                uint32_t free_count, TypeId formal, TypeId actual);

#endif
