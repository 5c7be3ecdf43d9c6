# What system tests need beside the programs, and the tests that take their time.

.PHONY: check-deb check-explain check-million check-forged check-resolvers check-kills check-mutants check-html check-slurm

test-programs: $(B)/bench-answerer $(B)/bench-names

check-million: ## a million names through two resolvers of our own: balanced, in bounded memory, every row read by others
	@tools/deps --build
	@$(MAKE) --no-print-directory all $(B)/bench-answerer $(B)/bench-names
	@tests/system/million $(B)

check-deb: ## the package on a fresh Debian 12 below build/: it installs, and the timer's service runs once against the lab
	@tools/deps
	@$(MAKE) --no-print-directory all lab deb
	@tests/system/debian $(B)

check-explain: ## every case of the lab explained by itself: the same as the bulk scan says of it
	@tools/deps
	@$(MAKE) --no-print-directory all lab
	@SERVFAIL_BUILD=$(B) SERVFAIL_LAB_PATIENCE=120 prove --norc --timer --verbose tests/system/explain.t :: --long

check-html: ## report.html in headless Chromium, which it installs; with AXE=axe.min.js (npm has axe-core) for accessibility too
	@tools/deps --build
	@tools/deps --browser
	@$(MAKE) --no-print-directory all
	@SERVFAIL_BUILD=$(B) SERVFAIL_NEED_BROWSER=1 tests/system/report.t

check-forged: ## ten million forged answers while a scan runs, with letters by lot and without: none is believed, and the run tells
	@tools/deps --build
	@$(MAKE) --no-print-directory all $(B)/bench-answerer $(B)/bench-names
	@SERVFAIL_BUILD=$(B) prove --norc --timer --verbose tests/system/forged.t :: --long

check-kills: ## 200 kills at random moments of scans of 300,000 names, each gone on with --resume: nothing missing, nothing twice
	@tools/deps --build
	@$(MAKE) --no-print-directory all $(B)/bench-answerer $(B)/bench-names
	@tests/system/kills $(B)

check-mutants: ## zones with one edit by lot after signing: nobody is accused of what this edit cannot be (SEED=, ZONES=)
	@tools/deps
	@$(MAKE) --no-print-directory all lab
	@SERVFAIL_LAB_PATIENCE=120 tests/system/mutants $(B) $(SEED) $(ZONES)

check-resolvers: ## odd resolvers, all cases of the lab, and a minute at a limit: the long form of one system test
	@tools/deps
	@$(MAKE) --no-print-directory all lab $(B)/bench-answerer $(B)/bench-names
	@SERVFAIL_BUILD=$(B) SERVFAIL_LAB_PATIENCE=120 prove --norc --timer --verbose tests/system/resolvers.t :: --long

check-slurm: ## a night of 400,000 names in 8 shards on a Slurm of its own, with nodes and tasks killed, and one in the lab
	@tools/deps
	@tools/deps --slurm
	@$(MAKE) --no-print-directory all lab $(B)/bench-answerer $(B)/bench-names
	@SERVFAIL_BUILD=$(B) SERVFAIL_LAB_PATIENCE=120 prove --norc --timer --verbose tests/system/slurm
