# SPDX-License-Identifier: BSD-2-Clause
#
# Figures of single runs to a table of medians, and to what was wanted of them (wanted.tsv).
# In: case client round user_s sys_s wall_s maxrss_kib status answers queries rows octets, by tabs.

BEGIN {
	FS = OFS = "\t"
}

$9 > 0 && $6 > 0 {
	key = $1 "/" $2
	if (!(key in runs))
		order[++keys] = key
	i = ++runs[key]
	value[key, "us", i] = ($4 + $5) * 1e6 / $9
	value[key, "sys", i] = $5 * 1e6 / $9
	value[key, "us_sent", i] = ($4 + $5) * 1e6 / $10
	value[key, "again", i] = $10 / $9
	value[key, "q_s", i] = $9 / $6
	value[key, "pairs_s", i] = $11 / $6
	value[key, "rss", i] = $7
	value[key, "row", i] = $11 ? $12 / $11 : 0
	rows[key] = $11
}

function median(key, figure,    i, j, n, list, t) {
	n = runs[key]
	for (i = 1; i <= n; i++) {
		t = value[key, figure, i]
		for (j = i - 1; j >= 1 && list[j] > t; j--)
			list[j + 1] = list[j]
		list[j + 1] = t
	}
	least = list[1]
	most = list[n]
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# Against that client in the same case, or in the ordinary one.
function against(key, peer,    there) {
	there = key
	sub("/.*", "/" peer, there)
	if (!(there in runs))
		there = "ordinary/" peer
	return there in runs ? sprintf("%.2f", median(key, "us") / median(there, "us")) : "-"
}

function number_or_key(reference, figure) {
	return reference in runs ? median(reference, figure) : reference + 0
}

function print_wanted(    line, part, ratio, fine) {
	while ((getline line < wanted) > 0) {
		if (line ~ /^#/ || split(line, part, "\t") != 5 || !(part[1] in runs))
			continue
		if (!(part[3] in runs) && part[3] !~ /^[0-9]/)
			continue
		ratio = median(part[1], part[2]) / number_or_key(part[3], part[2])
		fine = part[4] == "most" ? ratio <= part[5] : ratio >= part[5]
		printf "%-24s %-8s %6.2f x %-20s at %-5s %5.2f  %s\n", part[1], part[2], ratio,
			part[3], part[4], part[5], fine ? "yes" : "NO"
	}
}

END {
	form = "%-10s %-18s %9s %9s %6s %13s %6s %6s %7s %8s %9s %7s %6s\n"
	printf form, "case", "client", "pairs/s", "q/s", "us/q", "(least-most)", "of it", "x bare",
		"x dperf", "x mdns", "RSS MiB", "B/row", "sent"
	printf form, "", "", "", "", "CPU", "", "kernel", "", "-v", "-o J", "peak", "gzip", "/answ"
	for (k = 1; k <= keys; k++) {
		key = order[k]
		split(key, name, "/")
		us = median(key, "us")
		spread = sprintf("(%.2f-%.2f)", least, most)
		printf form, name[1], name[2], rows[key] ? sprintf("%.0f", median(key, "pairs_s")) : "-",
			sprintf("%.0f", median(key, "q_s")), sprintf("%.2f", us), spread,
			sprintf("%.2f", median(key, "sys")), against(key, "bare"),
			against(key, "dnsperf-v"), against(key, "massdns"),
			sprintf("%.0f", median(key, "rss") / 1024),
			rows[key] ? sprintf("%.1f", median(key, "row")) : "-",
			sprintf("%.2f", median(key, "again"))
		if (history)
			print name[1], name[2], runs[key], sprintf("%.3f", us),
				rows[key] ? sprintf("%.0f", median(key, "pairs_s")) : "-",
				against(key, "bare"), against(key, "dnsperf-v"), against(key, "massdns"),
				median(key, "rss"), rows[key] ? sprintf("%.1f", median(key, "row")) : "-" \
				> history
	}
	print ""
	print_wanted()
}
