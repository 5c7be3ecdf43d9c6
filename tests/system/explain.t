#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# servfail-scan --explain: what it says of a name is the bulk scan's verdict, with all that it rests on; what it must not be
# asked is refused; and nothing of it is left behind.
#
# Usage: tests/system/explain.t [--long]     --long: every case of the lab, each by itself, but for those that are partial: chance or the time decides about them
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
build=$(realpath -m "${SERVFAIL_BUILD:-build}")
export SERVFAIL_BUILD=$build SERVFAIL_LAB_DIR=$build/check/explain.t
lab=$PWD/tools/servfail-lab world=$SERVFAIL_LAB_DIR
scratch=$(mktemp -d) || exit 3
trap '"$lab" down 2>/dev/null; rm -rf "$scratch"' EXIT
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"

scan() {
	"$lab" run "$build/servfail-scan" -q -r "$world/resolvers.txt" --controls "$world/controls.txt" \
		--root-hints "$world/root.hints" --trust-anchor "$world/trust-anchor.ds" \
		--broken-on-purpose "$world/broken-on-purpose.txt" "$@" </dev/null
}

# ---- what is refused, without asking anybody: no network is there
refused() { # EXIT-STATUS REGEX OPTION...
	local want=$1 regex=$2 said status
	shift 2
	said=$(unshare -rn "$build/servfail-scan" "$@" 2>&1 </dev/null)
	status=$?
	like "$status $said" "^$want .*$regex" "exit status $want: $*"
}
refused 2 'which names' --explain
refused 2 "'not..a.name' is no name: empty label" --explain not..a.name
refused 2 'must be a directory' --explain -o - x.example
refused 2 'not together with --resume' --explain --resume -o "$scratch/run" x.example
refused 2 'not together with --zone' --explain --zone x.example
refused 2 'more than 100 names' --explain $(seq -f 'n%g.example' 101)
is "$(ls "$TMPDIR")" "" "nothing is left behind"

if ! ok "the lab is up" "$lab" up; then
	done_testing
fi

# The names: each kind of fault that all see at once, aliases, denials, names without fault.
sample="rrsig-exp-all.lab rrsig-not-yet-all.lab rrsig-no-all.lab no-zsk.lab ds-bad-tag.lab ds-bogus-digest-value.lab
	ds-unsigned-zone.lab dnskey-revoked-early.lab nx.nsec3-missing.lab kid.ds-sig-bad.lab rcode-refused.lab
	rcode-notauth.lab zone-load-fail.lab lame-other-root.lab ns-missing-glue.lab
	a.cname-loop.lab tc-tcp-refused.lab dnssec-failed.lab www.sub.alias.lab valid.lab unsigned.lab"
recheck="--recheck 3"
if [ "${1-}" = --long ]; then
	sample=$(awk -F '\t' '!/^#/ && $1 != "-" && NF >= 8 && $2 == "A" && $3 != "partial" && $4 != "transient" { print $1 }' tools/lab/cases.tsv) # not what chance or the time decides
	recheck=
fi
printf '%s\n' $sample >"$scratch/names"
like "$(wc -l <"$scratch/names")" '^([2-9][0-9]|[1-9][0-9][0-9]+)$' "there are enough names"

# ---- the bulk scan beside which each is explained
bulk() { scan $recheck -o "$scratch/bulk" "$scratch/names" && "$build/servfail-aggregate" -q -o "$scratch/report" "$scratch/bulk"; }
# told NAME: "status,cause,at,confidence" out of the explanation
told() {
	awk -v OFS=, '
	NR == 1 { status = tolower($3); sub(/[.:]/, "", status) }
	/^$/ { exit }
	$1 == "Cause" { cause = $2 }
	$1 == "Zone" { at = $2; sub(/,$/, "", at) }
	$1 == "How" { confidence = $3 == "a" ? "guess" : $3; sub(/:$/, "", confidence) }
	END { print status, cause, at, confidence }' "$scratch/explained/$1"
}
mkdir "$scratch/explained"
ok "all of them are scanned" bulk
export -f scan
export lab build world scratch
began=$SECONDS
xargs -P 12 -n 1 bash -c 'scan --explain "$0" >"$scratch/explained/$0" 2>"$scratch/explained/$0.err"; echo $? >"$scratch/explained/$0.status"' <"$scratch/names"
echo "# $((SECONDS - began)) s for $(wc -l <"$scratch/names") explanations"
while IFS=, read -r name status cause at confidence; do
	is "$(told "$name")" "$status,$cause,$at,$confidence" "$name: what is explained is the verdict of the bulk scan" ||
		sed 's/^/# /' "$scratch/explained/$name" "$scratch/explained/$name.err"
	[ "$(cat "$scratch/explained/$name.status")" = 0 ] || is "$(cat "$scratch/explained/$name.err")" "" "$name: exit status 0"
done < <(zcat "$scratch/report/verdicts.csv.gz" | python3 -c '
import csv, sys
for row in csv.DictReader(sys.stdin):
	print(row["name"], row["status"], row["cause"], row["at"], row["confidence"], sep=",")')
is "$(ls "$TMPDIR")" "" "nothing is left behind"

# ---- what it tells
says() { # NAME REGEX WHAT: the text on one line
	like "$(tr -s ' \n' '  ' <"$scratch/explained/$1")" "$2" "$1: $3"
}
says rrsig-exp-all.lab 'Proof RRSIG over DNSKEY of rrsig-exp-all\.lab .* expired 2.*Mend it re-sign' "what proves it, what mends it"
says rrsig-exp-all.lab '5\.53\.9\.1 \(validates, honours CD, sends EDE\) CD=0 SERVFAIL, .* EDE [67] \(.* CD=1 NOERROR, 2 records.*CD=0 once more: SERVFAIL' "what a resolver says"
says rrsig-exp-all.lab 'The way from the root \. trust secure: DS .* lab delegated to ns1\.lab ns2\.lab \(5\.53\.0\.[12] says so' "the way from the root"
says rrsig-exp-all.lab 'rrsig-exp-all\.lab delegated to [^ ]+ .* trust rrsig-expired: RRSIG over DNSKEY' "the link of the chain that breaks"
says rcode-refused.lab 'name servers of rcode-refused\.lab .*5\.53\.3\.[0-9]+ rcode-refused\.lab A over udp: REFUSED.*All in all: ns-refused' "each server"
says tc-tcp-refused.lab 'truncated over UDP, and TCP is refused' "transports"
says www.sub.alias.lab 'An alias: www\.sub\.alias\.lab CNAME www\.ds-bogus-digest-value\.lab' "aliases are followed"
says valid.lab '^valid\.lab A: OK\..*validated \(AD\).*trust secure.*All in all: the servers have the zone and answer' "what is good about it"
says valid.lab 'dig @5\.53\.9\.1 \+cd \+dnssec valid\.lab A .*dig @5\.53\.2\.[0-9]+ \+norec \+dnssec valid\.lab DNSKEY' "how to see it oneself"
says tc-tcp-refused.lab 'dig @5\.53\.3\.[0-9]+ \+norec \+dnssec tc-tcp-refused\.lab A .* dig @5\.53\.3\.[0-9]+ \+norec \+dnssec \+tcp tc-tcp-refused\.lab A' "over TCP, too, where TCP is what fails"
says kid.ds-sig-bad.lab 'dig @[^ ]+ \+norec \+dnssec ds-sig-bad\.lab DNSKEY .*dig @[^ ]+ \+norec \+dnssec kid\.ds-sig-bad\.lab DS' "what is wrong above it"
is "$(cat "$scratch"/explained/*.lab | sed 's/, [0-9.]* m\?s\(, [0-9]* times\)\?$//' | uniq -d | grep -c ' over ')" 0 "no question twice in a row"

# ---- the same in other circumstances
two() {
	scan -t A -t TXT --explain valid.lab UNSIGNED.lab. valid.lab >"$scratch/two" && cat "$scratch/two"
}
is "$(two | grep -E '^[^ ]+ [A-Z]+: ' | cut -d: -f1 | paste -sd ' ')" "valid.lab A valid.lab TXT unsigned.lab A unsigned.lab TXT" \
	"several names and types, each once, in the order asked"
keeps() {
	scan --explain -o "$scratch/kept" unsigned.lab >"$scratch/out" && "$build/servfail-aggregate" -q -o "$scratch/again" "$scratch/kept"
}
ok "--output keeps the run, and the aggregator reads it" keeps
blind() {
	printf '%s\n' 'a.example. 3600 IN A 127.0.0.1' '. 3600 IN NS a.example.' >"$scratch/nowhere.hints"
	scan --root-hints "$scratch/nowhere.hints" --explain rrsig-exp-all.lab >"$scratch/explained/blind" 2>/dev/null
	[ $? -lt 2 ]
}
ok "without a way to the root" blind
says blind 'Cause rrsig-expired.*as resolvers tell it, asked with CD=1.*trust rrsig-expired' "the chain comes from resolvers"
colour() { script -qec "$(printf '%q ' "$lab" run "$build/servfail-scan" -r "$world/resolvers.txt" --controls "$world/controls.txt" --root-hints "$world/root.hints" --trust-anchor "$world/trust-anchor.ds" --explain unsigned.lab)" /dev/null </dev/null; }
like "$(NO_COLOR='' TERM=xterm colour)" $'\033\\[1munsigned' "headings are bold on a terminal"
is "$(NO_COLOR=1 TERM=xterm colour | grep -c $'\033\\[1m')" 0 "but not with NO_COLOR"
done_testing
