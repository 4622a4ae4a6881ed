# Installation.  One list says what goes where, so that uninstall cannot forget anything.
#
## make install                  DESTDIR= PREFIX=/usr/local: programs, library, header, completion, docs
## make uninstall                removes what install has put there

DOCDIR := share/doc/domus

# Words "mode:source:target below PREFIX".
INSTALL_FILES = \
    $(if $(filter %/domus,$(PROGRAMS)),755:$(B)/domus:bin/domus) \
    $(if $(filter %/domusd,$(PROGRAMS)),755:$(B)/domusd:sbin/domusd) \
    $(if $(LIBRARY),755:$(LIBRARY):lib/libdomus.so.$(VERSION) 644:$(B)/domus.pc:lib/pkgconfig/domus.pc) \
    $(foreach f,$(wildcard include/domus/*.h),644:$f:$f) \
    $(if $(filter %/domus,$(PROGRAMS)),644:$(B)/domus.bash:share/bash-completion/completions/domus) \
    $(foreach f,$(wildcard docs/*.1),644:$f:share/man/man1/$(notdir $f)) \
    $(foreach f,$(notdir $(wildcard systemd/*)),644:$(B)/systemd/$f:lib/systemd/system/$f) \
    $(foreach f,$(wildcard docs/*.8),644:$f:share/man/man8/$(notdir $f)) \
    $(foreach f,$(wildcard README.md ARCHITECTURE.md LICENSE docs/*.md),644:$f:$(DOCDIR)/$(notdir $f)) \
    $(foreach f,$(wildcard examples/*.c examples/*.xml),644:$f:$(DOCDIR)/$f)

# Words "target:content" of symbolic links.
INSTALL_LINKS = $(if $(LIBRARY),\
    lib/libdomus.so.$(SOVER):libdomus.so.$(VERSION) lib/libdomus.so:libdomus.so.$(SOVER))

# Directories that are nobody else's.
INSTALL_DIRS := $(DOCDIR)/examples $(DOCDIR) include/domus

$(B)/domus.pc: scripts/domus.pc.in Makefile
	@mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' $< >$@

$(B)/systemd/%: systemd/%
	@mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' $< >$@

$(B)/domus.bash: $(B)/domus
	$(Q)$< completion bash >$@

.PHONY: install uninstall
install: all $(B)/domus.bash
	$(Q)rm -rf $(B)/domus.pc $(B)/systemd && $(MAKE) -s $(B)/domus.pc $(addprefix $(B)/,$(wildcard systemd/*))
	$(Q)for row in $(INSTALL_FILES); do \
	    mode=$${row%%:*}; row=$${row#*:}; \
	    install -D -m $$mode "$${row%%:*}" "$(DESTDIR)$(PREFIX)/$${row#*:}" || exit 1; \
	done
	$(Q)for row in $(INSTALL_LINKS); do \
	    ln -sf "$${row#*:}" "$(DESTDIR)$(PREFIX)/$${row%%:*}" || exit 1; \
	done

uninstall:
	$(Q)for row in $(INSTALL_FILES); do rm -f "$(DESTDIR)$(PREFIX)/$${row##*:}"; done
	$(Q)for row in $(INSTALL_LINKS); do rm -f "$(DESTDIR)$(PREFIX)/$${row%%:*}"; done
	$(Q)for dir in $(INSTALL_DIRS); do \
	    test ! -d "$(DESTDIR)$(PREFIX)/$$dir" || rmdir "$(DESTDIR)$(PREFIX)/$$dir"; \
	done
