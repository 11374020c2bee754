#!/bin/sh
# ONNX Runtime and Baton by turns on the same core, so that what else the machine does meets them alike:
#
#   benches/peers/compare.sh FOLDER [CORE [TURNS]]     FOLDER as export.py and ort.py filled it; PYTHON has ort.py's needs
set -eu
cd "$(dirname "$0")/../.."
folder=$1 core=${2:-0} turns=${3:-5}
bench=${BENCH:-$(cargo bench --bench encoder --no-run 2>&1 | sed -n 's/.*(\(.*\)).*/\1/p')}
for turn in $(seq "$turns"); do
    taskset -c "$core" "${PYTHON:-python3}" benches/peers/ort.py "$folder" 1
    taskset -c "$core" "$bench" --rounds 3
done
