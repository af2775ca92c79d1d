# Every task of the project. Start with `make setup`; name another interpreter with `make test PY=path/to/python`.
PY ?= .venv/bin/python

# Pyright reads the types of an installed package from the active environment only, so the environment is made active.
ACTIVE = VIRTUAL_ENV="$(abspath $(dir $(PY))..)" PATH="$(abspath $(dir $(PY))):$$PATH"

.PHONY: setup check test cover docs rules bench frames spark ci

setup: ## an environment with everything that `check` and `test` need
	python3 -m venv .venv
	.venv/bin/python -m pip install -q --disable-pip-version-check -e ".[check]"

check: ## style and types; the public types must be complete
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(ACTIVE) $(PY) -m pyright
	$(ACTIVE) $(PY) -m pyright --verifytypes inbound_engine --ignoreexternal

# Laws and lives draw thousands of cases, pages and processes use what the tables hold: they take no branch that the tables do not
# take, and are not traced.
UNTRACED = tests/laws tests/lives tests/test_docs.py tests/test_examples.py tests/test_host.py tests/test_house.py

test: cover ## tables and doctests with every branch taken; then laws, lives, pages and processes
	$(PY) -m pytest $(UNTRACED)

cover: ## tables and doctests alone, with every branch taken
	$(PY) -m coverage run -m pytest $(UNTRACED:%=--ignore=%)
	$(PY) -m coverage report

docs: ## run the README, every page and every example
	$(PY) -m pytest tests/test_docs.py

rules: ## write docs/reference/rule-index.md anew
	$(PY) -m tests.rule_index

bench: ## measure the hot rooms
	$(PY) -m benchmarks

frames: ## frames of 200,000 and of a million leads, and ledgers of 200,000 touches, against the objects
	for library in polars duckdb pandas pyarrow; do \
		$(PY) -m benchmarks.frames --equal --leads 200000 --activities 2000000 --sample 3000 --library $$library || exit 1; done
	$(PY) -m benchmarks.frames --equal --leads 1000000 --activities 10000000
	for library in polars "polars lazy" duckdb pandas; do $(PY) -m benchmarks.ledgers --equal --library "$$library" || exit 1; done

spark: ## the same over Spark; wants the extra `spark` and java 17
	PYSPARK_PYTHON=$(PY) $(PY) -m pytest -m spark tests
	PYSPARK_PYTHON=$(PY) $(PY) -m benchmarks.ledgers --equal --library pyspark

ci: ## everything, from a fresh copy, on every interpreter present
	bash .ci/run
