#!/usr/bin/env bash
# Compiles each scenario of perf/scenarios at each level, twice with the same bytes, and runs it: all levels must give the
# value of its scenario.json. `voydc bench run` does the judging; its times are not looked at.
set -u -o pipefail
passed=0 failed=0
for scenario in perf/scenarios/*/; do
  name=$(basename "$scenario")
  if output=$("$VOYDC" bench run --scenarios "$name" --samples 1 --compile-samples 2 2>&1); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf '%s\n' "$output"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
