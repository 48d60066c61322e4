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
for text in LICENSE NOTICE; do
    cmp -s "$text" "$prefix/share/doc/cimarron/$text" || fail "$text is not installed"
done

# What is shipped of others, and what a page inlines, stands in the NOTICE.
for data in configs/study/data/*.csv; do
    grep -q -- "${data##*/}" NOTICE || fail "NOTICE does not name $data"
done
for sample in traces/samples/*.gz; do
    name=${sample##*/}
    grep -Eq -- "(^|[ ,])(${name%.jsonl.gz}|${name%%[0-9_]*})[ ,:]" NOTICE || fail "NOTICE does not name $sample"
done
license=$(grep -o -m 1 'Chart.js v[0-9.]*' /usr/share/javascript/chart.js/chart.min.js || true)
[[ -z $license ]] || grep -qF "${license/ v/ }" NOTICE || fail "NOTICE has another version than $license"

# Names that only the installed share has: it is what the program reads.
cp "$prefix/share/cimarron/configs/noc/mesh_5nm.cfg" \
    "$prefix/share/cimarron/configs/noc/only_installed.cfg"
cd "$work"
"$prefix/bin/cimarron" check only_installed > out 2>&1 ||
    fail "the installed program does not read its own share: $(cat out)"

# What reads more than one config: tables, data of published chips, a run.
works() { "$prefix/bin/cimarron" "$@" > out 2>&1 || fail "installed, '$*' ends with $?: $(cat out)"; }
works list
works compare founding_table --format csv
works fit digital
works validate silicon --only jia_2020
works peak h100_pcie
works run dcim_5nm squeezenet --gpu none
rm "$prefix/share/cimarron/configs/noc/mesh_5nm.cfg"
if "$prefix/bin/cimarron" check mesh_5nm > out 2>&1; then
    fail "the installed program reads configs from elsewhere"
fi
if "$prefix/bin/cimarron" check no_such_name > out 2>&1; then
    fail "check passes a name that does not exist"
fi
[[ -s out ]] || fail "a name that does not exist is refused without a word"
