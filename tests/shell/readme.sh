#!/usr/bin/env bash
# The README shows what the demo prints, word for word (CPU and wall seconds aside).
# usage: readme.sh PROGRAM [--update]      from the top of the tree; --update writes the block anew
set -euo pipefail
program=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" demo --no-html > "$work/demo"
[[ -s $work/demo ]] || { echo "FAILED: the demo prints nothing" >&2; exit 1; }

if [[ ${2:-} == --update ]]; then
    awk -v demo="$work/demo" '
        /^<!-- \/demo -->$/ { inside = 0 }
        !inside { print }
        /^<!-- demo -->$/ {
            inside = 1
            print "```"
            while ((getline line < demo) > 0) print line
            print "```"
        }' README.md > "$work/readme"
    cat "$work/readme" > README.md
    exit
fi

# Time that this machine took is no part of the promise.
masked() { sed -E 's/[0-9.]+( *(ms|s))? (of )?(CPU|wall)( time)?/# \4/g; s/(CPU|wall)( time)? [0-9.]+ *(ms|s)/\1 #/g'; }
sed -n '/^<!-- demo -->$/,/^<!-- \/demo -->$/p' README.md | grep -v -e '^<!--' -e '^```' |
    masked > "$work/shown" || true
grep -v '^```' "$work/demo" | masked > "$work/said"
diff -u "$work/shown" "$work/said" >&2 || {
    echo "FAILED: README.md does not show the demo; bash tests/shell/readme.sh PROGRAM --update" >&2
    exit 1
}
