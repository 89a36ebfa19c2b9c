"""What the broker knows of replacements, beside the resource schemas of CloudFormation that cfn-lint brings.

After a new cfn-lint: python -m chandlery_dev.create_only, then python tests/replacement_oracle.py, and look at what has changed.
"""

import pytest
from chandlery_dev.create_only import TABLE, known_types, schemas_of_regions, table
from chandlery_dev.templates import class_names
from replacement_oracle import GOLDEN, document, load


def test_the_table_is_what_the_schemas_say():
    assert TABLE.read_text() == table()


def test_what_is_expected_of_updates_is_what_templates_and_schemas_say():
    assert GOLDEN.read_text() == document()


@pytest.mark.parametrize("name", class_names())
def test_every_type_of_a_template_is_known(name):
    known = known_types()
    kinds = {resource["Type"] for resource in load(name).get("Resources", {}).values()}
    assert kinds <= {*known["data"], *known["no_data"]}


def test_exceptions_are_about_properties_that_the_schemas_have():
    known, schemas = known_types(), schemas_of_regions()
    assert not set(known["data"]) & set(known["no_data"])

    def pointers(name: str, key: str) -> set[str]:
        return {pointer.removeprefix("/properties/") for schema in schemas.get(name, []) for pointer in schema.get(key, [])}

    for exceptions in (known["in_place"], known["in_place_when_added"]):
        for name, properties in exceptions.items():
            assert set(properties) <= pointers(name, "conditionalCreateOnlyProperties") | set(known["beyond_schema"].get(name, [])), name
    for name, properties in known["beyond_schema"].items():
        assert name in known["data"]
        assert not set(properties) & pointers(name, "createOnlyProperties"), name
    for name, properties in known["data_elsewhere"].items():
        assert name in known["data"] and all(set(properties) <= set(schema["properties"]) for schema in schemas[name])


def test_types_of_the_lists_exist():
    known = known_types()
    ours = {name for name in (*known["data"], *known["no_data"]) if name.startswith("AWS::Serverless::")}  # of the transform
    assert {*known["data"], *known["no_data"]} - set(schemas_of_regions()) == ours
