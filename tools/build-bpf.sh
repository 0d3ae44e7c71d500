#!/usr/bin/env bash
# build-bpf - compile the kernel half of the frame-forwarder: packages/xdp-engine/dist/bpf/NAME.bpf.o,
# what its bench sends and counts with: tools/bench/dist/bpf/NAME.bpf.o, and what troubles the wires of laboratories:
# tools/lab/dist/bpf/NAME.bpf.o
#
# usage: build-bpf.sh
#
# -mcpu=v3 is understood by every kernel from 5.1 on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v clang >/dev/null || {
  echo 'build-bpf: clang is missing; type: npm run setup' >&2
  exit 1
}

# build SOURCES OBJECTS: folders
build() {
  mkdir -p "$2"
  for source in "$1"/*.bpf.c; do
    object=$2/$(basename "${source%.c}").o
    clang -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror -I"/usr/include/$(uname -m)-linux-gnu" -c "$source" -o "$object.new"
    llvm-strip --no-strip-all --strip-debug "$object.new" # Type information stays: it is not DWARF
    mv "$object.new" "$object"
  done
}

build packages/frame-forwarder/bpf packages/xdp-engine/dist/bpf
build tools/bench/bpf tools/bench/dist/bpf
build tools/lab/bpf tools/lab/dist/bpf
