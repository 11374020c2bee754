#!/usr/bin/env bash
# Brings a pipeline to AWS: code and templates to a bucket, then the stack. `make deploy` runs it.
#
#   BUCKET      for code and templates, in the region of the pipeline; must exist
#   BUCKET_OWNER   the account that it belongs to                        [the caller's]
#   PIPELINE    its name, and the stack's                                   [news]
#   PARAMETERS  more of pipeline.yaml's, as "MaximumConcurrency=50 OwnKey=true"
#   TAGS        for all that the stack makes, as "team=news cost-centre=42"
#   NER_IMAGE, SENTIMENT_IMAGE, ARCH   run a stage from an image in ECR, by its digest, of this architecture, instead of a zip
#   DRY_RUN=1   shows the commands and runs none
set -euo pipefail
cd "$(dirname "$0")/.."

: "${BUCKET:?the bucket for code and templates: make deploy BUCKET=my-code}"
PIPELINE=${PIPELINE:-news}
PREFIX=baton/$PIPELINE
LAMBDA=target/lambda
overrides=()

run() {
    printf '+ %s\n' "$*"
    if [ -z "${DRY_RUN:-}" ]; then "$@"; fi
}

# shellcheck source=infra/ours.sh
. infra/ours.sh
refuse_others "$PIPELINE" deploy

# Looked at before anything is built, and again before anything is put there.
check_bucket "$BUCKET" deploy
if [ "${1:-}" = --check-bucket ]; then exit; fi

# The AWS CLI would leave out what the template hasn't, without a word.
given=()
read -r -d '' -a parameters <<<"${PARAMETERS:-}" || true # it says no where the text ends
known=$(sed -n '/^Parameters:/,/^Rules:/s/^  \([A-Za-z0-9]*\):.*/\1/p' infra/pipeline.yaml)
for parameter in ${parameters[@]+"${parameters[@]}"}; do
    if ! grep -qxF -- "${parameter%%=*}" <<<"$known"; then
        echo "deploy: pipeline.yaml has no parameter ${parameter%%=*}" >&2
        exit 1
    fi
    if [[ $parameter != *=* ]]; then
        echo "deploy: $parameter is given no value; write $parameter=…" >&2
        exit 1
    fi
    given+=("$parameter")
done
tags=()
if [ -n "${TAGS:-}" ]; then
    read -r -d '' -a tags <<<"$TAGS" || true # it says no where the text ends
elif [ -z "${DRY_RUN:-}" ]; then
    # The AWS CLI takes all tags off a stack to which none are given.
    kept=$(tags_of "$PIPELINE")
    while IFS=$'\t' read -r name value; do [ -z "$name" ] || tags+=("$name=$value"); done <<<"$kept"
fi

architecture=${ARCH:-}
for stage in "$@"; do
    # news-de: NEWS_DE_IMAGE, and the parameters NewsDeImage and NewsDeZip
    title=
    # The bash of macOS has no ${word^}.
    for word in ${stage//-/ }; do title+=$(tr '[:lower:]' '[:upper:]' <<<"${word:0:1}")${word:1}; done
    image=$(tr '[:lower:]-' '[:upper:]_' <<<"$stage")_IMAGE
    if [ -n "${!image:-}" ]; then
        : "${ARCH:?what the images are built for: ARCH=arm64 or ARCH=x86_64}"
        if [[ ${!image} != *@sha256:* ]]; then
            echo "deploy: $image has no digest (repository@sha256:…); should it be what the stack has already, the image that is" \
                "running stays, whatever was pushed under that tag since" >&2
        fi
        overrides+=("${title}Image=${!image}" "${title}Zip=")
        continue
    fi
    zip=$LAMBDA/$stage.zip
    kind=$(cat "$LAMBDA/$stage.arch")
    if [ "${architecture:=$kind}" != "$kind" ]; then
        echo "deploy: $zip is for $kind, and the pipeline for $architecture" >&2
        exit 1
    fi
    # Named by what is in it: CloudFormation sees a change of the code by its key alone.
    key=$PREFIX/$stage-$( (sha256sum "$zip" 2>/dev/null || shasum -a 256 "$zip") | cut -c1-16).zip
    run aws s3 cp --only-show-errors "$zip" "s3://$BUCKET/$key"
    overrides+=("${title}Zip=$key" "${title}Image=")
done
overrides+=("CodeBucket=$BUCKET" "Pipeline=$PIPELINE" "Architecture=$architecture" ${given[@]+"${given[@]}"})
mkdir -p "$LAMBDA"
run aws cloudformation package --template-file infra/pipeline.yaml --s3-bucket "$BUCKET" \
    --s3-prefix "$PREFIX/templates" --output-template-file "$LAMBDA/pipeline.yaml"
run aws cloudformation deploy --template-file "$LAMBDA/pipeline.yaml" --stack-name "$PIPELINE" \
    --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset --parameter-overrides "${overrides[@]}" \
    ${tags[@]+--tags "${tags[@]}"} || { reasons_of "$PIPELINE" >&2; exit 1; }
run aws cloudformation describe-stacks --stack-name "$PIPELINE" --output table \
    --query "Stacks[0].Outputs[].[OutputKey,OutputValue]"
