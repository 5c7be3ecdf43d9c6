# The libraries each room stands on: one door each (io/gzip.c: zlib, io/tls.c: OpenSSL, ...), found by pkg-config.
# libdeflate and isa-l deflate faster than zlib; either is used behind the same door where present, unless ZLIB_ONLY=1.

IO_PKGS      := zlib libevent openssl
RESULTS_PKGS := jansson libpsl
SCANNER_PKGS := libidn2 libcrypto
pkg           = $(shell pkg-config $(1) $(2) 2>/dev/null)

IO_LIBS      := $(call pkg,--libs,$(IO_PKGS))
RESULTS_LIBS := $(call pkg,--libs,$(RESULTS_PKGS)) -lm
SCANNER_LIBS := -lldns $(call pkg,--libs,$(SCANNER_PKGS))

ifndef ZLIB_ONLY
ifneq ($(call pkg,--libs,libisal),)
override CPPFLAGS += -DHAVE_ISAL
IO_LIBS      += $(call pkg,--libs,libisal)
endif
endif
