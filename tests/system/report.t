#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# report.html: of no rows, of a few, and of rows in which everything that comes from outside wants to be markup. An HTML parser
# that is not ours reads it, and where Chromium is installed it is opened (make check-html installs it and insists).
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
build=${SERVFAIL_BUILD:-build}
aggregate=$build/servfail-aggregate
scratch=$(mktemp -d) || exit 3
trap 'rm -rf "$scratch"' EXIT

report() { # RUN...: into $scratch/report
	rm -rf "$scratch/report"
	"$aggregate" -q -o "$scratch/report" "$@"
}
# A long page would drown what went wrong.
says() { # REGEX NAME: the page's text has it
	if [[ $said =~ $1 ]]; then ok "$2" true; else like "(${#said} octets of text)" "$1" "$2"; fi
}
text() { tests/system/page.py text "$scratch/report/report.html"; }
browser() { # NAME: what Chromium says of the page
	local out status
	out=$(tests/system/browser.py "$scratch/report/report.html" 2>&1)
	status=$?
	if [ $status = 77 ] && [ -z "${SERVFAIL_NEED_BROWSER-}" ]; then
		skip "$1" "Chromium is not installed"
	else
		is "$status $(grep -v '^#' <<<"$out")" "0 " "$1"
	fi
}

# ---- nothing at all
columns=time,name,qtype,resolver,outcome,rcode,ede,ede_text,flags,answers,tries,rtt_us,cd_outcome,cd_rcode,cd_ede,cd_ede_text,cd_flags,cd_answers,cd_tries,cd_rtt_us,again_outcome,again_rcode,nsid,note,cd_rrsig
echo $columns >"$scratch/none.csv"
ok "no rows" report "$scratch/none.csv"
ok "make a page that is sound" tests/system/page.py check "$scratch/report/report.html"
said=$(text)
says "Nothing was asked" "and says so"
browser "no rows, in a browser"

# ---- a night
tests/system/nights.py "$scratch" || exit 3
ok "a night" report "$scratch/night"
ok "makes a page that is sound" tests/system/page.py check "$scratch/report/report.html"
ok "in colours that can be read" tests/system/page.py contrast "$scratch/report/report.html"
said=$(text)
says "dead-hoster.example.*Example.victim00.example" "one fault with many victims is one fault, with an example"
is "$(grep -c 'victim[0-9]*.example' <<<"$said")" 1 "the other victims are not told one by one"
says "all 7 of them" "the number of faults"
says "exampledns\.\*" "an operator"
says "13 ECDSAP256SHA256" "an algorithm"
says "46 questions, 2 resolvers" "what was asked"
says "22 No Reachable Authority" "EDE"
cp "$scratch/report/report.html" "$scratch/first.html"
browser "a night, in a browser"
ok "the same rows in another order" report "$scratch/shuffled"
ok "make the same page" cmp "$scratch/first.html" "$scratch/report/report.html"

# ---- what wants to be markup
report "$scratch/hostile"
ok "hostile text stays text" tests/system/page.py check "$scratch/report/report.html"
said=$(text)
says '<script>hostile=1</script>' "and is shown as it came"
says '\[U\+202E\]' "but for characters that deceive"
browser "hostile text, in a browser"

# ---- the test of the test
spoilt() { # SED-SCRIPT: page.py does not like the page changed like that
	sed "$1" "$scratch/first.html" >"$scratch/spoilt.html"
	! cmp -s "$scratch/first.html" "$scratch/spoilt.html" && ! tests/system/page.py check "$scratch/spoilt.html"
}
ok "another script is noticed" spoilt 's/"use strict";/"use strict"; hostile = 1;/'
ok "an element is noticed" spoilt 's|<bdi>victim00|<bdi><img src=x>victim00|'
ok "a handler is noticed" spoilt '0,/<td /s//<td onclick="hostile=1" /'
ok "an open quote is noticed" spoilt '0,/<bdi>/s//<bdi>"><b>/'
ok "a mark that nothing filled is noticed" spoilt 's/<h1>/<h1>{{mark}}/'
ok "a chart that says nothing is noticed" spoilt 's|<desc id="chart-causes-d">[^<]*</desc>||'
ok "a table without caption is noticed" spoilt '0,/<caption>[^<]*<.caption>/s///'
ok "the network is noticed" spoilt 's|<h1>|<h1><a href="https://192.0.2.1/">|'
dim() { sed 's/--soft: #566273/--soft: #a0a8b0/' "$scratch/first.html" >"$scratch/dim.html" && ! tests/system/page.py contrast "$scratch/dim.html"; }
ok "letters too light are noticed" dim
done_testing
