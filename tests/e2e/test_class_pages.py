"""The catalog accepts the manifest on each page of docs/classes, and the page lists the parameters that the catalog has."""

import json
import re

import documents
import pytest
import yaml
from chandlery_dev import class_pages
from chandlery_dev.walkthrough import class_id, plan_id


@pytest.mark.parametrize("name", class_pages.class_names())
def test_the_manifest_of_a_class_page_is_accepted(stack, stack_namespace, name):
    kubectl = stack.in_namespace(stack_namespace)
    (manifest,) = [text for info, text in documents.blocks(class_pages.FOLDER / f"{name}.md") if info == "yaml"]
    instance, binding = (
        json.loads(kubectl("create", "--dry-run=server", "-o", "json", "-f", "-", stdin=json.dumps(one))) for one in yaml.safe_load_all(manifest)
    )
    assert instance["spec"]["clusterServiceClassRef"] == {"name": class_id(name)}
    assert binding["spec"]["secretName"] == binding["metadata"]["name"]


@pytest.mark.parametrize("name", class_pages.class_names())
def test_a_class_page_has_the_parameters_of_each_plan(stack, name):
    page = (class_pages.FOLDER / f"{name}.md").read_text()
    offered = page.partition("## Parameters")[2].partition("\n## ")[0].partition("\n### ")[0]
    common = {row[0] for row in class_pages.COMMON_PARAMETERS}
    described = class_pages.Class(name)
    listed = set(re.findall(r"^\| `(\w+)` \|", offered, re.M))
    in_a_plan = set()
    for plan in described.plans:
        schema = stack.get(f"clusterserviceplan/{plan_id(name, plan)}")["spec"]["instanceCreateParameterSchema"]
        assert common <= set(schema["properties"])
        own = set(schema["properties"]) - common
        assert own == {parameter for parameter in described.parameters if plan in described.offered_in(parameter)}
        required = set(schema.get("required", []))
        assert required == {parameter for parameter in own if described.default_of(parameter, plan) is None}
        in_a_plan |= own
    assert listed == in_a_plan
