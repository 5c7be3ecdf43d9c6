#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# servfail-scan from the outside, against the bench's answerer on loopback: options, bad input, bad networks, stops.
set -u
# In a mount namespace of its own, where it may have one, for the test of a full disk.
if [ -z "${SCAN_T_NAMESPACE-}" ]; then
	export SCAN_T_NAMESPACE=none
	as_root=-r
	[ "$(id -u)" != 0 ] || as_root=
	if unshare -m $as_root true 2>/dev/null; then
		SCAN_T_NAMESPACE=own exec unshare -m $as_root "$0"
	fi
fi
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
. tests/system/scan.bash

"$build/bench-names" 2000 >"$scratch/names"
"$build/bench-names" 60000 >"$scratch/many"
listen good 127.88.0.1 2 --servfail 30 --dead 20 --tc 50 --ede --sign 64
both=$scratch/good
head -1 "$both" >"$scratch/one"

# ---- a plain run, row by row
scan_exits 0 good "$scratch/names"
is "$said" "" "nothing to say"
is "$(wc -c <"$scratch/stdout")" 0 "nothing on standard output"
ok "balanced and whole" whole
is "$(total read scanned duplicates rejected left pairs complete stopped)" "2000 2000 0 0 0 4000 True " "totals"
is "$(count)" 4000 "a row a pair"
is "$(values resolver)" "$(paste -sd , "$both")" "resolvers as in the list"
is "$(values outcome cd_outcome qtype)" "answered answered A" "all answered"
is "$(values rcode cd_rcode)" "NOERROR,SERVFAIL NOERROR,SERVFAIL" "RCODEs"
ok "bogus names: SERVFAIL, then an answer" test "$(count rcode=SERVFAIL cd_rcode=NOERROR)" -gt 50
is "$(count rcode=SERVFAIL cd_rcode=NOERROR)" "$(count rcode=SERVFAIL cd_rcode=NOERROR ede=9 again_rcode=SERVFAIL)" "... with EDE, and asked again"
is "$(count rcode=SERVFAIL cd_rcode=SERVFAIL)" "$(count ede=22 cd_ede=22 again_outcome=)" "dead names: SERVFAIL twice, EDE 22"
is "$(count rcode=NOERROR again_rcode!=)" 0 "what works is not asked again"
is "$(count rcode=NOERROR)" "$(count rcode=NOERROR flags=rd+ra+ad cd_flags=rd+ra+cd)" "flags"
ok "truncated answers came over TCP" test "$(count rcode=NOERROR tries=2)" -gt 50
is "$(total unclean)" "$(($(count rcode=SERVFAIL) / 2))" "unclean names"
ok "broken-on-purpose.txt" grep -qx dnssec-failed.org "$scratch/run/broken-on-purpose.txt"
like "$(head -1 "$scratch/run/resolvers.csv")" "^resolver,phase,time,reachable," "resolvers.csv"
if command -v sqlite3 >/dev/null; then
	zcat "$scratch"/run/pairs-*.csv.gz >"$scratch/pairs.csv"
	is "$(sqlite3 "" ".mode csv" ".import $scratch/pairs.csv p" "select count(*), count(distinct name), sum(rcode='SERVFAIL') from p")" \
		"4000,2000,$(count rcode=SERVFAIL)" "sqlite3 reads the same"
else
	skip "sqlite3 reads the same" "no sqlite3"
fi

# ---- options
is "$(exit_of "$scan" --help)" 0 "--help"
ok "goes to standard output" grep -q '^Usage: servfail-scan' "$scratch/out"
is "$(exit_of "$scan" --version)" 0 "--version"
scan_exits 0 one -t A -t MX -t a "$scratch/names"
is "$(count) $(values qtype)" "4000 A,MX" "-t twice"
ok "balanced" whole
is "$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["options"]["type"])' "$scratch/run/run.json")" "A,MX" "both in run.json"
scan_exits 0 one --pairs failed "$scratch/names"
is "$(count rcode=NOERROR) $(count rcode=SERVFAIL)" "$(count cd_outcome=not-asked) $(count cd_outcome=answered)" "--pairs failed"
scan_exits 0 one --threads 3 --window 3 --ports 1 --tries 1 --timeout 0.5 "$scratch/names"
ok "the smallest window" whole
scan_exits 0 one --threads 1 --window 1 --ports 256 <(head -50 "$scratch/names")
ok "the most ports" whole
sed 's/^/tcp:\/\//' "$scratch/good" >"$scratch/tcp"
scan_exits 0 tcp "$scratch/names"
is "$(count outcome=answered cd_outcome=answered) $(count tries=1 resolver="$(head -1 "$scratch/tcp")")" "4000 2000" "tcp://"
for i in 0 1 2; do
	scan_exits 0 one --shards 3 --shard $i "$scratch/names"
	ok "shard $i balances" whole
	"$rows" names "$scratch/run" >"$scratch/shard$i"
done
is "$(cat "$scratch"/shard[012] | sort | md5sum)" "$(LC_ALL=C sort "$scratch/names" | sort | md5sum)" "three shards are the whole, each name once"
shuf "$scratch/names" | cat - "$scratch/names" >"$scratch/shuffled"
scan_exits 0 one --shards 3 --shard 0 --vantage ams-1 "$scratch/shuffled"
ok "another order, and all names twice" whole
is "$("$rows" names "$scratch/run" | sort | md5sum) $(total duplicates)" "$(sort "$scratch/shard0" | md5sum) $(wc -l <"$scratch/shard0")" "the same shard, duplicates within it"
like "$(cat "$scratch/run/run.json")" '"vantage": "ams-1"' "--vantage is kept"
scan_exits 0 one --shards 3 --shard 0 --seed 7 "$scratch/names"
ok "another seed, other shards" test "$("$rows" names "$scratch/run" | md5sum)" != "$(md5sum <"$scratch/shard0")"
printf '%s\n' a.example b.example c.b.example xb.example sub.a.example d.example >"$scratch/few"
printf '# never\n\nb.example\n=a.example # itself\n203.0.113.0/24\n' >"$scratch/exclude"
scan_exits 0 one --exclude "$scratch/exclude" "$scratch/few"
is "$("$rows" names "$scratch/run" | paste -sd ' ')" "d.example sub.a.example xb.example" "--exclude"
is "$(total read scanned rejected excluded)" "6 3 3 3" "is counted"
ok "and balances" whole
sed 's/:.*/\/32/' "$scratch/one" >"$scratch/exclude"
scan_exits 2 one --exclude "$scratch/exclude" "$scratch/few"
like "$said" "^servfail-scan: .*/one:1: '127.88.0.1:[0-9]*': is on the list of what is never asked$" "a resolver that is excluded"
printf 'Broken.Example # a test\nb\xc3\xbccher.example\nsig.*.example\n' >"$scratch/broken"
scan_exits 0 one --broken-on-purpose "$scratch/broken" "$scratch/few"
is "$(paste -sd ' ' "$scratch/run/broken-on-purpose.txt")" "broken.example xn--bcher-kva.example sig.*.example" "--broken-on-purpose"
printf 'fine.example\nbad..example\n' >"$scratch/broken"
scan_exits 2 one --broken-on-purpose "$scratch/broken" "$scratch/few"
is "$said" "servfail-scan: $scratch/broken:2: 'bad..example' is no name or pattern: empty label" "nonsense in it"
cat >"$scratch/zone" <<'ZONE'
$ORIGIN example.
$TTL 300
@ SOA ns hostmaster 1 2 3 4 5
@ NS ns
one NS ns.one
one NS ns2.one
two.example. IN NS a.other.
( two ) DS 1 8 2 00
three 300 IN NS ns
ns A 192.0.2.1
ZONE
scan_exits 0 one --zone "$scratch/zone"
is "$("$rows" names "$scratch/run" | paste -sd ' ')" "one.example three.example two.example" "--zone"
is "$(paste -sd ' ' "$scratch/run/operators.csv")" \
	"tld,operator,delegated,signed example,,2,1 example,a.other,1,1 example,own,1,0" \
	"who serves them, and what is signed, of names whose records are all known"
ok "balances" whole
start=$(date +%s%N)
scan_exits 0 good --rate 1000 <(head -250 "$scratch/names")
took=$((($(date +%s%N) - start) / 1000000))
ok "--rate: 1,000 queries at 1,000 a second take about one ($took ms)" test $took -ge 800 -a $took -le 4000
start=$(date +%s%N)
scan_exits 0 good --resolver-rate 500 <(head -250 "$scratch/names")
took=$((($(date +%s%N) - start) / 1000000))
ok "--resolver-rate: as long for twice as many ($took ms)" test $took -ge 800 -a $took -le 4000
scan_exits 4 one --rate 1000 --max-runtime 1.5 "$scratch/many"
is "$(total complete stopped)" "False max-runtime" "--max-runtime"
ok "balanced, with names left" whole
ok "some are" test "$(total left)" -gt 1000
scan_exits 0 one --rate 2000 --status-updates-file "$scratch/updates" --log-file "$scratch/log" "$scratch/names"
like "$("$rows" updates "$scratch/updates")" "^[34] 2000 2000 0 2000$" "--status-updates-file: a JSON line a second and one at the end"
is "$said$(cat "$scratch/log")" "" "--log-file: nothing to tell"
printf 'one\ntwo\n' >"$scratch/nonsense"
scan_exits 2 nonsense --log-file "$scratch/log" "$scratch/names"
is "$said $(wc -l <"$scratch/log")" " 2" "messages go to the log"
like "$(cat "$scratch/log")" "^20[0-9-]+T[0-9:.]+Z $scratch/nonsense:1: 'one' is no resolver address" "with the time"
scan_exits 3 one --log-file "$scratch/nowhere/log" "$scratch/names"
is "$said" "servfail-scan: $scratch/nowhere/log: No such file or directory" "a log that cannot be"
scan_exits 3 one --status-updates-file "$scratch" "$scratch/names"
is "$said" "servfail-scan: $scratch: Is a directory" "updates that cannot be"
scan_exits 3 one --metrics "$scratch/nowhere/metrics" "$scratch/names"
is "$said" "servfail-scan: $scratch/nowhere/metrics: No such file or directory" "metrics that cannot be"
ok "no run directory then" test ! -e "$scratch/run"
is "$(exit_of "$scan" --dry-run -r "$both" --root-hints /dev/null "$scratch/names") $(cat "$scratch/out")" \
	"2 servfail-scan: /dev/null: no address of a root server in it" "--dry-run looks at all lists"
said=$("$scan" --dry-run -r "$both" --log-file "$scratch/dry.log" --status-updates-file "$scratch/dry.st" --metrics "$scratch/dry.prom" "$scratch/names" 2>&1)
like "$said $(cd "$scratch" && echo dry.*)" "2000 names read.* dry\.\*$" "... and writes nothing: all it says is on standard error"
said=$("$scan" --dry-run -r "$both" -t A -t MX --pairs always "$scratch/names" "$scratch/names" 2>&1)
is "$?" 0 "--dry-run"
is "$said" "servfail-scan: 4000 names read: 2000 to ask, 2000 duplicates, 0 rejected (0 excluded)
servfail-scan: 16000 queries to 2 resolvers:
servfail-scan:   8000 to $(sed -n 1p "$both")
servfail-scan:   8000 to $(sed -n 2p "$both")
servfail-scan: besides, each gets some control names, one for some hundred queries
servfail-scan: name servers are asked about what fails, 20 queries a second to each address at most
servfail-scan: what fails is asked again after 20 seconds
servfail-scan: at --rate 2000 and --resolver-rate 500 that takes 0:00:16 at least" "counts"
said=$("$scan" --dry-run -r "$both" --shards 8 --shard 3 "$scratch/names" 2>&1)
like "$said" "shard 3 of 8, 247.5 of --rate 2000, 61.5 of --resolver-rate 500" "... and what a shard may take"
like "$("$scan" --dry-run -r "$both" --shards 8 --shard 3 --rate 0 --resolver-rate 0 "$scratch/names" 2>&1)" "shard 3 of 8$" "... where there are limits"
is "$(exit_of "$scan" --dry-run "$scratch/none")" 3 "... and reads"
is "$(exit_of "$scan" --dry-run "$scratch/none" "$scratch/names")" 1 "... what is there"
"$scan" "${quick[@]}" -r "$both" -o - "$scratch/names" >"$scratch/piped.gz" 2>"$scratch/err"
is "$?" 0 "-o -"
ok "gzip on standard output" gzip -t "$scratch/piped.gz"
is "$(zcat "$scratch/piped.gz" | wc -l) $(wc -c <"$scratch/err")" "4001 0" "all pairs, and nothing else"
"$scan" --controls none --rate 0 --resolver-rate 0 --recheck 0 -r "$both" -o - "$scratch/names" 2>"$scratch/err" | gzip -t
is "${PIPESTATUS[*]}" "0 0" "without -q"
like "$(cat "$scratch/err")" "^0:00  2000 names, 4000 pairs  [0-9]+/s  0 in flight  answered [0-9.]+%  SERVFAIL [0-9.]+%  timeout 0.00%  [0-9.]+ MB$" "one line of progress, on standard error"
"$scan" "${quick[@]}" -r "$both" -o - "$scratch/names" 2>"$scratch/err" | head -c 1 >/dev/null
is "${PIPESTATUS[0]}" 4 "-o - into a pipe that closes"
like "$(cat "$scratch/err")" "^servfail-scan: standard output: Broken pipe: [0-9]+ rows could not be written
servfail-scan: stopped \(output\) with [0-9]+ of the names read left$" "says so"
"$scan" "${quick[@]}" -r "$both" -o - "$scratch/names" 2>"$scratch/err" >&-
is "$?" 3 "-o - without a standard output"
zcat "$scratch/piped.gz" | head -3 >"$scratch/three"
gzip <"$scratch/names" | "$scan" "${quick[@]}" -r "$both" -o "$scratch/from-pipe" 2>&1
is "$("$rows" total "$scratch/from-pipe" scanned)" 2000 "gzip from standard input"

# ---- how it goes: status, metrics, signals, options from a file
printf '%s\n' '# rates' 'rate = 400' '[nightly]' 'names = /nowhere' '[scan]' 'controls = none' 'evidence=none' 'recheck = 0' >"$scratch/conf"
"$scan" --config "$scratch/conf" -r "$both" --status-updates-file "$scratch/updates" --metrics "$scratch/metrics" -o "$scratch/signalled" \
	"$scratch/names" 2>"$scratch/err" &
pid=$!
sleep 1.5
kill -USR1 $pid
sed -i 's/rate = 400/rate = 0\nresolver-rate = 0/' "$scratch/conf"
sleep 0.5
like "$(cat "$scratch/metrics")" $'servfail_scan_running 1\n.*servfail_scan_pairs_total [0-9]+\n.*servfail_scan_resolvers 2\n' "--metrics: a Prometheus textfile"
kill -USR2 $pid
wait $pid
is "$?" 0 "with --config, SIGUSR1, SIGUSR2"
like "$(cat "$scratch/err")" "status: 0:01  .*status: names: 2000 read, all, .*status: resolvers: 2, 0 slowed, 0 dropped; at most 400 queries a second" "SIGUSR1: all there is to say"
like "$(cat "$scratch/err")" "from now on: rate 0, resolver-rate 0" "SIGUSR2: the rates of --config"
is "$("$rows" total "$scratch/signalled" pairs)" 4000 "all names are asked"
like "$(cat "$scratch/metrics")" $'servfail_scan_running 0\n.*servfail_scan_pairs_total 4000\n' "metrics of the whole run"
ok "no more than whole files" test ! -e "$scratch/metrics.part"
is "$(python3 -c 'import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
print(lines[0]["pairs"] < 1000, lines[-1]["pairs"], lines[-1]["resolvers"], lines[-1]["resolvers_dropped"], "seconds_left" in lines[0])' "$scratch/updates")" \
	"True 4000 2 0 True" "--status-updates-file: JSON lines"
is "$(exit_of "$scan" --config "$scratch/conf" --rate x -o "$scratch/none" "$scratch/names")" 2 "the command line is looked at too"

# ---- names that are no names
long=$(printf 'y%.0s' {1..60})
{
	printf '\xef\xbb\xbfExample.ORG\r\nexample.org.\n\n# comment\n  \t \r\n'
	printf '%s\n' a..b .a.b "$(printf 'x%.0s' {1..64}).com" "$long.$long.$long.$long.$long" 'bad_char!.com' 'a b.com' 1.2.3.4 2001:db8::1 \
		http://www.example.com/ user@example.com example.com:443
	printf '\x00\x01.com\n\xff\xfe.com\nb\xc3\xbccher.example\r\n\xe2\x98\x83.net\n*.wild.example\na.*.example\n_dmarc.example\n.\n'
	printf '"quoted".example\ncom,ma.example\n192.0.2.0/24\nEXAMPLE.org\n'
	head -c 1000000 /dev/zero | tr '\0' A
	printf '\nafter.example\nlast.example'
} >"$scratch/bad"
scan_exits 0 one "$scratch/bad"
ok "balanced" whole
is "$("$rows" names "$scratch/run" | paste -sd ' ')" \
	"*.wild.example . _dmarc.example after.example example.org last.example xn--bcher-kva.example" "what is a name"
is "$(total read scanned duplicates rejected blank)" "28 7 2 19 3" "counts"
is "$(zcat "$scratch/run/rejected.csv.gz" | cut -c1-120)" "$(
	cut -c1-120 <<-END
		file,line,reason,text
		"$scratch/bad",6,empty label,"a..b"
		"$scratch/bad",7,empty label,".a.b"
		"$scratch/bad",8,label too long,"$(printf 'x%.0s' {1..64}).com"
		"$scratch/bad",9,name too long,"$long.$long.$long.$long.$long"
		"$scratch/bad",10,bad character,"bad_char!.com"
		"$scratch/bad",11,blank inside,"a b.com"
		"$scratch/bad",12,IP address,"1.2.3.4"
		"$scratch/bad",13,IP address,"2001:db8::1"
		"$scratch/bad",14,URL or mail address,"http://www.example.com/"
		"$scratch/bad",15,URL or mail address,"user@example.com"
		"$scratch/bad",16,port behind the name,"example.com:443"
		"$scratch/bad",17,binary,"\\x00\\x01.com"
		"$scratch/bad",18,bad UTF-8,"\\xff\\xfe.com"
		"$scratch/bad",20,bad IDN,"$(printf '\xe2\x98\x83').net"
		"$scratch/bad",22,bad character,"a.*.example"
		"$scratch/bad",25,bad character,"""quoted"".example"
		"$scratch/bad",26,bad character,"com,ma.example"
		"$scratch/bad",27,IP address,"192.0.2.0/24"
		"$scratch/bad",29,line too long,"$(printf 'A%.0s' {1..200})"
	END
)" "rejected.csv.gz, line by line"
{ head -c 300000 /dev/urandom && printf '\nnoise.example\n'; } >"$scratch/noise"
scan_exits 0 one "$scratch/noise"
ok "noise: balanced" whole
: >"$scratch/empty"
scan_exits 0 one "$scratch/empty"
ok "an empty list: balanced" whole
is "$(total read complete)" "0 True" "nothing in it"
scan_exits 0 one
is "$(total read)" 0 "an empty standard input"
gzip <"$scratch/names" | head -c 5000 >"$scratch/cut.gz"
scan_exits 1 one "$scratch/cut.gz" "$scratch/few"
like "$said" "^servfail-scan: $scratch/cut.gz: after line [0-9]+: [^
]*end of file[^
]*$" "broken gzip"
ok "balanced" whole
like "$(total complete stopped)" "False input" "not called complete"
ok "what could be read was scanned" test "$(total scanned)" -gt 300
{ gzip <"$scratch/few" && echo garbage; } >"$scratch/tail.gz"
scan_exits 1 one "$scratch/tail.gz"
is "$(total scanned)" 6 "garbage behind gzip: what stands before counts"
scan_exits 1 one "$scratch/none" "$scratch/few"
is "$said" "servfail-scan: $scratch/none: No such file or directory" "a missing file among others"
is "$(total scanned)" 6 "the others are read"
scan_exits 3 one "$scratch/none" "$scratch"
is "$said" "servfail-scan: $scratch/none: No such file or directory
servfail-scan: $scratch: Is a directory" "no file at all, and a directory"
ok "nothing was begun" test ! -e "$scratch/run"
scan_exits 1 one "$scratch" "$scratch/few"
like "$said" "^servfail-scan: $scratch: .*Is a directory$" "a directory among others"

# ---- lists
printf '127.88.0.1:99999\n# fine\n\n300.1.2.3\n127.0.0.1 # fine\nudp://127.0.0.1\n::ffff:1.2.3.4\n\x01\n0.0.0.0\n224.0.0.1\n' >"$scratch/nonsense"
scan_exits 2 nonsense "$scratch/few"
is "$said" "servfail-scan: $scratch/nonsense:1: '127.88.0.1:99999' is no resolver address (IP, IP:PORT, [IP6]:PORT, tcp://..., tls://...)
servfail-scan: $scratch/nonsense:4: '300.1.2.3' is no resolver address
servfail-scan: $scratch/nonsense:6: 'udp://127.0.0.1' is no resolver address
servfail-scan: $scratch/nonsense:7: '::ffff:1.2.3.4' is no resolver address
servfail-scan: $scratch/nonsense:8: '\\x01' is no resolver address
servfail-scan: $scratch/nonsense:9: '0.0.0.0' is no resolver address
servfail-scan: $scratch/nonsense:10: '224.0.0.1' is no resolver address" "resolvers that are none: each line"
cat "$both" "$both" >"$scratch/twice"
scan_exits 0 twice "$scratch/few"
like "$said" "^servfail-scan: $scratch/twice:3: '127.88.0.1:[0-9]+' is the same as line 1, dropped
servfail-scan: $scratch/twice:4: " "duplicates"
is "$(count)" 12 "are asked once"
scan_exits 2 empty "$scratch/few"
is "$said" "servfail-scan: $scratch/empty: no resolver in it" "an empty list of resolvers"
scan_exits 2 none "$scratch/few"
is "$said" "servfail-scan: $scratch/none: no such file, nor a resolver address (IP, IP:PORT, [IP6]:PORT, tcp://..., tls://...)" "a missing one"
scan_exits 2 noise "$scratch/few"
ok "noise as resolvers: a bearable complaint" test "$(wc -l <<<"$said")" -le 110
printf 'a.example good\nb.example nonsense\n' >"$scratch/controls"
scan_exits 2 one --controls "$scratch/controls" "$scratch/few"
like "$said" "^servfail-scan: $scratch/controls:2: 'b.example nonsense' is no control" "controls"
scan_exits 2 one --evidence failed --trust-anchor "$scratch/names" --root-hints "$scratch/few" "$scratch/few"
is "$said" "servfail-scan: $scratch/few:1: no such record is understood here" "hints"
scan_exits 2 one --evidence failed --trust-anchor "$scratch/names" "$scratch/few"
is "$said" "servfail-scan: $scratch/names:1: no such record is understood here" "anchors"
printf '; the root\n. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237\n' >"$scratch/anchor"
scan_exits 2 one --evidence failed --trust-anchor "$scratch/anchor" "$scratch/few"
is "$said" "servfail-scan: $scratch/anchor:2: its digest is not as long as those of its type" "one cut short"
scan_exits 2 one --evidence none --trust-anchor "$scratch/names" "$scratch/few"
is "$said" "servfail-scan: $scratch/names:1: no such record is understood here" "even where no evidence is gathered"
printf '\xef\xbb\xbf. IN DS 20326 8 2 E06D\n' >"$scratch/anchor"
scan_exits 2 one --evidence failed --trust-anchor "$scratch/anchor" "$scratch/few"
is "$said" "servfail-scan: $scratch/anchor:1: its digest is not as long as those of its type" "behind a byte order mark, too"
echo '. IN DS 20326 8 5 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D' >"$scratch/anchor"
scan_exits 2 one --evidence failed --trust-anchor "$scratch/anchor" "$scratch/few"
is "$said" "servfail-scan: $scratch/anchor: no algorithm and digest type in it is supported" "one that would make everything insecure"
is "$(exit_of "$scan" --rate -5 -o "$scratch/run")" 2 "an option out of range"
is "$(cat "$scratch/out")" "servfail-scan: --rate: '-5' is not a number" "in one line"
is "$(exit_of "$scan" --revive -o "$scratch/run")" 2 "an option that does not exist"

is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/one" -o "$scratch/run" www.example.org)" 3 "a name is no file of names"
is "$(cat "$scratch/out")" "servfail-scan: www.example.org: No such file or directory (files of names are wanted; --explain takes names)" "says how to ask for it"
printf '\xfd7zXZ\0\0\4' >"$scratch/list.xz"
is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/one" -o "$scratch/run" "$scratch/list.xz")" 3 "a list in a format of others"
like "$(cat "$scratch/out")" "^servfail-scan: $scratch/list.xz: compressed with xz: xz -dc" "says what to do"
ok "and leaves no run directory" test ! -e "$scratch/run/run.json"
printf '1,a.example\n2,b.example\n' >"$scratch/table"
scan_exits 2 one "$scratch/table"
like "$said" "^servfail-scan: not one line of the lists is a name; the first: $scratch/table:1: '1,a.example' is no name: bad character .a table" "a table is no list"
is "$(total read scanned rejected left complete stopped)" "2 0 2 0 True " "and all of it is told"
is "$(exit_of "$scan" --dry-run "${quick[@]}" -r "$scratch/one" "$scratch/table")" 2 "nor is it for a dry run"
printf 'c.example\n' | cat "$scratch/table" - >"$scratch/table-and-name"
scan_exits 0 one "$scratch/table-and-name"
like "$said" "^servfail-scan: most lines of the lists are no names; the first: $scratch/table-and-name:1: '1,a.example'" "with a name in it it is one, and most lines are lost"
: >"$scratch/nothing"
scan_exits 0 one "$scratch/nothing"

# ---- where to
scan_exits 0 one "$scratch/few"
cp -r "$scratch/run" "$scratch/kept"
is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/one" -o "$scratch/kept" "$scratch/names")" 3 "a directory that holds a run"
like "$(cat "$scratch/out")" "^servfail-scan: $scratch/kept holds a run already" "says so"
rm "$scratch/kept/run.json"
is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/one" -o "$scratch/kept" "$scratch/names")" 3 "... or what a killed one left"
ok "which stays" cmp "$scratch/kept/pairs-000.csv.gz" "$scratch/run/pairs-000.csv.gz"
is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/one" -o "$scratch/names" "$scratch/names")" 3 "a file as directory"
is "$(cat "$scratch/out")" "servfail-scan: $scratch/names: Not a directory" "says so"
is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/one" -o "$scratch/a/b" "$scratch/names")" 3 "no parent"
is "$(cat "$scratch/out")" "servfail-scan: $scratch/a/b: No such file or directory" "says so"
is "$(exit_of "$scan" "${quick[@]}" -r "$scratch/one" -o /proc "$scratch/names")" 3 "a directory that nobody can write to"
like "$(cat "$scratch/out")" "^servfail-scan: /proc[^ ]*: " "says so"
mkdir "$scratch/disk"
if [ "$SCAN_T_NAMESPACE" = own ] && mount -t tmpfs -o size=96k none "$scratch/disk" 2>/dev/null; then
	is "$(exit_of "$scan" "${quick[@]}" -r "$both" -o "$scratch/disk/run" "$scratch/many")" 4 "a full disk"
	like "$(cat "$scratch/out")" "servfail-scan: $scratch/disk/run: No space left on device: [0-9]+ rows could not be written" "says so"
	ok "the file is whole up to there" gzip -t "$scratch/disk/run/pairs-000.csv.gz"
	if [ -e "$scratch/disk/run/run.json" ]; then
		ok "run.json balances" whole "$scratch/disk/run"
		is "$("$rows" total "$scratch/disk/run" complete stopped)" "False output" "and says why"
	fi
	umount "$scratch/disk"
else
	skip "a full disk" "no mount namespace"
fi
rm -rf "$scratch/run"
is "$(ulimit -f 100 && exit_of "$scan" "${quick[@]}" -r "$both" -o "$scratch/run" "$scratch/many")" 4 "a limit on the size of files"
like "$(cat "$scratch/out")" "servfail-scan: $scratch/run: File too large: [0-9]+ rows could not be written" "says so"
ok "whole up to there, and balanced" whole
is "$(total complete stopped)" "False output" "and run.json says why"
ok "names whose rows are missing are left" test "$(total left)" -gt 100

# ---- descriptors
is "$(ulimit -n 10 && exit_of "$scan" "${quick[@]}" -r "$both" -o "$scratch/fds" "$scratch/few")" 3 "hardly any descriptors"
like "$(cat "$scratch/out")" "^servfail-scan: only 10 descriptors are allowed here, [0-9]+ are needed" "says so"
is "$(ulimit -n 138 && exit_of "$scan" "${quick[@]}" --threads 4 --ports 20 -r "$both" -o "$scratch/fds" "$scratch/names")" 0 "too few for many ports"
is "$(cat "$scratch/out")" "servfail-scan: only 138 descriptors are allowed here: --ports 8 instead of 20" "takes fewer"
is "$("$rows" count "$scratch/fds" outcome=answered cd_outcome=answered)" 4000 "and loses nothing"

# ---- memory, threads
is "$(ulimit -v 50000 && exit_of "$scan" "${quick[@]}" -r "$both" -o "$scratch/memory" "$scratch/few")" 3 "hardly any memory"
like "$(cat "$scratch/out")" "^servfail-scan: [^:]+: (no more threads, or memory for them, are to be had here|Cannot allocate memory)$" "says so"

# ---- workers: as many as have something to do
workers() {
	sed -n 's/^servfail_scan_workers //p' "$scratch/metrics"
}
scan_exits 0 one --threads 4 --metrics "$scratch/metrics" "$scratch/many"
is "$(workers)" 1 "four workers may be, one will do"
scan_exits 0 one --threads 4 --ports 1 --window 65536 --metrics "$scratch/metrics" "$scratch/many"
is "$(workers)" 4 "more in flight than a port has IDs for: all four"
ok "balanced and whole" whole
SERVFAIL_BUSY=0 scan_exits 0 good --threads 8 --window 1001 --rate 30000 --connections 4 --metrics "$scratch/metrics" "$scratch/many"
ok "they come as they are wanted: $(workers)" test "$(workers)" -ge 4
ok "balanced and whole" whole
is "$(count)" 120000 "every row is there"

# ---- resolvers that do not do their work
printf '127.88.0.9:9\n' >"$scratch/closed"
scan_exits 3 closed "$scratch/few"
is "$said" "servfail-scan: resolver 127.88.0.9:9 does not answer: dropped
servfail-scan: no resolver is left to ask" "nobody listens"
cat "$scratch/one" "$scratch/closed" >"$scratch/half"
scan_exits 1 half --timeout 1 "$scratch/few"
is "$said $(count)" "servfail-scan: resolver 127.88.0.9:9 does not answer: dropped 6" "one of two is dropped"
ok "balanced" whole
like "$(cat "$scratch/run/resolvers.csv")" "127.88.0.9:9,before,[^,]*,no," "resolvers.csv knows"
listen lossy 127.88.1.1 1 --loss 30
scan_exits 0 lossy --timeout 3 --tries 4 "$scratch/names"
ok "loss: later tries are answered" test "$(count outcome=answered tries=2)" -gt 200
ok "and some are not" test "$(count outcome=timeout)" -gt 0 -a "$(count outcome=timeout)" -lt 100
is "$(count outcome=timeout)" "$(count outcome=timeout tries=4)" "after all tries"
ok "balanced" whole
listen odd 127.88.2.1 1 --garble 100 --mismatch 100 --other-address 100
scan_exits 0 odd --timeout 1 --tries 2 "$scratch/names"
ok "balanced" whole
is "$(values outcome cd_outcome)" "answered,malformed,mismatch,timeout answered,malformed,mismatch,timeout" "outcomes of no true answer"
for outcome in malformed mismatch timeout; do
	got=$(count outcome=$outcome cd_outcome=$outcome)
	ok "about a tenth each: $outcome ($got)" test "$got" -gt 100 -a "$got" -lt 300
done
is "$(total malformed wrong_question)" "$((4 * $(count outcome=malformed))) $((4 * $(count outcome=mismatch)))" "counters"
cat "$scratch/odd" >"$scratch/shared"
sed 's/^/tcp:\/\//' "$both" >>"$scratch/shared"
scan_exits 0 shared --ports 128 --timeout 1 --tries 2 "$scratch/names"
is "$(count resolver="$(cat "$scratch/odd")" outcome=timeout)" 0 "ports that all share hear answers from elsewhere:"
is "$(total wrong_address)" "$((4 * ($(count outcome=mismatch) - $(total wrong_question) / 4)))" "a mismatch, counted"
listen forging 127.88.7.1 1 --forge 6
scan_exits 0 forging "$scratch/names"
ok "balanced" whole
is "$(values outcome cd_outcome rcode answers)" "answered answered NOERROR 1" "forgeries before each answer: it is found"
is "$(total unasked answered_twice wrong_question wrong_address | awk '{ print $1 + $2 + $3, $4 }')" "16000 0" \
	"the forged ones are counted, but for those that a connected port does not hear"
ok "so many guessed that nearly all are asked again over TCP ($(total distrusted))" test "$(total distrusted)" -gt 3500
is "$(total queries)" $((4000 + $(total distrusted))) "and nothing else is"
is "$said" "servfail-scan: $(($(total unasked wrong_question | tr ' ' +))) messages answer nothing that was asked and may be forged: none was\
 believed, and $(total distrusted) queries were asked again over TCP" "and the run says so"
listen cased 127.88.8.1 1
scan_exits 0 cased --0x20 on --source 127.88.8.7,127.88.8.8 "$scratch/names"
is "$(values outcome cd_outcome rcode tries cd_tries) $(total wrong_case distrusted)" "answered answered NOERROR 1 1 0 0" \
	"letters by lot, from addresses of choice"
scan_exits 3 cased --source 192.0.2.1 "$scratch/few"
is "$said" "servfail-scan: --source: 192.0.2.1: Cannot assign requested address" "an address that is not ours"
listen nobody 127.88.3.1 1 --garble 1000
scan_exits 3 nobody --timeout 0.5 "$scratch/few"
like "$said" "^servfail-scan: resolver 127.88.3.1:[0-9]+ does not answer: dropped" "nothing but garbage"
listen elsewhere 127.88.4.1 1 --other-address 1000
scan_exits 3 elsewhere --timeout 0.5 "$scratch/few"
like "$said" "^servfail-scan: resolver 127.88.4.1:[0-9]+ answers from another address or to another question: dropped" "nothing but answers from elsewhere"

# ---- stops
# stop SIGNAL SECONDS: a slow scan that gets the signal after a second; $status, $took in ms
listen slow 127.88.5.1 2 --delay 300 --jitter 200
stop() {
	local pid start
	rm -rf "$scratch/run"
	"$scan" "${quick[@]}" --rate 20000 --window 4000 -r "$scratch/slow" -o "$scratch/run" "$scratch/many" >"$scratch/out" 2>&1 &
	pid=$!
	sleep 1.5
	kill -"$1" "$pid"
	start=$(date +%s%N)
	[ $# = 1 ] || { sleep 0.2 && kill -"$2" "$pid"; }
	wait "$pid"
	status=$?
	took=$((($(date +%s%N) - start) / 1000000))
}
ignored() { (((0x$(sed -n 's/^SigIgn:\t//p' /proc/$$/status) >> ($(kill -l "$1") - 1)) & 1)); }
for signal in TERM INT HUP; do
	if ignored $signal; then # as in a background job, or under nohup: it stays so
		skip "SIG$signal" "is ignored here"
		continue
	fi
	stop $signal
	is "$status" 4 "SIG$signal: exit status 4"
	ok "within seconds ($took ms)" test $took -lt 5000
	ok "files are whole, totals balance" whole
	is "$(total complete stopped)" "False signal" "run.json says so"
	ok "names are left, and others were scanned ($(total scanned left))" test "$(total left)" -gt 1000 -a "$(total scanned)" -gt 1000
	like "$(cat "$scratch/out")" "^servfail-scan: stopped \(signal\) with [0-9]+ of the names read left$" "and so does standard error"
done
stop TERM TERM
is "$status" 4 "SIGTERM twice"
ok "ends at once ($took ms)" test $took -lt 700
ok "and is whole" whole
listen mute 127.88.6.1 1 --loss 100
rm -rf "$scratch/run"
"$scan" "${quick[@]}" -r "$scratch/mute" -o "$scratch/run" "$scratch/many" >"$scratch/out" 2>&1 &
pid=$!
sleep 0.5
kill -TERM $pid
start=$(date +%s%N)
wait $pid
is "$?" 4 "SIGTERM while the resolvers are greeted"
took=$((($(date +%s%N) - start) / 1000000))
ok "is heard ($took ms)" test $took -lt 1500
ok "leaves a run" whole
is "$(total scanned complete stopped)" "0 False signal" "that says so"
rm -rf "$scratch/run"
(
	trap '' HUP
	exec "$scan" "${quick[@]}" --rate 4000 -r "$scratch/good" -o "$scratch/run" "$scratch/names"
) >"$scratch/out" 2>&1 &
pid=$!
sleep 0.5
kill -HUP $pid
wait $pid
is "$? $(total complete)" "0 True" "under nohup a hangup is nothing"
mkfifo "$scratch/fifo"
rm -rf "$scratch/run"
"$scan" "${quick[@]}" --status-updates-file "$scratch/updates" -r "$scratch/good" -o "$scratch/run" "$scratch/fifo" >"$scratch/out" 2>&1 &
pid=$!
exec 9>"$scratch/fifo"
head -100 "$scratch/names" >&9
for ((i = 0; i < 200; i++)); do
	grep -qs '"scanned":100,' "$scratch/updates" && break
	sleep 0.1
done
kill -TERM $pid
wait $pid
is "$?" 4 "SIGTERM while a pipe has nothing to read"
exec 9>&-
ok "whole" whole
is "$(total read scanned left)" "100 100 0" "what came was scanned"
done_testing
