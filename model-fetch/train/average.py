"""The mean of several models' weights, in floats, as one model: of use for models that began alike.

    python average.py DST SRC...
"""

import argparse
import shutil
from pathlib import Path

import loop


def mean(folders):
    """The mean of each weight of the models in these folders."""
    states = [loop.weights(folder) for folder in folders]
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("dst", type=Path)
    args.add_argument("src", type=Path, nargs="+")
    args = args.parse_args()
    first = args.src[0]
    loop.save(args.dst, mean(args.src), loop.config(first), first)
    if (first / "baton.json").exists():
        shutil.copy(first / "baton.json", args.dst)


if __name__ == "__main__":
    main()
