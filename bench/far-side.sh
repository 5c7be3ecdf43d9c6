# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
#
# The far side of a measurement: names, resolver lists, and an answerer that lives as long as one client.
# Sourced by bench/run and bench/limiter. Uses: $build, $work (a folder that goes away at the end), $port.

die() {
	echo "$0: $*" >&2
	exit 3
}

# names COUNT: prints the path of a file of so many names.
names() {
	local file=$work/names-$1

	[ -s "$file" ] || "$build/bench-names" "$1" > "$file" || die "no names"
	echo "$file"
}

# resolvers COUNT: prints the path of a list: up to 4 are 127.0.0.11 and so on, more are 127.0.1.1-250, 127.0.2.1-250, ...
resolvers() {
	local file=$work/resolvers-$1 i

	if [ ! -s "$file" ]; then
		for ((i = 0; i < $1; i++)); do
			if [ "$far_addresses" -le 4 ]; then
				echo "127.0.0.$((11 + i)):$port"
			else
				echo "127.0.$((1 + i / 250)).$((1 + i % 250)):$port"
			fi
		done > "$file"
	fi
	echo "$file"
}

# How many addresses the answerer has from now on: 4 or 1000.
far_side() {
	far_addresses=$1
	rm -f "$work"/resolvers-*
}

# answerer_start OPTION...
answerer_start() {
	local listen=(--listen "127.0.0.11-14:$port") i

	if [ "$far_addresses" -gt 4 ]; then
		listen=()
		for i in 1 2 3 4; do
			listen+=(--listen "127.0.$i.1-250:$port")
		done
	fi
	"$build/bench-answerer" "${listen[@]}" "$@" > "$work/answerer.out" &
	answerer_pid=$!
	for ((i = 0; i < 200; i++)); do
		grep -q ready "$work/answerer.out" && return
		kill -0 "$answerer_pid" 2> /dev/null || break
		sleep 0.02
	done
	die "the answerer did not start (is port $port taken?)"
}

# Stops it; its line of JSON is in $work/answerer.out then.
answerer_stop() {
	[ -n "${answerer_pid-}" ] || return 0
	kill "$answerer_pid" 2> /dev/null
	wait "$answerer_pid" 2> /dev/null
	answerer_pid=
}

# counted NAME: a number out of that line.
counted() {
	sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" "$work/answerer.out"
}
