#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What is written about causes is what the table of causes says; the pages on files and causes are sound and get installed.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
build=${SERVFAIL_BUILD:-build}
scratch=$(mktemp -d) || exit 3
trap 'rm -rf "$scratch"' EXIT

ok "README and servfail-causes(7) agree with the table of causes" tools/gen-causes --check

# out_of_date SED-SCRIPT FILE: gen-causes notices when that one of its three files is changed like that
out_of_date() {
	cp tests/data/causes.tsv results/servfail-causes.7 README.md "$scratch/"
	sed -i "$1" "$scratch/$2"
	! cmp -s "$scratch/$2" "$3" || return 1
	tools/gen-causes --check "$scratch/causes.tsv" "$scratch/servfail-causes.7" "$scratch/README.md"
	[ $? = 1 ]
}
ok "another meaning is noticed" out_of_date 's/too early/too late/' causes.tsv tests/data/causes.tsv
ok "a cause more is noticed" out_of_date '$a zone\tzone-too-large\tit is too large\tnone' causes.tsv tests/data/causes.tsv
ok "an edit of the page is noticed" out_of_date 's/^\.It Sy ns-slow$/.It Sy ns-lazy/' servfail-causes.7 results/servfail-causes.7
ok "an edit of README's table is noticed" out_of_date '/^| `ns-slow`/d' README.md README.md

repaired() { # what gen-causes writes is what it checks
	tools/gen-causes "$scratch/causes.tsv" "$scratch/servfail-causes.7" "$scratch/README.md" &&
		tools/gen-causes --check "$scratch/causes.tsv" "$scratch/servfail-causes.7" "$scratch/README.md" &&
		cmp "$scratch/README.md" README.md
}
ok "gen-causes mends that" repaired

if command -v mandoc >/dev/null; then
	for page in results/*.[57]; do
		ok "$page is sound mdoc" mandoc -T lint -W warning "$page"
	done
else
	skip "the pages are sound mdoc" "mandoc is not installed"
fi

installed() {
	make --no-print-directory B="$build" install PREFIX=/usr DESTDIR="$scratch/root" &&
		test -x "$scratch/root/usr/bin/servfail-scan" -a -x "$scratch/root/usr/bin/servfail-aggregate" || return 1
	for page in scanner/*.1 results/*.[157] tools/*.1; do
		cmp "$page" "$scratch/root/usr/share/man/man${page##*.}/${page##*/}" || return 1
	done
}
ok "make install puts programs and pages in their places" installed
for program in servfail-scan servfail-aggregate servfail-night; do
	like "$("$scratch/root/usr/bin/$program" --version)" "^$program [0-9]+\.[0-9]+" "$program runs from there"
done
done_testing
