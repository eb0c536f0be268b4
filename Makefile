# The jobs of this repository, one target each. `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help demo test check bless crash bench docs

CARGO ?= cargo
# Built by `make demo`: optimised, without the slow last steps of a release.
DEMO := $(or $(CARGO_TARGET_DIR),target)/demo/wilco

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build and start Wilco with everything it needs; open the address it prints
	$(CARGO) build --locked --profile demo -p wilco --bin wilco
	$(DEMO) demo

test: ## install what the tests need, run every suite, print the minutes of each
	@scripts/test

check: ## format, lints and documentation: the quick look before a commit
	@scripts/test format lints docs

bless: ## rewrite what the transcripts expect; the diff is the review
	$(CARGO) run --locked -p wilco -- test --bless tests/transcripts

crash: ## play every story with deaths at all of its points; takes some hours on two cores
	$(CARGO) run --locked --profile demo -p wilco -- test --crash tests/transcripts

bench: ## measure; docs/benchmarks.md says how to read the figures
	@scripts/bench

docs: ## build the documentation of all crates into target/doc
	$(CARGO) doc --locked --workspace --no-deps --document-private-items
