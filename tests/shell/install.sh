#!/usr/bin/env bash
# An installed program finds its configs and traces under PREFIX/share/cimarron, from any folder.
# usage: install.sh BUILD_FOLDER      from the top of the tree
set -euo pipefail
folder=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/a prefix"
unset CIMARRON_HOME
cmake --install "$folder" --prefix "$prefix" > "$work/log" || { cat "$work/log" >&2; exit 1; }

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

same() { diff -r "$1" "$prefix/share/cimarron/$1" > /dev/null || fail "$1 is not installed whole"; }
same configs
same traces/samples

# Names that only the installed share has: it is what the program reads.
cp "$prefix/share/cimarron/configs/gpu/a100_sxm.cfg" \
    "$prefix/share/cimarron/configs/gpu/only_installed.cfg"
cd "$work"
"$prefix/bin/cimarron" check only_installed > out 2>&1 ||
    fail "the installed program does not read its own share: $(cat out)"
rm "$prefix/share/cimarron/configs/gpu/a100_sxm.cfg"
if "$prefix/bin/cimarron" check a100_sxm > out 2>&1; then
    fail "the installed program reads configs from elsewhere"
fi
if "$prefix/bin/cimarron" check no_such_name > out 2>&1; then
    fail "check passes a name that does not exist"
fi
[[ -s out ]] || fail "a name that does not exist is refused without a word"
