# `make help` lists the targets. Each target installs what it needs.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON := .venv/bin/python
INSTALLED := .venv/installed
PEERS := .venv/peers
ARGS ?=
PART ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## install Dateline, collect two outlets from a simulated web, and show an article
	@.venv/bin/dateline demo

test: $(INSTALLED) ## run all tests, with a real MongoDB and a real browser; ARGS="-k dates" chooses some
	@deploy/ensure-chromium.sh
	@deploy/ensure-systemd.sh
	@$(PYTHON) -m pytest -n 4 --dist worksteal -q --durations=10 $(ARGS)

lint: $(INSTALLED) ## check the code with ruff and mypy
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy

bench: $(PEERS) ## run benchmarks; PART=quality, speed, links, sitemaps, requests, storage, similar, schedule, health
	@$(PYTHON) -m benchmarks $(PART) $(ARGS)

SOAKED := $(addprefix tests/,$(addsuffix .py,integration/test_kill integration/test_failover \
	integration/test_outage integration/test_full_disk integration/test_discovery integration/test_leases \
	integration/test_collect integration/test_habits integration/test_revisions integration/test_safety integration/test_schedule \
	integration/test_wordpress crawler/admin/test_migrations crawler/duplicates/test_near_duplicates crawler/monitor/test_findings \
	crawler/run/test_run crawler/schedule/test_planning crawler/schedule/test_schedule_store \
	crawler/store/test_replica_set crawler/text/test_recurring_blocks)) tests/scripts

soak: $(INSTALLED) ## run the long tests: hundreds of kills and outages, a year of schedules, ten thousand runs
	@$(PYTHON) -m pytest -n 2 -q --soak $(SOAKED) $(ARGS)

pins: ## update constraints.txt to the latest versions that pyproject.toml allows
	@deploy/pin.sh

cldr: $(INSTALLED) ## update crawler/text/dates/cldr.tsv from Babel: names of months, and "days ago"
	@$(PYTHON) deploy/cldr.py

clean: ## remove the environment and the files of tools, but no data
	@rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@deploy/ensure-venv.sh
	@echo "Installing Dateline and its dependencies into .venv ..."
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(PEERS): $(INSTALLED)
	@echo "Installing the peers of the benchmarks into .venv ..."
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --upgrade 'pip>=24' # 23 fails on its extras
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@

.PHONY: help demo test lint bench soak pins cldr clean
