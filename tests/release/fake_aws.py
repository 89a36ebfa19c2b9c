"""fake_aws.py PORT: an AWS that only knows who asks (STS GetCallerIdentity), on 127.0.0.1."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

IDENTITY = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:user/release</Arn><UserId>release</UserId>"
    "<Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


class Aws(BaseHTTPRequestHandler):
    def do_POST(self):  # noqa: N802 - the name that http.server calls
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", str(len(IDENTITY)))
        self.end_headers()
        self.wfile.write(IDENTITY.encode())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Aws).serve_forever()
