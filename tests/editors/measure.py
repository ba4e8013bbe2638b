#!/usr/bin/env python3
"""How fast the language server answers about a file of 10,000 lines, and what it keeps in memory.

`measure.py path/to/vql` prints the figures, and fails when it keeps too much memory; with `--strict`
also when a median is over its limit. Meant for a release build.
"""
import json
import queue
import subprocess
import sys
import threading
import time

LINES = 10_000
LIMITS = {"edit, findings": 30.0, "edit, completion": 50.0}
MEMORY_MB = 256
URI = "file:///large.vql"
STATEMENTS = [
    "SELECT DOCUMENT.title, DOCUMENT.year AS y",
    "  FROM hexads",
    "  WHERE DOCUMENT.year > 1900 AND FULLTEXT CONTAINS 'drift of things'",
    "    AND (a)-[:cites]->(b)",
    "  ORDER BY y DESC",
    "  LIMIT 10;",
    "",
    "INSERT HEXAD 'paper' WITH DOCUMENT (title = 'Drift', year = 2024);",
    "-- a comment",
    "SELECT * FROM HEXAD 'paper' LIMIT 1;",
]


class Server:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.messages = queue.Queue()
        self.number = 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        output = self.process.stdout
        while True:
            length = 0
            while line := output.readline().strip():
                name, value = line.split(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return
            self.messages.put(json.loads(output.read(length)))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def ask(self, method, params):
        """The answer; requests of the server are none of our business here."""
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.messages.get(timeout=120)
            if message.get("id") == self.number and "method" not in message:
                return message["result"]

    def memory_mb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024


def main():
    server = Server(sys.argv[1])
    strict = "--strict" in sys.argv[2:]
    document = {"textDocument": {"uri": URI}}
    server.ask("initialize", {"capabilities": {"textDocument": {"diagnostic": {}}}})
    server.tell("initialized", {})
    text = "\n".join(STATEMENTS[n % len(STATEMENTS)] for n in range(LINES))
    version = 0

    def opened():
        server.tell("textDocument/didOpen", {"textDocument": {"uri": URI, "languageId": "vql", "version": 1, "text": text}})
        server.ask("textDocument/diagnostic", document)

    def edit():
        nonlocal version
        version += 1
        place = {"line": LINES // 2 + 2, "character": 20}
        change = {"range": {"start": place, "end": place}, "text": "x"}
        server.tell("textDocument/didChange", {"textDocument": {"uri": URI, "version": version + 1}, "contentChanges": [change]})

    def after_edit(method, **params):
        edit()
        server.ask(f"textDocument/{method}", {**document, **params})

    position = {"line": LINES // 2 + 3, "character": 8}
    options = {"tabSize": 2, "insertSpaces": True}
    failed = False
    for name, times, work in [
        ("open, findings", 1, opened),
        ("edit, findings", 40, lambda: after_edit("diagnostic")),
        ("edit, completion", 40, lambda: after_edit("completion", position=position)),
        ("edit, tokens", 10, lambda: after_edit("semanticTokens/full")),
        ("edit, outline", 10, lambda: after_edit("documentSymbol")),
        ("definition", 10, lambda: server.ask("textDocument/definition", {**document, "position": position})),
        ("layout", 10, lambda: server.ask("textDocument/formatting", {**document, "options": options})),
    ]:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            work()
            taken.append((time.perf_counter() - began) * 1000)
        taken.sort()
        median = taken[len(taken) // 2]
        limit = LIMITS.get(name)
        verdict = "" if limit is None else f"  limit {limit:.0f} ms"
        print(f"{name:<18} median {median:7.1f} ms  worst {taken[-1]:7.1f} ms{verdict}")
        failed |= strict and limit is not None and median > limit
    peak = server.memory_mb()
    # What is closed is freed: the same text opened again and again takes no more room.
    for _ in range(20):
        server.tell("textDocument/didClose", document)
        opened()
    again = server.memory_mb()
    print(f"memory             {peak} MB, opened twenty times more {again} MB  limit {MEMORY_MB} MB")
    failed |= again > MEMORY_MB
    server.ask("shutdown", None)
    server.tell("exit", None)
    failed |= server.process.wait(60) != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
