# make run, make test, make lint. What they need is put into .venv; what you enter is kept in instance/.

PORT ?= 5000
DEMO ?= 1

# The first Python on the PATH that is new enough; 3.11 first, since every pinned version was tried on it.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

IN_VENV := .venv/bin/python -m
FLASK := $(IN_VENV) flask --app broker
PYTEST := env -u BROKER_INSTANCE -u BROKER_DATABASE_URL $(IN_VENV) pytest --numprocesses 2 --dist loadfile \
	--no-loadscope-reorder
INSTANCE := $(if $(BROKER_INSTANCE),BROKER_INSTANCE=$(BROKER_INSTANCE) )

.PHONY: help run test test-postgresql lint

help:
	@echo "make run            start the product on http://127.0.0.1:5000 with a demonstration city"
	@echo "make run PORT=5080  the same on another port"
	@echo "make run DEMO=0     start with an empty database"
	@echo "make test           run every check and test"
	@echo "make test-postgresql  run on PostgreSQL also what does not depend on the database"
	@echo "make lint           run the checks only"

run: .venv/ready-to-run
	@$(FLASK) db upgrade
ifeq ($(DEMO),0)
	@echo "Starting without the demonstration. To make the first officer, type in a second terminal, with your own"
	@echo "address and your authority's ONS code (E08000009 is Trafford):"
	@echo "  $(INSTANCE).venv/bin/flask --app broker user create you@council.example --role officer --authority E08000009"
else
	@$(FLASK) demo --if-empty
endif
	@exec $(FLASK) serve --port $(PORT)

# Everything on SQLite; then on PostgreSQL what speaks with the database, of the walk every fifteenth cell. The tests
# of a file stay in one process. `make test-postgresql` leaves nothing out there.
ON_POSTGRESQL := BROKER_TEST_DATABASE=postgresql $(PYTEST) $(addprefix tests/,store actions work web walk journeys)

test: lint
	@$(PYTEST)
	@BROKER_WALK_EVERY=15 $(ON_POSTGRESQL) -m "not any_database"

test-postgresql: .venv/ready-to-test
	@$(ON_POSTGRESQL)

lint: .venv/ready-to-test
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .
	@$(IN_VENV) mypy broker
	@$(IN_VENV) bandit --quiet --configfile pyproject.toml --recursive broker

.venv/ready-to-run: requirements.txt
	@echo "Installing what the product needs: about two minutes, once."
	@$(call install,requirements.txt)
	@touch $@

.venv/ready-to-test: requirements-dev.txt requirements.txt
	@echo "Installing what the product and its tests need: about three minutes, once."
	@$(call install,requirements-dev.txt)
	@touch .venv/ready-to-run $@

# Packages are byte-compiled at once, by pip as a habit and by uv when asked: else every start is slow.
define install
	test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer (Debian: apt-get install python3-venv)." >&2; exit 1; }; \
	if command -v uv >/dev/null; then \
	  $(PYTHON) -m venv --without-pip .venv && \
	  uv pip install --quiet --compile-bytecode --python .venv/bin/python -r $(1); \
	else \
	  $(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	    echo "This Python cannot make virtual environments (Debian: apt-get install python3-venv)." >&2; exit 1; }; \
	  $(PYTHON) -m venv .venv && \
	  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input -r $(1); \
	fi
endef
