# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034
#
# For system tests that scan answerers of the bench (source tap.bash first): a scratch folder, answerers that end with the
# test, and words about what a scan left in $scratch/run.
build=$(realpath "${SERVFAIL_BUILD:-build}")
scan=$build/servfail-scan
rows=$PWD/tests/system/rows.py
scratch=$(mktemp -d)
answerers=()
ended() { # the answerers, and what they left
	[ ${#answerers[@]} = 0 ] || kill "${answerers[@]}" 2>/dev/null
	wait
	rm -rf "$scratch"
}
trap ended EXIT
set -m # background jobs hear SIGINT

# listen NAME HOST LAST OPTION...: an answerer on a free port of the addresses HOST to x.x.x.LAST; $scratch/NAME lists them
listen() {
	local name=$1 host=$2 last=$3 port pid tries i
	shift 3
	for ((tries = 0; tries < 20; tries++)); do
		port=$((20000 + RANDOM % 12000))
		"$build/bench-answerer" --listen "$host-$last:$port" "$@" >"$scratch/$name.log" 2>&1 &
		pid=$!
		for ((i = 0; i < 200; i++)); do
			if grep -qs ready "$scratch/$name.log"; then
				answerers+=("$pid")
				for ((i = ${host##*.}; i <= last; i++)); do echo "${host%.*}.$i:$port"; done >"$scratch/$name"
				return
			fi
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.05
		done
	done
	echo "Bail out! the answerer does not start: $(cat "$scratch/$name.log")"
	exit 3
}

quick=(-q --controls none --evidence none --recheck 0 --rate 0 --resolver-rate 0)
# scan_exits STATUS LIST OPTION...: a run into $scratch/run through the resolvers of LIST. $said: standard error.
scan_exits() {
	local want=$1 list=$2 status
	shift 2
	rm -rf "$scratch/run"
	said=$("$scan" "${quick[@]}" -r "$scratch/$list" -o "$scratch/run" "$@" 2>&1 >"$scratch/stdout" </dev/null)
	status=$?
	is "$status" "$want" "exit status $want: ${*##*/}"
	[ "$status" = "$want" ] || echo "# $said"
}
whole() { # files complete, totals balanced, every row read
	local file good=0
	for file in "${1:-$scratch/run}"/*.gz; do gzip -t "$file" || good=1; done
	"$rows" check "${1:-$scratch/run}" && return $good
}
total() { "$rows" total "$scratch/run" "$@"; }
count() { "$rows" count "$scratch/run" "$@"; }
values() { "$rows" values "$scratch/run" "$@" | paste -sd ' '; }
exit_of() {
	"$@" >"$scratch/out" 2>&1 </dev/null
	echo $?
}
