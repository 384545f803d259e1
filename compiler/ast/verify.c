// The invariants of ast.h, checked: children have smaller ids than their parents and lie in the range of
// their function, ranges lie in their tables, and each child is of a sort its parent may have.
#include "ast/builder.h"

#include "base/failure.h"

typedef enum {
  SORT_EXPRESSION = 1 << 0,
  SORT_PATTERN = 1 << 1,
  SORT_TYPE = 1 << 2,
  SORT_PART = 1 << 3, // BRANCH, ARM, ARGUMENT, … only below their owners
} NodeSort;

static NodeSort sort_of(NodeKind kind) {
  switch (kind) {
  case NODE_NAME:
  case NODE_PATH:
    return SORT_EXPRESSION | SORT_TYPE;
  case NODE_WILDCARD:
  case NODE_BIND:
  case NODE_TUPLE_PATTERN:
  case NODE_RECORD_PATTERN:
  case NODE_TYPED_PATTERN:
  case NODE_TYPE_PATTERN:
    return SORT_PATTERN;
  case NODE_TYPE_RECORD:
  case NODE_TYPE_TUPLE:
  case NODE_TYPE_UNION:
  case NODE_TYPE_INTERSECTION:
  case NODE_TYPE_FUNCTION:
    return SORT_TYPE;
  case NODE_BRANCH:
  case NODE_ARM:
  case NODE_ARGUMENT:
  case NODE_ENTRY:
  case NODE_HANDLER:
  case NODE_FIELD_PATTERN:
  case NODE_TYPE_FIELD:
  case NODE_TYPE_PARAMETER_SLOT:
  case NODE_ROW:
    return SORT_PART;
  case NODE_NONE:
  case NODE_KIND_COUNT:
    break;
  default:
    return SORT_EXPRESSION;
  }
  UNREACHABLE("a node without a kind");
}

// Which sorts may stand below a kind.
static unsigned child_sorts(NodeKind kind) {
  switch (kind) {
  case NODE_NAME:
  case NODE_TYPE_RECORD:
  case NODE_TYPE_FIELD:
  case NODE_TYPE_TUPLE:
  case NODE_TYPE_UNION:
  case NODE_TYPE_INTERSECTION:
  case NODE_TYPE_FUNCTION:
  case NODE_TYPE_PARAMETER_SLOT:
  case NODE_ROW:
    return SORT_TYPE | SORT_PART;
  case NODE_TUPLE_PATTERN:
  case NODE_RECORD_PATTERN:
  case NODE_FIELD_PATTERN:
    return SORT_PATTERN | SORT_PART;
  case NODE_TYPED_PATTERN:
  case NODE_TYPE_PATTERN:
    return SORT_PATTERN | SORT_TYPE;
  case NODE_LET:
  case NODE_ARM:
    return SORT_PATTERN | SORT_EXPRESSION;
  case NODE_LAMBDA:
  case NODE_HANDLER:
    return SORT_PATTERN | SORT_TYPE | SORT_EXPRESSION | SORT_PART;
  case NODE_MATCH:
    return SORT_EXPRESSION | SORT_PATTERN | SORT_PART;
  case NODE_IS:
    return SORT_EXPRESSION | SORT_TYPE;
  default:
    return SORT_EXPRESSION | SORT_PART;
  }
}

typedef struct Verifier {
  const AstTable *table;
  Arena scratch;
  NodeIds work;
} Verifier;

static void check_range(uint32_t first, uint32_t count, uint32_t limit) {
  ENSURE(first <= limit && count <= limit - first);
}

// Everything below the nodes that `work` holds lies in [first, end).
static void verify_trees(Verifier *v, NodeId first, NodeId end) {
  while (v->work.count > 0) {
    NodeId node = v->work.items[--v->work.count];
    ENSURE(node >= first && node < end && node < v->table->nodes.count);
    NodeKind kind = ast_kind(v->table, node);
    uint32_t bottom = v->work.count;
    ast_push_children(v->table, node, &v->scratch, &v->work);
    for (uint32_t i = bottom; i < v->work.count; i++) {
      NodeId child = v->work.items[i];
      ENSURE(child < node);
      ENSURE((sort_of(ast_kind(v->table, child)) & child_sorts(kind)) != 0);
    }
    if (kind == NODE_LAMBDA || kind == NODE_HANDLER) {
      FunctionId function = kind == NODE_LAMBDA ? ast_node(v->table, node)->lambda.function
                                                : ast_node(v->table, node)->handler.clause;
      const AstFunction *f = ast_function(v->table, function);
      ENSURE(f->first_node >= first && f->end_node <= end && f->end_node <= node);
    }
  }
}

static void verify_tree(Verifier *v, NodeId node, NodeId first, NodeId end) {
  if (node != 0) {
    VECTOR_PUSH(&v->scratch, &v->work, node);
    verify_trees(v, first, end);
  }
}

static void verify_type_parameters(Verifier *v, AstRange range) {
  check_range(range.first, range.count, v->table->type_parameters.count);
  for (uint32_t i = 0; i < range.count; i++) {
    verify_tree(v, v->table->type_parameters.items[range.first + i].constraint, 1, v->table->nodes.count);
  }
}

static void verify_function(Verifier *v, FunctionId id, ModuleId module) {
  ENSURE(id > 0 && id < v->table->functions.count);
  const AstFunction *f = ast_function(v->table, id);
  ENSURE(f->module == module);
  ENSURE(f->first_node <= f->end_node && f->end_node <= v->table->nodes.count);
  check_range(f->parameters.first, f->parameters.count, v->table->parameters.count);
  check_range(f->attributes.first, f->attributes.count, v->table->attributes.count);
  ast_push_function(v->table, id, &v->scratch, &v->work);
  verify_trees(v, f->first_node, f->end_node);
}

static void verify_members(Verifier *v, AstRange members, ModuleId module) {
  check_range(members.first, members.count, v->table->member_functions.count);
  for (uint32_t i = 0; i < members.count; i++) {
    verify_function(v, v->table->member_functions.items[members.first + i], module);
  }
}

static void verify_item(Verifier *v, const AstItem *item) {
  const AstTable *table = v->table;
  NodeId end = table->nodes.count;
  check_range(item->attributes.first, item->attributes.count, table->attributes.count);
  switch (item->kind) {
  case ITEM_FUNCTION:
    verify_function(v, item->index, item->module);
    return;
  case ITEM_OBJECT: {
    const AstObject *object = &table->objects.items[item->index];
    verify_type_parameters(v, object->type_parameters);
    check_range(object->fields.first, object->fields.count, table->fields.count);
    verify_tree(v, object->base, 1, end);
    for (uint32_t i = 0; i < object->fields.count; i++) {
      verify_tree(v, table->fields.items[object->fields.first + i].type, 1, end);
    }
    return;
  }
  case ITEM_ALIAS:
    verify_type_parameters(v, table->aliases.items[item->index].type_parameters);
    verify_tree(v, table->aliases.items[item->index].type, 1, end);
    return;
  case ITEM_TRAIT:
    verify_type_parameters(v, table->traits.items[item->index].type_parameters);
    verify_members(v, table->traits.items[item->index].methods, item->module);
    return;
  case ITEM_IMPL:
    verify_type_parameters(v, table->impls.items[item->index].type_parameters);
    verify_tree(v, table->impls.items[item->index].trait, 1, end);
    verify_tree(v, table->impls.items[item->index].target, 1, end);
    verify_members(v, table->impls.items[item->index].methods, item->module);
    return;
  case ITEM_EFFECT:
    verify_type_parameters(v, table->effects.items[item->index].type_parameters);
    verify_members(v, table->effects.items[item->index].operations, item->module);
    return;
  case ITEM_LET: {
    const AstModuleLet *let = &table->lets.items[item->index];
    verify_tree(v, let->type, let->first_node, let->end_node);
    verify_tree(v, let->value, let->first_node, let->end_node);
    return;
  }
  }
  UNREACHABLE("item kind out of range");
}

void ast_verify_module(const AstTable *table, ModuleId module) {
  if (module >= table->module_items.count) {
    return;
  }
  Verifier verifier = {.table = table};
  arena_init(&verifier.scratch);
  AstRange items = table->module_items.items[module];
  check_range(items.first, items.count, table->items.count);
  for (uint32_t i = 0; i < items.count; i++) {
    ENSURE(table->items.items[items.first + i].module == module);
    verify_item(&verifier, &table->items.items[items.first + i]);
  }
  arena_free(&verifier.scratch);
}
