# Everything a developer runs. Needs make and Python 3.11 or newer; `make e2e` and `make hosts` say what else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
NEWMAN := postman/node_modules/.installed
SOURCES := app demo scripts config.py run.py seed.py create_admin.py gunicorn.conf.py

# What is set outside must not reach inside: neither modules nor pip's habits.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE PIP_TARGET PIP_PREFIX VIRTUAL_ENV
export PYTHONNOUSERSITE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_USER := 0

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test long check lint format messages postman e2e node fuzz bench hosts faults upgrades sabotage manifests lock clean

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: $(VENV)/.runtime ## Migrate, fill an empty database with demo data, serve web and worker (HOST, PORT)
	@$(BIN)/flask --app run db upgrade
	@$(PY) seed.py
	@exec $(PY) -m scripts.embedded

test: $(VENV)/.dev ## Run the whole suite on SQLite and PostgreSQL
	$(PY) -m pytest -n logical --maxprocesses 8

LONG := RACE_ROUNDS=5 MONEY_CALLS=100 DELIVERED_PAYMENTS=12 MPESA_PAYMENTS=40 PAYMENTS=24 DELIVERIES=60 \
	REVENUE_EVENTS=60 LEDGER_ORDERS=60 OPERATIONS=250 SLOT_TRIALS=60

long: $(VENV)/.dev ## Do at length what the suite does a little of: races and random days (half an hour)
	env $(LONG) $(PY) -m pytest -n logical --maxprocesses 8 tests/races tests/ledger tests/integrations/payments \
		tests/orders/test_books.py tests/reports/test_revenue.py tests/tortures/test_deliveries.py \
		tests/bookings/test_search_keeps_its_word.py

check: lint test ## Format, lint, types, imports, security lint, tests

lint: $(VENV)/.dev ## All of check but the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(SOURCES)

format: $(VENV)/.dev ## Rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

postman: $(VENV)/.runtime ## Make the Postman collection from the OpenAPI document
	@$(BIN)/flask --app run postman

messages: $(VENV)/.runtime ## Gather the words of mails for translators: locale/messages.pot and every catalogue
	@$(PY) -m scripts.messages

e2e: node $(VENV)/.dev $(NEWMAN) ## Ask servers with demo data what clients ask (minutes; needs Node.js; ON=sqlite, or postgresql)
	@$(PY) -m tests.e2e $(ON)

node:
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { \
		echo "make e2e needs Node.js 20 or newer, with npm: https://nodejs.org; on Debian and Ubuntu: apt install npm" >&2; exit 1; }

fuzz: $(VENV)/.dev ## Send what hostile callers may, as each role (minutes; CALLS=100000, SEED, AT, ON=sqlite or postgresql)
	@$(PY) -m tests.fuzz $(ON)

bench: $(VENV)/.bench ## Measure, beside floors that do the same SQL alone (minutes; BOOKINGS, ROUNDS, SECONDS, MEMORY_REQUESTS)
	@$(PY) -m bench

faults: $(VENV)/.dev ## Kill, stop and cut off whatever runs while 32 writers write, and count (ten minutes; FAULT_SECONDS, SEED)
	@$(PY) -m tests.faults

hosts: $(VENV)/.dev ## Play two web hosts, a worker and nginx on this machine (a minute or two; needs nginx and redis-server)
	@$(PY) -m tests.hosts

upgrades: $(VENV)/.dev ## Run each migration on a million bookings while callers ask (half an hour; BOOKINGS, TEST_DATABASE_URL)
	@$(PY) -m tests.migrations

sabotage: $(VENV)/.dev ## Take guards out one by one in copies, and see that a test fails (minutes; JOBS, ONLY)
	@$(PY) -m tests.sabotage

manifests: $(VENV)/.manifests ## Check Dockerfile, Compose, Kubernetes and workflow files by their schemas
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/kubernetes-validate --strict $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/*.yaml))

lock: ## Pin the newest versions that requirements*.in allow
	sh scripts/lock.sh "$(PYTHON)"

clean: ## Remove the environment and what tools left behind; data stays
	rm -rf $(VENV) postman/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: rebuilt only when the pins change.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Parlour needs Python 3.11 or newer; '$(PYTHON)' is not. Try: make PYTHON=python3.11" >&2; exit 1; }
	rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { \
		echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.created requirements.txt
	$(PY) -m pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	$(PY) -m pip install --quiet --requirement requirements-dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev bench/requirements.txt
	$(PY) -m pip install --quiet --requirement bench/requirements.txt
	@touch $@

$(NEWMAN): postman/package-lock.json postman/package.json | node
	@cd postman && npm ci --loglevel=error || { \
		echo "newman could not be installed by npm from postman/package-lock.json." >&2; exit 1; }
	@touch $@

$(VENV)/.manifests: $(VENV)/.created deploy/requirements.txt
	$(PY) -m pip install --quiet --requirement deploy/requirements.txt
	@touch $@
