#!/usr/bin/env bash
# What cimarron.sh promises before anything is built: run on a copy in a path with spaces, with
# stand-ins for dpkg-query, id, apt-get, cmake and sudo that write down how they were called.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree="$work/a tree" calls="$work/calls" tools="$work/tools"
mkdir -p "$tree/core/app" "$tree/tests" "$tools"
cp cimarron.sh "$tree"
cp core/app/commands.def "$tree/core/app"

# tool NAME BODY: a stand-in.
tool() {
    printf '#!/bin/sh\n%s\n' "$2" > "$tools/$1"
    chmod +x "$tools/$1"
}
note="echo \"\$(basename \"\$0\") \$*\" >> '$calls'"
everything_installed() { tool dpkg-query 'echo installed'; }
nothing_installed() { tool dpkg-query 'exit 1'; }
nobody() { tool id 'echo 1000'; }
somebody_root() { tool id 'echo 0'; }
no_sudo() { tool sudo 'exit 1'; }
# cmake stand-in: "builds" a program that prints its arguments and folder.
tool cmake "$note
echo noise of cmake
mkdir -p '$tree/build/release'
: > '$tree/build/release/build.ninja'
printf '#!/bin/sh\necho \"program \$*\"\npwd\n' > '$tree/build/release/cimarron'
chmod +x '$tree/build/release/cimarron'"
tool apt-get "$note; echo noise of apt"

# script ARGUMENT...: runs the copy from another folder; sets out, err, status.
script() {
    status=0
    : > "$calls"
    (cd "$work" && PATH="$tools:$PATH" "$tree/cimarron.sh" "$@") > "$work/out" 2> "$work/err" \
        < /dev/null || status=$?
    out=$(cat "$work/out") err=$(cat "$work/err")
}

cases=0 failed=0
holds() {
    cases=$((cases + 1))
    local what=$1
    shift
    if ! "$@"; then
        echo "FAILED: $what; status $status, stdout '$out', stderr '$err', calls: $(cat "$calls")" >&2
        failed=$((failed + 1))
    fi
}
has() { [[ $1 == *"$2"* ]]; }
lacks() { [[ $1 != *"$2"* ]]; }
called() { grep -q -- "$1" "$calls"; }
not_called() { ! called "$1"; }

everything_installed && nobody && no_sudo
script
holds "no verb is a mistake of the user" test "$status" -eq 2
holds "and shows the usage on stderr" has "$err" "usage: ./cimarron.sh"
script help
holds "help goes to stdout" has "$out" "usage: ./cimarron.sh"
holds "help ends well" test "$status" -eq 0
script tset
holds "an unknown verb is a mistake of the user" test "$status" -eq 2
holds "an unknown verb builds nothing" not_called cmake

script demo --no-html "two words"
holds "demo passes its arguments on" has "$out" "program demo --no-html two words"
holds "demo runs where the caller stands" has "$out" "$work"
holds "nothing but the program prints on stdout" lacks "$out" "noise"
holds "with all installed apt is left alone" not_called apt-get
script trace check x.jsonl.gz
holds "commands of the program are verbs" has "$out" "program trace check x.jsonl.gz"
script build
holds "a moved or fresh tree is configured once" not_called "cmake --preset"

rm -rf "$tree/build"
nothing_installed
script demo
holds "without root and sudo the script stops" test "$status" -eq 1
holds "and names what is missing" has "$err" "apt-get install ninja-build pkg-config libsystemc-dev"
holds "and runs nothing" not_called apt-get
tool sudo "$note; case \$1 in -n) shift;; esac; exec \"\$@\""
script demo
holds "with sudo it installs through sudo" called "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get"
somebody_root
script demo
holds "root installs what is missing" called "apt-get .*install -y .*libsystemc-dev"
holds "root needs no sudo" not_called sudo
holds "what apt says stays out of stdout" lacks "$out" "noise"
tool apt-get 'echo no network; exit 100'
rm -rf "$tree/build"
script demo
holds "an install that fails stops the script" test "$status" -eq 1
holds "and its log is shown" has "$err" "no network"

# One passed, one skipped, one failed, one without its program, in each of two configurations.
everything_installed
# shellcheck disable=SC2016  # the stand-in expands it
tool ctest 'while [ "$1" != --output-junit ]; do shift; done
cat > "$2" << END
<testsuite name="(empty)"
	tests="4"
	failures="1"
	disabled="0"
	skipped="2"
	>
	<testcase name="a" status="run"><system-out>says tests="99"</system-out></testcase>
	<testcase name="b" status="notrun">
		<skipped message="SKIP_RETURN_CODE=77"/>
	<testcase name="c" status="fail">
	<testcase name="d" status="notrun">
		<skipped message="Unable to find executable"/>
END
exit 8'
mkdir -p "$tree/build/asan"
script test
holds "the last line sums all configurations" \
    test "$(tail -n 1 "$work/out")" = "2 passed, 4 failed, 2 skipped"
holds "a failed test fails the run" test "$status" -ne 0

tool cmake 'echo compiler says no; exit 1'
rm -rf "$tree/build"
script demo
holds "a build that fails stops the script" test "$status" -eq 1
holds "and shows why" has "$err" "compiler says no"
holds "on stderr" lacks "$out" "compiler"
script test
holds "a configuration that does not build is a failed test" has "$out" "0 passed, 2 failed"
holds "and the exit status says so" test "$status" -ne 0

echo "$cases cases, $failed failed"
[[ $failed -eq 0 ]]
