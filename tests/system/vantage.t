#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What stands in for servers. From where no name server can be reached, only resolvers: DNSSEC's causes are named all the same,
# out of what resolvers hand out with CD=1; none of reachability is more than a hint; and nobody waits long for it. With a zone
# file: the parent's servers are not asked for what it says.
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

# Whether a server knows no DNSSEC, or holds signatures back, or what is large does not get through, does not show through a
# resolver: what is missing does, and where no signed keys are, it is a guess.
keyless='^(dnskey-(servfail|refused|notimp|empty)|no-rrsig-dnskey|rrsig-no-all)\.lab$'
strips='^(strip-rrsig|strip-two|kid\.strip-parent|no-rrsig-dnskey-nsd|nx\.(no-)?nsec3param-[a-z0-9]*-bind)\.lab$'
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
		like "$said" "^$name,dnssec,(rrsig-missing|dnskey-not-signed),$at,guess\$" "$name: $cause looks like missing signatures"
	elif [[ $name =~ $keyless ]]; then
		is "$said" "$name,dnssec,$cause,$at,guess" "$name: $cause, by a guess ($how)"
	elif [ "$category" = dnssec ]; then
		like "$said" "^$name,dnssec,$cause,$at,likely\$" "$name: $cause ($how)"
	else
		like "$said" ",(guess|likely)\$" "$name: whatever it is, nobody is certain"
	fi
done <"$work/cases.tsv"
is "$(grep -c ',certain$' "$scratch/verdicts")" 0 "nothing that only resolvers told is certain"

# ---- a TLD's zone file, as registries hand it out: absolute names, tabs, lower case, sorted, in gzip
sorted() {
	awk -v OFS='\t' '{
		owner = tolower($1); ttl = $2; class = tolower($3); type = tolower($4)
		$1 = $2 = $3 = $4 = ""
		sub(/^[ \t]+/, "")
		print owner, ttl, class, type, $0
	}' "$1" | LC_ALL=C sort -s -t $'\t' -k1,1
}
# What is delegated below lab and fails, but for what takes long; with the glue, DS and signatures of all.
zone=$scratch/lab.zone.gz
awk -F'\t' '!/^#/ && $2 == "A" && $3 == "failing" && $1 ~ /^[^.]+[.]lab$/ && ($4 == "dnssec" || $5 ~ /^ns-(refused|name|glue-missing|loop|address)/) &&
	$1 !~ /drop|trap|parent|dead/ { print $1 }' "$work/cases.tsv" | sort -u >"$scratch/delegated"
sorted "$work/zones/lab.zone" | awk -F'\t' '
	FILENAME != "-" { wanted[$1 "."] = 1; next }
	$4 != "ns" && $4 != "ds" && $4 != "soa" || $1 == "lab." || $1 in wanted' "$scratch/delegated" - | gzip >"$zone"
scan() { # FOLDER OPTION...
	local folder=$1
	shift
	"$lab" run "$SERVFAIL_BUILD/servfail-scan" -q -r "$scratch/resolvers" --controls "$work/controls.txt" --recheck 0 --rate 0 \
		--resolver-rate 0 --root-hints "$work/root.hints" --trust-anchor "$work/trust-anchor.ds" --zone -o "$folder" "$@"
}
ok "a scan of $(wc -l <"$scratch/delegated") names out of a zone file" scan "$scratch/zone" "$zone"
ok "its verdicts" "$SERVFAIL_BUILD/servfail-aggregate" -q -o "$scratch/zone-report" "$scratch/zone"
zcat "$scratch/zone-report/verdicts.csv.gz" | tail -n +2 | cut -d, -f1,4-7 | sort >"$scratch/verdicts"
is "$(cut -d, -f1 "$scratch/verdicts" | paste -sd ' ')" "$(paste -sd ' ' "$scratch/delegated")" "of each name there is one"
awk -F'\t' -v OFS=, 'FILENAME != ARGV[1] { at = $6; if (at == "=") at = $1; if ($1 in wanted && $2 == "A") print $1, $4, $5, at; next }
	{ wanted[$1] = 1 }' "$scratch/delegated" "$work/cases.tsv" | sort >"$scratch/truth"
is "$(cut -d, -f1-4 "$scratch/verdicts")" "$(cat "$scratch/truth")" "every cause is the true one"
ok "most are certain" [ "$(grep -c ',certain$' "$scratch/verdicts")" -ge $(($(wc -l <"$scratch/truth") * 8 / 10)) ]
zcat "$scratch/zone"/evidence-*.csv.gz | tail -n +2 >"$scratch/evidence"
is "$(grep ',delegation,' "$scratch/evidence" | cut -d, -f4,10 | grep -v '^lab,udp$' | cut -d, -f2 | grep -v '^$' | sort -u | paste -sd ' ')" \
	"resolver zone-file" "delegations are those of the file, and resolvers say whether its DS are still those of today"
is "$(cut -d, -f9 "$scratch/evidence" | grep -c '^5.53.1.[12]$')" 0 \
	"no server of lab is asked about any of them"

# A file of yesterday: the DS in it is not the one of today.
zcat "$zone" | sed '/^rrsig-exp-all[.]lab[.].*\tds\t/s/[0-9A-Fa-f]\{16\}$/0123456789ABCDEF/' | grep '^rrsig-exp-all[.]lab[.]\|^lab[.]\|^ns[0-9]*[.]rrsig-exp-all[.]lab[.]' >"$scratch/old.zone"
ok "a scan of a name with another DS in the zone file" scan "$scratch/old" "$scratch/old.zone"
ok "its verdict" "$SERVFAIL_BUILD/servfail-aggregate" -q -o "$scratch/old-report" "$scratch/old"
is "$(zcat "$scratch/old-report/verdicts.csv.gz" | tail -n +2 | cut -d, -f1,5,6)" rrsig-exp-all.lab,rrsig-expired,rrsig-exp-all.lab \
	"is what is wrong today"
ok "for the file's DS are none of today's" grep -q ',delegation,.*,resolver,.*,ds-differs,' <(zcat "$scratch/old"/evidence-*.csv.gz)
done_testing
