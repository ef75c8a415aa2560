#!/usr/bin/env python3
"""Counts the instructions of one request, one poll and one write, and compares them with budgets.

    bench/instructions.py             fails if a count is over its budget: by more than 3 %, or by more
                                      than 5 % for a request to the service, whose counts vary by 2 %
    bench/instructions.py --update    writes the counts as the new budgets

Valgrind counts instructions, so other load on the machine changes nothing. Each operation runs a
small and a large number of times. The difference of the two counts leaves out the start and the
end of the process. The service is the release binary with one worker thread. Its clients are not
counted.

Needs Valgrind, and `cargo build --release --package todo --package bench`.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BUDGETS = ROOT / "bench" / "instructions.json"
TOLERANCE, TOLERANCE_OF_REQUESTS = 0.03, 0.05

VALGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
HEADERS = "host: localhost\r\ncontent-type: application/json\r\n"


class Client:
    """One connection. Sends a request and reads the answer to its end."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def ask(self, method, path, body=""):
        request = f"{method} {path} HTTP/1.1\r\n{HEADERS}content-length: {len(body)}\r\n\r\n{body}"
        self.socket.sendall(request.encode())
        status = int(self.file.readline().split()[1])
        length = 0
        while (line := self.file.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = self.file.read(length)
        if status >= 400:
            raise SystemExit(f"{method} {path} was answered {status}: {answer.decode()}")
        return answer

    def follow(self):
        """Makes this connection a follower of `/events`, and reads up to its first blank line."""
        self.socket.sendall(f"GET /events HTTP/1.1\r\n{HEADERS}\r\n".encode())
        while self.file.readline().strip():
            pass

    def event(self):
        """Reads up to the next event."""
        while not self.file.readline().startswith(b"data:"):
            pass


class Service:
    """A service with 50 todos, and one method for each counted request."""

    def __init__(self, port):
        self.client, self.follower, self.port = Client(port), None, port
        for number in range(50):
            todo = json.loads(self.create(number))
        self.id = todo["id"]

    def create(self, number):
        body = json.dumps({"title": f"Buy milk, number {number}", "notes": "Two litres."})
        return self.client.ask("POST", "/todos", body)

    def constant(self, _):
        self.client.ask("GET", "/healthz")

    def point_read(self, _):
        self.client.ask("GET", f"/todos/{self.id}")

    def list_of_50(self, _):
        self.client.ask("GET", "/todos?limit=50")

    def patch(self, number):
        body = json.dumps({"title": f"Buy bread, number {number}"})
        self.client.ask("PATCH", f"/todos/{self.id}", body)

    def patch_with_a_follower(self, number):
        if self.follower is None:
            self.follower = Client(self.port)
            self.follower.follow()
        self.patch(number)
        self.follower.event()


REQUESTS = ["constant", "point_read", "list_of_50", "create", "patch", "patch_with_a_follower"]
WORK = {
    "bare_request": 2000,
    "ledger_request": 2000,
    "bare_poll": 50_000,
    "ledger_poll": 50_000,
    "sqlite_write": 2000,
}


def counted(stderr):
    found = re.search(r"Collected : (\d+)", stderr)
    if found is None:
        raise SystemExit(f"Valgrind has counted nothing:\n{stderr}")
    return int(found.group(1))


def instructions_of_requests(name, times):
    """Runs the service, sends the request `name` this many times, and stops the service."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["--port", "0", "--database", f"{folder}/todo.db", "--log-level", "error"]
        process = subprocess.Popen(
            [*VALGRIND, TARGET / "release" / "todo", *arguments],
            env={**os.environ, "TOKIO_WORKER_THREADS": "1", "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            for line in process.stdout:
                if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                    break
            else:
                raise SystemExit(f"the service did not start:\n{process.stderr.read()}")
            service = Service(int(found.group(1)))
            for number in range(times):
                getattr(service, name)(number)
            process.terminate()
            return counted(process.communicate(timeout=120)[1])
        finally:
            process.kill()


def instructions_of_work(name, times):
    command = [TARGET / "release" / "bench", "count", name.replace("_", "-"), str(times)]
    env = {**os.environ, "TOKIO_WORKER_THREADS": "1"}
    done = subprocess.run([*VALGRIND, *command], env=env, capture_output=True, text=True, check=True)
    return counted(done.stderr)


def each(count, name, few, many, tries):
    """Instructions of one operation. Takes the smallest of several counts, because a slow run has
    more: the watchdog inspects all threads forty times a second."""
    least = lambda times: min(count(name, times) for _ in range(tries))
    return round((least(many) - least(few)) / (many - few))


def measure():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {name: pool.submit(each, instructions_of_requests, name, 100, 600, 3) for name in REQUESTS}
        for name, times in WORK.items():
            jobs[name] = pool.submit(each, instructions_of_work, name, times // 10, times, 3)
        counts = {name: job.result() for name, job in jobs.items()}
    for kind in ["request", "poll"]:
        counts[f"ledger_per_{kind}"] = counts.pop(f"ledger_{kind}") - counts.pop(f"bare_{kind}")
    return counts


def main():
    counts = measure()
    if "--update" in sys.argv:
        BUDGETS.write_text(json.dumps(counts, indent=2) + "\n")
    budgets = json.loads(BUDGETS.read_text())
    over = []
    for name, count in counts.items():
        budget = budgets[name]
        print(f"{name:24} {count:>10,} instructions, {count / budget:.3f} of the budget")
        if count > budget * (1 + (TOLERANCE_OF_REQUESTS if name in REQUESTS else TOLERANCE)):
            over.append(name)
    if over:
        raise SystemExit(
            f"over the budget: {', '.join(over)}. Make it cheaper, or raise the budget with "
            "`bench/instructions.py --update` and say why in the commit."
        )


main()
