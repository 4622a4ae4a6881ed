# What checks and measures the project.  Included by the Makefile, which has the rules of the build itself.
# `make help` prints the lines that begin with "##".

JOBS         ?= 2
TEST_TIMEOUT ?= 300

# Another part of the tree may bring its own rules: the guests of the tests.
-include tests/guests/guests.mk
ifneq ($(wildcard tests/guests/guests.mk),)
tests: guests
endif

.PHONY: help
help:
	@grep -h '^## ' Makefile scripts/*.mk | cut -c 4-

# ---- the suite -----------------------------------------------------------------------------------
## make check                    build, the scripts' checks of the tree, and the whole suite
## make check-suite T=WORD       only the test programs with WORD in their path (TEST_TIMEOUT=300 JOBS=2)
## make check-tree               layers, headers, sizes, words, generated files
## make check-asan               the suite under AddressSanitizer (leaks too) and UndefinedBehaviorSanitizer
## make check-tsan               the driver's tests under ThreadSanitizer
## make check-valgrind           the suite under valgrind (T=WORD as above)
SCRIPT_TESTS := $(filter-out $(if $(LIBRARY),,%/install.t),$(sort $(wildcard tests/scripts/*.t)))
SUITE        := $(TEST_BIN) $(if $(SANITIZE)$(TEST_WRAPPER),,$(SCRIPT_TESTS))
CHOSEN       := $(if $(T),$(foreach t,$(SUITE),$(if $(findstring $(T),$(t)),$(t))),$(SUITE))

.PHONY: check check-suite check-tree check-asan check-tsan check-valgrind
# One after the other, so that prove's result stands last; both run whatever the first says.
check: tests
	$(Q)status=0; $(MAKE) --no-print-directory check-tree || status=1; \
	    $(MAKE) --no-print-directory check-suite || exit 1; \
	    [ $$status -eq 0 ] || echo 'make check: FAILED in check-tree, see above'; exit $$status

check-suite: tests
	$(Q)DOMUS_BUILD='$(abspath $(B))' DOMUS_SANITIZE='$(SANITIZE)' TEST_WRAPPER='$(TEST_WRAPPER)' \
	    TEST_TIMEOUT='$(TEST_TIMEOUT)' tests/run -j $(JOBS) $(if $(T),,--all) $(CHOSEN)

# What holds for the text of the tree; each script says where and what.  Generators may need the programs.
check-tree: all
	$(Q)status=0; for check in $(sort $(wildcard scripts/check-*)); do CC='$(CC)' $$check || status=1; done; \
	    exit $$status

## make check-clients            stock virsh and python3-libvirt against domusd (needs both; their daemon not)
.PHONY: check-clients
check-clients: all guests
	$(Q)tests/clients/check '$(B)'

# The same suite in build directories of their own.  What is suppressed, and why, stands in tests/sanitizers.
SUPPRESS := $(CURDIR)/tests/sanitizers
check-asan: export ASAN_OPTIONS  = detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
check-asan: export LSAN_OPTIONS  = suppressions=$(SUPPRESS)/lsan.supp:print_suppressions=0
check-asan: export UBSAN_OPTIONS = print_stacktrace=1:halt_on_error=1
check-asan check-tsan check-valgrind: export G_SLICE = always-malloc
check-asan:
	$(MAKE) B=build/asan SANITIZE=address,undefined OPT=-O1 TEST_TIMEOUT=600 check-suite

# setarch: ThreadSanitizer cannot use the address space as widely randomised as newer kernels do.
check-tsan: export TSAN_OPTIONS = suppressions=$(SUPPRESS)/tsan.supp:second_deadlock_stack=1:exitcode=66:die_after_fork=0
check-tsan:
	$(MAKE) B=build/tsan SANITIZE=thread OPT=-O1 TEST_TIMEOUT=600 TEST_WRAPPER='setarch -R' \
	    T=$(or $(T),/driver/) tsan-selftest check-suite

VALGRIND := valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
            --suppressions=/usr/share/glib-2.0/valgrind/glib.supp --suppressions=$(SUPPRESS)/valgrind.supp
check-valgrind:
	$(MAKE) TEST_TIMEOUT=1200 TEST_WRAPPER='$(VALGRIND)' check-suite

# ---- long runs -----------------------------------------------------------------------------------
## make check-owner              50 guests, their owner killed 200 times; reads while guests are stopped (figures)
## make check-race               100 threads on 10 names, SECONDS=60, and what happened checked
LONG_RUN = $(Q)DOMUS_BUILD='$(abspath $(B))'
## make check-many               1,000 guests that stand still: what they cost their owner (16 GiB; 20,000 descriptors)
.PHONY: check-owner check-race check-many
check-owner: tests
	$(LONG_RUN) DOMUS_GUESTS=50 DOMUS_ROUNDS=200 $(B)/tests/daemon/test_owner

check-many: tests
	$(LONG_RUN) DOMUS_GUESTS=1000 $(B)/tests/daemon/test_many

check-race: tests
	$(LONG_RUN) DOMUS_SECONDS=$(or $(filter-out 600,$(SECONDS)),60) $(B)/tests/driver/test_race
	$(LONG_RUN) DOMUS_RACE_THREADS=60 DOMUS_RACE_SECONDS=$(or $(filter-out 600,$(SECONDS)),60) \
	    $(B)/tests/driver/test_race_outcomes

# ---- lint ----------------------------------------------------------------------------------------
## make lint                     clang-format, cppcheck, clang-tidy, codespell, shellcheck, check-tree
## make format                   lets clang-format rewrite the sources
.PHONY: lint format lint-format lint-cppcheck lint-tidy lint-spelling lint-shell
lint: lint-format lint-cppcheck lint-tidy lint-spelling lint-shell check-tree

C_FILES      = $(shell git ls-files '*.c' '*.h')
SHELL_FILES  = $(shell git grep -lE '^\#!/bin/(ba)?sh' -- scripts tests .ci) tests/scripts/lib.sh
LINT_INCLUDE = -Isrc -Iinclude -Itests

lint-format:
	$(Q)clang-format --dry-run -Werror $(C_FILES)
format:
	$(Q)clang-format -i $(C_FILES)

# cppcheck does not read the system's headers; these macros it could not guess.
lint-cppcheck:
	$(Q)cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr -j $(JOBS) \
	    --library=gtk --library=posix --library=gnu --std=c11 $(LINT_INCLUDE) --suppressions-list=scripts/cppcheck.supp \
	    -D'G_DEFINE_EXTENDED_ERROR(a,b)=' -D'G_DEFINE_AUTOPTR_CLEANUP_FUNC(a,b)=' -D'G_GNUC_PRINTF(a,b)=' \
	    $(filter src/%.c,$(C_FILES))

lint-tidy:
	$(Q)printf '%s\n' $(filter %.c,$(C_FILES)) | xargs -P $(JOBS) -I FILE clang-tidy --quiet FILE -- -std=gnu17 \
	    $(CPPFLAGS) -Itests $(subst -I/,-isystem /,$(PKG_CFLAGS))

# scripts/words-known: words that are right here.  Assembly is left out: its mnemonics look like typing errors.
lint-spelling:
	$(Q)codespell --ignore-words=scripts/words-known $(shell git ls-files | grep -vE '^tests/(data|fuzz/seeds)|\.S$$')

lint-shell:
	$(Q)shellcheck -S warning -x -P SCRIPTDIR -e SC2154 $(SHELL_FILES)

# ---- measuring -----------------------------------------------------------------------------------
## make coverage                 the suite with gcov; table in build/cov/coverage.txt
## make stats                    lines by folder, share of custom rows in the XML tables
## make bench                    start, destroy and reads against a plain C program that does the same
## make fuzz T=xml SECONDS=600   libFuzzer on tests/fuzz/fuzz_T.c; a find fails (xml, qmp)
## make compile_commands.json    for editors (needs bear)
.PHONY: coverage stats bench fuzz
coverage:
	find build/cov -name '*.gcda' -delete 2>/dev/null; true
	$(MAKE) B=build/cov OPT=-O0 EXTRA_CFLAGS='--coverage -fprofile-update=atomic' EXTRA_LDFLAGS=--coverage SCRIPT_TESTS= \
	    TEST_TIMEOUT=600 check-suite
	gcovr --root . --filter 'src/' --txt build/cov/coverage.txt --json-summary build/cov/coverage.json build/cov/obj
	@scripts/coverage <build/cov/coverage.json

CORPUS := $(B)/tests/corpus/corpus
$(CORPUS): $(B)/tests/corpus/corpus.o $(call links,driver)
	$(call say,LD)
	$(Q)$(CC) -o $@ $(LDFLAGS) $^ $(PKG_LIBS)

corpus: $(CORPUS)
	@scripts/corpus $(CORPUS) '$(CASES)' '$(OUT)'

KILL := $(B)/tests/kill/kill
$(KILL): $(B)/tests/kill/kill.o $(TEST_LIB) $(call links,driver)
	$(call say,LD)
	$(Q)$(CC) -o $@ $(LDFLAGS) $^ $(PKG_LIBS)

tests: $(KILL)

# kill -9 of the owner at every system call of every operation; POINTS=N: at each N-th only.
POINTS ?= 1
check-kill: $(KILL) guests
	$(Q)DOMUS_BUILD='$(abspath $(B))' $(KILL) --every $(POINTS)

stats:
	@scripts/stats

BENCH_OBJ := $(patsubst tests/%.c,$(B)/tests/%.o,$(sort $(wildcard tests/bench/*.c)))
$(B)/tests/bench/bench: $(BENCH_OBJ) $(TEST_LIB) $(call links,driver)
	$(call say,LD)
	$(Q)$(CC) -o $@ $(LDFLAGS) $^ $(PKG_LIBS)

bench: all $(if $(BENCH_OBJ),$(B)/tests/bench/bench)
	$(Q)DOMUS_BUILD='$(abspath $(B))' $(B)/tests/bench/bench

# The whole library under clang with coverage feedback; warnings are gcc's business.
SECONDS ?= 600
FUZZ    := build/fuzz
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(call links,driver)
	$(call say,LD)
	$(Q)$(CC) -fsanitize=fuzzer -o $@ $(LDFLAGS) $< $(call links,driver) $(PKG_LIBS)

fuzz:
	@test -e 'tests/fuzz/fuzz_$(T).c' || { echo "make fuzz: no tests/fuzz/fuzz_$(T).c; say T=" \
	    $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)); exit 2; }
	$(MAKE) B=$(FUZZ) CC=clang OPT=-O1 SANITIZE=fuzzer-no-link,address,undefined EXTRA_CFLAGS=-Wno-error \
	    $(FUZZ)/tests/fuzz/fuzz_$(T)
	scripts/fuzz $(FUZZ) $(T) $(SECONDS)

compile_commands.json: Makefile
	bear --output $@ -- $(MAKE) -B B=build/bear tests
