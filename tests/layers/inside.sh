#!/usr/bin/env bash
# Nothing looks outside the tree: what a test judges by lies under tests/data or configs/study/data,
# so that every test runs in a bare clone, and none says that it skips.
set -euo pipefail

failed=0

# none WHAT PATTERN: no source or script has a line like this.
none() {
    local lines
    lines=$(grep -rnE --include='*.c' --include='*.h' --include='*.cpp' --include='*.hpp' \
        --include='*.sh' --include='*.cmake' --include='CMakeLists.txt' -e "$2" \
        CMakeLists.txt cimarron.sh cmake core memory noc chiplet traces tests || true)
    if [[ -n $lines ]]; then
        printf 'FAILED: %s\n%s\n' "$1" "$lines" >&2
        failed=1
    fi
}

none "a path that leads out of the tree" '"(\.\./[a-zA-Z_]|~/|/(mnt|opt|srv)/)'
none "a test that skips" 'printf\("(  )?[Ss][Kk][Ii][Pp]'
exit $failed
