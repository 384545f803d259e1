// `if`, `while`, `match` and `try` (spec 01 §11.4-§11.7).
#include "ast/builder.h"

static NodeId new_pair(AstBuilder *b, NodeKind kind, NodeId first, NodeId second, Span span) {
  NodeId node = node_new(b, kind, 0, span);
  node_of(b, node)->pair.first = first;
  node_of(b, node)->pair.second = second;
  return node;
}

static bool is_clause(const AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  return view_headed(b, &view, NAME_COLON);
}

static NodeId finish_if(AstBuilder *b, uint32_t mark, NodeId otherwise, Span span) {
  NodeRange branches = nodes_take(b, mark);
  NodeId node = node_new(b, NODE_IF, 0, span);
  node_of(b, node)->conditional.branches = branches;
  node_of(b, node)->conditional.otherwise = otherwise;
  return node;
}

// `(if c (: then a) (: elif d) (: then b) (: else e))`
static NodeId build_then_if(AstBuilder *b, const FormView *view) {
  uint32_t mark = nodes_mark(b);
  Span span = form_span(view->form);
  NodeId otherwise = 0;
  if (is_clause(b, view->elements[1])) {
    ast_error(b, span_of(b, view->elements[1]),
              "'then:' without a condition; write `if condition then: value`");
    return 0;
  }
  FormId condition = view->elements[1];
  bool done = false;
  for (uint32_t i = 2; i < view->count; i++) {
    FormId label = 0, value = 0;
    Span clause = span_of(b, view->elements[i]);
    if (take_handler(b, view->elements[i], true)) {
      continue;
    }
    if (!form_clause(b, view->elements[i], &label, &value)) {
      ast_error(b, clause, "if clause missing condition or value");
      return 0;
    }
    bool then = form_word(b, label, NAME_THEN);
    bool elif = form_word(b, label, NAME_ELIF);
    if (done || (!then && !elif && !form_word(b, label, NAME_ELSE))) {
      ast_error(b, clause, done ? "no clause can follow 'else:'" : "unexpected clause in an if with 'then:'");
      return 0;
    }
    if (then) {
      if (condition == 0) {
        ast_error(b, clause, "'then:' without a condition; write `elif: condition then: value`");
        return 0;
      }
      NodeId test = build_expression(b, condition);
      nodes_add(b, new_pair(b, NODE_BRANCH, test, build_expression(b, value),
                            (Span){span_of(b, condition).start, clause.end}));
      condition = 0;
    } else if (condition != 0) {
      ast_error(b, clause, "if expression requires 'then:' before '%s:'", elif ? "elif" : "else");
      return 0;
    } else if (elif) {
      condition = value;
    } else {
      otherwise = build_expression(b, value);
      done = true;
    }
  }
  if (condition != 0) {
    ast_error(b, span, "if expression missing then branch");
    return 0;
  }
  return finish_if(b, mark, otherwise, span);
}

static NodeId build_clause_if(AstBuilder *b, const FormView *view) {
  uint32_t mark = nodes_mark(b);
  Span span = form_span(view->form);
  NodeId otherwise = 0;
  uint32_t branches = 0;
  bool done = false;
  for (uint32_t i = 1; i < view->count; i++) {
    FormId label = 0, value = 0;
    Span clause = span_of(b, view->elements[i]);
    if (i > 1 && take_handler(b, view->elements[i], true)) {
      continue;
    }
    if (!form_clause(b, view->elements[i], &label, &value)) {
      if (i == 1 && !is_clause(b, view->elements[i])) {
        ast_error(b, span, "if expression missing then branch");
      } else {
        ast_error(b, clause, "if clause missing condition or value");
      }
      return 0;
    }
    if (done) {
      ast_error(b, clause, "no clause can follow 'else:'");
      return 0;
    }
    if (form_word(b, label, NAME_ELSE)) {
      if (branches == 0) {
        ast_error(b, clause, "if expression missing condition before 'else:'");
        return 0;
      }
      otherwise = build_expression(b, value);
      done = true;
    } else {
      NodeId test = build_expression(b, label);
      nodes_add(b, new_pair(b, NODE_BRANCH, test, build_expression(b, value), clause));
      branches++;
    }
  }
  return finish_if(b, mark, otherwise, span);
}

NodeId build_if(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  if (view.count < 2) {
    ast_error(b, form_span(view.form), "if expression missing condition");
    return 0;
  }
  uint32_t mark = nodes_mark(b);
  bool then = false;
  for (uint32_t i = 1; i < view.count; i++) {
    FormView clause = form_view(b, view.elements[i]);
    if (view_headed(b, &clause, NAME_COLON) && clause.count > 1 &&
        (form_word(b, clause.elements[1], NAME_THEN) || form_word(b, clause.elements[1], NAME_ELIF))) {
      then = true;
    }
  }
  // `if c else: e then: a`: a condition that is no clause needs its `then:`
  NodeId node = then ? build_then_if(b, &view) : build_clause_if(b, &view);
  b->nodes.count = mark;
  return node;
}

NodeId build_while(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  FormId condition, body;
  if (view.count < 2) {
    ast_error(b, form_span(view.form), "while expression missing condition");
    return 0;
  }
  uint32_t count = view.count;
  while (count > 2 && take_handler(b, view.elements[count - 1], false)) {
    count--;
  }
  if (count != 2 || !form_clause(b, view.elements[1], &condition, &body)) {
    Span span = is_clause(b, view.elements[1]) ? form_span(view.form) : span_of(b, view.elements[1]);
    ast_error(b, span, "while expression requires clause-style syntax 'while condition:'");
    return 0;
  }
  NodeId test = build_expression(b, condition);
  return new_pair(b, NODE_WHILE, test, build_expression(b, body), form_span(view.form));
}

// Lines of a suite that is no list of clauses: point at those that are none.
static void report_unlabelled_arms(AstBuilder *b, FormId form) {
  FormView suite = form_view(b, form);
  if (!view_headed(b, &suite, NAME_BLOCK)) {
    ast_error(b, form_span(suite.form), "match cases must be labeled with ':'");
    return;
  }
  for (uint32_t i = 1; i < suite.count; i++) {
    if (!is_clause(b, suite.elements[i])) {
      ast_error(b, span_of(b, suite.elements[i]), "match cases must be labeled with ':'");
    }
  }
}

NodeId build_match(AstBuilder *b, Span span, NodeId operand, const FormId *clauses, uint32_t count) {
  uint32_t first = 0;
  NodeId binder = 0;
  if (count > 0 && form_names(b, clauses[0])) {
    binder = build_pattern(b, clauses[0]);
    first = 1;
  }
  uint32_t mark = nodes_mark(b);
  for (uint32_t i = first; i < count; i++) {
    FormId pattern_form = 0, value_form = 0;
    if (take_handler(b, clauses[i], false)) {
      continue;
    }
    if (!form_clause(b, clauses[i], &pattern_form, &value_form)) {
      if (is_clause(b, clauses[i])) {
        ast_error(b, span_of(b, clauses[i]), "match case missing pattern or value");
      } else {
        report_unlabelled_arms(b, clauses[i]);
      }
      continue;
    }
    NodeId pattern = build_match_pattern(b, pattern_form);
    nodes_add(b, new_pair(b, NODE_ARM, pattern, build_expression(b, value_form), span_of(b, clauses[i])));
  }
  NodeRange arms = nodes_take(b, mark);
  NodeId node = node_new(b, NODE_MATCH, 0, span);
  node_of(b, node)->match.operand = operand;
  node_of(b, node)->match.binder = binder;
  node_of(b, node)->match.arms = arms;
  return node;
}

// The parts of a handler clause `op(resume, x): body`.
typedef struct HandlerClause {
  FormId path; // the path before the operation, or 0
  FormId operation;
  const FormId *parameters;
  uint32_t parameter_count;
  FormId body;
} HandlerClause;

// Reads `(: (op p…) body)`, `(: (:: E (op p…)) body)` and `(: op (=> (p…) body))`, which the reader makes of
// the first behind a call (01 §9.3).
static bool read_handler(const AstBuilder *b, FormId form, HandlerClause *out) {
  FormId label, value;
  if (!form_clause(b, form, &label, &value)) {
    return false;
  }
  *out = (HandlerClause){.body = value};
  FormView head = form_view(b, label);
  if (view_headed(b, &head, NAME_PATH) && head.count == 3) {
    out->path = head.elements[1];
    head = form_view(b, head.elements[2]);
  } else if (head.form->kind == FORM_IDENTIFIER && form_names(b, label)) {
    FormView lambda = form_view(b, value);
    if (!view_headed(b, &lambda, NAME_FAT_ARROW) || lambda.count != 3) {
      return false;
    }
    FormView signature = form_view(b, lambda.elements[1]);
    out->operation = label;
    out->body = lambda.elements[2];
    bool single = signature.form->kind != FORM_LIST;
    out->parameters = single ? &lambda.elements[1] : signature.elements;
    out->parameter_count = single ? 1 : signature.count;
    return true;
  }
  if (head.count == 0 || !form_names(b, head.elements[0])) {
    return false;
  }
  out->operation = head.elements[0];
  out->parameters = head.elements + 1;
  out->parameter_count = head.count - 1;
  return true;
}

static bool names_continuation(const AstBuilder *b, const HandlerClause *clause) {
  return clause->parameter_count > 0 &&
         (form_word(b, clause->parameters[0], NAME_RESUME) || form_word(b, clause->parameters[0], NAME_TAIL));
}

// spec 01 §11.7: inside the body of a `try`, clauses with a qualified head and a suite belong to the `try`.
// Where a clause means something else as well (a branch `E::ready(x):` of an `if`, a callback `name(p…):`)
// the conventional name of the continuation decides; which bare names denote operations is not known yet.
bool take_handler(AstBuilder *b, FormId form, bool branch_of_if) {
  HandlerClause clause;
  if (b->attempt == NULL || !read_handler(b, form, &clause)) {
    return false;
  }
  FormView body = form_view(b, clause.body);
  if (!view_headed(b, &body, NAME_BLOCK)) {
    return false;
  }
  if ((clause.path == 0 || branch_of_if) && !names_continuation(b, &clause)) {
    return false;
  }
  VECTOR_PUSH(&b->scratch, &b->handlers, form);
  return true;
}

static NodeId build_handler(AstBuilder *b, FormId form) {
  Span span = span_of(b, form);
  HandlerClause clause;
  if (!is_clause(b, form)) {
    ast_error(b, span, "handler clause must be labeled, as in `op(resume):`");
    return 0;
  }
  if (!read_handler(b, form, &clause)) {
    FormView view = form_view(b, form);
    if (view.count != 3) {
      ast_error(b, span, "handler clause missing head or body");
    } else {
      ast_error(b, span_of(b, view.elements[1]),
                "handler operation must be an identifier with parameters, as in `op(resume):`");
    }
    return 0;
  }
  NodeId operation = 0;
  if (clause.path != 0) {
    // the path as written, up to the operation's name
    NodeId path = build_path(b, clause.path);
    NodeId name = node_name(b, clause.operation);
    uint32_t mark = nodes_mark(b);
    if (path != 0 && ast_kind(b->table, path) == NODE_PATH) {
      NodeRange segments = node_of(b, path)->path.segments;
      for (uint32_t i = 0; i < segments.count; i++) {
        nodes_add(b, ast_listed(b->table, segments, i));
      }
    } else {
      nodes_add(b, path);
    }
    nodes_add(b, name);
    NodeRange segments = nodes_take(b, mark);
    operation =
        node_new(b, NODE_PATH, 0, (Span){span_of(b, clause.path).start, span_of(b, clause.operation).end});
    node_of(b, operation)->path.segments = segments;
  } else {
    operation = node_name(b, clause.operation);
  }
  FunctionId function = build_handler_clause(b, clause.parameters, clause.parameter_count, clause.body, span);
  FormView body = form_view(b, clause.body);
  NodeId node = node_new(b, NODE_HANDLER, view_headed(b, &body, NAME_BLOCK) ? 0 : NODE_FLAG_INLINE, span);
  node_of(b, node)->handler.operation = operation;
  node_of(b, node)->handler.clause = function;
  return node;
}

NodeId build_try(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  uint32_t next = 1;
  uint8_t flags = 0;
  if (next < view.count && form_word(b, view.elements[next], NAME_OPEN)) {
    flags = NODE_FLAG_OPEN;
    next++;
  }
  if (next == view.count || is_clause(b, view.elements[next])) {
    ast_error(b, form_span(view.form), "try expression missing body");
    return 0;
  }
  TryScope scope = {b->handlers.count};
  TryScope *outer = b->attempt;
  b->attempt = &scope;
  NodeId body = build_expression(b, view.elements[next]);
  b->attempt = outer;
  // Handlers found in the body stand before those of the `try` itself.
  uint32_t mark = nodes_mark(b);
  uint32_t found = b->handlers.count;
  for (uint32_t i = scope.first_handler; i < found; i++) {
    nodes_add(b, build_handler(b, b->handlers.items[i]));
  }
  b->handlers.count = scope.first_handler;
  for (uint32_t i = next + 1; i < view.count; i++) {
    nodes_add(b, build_handler(b, view.elements[i]));
  }
  NodeRange handlers = nodes_take(b, mark);
  NodeId node = node_new(b, NODE_TRY, flags, form_span(view.form));
  node_of(b, node)->attempt.body = body;
  node_of(b, node)->attempt.handlers = handlers;
  return node;
}
