// The typed tree as text, for `--emit typed` and tests: what checking found about each node of the user's own
// bodies. A block per instance, a line per node, children before their parents:
//
//   fn pick<i32>(a: i32, b: i32) -> i32
//     2:3 call `show(a)`: i64, calls show(i32) -> i64 with (value `a`), wraps to Optional<i64>
//
// Functions stand in the order of the source; of a generic one first the body with its parameters as
// themselves, then its instances in order of their type arguments.
#include <stdlib.h>
#include <string.h>

#include "check/state.h"

// `Box<i32>.get<f64>`: the implementing type, the name, the function's own type arguments.
static void instance_name(const Program *program, const Instance *instance, Text *out) {
  const AstFunction *function = ast_function(program->ast, instance->function);
  if (instance->self_type != TYPE_NONE) {
    types_print(&program->types, instance->self_type, out);
    text_add_char(out, '.');
  }
  text_add(out, context_name(program->context, function->name));
  AstRange own = function->type_parameters;
  for (uint32_t i = 0; i < own.count; i++) {
    text_add(out, i == 0 ? STR("<") : STR(", "));
    types_print(&program->types, substitution_get(&instance->substitution, own.first + i), out);
  }
  text_add(out, own.count > 0 ? STR(">") : STR(""));
}

Span program_instance_span(const Program *program, InstanceId id) {
  const Instance *instance = program_instance(program, id);
  return instance->function == 0 ? ast_node(program->ast, program->ast->lets.items[instance->let].value)->span
                                 : ast_function(program->ast, instance->function)->span;
}

Str program_instance_name(const Program *program, Arena *arena, InstanceId id, bool full) {
  const Instance *instance = program_instance(program, id);
  if (instance->function == 0) {
    return context_name(program->context, program->ast->lets.items[instance->let].name);
  }
  if (!full) {
    return context_name(program->context, ast_function(program->ast, instance->function)->name);
  }
  Text text = text_new(arena);
  instance_name(program, instance, &text);
  return text_str(&text);
}

typedef struct Printer {
  Program *program;
  const Instance *instance;
  Text *out;
} Printer;

static void add(Printer *printer, Str text) {
  text_add(printer->out, text);
}

static void add_name(Printer *printer, Name name) {
  text_add(printer->out, context_name(printer->program->context, name));
}

static void add_type(Printer *printer, TypeId type) {
  types_print(&printer->program->types, type, printer->out);
}

static void add_row(Printer *printer, RowId row) {
  if (row != ROW_PURE) {
    add(printer, STR(", row ("));
    types_print_row(&printer->program->types, row, printer->out);
    add(printer, STR(")"));
  }
}

// The source of a node on one line, in quotes.
static void add_excerpt(Printer *printer, NodeId node) {
  enum { LONGEST = 40 };
  Str text = sources_text(&printer->program->context->sources, ast_node(printer->program->ast, node)->span);
  add(printer, STR("`"));
  for (size_t i = 0; i < text.length; i++) {
    if (text.ptr[i] == '\n' || (i >= LONGEST && (text.ptr[i] & 0xC0) != 0x80)) {
      add(printer, STR("…"));
      break;
    }
    text_add_char(printer->out, text.ptr[i]);
  }
  add(printer, STR("`"));
}

static void add_coercion(Printer *printer, uint8_t coercion, TypeId to) {
  static const char *const WORDS[] = {[COERCE_WRAP] = "wraps to",
                                      [COERCE_WIDEN] = "widens to",
                                      [COERCE_BOX] = "boxes to",
                                      [COERCE_ADAPT] = "adapts to",
                                      [COERCE_VIEW] = "is seen as"};
  if (coercion != COERCE_NONE) {
    text_format(printer->out, ", %s ", WORDS[coercion]);
    add_type(printer, to);
  }
}

static void add_parameters(Printer *printer, const Instance *instance, bool names) {
  const Program *program = printer->program;
  AstRange parameters = ast_function(program->ast, instance->function)->parameters;
  add(printer, STR("("));
  for (uint32_t i = 0; i < parameters.count; i++) {
    const AstParameter *parameter = &program->ast->parameters.items[parameters.first + i];
    add(printer, i > 0 ? STR(", ") : STR(""));
    add(printer, parameter->is_mutable ? STR("~") : STR(""));
    if (names) {
      add_name(printer, parameter->name);
      add(printer, STR(": "));
    }
    add_type(printer, instance->parameter_types[i]);
  }
  add(printer, STR(")"));
}

static void add_argument(Printer *printer, const ArgumentPlan *argument) {
  static const char *const WORDS[] = {"value ", "field ", "absent", "default"};
  add(printer, argument->mutable ? STR("~") : STR(""));
  add(printer, str_from(WORDS[argument->kind]));
  if (argument->kind == ARGUMENT_FIELD) {
    add_name(printer, argument->field);
    add(printer, STR(" of "));
  }
  if (argument->kind == ARGUMENT_VALUE || argument->kind == ARGUMENT_FIELD) {
    add_excerpt(printer, argument->node);
    add_coercion(printer, argument->coercion, argument->to);
  }
}

static void add_callee(Printer *printer, const CallPlan *plan) {
  static const char *const BUILTINS[] = {
#define BUILTIN(id, ...) #id,
#include "check/builtins.def"
#undef BUILTIN
  };
  Program *program = printer->program;
  switch (plan->kind) {
  case CALL_DIRECT: {
    const Instance *callee = program_instance(program, plan->target);
    add(printer, STR("calls "));
    instance_name(printer->program, callee, printer->out);
    add_parameters(printer, callee, false);
    break;
  }
  case CALL_BUILTIN:
    text_format(printer->out, "calls built-in %s", BUILTINS[plan->target]);
    break;
  case CALL_VALUE:
    add(printer, STR("calls value "));
    add_excerpt(printer, plan->callee);
    break;
  case CALL_DISPATCH:
    add(printer, STR("dispatches "));
    add_type(printer, plan->trait);
    add(printer, STR("."));
    add_name(printer, ast_function(program->ast, plan->target)->name);
    break;
  case CALL_OPERATION: {
    SymbolId effect = check_function_info(program, plan->target)->effect;
    add(printer, STR("performs "));
    add_name(printer, names_symbol(program->names, effect)->name);
    add(printer, STR("."));
    add_name(printer, ast_function(program->ast, plan->target)->name);
    if (plan->type_argument != TYPE_NONE) {
      add(printer, STR(" at "));
      add_type(printer, plan->type_argument);
    }
    break;
  }
  }
}

static void add_call(Printer *printer, uint32_t index) {
  Program *program = printer->program;
  const CallPlan *plan = &program->calls.items[index];
  add_callee(printer, plan);
  add(printer, STR(" -> "));
  add_type(printer, plan->result);
  if (plan->kind == CALL_DIRECT) {
    add_row(printer, check_instance_row(program, plan->target));
  } else if (plan->kind == CALL_VALUE) {
    add_row(printer, type_get(&program->types, plan->function)->row);
  }
  for (uint32_t i = 0; i < plan->count; i++) {
    add(printer, i == 0 ? STR(" with (") : STR(", "));
    add_argument(printer, &program->arguments.items[plan->first + i]);
  }
  add(printer, plan->count > 0 ? STR(")") : STR(""));
  if (plan->curried) {
    add(printer, STR(", then "));
    add_call(printer, plan->curried - 1);
  }
}

static void add_construction(Printer *printer, uint32_t index) {
  const Program *program = printer->program;
  const ConstructionPlan *plan = &program->constructions.items[index];
  add(printer, STR("makes "));
  add_type(printer, plan->type);
  for (uint32_t i = 0; i < plan->count; i++) {
    const FieldPlan *field = &program->field_plans.items[plan->first + i];
    add(printer, i == 0 ? STR(" with (") : STR(", "));
    add_name(printer, field->field);
    add(printer, STR(" "));
    if (!field->node) {
      add(printer, STR("absent"));
      continue;
    }
    add(printer, field->from_spread ? STR("of ") : STR(""));
    add_excerpt(printer, field->node);
    if (field->from_spread) {
      add_coercion(printer, field->coercion, field->to);
    }
  }
  add(printer, plan->count > 0 ? STR(")") : STR(""));
}

static bool is_call(NodeKind kind) {
  return kind == NODE_CALL || kind == NODE_METHOD_CALL || kind == NODE_OPERATOR || kind == NODE_SUBSCRIPT;
}

static void add_meaning(Printer *printer, NodeId node, const TypedNode *typed) {
  Program *program = printer->program;
  NodeKind kind = ast_kind(program->ast, node);
  switch ((NodeRole)typed->role) {
  case ROLE_NONE:
    if (kind == NODE_LAMBDA) {
      add_row(printer, typed->detail);
    } else if (is_call(kind) && typed->type == TYPE_UNKNOWN) {
      add(printer, STR(", unresolved"));
    }
    break;
  case ROLE_LOCAL:
    add(printer, STR(", local "));
    add_name(printer, names_local(program->names, typed->detail)->name);
    break;
  case ROLE_LET:
    add(printer, STR(", let "));
    add_name(printer, program->ast->lets.items[typed->detail].name);
    break;
  case ROLE_FUNCTION:
    add(printer, STR(", function "));
    instance_name(program, program_instance(program, typed->detail), printer->out);
    break;
  case ROLE_CALL:
    add(printer, STR(", "));
    add_call(printer, typed->detail);
    break;
  case ROLE_CONSTRUCT:
    add(printer, STR(", "));
    add_construction(printer, typed->detail);
    break;
  case ROLE_FIELD:
    add(printer, STR(", field "));
    add_name(printer, typed->detail);
    break;
  case ROLE_PLACE_MARK:
    add(printer, STR(", place"));
    break;
  }
}

static void add_node(Printer *printer, NodeId node) {
  static const char *const KINDS[] = {
#define NODE(kind, what) what,
#include "ast/nodes.def"
#undef NODE
  };
  Program *program = printer->program;
  const TypedNode *typed = typed_node(printer->instance, node);
  if (typed->type == TYPE_NONE) {
    return;
  }
  SourceLocation at = sources_locate(&program->context->sources, ast_node(program->ast, node)->span);
  const char *kind = KINDS[ast_kind(program->ast, node)];
  text_format(printer->out, "  %u:%u %.*s ", at.line, at.column, (int)strcspn(kind, ","), kind);
  add_excerpt(printer, node);
  add(printer, STR(": "));
  add_type(printer, typed->type);
  add_meaning(printer, node, typed);
  add_coercion(printer, typed->coercion, typed->target);
  add(printer, typed->discarded ? STR(", discarded") : STR(""));
  add(printer, typed->leaves ? STR(", leaves\n") : STR("\n"));
}

static void add_instance(Printer *printer, InstanceId id) {
  const Instance *instance = program_instance(printer->program, id);
  printer->instance = instance;
  if (instance->function) {
    add(printer, STR("fn "));
    instance_name(printer->program, instance, printer->out);
    add_parameters(printer, instance, true);
    add(printer, STR(" -> "));
    add_type(printer, instance->result);
    add_row(printer, instance->row);
  } else {
    add(printer, STR("let "));
    add_name(printer, printer->program->ast->lets.items[instance->let].name);
    add(printer, STR(": "));
    add_type(printer, instance->result);
  }
  add(printer, STR("\n"));
  for (NodeId node = instance->first_node; instance->nodes && node < instance->end_node; node++) {
    add_node(printer, node);
  }
}

// --- The user's bodies in order

typedef struct Named {
  Str text; // of the instance's head
  InstanceId id;
} Named;

static Named named_instance(Printer *printer, InstanceId id) {
  Text text = text_new(&printer->program->arena);
  Printer inner = {printer->program, NULL, &text};
  instance_name(printer->program, program_instance(printer->program, id), inner.out);
  return (Named){text_str(&text), id};
}

static int compare_named(const void *a, const void *b) {
  const Named *x = a, *y = b;
  size_t shorter = x->text.length < y->text.length ? x->text.length : y->text.length;
  int order = memcmp(x->text.ptr, y->text.ptr, shorter);
  return order != 0 ? order : (x->text.length > y->text.length) - (x->text.length < y->text.length);
}

// The symbolic body of a generic function, then what was reached of its instances; `chains` links the reached
// instances of one function.
static void add_function(Printer *printer, FunctionId function, const InstanceId *first,
                         const InstanceId *next) {
  Program *program = printer->program;
  if (!ast_function(program->ast, function)->body) {
    return;
  }
  InstanceId symbolic = program_symbolic(program, function);
  add_instance(printer, symbolic);
  VECTOR(Named) reached = {0};
  for (InstanceId id = first[function]; id; id = next[id]) {
    if (id != symbolic) {
      VECTOR_PUSH(&program->arena, &reached, named_instance(printer, id));
    }
  }
  if (reached.count > 1) {
    qsort(reached.items, reached.count, sizeof *reached.items, compare_named);
  }
  for (uint32_t i = 0; i < reached.count; i++) {
    add_instance(printer, reached.items[i].id);
  }
}

static void add_item(Printer *printer, const AstItem *item, const InstanceId *first, const InstanceId *next) {
  const AstTable *ast = printer->program->ast;
  if (item->kind == ITEM_LET) {
    add_instance(printer, program_let(printer->program, item->index));
  } else if (item->kind == ITEM_FUNCTION) {
    add_function(printer, item->index, first, next);
  } else if (item->kind == ITEM_IMPL || item->kind == ITEM_TRAIT) {
    AstRange methods = item->kind == ITEM_IMPL ? ast->impls.items[item->index].methods
                                               : ast->traits.items[item->index].methods;
    for (uint32_t i = 0; i < methods.count; i++) {
      add_function(printer, ast->member_functions.items[methods.first + i], first, next);
    }
  }
}

void check_print(Program *program, Text *out) {
  Printer printer = {program, NULL, out};
  uint32_t instances = program->instances.count; // symbolic bodies made below are not in the lists
  InstanceId *first = ARENA_ARRAY(&program->arena, InstanceId, program->ast->functions.count);
  InstanceId *next = ARENA_ARRAY(&program->arena, InstanceId, instances);
  for (uint32_t i = 0; i < program->checked.count; i++) {
    InstanceId id = program->checked.items[i];
    FunctionId function = program_instance(program, id)->function;
    next[id] = first[function];
    first[function] = id;
  }
  for (ModuleId module = 1; module < program->ast->module_items.count; module++) {
    AstRange items = program->ast->module_items.items[module];
    for (uint32_t i = 0; check_is_user_module(program, module) && i < items.count; i++) {
      AstItem item = program->ast->items.items[items.first + i];
      add_item(&printer, &item, first, next);
    }
  }
}
