// Sequences of declarations or statements: module roots and suites (spec 02 §5.3, §5.4, §11).
//
// A run of attributes belongs to the form after it. Reserved attributes stay in front of it for ast/; the
// others are macros that replace it.
#include "graph/expand.h"

enum { ATTRIBUTE_DEPTH = 64 };

static bool is_attribute(const Expander *x, FormId id) {
  return form_headed(x->forms, expand_form(x, id), NAME_AT);
}

// The name of `(@ name)` or `(@ (name args…))`, or NULL.
static const Form *attribute_name(const Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  if (form_count(form) != 2) {
    return NULL;
  }
  const Form *name = expand_form(x, form_element(form, 1));
  if (name->kind == FORM_LIST && form_count(name) > 0) {
    name = expand_form(x, form_element(name, 0));
  }
  return name->kind == FORM_IDENTIFIER && (name->flags & FORM_FLAG_RESERVED) == 0 ? name : NULL;
}

static bool is_modifier(const Form *form) {
  return form_is_word(form, NAME_PUB) || form_is_word(form, NAME_API) || form_is_word(form, NAME_PRI) ||
         form_is_word(form, NAME_HASH);
}

// 02 §11.2: may attributes stand before it?
static bool is_target(const Expander *x, const Form *form) {
  for (int modifiers = 0; modifiers < 2; modifiers++) {
    if (form->kind != FORM_LIST || form_count(form) == 0) {
      return false;
    }
    const Form *head = expand_form(x, form_element(form, 0));
    if (is_modifier(head) && modifiers == 0 && form_count(form) > 1) {
      const Form *next = expand_form(x, form_element(form, 1));
      if (next->kind == FORM_LIST) {
        form = next;
        continue;
      }
      head = next;
    }
    if (head->kind != FORM_IDENTIFIER) {
      return false;
    }
    switch (head->value) {
    case NAME_FN:
    case NAME_LET:
    case NAME_TYPE:
    case NAME_OBJ:
    case NAME_VAL:
    case NAME_TRAIT:
    case NAME_IMPL:
    case NAME_EFF:
    case NAME_MOD:
    case NAME_TEST:
    case NAME_ENUM:
      return true;
    default:
      return false;
    }
  }
  return false;
}

// --- `pub` in front of a macro (§5.4)

static bool takes_pub(const Expander *x, const Form *form) {
  if (form->kind != FORM_LIST || form_count(form) == 0) {
    return false;
  }
  const Form *head = expand_form(x, form_element(form, 0));
  bool more = head->kind == FORM_IDENTIFIER &&
              (head->value == NAME_MACRO_LET || head->value == NAME_ENUM || head->value == NAME_TEST);
  if (!more && !binders_is_declaration_word(head)) {
    return false;
  }
  FormId name = hygiene_declared_name(x, form, 0);
  return name == 0 || !hygiene_is_fresh(x, expand_form(x, name));
}

static FormId with_pub(Expander *x, FormId pub, FormId id) {
  const Form *form = expand_form(x, id);
  if (!takes_pub(x, form)) {
    return id;
  }
  uint32_t first = x->ids.count;
  VECTOR_PUSH(x->arena, &x->ids, pub);
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    VECTOR_PUSH(x->arena, &x->ids, element);
  }
  FormId result = expand_list(x, x->ids.items + first, x->ids.count - first, 0, form_span(form));
  x->ids.count = first;
  return result;
}

static FormId publish(Expander *x, FormId pub, FormId id) {
  const Form *form = expand_form(x, id);
  bool many = expand_is_many(x, form);
  if (!many && !form_headed(x->forms, form, NAME_BLOCK)) {
    return with_pub(x, pub, id);
  }
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId element = form_element(form, i);
    FormId wrapped = i == 0 ? element : with_pub(x, pub, element);
    VECTOR_PUSH(x->arena, &x->ids, wrapped);
  }
  FormId result = expand_list(x, x->ids.items + first, x->ids.count - first, form->flags, form_span(form));
  x->ids.count = first;
  return result;
}

// `(pub m a…)` or `(pub (m a…))` with a macro m: the result, made public. 0 if it is none.
static FormId expand_published(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  if (!form_headed(x->forms, form, NAME_PUB) || form_count(form) < 2) {
    return 0;
  }
  const FormId *parts = form_elements(form);
  const Form *call = form, *head = expand_form(x, parts[1]);
  uint32_t arguments = 2;
  if (head->kind == FORM_LIST && form_count(form) == 2 && form_count(head) > 0) {
    call = head;
    head = expand_form(x, form_element(call, 0));
    arguments = 1;
  } else if (form_count(form) == 2) {
    return 0; // `pub name`
  }
  if (head->kind != FORM_IDENTIFIER || (head->flags & FORM_FLAG_RESERVED)) {
    return 0;
  }
  MacroId macro = macros_find(x, x->module, head->value, form_context(head));
  if (macro == 0) {
    return 0;
  }
  x->invocation = form_span(form);
  if (macro == MACRO_AMBIGUOUS || x->macros.items[macro].is_attribute) {
    Str name = context_name(x->graph->context, head->value);
    expand_fail(x,
                macro == MACRO_AMBIGUOUS ? "macro '%.*s' is ambiguous; import with an explicit alias"
                                         : "attribute macro '%.*s' must be invoked with '@'",
                STR_ARGS(name));
    return id;
  }
  uint32_t depth = form_context(head) == 0 ? 0 : hygiene_depth(x, form_context(head)) + 1;
  FormId result = macro_invoke(x, macro, form_elements(call) + arguments, form_count(call) - arguments,
                               form_span(form), depth);
  return x->failed ? id : publish(x, parts[0], result);
}

// --- attributes (§11)

typedef struct Undo {
  uint32_t definitions;
  uint32_t variables;
} Undo;

static Undo undo_point(const Expander *x) {
  const ExpandedModule *module = expanded_module(x, x->module);
  return (Undo){module->definitions.count, module->variables.count};
}

static void undo(Expander *x, Undo point) {
  ExpandedModule *module = expanded_module(x, x->module);
  while (module->definitions.count > point.definitions) {
    x->macros.items[module->definitions.items[--module->definitions.count]].replaced = true;
  }
  module->variables.count = point.variables;
  macros_collect_visible(x, x->module);
}

// The user's attributes among elements[0..count), checked; reserved ones and all but the user's are left out.
// Gives false after a report.
static bool find_user_attributes(Expander *x, const FormId *elements, uint32_t count) {
  uint32_t first = x->ids.count;
  bool ok = true;
  for (uint32_t i = 0; i < count; i++) {
    const Form *name = attribute_name(x, elements[i]);
    Span span = form_span(expand_form(x, elements[i]));
    if (!name) {
      expand_report(x, span, "attributeDispatcher", "an attribute is written @name or @name(arguments)");
      ok = false;
      continue;
    }
    if (macros_reserved_attribute(name->value)) {
      continue;
    }
    Str text = context_name(x->graph->context, name->value);
    MacroId macro = macros_find(x, x->module, name->value, form_context(name));
    bool duplicate = false;
    for (uint32_t k = first; k < x->ids.count; k++) {
      duplicate |= attribute_name(x, x->ids.items[k])->value == name->value;
    }
    if (macro == 0) {
      expand_report(x, form_span(name), "attributeDispatcher", "unknown attribute '@%.*s'", STR_ARGS(text));
    } else if (macro == MACRO_AMBIGUOUS) {
      expand_report(x, span, "attributeDispatcher",
                    "macro '%.*s' is ambiguous; import with an explicit alias", STR_ARGS(text));
    } else if (!x->macros.items[macro].is_attribute) {
      expand_report(x, span, "attributeDispatcher", "'%.*s' is a functional macro; it is invoked without '@'",
                    STR_ARGS(text));
    } else if (duplicate) {
      expand_report(x, span, "attributeDispatcher", "duplicate user-defined attribute '@%.*s'",
                    STR_ARGS(text));
    } else {
      VECTOR_PUSH(x->arena, &x->ids, elements[i]);
      continue;
    }
    ok = false;
  }
  return ok;
}

// (args, decl) -> result of one attribute.
static FormId run_attribute(Expander *x, FormId attribute, FormId declaration) {
  const Form *form = expand_form(x, attribute);
  const Form *call = expand_form(x, form_element(form, 1));
  const Form *name = attribute_name(x, attribute);
  bool has_arguments = call->kind == FORM_LIST;
  const FormId *written = has_arguments ? form_elements(call) + 1 : NULL;
  FormId arguments[] = {expand_list(x, written, has_arguments ? form_count(call) - 1 : 0, 0, form_span(form)),
                        declaration};
  MacroId macro = macros_find(x, x->module, name->value, form_context(name));
  uint32_t depth = form_context(name) == 0 ? 0 : hygiene_depth(x, form_context(name)) + 1;
  x->invocation = form_span(form);
  return macro_invoke(x, macro, arguments, 2, form_span(form), depth);
}

static void push_reserved(Expander *x, const FormId *attributes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    const Form *name = attribute_name(x, attributes[i]);
    if (name && macros_reserved_attribute(name->value)) {
      VECTOR_PUSH(x->arena, &x->ids, attributes[i]);
    }
  }
}

static void expand_entry(Expander *x, FormId id, bool at_module);

// A run of attributes and its target.
static void expand_attributed(Expander *x, const FormId *run, uint32_t count, FormId target, bool at_module) {
  uint32_t first = x->ids.count;
  Undo point = undo_point(x);
  bool ok = find_user_attributes(x, run, count);
  uint32_t users = x->ids.count - first;
  if (ok && users > 0 && x->attribute_depth >= ATTRIBUTE_DEPTH) {
    expand_report(x, form_span(expand_form(x, run[0])), "attributeDispatcher",
                  "attribute expansion exceeded the depth limit of %d", ATTRIBUTE_DEPTH);
    ok = false;
  }
  FormId result = target, since = x->forms->end;
  bool failed_before = x->failed;
  for (uint32_t i = 0; ok && i < users; i++) {
    result = run_attribute(x, x->ids.items[first + i], result);
    ok = !x->failed;
  }
  if (ok && at_module && x->made_fresh) {
    result = hygiene_strip_fresh(x, result, since);
    ok = !x->failed;
  }
  x->ids.count = first;
  push_reserved(x, run, count);
  if (ok && users > 0) {
    x->attribute_depth++;
    const Form *form = expand_form(x, result);
    if (expand_is_many(x, form)) {
      expand_sequence(x, form_elements(form) + 1, form_count(form) - 1, at_module);
    } else if (form->kind != FORM_LIST || form_count(form) > 0) {
      expand_sequence(x, &result, 1, at_module);
    }
    x->attribute_depth--;
    ok = !x->failed;
    if (ok) {
      return;
    }
  }
  if (users > 0 && !ok) { // transactional: as if the attributes had not been there (§11.6)
    x->failed = failed_before;
    undo(x, point);
    x->ids.count = first;
    push_reserved(x, run, count);
  }
  expand_entry(x, target, at_module);
}

// --- the sequence

// One entry without attributes.
static void expand_entry(Expander *x, FormId id, bool at_module) {
  if (x->failed) {
    return;
  }
  MacroDeclaration declares = macros_declaration(x, expand_form(x, id));
  if (declares != DECLARES_NOTHING) {
    if (at_module) {
      macros_define(x, id);
    } else {
      x->invocation = form_span(expand_form(x, id));
      expand_fail(x, "macros are declared at module level only");
    }
    return;
  }
  uint32_t references = x->references;
  FormId since = x->forms->end;
  FormId published = expand_published(x, id);
  FormId result = published ? published : expand_any(x, id);
  if (x->failed) {
    return;
  }
  if (x->references > references) {
    hygiene_check_references(x, result);
  }
  if (at_module && x->made_fresh && result != id) { // only declarations are published
    result = hygiene_strip_fresh(x, result, since);
  }
  const Form *form = expand_form(x, result);
  if (expand_is_many(x, form)) {
    if (expand_enter(x)) {
      expand_sequence(x, form_elements(form) + 1, form_count(form) - 1, at_module);
      expand_leave(x);
    }
  } else if (published || (result != id && macros_declaration(x, form) != DECLARES_NOTHING)) {
    if (expand_enter(x)) { // what came out may be a declaration of a macro, or call one
      expand_entry(x, result, at_module);
      expand_leave(x);
    }
  } else if (form->kind != FORM_LIST || form_count(form) > 0 || result == id) { // an empty list vanishes
    VECTOR_PUSH(x->arena, &x->ids, result);
  }
}

void expand_sequence(Expander *x, const FormId *elements, uint32_t count, bool at_module) {
  for (uint32_t i = 0; i < count && !x->failed;) {
    uint32_t run = i;
    while (run < count && is_attribute(x, elements[run])) {
      run++;
    }
    if (run == i) {
      expand_entry(x, elements[i++], at_module);
      continue;
    }
    if (run == count) {
      expand_report(x, form_span(expand_form(x, elements[run - 1])), "attributeDispatcher",
                    "an attribute is missing a following declaration");
      return;
    }
    bool operations = true;
    for (uint32_t k = i; k < run; k++) {
      const Form *name = attribute_name(x, elements[k]);
      operations &= name && name->value == NAME_OPERATION;
    }
    if (!operations && !is_target(x, expand_form(x, elements[run]))) {
      expand_report(x, form_span(expand_form(x, elements[run])), "attributeDispatcher",
                    "attributes must precede a supported declaration");
      expand_entry(x, elements[run], at_module);
    } else {
      expand_attributed(x, elements + i, run - i, elements[run], at_module);
    }
    i = run + 1;
  }
}
