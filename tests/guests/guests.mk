# Synthetic guests of the tests, into $(B)/guests: 0.3 s, no network.  The build script writes 'missing' last; as
# long as it names an image, each make tries again, since the binutils may have been installed meanwhile.
GUEST_SRC := tests/guests/build $(wildcard tests/guests/*.S tests/guests/*.ld)

.PHONY: guests guests-missing
guests: $(B)/guests/missing

$(B)/guests/missing: $(GUEST_SRC) $(if $(shell test -s $(B)/guests/missing && echo again),guests-missing)
	$(call say,GUEST)
	$(Q)tests/guests/build $(B)/guests
