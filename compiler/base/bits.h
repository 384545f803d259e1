// Bit sets over small ids, in an arena. A set is an array of 64-bit words; `bits_words(n)` words hold ids
// below n.
#ifndef VOYD_BASE_BITS_H
#define VOYD_BASE_BITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

static inline uint32_t bits_words(uint32_t count) {
  return (count + 63) / 64;
}
static inline uint64_t *bits_new(Arena *arena, uint32_t count) {
  return ARENA_ARRAY(arena, uint64_t, bits_words(count));
}
static inline bool bits_has(const uint64_t *bits, uint32_t id) {
  return bits[id / 64] >> (id % 64) & 1;
}
static inline void bits_add(uint64_t *bits, uint32_t id) {
  bits[id / 64] |= UINT64_C(1) << (id % 64);
}
static inline void bits_remove(uint64_t *bits, uint32_t id) {
  bits[id / 64] &= ~(UINT64_C(1) << (id % 64));
}
// Adds all of `from`; says whether `into` grew.
static inline bool bits_union(uint64_t *into, const uint64_t *from, uint32_t words) {
  uint64_t grown = 0;
  for (uint32_t i = 0; i < words; i++) {
    grown |= from[i] & ~into[i];
    into[i] |= from[i];
  }
  return grown != 0;
}

#endif
