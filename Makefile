# `make demo`, `make check` and `make test`. Every target is one line over `comanda`, once the environment is there.
# Needs git, make and some Python 3; brings uv (in .tools/), Python 3.13 and the pinned packages (in .venv/) itself.

PYTHON ?= python3
COMANDA := .venv/bin/comanda
READY := .venv/.ready

# Containers often say so: every command would compile the CDK and botocore anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env demo test check bench up down reset seed pins

help:
	@echo "make demo    a hundred baskets through the whole system, on an embedded AWS"
	@echo "make check   lint, types, import rules and the tests of the domain: an answer in a minute or so"
	@echo "make test    everything: that and every other tier of tests, as CI runs it"
	@echo "make up | down | reset | seed           the embedded AWS with Comanda deployed; reset empties it, seed fills in a retailer"
	@echo "make bench   the published figures (ONLY=import for one subject)      make pins    compile requirements/*.txt anew"

demo test check bench up down reset seed: $(READY)
	@$(COMANDA) $@ $(if $(ONLY),--only $(ONLY)) $(ARGS)

env: $(READY)

# Older than what it is made from? Made again; otherwise this costs nothing.
$(READY): requirements/dev.txt requirements/tools.txt pyproject.toml local/bootstrap.py
	@$(PYTHON) local/bootstrap.py

pins:
	@$(PYTHON) local/pins.py $(ARGS)
