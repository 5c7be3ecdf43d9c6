#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# servfail-lab keeps its word: it starts and stops however often, leaves nothing behind, shows nothing to the host, runs
# commands as if they ran outside, and its resolvers are what their lists say.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
export SERVFAIL_BUILD=${SERVFAIL_BUILD:-build}
export SERVFAIL_LAB_DIR=${SERVFAIL_BUILD}/check/lab.t
lab=$PWD/tools/servfail-lab
work=$(realpath -m "$SERVFAIL_LAB_DIR")
[[ $SERVFAIL_BUILD == /* ]] || SERVFAIL_BUILD=$PWD/$SERVFAIL_BUILD SERVFAIL_LAB_DIR=$work
scratch=$(mktemp -d) || exit 3
trap '"$lab" down 2>/dev/null; rm -rf "$scratch"' EXIT

exit_of() { # WANT COMMAND...: the command ends with this exit status
	local want=$1
	shift
	"$@"
	[ $? = "$want" ]
}
supervisor() { cut -d' ' -f1 "$work/run/supervisor.pid"; }
gone() { # PID...: none of these processes lives, a second from now at the latest
	local pid tries
	for pid; do
		for tries in {1..20}; do
			[ -d "/proc/$pid" ] || continue 2
			sleep 0.05
		done
		echo "$pid lives: $(tr '\0' ' ' <"/proc/$pid/cmdline") after $tries tries"
		return 1
	done
}
pids() { cut -d' ' -f1 "$work"/run/*.pid; }
# The host's sockets on port 53, whoever has them; inodes and counters left out.
host_port_53() { awk '$2 ~ /:0035$/ { print FILENAME, $2 }' /proc/net/udp /proc/net/udp6 /proc/net/tcp /proc/net/tcp6; }

# ---- what is asked for wrongly
ok "no command is a usage error" exit_of 2 "$lab"
ok "an unknown command is a usage error" exit_of 2 "$lab" sideways
ok "an unknown option of up is a usage error" exit_of 2 "$lab" up --fast x
ok "unreadable names are a usage error" exit_of 2 "$lab" up --names "$scratch/none"
ok "down takes no arguments" exit_of 2 "$lab" down now
like "$("$lab" --help)" "Usage: servfail-lab" "--help goes to stdout"
like "$("$lab" --version)" "^servfail-lab [0-9]+\.[0-9]" "--version"
is "$("$lab" cases | tail -n +2 | wc -l)" "$(grep -cv -e '^#' -e '^-' -e '^$' tools/lab/cases.tsv)" "cases prints each case of the table"

# ---- up and down
"$lab" down 2>/dev/null
ok "down when it is down" "$lab" down
ok "status says no when it is down" exit_of 1 "$lab" status
ok "run says no when it is down" exit_of 3 "$lab" run true
before=$(host_port_53)
seconds=$SECONDS
if ! ok "up" "$lab" up; then
	tail -n 20 "$work/log/supervisor.log" | sed 's/^/# /'
	done_testing
fi
ok "in under 30 seconds" [ $((SECONDS - seconds)) -lt 30 ]
is "$(host_port_53)" "$before" "the host's port 53 is as it was"
first=$(supervisor)
ok "up again" "$lab" up
is "$(supervisor)" "$first" "which changes nothing"
status=$("$lab" status)
is $? 0 "status says yes"
is "$(printf '%s\n' "$status" | tail -n +2 | grep -cv ' up$')" 0 "every server is up"

# ---- run
ok "run gives the command's exit status" exit_of 7 "$lab" run sh -c 'exit 7'
ok "also that of a command that does not exist" exit_of 127 "$lab" run servfail-no-such-command
is "$(cd "$scratch" && "$lab" run pwd -P)" "$(cd "$scratch" && pwd -P)" "in the folder where it was called"
is "$("$lab" run printf '<%s>' 'a  b' '$HOME' '')" '<a  b><$HOME><>' "with the arguments as they were"
is "$(SOME_THING=there "$lab" run sh -c 'echo $SOME_THING')" there "with the caller's environment"
is "$("$lab" run sh -c 'echo "$SERVFAIL_LAB"')" "$work" "and SERVFAIL_LAB"
is "$(echo through | "$lab" run cat)" through "standard input goes through"
"$lab" run touch "$scratch/mine"
is "$(stat -c %u "$scratch/mine")" "$(id -u)" "what it writes belongs to the caller"
"$lab" run sleep 60 &
sleeper=$!
sleep 0.3
kill -TERM $sleeper
wait $sleeper
is $? 143 "a signal reaches the command itself"

# ---- the root and the TLDs: not a zone of them is broken, on any server
while IFS=$'\t' read -r server zone _; do
	case $server in
	*-root | *-tld)
		read -r ipv4 ipv6 < <(awk -F '\t' -v server="$server" '$1 == server { print $3, $4 }' "$work/servers.tsv")
		for address in "$ipv4" "$ipv6"; do
			like "$("$lab" run dig +norec +tries=2 +time=5 "@$address" "$zone" SOA)" \
				'status: NOERROR.*flags:[a-z ]* aa.*ANSWER: 1' "$server serves $zone at $address"
		done
		;;
	esac
done <"$work/serve.tsv"

# ---- the resolvers
control() { awk -v kind="$1" '$2 == kind { print $1; exit }' "$work/controls.txt"; }
ask() { "$lab" run dig +tries=2 +time=10 +adflag "$@" A; }
good=$(control good) bogus=$(control bogus)
while read -r address; do
	address=${address#[} address=${address%]:53}
	like "$(ask "@$address" "$good")" 'status: NOERROR.*flags:[a-z ]* ad[ ;]' "$address validates $good"
	bogus_answer=$(ask "@$address" "$bogus")
	like "$bogus_answer" 'status: SERVFAIL' "$address fails $bogus"
	like "$(ask "@$address" +cd "$bogus")" 'status: NOERROR' "$address gives $bogus when CD=1"
	like "$(ask "@$address" +tcp "$good")" 'status: NOERROR' "$address answers over TCP"
	case $address in # BIND 9.18 has no EDE for this
	*.2 | *:2) ;;
	*) like "$bogus_answer" 'EDE: [0-9]+' "$address says why" ;;
	esac
done < <(cat "$work/resolvers.txt" "$work/resolvers6.txt")
is "$(wc -l <"$work/resolvers.txt")" 4 "four resolvers validate"
is "$(wc -l <"$work/resolvers-all.txt")" 6 "six are listed"
like "$(ask @5.53.9.5 "$bogus")" 'status: NOERROR.*flags:[a-z ]*;' "5.53.9.5 does not validate"
is "$(wc -l <"$work/resolvers-odd.txt")" 9 "nine are on the list of odd ones"
while read -r address; do
	like "$(ask "@${address#tls://}" +tls "$good")" 'status: NOERROR.*#853' "$address answers over TLS"
done <"$work/resolvers-tls.txt"
is "$(wc -l <"$work/resolvers-strange.txt")" 3 "three are stranger than that"
like "$(ask @5.53.9.7 +cd "$bogus")" 'status: SERVFAIL' "5.53.9.7 ignores CD"
like "$(ask @5.53.9.8 "$(control nxdomain)")" 'status: NOERROR.*ANSWER: 1' "5.53.9.8 rewrites NXDOMAIN"
like "$(ask @5.53.9.9 "$good")" 'status: REFUSED' "5.53.9.9 refuses"
lost() { # of 40 queries to it; by chance 8
	"$lab" run bash -c 'for i in {1..40}; do dig +tries=1 +time=1 @5.53.9.10 "$0" A >/dev/null || echo lost & done; wait' "$good" | wc -l
}
ok "5.53.9.10 loses some" [ "$(lost)" -gt 0 ]
echo 5.53.9.11 >"$scratch/limited"
seq 4000 | sed "s/.*/n&.$good/" >"$scratch/many"
"$lab" run "$SERVFAIL_BUILD/servfail-scan" -q -r "$scratch/limited" -o "$scratch/run" --rate 0 --resolver-rate 0 \
	--controls none --evidence none --recheck 0 "$scratch/many"
like "$(tests/system/rows.py values "$scratch/run" rcode)" 'NXDOMAIN.*SERVFAIL' "5.53.9.11 has enough at some time"
silent() { "$lab" run dig +tries=1 +time=1 "@$1" . SOA; }
for address in 5.53.9.6 5.53.4.1 2a00:53:4::1 10.53.0.1 192.0.2.1 2001:db8::1; do
	like "$(silent $address)" 'timed out' "$address is a blackhole"
done
for address in 5.53.5.1 2a00:53:5::1; do
	like "$(silent $address)" 'connection refused' "$address has no listener"
done

# ---- what goes wrong
victim=$(cut -d' ' -f1 "$work/run/kresd.pid")
kill -KILL "$victim"
gone "$victim"
like "$("$lab" status)" 'kresd +kresd +[^ ]+ +[^ ]+ +- +down' "status shows a server that died"
ok "and says no" exit_of 1 "$lab" status
ok "up mends it" "$lab" up
ok "so that all is up" "$lab" status

mapfile -t all < <(pids)
kill -KILL "$(supervisor)"
ok "nothing survives its supervisor" gone "${all[@]}"
ok "down after that" "$lab" down
ok "up after that" "$lab" up
mapfile -t all < <(pids)
ok "down" "$lab" down
ok "nothing is left running" gone "${all[@]}"
ok "down again" "$lab" down
ok "status says no" exit_of 1 "$lab" status

# ---- names of one's own
printf '%s\n' www.harbour-works.com mill-lane.de quartz.nl xn--mller-kva.se deep.under.oak-road.co.uk >"$scratch/names"
ok "up with names" "$lab" up --names "$scratch/names"
is "$(cut -f1 "$work/names-cases.tsv" | grep -cxFf "$scratch/names")" 5 "each has a row in names-cases.tsv"
first=$(supervisor)
ok "up with the same names" "$lab" up --names "$scratch/names"
is "$(supervisor)" "$first" "changes nothing"
while IFS=$'\t' read -r name qtype state _; do
	[ "$state" = ok ] || continue
	while read -r address; do
		like "$("$lab" run dig +tries=2 +time=15 "@$address" "$name" "$qtype")" 'status: NOERROR' "$address resolves $name"
	done <"$work/resolvers.txt"
done <"$work/names-cases.tsv"
echo slate-hill.org >>"$scratch/names"
ok "up with other names" "$lab" up --names "$scratch/names"
ok "makes another world" [ "$(supervisor)" != "$first" ]
ok "down" "$lab" down

ok "up" "$lab" up
mapfile -t all < <(pids)
rm -rf "$work"
sleep 2
ok "who removes the work folder removes the lab" gone "${all[@]}"

mkdir "$scratch/broken"
printf '#!/bin/sh\necho no zones today >&2\nexit 1\n' >"$scratch/broken/lab-zones"
printf '#!/bin/sh\necho no habits today >&2\nexit 1\n' >"$scratch/broken/lab-odd"
chmod +x "$scratch"/broken/lab-*
unhappy() { SERVFAIL_BUILD=$scratch/broken SERVFAIL_LAB_DIR=$scratch/lab "$lab" up 2>&1; }
like "$(unhappy)" 'no zones today.*log/zones.log' "a world that cannot be built is said"
cp "$SERVFAIL_BUILD/lab-zones" "$scratch/broken/"
like "$(unhappy)" 'odd .*log/odd.log' "a server that does not start is named, with its log"
ok "and up failed" exit_of 3 unhappy
ok "leaving nothing" exit_of 1 env SERVFAIL_LAB_DIR="$scratch/lab" "$lab" status

# ---- an ordinary user
if [ "$(id -u)" != 0 ]; then
	skip "works for an ordinary user" "all of the above was done by one"
elif ! setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$lab" -a -x "$SERVFAIL_BUILD/lab-zones" ||
	! setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user --map-root-user --net true; then
	skip "works for an ordinary user" "nobody cannot read this tree, or make namespaces"
else
	mkdir "$scratch/nobody" && chown 65534:65534 "$scratch/nobody" && chmod 755 "$scratch"
	nobody() {
		SERVFAIL_LAB_DIR="$scratch/nobody/lab" setpriv --reuid=65534 --regid=65534 --clear-groups "$lab" "$@"
	}
	ok "an ordinary user: up" nobody up
	ok "status" nobody status
	nobody run touch "$scratch/nobody/mine"
	is "$(stat -c %u "$scratch/nobody/mine")" 65534 "what run writes is the user's"
	like "$(nobody run dig +tries=2 +time=10 +adflag @5.53.9.1 "$good")" 'flags:[a-z ]* ad[ ;]' "the resolvers validate"
	like "$(SERVFAIL_LAB_DIR=$scratch/nobody/lab "$lab" run true 2>&1)" 'belongs to' "it is that user's alone"
	ok "down" nobody down
fi
done_testing
