# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# The words system tests in bash need to speak the Test Anything Protocol to prove(1): source it, end with done_testing.
tap_count=0 tap_failed=0

# ok NAME COMMAND...: the command succeeds.
ok() {
	local name=$1 out
	shift
	tap_count=$((tap_count + 1))
	if out=$("$@" 2>&1); then
		echo "ok $tap_count - $name"
		return 0
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $name"
	printf '# %s\n' "failed: $*" "${out//$'\n'/$'\n# '}"
	return 1
}

# is GOT WANT NAME
is() {
	tap_count=$((tap_count + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $tap_count - $3"
		return 0
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $3"
	printf '# got  %s\n# want %s\n' "${1//$'\n'/$'\n# '}" "${2//$'\n'/$'\n# '}"
	return 1
}

# like GOT EXTENDED-REGEX NAME
like() {
	tap_count=$((tap_count + 1))
	if [[ $1 =~ $2 ]]; then
		echo "ok $tap_count - $3"
		return 0
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $3"
	printf '# got  %s\n# want %s\n' "${1//$'\n'/$'\n# '}" "$2"
	return 1
}

skip() { # NAME REASON
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

done_testing() {
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}
