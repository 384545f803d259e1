// The dump of a module for `--emit ast`: declarations and nodes as an indented tree, one a line. Trees can be
// as deep as the text is long (operator chains), so the walk keeps its own stack and the indent is capped: a
// deeper line starts with its depth.
#include "ast/builder.h"

enum { INDENT_LIMIT = 40 };

typedef struct PrintStep {
  NodeId node;
  uint32_t depth;
} PrintStep;

typedef struct Printer {
  const AstTable *table;
  Text *out;
  Arena scratch;
  VECTOR(PrintStep) steps;
  NodeIds children;
} Printer;

static void indent(Printer *p, uint32_t depth) {
  if (depth <= INDENT_LIMIT) {
    text_repeat(p->out, ' ', depth * 2);
    return;
  }
  text_repeat(p->out, ' ', INDENT_LIMIT * 2);
  text_format(p->out, "%u ", depth);
}

static Str name_text(const Printer *p, Name name) {
  return context_name(p->table->context, name);
}

static void print_quoted(Printer *p, Name bytes) {
  text_add_char(p->out, '"');
  text_add_json(p->out, name_text(p, bytes));
  text_add_char(p->out, '"');
}

static void print_function_head(Printer *p, FunctionId id) {
  const AstTable *table = p->table;
  const AstFunction *f = ast_function(table, id);
  if (f->type_parameters.count > 0) {
    text_add(p->out, STR(" <"));
    for (uint32_t i = 0; i < f->type_parameters.count; i++) {
      const AstTypeParameter *parameter = &table->type_parameters.items[f->type_parameters.first + i];
      text_format(p->out, "%s%.*s%s", i > 0 ? ", " : "", STR_ARGS(name_text(p, parameter->name)),
                  parameter->constraint != 0 ? ":" : "");
    }
    text_add_char(p->out, '>');
  }
  text_add(p->out, STR(" ("));
  for (uint32_t i = 0; i < f->parameters.count; i++) {
    const AstParameter *parameter = &table->parameters.items[f->parameters.first + i];
    text_add(p->out, i > 0 ? STR(", ") : STR(""));
    if (parameter->label != NAME_EMPTY) {
      text_format(p->out, "%.*s/", STR_ARGS(name_text(p, parameter->label)));
    }
    text_format(p->out, "%s%.*s%s%s", parameter->is_mutable ? "~" : "",
                STR_ARGS(parameter->pattern != 0 ? STR("{}") : name_text(p, parameter->name)),
                parameter->type == 0     ? ""
                : parameter->is_optional ? "?:"
                                         : ":",
                parameter->default_value != 0 ? "=" : "");
  }
  text_add_char(p->out, ')');
  if (f->row != 0) {
    text_add(p->out, STR(" row"));
  }
  if (f->same_place != NAME_EMPTY) {
    text_format(p->out, " -> ~%.*s", STR_ARGS(name_text(p, f->same_place)));
  } else if (f->result != 0) {
    text_add(p->out, STR(" ->"));
  }
}

static void print_detail(Printer *p, NodeId id) {
  const AstNode *n = ast_node(p->table, id);
  switch ((NodeKind)n->kind) {
  case NODE_INT:
    text_format(p->out, " %.*s%s", STR_ARGS(name_text(p, n->literal.text)),
                (n->flags & NODE_FLAG_WIDE) != 0 ? "i64" : "");
    break;
  case NODE_FLOAT:
    text_format(p->out, " %.*s%s", STR_ARGS(name_text(p, n->literal.text)),
                (n->flags & NODE_FLAG_WIDE) != 0 ? "" : "f32");
    break;
  case NODE_STRING:
    text_add_char(p->out, ' ');
    print_quoted(p, n->literal.text);
    break;
  case NODE_BOOL:
    text_add(p->out, n->boolean.value ? STR(" true") : STR(" false"));
    break;
  case NODE_NAME:
  case NODE_BIND: {
    Name name = n->kind == NODE_NAME ? n->name.name : n->bind.name;
    const char *quote = n->kind == NODE_NAME && (n->flags & NODE_FLAG_QUOTED) != 0 ? "'" : "";
    text_format(p->out, " %s%s%.*s%s", n->kind == NODE_BIND && (n->flags & NODE_FLAG_MUTABLE) != 0 ? "~" : "",
                quote, STR_ARGS(name_text(p, name)), quote);
    if (n->kind == NODE_NAME && (n->flags & NODE_FLAG_STANDARD) != 0) {
      text_add(p->out, STR(" std"));
    }
    break;
  }
  case NODE_ARGUMENT:
  case NODE_ENTRY:
    text_format(p->out, " %.*s", STR_ARGS(name_text(p, n->labelled.label)));
    break;
  case NODE_FIELD_PATTERN:
  case NODE_TYPE_FIELD:
    text_format(p->out, " %.*s%s", STR_ARGS(name_text(p, n->member.name)),
                (n->flags & NODE_FLAG_OPTIONAL) != 0 ? "?" : "");
    break;
  case NODE_TYPE_PARAMETER_SLOT:
    text_format(p->out, "%s%s", (n->flags & NODE_FLAG_MUTABLE) != 0 ? " ~" : "",
                (n->flags & NODE_FLAG_OPTIONAL) != 0 ? " ?" : "");
    break;
  case NODE_LET:
    text_add(p->out, (n->flags & NODE_FLAG_VAR) != 0 ? STR(" var") : STR(""));
    break;
  case NODE_RANGE:
    text_add(p->out, n->range.start == 0 ? STR(" from-start") : STR(""));
    text_add(p->out, n->range.end == 0 ? STR(" to-end") : STR(""));
    text_add(p->out, (n->flags & NODE_FLAG_INCLUSIVE) != 0 ? STR(" inclusive") : STR(""));
    break;
  case NODE_ROW:
  case NODE_TRY:
    text_add(p->out, (n->flags & NODE_FLAG_OPEN) != 0 ? STR(" open") : STR(""));
    break;
  case NODE_IF:
    text_add(p->out, n->conditional.otherwise != 0 ? STR(" else") : STR(""));
    break;
  case NODE_MATCH:
    text_add(p->out, n->match.binder != 0 ? STR(" binder") : STR(""));
    break;
  case NODE_RECORD_PATTERN:
    text_add(p->out, n->record_pattern.rest != 0 ? STR(" rest") : STR(""));
    break;
  case NODE_LAMBDA:
    print_function_head(p, n->lambda.function);
    break;
  case NODE_HANDLER:
    print_function_head(p, n->handler.clause);
    break;
  default:
    break;
  }
}

static const char *kind_words[NODE_KIND_COUNT] = {
#define NODE(kind, what) #kind,
#include "ast/nodes.def"
#undef NODE
};

static void print_kind(Printer *p, NodeKind kind) {
  for (const char *c = kind_words[kind]; *c != '\0'; c++) {
    text_add_char(p->out, (char)(*c == '_' ? '-' : *c - 'A' + 'a'));
  }
}

// Prints what `p->children` holds from `first` on, with everything below.
static void print_trees(Printer *p, uint32_t first, uint32_t depth) {
  uint32_t bottom = p->steps.count;
  for (uint32_t i = p->children.count; i-- > first;) {
    VECTOR_PUSH(&p->scratch, &p->steps, (PrintStep){p->children.items[i], depth});
  }
  p->children.count = first;
  while (p->steps.count > bottom) {
    PrintStep step = p->steps.items[--p->steps.count];
    indent(p, step.depth);
    print_kind(p, ast_kind(p->table, step.node));
    print_detail(p, step.node);
    text_add_char(p->out, '\n');
    ast_push_children(p->table, step.node, &p->scratch, &p->children);
    for (uint32_t i = p->children.count; i-- > first;) {
      VECTOR_PUSH(&p->scratch, &p->steps, (PrintStep){p->children.items[i], step.depth + 1});
    }
    p->children.count = first;
  }
}

static void print_tree(Printer *p, NodeId node, uint32_t depth) {
  if (node != 0) {
    VECTOR_PUSH(&p->scratch, &p->children, node);
    print_trees(p, p->children.count - 1, depth);
  }
}

static const char *modifier_text(Modifier modifier) {
  switch (modifier) {
  case MODIFIER_PUB:
    return "pub ";
  case MODIFIER_API:
    return "api ";
  case MODIFIER_PRI:
    return "pri ";
  case MODIFIER_NONE:
    break;
  }
  return "";
}

static void print_attributes(Printer *p, AstRange attributes, uint32_t depth) {
  for (uint32_t i = 0; i < attributes.count; i++) {
    indent(p, depth);
    Name name = p->table->attributes.items[attributes.first + i].name;
    text_format(p->out, "@%.*s\n", STR_ARGS(name_text(p, name)));
  }
}

static void print_documentation(Printer *p, Name documentation, uint32_t depth) {
  if (documentation != NAME_EMPTY) {
    indent(p, depth);
    text_add(p->out, STR("doc "));
    print_quoted(p, documentation);
    text_add_char(p->out, '\n');
  }
}

static void print_function(Printer *p, FunctionId id, uint32_t depth) {
  const AstFunction *f = ast_function(p->table, id);
  print_documentation(p, f->documentation, depth);
  print_attributes(p, f->attributes, depth);
  indent(p, depth);
  const char *word = f->kind == FUNCTION_TEST        ? "test "
                     : f->kind != FUNCTION_OPERATION ? "fn "
                     : f->operation_tails            ? "tail "
                                                     : "resume ";
  text_format(p->out, "%s%s", modifier_text(f->modifier), word);
  if (f->kind == FUNCTION_TEST) {
    text_format(p->out, "%s%s", f->test_skip ? "skip " : "", f->test_only ? "only " : "");
    print_quoted(p, f->test_description);
  } else {
    const char *quote = f->name_quoted ? "'" : "";
    text_format(p->out, "%s%.*s%s", quote, STR_ARGS(name_text(p, f->name)), quote);
    print_function_head(p, id);
  }
  text_add_char(p->out, '\n');
  uint32_t first = p->children.count;
  ast_push_function(p->table, id, &p->scratch, &p->children);
  print_trees(p, first, depth + 1);
}

static void print_type_parameters(Printer *p, AstRange parameters, uint32_t depth) {
  for (uint32_t i = 0; i < parameters.count; i++) {
    const AstTypeParameter *parameter = &p->table->type_parameters.items[parameters.first + i];
    indent(p, depth);
    text_format(p->out, "type-parameter %.*s\n", STR_ARGS(name_text(p, parameter->name)));
    print_tree(p, parameter->constraint, depth + 1);
  }
}

static void print_members(Printer *p, AstRange functions) {
  for (uint32_t i = 0; i < functions.count; i++) {
    print_function(p, p->table->member_functions.items[functions.first + i], 1);
  }
}

static void print_object(Printer *p, const AstObject *object) {
  text_format(p->out, "%s %.*s\n", object->kind == OBJECT_VAL ? "val" : "obj",
              STR_ARGS(name_text(p, object->name)));
  print_type_parameters(p, object->type_parameters, 1);
  if (object->base != 0) {
    text_add(p->out, STR("  base\n"));
    print_tree(p, object->base, 2);
  }
  for (uint32_t i = 0; i < object->fields.count; i++) {
    const AstField *field = &p->table->fields.items[object->fields.first + i];
    print_documentation(p, field->documentation, 1);
    text_format(p->out, "  field %s%.*s%s\n", modifier_text(field->modifier),
                STR_ARGS(name_text(p, field->name)), field->is_optional ? "?" : "");
    print_tree(p, field->type, 2);
  }
}

static void print_impl(Printer *p, const AstImpl *impl) {
  text_add(p->out, STR("impl\n"));
  print_type_parameters(p, impl->type_parameters, 1);
  if (impl->trait != 0) {
    text_add(p->out, STR("  trait\n"));
    print_tree(p, impl->trait, 2);
  }
  text_add(p->out, STR("  target\n"));
  print_tree(p, impl->target, 2);
  print_members(p, impl->methods);
}

static void print_named(Printer *p, const char *word, Name name, AstRange type_parameters) {
  text_format(p->out, "%s %.*s\n", word, STR_ARGS(name_text(p, name)));
  print_type_parameters(p, type_parameters, 1);
}

static void print_item(Printer *p, const AstItem *item) {
  const AstTable *table = p->table;
  if (item->kind == ITEM_FUNCTION) {
    print_function(p, item->index, 0);
    return;
  }
  print_documentation(p, item->documentation, 0);
  print_attributes(p, item->attributes, 0);
  text_add(p->out, item->is_public ? STR("pub ") : STR(""));
  switch (item->kind) {
  case ITEM_OBJECT:
    print_object(p, &table->objects.items[item->index]);
    break;
  case ITEM_ALIAS: {
    const AstAlias *alias = &table->aliases.items[item->index];
    print_named(p, alias->from_enum ? "enum" : "type", alias->name, alias->type_parameters);
    print_tree(p, alias->type, 1);
    break;
  }
  case ITEM_TRAIT: {
    const AstTrait *trait = &table->traits.items[item->index];
    print_named(p, "trait", trait->name, trait->type_parameters);
    print_members(p, trait->methods);
    break;
  }
  case ITEM_IMPL:
    print_impl(p, &table->impls.items[item->index]);
    break;
  case ITEM_EFFECT: {
    const AstEffect *effect = &table->effects.items[item->index];
    print_named(p, "eff", effect->name, effect->type_parameters);
    print_members(p, effect->operations);
    break;
  }
  case ITEM_LET: {
    const AstModuleLet *let = &table->lets.items[item->index];
    text_format(p->out, "let %.*s%s\n", STR_ARGS(name_text(p, let->name)), let->type != 0 ? ":" : "");
    print_tree(p, let->type, 1);
    print_tree(p, let->value, 1);
    break;
  }
  case ITEM_FUNCTION:
    break;
  }
}

void ast_print_module(const AstTable *table, ModuleId module, Text *out) {
  if (module >= table->module_items.count) {
    return;
  }
  Printer printer = {.table = table, .out = out};
  arena_init(&printer.scratch);
  AstRange items = table->module_items.items[module];
  for (uint32_t i = 0; i < items.count; i++) {
    print_item(&printer, &table->items.items[items.first + i]);
  }
  arena_free(&printer.scratch);
}
