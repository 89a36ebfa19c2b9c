"""The AWS emulator (ministack) with what it has acknowledged on disk before it answers.

    STATE_DIR=FOLDER PERSIST_STATE=1 hypercorn chandlery_dev.lasting_emulator:app

By itself it writes its state when it ends in peace, and its stacks have no task any more when it starts again. Here a request that may have
changed something is answered after all services' states have been written, in one transaction, so that kill -9 at any time loses nothing that
somebody was told; and stacks that were in progress go on when it starts (stack_operations.py). Objects in buckets are files that it writes itself.
"""

import asyncio
import hashlib
import json
import logging
import os
import re
import sqlite3
from pathlib import Path
from urllib.parse import parse_qs

logger = logging.getLogger("lasting_emulator")
FOLDER = Path(os.environ["STATE_DIR"])
UPDATES = "chandlery-updates"  # our own, beside the services' states
TICK_SECONDS = 0.5
READING = re.compile(r"(Describe|List|Get|Head|Query|Scan|BatchGet|Simulate|Lookup|Validate|Estimate|Detect)[A-Z]|(Query|Scan)$")


class StateFile:
    """The services' states as JSON texts. One write is one transaction: a kill leaves the one before, whole."""

    def __init__(self, file: Path):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS services (name TEXT PRIMARY KEY, state TEXT NOT NULL)")
        self._written = {name: self._digest(text) for name, text in self.read().items()}

    def read(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT name, state FROM services"))

    def write(self, states: dict[str, str]) -> None:
        changed = {name: text for name, text in states.items() if self._written.get(name) != self._digest(text)}
        if not changed:
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT OR REPLACE INTO services VALUES (?, ?)", changed.items())
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._written |= {name: self._digest(text) for name, text in changed.items()}

    @staticmethod
    def _digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()


file = StateFile(FOLDER / "state.db")
if kept := file.read():  # the emulator reads files of these names when it starts
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for service, text in kept.items():
        if service != UPDATES:
            (FOLDER / f"{service}.json").write_text(text)

from ministack import app as ministack  # noqa: E402 - it may read the files as soon as it is imported
from ministack.core import persistence  # noqa: E402

from . import stack_operations  # noqa: E402

updates = stack_operations.Updates(json.loads(kept.get(UPDATES, "{}"), object_hook=persistence._json_object_hook))


class Saving:
    def __init__(self) -> None:
        self.is_due = False
        self._failure = ""

    def save(self) -> None:
        """Everything, as it is now: nothing else runs on this loop meanwhile."""
        self.is_due = False
        try:
            file.write(self._states())
            self._failure = ""
        except (OSError, sqlite3.Error) as error:
            self.is_due = True
            if str(error) != self._failure:
                logger.error("The state cannot be written to %s: %s", FOLDER, error)
            self._failure = str(error)

    @staticmethod
    def _states() -> dict[str, str]:
        stack_operations.forget_old_stacks()
        updates.forget_ended()
        states = {}
        for name, get_state in ministack._build_persistence_save_dict().items():
            state = _settled(get_state)
            if state is None:
                continue
            content = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
            states[name] = json.dumps(content, default=persistence._json_default)
        states[UPDATES] = json.dumps(updates.before, default=persistence._json_default)
        return states

    async def keep_saving(self) -> None:
        """What changes without a request: stacks in progress, functions."""
        was_busy = False
        while True:
            await asyncio.sleep(TICK_SECONDS)
            busy = any(stack_operations.in_progress())
            if self.is_due or busy or was_busy:
                self.save()
            was_busy = busy


def _settled(get_state):
    """The copy of a state that a worker thread may be changing."""
    for attempt in range(20):
        try:
            return get_state()
        except RuntimeError:  # a dictionary changed its size while it was copied
            if attempt == 19:
                raise
    return None


saving = Saving()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await _lifespan(scope, receive, send)
        return
    if scope["type"] != "http":
        await ministack.app(scope, receive, send)
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    form: dict[str, list[str]] = {}
    if scope["method"] == "POST" and "x-www-form-urlencoded" in headers.get("content-type", ""):
        body, receive = await _read(receive)
        form = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    action = headers.get("x-amz-target", "").split(".")[-1] or form.get("Action", [""])[0]
    changes = scope["method"] not in ("GET", "HEAD", "OPTIONS") and not READING.match(action)
    stack_name = form.get("StackName", [""])[0]
    before = stack_operations.copy_of(stack_name) if action == "UpdateStack" else None

    async def answer(message):
        if message["type"] == "http.response.start":
            if before is not None and message["status"] == 200:
                updates.begun(before)
            if action == "DeleteStack" and message["status"] == 200:
                stack_operations.mark_deleting(stack_name)
            saving.is_due = True
            if changes:
                saving.save()
        await send(message)

    await ministack.app(scope, receive, answer)


async def _read(receive):
    """The body, and a `receive` that gives it again."""
    messages = []
    while True:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    body = b"".join(message.get("body", b"") for message in messages)

    async def again():
        return messages.pop(0) if messages else await receive()

    return body, again


async def _lifespan(scope, receive, send):
    tasks: list[asyncio.Task] = []

    async def received():
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            for task in tasks:
                task.cancel()
            saving.save()
        return message

    async def started(message):
        if message["type"] == "lifespan.startup.complete":
            tasks.append(asyncio.create_task(stack_operations.go_on(updates)))
            tasks.append(asyncio.create_task(saving.keep_saving()))
        await send(message)

    await ministack.app(scope, received, started)
