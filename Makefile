# Everything lives in .venv, built from the locks: nothing of the machine's own Python environment is used.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME

.PHONY: help demo test taps services check lint types docs bench results wheel lock clean

demo: $(READY)  ## the main job at work on an embedded sample
	$(BIN)/facewarden demo

test: $(READY)  ## all tests; what needs something that is not here skips, and says so
	$(BIN)/python -m pytest

taps: $(READY)  ## the runtimes that the taps watch, to test them with; without them those tests say that they skip
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --require-hashes -r requirements/taps.lock
	$(BIN)/python -m pip install --quiet $(TORCH)
services: $(READY)  ## the clients of services that the taps watch, likewise
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/services.lock

check: $(READY) lint types docs test  ## what a change has to pass

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: wheel  ## strict, over the sources and over what ships
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target build/types dist/*.whl
	cp -r models/training build/types/facewarden/models/  # not in the wheel, and tested all the same
	$(BIN)/pyright --project pyproject.toml

docs: $(READY)  ## all pages, to build/site; a dead link fails
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/docs.lock
	$(BIN)/mkdocs build --strict  # no --quiet: it would not count the warnings

bench: $(READY)  ## measured, and held against bench/budgets.toml
	$(BIN)/python -m pytest bench --benchmark-only

results: $(READY)  ## all published numbers, over labelled clips, faces and models: make results CLIPS=FOLDER [FACES=FOLDER] [MODELS=FOLDER]
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/peers.lock
	$(BIN)/python -m facewarden.bench $(CLIPS) $(if $(FACES),--faces $(FACES)) $(if $(MODELS),--models $(MODELS))

wheel: $(READY)
	rm -rf build dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

lock:  ## after a change to the dependencies in pyproject.toml
	$(BIN)/uv pip compile $(LOCK) -o requirements/run.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCK) -o requirements/dev.lock pyproject.toml --all-extras --group dev
	printf 'dlib ; sys_platform == "never"\n' \
		| $(BIN)/uv pip compile $(LOCK) -o requirements/taps.lock --group taps --override - -c requirements/dev.lock
	printf '%s\n' $(PEERS) | $(BIN)/uv pip compile $(LOCK) --no-deps -o requirements/peers.lock -
	$(BIN)/uv pip compile $(LOCK) -o requirements/services.lock --constraint requirements/dev.lock --group services
	$(BIN)/uv pip compile $(LOCK) -o requirements/docs.lock --constraint requirements/dev.lock --group docs
	sed -n 's/^opencv-python==\([^ ]*\).*/opencv-python-headless==\1/p' requirements/dev.lock \
		| $(BIN)/uv pip compile $(LOCK) --no-deps -o requirements/headless.lock -

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

OTEL := opentelemetry-api==1.45.2 opentelemetry-sdk==1.45.2 opentelemetry-semantic-conventions==0.66b2
PEERS := norfair==2.3.0 filterpy==1.4.5 scipy==1.17.1 cedarpy==4.12.2 $(OTEL)

# Not locked: its hashes would be those of the build for GPUs. dlib itself builds for minutes; dlib-bin is dlib, built.
TORCH := torch==2.13.0

$(READY): requirements/dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "facewarden needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'import cv2' 2>/dev/null || { \
		echo "no libGL here: taking the build of OpenCV without windows"; \
		$(BIN)/python -m pip uninstall --quiet --yes opencv-python; \
		$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/headless.lock; }
	touch $@

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .benchmarks *.egg-info

help:  ## these lines
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12
