// Identities of identifiers (spec 02 §9): contexts, references to a macro's module, fresh names that stay
// private.
#include "graph/expand.h"

uint32_t hygiene_context(Expander *x, HygieneKind kind, ModuleId module, uint32_t depth) {
  uint32_t id = x->graph->contexts.count;
  VECTOR_PUSH(&x->graph->context->arena, &x->graph->contexts,
              (HygieneContext){.kind = (uint16_t)kind, .module = module, .depth = (uint16_t)depth});
  return id;
}

uint32_t hygiene_depth(const Expander *x, uint32_t context) {
  return x->graph->contexts.items[context].depth;
}

uint32_t hygiene_template(Expander *x, Frame *frame) {
  if (frame->context == 0) {
    frame->context = hygiene_context(x, HYGIENE_TEMPLATE, frame->module, frame->depth);
  }
  return frame->context;
}

Span graph_reference_span(const ModuleGraph *graph, uint32_t context) {
  for (uint32_t i = 0; i < graph->references.count; i++) {
    if (graph->references.items[i].context == context) {
      return graph->references.items[i].span;
    }
  }
  return (Span){0};
}

static bool has_kind(const Expander *x, const Form *form, HygieneKind kind) {
  return form->kind == FORM_IDENTIFIER && form_context(form) != 0 &&
         x->graph->contexts.items[form_context(form)].kind == kind;
}

bool hygiene_is_fresh(const Expander *x, const Form *form) {
  return has_kind(x, form, HYGIENE_FRESH);
}

FormId hygiene_reference(Expander *x, FormId path, Span span) {
  const Form *form = expand_form(x, path);
  if (form->kind == FORM_IDENTIFIER && (form->flags & FORM_FLAG_RESERVED) == 0) {
    ModuleId module =
        form_context(form) != 0 ? x->graph->contexts.items[form_context(form)].module : x->module;
    x->references++;
    uint32_t context = hygiene_context(x, HYGIENE_REFERENCE, module, 0);
    VECTOR_PUSH(&x->graph->context->arena, &x->graph->references,
                (HygieneReference){context, form_span(form)});
    return form_identifier(x->forms, form->value, context, form->flags, span);
  }
  if (!form_headed(x->forms, form, NAME_PATH) || form_count(form) != 3 ||
      expand_form(x, form_element(form, 2))->kind != FORM_IDENTIFIER || !expand_enter(x)) {
    return 0;
  }
  FormId left = hygiene_reference(x, form_element(form, 1), span);
  expand_leave(x);
  if (left == 0) {
    return 0;
  }
  FormId parts[] = {form_element(form, 0), left, form_element(form, 2)};
  return expand_list(x, parts, 3, form->flags, span);
}

// --- references are no declarations (§9.6.3)

static void refuse_reference(Expander *x, void *nothing, FormId id, bool fixed) {
  (void)nothing;
  (void)fixed;
  if (has_kind(x, expand_form(x, id), HYGIENE_REFERENCE) && !x->failed) {
    Str text = context_name(x->graph->context, expand_form(x, id)->value);
    expand_fail(x, "symbol_reference(%.*s) is reference-only and cannot be used as a declaration name",
                STR_ARGS(text));
  }
}

void hygiene_check_references(Expander *x, FormId id) {
  binders_visit(&(BinderVisit){.expander = x, .visit = refuse_reference}, id);
}

// --- fresh names stay private (§9.5.4)

// Does a declaration of this kind hold a fresh name where it counts: its own, an operation's or method's, an
// alias's?
static bool holds_fresh_name(Expander *x, const Form *form, uint32_t keyword) {
  FormId name = hygiene_declared_name(x, form, keyword);
  if (name != 0 && hygiene_is_fresh(x, expand_form(x, name))) {
    return true;
  }
  const Form *word = expand_form(x, form_element(form, keyword));
  FormId last = form_element(form, form_count(form) - 1);
  const Form *suite = expand_form(x, last);
  if (form_is_word(word, NAME_USE)) {
    if (form_headed(x->forms, suite, NAME_AS) && form_count(suite) == 3) {
      return hygiene_is_fresh(x, expand_form(x, form_element(suite, 2)));
    }
    while (form_headed(x->forms, suite, NAME_PATH) && form_count(suite) == 3) {
      suite = expand_form(x, form_element(suite, 2));
    }
    for (uint32_t i = 1; form_headed_reserved(x->forms, suite, NAME_OBJECT_LITERAL) && i < form_count(suite);
         i++) {
      const Form *entry = expand_form(x, form_element(suite, i));
      if (form_headed(x->forms, entry, NAME_AS) && form_count(entry) == 3 &&
          hygiene_is_fresh(x, expand_form(x, form_element(entry, 2)))) {
        return true;
      }
    }
    return false;
  }
  bool members = form_is_word(word, NAME_EFF) || form_is_word(word, NAME_TRAIT);
  for (uint32_t i = 1; members && form_headed(x->forms, suite, NAME_BLOCK) && i < form_count(suite); i++) {
    FormId id = form_element(suite, i);
    const Form *entry = expand_form(x, id);
    bool function = form_headed(x->forms, entry, NAME_FN) && form_count(entry) > 1;
    FormId member = binders_head_name(x, function ? form_element(entry, 1) : id);
    if (member != 0 && hygiene_is_fresh(x, expand_form(x, member))) {
      return true;
    }
  }
  return false;
}

FormId hygiene_strip_fresh(Expander *x, FormId id, FormId since) {
  const Form *form = expand_form(x, id);
  if (id < since || form_count(form) == 0 || binders_spine_left(x, form) != 0) {
    return id; // operands hold no declarations
  }
  const FormId *parts = form_elements(form);
  const Form *head = expand_form(x, parts[0]);
  bool modified = form_count(form) > 1 && (form_is_word(head, NAME_PUB) || form_is_word(head, NAME_API));
  const Form *next = modified ? expand_form(x, parts[1]) : head;
  bool strip = false;
  if (modified && binders_is_declaration_word(next)) {
    strip = holds_fresh_name(x, form, 1);
  } else if (modified && form_count(form) == 2 && form_headed(x->forms, next, NAME_COLON)) { // an `api` field
    FormId name = binders_head_name(x, parts[1]);
    strip = name != 0 && hygiene_is_fresh(x, expand_form(x, name));
  }
  bool is_code = form_is_word(next, NAME_FN) || form_is_word(next, NAME_LET) || form_is_word(next, NAME_VAR);
  if ((is_code && !strip) || !expand_enter(x)) {
    return id; // what functions hold is not published
  }
  uint32_t first = x->ids.count;
  bool changed = strip;
  for (uint32_t i = strip; i < form_count(form); i++) {
    FormId element = is_code ? parts[i] : hygiene_strip_fresh(x, parts[i], since);
    changed |= element != parts[i];
    VECTOR_PUSH(x->arena, &x->ids, element);
  }
  FormId result = id;
  if (changed && x->ids.count - first == 1) {
    result = x->ids.items[first];
  } else if (changed) {
    result = expand_list(x, x->ids.items + first, x->ids.count - first, form->flags, form_span(form));
  }
  x->ids.count = first;
  expand_leave(x);
  return result;
}
