#!/usr/bin/env bash
# The README shows what the demo and its example print, word for word (CPU and wall seconds aside).
# usage: readme.sh PROGRAM [--update]     from the top of the tree; --update writes the blocks anew
set -euo pipefail
program=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# said_NAME: what stands between `<!-- NAME -->` and `<!-- /NAME -->`, without the fence.
said_demo() { "$program" demo --no-html; }

# The example's first line is its command: `$ ./cimarron.sh ARGUMENT...`.
said_example() {
    local line
    line=$(shown example | head -n 1)
    [[ $line == '$ ./cimarron.sh '* ]] || return 1
    echo "$line"
    # shellcheck disable=SC2086 # words of the line are arguments
    "$program" ${line#'$ ./cimarron.sh '}
}

shown() { sed -n "/^<!-- $1 -->\$/,/^<!-- \/$1 -->\$/p" README.md | grep -v -e '^<!--' -e '^```' || true; }

# update NAME: the block anew.
update() {
    awk -v name="$1" -v said="$work/$1" '
        $0 == "<!-- /" name " -->" { inside = 0 }
        !inside { print }
        $0 == "<!-- " name " -->" {
            inside = 1
            print "```"
            while ((getline line < said) > 0) print line
            print "```"
        }' README.md > "$work/readme"
    cat "$work/readme" > README.md
}

# Time that this machine took is no part of the promise.
masked() { sed -E 's/[0-9.]+( *(ms|s))? (of )?(CPU|wall)( time)?/# \4/g; s/(CPU|wall)( time)? [0-9.]+ *(ms|s)/\1 #/g'; }

for block in demo example; do
    "said_$block" > "$work/$block"
    [[ -s $work/$block ]] || { echo "FAILED: the $block prints nothing" >&2; exit 1; }
    if [[ ${2:-} == --update ]]; then
        update "$block"
        continue
    fi
    diff -u <(shown "$block" | masked) <(masked < "$work/$block") >&2 || {
        echo "FAILED: README.md does not show the $block; bash tests/shell/readme.sh PROGRAM --update" >&2
        exit 1
    }
done
