#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Started as root: whose the process is, whose its threads are that read what strangers send, and whose the files.
set -u
if [ "$(id -u)" != 0 ] || ! setpriv --reuid 4711 --regid 4712 --clear-groups true 2>/dev/null; then
	echo "1..0 # SKIP not root, or a root that can become nobody else"
	exit 0
fi
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
. tests/system/scan.bash

listen two 127.88.15.1 2 --servfail 30 --dead 20 --ede
"$build/bench-names" 1000 >"$scratch/names"
chmod 755 "$scratch"
mkdir "$scratch/theirs" && chown 4711:4712 "$scratch/theirs"

slow=("${quick[@]}" --rate 1000 --recheck 0.2 --timeout 0.5 --tries 1 -r "$scratch/two")

# start OPTION...: a scan in the background, $pid, and who is who soon after
start() {
	"$scan" "${slow[@]}" "$@" </dev/null >"$scratch/out" 2>&1 &
	pid=$!
	sleep 0.5
	process=$(awk '/^(Uid|Gid|CapPrm|CapEff):/ { printf "%s%s", $2, /CapEff/ ? "" : " " }' "/proc/$pid/status")
	threads=$(for task in "/proc/$pid/task"/*; do
		echo "$(cat "$task/comm"):$(awk '/^(Uid|Gid|CapPrm|Seccomp):/ { printf "%s ", $2 }' "$task/status")"
	done | grep -E '^(worker|recheck|lookout)' | sed 's/^[^:]*://' | sort -u)
}
nothing=0000000000000000

start -o "$scratch/theirs/run" "$scratch/names"
is "$process" "4711 4712 $nothing $nothing" "in somebody's directory it becomes that user"
is "$threads" "4711 4712 $nothing 2 " "so do its threads"
wait "$pid"
is "$?" 0 "and it is done" || sed 's/^/# /' "$scratch/out"
ok "the run is whole" whole "$scratch/theirs/run"
is "$(stat -c %u:%g "$scratch/theirs/run" "$scratch/theirs/run"/* | sort -u)" 4711:4712 "all of it is that user's"

"$scan" "${slow[@]}" --resume -o "$scratch/theirs/run" "$scratch/names" </dev/null >"$scratch/out" 2>&1
is "$(cat "$scratch/out")" "servfail-scan: $scratch/theirs/run: the run is complete, there is nothing left to resume" "and it can be gone on with"

install -m 600 "$scratch/names" "$scratch/secret"
start -o "$scratch/theirs/secret" "$scratch/secret"
like "$process" "^0 0 " "where that user cannot read the names, it stays root"
is "$threads" "65534 65534 $nothing 2 " "but for those who read what strangers send"
wait "$pid"
is "$?" 0 "and it is done" || sed 's/^/# /' "$scratch/out"
ok "the run is whole" whole "$scratch/theirs/secret"

mkdir "$scratch/metrics"
start -o "$scratch/theirs/metrics" --metrics "$scratch/metrics/servfail.prom" "$scratch/names"
like "$process" "^0 0 " "likewise where it cannot write the metrics"
wait "$pid"
is "$?" 0 "and it is done" || sed 's/^/# /' "$scratch/out"
ok "and they are there" test -s "$scratch/metrics/servfail.prom"

start -o "$scratch/run" "$scratch/names"
like "$process" "^0 0 " "in root's directory it stays root"
is "$threads" "65534 65534 $nothing 2 " "but for those who read what strangers send"
wait "$pid"
is "$?" 0 "and it is done" || sed 's/^/# /' "$scratch/out"
done_testing
