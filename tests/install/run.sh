#!/usr/bin/env bash
# What `meson install` gives works from wherever it is moved to: the compiler, and the library with its header for
# a C program found through pkg-config.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${VOYD_BUILD:-$root/build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

# check NAME COMMAND...: one test; its output shows only when it fails.
check() {
  local name=$1
  shift
  if "$@" > "$folder/output" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $name"
    cat "$folder/output"
  fi
}

no_path_of_this_machine() {
  local found
  found=$(grep -rlIF -e "$root" -e "$folder/first" "$moved")
  echo "$found"
  [ -z "$found" ]
}

finds_libraries_in_its_own_folder() {
  ldd "$moved/bin/voydc"
  ldd "$moved/bin/voydc" | grep -q "libcjson.so.1 => $moved/"
}

compiles() {
  (cd / && printf 'pub fn main() -> i32\n  [20, 22].reduce(0, step: (a, b) => a + b)\n' |
    "$moved/bin/voydc" compile - -o "$folder/main.wasm") && [ -s "$folder/main.wasm" ]
}

links_with_a_c_program() {
  cat > "$folder/program.c" << 'PROGRAM'
#include <stdio.h>
#include <voyd.h>

int main(void) {
  voyd_context *context = NULL;
  voyd_result *result = NULL;
  if (voyd_context_new(NULL, &context) != VOYD_OK) {
    return 1;
  }
  voyd_options *options = voyd_options_new(context);
  voyd_options_set_source(options, VOYD_STR("pub fn main() -> i32\n  42\n"));
  voyd_status status = voyd_compile(context, options, &result);
  voyd_artifact *artifact = result ? voyd_result_artifact(result) : NULL;
  printf("%d %zu\n", (int)status, artifact ? voyd_artifact_bytes(artifact).len : 0);
  bool works = status == VOYD_OK && artifact && voyd_artifact_bytes(artifact).len > 8;
  voyd_artifact_release(artifact);
  voyd_result_free(result);
  voyd_options_free(options);
  voyd_context_free(context);
  return works ? 0 : 1;
}
PROGRAM
  export PKG_CONFIG_PATH
  PKG_CONFIG_PATH=$(dirname "$(find "$moved" -name voyd.pc)"):${PKG_CONFIG_PATH:-}
  # shellcheck disable=SC2046
  cc -o "$folder/program" "$folder/program.c" $(pkg-config --cflags --libs voyd) && "$folder/program"
}

check 'installs' env DESTDIR= meson install -C "$build" --no-rebuild --destdir "$folder/first"
moved=$folder/moved/somewhere/else
mkdir -p "$(dirname "$moved")"
mv "$folder/first$(meson introspect "$build" --buildoptions |
  python3 -c 'import json,sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')" "$moved"
check 'nothing of it holds a path of this machine' no_path_of_this_machine
check 'voydc finds its libraries in its own folder' finds_libraries_in_its_own_folder
check 'the compiler compiles after it was moved' compiles
check 'a C program finds and links the library' links_with_a_c_program
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
