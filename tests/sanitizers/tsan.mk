# In a build under ThreadSanitizer, calls of GLib's synchronisation go through tsan_glib.c, which says why.
TSAN_SHIM  := tests/sanitizers/tsan_glib
TSAN_WRAPS := $(shell $(CC) -E -P $(PKG_CFLAGS) $(TSAN_SHIM).c | grep -o '__wrap_[a-z_]*' | sort -u | sed 's/__wrap_//')
LDFLAGS    += $(foreach f,$(TSAN_WRAPS),-Wl,--wrap=$(f))
# Both are linked from their prerequisites.
$(LIBRARY) $(call archive,util): $(B)/$(TSAN_SHIM).o

TSAN_SELFTEST := $(B)/tests/sanitizers/tsan_selftest
$(TSAN_SELFTEST): $(TSAN_SELFTEST).o $(call archive,util)
	$(call say,LD)
	$(Q)$(CC) -o $@ $(LDFLAGS) $^ $(PKG_LIBS)

# A sanitizer that reports nothing at all would pass every test.
.PHONY: tsan-selftest
tsan-selftest: $(TSAN_SELFTEST)
	$(Q)$(TEST_WRAPPER) $< || { echo 'ThreadSanitizer reports a race where there is none' && exit 1; }
	$(Q)! $(TEST_WRAPPER) $< race >$(B)/tsan-selftest.log 2>&1 || { echo 'ThreadSanitizer misses a race' && exit 1; }
	$(Q)grep -q 'data race' $(B)/tsan-selftest.log
