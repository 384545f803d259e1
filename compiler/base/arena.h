// Bump allocation. All compiler data lives in arenas that belong to a compilation; nothing is freed one by
// one.
//
// Invariant: memory handed out stays where it is until the arena is reset or freed. Allocation never returns
// NULL: exhausted memory leaves through base/failure.h.
#ifndef VOYD_BASE_ARENA_H
#define VOYD_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
  ArenaChunk *chunks; // newest first
  char *cursor;
  char *limit;
  size_t used;     // bytes handed out since the start (or the last reset), alignment included
  size_t reserved; // bytes held from the system
} Arena;

// A point to return to: `arena_rewind` drops everything allocated since.
typedef struct ArenaMark {
  ArenaChunk *chunk;
  char *cursor;
  size_t used;
} ArenaMark;

void arena_init(Arena *arena);
void arena_free(Arena *arena);

// `size` bytes aligned to `align` (a power of two, at most 16). The bytes are not initialised.
void *arena_alloc(Arena *arena, size_t size, size_t align);
// The same, zeroed.
void *arena_zalloc(Arena *arena, size_t size, size_t align);
// Moves a block to a larger size, in place when it is the newest allocation. `old` may be NULL with old_size
// 0.
void *arena_grow(Arena *arena, void *old, size_t old_size, size_t new_size, size_t align);

// Bytes held from the system by all arenas that the running thread made grow, now and at the highest.
// Measuring sets `peak` back to `live` where a phase begins; nothing else may depend on it.
typedef struct ArenaGauge {
  int64_t live;
  int64_t peak;
} ArenaGauge;
ArenaGauge *arena_gauge(void);

char *arena_copy(Arena *arena, const void *bytes, size_t size);
// A NUL-terminated copy.
char *arena_copy_string(Arena *arena, const char *text, size_t length);

ArenaMark arena_mark(const Arena *arena);
void arena_rewind(Arena *arena, ArenaMark mark);

#define ARENA_NEW(arena, Type) ((Type *)arena_zalloc((arena), sizeof(Type), _Alignof(Type)))
#define ARENA_ARRAY(arena, Type, count)                                                                      \
  ((Type *)arena_zalloc((arena), sizeof(Type) * (count), _Alignof(Type)))

#endif
