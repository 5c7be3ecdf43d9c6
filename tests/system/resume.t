#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# servfail-scan is killed, stopped, and runs into limits; --resume goes on, and in the end nothing is missing and nothing twice.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
build=$(realpath "${SERVFAIL_BUILD:-build}")
scan=$build/servfail-scan
rows=$PWD/tests/system/rows.py
scratch=$(mktemp -d)
answerer=
ended() {
	[ -z "$answerer" ] || kill "$answerer" 2>/dev/null
	wait
	rm -rf "$scratch"
}
trap ended EXIT

for ((try = 0; try < 20; try++)); do
	port=$((20000 + RANDOM % 12000))
	"$build/bench-answerer" --listen "127.88.12.1-2:$port" --servfail 30 --dead 20 --ede --sign 64 --delay 3 --jitter 5 >"$scratch/log" 2>&1 &
	answerer=$!
	for ((i = 0; i < 100; i++)); do
		grep -qs ready "$scratch/log" && break 2
		kill -0 "$answerer" 2>/dev/null || break
		sleep 0.05
	done
done
printf '127.88.12.%d:'$port'\n' 1 2 >"$scratch/resolvers"
"$build/bench-names" 20000 >"$scratch/names"
run=$scratch/run
quick=(-q -r "$scratch/resolvers" --controls none --evidence none --recheck 0.5 --rate 0 --resolver-rate 0 --window 300 -o "$run")

# scan_exits STATUS OPTION...; $said: standard error
scan_exits() {
	local want=$1 status
	shift
	said=$("$scan" "${quick[@]}" "$@" 2>&1 </dev/null)
	status=$?
	is "$status" "$want" "exit status $want: ${*##*/}"
	[ "$status" = "$want" ] || echo "# $said"
}
whole() { # complete, every file readable, and exactly the names of the file $1
	local file good=0
	for file in "$run"/*.gz; do gzip -t "$file" || good=1; done
	"$rows" check "$run" && "$rows" exact "$run" "$1" && [ "$("$rows" total "$run" complete)" = True ] && return $good
}
# start OPTION...: a scan in the background, $pid
start() {
	"$scan" "${quick[@]}" "$@" </dev/null >"$scratch/out" 2>&1 &
	pid=$!
}

# ---- killed
killed=0
options=()
while [ $killed -lt 8 ]; do
	start "${options[@]}" "$scratch/names"
	sleep "$((RANDOM % 5 / 4)).$((RANDOM % 10))"
	kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null
	options=(--resume)
done 2>/dev/null
scan_exits 0 --resume "$scratch/names"
ok "killed $killed times: nothing is missing, nothing is there twice" whole "$scratch/names"
is "$("$rows" total "$run" read scanned duplicates rejected left pairs)" "20000 20000 0 0 0 40000" "and the totals balance"
ok "each beginning is in resolvers.csv" test "$(grep -c before "$run/resolvers.csv")" -gt 2
scan_exits 0 --resume "$scratch/names"
is "$said" "servfail-scan: $run: the run is complete, there is nothing left to resume" "once more"
scan_exits 2 --resume -t MX "$scratch/names"
like "$said" "--resume: the run was begun with --type A, not MX" "another one was not made"

# ---- what does not fit
rm -rf "$run"
start --rate 8000 "$scratch/names"
for ((i = 0; i < 100; i++)); do
	[ ! -e "$run/pairs-000.csv.gz.part" ] || break
	sleep 0.05
done
scan_exits 3 --resume "$scratch/names"
is "$said" "servfail-scan: $run: another scan is writing there" "while it runs"
sleep 2.5
kill -TERM $pid
wait $pid
is "$? $("$rows" total "$run" complete stopped)" "4 False signal" "stopped"
ok "with what was done so far" "$rows" check "$run"
scan_exits 3 "$scratch/names"
like "$said" "holds a run already .*; --resume goes on with it" "no other run in its place"
scan_exits 2 --resume --pairs failed --seed 7 "$scratch/names"
is "$said" "servfail-scan: --resume: the run was begun with --seed 0, not 7
servfail-scan: --resume: the run was begun with --pairs always, not failed" "other options"
head -1 "$scratch/resolvers" >"$scratch/other"
scan_exits 2 --resume -r "$scratch/other" "$scratch/names"
is "$said" "servfail-scan: --resume: the run was begun with 2 resolvers, not 1" "fewer resolvers"
tac "$scratch/resolvers" >"$scratch/other"
scan_exits 2 --resume -r "$scratch/other" "$scratch/names"
like "$said" "begun with other resolvers: 127.88.12.1:$port, where now 127.88.12.2:$port is" "other resolvers"
{ echo new.example && tail -n +2 "$scratch/names"; } >"$scratch/changed"
scan_exits 2 --resume "$scratch/changed"
is "$said" "servfail-scan: --resume: $scratch/changed is not what it was when the run was begun" "other names"
scan_exits 2 --resume "$scratch/names" "$scratch/changed"
like "$said" "with 1 files of names and exclusions, not 2" "more names"
said=$("$scan" "${quick[@]}" --resume - <"$scratch/changed" 2>&1)
is "$? $said" "2 servfail-scan: --resume: - is not what it was when the run was begun" "other names on standard input"
said=$(cat "$scratch/changed" | "$scan" "${quick[@]}" --resume - 2>&1)
is "$? $said" "2 servfail-scan: --resume: the names are not those that the run was begun with" "and through a pipe"
cp "$run/resume.gz" "$scratch/good.gz"
head -c 300 "$scratch/good.gz" >"$run/resume.gz"
scan_exits 3 --resume "$scratch/names"
like "$said" "^servfail-scan: $run/resume.gz: member 1 at octet 0: unexpected end of file" "a record that is cut off"
cp "$scratch/good.gz" "$run/resume.gz"
scan_exits 0 --resume --threads 1 --window 500 --timeout 5 "$scratch/names"
ok "nothing came of all that: nothing is missing, nothing is there twice" whole "$scratch/names"
scan_exits 2 --resume -o - "$scratch/names"
is "$said" "servfail-scan: --resume: needs a run directory (--output), and no --dry-run" "standard output cannot be gone on with"

# ---- a full disk, and standard input
rm -rf "$run"
limited() { (
	trap '' XFSZ
	ulimit -f "$1"
	shift
	exec "$scan" "${quick[@]}" "$@"
); }
said=$(cat "$scratch/names" | limited 150 2>&1)
is "$?" 4 "no more room"
like "$said" "File too large: [0-9]+ rows could not be written" "is said"
ok "what could be written is whole" "$rows" check "$run"
said=$(cat "$scratch/names" | "$scan" "${quick[@]}" --resume 2>&1)
is "$? $said" "0 " "room again, and the same names again"
ok "nothing is missing, nothing is there twice" whole "$scratch/names"

# ---- before anything was done
rm -rf "$run"
scan_exits 0 --resume "$scratch/names"
ok "where no run is, one begins" whole "$scratch/names"
done_testing
