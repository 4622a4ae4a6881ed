# domus: GNU make, no configure step.  Everything that is built goes into $(B).
#
#   make                 library, programs, examples
#   make check           the suite (TAP under prove), and the scripts that check the tree itself
#   make check-suite T=  only the test programs with this word in their path
#   make help            everything else: sanitizers, lint, coverage, fuzzing, benchmark, installation
#
# What checks and measures is in scripts/targets.mk, installation in scripts/install.mk.
#
# Layers (each an archive, in the only order in which they may include each other):
LAYERS  := util conf qemu rpc driver daemon cli
VERSION := 0.1.0
SOVER   := 0

B        ?= build
PREFIX   ?= /usr/local
ifeq ($(origin CC),default)
CC       := gcc
endif
V        ?=
PKGS     := glib-2.0 gio-2.0 gio-unix-2.0 libxml-2.0 json-c libnl-3.0 libnl-route-3.0 libcap-ng
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS))
PKG_LIBS   := $(shell pkg-config --libs $(PKGS))

SANITIZE ?=
OPT      ?= -O2
WARN     := -Wall -Wextra -Werror -Wshadow -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes \
            -Wvla -Wformat=2 -Wpointer-arith -Wwrite-strings -Wundef -Wno-missing-field-initializers
HARDEN   := $(if $(SANITIZE)$(filter -O0,$(OPT)),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all)
CPPFLAGS := -Isrc -Iinclude -D_GNU_SOURCE -DDOMUS_VERSION='"$(VERSION)"' \
            -DDOMUS_LIBCAP_NG_VERSION='"$(shell pkg-config --modversion libcap-ng)"' -DG_LOG_DOMAIN='"domus"' \
            -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74 -DGLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_74
CFLAGS   := -std=gnu17 $(OPT) -g -fPIC -fvisibility=hidden -pthread $(WARN) $(HARDEN) $(SANFLAGS) $(EXTRA_CFLAGS)
LDFLAGS  := -pthread -Wl,--as-needed -Wl,-z,relro,-z,now $(SANFLAGS) $(EXTRA_LDFLAGS)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(patsubst $(B)/%,%,$@)')

# ---- sources -------------------------------------------------------------------------------------
layer_src = $(sort $(wildcard src/$(1)/*.c))
layer_obj = $(patsubst src/%.c,$(B)/obj/%.o,$(call layer_src,$(1)))
# The library has the server too: a process that owns a root serves it to others.
LIB_LAYERS := util conf qemu rpc driver daemon
LIB_OBJ    := $(filter-out %/daemon/main.o,$(foreach l,$(LIB_LAYERS),$(call layer_obj,$(l))))
archive     = $(B)/libdm-$(1).a
HAVE       := $(foreach l,$(LAYERS),$(if $(call layer_src,$(l)),$(l)))
LIB_HAVE   := $(filter $(LIB_LAYERS),$(HAVE))

TEST_LIB_SRC := $(sort $(wildcard tests/lib/*.c))
TEST_LIB_OBJ := $(patsubst tests/%.c,$(B)/tests/%.o,$(TEST_LIB_SRC))
# An archive, so that a test takes from it only what its own layer can link.
TEST_LIB     := $(B)/tests/libdm-test.a
TEST_SRC     := $(sort $(wildcard $(foreach l,$(LAYERS),tests/$(l)/test_*.c)))
TEST_BIN     := $(patsubst tests/%.c,$(B)/tests/%,$(TEST_SRC))
EXAMPLE_SRC  := $(sort $(wildcard examples/*.c))
EXAMPLE_BIN  := $(patsubst examples/%.c,$(B)/examples/%,$(EXAMPLE_SRC))

# The archives that a test or program of layer $(1) may link: its own and those below, highest first.
LINKS_util   := util
LINKS_conf   := conf util
LINKS_qemu   := qemu conf util
LINKS_rpc    := rpc util
LINKS_driver := driver qemu rpc conf util
LINKS_daemon := daemon driver qemu rpc conf util
LINKS_cli    := daemon driver qemu rpc conf util
links = $(foreach l,$(filter $(HAVE),$(LINKS_$(1))),$(call archive,$(l)))
# The driver asks for the server weakly (driver/serve.h): what is linked above it takes it along.
comma := ,
pull  = $(if $(filter daemon,$(filter $(HAVE),$(LINKS_$(1)))),-Wl$(comma)-u$(comma)dm_serve_begin)

PROGRAMS := $(if $(wildcard src/cli/main.c),$(B)/domus) $(if $(wildcard src/daemon/main.c),$(B)/domusd)
LIBRARY  := $(if $(wildcard src/driver/*.c),$(B)/libdomus.so.$(VERSION))

.PHONY: all
all: $(foreach l,$(HAVE),$(call archive,$(l))) $(LIBRARY) $(PROGRAMS) $(EXAMPLE_BIN)

$(B)/obj/%.o: src/%.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

define archive_rule
$(call archive,$(1)): $(call layer_obj,$(1))
	$$(call say,AR)
	@mkdir -p $$(@D)
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach l,$(HAVE),$(eval $(call archive_rule,$(l))))

$(B)/libdomus.so.$(VERSION): $(LIB_OBJ)
	$(call say,LD)
	$(Q)$(CC) -shared $(if $(SANITIZE),,-Wl,-z,defs) -Wl,-soname,libdomus.so.$(SOVER) -o $@ $(LDFLAGS) $^ $(PKG_LIBS)
	$(Q)ln -sf libdomus.so.$(VERSION) $(B)/libdomus.so.$(SOVER)
	$(Q)ln -sf libdomus.so.$(SOVER) $(B)/libdomus.so

$(B)/domus: $(call layer_obj,cli) $(call links,cli)
	$(call say,LD)
	$(Q)$(CC) -o $@ $(LDFLAGS) $(call pull,cli) $(call layer_obj,cli) $(call links,cli) $(PKG_LIBS)

$(B)/domusd: $(call layer_obj,daemon) $(call links,driver)
	$(call say,LD)
	$(Q)$(CC) -o $@ $(LDFLAGS) $(call layer_obj,daemon) $(call links,driver) $(PKG_LIBS)

$(B)/examples/%: examples/%.c $(LIBRARY)
	$(call say,EX)
	@mkdir -p $(@D)
	$(Q)$(CC) -Iinclude $(PKG_CFLAGS) -std=gnu17 $(OPT) -g $(WARN) $(SANFLAGS) -o $@ $< -L$(B) -ldomus \
	    -Wl,-rpath,$(abspath $(B)) $$(pkg-config --libs glib-2.0 gio-2.0)

# ---- tests ---------------------------------------------------------------------------------------
$(B)/tests/%.o: tests/%.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(TEST_LIB): $(TEST_LIB_OBJ)
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $^

# A test of layer L links L's archive and those below it, nothing above: a second net under scripts/check-layers.
define test_rule
$(B)/tests/$(1)/test_%: $(B)/tests/$(1)/test_%.o $(TEST_LIB) $(call links,$(1))
	$$(call say,LD)
	$$(Q)$$(CC) -o $$@ $$(LDFLAGS) $(call pull,$(1)) $$< $(TEST_LIB) $(call links,$(1)) $$(PKG_LIBS)
endef
$(foreach l,$(LAYERS),$(eval $(call test_rule,$(l))))

.PHONY: tests
tests: all $(TEST_BIN)

ifneq ($(findstring thread,$(SANITIZE)),)
include tests/sanitizers/tsan.mk
endif

include scripts/targets.mk
include scripts/install.mk

.PHONY: clean
clean:
	rm -rf $(B)

.SECONDARY:
-include $(shell test -d $(B) && find $(B) -name '*.d')
