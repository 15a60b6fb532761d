# The front door. `make demo` shows the portal, `make test` checks it; README.md has the rest.
# Every recipe is silent and ends in exec, so that exit statuses and signals pass through unchanged.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python on PATH that is new enough; PYTHON=… chooses another one.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

NEW_ENOUGH = test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo 'The portal needs Python 3.11 or newer: install it (on Debian: apt-get install python3 python3-venv), or name it with PYTHON=…' >&2; \
	exit 1; }

BIN := .venv/bin
LAUNCH := $(BIN)/python -m pepportal.launch

export PORT PROFILE CHILDREN DEADLINES

.PHONY: help install install-tests demo manage test test-deep mutants bench lint types floors format lock static

help:
	@echo 'make demo [PORT=8000] [PROFILE=default]   the portal with a fictional council, on this machine'
	@echo 'make test                                 lint, types, floors and every test but the long ones'
	@echo 'make test-deep                            the long tests'
	@echo 'make mutants                              does some test notice when a requirement is broken?'
	@echo 'make bench [CHILDREN=100000]               speed, as ratios measured in one run'
	@echo 'make manage ARGS="…"                      a management command, with the servers up'
	@echo 'make lint | types | floors | format       one check, or the formatter'
	@echo 'make lock | static                        renew the lock files, the built CSS and JavaScript'

install:
	@$(NEW_ENOUGH)
	@exec $(PYTHON) pepportal/launch/install.py

install-tests:
	@$(NEW_ENOUGH)
	@exec $(PYTHON) pepportal/launch/install.py --tests

demo: install
	@exec $(LAUNCH) demo

manage: install
	@exec $(LAUNCH) services --keep -- $(BIN)/python manage.py $(ARGS)

test: install-tests
	@exec $(BIN)/python tests/run_checks.py test

test-deep: install-tests
	@exec $(LAUNCH) services --throwaway -- $(BIN)/python tests/run_checks.py deep

mutants: install-tests
	@exec $(LAUNCH) services --throwaway -- $(BIN)/python tests/run_mutants.py

bench: install-tests
	@exec $(LAUNCH) services --throwaway -- $(BIN)/python -m tests.bench

lint: install
	@exec $(BIN)/python tests/run_checks.py lint

types: install
	@exec $(BIN)/python tests/run_checks.py types

floors: install
	@exec $(BIN)/python tests/run_checks.py floors

format: install
	@$(BIN)/ruff check --quiet --fix . ; exec $(BIN)/ruff format --quiet .

# Exact versions with hashes and without any address, for every Python and platform that we support.
lock: install
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--no-annotate -o requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--no-annotate --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

static:
	@exec static/build/build.sh
