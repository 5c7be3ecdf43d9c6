#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# servfail-nightly in the lab: a night and the next, what is kept, who is told, and what it says where it cannot.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
build=$(realpath -m "${SERVFAIL_BUILD:-build}")
export SERVFAIL_BUILD=$build SERVFAIL_LAB_DIR=$build/check/nightly.t
lab=$PWD/tools/servfail-lab world=$SERVFAIL_LAB_DIR nightly=$PWD/tools/nightly/servfail-nightly
scratch=$(mktemp -d) || exit 3
trap '"$lab" down 2>/dev/null; rm -rf "$scratch"' EXIT
state=$scratch/state

# ---- what is refused; there is no network
refused() { # EXIT-STATUS REGEX [CONFIG-LINE...]: of a configuration with these lines
	local want=$1 regex=$2 said status
	shift 2
	printf '%s\n' "$@" >"$scratch/bad.conf"
	said=$(unshare -rn "$nightly" "$scratch/bad.conf" 2>&1 </dev/null)
	status=$?
	like "$status $said" "^$want .*$regex" "exit status $want: $regex"
}
printf 'valid.lab\nunsigned.lab\n' >"$scratch/names"
echo 5.53.9.1 >"$scratch/one"
refused 2 'names = FILE is missing' "resolvers = $scratch/one"
refused 2 'resolvers = FILE is missing' '[nightly]' "names = $scratch/names"
refused 2 'not understood: .*:3: pace = 1' '[nightly]' "names = $scratch/names" 'pace = 1'
refused 2 '/nowhere cannot be read' '[nightly]' 'names = /nowhere'
refused 2 'keep = x: not a number' '[nightly]' "names = $scratch/names" 'keep = x'
printf '\xef\xbb\xbf[nightly]\r\nnames = %s/names\r\nnope = 1\r\n' "$scratch" >"$scratch/marked.conf"
like "$(unshare -rn "$nightly" "$scratch/marked.conf" 2>&1; echo $?)" "not understood: .*:3: nope = 1.2" "a byte order mark before the section"
printf '\xef\xbb\xbfresolvers = %s/nowhere\n[nightly]\nnames = %s/names\n' "$scratch" "$scratch" >"$scratch/marked.conf"
like "$(unshare -rn "$nightly" "$scratch/marked.conf" 2>&1; echo $?)" "resolvers: $scratch/nowhere cannot be read.2" "... and before a key"
like "$(unshare -rn "$nightly" nothing 2>&1; echo $?)" '/etc/servfail/nothing.conf cannot be read.2' "a configuration that is not there"
like "$("$nightly" --help)" '--check .*Exit status: 0 done' "--help"
like "$("$nightly" --version)" '^servfail-nightly [0-9]' "--version"

if ! ok "the lab is up" "$lab" up; then
	done_testing
fi
cat >"$scratch/lab.conf" <<END
# all the options there are
resolvers = $world/resolvers.txt
controls = $world/controls.txt
root-hints = $world/root.hints
trust-anchor = $world/trust-anchor.ds
broken-on-purpose = $world/broken-on-purpose.txt
recheck = 1
[nightly]
names = $scratch/names
directory = $state
keep = 3
keep-runs = 2
notify = cat >$scratch/mail; echo "\$SERVFAIL_SUBJECT|\$SERVFAIL_STATUS|\$SERVFAIL_REPORT" >$scratch/subject
END
night() { "$lab" run "$nightly" "$@" "$scratch/lab.conf" 2>"$scratch/err" </dev/null; }

like "$(night --check 2>&1; cat "$scratch/err")" '2 names read.*5\.53\.9\.4.*would be night 2[0-9-]+ in .*; 3 nights are kept, 2 with their rows' "--check"
ok "... leaves nothing" test ! -e "$state"

# ---- two nights
today=$(date -u +%F)
ok "the first night" night
ok "its report" test -s "$state/latest/report/report.html" -a -s "$state/nights/$today/runs/shard-0000/run.json"
like "$(cat "$scratch/mail")" 'questions' "the summary is handed on"
is "$(cat "$scratch/subject")" "servfail lab $today: 2 names, 0 failing, 0 partial|0|$state/nights/$today/report" "with a line for a subject"
echo "fetch = cat $scratch/source >\"\$SERVFAIL_NAMES\"" >>"$scratch/lab.conf"
night >/dev/null
like "$? $(cat "$scratch/err")" "^3 .*fetch: exit status 1: there is no night$" "names that cannot be fetched are told"
: >"$scratch/source"
night >/dev/null
like "$? $(cat "$scratch/err")" "^3 .*there is not one name in $scratch/names: no night is made of that$" "a list that came empty is told"
is "$(ls "$state/nights") $(readlink "$state/latest")" "$today nights/$today" "... and is no night to compare with"
printf 'valid.lab\nds-stale-key.lab\nrcode-refused.lab\n' >"$scratch/source"
said=$(night)
is "$?" 0 "the second night"
like "$said" "^servfail lab $today\.2: 3 names, 2 failing, 0 partial, [0-9]+ broke, [0-9]+ mended$" "is told in a line"
ok "... and compared with the first" test -s "$state/latest/report/changes.csv.gz"

# ---- what is kept
for i in 3 4; do
	night >/dev/null
done
is "$(ls "$state/nights" | paste -sd ' ')" "$today.2 $today.3 $today.4" "three nights are kept"
is "$(ls -d "$state"/nights/*/runs | grep -oE "$today\.[0-9]" | paste -sd ' ')" "$today.3 $today.4" "two of them with their rows"
is "$(readlink "$state/latest")" "nights/$today.4" "the latest"

# ---- two at once, and one that is stopped
(
	flock 9
	sleep 5
) 9>"$state/lock" &
holder=$!
sleep 0.5
night >/dev/null
is "$?" 5 "two at once are one too many"
kill $holder 2>/dev/null
wait
sed -i 's/^recheck = .*/recheck = 15/' "$scratch/lab.conf"
"$lab" run "$nightly" "$scratch/lab.conf" >/dev/null 2>&1 </dev/null &
running=$!
sleep 4
kill -TERM $running
wait $running
is "$?" 4 "one that is stopped says so"
ok "... and is not done" test ! -e "$state/nights/$today.5/done"
is "$(readlink "$state/latest")" "nights/$today.4" "the latest is the one before"
echo valid.lab >"$scratch/source"
like "$(night)" "^servfail lab $today\.5: 3 names, 2 failing" "the same command goes on with it"
done_testing
