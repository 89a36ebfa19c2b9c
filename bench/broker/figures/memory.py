"""Resident memory with 0, 100 and 10,000 stored instances, in SQLite and in DynamoDB (the emulator's)."""

import json
import sqlite3
import tempfile
from pathlib import Path

from chandlery_dev.emulator import Emulator
from osb_client import new_id

from .common import Broker, Figure, running

STORED = (0, 100, 10_000)
MOST_MIB, GO_MIB = 20, 33
TABLE = "bench"


def measure() -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
        folder = Path(name)
        with running(Emulator(folder)) as emulator:
            _make_table(emulator)
            stores = {"SQLite": ([], _multiply_rows), "DynamoDB": (["--store", f"dynamodb:{TABLE}"], _multiply_items)}
            for store, (options, multiply) in stores.items():
                _make_instance(folder, emulator, options)
                for count in STORED:
                    multiply(folder, emulator, count)
                    figures.append(_resident(folder, emulator, options, store, count))
    return figures


def _make_instance(folder: Path, emulator: Emulator, options: list[str]) -> None:
    """The one that the others are copies of."""
    with running(Broker(folder, emulator.environment(), *options)) as broker:
        broker.client().provisioned(new_id())


def _resident(folder: Path, emulator: Emulator, options: list[str], store: str, count: int) -> Figure:
    with running(Broker(folder, emulator.environment(), *options)) as broker:
        osb = broker.client()
        for _ in range(20):
            osb.call("GET", "/v2/catalog")
            osb.call("GET", f"/v2/service_instances/{new_id()}")
        resident = broker.resident_mebibytes()
    go = {"of_go": GO_MIB} if count == 0 else {}
    return Figure(f"memory with {count:,} instances in {store}", resident, "MiB", at_most=MOST_MIB, **go)


def _multiply_rows(folder: Path, _: Emulator, count: int) -> None:
    with sqlite3.connect(folder / "broker/broker.sqlite") as database:
        row = database.execute("SELECT kind, id, parent, version, body FROM records WHERE kind = 'instance' LIMIT 1").fetchone()
        database.execute("DELETE FROM records WHERE kind = 'instance' AND id != ?", (row[1],))
        copies = (_renamed(row, row[1]) for _ in range(count - 1))
        database.executemany("INSERT INTO records (kind, id, parent, version, body) VALUES (?, ?, ?, ?, ?)", copies)
    database.close()


def _renamed(row: tuple, old: str) -> tuple:
    new = new_id()
    return tuple(part.replace(old, new) if isinstance(part, str) else part for part in row)


def _make_table(emulator: Emulator) -> None:
    key = [("id", "HASH"), ("userid", "RANGE")]
    index = [("type", "HASH"), ("userid", "RANGE")]
    emulator.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in key],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "userid", "type")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "type-userid-index",
                "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in index],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _multiply_items(_: Path, emulator: Emulator, count: int) -> None:
    dynamodb = emulator.client("dynamodb")
    items = [item for item in dynamodb.scan(TableName=TABLE)["Items"] if item["type"]["S"] == "serviceinstance"]
    text, old = json.dumps(items[0]), items[0]["id"]["S"]
    copies = [json.loads(text.replace(old, new_id())) for _ in range(count - len(items))]
    for begin in range(0, len(copies), 25):
        requests = [{"PutRequest": {"Item": item}} for item in copies[begin : begin + 25]]
        dynamodb.batch_write_item(RequestItems={TABLE: requests})
