"""The signatures that the unit tests compare ours with are those that the installed botocore makes."""

import importlib.util
import json

from chandlery_dev.processes import REPOSITORY

FOLDER = REPOSITORY / "tests/data/sigv4"


def test_the_committed_signatures_are_botocore_s():
    spec = importlib.util.spec_from_file_location("generate", FOLDER / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    committed = json.loads((FOLDER / "requests.json").read_text())["requests"]
    assert len(committed) >= 200
    assert generate.cases() == committed
