#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What make install and make dist make: completions that know the options there are, units that systemd likes, a tarball of
# the same bytes each time. (make deb is a target of its own.)
set -u
cd "$(dirname "$0")/../.." || exit 3
. tests/system/tap.bash
build=$(realpath -m "${SERVFAIL_BUILD:-build}")
scratch=$(mktemp -d) || exit 3
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root

ok "make install" make --no-print-directory B="$build" install PREFIX=/usr DESTDIR="$root"
ok "programs" test -x "$root/usr/bin/servfail-scan" -a -x "$root/usr/bin/servfail-nightly" -a -x "$root/usr/bin/servfail-night"

# ---- completions
# words_of PROGRAM WORD...: what bash offers at the last word
words_of() {
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _${1//-/_} "$1"; printf "%s\n" "${COMPREPLY[@]}"' _ \
		"$root/usr/share/bash-completion/completions/$1" "$@"
}
for program in servfail-scan servfail-aggregate servfail-night servfail-nightly; do
	help=$("$root/usr/bin/$program" --help | grep -oE '^ +(-[a-zA-Z], +)?--[a-z0-9][a-z0-9-]*' | grep -oE -e '--[a-z0-9-]+' | sort)
	is "$(words_of "$program" -- | sort)" "$help" "bash: $program: the options of --help, and no others"
	zsh=$(grep -oE "^	'--[a-z0-9-]+\[" "$root/usr/share/zsh/vendor-completions/_$program" | grep -oE -e '--[a-z0-9-]+' | sort)
	is "$zsh" "$help" "zsh: $program: likewise"
	if command -v zsh >/dev/null; then
		ok "zsh: $program: sound" zsh -n "$root/usr/share/zsh/vendor-completions/_$program"
	fi
done
is "$(words_of servfail-scan --evidence '' | paste -sd ' ')" "none failed all" "the words of an option"
is "$(words_of servfail-scan --type MX)" "MX" "types"
touch "$scratch/names.txt"
is "$(words_of servfail-scan -r "$scratch/na")" "$scratch/names.txt" "files"

# ---- units
for unit in "$root"/usr/lib/systemd/system/*; do
	like "$(cat "$unit")" 'man:servfail-nightly\(8\)' "${unit##*/} is there"
done
is "$(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/servfail-nightly@.service")" "/usr/bin/servfail-nightly %i" "the service starts the script"
if systemd-analyze --help 2>/dev/null | grep -q -e --offline; then
	mkdir -p "$root/etc/systemd/system"
	sed 's|^ExecStart=.*|ExecStart=/bin/true|' "$root/usr/lib/systemd/system/servfail-nightly@.service" >"$scratch/servfail-nightly@x.service"
	cp "$root/usr/lib/systemd/system/servfail-nightly@.timer" "$scratch/servfail-nightly@x.timer"
	is "$(systemd-analyze verify "$scratch/servfail-nightly@x.service" "$scratch/servfail-nightly@x.timer" 2>&1 | grep -E 'servfail-nightly@x' | grep -v "Command 'man")" "" "systemd-analyze verify has nothing to say"
	exposure=$(systemd-analyze security --offline=true "$scratch/servfail-nightly@x.service" 2>/dev/null | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
	echo "# exposure $exposure"
	ok "the service is shut in: exposure of 1.5 at most (10: wide open)" awk -v level="$exposure" 'BEGIN { exit !(level != "" && level <= 1.5) }'
fi

ok "make uninstall" make --no-print-directory B="$build" uninstall PREFIX=/usr DESTDIR="$root"
is "$(find "$root" -type f)" "" "nothing of it stays"

# ---- the tarball
version=$("$build/servfail-scan" --version | sed 's/.* //')
ok "make dist" make --no-print-directory dist
mkdir "$scratch/elsewhere"
tar -C "$scratch/elsewhere" -xf "build/servfail-$version.tar.gz"
ok "its files are in one folder" test -x "$scratch/elsewhere/servfail-$version/tools/debian/rules"
again() { # from what is in it, with other times and another mask
	cd "$scratch/elsewhere/servfail-$version" && find . -exec touch -d 2001-01-01 {} + && umask 077 && make --no-print-directory dist
}
ok "make dist from the tarball" again
is "$(sha256sum <"$scratch/elsewhere/servfail-$version/build/servfail-$version.tar.gz")" "$(sha256sum <"build/servfail-$version.tar.gz")" "the same bytes"
mkdir -p "$scratch/far/away"
tar -C "$scratch/far/away" -xf "build/servfail-$version.tar.gz"
for folder in elsewhere far/away; do
	make -s -C "$scratch/$folder/servfail-$version" CFLAGS=-O1 build/io/lines.o >/dev/null
done
ok "the same octets are compiled from it wherever it lies, with a packager's flags, too" cmp "$scratch"/{elsewhere,far/away}/"servfail-$version/build/io/lines.o"
like "$(make -n -C "$scratch/elsewhere/servfail-$version" CFLAGS=-O1 build/io/buf.o)" "-std=c11 .*-O2 .*-O1 -MMD" "... which have the last word"
is "$(sed -n 's/^servfail (\(.*\)) .*/\1/p' tools/debian/changelog | head -n 1)" "$version" "the package has the version of the source"
done_testing
