#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A few of the places at which calls can fail; make check-faults goes through all of them.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
as_root=-r
[ "$(id -u)" != 0 ] || as_root=
if ! unshare -n $as_root true 2>/dev/null; then
	echo "1..0 # SKIP no network namespaces here"
	exit 0
fi
said=$(tests/faults/run --sample 200 "${SERVFAIL_BUILD:-build}" 2>&1)
is "$?" 0 "calls fail" || sed 's/^/# /' <<<"$said"
like "$said" "faults: [0-9]+ points, [1-9][0-9]* survived, 0 failed" "and whatever fails, all is well in the end"
done_testing
