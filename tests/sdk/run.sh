#!/usr/bin/env bash
# libvoyd from C: tests/sdk/test_*.c, built by meson. A sanitizer keeps freed memory, so growth is not measured under one.
set -u
build=${VOYD_BUILD:-build}
tests=(test_sdk)
grep -q -a __asan_init "$build/tests/sdk/test_memory" || tests+=(test_memory)
passed=0 failed=0
for test in "${tests[@]}"; do
  output=$("$build/tests/sdk/$test")
  echo "$output"
  if [[ ${output##*$'\n'} =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
  else
    failed=$((failed + 1)) # it ended without saying how many passed
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
