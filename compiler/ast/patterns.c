// Binding patterns and match patterns (spec 01 §12).
#include "ast/builder.h"

static NodeId build_bind(AstBuilder *b, FormId form, uint8_t flags, Span span) {
  const Form *name = form_of(b, form);
  if (form_word(b, form, NAME_UNDERSCORE)) {
    return node_new(b, NODE_WILDCARD, flags, span);
  }
  NodeId node = node_new(b, NODE_BIND, flags, span);
  node_of(b, node)->bind.name = name->value;
  node_of(b, node)->bind.context = form_context(name);
  return node;
}

static NodeId build_field_pattern(AstBuilder *b, FormId entry) {
  FormView view = form_view(b, entry);
  FormId label, value;
  FormId name = entry;
  NodeId pattern = 0;
  if (form_clause(b, entry, &label, &value)) {
    name = label;
    if (!form_names(b, label)) {
      ast_error(b, span_of(b, label), "destructure field name must be an identifier");
      return 0;
    }
    pattern = build_pattern(b, value);
  } else if (view.count == 2 && view_headed(b, &view, NAME_TILDE) && form_names(b, view.elements[1])) {
    name = view.elements[1];
    pattern = build_bind(b, name, NODE_FLAG_MUTABLE, form_span(view.form));
  } else if (form_names(b, entry)) {
    pattern = build_bind(b, entry, 0, form_span(view.form));
  } else {
    ast_error(b, form_span(view.form),
              "unsupported destructure entry; expected `name`, `name: pattern` or `...rest`");
    return 0;
  }
  NodeId field = node_new(b, NODE_FIELD_PATTERN, 0, form_span(view.form));
  node_of(b, field)->member.name = form_of(b, name)->value;
  node_of(b, field)->member.name_span = span_of(b, name);
  node_of(b, field)->member.value = pattern;
  return field;
}

static NodeId build_record_pattern(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  uint32_t mark = nodes_mark(b);
  NodeId rest = 0;
  uint32_t spreads = 0;
  for (uint32_t i = 1; i < view.count; i++) {
    FormView entry = form_view(b, view.elements[i]);
    if (!view_headed(b, &entry, NAME_SPREAD)) {
      nodes_add(b, build_field_pattern(b, view.elements[i]));
      continue;
    }
    spreads++;
    if (entry.count != 2) {
      ast_error(b, form_span(entry.form), "missing pattern after '...'");
      continue;
    }
    rest = build_pattern(b, entry.elements[1]);
  }
  NodeRange fields = nodes_take(b, mark);
  if (spreads > 1) {
    ast_error(b, form_span(view.form), "a destructuring pattern can have at most one spread");
    return 0;
  }
  NodeId node = node_new(b, NODE_RECORD_PATTERN, 0, form_span(view.form));
  node_of(b, node)->record_pattern.fields = fields;
  node_of(b, node)->record_pattern.rest = rest;
  return node;
}

static NodeId build_tuple_pattern(AstBuilder *b, const FormView *view) {
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = 1; i < view->count; i++) {
    nodes_add(b, build_pattern(b, view->elements[i]));
  }
  NodeRange items = nodes_take(b, mark);
  NodeId node = node_new(b, NODE_TUPLE_PATTERN, 0, form_span(view->form));
  node_of(b, node)->list.items = items;
  return node;
}

static NodeId build_list_pattern(AstBuilder *b, FormId form, const FormView *view) {
  Span span = form_span(view->form);
  if (view_reserved(b, view, NAME_TUPLE)) {
    return build_tuple_pattern(b, view);
  }
  if (view_reserved(b, view, NAME_OBJECT_LITERAL)) {
    return build_record_pattern(b, form);
  }
  if (view_headed(b, view, NAME_TILDE)) {
    if (view->count == 2 && form_names(b, view->elements[1])) {
      return build_bind(b, view->elements[1], NODE_FLAG_MUTABLE, span);
    }
    ast_error(b, span, "mutable reference patterns must bind identifiers");
    return 0;
  }
  Annotation annotation;
  if (read_annotation(b, form, &annotation) && !annotation.optional) {
    NodeId pattern = build_pattern(b, annotation.target);
    NodeId type = build_annotation_type(b, &annotation);
    NodeId node = node_new(b, NODE_TYPED_PATTERN, 0, span);
    node_of(b, node)->pair.first = pattern;
    node_of(b, node)->pair.second = type;
    return node;
  }
  if (view->count < 3 && view_headed(b, view, NAME_COLON)) {
    ast_error(b, span, "typed pattern missing annotation");
    return 0;
  }
  ast_error(b, span, view->count == 0 ? "missing pattern" : "unsupported pattern form");
  return 0;
}

NodeId build_pattern(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  if (form_names(b, form)) {
    return build_bind(b, form, 0, form_span(view.form));
  }
  if (view.form->kind != FORM_LIST) {
    ast_error(b, form_span(view.form),
              "unsupported pattern form; expected a name, a tuple or a destructuring pattern");
    return 0;
  }
  NodeId pattern = ast_enter(b, form_span(view.form)) ? build_list_pattern(b, form, &view) : 0;
  ast_leave(b);
  return pattern;
}

static NodeId type_pattern(AstBuilder *b, NodeId type, NodeId binding, Span span) {
  NodeId node = node_new(b, NODE_TYPE_PATTERN, 0, span);
  node_of(b, node)->type_pattern.type = type;
  node_of(b, node)->type_pattern.binding = binding;
  return node;
}

// `T { … }`, `T<A> { … }`, `m::T { … }`: the braces are the last element.
static NodeId build_destructuring_arm(AstBuilder *b, const FormView *view) {
  FormId braces = view->elements[view->count - 1];
  uint32_t next = 1;
  FormId generics = take_generics(b, view->elements, view->count, &next);
  Span span = {span_of(b, view->elements[0]).start, span_of(b, view->elements[next - 1]).end};
  if (next != view->count - 1) {
    ast_error(b, form_span(view->form), "destructure pattern missing type");
    return 0;
  }
  NodeId type = build_applied_type(b, view->elements[0], generics, span);
  NodeId binding = build_record_pattern(b, braces);
  return type_pattern(b, type, binding, form_span(view->form));
}

NodeId build_match_pattern(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  Span span = form_span(view.form);
  if (form_word(b, form, NAME_UNDERSCORE) || form_word(b, form, NAME_ELSE)) {
    return node_new(b, NODE_WILDCARD, 0, span);
  }
  if (view.form->kind != FORM_LIST) {
    if (form_names(b, form)) {
      return type_pattern(b, build_type(b, form), 0, span);
    }
    // spec 08 §4.3: literals are no patterns, whatever the type of the operand
    ast_error_code(b, DIAGNOSTIC_TY9999, span,
                   "unsupported match pattern: literals cannot be matched, use `if` to compare values");
    return 0;
  }
  if (view_reserved(b, &view, NAME_TUPLE)) {
    return build_tuple_pattern(b, &view);
  }
  if (view_reserved(b, &view, NAME_OBJECT_LITERAL)) {
    ast_error(b, span, "destructure pattern missing type");
    return 0;
  }
  if (view_headed(b, &view, NAME_AS)) {
    if (view.count != 3) {
      ast_error(b, span, "'as' pattern missing target or binding");
      return 0;
    }
    NodeId type = build_type(b, view.elements[1]);
    NodeId binding = build_pattern(b, view.elements[2]);
    return type_pattern(b, type, binding, span);
  }
  if (view.count >= 2) {
    FormView last = form_view(b, view.elements[view.count - 1]);
    if (view_reserved(b, &last, NAME_OBJECT_LITERAL)) {
      return build_destructuring_arm(b, &view);
    }
  }
  return type_pattern(b, build_type(b, form), 0, span);
}
