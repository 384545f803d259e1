// Documentation comments: finds what each documents by the position of names (spec 01 §16). Outer comments
// attach to the leftmost declared name on the next significant line, else to the leftmost parameter there;
// inner ones to the module whose entries stand in their column.
#include "ast/builder.h"

#include <stdlib.h>

typedef struct DocTarget {
  Position at;
  bool is_parameter;
  Name *documentation[2]; // where it goes; the second may be NULL
} DocTarget;

typedef VECTOR(DocTarget) DocTargets;
typedef VECTOR(ModuleId) ModuleIds;

static void add_target(AstBuilder *b, DocTargets *targets, Position at, Name *first, Name *second) {
  VECTOR_PUSH(&b->scratch, targets, (DocTarget){.at = at, .documentation = {first, second}});
}

static void add_function(AstBuilder *b, DocTargets *targets, FunctionId id, Name *item) {
  AstFunction *f = ast_function(b->table, id);
  if (f->kind == FUNCTION_TEST) {
    return;
  }
  add_target(b, targets, f->name_span.start, &f->documentation, item);
  for (uint32_t i = 0; i < f->parameters.count; i++) {
    AstParameter *parameter = &b->table->parameters.items[f->parameters.first + i];
    VECTOR_PUSH(&b->scratch, targets,
                (DocTarget){.at = parameter->span.start,
                            .is_parameter = true,
                            .documentation = {&parameter->documentation, NULL}});
  }
}

static void add_members(AstBuilder *b, DocTargets *targets, AstRange members) {
  for (uint32_t i = 0; i < members.count; i++) {
    add_function(b, targets, b->table->member_functions.items[members.first + i], NULL);
  }
}

static void add_item(AstBuilder *b, DocTargets *targets, AstItem *item) {
  AstTable *table = b->table;
  if (item->kind == ITEM_FUNCTION) {
    add_function(b, targets, item->index, &item->documentation);
    return;
  }
  add_target(b, targets, item->name_span.start, &item->documentation, NULL);
  switch (item->kind) {
  case ITEM_OBJECT: {
    AstRange fields = table->objects.items[item->index].fields;
    for (uint32_t i = 0; i < fields.count; i++) {
      AstField *field = &table->fields.items[fields.first + i];
      add_target(b, targets, field->name_span.start, &field->documentation, NULL);
    }
    break;
  }
  case ITEM_TRAIT:
    add_members(b, targets, table->traits.items[item->index].methods);
    break;
  case ITEM_IMPL:
    add_members(b, targets, table->impls.items[item->index].methods);
    break;
  case ITEM_EFFECT:
    add_members(b, targets, table->effects.items[item->index].operations);
    break;
  case ITEM_FUNCTION:
  case ITEM_ALIAS:
  case ITEM_LET:
    break;
  }
}

static int compare_targets(const void *left, const void *right) {
  Position a = ((const DocTarget *)left)->at, b = ((const DocTarget *)right)->at;
  return (a > b) - (a < b);
}

// The innermost inline module around a position, or the file's module. The line on which a module begins is
// not inside it.
static ModuleId module_around(const ModuleGraph *graph, ModuleId file_module, const ModuleIds *inner,
                              Position at) {
  ModuleId best = file_module;
  for (uint32_t i = 0; i < inner->count; i++) {
    Span span = graph_module(graph, inner->items[i])->span;
    if (at > span.start && at < span.end) {
      best = inner->items[i]; // inner modules are discovered after their outer ones
    }
  }
  return best;
}

static Name add_documentation(AstBuilder *b, Name before, Str text) {
  if (before == NAME_EMPTY) {
    return names_intern(&b->context->names, text);
  }
  Str joined =
      arena_format(&b->scratch, "%.*s\n%.*s", STR_ARGS(context_name(b->context, before)), STR_ARGS(text));
  return names_intern(&b->context->names, joined);
}

static void attach(AstBuilder *b, const DocTargets *targets, const DocComment *doc) {
  const DocTarget *found = NULL;
  uint32_t low = 0, high = targets->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (targets->items[middle].at < doc->target.start) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (uint32_t i = low; i < targets->count && targets->items[i].at < doc->target.end; i++) {
    if (!targets->items[i].is_parameter) {
      found = &targets->items[i];
      break;
    }
    found = found == NULL ? &targets->items[i] : found;
  }
  if (found == NULL) {
    for (uint32_t i = 0; i < b->dropped.count; i++) {
      Span span = span_of(b, b->dropped.items[i]);
      if (doc->target.start < span.end && doc->target.end > span.start) {
        return; // the declaration has an error of its own
      }
    }
    for (ModuleId id = b->module; id < b->graph->modules.count; id++) {
      const Module *module = graph_module(b->graph, id); // an inline module may hold the place
      for (uint32_t i = 0; i < module->replaced.count; i++) {
        Span span = module->replaced.items[i];
        if (doc->target.start < span.end && doc->target.end > span.start) {
          return; // a macro, or what its expansion did not keep
        }
      }
    }
    diagnostic_add(&b->context->diagnostics, DIAGNOSTIC_MD0004, doc->span,
                   "dangling doc comment: nothing on the next line can be documented");
    return;
  }
  for (int i = 0; i < 2; i++) {
    if (found->documentation[i] != NULL && *found->documentation[i] == NAME_EMPTY) {
      *found->documentation[i] = names_intern(&b->context->names, doc->text);
    }
  }
}

// 0-based column of the module's entries, or UINT32_MAX without entries.
static uint32_t entry_column(AstBuilder *b, const Module *module) {
  Span span = module->items.count > 0 ? span_of(b, module->items.items[0]) : (Span){0};
  for (uint32_t i = 0; i < module->uses.count && !span_known(span); i++) {
    span = module->uses.items[i].is_prelude ? span : module->uses.items[i].span;
  }
  return span_known(span) ? sources_locate(&b->context->sources, span).column - 1 : UINT32_MAX;
}

void attach_documentation(AstBuilder *b, ModuleGraph *graph) {
  ModuleId file_module = b->module;
  while (graph_module(graph, file_module)->parent != 0) {
    file_module = graph_module(graph, file_module)->parent;
  }
  const Module *file = graph_module(graph, file_module);
  if (file->docs.count == 0) {
    return;
  }
  DocTargets targets = {0};
  AstRange items = b->table->module_items.items[b->module];
  for (uint32_t i = 0; i < items.count; i++) {
    add_item(b, &targets, &b->table->items.items[items.first + i]);
  }
  ModuleIds inner = {0};
  for (ModuleId id = 1; id < graph->modules.count; id++) {
    Module *module = graph_module(graph, id);
    if (!module->is_inline || module->file != file->file) {
      continue;
    }
    VECTOR_PUSH(&b->scratch, &inner, id);
    if (module->parent == b->module) {
      add_target(b, &targets, module->span.start, &module->documentation, NULL);
    }
  }
  if (targets.count > 0) {
    qsort(targets.items, targets.count, sizeof *targets.items, compare_targets);
  }
  Module *module = graph_module(graph, b->module);
  uint32_t column = module->is_inline ? entry_column(b, module) : 0;
  for (uint32_t i = 0; i < file->docs.count; i++) {
    const DocComment *doc = &file->docs.items[i];
    Position at = doc->kind == DOC_OUTER ? doc->target.start : doc->span.start;
    if ((doc->kind == DOC_OUTER && !span_known(doc->target)) ||
        module_around(graph, file_module, &inner, at) != b->module) {
      continue;
    }
    if (doc->kind == DOC_OUTER) {
      attach(b, &targets, doc);
    } else if (doc->indent == column) {
      module->documentation = add_documentation(b, module->documentation, doc->text);
    }
  }
}
