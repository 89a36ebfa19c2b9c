"""start_programs.py WORK PROGRAM=ROOT...: runs in namespaces of its own, and starts each program from its root as a node would."""

import os
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from chandlery_dev.processes import Process, wait_until

USER = "65532"
AWS_PORT = 4443
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "AWS_ENDPOINT_URL": f"https://aws.test:{AWS_PORT}",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
}


def run(*command) -> None:
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


def mount_root(root: Path, data: Path, ca: Path, resolv_conf: Path) -> None:
    """Read-only, with /data to write to, and what a node mounts into each container."""
    (root / "etc/resolv.conf").touch()
    run("mount", "--bind", root, root)
    run("mount", "--bind", data, root / "data")
    run("mount", "--bind", resolv_conf, root / "etc/resolv.conf")
    run("mount", "--bind", ca, root / "etc/ssl/certs/ca-certificates.crt")
    run("mount", "-o", "remount,bind,ro", root)


def in_root(root: Path, program: str, *arguments) -> list[str]:
    return ["chroot", f"--userspec={USER}:{USER}", str(root), f"/usr/local/bin/{program}", *arguments]


def serve_names() -> None:
    """Every name of type A is 127.0.0.1; what else is asked for there is none of."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def answer() -> None:
        while True:
            query, client = server.recvfrom(512)
            end = query.index(b"\0", 12) + 5
            is_a = query[end - 4 : end - 2] == b"\0\1"
            header = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_a else b"\0\0") + b"\0\0\0\0"
            record = b"\xc0\x0c\0\1\0\1\0\0\0\x01\0\x04" + socket.inet_aton("127.0.0.1")
            server.sendto(header + query[12:end] + (record if is_a else b""), client)

    threading.Thread(target=answer, daemon=True).start()


class Aws(BaseHTTPRequestHandler):
    """Knows who asks, and nothing else."""

    asked = 0

    def do_POST(self):  # noqa: N802 - the name that http.server calls
        Aws.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        identity = "<Arn>arn:aws:iam::000000000000:user/image</Arn><UserId>image</UserId><Account>000000000000</Account>"
        body = f"<GetCallerIdentityResponse><GetCallerIdentityResult>{identity}</GetCallerIdentityResult></GetCallerIdentityResponse>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def serve_aws(work: Path) -> Path:
    """Over TLS; returns the certificate of who is to be trusted."""
    certificate, key = work / "aws.crt", work / "aws.key"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=aws.test",
        "-addext", "subjectAltName=DNS:aws.test", "-keyout", key, "-out", certificate)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", AWS_PORT), Aws)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return certificate


def answers(process: Process, url: str, text: str) -> bool:
    process.check()
    context = ssl._create_unverified_context() if url.startswith("https") else None  # noqa: S323 - whose certificate is not the subject here
    with urllib.request.urlopen(url, timeout=5, context=context) as answer:
        return text in answer.read().decode()


def main() -> None:
    work = Path(sys.argv[1])
    roots = {name: Path(root) for name, _, root in (each.partition("=") for each in sys.argv[2:])}
    run("ip", "link", "set", "lo", "up")
    serve_names()
    certificate = serve_aws(work)
    data = work / "data"
    data.mkdir()
    os.chown(data, int(USER), int(USER))
    (work / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    for root in roots.values():
        mount_root(root, data, certificate, work / "resolv.conf")

    def start(program: str, *arguments: str) -> Process:
        return Process(program, in_root(roots[program], program, *arguments), work / f"{program}.log", ENVIRONMENT).start()

    broker = start("aws-servicebroker", "--insecure", "--data-dir", "/data/broker")
    wait_until("the broker being ready", lambda: answers(broker, "http://127.0.0.1:3199/readyz", "ok"), 20)
    assert Aws.asked > 0
    print("aws-servicebroker is ready, and asked https://aws.test who it is")
    broker.stop()

    demo = start("s3-demo")
    wait_until("s3-demo", lambda: answers(demo, "http://127.0.0.1:8080/", "Required secrets are not present"), 20)
    print("s3-demo answers")
    demo.stop()

    catalog = start("service-catalog", "local", "--data-dir", "/data/catalog", "--port", "6443", "--kubeconfig", "/data/kubeconfig")
    wait_until("the catalog being ready", lambda: answers(catalog, "https://127.0.0.1:6443/readyz", "ok"), 20)
    told = subprocess.run(in_root(roots["svcat"], "svcat", "--kubeconfig", "/data/kubeconfig", "get", "brokers"), capture_output=True,
                          text=True, timeout=20, check=False)  # fmt: skip
    assert told.returncode == 0 and "NAME" in told.stdout, told.stdout + told.stderr
    print("service-catalog is ready, and svcat asks it")
    catalog.stop()


if __name__ == "__main__":
    main()
