// voyd_forms [--source] FILE…: the base forms of each file, one top-level entry a line, then its diagnostics. With
// --source the forms are printed as Voyd text.
#include <stdio.h>
#include <stdlib.h>

#include "syntax/print_source.h"
#include "syntax/syntax.h"

static Str read_file(Arena *arena, const char *path) {
  FILE *file = fopen(path, "rb");
  Text text = text_new(arena);
  char buffer[4096];
  size_t got;
  while (file && (got = fread(buffer, 1, sizeof buffer, file)) > 0) {
    text_add(&text, (Str){buffer, got});
  }
  if (file) {
    fclose(file);
  }
  return text_str(&text);
}

int main(int count, char **arguments) {
  bool ok = true;
  bool source = count > 1 && strcmp(arguments[1], "--source") == 0;
  for (int i = 1 + source; i < count; i++) {
    Context context;
    context_init(&context);
    FormTable forms;
    forms_init(&forms, &context);
    Str text = read_file(&context.arena, arguments[i]);
    FileId file = sources_add(&context.sources, str_from(arguments[i]), text);
    SyntaxResult result;
    FormId root = syntax_read(&forms, file, &result);
    const Form *module = form_get(&forms, root);
    Text out = text_new(&context.arena);
    if (source) {
      form_print_source(&forms, form_elements(&forms, module) + 1, module->count - 1, &out);
    }
    for (uint32_t entry = 1; entry < module->count && !source; entry++) {
      form_print(&forms, form_element(&forms, module, entry), &out);
      text_add_char(&out, '\n');
    }
    fwrite(out.bytes ? out.bytes : "", 1, out.count, stdout);
    Text errors = text_new(&context.arena);
    diagnostics_render_text(&context.diagnostics, (DiagnosticStyle){false}, &errors);
    fflush(stdout);
    fwrite(errors.bytes ? errors.bytes : "", 1, errors.count, stderr);
    ok &= result.ok;
    forms_free(&forms);
    context_free(&context);
  }
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
