// Places: what may be written or passed with `~` (spec 07 §1), and who may see a member (03 §5.5).
#include "check/state.h"

// The local at the root of a name or field chain, 0 for anything else.
LocalId check_place_root(const Body *body, NodeId node) {
  for (;;) {
    const AstNode *at = ast_node(body->ast, node);
    if (at->kind == NODE_FIELD) {
      node = at->field.receiver;
    } else if (at->kind == NODE_MUTABLE) {
      node = at->unary.operand;
    } else if (at->kind == NODE_NAME) {
      Resolution found = names_resolution(body->names, node);
      return found.kind == RESOLVED_LOCAL ? found.id : 0;
    } else {
      return 0;
    }
  }
}

// A module-level let, or a field of one.
bool check_is_module_let(const Body *body, NodeId node) {
  while (ast_kind(body->ast, node) == NODE_FIELD) {
    node = ast_node(body->ast, node)->field.receiver;
  }
  return ast_kind(body->ast, node) == NODE_NAME && body->nodes[node - body->first_node].role == ROLE_LET;
}

// A call whose target gives back one of its `~` parameters stands for the argument's place (07 §9.3): that
// argument, or 0.
static NodeId same_place_argument(const Body *body, NodeId node) {
  const TypedNode *typed = &body->nodes[node - body->first_node];
  NodeKind kind = ast_kind(body->ast, node);
  if ((kind != NODE_CALL && kind != NODE_METHOD_CALL) || typed->role != ROLE_CALL) {
    return 0;
  }
  const CallPlan *plan = &body->program->calls.items[typed->detail];
  FunctionId function = plan->kind == CALL_DIRECT     ? body->program->instances.items[plan->target].function
                        : plan->kind == CALL_DISPATCH ? plan->target
                                                      : 0;
  const AstFunction *target = function ? ast_function(body->ast, function) : NULL;
  for (uint32_t i = 0; target && target->same_place != NAME_EMPTY && i < target->parameters.count; i++) {
    if (body->ast->parameters.items[target->parameters.first + i].name == target->same_place) {
      const ArgumentPlan *argument = &body->program->arguments.items[plan->first + i];
      return argument->kind == ARGUMENT_VALUE ? argument->node : 0;
    }
  }
  return 0;
}

void check_mutable_argument(Body *body, NodeId node, Str parameter, TypeId type) {
  bool marked = ast_kind(body->ast, node) == NODE_MUTABLE;
  NodeId place = check_inner(body, node);
  for (NodeId through = same_place_argument(body, place); through;
       through = same_place_argument(body, place)) {
    place = check_inner(body, through);
  }
  DiagnosticSink *sink = &body->context->diagnostics;
  LocalId root = check_place_root(body, place);
  if (root) {
    const Local *local = names_local(body->names, root);
    bool mutable = local->kind == LOCAL_MUTABLE || local->kind == LOCAL_MUTABLE_PARAMETER;
    if (mutable || (marked && (local->kind == LOCAL_VAR || local->kind == LOCAL_PARAMETER))) {
      return;
    }
    Str name = body_name(body, local->name);
    Diagnostic *diagnostic = diagnostic_add(sink, DIAGNOSTIC_TY0004, body_span(body, node),
                                            "'%.*s' requires a mutable object reference, '%.*s' is immutable",
                                            STR_ARGS(parameter), STR_ARGS(name));
    diagnostic_related(sink, diagnostic, local->span, "'%.*s' is declared here", STR_ARGS(name));
    diagnostic_hint(sink, diagnostic,
                    local->kind == LOCAL_PARAMETER ? "declare the parameter as `~%.*s`"
                                                   : "declare it with `let ~%.*s`",
                    STR_ARGS(name));
    return;
  }
  if (check_is_module_let(body, place)) {
    Diagnostic *diagnostic = diagnostic_add(
        sink, DIAGNOSTIC_TY0004, body_span(body, node),
        "'%.*s' requires a mutable object reference, module-level lets are immutable", STR_ARGS(parameter));
    diagnostic_hint(sink, diagnostic, "copy what is to change into a `let ~` first");
    return;
  }
  if (marked || type == TYPE_UNKNOWN) {
    return;
  }
  if (types_is_value(body->types, type)) {
    Str text = body_type_text(body, type);
    Diagnostic *diagnostic =
        diagnostic_add(sink, DIAGNOSTIC_TY0045, body_span(body, node),
                       "temporary %.*s cannot be mutated: the change would be lost", STR_ARGS(text));
    diagnostic_hint(sink, diagnostic, "bind it first: `let ~value = …`");
    return;
  }
  Diagnostic *diagnostic =
      diagnostic_add(sink, DIAGNOSTIC_TY0004, body_span(body, node),
                     "'%.*s' requires a mutable object reference, this is a temporary", STR_ARGS(parameter));
  diagnostic_hint(sink, diagnostic, "bind it first: `let ~value = …`, or mark it with `~`");
}

const AstField *check_declared_field(const Body *body, TypeId nominal, Name name) {
  const Type *type = type_get(body->types, nominal);
  if (type->kind != KIND_NOMINAL) {
    return NULL;
  }
  const AstObject *object = &body->ast->objects.items[names_symbol(body->names, type->symbol)->declaration];
  uint32_t position = declarations_field_position(body->declarations, type->symbol, name);
  return position == ID_MAP_NONE ? NULL : &body->ast->fields.items[object->fields.first + position];
}

bool check_member_access(const Body *body, SymbolId owner, Modifier modifier) {
  const Symbol *symbol = names_symbol(body->names, owner);
  const ModuleGraph *graph = body->program->graph;
  const Module *home = graph_module(graph, symbol->module), *here = graph_module(graph, body->module);
  bool same_package = home->package == here->package && home->path.space == here->path.space;
  if (modifier == MODIFIER_API) {
    return true;
  }
  if (modifier != MODIFIER_PRI) {
    return same_package;
  }
  // `pri`: only while checking a method of the owning type, in an impl of it in the declaring module.
  if (!body->method_of || symbol->module != body->module) {
    return false;
  }
  ImplId impl = check_function_info(body->program, body->method_of)->impl;
  TypeId target =
      impl ? types_nominal_part(body->types, body->declarations->impls.items[impl].target) : TYPE_NONE;
  return target != TYPE_NONE && type_get(body->types, target)->symbol == owner;
}
