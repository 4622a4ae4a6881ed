# What checks and measures the project.  Included by the Makefile, which has the rules of the build itself.

JOBS         ?= 2
TEST_TIMEOUT ?= 120

# Another part of the tree may bring its own rules: the guests of the tests.
-include tests/guests/guests.mk
ifneq ($(wildcard tests/guests/guests.mk),)
tests: guests
endif

# ---- the suite -----------------------------------------------------------------------------------
# T=GLOB runs only the programs whose path contains it:  make check-suite T=util/
SCRIPT_TESTS := $(sort $(wildcard tests/scripts/*.t))
SUITE        := $(TEST_BIN) $(SCRIPT_TESTS)
CHOSEN       := $(if $(T),$(foreach t,$(SUITE),$(if $(findstring $(T),$(t)),$(t))),$(SUITE))

.PHONY: check check-suite check-tree
check: check-tree check-suite

check-suite: tests
	$(Q)DOMUS_BUILD='$(abspath $(B))' DOMUS_SANITIZE='$(SANITIZE)' TEST_TIMEOUT='$(TEST_TIMEOUT)' \
	    tests/run -j $(JOBS) $(if $(T),,--all) $(CHOSEN)

# What holds for the text of the tree; each script says where and what.
TREE_CHECKS := $(sort $(wildcard scripts/check-*))
check-tree: all
	$(Q)status=0; for check in $(TREE_CHECKS); do CC='$(CC)' $$check || status=1; done; exit $$status
