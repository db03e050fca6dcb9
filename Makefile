# make search   sets up an environment and runs a real search; leaves a genotype and its picture in runs/
# make test     sets up an environment and passes the tests
# make lint     checks format, style and types
# make docs     builds the documentation into docs/_build, and says where its first page is
# PADDLE=2.6.2 picks another Paddle, PYTHON=python3.12 another Python, GPU=1 paddlepaddle-gpu, WORKERS=1 how many
# processes share the tests, SELECT="not any_paddle" the tests of some markers alone.

PYTHON ?= python3
PADDLE ?= 3.3.1
GPU ?=
# an environment for each Paddle, and for each Python that is chosen
CHOSEN := $(if $(filter-out python3,$(PYTHON)),$(shell $(PYTHON) -c 'import sys; print("-py%d.%d" % sys.version_info[:2])'))
VENV ?= .venv-$(PADDLE)$(if $(GPU),-gpu)$(CHOSEN)
ENGINE = paddlepaddle$(if $(GPU),-gpu)==$(PADDLE)
# paddle2onnx 2 reads what Paddle 3 writes, 1.3 what Paddle 2 writes
ONNX = $(if $(filter 2.%,$(PADDLE)),"paddle2onnx<2")
RUN = $(VENV)/bin/python -m
# What is imported is compiled once and kept; to compile all there is in the packages would take a minute.
unexport PYTHONDONTWRITEBYTECODE
INSTALL = $(RUN) pip install --quiet --disable-pip-version-check --no-compile
SEARCH ?=
TESTS ?= tests
WORKERS ?= 2
SELECT ?=

.PHONY: search test lint docs engine for-test for-lint clean

search: $(VENV)/.for-search
	$(RUN) paddleslim.nas.darts search $(SEARCH)

test: $(VENV)/.for-test
	$(RUN) pytest -n $(WORKERS) $(if $(SELECT),-m "$(SELECT)") $(TESTS)

lint: $(VENV)/.for-lint
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy

docs: $(VENV)/.for-docs
	$(VENV)/bin/python docs/build.py

# parts of the above, which need not wait for each other
engine: $(VENV)/.engine
for-test: $(VENV)/.for-test
for-lint: $(VENV)/.for-lint

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.engine: $(VENV)/bin/python
	$(INSTALL) "$(ENGINE)" setuptools
	touch $@

# The reference is made from docstrings, so the pages need Paddle and the command line, but no test's packages.
search_extras = cli
docs_extras = cli,docs
lint_extras = cli,lint
test_extras = test

$(VENV)/.for-%: $(VENV)/.engine pyproject.toml setup.py
	$(INSTALL) "$(ENGINE)" setuptools -e ".[$($*_extras)]" $(if $(filter test,$*),$(ONNX))
	touch $@

clean:
	rm -rf .venv-* .cache build dist *.egg-info
