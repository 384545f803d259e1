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

// Builds what the bodies built so far asked for, until nothing is left. The order is that of demand.
static void build_bodies(Lowering *lowering) {
  uint32_t entry = 1, let = 0, accessor = 0, dispatcher = 0, lambda = 0, thunk = 0, adapter = 0, codec = 0,
           handling = 0, host = 0;
  bool going = true;
  while (going && !lowering->failed) {
    ArenaMark mark = arena_mark(&lowering->scratch);
    if (entry < lowering->entries.count) {
      function_build(lowering, entry++);
    } else if (let < lowering->lazy_lets.count) {
      let_build(lowering, lowering->lazy_lets.items[let++]);
    } else if (lambda < lowering->lambdas.count) {
      lambda_build(lowering, lambda++);
    } else if (handling < lowering->handlings.count) {
      handling_build(lowering, handling++);
    } else if (thunk < lowering->thunks.count) {
      thunk_build(lowering, thunk++);
    } else if (adapter < lowering->adapters.count) {
      adapter_build(lowering, adapter++);
    } else if (dispatcher < lowering->dispatchers.count) {
      dispatcher_build(lowering, dispatcher++);
    } else if (codec < lowering->codecs.count) {
      codec_build(lowering, codec++);
    } else if (accessor < lowering->accessors.count) {
      class_accessor_build(lowering, accessor++);
    } else if (host < lowering->host_operations.count) { // after all lets
      host_operation_build(lowering, host++);
    } else {
      going = false;
    }
    arena_rewind(&lowering->scratch, mark);
  }
}

// In debug builds what was built is checked at once: a fault here is a fault of lowering.
static void verify(Lowering *lowering) {
#ifndef NDEBUG
  Text faults = text_new(&lowering->arena);
  if (!lowering->failed && !ir_verify(lowering->module, &faults)) {
    text_add_char(&faults, '\0');
    UNREACHABLE(faults.bytes);
  }
#else
  (void)lowering;
#endif
}

// Everything after the coercion graph, which says what the program consists of.
static void build_program(Lowering *lowering, LowerResult *result) {
  IrModule *module = lowering->module;
  classes_number(lowering);
  lowering->instance_entries = ARENA_ARRAY(&lowering->arena, uint32_t, lowering->program->instances.count);
  facts_collect(lowering);
  facts_find_cycles(lowering);
  lets_prepare(lowering);
  effects_prepare(lowering);
  exports_lower(lowering);
  build_bodies(lowering);
  result->abi = exports_section(lowering);
  if ((lowering->activation != 0 || lowering->has_effects) && !lowering->failed) {
    exports_enter(lowering);
  }
  layout_define_all(lowering);
  if (lowering->text_data != 0) {
    Str bytes = text_str(&lowering->texts);
    module->data.items[lowering->text_data].bytes =
        (Str){arena_copy(&module->arena, bytes.ptr, bytes.length), bytes.length};
  }
  verify(lowering);
}

bool lower_program(Program *program, IrModule *module, LowerResult *result) {
  Lowering lowering = {.program = program, .context = program->context, .module = module};
  *result = (LowerResult){.abi = {NULL, 0}};
  arena_init(&lowering.arena);
  arena_init(&lowering.scratch);
  lowering.texts = text_new(&lowering.arena);
  lowering.locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  (void)VECTOR_EXTEND(&lowering.arena, &lowering.entries, 1);
  (void)VECTOR_EXTEND(&lowering.arena, &lowering.classes, 1);
  find_open_names(&lowering);
  uint32_t errors = program->context->diagnostics.errors;
  coercions_collect(&lowering); // may still reach further instances, through trait objects
  lowering.failed = program->context->diagnostics.errors > errors;
  if (!lowering.failed) {
    build_program(&lowering, result);
  }
  if (lowering.locale != (locale_t)0) {
    freelocale(lowering.locale);
  }
  arena_free(&lowering.scratch);
  arena_free(&lowering.arena);
  return !lowering.failed;
}
