#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The manual pages tell the options there are, and tools/check-man would notice if they did not.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
build=${SERVFAIL_BUILD:-build}
scratch=$(mktemp -d) || exit 3
trap 'rm -rf "$scratch"' EXIT
scan=$build/servfail-scan
page=scanner/servfail-scan.1

refused() { # SED-SCRIPT: check-man does not like the page changed like that
	sed "$1" "$page" >"$scratch/page"
	tools/check-man "$scan" "$scratch/page"
	[ $? = 1 ]
}

ok "servfail-scan(1) tells the options of --help" tools/check-man "$scan" "$page"
ok "an option too many is noticed" refused 's/Fl Fl rate Ar qps/Fl Fl pace Ar qps/'
ok "another default is noticed" refused 's/^Default: 2000\.$/Default: 2001./'
ok "another letter is noticed" refused 's/^\.It Fl o ,/.It Fl O ,/'
ok "an argument too many is noticed" refused 's/^\.It Fl Fl dry-run$/& Ar n/'
ok "servfail-night(1) tells the options of --help" tools/check-man tools/slurm/servfail-night tools/servfail-night.1
for program in tools/slurm/servfail-night tools/nightly/servfail-nightly; do
	page=$(ls tools/"${program##*/}".1 "$program".8 2>/dev/null)
	ok "${page##*/} tells the options of --help" tools/check-man "$program" "$page"
done
for program in "$scan" "$build/servfail-aggregate" tools/servfail-lab tools/slurm/servfail-night tools/nightly/servfail-nightly; do
	for option in --help --version; do
		said=$("$program" $option 2>&1 >/dev/full)
		like "$? ${said//$'\n'/ and }" "^3 ${program##*/}: standard output(: No space left on device| cannot be written)$" \
			"${program##*/} $option: what cannot be written is said"
	done
done
if command -v mandoc >/dev/null; then
	for page in scanner/*.1 results/*.1 tools/*.1 tools/*/*.8; do
		[ ! -e "$page" ] || ok "$page is sound mdoc" mandoc -T lint -W warning "$page"
	done
fi
done_testing
