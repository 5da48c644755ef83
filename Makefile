# Two commands set everything up on a fresh machine with Python >= 3.11, make and git: `make demo` and `make test`.
.PHONY: help env demo test unit lint format dev bench docs lock clean
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := 0.13.9
STAMP := $(VENV)/.installed
export DO_NOT_TRACK = 1
export GX_ANALYTICS_ENABLED = false
export DBT_SEND_ANONYMOUS_USAGE_STATS = false

help: ## what can be asked for
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "Python 3.11 to 3.13 is needed; set PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

env: $(STAMP) ## the environment alone

demo: $(STAMP) ## a simulated region: deliveries, figures, checks, a release, sites to open
	@$(BIN)/python -m orchestration.demo

# Three workers for two cores: one in three waits now and then, for a browser, a lock or a process of its own.
test: $(STAMP) ## the whole test suite
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

unit: $(STAMP) ## the tests that take seconds
	@$(BIN)/python -m pytest tests/unit

lint: $(STAMP) ## ruff, strict types, SQL, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@mkdir -p build/lint-home/warehouse; JUNHENG_HOME=$(CURDIR)/build/lint-home $(BIN)/sqlfluff lint -q dbt_project/models dbt_project/tests
	@$(BIN)/lint-imports

format: $(STAMP) ## ruff and sqlfluff rewrite what they can
	@$(BIN)/ruff check --fix -q .; $(BIN)/ruff format -q .
	@$(BIN)/sqlfluff fix -q dbt_project/models dbt_project/tests

dev: $(STAMP) ## Dagster's web interface over this home
	@$(BIN)/python -m orchestration.dev

bench: $(STAMP) ## benchmarks with their ratios
	@$(BIN)/python -m benchmarks

docs: $(STAMP) ## the data dictionary, from contracts and catalogue
	@$(BIN)/python -m docs.generate

lock: $(STAMP) ## requirements.txt again from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --no-header --no-emit-index-url pyproject.toml -o requirements.txt

clean: ## everything that `make demo` and the tools left behind; never releases of another home
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
