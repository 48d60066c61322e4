#!/usr/bin/env bash
# Every header compiles alone, as C and as C++ (a .hpp as C++ only), twice in one file, without a
# warning; and one that declares functions has an extern "C".
# usage: alone.sh CC CXX INCLUDE_FOLDER...      from the top of the tree
set -euo pipefail
cc=$1 cxx=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
includes=(-I. -I"$work")
for folder in "$@"; do includes+=(-isystem "$folder"); done
warnings=(-Wall -Wextra -Wconversion -Wundef -Werror)

compile_c() {
    "$cc" -std=c17 -D_POSIX_C_SOURCE=200809L "${warnings[@]}" -Wshadow -Wstrict-prototypes \
        -Wmissing-prototypes "${includes[@]}" -fsyntax-only -x c "$1"
}

compile_cpp() {
    "$cxx" -std=c++17 -D_POSIX_C_SOURCE=200809L "${warnings[@]}" "${includes[@]}" \
        -fsyntax-only -x c++ "$1"
}

# compiles LANGUAGE HEADER: a source of only this header, twice (its guard must hold).
compiles() {
    printf '#include "%s"\n#include "%s"\ntypedef int not_empty;\n' "$2" "$2" > "$work/alone.$1"
    "compile_$1" "$work/alone.$1"
}

# A check that passes everything proves nothing.
refuses() {
    printf '%s\n' "$2" > "$work/broken.h"
    if compiles "$1" broken.h 2> /dev/null; then
        echo "the check let pass as $1: $2" >&2
        exit 1
    fi
}
refuses c 'size_t uses_what_it_does_not_include(void);'
refuses c 'struct twice { int a; };'
refuses cpp 'int class_is_a_word(int class);'

failed=0
complain() {
    echo "$1" >&2
    failed=$((failed + 1))
}

count=0
while IFS= read -r header; do
    count=$((count + 1))
    compiles cpp "$header" || complain "$header does not compile alone as C++"
    [[ $header == *.hpp ]] && continue
    compiles c "$header" || complain "$header does not compile alone as C"
    if grep -Eq '^[a-z].*\);$' "$header" && ! grep -q 'extern "C"' "$header"; then
        complain "$header declares functions without extern \"C\""
    fi
done < <(find core memory noc chiplet traces -name '*.h' -o -name '*.hpp' | LC_ALL=C sort)

echo "$count headers, $failed complaints"
[[ $count -gt 0 && $failed -eq 0 ]]
