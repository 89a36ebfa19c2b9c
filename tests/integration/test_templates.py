"""Templates as CloudFormation gets them, and `aws-servicebroker lint`."""

import subprocess
import sys
from pathlib import Path

import pytest
from chandlery_dev.templates import FOLDER, class_names, expanded


@pytest.mark.parametrize("name", class_names())
def test_cloudformation_s_own_schemas_agree(name, tmp_path):
    file = tmp_path / "template.json"
    file.write_text(expanded(name))
    cfn_lint = Path(sys.executable).parent / "cfn-lint"
    done = subprocess.run([cfn_lint, "--non-zero-exit-code", "error", file], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert len(file.read_text()) < 51_200, "longer ones do not go into a CreateStack request"


def lint(bin_dir, *arguments) -> subprocess.CompletedProcess:
    command = [bin_dir / "aws-servicebroker", "lint", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_lint_tells_what_a_template_offers(bin_dir):
    done = lint(bin_dir, *sorted(FOLDER.glob("*-main.yaml")))
    assert done.returncode == 0
    assert f"{FOLDER}/s3-main.yaml: the class s3 with 2 plans and 7 resources\n" in done.stdout


def test_lint_warns_of_what_takes_a_bucket(bin_dir, tmp_path):
    file = tmp_path / "s3-main.yaml"
    file.write_text((FOLDER / "s3-main.yaml").read_text().replace("LongDescription: A private", "LongDescription: A private" + "." * 51_200))
    done = lint(bin_dir, file)
    assert done.returncode == 0, done.stderr
    (warning,) = [line for line in done.stderr.splitlines() if "51200" in line]
    assert warning.startswith(f"{file}: warning: it has ")
    assert "--s3Bucket" in warning


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "malformed YAML at line 1"),
        ("[]", "no YAML map"),
        ("Resources: {}", "AWS::ServiceBroker::Specification"),
        ("&a [*a, *a]", "YAML"),
    ],
)
def test_lint_says_what_is_wrong_where(bin_dir, tmp_path, text, says):
    file = tmp_path / "wrong-main.yaml"
    file.write_text(text)
    done = lint(bin_dir, file, FOLDER / "s3-main.yaml")
    assert done.returncode == 1
    assert str(file) in done.stderr
    assert says in done.stderr
    assert "the class s3" in done.stdout, "the others are checked all the same"
    assert lint(bin_dir, tmp_path / "none.yaml").returncode == 1
    assert lint(bin_dir).returncode == 2
