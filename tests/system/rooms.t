#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The house: a file includes nothing from a room above its own. io is the lowest, then results and its rooms, then scanner and
# its rooms, in the order of the Makefile; what stands in results/ and scanner/ themselves is above their rooms.
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash

rooms=(io)
for part in results scanner; do
	read -ra inside < <(sed -n "s/^${part}_rooms *:= *//p" Makefile)
	ok "the Makefile lists the rooms of $part: ${inside[*]}" test ${#inside[@]} -gt 1
	rooms+=("${inside[@]/#/$part/}" "$part")
done

# Of every file: its room and those it includes from. "rank": where a room stands in the list.
upward() {
	awk -v list="${rooms[*]}" '
	function room(path) { sub(/\/[^\/]*$/, "", path); return path }
	BEGIN { n = split(list, name, " "); for (i = 1; i <= n; i++) rank[name[i]] = i }
	FNR == 1 { own = room(FILENAME); if (!(own in rank)) print FILENAME ": its room is not in the list" }
	/^#include "/ {
		other = $2; gsub(/"/, "", other); other = room(other)
		if (!(other in rank) || rank[other] > rank[own]) print FILENAME " includes " $2
	}' "$@"
}
mapfile -t files < <(find io results scanner -name '*.[ch]')
ok "there are files to look at: ${#files[@]}" test ${#files[@]} -gt 200
is "$(upward "${files[@]}")" "" "nothing is included from a room above"

# The test itself sees what is wrong.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/io" && printf '#include "results/%s/x.h"\n' nowhere >"$scratch/io/wrong.c"
like "$(cd "$scratch" && upward io/wrong.c)" 'io/wrong.c includes "results/nowhere/x.h"' "what is, would be seen"

# Tests mirror the rooms.
is "$(find tests/results tests/scanner -name 'test_*.c' | sed 's|^tests/||; s|/[^/]*$||' | sort -u |
	while read -r room; do [ -d "$room" ] || echo "$room"; done)" "" "each test stands in a room that there is"
done_testing
