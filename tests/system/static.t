#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The quick one of the static analysers has nothing to say: make check-static asks all of them.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash

if ! command -v cppcheck >/dev/null; then
	echo "1..0 # SKIP cppcheck is not installed"
	exit 0
fi
is "$(tests/analysis/static --quick)" "cppcheck: 0 findings" "cppcheck has nothing to say"
done_testing
