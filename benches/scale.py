"""Throughput, memory and cost of `baton local` as the number of documents grows, and the share of what is not the model.

    python benches/scale.py BINARY [--cores 0] [--counts 100,1000,5000]

The documents are copies of the samples, and the cache of what the model has read is off: every copy costs what a new
document does. «Not the model» is the CPU time of all threads but those that run it: fetching, reading, sentences,
tokenising, JSON, handing on, and the start. The cost is that of the same seconds on Lambda at 1,769 MB, which is one vCPU; run it on one
core. Lambda's own overheads (cold starts, waiting for S3 and SQS) are not in it.
"""
import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples/documents"
GB = 1769 / 1024
PRICES = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
REQUEST = 0.20 / 1e6
STAGES = 2
PIPELINE = """[pipeline]
name = "scale"
cache_bytes = {cache}
[[stage]]
name = "ner"
task = "ner"
model = "{models}/ner"
next = ["sentiment"]
[[stage]]
name = "sentiment"
task = "sentiment"
model = "{models}/sentiment"
"""


def copies(folder, count):
    """`count` documents; every copy has a name of its own. Their bytes."""
    samples = sorted(path for path in SAMPLES.rglob("*") if path.is_file())
    total = 0
    for n in range(count):
        sample = samples[n % len(samples)]
        shutil.copy(sample, folder / f"{n:05}-{sample.name}")
        total += sample.stat().st_size
    return total


def watched(process):
    """Waits for the process to end; the CPU seconds of its threads that are called `model`, as seen last."""
    threads = {}
    while process.poll() is None:
        for task in Path(f"/proc/{process.pid}/task").glob("*"):
            try:
                if (task / "comm").read_text() == "model\n":
                    threads[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
            except OSError:
                pass    # it has ended since
        time.sleep(0.02)
    return sum(threads.values())


def run(binary, cores, count, cache):
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        (work / "in").mkdir()
        size = copies(work / "in", count)
        (work / "pipeline.toml").write_text(PIPELINE.format(models=ROOT / "model-fetch/models", cache=cache))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        with open(work / "said", "w+") as file:
            process = subprocess.Popen(["taskset", "-c", cores, binary, "local", work / "in", "--out", work / "out", "--pipeline", work / "pipeline.toml"],
                                       stdout=file, stderr=file, text=True)
            model = watched(process)
            file.seek(0)
            said = file.read()
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode or f"{count} of {count} documents came through" not in said:
            raise SystemExit(said)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return size / count, seconds, cpu, 1 - model / cpu, after.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--cores", default="0")
    parser.add_argument("--counts", default="100,1000,5000")
    parser.add_argument("--cache-bytes", type=int, default=0)
    arguments = parser.parse_args()
    print(f"cores {arguments.cores} of {os.cpu_count()}, cache {arguments.cache_bytes} bytes")
    print("| documents | bytes each | documents/s | CPU ms a document | not the model | peak memory, MB | $ for 100,000, x86_64 | arm64 at the same speed |")
    print("|---|---|---|---|---|---|---|---|")
    # The greatest run is last: a process's peak is only known as the greatest of all so far.
    for count in sorted(map(int, arguments.counts.split(","))):
        size, seconds, cpu, rest, memory = run(arguments.binary, arguments.cores, count, arguments.cache_bytes)
        cost = [100_000 * (cpu / count * GB * price + STAGES * REQUEST) for price in PRICES.values()]
        print(f"| {count:,} | {size:,.0f} | {count / seconds:.1f} | {cpu / count * 1e3:.1f} | {rest:.1%} | {memory:.0f} | {cost[0]:.2f} | {cost[1]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
