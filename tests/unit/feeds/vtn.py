"""An OpenADR 3 server (VTN) on loopback that holds to the published schema, for both versions.

Paths, required fields, the form of token requests and the statuses are those of the published API
3.0.1 and of the 3.1.0 definitions; that `/auth/server` names the address as ``tokenURL``, and ETags,
which no version speaks of, are from memory.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CLIENT = "ven_client_99"
SECRET = "ven_secret_99"
BASE = "/openadr3/3.1.0"
REPORT_FIELDS = {"eventID", "clientName", "resources"}


def _open_gate() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


@dataclass
class Vtn:
    programs: list[dict] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)
    reports: list[dict] = field(default_factory=list)
    version: str = "3.1"
    calls: list[tuple[str, str, dict]] = field(default_factory=list)
    not_modified: int = 0
    refusals: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    """By path: a status and headers that are answered instead."""
    token: str = "token-1"
    tokens_given: int = 0
    address: str = ""
    has_auth: bool = True
    token_address: str = ""
    """What 3.1 calls its token server; empty: this one."""
    refused_reports: set[str] = field(default_factory=set)
    """By their names: answered with 400."""
    hangs_for_reports: threading.Event = field(default_factory=_open_gate)
    """Cleared: no report is answered until it is set."""
    report_begun: threading.Event = field(default_factory=threading.Event)

    def asked(self, path: str) -> list[dict]:
        """Return the queries of the calls of a path."""
        return [query for _, called, query in self.calls if called == path]

    def answer(self, method: str, path: str, *, query: dict, body: bytes, headers: dict):
        if path in self.refusals:
            status, told = self.refusals[path]
            return status, told, {"title": "no", "status": status}
        if path == "/auth/token":
            return self._token(body, headers)
        if path == "/auth/server" and self.version == "3.1":
            return 200, {}, {"tokenURL": self.token_address or f"{self.address}/auth/token"}
        return self._for_clients(method, path, query=query, body=body, headers=headers)

    def _for_clients(self, method: str, path: str, *, query: dict, body: bytes, headers: dict):
        if self.has_auth and headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {}, {"title": "Unauthorized", "status": 401}
        if path == "/reports" and method == "POST":
            return self._report(json.loads(body))
        if path == "/programs":
            return 200, {}, self._page(self.programs, query)
        if path == "/events":
            mine = [one for one in self.events if one["programID"] == query["programID"][0]]
            return 200, {}, self._page(mine, query)
        return 404, {}, {"title": "Not Found", "status": 404}

    def _token(self, body: bytes, headers: dict):
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if form != {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
        }:
            return 401, {}, {"error": "invalid_client"}
        self.tokens_given += 1
        return 200, {}, {"access_token": self.token, "token_type": "Bearer", "expires_in": 3600}

    def _report(self, report: dict):
        self.report_begun.set()
        self.hangs_for_reports.wait(60.0)
        if report["reportName"] in self.refused_reports:
            return 400, {}, {"title": "Bad Request", "status": 400}
        needed = REPORT_FIELDS | ({"programID"} if self.version == "3.0" else set())
        whole = needed <= set(report) and all(
            {"resourceName", "intervals"} <= set(one)
            and all({"id", "payloads"} <= set(interval) for interval in one["intervals"])
            for one in report["resources"]
        )
        if not whole:
            return 400, {}, {"title": "Bad Request", "status": 400}
        if any(one["reportName"] == report["reportName"] for one in self.reports):
            return 409, {}, {"title": "Conflict", "status": 409}
        self.reports.append(report)
        return 201, {}, {**report, "id": f"report-{len(self.reports)}", "objectType": "REPORT"}

    def _page(self, found: list[dict], query: dict) -> list[dict]:
        skip, limit = int(query["skip"][0]), int(query["limit"][0])
        assert 0 < limit <= 50
        return found[skip : skip + limit]


@contextmanager
def serving(vtn: Vtn) -> Iterator[str]:
    """Run the server and give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.serve()

        def do_POST(self):
            self.serve()

        def serve(self):
            parts = urlsplit(self.path)
            path, query = parts.path.removeprefix(BASE), parse_qs(parts.query)
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            vtn.calls.append((self.command, path, query))
            status, headers, said = vtn.answer(
                self.command, path, query=query, body=body, headers=dict(self.headers)
            )
            sent = json.dumps(said).encode()
            if status == 200 and self.command == "GET":
                etag = f'"{sha256(sent).hexdigest()[:16]}"'
                headers = {**headers, "ETag": etag}
                if self.headers.get("If-None-Match") == etag:
                    vtn.not_modified += 1
                    status, sent = 304, b""
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(sent))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        vtn.address = f"http://127.0.0.1:{server.server_port}{BASE}"
        yield vtn.address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
