#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The lab's first process: started by servfail-lab up inside fresh network, mount and PID namespaces (and a user
# namespace, when not root). It makes the network, starts what run/plan.tsv says as its children, waits until each
# answers, and then waits for them or for SIGTERM. When it goes, however it goes, the kernel kills all that is left in
# its PID namespace: nothing of the lab survives it.
#
# Usage: supervisor.sh WORK-FOLDER LAB-ROOT SECONDS
# It tells its state in run/state: "starting", "up", "failed: REASON".
#
# /proc stays the host's: pids read there, and recorded in run/NAME.pid, are those the user sees.
set -u
lab=$1 root=$2 deadline=$((SECONDS + $3))
cd "$lab" || exit 3
declare -A pids=() # name -> pid in this namespace

log() { printf '%(%FT%TZ)T %s\n' -1 "$*"; }

set_state() {
	log "$*"
	printf '%s\n' "$*" >run/state.part && mv run/state.part run/state
}

# nap SECONDS, without a process: the pipe that is read has no writer.
nap() { read -r -t "$1" -u "$never"; }

give_up() {
	set_state "failed: $*"
	stop 1
}

# The daemons get a moment to go in good order.
stop() {
	local left=30
	trap '' TERM
	kill -TERM -1 2>/dev/null
	while [ $left -gt 0 ] && kill -0 -1 2>/dev/null; do
		nap 0.1
		left=$((left - 1))
	done
	exit "$1"
}

# record_pid NAME: the caller's pid and start time, as the host sees them; together they cannot be mistaken for another.
record_pid() {
	local stat
	read -r stat </proc/self/stat
	# Field 22, counted behind the command's name, which may contain anything.
	# shellcheck disable=SC2086
	set -- "$1" ${stat%% *} ${stat##*) }
	printf '%s %s\n' "$2" "${22}" >"run/$1.pid"
}

make_network() {
	local knob
	# Where the machine has IPv6 switched off by default, the lab has it all the same.
	for knob in /proc/sys/net/ipv6/conf/{all,default,lo}/disable_ipv6; do
		[ -w "$knob" ] && echo 0 >"$knob"
	done
	[ -e /proc/net/if_inet6 ] || give_up "this kernel has no IPv6"
	echo "1024 65535" >/proc/sys/net/ipv4/ip_local_port_range
	ip -batch run/net || give_up "could not set up the lab's network"
}

# The unpacked packages are laid over /usr, so that each program finds its libraries and modules where it expects them.
# (The layers are named relative to the current folder: a colon or comma in its path would end the option.)
lay_over_usr() {
	[ -d "$root/usr" ] || return 0
	if (cd "$root" && mount -t overlay overlay -o lowerdir=usr:/usr /usr); then
		return 0
	fi
	log "this kernel lays no overlay over /usr here: going by PATH and LD_LIBRARY_PATH"
	export PATH="$root/usr/sbin:$root/usr/bin:$PATH"
	LD_LIBRARY_PATH=$(printf '%s:' "$root"/usr/lib/*-linux-gnu)
	export LD_LIBRARY_PATH
	printf 'export PATH=%q LD_LIBRARY_PATH=%q\n' "$PATH" "$LD_LIBRARY_PATH" >run/environment
	# Knot Resolver knows its modules by their absolute path alone.
	if ! compgen -G '/usr/lib/*knot-resolver' >/dev/null && ! compgen -G '/usr/lib/*/knot-resolver' >/dev/null; then
		log "Knot Resolver is left out: it needs the overlay, or its package installed"
		sed -i '/\tkresd\t/d' run/plan.tsv
		sed -i '/\(\.\|:\)3\(\]:53\)\?$/d' resolvers*.txt
		sed -i '/\.16 /d' resolvers-strange.txt
	fi
}

command_of() { # NAME DAEMON: sets command
	case $2 in
	odd) command=("$SERVFAIL_LAB_ODD" odd.tsv) ;;
	nsd) command=(nsd -d -c "conf/$1") ;;
	knot) command=(knotd -c "conf/$1") ;;
	named) command=(named -g -n 1 -c "conf/$1") ;;
	unbound) command=(unbound -d -c "conf/$1") ;;
	kresd) command=(kresd -n -c "../../conf/$1" "run/$1") ;;
	dnsdist) command=(dnsdist --supervised --disable-syslog -C "conf/$1") ;;
	pdns_recursor) command=(pdns_recursor --daemon=no --config-dir="conf/$1") ;;
	esac
}

# Copies of the programs run: where named or unbound are installed, AppArmor knows /usr/sbin/named by that path, and
# would keep it from our files.
start() { # NAME DAEMON
	local command program
	command_of "$1" "$2"
	program=$(command -v "${command[0]}") || give_up "$1: there is no program ${command[0]}; make deps gets it"
	command[0]=$lab/run/bin/${program##*/}
	[ -x "${command[0]}" ] || cp "$program" "${command[0]}" || give_up "$1: cannot copy $program"
	(
		exec </dev/null >"log/$1.log" 2>&1
		record_pid "$1"
		exec "${command[@]}"
	) &
	pids[$1]=$!
}

# check NAME DAEMON STAGE IPv4 IPv6: does it answer as it should, on both addresses?
check() {
	local address
	case $3/$2 in
	1/odd) grep -qs '^ready' "log/$1.log" ;;
	1/named) grep -qs 'all zones loaded' "log/$1.log" && answers "$4" && answers "$5" ;;
	1/*) answers "$4" && answers "$5" ;;
	2/*)
		for address in "$4" "$5"; do
			case $1 in
			unbound-refusing) answers "$address" || return 1 ;;
			*) resolves "$1" "$address" || return 1 ;;
			esac
		done
		;;
	esac
}

# Anything is an answer: some of these servers must refuse.
answers() { dig +norec +tries=1 +time=1 +noall +comments @"$1" . SOA 2>/dev/null | grep -q 'status:'; }

resolves() { # NAME ADDRESS: the good control name, validated where this resolver validates
	local out
	out=$(dig +adflag +tries=1 +time=5 +noall +comments @"$2" "$good_name" A 2>/dev/null) || return 1
	[[ $out == *"status: NOERROR"* ]] || return 1
	case $1 in unbound-plain | front-mixed | relay) return 0 ;; esac
	[[ $out =~ flags:[a-z\ ]*\ ad ]]
}

bring_up() { # STAGE
	local stage name daemon ipv4 ipv6
	while IFS=$'\t' read -r stage name daemon ipv4 ipv6; do
		[ "$stage" = "$1" ] && start "$name" "$daemon"
	done <run/plan.tsv
	while IFS=$'\t' read -r -u 3 stage name daemon ipv4 ipv6; do
		[ "$stage" = "$1" ] || continue
		until check "$name" "$daemon" "$stage" "$ipv4" "$ipv6"; do
			kill -0 "${pids[$name]}" 2>/dev/null ||
				give_up "$name ($daemon) ended at once; see $lab/log/$name.log"
			[ $SECONDS -lt "$deadline" ] ||
				give_up "$name ($daemon) does not answer as it should on $ipv4 and $ipv6; see $lab/log/$name.log"
			nap 0.1
		done
		log "$name answers"
	done 3<run/plan.tsv
}

trap 'log "told to stop"; stop 0' TERM
# Resolvers want many sockets: as many as are allowed, but no table for a billion.
files=$(ulimit -Hn)
[[ $files =~ ^[0-9]{1,5}$ ]] && [ "$files" -lt 65536 ] || files=65536
ulimit -Sn "$files"
rm -f run/never
mkfifo run/never && exec {never}<>run/never || exit 3
record_pid supervisor
set_state starting
mkdir -p run/bin
good_name=$(awk '$2 == "good" { print $1; exit }' controls.txt)
make_network
lay_over_usr
bring_up 1
bring_up 2
set_state up

# Who removes the work folder (make clean) removes the lab: without its records nobody could ever stop it.
(
	trap - TERM
	while [ "$lab" -ef . ]; do
		nap 1
	done
	kill -TERM 1
) &

# A server that ends is not started again: a lab that changes behind one's back is no lab. status tells.
while wait -n -p ended; status=$?; [ -n "${ended-}" ]; do
	for name in "${!pids[@]}"; do
		[ "${pids[$name]}" = "$ended" ] && log "$name ended with status $status"
	done
done
log "nothing is left running"
