#!/bin/sh
# A walk through a topic with the AWS CLI: one publish, and two queues, a mailbox and a web endpoint get it; filters, raw
# delivery, retries, dead letters. Every step says what it does and why, and checks what it finds.
set -eu
. "$(dirname "$0")/lab.sh"

# subscribe PROTOCOL ENDPOINT [ATTRIBUTES]: tells the subscription's ARN.
subscribe() {
    aws sns subscribe --topic-arn "$topic" --protocol "$1" --notification-endpoint "$2" ${3:+--attributes "$3"} \
        --return-subscription-arn --query SubscriptionArn --output text
}

# publish MESSAGE [FLAGS]
publish() {
    message="$1"; shift
    aws sns publish --topic-arn "$topic" --message "$message" "$@" --query MessageId --output text > /dev/null
}

# The attribute `region` of a message, for `publish`.
region() { printf -- '{"region":{"DataType":"String","StringValue":"%s"}}' "$1"; }

# The text KEY of a notification on standard input.
text_of() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# take URL: the body of a queue's one message, which is then deleted.
take() {
    aws sqs receive-message --queue-url "$1" --wait-time-seconds 5 --query 'Messages[0].[Body, ReceiptHandle]' --output json > "$work/taken"
    delete "$1" "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[1])' "$work/taken")"
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[0])' "$work/taken"
}

# await FILE: waits until it is there, at most 10 s.
await() {
    left=100
    until [ -e "$1" ]; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { echo "EXPECTED something to be posted" >&2; exit 1; }
        sleep 0.1
    done
}

work=$(mktemp -d)
python3 "$(dirname "$0")/receiver.py" "$work" &
receiver=$!
await "$work/url"
also_tidy() {
    kill "$receiver"
    wait "$receiver" 2> /dev/null || true
    rm -r "$work"
    aws sns delete-topic --topic-arn "$topic"
}

step "A topic" \
    "A topic keeps nothing. It hands each message on, at once, to everybody who subscribes to it, so that who publishes" \
    "need not know who listens."
topic=$(aws sns create-topic --name "lab-orders-$run_id" --attributes "DisplayName=Orders" --query TopicArn --output text)
show "$topic"
publish "nobody listens yet"
show "published to nobody: that is no error, and the message is gone"

step "Two queues" \
    "The books want all orders. The warehouse is interested in Europe only, which a filter policy says. It also wants" \
    "the plain message: with raw delivery the queue holds what was published, and nothing around it."
make "lab-books-$run_id"
books="$url"
make "lab-warehouse-$run_id"
warehouse="$url"
subscribe sqs "$(attribute "$books" QueueArn)" > /dev/null
warehouse_subscription=$(subscribe sqs "$(attribute "$warehouse" QueueArn)" \
    '{"RawMessageDelivery":"true","FilterPolicy":"{\"region\":[{\"prefix\":\"eu-\"}]}"}')
show "queues are confirmed at once"

step "Fan-out" \
    "Two orders are published. Each carries its region as a message attribute, which the filter looks at."
publish "order 1" --message-attributes "$(region eu-west)"
publish "order 2" --message-attributes "$(region us-east)"
expect "the warehouse has" 1 "$(attribute "$warehouse" ApproximateNumberOfMessages)"
expect "it got the plain message" "order 1" "$(take "$warehouse")"
expect "the books have" 2 "$(attribute "$books" ApproximateNumberOfMessages)"

step "The envelope" \
    "Without raw delivery the message comes in a JSON document that tells its topic and id, and is signed."
take "$books" > "$work/envelope"
expect "type" Notification "$(text_of Type < "$work/envelope")"
expect "message" "order 1" "$(text_of Message < "$work/envelope")"
expect "topic" "$topic" "$(text_of TopicArn < "$work/envelope")"
certificate=$(text_of SigningCertURL < "$work/envelope")
expect "the certificate to check the signature with" "-----BEGIN CERTIFICATE-----" "$(curl -fsS "$certificate" | head -n 1)"
drain "$books"

step "A mailbox" \
    "A mail address subscribes. Without a mail server (--smtp) mails stay here and can be looked at: see /_aws/ses."
subscribe email "lab-$run_id@example.com" > /dev/null
publish "order 3" --subject "A new order"
left=100
until curl -fsS "$AWS_ENDPOINT_URL/_aws/ses?email=lab-$run_id@example.com" > "$work/mails" && grep -q text_part "$work/mails"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { echo "EXPECTED a mail" >&2; exit 1; }
    sleep 0.1
done
mail=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["messages"][0]["Body"]["text_part"])' < "$work/mails")
expect "the mail" "order 3" "$mail"
drain "$books"

step "A web endpoint" \
    "Anybody could name any URL, so it is asked first: it receives a link, and gets messages only once that was visited."
web=$(subscribe http "$(cat "$work/url")")
await "$work/1"
expect "posted" SubscriptionConfirmation "$(text_of Type < "$work/1")"
publish "too early"
curl -fsS -o /dev/null "$(text_of SubscribeURL < "$work/1")"
show "visited the link"
publish "order 4"
await "$work/2"
expect "posted" "order 4" "$(text_of Message < "$work/2")"
drain "$books"

step "Retries" \
    "The endpoint has a bad minute and answers 500. The delivery is repeated: three times, 20 s apart, unless a delivery" \
    "policy says otherwise. The others do not wait for it."
echo 500 > "$work/status"
publish "order 5"
await "$work/3"
expect "the books have it" "order 5" "$(take "$books" | text_of Message)"
echo 200 > "$work/status"
pass 20
await "$work/4"
expect "posted again" "order 5" "$(text_of Message < "$work/4")"
expect "it is the same message" "$(text_of MessageId < "$work/3")" "$(text_of MessageId < "$work/4")"

step "Dead letters" \
    "A 404 will be a 404 tomorrow, too: that is final. With a dead-letter queue of the subscription, what could not be" \
    "delivered is kept there as it would have been delivered."
make "lab-dead-$run_id"
dead="$url"
aws sns set-subscription-attributes --subscription-arn "$web" --attribute-name RedrivePolicy \
    --attribute-value "{\"deadLetterTargetArn\":\"$(attribute "$dead" QueueArn)\"}"
echo 404 > "$work/status"
publish "order 6"
expect "the dead-letter queue has" "order 6" "$(take "$dead" | text_of Message)"
drain "$books"

step "Leaving" \
    "The warehouse unsubscribes and hears no more."
aws sns unsubscribe --subscription-arn "$warehouse_subscription"
publish "order 7" --message-attributes "$(region eu-west)"
expect "the books have" "order 7" "$(take "$books" | text_of Message)"
expect "the warehouse has" 0 "$(attribute "$warehouse" ApproximateNumberOfMessages)"

printf '\nAll as expected. The topic and the queues of this lab are deleted now.\n'
