# What a stack is, for deploy.sh and destroy.sh. Its name is the pipeline's, and others may have thought of that name too.

# Ends with 1 if there is a stack of that name, the first argument, which is no pipeline of Baton's.
refuse_others() {
    local description said
    if [ -n "${DRY_RUN:-}" ]; then return; fi
    said=$(mktemp)
    if ! description=$(aws cloudformation describe-stacks --stack-name "$1" --output text \
        --query "Stacks[0].[StackStatus,Description]" 2>"$said"); then
        if grep -q "does not exist" "$said"; then rm "$said"; return; fi
        cat "$said" >&2
        rm "$said"
        echo "$2: whose the stack $1 is can't be seen, so nothing was done" >&2
        exit 1
    fi
    rm "$said"
    case "$description" in
        # One whose first deploy failed before anything was made has no description.
        *"A Baton pipeline"* | REVIEW_IN_PROGRESS*) ;;
        *) echo "$2: the stack $1 is no pipeline of Baton's ($description); give another name: PIPELINE=…" >&2; exit 1 ;;
    esac
}

# Ends with 1 unless the bucket, the first argument, is the caller's, or BUCKET_OWNER's, and in the caller's region. A name that was
# given up may be somebody else's by now, who could put other code and other roles there before they are read; and Lambda takes
# code from its own region only, which it says when half of the pipeline is made.
check_bucket() {
    local owner here there
    if [ -n "${DRY_RUN:-}" ]; then return; fi
    owner=${BUCKET_OWNER:-$(aws sts get-caller-identity --query Account --output text)}
    if ! there=$(aws s3api head-bucket --bucket "$1" --expected-bucket-owner "$owner" --query BucketRegion --output text); then
        echo "$2: there is no bucket $1 of the account $owner, or it may not be seen (BUCKET_OWNER names another account)" >&2
        exit 1
    fi
    here=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
    # An older AWS CLI doesn't say.
    if [ -n "$here" ] && [[ $there =~ ^[a-z]+(-[a-z]+)+-[0-9]+$ ]] && [ "$there" != "$here" ]; then
        echo "$2: the bucket $1 is in $there, and the pipeline would be in $here, which takes code from there only; give a bucket of" \
            "$here, or AWS_REGION=$there" >&2
        exit 1
    fi
}

# Why the last thing that was done to a stack failed, a line for each resource, those of nested stacks too: its own events say no
# more of such a one than its name.
reasons_of() {
    local events status type id name reason
    events=$(aws cloudformation describe-stack-events --stack-name "$1" --output text --query \
        "StackEvents[].[ResourceStatus,ResourceType,PhysicalResourceId||'-',LogicalResourceId,ResourceStatusReason||'-']") || return 0
    # The newest come first.
    while IFS=$'\t' read -r status type id name reason; do
        if [ "$name" = "$1" ] || [ "$id" = "$1" ]; then
            case "$status" in CREATE_IN_PROGRESS | UPDATE_IN_PROGRESS) break ;; esac
            continue
        fi
        # What was stopped because something else failed has no reason of its own; what was never made has no id.
        case "$status:$type:$id:$reason" in
            *cancelled* | *Cancelled*) ;;
            *_FAILED:AWS::CloudFormation::Stack:arn:*) reasons_of "$id" ;;
            *_FAILED:*) echo "$name: $reason" ;;
        esac
    done <<<"$events" | awk '!said[$0]++'
}

# The tags of a stack, a line for each, name and value with a tab between; none of one that isn't there.
tags_of() {
    local said
    said=$(mktemp)
    if ! aws cloudformation describe-stacks --stack-name "$1" --output text --query "Stacks[0].Tags[].[Key,Value]" 2>"$said" &&
        ! grep -q "does not exist" "$said"; then
        cat "$said" >&2
        rm "$said"
        echo "deploy: the tags of the stack $1 can't be seen, so nothing was done" >&2
        return 1
    fi
    rm "$said"
}
