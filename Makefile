# Everything goes through .venv; `make setup` builds it and is quick when nothing changed.
SHELL := /bin/bash
PYTHON := .venv/bin/python
PACKAGES := base knowledge storage flows bots board practice bench scripts tests

# Where bytecode is not to be kept, as images of Python have it, each process compiles anew all that it loads, and each
# worker of the tests rewrites all their assertions.
unexport PYTHONDONTWRITEBYTECODE
# Playwright's driver starts some two hundred times for the tests, a sixth faster where its compiled code is kept.
test: export NODE_COMPILE_CACHE := $(CURDIR)/.cache/node

.DEFAULT_GOAL := help
.PHONY: help setup setup-consoles demo test lint check bench night image pictures lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## environment in .venv, pinned dependencies, a Chromium (seconds when nothing changed)
	@python=$$(scripts/python.sh) && "$$python" -m scripts.setup

setup-consoles: setup ## the real consoles that the tests serve, each in an environment of its own
	@$(PYTHON) -m scripts.consoles

demo: setup ## the practice console, three shops, buyers and bots, for a minute
	@.venv/bin/nightdesk demo

check: setup ## style, types and import rules
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy $(PACKAGES)
	.venv/bin/lint-imports --no-logo

lint: check ## check, and the rules that the architecture tests keep
	$(PYTHON) -m pytest -q tests/architecture

test: setup-consoles check ## check, then every test, the real consoles included
	$(PYTHON) -m pytest --numprocesses=3 --dist=worksteal

bench: setup ## the benchmarks
	$(PYTHON) -m bench.read
	$(PYTHON) -m bench.manners --dialect plain
	$(PYTHON) -m bench.match
	$(PYTHON) -m bench.faults --short

night: setup ## a simulated week of 53 shops, its report and plots into docs/night (minutes)
	$(PYTHON) -m bench.night --report docs/night

image: ## the container's image, with docker or podman
	$$(command -v docker || command -v podman) build --file Containerfile --tag nightdesk .

pictures: setup ## take the pictures of the README anew
	$(PYTHON) -m scripts.pictures

lock: setup ## write the lock files anew from pyproject.toml
	$(PYTHON) -m scripts.lock

clean: ## remove everything that setup and the tests made
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
