package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const patience = 15 * time.Second

// world is a client of each service, of an account that no other test uses.
type world struct {
	t   *testing.T
	ctx context.Context
	sns *sns.Client
	sqs *sqs.Client
}

func meet(t *testing.T) world {
	t.Helper()
	endpoint, caller := place()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	topics := sns.Options{BaseEndpoint: endpoint, Region: "eu-west-1", Credentials: caller, Retryer: aws.NopRetryer{}}
	queues := sqs.Options{BaseEndpoint: endpoint, Region: "eu-west-1", Credentials: caller, Retryer: aws.NopRetryer{}}
	return world{t: t, ctx: ctx, sns: sns.New(topics), sqs: sqs.New(queues)}
}

func (w world) topic(name string, attributes map[string]string) *string {
	w.t.Helper()
	input := &sns.CreateTopicInput{Name: &name, Attributes: attributes}
	return must[*sns.CreateTopicOutput](w.t)(w.sns.CreateTopic(w.ctx, input)).TopicArn
}

// follow makes a queue that subscribes to the topic. It returns the queue's URL and the subscription's ARN.
func (w world) follow(topic *string, name string, queue, attributes map[string]string) (*string, *string) {
	w.t.Helper()
	url := create(w.t, w.ctx, w.sqs, name, queue)
	asked := &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}}
	found := must[*sqs.GetQueueAttributesOutput](w.t)(w.sqs.GetQueueAttributes(w.ctx, asked))
	input := &sns.SubscribeInput{
		TopicArn:              topic,
		Protocol:              aws.String("sqs"),
		Endpoint:              aws.String(found.Attributes["QueueArn"]),
		Attributes:            attributes,
		ReturnSubscriptionArn: true,
	}
	return url, must[*sns.SubscribeOutput](w.t)(w.sns.Subscribe(w.ctx, input)).SubscriptionArn
}

func (w world) publish(topic *string, input sns.PublishInput) *sns.PublishOutput {
	w.t.Helper()
	input.TopicArn = topic
	return must[*sns.PublishOutput](w.t)(w.sns.Publish(w.ctx, &input))
}

// arrived takes exactly so many messages out of a queue as they come.
func (w world) arrived(url *string, count int) []types.Message {
	w.t.Helper()
	found := []types.Message{}
	for giveUp := time.Now().Add(patience); len(found) < count; {
		if time.Now().After(giveUp) {
			w.t.Fatalf("%d of %d messages came", len(found), count)
		}
		for _, message := range receive(w.t, w.ctx, w.sqs, url, 10) {
			found = append(found, message)
			input := &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: message.ReceiptHandle}
			must[*sqs.DeleteMessageOutput](w.t)(w.sqs.DeleteMessage(w.ctx, input))
		}
	}
	if len(found) != count {
		w.t.Fatalf("%d messages came instead of %d", len(found), count)
	}
	return found
}

// notification is the envelope around a message.
type notification struct {
	Type, MessageId, Message, Subject, SequenceNumber string
	MessageAttributes                                 map[string]struct{ Type, Value string }
}

func (w world) told(url *string, count int) []notification {
	w.t.Helper()
	found := []notification{}
	for _, message := range w.arrived(url, count) {
		var one notification
		if err := json.Unmarshal([]byte(*message.Body), &one); err != nil {
			w.t.Fatal(err)
		}
		found = append(found, one)
	}
	return found
}

func TestTopicTellsAllItsQueues(t *testing.T) {
	w := meet(t)
	topic := w.topic("news", nil)
	enveloped, _ := w.follow(topic, "enveloped", nil, nil)
	raw, _ := w.follow(topic, "raw", nil, map[string]string{"RawMessageDelivery": "true"})
	attributes := map[string]snstypes.MessageAttributeValue{
		"text": {DataType: aws.String("String"), StringValue: aws.String("ü")},
		"raw":  {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255, 10}},
	}
	sent := w.publish(topic, sns.PublishInput{Message: aws.String("hello 😀"), Subject: aws.String("s"), MessageAttributes: attributes})
	told := w.told(enveloped, 1)[0]
	if told.MessageId != *sent.MessageId || told.Message != "hello 😀" || told.Subject != "s" {
		t.Fatalf("told %+v", told)
	}
	if told.MessageAttributes["raw"].Value != "AP8K" || told.MessageAttributes["text"].Value != "ü" {
		t.Fatalf("told %+v", told.MessageAttributes)
	}
	plain := w.arrived(raw, 1)[0]
	if *plain.Body != "hello 😀" || !reflect.DeepEqual(plain.MessageAttributes["raw"].BinaryValue, []byte{0, 255, 10}) {
		t.Fatalf("received %+v", plain)
	}
}

func TestTopicFilters(t *testing.T) {
	w := meet(t)
	topic := w.topic("filtered", nil)
	url, _ := w.follow(topic, "filtered", nil, map[string]string{"FilterPolicy": `{"kind":[{"prefix":"a"}]}`})
	for _, kind := range []string{"b", "ab", "ba", "a"} {
		value := snstypes.MessageAttributeValue{DataType: aws.String("String"), StringValue: &kind}
		attributes := map[string]snstypes.MessageAttributeValue{"kind": value}
		w.publish(topic, sns.PublishInput{Message: &kind, MessageAttributes: attributes})
	}
	messages := []string{}
	for _, told := range w.told(url, 2) {
		messages = append(messages, told.Message)
	}
	sort.Strings(messages)
	if !reflect.DeepEqual(messages, []string{"a", "ab"}) {
		t.Fatalf("told %v", messages)
	}
}

func TestTopicBatchInOrder(t *testing.T) {
	w := meet(t)
	topic := w.topic("ordered.fifo", map[string]string{"FifoTopic": "true", "ContentBasedDeduplication": "true"})
	url, _ := w.follow(topic, "ordered.fifo", map[string]string{"FifoQueue": "true"}, nil)
	entries := []snstypes.PublishBatchRequestEntry{}
	for n := range 10 {
		id := fmt.Sprint(n)
		entries = append(entries, snstypes.PublishBatchRequestEntry{Id: &id, Message: &id, MessageGroupId: aws.String("g")})
	}
	input := &sns.PublishBatchInput{TopicArn: topic, PublishBatchRequestEntries: entries}
	answer := must[*sns.PublishBatchOutput](t)(w.sns.PublishBatch(w.ctx, input))
	if len(answer.Successful) != 10 || len(answer.Failed) != 0 {
		t.Fatalf("answered %+v", answer)
	}
	again := w.publish(topic, sns.PublishInput{Message: aws.String("3"), MessageGroupId: aws.String("g")})
	if *again.MessageId != *answer.Successful[3].MessageId || *again.SequenceNumber != *answer.Successful[3].SequenceNumber {
		t.Fatalf("the duplicate was answered %+v", again)
	}
	for n, told := range w.told(url, 10) {
		if told.Message != fmt.Sprint(n) || told.SequenceNumber != *answer.Successful[n].SequenceNumber {
			t.Fatalf("message %d is %+v", n, told)
		}
	}
}

func TestTopicSettingsAndErrors(t *testing.T) {
	w := meet(t)
	topic := w.topic("settings", map[string]string{"DisplayName": "Settings"})
	found := must[*sns.GetTopicAttributesOutput](t)(w.sns.GetTopicAttributes(w.ctx, &sns.GetTopicAttributesInput{TopicArn: topic}))
	if found.Attributes["DisplayName"] != "Settings" {
		t.Fatalf("attributes are %v", found.Attributes)
	}
	_, subscription := w.follow(topic, "settings", nil, nil)
	listed := must[*sns.ListSubscriptionsByTopicOutput](t)(
		w.sns.ListSubscriptionsByTopic(w.ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: topic}))
	if len(listed.Subscriptions) != 1 || *listed.Subscriptions[0].SubscriptionArn != *subscription {
		t.Fatalf("listed %+v", listed.Subscriptions)
	}
	_, err := w.sns.CreateTopic(w.ctx, &sns.CreateTopicInput{Name: aws.String("bad name")})
	var invalid *snstypes.InvalidParameterException
	if !errors.As(err, &invalid) {
		t.Fatalf("a bad name: %v", err)
	}
	must[*sns.DeleteTopicOutput](t)(w.sns.DeleteTopic(w.ctx, &sns.DeleteTopicInput{TopicArn: topic}))
	_, err = w.sns.Publish(w.ctx, &sns.PublishInput{TopicArn: topic, Message: aws.String("x")})
	var absent *snstypes.NotFoundException
	if !errors.As(err, &absent) {
		t.Fatalf("a deleted topic: %v", err)
	}
}

func TestTopicDeadLetters(t *testing.T) {
	w := meet(t)
	topic := w.topic("dead", nil)
	url := create(t, w.ctx, w.sqs, "dead", nil)
	asked := &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}}
	arn := must[*sqs.GetQueueAttributesOutput](t)(w.sqs.GetQueueAttributes(w.ctx, asked)).Attributes["QueueArn"]
	policy := map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q}`, arn)}
	gone, _ := w.follow(topic, "gone", nil, policy)
	must[*sqs.DeleteQueueOutput](t)(w.sqs.DeleteQueue(w.ctx, &sqs.DeleteQueueInput{QueueUrl: gone}))
	w.publish(topic, sns.PublishInput{Message: aws.String("lost?")})
	if told := w.told(url, 1)[0]; told.Message != "lost?" {
		t.Fatalf("the dead letter is %+v", told)
	}
}
