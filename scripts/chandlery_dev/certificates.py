"""Certificates for servers on 127.0.0.1 and their clients, by openssl."""

import subprocess
from pathlib import Path

from .processes import Failure

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class CertificateAuthority:
    """Its files, NAME.crt and NAME.key, and those of what it issues are in the folder, and are made once."""

    def __init__(self, folder: Path, name: str):
        self._folder = folder
        self._name = name
        self.certificate = folder / f"{name}.crt"
        if not self.certificate.exists():
            self._make(self.certificate, "req", "-x509", *KEY, "-keyout", f"{name}.key", "-days", "365", "-subj", f"/CN={name}")

    def issue(self, name: str, subject_alternative_names: str = "IP:127.0.0.1") -> tuple[Path, Path]:
        """A certificate for the common name, and its key."""
        certificate, key = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        if not certificate.exists():
            names = ["-addext", f"subjectAltName={subject_alternative_names}"]
            self._openssl("req", *KEY, "-keyout", key.name, "-out", f"{name}.csr", "-subj", f"/CN={name}", *names)
            authority = ["-CA", f"{self._name}.crt", "-CAkey", f"{self._name}.key", "-CAcreateserial"]
            self._make(certificate, "x509", "-req", "-in", f"{name}.csr", *authority, "-days", "365", "-copy_extensions", "copy")
        return certificate, key

    def _make(self, certificate: Path, *arguments: str) -> None:
        """The certificate comes last and as a whole: where it is, its key is too."""
        new = certificate.with_suffix(".new")
        self._openssl(*arguments, "-out", new.name)
        new.replace(certificate)

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self._folder, capture_output=True, text=True, umask=0o077, check=False)
        if done.returncode != 0:
            raise Failure(f"openssl {arguments[0]} failed in {self._folder}: {' '.join(done.stderr.split())}")
