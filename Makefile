# The two commands that matter: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PACKAGES := webui/node_modules/.package-lock.json
PAGE := plugins/api/static/index.html
INTEROP := tests/interop/node_modules/.package-lock.json
STEAMIO := $(VENV)-steamio/.installed
# node and npm come with the virtual environment too
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Hundreds of processes of Python are started here: each would compile all that it imports, the dependencies too
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test costs quick setup check newer floors page interop wheel install wheel-test bench fuzz histories chaos history-kills chaos-mutants contract lock clean help

help:            ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | column -t -s "$$(printf '\t')"

# Every byte is hashed: what comes as sources is built with what requirements-build.lock names, and with nothing else.
$(STAMP): requirements-build.lock requirements-dev.lock pyproject.toml notebooks/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Switchboard needs Python 3.11 or newer, this is %s" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV); the first time this takes a minute or two."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-build.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-build-isolation -r requirements-dev.lock \
	  || { echo "uv could not; pip tries, which knows other settings of proxies and indexes."; \
	       $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation --use-pep517 -r requirements-dev.lock; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e notebooks -e .
	@touch $@

$(PACKAGES): webui/package-lock.json webui/package.json $(STAMP)
	@echo "Fetching what the web page is made with."
	@cd webui && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

$(PAGE): $(PACKAGES) webui/index.html webui/vite.config.ts $(shell find webui/src webui/public -type f 2>/dev/null)
	@echo "Building the web page."
	@cd webui && npx --no-install vite build --logLevel warn
	@touch $@

$(INTEROP): tests/interop/package-lock.json tests/interop/package.json $(STAMP)
	@echo "Fetching steam-user, which the simulated Steam is held to."
	@cd tests/interop && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

# an environment of its own: its import name is that of `steam`, and it needs an older aiohttp
$(STEAMIO): requirements-build.lock requirements-steamio.lock $(STAMP)
	@echo "Fetching steamio, which the simulated Steam is held to as well."
	@$(BIN)/python -m venv --clear --without-pip $(VENV)-steamio
	@$(BIN)/uv pip install --quiet --python $(VENV)-steamio/bin/python --require-hashes --only-binary :all: -r requirements-build.lock \
	  || $(BIN)/python -m pip --python $(VENV)-steamio/bin/python install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-build.lock
	@$(BIN)/uv pip install --quiet --python $(VENV)-steamio/bin/python --require-hashes --no-build-isolation -r requirements-steamio.lock \
	  || $(BIN)/python -m pip --python $(VENV)-steamio/bin/python install --quiet --disable-pip-version-check --require-hashes --no-build-isolation --use-pep517 -r requirements-steamio.lock
	@touch $@

setup: $(PAGE) $(INTEROP) $(STEAMIO) ## all that the other targets need, and nothing run

page: $(PAGE)    ## the web page, built

demo: $(PAGE)    ## a whole deal on the embedded simulator: 20 bots, 60 players (Ctrl-C stops it)
	$(BIN)/switchboard demo

RUNS ?= 30
interop: $(INTEROP) $(STEAMIO) ## the scenario of both independent clients, 30 times in a row or RUNS=…
	INTEROP_RUNS=$(RUNS) $(BIN)/python -m pytest tests/interop

# Side by side, two at a time: each half leaves a core idle for a part of its time.
test: $(PAGE) $(INTEROP) $(STEAMIO) ## every check and every test
	@$(MAKE) --no-print-directory --output-sync=target -j2 check-page check-python
	@$(MAKE) --no-print-directory -j2 test-page test-python

quick: $(PAGE)   ## for a minute, what a change against main touches: the nearest tests first
	$(BIN)/python -m tests.quick

check: check-python check-page ## ruff, mypy --strict, the walls between plugins; the same for the page

.PHONY: check-page check-python test-page test-python
check-python: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check-page: $(PACKAGES)
	cd webui && npm run --silent check

# those that take longest begin first, and what is set up for many is set up once (tests/scheduling.py); they give way to
# the page's, whose deadlines are a person's
test-python: $(STAMP) $(INTEROP) $(STEAMIO)
	nice -n 5 $(BIN)/python -m pytest -n auto

test-page: $(PAGE)
	cd webui && npm run --silent test
	@if command -v chromium >/dev/null; then cd webui && npm run --silent test:page; \
	else echo "There is no chromium here, so the page's screens and journeys are not looked at in a browser."; fi

costs: $(STAMP) $(INTEROP) ## every test of Python once, and which files cost the most CPU: COSTS=40 lines, COSTS_OF=test
	$(BIN)/python -m pytest -n auto -p tests.costs

newer: $(STAMP)  ## a named part of the tests on every newer Python that is found
	$(BIN)/python -m tests.environments newer

floors: $(STAMP) ## the same part with the oldest releases that pyproject.toml says will do
	$(BIN)/python -m tests.environments floors

bench: $(INTEROP) ## the measurements of tests/bench; fails where a target is missed
	$(BIN)/python -m tests.bench

FUZZ_SECONDS ?= 3600
fuzz: $(STAMP)   ## hostile frames and maFiles for an hour, or FUZZ_SECONDS=…
	$(BIN)/python -m tests.fuzz $(FUZZ_SECONDS)

SECONDS ?= 600
histories: $(STAMP) ## new histories of the whole system, for 10 minutes or SECONDS=…, from the first of SEED=… on; OF=invites
	$(BIN)/python -m tests.whole $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(OF),--of $(OF))

hostile: $(STAMP) ## hostile clients of every kind at once for 20 minutes, or SECONDS=…: operators' p99, memory by thirds
	$(BIN)/python -m tests.hostile $(if $(filter file,$(origin SECONDS)),,$(SECONDS))

KILLS ?= 300
TAKEOVERS ?= 10000
chaos: $(STAMP)  ## the real process killed KILLS=… times, and its bad days: full disks, wrong clocks, a lying Steam; ONLY=… SEED=…
	$(BIN)/python -m tests.chaos --kills $(KILLS) --takeovers $(TAKEOVERS) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

history-kills: $(STAMP) ## what rewrites the past killed in its midst, 50 times each: sealing, pruning; ONLY=… SEED=…
	$(BIN)/python -m tests.kills $(ONLY) --kills $(if $(filter command line,$(origin KILLS)),$(KILLS),50) $(if $(SEED),--seed $(SEED))

chaos-mutants: $(STAMP) ## one promise after another broken on purpose: each has to be noticed
	$(BIN)/python -m tests.chaos.bite $(if $(ONLY),--only $(ONLY))

contract: $(STAMP) ## write anew what is drawn from the kernel: its README's tables, the page's types, the notebooks' methods; the dashboards
	$(BIN)/python -m kernel.testing.readme_tables
	$(BIN)/python -m webui.contract
	$(BIN)/python -m ops.dashboards
	$(BIN)/python -m switchboard.contract

LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
BOTH := --no-emit-package steam-switchboard-client pyproject.toml notebooks/pyproject.toml
lock: $(STAMP)   ## make the lock files anew
	$(LOCK) --group build -o requirements-build.lock
	$(LOCK) tests/interop/steamio.in -o requirements-steamio.lock
	$(LOCK) $(BOTH) -o requirements.lock
	$(LOCK) --extra dev -c requirements.lock -c requirements-build.lock $(BOTH) -o requirements-dev.lock
	$(LOCK) --resolution lowest-direct --extra dev -c requirements-build.lock $(BOTH) -o requirements-floors.lock

wheel: $(PAGE)   ## both distributions into dist/: the program with the page in it, and the notebooks' client
	rm -f dist/steam_switchboard*.whl
	$(BIN)/python -m hatchling build -t wheel -d dist
	cd notebooks && ../$(BIN)/python -m hatchling build -t wheel -d ../dist

DEST ?= /opt/switchboard
install: wheel   ## what `switchboard run` needs, into an environment of its own: DEST=…
	$(PYTHON) -m venv $(DEST)
	$(DEST)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-build.lock
	$(DEST)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation --use-pep517 -r requirements.lock
	$(DEST)/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall dist/steam_switchboard*.whl

wheel-test: wheel ## both wheels in empty environments: the demonstration, types, a plugin; the client on three systems
	$(BIN)/python -m tests.installed

clean:           ## forget the virtual environment and the caches
	rm -rf $(VENV) $(VENV)-* webui/node_modules tests/interop/node_modules plugins/api/static .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
