#!/usr/bin/env bash
# The program is built so that a mistake in it ends it rather than serves an attacker: position
# independent, its tables read-only, its stack guarded, its copies bounded, its asserts on.
# usage: hardened.sh CONFIGURATION PROGRAM LIBRARY...    each LIBRARY keeps its asserts
set -euo pipefail
configuration=$1 program=$2
shift 2

failed=0
holds() {
    local what=$1
    shift
    "$@" || {
        echo "FAILED: $what" >&2
        failed=1
    }
}
has() { grep -Eq -- "$2" <<< "$1"; }
lacks() { ! has "$@"; }

shape=$(LC_ALL=C readelf -hlW "$program") dynamic=$(LC_ALL=C readelf -dW "$program")
calls=$(LC_ALL=C readelf --dyn-syms -W "$program")
holds "the program is position independent" has "$shape" 'Type: +DYN'
holds "what is relocated becomes read-only" has "$shape" 'GNU_RELRO'
holds "every symbol is bound before main" has "$dynamic" 'FLAGS_1.* NOW'
holds "no page of the stack is executable" lacks "$shape" 'GNU_STACK.* RWE '
holds "no text is relocated" lacks "$dynamic" 'TEXTREL'
holds "the stack is guarded" has "$calls" '__stack_chk_fail'
[[ $configuration == Debug ]] || # fortified calls need an optimiser
    holds "copies and prints are bounded" has "$calls" '__(memcpy|snprintf|vsnprintf)_chk'
for library in "$@"; do
    holds "${library##*/} keeps its asserts" has "$(LC_ALL=C nm "$library")" ' U __assert_fail$'
done
((failed == 0))
