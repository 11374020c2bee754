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
