"""Packs a function as Lambda takes it: bootstrap, and the folder model beside it.

    python3 infra/zip.py BINARY MODEL ZIP

Times, owners and the order of files are fixed, so the same files make the same bytes, and what didn't change
isn't deployed anew. A binary of this machine's own kind is stripped: its debug lines are most of its size.
"""

import pathlib
import platform
import subprocess
import sys
import tempfile
import zipfile

MACHINES = {0x3E: "x86_64", 0xB7: "aarch64"}


def machine(binary):
    head = binary.read_bytes()[:20]
    name = MACHINES.get(int.from_bytes(head[18:20], "little"))
    if head[:4] != b"\x7fELF" or not name:
        sys.exit(f"{binary}: no Linux binary for x86_64 or aarch64")
    return name


def stripped(binary):
    if machine(binary) != platform.machine():
        return binary.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "bootstrap"
        subprocess.run(["strip", "--strip-all", "-o", out, binary], check=True)
        return out.read_bytes()


def add(archive, name, data, mode):
    about = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    about.create_system = 3  # Unix: the mode counts
    about.external_attr = (0o100000 | mode) << 16
    about.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(about, data, compresslevel=6)


def main():
    binary, model, to = map(pathlib.Path, sys.argv[1:])
    part = to.with_suffix(".part")
    with zipfile.ZipFile(part, "w") as archive:
        add(archive, "bootstrap", stripped(binary), 0o755)
        for file in sorted(path for path in model.rglob("*") if path.is_file()):
            add(archive, f"model/{file.relative_to(model).as_posix()}", file.read_bytes(), 0o644)
    part.replace(to)
    kind = "arm64" if machine(binary) == "aarch64" else "x86_64"
    to.with_suffix(".arch").write_text(kind + "\n")
    print(f"{to}: {to.stat().st_size / 1e6:.1f} MB, {kind}")


main()
