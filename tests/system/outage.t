#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The network goes while servfail-scan runs, and comes back, or not: no row is made of that. Two network namespaces, joined by a
# cable that can be pulled; with --long, for as long as a minute and in more ways.
set -u
long=
[ "${1-}" != --long ] || long=yes
if [ -z "${OUTAGE_T_NAMESPACE-}" ]; then
	export OUTAGE_T_NAMESPACE=own
	as_root=-r
	[ "$(id -u)" != 0 ] || as_root=
	if unshare -n $as_root true 2>/dev/null; then
		exec unshare -n $as_root "$0" "$@"
	fi
	echo "1..0 # SKIP no network namespaces here"
	exit 0
fi
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
. tests/system/scan.bash

# ---- the cable: 10.77.0.1 is here, 10.77.0.2 and .3 are there
ip link set lo up
unshare -n sleep 1000 &
there=$!
disown
answerers+=("$there")
for ((i = 0; i < 100; i++)); do
	[ "$(readlink /proc/$there/ns/net)" = "$(readlink /proc/self/ns/net)" ] || break
	sleep 0.05
done
ip link add here type veth peer name there netns $there
inside() { nsenter -t $there -n "$@"; }
inside ip link set lo up
inside ip addr add 10.77.0.2/24 dev there
inside ip addr add 10.77.0.3/24 dev there
inside ip link set there up
ip addr add 10.77.0.1/24 dev here
ip link set here up

# serve ADDRESS: $served is its process
serve() {
	nsenter -t $there -n "$build/bench-answerer" --listen "$1:5353" --servfail 30 --dead 20 --ede >"$scratch/$1.log" 2>&1 &
	served=$!
	answerers+=("$served")
	for ((i = 0; i < 100; i++)); do
		grep -qs ready "$scratch/$1.log" && return
		sleep 0.05
	done
	echo "Bail out! the answerer does not start: $(cat "$scratch/$1.log")"
	exit 3
}
serve 10.77.0.2
first=$served
serve 10.77.0.3
second=$served
printf '10.77.0.%d:5353\n' 2 3 >"$scratch/two"
head -1 "$scratch/two" >"$scratch/one"
"$build/bench-names" 4000 >"$scratch/names"
run=$scratch/run
printf 'control-%d.example good\n' 1 2 3 4 >"$scratch/controls"
scanning=(-q --evidence none --recheck 0.5 --rate 4000 --resolver-rate 2000 --timeout 2 --controls none -o "$run")

# start LIST OPTION...: a scan in the background, $pid
start() {
	local list=$1
	shift
	rm -rf "$run"
	"$scan" "${scanning[@]}" -r "$scratch/$list" "$@" "$scratch/names" </dev/null >"$scratch/out" 2>&1 &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		[ ! -e "$run/pairs-000.csv.gz.part" ] || break
		sleep 0.05
	done
	sleep 1
}
whole_and_true() { whole "$run" && "$rows" exact "$run" "$scratch/names" && [ "$(values outcome cd_outcome)" = "answered answered" ]; }
# ended STATUS NAME: it ends so, with rows that are all true
ends() {
	wait -f "$pid" # not until it is stopped: that was our doing
	is "$?" "$1" "$2" || sed 's/^/# /' "$scratch/out"
	ok "each row is there once, and none tells of the network" whole_and_true
}
gone='^servfail-scan: no resolver is heard any more, as if the network were gone: no names are taken until one is \(--max-silence\)'
back='servfail-scan: resolvers are heard again, after [0-9]+ s: what was asked meanwhile is asked anew$'

# ---- pulled and plugged in again
start two
ip link set here down
if [ -n "$long" ]; then sleep 60; else sleep 6; fi
ip link set here up
ends 0 "the cable was pulled for a while"
like "$(cat "$scratch/out")" "$gone"$'\n'"$back" "which is said once, and once that it is over"
is "$(wc -l <"$scratch/out")" 2 "and nothing else is said"
ok "in run.json as well" test "$(total silent_ms)" -gt 4000 -a "$(total pairs_anew)" -gt 0

# ---- for good
start one --max-silence 4.5
ip link set here down
wait "$pid"
is "$?" 4 "the cable was pulled for good"
like "$(cat "$scratch/out")" "$gone"$'\n'"servfail-scan: stopped \(silence\) with [0-9]+ of the names read left" "which is said"
is "$(total complete stopped)" "False silence" "and in run.json"
ip link set here up
"$scan" "${scanning[@]}" -r "$scratch/one" --resume "$scratch/names" >"$scratch/out" 2>&1 </dev/null &
pid=$!
ends 0 "and --resume goes on"

# ---- we ourselves stand still
start two
kill -STOP "$pid"
sleep 4
kill -CONT "$pid"
ends 0 "stopped for longer than any answer takes"
is "$(cat "$scratch/out")" "" "which is no matter to speak of"

if [ -z "$long" ]; then
	done_testing
fi

# ---- one of two
start two
kill -STOP "$second"
sleep 4
kill -CONT "$second"
wait "$pid"
is "$?" 0 "one resolver of two falls silent for a while"
is "$(cat "$scratch/out")" "" "that is not the network"
is "$(count resolver=10.77.0.2:5353 outcome=answered note=)" 4000 "the other one goes on"
ok "what it did not answer is in its rows" test "$(count resolver=10.77.0.3:5353 outcome=timeout)" -gt 10
is "$(total silent_ms pairs_anew)" "0 0" "and nothing is asked anew"

# ---- the only one
start one
kill "$first"
wait "$first" 2>/dev/null
sleep 8
serve 10.77.0.2
ends 0 "the only resolver is started anew"

# ---- other ways to lose a network
start two
inside ip link set there down
sleep 20
inside ip link set there up
ends 0 "pulled at the other end"
for way in unreachable prohibit blackhole throw; do
	start two
	ip route add $way 10.77.0.2/32
	ip route add $way 10.77.0.3/32
	sleep 8
	ip route del 10.77.0.2/32
	ip route del 10.77.0.3/32
	ends 0 "no route: $way"
done
# ---- routers and firewalls that say so: ICMP, from the other end, as often as is asked
mac=$(inside ip -br link show there | awk '{ print $3 }')
inside sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/icmp_ratemask'
inside ip rule add pref 100 lookup local
inside ip rule del pref 0
for address in 10.77.0.2 10.77.0.3; do ip neigh replace $address lladdr "$mac" dev here nud permanent; done
for way in unreachable prohibit; do
	start two
	inside ip rule add pref 50 to 10.77.0.2/31 $way
	sleep 8
	inside ip rule del pref 50
	ends 0 "ICMP from the way to all: $way"
done
start two
inside ip rule add pref 50 to 10.77.0.3 prohibit
sleep 4
inside ip rule del pref 50
wait "$pid"
is "$?" 0 "ICMP from the way to one"
is "$(cat "$scratch/out")" "" "that is not the network"
is "$(count resolver=10.77.0.2:5353 outcome=answered note=)" 4000 "the other one goes on"
ok "what was refused is in its rows" test "$(count resolver=10.77.0.3:5353 outcome!=answered)" -gt 10
ok "as such, as often as routers say it: once a second" test "$(count resolver=10.77.0.3:5353 outcome=unreachable)" -gt 0
for address in 10.77.0.2 10.77.0.3; do ip neigh del $address dev here; done

# ---- a firewall of our own
weather=$build/tests/faults/weather.so
if [ -e "$weather" ]; then
	export LD_PRELOAD=$weather
	WEATHER_SEND=EPERM@2-62 start two
	ends 0 "sending is not permitted for a minute"
	WEATHER_SEND=EPERM@3/10.77.0.3 start two --controls "$scratch/controls"
	wait "$pid"
	is "$?" 1 "nor to one of them, ever again"
	is "$(cat "$scratch/out")" "servfail-scan: resolver 10.77.0.3:5353 does not answer any more, or fails every control name: dropped" "it is dropped"
	is "$(count resolver=10.77.0.2:5353 outcome=answered note=)" 4000 "the other one goes on"
	ok "what could not be sent is no timeout" test "$(count outcome=timeout)" -lt 20 # but what was on its way
	unset LD_PRELOAD
fi

start two --controls "$scratch/controls" --rate 0 --resolver-rate 0
ip link set here down
sleep 45
ip link set here up
wait "$pid"
is "$?" 0 "with control names: no resolver is dropped"
ok "and each row is true" whole_and_true

# ---- each name to two of three, and one of these goes for good
inside ip addr add 10.77.0.4/24 dev there
serve 10.77.0.4
{ cat "$scratch/two" && echo 10.77.0.4:5353; } >"$scratch/three"
start three --controls "$scratch/controls" --resolvers-per-name 2 --rate 1500 --resolver-rate 500
kill "$served"
wait "$pid"
is "$?" 1 "one of three goes for good"
is "$(cat "$scratch/out")" "servfail-scan: resolver 10.77.0.4:5353 does not answer any more, or fails every control name: dropped" "it is dropped"
is "$("$rows" check "$run")" "8000 pairs of 4000 names" "balanced and whole, but that not all go to all"
is "$(total scanned left pairs pairs_skipped)" "4000 0 8000 0" "each name is asked of two all the same"
ok "others have done what it was to do" test "$(total pairs_moved)" -gt 500
done_testing
