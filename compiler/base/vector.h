// Growable arrays in an arena. `VECTOR(T)` is a struct type; name it with a typedef where it crosses a
// function.
//
//   typedef VECTOR(uint32_t) IdVector;
//   IdVector ids = {0};
//   VECTOR_PUSH(arena, &ids, 7);
//
// Growing doubles the capacity and moves the items unless they are the arena's newest block, so pointers to
// items do not survive a push; ids (indices) do.
#ifndef VOYD_BASE_VECTOR_H
#define VOYD_BASE_VECTOR_H

#include <stdint.h>
#include <string.h>

#include "base/arena.h"

#define VECTOR(T)                                                                                            \
  struct {                                                                                                   \
    T *items;                                                                                                \
    uint32_t count;                                                                                          \
    uint32_t capacity;                                                                                       \
  }

#define VECTOR_RESERVE(arena, vector, wanted)                                                                \
  ((wanted) <= (vector)->capacity                                                                            \
       ? (void)0                                                                                             \
       : (void)((vector)->items = vector_grow_((arena), (vector)->items, &(vector)->capacity, (wanted),      \
                                               sizeof *(vector)->items)))

#define VECTOR_PUSH(arena, vector, ...)                                                                      \
  (VECTOR_RESERVE((arena), (vector), (vector)->count + 1),                                                   \
   (void)((vector)->items[(vector)->count++] = (__VA_ARGS__)))

// Appends `n` zeroed items and gives the index of the first.
#define VECTOR_EXTEND(arena, vector, n)                                                                      \
  (VECTOR_RESERVE((arena), (vector), (vector)->count + (n)),                                                 \
   vector_extend_((vector)->items, &(vector)->count, (n), sizeof *(vector)->items))

// Makes an empty vector one with the items of another.
#define VECTOR_COPY(arena, vector, from)                                                                     \
  (VECTOR_RESERVE((arena), (vector), (from)->count),                                                         \
   (void)((from)->count > 0 ? memcpy((vector)->items, (from)->items, sizeof *(from)->items * (from)->count)  \
                            : NULL),                                                                         \
   (void)((vector)->count = (from)->count))

static inline void *vector_grow_(Arena *arena, void *items, uint32_t *capacity, uint32_t wanted,
                                 size_t size) {
  uint32_t next = *capacity < 8 ? 8 : *capacity * 2;
  if (next < wanted) {
    next = wanted;
  }
  void *moved = arena_grow(arena, items, size * *capacity, size * next, _Alignof(max_align_t));
  *capacity = next;
  return moved;
}

static inline uint32_t vector_extend_(void *items, uint32_t *count, uint32_t n, size_t size) {
  uint32_t first = *count;
  if (n > 0) {
    memset((char *)items + size * first, 0, size * n);
  }
  *count += n;
  return first;
}

#endif
