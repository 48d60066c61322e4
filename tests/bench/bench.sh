# bench.sh — the verb `bench` of cimarron.sh, which sources this file: what a run costs, beside what
# other simulators cost for the nearest work.  It reports; it does not judge, since machines differ.
# shellcheck shell=bash
: "${root:?}" "${build:?}" "${program:?}" "${base_packages[0]:?}"

lines_of_large_trace=10000000

# cost RUNS ARGUMENT...: sets cpu_s and peak_mb of the program; fails when it fails.
cost() {
    local runs=$1 figures
    shift
    figures=$("$build/release/tests/measure" "$runs" "$program" "$@" 2> "$build/bench/stderr") ||
        return 1
    read -r cpu_s _ peak_mb <<< "$figures"
}

# over A B: A/B to three digits.
over() { awk -v a="$1" -v b="$2" 'BEGIN { r = (b > 0) ? a / b : 0; printf((r < 100) ? "%.1f" : "%.0f", r) }'; }

row() { printf '  %-46s %s\n' "$1" "$2"; }

failed_row() {
    row "$1" "failed: $(tail -n 1 "$build/bench/stderr")"
    bench_failed=1
}

# instructions ARGUMENT...: giga-instructions in user space of the program and its children.
instructions() {
    local log=$build/bench/instructions
    if command -v perf > /dev/null &&
        perf stat -x, -e instructions:u -o "$log" "$program" "$@" > /dev/null 2>&1 &&
        grep -q '^[0-9]' "$log"; then
        awk -F, '/^[0-9]/ { printf "%.2f", $1 / 1e9 }' "$log"
    elif command -v valgrind > /dev/null &&
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" \
            > /dev/null 2> "$log"; then
        awk '/Collected/ { n += $NF } END { printf "%.2f", n / 1e9 }' "$log"
    fi
}

bench_main_job() {
    local sample=$root/traces/samples/resnet50.jsonl.gz giga
    echo "ResNet-50 on ISAAC (cimarron run isaac resnet50)"
    cost 5 run isaac "$sample" --format json || { failed_row "run"; return; }
    row "CPU seconds, least of 5 (aim: under 0.5)" "$cpu_s"
    row "peak memory, MB (aim: under 100)" "$peak_mb"
    giga=$(instructions run isaac "$sample" --format json)
    row "instructions, 10^9" "${giga:-not available (needs perf or valgrind)}"
    echo "  beside, as measured on two shared cores; the work is not the same:"
    row "NeuroSim 1.3, VGG8, one image" "60.6 CPU s, 278 MB, 1320.6e9 instructions: $(over 60.6 "$cpu_s") times our CPU time"
    row "PIMSIM-NN, ResNet-18, 64 cores, one image" "18.0 CPU s, 2348 MB, 229.5e9 instructions: $(over 18.0 "$cpu_s") times our CPU time"
    row "MNSIM 2.0, VGG8, no accuracy" "1.67 CPU s, 1081 MB: $(over 1.67 "$cpu_s") times our CPU time"
}

bench_samples() {
    local sample
    echo "All samples on ISAAC"
    for sample in "$root"/traces/samples/*.jsonl.gz; do
        cost 3 run isaac "$sample" --format json || {
            row "$(basename "$sample" .jsonl.gz)" "$(tail -n 1 "$build/bench/stderr")"
            continue
        }
        row "$(basename "$sample" .jsonl.gz)" "$cpu_s CPU s, $peak_mb MB"
    done
}

bench_reading() {
    echo "Reading a trace of 1,000,000 lines, beside jansson parsing the same lines (aim: 0.6)"
    "$build/release/tests/bench_trace" 1000000 2> "$build/bench/stderr" | sed 's/^/  /' || true
}

# Distinct lines of a chain of products, as three lines of any language would write them.
write_large_trace() {
    awk -v n="$lines_of_large_trace" 'BEGIN {
        print "{\"cimarron_trace\": 1, \"name\": \"large\", \"source\": \"generated\", \"batch\": 1," \
            " \"activation_bits\": 8, \"weight_bits\": 8}"
        for (i = 0; i < n; i++)
            printf "{\"id\": %d, \"name\": \"fc%d\", \"op\": \"matmul\", \"inputs\": [%s]," \
                " \"weight\": \"fc%d.w\", \"m\": 1, \"k\": 64, \"n\": 64}\n", i, i, i ? i - 1 : "", i
    }' | gzip -1 > "$1.part" && mv "$1.part" "$1"
}

bench_large_trace() {
    local file=$build/bench/large.jsonl.gz
    echo "trace check on $lines_of_large_trace lines"
    [[ -f $file ]] || write_large_trace "$file"
    cost 1 trace check "$file" || { failed_row "trace check"; return; }
    row "CPU seconds" "$cpu_s"
    row "peak memory, MB" "$peak_mb"
    row "file, MB" "$(($(stat -c %s "$file") / 1048576))"
}

# A sample with its block repeated TIMES times.
write_layers() {
    gzip -dc "$root/traces/samples/$1.jsonl.gz" | sed -E "s/\"times\":[0-9]+/\"times\":$2/" > "$3"
}

bench_large_models() {
    local file=$build/bench/layers.jsonl once
    echo "GPT-3 175B, a decode step on wafers of CIM (cimarron run wafer_cim gpt3_175b_decode)"
    cost 3 run wafer_cim gpt3_175b_decode --gpu none --format json || { failed_row "run"; return; }
    once=$cpu_s
    row "CPU seconds, least of 3 (aim: under 2)" "$cpu_s"
    row "peak memory, MB (aim: under 500)" "$peak_mb"
    write_layers gpt3_175b_decode 959 "$file"
    cost 3 run wafer_cim "$file" --gpu none --format json || { failed_row "960 layers"; return; }
    row "960 layers instead of 96 (aim: 1.5 times)" "$(over "$cpu_s" "$once") times, $cpu_s CPU s, $peak_mb MB"
}

bench() {
    bench_failed=0
    need "${base_packages[@]}"
    compile release cimarron bench_trace measure || exit 1
    mkdir -p "$build/bench"
    bench_main_job
    bench_samples
    bench_reading
    bench_large_trace
    bench_large_models
    ((bench_failed == 0))
}
