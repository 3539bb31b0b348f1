# Everything a newcomer needs: `make demo` to look, `make test` to be sure. Only Python 3.11+, make and git are expected.
# Ports and folders can be chosen: make demo SERVER_PORT=9000 APP_PORT=9001 DATA=/tmp/school

SERVER_PORT ?= 8000
APP_PORT ?= 8550
DATA ?= demo-data
TESTS ?= tests
VENV ?= .venv
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
RUN := $(VENV)/bin/python
# Tests start some 150 processes of ours: what the first one compiled serves the others, even where the environment says no.
COMPILED := env -u PYTHONDONTWRITEBYTECODE
timed = start=$$(date +%s); $(1); status=$$?; echo "== $(2): $$(( $$(date +%s) - start )) s"; exit $$status

.PHONY: help demo test swift lint bench differential walk pictures chromium oracles postgres strace clean

help:
	@echo "make demo      a sample school with its server and the teacher's app, in the browser"
	@echo "make test      lint and every test; readies Chromium, PostgreSQL and the form engines to compare with"
	@echo "make swift     what is tested with a bucket, with OpenStack Swift's instead of moto's (Debian/Ubuntu; not in make test)"
	@echo "make lint      ruff and mypy"
	@echo "make bench     measurements against raw limits of this machine"
	@echo "make differential  our form engine against two others on random forms (needs Node and Java)"
	@echo "make walk      every form filled in by hand in a browser, with a picture of each page in build/walk"
	@echo "make pictures  the pictures of docs/pictures, taken anew"
	@echo "make clean     remove .venv and caches; demo data stays"

demo: $(VENV)/.server
	@exec $(RUN) -m sync_server demo --data $(DATA) --port $(SERVER_PORT) --app-port $(APP_PORT)

test: lint chromium oracles postgres strace
	@$(call timed,$(COMPILED) $(RUN) -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=15 $(TESTS),pytest)

swift: postgres
	@$(RUN) -m tests.swift
	@$(call timed,$(COMPILED) timeout 900 $(RUN) -m pytest --s3 swift -k bucket tests/conformance,swift)

lint: $(VENV)/.dev
	@$(call timed,$(RUN) -m ruff check . && $(RUN) -m mypy,lint)

bench: oracles
	@$(RUN) -m tests.bench

# make differential SEED=… N=… for chosen random forms; without SEED they are fresh ones
differential: oracles
	@$(RUN) -m tests.differential $(if $(SEED),--seed $(SEED)) $(if $(N),--forms $(N))

walk: chromium
	@$(RUN) -m tests.e2e.walk_forms $(FORMS)

pictures: chromium
	@$(RUN) -m tests.e2e.pictures

oracles: $(VENV)/.dev
	@$(RUN) -m tests.differential.oracles

chromium: $(VENV)/.dev
	@$(RUN) -m tests.e2e.chromium

postgres: $(VENV)/.dev
	@$(RUN) -m tests.postgres

strace: $(VENV)/.dev
	@$(RUN) -m tests.faults.tracer

$(VENV)/.server: pyproject.toml | $(VENV)/pyvenv.cfg
	@$(call timed,$(RUN) -m pip install -q --disable-pip-version-check -e '.[server]',install)
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/pyvenv.cfg
	@$(call timed,$(RUN) -m pip install -q --disable-pip-version-check -e '.[server$(comma)county$(comma)dev]',install)
	@touch $@ $(VENV)/.server

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (set PYTHON=/path/to/python)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (Debian/Ubuntu: apt install python3-venv)."; exit 1; }

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

comma := ,
