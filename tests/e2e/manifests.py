"""Objects of the catalog as kubectl is given them."""

import json

API = "servicecatalog.k8s.io/v1beta1"


def manifest(kind: str, name: str, spec: dict, **metadata) -> str:
    return json.dumps({"apiVersion": API, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec})
