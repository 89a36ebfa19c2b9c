"""Parts of the set-up that end by themselves are started again, until one has ended three times within ten minutes."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from .folder_lock import is_full
from .processes import Failure

MOST_DEATHS = 3
WINDOW_SECONDS = 600.0
FIRST_WAIT_SECONDS = 1.0  # before a part is started again; doubled each time
SUFFERING_SECONDS = 3.0  # after a failure, within which a part shows that it has ended, with all its helpers


class Part(Protocol):
    """As Process."""

    @property
    def name(self) -> str: ...
    @property
    def log(self) -> Path: ...
    def was_killed(self) -> bool: ...
    def how_it_ended(self) -> str: ...


class SetUp(Protocol):
    """As Stack."""

    @property
    def folder(self) -> Path: ...
    def start(self) -> object: ...
    def ended(self) -> Sequence[Part]: ...


class Restarts:
    def __init__(self, stack: SetUp):
        self._stack = stack
        self._deaths: dict[str, list[float]] = {}

    def keep(self, tell: Callable[[], None]) -> None:
        """Starts the set-up and keeps it running; `tell` is called once, when it is up. Ends by exceptions only."""
        is_told = False
        while True:
            try:
                self._stack.start()
                if is_told:
                    print("It is running again", flush=True)
                else:
                    tell()
                    is_told = True
                while not self._stack.ended():
                    time.sleep(0.2)
            except Exception:
                # What fails while a part is dead fails because of that.
                if not self._has_ended_part():
                    raise
            self._wait_after_deaths()

    def _has_ended_part(self) -> bool:
        deadline = time.monotonic() + SUFFERING_SECONDS
        while not self._stack.ended():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _wait_after_deaths(self) -> None:
        if not self._stack.ended()[0].was_killed():
            time.sleep(1.0)  # it may have given up because another part was killed, which is still ending
        ended = self._stack.ended()
        # In the order in which they need each other: the first one has not suffered from the others.
        waits = [self._note_death(part) for part in [ended[0], *(part for part in ended[1:] if part.was_killed())]]
        time.sleep(max(waits))

    def _note_death(self, part: Part) -> float:
        """Tells of it; the wait before it is started again."""
        now = time.monotonic()
        deaths = [*(at for at in self._deaths.get(part.name, []) if now - at < WINDOW_SECONDS), now]
        self._deaths[part.name] = deaths
        line = f"{part.name} has ended {part.how_it_ended()}; its log is {part.log}"
        if is_full(self._stack.folder):
            line += f"; no space is left in {self._stack.folder}"
        if len(deaths) >= MOST_DEATHS:
            raise Failure(f"{line}; it was the third time within {WINDOW_SECONDS / 60:g} minutes")
        wait = FIRST_WAIT_SECONDS * 2 ** (len(deaths) - 1)
        print(f"{line}; it is started again in {wait:g} s", flush=True)
        return wait
