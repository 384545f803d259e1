// The tables of base/map.h.
#include "base/map.h"

#include <string.h>

static uint32_t slot_of(uint64_t key, uint32_t mask) {
  return (uint32_t)hash_mix(0, key) & mask;
}

uint32_t id_map_get(const IdMap *map, uint64_t key) {
  if (map->count == 0) {
    return ID_MAP_NONE;
  }
  for (uint32_t slot = slot_of(key, map->mask);; slot = (slot + 1) & map->mask) {
    if (map->keys[slot] == key + 1) {
      return map->values[slot];
    }
    if (map->keys[slot] == 0) {
      return ID_MAP_NONE;
    }
  }
}

static void id_map_insert(IdMap *map, uint64_t key, uint32_t value) {
  for (uint32_t slot = slot_of(key, map->mask);; slot = (slot + 1) & map->mask) {
    if (map->keys[slot] == key + 1) {
      map->values[slot] = value;
      return;
    }
    if (map->keys[slot] == 0) {
      map->keys[slot] = key + 1;
      map->values[slot] = value;
      map->count++;
      return;
    }
  }
}

void id_map_put(Arena *arena, IdMap *map, uint64_t key, uint32_t value) {
  if (!map->keys || (map->count + 1) * 4 > (map->mask + 1) * 3) {
    IdMap old = *map;
    uint32_t slots = old.keys ? (old.mask + 1) * 2 : 16;
    *map = (IdMap){ARENA_ARRAY(arena, uint64_t, slots), ARENA_ARRAY(arena, uint32_t, slots), 0, slots - 1};
    for (uint32_t i = 0; old.keys && i <= old.mask; i++) {
      if (old.keys[i]) {
        id_map_insert(map, old.keys[i] - 1, old.values[i]);
      }
    }
  }
  id_map_insert(map, key, value);
}

uint32_t hash_index_find(const HashIndex *index, uint32_t hash, HashEqual equal, const void *context) {
  if (index->count == 0) {
    return ID_MAP_NONE;
  }
  for (uint32_t slot = hash & index->mask; index->ids[slot]; slot = (slot + 1) & index->mask) {
    if (index->hashes[slot] == hash && equal(context, index->ids[slot] - 1)) {
      return index->ids[slot] - 1;
    }
  }
  return ID_MAP_NONE;
}

static void hash_index_insert(HashIndex *index, uint32_t hash, uint32_t stored) {
  uint32_t slot = hash & index->mask;
  while (index->ids[slot]) {
    slot = (slot + 1) & index->mask;
  }
  index->hashes[slot] = hash;
  index->ids[slot] = stored;
  index->count++;
}

void hash_index_add(Arena *arena, HashIndex *index, uint32_t hash, uint32_t id) {
  if (!index->ids || (index->count + 1) * 4 > (index->mask + 1) * 3) {
    HashIndex old = *index;
    uint32_t slots = old.ids ? (old.mask + 1) * 2 : 16;
    *index =
        (HashIndex){ARENA_ARRAY(arena, uint32_t, slots), ARENA_ARRAY(arena, uint32_t, slots), 0, slots - 1};
    for (uint32_t i = 0; old.ids && i <= old.mask; i++) {
      if (old.ids[i]) {
        hash_index_insert(index, old.hashes[i], old.ids[i]);
      }
    }
  }
  hash_index_insert(index, hash, id + 1);
}

uint32_t hash_bytes(const void *bytes, size_t size) {
  const unsigned char *at = bytes;
  uint64_t hash = size;
  for (; size >= 8; at += 8, size -= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    hash = hash_mix(hash, word);
  }
  uint64_t rest = 0;
  if (size > 0) {
    memcpy(&rest, at, size);
  }
  hash = hash_mix(hash, rest);
  return (uint32_t)(hash ^ hash >> 32);
}
