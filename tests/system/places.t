#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The same names seen from two vantage points: what a verdict says where these agree, where they do not, and where time may be why.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
aggregate=${SERVFAIL_BUILD:-build}/servfail-aggregate
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

columns=time,name,qtype,resolver,outcome,rcode,ede,ede_text,flags,answers,tries,rtt_us,cd_outcome,cd_rcode,cd_ede,cd_ede_text,cd_flags,cd_answers,cd_tries,cd_rtt_us,again_outcome,again_rcode,nsid,note,cd_rrsig
# fine|dead|bogus NAME MINUTE: by two resolvers
fine() { for r in 1 2; do echo "2026-11-03T00:0$2:0$r.000Z,$1,A,192.0.2.$r,answered,NOERROR,,,rd+ra,1,1,1000,answered,NOERROR,,,rd+ra+cd,1,1,900,,,,,"; done; }
dead() {
	for r in 1 2; do for s in 1 4; do
		echo "2026-11-03T00:0$2:$s$r.000Z,$1,A,192.0.2.$r,answered,SERVFAIL,22,,rd+ra,0,1,1000,answered,SERVFAIL,,,rd+ra+cd,0,1,900,,,,,"
	done; done
}
bogus() { for r in 1 2; do echo "2026-11-03T00:0$2:0$r.000Z,$1,A,192.0.2.$r,answered,SERVFAIL,7,,rd+ra,0,1,1000,answered,NOERROR,,,rd+ra+cd,1,1,900,answered,SERVFAIL,,,A/13/1/20261001000000/20261101000000/$1"; done; }
run() { # LABEL: rows from standard input
	mkdir -p "$scratch/$1"
	{ echo $columns && cat; } | gzip >"$scratch/$1/pairs-000.csv.gz"
	printf 'resolver,phase,reachable,validates,honours_cd\n192.0.2.1,before,yes,yes,yes\n192.0.2.2,before,yes,yes,yes\n' >"$scratch/$1/resolvers.csv"
	echo "{\"schema\": 1, \"complete\": true, \"vantage\": \"$1\"}" >"$scratch/$1/run.json"
}
verdict() { zcat "$scratch/report/verdicts.csv.gz" | grep "^$1,"; }

{ fine good.example 1 && dead path.example 1 && dead later.example 1 && dead down.example 1 && bogus old.example 1 && bogus half.example 1; } | run ams
{ fine good.example 1 && fine path.example 1 && fine later.example 9 && dead down.example 1 && bogus old.example 1 && fine half.example 1; } | run nyc
ok "two places are judged together" "$aggregate" -q -o "$scratch/report" "$scratch/ams" "$scratch/nyc"
is "$(verdict good.example)" "good.example,A,ok,,,,,4,0,0,,,,,," "each resolver counts once from each place"
like "$(verdict path.example)" '^path.example,A,partial,resolver,resolver-path,,likely,2,2,0,22,"?from ams 2 of 2 resolvers fail it; from nyc 0 of 2 resolvers fail it; the servers, or the way to them, differ' \
	"what fails from one place only is told so, and no server is accused"
like "$(verdict path.example)" "192.0.2.1@ams: SERVFAIL" "resolvers have the name of their place"
like "$(verdict later.example)" "^later.example,A,partial,resolver,resolver-path,,guess,2,2,0,.*asked at different times" "asked at another time, that may be why"
like "$(verdict down.example)" "^down.example,A,failing,[^,]*,[^,]*,[^,]*,guess,0,4,0," "what fails from everywhere fails"
ok "and nothing is said of places then" test "$(verdict down.example | grep -c 'from ams')" = 0
like "$(verdict old.example)" "^old.example,A,failing,dnssec,rrsig-expired,old.example,likely,0,4,0," "so does what is bogus"
like "$(verdict half.example)" "^half.example,A,partial,dnssec,rrsig-expired,.*from ams 2 of 2 resolvers fail it; from nyc 0 of 2" "what is bogus from one place keeps its cause, and says so"
like "$(cat "$scratch/report/summary.txt")" "PLACES .3 fail from one and resolve from another.*
ams +1 +5 +0 +0 +3
nyc +4 +2 +0 +0 +0" "the summary counts both places"
like "$(tr -d ' \n' <"$scratch/report/summary.json")" '"vantage":"ams","ok":1,"failing":5,"partial":0,"unknown":0,"failing_here_alone":3.*"places_differ":3' "and so does the one for programs"
ok "in another order" "$aggregate" -q -o "$scratch/other" "$scratch/nyc" "$scratch/ams"
ok "the same bytes" diff -r "$scratch/report" "$scratch/other"
like "$(cat "$scratch/report/report.html")" "Vantage points</h2>.*3 of 5 names that are not fine everywhere fail from one.*ams</bdi></th><td class=.n.>1</td><td class=.n.>5</td><td class=.n.>0</td><td class=.n.>0</td><td class=.n.>3</td>" \
	"and the page shows who sees what"
is "$(tests/system/page.py check "$scratch/report/report.html")" "" "which is a page as all are"
sed -i 's/, "vantage": "[a-z]*"//' "$scratch"/*/run.json
ok "without labels" "$aggregate" -q -o "$scratch/report" "$scratch/ams" "$scratch/nyc"
is "$(verdict good.example)" "good.example,A,ok,,,,,2,0,0,,,,,," "two runs are of one place"
ok "and no table of places is made" test "$(cat "$scratch/report/summary.txt" "$scratch/report/report.html" | grep -c 'PLACES\|Vantage points')" = 0

# What zone files say of operators: shards add up, places do not; beside what is broken at them.
echo 'time,name,qtype,zone,probe,question,question_type,server,address,transport,outcome,rcode,flags,answers,tries,rtt_us,finding,detail' >"$scratch/evidence"
for name in old half; do
	printf '%s\n' "2026-11-03T00:01:02.000Z,$name.example,A,$name.example,path,,,,,,,,,,,,own-zone," \
		"2026-11-03T00:01:02.000Z,$name.example,A,$name.example,ns-address,,,ns1.host.net,192.0.2.9,,,,,,,,ok,"
done >>"$scratch/evidence"
for place in ams nyc; do
	gzip <"$scratch/evidence" >"$scratch/$place/evidence-000.csv.gz"
	printf 'tld,operator,delegated,signed\nexample,,6,3\nexample,host.net,4,2\nexample,other,1,0\nexample,own,1,1\n' >"$scratch/$place/operators.csv"
done
served() { python3 -c 'import json, sys
print(*("/".join("-" if v is None else str(v) for v in d.values()) for d in json.load(open(sys.argv[1]))["delegations"]))' "$scratch/$1/summary.json"; }
rm "$scratch/nyc/evidence-000.csv.gz"
ok "two runs with operators" "$aggregate" -q -o "$scratch/sum" "$scratch/ams" "$scratch/nyc"
is "$(served sum)" "example//12/6/5/2 example/host.net/8/4/2/2 example/other/2/0/-/- example/own/2/2/0/0" "shards add up; what is broken stands beside"
like "$(cat "$scratch/sum/summary.txt")" "DELEGATIONS, BY OPERATOR.*example host.net +8 +4 +50.00 % +2 +50.00 %" "in the summary"
like "$(cat "$scratch/sum/report.html")" "host.net</bdi></th><td><bdi>example</bdi></td><td class=.n.>8</td>" "on the page"
is "$(tests/system/page.py check "$scratch/sum/report.html")" "" "which is a page as all are"
is "$(grep -hE '.{80}' "$scratch"/{sum,report}/summary.txt)" "" "and the summaries fit a terminal"
for place in ams nyc; do "$aggregate" -q -o "$scratch/of-$place" "$scratch/$place"; done
"$aggregate" -q --merge -o "$scratch/merged" "$scratch/of-ams" "$scratch/of-nyc" 2>"$scratch/said" # the questions overlap here
is "$(served merged | cut -d' ' -f2- | tr ' ' '\n' | cut -d/ -f1-4 | paste -sd' ')" "example/host.net/8/4 example/other/2/0 example/own/2/2" "merged: the same sums"
for place in ams nyc; do echo "{\"schema\": 1, \"complete\": true, \"vantage\": \"$place\"}" >"$scratch/$place/run.json"; done
ok "two places" "$aggregate" -q -o "$scratch/places" "$scratch/ams" "$scratch/nyc"
is "$(served places | cut -d' ' -f2)" "example/host.net/4/2/2/2" "places see the same names: they count once"
echo 'example,host.net,3,4' >>"$scratch/ams/operators.csv"
"$aggregate" -q -o "$scratch/bad" "$scratch/ams" 2>"$scratch/said"
is "$? $(cat "$scratch/said")" "1 servfail-aggregate: $scratch/ams/operators.csv: line 6: more names are signed than delegated" "a line that cannot be is named"
is "$(served bad | cut -d' ' -f2)" "example/host.net/4/2/2/2" "and the others count"
done_testing
