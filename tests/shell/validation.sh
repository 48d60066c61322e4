#!/usr/bin/env bash
# docs/VALIDATION.md is what the program prints, word for word, and the README counts its misses.
# usage: validation.sh PROGRAM [--update]     from the top of the tree; --update writes both anew
set -euo pipefail
program=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Figures beyond their limits end with 1 and are printed all the same.
"$program" validate all --format md -q > "$work/said" || [[ $? -eq 1 ]]
[[ -s $work/said ]] || { echo "FAILED: validate prints nothing" >&2; exit 1; }

# "silicon 9, memory 0": of each suite what its first sentence says.
counts=$(awk '/^#+ Validation: / { suite = $NF }
    / figures of .* known misses\.$/ { printf "%s%s %s", comma, suite, $(NF - 2); comma = ", " }' "$work/said")
line="Known misses, each with its reason in [docs/VALIDATION.md](docs/VALIDATION.md): $counts."

if [[ ${2:-} == --update ]]; then
    cat "$work/said" > docs/VALIDATION.md
    awk -v line="$line" '/^Known misses, each with its reason in / { print line; next } { print }' README.md > "$work/readme"
    cat "$work/readme" > README.md
    exit
fi
diff -u docs/VALIDATION.md "$work/said" >&2 || {
    echo "FAILED: docs/VALIDATION.md is not what validate prints; bash tests/shell/validation.sh PROGRAM --update" >&2
    exit 1
}
grep -Fqx "$line" README.md || {
    echo "FAILED: README.md does not say '$line'; bash tests/shell/validation.sh PROGRAM --update" >&2
    exit 1
}
