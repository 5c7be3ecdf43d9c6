#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Firewalls, full buffers, clocks that jump, slow disks, devices without trains: what a night brings, let in by
# tests/faults/weather.c. Every row tells the truth, nothing is missing, and what went on is said.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
. tests/system/scan.bash
weather=$build/tests/faults/weather.so
if nm -D "$scan" | grep -q __asan_init || [ ! -e "$weather" ]; then
	echo "1..0 # SKIP a sanitizer wants to be the first library"
	exit 0
fi

listen two 127.88.16.1 2 --servfail 20 --dead 10 --ede
"$build/bench-names" 4000 >"$scratch/names"
printf 'control-%d.example good\n' 1 2 3 4 >"$scratch/controls"
scanning=(-q --controls "$scratch/controls" --evidence none --recheck 0.5 --rate 4000 --resolver-rate 2000 --timeout 2 -r "$scratch/two")

# start NAME SPELL...: a scan into $scratch/NAME in that weather, in the background
declare -A pids
start() {
	local name=$1
	shift
	env "$@" LD_PRELOAD="$weather" "$scan" "${scanning[@]}" -o "$scratch/$name" "$scratch/names" </dev/null >"$scratch/$name.out" 2>&1 &
	pids[$name]=$!
}
# ends NAME STATUS WHAT
ends() {
	run=$scratch/$1
	wait "${pids[$1]}"
	is "$?" "$2" "$3" || sed 's/^/# /' "$scratch/$1.out"
	ok "each row is there once, and the files are whole" eval 'whole "$run" && "$rows" exact "$run" "$scratch/names"'
}
answered() { [ "$("$rows" values "$run" outcome cd_outcome | paste -sd ' ')" = "answered answered" ]; }

# ---- the network; what waits does not work, so several go on at a time
start firewall WEATHER_SEND=EPERM@1.5-7
start half WEATHER_SEND=EPERM@1.5-5/127.88.16.2
start buffers WEATHER_SEND=ENOBUFS@1.5-3
ends firewall 0 "a firewall that refuses all for a while (EPERM)"
like "$(cat "$scratch/firewall.out")" "no resolver is heard any more"$'.*\n'".*heard again" "which is said"
ok "no row tells of it but those of a resolver's overload, asked again" test "$("$rows" count "$run" outcome!=answered note=)" = 0
ends half 0 "one that refuses one resolver"
is "$(cat "$scratch/half.out")" "" "that is not the network"
is "$("$rows" count "$run" resolver="$(head -n 1 "$scratch/two")" outcome!=answered note=)" 0 "the other one goes on"
is "$("$rows" count "$run" outcome=timeout)" 0 "what could not be sent is no timeout"
ends buffers 0 "no buffers for a while (ENOBUFS)"
ok "what could not be sent is sent later" answered

# ---- the machine
start trains WEATHER_TRAINS=EIO
start back WEATHER_WALL=-86400@1.5
start slow WEATHER_DISK=300@1-6
ends trains 0 "a device that takes no trains (EIO)"
ok "gets its queries one by one" answered
is "$("$rows" total "$run" trains)" 0 "and no train"
ok "though they were tried" test "$("$rows" total "$run" send_errors)" -gt 0
ends back 0 "the clock is set back by a day"
ok "which is no matter to what is asked" answered
is "$("$rows" total "$run" silent_ms overloaded)" "0 0" "nor to who is heard"
ends slow 0 "a slow disk"
ok "is waited for" answered
done_testing
