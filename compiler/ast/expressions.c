// Expressions and statements (spec 01 §11): one function per kind behind `build_expression`.
//
// Operator, member, subscript and call chains nest to the left as deep as the text is long, so their left
// spine is walked with a work stack; everything else recurses within the limit of nesting.
#include "ast/builder.h"

NodeId build_path_segment(AstBuilder *b, FormId name, FormId generics, Span span) {
  NodeRange arguments = generics != 0 ? build_type_arguments(b, generics) : (NodeRange){0, 0};
  NodeId node = node_name(b, name);
  node_of(b, node)->span = span;
  node_of(b, node)->name.type_arguments = arguments;
  return node;
}

// The segment on a side of `::`: `N` or `N<A>`.
static NodeId build_segment(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  if (form_names(b, form)) {
    return node_name(b, form);
  }
  uint32_t next = 1;
  if (view.count == 2 && form_names(b, view.elements[0])) {
    FormId generics = take_generics(b, view.elements, view.count, &next);
    if (generics != 0) {
      return build_path_segment(b, view.elements[0], generics, form_span(view.form));
    }
  }
  ast_error(b, form_span(view.form), "expected a name beside '::'");
  return 0;
}

// Pushes the segments of the path `form`, in order; the left spine is iterated.
static void push_segments(AstBuilder *b, FormId form) {
  uint32_t bottom = b->spine.count;
  for (;;) {
    FormView view = form_view(b, form);
    if (view.count != 3 || !view_headed(b, &view, NAME_PATH)) {
      break;
    }
    VECTOR_PUSH(&b->scratch, &b->spine, view.elements[2]);
    form = view.elements[1];
  }
  nodes_add(b, build_segment(b, form));
  while (b->spine.count > bottom) {
    nodes_add(b, build_segment(b, b->spine.items[--b->spine.count]));
  }
}

NodeId build_path(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  if (!view_headed(b, &view, NAME_PATH)) {
    return build_segment(b, form);
  }
  if (view.count != 3) {
    ast_error(b, form_span(view.form), "a path needs a name on both sides of '::'");
    return 0;
  }
  uint32_t mark = nodes_mark(b);
  push_segments(b, form);
  NodeRange segments = nodes_take(b, mark);
  NodeId path = node_new(b, NODE_PATH, 0, form_span(view.form));
  node_of(b, path)->path.segments = segments;
  return path;
}

static NodeId build_argument(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  if (!view_headed(b, &view, NAME_COLON)) {
    return build_expression(b, form);
  }
  if (view.count != 3 || !form_names(b, view.elements[1])) {
    ast_error(b, form_span(view.form), "labeled call argument requires an identifier label and one value");
    return 0;
  }
  const Form *label = form_of(b, view.elements[1]);
  NodeId value = build_expression(b, view.elements[2]);
  NodeId argument = node_new(b, NODE_ARGUMENT, 0, form_span(view.form));
  node_of(b, argument)->labelled.label = label->value;
  node_of(b, argument)->labelled.label_span = form_span(label);
  node_of(b, argument)->labelled.value = value;
  return argument;
}

static bool is_clause(const AstBuilder *b, FormId id) {
  const Form *form = form_of(b, id);
  return form->kind == FORM_LIST && (form->flags & FORM_FLAG_CLAUSE);
}

// A line `label: value` after another such: what both belong to is missing, which is one mistake.
static bool repeats_clause(const AstBuilder *b, const FormId *elements, uint32_t i) {
  if (i == 0 || !is_clause(b, elements[i]) || !is_clause(b, elements[i - 1])) {
    return false;
  }
  Span last = form_span(form_of(b, elements[i - 1])), span = form_span(form_of(b, elements[i]));
  Str gap =
      last.end < span.start ? sources_text(&b->context->sources, (Span){last.end, span.start}) : STR("");
  return memchr(gap.ptr, '\n', gap.length) && !memchr(gap.ptr, ',', gap.length);
}

NodeRange build_arguments(AstBuilder *b, const FormId *elements, uint32_t count) {
  uint32_t mark = nodes_mark(b);
  uint32_t errors = b->context->diagnostics.errors;
  for (uint32_t i = 0; i < count; i++) {
    bool failed = b->context->diagnostics.errors > errors;
    if (!take_handler(b, elements[i], false) && !(failed && repeats_clause(b, elements, i))) {
      nodes_add(b, build_argument(b, elements[i]));
    }
  }
  return nodes_take(b, mark);
}

static NodeId new_call(AstBuilder *b, NodeId callee, NodeRange arguments, Span span) {
  NodeId call = node_new(b, NODE_CALL, 0, span);
  node_of(b, call)->call.callee = callee;
  node_of(b, call)->call.arguments = arguments;
  return call;
}

// ENTRY nodes of `{ a, b: 1, ...c }`.
static NodeRange build_entries(AstBuilder *b, FormId braces) {
  FormView view = form_view(b, braces);
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = 1; i < view.count; i++) {
    FormId entry = view.elements[i];
    FormView part = form_view(b, entry);
    Span span = form_span(part.form);
    if (view_headed(b, &part, NAME_SPREAD)) {
      if (part.count != 2) {
        ast_error(b, span, "spread entry missing value");
        continue;
      }
      NodeId value = build_expression(b, part.elements[1]);
      NodeId spread = node_new(b, NODE_SPREAD, 0, span);
      node_of(b, spread)->unary.operand = value;
      nodes_add(b, spread);
      continue;
    }
    FormId name = entry;
    NodeId value = 0;
    if (view_headed(b, &part, NAME_COLON)) {
      if (part.count != 3) {
        ast_error(b, span, "object literal field missing value");
        continue;
      }
      name = part.elements[1];
      if (!form_names(b, name)) {
        ast_error(b, span_of(b, name), "object literal field name must be an identifier");
        continue;
      }
      value = build_expression(b, part.elements[2]);
    } else if (form_names(b, entry)) {
      value = node_name(b, entry);
    } else {
      ast_error(b, span, "unsupported object literal entry; expected `name: value`, `name` or `...value`");
      continue;
    }
    NodeId node = node_new(b, NODE_ENTRY, 0, span);
    node_of(b, node)->labelled.label = form_of(b, name)->value;
    node_of(b, node)->labelled.label_span = span_of(b, name);
    node_of(b, node)->labelled.value = value;
    nodes_add(b, node);
  }
  return nodes_take(b, mark);
}

static NodeId new_construct(AstBuilder *b, NodeId type, FormId braces, Span span) {
  NodeRange entries = build_entries(b, braces);
  NodeId node = node_new(b, NODE_CONSTRUCT, 0, span);
  node_of(b, node)->construct.type = type;
  node_of(b, node)->construct.entries = entries;
  return node;
}

// Does `elements` (after callee and generics) consist of one brace group, and does the callee look like a
// type? Then the call constructs (01 §11.2).
static bool constructs(const AstBuilder *b, FormId callee, const FormId *rest, uint32_t count) {
  if (count != 1) {
    return false;
  }
  FormView braces = form_view(b, rest[0]);
  if (!view_reserved(b, &braces, NAME_OBJECT_LITERAL)) {
    return false;
  }
  FormView path = form_view(b, callee);
  while (path.form->kind == FORM_LIST) {
    if (view_headed(b, &path, NAME_PATH) && path.count == 3) {
      path = form_view(b, path.elements[2]);
    } else if (path.count == 2) {
      path = form_view(b, path.elements[0]); // generics
    } else {
      return false;
    }
  }
  return path.form->kind == FORM_IDENTIFIER && name_is_type_like(b, path.form->value);
}

// `(name args…)`, `(name (generics T) args…)`
static NodeId build_named_call(AstBuilder *b, const FormView *view) {
  uint32_t next = 1;
  FormId generics = take_generics(b, view->elements, view->count, &next);
  FormId name = view->elements[0];
  Span span = form_span(view->form);
  bool called = next < view->count || generics == 0 || (view->form->flags & FORM_FLAG_ADJACENT_CALL) != 0;
  Span name_span = {span_of(b, name).start, span_of(b, view->elements[next - 1]).end};
  if (!form_names(b, name)) { // an operator in list notation with odd operands: `(+ a b c)`
    NodeId operator= node_name(b, name);
    return new_call(b, operator, build_arguments(b, view->elements + 1, view->count - 1), span);
  }
  NodeId callee = build_path_segment(b, name, generics, called ? name_span : span);
  if (!called) {
    return callee;
  }
  if (constructs(b, name, view->elements + next, view->count - next)) {
    return new_construct(b, callee, view->elements[next], span);
  }
  return new_call(b, callee, build_arguments(b, view->elements + next, view->count - next), span);
}

// `(:: (:: a b) (f args…))` calls a::b::f; without a call it is a path.
static NodeId build_path_expression(AstBuilder *b, FormId form, const FormView *view) {
  if (view->count != 3) {
    ast_error(b, form_span(view->form), "a path needs a name on both sides of '::'");
    return 0;
  }
  FormView last = form_view(b, view->elements[2]);
  if (last.form->kind != FORM_LIST || last.count == 0 || !form_names(b, last.elements[0])) {
    return build_path(b, form);
  }
  uint32_t next = 1;
  FormId generics = take_generics(b, last.elements, last.count, &next);
  if (generics != 0 && next == last.count && (last.form->flags & FORM_FLAG_ADJACENT_CALL) == 0) {
    return build_path(b, form);
  }
  Span name_span = {span_of(b, last.elements[0]).start, span_of(b, last.elements[next - 1]).end};
  uint32_t mark = nodes_mark(b);
  push_segments(b, view->elements[1]);
  nodes_add(b, build_path_segment(b, last.elements[0], generics, name_span));
  NodeRange segments = nodes_take(b, mark);
  NodeId callee = node_new(b, NODE_PATH, 0, (Span){form_span(view->form).start, name_span.end});
  node_of(b, callee)->path.segments = segments;
  if (constructs(b, last.elements[0], last.elements + next, last.count - next)) {
    return new_construct(b, callee, last.elements[next], form_span(view->form));
  }
  NodeRange arguments = build_arguments(b, last.elements + next, last.count - next);
  return new_call(b, callee, arguments, form_span(view->form));
}

// `((:: m T) (object_literal …))`: a constructed path; any other called expression is a spine.
static bool heads_path(const AstBuilder *b, FormId head) {
  FormView view = form_view(b, head);
  return view_headed(b, &view, NAME_PATH);
}

static NodeId build_called_path(AstBuilder *b, const FormView *view) {
  uint32_t next = 1;
  FormId generics = take_generics(b, view->elements, view->count, &next);
  FormId head = view->elements[0];
  // `m::T<A> { … }` may keep its arguments beside the path.
  NodeId callee = 0;
  if (generics == 0 && !constructs(b, head, view->elements + 1, view->count - 1)) {
    callee = build_expression(b, head);
  } else {
    callee = build_path(b, head);
  }
  if (generics != 0 && callee != 0) {
    NodeRange arguments = build_type_arguments(b, generics);
    NodeRange segments = node_of(b, callee)->path.segments;
    NodeId last = b->table->lists.items[segments.first + segments.count - 1];
    node_of(b, last)->name.type_arguments = arguments;
    node_of(b, last)->span.end = span_of(b, generics).end;
    node_of(b, callee)->span.end = span_of(b, generics).end;
  }
  if (constructs(b, head, view->elements + next, view->count - next)) {
    return new_construct(b, callee, view->elements[next], form_span(view->form));
  }
  return new_call(b, callee, build_arguments(b, view->elements + next, view->count - next),
                  form_span(view->form));
}

static NodeId new_method(AstBuilder *b, NodeId receiver, NodeId member, NodeRange arguments, Span span) {
  NodeId node = node_new(b, NODE_METHOD_CALL, 0, span);
  node_of(b, node)->method.receiver = receiver;
  node_of(b, node)->method.member = member;
  node_of(b, node)->method.arguments = arguments;
  return node;
}

// `(. receiver member)` with the receiver built (01 §11.3).
static NodeId build_member(AstBuilder *b, NodeId receiver, FormId member, Span span) {
  FormView view = form_view(b, member);
  if (view.form->kind == FORM_INT || form_names(b, member)) {
    NodeId name = node_name(b, member);
    NodeId field = node_new(b, NODE_FIELD, 0, span);
    node_of(b, field)->field.receiver = receiver;
    node_of(b, field)->field.member = name;
    return field;
  }
  if (view.count == 0) {
    ast_error(b, span, "'.' needs a member name after it");
    return 0;
  }
  if (view_headed(b, &view, NAME_MATCH)) {
    return build_match(b, span, receiver, view.elements + 1, view.count - 1);
  }
  if (view_headed(b, &view, NAME_FAT_ARROW)) {
    NodeId lambda = build_lambda(b, member);
    uint32_t mark = nodes_mark(b);
    nodes_add(b, receiver);
    return new_call(b, lambda, nodes_take(b, mark), span);
  }
  if (view_headed(b, &view, NAME_PATH) && view.count == 3) { // `a.T::m(x)`
    FormView call = form_view(b, view.elements[2]);
    if (call.count == 0 || !form_names(b, call.elements[0])) {
      ast_error(b, span_of(b, member), "a qualified member must be called, as in `a.Trait::method()`");
      return 0;
    }
    uint32_t next = 1;
    FormId generics = take_generics(b, call.elements, call.count, &next);
    Span name_span = {span_of(b, call.elements[0]).start, span_of(b, call.elements[next - 1]).end};
    uint32_t mark = nodes_mark(b);
    push_segments(b, view.elements[1]);
    nodes_add(b, build_path_segment(b, call.elements[0], generics, name_span));
    NodeRange segments = nodes_take(b, mark);
    NodeId path = node_new(b, NODE_PATH, 0, (Span){form_span(view.form).start, name_span.end});
    node_of(b, path)->path.segments = segments;
    return new_method(b, receiver, path, build_arguments(b, call.elements + next, call.count - next), span);
  }
  if (!form_names(b, view.elements[0])) {
    ast_error(b, form_span(view.form), "unsupported member; expected a name or a method call after '.'");
    return 0;
  }
  uint32_t next = 1;
  FormId generics = take_generics(b, view.elements, view.count, &next);
  Span name_span = {span_of(b, view.elements[0]).start, span_of(b, view.elements[next - 1]).end};
  NodeId name = build_path_segment(b, view.elements[0], generics, name_span);
  return new_method(b, receiver, name, build_arguments(b, view.elements + next, view.count - next), span);
}

static uint8_t range_flags(const AstBuilder *b, FormId operator) {
  return form_of(b, operator)->value == NAME_RANGE_INCLUSIVE ? NODE_FLAG_INCLUSIVE : 0;
}

// Heads that have a form of their own although they are operators.
static bool is_plain_operator(const AstBuilder *b, const FormView *view) {
  const Form *head = form_of(b, view->elements[0]);
  if (head->kind != FORM_IDENTIFIER || (head->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) != 0) {
    return false;
  }
  switch (head->value) {
  case NAME_ASSIGN:
  case NAME_COLON:
  case NAME_OPTIONAL_COLON:
  case NAME_PATH:
  case NAME_DOT:
  case NAME_FAT_ARROW:
  case NAME_SPREAD:
  case NAME_TILDE:
  case NAME_AT:
  case NAME_BACKTICK:
  case NAME_RANGE:
  case NAME_RANGE_INCLUSIVE:
  case NAME_RANGE_EXCLUSIVE:
  case NAME_IS:
    return false;
  default:
    return name_is_operator(head->value);
  }
}

// The left child along which a long chain nests, or 0.
static FormId spine_child(const AstBuilder *b, const FormView *view) {
  if (view->count < 1) {
    return 0;
  }
  if (view->count == 3 && (is_plain_operator(b, view) || view_headed(b, view, NAME_DOT) ||
                           view_headed(b, view, NAME_IS) || view_reserved(b, view, NAME_SUBSCRIPT))) {
    return view->elements[1];
  }
  if (form_of(b, view->elements[0])->kind == FORM_LIST && !heads_path(b, view->elements[0])) {
    return view->elements[0];
  }
  return 0;
}

// One link of a chain whose left child is built.
static NodeId build_link(AstBuilder *b, FormId form, NodeId left) {
  FormView view = form_view(b, form);
  Span span = form_span(view.form);
  if (form_of(b, view.elements[0])->kind == FORM_LIST) { // a called expression
    return new_call(b, left, build_arguments(b, view.elements + 1, view.count - 1), span);
  }
  if (view_headed(b, &view, NAME_DOT)) {
    return build_member(b, left, view.elements[2], span);
  }
  if (view_reserved(b, &view, NAME_SUBSCRIPT)) {
    NodeId index = build_expression(b, view.elements[2]);
    NodeId node = node_new(b, NODE_SUBSCRIPT, 0, span);
    node_of(b, node)->subscript.receiver = left;
    node_of(b, node)->subscript.index = index;
    return node;
  }
  if (view_headed(b, &view, NAME_IS)) {
    NodeId type = build_type(b, view.elements[2]);
    NodeId node = node_new(b, NODE_IS, 0, span);
    node_of(b, node)->pair.first = left;
    node_of(b, node)->pair.second = type;
    return node;
  }
  NodeId operator= node_name(b, view.elements[0]);
  NodeId right = build_expression(b, view.elements[2]);
  NodeId node = node_new(b, NODE_OPERATOR, 0, span);
  node_of(b, node)->operation.operator= operator;
  node_of(b, node)->operation.left = left;
  node_of(b, node)->operation.right = right;
  return node;
}

static NodeId build_assignment(AstBuilder *b, const FormView *view) {
  Span span = form_span(view->form);
  if (view->count != 3) {
    ast_error(b, span, "assignment needs a target and a value");
    return 0;
  }
  FormView target_view = form_view(b, view->elements[1]);
  if (view_headed(b, &target_view, NAME_COLON)) {
    ast_error(b, form_span(target_view.form),
              "an assignment target has no type; use `let` to declare a variable");
    return 0;
  }
  NodeId target = build_expression(b, view->elements[1]);
  NodeId value = build_expression(b, view->elements[2]);
  if (target != 0) {
    NodeKind kind = ast_kind(b->table, target);
    if (kind != NODE_NAME && kind != NODE_PATH && kind != NODE_FIELD && kind != NODE_SUBSCRIPT &&
        kind != NODE_TUPLE) {
      ast_error(b, form_span(target_view.form),
                "cannot assign to this; expected a name, a field, a subscript or a tuple of them");
      return 0;
    }
  }
  NodeId node = node_new(b, NODE_ASSIGN, 0, span);
  node_of(b, node)->pair.first = target;
  node_of(b, node)->pair.second = value;
  return node;
}

static NodeId build_let(AstBuilder *b, const FormView *view, bool is_var) {
  Span span = form_span(view->form);
  FormView assignment = {0};
  if (view->count == 2) {
    assignment = form_view(b, view->elements[1]);
  }
  if (view->count != 2 || !view_headed(b, &assignment, NAME_ASSIGN)) {
    ast_error(b, span, "%s statement expects an assignment", is_var ? "var" : "let");
    return 0;
  }
  if (assignment.count != 3) {
    ast_error(b, span, "%s statement missing %s", is_var ? "var" : "let",
              assignment.count < 2 ? "pattern" : "initializer");
    return 0;
  }
  NodeId pattern = build_pattern(b, assignment.elements[1]);
  NodeId value = build_expression(b, assignment.elements[2]);
  NodeId node = node_new(b, NODE_LET, is_var ? NODE_FLAG_VAR : 0, span);
  node_of(b, node)->let.pattern = pattern;
  node_of(b, node)->let.value = value;
  return node;
}

static NodeId build_statement(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  if (view_headed(b, &view, NAME_LET)) {
    return build_let(b, &view, false);
  }
  if (view_headed(b, &view, NAME_VAR)) {
    return build_let(b, &view, true);
  }
  return build_expression(b, form);
}

NodeId build_block(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = 1; i < view.count; i++) {
    if (!take_handler(b, view.elements[i], false) && !repeats_clause(b, view.elements + 1, i - 1)) {
      nodes_add(b, build_statement(b, view.elements[i]));
    }
  }
  NodeRange statements = nodes_take(b, mark);
  uint8_t flags = (view.form->flags & FORM_FLAG_SUITE) != 0 ? NODE_FLAG_SUITE : 0;
  NodeId block = node_new(b, NODE_BLOCK, flags, form_span(view.form));
  node_of(b, block)->list.items = statements;
  return block;
}

static NodeId build_unary(AstBuilder *b, NodeKind kind, const FormView *view, const char *missing) {
  if (view->count != 2) {
    ast_error(b, form_span(view->form), "%s", missing);
    return 0;
  }
  NodeId operand = build_expression(b, view->elements[1]);
  NodeId node = node_new(b, kind, 0, form_span(view->form));
  node_of(b, node)->unary.operand = operand;
  return node;
}

static NodeId build_items(AstBuilder *b, NodeKind kind, const FormView *view) {
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = 1; i < view->count; i++) {
    nodes_add(b, build_expression(b, view->elements[i]));
  }
  NodeRange items = nodes_take(b, mark);
  NodeId node = node_new(b, kind, 0, form_span(view->form));
  node_of(b, node)->list.items = items;
  return node;
}

static bool is_empty_list(const AstBuilder *b, FormId form) {
  const Form *bound = form_of(b, form);
  return bound->kind == FORM_LIST && form_count(bound) == 0;
}

// `(.. a b)`, `(.. b)`, `(.. a ())`
static NodeId build_range(AstBuilder *b, const FormView *view) {
  NodeId start = 0, end = 0;
  if (view->count == 2) {
    end = build_expression(b, view->elements[1]);
  } else if (view->count == 3) {
    start = build_expression(b, view->elements[1]);
    end = is_empty_list(b, view->elements[2]) ? 0 : build_expression(b, view->elements[2]);
  } else if (view->count > 3) {
    ast_error(b, form_span(view->form), "a range has two bounds");
    return 0;
  }
  NodeId node = node_new(b, NODE_RANGE, range_flags(b, view->elements[0]), form_span(view->form));
  node_of(b, node)->range.start = start;
  node_of(b, node)->range.end = end;
  return node;
}

// Statements whose word is also legal as an expression: `return e`, `break e`.
static NodeId build_leave(AstBuilder *b, NodeKind kind, const FormView *view, const char *what) {
  if (view->count > 2) {
    ast_error(b, form_span(view->form), "%s statement expects zero or one value", what);
    return 0;
  }
  NodeId operand = view->count == 2 ? build_expression(b, view->elements[1]) : 0;
  NodeId node = node_new(b, kind, 0, form_span(view->form));
  node_of(b, node)->unary.operand = operand;
  return node;
}

static NodeId build_atom(AstBuilder *b, FormId id) {
  const Form *form = form_of(b, id);
  uint8_t wide = (form->flags & FORM_FLAG_WIDE) != 0 ? NODE_FLAG_WIDE : 0;
  NodeId node = 0;
  switch ((FormKind)form->kind) {
  case FORM_INT:
  case FORM_FLOAT:
    node = node_new(b, form->kind == FORM_INT ? NODE_INT : NODE_FLOAT, wide, form_span(form));
    node_of(b, node)->literal.text = form->value;
    return node;
  case FORM_STRING:
    node = node_new(b, NODE_STRING, 0, form_span(form));
    node_of(b, node)->literal.text = form->value;
    return node;
  case FORM_BOOL:
    node = node_new(b, NODE_BOOL, 0, form_span(form));
    node_of(b, node)->boolean.value = form->value != 0;
    return node;
  case FORM_LIST:
  case FORM_IDENTIFIER:
    break;
  }
  if ((form->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) == 0) {
    switch (form->value) {
    case NAME_VOID:
      return node_new(b, NODE_VOID, 0, form_span(form));
    case NAME_RETURN:
      return node_new(b, NODE_RETURN, 0, form_span(form));
    case NAME_BREAK:
      return node_new(b, NODE_BREAK, 0, form_span(form));
    case NAME_CONTINUE:
      return node_new(b, NODE_CONTINUE, 0, form_span(form));
    case NAME_RANGE:
    case NAME_RANGE_INCLUSIVE:
    case NAME_RANGE_EXCLUSIVE:
      return node_new(b, NODE_RANGE, range_flags(b, id), form_span(form));
    default:
      break;
    }
  }
  return node_name(b, id);
}

// Other reserved identifiers in front are names of std (`NODE_FLAG_STANDARD`).
static bool is_reserved_head(Name name) {
  switch (name) {
  case NAME_TUPLE:
  case NAME_ARRAY_LITERAL:
  case NAME_SUBSCRIPT:
  case NAME_INTERPOLATION:
  case NAME_MARKUP:
  case NAME_GENERICS:
  case NAME_AST:
  case NAME_EMIT_MANY:
    return true;
  default:
    return false;
  }
}

// `"a ${x} b"`: `String::init().concat("a ").concat(x).concat(" b")` with std's String (02 §13.3).
static NodeId build_interpolation(AstBuilder *b, const FormView *view) {
  Span span = form_span(view->form);
  uint32_t mark = nodes_mark(b);
  static const Name path[] = {NAME_STRING, NAME_INIT};
  for (int i = 0; i < 2; i++) {
    NodeId segment = node_new(b, NODE_NAME, i == 0 ? NODE_FLAG_STANDARD : 0, span);
    node_of(b, segment)->name.name = path[i];
    nodes_add(b, segment);
  }
  NodeRange segments = nodes_take(b, mark);
  NodeId callee = node_new(b, NODE_PATH, 0, span);
  node_of(b, callee)->path.segments = segments;
  NodeId text = new_call(b, callee, (NodeRange){0, 0}, span);
  Name concat = names_intern(&b->context->names, STR("concat"));
  for (uint32_t i = 1; i < view->count; i++) {
    NodeId member = node_new(b, NODE_NAME, 0, span);
    node_of(b, member)->name.name = concat;
    nodes_add(b, build_expression(b, view->elements[i]));
    text = new_method(b, text, member, nodes_take(b, mark), span);
  }
  return text;
}

// A list headed by a reserved head.
static NodeId build_reserved(AstBuilder *b, const FormView *view) {
  switch (form_of(b, view->elements[0])->value) {
  case NAME_TUPLE:
    return build_items(b, NODE_TUPLE, view);
  case NAME_ARRAY_LITERAL:
    return build_items(b, NODE_ARRAY, view);
  case NAME_INTERPOLATION:
    return build_interpolation(b, view);
  case NAME_MARKUP:
    return build_markup(b, view);
  case NAME_SUBSCRIPT:
    ast_error(b, form_span(view->form), "a subscript needs exactly one index");
    return 0;
  default:
    ast_error(b, form_span(view->form), "unsupported expression");
    return 0;
  }
}

// Lists headed by a word or operator with a meaning of its own; 0 with `*found` false for the others.
static NodeId build_special(AstBuilder *b, FormId form, const FormView *view, bool *found) {
  const Form *head = form_of(b, view->elements[0]);
  *found = true;
  switch (head->value) {
  case NAME_BLOCK:
    return build_block(b, form);
  case NAME_IF:
    return build_if(b, form);
  case NAME_WHILE:
    return build_while(b, form);
  case NAME_TRY:
    return build_try(b, form);
  case NAME_MATCH:
    if (view->count < 2) {
      ast_error(b, form_span(view->form), "match expression missing discriminant");
      return 0;
    } else {
      NodeId operand = build_expression(b, view->elements[1]);
      return build_match(b, form_span(view->form), operand, view->elements + 2, view->count - 2);
    }
  case NAME_RETURN:
    return build_leave(b, NODE_RETURN, view, "return");
  case NAME_BREAK:
    return build_leave(b, NODE_BREAK, view, "break");
  case NAME_CONTINUE:
    if (view->count > 1) {
      ast_error(b, form_span(view->form), "continue takes no value");
      return 0;
    }
    return node_new(b, NODE_CONTINUE, 0, form_span(view->form));
  case NAME_LET:
  case NAME_VAR:
    ast_error(b, form_span(view->form), "a %s statement is only allowed as a line of a block",
              head->value == NAME_LET ? "let" : "var");
    return 0;
  case NAME_FN:
    ast_error(b, form_span(view->form),
              "functions are declared at module level; use a lambda here, as in `(x) => x`");
    return 0;
  case NAME_ASSIGN:
    return build_assignment(b, view);
  case NAME_FAT_ARROW:
    return build_lambda(b, form);
  case NAME_TILDE:
    return build_unary(b, NODE_MUTABLE, view, "'~' needs a name after it");
  case NAME_SPREAD:
    return build_unary(b, NODE_SPREAD, view, "spread entry missing value");
  case NAME_PATH:
    return build_path_expression(b, form, view);
  case NAME_RANGE:
  case NAME_RANGE_INCLUSIVE:
  case NAME_RANGE_EXCLUSIVE:
    return build_range(b, view);
  case NAME_DOT:
    ast_error(b, form_span(view->form), "'.' needs a member name after it");
    return 0;
  case NAME_IS:
    ast_error(b, form_span(view->form), "'is' needs a value and a type");
    return 0;
  case NAME_COLON:
  case NAME_OPTIONAL_COLON:
    ast_error(b, form_span(view->form), "clause has nothing to attach to");
    return 0;
  case NAME_AT: {
    FormId self = form;
    attributes_without_target(b, &self, 1);
    return 0;
  }
  default:
    *found = false;
    return 0;
  }
}

static NodeId build_prefix(AstBuilder *b, const FormView *view) {
  NodeId operator= node_name(b, view->elements[0]);
  NodeId operand = build_expression(b, view->elements[1]);
  NodeId node = node_new(b, NODE_OPERATOR, 0, form_span(view->form));
  node_of(b, node)->operation.operator= operator;
  node_of(b, node)->operation.left = operand;
  return node;
}

// A form that is no link of a left spine.
static NodeId build_plain(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  if (view.form->kind != FORM_LIST) {
    return build_atom(b, form);
  }
  if (view.count == 0) {
    return node_new(b, NODE_TUPLE, 0, form_span(view.form));
  }
  const Form *head = form_of(b, view.elements[0]);
  if (head->kind == FORM_LIST) {
    return build_called_path(b, &view);
  }
  if (head->kind != FORM_IDENTIFIER) {
    // `1 2`: a literal is called; the checker says so
    NodeId callee = build_atom(b, view.elements[0]);
    return new_call(b, callee, build_arguments(b, view.elements + 1, view.count - 1), form_span(view.form));
  }
  if ((head->flags & FORM_FLAG_RESERVED) != 0) {
    if (head->value == NAME_OBJECT_LITERAL) {
      NodeRange entries = build_entries(b, form);
      NodeId record = node_new(b, NODE_RECORD, 0, form_span(view.form));
      node_of(b, record)->list.items = entries;
      return record;
    }
    if (is_reserved_head(head->value)) {
      return build_reserved(b, &view);
    }
  } else if ((head->flags & FORM_FLAG_QUOTED) == 0) {
    bool found = false;
    NodeId node = build_special(b, form, &view, &found);
    if (found) {
      return node;
    }
    if (view.count == 2 && is_plain_operator(b, &view)) {
      return build_prefix(b, &view);
    }
  }
  return build_named_call(b, &view);
}

NodeId build_expression(AstBuilder *b, FormId form) {
  if (!ast_enter(b, span_of(b, form))) {
    ast_leave(b);
    return 0;
  }
  uint32_t bottom = b->spine.count;
  for (;;) {
    FormView view = form_view(b, form);
    FormId left = spine_child(b, &view);
    if (left == 0) {
      break;
    }
    VECTOR_PUSH(&b->scratch, &b->spine, form);
    form = left;
  }
  NodeId node = build_plain(b, form);
  while (b->spine.count > bottom) {
    node = build_link(b, b->spine.items[--b->spine.count], node);
  }
  ast_leave(b);
  return node;
}
