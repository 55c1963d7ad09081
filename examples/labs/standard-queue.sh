#!/bin/sh
# A walk through a standard queue with the AWS CLI: send, receive, visibility timeout, order, delay, long polling,
# dead-letter queue. Every step says what it does and why, and checks what it finds.
set -eu
. "$(dirname "$0")/lab.sh"

step "A queue" \
    "A queue keeps messages between those who send and those who work. It is known by its URL."
make "lab-orders-$run_id" VisibilityTimeout=30
orders="$url"
show "$orders"

step "Send" \
    "The answer carries an id and the MD5 of the body: compare it, and you know that it arrived unharmed."
body='{"order": 1}'
digest=$(aws sqs send-message --queue-url "$orders" --message-body "$body" --query MD5OfMessageBody --output text)
expect "MD5 of the body" "$(printf %s "$body" | md5sum | cut -d' ' -f1)" "$digest"
expect "messages waiting" 1 "$(attribute "$orders" ApproximateNumberOfMessages)"

step "Receive" \
    "Receiving does not remove a message. It hides it, so that nobody else works on it meanwhile, and hands out a" \
    "receipt handle: the proof of having received it."
handle=$(receive_handle "$orders")
show "receipt handle $(printf %.24s "$handle")..."
expect "messages waiting" 0 "$(attribute "$orders" ApproximateNumberOfMessages)"
expect "messages in flight" 1 "$(attribute "$orders" ApproximateNumberOfMessagesNotVisible)"
expect "a second receive finds" none "$(receive_bodies "$orders")"

step "Visibility timeout" \
    "The worker crashes and never deletes the message. After the visibility timeout, 30 s here, it comes back," \
    "and it tells how often it was received."
pass 30
count=$(aws sqs receive-message --queue-url "$orders" --attribute-names ApproximateReceiveCount \
    --query 'Messages[0].Attributes.ApproximateReceiveCount' --output text)
expect "times received" 2 "$count"

step "More time" \
    "A worker that needs longer says so before the timeout ends, as often as it needs, up to 12 hours in all."
pass 30
handle=$(receive_handle "$orders")
aws sqs change-message-visibility --queue-url "$orders" --receipt-handle "$handle" --visibility-timeout 120
pass 60
expect "after 60 s of 120 a receive finds" none "$(receive_bodies "$orders")"

step "Delete" \
    "Only deleting ends a message. Deleting it again is no error: a worker may safely repeat it."
delete "$orders" "$handle"
delete "$orders" "$handle"
pass 120
expect "after the timeout a receive finds" none "$(receive_bodies "$orders")"

step "Order is not promised" \
    "Three messages are sent. The first is received by a worker that fails; the others are done in the meantime." \
    "So the first is done last. On AWS the many servers of a queue can turn order around even without a failure." \
    "A worker on a standard queue must not rely on order. (The FIFO lab shows the kind of queue that keeps it.)"
for body in first second third; do
    aws sqs send-message --queue-url "$orders" --message-body "$body" --output text > /dev/null
done
failed=$(receive_bodies "$orders" --visibility-timeout 30)
expect "the worker that fails takes" first "$failed"
done_in_order=""
for turn in 1 2 3; do
    if [ "$turn" = 3 ]; then pass 30; fi
    line=$(aws sqs receive-message --queue-url "$orders" --query 'Messages[0].[Body, ReceiptHandle]' --output text)
    body=$(printf %s "$line" | cut -f1)
    delete "$orders" "$(printf %s "$line" | cut -f2)"
    done_in_order="$done_in_order $body"
done
expect "done in the order" " second third first" "$done_in_order"

step "Delay" \
    "A message can be sent to appear later, up to 15 minutes. A delayed one does not hold up those sent after it."
aws sqs send-message --queue-url "$orders" --message-body reminder --delay-seconds 300 --output text > /dev/null
aws sqs send-message --queue-url "$orders" --message-body now --output text > /dev/null
expect "at once there is" now "$(receive_bodies "$orders" --max-number-of-messages 10 --visibility-timeout 1000)"
pass 300
expect "after 300 s there is" reminder "$(receive_bodies "$orders" --max-number-of-messages 10 --visibility-timeout 1000)"

step "Long polling" \
    "Asking an empty queue again and again costs calls and brings nothing. With a wait the call stays open until" \
    "a message comes, at most 20 s. Here it is sent while the receiver waits."
(
    sleep 1
    aws sqs send-message --queue-url "$orders" --message-body "worth-waiting-for" --output text > /dev/null
) &
began=$(date +%s)
expect "the waiting receive got" worth-waiting-for "$(receive_bodies "$orders" --wait-time-seconds 20)"
took=$(($(date +%s) - began))
wait
[ "$took" -lt 15 ] || { echo "EXPECTED the receive to return when the message came, but it took $took s" >&2; exit 1; }
show "it returned as soon as the message was there, not after 20 s"

step "Dead-letter queue" \
    "A message that no worker can handle would come back for ever. With a redrive policy it is delivered, twice" \
    "here, and then moved aside by the next receive, where somebody can look at it."
make "lab-dead-$run_id"
dead="$url"
make "lab-jobs-$run_id" VisibilityTimeout=5
jobs="$url"
policy="{\\\"deadLetterTargetArn\\\":\\\"$(attribute "$dead" QueueArn)\\\",\\\"maxReceiveCount\\\":2}"
aws sqs set-queue-attributes --queue-url "$jobs" --attributes "{\"RedrivePolicy\":\"$policy\"}"
aws sqs send-message --queue-url "$jobs" --message-body poison --output text > /dev/null
expect "first try" poison "$(receive_bodies "$jobs")"
pass 5
expect "second try" poison "$(receive_bodies "$jobs")"
pass 5
expect "third receive" none "$(receive_bodies "$jobs")"
expect "the dead-letter queue has" poison "$(receive_bodies "$dead" --visibility-timeout 0)"

step "Redrive" \
    "The fault in the worker is mended. A message move task brings the dead letters back to where they came from."
aws sqs start-message-move-task --source-arn "$(attribute "$dead" QueueArn)" --output text > /dev/null
expect "back in the queue" poison "$(receive_bodies "$jobs" --wait-time-seconds 10)"

printf '\nAll as expected. The queues of this lab are deleted now.\n'
