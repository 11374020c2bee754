"""Baton beside its peers, by turns on one core, and each one's cold start: what `make bench` runs.

    python compare.py FOLDER WORKER BATON [--core N] [--rounds N] [--starts N]

FOLDER is as export.py filled it, WORKER the bench `peers`, BATON the binary as it ships. Every round runs every variant
once, so that what else the machine does meets them alike. Writes its part of benches/RESULTS.md and the chart.
"""
import argparse
import datetime
import os
import platform
import re
import statistics
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import chart
import cold

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ONE_THREAD = {name: "1" for name in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
VARIANTS = {
    "stock candle-transformers f32, as people use it": ["candle/document/32"],
    "stock candle-transformers f32, at its best": ["candle/sorted/4"],
    "PyTorch f32, as people use it": ["torch/document/32"],
    "PyTorch f32, at its best": ["torch/sorted/4"],
    "ONNX Runtime f32, at its best": ["onnx/sorted/4", "onnx/sorted/16"],
    "ONNX Runtime int8, in document order": ["onnx-int8/document/1", "onnx-int8/document/32"],
    "ONNX Runtime int8, at its best": ["onnx-int8/sorted/4", "onnx-int8/sorted/16"],
    "Baton f32": ["baton/f32/best"],
    "Baton f32, AVX2 only": ["baton/f32/avx2"],
    "Baton int8, AVX2 only": ["baton/int8/avx2"],
    "Baton int8, AVX-VNNI": ["baton/int8/avxvnni"],
    "Baton int8": ["baton/int8/best"],
}


class Worker:
    """A process that runs variants, pinned to the core."""

    def __init__(self, core, command):
        self.process = subprocess.Popen(["taskset", "-c", str(core), *command], text=True, bufsize=1, env=os.environ | ONE_THREAD,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        return float(answer) if answer.strip() else None

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def speeds(arguments):
    """Variant → tokens a second of every round; a variant that can't run here is left out."""
    rust = Worker(arguments.core, [arguments.worker, str(arguments.folder)])
    python = Worker(arguments.core, [sys.executable, str(HERE / "worker.py"), str(arguments.folder)])
    tokens = rust.ask("tokens")
    instructions = Path("/proc/cpuinfo").read_text()
    has = {"avxvnni": "avx_vnni", "avx2": "avx2"}
    all_variants = [v for group in VARIANTS.values() for v in group
                    if has.get(v.split("/")[-1], "") in instructions]
    results = {variant: [] for variant in all_variants}
    for round_ in range(arguments.rounds + 1):
        for variant, taken in results.items():
            worker = rust if variant.startswith(("baton", "candle")) else python
            seconds = worker.ask(variant)
            if seconds is None:
                sys.exit(f"{variant}: its process has ended; run it by hand to see why")
            if round_:  # the first one fills caches
                taken.append(tokens / seconds)
        print(f"round {round_} of {arguments.rounds}", file=sys.stderr)
    rust.end()
    python.end()
    return tokens, results


def best_of_each(results):
    """What it is called → its best variant and that one's speeds, by medians."""
    best = {}
    for name, variants in VARIANTS.items():
        ran = [variant for variant in variants if variant in results]
        if ran:
            variant = max(ran, key=lambda v: statistics.median(results[v]))
            best[name] = (variant, results[variant])
    return best


def peaks(arguments):
    """The core's int8 and f32 peaks, as the bench of the kernels measures them; None where it can't."""
    command = ["cargo", "bench", "--quiet", "--bench", "kernels", "--", "192"]
    said = subprocess.run(["taskset", "-c", str(arguments.core), *command], cwd=ROOT, text=True, capture_output=True).stdout
    found = re.search(r"(\d+) GOP/s int8, (\d+) GFLOP/s f32", said)
    return (float(found[1]), float(found[2])) if found else None


def operations(tokens, pairs=600, hidden=384, inner=1536, layers=6):
    """Multiplications and additions a token: all rows of five layers, of the last one keys and values of all rows and the
    rest of the pooled row."""
    linear = 2 * (4 * hidden * hidden + 2 * hidden * inner)
    attention = 4 * tokens / pairs * hidden
    pooled = 2 * (2 * hidden * hidden + 2 * hidden * inner) * pairs / tokens
    return (layers - 1) * (linear + attention) + 4 * hidden * hidden + pooled


def version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "-"


def processor():
    info = Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*: (.*)", info)
    known = [flag for flag in ("avx2", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm") if re.search(rf"\b{flag}\b", info)]
    return f"{name[1] if name else platform.machine()} ({', '.join(known)})"


def table(tokens, best, peak, starts):
    base = statistics.median(best["stock candle-transformers f32, as people use it"][1])
    onnx = statistics.median(best["ONNX Runtime int8, at its best"][1])
    onnx_f32 = statistics.median(best["ONNX Runtime f32, at its best"][1])
    lines = ["| one core, tokens a second | variant | median | best | × stock candle | × ONNX Runtime int8 | × ONNX Runtime f32 | of the core's peak |",
             "|---|---|---|---|---|---|---|---|"]
    for name, (variant, values) in best.items():
        median, most = statistics.median(values), max(values)
        share = "-"
        if peak and variant.endswith("/best"):
            share = f"{most * operations(tokens) / 1e9 / peak[0 if 'int8' in variant else 1]:.0%}"
        lines.append(f"| {name} | `{variant}` | {median:,.0f} | {most:,.0f} | {median / base:.1f} | {median / onnx:.2f} | {median / onnx_f32:.2f} | {share} |")
    lines += ["", "| cold start, process to first document | median ms | fastest ms | peak memory, MB |", "|---|---|---|---|"]
    for name, runs in starts.items():
        times = [time for time, _ in runs]
        lines.append(f"| {name} | {statistics.median(times) * 1e3:,.0f} | {min(times) * 1e3:,.0f} | {max(memory for _, memory in runs):,.0f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("worker")
    parser.add_argument("baton")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=7)
    arguments = parser.parse_args()
    tokens, results = speeds(arguments)
    best = best_of_each(results)
    starts = cold.starts(arguments.baton, arguments.folder, arguments.core, arguments.starts)
    peak = peaks(arguments)
    measured = table(int(tokens), best, peak, starts)
    about = (f"{datetime.date.today()}, {processor()}; PyTorch {version('torch')}, ONNX Runtime {version('onnxruntime')}, "
             f"candle as in Cargo.lock; 600 pairs, {int(tokens):,} tokens, {arguments.rounds} rounds by turns, {arguments.starts} starts."
             + (f" The core's peak then: {peak[0]:,.0f} GOP/s int8, {peak[1]:,.0f} GFLOP/s f32." if peak else ""))
    print(about + "\n\n" + measured)
    file = ROOT / "benches/RESULTS.md"
    text = file.read_text()
    part = re.compile(r"(<!-- make bench -->\n).*?(<!-- end -->)", re.DOTALL)
    if not part.search(text):
        sys.exit(f"{file}: has no part between <!-- make bench --> and <!-- end -->")
    file.write_text(part.sub(lambda found: f"{found[1]}{about}\n\n{measured}\n{found[2]}", text))
    chart.draw(ROOT / "benches/speed.svg", {name: statistics.median(values) for name, (_, values) in best.items()},
               {name: statistics.median(time for time, _ in runs) for name, runs in starts.items()})


if __name__ == "__main__":
    main()
