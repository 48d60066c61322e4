#!/usr/bin/env bash
# cimarron.sh — sets up, builds, tests and runs Cimarron.  See usage() or ./cimarron.sh help.
#
# It asks dpkg what is missing before it touches apt: a second call works offline.  What apt and
# the build print goes to build/*.log, so that stdout carries only what was asked for.
set -euo pipefail

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
build=$root/build

base_packages=(ninja-build pkg-config libsystemc-dev libconfig-dev check zlib1g-dev libjansson-dev
    libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libonnx-dev libyaml-dev libsqlite3-dev
    libjs-chart.js)

usage() {
    cat << 'END'
usage: ./cimarron.sh VERB [ARGUMENT...]

  demo [OPTION...]    install what is missing, build, run ResNet-50 on a CIM chip beside GPUs
  test                the same set-up, then every test, also under ASan and UBSan

  build               the same set-up, then the program: build/release/cimarron
  install [PREFIX]    install to PREFIX (default /usr/local)
  lint                format, static checks, shell scripts, all configs and traces
  fuzz [SECONDS]      each fuzz target for SECONDS (default 600), in parallel
  bench               speed and memory, beside published costs of other simulators
  coverage [OPTION]   lines and branches that the tests reach (gcc, gcovr); OPTION: of gcovr
  clean               remove build/

Any command of the program works too: ./cimarron.sh run ..., ./cimarron.sh list ...
END
}

say() { printf 'cimarron: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# logged LOG COMMAND...: output into build/LOG.log; on failure its errors or tail on stderr.
logged() {
    local log=$build/$1.log
    shift
    mkdir -p "$build"
    if ! "$@" > "$log" 2>&1 < /dev/null; then
        say "failed: $*"
        grep -A 8 -E '(error|Error|E): ' "$log" | head -n 80 >&2 || tail -n 40 "$log" >&2
        say "the whole log: $log"
        return 1
    fi
}

# --- packages --------------------------------------------------------------------------------

# missing PACKAGE...: those that are not installed, one a line.
missing() {
    local package status
    for package in "$@"; do
        status=$(dpkg-query -W -f='${db:Status-Status}\n' "$package" 2> /dev/null || true)
        grep -qx installed <<< "$status" || echo "$package"
    done
}

# as_root COMMAND...: as it is for root, else through sudo, which asks only at a terminal.
as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif [[ -t 0 && -t 2 ]]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

can_be_root() {
    [[ $(id -u) -eq 0 ]] && return
    command -v sudo > /dev/null || return
    if [[ -t 0 && -t 2 ]]; then
        sudo -v # asks here, while the terminal is free
    else
        sudo -n true 2> /dev/null
    fi
}

apt_install() {
    local settings=(DEBIAN_FRONTEND=noninteractive) name
    for name in http_proxy https_proxy no_proxy; do # sudo drops them
        [[ -n ${!name:-} ]] && settings+=("$name=${!name}")
    done
    # A stale third-party list must not stop the rest: what counts is that the install succeeds.
    as_root env "${settings[@]}" apt-get -o DPkg::Lock::Timeout=300 update || true
    as_root env "${settings[@]}" apt-get -o DPkg::Lock::Timeout=300 install -y \
        --no-install-recommends "$@"
}

# need PACKAGE...: installs what is missing of them.
need() {
    local lacking=()
    if ! command -v dpkg-query > /dev/null; then
        say "this is no Debian: going on in the hope that these are there: $*"
        return
    fi
    mapfile -t lacking < <(missing "$@")
    command -v cmake > /dev/null || lacking+=(cmake)
    command -v cc > /dev/null && command -v c++ > /dev/null || lacking+=(gcc g++)
    [[ ${#lacking[@]} -eq 0 ]] && return
    can_be_root || die "these packages are missing, and installing them takes root:
    apt-get install ${lacking[*]}"
    say "installing ${lacking[*]}"
    logged packages apt_install "${lacking[@]}" ||
        die "these packages are missing: apt-get install ${lacking[*]}"
}

# --- building --------------------------------------------------------------------------------

# As many jobs as there are cores, but a GiB of free memory for each (SystemC's headers are large).
job_count() {
    local cores free_mb limit used
    cores=$(nproc)
    free_mb=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo 2> /dev/null || echo 1024)
    if limit=$(cat /sys/fs/cgroup/memory.max 2> /dev/null) && [[ $limit =~ ^[0-9]+$ ]]; then
        used=$(cat /sys/fs/cgroup/memory.current)
        limit=$(((limit - used) / 1048576))
        ((limit < free_mb)) && free_mb=$limit
    fi
    local most=$((free_mb / 1024))
    ((most < 1)) && most=1
    echo $((cores < most ? cores : most))
}

# configure PRESET: once, and again when the presets changed or the tree moved.
configure() {
    local preset=$1 folder=$build/$1 home
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$folder/CMakeCache.txt" 2> /dev/null || true)
    [[ -n $home && $home != "$root" ]] && rm -rf "$folder"
    if [[ ! -f $folder/build.ninja || $root/CMakePresets.json -nt $folder/build.ninja ]]; then
        (cd "$root" && logged "configure-$preset" cmake --preset "$preset") || return 1
        touch "$folder/build.ninja"
    fi
}

# compile PRESET TARGET...: configures and builds; what the compiler says is in build/make-PRESET.log.
compile() {
    local preset=$1
    shift
    configure "$preset" || return 1
    logged "make-$preset" cmake --build "$build/$preset" -j "$(job_count)" --target "$@" -- -k 0
}

program=$build/release/cimarron

build_program() {
    need "${base_packages[@]}"
    [[ -x $program ]] || say "building; the first time takes a minute or two"
    compile release cimarron || exit 1
}

# --- verbs -----------------------------------------------------------------------------------

do_program() {
    build_program
    exec "$program" "$@"
}

do_build() {
    build_program
    echo "$program"
}

# Sums over all configurations of a test run.
passed=0 failed=0 skipped=0

# run_suites PRESET CTEST_ARGUMENT...: builds all and runs ctest; a build that fails is a failure.
run_suites() {
    local preset=$1 junit=$build/$1/ctest.xml total bad off lost started=$SECONDS
    shift
    echo "== $preset: building"
    if ! compile "$preset" all; then
        echo "FAILED: the $preset configuration does not build"
        failed=$((failed + 1))
        return
    fi
    echo "== $preset: testing ($((SECONDS - started)) s to build)"
    rm -f "$junit"
    ctest --test-dir "$build/$preset" -j "$(job_count)" --output-on-failure --no-tests=error \
        --output-junit "$junit" "$@" < /dev/null || true
    total=$(junit_count tests "$junit")
    # A test that skips says so with SKIP_RETURN_CODE; one whose program is not there has failed.
    off=$(grep -c '<skipped message="SKIP_' "$junit" 2> /dev/null || true)
    lost=$(($(junit_count skipped "$junit") + $(junit_count disabled "$junit") - ${off:-0}))
    bad=$(($(junit_count failures "$junit") + lost))
    if [[ $total -eq 0 ]]; then
        echo "FAILED: the $preset configuration ran no test"
        failed=$((failed + 1))
        return
    fi
    passed=$((passed + total - bad - off)) failed=$((failed + bad)) skipped=$((skipped + off))
    echo "== $preset: $((total - bad - off)) of $total passed, $((SECONDS - started)) s"
}

# junit_count NAME FILE: that attribute of the file's first testsuite; 0 without one.
junit_count() {
    local n
    n=$(sed -n "/<testsuite /,/>/ s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$2" 2> /dev/null | head -n 1)
    echo "${n:-0}"
}

do_test() {
    need "${base_packages[@]}"
    run_suites release
    run_suites asan --label-exclude '^(slow|once)$'
    local line="$passed passed, $failed failed"
    ((skipped > 0)) && line+=", $skipped skipped"
    echo "$line"
    ((failed == 0))
}

do_install() {
    local prefix=${1:-/usr/local}
    build_program
    mkdir -p "$prefix" 2> /dev/null || true
    if [[ -w $prefix ]]; then
        logged install cmake --install "$build/release" --prefix "$prefix" || exit 1
    else
        can_be_root || die "$prefix is not yours to write: ./cimarron.sh install PREFIX"
        logged install as_root cmake --install "$build/release" --prefix "$prefix" || exit 1
    fi
    say "installed $prefix/bin/cimarron"
}

do_clean() { rm -rf "$build"; }

# The longer verbs stand beside the tests.
# shellcheck source=tests/shell/lint.sh
do_lint() { . "$root/tests/shell/lint.sh" && lint "$@"; }
# shellcheck source=tests/fuzz/fuzz.sh
do_fuzz() { . "$root/tests/fuzz/fuzz.sh" && fuzz "$@"; }
# shellcheck source=tests/bench/bench.sh
do_bench() { . "$root/tests/bench/bench.sh" && bench "$@"; }
# shellcheck source=tests/shell/coverage.sh
do_coverage() { . "$root/tests/shell/coverage.sh" && coverage "$@"; }

# is_command WORD: whether the program has it, alone or as the first of two words.
is_command() { grep -Eqs "^COMMAND\\($1[_)]" "$root/core/app/commands.def"; }

main() {
    local verb=${1:-}
    [[ $# -gt 0 ]] && shift
    case $verb in
        build | test | lint | fuzz | bench | coverage | install | clean) "do_$verb" "$@" ;;
        help | -h | --help) usage ;;
        '')
            usage >&2
            exit 2
            ;;
        *)
            if is_command "$verb"; then
                do_program "$verb" "$@"
            fi
            say "no verb '$verb'"
            usage >&2
            exit 2
            ;;
    esac
}

main "$@"
