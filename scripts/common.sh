# Sourced by the scripts of this folder: where things live. Needs `root` to be the checkout.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/voydc

# The per-user home of the built Binaryen, keyed by its version and by everything that decides how it is built.
binaryen_folder() {
  if [ -n "${VOYD_BINARYEN_ROOT:-}" ]; then
    printf '%s\n' "$VOYD_BINARYEN_ROOT"
    return
  fi
  local key
  key=$(cd "$root/third_party" && { uname -m; grep '^@grain/libbinaryen ' dependencies.lock
    find binaryen -type f ! -path '*/__pycache__/*' | LC_ALL=C sort | xargs cat; } | sha256sum | cut -c1-12)
  printf '%s/binaryen-132-%s\n' "$cache" "$key"
}
