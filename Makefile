# The commands of the house. `make up` needs nothing but Python 3.11+.
PYTHON ?= python3
BIN := .venv/bin
export UV_LINK_MODE ?= copy

.PHONY: up demo web types screens test bench audit lint lock clean

up: .venv/.ready web ## a running system: database, migrations, preset, API, worker
	$(BIN)/linli up

web: .venv/.ready ## the front ends, as far as their sources have changed
	$(BIN)/python build_hook.py

demo: .venv/.ready web ## a world of neighbours to look at, served like `up`
	$(BIN)/linli demo

types: .venv/.ready ## the API's document, and the front ends' types made from it
	$(BIN)/linli openapi > web/openapi.json
	$(BIN)/python build_hook.py types

screens: .venv/.ready web ## a picture of every page into docs/screens/
	$(BIN)/python -m tests.browser.screens

test: .venv/.ready web ## all that CI checks
	$(BIN)/python -m tests.run

bench: .venv/.ready ## the figures of docs/performance.md, as ratios
	$(BIN)/python -m bench

audit: .venv/.ready ## the ledger's invariants on the running database
	$(BIN)/linli audit

lint: .venv/.ready
	$(BIN)/ruff format src tests bench && $(BIN)/ruff check --fix src tests bench

lock: ## pin what pyproject.toml asks for: hashes, but no host
	uv export --quiet --all-extras --all-groups --no-emit-project --no-header --no-annotate -o requirements.lock && rm -f uv.lock

.venv/.ready: requirements.lock pyproject.toml build_hook.py
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet 'uv==0.13.9'
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	LINLI_WEB=later VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv dist build
