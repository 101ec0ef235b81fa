# Two commands are all anyone needs: `make demo` and `make test`.
# Each builds its own virtual environment from the hash-pinned requirements.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Twice the cores: tests of campaigns and of served sandboxes mostly wait.
JOBS ?= $(shell $(PYTHON) -c "import os; print(2 * os.cpu_count())")

COUNT ?= 1000000
SEED ?= 1
KILLS ?= 200
ACCOUNTS ?= 300
UPGRADE ?=

.PHONY: demo test check lint types floors unit bench crash fuzz requirements clean

demo: $(VENV)/.runtime
	@$(BIN)/rootsteward demo

test: check unit

check: lint floors types

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

floors: $(VENV)/.dev
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

# Debian's PostgreSQL is installed here, when it is missing and that is allowed: see tests/postgres.py.
unit: $(VENV)/.dev
	@$(BIN)/python tests/postgres.py
	$(BIN)/pytest -n $(JOBS) --dist worksteal

bench: $(VENV)/.dev
	@for script in bench/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

# Kills campaigns with SIGKILL: at every write, and KILLS times at random moments of ACCOUNTS accounts.
crash: $(VENV)/.dev
	CRASH_WRITES=1000000 CRASH_KILLS=$(KILLS) CRASH_ACCOUNTS=$(ACCOUNTS) CRASH_SEED=$(SEED) \
	  $(BIN)/pytest -n 0 -s tests/crash/campaign

# Compares the two voices on COUNT generated questions from SEED.
fuzz: $(VENV)/.dev
	$(BIN)/python bench/fuzz_voices.py --count $(COUNT) --seed $(SEED)

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "rootsteward needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "could not make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements/runtime.txt requirements/build.txt pyproject.toml
	@echo "installing pinned dependencies into $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements/runtime.txt -r requirements/build.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@echo "installing pinned test tools into $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# Pins every dependency; needs `uv` on the PATH. Nothing else needs it. What is pinned stays as it is
# where it can; `make requirements UPGRADE=--upgrade` takes the newest of everything.
requirements:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --quiet --no-annotate $(UPGRADE) --extra dev pyproject.toml -o requirements/dev.txt
	grep -oE '^[A-Za-z0-9._-]+==[^ ]+' requirements/dev.txt > requirements/.pins
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-emit-find-links --no-header --quiet -c requirements/.pins pyproject.toml -o requirements/runtime.txt
	printf 'hatchling\neditables\n' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-emit-find-links --no-header --quiet -c requirements/.pins - -o requirements/build.txt
	rm requirements/.pins

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
