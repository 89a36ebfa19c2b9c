"""What tests of our programs need: the programs, the AWS emulator, a control plane, the whole set-up. Each worker has its own."""

import uuid

import pytest

pytest.register_assert_rewrite("osb_client")
from chandlery_dev.emulator import Emulator
from chandlery_dev.stack import Stack
from chandlery_dev.stack import bin_dir as find_bin_dir


def pytest_configure(config):
    config.addinivalue_line("markers", "local: about `service-catalog local` itself, whatever the control plane of the other tests is")
    config.addinivalue_line("markers", "cluster: only a real API server can show it")


@pytest.fixture(scope="session")
def bin_dir():
    return find_bin_dir()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    emulator = Emulator(tmp_path_factory.mktemp("emulator"))
    yield emulator.start()
    emulator.stop()


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory):
    """A control plane with the catalog, without broker and emulator. CHANDLERY_CONTROL_PLANE says which: local or cluster."""
    stack = Stack(tmp_path_factory.mktemp("control-plane"))
    stack.start_control_plane()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """Emulator, prerequisites, broker (registered) and control plane."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    try:
        yield stack.start()
    finally:
        stack.stop()


@pytest.fixture
def own_stack(tmp_path):
    """The same, not started, for tests that kill parts of it."""
    stack = Stack(tmp_path)
    yield stack
    stack.stop()


def _namespace(stack):
    name = f"test-{uuid.uuid4().hex[:10]}"
    stack.kubectl("create", "-f", "-", stdin=f'{{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "{name}"}}}}')
    yield name
    # A real namespace controller waits for five seconds before each of its two rounds; only what needs the test's broker is waited for.
    if stack.kubectl("get", "namespace", name, "--ignore-not-found"):
        stack.kubectl("delete", "-n", name, "servicebindings,serviceinstances,servicebrokers", "--all", "--timeout=60s")
        stack.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def namespace(control_plane):
    yield from _namespace(control_plane)


@pytest.fixture
def stack_namespace(stack):
    yield from _namespace(stack)
