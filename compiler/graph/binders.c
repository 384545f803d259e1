// What forms bind: the names of declarations, parameters, patterns, handlers (spec 02 §9.3), in the slots of
// 02 §9.6.3.
//
// Forms say too little to be sure of everything: a field in a labelled group of parameters looks like one of
// a pattern, where the name is on the right.
#include "graph/expand.h"
#include "syntax/operators.h"

// The identifier that heads `N`, `(N …)`, `(: N …)`, `(= N …)`, `(-> N …)`, `(~ N)`; 0 if there is none.
FormId binders_head_name(const Expander *x, FormId id) {
  for (;;) {
    const Form *form = expand_form(x, id);
    if (form->kind == FORM_IDENTIFIER) {
      return id;
    }
    if (form->kind != FORM_LIST || form_count(form) == 0) {
      return 0;
    }
    const Form *head = expand_form(x, form_element(form, 0));
    bool wrapped = form_is_word(head, NAME_COLON) || form_is_word(head, NAME_OPTIONAL_COLON) ||
                   form_is_word(head, NAME_ASSIGN) || form_is_word(head, NAME_ARROW) ||
                   form_is_word(head, NAME_TILDE);
    if (wrapped && form_count(form) < 2) {
      return 0;
    }
    id = form_element(form, wrapped);
  }
}

FormId hygiene_declared_name(const Expander *x, const Form *form, uint32_t keyword) {
  const FormId *parts = form_elements(form);
  if (form_count(form) <= keyword + 1) {
    return 0;
  }
  const Form *word = expand_form(x, parts[keyword]);
  if (form_is_word(word, NAME_IMPL) || form_is_word(word, NAME_USE) || form_is_word(word, NAME_TEST)) {
    return 0;
  }
  bool attribute = form_is_word(word, NAME_ATTRIBUTE);
  return form_count(form) > keyword + 1 + attribute ? binders_head_name(x, parts[keyword + 1 + attribute])
                                                    : 0;
}

bool binders_is_declaration_word(const Form *form) {
  if (form->kind != FORM_IDENTIFIER) {
    return false;
  }
  switch (form->value) {
  case NAME_FN:
  case NAME_LET:
  case NAME_VAR:
  case NAME_TYPE:
  case NAME_OBJ:
  case NAME_VAL:
  case NAME_TRAIT:
  case NAME_IMPL:
  case NAME_EFF:
  case NAME_MOD:
  case NAME_USE:
  case NAME_MACRO:
  case NAME_ATTRIBUTE:
    return true;
  default:
    return false;
  }
}

// --- visiting

static void name(const BinderVisit *v, FormId id) {
  if (id != 0 && expand_form(v->expander, id)->kind == FORM_IDENTIFIER) {
    v->visit(v->expander, v->data, id, v->fixed);
  }
}

// The names that a pattern or parameter binds.
static void binder(const BinderVisit *v, FormId id) {
  Expander *x = v->expander;
  const Form *form = expand_form(x, id);
  if (form->kind != FORM_LIST) {
    name(v, id);
    return;
  }
  if (form_count(form) == 0 || !expand_enter(x)) {
    return;
  }
  const Form *head = expand_form(x, form_element(form, 0));
  const FormId *parts = form_elements(form);
  bool in_record = form_is_reserved(head, NAME_OBJECT_LITERAL);
  if (form_is_word(head, NAME_COLON) || form_is_word(head, NAME_OPTIONAL_COLON) ||
      form_is_word(head, NAME_ASSIGN)) {
    if (form_count(form) > 1) {
      binder(v, parts[1]);
    }
  } else if (form_is_word(head, NAME_TILDE) || form_is_word(head, NAME_SPREAD) ||
             form_is_reserved(head, NAME_TUPLE) || in_record || form_is_reserved(head, NAME_GENERICS)) {
    for (uint32_t i = 1; i < form_count(form); i++) {
      const Form *entry = expand_form(x, parts[i]);
      bool labelled = in_record && form_headed(x->forms, entry, NAME_COLON) && form_count(entry) == 3;
      binder(v, labelled ? form_element(entry, 2) : parts[i]);
    }
  }
  expand_leave(x);
}

// The list of a header, `(f p…)` under arrows and colons, and its parameters.
static void header(const BinderVisit *v, FormId id) {
  Expander *x = v->expander;
  const Form *form = expand_form(x, id);
  while (form->kind == FORM_LIST && form_count(form) > 1) {
    const Form *head = expand_form(x, form_element(form, 0));
    if (!form_is_word(head, NAME_COLON) && !form_is_word(head, NAME_ARROW) &&
        !form_is_word(head, NAME_ASSIGN)) {
      break;
    }
    id = form_element(form, 1);
    form = expand_form(x, id);
  }
  BinderVisit fixed = *v; // others call it by its name, and its labels
  fixed.fixed = true;
  name(&fixed, binders_head_name(x, id));
  for (uint32_t i = 1; i < form_count(form); i++) {
    const Form *parameter = expand_form(x, form_element(form, i));
    bool labels = form_headed_reserved(x->forms, parameter, NAME_OBJECT_LITERAL);
    binder(labels ? &fixed : v, form_element(form, i));
  }
}

// `(: (op p…) body)`, `(: (:: E (op p…)) body)`
static void handler(const BinderVisit *v, const Form *clause) {
  Expander *x = v->expander;
  if (!form_headed(x->forms, clause, NAME_COLON) || form_count(clause) != 3) {
    return;
  }
  const Form *head = expand_form(x, form_element(clause, 1));
  while (form_headed(x->forms, head, NAME_PATH) && form_count(head) == 3) {
    head = expand_form(x, form_element(head, 2));
  }
  for (uint32_t i = 1; i < form_count(head); i++) {
    binder(v, form_element(head, i));
  }
}

// The left operand of an infix operation, which may nest without limit; 0 for other forms.
FormId binders_spine_left(const Expander *x, const Form *form) {
  if (form_count(form) != 3) {
    return 0;
  }
  Operator op = operator_of_form(expand_form(x, form_element(form, 0)));
  bool spine =
      op != OP_NONE && operator_is_infix(op) && op != OP_COLON && op != OP_FAT_ARROW && op != OP_ASSIGN;
  return spine ? form_element(form, 1) : 0;
}

// Visits what one form binds and its elements; gives its left operand, still to be visited, or 0.
static FormId visit_form(const BinderVisit *v, FormId id) {
  Expander *x = v->expander;
  const Form *form = expand_form(x, id);
  if (form->kind != FORM_LIST || form_count(form) == 0 || x->failed || !expand_enter(x)) {
    return 0;
  }
  const FormId *parts = form_elements(form);
  uint32_t keyword = form_headed(x->forms, form, NAME_PUB) && form_count(form) > 1;
  const Form *head = expand_form(x, parts[keyword]);
  if (form_is_word(head, NAME_LET) || form_is_word(head, NAME_VAR)) {
    for (uint32_t i = keyword + 1; i < form_count(form); i++) {
      binder(v, parts[i]);
    }
  } else if (binders_is_declaration_word(head) && !form_is_word(head, NAME_IMPL) &&
             !form_is_word(head, NAME_USE)) {
    if (form_count(form) > keyword + 1) {
      header(v, parts[keyword + 1]);
    }
  } else if (form_is_word(head, NAME_FAT_ARROW) && form_count(form) == 3) {
    const Form *parameters = expand_form(x, parts[1]);
    binder(v, parts[1]);
    bool plain = parameters->kind == FORM_LIST && form_count(parameters) > 0 &&
                 !(expand_form(x, form_element(parameters, 0))->flags & FORM_FLAG_RESERVED) &&
                 !form_headed(x->forms, parameters, NAME_COLON) &&
                 !form_headed(x->forms, parameters, NAME_ARROW) &&
                 !form_headed(x->forms, parameters, NAME_TILDE);
    for (uint32_t i = 0; plain && i < form_count(parameters); i++) {
      binder(v, form_element(parameters, i));
    }
  } else if (form_is_word(head, NAME_MATCH)) {
    for (uint32_t i = 1; i < form_count(form); i++) {
      const Form *arm = expand_form(x, parts[i]);
      const Form *pattern = form_headed(x->forms, arm, NAME_COLON) && form_count(arm) == 3
                                ? expand_form(x, form_element(arm, 1))
                                : NULL;
      if (pattern && form_headed(x->forms, pattern, NAME_AS) && form_count(pattern) == 3) {
        binder(v, form_element(pattern, 2));
      } else if (pattern && form_headed_reserved(x->forms, pattern, NAME_TUPLE)) {
        binder(v, form_element(arm, 1));
      } else if (pattern && pattern->kind == FORM_LIST && form_count(pattern) > 1) {
        FormId last = form_element(pattern, form_count(pattern) - 1);
        if (form_headed_reserved(x->forms, expand_form(x, last), NAME_OBJECT_LITERAL)) {
          binder(v, last);
        }
      }
    }
    if (form_count(form) > 2) { // (match value binder (: …)…)
      name(v, parts[2]);
    }
  } else if (form_is_word(head, NAME_DOT) && form_count(form) == 3) {
    const Form *match = expand_form(x, parts[2]);
    if (form_headed(x->forms, match, NAME_MATCH) && form_count(match) > 1) { // value.match(binder)
      name(v, form_element(match, 1));
    }
  } else if (form_is_word(head, NAME_TRY)) {
    for (uint32_t i = 1; i < form_count(form); i++) {
      handler(v, expand_form(x, parts[i]));
    }
  } else if (form_is_word(head, NAME_USE) && form_count(form) > keyword + 1) {
    const Form *path = expand_form(x, parts[keyword + 1]);
    if ((form_headed(x->forms, path, NAME_AS) || form_headed(x->forms, path, NAME_PATH)) &&
        form_count(path) == 3) {
      name(v, form_element(path, 2));
    }
  }
  FormId left = binders_spine_left(x, form);
  for (uint32_t i = 0; i < form_count(form); i++) {
    if (parts[i] != left) {
      binders_visit(v, parts[i]);
    }
  }
  expand_leave(x);
  return left;
}

void binders_visit(const BinderVisit *v, FormId id) {
  while (id != 0) {
    id = visit_form(v, id);
  }
}
