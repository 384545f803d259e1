// Impl heads and std roles: what must be known about a module before any body is checked.
#include "types/declarations.h"

static Name attribute_text(const Declarations *declarations, const AstAttribute *attribute) {
  // `(@ (intrinsic_type (: type "optional")))`: the first string found
  const FormTable *forms = &declarations->types->names->graph->forms;
  const Form *form = form_get(forms, attribute->form);
  for (uint32_t depth = 0; depth < 4 && form->kind == FORM_LIST && form_count(form) > 0; depth++) {
    const Form *last = form_get(forms, form_element(form, form_count(form) - 1));
    if (last->kind == FORM_STRING) {
      return last->value;
    }
    form = last;
  }
  return NAME_EMPTY;
}

static void chain(Declarations *declarations, IdMap *heads, uint64_t key, ImplId impl, ImplId *next) {
  uint32_t head = id_map_get(heads, key);
  *next = head == ID_MAP_NONE ? 0 : head;
  id_map_put(&declarations->types->arena, heads, key, impl);
}

static void collect_impl(Declarations *declarations, uint32_t item_index) {
  TypeTable *types = declarations->types;
  AstTable *ast = types->names->ast;
  AstItem item = ast->items.items[item_index];
  AstImpl impl = ast->impls.items[item.index];
  ImplInfo info = {RESOLVE_DONE, item.index, item_index, item.module, TYPE_UNKNOWN, TYPE_NONE, false};
  info.target = declarations_type(declarations, item.module, impl.target);
  if (impl.trait) {
    info.trait = declarations_type(declarations, item.module, impl.trait);
  }
  VECTOR_PUSH(&types->arena, &declarations->impls, info);
  VECTOR_PUSH(&types->arena, &declarations->next_impl, 0);
  VECTOR_PUSH(&types->arena, &declarations->next_of_trait, 0);
  VECTOR_PUSH(&types->arena, &declarations->next_of_pair, 0);
  ImplId id = declarations->impls.count - 1;
  if (info.target == TYPE_UNKNOWN) {
    return;
  }
  SymbolId nominal = declarations_impl_key(declarations, info.target);
  chain(declarations, &declarations->impls_of_nominal, nominal, id, &declarations->next_impl.items[id]);
  if (info.trait != TYPE_NONE && type_kind(types, info.trait) == KIND_TRAIT) {
    SymbolId trait = type_get(types, info.trait)->symbol;
    chain(declarations, &declarations->impls_of_trait, trait, id, &declarations->next_of_trait.items[id]);
    chain(declarations, &declarations->impls_of_pair, id_pair(trait, nominal), id,
          &declarations->next_of_pair.items[id]);
  }
}

SymbolId declarations_impl_key(const Declarations *declarations, TypeId target) {
  TypeId nominal = types_nominal_part(declarations->types, target);
  return nominal == TYPE_NONE || nominal == TYPE_OBJECT ? 0 : type_get(declarations->types, nominal)->symbol;
}

ImplId declarations_impl_of(const Declarations *declarations, SymbolId trait, SymbolId nominal) {
  uint32_t head = id_map_get(&declarations->impls_of_pair, id_pair(trait, nominal));
  return head == ID_MAP_NONE ? 0 : head;
}

static void place_parameters(Declarations *declarations, AstRange range, ModuleId module) {
  for (uint32_t i = 0; i < range.count; i++) {
    declarations->parameter_modules.items[range.first + i] = module;
  }
}

// Which module a type parameter's constraint is to be read in.
static void collect_parameters(Declarations *declarations) {
  const AstTable *ast = declarations->types->names->ast;
  VECTOR_EXTEND(&declarations->types->arena, &declarations->parameter_modules,
                ast->type_parameters.count - declarations->parameter_modules.count);
  for (FunctionId id = 1; id < ast->functions.count; id++) {
    place_parameters(declarations, ast_function(ast, id)->type_parameters, ast_function(ast, id)->module);
  }
  for (uint32_t i = 0; i < ast->items.count; i++) {
    const AstItem *item = &ast->items.items[i];
    AstRange range = item->kind == ITEM_OBJECT   ? ast->objects.items[item->index].type_parameters
                     : item->kind == ITEM_ALIAS  ? ast->aliases.items[item->index].type_parameters
                     : item->kind == ITEM_TRAIT  ? ast->traits.items[item->index].type_parameters
                     : item->kind == ITEM_IMPL   ? ast->impls.items[item->index].type_parameters
                     : item->kind == ITEM_EFFECT ? ast->effects.items[item->index].type_parameters
                                                 : (AstRange){0, 0};
    place_parameters(declarations, range, item->module);
  }
}

void declarations_collect(Declarations *declarations) {
  NameTables *names = declarations->types->names;
  AstTable *ast = names->ast;
  collect_parameters(declarations);
  // Roles first: impl heads may use optional fields.
  for (SymbolId id = 1; id < names->symbols.count; id++) {
    const Symbol *symbol = names_symbol(names, id);
    if (symbol->kind != SYMBOL_OBJECT && symbol->kind != SYMBOL_ALIAS) {
      continue;
    }
    const AstItem *item = &ast->items.items[symbol->item];
    for (uint32_t a = 0; a < item->attributes.count; a++) {
      const AstAttribute *attribute = &ast->attributes.items[item->attributes.first + a];
      if (str_equal(context_name(declarations->types->context, attribute->name), STR("intrinsic_type"))) {
        declarations_note_role(
            declarations, context_name(declarations->types->context, attribute_text(declarations, attribute)),
            id);
      }
    }
  }
  for (uint32_t i = 0; i < ast->items.count; i++) {
    if (ast->items.items[i].kind == ITEM_IMPL) {
      collect_impl(declarations, i);
    }
  }
  declarations->collected = true;
}
