// Making and dropping a compilation's shared state.
#include "base/context.h"

void context_init(Context *context) {
  *context = (Context){0};
  arena_init(&context->arena);
  names_init(&context->names);
  sources_init(&context->sources);
  diagnostics_init(&context->diagnostics, &context->arena, &context->sources);
}

void context_free(Context *context) {
  sources_free(&context->sources);
  names_free(&context->names);
  arena_free(&context->arena);
}
