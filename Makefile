# Developers, the commit hook and CI run these same targets. They need python3 and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := demo-data

export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: help demo test test-all browser screenshots lint format types layers check fixtures lock clean

help:  ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

# uv comes into the environment by pip and stays there; the lock file decides every version.
$(STAMP): pyproject.toml uv.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --quiet --locked --inexact --all-extras --python $(BIN)/python
	@touch $@

demo: $(STAMP)  ## Onboard the sample contracts and print their milestones
	@$(BIN)/milepost demo --data $(DEMO)

test: check $(STAMP)  ## Lint, types, layers and all tests but the slow ones
	$(BIN)/pytest -n 2 --dist loadgroup -m "not slow"

test-all: check $(STAMP)  ## Everything
	$(BIN)/pytest -n 2 --dist loadgroup

# On Debian this is its own package; elsewhere any Chromium or Chrome on the path will do.
browser:  ## Install Chromium for the browser tests, where there is none and you may
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	else echo "There is no Chromium on the path: the browser tests will be skipped."; fi

screenshots: $(STAMP)  ## Draw the pictures of the README anew
	$(BIN)/python -m tests.review.browser.screenshots
	$(BIN)/python -m tests.tracking.browser.screenshots

lint: $(STAMP)  ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP)  ## Mend style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP)  ## mypy, strict, tests too
	$(BIN)/mypy

layers: $(STAMP)  ## import-linter
	$(BIN)/lint-imports

check: lint types layers  ## All checks that need no test run

fixtures: $(STAMP)  ## Regenerate fixtures/contracts from their sources
	$(BIN)/python -m fixtures.build

lock: $(STAMP)  ## Refresh uv.lock
	$(BIN)/uv lock --upgrade

clean:  ## Remove what the targets made
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis
