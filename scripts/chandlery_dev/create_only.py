"""src/broker/replacement/create_only.json: which properties of a resource CloudFormation cannot change in place, by its resource schemas.

python -m chandlery_dev.create_only writes it anew, of the schemas that the cfn-lint of scripts/requirements/test.in brings and for the types that
src/broker/replacement/data_resources.yaml names; tests/integration/test_replacement_facts.py fails where it is not what this would write.
"""

import json
from pathlib import Path

import cfnlint
import yaml

from .processes import REPOSITORY

FOLDER = REPOSITORY / "src/broker/replacement"
TABLE = FOLDER / "create_only.json"
SCHEMAS = Path(cfnlint.__file__).parent / "data/schemas"
KEYS = {"createOnly": "createOnlyProperties", "conditional": "conditionalCreateOnlyProperties"}


def known_types() -> dict:
    return yaml.safe_load((FOLDER / "data_resources.yaml").read_text())


def schemas_of_regions() -> dict[str, list[dict]]:
    """For each resource type all the schemas that there are of it: a region may have an older one."""
    digests: dict[str, set[str]] = {}
    for provider in (SCHEMAS / "providers").glob("*-*.json"):
        for name, digest in json.loads(provider.read_text()).items():
            digests.setdefault(name, set()).add(digest)
    wanted = {*known_types()["data"], *known_types()["no_data"]}
    return {name: [json.loads((SCHEMAS / f"resources/{digest}.json").read_text()) for digest in digests[name]] for name in wanted & set(digests)}


def entry(schemas: list[dict]) -> dict:
    """What any of the regions has, with the properties as paths: "EncryptionAtRestOptions/Enabled"."""
    paths = {key: sorted({pointer.removeprefix("/properties/") for schema in schemas for pointer in schema.get(name, [])}) for key, name in KEYS.items()}
    return {key: found for key, found in paths.items() if found}


def table() -> str:
    lines = [f"  {json.dumps(name)}: {json.dumps(entry(schemas))}" for name, schemas in sorted(schemas_of_regions().items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TABLE.write_text(table())
