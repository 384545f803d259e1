// voyd-ir [--profile none|standard|aggressive] [--optimize] [--names] [--wat] IN.ir [OUT.wasm]: from IR text
// to WebAssembly, for looking at what emission does and for measuring it without a front end. Prints sizes
// and times.
#include <stdio.h>
#include <stdlib.h>

#include "passes/pipeline.h"
#include "wasm/wasm.h"

static Str read_file(Arena *arena, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(2);
  }
  Text text = text_new(arena);
  char buffer[65536];
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, file)) > 0;) {
    text_add(&text, (Str){buffer, got});
  }
  fclose(file);
  return text_str(&text);
}

static WasmProfile profile_of(const char *name) {
  static const char *const names[] = {"none", "standard", "aggressive"};
  for (uint32_t i = 0; i < 3; i++) {
    if (strcmp(name, names[i]) == 0) {
      return (WasmProfile)i;
    }
  }
  fprintf(stderr, "unknown profile %s\n", name);
  exit(2);
}

int main(int argc, char **argv) {
  WasmOptions options = {.validate = true, .counters = true};
  const char *in = NULL, *out = NULL;
  bool optimize = false;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--profile") == 0 && i + 1 < argc) {
      options.profile = profile_of(argv[++i]);
    } else if (strcmp(argv[i], "--optimize") == 0) {
      optimize = true;
    } else if (strcmp(argv[i], "--names") == 0) {
      options.names = true;
    } else if (strcmp(argv[i], "--wat") == 0) {
      options.text = true;
    } else {
      *(in == NULL ? &in : &out) = argv[i];
    }
  }
  if (in == NULL) {
    fputs("usage: voyd-ir [--profile none|standard|aggressive] [--optimize] [--names] [--wat] IN.ir "
          "[OUT.wasm]\n",
          stderr);
    return 2;
  }
  Context context;
  context_init(&context);
  IrModule module;
  ir_module_init(&module, &context);
  Text error = text_new(&context.arena);
  if (!ir_parse(&module, read_file(&context.arena, in), &error) || !ir_verify(&module, &error)) {
    fprintf(stderr, "%s: %.*s\n", in, STR_ARGS(text_str(&error)));
    return 1;
  }
  if (optimize) {
    passes_run(&module, &(PassOptions){.verify = true});
  }
  double start = perf_clock();
  WasmResult result;
  if (!wasm_emit(&module, &options, &context.arena, &result)) {
    fprintf(stderr, "%s: %s\n", in, result.failure);
    return 1;
  }
  fprintf(stderr, "%zu bytes in %.2f ms\n", result.bytes.length, perf_clock() - start);
  fwrite(result.text.ptr, 1, result.text.length, stdout);
  if (out != NULL) {
    FILE *file = fopen(out, "wb");
    if (!file || fwrite(result.bytes.ptr, 1, result.bytes.length, file) != result.bytes.length ||
        fclose(file)) {
      perror(out);
      return 2;
    }
  }
  ir_module_free(&module);
  context_free(&context);
  return 0;
}
