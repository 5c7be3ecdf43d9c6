#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# DNS over TLS and TCP from the outside: who is believed and who is not, what rows say of servers that do what they should
# not, and that nothing hangs.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
. tests/system/scan.bash
. tools/lab/tls.sh

certs=$scratch/certs
mkdir "$certs"
tls_authority "$certs" && tls_certificate "$certs" good IP:127.90.0.1,IP:127.90.0.2,DNS:r.example &&
	tls_certificate "$certs" other IP:192.0.2.1,DNS:other.example &&
	tls_certificate "$certs" expired IP:127.90.0.3,DNS:r.example -startdate 20200101000000Z -enddate 20210101000000Z || exit 3
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=itself \
	-addext subjectAltName=IP:127.90.0.4,DNS:r.example -keyout "$certs/itself.key" -out "$certs/itself.crt" 2>/dev/null
cat "$certs/itself.crt" "$certs/itself.key" >"$certs/itself.pem"

# of LIST SCHEME SUFFIX: $scratch/LIST as $scratch/asked, with something before and behind each address
of() { sed "s|^|$2|; s|\$|${3-}|" "$scratch/$1" >"$scratch/asked"; }
timed_scan() { # SECONDS STATUS OPTION...: no longer than that
	local start=$SECONDS seconds=$1
	shift
	scan_exits "$1" asked --tls-ca "$certs/ca.pem" "${@:2}"
	ok "in $seconds s at most" test $((SECONDS - start)) -le "$seconds"
}
calibration() { python3 -c 'import csv,sys; print(" ".join(r[sys.argv[2]] for r in csv.DictReader(open(sys.argv[1]))))' "$scratch/run/resolvers.csv" "$1"; }

"$build/bench-names" 2000 >"$scratch/names"
listen good 127.90.0.1 2 --servfail 30 --dead 20 --ede --sign 64 --tls "$certs/good.pem"
listen other 127.90.0.5 5 --tls "$certs/other.pem"
listen expired 127.90.0.3 3 --tls "$certs/expired.pem"
listen itself 127.90.0.4 4 --tls "$certs/itself.pem"
listen noise 127.90.0.6 6 --habit garbage

# ---- who is believed
of good tls:// '#r.example'
timed_scan 10 0 "$scratch/names"
is "$said" "" "by name: nothing to say"
ok "balanced and whole" whole
is "$(count outcome=answered cd_outcome=answered tries=1) $(values rcode)" "4000 NOERROR,SERVFAIL" "all answered over TLS, with one message each"
ok "bogus names: SERVFAIL, then an answer" test "$(count rcode=SERVFAIL cd_rcode=NOERROR)" -gt 50
is "$(calibration tls)" "yes yes" "resolvers.csv says so"
ok "queries share connections ($(total streams))" test "$(total streams)" -le 32
of good tls://
timed_scan 10 0 "$scratch/names"
is "$(count outcome=answered)" 4000 "by address"
of good tls:// "#pin-sha256=$(tls_pin "$certs/good.crt")"
timed_scan 10 0 "$scratch/names"
is "$(count outcome=answered)" 4000 "by pin"
of itself tls:// "#pin-sha256=$(tls_pin "$certs/itself.crt")"
timed_scan 10 0 <(head -20 "$scratch/names")
is "$(count outcome=answered)" 20 "by pin, whoever signed it"
for server in other expired itself; do
	of $server tls:// '#*'
	timed_scan 10 0 <(head -20 "$scratch/names")
	is "$(count outcome=answered)" 20 "anybody, if so wished: $server"
done

# Control names while the scan runs are asked over TLS as well: not a datagram, not a resolver taken for overloaded.
listen watched 127.90.0.2 2 --ede --sign 64 --tls "$certs/good.pem"
watched=${answerers[-1]}
of watched tls:// '#r.example'
printf '%s good\n' control1.example control2.example >"$scratch/controls"
timed_scan 15 0 --controls "$scratch/controls" --rate 700 "$scratch/names"
is "$said$(count outcome=answered cd_outcome=answered)$(calibration note | tr -d " ")" 2000 "with control names: nobody is thought overloaded"
kill "$watched"
wait "$watched" 2>/dev/null
like "$(cat "$scratch/watched.log")" '"cd0": 0, "cd1": 0, .*"malformed": 0,' "not a datagram came, and nothing that was not TLS"

# ---- and who is not
# refused SERVER SUFFIX WHY
refused() {
	of "$1" tls:// "$2"
	timed_scan 10 3 "$scratch/names"
	is "$said" "servfail-scan: resolver $(cat "$scratch/asked") does not answer (TLS: $3): dropped
servfail-scan: no resolver is left to ask" "$1$2: $3"
	is "$(calibration reachable) $(calibration tls) $(calibration tls_problem)" "no no $3" "resolvers.csv has it"
}
refused other '#r.example' "hostname mismatch"
refused other '' "IP address mismatch"
refused expired '#r.example' "certificate has expired"
refused itself '#r.example' "self-signed certificate"
refused itself "#pin-sha256=$(tls_pin "$certs/good.crt")" "its key is not the pinned one"
refused other "#other.example,pin-sha256=$(tls_pin "$certs/good.crt")" "its key is not the pinned one"
refused noise '#*' "wrong version number"
of good tls:// '#r.example'
said=$("$scan" "${quick[@]}" -r "$scratch/asked" -o "$scratch/run2" "$scratch/names" 2>&1)
is "$?" 3 "an authority that the system does not know"
like "$said" "TLS: unable to get local issuer certificate" "says so"
is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/asked" -o "$scratch/run2" --tls-ca "$scratch/none" "$scratch/names")" 2 "no such file of authorities"
is "$(cat "$scratch/out")" "servfail-scan: $scratch/none: No such file or directory" "says so"
of good '' ''
is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/asked" -o "$scratch/run2" --tls-ca "$scratch/names" "$scratch/names")" 2 "a file of something else, and nobody is asked over TLS"
is "$(cat "$scratch/out")" "servfail-scan: $scratch/names: no certificates of authorities (PEM)" "says so all the same"

# ---- servers that stall from the beginning: in the handshake, behind it, and in the middle of an answer
listen silent 127.90.3.11 11 --tls "$certs/good.pem" --habit silent
listen mute 127.90.3.12 12 --tls "$certs/good.pem" --habit mute
listen stalls 127.90.3.13 13 --tls "$certs/good.pem" --habit stalls
cat "$scratch"/{silent,mute,stalls,good} >"$scratch/early"
of early tls:// '#r.example'
timed_scan 15 1 --timeout 1 <(head -50 "$scratch/names")
is "$(grep -c 'does not answer.*: dropped$' <<<"$said")" 3 "three that stall are dropped"
is "$(count outcome=answered) $(values outcome)" "100 answered" "and hold up nobody"

# ---- servers that do what they should not, from some moment on: TLS and TCP alike. Another is heard all the time: where none is,
# the scan waits (--max-silence).
number=20
listen steady 127.90.2.1 1
for scheme in tls tcp; do
	tls=()
	suffix=
	[ $scheme = tcp ] || { tls=(--tls "$certs/good.pem") suffix='#r.example'; }
	# habit WORD NAMES: a scan of a server that has that habit after 200 queries
	habit() {
		number=$((number + 1))
		listen "$1" "127.90.1.$number" $number "${tls[@]}" --habit "$1" --habit-after 100
		of "$1" "$scheme://" "$suffix"
		odd=$(cat "$scratch/asked")
		cat "$scratch/steady" >>"$scratch/asked"
		timed_scan 20 0 --timeout 1 --pairs failed --threads 1 --window 200 <(head -"$2" "$scratch/names")
		ok "$scheme, $1: balanced and whole" whole
	}
	some() {
		local answered
		answered=$(count outcome=answered resolver="$odd")
		ok "before that it answered ($answered)" test "$answered" -gt 20 -a "$answered" -lt 101
	}
	habit closes 600
	is "$(count outcome=answered resolver="$odd")" 600 "$scheme, closes behind each answer: all are answered"
	ok "each over a connection of its own ($(total streams))" test "$(total streams)" -gt 400
	habit backwards 600
	is "$(count outcome=answered tries=1 resolver="$odd")" 600 "$scheme, answers in another order: all are answered"
	habit mute 150
	is "$(values outcome)" "answered,timeout" "$scheme, mute: timeouts"
	some
	habit stalls 150
	is "$(values outcome)" "answered,timeout" "$scheme, stalls in the middle of an answer: timeouts"
	some
	habit silent 150
	is "$(values outcome)" "answered,timeout" "$scheme, takes connections, but nothing over them: timeouts"
	some
	habit garbage 150
	[ $scheme = tcp ] || is "$(values outcome)" "answered,malformed" "$scheme, something else than TLS: malformed"
	[ $scheme = tls ] || is "$(values outcome)" "answered,timeout" "$scheme, something else than DNS: no answer"
	some
done
done_testing
