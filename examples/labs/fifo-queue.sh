#!/bin/sh
# A walk through a FIFO queue with the AWS CLI: order, duplicates, groups. Every step says what it does and why, and
# checks what it finds.
set -eu
. "$(dirname "$0")/lab.sh"

# post URL GROUP BODY [FLAGS]: sends one message, and tells its id.
post() {
    to="$1"; group="$2"; body="$3"; shift 3
    aws sqs send-message --queue-url "$to" --message-group-id "$group" --message-body "$body" "$@" \
        --query MessageId --output text
}

step "A FIFO queue" \
    "Its name ends in .fifo, for good. Every message names a group: order is kept within the group." \
    "Content-based deduplication takes the SHA-256 of the body as the id that tells duplicates."
make "lab-account-$run_id.fifo" FifoQueue=true,ContentBasedDeduplication=true,VisibilityTimeout=30
account="$url"
show "$account"

step "Order" \
    "Five bookings of one account. A batch of up to ten comes in the order in which they were sent, always."
for body in open deposit-100 withdraw-30 deposit-5 close; do post "$account" alice "$body" > /dev/null; done
expect "received" "open deposit-100 withdraw-30 deposit-5 close" "$(receive_bodies "$account" --max-number-of-messages 10)"

step "A locked group" \
    "While any message of a group is in flight, nothing else of the group is handed out. Otherwise two workers could" \
    "overtake each other. A new booking has to wait, too."
post "$account" alice reopen > /dev/null
expect "another worker gets" none "$(receive_bodies "$account" --max-number-of-messages 10)"

step "Order after a failure" \
    "The worker crashes. After the visibility timeout everything comes again, in the old order, with the new one behind."
pass 30
expect "received again" "open deposit-100 withdraw-30 deposit-5 close reopen" \
    "$(receive_bodies "$account" --max-number-of-messages 10)"

step "One at a time" \
    "Once the messages in flight are deleted, the group is free and the next one follows."
pass 30
drain "$account"
expect "messages left" 0 "$(attribute "$account" ApproximateNumberOfMessages)"

step "Expired handles" \
    "A FIFO queue refuses a receipt handle whose time is over: someone else may be working on the message by now."
post "$account" alice late > /dev/null
handle=$(receive_handle "$account")
pass 30
if refusal=$(aws sqs delete-message --queue-url "$account" --receipt-handle "$handle" 2>&1); then
    echo "EXPECTED the expired handle to be refused" >&2
    exit 1
fi
case "$refusal" in
    *"The receipt handle has expired"*) show "refused: the receipt handle has expired" ;;
    *) echo "EXPECTED another refusal than: $refusal" >&2; exit 1 ;;
esac
drain "$account"

step "Duplicates by content" \
    "The sender did not hear the answer and sends again. The second send succeeds and names the first message's id," \
    "but nothing is stored twice."
first=$(post "$account" alice transfer-50)
second=$(post "$account" alice transfer-50)
expect "the second send tells" "$first" "$second"
expect "received" transfer-50 "$(receive_bodies "$account" --max-number-of-messages 10)"

step "The memory lasts five minutes" \
    "It reaches back five minutes from the first send, whether or not the message was deleted meanwhile."
pass 30
drain "$account"
post "$account" alice transfer-50 > /dev/null
expect "within five minutes" none "$(receive_bodies "$account")"
pass 300
post "$account" alice transfer-50 > /dev/null
expect "after five minutes" transfer-50 "$(receive_bodies "$account")"
pass 30
drain "$account"

step "Duplicates by id" \
    "With an id of your own, equal bodies can be different messages, and different bodies the same one."
post "$account" alice coffee --message-deduplication-id monday > /dev/null
post "$account" alice coffee --message-deduplication-id tuesday > /dev/null
post "$account" alice tea --message-deduplication-id tuesday > /dev/null
expect "received" "coffee coffee" "$(receive_bodies "$account" --max-number-of-messages 10)"
pass 30
drain "$account"

step "Groups" \
    "Groups are independent of each other: while alice's messages are in flight, bob's can be worked on." \
    "So one queue serves many accounts at the same time, each in its own order."
for body in a1 a2; do post "$account" alice "$body" > /dev/null; done
for body in b1 b2; do post "$account" bob "$body" > /dev/null; done
expect "the first worker gets" "a1 a2" "$(receive_bodies "$account" --max-number-of-messages 2)"
expect "the second worker gets" "b1 b2" "$(receive_bodies "$account" --max-number-of-messages 10)"
expect "a third one gets" none "$(receive_bodies "$account" --max-number-of-messages 10)"

step "Sequence numbers" \
    "Every message gets a number of 20 digits, and within a group later ones are larger."
numbers=$(for body in x y; do
    aws sqs send-message --queue-url "$account" --message-group-id carol --message-body "$body" \
        --query SequenceNumber --output text
done)
expect "sorted, they are as they came" "$numbers" "$(printf '%s\n' "$numbers" | sort)"

printf '\nAll as expected. The queue of this lab is deleted now.\n'
