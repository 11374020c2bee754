"""The mean of several models' weights, in floats, as one model: of use for models that began alike.

    python average.py DST SRC...
"""

import argparse
import shutil
import sys
from pathlib import Path

import loop


def mean(folders):
    """The mean of each weight of the models in these folders, all of one form."""
    states = [loop.weights(folder) for folder in folders]
    first, *others = [{"id2label": loop.config(folder).get("id2label")} | {name: tuple(value.shape) for name, value in state.items()}
                      for folder, state in zip(folders, states)]
    for folder, other in zip(folders[1:], others):
        if apart := [name for name in {**first, **other} if first.get(name) != other.get(name)]:
            own, its = (form.get(apart[0], "missing") for form in (first, other))
            sys.exit(f"average: {folder} is of another form than {folders[0]}: {apart[0]} is {its} and not {own}")
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
