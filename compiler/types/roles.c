// The declarations of std that the language itself means: which they are (spec 05 A.2), and that they have
// the form that literals, optional slots and values for the host are built by.
//
// Invariant: a role is held by a declaration of the right kind and number of type parameters alone; one of
// another form is reported and nothing is checked or built by it.
#include <stddef.h>

#include "types/declarations.h"

typedef enum {
  FIELD_I32,
  FIELD_BOOL,
  FIELD_BYTES,
  FIELD_ELEMENTS,
  FIELD_VALUE,
  FIELD_OPTIONAL
} RoleFieldType;

static const char *const field_type_texts[] = {
    [FIELD_I32] = "i32",
    [FIELD_BOOL] = "bool",
    [FIELD_BYTES] = "FixedArray<__u8>",
    [FIELD_ELEMENTS] = "FixedArray<T>",
    [FIELD_VALUE] = "T",
    [FIELD_OPTIONAL] = "Optional<T>",
};

enum { ROLE_FIELDS = 3 };

typedef struct Role {
  const char *text;
  size_t slot; // in Declarations
  SymbolKind kind;
  uint32_t parameters;
  struct {
    const char *name;
    RoleFieldType type;
  } fields[ROLE_FIELDS]; // all that the object has
} Role;

#define SLOT_OF(FIELD) offsetof(Declarations, FIELD)
static const Role roles[] = {
    {"optional", SLOT_OF(optional_alias), SYMBOL_ALIAS, 1, {{0}}},
    {"optional-some", SLOT_OF(some_object), SYMBOL_OBJECT, 1, {{"value", FIELD_VALUE}}},
    {"optional-none", SLOT_OF(none_object), SYMBOL_OBJECT, 0, {{0}}},
    {"voyd.std.string",
     SLOT_OF(string_object),
     SYMBOL_OBJECT,
     0,
     {{"storage", FIELD_BYTES}, {"start", FIELD_I32}, {"byte_count", FIELD_I32}}},
    {"voyd.std.array",
     SLOT_OF(array_object),
     SYMBOL_OBJECT,
     1,
     {{"storage", FIELD_ELEMENTS}, {"count", FIELD_I32}}},
    {"voyd.std.bytes",
     SLOT_OF(bytes_object),
     SYMBOL_OBJECT,
     0,
     {{"storage", FIELD_BYTES}, {"start", FIELD_I32}, {"count", FIELD_I32}}},
    {"voyd.std.range",
     SLOT_OF(range_object),
     SYMBOL_OBJECT,
     1,
     {{"start", FIELD_OPTIONAL}, {"end", FIELD_OPTIONAL}, {"include_end", FIELD_BOOL}}},
};
#undef SLOT_OF
enum { ROLE_COUNT = sizeof roles / sizeof *roles };

static SymbolId *slot_of(Declarations *declarations, const Role *role) {
  return (SymbolId *)((char *)declarations + role->slot);
}

static void report(Declarations *declarations, const Role *role, SymbolId symbol, Str wants) {
  Context *context = declarations->types->context;
  const Symbol *declared = names_symbol(declarations->types->names, symbol);
  diagnostic_add(&context->diagnostics, DIAGNOSTIC_TY9999, declared->span,
                 "'%.*s' stands for the language's '%s', which %.*s",
                 STR_ARGS(context_name(context, declared->name)), role->text, STR_ARGS(wants));
  declarations->roles_broken = true;
}

void declarations_note_role(Declarations *declarations, Str text, SymbolId symbol) {
  NameTables *names = declarations->types->names;
  for (size_t i = 0; i < ROLE_COUNT; i++) {
    const Role *role = &roles[i];
    if (!str_equal(text, str_from(role->text))) {
      continue;
    }
    const Symbol *declared = names_symbol(names, symbol);
    if (graph_module(names->graph, declared->module)->path.space != NAMESPACE_STD) { // 08 §4.8 "contracts"
      Context *context = declarations->types->context;
      diagnostic_add(&context->diagnostics, DIAGNOSTIC_TY9999, declared->span,
                     "intrinsic type '%s' is reserved for std", role->text);
      return;
    }
    bool is_value = declared->kind == SYMBOL_OBJECT &&
                    names->ast->objects.items[declared->declaration].kind != OBJECT_OBJ;
    if (declared->kind == role->kind && !is_value &&
        declarations_type_parameters(declarations, symbol).count == role->parameters) {
      *slot_of(declarations, role) = symbol;
      return;
    }
    Text wants = text_new(&declarations->types->arena);
    text_format(&wants, "is %s with %u type parameters", role->kind == SYMBOL_ALIAS ? "a `type`" : "an `obj`",
                role->parameters);
    report(declarations, role, symbol, text_str(&wants));
  }
}

// The type that a field has in the object of these type arguments: none or one.
static TypeId field_type(Declarations *declarations, RoleFieldType type, TypeId argument) {
  switch (type) {
  case FIELD_I32:
    return TYPE_I32;
  case FIELD_BOOL:
    return TYPE_BOOL;
  case FIELD_BYTES:
    return types_fixed_array(declarations->types, TYPE_U8);
  case FIELD_ELEMENTS:
    return types_fixed_array(declarations->types, argument);
  case FIELD_VALUE:
    return argument;
  case FIELD_OPTIONAL:
    return declarations_optional(declarations, argument);
  }
  return TYPE_UNKNOWN;
}

static void check_fields(Declarations *declarations, const Role *role, SymbolId symbol) {
  ObjectInfo info = *declarations_object(declarations, symbol);
  TypeId argument =
      role->parameters == 0
          ? TYPE_NONE
          : types_parameter(declarations->types, declarations_type_parameters(declarations, symbol).first);
  uint32_t wanted = 0;
  bool fits = true;
  Text wants = text_new(&declarations->types->arena);
  for (; wanted < ROLE_FIELDS && role->fields[wanted].name; wanted++) {
    text_format(&wants, "%s%s: %s", wanted == 0 ? "has the fields " : ", ", role->fields[wanted].name,
                field_type_texts[role->fields[wanted].type]);
    bool found = false;
    for (uint32_t i = 0; i < info.field_count; i++) {
      const TypeField *field = &info.fields[i];
      TypeId type = field_type(declarations, role->fields[wanted].type, argument);
      found |= str_equal(context_name(declarations->types->context, field->name),
                         str_from(role->fields[wanted].name)) &&
               (field->type == type || field->type == TYPE_UNKNOWN || type == TYPE_UNKNOWN);
    }
    fits &= found;
  }
  if (!fits || info.field_count != wanted) {
    text_add(&wants, wanted == 0 ? STR("has no fields") : STR(" and no others"));
    report(declarations, role, symbol, text_str(&wants));
  }
}

bool declarations_check_roles(Declarations *declarations) {
  for (size_t i = 0; i < ROLE_COUNT && !declarations->roles_broken; i++) {
    SymbolId symbol = *slot_of(declarations, &roles[i]);
    if (symbol && roles[i].kind == SYMBOL_OBJECT) {
      check_fields(declarations, &roles[i], symbol);
    }
  }
  SymbolId alias = declarations->optional_alias;
  if (alias && !declarations->roles_broken) {
    TypeId value =
        types_parameter(declarations->types, declarations_type_parameters(declarations, alias).first);
    TypeId optional = declarations_optional(declarations, value);
    if (optional != TYPE_UNKNOWN && declarations_payload(declarations, optional) != value) {
      report(declarations, &roles[0], alias, STR("is `Some<T> | None`"));
    }
  }
  return !declarations->roles_broken;
}
