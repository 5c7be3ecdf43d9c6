# Fuzzing. Each tests/fuzz/fuzz_NAME.c is a target in libFuzzer's form, tests/fuzz/NAME.in/ the inputs it starts from.
# No fuzzer is needed to replay these: build/tests/fuzz/replay_NAME does it, as one more test of make check.
# An input that broke something goes into NAME.in/ with the mend.

SECONDS ?= 60

fuzz_names  := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_replay := $(fuzz_names:%=$(B)/tests/fuzz/replay_%)
fuzz_bin    := $(fuzz_names:%=$(B)/tests/fuzz/fuzz_%)
fuzz_rooms  := $(B)/libscanner.a $(B)/libresults.a $(B)/libio.a

ifdef FUZZER
override CFLAGS += -fsanitize=fuzzer-no-link
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

fuzz: ## fuzz everything that reads foreign octets, with clang (SECONDS=60 each; FUZZ="name head": only these)
	@$(MAKE) --no-print-directory CC=clang SAN=address,undefined FUZZER=1 B=build/fuzz fuzz-programs
	@tests/fuzz/run build/fuzz $(SECONDS) $(or $(FUZZ),$(fuzz_names))
