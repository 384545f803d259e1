// Unions and enums as namespaces of their members (spec 03 §2.7).
#include "names/state.h"

enum { ALIAS_CHAIN_LIMIT = 64 };

typedef struct MemberSearch {
  NameTables *tables;
  NamespaceMembers *out;
  IdMap seen; // symbols listed and aliases entered
} MemberSearch;

static bool is_type_parameter(const AstTable *ast, const AstAlias *alias, const AstNode *name) {
  for (uint32_t i = 0; i < alias->type_parameters.count; i++) {
    const AstTypeParameter *parameter = &ast->type_parameters.items[alias->type_parameters.first + i];
    if (parameter->name == name->name.name && parameter->context == name->name.context) {
      return true;
    }
  }
  return false;
}

// The symbol of a written type name or path through modules, 0 if it is none.
static SymbolId type_symbol(NameTables *tables, ModuleId module, const AstAlias *alias, NodeId id) {
  const AstTable *ast = tables->ast;
  const AstNode *node = ast_node(ast, id);
  if (node->kind == NODE_NAME) {
    if (is_type_parameter(ast, alias, node)) {
      return 0;
    }
    ScopeFind found = scope_find_hygienic(tables, module, node->name.name, node->name.context, LOOKUP_TYPE);
    return found.symbols.count == 1 ? names_listed(tables, found.symbols, 0) : 0;
  }
  if (node->kind != NODE_PATH || node->path.segments.count == 0) {
    return 0;
  }
  const AstNode *head = ast_node(ast, ast_listed(ast, node->path.segments, 0));
  SymbolSet set =
      scope_find_hygienic(tables, module, head->name.name, head->name.context, LOOKUP_MODULE).symbols;
  for (uint32_t i = 1; i < node->path.segments.count; i++) {
    if (set.count == 0 || names_symbol(tables, names_listed(tables, set, 0))->kind != SYMBOL_MODULE) {
      return 0;
    }
    ModuleId source = names_symbol(tables, names_listed(tables, set, 0))->declaration;
    set = scope_members(tables, source, ast_node(ast, ast_listed(ast, node->path.segments, i))->name.name);
  }
  return set.count == 1 ? names_listed(tables, set, 0) : 0;
}

static void add_members(MemberSearch *search, SymbolId alias, uint32_t depth);

static void add_member(MemberSearch *search, ModuleId module, const AstAlias *alias, NodeId type,
                       uint32_t depth) {
  NameTables *tables = search->tables;
  if (type == 0) {
    return;
  }
  SymbolId symbol = type_symbol(tables, module, alias, type);
  if (symbol == 0 || id_map_get(&search->seen, symbol) != ID_MAP_NONE) {
    return;
  }
  id_map_put(&tables->arena, &search->seen, symbol, 1);
  const Symbol *record = names_symbol(tables, symbol);
  if (record->kind == SYMBOL_ALIAS) {
    add_members(search, symbol, depth + 1);
  } else if (record->kind == SYMBOL_OBJECT) {
    VECTOR_PUSH(&tables->arena, search->out, (NamespaceMember){record->name, symbol});
  }
}

static void add_members(MemberSearch *search, SymbolId symbol, uint32_t depth) {
  if (depth > ALIAS_CHAIN_LIMIT) {
    return;
  }
  const AstTable *ast = search->tables->ast;
  ModuleId module = names_symbol(search->tables, symbol)->module;
  const AstAlias *alias = &ast->aliases.items[names_symbol(search->tables, symbol)->declaration];
  if (alias->type == 0) {
    return;
  }
  const AstNode *type = ast_node(ast, alias->type);
  if (type->kind != NODE_TYPE_UNION) {
    add_member(search, module, alias, alias->type, depth);
    return;
  }
  for (uint32_t i = 0; i < type->list.items.count; i++) {
    add_member(search, module, alias, ast_listed(ast, type->list.items, i), depth);
  }
}

void namespace_members(NameTables *tables, SymbolId alias, NamespaceMembers *out) {
  MemberSearch search = {.tables = tables, .out = out};
  add_members(&search, alias, 0);
}

bool namespace_member_accessible(const NameTables *tables, SymbolId alias, SymbolId member,
                                 ModuleId importer) {
  const Symbol *record = names_symbol(tables, alias);
  // The variants of an enum are private helpers that count as accessible through it.
  if (tables->ast->aliases.items[record->declaration].from_enum &&
      names_symbol(tables, member)->module == record->module) {
    return true;
  }
  return names_can_access(tables, member, importer);
}

bool names_is_variant(NameTables *tables, SymbolId object) {
  ModuleId module = names_symbol(tables, object)->module;
  for (SymbolId id = 1; id < tables->symbols.count; id++) {
    const Symbol *symbol = names_symbol(tables, id);
    if (symbol->kind != SYMBOL_ALIAS || symbol->module != module ||
        !tables->ast->aliases.items[symbol->declaration].from_enum) {
      continue;
    }
    NamespaceMembers members = {0};
    namespace_members(tables, id, &members);
    for (uint32_t i = 0; i < members.count; i++) {
      if (members.items[i].symbol == object) {
        return true;
      }
    }
  }
  return false;
}
