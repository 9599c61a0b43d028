# The commands of this project; `make` lists them. Written for GNU make 3.81 and the BSD tools of macOS too.
#
# The tools live in .venv. A stamp file in it says what was installed, so that a second run installs nothing; the
# stamp's name holds a checksum of this folder's path, because a virtual environment that was moved is stale.

VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8501
DATA ?= ../shared/bench/data

HERE := $(shell pwd | cksum | cut -d ' ' -f 1)
RUNTIME := $(VENV)/.runtime-$(HERE)
TEST := $(VENV)/.test-$(HERE)
BENCH := $(VENV)/.bench-$(HERE)

SUPPORTED := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
# An environment whose interpreter is gone or too old is made anew.
$(shell $(PY) -c '$(SUPPORTED)' 2>/dev/null || rm -f $(VENV)/.runtime-* $(VENV)/.test-* $(VENV)/.bench-*)

.PHONY: help run setup test soak check format pictures bench growth load page evaluate browser office lock clean
.DEFAULT_GOAL := help

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo "  PORT=8501 changes the page's port, PYTHON=python3.12 the interpreter, ARGS='-k name' goes to pytest"

run: $(RUNTIME) ## open the chat page; the first time installs, prepares the model and indexes the samples
	@$(PY) -m ui.cli prepare
	@$(PY) -m ui.cli chat --samples --port $(PORT)

setup: $(RUNTIME) ## install what the product needs into .venv, nothing else
	@echo "Ready: $(VENV)/bin/trade-assistant --help"

test: $(TEST) ## install what the tests need and run every test
	@if [ "$$CI" = true ] && ! $(PY) -m tests.chromium >/dev/null; then $(MAKE) browser; fi
	@if [ "$$CI" = true ] && ! $(PY) -m tests.office >/dev/null; then $(MAKE) office; fi
	$(PY) -m pytest $(ARGS)

soak: $(TEST) ## ask while articles arrive, kill runs, fill disks: all rounds, of which `make test` does a tenth
	TRADE_ASSISTANT_SOAK=1 $(PY) -m pytest -m soak $(ARGS)
	TRADE_ASSISTANT_SOAK=1 $(PY) -m pytest tests/test_hostile.py tests/test_parse_fuzz.py

check: $(TEST) ## format, lint and types, then the tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(MAKE) test

format: $(TEST) ## format the code and mend what the linter can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

pictures: $(TEST) ## take the pictures of the README anew
	$(PY) -m pytest tests/browser/test_pictures.py
	for name in answer citation filters follow-up refusal feedback; do \
	  cp screenshots/$$name-1280-light.png ui/pictures/$$name.png || exit 1; \
	done

bench: $(BENCH) ## measure speed beside the tutorial pipeline; DATA= is the folder of the collections
	$(PY) -m tests.benchmarks --data "$(DATA)" $(ARGS)

growth: $(TEST) ## measure a run over unchanged files, and adding one article to ever larger libraries
	$(PY) -m tests.benchmarks.growth $(ARGS)

load: $(TEST) ## ask the page from 20 and 50 connections at once; ARGS='--articles FOLDER' indexes more
	$(PY) -m tests.benchmarks.load $(ARGS)

page: $(TEST) ## open and use a conversation of 200 turns and Sources of 10,000 articles in a browser
	$(PY) -m tests.benchmarks.page $(ARGS)

evaluate: $(TEST) ## measure ranking, answers, refusals, checks and follow-ups; ARGS='--write README.md' states them
	$(PY) -m tests.benchmarks.report $(ARGS)

browser: $(TEST) ## install a Chromium for the browser tests (as root on Debian), or say how
	@$(PY) -m tests.chromium --install

office: $(TEST) ## install LibreOffice Writer for the tests of Word files (as root on Debian), or say how
	@$(PY) -m tests.office --install

lock: $(TEST) ## take the newest versions within the ranges of pyproject.toml and write the lock files
	$(PY) -m pip install --upgrade --upgrade-strategy eager --no-build-isolation -e '.[test,bench]'
	$(PY) -m tests.lock

clean: ## remove .venv and what the tools left; never the library or the model's cache
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The lock names every version, so pip need not resolve (minutes), and all cores compile what pip would compile on one
# (a minute or two less; some packages carry files that are no valid Python, hence `|| true`). The next step finds what a
# build of torch needs beyond the lock, the libraries of a graphics card, and installs this folder, editable.
$(RUNTIME): requirements.lock pyproject.toml
	@if ! $(PY) -c 'import pip; $(SUPPORTED)' 2>/dev/null; then \
	  found=; for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	    if $$python -c '$(SUPPORTED)' 2>/dev/null; then found=$$python; break; fi; \
	    if [ -n "$(PYTHON)" ]; then break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "No usable Python: $(if $(PYTHON),$(PYTHON) is not,found none of) 3.11, 3.12 or 3.13 with venv." >&2; \
	    echo "On Debian and Ubuntu venv is a package of its own: sudo apt-get install python3-venv" >&2; \
	    echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; \
	  fi; \
	  echo "Making $(VENV) with $$($$found --version). The first installation takes some minutes and about 2.5 GB."; \
	  $$found -m venv --clear $(VENV); \
	fi
	$(PY) -m pip install $(if $(wildcard $(PY)),--quiet) --no-deps --no-compile -r requirements.lock
	@$(PY) -m compileall -q -j 0 $(VENV)/lib >/dev/null || true
	$(PY) -m pip install -qq --no-build-isolation -c requirements.lock -e .
	@$(PY) -m pip check
	@touch $@

$(TEST): $(RUNTIME) requirements-test.lock
	$(PY) -m pip install --quiet --no-deps -r requirements-test.lock
	@$(PY) -m pip check
	@touch $@

$(BENCH): $(TEST) requirements-bench.lock
	$(PY) -m pip install --quiet --no-deps -r requirements-bench.lock
	@$(PY) -m pip check
	@touch $@
