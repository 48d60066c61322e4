# fuzz.sh — the verb `fuzz [SECONDS]` of cimarron.sh, which sources this file: each fuzz target
# for SECONDS, as many at a time as there are cores, and random graphs on every system for as long.
# What is found stays in build/fuzz/findings.
# shellcheck shell=bash
: "${root:?}" "${build:?}" "${base_packages[0]:?}"

# fuzz_graphs PROGRAM SECONDS: graphs that no earlier call has drawn.
fuzz_graphs() {
    (cd "$root" && "$1" --turns --shrink --seconds "$2" --first "$(date +%s)00000" \
        --out "$build/fuzz/findings/graphs") > "$build/fuzz/graphs.log" 2>&1 < /dev/null
}

# fuzz_target PROGRAM SECONDS: one target on its grown corpus; starts from its seeds.
fuzz_target() {
    local target=$1 seconds=$2 name corpus findings seeds
    name=$(basename "$target")
    name=${name#fuzz_}
    mkdir -p "$build/fuzz/findings"
    if [[ $name == graphs ]]; then
        fuzz_graphs "$target" "$seconds"
        return
    fi
    seeds=$root/tests/fuzz/seeds/$name
    corpus=$build/fuzz/corpus/$name
    findings=$build/fuzz/findings/$name
    mkdir -p "$corpus" "$findings"
    local folders=("$corpus")
    [[ -d $seeds ]] && folders+=("$seeds")
    (cd "$root" && "$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$findings/" "${folders[@]}") \
        > "$build/fuzz/$name.log" 2>&1 < /dev/null
}

# fuzz_report PROGRAM STATUS: a line of figures; on a finding what the sanitizer said.
fuzz_report() {
    local name runs rate
    name=$(basename "$1")
    name=${name#fuzz_}
    if [[ $name == graphs ]]; then
        printf '%-12s ' "$name"
        sed -n 's/\(.*\) pairs, .*/\1 pairs/p' "$build/fuzz/graphs.log"
        grep -E -A1 ' seed [0-9]+ on ' "$build/fuzz/graphs.log" | head -n 40
        return
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/fuzz/$name.log")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$build/fuzz/$name.log")
    if [[ $2 -eq 0 ]]; then
        printf '%-12s %12s runs %8s exec/s   clean\n' "$name" "${runs:-?}" "${rate:-?}"
    else
        printf '%-12s %12s runs %8s exec/s   FOUND (exit %s)\n' "$name" "${runs:-?}" "${rate:-?}" "$2"
        grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$build/fuzz/$name.log" | head -n 8
    fi
}

fuzz() {
    local seconds=${1:-600} target running=() failed_targets=0 most
    [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "fuzz [SECONDS]: '$seconds' is no number of seconds"
    need "${base_packages[@]}" clang libclang-rt-14-dev
    say "building the fuzz targets"
    compile fuzz fuzzers || exit 1
    most=$(job_count)
    local targets=()
    for target in "$build"/fuzz/tests/graphs/graphs "$build"/fuzz/tests/fuzz/fuzz_*; do
        [[ -f $target && -x $target ]] && targets+=("$target")
    done
    [[ ${#targets[@]} -gt 0 ]] || die "no fuzz target was built"
    local first pids i status
    for ((first = 0; first < ${#targets[@]}; first += most)); do
        running=("${targets[@]:first:most}") pids=()
        say "$seconds s: ${running[*]##*/}"
        for target in "${running[@]}"; do
            fuzz_target "$target" "$seconds" &
            pids+=($!)
        done
        for i in "${!running[@]}"; do
            status=0
            wait "${pids[i]}" || status=$?
            fuzz_report "${running[i]}" "$status"
            ((status == 0)) || failed_targets=$((failed_targets + 1))
        done
    done
    echo "${#targets[@]} targets, $failed_targets with findings"
    ((failed_targets == 0))
}
