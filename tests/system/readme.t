#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# README keeps its word: its commands (blocks marked "sh lab") run in the lab, word for word, and print what it says (the
# block marked "text lab"), and so do those of the manual; README and servfail(5) tell the columns of the files that come of it;
# the options, files and targets that it names are there.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
build=$(realpath -m "${SERVFAIL_BUILD:-build}")
# laid out as servfail-lab(1) has it
checkout=$build/check/readme.t
export SERVFAIL_BUILD=$build SERVFAIL_LAB_DIR=$checkout/build/lab
lab=$PWD/tools/servfail-lab tree=$PWD
scratch=$(mktemp -d) || exit 3
trap '"$lab" down 2>/dev/null; rm -rf "$scratch"' EXIT

# block KIND N: the Nth fenced block of that kind
block() {
	awk -v kind="\`\`\`$1" -v want="$2" '
	/^```/ { if (inside) inside = 0; else inside = $0 == kind && ++n == want ? 1 : 2; next }
	inside == 1' README.md
}
section() { awk -v title="## $1" '/^## / { inside = $0 == title } inside' README.md; }
help=$("$build/servfail-scan" --help && "$build/servfail-aggregate" --help && tools/slurm/servfail-night --help && "$lab" --help && make help)

# ---- what it names
while read -r option; do
	like "$help" "(^|[^-a-z])$option([^-a-z]|$)" "$option is an option"
done < <(grep -oE -e '`--[a-z][a-z-]*' README.md | tr -d '`' | sort -u)
while read -r path; do
	ok "$path is there" test -e "$path"
done < <(grep -oE '(^|[ `(])(io|results|scanner|tools|tests|bench)/[A-Za-z0-9_./-]*[A-Za-z0-9_/-]' README.md | tr -d '`( ' | sort -u)
while read -r target; do
	like "$help" "make $target " "make $target is a target"
done < <(grep -oE '(`|^)make [a-z][a-z-]*' README.md | sed 's/.*make //' | sort -u)
for option in rate resolver-rate; do
	value=$(grep -oE -e "\`--$option [0-9]+\`" README.md | grep -oE '[0-9]+' | head -n 1)
	like "$help" "--$option QPS [^(]*\\(${value}[);]" "the default of --$option is $value"
done

# ---- its figures: of the lab's cases, and of the last measurement beside massdns that was kept
plain=$(tr -s '\n' ' ' <README.md)
judged=$(awk '$3 == "broken" { all = $2 } $3 == "the" && $4 == "cause" { printf "%.0f %.0f %s", 100 * $5 / all, 3 * $8 / all,
	$6 < all / 10 && $7 < all / 10 ? "tenth" : "more" }' tests/data/lab-judges.tsv)
like "$judged: $plain" '^9[89] 1 tenth: .*names the cause of 99 % \(DNSViz of a third, delv and drill of less than a tenth:' "what it names, and what others do"
measured=$(awk -F '\t' '$4 == "ordinary" && $5 == "scan" && $11 != "-" { last = sprintf("%.0f %.0f", $7, 4 * $11) } END { print last }' bench/history.tsv)
like "$measured: $plain" '^2 1: .*A query takes some 2 µs of CPU, a quarter to a third of what massdns takes' "what a query takes"

# ---- its commands
mkdir -p "$checkout/build" && ln -sfn "$tree/tools" "$checkout/tools" && ln -sf "$build"/servfail-{scan,aggregate} "$checkout/build/" || exit 3
if ! ok "the lab is up" "$lab" up; then
	done_testing
fi
cat >"$scratch/servfail-scan" <<'END'
#!/bin/sh
# The lab's world instead of the Internet's, and less patience.
case " $* " in *" -r "*) ;; *) set -- -r resolvers.txt "$@" ;; esac
exec "$LAB" run "$PROGRAMS/servfail-scan" --controls "$SERVFAIL_LAB_DIR/controls.txt" --recheck 2 \
	--broken-on-purpose "$SERVFAIL_LAB_DIR/broken-on-purpose.txt" --root-hints "$SERVFAIL_LAB_DIR/root.hints" \
	--trust-anchor "$SERVFAIL_LAB_DIR/trust-anchor.ds" "$@"
END
chmod +x "$scratch/servfail-scan"
ln -s "$build/servfail-aggregate" "$scratch/servfail-aggregate"
export PATH=$scratch:$PATH LAB=$lab PROGRAMS=$build
mkdir "$scratch/user" && cd "$scratch/user" || exit 3
cp "$SERVFAIL_LAB_DIR/resolvers.txt" resolvers.txt
said=$(cd "$tree" && block "text lab" 1)
cut -d, -f1 <<<"$said" | sed 1d >names.txt
ok "README shows verdicts" test -s names.txt

# run_block N: its output goes to out.N
run_block() {
	(cd "$tree" && block "sh lab" "$1") >"block.$1"
	test -s "block.$1" && bash -eu -o pipefail "block.$1" >"out.$1"
}
(cd "$tree" && block "" 2) >example.txt
ok "the list of resolvers shown is one" servfail-scan --dry-run -r example.txt names.txt
ok "scan, judge and read" run_block 1
is "$(sed -n '/^name,status,/,$p' out.1)" "$said" "they print what README says"
ok "look behind a verdict" run_block 2
like "$(head -n 1 out.2)" '^rrsig-exp-all\.lab,A,failing,.*expired 2[0-9-]+T.*SERVFAIL.*re-sign' "the verdict says what was seen, and what mends it"
ok "sqlite3, and rows in a pipe" run_block 3
like "$(cat out.3)" 'rrsig-expired\|1.*name,resolver,rcode,cd_rcode.*valid\.lab,5\.53\.9\.[1-4],NOERROR,NOERROR' "bring what was scanned"
ok "one name explained" run_block 4
like "$(tr -s ' \n' '  ' <out.4)" 'ds-stale-key\.lab A: FAILING.*Cause ds-no-matching-dnskey.*The way from the root.*dig @' "says what is wrong, and how one knows"
is "$(cd "$tree" && block "sh lab" 5)" "" "there are no commands more"

# ---- the recipes
recipe() { # NAME INPUT: prints what it does
	mkdir "recipe-$1" && "$tree/tools/examples/$1" "$2" resolvers.txt "recipe-$1" >"recipe-$1/out" 2>&1
	local status=$?
	[ $status = 0 ] || echo "exit status $status"
	cat "recipe-$1/out"
}
like "$(recipe list names.txt)" 'certain,rrsig-exp-all\.lab,rrsig-expired,"?re-sign' "a list of domains: what is broken, and what mends it"
printf '%s\n' '$ORIGIN lab.' '@ 3600 IN SOA ns1 host 1 1 1 1 1' '@ NS ns1' 'valid NS ns1.valid' 'rcode-refused NS ns1.rcode-refused' \
	'rrsig-exp-all NS ns1.rrsig-exp-all' >lab.zone
like "$(recipe zone lab.zone | paste -sd ' ')" 'delegation,ns-refused,1,1.*dnssec,rrsig-expired,1,1' "a zone file: how many, for which causes"
said=$(recipe resolvers names.txt)
like "$said" '5\.53\.9\.1,8,6,4,[0-9]+,0' "a comparison of resolvers: what each makes of them"
is "$(grep -c '^exit' <<<"$said")" 0 "they end well"

# ---- the examples of the manual, word for word; what needs Slurm or systemd has tests of its own
cat >"$scratch/servfail-night" <<'END'
#!/bin/sh
# the programs of this folder: those of the lab's world
SERVFAIL_BUILD=${0%/*} exec "$SERVFAIL_TREE/tools/slurm/servfail-night" "$@"
END
chmod +x "$scratch/servfail-night"
cat >"$scratch/servfail-nightly" <<'END'
#!/bin/sh
exec "$LAB" run "$SERVFAIL_TREE/tools/nightly/servfail-nightly" "$@"
END
chmod +x "$scratch/servfail-nightly"
export SERVFAIL_TREE=$tree
(
	mkdir manual && cd manual && cp ../names.txt ../resolvers.txt . && cp resolvers.txt mine.txt && mkdir nights &&
		gzip <names.txt >names.gz && gzip <../lab.zone >se.zone.gz &&
		for i in 0 1; do
			servfail-scan -q -r mine.txt --shards 2 --shard $i --recheck 0 -o shard-$i names.txt &&
				servfail-aggregate -q -o report-$i shard-$i || exit
		done
	printf '%s\n' "resolvers = $PWD/mine.txt" "controls = $SERVFAIL_LAB_DIR/controls.txt" "root-hints = $SERVFAIL_LAB_DIR/root.hints" \
		"trust-anchor = $SERVFAIL_LAB_DIR/trust-anchor.ds" 'recheck = 1' '[nightly]' "names = $PWD/names.txt" "directory = $PWD/state" >se.conf
) >manual.out 2>&1 || sed 's/^/# /' manual.out
while read -r example; do
	ok "$example" bash -eu -o pipefail -c "cd manual && $example"
done < <(sed -n 's/^\.Dl \$ \(servfail-\|zcat \)/\1/p' "$tree"/{scanner/servfail-scan.1,results/servfail-aggregate.1,results/servfail-data.7,tools/nightly/servfail-nightly.8} &&
	sed -n 's/^\.Dl \$ \(servfail-night --local\)/\1/p' "$tree"/tools/servfail-night.1)
is "$(zcat manual/report/verdicts.csv.gz | grep -c ,rrsig-expired,)" 1 "they give the same verdicts"
is "$(zcat manual/state/latest/report/verdicts.csv.gz | grep -c ,rrsig-expired,)" 1 "... and so does the night"

literal() { # PAGE: the commands of its first literal block that has any
	sed 's/\\e$/\\/' "$tree/$1" | awk '/^\.Bd/ { inside = 1; next } /^\.Ed/ && any { exit } /^\.Ed/ { inside = 0 }
		inside && sub(/^\$ /, "") { any = 1 } inside && any'
}
literal results/servfail.5 >block.5
like "$(cd manual && bash -eu -o pipefail ../block.5)" '5\.53\.9\.1\|NOERROR\|[2-9]' "the commands of servfail(5)"
pin=$(sed -n 's/^\.Dl \$ \(openssl .*\)/\1/p' "$tree/scanner/servfail-scan.1" | sed 's/192\.0\.2\.1/5.53.9.14/')
pin=$("$lab" run bash -c "$pin" 2>openssl.err)
like "$pin" '^[A-Za-z0-9+/]{43}=$' "the pin of a resolver with TLS, by openssl" || sed 's/^/# /' openssl.err
echo "tls://5.53.9.14#pin-sha256=$pin" >pinned.txt
echo valid.lab >valid.txt
like "$(servfail-scan -q --controls none -r pinned.txt -o - valid.txt | zcat)" ',valid\.lab,A,tls://5\.53\.9\.14[^,]*,answered,NOERROR,' "... is believed"
echo "tls://5.53.9.14#pin-sha256=$(tr A-Za-z B-ZAb-za <<<"$pin")" >pinned.txt
like "$(servfail-scan -q --controls none -r pinned.txt -o - valid.txt 2>&1 >/dev/null)" 'pin' "... and another one is not"
like "$(cd "$checkout" && bash -c "$(sed -n 's/^\.Dl \$ \(tools.*dig .*\)/\1/p' "$tree/tools/servfail-lab.1")")" 'status: SERVFAIL.*EDE: ' "unbound's word on a name, by dig"

# ---- the formats of all that was written
printf 'not..a.name\n' >rejects.txt
ok "a scan with evidence on all, and a line that is no name" servfail-scan -q -r resolvers.txt --evidence all -o run2 names.txt rejects.txt
for file in run/* run2/* report/*; do
	ok "servfail(5) tells what is in $file" "$tree/tools/check-format" "$tree/results/servfail.5" "$file"
done
for file in run/pairs-000.csv.gz report/verdicts.csv.gz; do
	ok "README tells the columns of $file" "$tree/tools/check-format" "$tree/README.md" "$file"
done

wrong() { # SED-SCRIPT PAGE FILE: check-format does not like the page changed like that
	sed "$1" "$tree/$2" >"page.${2##*.}"
	! cmp -s "page.${2##*.}" "$tree/$2" || return 1
	"$tree/tools/check-format" "page.${2##*.}" "$3"
	[ $? = 1 ]
}
ok "a column with another name is noticed" wrong 's/^\.It Va honours_cd$/.It Va honors_cd/' results/servfail.5 run/resolvers.csv
ok "columns in another order are noticed" wrong 's/^\.It Va name , qtype$/.It Va qtype , name/' results/servfail.5 run/pairs-000.csv.gz
ok "a missing key is noticed" wrong '/^\.It Va stopped$/d' results/servfail.5 run/run.json
ok "a missing file is noticed" wrong 's/^\.Ss evidence-NNN.*/.Ss hints/' results/servfail.5 run/evidence-000.csv.gz
ok "a column missing in README is noticed" wrong '/^| `nsid`/d' README.md run/pairs-000.csv.gz

# ---- servfail-lab(1), which stops it in the end
literal tools/servfail-lab.1 >block.1
printf '%s\n' valid.lab unsigned.lab >"$SERVFAIL_LAB_DIR/names.txt"
rm -rf "$checkout"/build/run "$checkout"/build/report
ok "the commands of servfail-lab(1)" bash -eu -c "cd '$checkout' && . '$PWD/block.1'"
is "$(zcat "$checkout/build/report/verdicts.csv.gz" | cut -d, -f1,3 | paste -sd ' ')" "name,status unsigned.lab,ok valid.lab,ok" "scan and judge"
like "$("$lab" status 2>&1)" 'is not up|down' "and the lab is down"
done_testing
