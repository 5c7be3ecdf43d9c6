#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# servfail-aggregate from the outside: good runs, the same run in another order, and everything that can be wrong with one.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
aggregate=${SERVFAIL_BUILD:-build}/servfail-aggregate
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

columns=time,name,qtype,resolver,outcome,rcode,ede,ede_text,flags,answers,tries,rtt_us,cd_outcome,cd_rcode,cd_ede,cd_ede_text,cd_flags,cd_answers,cd_tries,cd_rtt_us,again_outcome,again_rcode,nsid,note,cd_rrsig

fine() { echo "2026-11-03T00:00:0$3.000Z,$1,A,$2,answered,NOERROR,,,rd+ra,1,1,1000,answered,NOERROR,,,rd+ra+cd,1,1,900,,,,,"; }
expired() { echo "2026-11-03T00:00:0$3.000Z,$1,A,$2,answered,SERVFAIL,7,,rd+ra,0,1,1000,answered,NOERROR,,,rd+ra+cd,1,1,900,answered,SERVFAIL,,,A/13/1/20261001000000/20261101000000/$1"; }
refused() { echo "2026-11-03T00:00:0$3.000Z,$1,A,$2,answered,SERVFAIL,22+23,\"At delegation $1 for $1/a | [192.0.2.7] rcode=REFUSED, \"\"for\"\" $1/a\",rd+ra,0,1,1000,answered,SERVFAIL,,,rd+ra+cd,0,1,900,,,,,"; }

rows() {
	local i
	for i in 1 2 3 4 5; do
		fine "good$i.example" 192.0.2.1 "$i"
		fine "good$i.example" 192.0.2.2 "$i"
	done
	for i in 1 2; do
		expired old.example "192.0.2.$i" "$i"
		refused lame.example "192.0.2.$i" "$i"
	done
}

# a whole run in $1, its rows from standard input, in two parts
run() {
	mkdir -p "$1"
	cat >"$1/rows"
	{ echo $columns && sed 3q "$1/rows"; } | gzip >"$1/pairs-000.csv.gz"
	{ echo $columns && sed 1,3d "$1/rows"; } | gzip >"$1/pairs-001.csv.gz"
	rm "$1/rows"
	printf 'resolver,phase,reachable,validates,honours_cd\n192.0.2.1,before,yes,yes,yes\n192.0.2.2,before,yes,yes,yes\n' >"$1/resolvers.csv"
	echo '{"schema": 1, "complete": true, "totals": {"read": 7, "scanned": 7}, "parts": [{"name": "pairs-000.csv.gz", "rows": 3}, {"name": "pairs-001.csv.gz", "rows": 11}]}' >"$1/run.json"
}

# judge STATUS RUN...: aggregates into $scratch/report, $said is what it said; checks the exit status
judge() {
	local want=$1 status
	shift
	rm -rf "$scratch/report"
	said=$("$aggregate" -o "$scratch/report" "$@" 2>&1)
	status=$?
	is "$status" "$want" "exit status $want: ${*##*/}"
	nameless+=$(grep -v '^servfail-aggregate: .' <<<"$said")
	wide+=$([ ! -e "$scratch/report/summary.txt" ] || grep -E '.{80}' "$scratch/report/summary.txt")
}
nameless= # lines without the program's name; of all that it said
wide=     # lines of summary.txt that a terminal would break
exit_of() { "$@" >"$scratch/out" 2>&1; echo $?; }
verdict() { zcat "$scratch/report/verdicts.csv.gz" | grep "^$1,A,"; }

# ---- a good run
rows | run "$scratch/run"
judge 0 "$scratch/run"
is "$(zcat "$scratch/report/verdicts.csv.gz" | head -1)" \
	name,qtype,status,category,cause,at,confidence,resolvers_ok,resolvers_failing,resolvers_unknown,ede,evidence,fix,operator,algorithm,signed \
	"the header of verdicts.csv.gz"
is "$(zcat "$scratch/report/verdicts.csv.gz" | cut -d, -f1 | sed 1d | tr '\n' ' ')" \
	"good1.example good2.example good3.example good4.example good5.example lame.example old.example " "every name once, sorted"
is "$(verdict good1.example)" "good1.example,A,ok,,,,,2,0,0,,,,,," "a good name"
like "$(verdict old.example)" "^old.example,A,failing,dnssec,rrsig-expired,old.example,likely,0,2,0,7,.*expired 2026-11-01T00:00:00Z" "an expired one"
like "$(verdict lame.example)" "^lame.example,A,failing,delegation,ns-refused,lame.example,likely,0,2,0,22\+23," "a lame one"
like "$(cat "$scratch/report/summary.txt")" "failing +2 +28.57 %" "summary.txt"
like "$(cat "$scratch/report/summary.json")" '"schema": 1,.*"failing": 2' "summary.json"
ok "nothing half-written is left" test -z "$(find "$scratch/report" -name '*.part')"
cp "$scratch/report/verdicts.csv.gz" "$scratch/first.gz"
cp "$scratch/report/summary.json" "$scratch/first.json"

# ---- the same in another order, and in pieces
rows | sort -r | run "$scratch/shuffled"
judge 0 "$scratch/shuffled"
ok "another order, the same verdicts" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
ok "and the same summary" cmp "$scratch/first.json" "$scratch/report/summary.json"
rows | grep -v '192.0.2.2' | run "$scratch/one" && rows | grep '192.0.2.2' | run "$scratch/two"
sed -i 's/, "parts".*/}/' "$scratch/one/run.json" "$scratch/two/run.json"
judge 0 "$scratch/two" "$scratch/one"
ok "two runs as one" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
{ echo $columns && rows; } >"$scratch/plain.csv"
judge 0 "$scratch/plain.csv"
like "$(verdict old.example)" "rrsig-expired" "a plain file"
rm -rf "$scratch/report"
ok "standard input" "$aggregate" -q -o "$scratch/report" - <"$scratch/plain.csv"
like "$(verdict old.example)" "rrsig-expired" "is read"
printf 'rcode,future,qtype,name,resolver,outcome\r\nNOERROR,x,A,a.example,r,answered\r\n' >"$scratch/other.csv"
judge 0 "$scratch/other.csv"
is "$(verdict a.example)" "a.example,A,ok,,,,,1,0,0,,,,,," "columns in another order, CRLF"

# ---- any number of threads, little memory, and rows of a name far apart
many() {
	awk 'BEGIN {
		for (i = 0; i < 40000; i++) for (r = 1; r < 4; r++) {
			head = sprintf("2026-11-03T00:%02d:%02d.%03dZ,n%d.%s,A,192.0.2.%d,answered,", i / 60 % 60, i % 60, r, i * 7919 % 40000, i % 3 ? "example" : "test", r)
			if (i % 9 == 0 && (r < 3 || i % 2)) print head "SERVFAIL," 6 + i % 3 ",validation failure <n" i ".example. A IN>: signature expired from 192.0.2.53,rd+ra,0,1," 1000 + i ",answered,NOERROR,,,rd+ra+cd,1,1,900,answered,SERVFAIL,,,A/13/1/20261001000000/20261101000000/n" i ".example"
			else print head "NOERROR,,,rd+ra" (i % 7 ? "" : "+ad") "," 1 + i % 4 ",1," 100 + i % 5000 ",answered,NOERROR,,,rd+ra+cd,1,1,900,,,res" i % 5 ",,"
		}
	}'
}
several() {
	local i
	mkdir -p "$1" && rm -f "$1"/*.gz && cat >"$1/all" && split -n "l/$2" -d --additional-suffix=.csv "$1/all" "$1/x"
	for i in "$1"/x*.csv; do
		{ echo $columns && head -c 200000 "$i"; } | gzip -1 >"$1/pairs-0${i##*/x}.gz"
		tail -c +200001 "$i" | gzip -1 >>"$1/pairs-0${i##*/x}.gz"
	done
	rm "$1"/x*.csv "$1/all" && cp "$scratch/run/resolvers.csv" "$1"
	echo '{"schema": 1, "complete": true}' >"$1/run.json"
}
many >"$scratch/many.csv"
several "$scratch/many" 1 <"$scratch/many.csv"
judge 0 --threads 1 "$scratch/many"
mv "$scratch/report" "$scratch/many-report"
is "$(zcat "$scratch/many-report/verdicts.csv.gz" | wc -l)" 40001 "many names"
is "$(zcat "$scratch/many-report/verdicts.csv.gz" | sed 1d | cut -d, -f1 | LC_ALL=C sort -cu && echo sorted)" sorted "sorted, each once"
same_report() {
	local file bad=
	for file in verdicts.csv.gz questions.gz report.html summary.txt; do
		cmp -s "$scratch/many-report/$file" "$scratch/report/$file" || bad="$bad $file"
	done
	cmp -s <(grep -v '"files"' "$scratch/many-report/summary.json") <(grep -v '"files"' "$scratch/report/summary.json") || bad="$bad summary.json"
	is "$bad" "" "$1"
}
judge 0 --threads 5 "$scratch/many"
same_report "five threads: the same bytes"
judge 0 --threads 2 --memory 32M "$scratch/many"
same_report "32 MB: the same bytes"
shuf --random-source="$aggregate" "$scratch/many.csv" | several "$scratch/many" 1
judge 0 --threads 2 --memory 32M "$scratch/many"
same_report "rows of a name far apart: the same bytes"
tac "$scratch/many.csv" | several "$scratch/many" 4
judge 0 --threads 3 "$scratch/many"
sed -i 's/4 files/1 files/; s/5 files/2 files/' "$scratch/report/summary.txt"
is "$(cmp "$scratch/many-report/verdicts.csv.gz" "$scratch/report/verdicts.csv.gz" 2>&1)" "" "four parts, backwards: the same verdicts"
rm -rf "$scratch"/many*
is "$(exit_of "$aggregate" --memory 1 "$scratch/run")" 2 "too little memory"
is "$(exit_of "$aggregate" --threads 0 "$scratch/run")" 2 "no threads"

# ---- reports of shards, put together
# two of three shards have names below dead.test, that only together are enough to blame it
shard() {
	local i
	for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
		for r in 1 2; do
			echo "2026-11-03T00:00:0$r.000Z,n$1-$i.dead.test,A,192.0.2.$r,answered,SERVFAIL,22,,rd+ra,0,1,1000,answered,SERVFAIL,,,rd+ra+cd,0,1,900,,,,,"
			fine "n$1-$i.fine.test" "192.0.2.$r" "$r"
			expired "n$1-$i.old.test" "192.0.2.$r" "$r"
		done
	done
}
for i in 0 1 2; do
	shard $i | run "$scratch/shard$i"
	sed -i 's/, "parts".*/}/' "$scratch/shard$i/run.json"
	[ $i != 1 ] || echo "n1-3.old.test # a test" >"$scratch/shard$i/broken-on-purpose.txt"
	"$aggregate" -q -o "$scratch/report$i" "$scratch/shard$i" || echo "# shard $i: $?"
done
judge 0 "$scratch/shard0" "$scratch/shard1" "$scratch/shard2"
mv "$scratch/report" "$scratch/whole"
is "$(zcat "$scratch/whole/verdicts.csv.gz" | grep '^n2-3.dead.test' | cut -d, -f6)" dead.test "a zone above is blamed for what fails in all shards"
is "$(zcat "$scratch/report2/verdicts.csv.gz" | grep '^n2-3.dead.test' | cut -d, -f6)" "" "which one shard alone cannot tell"
like "$(zcat "$scratch/whole/verdicts.csv.gz" | grep '^n1-3.old.test')" "broken-on-purpose" "a name on a shard's list"
whole() {
	local file bad=
	for file in questions.gz verdicts.csv.gz summary.json summary.txt report.html; do
		cmp -s "$scratch/whole/$file" "$scratch/report/$file" || bad="$bad $file"
	done
	is "$bad" "" "$1"
}
judge 0 --merge "$scratch/report0" "$scratch/report1" "$scratch/report2"
whole "three reports: the same bytes as one of all runs"
judge 0 --merge --memory 32M --threads 4 "$scratch/report2" "$scratch/report0"
mv "$scratch/report" "$scratch/joined"
judge 0 --merge "$scratch/report1" "$scratch/joined"
whole "and so are reports of reports, in any order"
judge 0 --merge "$scratch/report1" "$scratch/joined" "$scratch/./report1"
like "$said" "/./report1: is given twice, and read once" "a report given twice"
whole "counts once"
cp -r "$scratch/report0" "$scratch/copy"
judge 1 --merge "$scratch/report0" "$scratch/copy"
like "$said" "some questions are in several reports" "names that do not differ"
judge 3 --merge "$scratch/report0" "$scratch/shard1"
like "$said" "shard1/questions.gz: No such file" "a run is no report"
truncate -s -30 "$scratch/report0/questions.gz"
judge 1 --merge "$scratch/report0" "$scratch/report1"
like "$said" "report0/questions.gz: member [0-9]+ at octet [0-9]+: unexpected end of file" "a report that was cut"
echo 'x' | gzip >"$scratch/report0/questions.gz"
judge 3 --merge "$scratch/report0" "$scratch/report1"
like "$said" "report0/questions.gz: a record is cut off" "questions that are none"

# ---- broken on purpose
echo "old.example # a test" >"$scratch/run/broken-on-purpose.txt"
judge 0 "$scratch/run"
like "$(verdict old.example)" "expected,broken-on-purpose,.*dnssec/rrsig-expired" "a name on the run's list"
rm "$scratch/run/broken-on-purpose.txt"

# ---- damage
damaged() { rm -rf "$scratch/bad" && cp -r "$scratch/run" "$scratch/bad"; }
damaged && rm "$scratch/bad/run.json"
judge 1 "$scratch/bad"
like "$said" "bad/run.json: No such file" "a missing run.json is named"
ok "and the rest is read" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
damaged && sed -i 's/"schema": 1/"schema": 2/' "$scratch/bad/run.json"
judge 1 "$scratch/bad"
like "$said" "bad/run.json: schema 2 is not known" "a run.json of the future"
damaged && rm "$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: is missing" "a missing part"
damaged && truncate -s -20 "$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: member 1 .*end of file" "a truncated part, with its member"
like "$(verdict good1.example)" ",ok," "what stands before is read"
damaged && cp "$scratch/run/pairs-001.csv.gz" "$scratch/bad/one" && { cat "$scratch/bad/one" && head -c 40 "$scratch/bad/one" && cat "$scratch/bad/one"; } >"$scratch/bad/pairs-001.csv.gz"
sed -i 's/, "parts".*/}/' "$scratch/bad/run.json"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: member 2 at octet [0-9]+: " "a broken member between two others"
like "$(grep '"rows"' "$scratch/report/summary.json" | head -1)" "25" "what stands behind it is read"
damaged && { printf '%s\n' $columns | gzip && head -c 200 /dev/zero; } >"$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: " "garbage behind a member"
damaged && { zcat "$scratch/run/pairs-001.csv.gz" && echo 'half,a,line'; } | gzip >"$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: line 13: 3 fields, the header has 25" "a bad line, with its number"
ok "and the rest is read" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
damaged && { echo $columns && head -c 300000 /dev/zero | tr '\0' x && echo && zcat "$scratch/run/pairs-001.csv.gz" && echo 'half,a,line'; } | gzip >"$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "pairs-001.csv.gz: line 2: the line is too long.*pairs-001.csv.gz: line 15: 3 fields" "an endless line, with its number, and those behind it with theirs"
ok "and the rest is read" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
damaged && zcat "$scratch/run/pairs-001.csv.gz" | sed 1s/rcode/code/ | gzip >"$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "pairs-001.csv.gz: header: there is no column rcode" "rows that say nothing"
damaged && for part in 0 1; do zcat "$scratch/run/pairs-00$part.csv.gz" | cut -d, -f1-4,6- | gzip >"$scratch/bad/pairs-00$part.csv.gz"; done
sed -i 's/, "parts".*/}/' "$scratch/bad/run.json"
"$aggregate" -q -o "$scratch/report" "$scratch/bad"
is "$? $(verdict old.example | cut -d, -f3-7)" "0 failing,dnssec,rrsig-expired,old.example,likely" "without the outcomes: an RCODE is an answer's"
ln -s run "$scratch/latest"
judge 0 "$scratch/run" "$scratch/latest"
like "$said" "latest: is given twice, and read once" "a run, and a link to it"
said=$(zcat "$scratch/run/pairs-000.csv.gz" | "$aggregate" -q -o "$scratch/once" - - 2>&1)
is "$? $said" "0 servfail-aggregate: -: is given twice, and read once" "standard input, too"
ok "counts once" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
pairs=$scratch/run/pairs-000.csv.gz
cp "$scratch/report/summary.json" "$scratch/once.json"
for order in "$scratch/run $pairs" "$pairs $scratch/run" "$pairs $scratch/latest $pairs"; do
	# shellcheck disable=SC2086
	judge 0 $order
	like "$said" "(run|latest)/pairs-000.csv.gz: is given twice, and read once" "${order//$scratch\/}: said"
	ok "... and counts once" cmp "$scratch/once.json" "$scratch/report/summary.json"
done
like "$(grep '"rows"' "$scratch/report/summary.json" | head -1)" "14" "as do its rows"
damaged && : >"$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: no header line" "an empty part"
damaged && mv "$scratch/bad/pairs-001.csv.gz" "$scratch/bad/pairs-001.csv.gz.part" && sed -i 's/, "parts".*/}/' "$scratch/bad/run.json"
judge 1 "$scratch/bad"
like "$said" "pairs-001.csv.gz.part: was not finished" "what a killed writer left"
ok "is read" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
damaged
part=$scratch/bad/pairs-001.csv.gz
sed -i "s/\"rows\": 11/&, \"octets\": $(stat -c %s "$part"), \"sha256\": \"$(sha256sum "$part" | cut -d' ' -f1)\"/" "$scratch/bad/run.json"
judge 0 "$scratch/bad"
printf '\x07' | dd of="$part" bs=1 seek=9 conv=notrunc status=none # the header's OS: no checksum of gzip holds it
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: SHA-256 is [0-9a-f]{64}, run.json says [0-9a-f]{64}" "an octet is another than it was written"
ok "and the rest is read" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
judge 0 --no-verify "$scratch/bad"
echo >>"$part"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: [0-9]+ octets, run.json says [0-9]+" "an octet more"

# ---- what cannot be done
judge 3 "$scratch/nowhere"
like "$said" "nowhere: No such file" "a RUN that is not there"
ok "no report then" test ! -e "$scratch/report/verdicts.csv.gz"
mkdir "$scratch/empty"
judge 3 "$scratch/empty"
like "$said" "empty: not a run directory" "a directory that is no run"
judge 0 "$scratch/run"
cp -r "$scratch/report" "$scratch/earlier"
judge 3 "$scratch/earlier"
like "$said" "earlier: a report, not a run directory: that is for --merge" "a report instead of a run"
printf '\x28\xb5\x2f\xfd\x04\x58\x51\0' >"$scratch/pairs.zst"
judge 3 "$scratch/pairs.zst"
like "$said" "pairs.zst: compressed with zstd: zstd -dc FILE" "rows compressed otherwise"
is "$(exit_of "$aggregate" -o "$scratch/plain.csv" "$scratch/run")" 3 "a report directory that is a file"
for octets in 1 4; do # kB: the limit of a quota, say
	is "$(exit_of bash -c "ulimit -f $octets; exec $aggregate -o $scratch/small-files $scratch/run")" 1 "files of $octets kB at most"
	like "$(cat "$scratch/out")" "^servfail-aggregate: [^ ]+: (.*: )?File too large" "are said"
	is "$(find "$scratch/small-files" -name '*.part')" "" "and leave nothing half done"
done
"$aggregate" -o "$scratch/unread" "$scratch/run" 2> >(exec true)
is "$? $(ls "$scratch/unread" | wc -l)" "0 5" "nobody reads what it says: the report is made"
mkdir "$scratch/held"
is "$(exit_of flock "$scratch/held" "$aggregate" -o "$scratch/held" "$scratch/run") $(cat "$scratch/out")" \
	"3 servfail-aggregate: $scratch/held: another program is writing there" "two reports into one directory"
is "$(ls "$scratch/held")" "" "leave what is there alone"
is "$(exit_of "$aggregate")" 2 "no RUN"
is "$(exit_of "$aggregate" --nonsense "$scratch/run")" 2 "an unknown option"
is "$(exit_of "$aggregate" --help)" 0 "--help"
like "$(cat "$scratch/out")" "Usage: servfail-aggregate" "says how"
if mount -t tmpfs -o size=8k none "$scratch/empty" 2>/dev/null; then
	head -c 8192 /dev/zero >"$scratch/empty/full"
	is "$(exit_of "$aggregate" -o "$scratch/empty" "$scratch/run")" 1 "a full disk"
	like "$(cat "$scratch/out")" "No space left on device" "is said"
	is "$(ls "$scratch/empty")" full "nothing under its final name, and nothing left"
	umount "$scratch/empty"
else
	skip "a full disk" "cannot mount"
fi

# A disk that is full at any moment: what has its final name is whole, and what has not is gone.
if mkdir -p "$scratch/small" && mount -t tmpfs -o size=256k none "$scratch/small" 2>/dev/null; then
	whole=yes statuses=''
	for room in 8 16 24 32 48 64 96 128 160 192 224; do
		head -c $(((256 - room) * 1024)) /dev/zero >"$scratch/small/filling"
		statuses+=$(exit_of "$aggregate" -o "$scratch/small/report" "$scratch/run")
		for file in "$scratch"/small/report/*; do
			case $file in
			*.gz) gzip -t "$file" ;;
			*.json) python3 -m json.tool "$file" /dev/null ;;
			*.html) tail -1 "$file" | grep -q '</html>' ;;
			*.txt) [ "$(wc -l <"$file")" -ge 20 ] ;;
			*/\*) ;;
			*) false ;;
			esac || whole="no: ${file##*/} with $room k"
		done
		rm -rf "$scratch/small/report"
	done
	is "$whole" yes "a disk that gets full on the way: nothing is half-written"
	like "$statuses" '^11+0+$' "exit status 1, until there is room"
	umount "$scratch/small"
else
	skip "a disk that gets full on the way" "cannot mount"
fi

# ---- other versions' columns
damaged && { zcat "$scratch/run/pairs-001.csv.gz" | awk -F, 'NR == 1 { print $0 ",tomorrow" } NR > 1 { print $0 ",x" }'; } | gzip >"$scratch/bad/pairs-001.csv.gz"
judge 0 "$scratch/bad"
ok "columns of a later version are left alone" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
damaged && { zcat "$scratch/run/pairs-001.csv.gz" | sed 's/,[^,]*$//'; } | gzip >"$scratch/bad/pairs-001.csv.gz"
judge 0 "$scratch/bad"
like "$(verdict good1.example)" ",ok,,,,,2,0,0," "an earlier version had fewer: what is not there is not known"
damaged && { zcat "$scratch/run/pairs-001.csv.gz" && printf '%s,v2\n' "$(zcat "$scratch/run/pairs-001.csv.gz" | sed -n 2p)"; } | gzip >"$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: line 13: 26 fields, the header has 25" "a row of another version than its header is named"
ok "and the rest is read" cmp "$scratch/first.gz" "$scratch/report/verdicts.csv.gz"
damaged && echo "colour,taste" | gzip >"$scratch/bad/pairs-001.csv.gz"
judge 1 "$scratch/bad"
like "$said" "bad/pairs-001.csv.gz: header: no column is known" "a part with nobody's columns"

# ---- more zones at fault than tables have room for
for i in $(seq 5100); do echo "2026-11-03T00:00:01.000Z,old$i.example,A,192.0.2.1,answered,SERVFAIL,7,,rd+ra,0,1,1000,answered,NOERROR,,,rd+ra+cd,1,1,900,answered,SERVFAIL,,,A/13/1/20261001000000/20261101000000/old$i.example"; done |
	{ echo $columns && cat; } >"$scratch/zones.csv"
judge 0 "$scratch/zones.csv"
is "$(zcat "$scratch/report/verdicts.csv.gz" | cut -d, -f4-6 | grep -c '^dnssec,rrsig-expired,old[0-9]*.example$')" 5100 "all have a zone at fault"
is "$(grep -c 'no zone known' "$scratch/report/report.html")" 0 "and the page does not say that some have none"
like "$(cat "$scratch/report/report.html")" "out of 5,100 faults" "but how many there are"

# ---- nor a line for each file that is gone
mkdir "$scratch/lost" && cp "$scratch/run/pairs-000.csv.gz" "$scratch/lost"
python3 -c 'import json; print(json.dumps({"schema": 1, "complete": True, "parts": [{"name": "pairs-%03d.csv.gz" % i, "rows": 3} for i in range(40)]}))' >"$scratch/lost/run.json"
judge 1 "$scratch/lost"
is "$(grep -c 'is missing, though' <<<"$said") $(grep -o '[0-9]* more files are missing.*' <<<"$said")" "5 34 more files are missing that run.json lists" "the first are named, the others counted"
like "$(cat "$scratch/report/summary.txt")" "39 missing" "all of them"

# ---- more resolvers, too
for i in $(seq 130); do expired old.example "192.0.2.$i" 1; done | { echo $columns && cat; } >"$scratch/many.csv"
judge 0 "$scratch/many.csv"
is "$(grep -o 'The first[a-z ]*, out of [0-9]*; more are in summary.json' "$scratch/report/report.html" | LC_ALL=C sort | uniq -c | tr -s ' ')" \
	" 1 The first of those compared, out of 56; more are in summary.json
 1 The first resolvers that send any, out of 130; more are in summary.json
 2 The first, out of 130; more are in summary.json" "the page says where it has not all"
is "$(tests/system/page.py check "$scratch/report/report.html")" "" "and is one as all are"
like "$(cat "$scratch/report/summary.txt")" "and 30 others: see summary.json" "as does the summary"
is "$(grep -c '"resolver": "192.0.2' "$scratch/report/summary.json")" 130 "which has them"

# ---- one row, and nothing at all
expired old.example 192.0.2.1 1 | run "$scratch/single"
sed -i 's/, "parts".*/}/' "$scratch/single/run.json"
judge 0 "$scratch/single"
is "$(zcat "$scratch/report/verdicts.csv.gz" | cut -d, -f1,3-5 | sed 1d)" "old.example,failing,dnssec,rrsig-expired" "one row: one verdict"
ok "and a page" grep -q 'old.example' "$scratch/report/report.html"
expired old.example 'tls://[2001:db8::853]#dns.resolver.example' 1 | { echo $columns && cat; } >"$scratch/long.csv"
judge 0 "$scratch/long.csv"
like "$(cat "$scratch/report/summary.txt")" $'tls://\\[2001:db8::853\\]#dns.resolver.example\n {24} +1 +100.00 % +0.00 %' "a long name of a resolver is not cut short"
for part in 0 1; do echo $columns | gzip >"$scratch/single/pairs-00$part.csv.gz"; done
judge 0 "$scratch/single"
is "$(zcat "$scratch/report/verdicts.csv.gz" | wc -l)" 1 "a run without rows"
echo $columns >"$scratch/none.csv"
judge 0 "$scratch/none.csv"
is "$(zcat "$scratch/report/verdicts.csv.gz" | wc -l)" 1 "no rows: a header and no more"
is "$nameless" "" "whatever it said began with its name"
is "$wide" "" "no line of any summary.txt is wider than 79 columns"
done_testing
