#!/usr/bin/env bash
# Takes a pipeline down: everything but its two buckets (and its key, if it has one of its own).
# `make destroy` runs it; DRY_RUN=1 shows the commands and runs none.
#
# Queues go with their messages, dead letters too, so where any wait it ends, unless FORCE=1 is given.
set -euo pipefail

PIPELINE=${PIPELINE:-news}

run() {
    printf '+ %s\n' "$*"
    if [ -z "${DRY_RUN:-}" ]; then "$@"; fi
}

# The queues of a stack, and of those that are nested in it, by their URLs.
queues_of() {
    local resources type id
    resources=$(aws cloudformation list-stack-resources --stack-name "$1" --output text --query \
        "StackResourceSummaries[?ResourceStatus!='DELETE_COMPLETE'].[ResourceType,PhysicalResourceId]") || return 1
    # What failed before it was made has no id.
    while IFS=$'\t' read -r type id; do
        [ "$id" != None ] || continue
        case "$type" in
            AWS::SQS::Queue) echo "$id" ;;
            AWS::CloudFormation::Stack) queues_of "$id" || return 1 ;;
        esac
    done <<<"$resources"
}

# Messages in a queue, those that are just being worked on too; 0 if there is no such queue.
waiting() {
    local counts said
    said=$(mktemp)
    # `set -e` doesn't hold in here, and what can't be counted must not pass for nothing.
    if ! counts=$(aws sqs get-queue-attributes --queue-url "$1" --output text --query "values(Attributes)" --attribute-names \
        ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesDelayed 2>"$said"); then
        if grep -qE 'NonExistentQueue|QueueDoesNotExist' "$said"; then rm "$said"; echo 0; return; fi
        cat "$said" >&2
        rm "$said"
        return 1
    fi
    rm "$said"
    [[ $counts =~ ^[0-9[:space:]]+$ ]] || return 1
    # shellcheck disable=SC2086 # numbers, with blanks between
    printf '%s\n' $counts | awk '{ sum += $1 } END { print sum }'
}

# shellcheck source=infra/ours.sh
. "$(dirname "$0")/ours.sh"
refuse_others "$PIPELINE" destroy
run aws cloudformation describe-stacks --stack-name "$PIPELINE" --output table \
    --query "Stacks[0].Outputs[?OutputKey=='Documents'||OutputKey=='Results'].[OutputKey,OutputValue]"
left=0
if [ -z "${DRY_RUN:-}" ]; then
    queues=$(queues_of "$PIPELINE") || { echo "destroy: its queues can't be seen, so nothing was taken down" >&2; exit 1; }
    for queue in $queues; do
        count=$(waiting "$queue") || { echo "destroy: $queue can't be counted, so nothing was taken down" >&2; exit 1; }
        if [ "$count" -gt 0 ]; then
            echo "${queue##*/} has $count messages" >&2
            left=$((left + count))
        fi
    done
fi
if [ "$left" -gt 0 ] && [ -z "${FORCE:-}" ]; then
    echo "destroy: nothing was taken down: they would be lost. FORCE=1 takes the queues down with them." >&2
    exit 1
fi
run aws cloudformation delete-stack --stack-name "$PIPELINE"
run aws cloudformation wait stack-delete-complete --stack-name "$PIPELINE"
echo "The buckets above are still there, with what is in them."
