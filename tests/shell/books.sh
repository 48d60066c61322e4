#!/usr/bin/env bash
# Do the books balance for every sample on whole machines?  Parts and layers sum to the energy, causes
# to the time; what a machine does not hold is told with its sentence.  No part of the tests: large
# models on the package take minutes each (tests/laws plays the small ones).
# usage: books.sh PROGRAM [SYSTEM...]     from the top of the tree; quad_dcim_hbm3 wafer_cim wse2 by default
#        LIMIT=SECONDS                    CPU seconds granted to a run (900)
set -euo pipefail
program=$1
shift
[[ $# -gt 0 ]] || set -- quad_dcim_hbm3 wafer_cim wse2
limit=${LIMIT:-900}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The JSON has a key a line; two spaces for each level.
balance() {
    awk '
        match($0, /^ *"[A-Za-z0-9_.]*": /) {
            level = (match($0, /[^ ]/) - 1) / 2
            split($0, word, "\"")
            value = $0
            sub(/^ *"[^"]*": /, "", value)
            sub(/,$/, "", value)
            value += 0 # a number, not a text that looks like one
            if (level == 1) { top[word[2]] = value; inside = word[2] }
            else if (inside == "energy_by_part_j") parts += value
            else if (inside == "time_by_cause_s") causes += value
            else if (inside == "layers" && word[2] == "energy_j") layers += value
        }
        function off(a, b) { return b > 0 ? (a > b ? a - b : b - a) / b : 1 }
        END {
            good = off(parts, top["energy_j"]) < 1e-9 && off(layers, top["energy_j"]) < 1e-9 &&
                off(causes, top["time_s"]) < 1e-9 && top["lower_bound_s"] <= top["time_s"] * (1 + 1e-9)
            printf "%s, %.4g s, %.4g J, N = %s, %.1f CPU s\n", good ? "balances" : "DOES NOT BALANCE",
                top["time_s"], top["energy_j"], top["devices"], top["cpu_s"]
            exit !good
        }' "$1"
}

wrong=0
for system in "$@"; do
    for sample in traces/samples/*.jsonl.gz; do
        printf '%-15s %-22s ' "$system" "$(basename "$sample" .jsonl.gz)"
        status=0
        (
            ulimit -t "$limit"
            exec "$program" run "$system" "$sample" --gpu none --format json -q
        ) > "$work/json" 2> "$work/why" || status=$?
        if ((status == 0)); then
            balance "$work/json" || wrong=1
        elif grep -qv 'ended by signal' "$work/why"; then
            tail -n 1 "$work/why"
        else
            echo "not played to its end in $limit CPU s"
        fi
    done
done
exit $wrong
