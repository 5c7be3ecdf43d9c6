# Targets that run something: deps, demo, check, install. What a room adds for itself stands in its own *.mk.

include $(wildcard tools/lab/*.mk tests/*/*.mk)

.PHONY: deps demo check check-san docs install

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

man_dir = $(DESTDIR)$(PREFIX)/share/man

install: all ## install the programs and their manual (PREFIX=/usr/local DESTDIR=)
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(man_dir)/man1' '$(man_dir)/man5' '$(man_dir)/man7'
	install -m 755 $(B)/servfail-scan $(B)/servfail-aggregate '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 tools/slurm/servfail-night '$(DESTDIR)$(PREFIX)/bin'
	install -m 644 scanner/servfail-scan.1 results/servfail-aggregate.1 tools/servfail-*.1 '$(man_dir)/man1'
	install -m 644 results/servfail.5 '$(man_dir)/man5'
	install -m 644 results/servfail-causes.7 results/servfail-data.7 '$(man_dir)/man7'
