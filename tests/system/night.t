#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A night of servfail-night without Slurm: three shards, one of them killed in the middle, all stopped half way and gone on with.
# (make check-slurm does the same, and more, on a real Slurm.)
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
. tests/system/scan.bash
night=$PWD/tools/slurm/servfail-night
export SERVFAIL_BUILD=$build
files=(questions.gz verdicts.csv.gz summary.json summary.txt report.html)
unquick=(--controls none --evidence none --recheck 0 --rate 0)

"$build/bench-names" 6000 >"$scratch/names"
listen resolvers 127.88.41.1 2 --servfail 30 --ede --sign 64 --rate-log "$scratch/rates"
place=$scratch/night
whole_night=("$night" --local --shards 3 "$scratch/names" "$scratch/resolvers" "$place" -- "${unquick[@]}" --resolver-rate 4000)
same() { # FOLDER
	local file bad=
	for file in "${files[@]}"; do cmp -s "$1/$file" "$place/report/$file" || bad="$bad $file"; done
	is "$bad" "" "$2"
}
# The pid of a scan of that shard; waits for it.
scan_of() {
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		pgrep -f -- "$scan .*--shard $1 .*$place/" && return
		sleep 0.05
	done
}

"${whole_night[@]}" >"$scratch/stdout" 2>"$scratch/said" &
pid=$!
victim=$(scan_of 1 | head -1)
sleep 0.5
kill -KILL "$victim"
for ((tries = 0; tries < 40; tries++)); do # a busy machine may take its time to tell
	grep -q "goes on" "$scratch/said" && break
	sleep 0.05
done
sleep 0.3
kill -TERM $pid
wait $pid
is "$?" 4 "told to stop half way"
like "$(cat "$scratch/said")" "shard-0001: the scan was killed \(signal 9\), and goes on" "a scan that was killed before that goes on"
like "$(cat "$place"/runs/shard-0000/run.json)" '"stopped": "signal"' "the scans ended in order"
ok "no report yet" test ! -e "$place/report"
"${whole_night[@]}" >"$scratch/stdout" 2>"$scratch/said"
is "$?" 0 "the same command goes on"
is "$(cat "$scratch/stdout")" "" "nothing goes to standard output"
is "$("$rows" names "$place"/runs/shard-0000 >"$scratch/all"; for i in 1 2; do "$rows" names "$place"/runs/shard-000$i; done | cat - "$scratch/all" | sort | md5sum)" \
	"$(sort "$scratch/names" | md5sum)" "each name is there once"
ok "judging all runs at once" "$build/servfail-aggregate" -q -o "$scratch/whole" "$place"/runs/shard-*
same "$scratch/whole" "gives the same bytes"
kill "${answerers[0]}"
wait "${answerers[0]}"
unset 'answerers[0]'
most=$(awk 'NR > 1 && $1 != "all" && $6 > most { most = $6 } END { print most }' "$scratch/rates")
ok "no resolver was asked more than 4,000 queries in any second: $most" test "$most" -gt 2000 -a "$most" -le 4000

like "$("$night" --local --shards 4 "$scratch/names" "$scratch/resolvers" "$place" 2>&1)" "was begun with other names, resolvers or options" "another night is not this one"
rm -r "$place/reports/shard-0001"
is "$(exit_of "$night" --step "$place" merge)" 1 "a shard without a report is a loss"
like "$(cat "$scratch/out")" "shard-0001: there is no report of this shard" "which is named"

# From two places, one of which sees other servers.
listen here 127.88.42.1 1 --servfail 30 --ede
place=$scratch/two
ok "a night from two places" "$night" --local --shards 2 --vantage ams --vantage nyc "$scratch/names" "$scratch/here" "$place" -- "${unquick[@]}" --resolver-rate 0
is "$(zcat "$place/report/verdicts.csv.gz" | sed 1d | cut -d, -f8-10 | sort | uniq -c | awk '{ print $2 }' | paste -sd ' ')" "0,2,0 2,0,0" "each resolver is two"
like "$(cat "$place/report/summary.txt")" "@ams .*@nyc " "and has their names"

place=$scratch/next
ok "a night that is compared" "$night" --local --shards 2 --previous "$scratch/two/report" "$scratch/names" "$scratch/here" "$place" -- "${unquick[@]}" --resolver-rate 0
like "$(zcat "$place/report/changes.csv.gz" | head -1)" "^name,.*change" "says what changed"
place=$scratch/single
head -100 "$scratch/names" >"$scratch/few"
ok "a night of one shard" "$night" --local "$scratch/few" "$scratch/here" "$place" -- "${unquick[@]}"
ok "has its report at once" test -s "$place/report/summary.txt" -a ! -e "$place/reports/shard-0000"
is "$(exit_of "$night" "$scratch/names" "$scratch/here")" 2 "an argument too few"
is "$(exit_of "$night" --shards 0 "$scratch/names" "$scratch/here" "$place")" 2 "no shards"
is "$(exit_of "$night" --vantage a/b "$scratch/names" "$scratch/here" "$place")" 2 "a label that is none"
is "$(exit_of "$night" --nonsense)" 2 "an unknown option"
for option in --nonsense "--rate fast" "--shard 1" "-o $scratch/x" --resolvers=x; do
	# shellcheck disable=SC2086
	is "$(exit_of "$night" --local "$scratch/names" "$scratch/here" "$scratch/new" -- $option) $(wc -l <"$scratch/out")" "2 1" "-- $option: one line"
done
ok "and nothing is begun" test ! -e "$scratch/new"
is "$(exit_of "$night" --local "$scratch/names" "$scratch/here" "$scratch/few")" 3 "a file instead of a directory"
is "$(wc -l <"$scratch/out")" 1 "is said in a line"
is "$(exit_of "$night" "$scratch/nothing" "$scratch/here" "$place")" 2 "no names"
like "$(cat "$scratch/out")" "nothing cannot be read" "is said"
is "$(PATH=/usr/bin:/bin exit_of "$night" "$scratch/names" "$scratch/here" "$scratch/new")" 3 "no Slurm"
like "$(cat "$scratch/out")" "there is no sbatch here; --local does without" "is said"
done_testing
