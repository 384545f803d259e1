// Forms as Voyd text.
#ifndef VOYD_SYNTAX_PRINT_SOURCE_H
#define VOYD_SYNTAX_PRINT_SOURCE_H

#include "syntax/forms.h"

// The items of a module, each on lines of its own, indented so far. Reading the text gives forms that print
// alike (form_print), for all forms that the reader makes. Gives how many items and statements are written in
// brackets, since their plain text would read as something else: 0 for what resembles programs.
uint32_t form_print_source(const FormTable *table, const FormId *items, uint32_t count, uint32_t indent,
                           Text *out);
// One form on one line, in the notation that means the same wherever it stands.
void form_print_bracketed(const FormTable *table, FormId form, Text *out);

#endif
