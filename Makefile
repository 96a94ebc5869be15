# `make run` and `make test` install what is missing first. PYTHON may name the Python to use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check-collectors check-kills check-crashes check-sdk bench-collect bench-load bench-judge bench-check lint format lock reference clean
.DEFAULT_GOAL := test

# Everything on a fresh machine, then the scan of the demo tenants. ONCE=1 stops after the scan.
run: $(VENV)/installed
	@$(BIN)/rollcall demo $(if $(ONCE),--once)

# ARGS="tests/collectors -k retry" runs some tests only. The real Airflow has the machine to itself; the others are one
# process more than two cores, for while it waits.
test: $(VENV)/installed $(VENV)/debian
ifdef ARGS
	$(BIN)/pytest $(ARGS)
else
	$(BIN)/pytest --numprocesses 3 --dist loadfile --ignore tests/end_to_end
	$(BIN)/pytest tests/end_to_end
endif

# Every installed collector against the sandbox, with its faults and its limits.
check-collectors: $(VENV)/installed
	$(BIN)/rollcall check-collector

# kill -9 at a random moment, fifty times in a row: nothing is lost and nothing is read twice.
check-kills: $(VENV)/installed
	ROLLCALL_KILLS=50 $(BIN)/pytest -s tests/collectors/test_killed.py

# kill -9 of load, judge and publish, a hundred times: readers find the state before or after, never between.
check-crashes: $(VENV)/installed
	ROLLCALL_KILLS=100 $(BIN)/pytest -s tests/warehouse/test_killed.py

# Microsoft's own clients, in an environment of their own, read everything that the sandbox answers of the demo tenants.
check-sdk: $(VENV)/installed
	@scripts/install-peer sdk
	@$(BIN)/python -m tests.sdk

# What collecting costs, beside dlt and Microsoft's SDK. ARGS="--tenants 40 --large 20000 --peer-tenants 10" tries it.
bench-collect: $(VENV)/installed
	@scripts/install-peer dlt
	@scripts/install-peer sdk
	@$(BIN)/python -m benchmarks.collect $(ARGS)

# What loading costs beside dlt, and what the cookbook's questions do, of two million accounts and ten million sign-ins.
bench-load: $(VENV)/installed
	@scripts/install-peer dlt
	@$(BIN)/python -m benchmarks.load $(ARGS)

# What judging costs, of two million accounts. ARGS="--tenants 20 --accounts 20000 --huge 20000 --class-accounts 4000" tries it.
bench-judge: $(VENV)/installed
	@$(BIN)/python -m benchmarks.judge $(ARGS)

# What judging rules with Great Expectations costs beside plain SQL, of two and five million accounts.
bench-check: $(VENV)/installed
	@$(BIN)/python -m benchmarks.check $(ARGS)

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
	for peer in dlt sdk; do $(BIN)/uv pip compile benchmarks/peers/$$peer.in --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --upgrade --output-file benchmarks/peers/$$peer.lock; done

# The pages that are made from declarations.
reference: $(VENV)/installed
	$(BIN)/rollcall reference > docs/reference.md
	$(BIN)/python -m checks.rules.page
	$(BIN)/python -m checks.report.reference
	$(BIN)/python -m collectors.error_page > docs/errors.md
	$(BIN)/python -m tests.faults > docs/faults.md
	$(BIN)/python -m tests.cookbook > docs/cookbook.md

clean:
	rm -rf $(VENV) benchmarks/.venv-* var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
