// Any bytes read to forms: no crash, no hang, spans inside the file, nesting within its limit, errors that
// are said.
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "syntax/syntax.h"

#define CHECK(condition)                                                                                     \
  ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  Context context;
  context_init(&context);
  FormTable forms;
  forms_init(&forms, &context);
  FileId file = sources_add(&context.sources, STR("fuzz.voyd"), (Str){(const char *)bytes, size});
  Position base = sources_file(&context.sources, file)->base;
  SyntaxResult result;
  FormId root = syntax_read(&forms, file, &result);
  CHECK(form_headed_reserved(&forms, form_get(&forms, root), NAME_AST));
  for (FormId id = 1; id < forms.count; id++) {
    const Form *form = form_get(&forms, id);
    CHECK(!span_known(form->span) ||
          (form->span.start >= base && form->span.end >= form->span.start && form->span.end <= base + size));
    CHECK(form->kind != FORM_LIST || form->depth <= LIMIT_NESTING || !result.ok);
  }
  uint32_t errors = 0;
  for (uint32_t i = 0; i < context.diagnostics.items.count; i++) {
    const Diagnostic *diagnostic = context.diagnostics.items.items[i];
    CHECK(diagnostic->span.start >= base && diagnostic->span.end <= base + size);
    CHECK(diagnostic->span.end > diagnostic->span.start);
    errors += diagnostic->code == DIAGNOSTIC_MD0002;
  }
  CHECK(result.ok == (errors == 0));
  Text out = text_new(&context.arena);
  form_print(&forms, root, &out);
  diagnostics_render_text(&context.diagnostics, (DiagnosticStyle){false}, &out);
  forms_free(&forms);
  context_free(&context);
  return 0;
}
