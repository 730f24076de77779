# The few things done often. Needs Python 3.11 or newer (with venv) and make; the rest goes to .venv.

PYTHON ?= python3
LAB_FLAGS ?=
TEST_FLAGS ?=

BIN := .venv/bin
READY := .venv/.ready

.PHONY: help lab test lint validate generate bench pieces mutate hostile mangled soak lock

help:
	@echo "make lab       JupyterLab with the lessons (notebooks/) and your copies (my_work/)"
	@echo "make test      the tests"
	@echo "make lint      format and lint, without changing anything"
	@echo "make validate  run and check every notebook"
	@echo "make generate  releases and solutions from assignments/source"
	@echo "make bench     measure emkit beside scikit-learn, hmmlearn and others (minutes)"
	@echo "make pieces    how well the checks know right answers from mistakes (a table)"
	@echo "make mutate    change the right answers by machine: does every check notice? (minutes)"
	@echo "make hostile   hand-ins that attack grading: is each contained? (a table, minutes)"
	@echo "make mangled   hand-ins that accidents happened to: is each mended? (a table, minutes)"
	@echo "make soak      grade 2,000 hand-ins: does memory stay constant? (half an hour)"
	@echo "make lock      renew requirements.lock"

lab: $(READY)
	$(BIN)/emkit lab $(LAB_FLAGS)

# One BLAS thread a process: several that fight for the cores make small matrices ten times slower.
test: export OPENBLAS_NUM_THREADS ?= 1
# Each test goes to whoever is free; those of a file that share something costly stay together.
test: $(READY)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup $(TEST_FLAGS)

lint: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check

validate: $(READY)
	$(BIN)/emkit validate

generate: $(READY)
	$(BIN)/emkit generate

# Packages that only benchmarks need are installed here, not with the tests.
bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 1 \
		-r benchmarks/requirements.txt -c requirements.lock \
		|| echo "Without a package index: rows whose peer isn't installed are left out"
	cd benchmarks && for file in $$(ls *.py | grep -v -e compare.py -e soak.py); do \
		echo "== $$file"; ../$(BIN)/python $$file || exit 1; done

pieces mutate hostile mangled soak: export OPENBLAS_NUM_THREADS ?= 1
pieces: $(READY)
	$(BIN)/python tests/workshop/figures.py

mutate: export PYTHONPATH := tests/workshop
mutate: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		-r tests/mutation/requirements.txt -c requirements.lock
	$(BIN)/python tests/mutation/mutate.py $(PIECES)

hostile mangled: export PYTHONPATH := tests/classroom
hostile mangled: $(READY)
	$(BIN)/python -m $@

soak: $(READY)
	cd benchmarks && ../$(BIN)/python soak.py

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --group build --universal \
		--python-version 3.11 --fork-strategy fewest --upgrade --no-emit-index-url --no-emit-find-links \
		--no-annotate --no-header --quiet --output-file requirements.lock

# The stamp is written last: an interrupted install starts again, a changed lock installs again.
$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit( \
		"emkit needs Python 3.11 or newer, but $(PYTHON) is %d.%d; try: make PYTHON=python3.12" % v)'
	@rm -f $@
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing the tested versions into .venv (a few minutes the first time)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $@
