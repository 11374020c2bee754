#!/bin/bash
# Takes a pipeline down: everything but its two buckets (and its key, if it has one of its own).
# `make destroy` runs it; DRY_RUN=1 shows the commands and runs none.
set -euo pipefail

PIPELINE=${PIPELINE:-news}

run() {
    printf '+ %s\n' "$*"
    if [ -z "${DRY_RUN:-}" ]; then "$@"; fi
}

run aws cloudformation describe-stacks --stack-name "$PIPELINE" --output table \
    --query "Stacks[0].Outputs[?OutputKey=='Documents'||OutputKey=='Results'].[OutputKey,OutputValue]"
run aws cloudformation delete-stack --stack-name "$PIPELINE"
run aws cloudformation wait stack-delete-complete --stack-name "$PIPELINE"
echo "The buckets above are still there, with what is in them."
