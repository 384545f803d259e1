// Which overload a call chose, remembered for the whole program (spec 05 §5.11).
//
// The choice depends on nothing but its question: the candidates with what is bound in them, the module, the
// types and labels of the arguments, explicit type arguments, and the expected type. So instances of a
// generic body, and calls in other bodies that ask the same, share one answer. Calls with inline lambdas ask
// about expressions and not only types, as do object literals whose fields are matched as written, and what
// has no type yet: these are not remembered (memo.c does that within a body).
#include "check/state.h"

typedef struct SelectionKey {
  const Selections *selections;
  const uint32_t *words;
  uint32_t count;
} SelectionKey;

static bool key_equal(const void *context, uint32_t id) {
  const SelectionKey *key = context;
  const Selection *made = &key->selections->made.items[id];
  return made->count == key->count &&
         memcmp(&key->selections->words.items[made->first], key->words, sizeof *key->words * key->count) == 0;
}

static bool is_settled(const Body *body, const Argument *argument) {
  return !argument->lambda && argument->type != TYPE_NONE && argument->type != TYPE_UNKNOWN &&
         !type_get(body->types, argument->type)->unknown &&
         ast_kind(body->ast, argument->node) != NODE_RECORD;
}

bool selection_find(Body *body, const CallSite *site, const Candidate *candidates, uint32_t count,
                    SelectionQuestion *question) {
  *question = (SelectionQuestion){0};
  for (uint32_t i = 0; i < site->argument_count; i++) {
    if (!is_settled(body, &site->arguments[i])) {
      return false;
    }
  }
  VECTOR(uint32_t) words = {0};
  Arena *arena = body->scratch;
  const uint32_t head[] = {body->module, site->receiver != 0, site->expected, site->explicit.count,
                           site->argument_count};
  for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
    VECTOR_PUSH(arena, &words, head[i]);
  }
  for (uint32_t i = 0; i < site->explicit.count; i++) {
    VECTOR_PUSH(arena, &words, check_type(body, ast_listed(body->ast, site->explicit, i)));
  }
  for (uint32_t i = 0; i < site->argument_count; i++) {
    VECTOR_PUSH(arena, &words, site->arguments[i].label);
    VECTOR_PUSH(arena, &words, site->arguments[i].type);
  }
  for (uint32_t i = 0; i < count; i++) {
    const Candidate *candidate = &candidates[i];
    const uint32_t parts[] = {candidate->function, candidate->self, candidate->dispatch, candidate->impl,
                              candidate->substitution.count};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
      VECTOR_PUSH(arena, &words, parts[k]);
    }
    for (uint32_t k = 0; k < candidate->substitution.count; k++) {
      VECTOR_PUSH(arena, &words, candidate->substitution.parameters[k]);
      VECTOR_PUSH(arena, &words, candidate->substitution.types[k]);
    }
  }
  *question = (SelectionQuestion){.words = words.items,
                                  .count = words.count,
                                  .hash = hash_bytes(words.items, sizeof *words.items * words.count)};
  const Selections *selections = &body->program->state->selections;
  SelectionKey key = {selections, words.items, words.count};
  uint32_t found = hash_index_find(&selections->index, question->hash, key_equal, &key);
  question->chosen = found == ID_MAP_NONE ? 0 : selections->made.items[found].chosen;
  return found != ID_MAP_NONE;
}

void selection_keep(Body *body, const SelectionQuestion *question, uint32_t chosen) {
  if (question->count == 0 || body->types->too_complex) { // beyond the budget types only seem to fit
    return;
  }
  Arena *arena = &body->program->arena;
  Selections *selections = &body->program->state->selections;
  VECTOR_PUSH(arena, &selections->made, ((Selection){selections->words.count, question->count, chosen}));
  uint32_t first = VECTOR_EXTEND(arena, &selections->words, question->count);
  memcpy(&selections->words.items[first], question->words, sizeof *question->words * question->count);
  hash_index_add(arena, &selections->index, question->hash, selections->made.count - 1);
}
