#!/usr/bin/env bash
# The floor check of cmake/floors.cmake refuses what breaks the layers, and takes the tree as it is.
# Each case adds one file to a copy of the tree and configures it.
# usage: floors.sh CC CXX      from the top of the tree
set -euo pipefail
cc=$1 cxx=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy="$work/a tree"
mkdir -p "$copy/tests"
cp -r CMakeLists.txt cmake core memory noc chiplet traces "$copy"
: > "$copy/tests/CMakeLists.txt"

configure() {
    cmake -G Ninja -S "$copy" -B "$work/build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
        > "$work/log" 2>&1
}

if ! configure; then
    cat "$work/log" >&2
    echo "FAILED: the tree as it is does not configure" >&2
    exit 1
fi

cases=0 failed=0

# refuses FILE CONTENT SENTENCE: with this file, configuring stops and says the sentence.
refuses() {
    local file=$1 content=$2 sentence=$3 said
    cases=$((cases + 1))
    mkdir -p "$(dirname "$copy/$file")"
    printf '%s\n' "$content" > "$copy/$file"
    if configure; then
        echo "FAILED: let pass $file with $content" >&2
        failed=$((failed + 1))
    else
        said=$(tr -s ' \n' ' ' < "$work/log") # cmake wraps its messages
        if [[ $said != *"$file: $sentence"* ]]; then
            echo "FAILED: $file with $content: expected '$sentence' in: $said" >&2
            failed=$((failed + 1))
        fi
    fi
    rm "$copy/$file"
}

# takes FILE CONTENT: configuring goes on.
takes() {
    cases=$((cases + 1))
    printf '%s\n' "$2" > "$copy/$1"
    if ! configure; then
        echo "FAILED: refused $1 with $2: $(cat "$work/log")" >&2
        failed=$((failed + 1))
    fi
    rm "$copy/$1"
}

refuses core/base/x.c '#include "core/tech/component.h"' 'floor 0 (base) may not include'
refuses core/base/x.h '  #  include   "core/sim/sim.h"' 'floor 0 (base) may not include'
refuses core/base/x.def '#include"core/tech/component.h"' 'floor 0 (base) may not include'
refuses noc/x.c '#include "memory/buffer.h"' 'floor 2 (noc) may not include'
refuses chiplet/x.c '#include "core/cim/array.h"' 'floor 3 (chiplet) may not include'
refuses core/system/x.c '#include "core/plan/plan.h"' 'floor 4 (system) may not include'
refuses core/sim/x.cpp '#include "core/report/run.h"' 'floor 6 (sim) may not include'
refuses core/base/x.c '#include "arena.h"' '#include "arena.h" names no floor'
refuses core/base/x.c '#include "./arena.h"' '#include "./arena.h" names no floor'
refuses core/base/x.c '#include "core/base/../tech/component.h"' '#include "core/base/../tech'
refuses core/base/x.c '#include "tests/check_main.h"' '#include "tests/check_main.h" names no floor'
refuses core/base/x.c '#include <core/tech/component.h>' '#include <core/tech/component.h> is our own'
refuses core/base/x.c '#include <core/base/arena.h>' '#include <core/base/arena.h> is our own'
refuses core/base/x.c '#include <./core/base/arena.h>' '#include <./core/base/arena.h> is our own'
refuses core/base/x.c '#include HIDDEN' "'#include HIDDEN' hides what it includes"
refuses core/base/x.c '#include_next "core/sim/sim.h"' "'#include_next \"core/sim/sim.h\"' hides"
refuses core/base/x.c '%:include "core/sim/sim.h"' "'%:include \"core/sim/sim.h\"' hides"
refuses core/report/x.cpp '' 'C++ lives in core/sim and nowhere else'
refuses noc/x.hpp '' 'C++ lives in core/sim and nowhere else'
refuses memory/x.cc '' 'C++ lives in core/sim and nowhere else'
refuses core/sim/x.cxx '' 'C++ files end in .cpp and .hpp'
refuses core/new/x.c '' 'lies on no floor'
refuses core/base/deeper/x.h '' 'lies on no floor'

takes core/tech/x.c '#include "core/base/arena.h"'
takes core/app/x.c '#include "core/sim/sim.h"'
takes core/sim/x.cpp '#include <systemc>'

echo "$cases cases, $failed failed"
[[ $failed -eq 0 ]]
