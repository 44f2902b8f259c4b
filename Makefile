# Everything a person does here, by name. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENTRY ?= db-credential-rotation
JOBS ?= 4
PEERS := sslyze harlequin posting toolong
posting_WANTS := 'tree-sitter<0.26'
# Material announces its end of life at every build; see "The site" on the page of design decisions.
SITE := DISABLE_MKDOCS_2_WARNING=true NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs

.DEFAULT_GOAL := help
.PHONY: help demo tui lab check test lint types contracts unit quick soak fuzz matrix transcripts messages model match-fuzz match-score bench docs serve system-deps format schema lock locked sbom clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.lab ## break the lab, diagnose, fix, verify: ENTRY=db-deadlock for another story
	@$(BIN)/clearpay-doctor demo $(ENTRY)

tui: $(VENV)/.lab ## the screen, with a lab to break and repair from within
	@$(BIN)/clearpay-doctor tui --lab

lab: $(VENV)/.lab ## real servers to break and repair, in the foreground
	@$(BIN)/clearpay-doctor lab up

check: lint types contracts quick ## the inner loop: lint, types, contracts, and the tests without servers

test: lint types contracts unit ## all that a change must pass

lint: $(VENV)/.dev ## ruff, and the records' own lint
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/clearpay-doctor entry lint

types: $(VENV)/.dev ## mypy, strict
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## who may import whom
	@$(BIN)/lint-imports

unit quick bench: export PYTHONDONTWRITEBYTECODE :=  # many programs start here: each module is compiled once
unit: $(VENV)/.dev ## the tests, against real servers on loopback
	@$(BIN)/pytest -n $(JOBS) -m 'not matrix'

quick: $(VENV)/.dev ## the tests that start no lab, no site and no browser
	@$(BIN)/pytest -n $(JOBS) -m 'not (lab or site or slow or matrix)'

soak: $(VENV)/.dev ## ten minutes of checks on a healthy server and pooler under load: any finding is a defect; MINUTES=60
	@$(BIN)/python -m tests.tools.soak $(MINUTES)

fuzz: $(VENV)/.dev ## the fuzzer of each boundary, about an hour in all; MINUTES=1 for each of them, SEED=2
	@for tool in $(notdir $(basename $(wildcard tests/tools/fuzz_*.py))); do \
	  echo "$$tool" >&2; \
	  $(BIN)/python -m tests.tools.$$tool --seconds $$((60 * $(or $(MINUTES),5))) --seed $(or $(SEED),1) || exit 1; \
	done

matrix: $(VENV)/.dev ## the contract on every PostgreSQL found; writes site_docs/proof; FINDINGS="tls.expired" for some
	@$(BIN)/python -m tests.tools.matrix $(FINDINGS)

transcripts: $(VENV)/.dev ## what check prints on the lab, for the pages; ENTRIES="db-deadlock" for some
	@$(BIN)/python -m tests.tools.transcripts $(ENTRIES)

model: $(VENV)/.dev ## the learned weights of words: writes kb/matching/wording/model.json
	@$(BIN)/python -m tests.tools.train_model

match-fuzz: $(VENV)/.dev ## 3,000 mutated texts through both matchers, and each harmless addition on every text
	@FUZZ_TEXTS=3000 ALL_TEXTS=1 $(BIN)/pytest -q tests/site/test_match_fuzz.py tests/kb/matching/test_additions.py

messages: $(VENV)/.dev ## PostgreSQL's messages in all its languages, from its installed catalogues
	@$(BIN)/python -m tests.tools.postgres_messages

match-score: $(VENV)/.dev ## how well texts find their entry
	@$(BIN)/python -m tests.tools.match_score

bench: $(VENV)/.dev $(PEERS:%=.venv-peer-%) ## speed as ratios against other tools in the same run
	@$(BIN)/python -m tests.tools.bench

docs: $(VENV)/.dev ## build the site: site/ for a server, site-offline/ for a disk
	@$(SITE) build --strict
	@$(SITE) build --strict -f mkdocs.offline.yml -d site-offline

serve: $(VENV)/.dev ## serve the site and reload it
	@$(SITE) serve --dirty  # builds only what an edit changed; site_docs/mkdocs_build/generated_page.py knows what that is

schema: $(VENV)/.dev ## write the generated files: JSON Schemas, page of keys, table of packages
	@$(BIN)/python -m tui.services.keys_page > site_docs/pages/tui-keys.md
	@$(BIN)/clearpay-doctor entry schema > kb/schema.json
	@$(BIN)/clearpay-doctor entry schema --runbook > kb/runbook.schema.json
	@$(BIN)/clearpay-doctor entry schema --report > diagnostics/report.schema.json
	@$(BIN)/clearpay-doctor entry schema --incident > diagnostics/runbooks/incident.schema.json
	@$(BIN)/clearpay-doctor entry schema --scan > diagnostics/scan/scan.schema.json
	@$(BIN)/clearpay-doctor entry schema --target > diagnostics/targets/target.schema.json
	@$(BIN)/python -m tests.tools.package_table

lock: .venv-supply ## pin the packages of development with their hashes in requirements-dev.lock; UPGRADE=1 takes newer ones
	@.venv-supply/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
	  --quiet --output-file requirements-dev.lock

locked: | $(VENV)/bin/python ## set up .venv for development from requirements-dev.lock, with checked hashes
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.dev $(VENV)/.lab

sbom: .venv-supply ## list what the program is made of: build/sbom.cdx.json (CycloneDX)
	@mkdir -p build && rm -rf build/.venv-sbom && $(PYTHON) -m venv --without-pip build/.venv-sbom
	@.venv-supply/bin/uv pip install --quiet --python build/.venv-sbom/bin/python .
	@.venv-supply/bin/cyclonedx-py environment build/.venv-sbom/bin/python --pyproject pyproject.toml \
	  --output-reproducible --validate --output-file build/sbom.cdx.json
	@rm -rf build/.venv-sbom

format: $(VENV)/.dev ## format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

system-deps: ## what some tests want from Debian: PostgreSQL, promtool, Chromium
	@sh tests/system-deps.sh

clean: ## remove what was built
	rm -rf $(VENV) .venv-peer-* .venv-supply build site site-offline .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.lab: pyproject.toml | $(VENV)/bin/python
	@echo "Setting up the lab in $(VENV), once..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lab]'
	@touch $@

# Each in an environment of its own: they want different versions of the same libraries.
.venv-peer-%:
	@echo "Setting up $* to compare with, once..." >&2
	@$(PYTHON) -m venv $@
	@$@/bin/python -m pip install --quiet --disable-pip-version-check $* $($*_WANTS) \
	  || echo "$* could not be installed: its row of the benchmark says that it is absent" >&2

# Tools of the supply chain, beside those of development: their versions do not matter to the code.
.venv-supply:
	@$(PYTHON) -m venv $@
	@$@/bin/python -m pip install --quiet --disable-pip-version-check uv cyclonedx-bom || { rm -rf $@; exit 1; }

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) for development, once..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.lab
