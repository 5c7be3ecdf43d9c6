#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# An attacker who knows the ports and the questions, and guesses the IDs, floods a scan with forged answers: to other questions,
# to none, and to the very ones that wait. None gets into a row, no true answer gets lost over it, and the run tells.
#
# Usage: tests/system/forged.t [--long]     --long: ten million instead of some hundred thousand (make check-forged)
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
. tests/system/scan.bash

count=100000 names=2000
[ "${1-}" != --long ] || count=10000000 names=1000000
"$build/bench-names" $names >"$scratch/names"

# attack NAME HOST OPTION...: a scan that goes on until all is sent
attack() {
	local name=$1 host=$2 scanner status
	shift 2
	listen "$name" "$host" "${host##*.}" --servfail 20 --ede --delay 30 --flood $((count * 13 / 10)) # some come to ports that are closed again
	rm -rf "$scratch/run"
	"$scan" "${quick[@]}" --rate 2000 --tries 4 -r "$scratch/$name" -o "$scratch/run" "$@" "$scratch/names" 2>"$scratch/said" &
	scanner=$!
	until grep -qs flooded "$scratch/$name.log" || ! kill -0 $scanner 2>/dev/null; do sleep 0.1; done
	kill -INT $scanner 2>/dev/null
	wait $scanner
	status=$?
	ok "$name: it ends in order ($status)" test $status = 0 -o $status = 4
	ok "$name: balanced and whole" whole
	forged=$(total unasked wrong_question wrong_case answered_twice | awk '{ print $1 + $2 + $3 + $4 }')
	ok "$name: $forged forged answers came in" test "$forged" -ge "$count"
	is "$(count rcode=YXDOMAIN)$(count cd_rcode=YXDOMAIN)$(count again_rcode=YXDOMAIN)" 000 "$name: none was believed"
	is "$(values rcode) $(values cd_rcode)" "NOERROR,SERVFAIL NOERROR" "$name: true answers only"
	is "$(values outcome)" answered "$name: and none lost ($(count outcome=answered) pairs)"
	like "$(cat "$scratch/said")" "^servfail-scan: [0-9]+ messages answer nothing that was asked and may be forged: none was believed, and\
 [1-9][0-9]* queries were asked again over TCP" "$name: the run tells"
	"$build/servfail-aggregate" -q -o "$scratch/report" "$scratch/run" 2>/dev/null
	like "$(cat "$scratch/report/summary.txt")" "forged +[0-9]+ messages may be: none was believed" "$name: and so does the summary"
	rm -rf "$scratch/report"
	kill "${answerers[-1]}"
	wait "${answerers[-1]}"
}

attack plain 127.91.0.1
attack cased 127.91.0.2 --0x20 on
[ "${1-}" != --long ] || attack many-ports 127.91.0.3 --ports 256 --threads 2
done_testing
