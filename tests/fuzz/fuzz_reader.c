// Any bytes read to forms: no crash, no hang, spans inside the file, nesting within its limit, errors that
// are said. What reads without errors is also printed and read again.
#include "base/limits.h"
#include "syntax/print_source.h"
#include "syntax/syntax.h"
#include "tests/fuzz/fuzz.h"

static Str all_forms(const FormTable *forms, FormId root, Arena *arena) {
  Text text = text_new(arena);
  form_print(forms, root, &text);
  return text_str(&text);
}

static void check_round_trip(Context *context, FormTable *forms, FormId root) {
  const Form *module = form_get(forms, root);
  Text source = text_new(&context->arena);
  form_print_source(forms, form_elements(module) + 1, form_count(module) - 1, 0, &source);
  FileId file = sources_add(&context->sources, STR("printed.voyd"), text_str(&source));
  SyntaxResult again;
  FormId printed = syntax_read(forms, file, &again);
  if (!again.ok ||
      !str_equal(all_forms(forms, root, &context->arena), all_forms(forms, printed, &context->arena))) {
    fprintf(stderr, "does not read back:\n%.*s\n", STR_ARGS(text_str(&source)));
    abort();
  }
}

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
  for (FormId id = form_from(&forms, 0); id < forms.end; id = form_after(&forms, id)) {
    const Form *form = form_get(&forms, id);
    const Span span = form_span(form);
    CHECK(!span_known(span) || (span.start >= base && span.end >= span.start && span.end <= base + size));
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
  if (result.ok && size < 4096 && result.doc_count == 0) {
    check_round_trip(&context, &forms, root);
  }
  forms_free(&forms);
  context_free(&context);
  return 0;
}
