"""Servers on loopback that answer as Geotab and Samsara do, by the field lists we go by."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PASSWORD = "a secret of the fleet"
TOKEN = "samsara-token"


@dataclass
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: dict
    query: dict[str, str]


@dataclass
class Vendor:
    """What all have: calls that came, and refusals (status, headers, body) that come first."""

    calls: list[Call] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    address: str = ""

    def answer(self, call: Call) -> object:
        raise NotImplementedError


@dataclass
class Geotab(Vendor):
    """A database whose feeds hand out objects by their place; the version is how many are out."""

    objects: dict[str, list[dict]] = field(default_factory=dict)
    session: int = 0
    password: str = PASSWORD
    error: str = ""

    def answer(self, call: Call) -> object:
        parameters = call.body["params"]
        if call.body["method"] == "Authenticate":
            if parameters["password"] != self.password:
                return _geotab_error("InvalidUserException")
            self.session += 1
            session = {"database": parameters["database"], "userName": parameters["userName"],
                       "sessionId": f"session {self.session}"}  # fmt: skip
            return {"result": {"credentials": session, "path": "ThisServer"}}
        if parameters["credentials"]["sessionId"] != f"session {self.session}":
            return _geotab_error("InvalidUserException")
        if self.error:
            return _geotab_error(self.error)
        everything = self.objects.get(parameters["typeName"], [])
        start = int(parameters.get("fromVersion", "0"), 16)
        page = everything[start : start + parameters["resultsLimit"]]
        return {"result": {"data": page, "toVersion": f"{start + len(page):016x}"}}

    def feeds(self, kind: str) -> list[dict]:
        """Return what was asked of one kind of object."""
        asked = [call.body["params"] for call in self.calls if call.body["method"] == "GetFeed"]
        return [one for one in asked if one["typeName"] == kind]


@dataclass
class Samsara(Vendor):
    """An organisation whose stats come a page a call; the cursor is the number of the page."""

    pages: list[list[dict]] = field(default_factory=list)
    places: list[list[dict]] = field(default_factory=list)
    routes: list[dict] = field(default_factory=list)

    def answer(self, call: Call) -> object:
        if call.path == "/fleet/routes":
            return {"data": self.routes, "pagination": {"endCursor": "", "hasNextPage": False}}
        assert call.path == "/fleet/vehicles/stats/feed"
        assert len(call.query["types"].split(",")) <= 3
        place = int(call.query.get("after", "0"))
        pages = self.places if call.query["types"] == "gps" else self.pages
        data = pages[place] if place < len(pages) else []
        after = min(place + 1, len(pages))
        more = after < len(pages)
        return {"data": data, "pagination": {"endCursor": str(after), "hasNextPage": more}}


def _geotab_error(name: str) -> object:
    told = {"name": name, "message": "no"}
    return {"error": {"name": "JSONRPCError", "message": "no", "errors": [told]}}


@contextmanager
def serving(vendor: Vendor) -> Iterator[str]:
    """Run a vendor's server and give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.serve()

        def do_POST(self):
            self.serve()

        def serve(self):
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            call = Call(self.command, parts.path, dict(self.headers), json.loads(body or "{}"),
                        query)  # fmt: skip
            vendor.calls.append(call)
            status, headers, sent = vendor.refusals.pop(0) if vendor.refusals else (
                200, {}, json.dumps(vendor.answer(call)).encode())  # fmt: skip
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
        vendor.address = f"http://127.0.0.1:{server.server_port}"
        yield vendor.address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
