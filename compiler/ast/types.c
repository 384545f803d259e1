// Type expressions, effect rows and annotations (spec 01 §13).
#include "ast/builder.h"

NodeRange build_type_arguments(AstBuilder *b, FormId generics) {
  FormView view = form_view(b, generics);
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = 1; i < view.count; i++) {
    nodes_add(b, build_type(b, view.elements[i]));
  }
  return nodes_take(b, mark);
}

NodeId build_applied_type(AstBuilder *b, FormId head, FormId generics, Span span) {
  if (generics == 0) {
    return build_type(b, head);
  }
  if (!form_names(b, head)) {
    ast_error(b, span_of(b, head), "unsupported type expression: type arguments need a name before them");
    return 0;
  }
  return build_path_segment(b, head, generics, span);
}

bool read_annotation(const AstBuilder *b, FormId form, Annotation *out) {
  FormView view = form_view(b, form);
  bool optional = view_headed(b, &view, NAME_OPTIONAL_COLON);
  if (view.count != 3 || (!optional && !view_headed(b, &view, NAME_COLON))) {
    return false;
  }
  *out = (Annotation){.target = view.elements[1],
                      .type = view.elements[2],
                      .optional = optional,
                      .type_span = span_of(b, view.elements[2])};
  FormView inner = form_view(b, out->target);
  FormView arrow = form_view(b, out->type);
  bool inner_optional = view_headed(b, &inner, NAME_OPTIONAL_COLON);
  if (inner.count == 3 && (inner_optional || view_headed(b, &inner, NAME_COLON)) && arrow.count == 3 &&
      view_headed(b, &arrow, NAME_ARROW)) {
    out->target = inner.elements[1];
    out->parameters = inner.elements[2];
    out->optional = optional || inner_optional;
    out->type_span = (Span){span_of(b, out->parameters).start, form_span(arrow.form).end};
  }
  return true;
}

NodeId build_row(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  uint8_t flags = 0;
  uint32_t mark = nodes_mark(b);
  if (form_word(b, form, NAME_OPEN)) {
    flags = NODE_FLAG_OPEN;
  } else if (view_reserved(b, &view, NAME_TUPLE)) {
    for (uint32_t i = 1; i < view.count; i++) {
      if (form_word(b, view.elements[i], NAME_OPEN)) {
        flags = NODE_FLAG_OPEN;
      } else {
        nodes_add(b, build_type(b, view.elements[i]));
      }
    }
  } else if (view.form->kind != FORM_LIST || view.count > 0) {
    nodes_add(b, build_type(b, form));
  }
  NodeRange effects = nodes_take(b, mark);
  NodeId row = node_new(b, NODE_ROW, flags, form_span(view.form));
  node_of(b, row)->list.items = effects;
  return row;
}

// A parameter of a function type: `T`, `name: T`, `name?: T`, `~name: T`, `~T`.
static NodeId build_slot(AstBuilder *b, FormId form) {
  Span span = span_of(b, form);
  Name name = NAME_EMPTY;
  uint8_t flags = 0;
  NodeId type = 0;
  Annotation annotation;
  if (read_annotation(b, form, &annotation)) {
    FormId target = annotation.target;
    FormView reference = form_view(b, target);
    if (reference.count == 2 && view_headed(b, &reference, NAME_TILDE)) {
      flags |= NODE_FLAG_MUTABLE;
      target = reference.elements[1];
    }
    if (annotation.optional) {
      flags |= NODE_FLAG_OPTIONAL;
    }
    if (form_names(b, target)) {
      name = form_of(b, target)->value;
    } else {
      ast_error(b, span_of(b, target), "parameter name must be an identifier");
    }
    type = build_annotation_type(b, &annotation);
  } else {
    FormView view = form_view(b, form);
    if (view_headed(b, &view, NAME_TILDE)) {
      flags |= NODE_FLAG_MUTABLE;
      if (view.count == 2) {
        type = build_type(b, view.elements[1]);
      } else {
        ast_error(b, span, "function type parameter missing type");
      }
    } else {
      type = build_type(b, form);
    }
  }
  NodeId slot = node_new(b, NODE_TYPE_PARAMETER_SLOT, flags, span);
  node_of(b, slot)->slot.name = name;
  node_of(b, slot)->slot.type = type;
  return slot;
}

static NodeId build_function_type(AstBuilder *b, FormId parameters, FormId row, FormId result, Span span) {
  FormView view = form_view(b, parameters);
  uint32_t mark = nodes_mark(b);
  bool word = view_headed(b, &view, NAME_FN);
  if (word || view_reserved(b, &view, NAME_TUPLE)) {
    uint32_t first = 1;
    if (word && take_generics(b, view.elements, view.count, &first) != 0) {
      // spec 04 §2: a type cannot quantify over types.
      ast_error_code(b, DIAGNOSTIC_TY9999, span, "a function type cannot have type parameters");
    }
    for (uint32_t i = first; i < view.count; i++) {
      nodes_add(b, build_slot(b, view.elements[i]));
    }
  } else if (view.form->kind != FORM_LIST || view.count > 0) {
    nodes_add(b, build_slot(b, parameters));
  }
  NodeRange slots = nodes_take(b, mark);
  NodeId row_node = row != 0 ? build_row(b, row) : 0;
  NodeId result_node = build_type(b, result);
  NodeId type = node_new(b, NODE_TYPE_FUNCTION, 0, span);
  node_of(b, type)->function_type.parameters = slots;
  node_of(b, type)->function_type.row = row_node;
  node_of(b, type)->function_type.result = result_node;
  return type;
}

NodeId build_annotation_type(AstBuilder *b, const Annotation *annotation) {
  if (annotation->parameters == 0) {
    return build_type(b, annotation->type);
  }
  FormView arrow = form_view(b, annotation->type);
  return build_function_type(b, annotation->parameters, arrow.elements[1], arrow.elements[2],
                             annotation->type_span);
}

static NodeId build_record_type(AstBuilder *b, const FormView *view) {
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = 1; i < view->count; i++) {
    FormId entry = view->elements[i];
    Annotation annotation;
    if (!read_annotation(b, entry, &annotation)) {
      ast_error(b, span_of(b, entry), "object type fields must be labeled, as in `name: Type`");
      continue;
    }
    const Form *name = form_of(b, annotation.target);
    if (!form_names(b, annotation.target)) {
      ast_error(b, form_span(name), "object type field name must be an identifier");
      continue;
    }
    NodeId type = build_annotation_type(b, &annotation);
    NodeId field =
        node_new(b, NODE_TYPE_FIELD, annotation.optional ? NODE_FLAG_OPTIONAL : 0, span_of(b, entry));
    node_of(b, field)->member.name = name->value;
    node_of(b, field)->member.name_span = form_span(name);
    node_of(b, field)->member.value = type;
    nodes_add(b, field);
  }
  NodeRange fields = nodes_take(b, mark);
  NodeId record = node_new(b, NODE_TYPE_RECORD, 0, form_span(view->form));
  node_of(b, record)->list.items = fields;
  return record;
}

// Unions and intersections flatten in order, whichever way they nest (01 §8.1 rule 7); the nesting can be as
// long as the text, hence a work stack.
static NodeId build_members(AstBuilder *b, FormId form, Name operator, NodeKind kind) {
  uint32_t mark = nodes_mark(b);
  uint32_t bottom = b->flattened.count;
  VECTOR_PUSH(&b->scratch, &b->flattened, form);
  while (b->flattened.count > bottom) {
    FormId next = b->flattened.items[--b->flattened.count];
    FormView view = form_view(b, next);
    if (!view_headed(b, &view, operator)) {
      nodes_add(b, build_type(b, next));
      continue;
    }
    for (uint32_t i = view.count; i-- > 1;) {
      VECTOR_PUSH(&b->scratch, &b->flattened, view.elements[i]);
    }
  }
  NodeRange members = nodes_take(b, mark);
  if (members.count == 1) {
    return b->table->lists.items[members.first]; // `| A`
  }
  NodeId type = node_new(b, kind, 0, span_of(b, form));
  node_of(b, type)->list.items = members;
  return type;
}

static NodeId build_list_type(AstBuilder *b, FormId form, const FormView *view) {
  Span span = form_span(view->form);
  if (view->count == 0 && span.end - span.start < 2) { // not the `()` that was written
    ast_error(b, span, "a type is missing");
  }
  if (view->count == 0 || view_reserved(b, view, NAME_TUPLE)) {
    uint32_t mark = nodes_mark(b);
    for (uint32_t i = 1; i < view->count; i++) {
      nodes_add(b, build_type(b, view->elements[i]));
    }
    NodeRange items = nodes_take(b, mark);
    NodeId tuple = node_new(b, NODE_TYPE_TUPLE, 0, span);
    node_of(b, tuple)->list.items = items;
    return tuple;
  }
  if (view_reserved(b, view, NAME_OBJECT_LITERAL)) {
    return build_record_type(b, view);
  }
  if (view_headed(b, view, NAME_PIPE) && view->count > 1) {
    return build_members(b, form, NAME_PIPE, NODE_TYPE_UNION);
  }
  if (view_headed(b, view, NAME_AMPERSAND) && view->count > 1) {
    return build_members(b, form, NAME_AMPERSAND, NODE_TYPE_INTERSECTION);
  }
  if (view_headed(b, view, NAME_ARROW)) {
    if (view->count == 3) {
      return build_function_type(b, view->elements[1], 0, view->elements[2], span);
    }
    ast_error(b, span, "function type missing return type");
    return 0;
  }
  if (view_headed(b, view, NAME_COLON) && view->count == 3) {
    FormView arrow = form_view(b, view->elements[2]);
    if (view_headed(b, &arrow, NAME_ARROW) && arrow.count == 3) {
      return build_function_type(b, view->elements[1], arrow.elements[1], arrow.elements[2], span);
    }
  }
  if (view_headed(b, view, NAME_FN)) {
    ast_error(b, span, "function type missing return type");
    return 0;
  }
  if (view_headed(b, view, NAME_BLOCK) && view->count == 2) {
    return build_type(b, view->elements[1]); // 01 §14.3: a suite of one type
  }
  if (view_headed(b, view, NAME_PATH)) {
    return build_path(b, form);
  }
  uint32_t first = 1;
  if (view->count == 2 && form_names(b, view->elements[0])) {
    FormId generics = take_generics(b, view->elements, view->count, &first);
    if (generics != 0) {
      return build_path_segment(b, view->elements[0], generics, span);
    }
  }
  ast_error(b, span, "unsupported type expression");
  return 0;
}

NodeId build_type(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  if (view.form->kind == FORM_LIST) {
    NodeId type = ast_enter(b, form_span(view.form)) ? build_list_type(b, form, &view) : 0;
    ast_leave(b);
    return type;
  }
  if (form_names(b, form)) {
    return node_name(b, form);
  }
  ast_error(b, form_span(view.form), "unsupported type expression");
  return 0;
}
