// Writes the index of the embedded standard library (graph/library.h) as C: a step of the build, made of the
// front end without an index.
//
// usage: write_index OUTPUT.c
#include <stdio.h>

#include "base/failure.h"
#include "graph/library.h"
#include "names/names.h"

const LibraryIndex embedded_library_index = {0};

static bool write_index(Context *context, const char *path) {
  ModuleGraph graph;
  AstTable ast;
  NameTables names;
  graph_init(&graph, context);
  ast_init(&ast, context);
  names_tables_init(&names, context, &graph, &ast);
  graph_load(&graph, &(GraphOptions){.entry = STR("std:pkg.voyd"), .whole_library = true});
  for (ModuleId module = 1; module < graph.modules.count; module++) {
    ast_build_module(&ast, &graph, module);
  }
  names_bind_program(&names);
  Text text = text_new(&context->arena);
  bool ok = context->diagnostics.errors == 0 && names_write_library(&names, &text);
  Text problems = text_new(&context->arena);
  diagnostics_render_text(&context->diagnostics, (DiagnosticStyle){0}, &problems);
  fwrite(problems.bytes, 1, problems.count, stderr);
  FILE *out = ok ? fopen(path, "wb") : NULL;
  ok = out != NULL && fwrite(text.bytes, 1, text.count, out) == text.count;
  ok = (out == NULL || fclose(out) == 0) && ok;
  names_tables_free(&names);
  ast_free(&ast);
  graph_free(&graph);
  return ok;
}

int main(int count, char **arguments) {
  Context context;
  Failure failure;
  bool ok = false;
  if (FAILURE_GUARD(&failure)) {
    context_init(&context);
    ok = count == 2 && write_index(&context, arguments[1]);
    failure_leave(&failure);
  } else {
    fprintf(stderr, "%s (%s:%d)\n", failure.message, failure.file, failure.line);
  }
  context_free(&context);
  return ok ? 0 : 1;
}
