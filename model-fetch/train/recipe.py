"""Makes a shipped model anew: from the public encoders to int8, and its scores beside those of the one that is shipped.

    make train MODEL=sentiment DATA=DIR [OUT=target/train] [SCALE=1]

MODEL is `ner` or `sentiment`; DIR has the data (README.md says where it is from). Everything made lies in OUT, a folder a stage,
its log beside it; what is there already is not made again. SCALE is the share of all steps: without a GPU the whole takes
days; 0.004 shows in about an hour that everything works.
"""

import argparse
import functools
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import bases
import corpora
import loop

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHIPPED = ROOT / "model-fetch/models"


def sentiment(run):
    """Three teachers that differ by their seeds; a student of their mean; what it makes of labels, and the mean of both."""
    teachers = [run.stage(f"teacher-{seed}", "teacher.py", base=run.base("mpnet"), seed=seed, steps=2400) for seed in (1, 2, 3)]
    teacher = run.mean("teacher", *teachers)
    student = run.stage("student", "sentiment.py", base=run.base("minilm"), teachers=[teacher], seed=1, steps=20000, batch=192, rate=4e-4,
                        words_rate=1e-4, dropout=0, warmup=0.005, average=0.9995)
    labels = run.stage("labels", "sentiment.py", base=student, seed=2, steps=2000, batch=64, rate=1e-4, head_rate=3e-4, words_rate=3e-5,
                       warmup=0.01, average=0.998, judged=0.3, newsmtsc=0.45, known=0.7, joined=0.15)
    return run.int8("sentiment", student, labels)


def ner(run):
    """Two larger taggers; a student of both; the same once more, mostly of written sentences and as its own teacher, and the mean."""
    taggers = [run.stage(f"tagger-{seed}", "ner.py", base=run.base("mpnet"), seed=seed, steps=2400, rate=5e-5, head_rate=5e-4, average=0.995,
                         elsewhere=0.2, written=0.5) for seed in (1, 2)]
    student = run.stage("student", "ner.py", base=run.base("minilm"), teachers=taggers, seed=1, steps=12000, batch=96, rate=2e-4,
                        warmup=0.005, average=0.999, elsewhere=0.3, written=0.5)
    written = run.stage("written", "ner.py", base=student, teachers=[student], seed=2, steps=10000, rate=1e-4, head_rate=3e-4, warmup=0.002,
                        average=0.999, elsewhere=0.3, written=1.5, taught=0.3, layers=0, untagged=0.15)
    return run.int8("ner", student, written)


RECIPES = {"ner": ner, "sentiment": sentiment}
TESTS = {
    "ner": ["ner/wikigold_dev.conll", "ner/wnut17_dev.conll", "ner/btc_dev.conll", HERE / "data/newswire_dev.conll"],
    "sentiment": ["sentiment/dev_rw.jsonl", "sentiment/dev_mt.jsonl", HERE / "data/org_sentences.jsonl"],
}


class Run:
    """The stages of one model in one folder; each is whole, or isn't there."""

    def __init__(self, data, out, scale):
        self.data, self.out, self.scale = data.resolve(), out.resolve(), scale
        self.out.mkdir(parents=True, exist_ok=True)

    @functools.cached_property
    def mentions(self):
        return self.made("mentions.jsonl", lambda to: ["mentions.py", "--data", self.data, "--tagger", SHIPPED / "ner", "--out", to])

    def base(self, name):
        return bases.fetch(name, self.out.parent / "bases")

    def stage(self, name, script, *, steps, **options):
        """The model that a training script makes of one epoch of so many steps, scaled."""
        options = dict(data=self.data, mentions=self.mentions, epochs=1, steps=max(10, round(steps * self.scale)), **options)
        arguments = [part for key, value in options.items()
                     for part in [f"--{key.replace('_', '-')}", *(value if isinstance(value, list) else [value])]]
        return self.made(name, lambda to: [script, "--out", to, *arguments], inside="epoch1", more=machine())

    def mean(self, name, *models):
        return self.made(name, lambda to: ["average.py", to, *models])

    def int8(self, name, *models):
        return self.made(name, lambda to: ["quantize.py", models[0], to, "--average", *models[1:]])

    def made(self, name, command, inside="", more=()):
        """OUT/name, as `command` makes it at the place that it is told, or `inside` that; `more` arguments change nothing of it."""
        target, part, told = self.out / name, self.out / f"{name}.part", self.out / f"{name}.command"
        line = shlex.join(map(str, command(target)))
        if target.exists():
            if not told.exists() or told.read_text() != line:
                sys.exit(f"recipe: {target} was made by another command than\n  {line}\nRemove it and what was made of it, or choose another OUT.")
            newer = [part for part in map(str, command("")) if modified(f"{part}.command") > modified(told)]
            if newer:
                sys.exit(f"recipe: {target} is older than {newer[0]}, which it is made of. Remove it, or choose another OUT.")
            print(f"{name}: there already", flush=True)
            return target
        log = self.out / f"{name}.log"
        print(f"{name}: {line}", flush=True)
        with open(log, "w", encoding="utf-8") as file:
            done = subprocess.run([sys.executable, *map(str, command(part)), *more], cwd=HERE, stdout=file, stderr=subprocess.STDOUT)
        said = log.read_text(encoding="utf-8").splitlines()
        if done.returncode:
            sys.exit("\n".join([f"recipe: {name} failed; {log} ends so:", *said[-12:]]))
        told.write_text(line)
        (part / inside).rename(target)
        if inside:
            shutil.rmtree(part)
        for found in said:
            if found.startswith("  averaged"):
                print(found, flush=True)
        return target


def modified(path):
    """When a file was written; before all others, if it isn't there."""
    return os.stat(path).st_mtime if os.path.exists(path) else 0.0


def machine():
    """What suits this machine: on a GPU as many processes that make the rows as keep it fed, else all cores for the products."""
    cores = os.cpu_count() or 1
    return ["--workers", str(max(1, min(8, cores - 2)))] if loop.DEVICE.type == "cuda" else ["--threads", str(cores)]


def scores(task, data, model):
    """Of each test, the F1 that `baton local` gets with the model."""
    for test in TESTS[task]:
        command = [sys.executable, ROOT / "model-fetch/eval/eval.py", data / test, "--model", model, "--json"]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        yield Path(test).name, found["macro_f1"] if task == "sentiment" else found["micro"]["f1"]


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("model", choices=RECIPES)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--out", type=Path, default=ROOT / "target/train")
    args.add_argument("--scale", type=float, default=1.0)
    args = args.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and with it what it started
    files = [args.data / f"ner/{name}.conll" for name in corpora.KNOWN] + [args.data / f"sentiment/{name}.jsonl" for name in ("train", "dev_rw", "dev_mt")]
    if missing := [str(file) for file in files if not file.is_file()]:
        sys.exit(f"recipe: {', '.join(missing[:3])}{' and others' if missing[3:] else ''} can't be found; README.md says where the data is from")
    made = RECIPES[args.model](Run(args.data, args.out / args.model, args.scale))
    print(f"{made} through `baton local`, {'macro' if args.model == 'sentiment' else 'entity'}-F1:")
    shipped = dict(scores(args.model, args.data, SHIPPED / args.model))
    for name, own in scores(args.model, args.data, made):
        print(f"  {name:20} {own:6.2f}   the shipped one {shipped[name]:6.2f}", flush=True)


if __name__ == "__main__":
    main()
