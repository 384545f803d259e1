// The typed tree as text, for `--emit typed` and tests: each expression's type, role and coercion, an
// indented tree per instance in order of discovery.
#include "check/state.h"

static void print_call(const Program *program, uint32_t index, Text *out) {
  static const char *const KINDS[] = {"direct", "builtin", "value", "dispatch", "operation"};
  static const char *const BUILTINS[] = {
#define BUILTIN(id, ...) #id,
#include "check/builtins.def"
#undef BUILTIN
  };
  const CallPlan *plan = &program->calls.items[index];
  text_format(out, " call %s", KINDS[plan->kind]);
  if (plan->kind == CALL_BUILTIN) {
    text_format(out, " %s", BUILTINS[plan->target]);
  } else if (plan->kind == CALL_DIRECT) {
    const Instance *callee = program_instance(program, plan->target);
    text_add_char(out, ' ');
    text_add(out, context_name(program->context, ast_function(program->ast, callee->function)->name));
    for (uint32_t i = 0; i < callee->substitution.count; i++) {
      text_add(out, i == 0 ? STR("<") : STR(", "));
      types_print(&program->types, callee->substitution.types[i], out);
    }
    text_add(out, callee->substitution.count > 0 ? STR(">") : STR(""));
  }
  static const char *const ARGUMENTS[] = {"value", "field", "absent", "default"};
  for (uint32_t i = 0; i < plan->count; i++) {
    const ArgumentPlan *argument = &program->arguments.items[plan->first + i];
    text_format(out, "%s%s%s", i == 0 ? " [" : ", ", argument->mutable ? "~" : "", ARGUMENTS[argument->kind]);
    text_format(out, i + 1 == plan->count ? "]" : "%s", "");
  }
}

static void print_node(const Program *program, const Instance *instance, NodeId node, Text *out) {
  static const char *const COERCIONS[] = {"", "wrap", "widen", "box", "adapt", "view"};
  static const char *const ROLES[] = {"", "local", "let", "function", "call", "construct", "field", "mark"};
  static const char *const KINDS[] = {
#define NODE(kind, what) #kind,
#include "ast/nodes.def"
#undef NODE
  };
  const TypedNode *typed = typed_node(instance, node);
  if (typed->type == TYPE_NONE) {
    return;
  }
  SourceLocation at = sources_locate(&program->context->sources, ast_node(program->ast, node)->span);
  text_format(out, "  %u:%u %s: ", at.line, at.column, KINDS[ast_kind(program->ast, node)]);
  types_print(&program->types, typed->type, out);
  if (typed->role == ROLE_CALL) {
    print_call(program, typed->detail, out);
  } else if (typed->role == ROLE_LOCAL) {
    text_add(out, STR(" local "));
    text_add(out, context_name(program->context, names_local(program->names, typed->detail)->name));
  } else if (typed->role != ROLE_NONE) {
    text_format(out, " %s", ROLES[typed->role]);
  }
  if (typed->coercion != COERCE_NONE) {
    text_format(out, " %s to ", COERCIONS[typed->coercion]);
    types_print(&program->types, typed->target, out);
  }
  text_add(out, typed->leaves ? STR(" leaves\n") : STR("\n"));
}

void check_print(const Program *program, Text *out) {
  for (uint32_t i = 0; i < program->lowered.count; i++) {
    const Instance *instance = program_instance(program, program->lowered.items[i]);
    Name name = instance->function ? ast_function(program->ast, instance->function)->name
                                   : program->ast->lets.items[instance->let].name;
    text_add(out, instance->function ? STR("fn ") : STR("let "));
    text_add(out, context_name(program->context, name));
    for (uint32_t s = 0; s < instance->substitution.count; s++) {
      text_add(out, s == 0 ? STR("<") : STR(", "));
      types_print(&program->types, instance->substitution.types[s], out);
    }
    text_add(out, instance->substitution.count > 0 ? STR("> -> ") : STR(" -> "));
    types_print(&program->types, instance->result, out);
    text_add_char(out, '\n');
    for (NodeId node = instance->first_node; instance->nodes && node < instance->end_node; node++) {
      print_node(program, instance, node, out);
    }
  }
}
