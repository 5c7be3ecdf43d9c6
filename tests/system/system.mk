# What system tests need beside the programs, and the one test that takes its time.

.PHONY: check-million

test-programs: $(B)/bench-answerer $(B)/bench-names

check-million: ## a million names through two resolvers of our own: balanced, in bounded memory, every row read by others
	@tools/deps --build
	@$(MAKE) --no-print-directory all $(B)/bench-answerer $(B)/bench-names
	@tests/system/million $(B)
