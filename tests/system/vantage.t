#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# From where no name server can be reached, only resolvers: DNSSEC's causes are named all the same, out of what resolvers hand
# out with CD=1; none of reachability is more than a hint; and nobody waits long for it.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
export SERVFAIL_BUILD=${SERVFAIL_BUILD:-build}
export SERVFAIL_LAB_DIR=${SERVFAIL_BUILD}/check/vantage.t
lab=$PWD/tools/servfail-lab
work=$(realpath -m "$SERVFAIL_LAB_DIR")
[[ $SERVFAIL_BUILD == /* ]] || SERVFAIL_BUILD=$PWD/$SERVFAIL_BUILD SERVFAIL_LAB_DIR=$work
scratch=$(mktemp -d) || exit 3
trap '"$lab" down 2>/dev/null; rm -rf "$scratch"' EXIT

# Whether a server knows no DNSSEC does not show through a resolver, which knows it: what is missing does.
strips='^(strip-rrsig|strip-two|kid\.strip-parent)\.lab$'
slow='^dnskey-drop[.]lab$' # each resolver waits for it again and again

if ! ok "the lab is up" "$lab" up; then
	done_testing
fi

# Root servers that nobody answers at, over IPv4 and IPv6.
printf '%s\n' '. NS a.dead.' '. NS b.dead.' 'a.dead. A 5.53.4.7' 'a.dead. AAAA 2a00:53:4::7' 'b.dead. A 5.53.4.8' >"$scratch/hints"
printf '5.53.9.1\n5.53.9.2\n' >"$scratch/resolvers"
awk -F'\t' -v slow="$slow" '!/^#/ && $1 != "-" && $2 == "A" && $1 !~ slow && ($4 == "dnssec" || $5 ~ /^ns-(refused|error)$|zone-not-loaded/) {
	print $1 }' "$work/cases.tsv" | sort -u >"$scratch/names"

started=$SECONDS
"$lab" run "$SERVFAIL_BUILD/servfail-scan" -q -r "$scratch/resolvers" --controls "$work/controls.txt" --recheck 0 --rate 0 --resolver-rate 0 \
	--root-hints "$scratch/hints" --trust-anchor "$work/trust-anchor.ds" -o "$scratch/run" "$scratch/names" 2>"$scratch/err"
is $? 0 "a scan without a way to the root servers is none that failed"
took=$((SECONDS - started))
ok "it takes less than a minute: $took s" [ "$took" -lt 60 ]
is "$(grep -c 'root servers cannot be reached' "$scratch/err")" 1 "one line says so"
is "$(wc -l <"$scratch/err")" 1 "and nothing else"
ok "its verdicts" "$SERVFAIL_BUILD/servfail-aggregate" -q -o "$scratch/report" "$scratch/run"

zcat "$scratch/run"/evidence-*.csv.gz | tail -n +2 >"$scratch/evidence"
is "$(cut -d, -f10 "$scratch/evidence" | sort -u | paste -sd ' ')" " resolver" "nobody but resolvers is asked for evidence"
ok "which is said for each name" grep -q ',rrsig-exp-all.lab,A,.,budget,.*,no-path,the root servers cannot be reached from here' "$scratch/evidence"

# name, category, cause, at, confidence
zcat "$scratch/report/verdicts.csv.gz" | tail -n +2 | cut -d, -f1,4-7 >"$scratch/verdicts"
while IFS=$'\t' read -r name type status category cause at how _; do
	[[ $name == \#* || $name == - || $type != A || $status != failing || $name =~ $slow ]] && continue
	grep -qx "$name" "$scratch/names" || continue
	said=$(grep "^$name," "$scratch/verdicts")
	[ "$at" = = ] && at=$name
	if [[ $name =~ $strips ]]; then
		like "$said" "^$name,dnssec,(rrsig-missing|dnskey-not-signed),$at,likely\$" "$name: $cause looks like missing signatures"
	elif [ "$category" = dnssec ]; then
		like "$said" "^$name,dnssec,$cause,$at,(certain|likely)\$" "$name: $cause ($how)"
	else
		like "$said" ",(guess|likely)\$" "$name: whatever it is, nobody is certain"
	fi
done <"$work/cases.tsv"
ok "what dates prove is certain" [ "$(grep -c ',dnssec,rrsig-[a-z-]*,.*,certain$' "$scratch/verdicts")" -ge 10 ]
is "$(grep ',certain$' "$scratch/verdicts" | cut -d, -f3 | sort -u | paste -sd ' ')" "parent-ds-invalid rrsig-expired rrsig-not-yet-valid" \
	"and nothing else is"
done_testing
