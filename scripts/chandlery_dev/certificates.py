"""Certificates for servers on 127.0.0.1 and their clients, by openssl."""

import subprocess
from pathlib import Path

from .processes import Failure

DAYS = 365
RENEWED_BEFORE = 30 * 86400  # seconds before the end: a set-up that has started may run for days
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class CertificateAuthority:
    """Its files, NAME.crt and NAME.key, and those of what it issues are in the folder. They are made once, and again when they end soon."""

    def __init__(self, folder: Path, name: str):
        self._folder = folder
        self._name = name
        self.certificate = folder / f"{name}.crt"
        if not self._lasts(self.certificate):
            self._make(self.certificate, "req", "-x509", *KEY, "-keyout", f"{name}.key", "-days", str(DAYS), "-subj", f"/CN={name}")

    def issue(self, name: str, subject_alternative_names: str = "IP:127.0.0.1") -> tuple[Path, Path]:
        """A certificate for the common name, and its key."""
        certificate, key = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        if not self._lasts(certificate) or not self._is_signed(certificate):
            names = ["-addext", f"subjectAltName={subject_alternative_names}"]
            self._openssl("req", *KEY, "-keyout", key.name, "-out", f"{name}.csr", "-subj", f"/CN={name}", *names)
            authority = ["-CA", f"{self._name}.crt", "-CAkey", f"{self._name}.key", "-CAcreateserial"]
            self._make(certificate, "x509", "-req", "-in", f"{name}.csr", *authority, "-days", str(DAYS), "-copy_extensions", "copy")
        return certificate, key

    def _lasts(self, certificate: Path) -> bool:
        return certificate.exists() and self._says_yes("x509", "-in", certificate.name, "-noout", "-checkend", str(RENEWED_BEFORE))

    def _is_signed(self, certificate: Path) -> bool:
        """By this authority: it may have been renewed since."""
        return self._says_yes("verify", "-CAfile", self.certificate.name, certificate.name)

    def _says_yes(self, *arguments: str) -> bool:
        return subprocess.run(["openssl", *arguments], cwd=self._folder, capture_output=True, check=False).returncode == 0

    def _make(self, certificate: Path, *arguments: str) -> None:
        """The certificate comes last and as a whole: where it is, its key is too."""
        new = certificate.with_suffix(".new")
        self._openssl(*arguments, "-out", new.name)
        new.replace(certificate)

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self._folder, capture_output=True, text=True, umask=0o077, check=False)
        if done.returncode != 0:
            raise Failure(f"openssl {arguments[0]} failed in {self._folder}: {' '.join(done.stderr.split())}")
