# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# The configurations of the lab's servers, sourced by servfail-lab. Everything is written below the work folder, which is
# also every daemon's working directory: all paths are relative, so neither spaces nor long checkout paths matter (a
# UNIX socket's name may have 107 bytes).
#
#   run/plan.tsv   what is to run: STAGE  NAME  DAEMON  IPv4  IPv6 ("-": none)
#   conf/NAME      its configuration, a file or a folder
#   run/net        input for ip -batch
# Stage 1 are the authoritative servers, stage 2 the resolvers, which may only be asked when stage 1 answers.

resolver_net4=5.53.9 resolver_net6=2a00:53:9:

# The resolvers: NAME DAEMON HOST-NUMBER KIND. good ones are what a resolver should be; plain does not validate; the odd
# and the strange ones are each odd in their own way; the hidden ones stand behind these, and the last one gives the PowerDNS
# Recursor, which has none, its TLS. Number 6 is the dead one: nobody answers there.
resolvers() {
	echo "unbound unbound 1 good"
	echo "bind named 2 good"
	echo "kresd kresd 3 good"
	echo "pdns pdns_recursor 4 good"
	echo "unbound-plain unbound 5 plain"
	echo "unbound-without-cd unbound 7 odd"
	echo "bind-rewriting named 8 odd"
	echo "unbound-refusing unbound 9 odd"
	echo "behind-lossy unbound 12 hidden"
	echo "behind-limited unbound 13 hidden"
	echo "front-lossy dnsdist 10 odd"
	echo "front-limited dnsdist 11 odd"
	echo "front-tls dnsdist 14 hidden"
	echo "front-mixed dnsdist 15 strange"
	echo "relay kresd 16 strange"
	echo "unbound-policy unbound 17 strange"
}

write_plan() {
	local name daemon number
	{
		awk -F '\t' 'BEGIN { OFS = FS } { print 1, $1, $2, $3, $4 }' servers.tsv
		resolvers | while read -r name daemon number _; do
			printf '2\t%s\t%s\t%s.%s\t%s:%s\n' "$name" "$daemon" $resolver_net4 "$number" $resolver_net6 "$number"
		done
	} >run/plan.tsv
}

# Addresses: what the servers listen on is given to lo one by one, so that resolvers can also send from it. The odd
# server has whole networks. Whatever is not ours goes to lo too and is dropped there, as the kernel does not forward:
# a blackhole that sends no ICMP. 5.53.5.1 is the address of a host without a listener, which does.
write_net() {
	{
		echo "link set lo up"
		awk -F '\t' '{ print $4 "/32"; print $5 "/128" }' run/plan.tsv | grep -v '^-' |
			sed 's/.*/addr add & dev lo/'
		echo "addr add 5.53.5.1/32 dev lo"
		echo "addr add 2a00:53:5::1/128 dev lo"
		echo "route add local 5.53.3.0/24 dev lo"
		echo "route add local 5.53.6.0/24 dev lo"
		echo "route add local 2a00:53:3::/64 dev lo"
		echo "route add local 2a00:53:6::/64 dev lo"
		echo "route add 0.0.0.0/0 dev lo"
		echo "route add ::/0 dev lo"
	} >run/net
}

write_resolver_lists() {
	resolvers | while read -r _ _ number kind; do
		[ "$kind" = good ] && echo "$resolver_net4.$number"
	done >resolvers.txt
	resolvers | while read -r _ _ number kind; do
		[ "$kind" = good ] && echo "[$resolver_net6:$number]:53"
	done >resolvers6.txt
	{
		cat resolvers.txt
		echo "$resolver_net4.5   # does not validate"
		echo "$resolver_net4.6   # dead"
	} >resolvers-all.txt
	sed 's|^|tcp://|' resolvers.txt >resolvers-tcp.txt
	# PowerDNS Recursor has no TLS of its own.
	sed 's|^|tls://|; s|\.4$|.14|' resolvers.txt >resolvers-tls.txt
	cat >resolvers-strange.txt <<-END
		$resolver_net4.15  # two under one address, one of which does not validate
		$resolver_net4.16  # hands on what 5.53.9.1 says, without AD, and keeps it for either CD
		$resolver_net4.17  # withholds some names: a policy
	END
	cat >resolvers-odd.txt <<-END
		$resolver_net4.1
		$resolver_net4.2
		$resolver_net4.5   # does not validate
		$resolver_net4.6   # dead
		$resolver_net4.7   # ignores CD
		$resolver_net4.8   # rewrites NXDOMAIN
		$resolver_net4.9   # refuses
		$resolver_net4.10  # loses one query in five
		$resolver_net4.11  # SERVFAIL for what is beyond 2,000 queries a second
	END
}

# One certificate for all that speak TLS.
write_certificate() {
	local name number names=DNS:resolvers.lab
	while read -r name _ number _; do
		names=$names,IP:$resolver_net4.$number,IP:$resolver_net6:$number
	done < <(resolvers)
	tls_authority tls && tls_certificate tls resolvers "$names"
}

write_configurations() {
	local stage name daemon ipv4 ipv6
	write_plan && write_net && write_resolver_lists && write_certificate || return 1
	while IFS=$'\t' read -r stage name daemon ipv4 ipv6; do
		mkdir -p "run/$name" || return 1
		case $stage/$daemon in
		1/odd) ;;
		1/nsd) write_nsd ;;
		1/knot) write_knot ;;
		1/named) write_named ;;
		2/unbound) write_unbound ;;
		2/named) write_named_resolver ;;
		2/kresd) write_kresd ;;
		2/pdns_recursor) write_pdns ;;
		2/dnsdist) write_dnsdist ;;
		*)
			say "servers.tsv asks for $daemon, which the lab does not have"
			return 1
			;;
		esac || return 1
	done <run/plan.tsv
}

# The root's DS records: TAG ALGORITHM DIGEST-TYPE DIGEST a line, the digest in one piece.
anchors() {
	awk '{ sub(/;.*/, "")
	       for (i = 1; i <= NF && $i != "DS"; i++);
	       if (i > NF) next
	       printf "%s %s %s ", $(i + 1), $(i + 2), $(i + 3)
	       for (i += 4; i <= NF; i++) printf "%s", $i
	       print "" }' trust-anchor.ds
}

# zones_of SERVER AWK-ACTION: the action sees $2 the zone, $3 its file.
zones_of() { awk -F '\t' -v server="$1" "\$1 == server $2" serve.tsv; }

# The world is broken on purpose: no authoritative server may check, repair, limit or say more than asked.

write_nsd() {
	{
		cat <<-END
			server:
			  ip-address: $ipv4
			  ip-address: $ipv6
			  server-count: 1
			  username: ""
			  database: ""
			  zonesdir: "."
			  pidfile: "run/$name/pid"
			  zonelistfile: "run/$name/zone.list"
			  xfrdir: "run/$name"
			  xfrdfile: "run/$name/xfrd.state"
			  rrl-ratelimit: 0
			  rrl-whitelist-ratelimit: 0
			  tcp-count: 200
			  verbosity: 1
			remote-control:
			  control-enable: no
		END
		zones_of "$name" '{ printf "zone:\n  name: \"%s\"\n  zonefile: \"%s\"\n", $2, $3 }'
	} >"conf/$name"
}

write_knot() {
	{
		cat <<-END
			server:
			    rundir: "/proc/self/cwd/run/$name"
			    listen: [ $ipv4@53, $ipv6@53 ]
			    udp-workers: 1
			    tcp-workers: 1
			    background-workers: 1
			database:
			    storage: "run/$name"
			    journal-db-max-size: 16M
			    timer-db-max-size: 16M
			    catalog-db-max-size: 16M
			    kasp-db-max-size: 16M
			log:
			  - target: stderr
			    any: info
			template:
			  - id: default
			    storage: "."
			    semantic-checks: off
			    zonefile-sync: -1
			    zonefile-load: whole
			    journal-content: none
			zone:
		END
		zones_of "$name" '{ printf "  - domain: \"%s\"\n    file: \"%s\"\n", $2, $3 }'
	} >"conf/$name"
}

write_named() {
	{
		cat <<-END
			options {
				directory ".";
				listen-on port 53 { $ipv4; };
				listen-on-v6 port 53 { $ipv6; };
				pid-file none;
				session-keyfile "run/$name/session.key";
				managed-keys-directory "run/$name";
				recursion no;
				dnssec-validation no;
				notify no;
				allow-transfer { none; };
				check-names primary ignore;
				check-integrity no;
				check-mx ignore;
				check-mx-cname ignore;
				check-srv-cname ignore;
				check-sibling no;
				check-spf ignore;
				check-wildcard no;
				check-dup-records ignore;
				max-zone-ttl unlimited;
				zone-statistics no;
				masterfile-format text;
				empty-zones-enable no;
				tcp-clients 1000;
			};
			controls { };
		END
		zones_of "$name" '{ printf "zone \"%s\" { type primary; file \"%s\"; };\n", $2, $3 }'
	} >"conf/$name"
}

# Resolvers answer whoever asks as fast as they can: no limit by client, for the scanner is the only one; Debian's
# unbound would otherwise drop answers that took longer than 1.9 s (discard-timeout) instead of saying SERVFAIL.

write_unbound() {
	local modules="validator iterator" ignore_cd=no access=allow
	case $name in
	unbound-plain) modules="iterator" ;;
	unbound-without-cd) ignore_cd=yes ;;
	unbound-refusing) access=refuse ;;
	unbound-policy) modules="respip validator iterator" ;;
	esac
	cat >"conf/$name" <<-END
		server:
		  interface: $ipv4
		  interface: $ipv6
		  interface: $ipv4@853
		  interface: $ipv6@853
		  tls-service-pem: "tls/resolvers.crt"
		  tls-service-key: "tls/resolvers.key"
		  outgoing-interface: $ipv4
		  outgoing-interface: $ipv6
		  access-control: 0.0.0.0/0 $access
		  access-control: ::/0 $access
		  module-config: "$modules"
		  ignore-cd-flag: $ignore_cd
		  root-hints: "root.hints"
		  trust-anchor-file: "trust-anchor.ds"
		  ede: yes
		  val-log-level: 2
		  log-servfail: yes
		  discard-timeout: 0
		  wait-limit: 0
		  do-not-query-localhost: no
		  num-threads: 1
		  num-queries-per-thread: 4096
		  outgoing-range: 8192
		  outgoing-num-tcp: 200
		  incoming-num-tcp: 200
		  msg-cache-size: 32m
		  rrset-cache-size: 64m
		  username: ""
		  chroot: ""
		  directory: "."
		  pidfile: "run/$name/pid"
		  use-syslog: no
		  logfile: ""
		  log-time-ascii: yes
		  verbosity: 1
		remote-control:
		  control-enable: no
	END
	[ "$name" = unbound-policy ] || return 0
	printf 'rpz:\n  name: "policy."\n  zonefile: "run/%s/policy"\n' "$name" >>"conf/$name"
	cat >"run/$name/policy" <<-END
		\$TTL 60
		@ SOA . . 1 3600 900 86400 60
		@ NS .
		valid-nsec.lab CNAME .
		unsigned.lab CNAME *.
		rrsig-exp-all.lab CNAME .
		ds-stale-key.lab CNAME rpz-passthru.
	END
}

write_named_resolver() {
	cat >"conf/$name" <<-END
		tls lab {
			cert-file "tls/resolvers.crt";
			key-file "tls/resolvers.key";
		};
		options {
			directory ".";
			listen-on port 53 { $ipv4; };
			listen-on-v6 port 53 { $ipv6; };
			listen-on port 853 tls lab { $ipv4; };
			listen-on-v6 port 853 tls lab { $ipv6; };
			query-source address $ipv4;
			query-source-v6 address $ipv6;
			pid-file none;
			session-keyfile "run/$name/session.key";
			managed-keys-directory "run/$name";
			recursion yes;
			allow-query { any; };
			allow-query-cache { any; };
			allow-recursion { any; };
			dnssec-validation yes;
			recursive-clients 20000;
			clients-per-query 0;
			tcp-clients 1000;
			max-cache-size 96m;
			empty-zones-enable no;
		};
		controls { };
		trust-anchors {
			$(anchors | while read -r tag algorithm type digest; do
			echo "\".\" static-ds $tag $algorithm $type \"$digest\";"
		done)
		};
		zone "." { type hint; file "root.hints"; };
	END
	if [ "$name" = bind-rewriting ]; then
		echo 'zone "." { type redirect; file "run/bind-rewriting/redirect"; };' >>"conf/$name"
		printf '. 300 SOA . . 1 3600 900 86400 300\n. 300 NS .\n*. 300 A %s\n*. 300 AAAA %s\n' \
			5.53.5.1 2a00:53:5::1 >"run/$name/redirect"
	fi
}

# In front of a resolver of its own each: a path that loses queries, and a limit as of an overloaded one. Nothing is lost
# that waits long for the resolver behind.
write_dnsdist() {
	local behind=12 rule
	case $name in
	front-lossy) rule='addAction(AndRule({ NotRule(TCPRule(true)), ProbaRule(0.2) }), DropAction())' ;;
	front-limited)
		behind=13
		rule='addAction(NotRule(MaxQPSRule(2000, 100)), RCodeAction(DNSRCode.SERVFAIL))'
		;;
	front-tls)
		behind=4
		rule="addTLSLocal('$ipv4:853', 'tls/resolvers.crt', 'tls/resolvers.key')
			addTLSLocal('[$ipv6]:853', 'tls/resolvers.crt', 'tls/resolvers.key')"
		;;
	front-mixed)
		behind=1
		rule="newServer({ address = '$resolver_net4.5:53', source = '$ipv4' }):setUp()
			setServerPolicy(roundrobin)"
		;;
	esac
	cat >"conf/$name" <<-END
		setLocal('$ipv4:53')
		addLocal('[$ipv6]:53')
		setACL({ '0.0.0.0/0', '::/0' })
		setSecurityPollSuffix('')
		setUDPTimeout(30)
		newServer({ address = '$resolver_net4.$behind:53', source = '$ipv4' }):setUp()
		$rule
	END
}

# kresd is a Lua program: -c names it relative to its run folder, which is where it keeps its cache and its sockets.
write_kresd() {
	cat >"conf/$name" <<-END
		log_level('info')
		net.listen('$ipv4', 53, { kind = 'dns' })
		net.listen('$ipv6', 53, { kind = 'dns' })
		net.tls('../../tls/resolvers.crt', '../../tls/resolvers.key')
		net.listen('$ipv4', 853, { kind = 'tls' })
		net.listen('$ipv6', 853, { kind = 'tls' })
		net.outgoing_v4('$ipv4')
		net.outgoing_v6('$ipv6')
		cache.open(64 * MB, 'lmdb://cache')
		cache.clear()
		-- What looks after a resolver of the Internet would mistake the lab for a broken one.
		for _, name in ipairs({ 'ta_update', 'ta_signal_query', 'priming', 'detect_time_skew', 'detect_time_jump' }) do
		    modules.unload(name)
		end
		modules = { 'hints > iterate', 'extended_error' }
		hints.root_file('../../root.hints')
		trust_anchors.remove('.')
		for line in io.lines('../../trust-anchor.ds') do
		    if line:match('%sDS%s') then
		        trust_anchors.add(line)
		    end
		end
	END
	[ "$name" != relay ] || echo "policy.add(policy.all(policy.STUB('$resolver_net4.1')))" >>"conf/$name"
}

write_pdns() {
	mkdir -p "conf/$name" || return 1
	cat >"conf/$name/recursor.conf" <<-END
		local-address=$ipv4, $ipv6
		local-port=53
		query-local-address=$ipv4, $ipv6
		allow-from=0.0.0.0/0, ::/0
		dont-query=
		hint-file=root.hints
		lua-config-file=conf/$name/anchors.lua
		dnssec=validate
		dnssec-log-bogus=yes
		extended-resolution-errors=yes
		max-mthreads=16384
		max-cache-entries=200000
		max-packetcache-entries=50000
		threads=1
		daemon=no
		disable-syslog=yes
		write-pid=no
		socket-dir=run/$name
		security-poll-suffix=
		setuid=
		setgid=
	END
	{
		echo 'clearTA()'
		anchors | while read -r tag algorithm type digest; do
			echo "addTA('.', '$tag $algorithm $type $digest')"
		done
	} >"conf/$name/anchors.lua"
}
