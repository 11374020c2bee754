"""Cold starts: from the start of a process to its first document classified.

Baton runs as on Lambda: its runtime API and S3 are stand-ins in this process, so the time includes the SDK, the event, reading
the document and writing the result. The peers only load their model and tokenizer and run the same six sentences.
"""
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SENTENCES = [
    "Northwind Logistics raised its forecast on Tuesday after a quarter that investors had written off.",
    "Chief executive Mira Halvorsen of Northwind Logistics said demand for cold storage had doubled.",
    "Northwind Logistics, whose rival Quorvane is based in Gdynia, rose 4.2% in early trading.",
    "Analysts at Brightmoor Bank kept their rating of Northwind Logistics and warned that fuel would stay expensive.",
    "\"We did not expect this of Northwind Logistics,\" said Teodor Lasko, who manages funds in Oslo.",
    "Northwind Logistics will publish its annual report on 12 March.",
]
NAME = "Northwind Logistics"
DOCUMENT = json.dumps({"text": " ".join(SENTENCES), "entities": [{"id": "e1", "name": NAME, "type": "ORG"}]}).encode()
EVENT = json.dumps({"Records": [{"messageId": "m1", "receiptHandle": "r1", "body": "s3://documents/a.json", "eventSource": "aws:sqs",
                                 "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "md5OfBody": "",
                                 "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q", "awsRegion": "us-east-1"}]}).encode()
PEER = """
import sys
sys.path.insert(0, {here!r})
import worker, numpy
from pathlib import Path
from tokenizers import Tokenizer
folder = Path({folder!r})
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
model = worker.load(folder, {peer!r})
encodings = [tokenizer.encode(sentence, {name!r}) for sentence in {sentences!r}]
[model(feed) for feed in worker.batches(encodings, "document", 6)]
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0], flush=True)
"""


class StandIn(BaseHTTPRequestHandler):
    """Lambda's runtime API and S3, for one document."""
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def read(self):
        # Chunked bodies come from SDKs that sign a trailer.
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                self.rfile.read(size + 2)
            while self.rfile.readline().strip():
                pass
        else:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_GET(self):
        server = self.server
        if self.path.endswith("/invocation/next"):
            if server.given.is_set():
                server.over.wait()
                return
            server.given.set()
            deadline = str(int((time.time() + 60) * 1000))
            self.answer(200, EVENT, [("Lambda-Runtime-Aws-Request-Id", "1"), ("Lambda-Runtime-Deadline-Ms", deadline),
                                     ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")])
        elif self.path.startswith("/documents/"):
            self.answer(200, DOCUMENT, [("ETag", '"d1"'), ("Content-Type", "application/json")])
        else:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_HEAD(self):
        self.answer(404)

    def do_PUT(self):
        self.read()
        self.server.written.set()
        self.answer(200, headers=[("ETag", '"r1"')])

    def do_POST(self):
        self.read()
        self.answer(202, b"{}")
        if self.path.endswith("/response"):
            self.server.answered.set()

    def log_message(self, *_):
        pass


def baton(binary, model, core):
    """One start of the function: seconds, peak megabytes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.daemon_threads = True
    for event in ("given", "written", "answered", "over"):
        setattr(server, event, threading.Event())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    environment = {
        "AWS_LAMBDA_RUNTIME_API": address, "AWS_ENDPOINT_URL": f"http://{address}", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769", "AWS_LAMBDA_LOG_GROUP_NAME": "-",
        "AWS_LAMBDA_LOG_STREAM_NAME": "-", "BATON_STAGE": "sentiment", "BATON_TASK": "sentiment", "BATON_MODEL": str(model),
        "BATON_BUCKETS": "documents", "BATON_OUTPUT": "s3://results", "BATON_REJECTED": "s3://results/rejected",
    }
    begun = time.perf_counter()
    process = subprocess.Popen(["taskset", "-c", str(core), binary], env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    answered = server.answered.wait(60)
    seconds = time.perf_counter() - begun
    status = Path(f"/proc/{process.pid}/status").read_text() if process.poll() is None else ""
    process.kill()
    said = process.stdout.read().decode()
    process.wait()
    if os.environ.get("SHOW"):
        print(said)
    server.over.set()
    server.shutdown()
    if not (answered and server.written.is_set() and "VmHWM" in status):
        sys.exit(f"baton didn't write its result; it said:\n{said}")
    return seconds, int(status.split("VmHWM:")[1].split()[0]) / 1024


def peer(name, folder, core):
    """One start of a Python process with a peer: seconds, peak megabytes."""
    code = PEER.format(here=str(Path(__file__).parent), folder=str(folder), peer=name, name=NAME, sentences=SENTENCES)
    begun = time.perf_counter()
    process = subprocess.Popen(["taskset", "-c", str(core), sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    kilobytes = process.stdout.readline()
    seconds = time.perf_counter() - begun
    _, said = process.communicate()
    if not kilobytes.strip():
        sys.exit(f"{name}: {said}")
    return seconds, int(kilobytes) / 1024


def starts(binary, folder, core, times):
    """What it is called → (seconds, megabytes) of every start, by turns; the first turn warms the page cache."""
    model = Path(__file__).parents[2] / "model-fetch/models/sentiment"
    starters = {
        "PyTorch": lambda: peer("torch", folder, core),
        "ONNX Runtime int8": lambda: peer("onnx-int8", folder, core),
        "Baton, as on Lambda with S3": lambda: baton(binary, model, core),
    }
    results = {name: [] for name in starters}
    for turn in range(times + 1):
        for name, start in starters.items():
            run = start()
            if turn:
                results[name].append(run)
    return results
