#!/usr/bin/env bash
# docs/BOOKS.md: every sample on every shipped system.  The books of a run balance, or a sentence says
# what the machine lacks; the document lists which, word for word.
# usage: books.sh PROGRAM [--cheap | --update] [PATTERN]     from the top of the tree
#        plays every cell that the document calls played and compares; an hour or two
#        --cheap    leaves out what takes longer than a second or so, as the tests do
#        --update   plays every cell and writes the document's tables anew
#        PATTERN    only cells whose "SYSTEM SAMPLE" matches; the others stay as they are
# A run that takes more than LIMIT CPU seconds (3000) is said not to have been played; nobody compares it.
set -euo pipefail
program=$1
how=compare
[[ ${2:-} != --* ]] || { how=${2#--} && shift; }
pattern=${2:-.}
document=docs/BOOKS.md
limit=${LIMIT:-3000}

# Cells over a second or so: no part of the tests.  The WSE-2's prompts take minutes each.
dear='^(quad_dcim_hbm3|dcim_[^ ]*|wafer_cim) (llama|mixtral|gpt3|gpt2_prefill)|^dcim_[^ ]* bert_large'
dear+='|^wse2 (bert|[^ ]*_prefill)|^wse2_core (alexnet|bert_base|densenet121|vgg19)'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

names() { for file in "$@"; do printf '%s ' "$(basename "${file%%.*}")"; done; }
systems=$(names configs/chip/*.cfg configs/package/*.cfg configs/wafer/*.cfg)
samples=$(names traces/samples/*.jsonl.gz)

# balance FILE: nothing when the books of a run's JSON balance, else what does not.  The JSON has a key
# a line; two spaces for each level.
balance() {
    awk '
        match($0, /^ *"[A-Za-z0-9_.]*": /) {
            level = (match($0, /[^ ]/) - 1) / 2
            split($0, word, "\"")
            value = $0
            sub(/^ *"[^"]*": /, "", value)
            sub(/,$/, "", value)
            number = value + 0
            if (level == 1) { top[word[2]] = number; inside = word[2] }
            else if (inside == "energy_by_part_j") parts += number
            else if (inside == "time_by_cause_s") causes += number
            else if (inside == "layers" && word[2] == "energy_j") layers += number
            else if (inside == "work" && word[2] == "count") count = number
        }
        function same(a, b) { return b > 0 && (a > b ? a - b : b - a) / b < 1e-9 }
        function law(holds, what) { if (!holds) print what }
        END {
            unit = "tokens_per_s" in top ? "token" : "image"
            law(same(parts, top["energy_j"]), "parts do not sum to the energy")
            law(same(layers, top["energy_j"]), "layers do not sum to the energy")
            law(same(causes, top["time_s"]), "causes do not sum to the time")
            law(top["network_sent_bytes"] == top["network_received_bytes"], "not every byte arrives")
            law(top["lower_bound_s"] <= top["time_s"] * (1 + 1e-9), "the time is below its bound")
            law(top["array_utilization"] <= 1, "the arrays do more than they can")
            law(same(top[unit "s_per_s"] * top["time_s"], count), unit "s are not the rate x the time")
            law(same(top["j_per_" unit] * count, top["energy_j"]), "energy is not that of all " unit "s")
        }' "$1"
}

# cell SYSTEM SAMPLE: "held", "not played", or the sentence; nothing else may happen.
cell() {
    local status=0 wrong
    (
        ulimit -t "$limit"
        exec "$program" run "$1" "$2" --gpu none --format json -q
    ) > "$work/json" 2> "$work/why" || status=$?
    if ((status == 0)); then
        wrong=$(balance "$work/json")
        echo "${wrong:-held}" | head -n 1
        [[ -z $wrong ]] || echo "FAILED: $1, $2: $wrong" >&2
    elif grep -q 'ended by signal' "$work/why"; then
        echo "not played"
    else
        sed 's/^cimarron: //' "$work/why" | head -n 1
        [[ $status -eq 1 && $(wc -l < "$work/why") -eq 1 ]] || {
            echo "FAILED: $1, $2: ends with $status: $(cat "$work/why")" >&2
        }
    fi
}

# What the document says: a line "SYSTEM SAMPLE<tab>held, not played, or the sentence" for each cell.
read_document() {
    awk -F ' *[|] *' -v OFS='\t' '
        /^<!-- (cells|reasons) -->$/ { inside = $0; gsub(/[^a-z]/, "", inside); line = 0; next }
        /^<!-- \// { inside = "" }
        inside == "" || ++line == 2 { next }
        inside == "cells" && line == 1 { for (i = 3; i < NF; i++) system_of[i] = $i }
        inside == "cells" && line > 1 { for (i = 3; i < NF; i++) said[system_of[i] " " $2] = $i }
        inside == "reasons" && line > 1 { n = split($3, list, ", "); while (n) said[$2 " " list[n--]] = $4 }
        END { for (c in said) if (said[c] != "not asked") print c, said[c] }' "$document" | sort > "$work/said"
}

said_of() { awk -F '\t' -v cell="$1" '$1 == cell { print $2 }' "$work/said"; }

# The two tables from $work/cells, each between its marks.
tables() {
    awk -F '\t' -v systems="$systems" -v samples="$samples" '
        function short(why) {
            if (why == "held" || why == "not played" || why == "") return why == "" ? "not asked" : why
            if (why ~ /weights and caches need/) return "memory"
            if (why ~ /arrays for the weights/) return "arrays"
            if (why ~ /rows in flight/) return "buffers"
            return why ~ /cannot run .*-bit/ ? "bits" : "refused"
        }
        { said[$1] = $2 }
        END {
            s = split(systems, machine, " ")
            t = split(samples, sample, " ")
            print "<!-- cells -->"
            line = "| sample |"
            rule = "|---|"
            for (i = 1; i <= s; i++) { line = line " " machine[i] " |"; rule = rule "---|" }
            print line "\n" rule
            for (j = 1; j <= t; j++) {
                line = "| " sample[j] " |"
                for (i = 1; i <= s; i++) line = line " " short(said[machine[i] " " sample[j]]) " |"
                print line
            }
            print "<!-- /cells -->\n<!-- reasons -->\n| system | samples | says |\n|---|---|---|"
            for (i = 1; i <= s; i++)
                for (j = 1; j <= t; j++) {
                    why = said[machine[i] " " sample[j]]
                    if (why == "" || why == "held" || why == "not played" || told[machine[i], why]++) continue
                    line = "| " machine[i] " | " sample[j]
                    for (k = j + 1; k <= t; k++)
                        if (said[machine[i] " " sample[k]] == why) line = line ", " sample[k]
                    print line " | " why " |"
                }
            print "<!-- /reasons -->"
        }' "$work/cells"
}

# The document with these tables in place of its own.
rewritten() {
    tables > "$work/tables"
    awk -v tables="$work/tables" '
        function fill(name) {
            while ((getline line < tables) > 0) {
                if (line == "<!-- " name " -->") inside = 1
                if (inside) print line
                if (line == "<!-- /" name " -->") { inside = 0; break }
            }
        }
        /^<!-- \// { skip = 0; next }
        /^<!-- / { fill($2); skip = 1 }
        !skip { print }' "$document"
}

# is_due CELL SAID: whether to play it.
is_due() {
    [[ $1 =~ $pattern ]] || return 1
    [[ $how == update ]] && return
    [[ $2 != "not played" ]] || return 1
    [[ $how != cheap || $2 != held || ! $1 =~ $dear ]]
}

read_document
: > "$work/cells"
for system in $systems; do
    for sample in $samples; do
        said=$(said_of "$system $sample")
        if is_due "$system $sample" "$said"; then
            said=$(cell "$system" "$sample" 2>> "$work/failed")
        fi
        printf '%s %s\t%s\n' "$system" "$sample" "$said" >> "$work/cells"
    done
done
rewritten > "$work/document"
cat "$work/failed" >&2 2> /dev/null || true
[[ ! -s $work/failed ]] || exit 1
if [[ $how == update ]]; then
    cat "$work/document" > "$document"
    exit
fi
diff -u "$document" "$work/document" >&2 || {
    echo "FAILED: $document is not what the program says; bash tests/shell/books.sh PROGRAM --update" >&2
    exit 1
}
