# The lab's two programs stand on ldns alone, not on the rooms.
$(B)/lab-zones: $(B)/tools/lab/zones.o $(call objects,$(wildcard tools/lab/zones/*.c))
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SCANNER_LIBS)
$(B)/lab-odd: $(B)/tools/lab/odd.o $(call objects,$(wildcard tools/lab/odd/*.c))
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SCANNER_LIBS)
