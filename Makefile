# `make run` and `make test` install what is missing first. PYTHON may name the Python to use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check-collectors lint format lock reference clean
.DEFAULT_GOAL := test

# Everything on a fresh machine, then the scan of the demo tenants. ONCE=1 stops after the scan.
run: $(VENV)/installed
	@$(BIN)/rollcall demo $(if $(ONCE),--once)

# ARGS="tests/collectors -k retry" runs some tests only. The real Airflow has the machine to itself.
test: $(VENV)/installed $(VENV)/debian
ifdef ARGS
	$(BIN)/pytest $(ARGS)
else
	$(BIN)/pytest --numprocesses 2 --dist loadfile --ignore tests/end_to_end
	$(BIN)/pytest tests/end_to_end
endif

# Every installed collector against the sandbox, with its faults and its limits.
check-collectors: $(VENV)/installed
	$(BIN)/rollcall check-collector

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/installed: requirements.lock pyproject.toml scripts/install
	@PYTHON=$(PYTHON) scripts/install $(VENV)

# A real browser, and the servers that the limiter can share.
$(VENV)/debian: scripts/install-debian | $(VENV)/installed
	@scripts/install-debian
	@touch $@

# Pin every dependency with its hashes, after a change of pyproject.toml.
lock: $(VENV)/installed
	$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --quiet --upgrade --output-file requirements.lock

# The pages that are made from declarations.
reference: $(VENV)/installed
	$(BIN)/rollcall reference > docs/reference.md
	$(BIN)/python -m checks.rules.page
	$(BIN)/python -m collectors.error_page > docs/errors.md

clean:
	rm -rf $(VENV) var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
