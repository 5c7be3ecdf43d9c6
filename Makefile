# servfail -- make help lists the targets.
#
# Knobs:  CC=gcc|clang  SAN=address,undefined|thread  WERROR=1  OPT=-O2  ZLIB_ONLY=1  PREFIX=/usr/local  DESTDIR=
# Each SAN= builds in a folder of its own, so the variants never mix.

VERSION  := 0.1.0
PREFIX   ?= /usr/local
OPT      ?= -O2
comma    := ,
B        := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))

CSTD     := -std=c11 -D_GNU_SOURCE
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(if $(WERROR),-Werror)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# Flags of a packager, from the environment or the command line, stand behind ours and go before them.
override CPPFLAGS := -I. -DSERVFAIL_VERSION='"$(VERSION)"' $(CPPFLAGS)
override CFLAGS   := $(CSTD) $(OPT) -g $(WARN) $(SANFLAGS) -pthread -fstack-protector-strong $(CFLAGS)
override LDFLAGS  := $(SANFLAGS) -pthread $(LDFLAGS)

# The scanner is optimised across its files, where its time goes: 5 % fewer instructions a query. Its objects hold machine
# code as well, with which tests and all others link as ever. LTO= (empty) does without, as do clang and all other kinds.
ifndef LTO
LTO      := $(if $(SAN)$(filter-out -O2 -O3,$(OPT))$(findstring clang,$(shell $(CC) --version)),,-flto=auto)
endif
override LDFLAGS += $(if $(LTO),-fno-lto)
lto_rooms := io results/rows scanner/dns scanner/lists scanner/run scanner/ask scanner/scan
$(foreach r,$(lto_rooms),$(B)/$(r)/%.o): across := $(if $(LTO),$(LTO) -ffat-lto-objects)
# The names of its sections are drawn by lot otherwise.
across_seed = $(if $(across),-frandom-seed=$<)

# The same source makes the same programs wherever it lies: compilers write down where they run, and take PWD's word for it.
COMPILE := PWD=/proc/self/cwd $(CC)

include tools/libraries.mk

# The rooms, lowest first: each may use those before it (tests/system/rooms.t holds them to it).
results_rooms := rows judge tally sort report
scanner_rooms := options dns lists run ask chain evidence scan
sources        = $(wildcard $(1)/*.c) $(foreach r,$($(1)_rooms),$(wildcard $(1)/$(r)/*.c))

io_src      := $(call sources,io)
results_src := $(filter-out results/aggregate.c,$(call sources,results))
scanner_src := $(filter-out scanner/main.c,$(call sources,scanner))
lab_bin     := $(patsubst tools/lab/%.c,$(B)/lab-%,$(wildcard tools/lab/*.c))
bench_bin   := $(patsubst bench/%.c,$(B)/bench-%,$(wildcard bench/*.c))
test_bin    := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard $(foreach r,io results scanner,tests/$(r)/test_*.c tests/$(r)/*/test_*.c)))

LIBIO      := $(B)/libio.a
LIBRESULTS := $(B)/libresults.a
LIBSCANNER := $(B)/libscanner.a
objects     = $(patsubst %.c,$(B)/%.o,$(1))

.DELETE_ON_ERROR:
.PHONY: all lab bench-programs test-programs clean help

all: $(B)/servfail-scan $(B)/servfail-aggregate ## build both programs into build/

include tools/targets.mk
include bench/bench.mk

# The link order is the direction of dependencies: an upward call does not link.
$(B)/servfail-scan: $(B)/scanner/main.o $(LIBSCANNER) $(LIBRESULTS) $(LIBIO)
	@echo "  LINK $@"
	@$(COMPILE) $(filter-out -fno-lto,$(LDFLAGS)) $(LTO) -o $@ $^ $(SCANNER_LIBS) $(RESULTS_LIBS) $(IO_LIBS)
$(B)/servfail-aggregate: $(B)/results/aggregate.o $(LIBRESULTS) $(LIBIO)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(RESULTS_LIBS) $(IO_LIBS)
$(LIBIO): $(call objects,$(io_src))
$(LIBRESULTS): $(call objects,$(results_src)) $(B)/results/assets.o
$(LIBSCANNER): $(call objects,$(scanner_src))
$(B)/lib%.a:
	@echo "  AR   $@"
	@rm -f $@ && $(AR) rcs $@ $^

# The lab's own servers and the benches may use every room.
lab: $(lab_bin) ## build the lab's own servers
bench-programs: $(bench_bin)
$(B)/lab-%: $(B)/tools/lab/%.o $(LIBSCANNER) $(LIBRESULTS) $(LIBIO)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SCANNER_LIBS) $(RESULTS_LIBS) $(IO_LIBS)
$(B)/bench-%: $(B)/bench/%.o $(LIBSCANNER) $(LIBRESULTS) $(LIBIO)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SCANNER_LIBS) $(RESULTS_LIBS) $(IO_LIBS)

# Tests of a room link that room and the ones below it, nothing above.
test-programs: $(test_bin)
$(B)/tests/io/%: $(B)/tests/io/%.o $(LIBIO)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(IO_LIBS)
$(B)/tests/results/%: $(B)/tests/results/%.o $(LIBRESULTS) $(LIBIO)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(RESULTS_LIBS) $(IO_LIBS)
$(B)/tests/scanner/%: $(B)/tests/scanner/%.o $(LIBSCANNER) $(LIBRESULTS) $(LIBIO)
	@echo "  LINK $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SCANNER_LIBS) $(RESULTS_LIBS) $(IO_LIBS)

$(B)/%.o: %.c
	@echo "  CC   $<"
	@mkdir -p $(@D)
	@$(COMPILE) $(CPPFLAGS) $(across) $(across_seed) $(CFLAGS) -MMD -MP -c -o $@ $<

# The files of report.html become part of the program.
$(B)/results/assets.c: tools/embed results/report/report.html results/report/report.css results/report/report.js
	@echo "  EMBED $@"
	@mkdir -p $(@D)
	@tools/embed results/report/asset.h asset_page=results/report/report.html asset_style=results/report/report.css \
		asset_script=results/report/report.js >$@
$(B)/results/assets.o: $(B)/results/assets.c
	@echo "  CC   $<"
	@$(COMPILE) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

clean: ## remove what was built (packages that were unpacked stay in build/*-root)
	@rm -rf $(filter-out build/%-root,$(wildcard build/*))

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

-include $(shell find $(addprefix $(B)/,bench io results scanner tests tools) -type f -name '*.d' 2>/dev/null)
