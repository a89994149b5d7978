# The verbs of this project. PORT and DATA move the port and the data folder; EXTRA=gpu
# makes an environment for CUDA, EXTRA=cpu takes it back.
PORT ?= 8000
DATA := $(or $(DATA),$(DATA_DIR),var)
export PORT
export DATA_DIR := $(DATA)
# Where the machine has no node, the environment has one.
export PATH := $(PATH):$(CURDIR)/.venv/bin
PYTHON := .venv/bin/python
# -X dev for its workers, too: what is left open fails
PYTEST := PYTHONDEVMODE=1 $(PYTHON) -m pytest -q
# more than there are cores: many wait for sound, which takes its time
SIDE_BY_SIDE := -n 3 --dist worksteal
SIEGE := tests/faults/test_siege.py
PACKAGES := config dashboard transcription meetings tests benchmarks manage.py

.PHONY: setup run worker test lint format

setup: # what the other verbs need; nothing to do when nothing has changed
	@sh deploy/setup.sh $(EXTRA)

run: setup # redis, worker and web, until Ctrl-C
	@exec $(PYTHON) manage.py up --die-with-parent

worker: setup # one more process for jobs, here or on another machine
	@exec $(PYTHON) manage.py worker

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	DATA_DIR=.mypy_cache/data .venv/bin/mypy $(PACKAGES)
	.venv/bin/lint-imports

test: lint # on SQLite everything, on PostgreSQL what uses a database
	@sh deploy/setup-tests.sh
	npm test --silent
	$(PYTEST) $(SIDE_BY_SIDE) --ignore=tests/e2e --ignore=$(SIEGE)
	$(PYTEST) $(SIEGE) tests/e2e # they take the time of whole sites: one by one
	$(PYTEST) $(SIDE_BY_SIDE) --database postgres

format: setup
	.venv/bin/ruff check --fix --quiet .
	.venv/bin/ruff format --quiet .
	npx --no-install prettier --log-level warn --write static tests/js
	.venv/bin/djade --target-version 5.2 $$(git ls-files 'templates/*.html') || true
