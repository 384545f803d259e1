// Macros from bytes: a source text is read and expanded with std's macros at hand. Hostile macros end in
// diagnostics, and what comes out is nested within the limit.
#include "base/limits.h"
#include "graph/graph.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  const char *std_root = getenv("VOYD_STD_ROOT");
  Context context;
  context_init(&context);
  ModuleGraph graph;
  graph_init(&graph, &context);
  bool ok = graph_load(&graph, &(GraphOptions){.entry = STR("/fuzz/main.voyd"),
                                               .has_source = true,
                                               .source = {(const char *)bytes, size},
                                               .std_root = str_from(std_root ? std_root : "")});
  Text text = text_new(&context.arena);
  for (ModuleId module = 1; module < graph.modules.count; module++) {
    const Module *record = graph_module(&graph, module);
    for (uint32_t i = 0; i < record->items.count; i++) {
      CHECK(!ok || form_get(&graph.forms, record->items.items[i])->depth <= LIMIT_NESTING);
      if (module == graph.entry) {
        form_print(&graph.forms, record->items.items[i], &text);
      }
    }
  }
  diagnostics_render_text(&context.diagnostics, (DiagnosticStyle){.color = false}, &text);
  graph_free(&graph);
  context_free(&context);
  return 0;
}
