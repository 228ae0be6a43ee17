# `make help` lists what there is. Every target sets up what it needs.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON := .venv/bin/python
INSTALLED := .venv/installed
PEERS := .venv/peers
ARGS ?=
PART ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## collect two outlets from a local web, twice, and show what came of it
	@.venv/bin/dateline demo

test: $(INSTALLED) ## the whole suite, with a real MongoDB and a real browser; ARGS="-k dates"
	@deploy/ensure-chromium.sh
	@deploy/ensure-systemd.sh
	@$(PYTHON) -m pytest -n 2 --dist worksteal -q --durations=10 $(ARGS)

lint: $(INSTALLED) ## ruff and mypy
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy

bench: $(PEERS) ## speed, quality, links, sitemaps, requests, storage, similar, schedule, health; PART=quality
	@$(PYTHON) -m benchmarks $(PART) $(ARGS)

SOAKED := $(addprefix tests/,$(addsuffix .py,integration/test_kill integration/test_failover \
	integration/test_outage integration/test_full_disk integration/test_discovery integration/test_leases \
	integration/test_revisions \
	crawler/run/test_run crawler/schedule/test_schedule_store)) tests/scripts

soak: $(INSTALLED) ## the long proofs: hundreds of kills and outages, a year of schedules, ten thousand runs
	@$(PYTHON) -m pytest -n 2 -q --soak $(SOAKED) $(ARGS)

pins: ## write constraints.txt anew from the latest versions that pyproject.toml allows
	@deploy/pin.sh

cldr: $(INSTALLED) ## write crawler/text/dates/cldr.tsv anew from Babel's names of months and its "days ago"
	@$(PYTHON) deploy/cldr.py

clean: ## remove the environment and what tools left behind, but no data
	@rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@deploy/ensure-venv.sh
	@echo "Installing Dateline and what it needs into .venv ..."
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(PEERS): $(INSTALLED)
	@echo "Installing the peers of the benchmarks into .venv ..."
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --upgrade 'pip>=24' # 23 fails on its extras
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@

.PHONY: help demo test lint bench soak pins cldr clean
