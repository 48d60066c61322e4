#!/usr/bin/env bash
# docs/VALIDATION.md is what the program prints, word for word.
# usage: validation.sh PROGRAM [--update]     from the top of the tree; --update writes it anew
set -euo pipefail
program=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Figures beyond their limits end with 1 and are printed all the same.
"$program" validate all --format md -q > "$work/said" || [[ $? -eq 1 ]]
[[ -s $work/said ]] || { echo "FAILED: validate prints nothing" >&2; exit 1; }
if [[ ${2:-} == --update ]]; then
    cat "$work/said" > docs/VALIDATION.md
    exit
fi
diff -u docs/VALIDATION.md "$work/said" >&2 || {
    echo "FAILED: docs/VALIDATION.md is not what validate prints; bash tests/shell/validation.sh PROGRAM --update" >&2
    exit 1
}
