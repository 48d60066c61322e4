#!/usr/bin/env bash
# Both commands on a fresh Debian 12: a root made by debootstrap with git, gcc, g++ and cmake only,
# a clone of HEAD in it, under a path with a space, then ./cimarron.sh demo and test.
# By hand, as root: it downloads a few hundred MB.  Needs debootstrap and git.
# usage: fresh.sh [WORK_FOLDER]      (default: a new folder under /tmp, kept when something fails; a
# folder given again is used as it stands, packages and all, and so is no longer fresh)
set -euo pipefail

top=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
work=${1:-$(mktemp -d /tmp/cimarron-fresh.XXXXXX)}
image=$work/root
place="/home/new comer"

[[ $(id -u) -eq 0 ]] || { echo "fresh.sh needs root (debootstrap, chroot)" >&2; exit 1; }
command -v debootstrap > /dev/null || { echo "apt-get install debootstrap" >&2; exit 1; }
mkdir -p "$work"

say() { printf '== %s\n' "$*"; }

unmount() {
    ! mountpoint -q "$image/proc" || umount "$image/proc"
}
trap unmount EXIT

# The host's way to a mirror: its Debian mirror, proxies, certificates and names.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null |
        sed -n -E 's/^(URIs:|deb( \[[^]]*\])?) +(https?:[^ ]*\/debian)\/? ?.*/\3/p' | head -n 1 || true
}

share_network() {
    cp -L /etc/resolv.conf /etc/hosts "$image/etc/"
    local file
    for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
        if [[ -f $file ]] && grep -qi -e proxy -e Acquire "$file"; then
            cp "$file" "$image/etc/apt/apt.conf.d/"
        fi
    done
    if [[ -d /usr/local/share/ca-certificates ]]; then
        mkdir -p "$image/usr/local/share"
        cp -r /usr/local/share/ca-certificates "$image/usr/local/share/"
    fi
}

make_image() {
    local from
    from=$(mirror)
    say "debootstrap bookworm from ${from:=http://deb.debian.org/debian}"
    debootstrap --variant=minbase --include=ca-certificates,git,gcc,g++,cmake \
        bookworm "$image" "$from" > "$work/debootstrap.log" 2>&1 || {
        tail -n 20 "$work/debootstrap.log" >&2
        exit 1
    }
    rm -rf "$image"/var/lib/apt/lists/* # as a machine that never ran apt-get update
}

# inside COMMAND: in the image, with an environment of its own (proxies of the host aside).
inside() {
    chroot "$image" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        /bin/sh -c "$1" < /dev/null
}

# timed NAME COMMAND: its wall time; output in WORK/NAME.out and .err.
timed() {
    local from=$SECONDS status=0
    say "$1: $2"
    inside "$2" > "$work/$1.out" 2> "$work/$1.err" || status=$?
    say "$1: exit $status after $((SECONDS - from)) s"
    if ((status != 0)); then
        tail -n 40 "$work/$1.out" "$work/$1.err" >&2
        exit 1
    fi
}

[[ -d $image/usr ]] || make_image
share_network
unmount
mount -t proc proc "$image/proc"
mkdir -p "$image$place"
rm -rf "${image:?}$place/cimarron"
git clone -q --no-local --no-hardlinks "$top" "$image$place/cimarron"
say "commit $(git -C "$image$place/cimarron" log -1 --format='%h %s')"

timed demo "cd / && '$place/cimarron/cimarron.sh' demo"
cat "$work/demo.out"
timed demo-again "'$place/cimarron/cimarron.sh' demo"
cmp "$work/demo.out" "$work/demo-again.out" && say "the second demo prints the same"
timed test "'$place/cimarron/.ci/run'"
tail -n 1 "$work/test.out"
unmount
[[ $# -gt 0 ]] || rm -rf --one-file-system "$work"
