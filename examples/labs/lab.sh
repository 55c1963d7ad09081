# Shared by the labs: where to find the server, how to tell and check, how to let time pass. Sourced, not run.

export AWS_ENDPOINT_URL="${AWS_ENDPOINT_URL:-http://127.0.0.1:4566}"
export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}"
export AWS_ACCESS_KEY_ID="${AWS_ACCESS_KEY_ID:-test}"
export AWS_SECRET_ACCESS_KEY="${AWS_SECRET_ACCESS_KEY:-test}"
export AWS_PAGER=""

# Version 1 of the AWS CLI does not heed AWS_ENDPOINT_URL for SQS, so it is told.
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }

run_id="$$-$(date +%s)"
queues_made=""

# A heading and, under it, what is going to happen and why.
step() { printf '\n== %s\n' "$1"; shift; for line in "$@"; do printf '   %s\n' "$line"; done; }

# One line of what was seen.
show() { printf '   -> %s\n' "$*"; }

# expect WHAT WANTED FOUND: ends the lab when they differ.
expect() {
    if [ "$2" != "$3" ]; then
        printf '\nEXPECTED %s: "%s", but found: "%s"\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    show "$1: ${3:-(nothing)}"
}

# make NAME [ATTRIBUTES]: creates a queue that is deleted again when the lab ends, and leaves its URL in $url.
make() {
    url=$(aws sqs create-queue --queue-name "$1" ${2:+--attributes "$2"} --query QueueUrl --output text)
    queues_made="$queues_made $url"
}

# attribute URL NAME: one attribute of a queue.
attribute() { aws sqs get-queue-attributes --queue-url "$1" --attribute-names "$2" --query "Attributes.$2" --output text; }

# Message bodies on one line, `none` without any. More flags for receive-message may follow the URL.
receive_bodies() {
    from="$1"; shift
    bodies=$(aws sqs receive-message --queue-url "$from" "$@" --query 'join(`" "`, Messages[].Body || `[]`)' --output text)
    case "$bodies" in "" | None) echo none ;; *) echo "$bodies" ;; esac
}

# The receipt handle of one message.
receive_handle() {
    from="$1"; shift
    aws sqs receive-message --queue-url "$from" "$@" --query 'Messages[0].ReceiptHandle' --output text
}

delete() { aws sqs delete-message --queue-url "$1" --receipt-handle "$2"; }

# Receives everything that can be had now, and deletes it, ten at a time.
drain() {
    while entries=$(aws sqs receive-message --queue-url "$1" --max-number-of-messages 10 \
        --query 'Messages[].{Id: MessageId, ReceiptHandle: ReceiptHandle}' --output json) && [ "${entries:-null}" != null ]; do
        aws sqs delete-message-batch --queue-url "$1" --entries "$entries" --output text > /dev/null
    done
}

# pass SECONDS: lets time pass. Tidings has a clock that can be moved, so nobody has to wait: every timeout, delay and
# window follows it. Elsewhere, on AWS itself for instance, this really waits.
pass() {
    if curl -fsS -o /dev/null -X PUT -d "{\"advance\": $1}" "$AWS_ENDPOINT_URL/_tidings/clock" 2>/dev/null; then
        show "the clock was moved $1 s ahead"
    else
        show "waiting $1 s"
        sleep "$1"
    fi
}

# Overridden by a lab that makes more than queues.
also_tidy() { :; }

tidy() {
    also_tidy || true
    for each in $queues_made; do aws sqs delete-queue --queue-url "$each" || true; done
}
trap tidy EXIT
