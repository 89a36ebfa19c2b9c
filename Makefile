# `make help` tells what there is to make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
DATA_DIR ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/chandlery
PYTHON = PYTHONPATH=scripts scripts/ticking.py "$$(scripts/venv.sh test)/bin/python"
PYTHON_TO_RUN = PYTHONPATH=scripts "$$(scripts/venv.sh run)/bin/python"
aws_calls = $(CURDIR)/build/aws-calls
sources = $(shell git ls-files '*.cpp' '*.hpp')

.PHONY: help setup setup-build setup-run setup-images setup-test setup-lint setup-bench setup-cluster build images demo run test test-scripts unit integration e2e test-cluster test-node packaging docs test-bare fuzz bench format lint reference tidy alone tidy-changed clean

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 22

setup: setup-test setup-lint  ## install what building, testing and linting need; every target installs what it needs by itself

setup-build setup-run setup-images setup-test setup-lint setup-bench setup-cluster: setup-%:
	@scripts/setup.sh $*

build: setup-build  ## build the programs (Release) into build/release/bin
	@scripts/build.sh release

images: setup-images build  ## the programs' container images into build/images, with their bills of materials
	@scripts/ticking.py deploy/images/build.sh build/images

demo: setup-run build  ## the walkthrough on this machine: emulator, broker, control plane, a bucket, its credentials, and back
	@PYTHONPATH=scripts scripts/ticking.py "$$(scripts/venv.sh run)/bin/python" -m chandlery_dev demo

run: setup-run build  ## the same set-up, left running until Ctrl-C; state stays in DATA_DIR
	@$(PYTHON_TO_RUN) -m chandlery_dev run --data-dir "$(DATA_DIR)"

test: setup-test  ## every test that takes no real Kubernetes; one line for each of its levels at the end
	@MAKE="$(MAKE)" scripts/test.sh test-scripts unit integration e2e packaging docs

test-scripts: setup-test  ## the scripts that set a machine up, on machines that lack what they need
	@$(PYTHON) -m pytest -q tests/setup

unit: setup-test  ## unit tests, under address and undefined-behaviour sanitizers
	@python3 tests/layers.py
	@scripts/build.sh sanitize unit_tests
	@scripts/ticking.py ctest --preset sanitize --output-on-failure -j 2

integration: setup-test  ## the broker against the AWS emulator, under the same sanitizers
	@scripts/build.sh sanitize aws-servicebroker service-catalog
	@rm -rf "$(aws_calls)" && mkdir -p "$(aws_calls)"
	@CHANDLERY_AWS_CALLS="$(aws_calls)" CHANDLERY_BIN_DIR="$(CURDIR)/build/sanitize/bin" $(PYTHON) -m pytest -q -n 2 --dist worksteal tests/integration
	@CHANDLERY_AWS_CALLS="$(aws_calls)" CHANDLERY_BIN_DIR="$(CURDIR)/build/sanitize/bin" $(PYTHON) -m pytest -q tests/least_privilege

e2e: setup-test build  ## kubectl and other clients against the control plane
	@$(PYTHON) -m pytest -q -n 2 --dist worksteal -m "not cluster" tests/e2e

test-cluster: setup-test build  ## e2e against a real Kubernetes API server, the charts on one, then test-node (the first build takes minutes)
	@scripts/cluster-tools.sh etcd kube-apiserver kube-controller-manager >/dev/null
	@CHANDLERY_CONTROL_PLANE=cluster $(PYTHON) -m pytest -q -n 2 --dist worksteal -m "not local" tests/e2e
	@$(PYTHON) -m pytest -q -n 2 --dist loadfile -m cluster tests/charts
	@if [ "$$(id -u)" = 0 ] && [ -d /sys/fs/cgroup/memory ]; then $(MAKE) --no-print-directory test-node; \
		else echo "NOT RUN: make test-node, which takes root and control groups of version 1"; fi

test-node: setup-cluster images  ## the walkthrough with the charts' pods on a real node, in namespaces of its own (by root)
	@scripts/cluster-tools.sh etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns >/dev/null
	@set -e; for file in tests/node/test_*.py; do \
		unshare --mount --net --pid --cgroup --fork --kill-child --mount-proc \
			bash -c '"$$@"; exit $$?' init env $(PYTHON) -m pytest -q -x -s $$file; done

packaging: setup-test build  ## images, and charts as helm renders them
	@$(PYTHON) -m pytest -q -n 2 --dist loadfile -m "not cluster" tests/images tests/charts

docs: setup-test build  ## links, commands, flags and values of the documents; whether docs/reference is what the programs say
	@$(PYTHON) -m pytest -q tests/docs

test-bare:  ## `make demo` and `make test` on a bare Debian bookworm in build/bare (by root, with debootstrap)
	@tests/bare/run.sh

fuzz: setup-test  ## each fuzz target for SECONDS_EACH (10) over its corpus, from SEED (1)
	@scripts/build.sh fuzz fuzz_targets
	@scripts/ticking.py scripts/fuzz.sh

bench: setup-bench build  ## the measurements in bench/
	@scripts/build.sh release bench_broker bench_catalog bench_runtime
	@build/release/bin/bench_runtime
	@for program in bench/*/*.py; do $(PYTHON) $$program; done

format:  ## format the sources
	@clang-format-19 -i $(sources)

lint: setup-lint  ## formatting, layers, shell, Python, YAML, workflows, templates, words of the documents
	@scripts/ticking.py scripts/lint.sh

reference: setup-run build  ## docs/reference, from the programs' --help, the charts' values and the sources
	@$(PYTHON_TO_RUN) -m chandlery_dev.reference

tidy: setup-build setup-lint  ## clang-tidy over the programs' sources (a quarter of an hour)
	@cmake --preset dev >/dev/null
	@git ls-files 'src/*.cpp' 'apps/*.cpp' | scripts/ticking.py xargs -P "$$(nproc)" -n 3 sh -c 'clang-tidy-19 -p build/dev --quiet "$$@" 2>/dev/null && echo "clean: $$*"' sh

alone: setup-test  ## every C++ file compiled by itself, so that none lacks an include (half an hour)
	@scripts/build.sh dev all unit_tests

tidy-changed: setup-test setup-lint  ## clang-tidy over the C++ files that changed since main, and those of tests compiled alone
	@scripts/ticking.py scripts/tidy-changed.sh

clean:  ## remove build/
	@rm -rf build
