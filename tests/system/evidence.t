#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The evidence that servfail-scan gathers states the true cause of every broken case of the lab, at the zone where it lies, and
# accuses nobody in the good ones.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
export SERVFAIL_BUILD=${SERVFAIL_BUILD:-build}
export SERVFAIL_LAB_DIR=${SERVFAIL_BUILD}/check/evidence.t
lab=$PWD/tools/servfail-lab
work=$(realpath -m "$SERVFAIL_LAB_DIR")
[[ $SERVFAIL_BUILD == /* ]] || SERVFAIL_BUILD=$PWD/$SERVFAIL_BUILD SERVFAIL_LAB_DIR=$work
scratch=$(mktemp -d) || exit 3
trap '"$lab" down 2>/dev/null; rm -rf "$scratch"' EXIT

# Where chance decides what is seen (and the judge has other means), or nothing can be seen from here, or is looked for only
# where a resolver fails (the one below does not).
by_chance='^(case-drop|loss-80|rate-limited|drop-first-3|flapping|recovering|strangers-only)\.lab$'
# Good at resolvers, with a defect that is to be seen all the same.
defects='^(lame-other-root-unsigned|resolvers-only|recovering|flapping|lame-noaa|ns-in-bogus-zone)\.lab$'

if ! ok "the lab is up" "$lab" up; then
	done_testing
fi

# Each QTYPE is a scan, all at once. One quick resolver will do: --evidence all asks about every name.
cases=$work/cases.tsv
awk -F'\t' '!/^#/ && $1 != "-" && $1 != "name" { print $2 }' "$cases" | sort -u >"$scratch/types"
echo 5.53.9.2 >"$scratch/resolvers"
while read -r type; do
	awk -F'\t' -v type="$type" '!/^#/ && $1 != "-" && $2 == type { print $1 }' "$cases" | sort -u >"$scratch/names-$type"
	"$lab" run "$SERVFAIL_BUILD/servfail-scan" -q -t "$type" -r "$scratch/resolvers" --controls none --evidence all --recheck 0 \
		--pairs failed --timeout 2 --tries 1 --root-hints "$work/root.hints" --trust-anchor "$work/trust-anchor.ds" \
		-o "$scratch/run-$type" "$scratch/names-$type" >"$scratch/said-$type" 2>&1 &
	echo $! >"$scratch/pid-$type"
done <"$scratch/types"
while read -r type; do
	wait "$(<"$scratch/pid-$type")"
	is "$? $(<"$scratch/said-$type")" "0 " "scan of $(wc -l <"$scratch/names-$type") names for $type"
done <"$scratch/types"

# Who is never to be asked is not asked, and is not called broken.
printf '%s\n' 5.53.2.11 2a00:53:2::/64 >"$scratch/exclude"
echo rrsig-exp-all.lab >"$scratch/names"
ok "scan with name servers excluded" "$lab" run "$SERVFAIL_BUILD/servfail-scan" -q -r "$scratch/resolvers" --controls none \
	--evidence all --recheck 0 --exclude "$scratch/exclude" --root-hints "$work/root.hints" \
	--trust-anchor "$work/trust-anchor.ds" -o "$scratch/run-excluded" "$scratch/names"
zcat "$scratch/run-excluded"/evidence-*.csv.gz >"$scratch/rows"
is "$(awk -F, '$9 == "5.53.2.11" || $9 ~ /^2a00:53:2:/ { print $10, $11, $15, $17 }' "$scratch/rows" | sort | uniq -c | xargs)" \
	"2 0 excluded" "its addresses have a row each, and nothing was sent"
is "$(awk -F, '$5 == "budget" { print $4, $17, $18 $19 }' "$scratch/rows")" \
	'rrsig-exp-all.lab excluded "never to be asked: 5.53.2.11 2a00:53:2::11"' "a row says that they are spared"
is "$(awk -F, '$5 == "conclusion" && $10 == "" { print $17 }' "$scratch/rows")" excluded "and nothing is concluded about them"
ok "its verdict" "$SERVFAIL_BUILD/servfail-aggregate" -q -o "$scratch/report" "$scratch/run-excluded"
is "$(zcat "$scratch/report/verdicts.csv.gz" | tail -n +2 | cut -d, -f1,5,7)" "rrsig-exp-all.lab,rrsig-expired,likely" \
	"what a resolver hands out is judged, and not for certain"
# name, qtype, zone, probe, address, finding; no comma can be in any of these
zcat "$scratch"/run-[A-Z]*/evidence-*.csv.gz | grep -v '^time,' | awk -F, -v OFS=, '{ print $2, $3, $4, $5, $9, $17 }' >"$scratch/rows"

# stated NAME TYPE CAUSE AT: some row says so
stated() {
	local finding=$3
	case $3 in
	ns-error) finding='(ns-error|type-fails)' ;; # causes are of zones; here a type of it
	parent-ds-invalid) finding='(parent-ds-invalid|ds-query-fails)' ;; # the latter where a referral still brings it
	cname-chain-too-long) finding='cname-chain-(too-long|long)' ;; # how long is too long is the resolver's affair
	ns-name-unresolvable) # its zone is at fault, the row is of the name
		grep -q "^$1,$2,$4,path,,ns-zone\$" "$scratch/rows" && grep -Eq "^$1,$2,.*,$finding\$" "$scratch/rows"
		return
		;;
	esac
	grep -Eq "^$1,$2,$4,[^,]*,[^,]*,$finding\$" "$scratch/rows"
}

while IFS=$'\t' read -r name type status category cause at how _; do
	[[ $name == \#* || $name == - || $name == name || $status == ok || $name =~ $by_chance ]] && continue
	[[ $category =~ ^(dnssec|unreachable|delegation|zone|network)$ ]] || continue
	[ "$at" = = ] && at=$name
	ok "$name $type: $cause ($how)" stated "$name" "$type" "$cause" "$at"
done <"$cases"

# clean NAME TYPE: no conclusion but good ones, and no link that is broken
clean() {
	! grep -E "^$1,$2,[^,]*,(conclusion|chain)," "$scratch/rows" |
		grep -Ev ',(ok|some-fail|cname-chain-long|secure|insecure|indeterminate)$'
}

while IFS=$'\t' read -r name type status _; do
	[[ $name == \#* || $name == - || $status != ok || $name =~ $defects ]] && continue
	ok "$name $type: nobody is accused" clean "$name" "$type"
done <"$cases"
done_testing
