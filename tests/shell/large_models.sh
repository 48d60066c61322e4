#!/usr/bin/env bash
# The tables of docs/LARGE_MODELS.md are what the program says, word for word (CPU seconds aside).
# usage: large_models.sh PROGRAM                       plays the cheap rows again and compares
#        large_models.sh PROGRAM --update [PATTERN]    plays rows whose name matches, all by default,
#                                                      and writes them anew; the others stay
# A row that takes more than LIMIT CPU seconds is said not to have been played to its end.
set -euo pipefail
program=$1
document=docs/LARGE_MODELS.md
limit=${LIMIT:-900}

# c: cheap, a few CPU seconds, played by the test; h: played by --update only.
rows='
c wafer_cim llama2_7b_decode
h wafer_cim llama2_7b_decode --batch 64
c wafer_cim llama2_7b_decode --bits 8,4
h wafer_cim llama2_7b_decode --bits 8,4 --batch 64
c wafer_cim llama2_7b_decode --bits 16,16
h wafer_cim llama2_7b_decode --bits 16,16 --batch 64
h wafer_cim llama2_7b_prefill
c wafer_cim llama2_70b_decode
h wafer_cim llama2_70b_decode --batch 64
c wafer_cim gpt3_175b_decode
h wafer_cim gpt3_175b_decode --batch 64
h quad_dcim_hbm3 llama2_7b_decode
h quad_dcim_hbm3 llama2_7b_decode --batch 64
c quad_dcim_hbm3 llama2_7b_decode --bits 8,4
h quad_dcim_hbm3 llama2_7b_decode --bits 8,4 --batch 64
h quad_dcim_hbm3 llama2_7b_decode --bits 16,16
h quad_dcim_hbm3 llama2_7b_decode --bits 16,16 --batch 64
h quad_dcim_hbm3 llama2_7b_prefill
h quad_dcim_hbm3 llama2_70b_decode
h quad_dcim_hbm3 gpt3_175b_decode
h quad_dcim_hbm3 gpt3_175b_decode --tensor 1
'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# play ARGUMENT...: the run's JSON in $work/json; fails when there is none, with why in $work/why.
play() {
    (
        ulimit -t "$limit"
        exec "$program" run "$@" --gpu h100_sxm --gpu h200_sxm --format json -q
    ) > "$work/json" 2> "$work/why" && return
    grep -q 'does not fit' "$work/why" || echo "not played to its end in $limit CPU s" > "$work/why"
    return 1
}

# Two lines for a run: of the machine itself, and of it beside GPUs.  The JSON has a key a line and
# tells its levels by indentation.
tell() {
    awk -v row="$1" '
        function said(x, scale) { return x == "" || x == "null" ? "-" : sprintf("%.4g", x * scale) }
        function gpu(g, best, base) {
            base = g SUBSEP best SUBSEP
            return v[base "devices"] " x, batch " v[base "batch"] ": " said(v[base "tokens_per_s"], 1) \
                ", " said(v[base "j_per_token"], 1)
        }
        match($0, /^ *"[a-z0-9_.]*": /) {
            indent = match($0, /[^ ]/)
            split($0, word, "\"")
            key = word[2]
            value = $0
            sub(/^ *"[^"]*": /, "", value)
            gsub(/[",{]/, "", value)
            if (!step) step = indent - 1
            level = (indent - 1) / step
            if (level == 1) { top[key] = value; inside = key }
            else if (inside == "baselines" && key == "name") { name = value; best = level > 3 }
            if (inside == "baselines") v[name, best, key] = value
        }
        END {
            printf "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s (%s) | %.1f |\n", row, top["devices"],
                top["weights"], said(top["tokens_per_s"], 1), said(top["j_per_token"], 1),
                said(top["time_s"], 1e3), top["binding_cause"], top["power_scope"],
                said(top["lower_bound_s"], 1e3), top["lower_bound_by"], top["cpu_s"]
            printf "| `%s` | %s, %s | %s | %s | %s | %s |\n", row, said(top["tokens_per_s"], 1),
                said(top["j_per_token"], 1), gpu("h100_sxm", 0), gpu("h100_sxm", 1),
                gpu("h200_sxm", 0), gpu("h200_sxm", 1)
        }' "$work/json"
}

# told ROW: both lines.
told() {
    local arguments
    read -ra arguments <<< "$1"
    if play "${arguments[@]}"; then
        tell "$1"
    else
        echo "| \`$1\` | $(tail -n 1 "$work/why") | | | | | | | | |"
        echo "| \`$1\` | | | | | |"
    fi
}

# The line of a row in one of the two tables, as the document has it.
shown() { sed -n "/^<!-- $2 -->\$/,/^<!-- \/$2 -->\$/p" "$document" | grep -F "| \`$1\` |" || true; }

# Seconds of this machine are no part of the promise.
masked() { sed -E 's/ [0-9.]+ \|$/ # |/'; }

# table NAME LINES: the lines between the marks of a table anew, its two heading lines as they are.
table() {
    awk -v name="$1" -v lines="$2" '
        $0 == "<!-- /" name " -->" { while ((getline line < lines) > 0) print line; inside = 0 }
        !inside || heading-- > 0 { print }
        $0 == "<!-- " name " -->" { inside = 1; heading = 2 }' "$document" > "$work/document"
    cat "$work/document" > "$document"
}

update() {
    : > "$work/runs"
    : > "$work/gpus"
    while read -r _ row; do
        [[ -n $row ]] || continue
        if [[ $row =~ $1 ]]; then
            told "$row" > "$work/told"
        else
            { shown "$row" runs; shown "$row" gpus; } > "$work/told"
        fi
        head -n 1 "$work/told" >> "$work/runs"
        tail -n 1 "$work/told" >> "$work/gpus"
    done <<< "$rows"
    table runs "$work/runs"
    table gpus "$work/gpus"
}

if [[ ${2:-} == --update ]]; then
    update "${3:-.}"
    exit
fi
while read -r cost row; do
    [[ $cost == c ]] || continue
    told "$row" | masked > "$work/told"
    { shown "$row" runs; shown "$row" gpus; } | masked > "$work/shown"
    diff -u "$work/shown" "$work/told" >&2 || {
        echo "FAILED: $document does not show '$row'; bash tests/shell/large_models.sh PROGRAM --update" >&2
        exit 1
    }
done <<< "$rows"
