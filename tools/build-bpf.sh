#!/usr/bin/env bash
# build-bpf - compile the kernel half of the frame-forwarder: packages/xdp-engine/dist/bpf/NAME.bpf.o,
# what its bench sends and counts with: tools/bench/dist/bpf/NAME.bpf.o, and what troubles the wires of laboratories:
# tools/lab/dist/bpf/NAME.bpf.o
#
# usage: build-bpf.sh            all of them
#        build-bpf.sh prebuilt   only packages/xdp-engine/prebuilt, which levelers take: they have no clang
#        build-bpf.sh check      exit 1 if that is stale
#
# -mcpu=v3 is understood by every kernel from 5.1 on. The folder of the checkout is left out: the same sources make the same bytes anywhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly sources=packages/frame-forwarder/bpf
readonly prebuilt=packages/xdp-engine/prebuilt

main() {
  command -v clang >/dev/null || fail 'clang is missing; type: npm run setup'
  case ${1-} in
    '')
      build "$sources" packages/xdp-engine/dist/bpf
      build tools/bench/bpf tools/bench/dist/bpf
      build tools/lab/bpf tools/lab/dist/bpf
      ;;
    prebuilt)
      build "$sources" "$prebuilt"
      describe >"$prebuilt/made-from"
      ;;
    check) check ;;
    *) fail "not understood: $1; usage: build-bpf.sh [prebuilt|check]" ;;
  esac
}

# build SOURCES OBJECTS: folders
build() {
  mkdir -p "$2"
  for source in "$1"/*.bpf.c; do
    object=$2/$(basename "${source%.c}").o
    clang -O2 -g -fdebug-compilation-dir=. -target bpf -mcpu=v3 -Wall -Wextra -Werror -I"/usr/include/$(uname -m)-linux-gnu" -c "$source" -o "$object.new"
    llvm-strip --no-strip-all --strip-debug "$object.new" # Type information stays: it is not DWARF
    mv "$object.new" "$object"
  done
}

# Another clang makes other bytes of the same sources: then the sources alone are compared.
check() {
  local object
  [ "$(tail -n 1 "$prebuilt/made-from" 2>/dev/null)" = "$(describe | tail -n 1)" ] || stale "$sources has changed"
  [ "$(cat "$prebuilt/made-from")" = "$(describe)" ] || return 0
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  build "$sources" "$fresh"
  for object in "$fresh"/*; do
    cmp --silent "$object" "$prebuilt/$(basename "$object")" || stale "${object##*/} is another one"
  done
}

# Who compiled, and a digest of what.
describe() {
  clang --version | head -n 1
  cat "$sources"/*.[ch] | sha256sum | cut -d' ' -f1
}

stale() {
  fail "$prebuilt is stale: $1; type: npm run sync"
}

fail() {
  echo "build-bpf: $*" >&2
  exit 1
}

main "$@"
