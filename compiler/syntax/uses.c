// The paths of uses (spec 01 §14.7): what is no path is a reading error, found on the base forms.
#include "syntax/reader.h"

#include <string.h>

typedef struct UseError {
  FormId where;
  const char *message;
} UseError;

static const char COLON_MESSAGE[] = "Invalid module access syntax; use '::' between module path segments";

static bool is_name(const Form *form) {
  return form->kind == FORM_IDENTIFIER && !(form->flags & FORM_FLAG_RESERVED);
}

static bool check_path(const FormTable *forms, FormId id, bool in_group, UseError *error);

static bool fail(UseError *error, FormId where, const char *message) {
  *error = (UseError){where, message};
  return false;
}

static bool check_group(const FormTable *forms, FormId id, UseError *error) {
  const Form *group = form_get(forms, id);
  if (form_count(group) == 1) {
    return fail(error, id, "grouped use path requires at least one selection");
  }
  for (uint32_t i = 1; i < form_count(group); i++) {
    if (!check_path(forms, form_element(group, i), true, error)) {
      return false;
    }
  }
  return true;
}

static bool check_path(const FormTable *forms, FormId id, bool in_group, UseError *error) {
  // Paths nest to the left.
  for (;;) {
    const Form *form = form_get(forms, id);
    const char *unsupported = in_group ? "unsupported use path entry" : "unsupported use path form";
    if (is_name(form)) {
      return operator_of_form(form) == OP_NONE || fail(error, id, unsupported);
    }
    if (form_headed_reserved(forms, form, NAME_OBJECT_LITERAL)) {
      return check_group(forms, id, error);
    }
    if (form->kind != FORM_LIST || form_count(form) == 0) {
      return fail(error, id, unsupported);
    }
    const FormId *parts = form_elements(form);
    const Form *head = form_get(forms, parts[0]);
    if (form_is_word(head, NAME_COLON) || form_is_word(head, NAME_OPTIONAL_COLON)) {
      return fail(error, parts[0], COLON_MESSAGE);
    }
    if (form_is_word(head, NAME_AS)) {
      if (form_count(form) != 3 || !is_name(form_get(forms, parts[2]))) {
        return fail(error, id, "use alias requires a path and identifier alias");
      }
      id = parts[1];
      continue;
    }
    if (!form_is_word(head, NAME_PATH)) {
      return fail(error, id, unsupported);
    }
    if (form_count(form) != 3) {
      return fail(error, id, "module access requires a path on both sides of '::'");
    }
    const Form *right = form_get(forms, parts[2]);
    if (right->kind == FORM_LIST && form_count(right) == 0) {
      return fail(error, id, "module access requires a path on both sides of '::'");
    }
    if (!is_name(right) && !form_headed_reserved(forms, right, NAME_OBJECT_LITERAL)) {
      return fail(error, parts[2], unsupported);
    }
    if (!is_name(right) && !check_group(forms, parts[2], error)) {
      return false;
    }
    id = parts[1];
    in_group = false;
  }
}

// The path of a use, `pub use` or `pub path`; 0 if the form is none of these.
static FormId use_path(const FormTable *forms, const Form *form) {
  const FormId *parts = form_elements(form);
  if (form_headed(forms, form, NAME_USE)) {
    return form_count(form) == 2 ? parts[1] : 0;
  }
  if (!form_headed(forms, form, NAME_PUB)) {
    return 0;
  }
  if (form_count(form) == 3 && form_is_word(form_get(forms, parts[1]), NAME_USE)) {
    return parts[2];
  }
  if (form_count(form) != 2) {
    return 0;
  }
  const Form *path = form_get(forms, parts[1]);
  bool is_path = is_name(path) || form_headed(forms, path, NAME_PATH) || form_headed(forms, path, NAME_AS) ||
                 form_headed_reserved(forms, path, NAME_OBJECT_LITERAL);
  return is_path ? parts[1] : 0;
}

static bool check(const FormTable *forms, FormId declaration, UseError *error) {
  const Form *form = form_get(forms, declaration);
  bool is_use =
      form_headed(forms, form, NAME_USE) || (form_headed(forms, form, NAME_PUB) && form_count(form) > 1 &&
                                             form_is_word(form_get(forms, form_element(form, 1)), NAME_USE));
  FormId path = use_path(forms, form);
  if (is_use && !path) {
    return fail(error, declaration, "unsupported use path form");
  }
  return !path || check_path(forms, path, false, error);
}

bool syntax_check_use(FormTable *forms, FormId declaration) {
  UseError error;
  if (check(forms, declaration, &error)) {
    return true;
  }
  diagnostic_add(&forms->context->diagnostics, DIAGNOSTIC_MD0002, form_span(form_get(forms, error.where)),
                 "%s", error.message);
  return false;
}

// Was there something wrong in a form already, or on the rest of its line?
static bool read_failed_in(const Reader *reader, Span span) {
  for (uint32_t i = 0; i < reader->errors.count; i++) {
    uint32_t start = reader->errors.items[i].start, end = span.end - reader->base;
    if (start + reader->base >= span.start &&
        (start <= end || !memchr(reader->text + end, '\n', start - end))) {
      return true;
    }
  }
  return false;
}

// The entries of a module, and of the inline modules in it.
void uses_check_module(Reader *reader, FormId list) {
  const FormTable *forms = reader->forms;
  const Form *form = form_get(forms, list);
  for (uint32_t i = 1; i < form_count(form); i++) {
    FormId id = form_element(form, i);
    const Form *entry = form_get(forms, id);
    if (entry->kind != FORM_LIST || form_count(entry) == 0) {
      continue;
    }
    bool is_pub = form_headed(forms, entry, NAME_PUB);
    const Form *keyword = form_get(forms, form_element(entry, is_pub && form_count(entry) > 1));
    const Form *body = form_get(forms, form_element(entry, form_count(entry) - 1));
    if (form_is_word(keyword, NAME_MOD) && form_headed(forms, body, NAME_BLOCK) &&
        (body->flags & FORM_FLAG_SUITE)) {
      uses_check_module(reader, form_element(entry, form_count(entry) - 1));
      continue;
    }
    UseError error;
    if (!read_failed_in(reader, form_span(entry)) && !check(forms, id, &error)) {
      Span span = form_span(form_get(forms, error.where));
      read_error(reader, span.start - reader->base, span.end - reader->base, "%s", error.message);
    }
  }
}
