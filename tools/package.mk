# What gets servfail onto machines: install, completions, the tarball, Debian packages.

.PHONY: install uninstall completions dist deb

share    = $(DESTDIR)$(PREFIX)/share
units    = $(DESTDIR)$(PREFIX)/lib/systemd/system
programs = servfail-scan servfail-aggregate servfail-night servfail-nightly
# vendor-completions where the distribution packs it, site-functions for what is built here
zsh_dir  = $(share)/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
night    = tools/slurm/servfail-night
nightly  = tools/nightly/servfail-nightly
pages    = $(wildcard scanner/*.1 results/*.[157] tools/*.1 tools/nightly/*.8)

install: all completions ## programs, manual, completions, systemd units (PREFIX=/usr/local DESTDIR=)
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(share)/bash-completion/completions' '$(zsh_dir)' '$(share)/doc/servfail' '$(units)'
	install -m 755 $(B)/servfail-scan $(B)/servfail-aggregate $(night) $(nightly) '$(DESTDIR)$(PREFIX)/bin'
	for page in $(pages); do \
		install -D -m 644 "$$page" '$(share)/man/man'"$${page##*.}/$${page##*/}" || exit 1; \
	done
	install -m 644 README.md tools/nightly/example.conf '$(share)/doc/servfail'
	install -d '$(share)/doc/servfail/examples'
	install -m 755 tools/examples/* '$(share)/doc/servfail/examples'
	for program in $(programs); do \
		install -m 644 $(B)/completions/bash/$$program '$(share)/bash-completion/completions' && \
		install -m 644 $(B)/completions/zsh/_$$program '$(zsh_dir)' || exit 1; \
	done
	for unit in '$(nightly)@.service' '$(nightly)@.timer'; do \
		sed 's|/usr/bin/|$(PREFIX)/bin/|' "$$unit" >'$(units)'/"$${unit##*/}" && \
		chmod 644 '$(units)'/"$${unit##*/}" || exit 1; \
	done

uninstall: ## what install has put there; configurations, nights and folders stay
	rm -rf '$(share)/doc/servfail'
	rm -f $(foreach program,$(programs),'$(DESTDIR)$(PREFIX)/bin/$(program)' '$(zsh_dir)/_$(program)' \
		'$(share)/bash-completion/completions/$(program)') \
		$(foreach page,$(pages),'$(share)/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))') \
		$(foreach unit,$(notdir $(wildcard $(nightly)@.*)),'$(units)/$(unit)')

# Out of --help, and so out of the tables of options.
completions: $(B)/servfail-scan $(B)/servfail-aggregate $(night) $(nightly)
	@mkdir -p $(B)/completions/bash $(B)/completions/zsh
	@for program in $^; do \
		tools/gen-completions bash $$program >$(B)/completions/bash/$${program##*/} && \
		tools/gen-completions zsh $$program >$(B)/completions/zsh/_$${program##*/} || exit 1; \
	done

# The same bytes from the same source, wherever it is built: names sorted, owners and times fixed.
tarball := build/servfail-$(VERSION).tar.gz
epoch    = $(shell date -u -d "$$(sed -n 's/^ -- .*>  //p' tools/debian/changelog | head -n 1)" +%s)
sources  = if [ -e .git ]; then git ls-files -z; else find . -name build -prune -o -type f -printf '%P\0'; fi

dist: ## build/servfail-VERSION.tar.gz, the same bytes each time
	@mkdir -p build
	@$(sources) | LC_ALL=C sort -z | tar --create --null --no-recursion --files-from=- --format=ustar --mtime=@$(epoch) \
		--owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s --transform='s,^,servfail-$(VERSION)/,' | \
		gzip -9 -n >$(tarball).part
	@mv $(tarball).part $(tarball)
	@echo "  DIST $(tarball)"

# The packaging lies below tools/: it is copied to where dpkg wants it, outside the tree.
deb: ## build/deb/*.deb, looked at by lintian; installs what that takes
	@tools/deps --deb
	@$(later) dist
	@rm -rf build/deb && mkdir -p build/deb
	@tar -C build/deb -xf $(tarball)
	@cp -r tools/debian build/deb/servfail-$(VERSION)/debian
	@cd build/deb/servfail-$(VERSION) && SOURCE_DATE_EPOCH=$(epoch) dpkg-buildpackage --build=binary --no-sign
	@lintian --allow-root --fail-on error --tag-display-limit 0 build/deb/*.changes
