# What looks at the code instead of running it, and what tells how much of it the tests run.

.PHONY: coverage coverage-programs check-static

ifdef COVERAGE
CFLAGS  += --coverage
LDFLAGS += --coverage
endif

# Those that run the programs for long say little more.
COVERAGE_TESTS ?= tests/system/scan.t tests/system/resume.t tests/system/aggregate.t tests/system/outage.t tests/system/tls.t \
	tests/system/readme.t

coverage: ## lines of io/, results/ and scanner/ that the unit tests and some system tests come by
	@tools/deps
	@$(MAKE) --no-print-directory COVERAGE=1 OPT=-O1 B=build/coverage all lab test-programs
	@tests/analysis/coverage build/coverage $(COVERAGE_TESTS)

check-static: ## gcc -fanalyzer, clang, clang-tidy and cppcheck look at the code, and valgrind at the unit tests; what is missing is left out
	@$(MAKE) --no-print-directory test-programs
	@tests/analysis/static $(B)
