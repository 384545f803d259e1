#!/usr/bin/env bash
# The fuzz targets over their committed corpora, and over one change of each input: a few seconds, the same inputs at
# each run, no libFuzzer (replay.c). scripts/fuzz is the real thing.
set -u -o pipefail
root=$PWD
build=${VOYD_BUILD:-build}
export VOYD_STD_ROOT=$root/tests/fuzz/std
kept=$(mktemp)
trap 'rm -f "$kept"' EXIT
passed=0 failed=0

# replay TARGET FILE...
replay() {
  local target=$1 output
  shift
  if output=$("$build/tests/fuzz/replay_$target" -changes=1 -keep="$kept" "$@" 2>&1); then
    passed=$((passed + $(printf '%s\n' "$output" | sed -n '$s/ passed, 0 failed//p')))
    return
  fi
  failed=$((failed + 1))
  printf '== %s\n%s\n-- the input:\n' "$target" "$output"
  cat "$kept"
  echo
}

for target in reader parser; do
  replay $target tests/fuzz/corpus/reader/*
done
for target in expand front_end checker; do
  replay $target tests/fuzz/corpus/checker/*
done
replay accepted tests/fuzz/corpus/accepted/*
replay ir_text tests/passes/*.ir
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
