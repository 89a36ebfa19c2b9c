# `make help` tells what there is to make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
DATA_DIR ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/chandlery
PYTHON = "$$(scripts/venv.sh)/bin/python"
aws_calls = $(CURDIR)/build/aws-calls
sources = $(shell git ls-files '*.cpp' '*.hpp')

.PHONY: help setup build images demo run test unit integration e2e test-cluster test-node packaging docs fuzz bench format lint reference tidy clean

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 22

setup:  ## install what is missing: Debian packages, kubectl, the Python environment
	@scripts/install-packages.sh
	@scripts/venv.sh >/dev/null

build: setup  ## build the programs (Release) into build/release/bin
	@cmake --preset release >/dev/null
	@cmake --build --preset release

images: build  ## the programs' container images into build/images, with their bills of materials
	@deploy/images/build.sh build/images

demo: build  ## the walkthrough on this machine: emulator, broker, control plane, a bucket, its credentials, and back
	@PYTHONPATH=scripts $(PYTHON) -m chandlery_dev demo

run: build  ## the same set-up, left running until Ctrl-C; state stays in DATA_DIR
	@PYTHONPATH=scripts $(PYTHON) -m chandlery_dev run --data-dir "$(DATA_DIR)"

test: unit integration e2e packaging docs  ## every test

unit: setup  ## unit tests, under address and undefined-behaviour sanitizers
	@python3 tests/layers.py
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev --target unit_tests
	@ctest --preset dev --output-on-failure -j 2

integration: setup  ## the broker against the AWS emulator, under the same sanitizers
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev --target aws-servicebroker service-catalog
	@rm -rf "$(aws_calls)" && mkdir -p "$(aws_calls)"
	@CHANDLERY_AWS_CALLS="$(aws_calls)" CHANDLERY_BIN_DIR="$(CURDIR)/build/dev/bin" PYTHONPATH=scripts $(PYTHON) -m pytest -q -n 2 --dist worksteal tests/integration
	@CHANDLERY_AWS_CALLS="$(aws_calls)" CHANDLERY_BIN_DIR="$(CURDIR)/build/dev/bin" PYTHONPATH=scripts $(PYTHON) -m pytest -q tests/least_privilege

e2e: build  ## kubectl and other clients against the control plane
	@PYTHONPATH=scripts $(PYTHON) -m pytest -q -n 2 --dist worksteal -m "not cluster" tests/e2e

test-cluster: build  ## the same tests against a real Kubernetes API server, then test-node (the first build takes minutes)
	@scripts/cluster-tools.sh etcd kube-apiserver kube-controller-manager >/dev/null
	@CHANDLERY_CONTROL_PLANE=cluster PYTHONPATH=scripts $(PYTHON) -m pytest -q -n 2 --dist worksteal -m "not local" tests/e2e
	@if [ "$$(id -u)" = 0 ] && [ -d /sys/fs/cgroup/memory ]; then $(MAKE) --no-print-directory test-node; \
		else echo "NOT RUN: make test-node, which takes root and control groups of version 1"; fi

test-node: images  ## the walkthrough with the charts' pods on a real node, in namespaces of its own (by root)
	@scripts/cluster-tools.sh etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns helm >/dev/null
	@set -e; for file in tests/node/test_*.py; do \
		PYTHONPATH=scripts unshare --mount --net --pid --cgroup --fork --kill-child --mount-proc \
			bash -c '"$$@"; exit $$?' init $(PYTHON) -m pytest -q -x -s $$file; done

packaging: build  ## images and charts
	@PYTHONPATH=scripts $(PYTHON) -m pytest -q -n 2 --dist loadfile tests/images tests/charts

docs: build  ## links, commands, flags and values of the documents; whether docs/reference is what the programs say
	@PYTHONPATH=scripts $(PYTHON) -m pytest -q tests/docs

fuzz: setup  ## each fuzz target for SECONDS_EACH (10) over its corpus, from SEED (1)
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz --target fuzz_targets
	@scripts/fuzz.sh

bench: build  ## the measurements in bench/
	@cmake --build --preset release --target bench_broker bench_catalog bench_runtime
	@build/release/bin/bench_runtime
	@for program in bench/*/*.py; do PYTHONPATH=scripts $(PYTHON) $$program; done

format:  ## format the sources
	@clang-format-19 -i $(sources)

lint: setup  ## formatting, layers, templates
	@clang-format-19 --dry-run -Werror $(sources)
	@python3 tests/layers.py
	@"$$(scripts/venv.sh)/bin/cfn-lint" --non-zero-exit-code error deploy/prerequisites.yaml templates/injected-user.yaml

reference: build  ## docs/reference, from the programs' --help, the charts' values and the sources
	@PYTHONPATH=scripts $(PYTHON) -m chandlery_dev.reference

tidy: build  ## clang-tidy over the programs' sources (a quarter of an hour)
	@git ls-files 'src/*.cpp' 'apps/*.cpp' | xargs -P "$$(nproc)" -n 3 sh -c 'clang-tidy-19 -p build/release --quiet "$$@" 2>/dev/null && echo "clean: $$*"' sh

clean:  ## remove build/
	@rm -rf build
