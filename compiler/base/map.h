// Hash tables: `IdMap` from 64-bit keys to 32-bit values, and `HashIndex`, the index of a hash-consing table.
//
// Open addressing with linear probing over a power-of-two table at most three quarters full. Iteration order
// is not exposed: nothing the compiler prints may depend on hashes.
#ifndef VOYD_BASE_MAP_H
#define VOYD_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct IdMap {
  uint64_t *keys; // stored as key + 1, 0 is an empty slot
  uint32_t *values;
  uint32_t count;
  uint32_t mask; // slots - 1, or 0 while empty
} IdMap;

#define ID_MAP_NONE UINT32_MAX

// The value of `key` (any value below UINT64_MAX), or ID_MAP_NONE.
uint32_t id_map_get(const IdMap *map, uint64_t key);
// Sets or replaces.
void id_map_put(Arena *arena, IdMap *map, uint64_t key, uint32_t value);

// Two ids as one key.
static inline uint64_t id_pair(uint32_t high, uint32_t low) {
  return (uint64_t)high << 32 | low;
}

// Finds ids of items that the caller keeps elsewhere by content.
typedef struct HashIndex {
  uint32_t *hashes;
  uint32_t *ids; // id + 1, 0 is an empty slot
  uint32_t count;
  uint32_t mask;
} HashIndex;

typedef bool (*HashEqual)(const void *context, uint32_t id);

// The id whose hash is `hash` and for which `equal(context, id)` holds, or ID_MAP_NONE.
uint32_t hash_index_find(const HashIndex *index, uint32_t hash, HashEqual equal, const void *context);
// Adds an id that is known to be absent.
void hash_index_add(Arena *arena, HashIndex *index, uint32_t hash, uint32_t id);

// FNV-1a style mixing of whole words (wyhash's multiply-and-fold step): fast, good enough for tables of a
// compiler.
uint32_t hash_bytes(const void *bytes, size_t size);
static inline uint64_t hash_mix(uint64_t seed, uint64_t value) {
  __extension__ typedef unsigned __int128 Wide;
  Wide product = (Wide)(seed ^ UINT64_C(0x9E3779B97F4A7C15)) * (value ^ UINT64_C(0xE7037ED1A0B428DB));
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#endif
