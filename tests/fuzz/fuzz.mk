# Fuzzing. Each tests/fuzz/fuzz_NAME.c is a target in libFuzzer's form, tests/fuzz/NAME.in/ the inputs it starts from.
# No fuzzer is needed to replay these: build/tests/fuzz/replay_NAME does it, as one more test of make check.
# An input that broke something goes into NAME.in/ with the mend.

SECONDS ?= 60

fuzz_names  := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_replay := $(fuzz_names:%=$(B)/tests/fuzz/replay_%)
fuzz_bin    := $(fuzz_names:%=$(B)/tests/fuzz/fuzz_%)
fuzz_rooms  := $(B)/libscanner.a $(B)/libresults.a $(B)/libio.a

ifdef FUZZER
CFLAGS += -fsanitize=fuzzer-no-link
endif

.PHONY: fuzz fuzz-programs

test-programs: $(fuzz_replay)

$(fuzz_replay): $(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(fuzz_rooms)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SCANNER_LIBS) $(RESULTS_LIBS) $(IO_LIBS)

$(fuzz_bin): $(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(fuzz_rooms)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(SCANNER_LIBS) $(RESULTS_LIBS) $(IO_LIBS)

fuzz-programs: $(fuzz_bin)
	@for name in $(fuzz_names); do \
		echo "== $$name: $(SECONDS) s"; \
		mkdir -p $(B)/$$name.found && \
		$(B)/tests/fuzz/fuzz_$$name -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
			-verbosity=0 -artifact_prefix=$(B)/$$name. $(B)/$$name.found tests/fuzz/$$name.in || exit 1; \
	done

fuzz: ## fuzz everything that reads foreign octets, with clang (SECONDS=60 each)
	@$(MAKE) --no-print-directory CC=clang SAN=address,undefined FUZZER=1 B=build/fuzz fuzz-programs
