"""The certificates of a set-up that is kept are renewed before they end."""

import subprocess

import pytest
from chandlery_dev import certificates
from chandlery_dev.certificates import CertificateAuthority


def lasts(folder, certificate, days: int) -> bool:
    return subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-checkend", str(days * 86400)], cwd=folder, capture_output=True, check=False).returncode == 0


def is_signed_by(folder, certificate, authority) -> bool:
    return subprocess.run(["openssl", "verify", "-CAfile", authority, certificate], cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.fixture
def make(tmp_path, monkeypatch):
    def make(days: int):
        monkeypatch.setattr(certificates, "DAYS", days, raising=False)
        authority = CertificateAuthority(tmp_path, "ca")
        certificate, key = authority.issue("server")
        return authority.certificate.read_bytes(), certificate.read_bytes(), key.read_bytes()

    return make


def test_they_are_made_once(make):
    assert make(365) == make(365)


def test_those_that_end_soon_are_made_again(make, tmp_path):
    before = make(2)
    after = make(365)
    assert before[0] != after[0] and before[1] != after[1]
    assert all(lasts(tmp_path, name, 300) for name in ("ca.crt", "server.crt"))
    assert is_signed_by(tmp_path, "server.crt", "ca.crt")


def test_a_renewed_authority_issues_again(make, tmp_path):
    _, before, _ = make(365)
    (tmp_path / "ca.crt").unlink()
    _, after, _ = make(365)
    assert before != after
    assert is_signed_by(tmp_path, "server.crt", "ca.crt")
