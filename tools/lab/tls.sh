# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# An authority and certificates of its own, for servers that speak TLS: sourced by servfail-lab, tests and benches.

# tls_authority FOLDER: makes FOLDER/ca.pem, whom clients are to trust, and its key.
tls_authority() {
	mkdir -p "$1/issued" && : >"$1/index.txt" || return 1
	cat >"$1/ca.cnf" <<-END || return 1
		[ca]
		default_ca = ours
		[ours]
		database = $1/index.txt
		new_certs_dir = $1/issued
		certificate = $1/ca.pem
		private_key = $1/ca.key
		default_md = sha256
		default_days = 30
		rand_serial = yes
		unique_subject = no
		policy = any
		[any]
		commonName = supplied
	END
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=an authority of ${1##*/}" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
		-keyout "$1/ca.key" -out "$1/ca.pem" 2>"$1/log" || { cat "$1/log" >&2; return 1; }
}

# tls_certificate FOLDER NAME SUBJECT-ALT-NAME [OPTION...]: makes FOLDER/NAME.pem, certificate and key of a server, and
# FOLDER/NAME.crt and .key; options go to openssl-ca(1), such as -startdate and -enddate.
tls_certificate() {
	local to=$1/$2 alt=$3
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$to.key" -out "$to.csr" 2>"$1/log" &&
		openssl ca -batch -notext -config "$1/ca.cnf" -extfile <(echo "subjectAltName=$alt") "${@:4}" \
			-in "$to.csr" -out "$to.crt" 2>>"$1/log" || { cat "$1/log" >&2; return 1; }
	cat "$to.crt" "$to.key" >"$to.pem"
}

# tls_pin FILE: the pin of the key in a certificate (RFC 7858 4.2).
tls_pin() {
	openssl x509 -in "$1" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64
}
