// How often a handler clause calls its continuation: the flow analysis of spec 06 §8.
//
// `fall` is the range of calls on paths that complete normally, `term` on paths that end early (a call of the
// continuation, `return`, `break`); a range may be absent.
#include "check/state.h"

typedef struct Range {
  bool any; // some path does this
  uint32_t least, most;
} Range;

typedef struct Flow {
  Range fall, term;
  bool escapes;
} Flow;

typedef struct Analysis {
  const Program *program;
  LocalId continuation;
} Analysis;

static Flow flow_of(const Analysis *analysis, NodeId node);

static const Flow NOTHING = {.fall = {true, 0, 0}};

static uint32_t plus(uint32_t a, uint32_t b) {
  return a == UINT32_MAX || b == UINT32_MAX ? UINT32_MAX : a + b;
}

static Range either(Range a, Range b) {
  if (!a.any || !b.any) {
    return a.any ? a : b;
  }
  return (Range){true, a.least < b.least ? a.least : b.least, a.most > b.most ? a.most : b.most};
}

static Range added(Range a, Range b) {
  return a.any && b.any ? (Range){true, plus(a.least, b.least), plus(a.most, b.most)} : (Range){0};
}

// `next` runs after `first`, if `first` completes.
static Flow then(Flow first, Flow next) {
  if (!first.fall.any) {
    return first;
  }
  return (Flow){added(first.fall, next.fall), either(first.term, added(first.fall, next.term)),
                first.escapes || next.escapes};
}

static Flow branch(Flow a, Flow b) {
  return (Flow){either(a.fall, b.fall), either(a.term, b.term), a.escapes || b.escapes};
}

static bool is_continuation(const Analysis *analysis, NodeId node) {
  if (ast_kind(analysis->program->ast, node) != NODE_NAME) {
    return false;
  }
  Resolution found = names_resolution(analysis->program->names, node);
  return found.kind == RESOLVED_LOCAL && found.id == analysis->continuation;
}

static Flow sequence(const Analysis *analysis, NodeRange range) {
  Flow flow = NOTHING;
  for (uint32_t i = 0; i < range.count; i++) {
    flow = then(flow, flow_of(analysis, ast_listed(analysis->program->ast, range, i)));
  }
  return flow;
}

static Flow ends(Flow flow, uint32_t calls) {
  Range one = {true, calls, calls};
  return (Flow){{0}, either(flow.term, added(flow.fall, one)), flow.escapes};
}

static Flow repeated(Flow flow) {
  bool calls = (flow.fall.any && flow.fall.most > 0) || (flow.term.any && flow.term.most > 0);
  return (Flow){.fall = {true, 0, calls ? UINT32_MAX : 0}, .escapes = flow.escapes};
}

// Mentions anywhere inside a lambda let the continuation escape.
static bool mentions(const Analysis *analysis, const AstFunction *function) {
  for (NodeId node = function->first_node; node < function->end_node; node++) {
    if (is_continuation(analysis, node)) {
      return true;
    }
  }
  return false;
}

static Flow flow_of_if(const Analysis *analysis, const AstNode *at) {
  const AstTable *ast = analysis->program->ast;
  Flow before = NOTHING, result = {0};
  for (uint32_t i = 0; i < at->conditional.branches.count; i++) {
    const AstNode *one = ast_node(ast, ast_listed(ast, at->conditional.branches, i));
    before = then(before, flow_of(analysis, one->pair.first));
    result = branch(result, then(before, flow_of(analysis, one->pair.second)));
  }
  Flow otherwise = at->conditional.otherwise ? flow_of(analysis, at->conditional.otherwise) : NOTHING;
  return branch(result, then(before, otherwise));
}

static Flow flow_of_match(const Analysis *analysis, const AstNode *at) {
  const AstTable *ast = analysis->program->ast;
  Flow result = {0};
  for (uint32_t i = 0; i < at->match.arms.count; i++) {
    result =
        branch(result, flow_of(analysis, ast_node(ast, ast_listed(ast, at->match.arms, i))->pair.second));
  }
  return then(flow_of(analysis, at->match.operand), result);
}

static Flow flow_of_try(const Analysis *analysis, const AstNode *at) {
  const AstTable *ast = analysis->program->ast;
  Flow flow = flow_of(analysis, at->attempt.body);
  for (uint32_t i = 0; i < at->attempt.handlers.count; i++) {
    FunctionId clause = ast_node(ast, ast_listed(ast, at->attempt.handlers, i))->handler.clause;
    flow = then(flow, flow_of(analysis, ast_function(ast, clause)->body));
  }
  return flow;
}

static Flow flow_of(const Analysis *analysis, NodeId node) {
  const AstTable *ast = analysis->program->ast;
  if (!node) {
    return NOTHING;
  }
  const AstNode at = *ast_node(ast, node);
  switch ((NodeKind)at.kind) {
  case NODE_NAME: {
    Flow flow = NOTHING;
    flow.escapes = is_continuation(analysis, node);
    return flow;
  }
  case NODE_CALL: {
    bool resumes = is_continuation(analysis, at.call.callee);
    Flow callee = resumes ? NOTHING : flow_of(analysis, at.call.callee);
    Flow flow = then(callee, sequence(analysis, at.call.arguments));
    return resumes ? ends(flow, 1) : flow;
  }
  case NODE_METHOD_CALL:
    return then(flow_of(analysis, at.method.receiver), sequence(analysis, at.method.arguments));
  case NODE_OPERATOR:
    return then(flow_of(analysis, at.operation.left), flow_of(analysis, at.operation.right));
  case NODE_FIELD:
    return flow_of(analysis, at.field.receiver);
  case NODE_SUBSCRIPT:
    return then(flow_of(analysis, at.subscript.receiver), flow_of(analysis, at.subscript.index));
  case NODE_MUTABLE:
  case NODE_SPREAD:
    return flow_of(analysis, at.unary.operand);
  case NODE_RETURN:
  case NODE_BREAK:
    return ends(flow_of(analysis, at.unary.operand), 0);
  case NODE_CONTINUE:
    return ends(NOTHING, 0);
  case NODE_ARGUMENT:
  case NODE_ENTRY:
    return flow_of(analysis, at.labelled.value);
  case NODE_TUPLE:
  case NODE_ARRAY:
  case NODE_RECORD:
  case NODE_BLOCK:
    return sequence(analysis, at.list.items);
  case NODE_CONSTRUCT:
    return sequence(analysis, at.construct.entries);
  case NODE_RANGE:
    return then(flow_of(analysis, at.range.start), flow_of(analysis, at.range.end));
  case NODE_IF:
    return flow_of_if(analysis, &at);
  case NODE_MATCH:
    return flow_of_match(analysis, &at);
  case NODE_WHILE:
    return repeated(then(flow_of(analysis, at.pair.first), flow_of(analysis, at.pair.second)));
  case NODE_ASSIGN:
    return then(flow_of(analysis, at.pair.second), flow_of(analysis, at.pair.first));
  case NODE_IS:
    return flow_of(analysis, at.pair.first);
  case NODE_LET:
    return flow_of(analysis, at.let.value);
  case NODE_LAMBDA: {
    Flow flow = NOTHING;
    flow.escapes = mentions(analysis, ast_function(ast, at.lambda.function));
    return flow;
  }
  case NODE_TRY:
    return flow_of_try(analysis, &at);
  default:
    return NOTHING;
  }
}

Resumptions check_count_resumptions(const Program *program, NodeId clause_body, LocalId continuation) {
  Analysis analysis = {program, continuation};
  Flow flow = flow_of(&analysis, clause_body);
  Range total = either(flow.fall, flow.term);
  return (Resumptions){total.least, total.most, flow.escapes};
}
