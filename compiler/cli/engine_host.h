// The JavaScript host as one script, embedded at build time by runtime-wasm/host/bundle.py.
#ifndef VOYD_CLI_ENGINE_HOST_H
#define VOYD_CLI_ENGINE_HOST_H

#include <stddef.h>

extern const unsigned char engine_host_source[];
extern const size_t engine_host_source_length;

#endif
