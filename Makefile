# Builds, checks, tests and installs; see CONTRIBUTING.md.
#
# DESTDIR stages an installation, PREFIX (/usr) chooses where; /etc is below SYSCONFDIR.

PREFIX ?= /usr
SYSCONFDIR ?= /etc
MANDIR ?= $(PREFIX)/share/man
BINDIR ?= $(PREFIX)/bin
INSTALL ?= install
SWIFT ?= swift

# systemd.pc says where its directories are below a prefix; without it the usual places.
systemd_dir = $(or $(shell pkg-config --define-variable=rootprefix=$(PREFIX) --define-variable=root_prefix=$(PREFIX) \
  --define-variable=prefix=$(PREFIX) --variable=$(1) systemd 2>/dev/null),$(PREFIX)/lib/systemd/$(2))
GENERATORDIR ?= $(call systemd_dir,systemdsystemgeneratordir,system-generators)
UNITDIR ?= $(call systemd_dir,systemdsystemunitdir,system)
NETWORKDIR ?= $(call systemd_dir,systemdnetworkdir,network)
CATALOGDIR ?= $(call systemd_dir,catalogdir,catalog)
UDEVRULESDIR ?= $(PREFIX)/lib/udev/rules.d
PKGLIBDIR ?= $(PREFIX)/lib/namespaced-wireguard-vpn

# Where each shell looks for packages' completions.
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/vendor-completions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d

BUILD = .build/release
COMPLETIONS = .build/completions
# The C++ library of Swift's runtime goes in statically: a directory that holds only its archive
# makes the linker take it, and a minimal machine needs no libstdc++.
STATICDIR = .build/static
# No RUNPATH into the build machine: root runs these programs.
RELEASE = -c release --disable-local-rpath -Xswiftc -L$(STATICDIR)

.PHONY: build check test test-tools test-systems corpus faults soak fuzz bench bench-tools demo install deb rpm check-packages \
  clean packages

packages:
	Tests/System/install-packages test

build:
	mkdir -p $(STATICDIR)
	ln -sf "$$(gcc -print-file-name=libstdc++.a)" $(STATICDIR)/
	$(SWIFT) build $(RELEASE) --product nswg-systemd-generator
	$(SWIFT) build $(RELEASE) --product nswg-stage
	$(SWIFT) build $(RELEASE) --product nswg
	mkdir -p $(COMPLETIONS)
	for shell in bash zsh fish; do \
	  $(BUILD)/nswg --generate-completion-script $$shell >$(COMPLETIONS)/nswg.$$shell || exit 1; \
	done

# Programs that the system tests run in their guests, and the package that they install there.
test-tools: build deb
	$(SWIFT) build $(RELEASE) --product environment-corpus

check:
	Tests/check

test:
	Tests/run

# The system tests on another Debian's systemd and kernel: SUITE=trixie or SUITE=sid.
SUITE ?= trixie
test-systems: test-tools
	Tests/System/run -s $(SUITE)

# The full differential test of the environment-file grammar against systemd.
corpus: test-tools
	NSWG_CORPUS=21000 Tests/System/run -k container 30-environment-files

# Each system call of each stage fails, or the stage is killed at it; in a virtual machine, with kernel WireGuard, of
# the stage that meets it.
faults: build
	NSWG_FAULTS=all Tests/System/run 50-fault-injection

# Instances go up and down, all at once.
soak: build
	NSWG_SOAK=500 Tests/System/run -k container 51-soak

# The parsers and the generator under libFuzzer: FUZZ_SECONDS=60 each, or FUZZ_RUNS executions each.
fuzz:
	Tests/Fuzz/run

# Measures against peers and against C, and writes Benchmarks/RESULTS.md; SUITES="generator …" for some of it.
bench:
	Benchmarks/run $(SUITES)

bench-tools: build
	$(SWIFT) build $(RELEASE) --product nswg-bench

demo:
	demo/run

install:
	$(INSTALL) -d $(DESTDIR)$(GENERATORDIR) $(DESTDIR)$(PKGLIBDIR) $(DESTDIR)$(UNITDIR)
	$(INSTALL) -d -m 0700 $(DESTDIR)$(SYSCONFDIR)/namespaced-wireguard-vpn.d
	$(INSTALL) -s $(BUILD)/nswg-systemd-generator $(DESTDIR)$(GENERATORDIR)/
	$(INSTALL) -s $(BUILD)/nswg-stage $(DESTDIR)$(PKGLIBDIR)/
	$(INSTALL) -d $(DESTDIR)$(BINDIR)
	$(INSTALL) -s $(BUILD)/nswg $(DESTDIR)$(BINDIR)/
	$(INSTALL) -m 0644 systemd/*.target systemd/*.timer $(DESTDIR)$(UNITDIR)/
	sed -e 's|@BINDIR@|$(BINDIR)|' systemd/namespaced-wireguard-vpn-metrics.service.in \
	  >$(DESTDIR)$(UNITDIR)/namespaced-wireguard-vpn-metrics.service
	systemd/install-units $(DESTDIR)$(UNITDIR) $(PKGLIBDIR)
	$(INSTALL) -d $(DESTDIR)$(NETWORKDIR) $(DESTDIR)$(UDEVRULESDIR)
	$(INSTALL) -m 0644 network/*.network $(DESTDIR)$(NETWORKDIR)/
	$(INSTALL) -m 0644 udev/*.rules $(DESTDIR)$(UDEVRULESDIR)/
	$(INSTALL) -d $(DESTDIR)$(CATALOGDIR)
	$(INSTALL) -m 0644 catalog/*.catalog $(DESTDIR)$(CATALOGDIR)/
	$(INSTALL) -m 0600 etc/namespaced-wireguard-vpn.d/example.conf.sample \
	  $(DESTDIR)$(SYSCONFDIR)/namespaced-wireguard-vpn.d/
	$(INSTALL) -d $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR)
	# It is sourced, so it needs no interpreter in its first line.
	sed -e '1{/^#!/d;}' $(COMPLETIONS)/nswg.bash >$(DESTDIR)$(BASHCOMPDIR)/nswg
	chmod 0644 $(DESTDIR)$(BASHCOMPDIR)/nswg
	$(INSTALL) -m 0644 $(COMPLETIONS)/nswg.zsh $(DESTDIR)$(ZSHCOMPDIR)/_nswg
	$(INSTALL) -m 0644 $(COMPLETIONS)/nswg.fish $(DESTDIR)$(FISHCOMPDIR)/nswg.fish
	for section in 1 5 7 8; do \
	  $(INSTALL) -d $(DESTDIR)$(MANDIR)/man$$section && \
	  $(INSTALL) -m 0644 man/*.$$section $(DESTDIR)$(MANDIR)/man$$section/ || exit 1; \
	done

# Packages of what is built, in PACKAGES; debian/ and the spec build it themselves where a distribution does.
PACKAGES = .build/packages
VERSION = $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)

deb: build
	packaging/make-deb $(abspath $(PACKAGES))

rpm: build
	packaging/make-rpm $(abspath $(PACKAGES)) $(VERSION)

# What lintian has to say, and whether both have what `make install` does.
check-packages: deb rpm
	packaging/check $(abspath $(PACKAGES))

clean:
	$(SWIFT) package clean
