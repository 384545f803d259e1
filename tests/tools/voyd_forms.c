// voyd_forms [--source] FILE…: the base forms of each file, one top-level entry a line, then its diagnostics.
// With
// --source the forms are printed as Voyd text.
//
// voyd_forms --round-trip FOLDER…: reads every .voyd file below, prints it as text, reads that, and says
// where the forms differ, or where printing them once more gives another text.
#include <ftw.h>
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

typedef struct Reading {
  Context context;
  FormTable forms;
  SyntaxResult result;
} Reading;

static void read_text(Reading *reading, Str path, Str text) {
  context_init(&reading->context);
  forms_init(&reading->forms, &reading->context);
  FileId file = sources_add(&reading->context.sources, path, text);
  syntax_read(&reading->forms, file, &reading->result);
}

static void reading_free(Reading *reading) {
  forms_free(&reading->forms);
  context_free(&reading->context);
}

// The top-level forms, one a line: form_print or form_print_bracketed.
static Str items_text(Reading *reading, void (*print)(const FormTable *, FormId, Text *)) {
  const Form *module = form_get(&reading->forms, reading->result.root);
  Text out = text_new(&reading->context.arena);
  for (uint32_t entry = 1; entry < form_count(module); entry++) {
    print(&reading->forms, form_element(module, entry), &out);
    text_add_char(&out, '\n');
  }
  return text_str(&out);
}

static Str forms_text(Reading *reading) {
  return items_text(reading, form_print);
}

static int in_brackets; // items and statements whose plain text would read as something else

static Str source_text(Reading *reading) {
  const Form *module = form_get(&reading->forms, reading->result.root);
  Text out = text_new(&reading->context.arena);
  in_brackets +=
      (int)form_print_source(&reading->forms, form_elements(module) + 1, form_count(module) - 1, 0, &out);
  return text_str(&out);
}

// Lists `f<T>()`, which differ from `f<T>` in nothing but their flag.
static uint32_t bare_calls(const FormTable *forms) {
  uint32_t found = 0;
  for (FormId id = form_from(forms, 0); id < forms->end; id = form_after(forms, id)) {
    const Form *form = form_get(forms, id);
    found += form_count(form) == 2 && (form->flags & FORM_FLAG_ADJACENT_CALL) != 0 &&
             form_headed_reserved(forms, form_get(forms, form_element(form, 1)), NAME_GENERICS);
  }
  return found;
}

// --- round trips: nftw takes no context, so these count for the process
static int checked, wrong;

static int round_trip(const char *path, const struct stat *status, int type, struct FTW *place) {
  (void)status;
  (void)place;
  size_t length = strlen(path);
  if (type != FTW_F || length < 5 || strcmp(path + length - 5, ".voyd") != 0) {
    return 0;
  }
  Reading first, again;
  Arena arena;
  arena_init(&arena);
  read_text(&first, str_from(path), read_file(&arena, path));
  if (first.result.ok) {
    Str source = source_text(&first);
    read_text(&again, STR("printed.voyd"), source);
    checked++;
    if (!again.result.ok || !str_equal(forms_text(&first), forms_text(&again)) ||
        bare_calls(&first.forms) != bare_calls(&again.forms) || !str_equal(source, source_text(&again))) {
      fprintf(stderr, "%s: what is printed does not read back\n", path);
      wrong++;
    }
    reading_free(&again);
    read_text(&again, STR("bracketed.voyd"), items_text(&first, form_print_bracketed));
    if (!again.result.ok || !str_equal(forms_text(&first), forms_text(&again))) {
      fprintf(stderr, "%s: what is printed in brackets does not read back\n", path);
      wrong++;
    }
    reading_free(&again);
  }
  reading_free(&first);
  arena_free(&arena);
  return 0;
}

static int show(const char *path, bool source) {
  Reading reading;
  Arena arena;
  arena_init(&arena);
  read_text(&reading, str_from(path), read_file(&arena, path));
  Str out = source ? source_text(&reading) : forms_text(&reading);
  fwrite(out.ptr, 1, out.length, stdout);
  fflush(stdout);
  Text errors = text_new(&arena);
  diagnostics_render_text(&reading.context.diagnostics, (DiagnosticStyle){false}, &errors);
  fwrite(text_str(&errors).ptr, 1, errors.count, stderr);
  bool ok = reading.result.ok;
  reading_free(&reading);
  arena_free(&arena);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **arguments) {
  const char *mode = count > 1 ? arguments[1] : "";
  int status = EXIT_SUCCESS;
  if (strcmp(mode, "--round-trip") == 0) {
    for (int i = 2; i < count; i++) {
      nftw(arguments[i], round_trip, 16, FTW_PHYS);
    }
    printf("%d files read back, %d faults, %d statements in brackets\n", checked, wrong, in_brackets);
    return wrong > 0 || in_brackets > 0 || checked == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
  }
  bool source = strcmp(mode, "--source") == 0;
  for (int i = 1 + source; i < count; i++) {
    status |= show(arguments[i], source);
  }
  return status;
}
