# lint.sh — the verb `lint` of cimarron.sh, which sources this file.  Each step runs, whatever the
# others said; the exit status says whether all were clean.
# shellcheck shell=bash
: "${root:?}" "${build:?}" "${program:?}" "${base_packages[0]:?}"

# tracked PATTERN...: files of the tree, NUL between them; without git, what is not under build/.
tracked() {
    if git -C "$root" rev-parse --git-dir > /dev/null 2>&1; then
        git -C "$root" ls-files -z --cached --others --exclude-standard -- "$@"
    else
        local names=() pattern
        for pattern in "$@"; do names+=(-o -name "$pattern"); done
        (cd "$root" && find . -path ./build -prune -o -type f \( "${names[@]:1}" \) -print0)
    fi
}

# step NAME COMMAND...: counts a failure and goes on.
lint_failed=0
step() {
    local name=$1
    shift
    echo "== $name"
    "$@" || {
        echo "FAILED: $name"
        lint_failed=$((lint_failed + 1))
    }
}

lint_format() {
    tracked '*.c' '*.h' '*.cpp' '*.hpp' | (cd "$root" && xargs -0 clang-format --dry-run -Werror)
}

# clang's own warnings are errors here too: the compile commands are those of the clang preset,
# with asserts on, since they tell the analyser what holds.
lint_tidy() {
    configure clang || return 1
    logged make-clang cmake --build "$build/clang" --target generated/onnx/onnx.pb-c.h || return 1
    tracked '*.c' '*.cpp' | (cd "$root" &&
        xargs -0 -n 4 -P "$(job_count)" clang-tidy --quiet -p "$build/clang" --extra-arg=-UNDEBUG \
            2> "$build/tidy.log") || {
        grep -v 'warnings generated' "$build/tidy.log" | tail -n 20 >&2
        return 1
    }
}

lint_shell() {
    tracked '*.sh' .ci/run | (cd "$root" && xargs -0 shellcheck -x)
}

# What ships is read by the strict reader; one call per file, so that every complaint is seen.  Pieces
# of configs, in folders below those of roles, are read with what includes them.
lint_data() {
    local file bad=0
    while IFS= read -r -d '' file; do
        [[ $file != configs/*/*/* ]] || continue
        "$program" check "$root/$file" > /dev/null || bad=$((bad + 1))
    done < <(tracked 'configs/*.cfg' 'traces/samples/*.gz')
    ((bad == 0))
}

lint() {
    need "${base_packages[@]}" clang clang-format clang-tidy shellcheck
    step "clang-format" lint_format
    step "shellcheck" lint_shell
    step "clang-tidy and clang's warnings" lint_tidy
    build_program
    step "configs and traces" lint_data
    ((lint_failed == 0)) || return 1
    echo "clean"
}
