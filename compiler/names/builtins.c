// Built-in names by flags; the table is names/builtins.def.
#include "names/state.h"

static const struct {
  const char *text;
  unsigned flags;
} builtin_names[] = {
#define BUILTIN_NAME(text, flags) {(text), (flags)},
#include "names/builtins.def"
#undef BUILTIN_NAME
};

void names_builtins_init(NameTables *tables) {
  for (size_t i = 0; i < sizeof builtin_names / sizeof *builtin_names; i++) {
    Name name = names_intern(&tables->context->names, str_from(builtin_names[i].text));
    id_map_put(&tables->arena, &tables->state->builtins, name, builtin_names[i].flags);
  }
}

unsigned names_builtin(const NameTables *tables, Name name) {
  uint32_t flags = id_map_get(&tables->state->builtins, name);
  return flags == ID_MAP_NONE ? 0 : flags;
}
