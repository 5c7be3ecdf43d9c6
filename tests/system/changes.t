#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# servfail-aggregate --previous: nights of which all changes are known, told exactly; and earlier reports in which something is
# wrong.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
aggregate=${SERVFAIL_BUILD:-build}/servfail-aggregate
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

columns=time,name,qtype,resolver,outcome,rcode,ede,ede_text,flags,answers,tries,rtt_us,cd_outcome,cd_rcode,cd_ede,cd_ede_text,cd_flags,cd_answers,cd_tries,cd_rtt_us,again_outcome,again_rcode,nsid,note,cd_rrsig

# night DAY: a run from lines "name [qtype [one]] kind" on standard input, asked of two resolvers (one: it fails at one of them)
night() {
	mkdir -p "$scratch/run$1"
	{
		echo $columns
		awk -v day="$1" '
		function row(r, kind) {
			head = sprintf("2026-11-%02dT00:00:%02d.000Z,%s,%s,192.0.2.%d,", day, NR % 60, $1, $2, r)
			if (kind == "ok") print head "answered,NOERROR,,,rd+ra,1,1,1000,answered,NOERROR,,,rd+ra+cd,1,1,900,,,,,"
			if (kind == "expired") print head "answered,SERVFAIL,7,,rd+ra,0,1,1000,answered,NOERROR,,,rd+ra+cd,1,1,900,answered,SERVFAIL,,,A/13/1/20261001000000/20261020000000/" $1
			if (kind == "refused") print head "answered,SERVFAIL,22+23,[192.0.2.7] rcode=REFUSED for " $1 "/a,rd+ra,0,1,1000,answered,SERVFAIL,,,rd+ra+cd,0,1,900,,,,,"
			if (kind == "mute") print head "not-asked,,,,,,0,,not-asked,,,,,,0,,,,,,"
		}
		{ row(1, $3); row(2, $4 == "one" ? "ok" : $3) }'
	} | gzip >"$scratch/run$1/pairs-000.csv.gz"
	printf 'resolver,phase,reachable,validates,honours_cd\n192.0.2.1,before,yes,yes,yes\n192.0.2.2,before,yes,yes,yes\n' >"$scratch/run$1/resolvers.csv"
	echo '{"schema": 1, "complete": true}' >"$scratch/run$1/run.json"
}
# judge STATUS ARGUMENT...: into $scratch/report; $said is what it said
judge() {
	local want=$1 status
	shift
	rm -rf "$scratch/report"
	said=$("$aggregate" -q -o "$scratch/report" "$@" 2>&1)
	status=$?
	is "$status" "$want" "exit status $want: ${*//$scratch\//}"
}
rows() { zcat "${1:-$scratch/report}/changes.csv.gz" | sed 1d; }
short() { rows "$@" | cut -d, -f1-5; }
json() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1] + "/summary.json")); print(eval(sys.argv[2]))' "${2:-$scratch/report}" "$1"; }

for i in $(seq 10 29); do echo "same$i.example A ok"; done >"$scratch/same"
{
	cat "$scratch/same"
	echo "breaks.example A ok
breaks-in-part.example A ok
cause.example A expired
goes.example A ok
goes-broken.example A refused
lost.example A ok
mended.example A expired
mended-in-part.example A refused one
partial.example A refused one
stays.example A expired
two.example A ok
two.example AAAA expired
unseen.example A mute
worse.example A refused"
} | night 1
{
	cat "$scratch/same"
	echo "breaks.example A expired
breaks-in-part.example A refused one
cause.example A refused
comes.example A ok
comes-broken.example A expired
lost.example A mute
mended.example A ok
mended-in-part.example A ok
partial.example A refused
stays.example A expired
two.example A ok
two.example AAAA ok
unseen.example A refused
worse.example A refused one"
} | night 2
judge 0 "$scratch/run1"
mv "$scratch/report" "$scratch/first"
ok "no --previous: nothing about changes" test ! -e "$scratch/first/changes.csv.gz"
is "$(json 'r["changes"], len(r["trend"])' "$scratch/first")" "(None, 1)" "nor in summary.json; this night is in the trend"

# ---- exactly these changes
judge 0 --previous "$scratch/first" "$scratch/run2"
cause=$(zcat "$scratch/report/verdicts.csv.gz" | awk -F, '$1 == "breaks-in-part.example" { print $5 }')
is "$(zcat "$scratch/report/changes.csv.gz" | head -1)" \
	name,before,after,qtype,change,before_status,after_status,before_at,after_at,before_confidence,after_confidence "the header of changes.csv.gz"
is "$(short)" "breaks-in-part.example,ok,$cause,A,broke
breaks.example,ok,rrsig-expired,A,broke
cause.example,rrsig-expired,ns-refused,A,cause
comes-broken.example,,rrsig-expired,A,new
goes-broken.example,ns-refused,,A,gone
lost.example,ok,unknown,A,unknown
mended-in-part.example,$cause,ok,A,mended
mended.example,rrsig-expired,ok,A,mended
partial.example,$cause,ns-refused,A,cause
two.example,rrsig-expired,ok,AAAA,mended
unseen.example,unknown,ns-refused,A,unknown
worse.example,ns-refused,$cause,A,cause" "what changed, and nothing else"
is "$(rows | grep '^breaks.example')" "breaks.example,ok,rrsig-expired,A,broke,ok,failing,,breaks.example,,likely" "with status, zone and confidence"
is "$(json '[r["changes"][k] for k in "compared same broke mended cause worse better unknown new new_broken gone gone_broken not_compared".split()]')" \
	"[32, 22, 2, 3, 3, 0, 0, 2, 2, 1, 2, 1, 0]" "the sums in summary.json"
is "$(json 'r["changes"]["previous"]')" "{'first': '2026-11-01T00:00:01.000Z', 'last': '2026-11-01T00:00:34.000Z', 'questions': 34}" "what it was compared with"
is "$(json '[(c["before"], c["after"], c["names"]) for c in r["changes"]["transitions"]][:1]')" "[('rrsig-expired', 'ok', 2)]" "from which cause to which"
is "$(json 'sorted((c["at"], c["cause"], c["names"]) for c in r["changes"]["broke_at"] if c["cause"] == "rrsig-expired")')" \
	"[('breaks.example', 'rrsig-expired', 1)]" "where it broke"
broken='lambda n: n["status"]["failing"] + n["status"]["partial"]'
is "$(json "(lambda b, c: b(r) - b(r['trend'][0]) - c['broke'] + c['mended'] - c['new_broken'] + c['gone_broken'] - 1)($broken, r['changes'])")" 0 \
	"broken now = before + broke - mended + new - gone, and the one that nobody could tell about before"
like "$(cat "$scratch/report/summary.txt")" "SINCE 2026-11-01T00:00 UTC \(of 32 questions in both reports\)
broke +2  .*
mended +3 " "summary.txt"
like "$(cat "$scratch/report/summary.txt")" "2026-11-01T00:00 +34 +8 .* - +-
2026-11-02T00:00 +34 +8 .* 2 +3" "and its trend"

# ---- the same, however it is made
mv "$scratch/report" "$scratch/second"
same_report() { # NAME [FILE...]
	local file name=$1 bad=
	shift
	for file in "${@:-changes.csv.gz verdicts.csv.gz summary.json summary.txt report.html}"; do
		for file in $file; do cmp -s "$scratch/second/$file" "$scratch/report/$file" || bad="$bad $file"; done
	done
	is "$bad" "" "$name"
}
judge 0 --threads 5 --memory 32M --previous "$scratch/first" "$scratch/run2"
same_report "threads and memory: the same bytes"
for half in 0 1; do
	mkdir -p "$scratch/half$half"
	cp "$scratch/run2/resolvers.csv" "$scratch/run2/run.json" "$scratch/half$half"
	{ echo $columns && zcat "$scratch/run2/pairs-000.csv.gz" | sed 1d | sort -r | awk -F, -v half=$half 'length($2) % 2 == half'; } | gzip >"$scratch/half$half/pairs-000.csv.gz"
	"$aggregate" -q -o "$scratch/half-report$half" "$scratch/half$half"
done
judge 0 --merge --previous "$scratch/first" "$scratch/half-report1" "$scratch/half-report0"
same_report "reports of shards merged: the same changes" changes.csv.gz verdicts.csv.gz
is "$(json 'r["changes"]')" "$(json 'r["changes"]' "$scratch/second")" "and the same sums"

# ---- many, so that they come in many pieces; one list wholly gone
awk 'BEGIN { for (i = 0; i < 60000; i++) printf "name%05d.example A %s\n", i, i % 7 ? "ok" : "expired" }' | night 3
awk 'BEGIN { for (i = 0; i < 60000; i++) printf "name%05d.example A %s\n", i, i % 7 && i % 1000 ? "ok" : i % 14 ? "refused" : "expired" }' | night 4
judge 0 "$scratch/run3"
mv "$scratch/report" "$scratch/third"
judge 0 --threads 3 --previous "$scratch/third" "$scratch/run4"
is "$(json '[r["changes"][k] for k in ("compared", "same", "broke", "mended", "cause", "new", "gone")]')" "[60000, 55663, 51, 0, 4286, 0, 0]" "many names"
is "$(rows | LC_ALL=C sort -c -t, -k1,1 && rows | wc -l)" 4337 "each once, sorted"
judge 0 --previous "$scratch/third" "$scratch/run2"
is "$(json '[r["changes"][k] for k in ("compared", "new", "new_broken", "gone", "gone_broken")]')" "[0, 34, 8, 60000, 8572]" "another list: all gone, all new"
is "$(rows | grep -c ',gone,')" 8572 "a row for each that was broken"

# ---- nights
mkdir "$scratch/nights"
said=$("$aggregate" -o "$scratch/nights/n1" --previous "$scratch/nights" "$scratch/run1" 2>&1)
is $? 0 "a directory of reports, and the first of them"
like "$said" "no earlier report there" "is said"
for i in 2 4; do "$aggregate" -q -o "$scratch/nights/n$i" --previous "$scratch/nights" "$scratch/run$i"; done
is "$(json '[(n["last"][:10], n["questions"], n["status"]["failing"], n.get("broke"), n.get("mended")) for n in r["trend"]]' "$scratch/nights/n4")" \
	"[('2026-11-01', 34, 6, None, None), ('2026-11-02', 34, 6, 2, 3), ('2026-11-04', 60000, 8623, 0, 0)]" "three nights: the latest one before is compared with, the trend has all"
cmp -s "$scratch/nights/n2/changes.csv.gz" "$scratch/second/changes.csv.gz"
is $? 0 "the same as when it is named"
"$aggregate" -q -o "$scratch/nights/n3" --previous "$scratch/nights" "$scratch/run3"
is "$(json '[n["last"][:10] for n in r["trend"]], r["changes"]["previous"]["last"][:10]' "$scratch/nights/n3")" "(['2026-11-01', '2026-11-02', '2026-11-03'], '2026-11-02')" \
	"a night made late: what came after it is not looked at"
rm -r "$scratch/nights/n1" "$scratch/nights/n2"
"$aggregate" -q -o "$scratch/nights/n4" --previous "$scratch/nights" "$scratch/run4"
is "$(json '[n["last"][:10] for n in r["trend"]]' "$scratch/nights/n4")" "['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04']" "nights are told of when their reports are gone"
"$aggregate" -q -o "$scratch/nights/n3" --previous "$scratch/nights/n3" "$scratch/run4"
is "$(json '[n["last"][:10] for n in r["trend"]], r["changes"]["broke"]' "$scratch/nights/n3")" "(['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'], 51)" \
	"the report before may be where the new one goes"
like "$(tests/system/page.py text "$scratch/nights/n3/report.html" | tr '\n' ' ')" "Since the last report.*Broke.*51.*Night by night.*2026-11-04.*2026-11-01" "report.html has both"
ok "and is sound" tests/system/page.py check "$scratch/nights/n3/report.html"
"$aggregate" -q -o "$scratch/nights/n3" "$scratch/run4"
ok "without --previous, changes.csv.gz of another comparison goes" test ! -e "$scratch/nights/n3/changes.csv.gz"

# ---- earlier reports of other versions, or damaged
old() { rm -rf "$scratch/old" && cp -r "$scratch/third" "$scratch/old"; }
old
zcat "$scratch/third/verdicts.csv.gz" | cut -d, -f1-5 | sed 's/^/x,/' | gzip >"$scratch/old/verdicts.csv.gz"
judge 0 --previous "$scratch/old" "$scratch/run4"
is "$(json 'r["changes"]["broke"], r["changes"]["same"]')" "(51, 55663)" "fewer columns, in other places"
old
rm "$scratch/old/verdicts.csv.gz"
judge 1 --previous "$scratch/old" "$scratch/run4"
like "$said" "old/verdicts.csv.gz: No such file" "no verdicts: said"
ok "the report is made, without changes" test -e "$scratch/report/verdicts.csv.gz" -a ! -e "$scratch/report/changes.csv.gz"
old
rm "$scratch/old/summary.json"
judge 1 --previous "$scratch/old" "$scratch/run4"
like "$said" "old/summary.json: .*No such file" "no summary: said"
is "$(json 'r["changes"]["broke"]')" 51 "and what can be compared is"
old
echo '{"schema": 7}' >"$scratch/old/summary.json"
judge 1 --previous "$scratch/old" "$scratch/run4"
like "$said" "old/summary.json: not the summary of a report, or of another schema" "a summary of the future"
old
size=$(stat -c %s "$scratch/old/verdicts.csv.gz")
printf '\377\377\377\377\377\377' | dd of="$scratch/old/verdicts.csv.gz" bs=1 seek=$((size / 2)) conv=notrunc status=none
judge 1 --previous "$scratch/old" "$scratch/run4"
like "$said" "old/verdicts.csv.gz: member [0-9]+ at octet [0-9]+: " "a damaged member, named"
is "$(json '(lambda c: (c["new"] + c["compared"] + c["not_compared"], c["compared"] > 0, c["not_compared"] > 0))(r["changes"])')" "(60000, True, True)" "what can be read is compared"
old
truncate -s $((size / 2)) "$scratch/old/verdicts.csv.gz"
judge 1 --previous "$scratch/old" "$scratch/run4"
like "$said" "old/verdicts.csv.gz: member [0-9]+ at octet [0-9]+: unexpected end of file" "a report that was cut"
is "$(json '(lambda c: (c["new"], c["compared"] + c["not_compared"], c["compared"] > 0, c["not_compared"] > 0))(r["changes"])')" "(0, 60000, True, True)" "what stood there is not taken for new"
like "$(cat "$scratch/report/summary.txt")" "unread +[0-9]+ +the report before could not be read about them" "summary.txt says so"
old
zcat "$scratch/third/verdicts.csv.gz" | sed '101s/,ok,/,fine,/; 200d' | gzip >"$scratch/old/verdicts.csv.gz"
judge 1 --previous "$scratch/old" "$scratch/run4"
like "$said" "old/verdicts.csv.gz: line 101: not a verdict" "a line that is none, with its number"
is "$(json '[r["changes"][k] for k in ("new", "not_compared", "compared")]')" "[1, 1, 59998]" "it alone is not compared"
old
{ zcat "$scratch/third/verdicts.csv.gz" && echo name00000.example,A,ok,,,,,2,0,0,,,,,,; } | gzip >"$scratch/old/verdicts.csv.gz"
judge 1 --previous "$scratch/old" "$scratch/run4"
like "$said" "line 60002: not in order" "a line out of its place"
old
echo nonsense | gzip >"$scratch/old/verdicts.csv.gz"
judge 1 --previous "$scratch/old" "$scratch/run4"
like "$said" "old/verdicts.csv.gz: header: no column is known" "no verdicts at all"
judge 1 --previous "$scratch/nowhere" "$scratch/run4"
like "$said" "nowhere: No such file" "no report there"
judge 1 --previous "$scratch/run4" "$scratch/run4"
like "$said" "run4: neither a report nor a directory of reports" "a run is no report"
rm -rf "$scratch/old" && cp -r "$scratch/third" "$scratch/old"
truncate -s 100 "$scratch/old/verdicts.csv.gz"
judge 1 --previous "$scratch/old" "$scratch/run4"
ok "nothing half-written" test -z "$(find "$scratch/report" -name '*.part')"

# ---- names that are none
tests/system/nights.py "$scratch/hostile" 2>/dev/null || { mkdir "$scratch/hostile" && tests/system/nights.py "$scratch/hostile"; }
judge 0 "$scratch/hostile/hostile"
mv "$scratch/report" "$scratch/nasty"
judge 0 --previous "$scratch/nasty" "$scratch/hostile/hostile"
is "$(json '(lambda c: (c["same"] == r["questions"], c["new"], c["gone"], c["not_compared"]))(r["changes"])')" "(True, 0, 0, 0)" "whatever a name is made of, it is found again"
done_testing
