# `make run` needs Python 3.11+ and nothing else; `make test` adds the test packages and a browser.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev browser run test test-live test-still test-full check lint cover lock bench docs screenshots clean

RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed
PYTHON_BIN := .venv/bin/python
DEPOT_HOME ?= ./.depot
FULLY_COVERED := depotlib/model/*,depotlib/tariffs/*,depotlib/planning/*,depotlib/gateway/station.py,depotlib/gateway/safety.py,depotlib/gateway/profiles.py

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(RUNTIME) ## Create .venv and install what running needs
setup-dev: $(DEV) ## The same, and what testing needs

# A stamp newer than its lock file means that there is nothing to install.
$(RUNTIME): requirements.txt
	.ci/install requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt
	.ci/install requirements-dev.txt
	@touch $@ $(RUNTIME)

browser:
	@.ci/browser

run: $(RUNTIME) ## Start the demo depot and print the address to open
	DEPOT_HOME=$(DEPOT_HOME) $(PYTHON_BIN) -m depotlib up --demo

# What runs by the clock has the processor first; the rest takes what is left beside it.
test: $(DEV) browser ## Everything, with reduced counts (seeds, kills, notebooks)
	$(MAKE) -j2 test-live test-still

test-live:
	$(PYTHON_BIN) -m pytest -m "live and not full"

test-still:
	nice -n 10 $(MAKE) lint
	nice -n 10 $(PYTHON_BIN) -m pytest -q -m "not live and not full"

test-full: $(DEV) browser lint ## Everything, with full counts
	DEPOT_HYPOTHESIS=full $(PYTHON_BIN) -m pytest -m "full or not full"

check: lint ## Linters, types, arrows between rooms, house rules
	$(PYTHON_BIN) -m pytest -q tests/house

lint: $(DEV)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/codespell
	.venv/bin/pyright
	.venv/bin/lint-imports --no-logo

cover: $(DEV) ## Branch coverage: all of it where safety and money are, 90 % elsewhere
	$(PYTHON_BIN) -m pytest -q --cov --cov-report= -m "not full and not browser and not chaos"
	$(PYTHON_BIN) -m coverage report --fail-under=100 --include='$(FULLY_COVERED)'
	$(PYTHON_BIN) -m coverage report --fail-under=90

bench: $(DEV) ## Measure what benchmarks/ holds
	@for script in benchmarks/*.py; do echo "== $$script"; PYTHONPATH=. $(PYTHON_BIN) $$script || exit 1; done

docs: $(DEV) ## Run every notebook and publish it as a page in build/docs
	$(PYTHON_BIN) -m docs.make_pages

screenshots: $(DEV) browser ## Pictures of every page with demo data, into docs/images
	$(PYTHON_BIN) -m tests.app.screenshots

lock: $(DEV) ## Renew both lock files from pyproject.toml
	UV_CUSTOM_COMPILE_COMMAND="make lock" .ci/uv pip compile --quiet --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		-o requirements.txt pyproject.toml
	UV_CUSTOM_COMPILE_COMMAND="make lock" .ci/uv pip compile --quiet --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean: ## Remove .venv and the demo depot
	rm -rf .venv .depot
