# Targets that run something: deps, demo, check. What a room adds for itself stands in its own *.mk.

include tools/package.mk $(wildcard tools/lab/*.mk tests/*/*.mk)

.PHONY: deps demo check check-san docs

# Whatever needs libraries is a make of its own after deps: this one looked for them before they were there.
later := $(MAKE) --no-print-directory

deps: ## install what is missing to build and test; the lab's servers are only unpacked below build/
	@tools/deps

demo: ## deps, build, start the lab, scan and judge the sample list, show the summary
	@tools/deps
	@$(later) all lab
	@tools/demo $(B)

check: ## deps, build with warnings as errors, run every test
	@tools/deps
	@$(later) WERROR=1 all lab test-programs
	@tools/check $(B)

# Without WERROR=1: gcc sees uninitialised variables where a sanitizer's code stands between.
check-san: ## the unit tests under the address, undefined and thread sanitizers
	@tools/deps --build
	@$(later) SAN=address,undefined test-programs
	@tools/check --unit build/san-address-undefined
	@$(later) SAN=thread test-programs
	@tools/check --unit build/san-thread

docs: ## write the table of causes into README.md and servfail-causes(7)
	@tools/gen-causes
