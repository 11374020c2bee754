#!/bin/bash
# Invokes the function on this machine by cargo-lambda (PyPI), as infra/README.md says. `make invoke-test`.
# S3's own test event needs no AWS: it is answered and that is all.
set -euo pipefail
cd "$(dirname "$0")/.."

LAMBDA=.tools/cargo-lambda/bin/cargo-lambda
if [ ! -x "$LAMBDA" ]; then
    python3 -m venv .tools/cargo-lambda
    .tools/cargo-lambda/bin/pip install --quiet --disable-pip-version-check cargo-lambda==1.9.2
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$(mktemp)
trap 'kill $(jobs -p) 2>/dev/null; rm -f "$log"' EXIT

"$LAMBDA" lambda watch --only-lambda-apis --invoke-address 127.0.0.1 --invoke-port "$port" </dev/null >"$log" 2>&1 &
for _ in $(seq 50); do
    if grep -q 'starting Runtime server' "$log"; then break; fi
    sleep 0.2
done
env -i PATH="$PATH" AWS_LAMBDA_RUNTIME_API="http://127.0.0.1:$port/.rt" AWS_LAMBDA_FUNCTION_NAME=_ \
    AWS_LAMBDA_FUNCTION_VERSION=1 AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1769 AWS_LAMBDA_LOG_GROUP_NAME=- \
    AWS_LAMBDA_LOG_STREAM_NAME=- AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none \
    BATON_STAGE=ner BATON_TASK=ner BATON_MODEL=model-fetch/models/ner BATON_BUCKETS=baton-documents \
    BATON_OUTPUT=s3://baton-results/enriched BATON_REJECTED=s3://baton-results/rejected \
    "${BINARY:-target/release/baton}" </dev/null >>"$log" 2>&1 &
answer=$(timeout 60 "$LAMBDA" lambda invoke --invoke-address 127.0.0.1 --invoke-port "$port" \
    --data-file samples/events/sqs-test-event.json) || { cat "$log" >&2; exit 1; }
echo "$answer"
[ "$answer" = '{"batchItemFailures":[]}' ] || { cat "$log" >&2; exit 1; }
