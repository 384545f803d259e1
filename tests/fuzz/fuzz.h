// What the fuzz targets share. A target is a file fuzz_NAME.c with one function; its driver is libFuzzer
// (built with -Dfuzzers=true) or replay.c.
#ifndef VOYD_TESTS_FUZZ_H
#define VOYD_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// The grammar-aware mutator (mutator.c), linked into the targets of meson.build that say so.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *bytes, size_t size, const uint8_t *other, size_t other_size,
                                 uint8_t *out, size_t limit, unsigned seed);
// Changes bytes without any knowledge: libFuzzer's, or that of replay.c.
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);

// Makes libFuzzer see nothing of what the running input has covered so far (coverage.c).
void fuzz_forget_coverage(void);

#define CHECK(condition)                                                                                     \
  ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

#endif
