# `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# Beside the folders of `service-catalog local` and `aws-servicebroker`: what these keep may belong to real AWS.
DATA_DIR ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/chandlery/run
PYTHON = PYTHONPATH=scripts scripts/ticking.py "$$(scripts/venv.sh test)/bin/python"
PYTHON_TO_RUN = PYTHONPATH=scripts "$$(scripts/venv.sh run)/bin/python"
aws_calls = $(CURDIR)/build/aws-calls
sources = $(shell git ls-files '*.cpp' '*.hpp')

.PHONY: help setup setup-build setup-run setup-images setup-test setup-lint setup-site setup-pictures setup-bench setup-cluster setup-release build images demo run test test-scripts unit integration e2e test-cluster test-node packaging docs test-bare release test-release test-release-root simulate fuzz bench format lint reference site pictures tidy alone tidy-changed clean

help:  ## show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 22

setup: setup-test setup-lint  ## install everything for building, testing and linting; every target also installs what it needs

setup-build setup-run setup-images setup-test setup-lint setup-site setup-pictures setup-bench setup-cluster setup-release: setup-%:
	@scripts/setup.sh $*

build: setup-build  ## build the programs (Release) into build/release/bin
	@scripts/build.sh release

images: setup-images build  ## build the container images into build/images, with their bills of materials
	@scripts/ticking.py deploy/images/build.sh build/images

demo: setup-run build  ## run the walkthrough on this machine: emulator, broker, control plane, a bucket, its credentials, and back
	@$(PYTHON_TO_RUN) -m chandlery_dev demo

run: setup-run build  ## run the same setup until Ctrl-C, and keep its state in DATA_DIR
	@$(PYTHON_TO_RUN) -m chandlery_dev run --data-dir "$(DATA_DIR)"

test: setup-test  ## run every test that needs no real Kubernetes, and end with one line for each level
	@MAKE="$(MAKE)" scripts/test.sh test-scripts unit integration e2e packaging docs

test-scripts: setup-test  ## test the scripts that set up a machine, on machines that lack what they need
	@$(PYTHON) -m pytest -q tests/setup

unit: setup-test  ## run the unit tests, with address and undefined-behavior sanitizers
	@python3 tests/layers.py
	@scripts/build.sh sanitize unit_tests
	@scripts/ticking.py ctest --preset sanitize --output-on-failure -j 2

integration: setup-test  ## test the broker with the AWS emulator, with the same sanitizers
	@scripts/build.sh sanitize aws-servicebroker service-catalog aws-scenarios
	@rm -rf "$(aws_calls)" && mkdir -p "$(aws_calls)"
	@CHANDLERY_AWS_CALLS="$(aws_calls)" CHANDLERY_BIN_DIR="$(CURDIR)/build/sanitize/bin" $(PYTHON) -m pytest -q -n 4 --dist worksteal tests/integration
	@CHANDLERY_AWS_CALLS="$(aws_calls)" CHANDLERY_BIN_DIR="$(CURDIR)/build/sanitize/bin" $(PYTHON) -m pytest -q tests/least_privilege

e2e: setup-test build  ## test the control plane with kubectl and other clients
	@$(PYTHON) -m pytest -q -n 2 --dist worksteal -m "not cluster" tests/e2e

test-cluster: setup-test build  ## run e2e and the charts with a real Kubernetes API server, then test-node (the first build takes minutes)
	@scripts/cluster-tools.sh etcd kube-apiserver kube-controller-manager >/dev/null
	@CHANDLERY_CONTROL_PLANE=cluster $(PYTHON) -m pytest -q -n 2 --dist worksteal -m "not local" tests/e2e
	@$(PYTHON) -m pytest -q -n 2 --dist loadfile -m cluster tests/charts
	@if [ "$$(id -u)" = 0 ] && [ -d /sys/fs/cgroup/memory ]; then $(MAKE) --no-print-directory test-node; \
		else echo "NOT RUN: make test-node, which takes root and control groups of version 1"; fi

test-node: setup-cluster images  ## run the walkthrough with the pods of the charts on a real node, in namespaces of its own (needs root)
	@scripts/cluster-tools.sh etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns >/dev/null
	@set -e; for file in tests/node/test_*.py; do \
		unshare --mount --net --pid --cgroup --fork --kill-child --mount-proc \
			bash -c '"$$@"; exit $$?' init env $(PYTHON) -m pytest -q -x -s $$file; done

packaging: setup-test build  ## test the images, and the charts as helm renders them
	@$(PYTHON) -m pytest -q -n 2 --dist loadfile -m "not cluster" tests/images tests/charts

docs: setup-test build  ## test the documents: links, commands, flags, values, and whether generated pages are current
	@$(PYTHON) -m pytest -q tests/docs

test-bare:  ## run `make demo` and `make test` on a bare Debian bookworm in build/bare (needs root and debootstrap)
	@tests/bare/run.sh

release: setup-release  ## archives, .deb packages, images and charts for amd64 and arm64 into build/dist; publishes nothing
	@$(PYTHON) -m chandlery_release

test-release: setup-release  ## what is in build/dist: started, installed, upgraded, removed; the Dockerfile (root for the last two; half an hour)
	@$(PYTHON) -m pytest -q -x --durations=0 --durations-min=1 tests/release

test-release-root:  ## only the tests of test-release that need root
	@[ "$$(id -u)" = 0 ] && [ "$$(stat -c %U "$$HOME")" = "$${SUDO_USER:-root}" ] || \
		{ echo 'It needs root, and the cache folder of the user who ran make release: sudo -E make test-release-root' >&2; exit 1; }
	@$(MAKE) --no-print-directory setup-release
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -q -x -p no:cacheprovider -m root --durations=0 --durations-min=1 tests/release

simulate: setup-build  ## play SEEDS (1000) stories of the whole system from FIRST_SEED (1); or SEED, or STORY (a file)
	@scripts/build.sh release simulation
	@scripts/simulate.sh

fuzz: setup-test  ## run each fuzz target for SECONDS_EACH (10) on its corpus, from SEED (1)
	@scripts/build.sh fuzz fuzz_targets
	@scripts/ticking.py scripts/fuzz.sh

bench: setup-bench build  ## run the measurements in bench/
	@scripts/build.sh release bench_broker bench_catalog bench_runtime
	@build/release/bin/bench_runtime
	@set -e; for program in bench/*/*.py; do $(PYTHON) $$program; done

format: setup-lint  ## format the sources
	@clang-format-19 -i $(sources)

lint: setup-lint  ## check formatting, layers, shell, Python, YAML, workflows, templates, and the prose of the documents
	@scripts/ticking.py scripts/lint.sh

reference: setup-run build  ## write docs/reference and docs/classes, from --help, the values of the charts, the templates and the sources
	@$(PYTHON_TO_RUN) -m chandlery_dev.reference

site: setup-site  ## build the searchable site of docs/ into build/site, and check its links
	@scripts/site.sh

pictures: setup-pictures build  ## draw docs/images: the diagram from its source, the terminal from a recorded run
	@PYTHONPATH=scripts "$$(scripts/venv.sh site)/bin/python" -m chandlery_dev.pictures

tidy: setup-build setup-lint  ## run clang-tidy on the sources of the programs (a quarter of an hour)
	@cmake --preset dev >/dev/null
	@git ls-files 'src/*.cpp' 'apps/*.cpp' | scripts/ticking.py xargs -P "$$(nproc)" -n 3 sh -c \
		'found=$$(clang-tidy-19 -p build/dev --quiet "$$@" 2>&1) && echo "clean: $$*" || { printf "%s\n" "$$found"; exit 1; }' sh

alone: setup-test  ## compile every C++ file by itself, so that none lacks an include (half an hour)
	@scripts/build.sh dev all unit_tests

tidy-changed: setup-test setup-lint  ## run clang-tidy on the C++ files that changed since main, and compile those of tests alone
	@scripts/ticking.py scripts/tidy-changed.sh

clean:  ## remove build/
	@rm -rf build
