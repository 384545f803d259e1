// Spelling: expanded modules as text (voydc expand), where hygiene is gone and text alone tells names apart.
//
// Identities (spec 02 §9.1) of one text that meet in an item, or with a declaration of the module, keep their
// text if they are free or known outside; others get `name_2`, `Type2`. Members and labels are no identities:
// they are found by text; those of a union follow the new names of its types. What cannot be spelled: a name
// that only another module sees; a variant of a changed name, where a pattern or another module leaves it to
// the type; and, where an item binds a name that a macro's text means at module level, the item's own mention
// of that from outside the binding.
#include "graph/expand.h"
#include "syntax/operators.h"

typedef struct Identity {
  Name name;
  uint32_t context;
  bool is_bound;
  bool is_fixed; // bound, and known outside
  uint32_t next; // of the same name, or ID_MAP_NONE
} Identity;

typedef struct Identities {
  VECTOR(Identity) list;
  IdMap by_identity, by_name; // -> index
} Identities;

typedef struct Spelling {
  Expander *x;
  Arena arena;
  Identities declared; // of the module
  Identities local;    // of the item at work
  IdMap texts;         // that stand anywhere in the module
  IdMap numbers;       // name -> the last number it was spelled with
  IdMap spelled;       // identity of a macro -> new name
  IdMap spelled_local; // (name of the source that an item binds, the item) -> new name
  IdMap unions;        // identity of a type alias -> its item
  IdMap members;       // (the item of an alias, the name of a member of its union) -> new name
  uint32_t item;       // at work
} Spelling;

// What an element of a list is, for its names.
typedef enum Role {
  ROLE_CODE,
  ROLE_MEMBER,    // of the operand before it: its first name is found by text
  ROLE_LABELLED,  // (: label code) in a call or record
  ROLE_SHORTHAND, // a name in braces that is its own label
  ROLE_HEADER,    // of a declaration or lambda, or a list of parameters
  ROLE_HANDLER,   // (: header code)
  ROLE_TEXT,      // nothing in it is looked up
} Role;

static Identity *identity(Spelling *s, Identities *among, Name name, uint32_t context) {
  uint32_t index = id_map_get(&among->by_identity, id_pair(name, context));
  if (index == ID_MAP_NONE) {
    index = among->list.count;
    uint32_t next = id_map_get(&among->by_name, name);
    VECTOR_PUSH(&s->arena, &among->list, (Identity){.name = name, .context = context, .next = next});
    id_map_put(&s->arena, &among->by_identity, id_pair(name, context), index);
    id_map_put(&s->arena, &among->by_name, name, index);
  }
  return &among->list.items[index];
}

// --- the roles of names

static bool is_structural(const Form *head) {
  return head->kind == FORM_IDENTIFIER && (head->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) == 0 &&
         syntax_is_structural(head->value);
}

static Role role_in_header(const FormTable *forms, const Form *list, uint32_t index) {
  const Form *head = form_get(forms, form_element(list, 0));
  bool wrapped =
      form_is_word(head, NAME_COLON) || form_is_word(head, NAME_ARROW) || form_is_word(head, NAME_ASSIGN);
  if (form_is_word(head, NAME_PATH)) { // of a handler
    return index == 2 ? ROLE_HEADER : ROLE_CODE;
  }
  return wrapped && index == 1 ? ROLE_HEADER : ROLE_CODE;
}

static Role role_of(const FormTable *forms, const Form *list, Role role, uint32_t index) {
  const Form *head = form_get(forms, form_element(list, 0));
  const Form *element = form_get(forms, form_element(list, index));
  if (role == ROLE_TEXT || form_is_word(head, NAME_AT)) {
    return ROLE_TEXT;
  }
  if (role == ROLE_HEADER) {
    return role_in_header(forms, list, index);
  }
  if ((role == ROLE_LABELLED || role == ROLE_HANDLER) && index == 1) {
    return role == ROLE_LABELLED ? ROLE_TEXT : ROLE_HEADER;
  }
  if (role == ROLE_MEMBER && index == 0) {
    return ROLE_MEMBER;
  }
  bool labelled = form_count(element) == 3 && (form_headed(forms, element, NAME_COLON) ||
                                               form_headed(forms, element, NAME_OPTIONAL_COLON));
  if (form_is_reserved(head, NAME_OBJECT_LITERAL)) {
    return labelled ? ROLE_LABELLED : element->kind == FORM_IDENTIFIER ? ROLE_SHORTHAND : ROLE_CODE;
  }
  if (form_is_word(head, NAME_TRY)) {
    return labelled ? ROLE_HANDLER : ROLE_CODE;
  }
  if (form_is_word(head, NAME_DOT) || form_is_word(head, NAME_OPTIONAL_DOT) ||
      form_is_word(head, NAME_PATH)) {
    return index == 2 ? ROLE_MEMBER : ROLE_CODE;
  }
  if (form_is_word(head, NAME_FAT_ARROW)) {
    return index == 1 ? ROLE_HEADER : ROLE_CODE;
  }
  uint32_t keyword = form_is_word(head, NAME_PUB) || form_is_word(head, NAME_API) ||
                     form_is_word(head, NAME_PRI) || form_is_word(head, NAME_HASH);
  if (keyword < form_count(list) &&
      binders_is_declaration_word(form_get(forms, form_element(list, keyword)))) {
    return index == keyword + 1 ? ROLE_HEADER : ROLE_CODE;
  }
  bool call = operator_of_form(head) == OP_NONE && !is_structural(head);
  return labelled && call && index > 0 ? ROLE_LABELLED : ROLE_CODE;
}

// --- which identities there are

static bool is_name(const Form *form) {
  return form->kind == FORM_IDENTIFIER && (form->flags & FORM_FLAG_RESERVED) == 0;
}

static void collect(Spelling *s, FormId id, Role role) {
  const FormTable *forms = s->x->forms;
  while (id != 0) { // down the left operands
    const Form *form = form_get(forms, id);
    if (is_name(form)) {
      id_map_put(&s->arena, &s->texts, form->value, 1);
      if (role != ROLE_TEXT && role != ROLE_MEMBER) {
        identity(s, &s->local, form->value, form_context(form));
      }
    }
    FormId left = form_count(form) > 0 ? binders_spine_left(s->x, form) : 0;
    for (uint32_t i = 0; i < form_count(form); i++) {
      if (form_element(form, i) != left) {
        collect(s, form_element(form, i), role_of(forms, form, role, i));
      }
    }
    role = left != 0 ? role_of(forms, form, role, 1) : role;
    id = left;
  }
}

static void bind(Expander *x, void *data, FormId id, bool fixed) {
  Spelling *s = data;
  const Form *form = expand_form(x, id);
  Identity *bound = identity(s, &s->local, form->value, form_context(form));
  bound->is_bound = true;
  bound->is_fixed = bound->is_fixed || (fixed && form_context(form) == 0);
}

// What the item declares, among these. Others of the module mention it.
static void bind_declared(Spelling *s, Identities *among, FormId item) {
  const FormTable *forms = s->x->forms;
  const Form *form = form_get(forms, item);
  if (form_count(form) == 0) {
    return;
  }
  FormId id = hygiene_declared_name(s->x, form, form_headed(forms, form, NAME_PUB));
  if (id != 0) {
    const Form *name = form_get(forms, id);
    Identity *declared = identity(s, among, name->value, form_context(name));
    declared->is_bound = true;
    declared->is_fixed = form_context(name) == 0;
  }
}

// --- new names

// The source has one context: what it binds in one item is another thing in the next.
static IdMap *spelled_in(Spelling *s, Name name, uint32_t context, uint64_t *key) {
  *key = id_pair(name, context == 0 ? s->item : context);
  return context == 0 ? &s->spelled_local : &s->spelled;
}

static void spell(Spelling *s, const Identity *one) {
  uint64_t key;
  IdMap *spelled = spelled_in(s, one->name, one->context, &key);
  if (id_map_get(spelled, key) != ID_MAP_NONE) {
    return;
  }
  Context *context = s->x->graph->context;
  Name fresh = one->name;
  Str old = context_name(context, one->name);
  bool is_type = old.length > 0 && old.ptr[0] >= 'A' && old.ptr[0] <= 'Z'; // these hold no `_` (BD0007)
  // Numbers up to the last one given are taken.
  uint32_t number = id_map_get(&s->numbers, one->name);
  number = number == ID_MAP_NONE ? 1 : number;
  while (id_map_get(&s->texts, fresh) != ID_MAP_NONE) {
    number++;
    Str text = arena_format(&s->arena, "%.*s%s%u", STR_ARGS(old), is_type ? "" : "_", number);
    fresh = names_intern(&context->names, text);
  }
  id_map_put(&s->arena, &s->numbers, one->name, number);
  id_map_put(&s->arena, &s->texts, fresh, 1);
  id_map_put(&s->arena, spelled, key, fresh);
}

static const Identity *next_of(const Identities *among, uint32_t index) {
  return index == ID_MAP_NONE ? NULL : &among->list.items[index];
}

// May the identity keep its text beside the other of the same text? The one that has to has precedence, then
// the caller's, then the earlier.
static bool gives_way(const Identity *one, const Identity *other) {
  if (one->context == other->context || !one->is_bound || one->is_fixed) {
    return false;
  }
  return !other->is_bound || other->is_fixed || other->context < one->context;
}

static void decide(Spelling *s, const Identity *one) {
  const Identities *all[] = {&s->local, &s->declared};
  for (int i = 0; i < 2; i++) {
    const Identity *other = next_of(all[i], id_map_get(&all[i]->by_name, one->name));
    for (; other; other = next_of(all[i], other->next)) {
      if (gives_way(one, other)) {
        spell(s, one);
        return;
      }
    }
  }
}

// --- members of unions, which are found by their text behind the alias (spec 04 §6.4)

static void spell_members(Spelling *s, FormId type) {
  for (FormId left; type != 0; type = left) {
    const Form *form = expand_form(s->x, type);
    bool is_union = form_headed(s->x->forms, form, NAME_PIPE) && form_count(form) == 3;
    left = is_union ? form_element(form, 1) : 0;
    FormId id = binders_head_name(s->x, is_union ? form_element(form, 2) : type);
    const Form *name = id != 0 ? expand_form(s->x, id) : form;
    uint32_t fresh = form_context(name) != 0
                         ? id_map_get(&s->spelled, id_pair(name->value, form_context(name)))
                         : ID_MAP_NONE; // the source keeps the names of its types
    if (fresh != ID_MAP_NONE) {
      id_map_put(&s->arena, &s->members, id_pair(s->item, name->value), fresh);
    }
  }
}

// `type Alias = A | B`
static void spell_union(Spelling *s, FormId item) {
  const Form *form = expand_form(s->x, item);
  uint32_t keyword = form_headed(s->x->forms, form, NAME_PUB);
  if (form_count(form) != keyword + 2 ||
      !form_is_word(expand_form(s->x, form_element(form, keyword)), NAME_TYPE)) {
    return;
  }
  const Form *definition = expand_form(s->x, form_element(form, keyword + 1));
  FormId id = hygiene_declared_name(s->x, form, keyword);
  if (id != 0 && form_headed(s->x->forms, definition, NAME_ASSIGN) && form_count(definition) == 3) {
    const Form *name = expand_form(s->x, id);
    id_map_put(&s->arena, &s->unions, id_pair(name->value, form_context(name)), s->item);
    spell_members(s, form_element(definition, 2));
  }
}

// What follows `alias::`, with the new name of the union's member.
static FormId respell_member(Spelling *s, FormId alias, FormId id) {
  FormTable *forms = s->x->forms;
  FormId owner = binders_head_name(s->x, alias), first = binders_head_name(s->x, id);
  if (owner == 0 || first == 0) {
    return id;
  }
  const Form *name = form_get(forms, owner), *member = form_get(forms, first);
  uint32_t item = id_map_get(&s->unions, id_pair(name->value, form_context(name)));
  uint32_t fresh = item == ID_MAP_NONE ? ID_MAP_NONE : id_map_get(&s->members, id_pair(item, member->value));
  if (fresh == ID_MAP_NONE) {
    return id;
  }
  FormId renamed = form_identifier(forms, fresh, form_context(member), member->flags, form_span(member));
  const Form *form = form_get(forms, id);
  if (form->kind != FORM_LIST) {
    return renamed;
  }
  VECTOR(FormId) elements = {0};
  for (uint32_t i = 0; i < form_count(form); i++) {
    VECTOR_PUSH(&s->arena, &elements, i == 0 ? renamed : form_element(form, i));
  }
  return form_list(forms, elements.items, elements.count, form->flags & 0xFF, form_span(form));
}

// --- the new forms

static FormId respell_name(Spelling *s, FormId id, Role role) {
  const Form *form = expand_form(s->x, id);
  uint64_t key;
  const IdMap *spelled = spelled_in(s, form->value, form_context(form), &key);
  uint32_t name = id_map_get(spelled, key);
  if (name == ID_MAP_NONE || role == ROLE_TEXT || role == ROLE_MEMBER) {
    return id;
  }
  FormTable *forms = s->x->forms;
  Span span = form_span(form);
  FormId renamed = form_identifier(forms, name, form_context(form), form->flags, span);
  if (role != ROLE_SHORTHAND) {
    return renamed;
  }
  FormId parts[] = {form_atom(forms, FORM_IDENTIFIER, NAME_COLON, 0, span), id, renamed};
  return form_list(forms, parts, 3, 0, span);
}

typedef struct Respelled { // a list whose left operand is at work
  FormId form;
  Role role;
} Respelled;

static FormId respell(Spelling *s, FormId id, Role role);

// The list with its elements spelled anew; `left` is what became of its left operand, or 0.
static FormId respell_list(Spelling *s, FormId id, Role role, FormId left) {
  const Form *form = expand_form(s->x, id);
  VECTOR(FormId) elements = {0};
  bool changed = false;
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId before = form_element(form, i);
    FormId after = i == 1 && left != 0 ? left : respell(s, before, role_of(s->x->forms, form, role, i));
    if (i == 2 && form_headed(s->x->forms, form, NAME_PATH)) {
      after = respell_member(s, form_element(form, 1), after);
    }
    changed |= after != before;
    VECTOR_PUSH(&s->arena, &elements, after);
  }
  return changed ? form_list(s->x->forms, elements.items, elements.count, form->flags & 0xFF, form_span(form))
                 : id;
}

static FormId respell(Spelling *s, FormId id, Role role) {
  VECTOR(Respelled) spine = {0};
  const Form *form = expand_form(s->x, id);
  FormId left;
  while (form_count(form) > 0 && (left = binders_spine_left(s->x, form)) != 0) {
    VECTOR_PUSH(&s->arena, &spine, (Respelled){id, role});
    role = role_of(s->x->forms, form, role, 1);
    id = left;
    form = expand_form(s->x, id);
  }
  FormId result = form->kind == FORM_LIST ? respell_list(s, id, role, 0)
                  : is_name(form)         ? respell_name(s, id, role)
                                          : id;
  while (spine.count > 0) {
    Respelled list = spine.items[--spine.count];
    result = respell_list(s, list.form, list.role, result);
  }
  return result;
}

void graph_spell_items(ModuleGraph *graph, ModuleId id, FormId *items) {
  Spelling spelling = {.x = graph->state->expander};
  Spelling *s = &spelling;
  arena_init(&s->arena);
  s->x->failed = false;
  s->x->recursion = 0;
  const Module *module = graph_module(graph, id);
  for (uint32_t i = 0; i < module->items.count; i++) {
    items[i] = module->items.items[i];
    bind_declared(s, &s->declared, items[i]);
    collect(s, items[i], ROLE_CODE); // all texts are known before the first new one
  }
  for (uint32_t i = 0; i < module->items.count; i++) {
    s->item = i;
    s->local = (Identities){0};
    collect(s, items[i], ROLE_CODE);
    binders_visit(&(BinderVisit){.expander = s->x, .visit = bind, .data = s}, items[i]);
    bind_declared(s, &s->local, items[i]);
    for (uint32_t k = 0; k < s->local.list.count; k++) {
      decide(s, &s->local.list.items[k]);
    }
  }
  for (uint32_t i = 0; i < module->items.count; i++) {
    s->item = i;
    spell_union(s, items[i]);
  }
  bool any = s->spelled.count > 0 || s->spelled_local.count > 0;
  for (uint32_t i = 0; i < module->items.count && any; i++) {
    s->item = i;
    items[i] = respell(s, items[i], ROLE_CODE);
  }
  arena_free(&s->arena);
}
