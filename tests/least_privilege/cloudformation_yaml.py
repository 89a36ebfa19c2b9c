"""CloudFormation's YAML: !Ref X becomes {"Ref": "X"}, as all its short forms do."""

import yaml


class _Template(yaml.SafeLoader):
    pass


def _short_form(loader: yaml.Loader, tag: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    return {tag: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else loader.construct_mapping(node, deep=True)}


_Template.add_multi_constructor("!", _short_form)


def load(text: str) -> dict:
    return yaml.load(text, _Template)  # noqa: S506 - a SafeLoader
