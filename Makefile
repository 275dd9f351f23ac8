# Everything is set up by the targets themselves: a virtual environment in .venv, dependencies pinned by constraints.txt.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
STAMP = $(VENV)/.installed

.PHONY: demo test check bench browser clean

demo: $(STAMP)
	$(BIN)/dental-crm demo $(if $(ONCE),--once,)

test: $(STAMP) browser
	$(BIN)/python -m pytest -n 4

check: $(STAMP) browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 4

# for the browser walk; where it cannot be installed the tests say so
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { command -v apt-get >/dev/null \
	  && $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; } \
	  || echo "chromium could not be installed: the browser walk will be skipped"

bench: $(STAMP)
	$(BIN)/python -m tests.bench

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv \
	  && $(PYTHON) -m venv $(VENV); }

$(STAMP): $(BIN)/pip setup.cfg pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	touch $(STAMP)

clean:
	rm -rf $(VENV) build *.egg-info
