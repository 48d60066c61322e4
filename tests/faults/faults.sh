#!/usr/bin/env bash
# What may fail on any machine fails, one after another: allocations, writes, the last steps of a
# file.  Each command then ends with status 1 and one sentence, and no file is there that was not.
# usage: faults.sh PROGRAM LIBRARY      from the top of the tree; LIBRARY is faults.c, preloaded
set -euo pipefail
program=$(realpath "$1") library=$(realpath "$2")
: "${CIMARRON_HOME:=$PWD}"
export CIMARRON_HOME

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p new

cat > tiny.jsonl << 'END'
{"cimarron_trace": 1, "name": "n", "batch": 1, "activation_bits": 8, "weight_bits": 8}
{"id": 0, "name": "m", "op": "matmul", "inputs": [], "weight": "w", "m": 4, "k": 64, "n": 64}
END
gzip -k tiny.jsonl
printf '%s\n' 'Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides,' \
    'Conv1,34,34,3,3,16,32,1,' > net.csv

failed=0
complain() {
    echo "FAILED: $*; said: $(head -n 3 said)" >&2
    failed=$((failed + 1))
}

# with VARIABLE=VALUE... -- ARGUMENT...: the program, the library preloaded, its result in new/.
with() {
    local settings=()
    while [[ $1 != -- ]]; do settings+=("$1") && shift; done
    shift
    status=0
    timeout 60 env "${settings[@]}" LD_PRELOAD="$library" "$program" "$@" -o new/out \
        > printed 2> said < /dev/null || status=$?
}

# told WHAT: status 1, one sentence, and the folder as it was before.
told() {
    [[ $status -eq 1 ]] || complain "$1: status $status"
    [[ $(wc -l < said) -eq 1 ]] || complain "$1: not one sentence"
    [[ -z $(ls -A new) ]] || complain "$1: leaves $(ls -A new)"
    [[ ! -s printed ]] || complain "$1: prints half of its result"
    rm -rf new && mkdir new
}

# allocations MOST ARGUMENT...: at most MOST of the command's allocations fail, one in each run.
allocations() {
    local most=$1 total stride
    shift
    with CIMARRON_FAULT_COUNT="$work/count" -- "$@"
    [[ $status -eq 0 ]] || complain "'$*' as it is: status $status"
    total=$(cat count) stride=$((total / most + 1))
    [[ $total -gt 10 ]] || complain "'$*': $total allocations are counted"
    cp new/out whole
    for ((number = 1; number <= total; number += stride)); do
        rm -f new/out
        with CIMARRON_FAULT="$number" -- "$@"
        # An allocation that one can do without changes nothing.
        [[ $status -eq 0 ]] && cmp -s new/out whole && continue
        told "'$*' without its allocation $number of $total"
    done
    rm -f new/out
}

allocations 30 trace import net.csv --from scalesim -q
allocations 40 run dcim_22nm tiny.jsonl.gz --gpu none --no-timing --format json
allocations 15 run dcim_22nm tiny.jsonl.gz --gpu none --no-timing --format html
allocations 30 peak isaac
allocations 30 dram hbm3_6400 --requests 100 --no-timing
allocations 30 noc isaac --warmup 10 --cycles 10 --no-timing
allocations 30 check isaac
allocations 20 trace cat tiny.jsonl.gz
allocations 20 list parts

# The last steps of a file.
for call in fsync rename; do
    with CIMARRON_FAULT_CALLS="$call" -- peak isaac
    told "peak without $call"
    with CIMARRON_FAULT_CALLS="$call" -- trace import net.csv --from scalesim -q
    told "trace import without $call"
done

# File systems that know no files without a name, or cannot give one its name: it is copied.
for calls in unnamed linkat unnamed,linkat; do
    umask 022 && echo old > new/out && chmod 640 new/out
    with CIMARRON_FAULT_CALLS="$calls" -- list parts
    [[ $status -eq 0 && $(ls -A new) == out ]] || complain "list parts without $calls: status $status"
    "$program" list parts | cmp -s - new/out || complain "list parts without $calls: another text"
    [[ $(stat -c %a new/out) == 640 ]] || complain "list parts without $calls: other rights"
    rm -f new/out
    with CIMARRON_FAULT_CALLS="$calls,rename" -- list parts
    told "list parts without $calls and rename"
done

# cut_off KIB ARGUMENT...: on a disk that fills up, as no file may be larger; stderr is a pipe.
cut_off() {
    local kib=$1
    shift
    status=0
    local words
    words=$(ulimit -f "$kib" && "$program" "$@" -o new/out 2>&1 > printed < /dev/null) || status=$?
    printf '%s\n' "$words" > said
    told "'$*' on a disk of $kib KiB"
}
for kib in 0 1 3 50 150 200; do
    cut_off "$kib" run dcim_22nm tiny.jsonl.gz --gpu none --format html
done
for kib in 0 1 2; do
    cut_off "$kib" list systems
done
cut_off 0 trace import net.csv --from scalesim -q
((failed == 0))
