# coverage.sh — the verb `coverage` of cimarron.sh, which sources this file: what of the sources the
# tests reach.  It builds with gcc's counters, runs the tests but the slow ones and those that look at
# the tree, and prints gcovr's table; branches that an assert, a throw or no source line makes are left
# out.  CIMARRON_COVERAGE_TESTS is a regular expression of the tests to run instead.
# shellcheck shell=bash
: "${root:?}" "${build:?}" "${base_packages[0]:?}"

coverage() {
    local folder=$build/coverage only=(--label-exclude '^(slow|once)$')
    [[ -n ${CIMARRON_COVERAGE_TESTS:-} ]] && only=(-R "$CIMARRON_COVERAGE_TESTS")
    need "${base_packages[@]}" gcovr
    compile coverage all || exit 1
    find "$folder" -name '*.gcda' -delete
    logged coverage-tests ctest --test-dir "$folder" -j "$(job_count)" --output-on-failure "${only[@]}" ||
        say "some tests failed; what they reached counts"
    (cd "$root" && gcovr "$folder" --filter 'core/' --filter 'memory/' --filter 'noc/' --filter 'chiplet/' \
        --filter 'traces/' --exclude 'build/' --exclude-unreachable-branches --exclude-throw-branches \
        --exclude-branches-by-pattern '.*\bassert\(.*' --print-summary "$@")
}
