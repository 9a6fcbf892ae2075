PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: demo test check format record record-judge benchmark requirements requirements-check

demo: $(READY)  ## Draft the bundled policy from recorded exchanges, offline
	@$(BIN)/clausewise demo

test: $(READY)  ## All tests, offline, on as many cores as there are (at most four)
	@$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile

check: $(READY) requirements-check  ## Format, lint, types, layers, fresh requirements
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_layers.py

format: $(READY)  ## Format the code and write the generated JSON Schemas
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@for name in consumer legal risk draft edition gold; do $(BIN)/clausewise schema $$name > schemas/json/$$name.schema.json; done

record: $(READY)  ## Record a bundled policy (POLICY=name) anew against OPENAI_BASE_URL (see cassettes/README.md)
	@$(BIN)/python -m eval.record $(POLICY)

record-judge: $(READY)  ## Record the model judge on a case (CASE=name) anew against OPENAI_BASE_URL (see cassettes/README.md)
	@$(BIN)/python -m eval.record_judge --case $(CASE)

benchmark: $(READY)  ## Figures of benchmarks/README.md
	@$(BIN)/python -m benchmarks.ingest
	@$(BIN)/python -m benchmarks.batch

requirements: $(READY)  ## Compile the pinned requirements after a change in pyproject.toml
	@$(BIN)/$(COMPILE) pyproject.toml -o requirements/run.txt
	@$(BIN)/$(COMPILE) --extra dev pyproject.toml -o requirements/dev.txt

requirements-check: $(READY)
	@cp requirements/run.txt .venv/run.txt && cp requirements/dev.txt .venv/dev.txt
	@$(BIN)/$(COMPILE) pyproject.toml -o .venv/run.txt > /dev/null
	@$(BIN)/$(COMPILE) --extra dev pyproject.toml -o .venv/dev.txt > /dev/null
	@cmp requirements/run.txt .venv/run.txt && cmp requirements/dev.txt .venv/dev.txt \
		|| { echo "requirements/ is stale: run make requirements"; exit 1; }

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Clausewise needs Python 3.11 or newer; name one with make PYTHON=python3.11")'
	@echo "Setting up .venv (once, about a minute) …"
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
