"""Every state that a kind's objects go through, as `kubectl get -w` shows them."""

import json
from collections.abc import Callable
from pathlib import Path

from .processes import Process, wait_until
from .shell import Shell


class Watch:
    """Begins before its `with` block is entered; ends with it."""

    def __init__(self, shell: Shell, kind: str, namespace: str, log: Path):
        command = ["kubectl", "get", kind, "-n", namespace, "-w", "-o", "json", "--output-watch-events", "-v=6"]
        self._log = log
        self._process = Process(f"the watch of {kind}", command, log, shell.environment)

    def __enter__(self) -> "Watch":
        self._log.unlink(missing_ok=True)
        self._process.start()
        wait_until("the watch", lambda: "watch=true" in self._process.output(), 20)
        return self

    def __exit__(self, *_exception) -> None:
        self._process.stop()

    def states(self) -> list[dict]:
        decoder = json.JSONDecoder()
        text = self._process.output()
        states = []
        at = text.find('{"type"') if '{"type"' in text else text.find("\n{\n")
        while at >= 0:
            try:
                event, end = decoder.raw_decode(text, text.index("{", at))
            except ValueError:
                break  # the last one is still being written
            states.append(event["object"])
            at = text.find("{", end)
        return states

    def first(self, what: str, condition: Callable[[dict], bool]) -> dict:
        return wait_until(what, lambda: next((one for one in self.states() if condition(one)), None), 20)
