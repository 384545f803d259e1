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

# fetch_package NAME FOLDER [MEMBER...]: unpacks the package that third_party/dependencies.lock pins (or only the named
# members of it) into FOLDER, which appears complete or not at all.
fetch_package() {
  local name=$1 folder=$2 pin version checksum staging
  shift 2
  pin=$(grep "^$name " "$root/third_party/dependencies.lock") || { echo "no pin for $name" >&2; return 1; }
  version=$(echo "$pin" | cut -d' ' -f2)
  checksum=$(echo "$pin" | cut -d' ' -f3)
  command -v npm > /dev/null || { echo "npm is needed to fetch $name" >&2; return 1; }
  staging=$folder.fetch.$$
  rm -rf "$staging"
  mkdir -p "$staging/content"
  echo "fetching $name $version" >&2
  (cd "$staging" && npm pack --loglevel=error "$name@$version" > /dev/null) &&
    echo "$checksum  $(echo "$staging"/*.tgz)" | sha512sum --check --quiet - >&2 &&
    tar -xzf "$staging"/*.tgz -C "$staging/content" --strip-components=1 --no-same-owner "$@" || {
    rm -rf "$staging"
    echo "cannot fetch $name $version, or its checksum is not the pinned one" >&2
    return 1
  }
  rm -rf "$folder"
  mv "$staging/content" "$folder"
  rm -rf "$staging"
}

# What a build reads. A folder's own time tells of files that came or went.
source_folders="compiler passes perf sdk runtime-wasm third_party scripts tests/unit tests/tools tests/passes
  tests/emission tests/sdk tests/perf tests/fuzz meson.build meson_options.txt"

# is_built FOLDER: whether the last successful build in FOLDER began after the last change of a source.
is_built() {
  [ -e "$1/built" ] || return 1
  local changed
  # shellcheck disable=SC2086
  changed=$(cd "$root" && find $source_folders -name node_modules -prune -o -newer "$1/built" -print -quit 2> /dev/null)
  [ -z "$changed" ]
}

# build_all FOLDER [MESON OPTIONS]: prepares the machine, then builds everything in FOLDER.
build_all() {
  local build=$1 first=
  shift
  mkdir -p "$build"
  exec 8> "$build/lock"
  flock 8 # two callers at once: the second waits, and finds the work done
  if is_built "$build"; then
    exec 8>&-
    return
  fi
  if [ ! -e "$build/build.ninja" ] || [ ! -e "$(binaryen_folder)/lib/libbinaryen.a" ]; then
    first=1
  fi
  "$root/scripts/bootstrap" --build-folder "$build" -- "$@"
  touch "$build/building"
  if [ -n "$first" ]; then
    ninja -C "$build"
  else
    ninja -C "$build" --quiet | { grep -v '^ninja: no work' || true; }
  fi
  mv "$build/building" "$build/built"
  exec 8>&-
}
