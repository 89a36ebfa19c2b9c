"""The walkthrough, on a control plane and a broker of its own."""

import pytest
from chandlery_dev.stack import Stack
from chandlery_dev.walkthrough import Walkthrough


@pytest.mark.parametrize("store", [pytest.param("sqlite", marks=pytest.mark.local), "dynamodb:awssb"])
def test_the_walkthrough_prints_what_it_must(tmp_path, store):
    stack = Stack(tmp_path, store=f"sqlite:{tmp_path}/broker.db" if store == "sqlite" else store)
    try:
        stack.emulator.start()
        Walkthrough(stack, show=False).run()
        for process in (stack.broker, stack.control_plane):
            log = process.output()
            assert stack.secrets_in(log) == [], f"a secret is in the log of {process.name}"
    finally:
        stack.stop()
