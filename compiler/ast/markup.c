// Markup to calls of std::vx (spec 02 §13.5). The names made here are marked NODE_FLAG_STANDARD: they mean
// std's declarations whatever is in scope.
#include "ast/builder.h"

// The helpers of std::vx.
#define HELPERS(HELPER)                                                                                      \
  HELPER(ELEMENT, "html_element")                                                                            \
  HELPER(CHILD, "html_child")                                                                                \
  HELPER(KEYED, "keyed")                                                                                     \
  HELPER(CLASS, "class")                                                                                     \
  HELPER(VALUE, "value")                                                                                     \
  HELPER(CHECKED, "checked")                                                                                 \
  HELPER(DISABLED, "disabled")                                                                               \
  HELPER(ATTR, "attr")                                                                                       \
  HELPER(MESSAGE, "html_event_message")                                                                      \
  HELPER(PAYLOAD, "html_event_payload_handler")                                                              \
  HELPER(EVENT, "html_event_handler")

enum {
#define HELPER(id, text) HELPER_##id,
  HELPERS(HELPER)
#undef HELPER
};

static const char *const helper_names[] = {
#define HELPER(id, text) text,
    HELPERS(HELPER)
#undef HELPER
};

static Name intern(AstBuilder *b, const char *text) {
  return names_intern(&b->context->names, str_from(text));
}

static NodeId standard_name(AstBuilder *b, Name name, Span span) {
  NodeId node = node_new(b, NODE_NAME, NODE_FLAG_STANDARD, span);
  node_of(b, node)->name.name = name;
  return node;
}

static void add_argument(AstBuilder *b, const char *label, NodeId value, Span span) {
  NodeId argument = node_new(b, NODE_ARGUMENT, 0, span);
  node_of(b, argument)->labelled.label = intern(b, label);
  node_of(b, argument)->labelled.label_span = span;
  node_of(b, argument)->labelled.value = value;
  nodes_add(b, argument);
}

static NodeId string_node(AstBuilder *b, Name bytes, Span span) {
  NodeId node = node_new(b, NODE_STRING, 0, span);
  node_of(b, node)->literal.text = bytes;
  return node;
}

// A call of a helper with the arguments from `mark` on.
static NodeId helper_call(AstBuilder *b, int helper, uint32_t mark, Span span) {
  NodeRange arguments = nodes_take(b, mark);
  NodeId callee = standard_name(b, intern(b, helper_names[helper]), span);
  NodeId call = node_new(b, NODE_CALL, 0, span);
  node_of(b, call)->call.callee = callee;
  node_of(b, call)->call.arguments = arguments;
  return call;
}

static NodeId array_of(AstBuilder *b, uint32_t mark, Span span) {
  NodeRange items = nodes_take(b, mark);
  NodeId array = node_new(b, NODE_ARRAY, 0, span);
  node_of(b, array)->list.items = items;
  return array;
}

// `Array<Html<void>>::init()`
static NodeId no_children(AstBuilder *b, Span span) {
  uint32_t mark = nodes_mark(b);
  static const char *const types[] = {"void", "Html", "Array"};
  for (int i = 0; i < 3; i++) {
    NodeRange arguments = i > 0 ? nodes_take(b, mark) : (NodeRange){0, 0};
    NodeId type = standard_name(b, intern(b, types[i]), span);
    if (i == 0) {
      node_of(b, type)->flags = 0; // a primitive
    }
    node_of(b, type)->name.type_arguments = arguments;
    nodes_add(b, type);
  }
  NodeId init = node_new(b, NODE_NAME, 0, span);
  node_of(b, init)->name.name = NAME_INIT;
  nodes_add(b, init);
  NodeRange segments = nodes_take(b, mark);
  NodeId path = node_new(b, NODE_PATH, 0, span);
  node_of(b, path)->path.segments = segments;
  NodeId call = node_new(b, NODE_CALL, 0, span);
  node_of(b, call)->call.callee = path;
  return call;
}

// The children list (a plain list of forms), or 0 for a self-closing element.
static NodeId build_children(AstBuilder *b, FormId list, Span span) {
  FormView children = list != 0 ? form_view(b, list) : (FormView){0};
  if (children.count == 0) {
    return no_children(b, span);
  }
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = 0; i < children.count; i++) {
    uint32_t argument = nodes_mark(b);
    nodes_add(b, build_expression(b, children.elements[i]));
    nodes_add(b, helper_call(b, HELPER_CHILD, argument, span_of(b, children.elements[i])));
  }
  return array_of(b, mark, form_span(children.form));
}

// `double_click` -> `dblclick`, else without underscores.
static Name event_name(AstBuilder *b, Str event) {
  if (str_equal(event, STR("double_click"))) {
    return intern(b, "dblclick");
  }
  Text text = text_new(&b->scratch);
  for (size_t i = 0; i < event.length; i++) {
    if (event.ptr[i] != '_') {
      text_add_char(&text, event.ptr[i]);
    }
  }
  return names_intern(&b->context->names, text_str(&text));
}

// Which helper takes the value of an event attribute.
static int event_helper(const AstBuilder *b, FormId value) {
  FormView lambda = form_view(b, value);
  if (!view_headed(b, &lambda, NAME_FAT_ARROW) || lambda.count != 3) {
    return HELPER_MESSAGE;
  }
  FormView signature = form_view(b, lambda.elements[1]);
  if (view_headed(b, &signature, NAME_ARROW) && signature.count == 3) {
    FormView parameters = form_view(b, signature.elements[1]);
    if (parameters.form->kind != FORM_LIST || parameters.count > 0) {
      return HELPER_PAYLOAD;
    }
  }
  return HELPER_EVENT;
}

static bool starts_with(Str text, Str start) {
  return text.length >= start.length && memcmp(text.ptr, start.ptr, start.length) == 0;
}

// One attribute of an element; the reader has checked which elements take `value`, `checked`, `disabled`.
static NodeId build_attribute(AstBuilder *b, Str tag, FormId form) {
  FormView view = form_view(b, form);
  Span span = form_span(view.form);
  Name name = form_of(b, view.elements[1])->value;
  Str text = context_name(b->context, name);
  uint32_t mark = nodes_mark(b);
  if (starts_with(text, STR("on_")) && text.length > 3) {
    int helper = event_helper(b, view.elements[2]);
    Name event = event_name(b, (Str){text.ptr + 3, text.length - 3});
    add_argument(b, "name", string_node(b, event, span), span);
    add_argument(b, helper == HELPER_MESSAGE ? "message" : "handler", build_expression(b, view.elements[2]),
                 span);
    return helper_call(b, helper, mark, span);
  }
  static const int plain[] = {HELPER_CLASS, HELPER_CHECKED, HELPER_DISABLED, HELPER_VALUE};
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    bool typed = plain[i] != HELPER_VALUE || str_equal(tag, STR("input")) || str_equal(tag, STR("textarea"));
    if (typed && str_equal(text, str_from(helper_names[plain[i]]))) {
      nodes_add(b, build_expression(b, view.elements[2]));
      return helper_call(b, plain[i], mark, span);
    }
  }
  add_argument(b, "name", string_node(b, name, span), span);
  add_argument(b, "value", build_expression(b, view.elements[2]), span);
  return helper_call(b, HELPER_ATTR, mark, span);
}

static NodeId build_element(AstBuilder *b, const FormView *view, const FormView *attributes, FormId key) {
  Span span = form_span(view->form);
  const Form *tag = form_of(b, view->elements[1]);
  Str name = context_name(b->context, tag->value);
  uint32_t mark = nodes_mark(b);
  add_argument(b, "tag", string_node(b, tag->value, form_span(tag)), form_span(tag));
  uint32_t first = nodes_mark(b);
  for (uint32_t i = 0; i < attributes->count; i++) {
    if (attributes->elements[i] != key) {
      nodes_add(b, build_attribute(b, name, attributes->elements[i]));
    }
  }
  if (nodes_mark(b) > first) {
    add_argument(b, "attrs", array_of(b, first, form_span(attributes->form)), span);
  }
  add_argument(b, "children", build_children(b, view->count > 3 ? view->elements[3] : 0, span), span);
  return helper_call(b, HELPER_ELEMENT, mark, span);
}

// `Tag { attr: value, …, children: C }`
static NodeId build_component(AstBuilder *b, const FormView *view, const FormView *attributes, FormId key) {
  Span span = form_span(view->form);
  NodeId type = build_path(b, view->elements[1]);
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = 0; i < attributes->count; i++) {
    FormView attribute = form_view(b, attributes->elements[i]);
    if (attributes->elements[i] == key) {
      continue;
    }
    const Form *name = form_of(b, attribute.elements[1]);
    NodeId value = build_expression(b, attribute.elements[2]);
    NodeId entry = node_new(b, NODE_ENTRY, 0, form_span(attribute.form));
    node_of(b, entry)->labelled.label = name->value;
    node_of(b, entry)->labelled.label_span = form_span(name);
    node_of(b, entry)->labelled.value = value;
    nodes_add(b, entry);
  }
  if (view->count > 3) {
    NodeId children = build_children(b, view->elements[3], span);
    NodeId entry = node_new(b, NODE_ENTRY, 0, span);
    node_of(b, entry)->labelled.label = intern(b, "children");
    node_of(b, entry)->labelled.label_span = span;
    node_of(b, entry)->labelled.value = children;
    nodes_add(b, entry);
  }
  NodeRange entries = nodes_take(b, mark);
  NodeId node = node_new(b, NODE_CONSTRUCT, 0, span);
  node_of(b, node)->construct.type = type;
  node_of(b, node)->construct.entries = entries;
  return node;
}

static FormId find_key(AstBuilder *b, const FormView *attributes) {
  Name key = intern(b, "key");
  for (uint32_t i = 0; i < attributes->count; i++) {
    FormView attribute = form_view(b, attributes->elements[i]);
    if (form_of(b, attribute.elements[1])->value == key) {
      return attributes->elements[i];
    }
  }
  return 0;
}

static bool is_component(const AstBuilder *b, FormId tag) {
  FormView path = form_view(b, tag);
  const Form *last = path.count == 3 ? form_of(b, path.elements[2]) : path.form;
  return last->kind == FORM_IDENTIFIER && name_is_type_like(b, last->value);
}

// `(markup tag (attribute…) (child…))`, see syntax/syntax.h.
NodeId build_markup(AstBuilder *b, const FormView *view) {
  if (view->count < 3) {
    ast_error(b, form_span(view->form), "unsupported expression");
    return 0;
  }
  Span span = form_span(view->form);
  FormView attributes = form_view(b, view->elements[2]);
  FormId key = find_key(b, &attributes);
  uint32_t mark = nodes_mark(b);
  if (key != 0) {
    FormView attribute = form_view(b, key);
    add_argument(b, "key", build_expression(b, attribute.elements[2]), form_span(attribute.form));
  }
  bool component = is_component(b, view->elements[1]);
  if (!component && form_of(b, view->elements[1])->kind != FORM_IDENTIFIER) {
    ast_error(b, span_of(b, view->elements[1]), "Malformed tag: a path must name a component");
    b->nodes.count = mark;
    return 0;
  }
  NodeId node =
      component ? build_component(b, view, &attributes, key) : build_element(b, view, &attributes, key);
  if (key == 0) {
    return node;
  }
  add_argument(b, "child", node, span);
  return helper_call(b, HELPER_KEYED, mark, span);
}
