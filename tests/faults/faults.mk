# Faults on purpose: libraries that are preloaded, one to let calls fail and one for bad weather, and a run through all places.

.PHONY: check-faults check-outage soak

test-programs: $(B)/tests/faults/interpose.so $(B)/tests/faults/weather.so

$(B)/tests/faults/%.so: tests/faults/%.c
	@echo "  CC   $<"
	@mkdir -p $(@D)
	@$(CC) $(CSTD) $(OPT) -g $(WARN) -shared -fPIC -o $@ $<

check-faults: ## memory, files, sockets and threads fail, at each place in turn: nobody crashes or hangs, no row is lost
	@tools/deps --build
	@$(MAKE) --no-print-directory all $(B)/bench-answerer $(B)/bench-names $(B)/tests/faults/interpose.so
	@tests/faults/run $(B)

check-outage: ## networks and resolvers that go for up to a minute, in sixteen ways: no row is made of that
	@tools/deps --build
	@$(MAKE) --no-print-directory all $(B)/bench-answerer $(B)/bench-names $(B)/tests/faults/weather.so
	@SERVFAIL_BUILD=$(B) prove --norc --timer --verbose tests/system/outage.t :: --long

soak: ## a scan at full speed for SECONDS=3600: memory and descriptors do not grow, totals balance
	@tools/deps --build
	@$(MAKE) --no-print-directory all $(B)/bench-answerer $(B)/bench-names
	@tests/system/soak $(if $(filter file,$(origin SECONDS)),3600,$(SECONDS)) $(B)
