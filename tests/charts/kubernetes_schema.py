"""Whether an object has only fields that Kubernetes knows, of the right types: its own API description, as it is in the `kubernetes` package."""

import re
from collections.abc import Iterator

from kubernetes import client

PLAIN = {"str": str, "bytes": str, "int": int, "float": (int, float), "bool": bool, "datetime": str, "object": object}
# Kinds that Kubernetes itself does not have.
FOREIGN = {"servicecatalog.k8s.io", "cert-manager.io", "monitoring.coreos.com"}


def problems(manifest: dict) -> list[str]:
    group, _, version = manifest["apiVersion"].rpartition("/")
    if group in FOREIGN:
        return []
    model = f"V{version[1:]}{manifest['kind']}"
    if not hasattr(client, model):
        return [f"there is no kind {manifest['kind']} in {manifest['apiVersion']}"]
    return list(_problems(manifest, model, manifest["kind"]))


def _problems(value: object, type_: str, path: str) -> Iterator[str]:
    if of_list := re.fullmatch(r"List\[(.+)\]", type_):
        if not isinstance(value, list):
            yield f"{path} is no list"
            return
        for i, each in enumerate(value):
            yield from _problems(each, of_list[1], f"{path}[{i}]")
    elif of_dict := re.fullmatch(r"Dict\[str, (.+)\]", type_):
        if not isinstance(value, dict):
            yield f"{path} is no map"
            return
        for key, each in value.items():
            yield from _problems(each, of_dict[1], f"{path}.{key}")
    elif type_ in PLAIN:
        expected = PLAIN[type_]
        # In Python a boolean is an integer too, and a quantity or a port may be either number or text.
        if not isinstance(value, expected) or (isinstance(value, bool) and type_ in ("int", "float")):
            yield f"{path} is {value!r}, not of type {type_}"
    else:
        yield from _problems_of_model(value, getattr(client, type_), path)


def _problems_of_model(value: object, model: type, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is {value!r}, not an object"
        return
    attributes = {json_name: name for name, json_name in model.attribute_map.items()}
    for key, each in value.items():
        if key not in attributes:
            yield f"{path} has no field {key}"
        elif each is not None:
            yield from _problems(each, model.openapi_types[attributes[key]], f"{path}.{key}")
    try:
        model(**{attributes[key]: each for key, each in value.items() if key in attributes})
    except ValueError as error:  # what is required, and ranges
        yield f"{path}: {error}"
