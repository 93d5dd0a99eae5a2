SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
TITIAN := .venv/bin/titian
PYTEST := .venv/bin/python -m pytest

.PHONY: help
help: ## explain every target
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: install
install: ## create .venv and install everything, pinned (skipped when nothing changed)
	@$(PYTHON) web/bootstrap.py

.PHONY: demo
demo: install ## install, migrate, load taxonomy and demo data, serve on http://127.0.0.1:8000
	@$(TITIAN) demo

.PHONY: test
test: install ## everything needed, then all tests
	@.venv/bin/python -m ruff check models matcher web seed_data tests benchmarks
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/python -m mypy
	@.venv/bin/python -m tests.embed_taxonomy
	@$(PYTEST) -n 2 --dist loadfile -m "not slow"

.PHONY: campaign
campaign: install ## the long test campaigns that `make test` leaves out
	@.venv/bin/python -m tests.embed_taxonomy
	@$(PYTEST) -n 2 --dist loadfile -m slow

.PHONY: bench
bench: install ## speed of ranking on 270,000 synthetic people
	@$(TITIAN) bench rank --people 270000

.PHONY: load
load: install ## the service under load: PostgreSQL, 270,000 synthetic people, a driver beside it
	@.venv/bin/python -m benchmarks.load

.PHONY: bench-all
bench-all: install ## the same beside other search engines, at three sizes, with a chart (two hours)
	@mkdir -p .titian/bench
	@for people in 27000 270000 2700000; do \
		$(TITIAN) bench rank --people $$people --engines all --json > .titian/bench/$$people.json || exit 1; \
	done
	@$(TITIAN) bench growth .titian/bench/*000.json --chart docs/charts/growth.svg

.PHONY: screenshots
screenshots: install ## take the README's screenshots anew, with the demo's data (needs Chromium)
	@.venv/bin/python -m tests.browser.screenshots

.PHONY: evaluate
evaluate: install ## how well titles and skills are read, side by side with other methods
	@$(TITIAN) evaluate

.PHONY: translations
translations: install ## collect what pages say into the English catalogue; fails while a message lacks English
	@.venv/bin/python -m web.messages && $(PYTHON) web/bootstrap.py

.PHONY: format
format: install ## format the code
	@.venv/bin/python -m ruff check --fix -q . && .venv/bin/python -m ruff format -q .

.PHONY: clean
clean: ## remove the environment and the demo's data
	rm -rf .venv .titian
