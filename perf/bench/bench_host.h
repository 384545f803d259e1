// The script of bench-main.mjs with the JavaScript host, embedded at build time by
// runtime-wasm/host/bundle.py.
#ifndef VOYD_PERF_BENCH_BENCH_HOST_H
#define VOYD_PERF_BENCH_BENCH_HOST_H

#include <stddef.h>

extern const unsigned char bench_host_source[];
extern const size_t bench_host_source_length;

#endif
