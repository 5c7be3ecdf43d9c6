# The benches: how fast, measured here (bench/README.md).

.PHONY: bench-merge bench bench-zlib bench-full bench-limiter bench-pieces bench-evidence bench-aggregate bench-zonefile

$(B)/bench-answerer: $(call objects,$(wildcard bench/answer/*.c))
$(B)/bench-pieces: $(B)/bench/answer/reply.o

# The same program with zlib alone, beside the default one.
bench-zlib:
	@$(MAKE) --no-print-directory ZLIB_ONLY=1 B=$(B)/zlib $(B)/zlib/servfail-scan $(B)/zlib/bench-pieces

bench: $(B)/servfail-scan bench-programs bench-zlib ## measure the scanner beside massdns, dnsperf and a bare loop
	@bench/run --build $(B)
bench-full: $(B)/servfail-scan bench-programs bench-zlib ## the same, longer, with ten million names
	@bench/run --build $(B) --full
bench-limiter: $(B)/servfail-scan bench-programs ## is the rate what was asked for
	@bench/limiter --build $(B)
bench-evidence: all lab bench-programs ## what evidence costs, in the lab
	@bench/evidence --build $(B)
bench-aggregate: all bench-programs ## 50 million rows, beside DuckDB (npm install @duckdb/node-api; NODE_PATH)
	@bench/aggregate --build $(B)
bench-zonefile: all bench-programs ## a zone file of 20 million delegations, beside zcat | wc -l
	@bench/zonefile --build $(B)
bench-merge: all bench-programs ## what it takes to put 10, 30 and 100 reports of shards together: 20 minutes, some GB in TMPDIR
	@bench/merge --build $(B)
bench-pieces: bench-programs bench-zlib ## nanoseconds of the pieces
	@$(B)/bench-names 4096 > $(B)/bench-4096-names
	@$(B)/bench-pieces $(B)/bench-4096-names
	@$(B)/zlib/bench-pieces $(B)/bench-4096-names | grep 'zlib 1'
