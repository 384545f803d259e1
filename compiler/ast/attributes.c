// Reserved attributes: their table, the checks of their arguments and targets (MD0003), and the checks that
// need the interpreted declaration (MD0002). User attributes are gone when this runs (spec 02 §11, §12; 01
// §15). A wrong attribute is left out; its declaration stays.
#include "ast/builder.h"

typedef enum {
  ARGUMENT_NOTHING,
  ARGUMENT_STRING,
  ARGUMENT_BOOL,
  ARGUMENT_COUNT,
  ARGUMENT_NAME,
  ARGUMENT_WORD
} ArgumentKind;

enum { MAX_ARGUMENTS = 2 };

typedef struct ReservedArgument {
  ArgumentKind kind;
  Name label; // of WORD: one of the words
  Name other; // of WORD: the other word
  bool required;
} ReservedArgument;

typedef struct ReservedAttribute {
  Name name;
  unsigned targets;
  ReservedArgument arguments[MAX_ARGUMENTS];
} ReservedAttribute;

#define LABELLED(label, kind, required)                                                                      \
  { ARGUMENT_##kind, NAME_##label, NAME_EMPTY, required }
#define WORD(first, second)                                                                                  \
  { ARGUMENT_WORD, NAME_##first, NAME_##second, true }
#define NOTHING                                                                                              \
  { ARGUMENT_NOTHING, NAME_EMPTY, NAME_EMPTY, false }
static const ReservedAttribute reserved_attributes[] = {
#define RESERVED(name, targets, ...) {NAME_##name, targets, {__VA_ARGS__}},
#include "ast/attributes.def"
#undef RESERVED
};

static const ReservedAttribute *find_reserved(Name name) {
  for (size_t i = 0; i < sizeof reserved_attributes / sizeof *reserved_attributes; i++) {
    if (reserved_attributes[i].name == name) {
      return &reserved_attributes[i];
    }
  }
  return NULL;
}

__attribute__((format(printf, 3, 4))) static void attribute_error(AstBuilder *b, Span span,
                                                                  const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Text message = text_new(&b->scratch);
  text_format_list(&message, format, arguments);
  va_end(arguments);
  diagnostic_add(&b->context->diagnostics, DIAGNOSTIC_MD0003, span, "%.*s", STR_ARGS(text_str(&message)));
}

static bool fits(const AstBuilder *b, ArgumentKind kind, FormId value) {
  const Form *form = form_of(b, value);
  switch (kind) {
  case ARGUMENT_STRING:
    return form->kind == FORM_STRING && form->value != NAME_EMPTY;
  case ARGUMENT_BOOL:
    return form->kind == FORM_BOOL;
  case ARGUMENT_COUNT: {
    Str digits = form->kind == FORM_INT ? context_name(b->context, form->value) : STR("0");
    return digits.ptr[0] != '-' && !str_equal(digits, STR("0"));
  }
  case ARGUMENT_NAME:
    return form_names(b, value);
  case ARGUMENT_NOTHING:
  case ARGUMENT_WORD:
    break;
  }
  return false;
}

// Bit i of the result: argument i of the table is given. Reports what is wrong and says so by false.
static bool check_arguments(AstBuilder *b, const ReservedAttribute *reserved, const FormView *arguments,
                            Span span, unsigned *given) {
  Str name = context_name(b->context, reserved->name);
  *given = 0;
  for (uint32_t i = 1; i < arguments->count; i++) {
    FormId label, value;
    bool labelled = form_clause(b, arguments->elements[i], &label, &value);
    bool found = false;
    for (uint32_t k = 0; k < MAX_ARGUMENTS && !found; k++) {
      const ReservedArgument *expected = &reserved->arguments[k];
      if (expected->kind == ARGUMENT_NOTHING || (*given & 1u << k) != 0) {
        continue;
      }
      if (expected->kind == ARGUMENT_WORD) {
        found = !labelled && (form_word(b, arguments->elements[i], expected->label) ||
                              form_word(b, arguments->elements[i], expected->other));
      } else {
        found = labelled && form_word(b, label, expected->label) && fits(b, expected->kind, value);
      }
      *given |= found ? 1u << k : 0;
    }
    if (!found) {
      attribute_error(b, span, "attribute '@%.*s' has a wrong argument", STR_ARGS(name));
      return false;
    }
  }
  for (uint32_t k = 0; k < MAX_ARGUMENTS; k++) {
    if (reserved->arguments[k].required && (*given & 1u << k) == 0) {
      attribute_error(b, span, "attribute '@%.*s' lacks an argument", STR_ARGS(name));
      return false;
    }
  }
  if (reserved->name == NAME_ACCESS && *given == 0) {
    attribute_error(b, span, "attribute '@access' needs `staged: parameter` or `builder: parameter`");
    return false;
  }
  return true;
}

// The attribute `(@ name)` / `(@ (name args…))`: its name form, or 0.
static FormId attribute_name(const AstBuilder *b, FormId form, FormView *arguments) {
  FormView view = form_view(b, form);
  *arguments = (FormView){0};
  if (view.count != 2) {
    return 0;
  }
  FormId name = view.elements[1];
  FormView call = form_view(b, name);
  if (call.count > 0) {
    *arguments = call;
    name = call.elements[0];
  }
  return form_names(b, name) ? name : 0;
}

// Two attributes of one name: fine only for `@access` of the two kinds.
static bool repeats(AstBuilder *b, Name name, unsigned given, AstRange stored, const unsigned *kinds) {
  for (uint32_t i = 0; i < stored.count; i++) {
    const AstAttribute *earlier = &b->table->attributes.items[stored.first + i];
    if (earlier->name == name && (name != NAME_ACCESS || (kinds[i] & given) != 0)) {
      return true;
    }
  }
  return false;
}

static bool clashes_with_external(AstBuilder *b, Name name, AstRange stored) {
  for (uint32_t i = 0; i < stored.count; i++) {
    Name earlier = b->table->attributes.items[stored.first + i].name;
    bool pair = name == NAME_EXTERNAL && (earlier == NAME_INTRINSIC || earlier == NAME_EFFECT);
    if (pair || (earlier == NAME_EXTERNAL && (name == NAME_INTRINSIC || name == NAME_EFFECT))) {
      return true;
    }
  }
  return false;
}

AstRange build_attributes(AstBuilder *b, const FormId *forms, uint32_t count, AttributeTarget target) {
  AstRange stored = {b->table->attributes.count, 0};
  unsigned *kinds = ARENA_ARRAY(&b->scratch, unsigned, count + 1);
  for (uint32_t i = 0; i < count; i++) {
    Span span = span_of(b, forms[i]);
    FormView arguments;
    FormId name_form = attribute_name(b, forms[i], &arguments);
    if (name_form == 0) {
      attribute_error(b, span, "attribute names must be plain identifiers");
      continue;
    }
    Name name = form_of(b, name_form)->value;
    Str text = context_name(b->context, name);
    const ReservedAttribute *reserved = find_reserved(name);
    unsigned given = 0;
    if (reserved == NULL) {
      attribute_error(b, span_of(b, name_form), "unknown attribute '@%.*s'", STR_ARGS(text));
    } else if ((reserved->targets & target) == 0) {
      attribute_error(b, span, "attribute '@%.*s' cannot stand before this declaration", STR_ARGS(text));
    } else if (!check_arguments(b, reserved, &arguments, span, &given)) {
      continue;
    } else if (repeats(b, name, given, stored, kinds)) {
      attribute_error(b, span, "duplicate attribute '@%.*s'", STR_ARGS(text));
    } else if (clashes_with_external(b, name, stored)) {
      attribute_error(b, span, "'@external' excludes '@intrinsic' and '@effect'");
    } else {
      VECTOR_PUSH(&b->table->arena, &b->table->attributes,
                  (AstAttribute){.name = name, .form = forms[i], .span = span});
      kinds[stored.count++] = given;
    }
  }
  return stored;
}

void attributes_without_target(AstBuilder *b, const FormId *forms, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    attribute_error(b, span_of(b, forms[i]), "attribute is missing a following declaration");
  }
}

const AstAttribute *ast_attribute(const AstTable *table, AstRange attributes, Name name) {
  for (uint32_t i = 0; i < attributes.count; i++) {
    const AstAttribute *attribute = &table->attributes.items[attributes.first + i];
    if (attribute->name == name) {
      return attribute;
    }
  }
  return NULL;
}

const Form *ast_attribute_argument(const FormTable *forms, const AstAttribute *attribute, Name label) {
  const Form *whole = form_get(forms, attribute->form);
  const Form *call = form_get(forms, form_element(whole, 1));
  for (uint32_t i = 1; call->kind == FORM_LIST && i < form_count(call); i++) {
    const Form *argument = form_get(forms, form_element(call, i));
    if (label == NAME_EMPTY) {
      return argument;
    }
    if (argument->kind == FORM_LIST && form_count(argument) == 3 &&
        form_is_word(form_get(forms, form_element(argument, 1)), label)) {
      return form_get(forms, form_element(argument, 2));
    }
  }
  return NULL;
}

// `@access(staged: p)`: p is a `~` parameter (01 §15.3).
static void check_access(AstBuilder *b, const AstFunction *f, const AstAttribute *attribute, Name kind) {
  const Form *name = ast_attribute_argument(b->forms, attribute, kind);
  if (name == NULL) {
    return;
  }
  Str text = context_name(b->context, name->value);
  for (uint32_t i = 0; i < f->parameters.count; i++) {
    const AstParameter *parameter = &b->table->parameters.items[f->parameters.first + i];
    if (parameter->name == name->value) {
      if (!parameter->is_mutable) {
        ast_error(b, f->span, "@access destination '%.*s' must be declared with '~'", STR_ARGS(text));
      }
      return;
    }
  }
  ast_error(b, f->span, "@access references unknown parameter '%.*s'", STR_ARGS(text));
}

void check_function_attributes(AstBuilder *b, FunctionId function, bool explicit_empty_row) {
  const AstFunction *f = ast_function(b->table, function);
  for (uint32_t i = 0; i < f->attributes.count; i++) {
    const AstAttribute *attribute = &b->table->attributes.items[f->attributes.first + i];
    if (attribute->name == NAME_ISOLATED && f->kind != FUNCTION_TRAIT) {
      ast_error(b, f->span, "@isolated can only annotate trait methods");
    } else if (attribute->name == NAME_ISOLATED && !explicit_empty_row) {
      ast_error(b, f->span, "an @isolated method must declare an explicit empty effect row ': ()'");
    } else if (attribute->name == NAME_RESULT && f->same_place != NAME_EMPTY) {
      ast_error(b, f->span, "@result cannot be combined with a same-place return");
    } else if (attribute->name == NAME_ACCESS) {
      check_access(b, f, attribute, NAME_STAGED);
      check_access(b, f, attribute, NAME_BUILDER);
    }
  }
}
