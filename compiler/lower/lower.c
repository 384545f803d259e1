// Owns the course of lowering: facts, exports, then bodies until no entry is left that something asked for.
#include "lower/lowering.h"

#include "base/failure.h"

void lower_reject(Lowering *lowering, Span span, const char *what) {
  if (!lowering->failed) {
    diagnostic_add(&lowering->context->diagnostics, DIAGNOSTIC_CG0001, span, "cannot generate code: %s",
                   what);
  }
  lowering->failed = true;
}

// Objects that some object derives from, by the last name of the path that stands as its base.
static void find_open_names(Lowering *lowering) {
  const AstTable *ast = lowering->program->ast;
  for (uint32_t i = 0; i < ast->objects.count; i++) {
    NodeId base = ast->objects.items[i].base;
    if (base == 0) {
      continue;
    }
    const AstNode *node = ast_node(ast, base);
    if (node->kind == NODE_PATH) {
      NodeRange segments = node->path.segments;
      node = ast_node(ast, ast_listed(ast, segments, segments.count - 1));
    }
    if (node->kind == NODE_NAME) {
      id_map_put(&lowering->arena, &lowering->open_names, node->name.name, 1);
    }
  }
}

static void build_bodies(Lowering *lowering) {
  uint32_t entry = 1, let = 0;
  while (!lowering->failed && (entry < lowering->entries.count || let < lowering->lazy_lets.count)) {
    ArenaMark mark = arena_mark(&lowering->scratch);
    if (entry < lowering->entries.count) {
      function_build(lowering, entry++);
    } else {
      let_build(lowering, lowering->lazy_lets.items[let++]);
    }
    arena_rewind(&lowering->scratch, mark);
  }
}

bool lower_program(Program *program, IrModule *module, LowerResult *result) {
  Lowering lowering = {.program = program, .context = program->context, .module = module};
  *result = (LowerResult){.abi = {NULL, 0}};
  arena_init(&lowering.arena);
  arena_init(&lowering.scratch);
  lowering.locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  (void)VECTOR_EXTEND(&lowering.arena, &lowering.entries, 1);
  (void)VECTOR_EXTEND(&lowering.arena, &lowering.classes, 1);
  lowering.instance_entries = ARENA_ARRAY(&lowering.arena, uint32_t, program->instances.count);
  find_open_names(&lowering);
  facts_collect(&lowering);
  facts_find_cycles(&lowering);
  lets_prepare(&lowering);
  exports_lower(&lowering, result);
  build_bodies(&lowering);
  if (lowering.activation != 0 && !lowering.failed) {
    exports_count_activations(&lowering);
  }
  for (ClassId class = 1; class < lowering.classes.count; class ++) {
    layout_class(&lowering, class);
  }
  if (lowering.locale != (locale_t)0) {
    freelocale(lowering.locale);
  }
  arena_free(&lowering.scratch);
  arena_free(&lowering.arena);
  return !lowering.failed;
}
