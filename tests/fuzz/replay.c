// Runs a fuzz target over files without libFuzzer: `replay_NAME [-changes=N] FILE…`. Each file is an input as
// it stands, then changed N times from fixed seeds, by the mutator or byte by byte as the target has it. Ends
// with how many inputs passed; the first that fails ends the process. What happens to a file does not depend
// on the others.
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

enum { LIMIT_BYTES = 1 << 16, LIMIT_SECONDS = 20 };

static unsigned state;   // of the changes to a file
static const char *keep; // where the input that is run is written

static unsigned random_below(size_t count) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % (unsigned)count;
}

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit) {
  if (size == 0 || (size < limit && random_below(3) == 0)) {
    size_t at = random_below(size + 1);
    memmove(bytes + at + 1, bytes + at, size - at);
    bytes[at] = (uint8_t)random_below(256);
    return size + 1;
  }
  size_t at = random_below(size);
  if (random_below(2) == 0) {
    bytes[at] ^= (uint8_t)(1u << random_below(8));
    return size;
  }
  memmove(bytes + at, bytes + at + 1, size - at - 1);
  return size - 1;
}

static size_t change(uint8_t *bytes, size_t size, unsigned seed) {
#ifdef FUZZ_MUTATOR
  return LLVMFuzzerCustomMutator(bytes, size, LIMIT_BYTES, seed);
#else
  (void)seed;
  return LLVMFuzzerMutate(bytes, size, LIMIT_BYTES);
#endif
}

static size_t read_file(const char *path, uint8_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(2);
  }
  size_t size = fread(bytes, 1, LIMIT_BYTES, file);
  fclose(file);
  return size;
}

static void write_file(const char *path, const uint8_t *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
  fclose(file);
}

static void run(const uint8_t *bytes, size_t size) {
  if (keep != NULL) {
    write_file(keep, bytes, size);
  }
  uint8_t *exact = malloc(size + 1); // so that a read past the end is one out of bounds
  CHECK(exact != NULL);
  memcpy(exact + 1, bytes, size);
  alarm(LIMIT_SECONDS);
  LLVMFuzzerTestOneInput(exact + 1, size);
  alarm(0);
  free(exact);
}

int main(int count, char **arguments) {
  static uint8_t bytes[LIMIT_BYTES];
  unsigned changes = 0, passed = 0;
  for (int i = 1; i < count; i++) {
    if (sscanf(arguments[i], "-changes=%u", &changes) == 1) {
      continue;
    }
    if (strncmp(arguments[i], "-keep=", 6) == 0) {
      keep = arguments[i] + 6;
      continue;
    }
    size_t size = read_file(arguments[i], bytes);
    state = 1;
    run(bytes, size);
    for (unsigned number = 1; number <= changes; number++) {
      size = change(bytes, size, number);
      run(bytes, size);
    }
    passed += 1 + changes;
  }
  printf("%u passed, 0 failed\n", passed);
  return 0;
}
