// What a body already learnt about an expression, so that a call tries its arguments once for each question
// and not once for each way of asking: nested calls would otherwise cost a power of their depth.
//
// A result belongs to (node, environment, expected type). The environment stands for all that a check can
// depend on beyond the node: the parameter types of the lambdas around it; everything else (narrowing, types
// of locals) follows from those. An entry is *recorded* while the typed nodes of its
// subtree are those of its own check; a later check of the same node with another question ends that.
#include "check/state.h"

typedef struct MemoEntry {
  NodeId node;
  uint32_t environment;
  TypeId expected;
  MemoResult result;
} MemoEntry;

typedef struct MemoEnvironment {
  uint32_t outer, key;
  TypeId type;
} MemoEnvironment;

struct Memo {
  HashIndex entry_index, environment_index;
  VECTOR(MemoEntry) entries;            // 0 unused
  VECTOR(MemoEnvironment) environments; // 0: no lambda
  uint32_t *recorded;                   // by node - first_node: the entry whose check was the last one
};

static Memo *memo_of(Body *body) {
  if (!body->memo) {
    Arena *arena = body->scratch;
    const Instance *instance = &body->program->instances.items[body->instance];
    body->memo = ARENA_NEW(arena, Memo);
    body->memo->recorded = ARENA_ARRAY(arena, uint32_t, instance->end_node - instance->first_node);
    VECTOR_EXTEND(arena, &body->memo->entries, 1);
    VECTOR_EXTEND(arena, &body->memo->environments, 1);
  }
  return body->memo;
}

typedef struct MemoKey {
  const Memo *memo;
  MemoEntry entry;
  MemoEnvironment environment;
} MemoKey;

static bool entry_equal(const void *context, uint32_t id) {
  const MemoKey *key = context;
  const MemoEntry *entry = &key->memo->entries.items[id];
  return entry->node == key->entry.node && entry->environment == key->entry.environment &&
         entry->expected == key->entry.expected;
}

static bool environment_equal(const void *context, uint32_t id) {
  const MemoKey *key = context;
  const MemoEnvironment *environment = &key->memo->environments.items[id];
  return environment->outer == key->environment.outer && environment->key == key->environment.key &&
         environment->type == key->environment.type;
}

static uint32_t hash_three(uint32_t a, uint32_t b, uint32_t c) {
  uint64_t hash = hash_mix(id_pair(a, b), c);
  return (uint32_t)(hash ^ hash >> 32);
}

void memo_enter(Body *body, uint32_t key, TypeId type) {
  Memo *memo = memo_of(body);
  MemoKey wanted = {.memo = memo, .environment = {body->environment, key, type}};
  uint32_t hash = hash_three(body->environment, key, type);
  uint32_t found = hash_index_find(&memo->environment_index, hash, environment_equal, &wanted);
  if (found == ID_MAP_NONE) {
    found = memo->environments.count;
    VECTOR_PUSH(body->scratch, &memo->environments, wanted.environment);
    hash_index_add(body->scratch, &memo->environment_index, hash, found);
  }
  body->environment = found;
}

void memo_enter_anew(Body *body) {
  memo_enter(body, UINT32_MAX, memo_of(body)->environments.count);
}

bool memo_worth(const Body *body, NodeId node) {
  switch (ast_kind(body->ast, node)) {
  case NODE_CALL:
  case NODE_METHOD_CALL:
  case NODE_OPERATOR:
  case NODE_SUBSCRIPT:
  case NODE_CONSTRUCT:
  case NODE_LAMBDA:
  case NODE_TUPLE:
  case NODE_ARRAY:
  case NODE_RECORD:
  case NODE_BLOCK:
  case NODE_IF:
  case NODE_MATCH:
    return true;
  default:
    return false;
  }
}

bool memo_find(Body *body, NodeId node, TypeId expected, MemoResult *result) {
  Memo *memo = body->memo;
  if (!memo) {
    return false;
  }
  MemoKey wanted = {.memo = memo, .entry = {node, body->environment, expected, {0}}};
  uint32_t hash = hash_three(node, body->environment, expected);
  uint32_t found = hash_index_find(&memo->entry_index, hash, entry_equal, &wanted);
  if (found == ID_MAP_NONE) {
    return false;
  }
  const MemoEntry *entry = &memo->entries.items[found];
  *result = entry->result;
  result->recorded = memo->recorded[node - body->first_node] == found;
  return true;
}

void memo_keep(Body *body, NodeId node, TypeId expected, MemoResult result) {
  Memo *memo = memo_of(body);
  MemoKey wanted = {.memo = memo, .entry = {node, body->environment, expected, result}};
  uint32_t hash = hash_three(node, body->environment, expected);
  uint32_t found = hash_index_find(&memo->entry_index, hash, entry_equal, &wanted);
  if (found == ID_MAP_NONE) {
    found = memo->entries.count;
    VECTOR_PUSH(body->scratch, &memo->entries, wanted.entry);
    hash_index_add(body->scratch, &memo->entry_index, hash, found);
  } else {
    memo->entries.items[found] = wanted.entry;
  }
  memo->recorded[node - body->first_node] = found;
}

void memo_forget(Body *body, NodeId node) {
  if (body->memo) {
    body->memo->recorded[node - body->first_node] = 0;
  }
}
