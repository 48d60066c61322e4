#!/usr/bin/env bash
# reach.sh COMPILER MAIN_OBJECT LIBRARY...: every function of ours can be reached from main(), or is
# named in unreached.txt with the reason why it is kept.  The objects are compiled with a section for
# each function, so that the linker tells which ones nothing refers to.
set -euo pipefail

compiler=$1 main=$2
shift 2
allowed=$(dirname -- "${BASH_SOURCE[0]}")/unreached.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# unreached OPTION...: functions of our own that the linker would leave out, as FILE FUNCTION.  It may
# complain about what libraries would give: nothing is run.
unreached() {
    { "$compiler" -nostdlib -Wl,--gc-sections,--print-gc-sections,--unresolved-symbols=ignore-all \
        -Wl,-e,main "$@" "$main" -Wl,--whole-archive "${libraries[@]}" -o "$work/program" 2>&1 || true; } |
        sed -n "s/.*'\.text\.\([A-Za-z0-9_]*\)' in file '.*(\(.*\)\.o)'.*/\2 \1/p" |
        grep -Ev '\.pb-c\.c | _Z(N[^8]|NK[^8]|N8_|[^N])| (startup|exit|unlikely|hot)$' | sort -u
}

libraries=("$@")
mapfile -t names < <(sed 's/#.*//' "$allowed" | tr -s ' \t' '\n' | grep .)
alone=$(unreached)
rest=$(unreached "${names[@]/#/-Wl,-u,}" || true)
failed=0
if [[ -n $rest ]]; then
    printf 'FAILED: nothing calls these; remove them, or say in %s who will:\n%s\n' "$allowed" "$rest" >&2
    failed=1
fi
for name in "${names[@]}"; do
    if ! grep -q " $name$" <<< "$alone"; then
        echo "FAILED: $allowed: $name is called by now, or gone: remove the line" >&2
        failed=1
    fi
done
exit $failed
