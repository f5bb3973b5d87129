# Needs Python >= 3.11 and make; installs everything else. `make help` lists the targets.
# All paths are relative, so that the checkout may be moved and its path may contain spaces.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
VENV := .venv
PY := $(VENV)/bin/python
# the lock files are complete, so pip has nothing to resolve
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps
SOURCES := fleetdash app.py tests migrations benchmarks

# as root or through sudo; without either, it says what to install
define apt_install
	packages="$(1)"; \
	if [ "$$(id -u)" = 0 ]; then as_root=env; \
	elif command -v sudo >/dev/null; then as_root="sudo env"; \
	fi; \
	if [ -z "$${as_root:-}" ] || ! command -v apt-get >/dev/null; then \
		echo "Debian packages are missing: $$packages. Install them as root, then run make again." >&2; exit 1; \
	fi; \
	echo "installing $$packages"; \
	$$as_root DEBIAN_FRONTEND=noninteractive apt-get -qq update && \
	$$as_root DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $$packages >/dev/null
endef

.PHONY: help install run test test-zones test-calendar check lint types secrets audit format lock clean system-tools pytest benchmark-vessels benchmark-history benchmark-many benchmark-load benchmark-page

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 18

install: $(VENV)/installed ## install what fleetdash needs to run
	@$(PY) -m compileall -q app.py fleetdash migrations

run: $(VENV)/installed ## serve the page at http://127.0.0.1:8050; without a fleet file, the demo fleet
	@if [ -z "$${FLEETDASH_CONFIG:-}" ] && [ ! -e fleetdash.toml ]; then demo=--demo; fi; \
	exec $(PY) app.py serve $${demo:-} $(ARGS)

test: system-tools check pytest ## install what the tests need, check the code, run every test

pytest: $(VENV)/installed-test
	@$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

test-zones: system-tools $(VENV)/installed-test ## test runs across the clock changes of eight time zones, and a clock set back; four minutes
	@$(PY) -m pytest -n 2 -m long tests/integration/test_clock_changes.py $(ARGS)

# without tests that start servers or threads: libfaketime does not reach their clocks, or breaks their locks
CALENDAR := 2026-11-23 2026-11-24 2026-11-25 2026-11-26 2026-11-27 2026-11-28 2026-11-29 2028-02-29 2027-03-01
CALENDAR_NIGHTS := 2026-12-31T23:58 2027-03-28T00:58 2026-10-25T00:58
CALENDAR_TESTS := tests/unit $(addprefix tests/integration/test_,$(addsuffix .py,analytics demo_history \
	long_periods migrating older_data query_plans report retention run_log statistics status_ends story vessel_states))
test-calendar: system-tools $(VENV)/installed-test ## run the tests without servers on each weekday, at the year's end and in the nights of a clock change; 20 minutes
	@for moment in $(CALENDAR:=T10:02) $(CALENDAR_NIGHTS); do echo "== $$moment UTC"; \
		TZ=UTC faketime -f "@$${moment/T/ }:00" env TZ=Europe/Oslo $(PY) -m pytest -n 2 -q --dist loadfile \
			-m "not browser and not integration and not long" $(CALENDAR_TESTS) $(ARGS) || exit; \
	done

check: lint ## check lint, formatting, types, known vulnerabilities, secrets
	@# in parallel, because mypy uses one core only
	@$(MAKE) secrets & secrets=$$!; $(MAKE) audit & audit=$$!; \
	$(MAKE) types; types=$$?; wait $$secrets && wait $$audit && exit $$types

lint: $(VENV)/installed-test ## check lint and formatting of Python and JavaScript
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m ruff format --check $(SOURCES)
	@$(VENV)/bin/oxlint --quiet --deny-warnings assets

types: $(VENV)/installed-test
	@$(PY) -m mypy

# without the plugins that guess (entropy, words such as "password"): they find mostly tests
secrets: $(VENV)/installed-test
	@if git rev-parse --git-dir >/dev/null 2>&1; then \
		git ls-files -z ':!*.png' | xargs -0 $(VENV)/bin/detect-secrets-hook --disable-plugin KeywordDetector \
			--disable-plugin Base64HighEntropyString --disable-plugin HexHighEntropyString; \
	else echo "secrets were not checked: this is not a git checkout"; fi

# pip-audit exits with 1 both when it finds some and when it cannot ask; its text tells which
audit: $(VENV)/installed-test
	@if output=$$($(VENV)/bin/pip-audit --progress-spinner=off --disable-pip --no-deps -r requirements.lock 2>&1); then \
		unknown=$$(grep -c "could not be audited" <<<"$$output"); \
		[ "$$unknown" = 0 ] || echo "pip-audit could not look up $$unknown packages; run it where the advisories can be reached"; \
	elif grep -q "known vulnerabilit" <<<"$$output"; then echo "$$output" >&2; exit 1; \
	else echo "pip-audit could not fetch advisories; run it where they can be reached"; fi

benchmark-vessels: system-tools $(VENV)/installed-test ## compare queries of vessels with the replaced system's; four minutes
	@$(PY) -m benchmarks.vessels

benchmark-load: system-tools $(VENV)/installed-test ## measure runs with hundreds of pages and WebSocket clients; six minutes
	@$(PY) -m benchmarks.load

benchmark-history: $(VENV)/installed-test ## compare a history of 70,000 runs with one of 1,000; six minutes
	@$(PY) -m benchmarks.history

benchmark-page: system-tools $(VENV)/installed-test ## compare the page with a bare Dash app; three minutes
	@$(PY) -m benchmarks.page

benchmark-many: $(VENV)/installed-test ## serve and query 2,000 vessels; a minute
	@$(PY) -m benchmarks.many

format: $(VENV)/installed-test ## format the code and apply the fixes of ruff
	@$(PY) -m ruff check --fix $(SOURCES)
	@$(PY) -m ruff format $(SOURCES)

clean: ## remove everything that make created, except databases
	rm -rf $(VENV) .lock-venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environment

$(PY):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "fleetdash needs Python 3.11 or newer; set it with PYTHON=/path/to/python3.11 make $(MAKECMDGOALS)" >&2; exit 1; }
	@# Debian has venv and ensurepip in a separate package
	@if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
		venv_package=$$("$(PYTHON)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
		$(call apt_install,$$venv_package); \
	fi
	"$(PYTHON)" -m venv --clear $(VENV)

$(VENV)/installed: requirements.lock $(PY)
	@echo "installing what fleetdash needs"
	@$(PY) $(PIP_INSTALL) -r requirements.lock
	@touch $@

$(VENV)/installed-test: requirements-test.lock $(VENV)/installed
	@echo "installing what the tests need"
	@$(PY) $(PIP_INSTALL) -r requirements-test.lock
	@touch $@

# the tests start their own servers, whether or not Debian's services run
system-tools:
	@missing=; \
	command -v chromium >/dev/null || missing+=" chromium fonts-liberation"; \
	command -v chromedriver >/dev/null || missing+=" chromium-driver"; \
	command -v influxd >/dev/null || missing+=" influxdb"; \
	PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || missing+=" nginx"; \
	command -v faketime >/dev/null || missing+=" faketime"; \
	command -v promtool >/dev/null || missing+=" prometheus"; \
	compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=" postgresql"; \
	if [ -n "$$missing" ]; then $(call apt_install,$$missing); fi

# --- pins

# dash[testing] caps selenium at 4.2.0, whose metadata requires urllib3 1.26, while production uses urllib3 2; with urllib3 2,
# pip falls back to selenium 3, which breaks with it. selenium 4.2.0 itself works: it is installed with --no-deps.
# So is axe-playwright-python: the tests only read its axe.min.js, without Playwright.
# Run it with the oldest supported Python, Debian 12's 3.11.2: some releases require a later 3.11.
# PIP_CONSTRAINT=requirements.lock make lock keeps the pinned versions where they still fit.
lock: ## pin what requirements.txt, the extras and requirements-test.txt need
	rm -rf .lock-venv
	"$(PYTHON)" -m venv .lock-venv
	.lock-venv/bin/python -m pip install --quiet --upgrade '.[postgres]' setuptools
	$(call freeze,requirements.lock)
	.lock-venv/bin/python -m pip install --quiet -r requirements-test.txt -c requirements.lock
	.lock-venv/bin/python -m pip install --quiet --no-deps selenium==4.2.0 axe-playwright-python==0.1.8
	$(call freeze,requirements-test.lock)
	rm -rf .lock-venv

# dash requires setuptools; pip freeze lists it with --all only, and venv installs an old one
define freeze
	{ echo "# made by \`make lock\`; complete, to be installed with --no-deps"; \
	.lock-venv/bin/python -m pip freeze --all --exclude pip --exclude fleetdash; } > $(1)
endef
