# make search   sets up an environment and runs a real search; leaves a genotype and its picture in runs/
# make test     sets up an environment and passes the tests
# make docs     builds the documentation into docs/_build
# PADDLE=2.6.2 picks another Paddle, PYTHON=python3.12 another Python, GPU=1 paddlepaddle-gpu.

PYTHON ?= python3
PADDLE ?= 3.3.1
GPU ?=
VENV ?= .venv-$(PADDLE)$(if $(GPU),-gpu)
ENGINE = paddlepaddle$(if $(GPU),-gpu)==$(PADDLE)
# paddle2onnx 2 reads what Paddle 3 writes, 1.3 what Paddle 2 writes
ONNX = $(if $(filter 2.%,$(PADDLE)),"paddle2onnx<2")
RUN = $(VENV)/bin/python -m
INSTALL = $(RUN) pip install --quiet --disable-pip-version-check
SEARCH ?=
TESTS ?= tests

.PHONY: search test lint docs clean

search: $(VENV)/.for-search
	$(RUN) paddleslim.nas.darts search $(SEARCH)

test: $(VENV)/.for-test lint
	$(RUN) pytest $(TESTS)

lint: $(VENV)/.for-test
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy

docs: $(VENV)/.for-test
	$(VENV)/bin/python docs/build.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.for-search: $(VENV)/bin/python setup.py
	$(INSTALL) "$(ENGINE)" setuptools -e ".[cli]"
	touch $@

$(VENV)/.for-test: $(VENV)/bin/python setup.py
	$(INSTALL) "$(ENGINE)" setuptools -e ".[test]" $(ONNX)
	touch $@ $(VENV)/.for-search

clean:
	rm -rf .venv-* .cache build dist *.egg-info
