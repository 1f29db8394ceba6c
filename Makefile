# Gauntlet. Nothing but Go is needed for certify and test; go fetches the rest.

GO            ?= go
GOLANGCI      ?= github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME      ?= 1m
CROSS_TARGETS ?= windows/amd64 darwin/arm64
CYCLONEDX     ?= github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
GOVULNCHECK   ?= golang.org/x/vuln/cmd/govulncheck@v1.9.0
RELEASES      ?= linux/amd64 linux/arm64 windows/amd64 darwin/arm64 darwin/amd64
ARGS          ?=
KILLS         ?= 200
PRODUCTS      ?= squid haproxy varnish tinyproxy nginx privoxy apache2 trafficserver strange

# The specs side by side, in random order.
GINKGO = $(GO) run github.com/onsi/ginkgo/v2/ginkgo --ldflags=-w --procs=10 --randomize-all --no-color --succinct --timeout=30m

# Some of the specs, by a pattern of their names.
SPECS = $(GO) test ./specs -timeout 2h -run '^TestSpecs$$' -ginkgo.no-color -ginkgo.succinct -ginkgo.focus

.DEFAULT_GOAL := help
.PHONY: help certify products kinds mutants swept defects reproduced full test long test-race lint fuzz kills nth flakes bench micro cross deps audit release release-again sbom

help: ## say what can be made (this is the default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  ARGS is for certify:  make certify ARGS="--case cut-poll-*"'
	@echo '  FUZZTIME is for fuzz: make fuzz FUZZTIME=10s (each target; now $(FUZZTIME))'

certify: ## judge the built-in client by all cases, in virtual time; writes a report for a browser
	$(GO) run ./harness/cmd/gauntlet certify --html $(ARGS)

products: $(PRODUCTS:%=through-%) kinds ## certify through real proxies, a case of each class; with -j4 at the same time

kinds: $(foreach kind,built-in driven black-box,$(PRODUCTS:%=$(kind)-through-%)) ## a case for each kind of client through each real proxy; with -j27 at the same time

# A proxy is one that we know, or one that a file describes.
through = certify --mode loopback --box $(or $(wildcard fixtures/external/$(1).yaml),$(1)) --out out/$@-$$(date +%s)

through-%: bin/gauntlet
	./bin/gauntlet $(call through,$*) $(ARGS)

define kind-through
$(1)-through-%: bin/gauntlet
	./bin/gauntlet $$(call through,$$*) --client $(2) --case control-forward-8080
endef
$(eval $(call kind-through,built-in,built-in))
$(eval $(call kind-through,driven,fixtures/clients/python/driven.yaml))
$(eval $(call kind-through,black-box,fixtures/clients/python/black-box.yaml))

.PHONY: bin/gauntlet
bin/gauntlet:
	$(GO) build -o $@ ./harness/cmd/gauntlet

mutants: ## does the judge catch clients with known defects, and no others?
	$(GO) run ./harness/cmd/gauntlet mutants $(ARGS)

swept: ## does a sweep find each defect that needs a fault, untold? writes out/swept.txt (half an hour)
	mkdir -p out && rm -f out/swept.txt
	GAUNTLET_SWEPT=$(CURDIR)/out/swept.txt $(SPECS) 'sweep of a client with a known defect'

defects: ## the same with a program: is each of its defects named by what it breaks, and none of its habits blamed?
	GAUNTLET_DEFECTS=all GAUNTLET_NO_SKIP=1 $(GO) test ./specs -timeout 30m -run '^TestSpecs$$' -ginkgo.focus 'A program with|A program that'

# It is built from a clean checkout, which gives it the version for the stamps.
reproduced: ## reproduce all known bugs of real clients, and stamp each with day and version (CI does each night)
	$(GO) build -buildvcs=true -o bin/gauntlet ./harness/cmd/gauntlet
	./bin/gauntlet repro all --stamp fixtures/reproduced.yaml

# Packages and specs run at the same time, and more specs than there are processors: many of
# both only wait. The packages that wait longest are the last by name, and begin first.
# Linked without what a debugger needs, the tests of the packages cost a third less.
# Where nothing may be skipped, as in CI, the long specs are run too.
test: ## run the tests and specs, but for make long; skips what the machine lacks, and says so
	@$(GO) test -ldflags=-w $$($(GO) list ./... | grep -v '/specs$$' | sort -r) & packages=$$!; \
	$(GINKGO) $(if $(GAUNTLET_NO_SKIP),,--label-filter='!long') ./specs; specs=$$?; \
	wait $$packages && [ $$specs -eq 0 ] $(if $(GAUNTLET_NO_SKIP),,&& echo 'make long goes through the whole catalogue, all mutants, real proxies and long sessions')

long: ## run the specs that go through the whole catalogue, all mutants, real proxies and long sessions (CI does)
	$(GINKGO) --label-filter=long ./specs

test-race: ## run all tests and specs, the long ones too, with the race detector
	$(GO) test -race ./...

lint: ## look for mistakes with golangci-lint (fetched and built at first: two minutes)
	$(GO) run $(GOLANGCI) run ./...

# Go minimizes every input that reaches something new, each for up to a minute, and
# tries no others meanwhile: a whole short run may go by with it.
fuzz: ## run each fuzz target for FUZZTIME
	@set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for target in $$(grep -h '^func Fuzz' $$dir/*_test.go | sed 's/^func \([A-Za-z0-9_]*\).*/\1/'); do \
			echo "== $$dir $$target"; \
			$(GO) test $$dir -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x; \
		done; \
	done

bench: ## measure us against others in one table (out/bench.txt, out/bench.html); BENCH_QUICK=1 for a try
	$(GO) run ./specs/bench

kills: ## end runs with 9 at any moment, KILLS times in virtual time, a tenth of that in namespaces and with a queue
	GAUNTLET_KILLS=$(KILLS) $(SPECS) 'killed at any moment'
	GAUNTLET_KILLS=$$(($(KILLS) / 10)) $(SPECS) 'goes on after it was killed|loses nothing and has nothing twice'
	GAUNTLET_KILLS=$$(($(KILLS) / 10)) $(GO) test ./specs/interception -timeout 30m -ginkgo.no-color -ginkgo.succinct -ginkgo.focus 'killed in the middle'

nth: ## have each operation of each command fail, one at a time (an hour)
	GAUNTLET_NTH=all $(SPECS) 'nth operation'

# The packages in random order on one processor, FLAKES times; then the specs, in which
# ten share it. What fails here depends on the machine's speed, or on what ran before it.
FLAKES ?= 200
flakes: ## run the packages FLAKES times, and the specs a tenth of that, in random order on one processor
	taskset -c 0 $(GO) test -cpu 1 -shuffle on -count $(FLAKES) -timeout 12h $$($(GO) list ./... | grep -v '/specs')
	for i in $$(seq $$(($(FLAKES) / 10))); do \
		taskset -c 0 $(GINKGO) --timeout=2h ./specs || exit; \
	done

micro: ## run the benchmarks of single pieces, beside the code
	$(GO) test -run '^$$' -bench . -benchmem ./...

cross: ## compile everything, tests too, for the other systems
	@set -e; for target in $(CROSS_TARGETS); do \
		echo "== $$target"; \
		GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0 $(GO) build ./...; \
		GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0 $(GO) vet ./...; \
	done

audit: ## are the modules those of go.sum, and is a weakness known of what is called? (asks vuln.go.dev)
	$(GO) mod verify
	$(GO) run $(GOVULNCHECK) ./...

# What a release does not take from the machine: an empty GOFLAGS would leave what go env -w has set.
PLAIN = env -u GOEXPERIMENT GOFLAGS=-mod=readonly GOWORK=off GOAMD64=v1 GOARM64=v8.0 CGO_ENABLED=0

# The same commit and the same Go give the same bytes, wherever it lies: it is built in a
# clone, in which nothing is but what was committed.
release: ## build the command for RELEASES into out/release, reproducibly, with the sums
	@set -e; git diff --quiet HEAD || { echo 'commit first: the version is that of the commit'; exit 1; }; \
	rm -rf out/release; mkdir -p out/release; out=$$(pwd)/out/release; \
	dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; git clone -q . "$$dir/clean"; \
	for target in $(RELEASES); do \
		echo "== $$target"; os=$${target%/*}; arch=$${target#*/}; \
		(cd "$$dir/clean" && GOOS=$$os GOARCH=$$arch $(PLAIN) $(GO) build -trimpath -buildvcs=true -ldflags='-s -w -buildid=' \
			-o "$$out/gauntlet-$$os-$$arch$$([ $$os = windows ] && echo .exe)" ./harness/cmd/gauntlet); \
	done; \
	for made in out/release/gauntlet-*; do said=$$($(GO) version -m $$made); \
		echo "$$said" | grep -q "vcs.revision=$$(git rev-parse HEAD)" && echo "$$said" | grep -q vcs.modified=false || \
		{ echo "$$made does not say its version"; exit 1; }; \
	done; \
	cd out/release && sha256sum gauntlet-* | tee SHA256SUMS

release-again: release ## the same once more, from a clone elsewhere: are the bytes the same?
	@set -e; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; git clone -q . "$$dir/elsewhere"; \
	$(MAKE) -C "$$dir/elsewhere" release RELEASES='$(RELEASES)' >/dev/null; \
	diff out/release/SHA256SUMS "$$dir/elsewhere/out/release/SHA256SUMS" && echo 'the same bytes'

sbom: ## list what the command is made of, in CycloneDX's form, into out/release (fetched and built at first)
	@mkdir -p out/release
	$(GO) run $(CYCLONEDX) app -json -licenses -main harness/cmd/gauntlet -output out/release/gauntlet.cdx.json .

full: ## all of it: what CI runs, and what takes hours: real proxies, real time, mutants, fuzzing, benchmarks
	.ci/run
	$(MAKE) products
	$(GO) run ./harness/cmd/gauntlet fingerprint --all --real
	$(MAKE) certify ARGS="--mode loopback --all --out out/full-loopback-$$(date +%s)"
	$(MAKE) certify ARGS="--mode netns --out out/full-netns-$$(date +%s)"
	$(MAKE) mutants ARGS=--all
	GAUNTLET_TWICE=all $(SPECS) 'gives the same histories'
	$(MAKE) defects
	$(MAKE) kills
	$(MAKE) nth
	$(MAKE) fuzz
	$(MAKE) bench

deps: ## install what some tests want beside Go: real proxies, a browser
	@.ci/deps
