#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# servfail-data(7) keeps its word: its commands, word for word, with each tool that is installed, bring what Python's csv counts;
# the data dictionary tells the columns that the files have, and that servfail(5) tells.
#
# sqlite3, python3-pandas and r-base-core are Debian's; DuckDB (@duckdb/node-api) and ClickHouse (chdb) are npm's, looked for
# below NODE_PATH. What is not there is skipped.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
tree=$PWD build=$(realpath -m "${SERVFAIL_BUILD:-build}")
scratch=$(mktemp -d) || exit 3
trap 'rm -rf "$scratch"' EXIT

# block TOOL N: the Nth display of its section
block() {
	awk -v tool="$1" -v want="$2" '
	/^\.S[sh] / { inside = $0 == ".Ss " tool; n = 0; next }
	/^\.Ed/ { shown = 0 }
	inside && shown && n == want
	/^\.Bd/ { shown = 1; n++ }' results/servfail-data.7 | sed 's/\\e/\\/g'
}

# ---- rows that a reader who guesses gets wrong: lists and odd names far down, in the second part
tests/system/nights.py "$scratch" || exit 3
mv "$scratch/night" "$scratch/run"
/usr/bin/env python3 - "$scratch/run" <<'END' || exit 3
import csv, gzip, sys
folder = sys.argv[1]
with gzip.open(folder + "/pairs-000.csv.gz", "rt", newline="") as file:
    rows = list(csv.DictReader(file))
good = next(row for row in rows if row["rcode"] == "NOERROR")
bad = next(row for row in rows if row["rcode"] == "SERVFAIL")
with gzip.open(folder + "/pairs-001.csv.gz", "wt", newline="") as file:
    writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**good, "name": f"n{i}.example", "nsid": "4711"} for i in range(30000))
    for name in ("null", "nan", "na", "NA".lower() + ".example"):
        writer.writerow({**good, "name": name})
    writer.writerow({**bad, "name": "list.example", "ede": "22+23", "ede_text": 'a "text", and more', "nsid": "ams-1"})
    writer.writerow({**bad, "name": "mute.example", "outcome": "timeout", "rcode": "", "ede": ""})
END
ok "a run and a report" "$build/servfail-aggregate" -q -o "$scratch/report" "$scratch/run"

wanted() { # GLOB COLUMN...: counted by Python's csv
	/usr/bin/env python3 - "$@" <<'END'
import collections, csv, glob, gzip, sys
counts = collections.Counter()
for path in glob.glob(sys.argv[1]):
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row.get("status") != "ok":
                counts[tuple(row[c] for c in sys.argv[2:])] += 1
print(*(",".join([*key, str(n)]) for key, n in counts.items()), sep="\n")
END
}
# The tools write the unknown in their own ways, and quote as they like.
plain() { sed 's/\r$//; s/"//g; s/\\N//g' | sort; }
want_pairs=$(wanted "$scratch/run/pairs-*.csv.gz" rcode cd_rcode | plain)
want_verdicts=$(wanted "$scratch/report/verdicts.csv.gz" cause | plain)

# try TOOL COMMAND...: its two blocks, on the standard input of the command
try() {
	local tool=$1 n out status
	shift
	for n in 1 2; do
		block "$tool" $n >"$scratch/block"
		ok "$tool: there is a display $n" test -s "$scratch/block"
		out=$(cd "$scratch" && "$@" <"$scratch/block" 2>"$scratch/err")
		status=$?
		if [ $status = 77 ]; then
			skip "$tool, $n" "not installed"
		else
			[ $status = 0 ] || sed 's/^/# /' "$scratch/err" | head -n 20
			[ $n = 1 ] && is "$(plain <<<"$out")" "$want_pairs" "$tool counts pairs"
			[ $n = 2 ] && is "$(plain <<<"$out")" "$want_verdicts" "$tool counts verdicts"
		fi
	done
}
missing() { return 77; }
pandas=missing
for python in python3 /usr/bin/python3; do
	"$python" -c 'import pandas' 2>/dev/null && pandas="$python -"
done
node=missing
! command -v node >/dev/null || node="node $tree/tests/system/sql.mjs"
jq=missing
! command -v jq >/dev/null || jq="bash -eu -o pipefail"
r=missing
! command -v Rscript >/dev/null || r="Rscript -"

try sqlite3 bash -eu +u -o pipefail
# shellcheck disable=SC2086
{
	try DuckDB $node duckdb
	try ClickHouse $node chdb
	try pandas $pandas
	try R $r
	try jq $jq
}

# ---- the data dictionary
"$build/servfail-aggregate" --columns >"$scratch/dictionary" || exit 3
told() { awk -F'\t' -v file="$1" '$1 == file { print $2 }' "$scratch/dictionary"; }
is "$(head -n 1 "$scratch/dictionary")" "file	column	type	meaning" "the dictionary has a header"
is "$(awk -F'\t' 'NF != 4 || $4 == "" || (NR > 1 && $3 !~ /^(text|time|number|list)$/)' "$scratch/dictionary")" "" "and four fields a line"
for file in $(sed 1d "$scratch/dictionary" | cut -f1 | uniq); do
	page=$(awk -v file="$file" '
	/^\.S[sh] / { inside = $1 == ".Ss" && $2 == file; next }
	inside && /^\.It Va / { sub(/^\.It Va /, ""); gsub(/ , /, "\n"); print }' results/servfail.5)
	is "$(told "$file")" "$page" "servfail(5) and the dictionary agree on $file"
done
for pair in "pairs-NNN.csv.gz run/pairs-000.csv.gz" "verdicts.csv.gz report/verdicts.csv.gz" "evidence-NNN.csv.gz run/evidence-000.csv.gz"; do
	is "$(zcat "$scratch/${pair#* }" | head -n 1)" "$(told "${pair% *}" | paste -sd,)" "the columns of ${pair% *} are those of a file"
done
types_hold() { # every value of every column is of its type
	/usr/bin/env python3 - "$scratch" <<'END'
import csv, glob, gzip, re, sys
types = {}
with open(sys.argv[1] + "/dictionary", newline="") as file:
    for row in csv.DictReader(file, delimiter="\t"):
        types.setdefault(row["file"], {})[row["column"]] = row["type"]
patterns = {"number": r"\d*", "time": r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)?", "list": r"(?s).*", "text": r"(?s).*"}
seen = 0
for name, pattern in (("pairs-NNN.csv.gz", "run/pairs-*.csv.gz"), ("evidence-NNN.csv.gz", "run/evidence-*.csv.gz"), ("verdicts.csv.gz", "report/verdicts.csv.gz")):
    for path in glob.glob(sys.argv[1] + "/" + pattern):
        with gzip.open(path, "rt", newline="") as file:
            for row in csv.DictReader(file):
                seen += 1
                for column, value in row.items():
                    assert re.fullmatch(patterns[types[name][column]], value), (path, column, value)
assert seen > 60000, seen
END
}
ok "values are of the types that it tells" types_hold
done_testing
