# What looks at the code instead of running it, what looks at it while it runs, and what tells how much of it the tests run.

.PHONY: coverage check-memory check-static check-valgrind

ifdef COVERAGE
override CFLAGS  += --coverage -fprofile-update=atomic
override LDFLAGS += --coverage
endif

# Those that run the programs for longer say little more.
COVERAGE_TESTS ?= $(patsubst %,tests/system/%.t,scan resume aggregate changes places privileges tls outage weather explain readme)

coverage: ## lines of io/, results/ and scanner/ that the unit tests and some system tests come by; 90 % of each are wanted
	@tools/deps
	@$(MAKE) --no-print-directory COVERAGE=1 OPT=-O1 B=build/coverage all lab test-programs
	@tests/analysis/coverage build/coverage $(COVERAGE_TESTS)

check-memory: ## the unit tests under clang's memory sanitizer, but for those that read what a library wrote
	@$(MAKE) --no-print-directory CC=clang SAN=memory test-programs
	@tests/analysis/memory build/san-memory

check-static: ## cppcheck, clang, gcc -fanalyzer and clang-tidy look at the code; what is not installed is left out
	@tests/analysis/static

check-valgrind: ## the unit tests, a small scan and its report under memcheck: no error, nothing leaks
	@$(MAKE) --no-print-directory all test-programs
	@tests/analysis/valgrind $(B)
