// Package conformance holds the AWS SDK for Go v2 against a running tidings. The SDK checks the MD5 of bodies itself
// and fails when one is wrong.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// place is the server under test, and an account that no other test uses.
func place() (*string, aws.CredentialsProvider) {
	endpoint := os.Getenv("TIDINGS_ENDPOINT")
	if endpoint == "" {
		endpoint = "http://127.0.0.1:4566"
	}
	account := fmt.Sprint(100_000_000_000 + rand.Int64N(899_999_999_999))
	return &endpoint, credentials.NewStaticCredentialsProvider(account, "secret", "")
}

// connect returns a client of an account that no other test uses.
func connect(t *testing.T) (*sqs.Client, context.Context) {
	t.Helper()
	endpoint, caller := place()
	client := sqs.New(sqs.Options{
		BaseEndpoint: endpoint,
		Region:       "eu-west-1",
		Credentials:  caller,
		Retryer:      aws.NopRetryer{},
	})
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return client, ctx
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func create(t *testing.T, ctx context.Context, client *sqs.Client, name string, attributes map[string]string) *string {
	t.Helper()
	input := &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes}
	return must[*sqs.CreateQueueOutput](t)(client.CreateQueue(ctx, input)).QueueUrl
}

func send(t *testing.T, ctx context.Context, client *sqs.Client, url *string, body string) *sqs.SendMessageOutput {
	t.Helper()
	input := &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body}
	return must[*sqs.SendMessageOutput](t)(client.SendMessage(ctx, input))
}

func receive(t *testing.T, ctx context.Context, client *sqs.Client, url *string, most int32) []types.Message {
	t.Helper()
	input := &sqs.ReceiveMessageInput{
		QueueUrl:                    url,
		MaxNumberOfMessages:         most,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	}
	return must[*sqs.ReceiveMessageOutput](t)(client.ReceiveMessage(ctx, input)).Messages
}

func bodies(messages []types.Message) []string {
	found := []string{}
	for _, message := range messages {
		found = append(found, *message.Body)
	}
	return found
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Fatalf("want %s, got %v", code, err)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestAMessageWithAttributesGoesRound(t *testing.T) {
	client, ctx := connect(t)
	url := create(t, ctx, client, "round", nil)
	attributes := map[string]types.MessageAttributeValue{
		"text":   {DataType: aws.String("String"), StringValue: aws.String("ünïcödé")},
		"number": {DataType: aws.String("Number.int"), StringValue: aws.String("42")},
		"raw":    {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255, 10}},
	}
	input := &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("hello\r\n😀"), MessageAttributes: attributes}
	sent := must[*sqs.SendMessageOutput](t)(client.SendMessage(ctx, input))
	got := receive(t, ctx, client, url, 1)[0]
	equal(t, *got.MessageId, *sent.MessageId)
	equal(t, *got.Body, "hello\r\n😀")
	equal(t, *got.MD5OfMessageAttributes, *sent.MD5OfMessageAttributes)
	equal(t, got.MessageAttributes, attributes)
	equal(t, got.Attributes["ApproximateReceiveCount"], "1")
}

func TestEmptyAnswersHaveNoLists(t *testing.T) {
	client, ctx := connect(t)
	url := create(t, ctx, client, "empty", nil)
	if messages := receive(t, ctx, client, url, 10); messages != nil {
		t.Fatalf("want no messages, got %v", messages)
	}
	listed := must[*sqs.ListQueuesOutput](t)(client.ListQueues(ctx, &sqs.ListQueuesInput{QueueNamePrefix: aws.String("none")}))
	if listed.QueueUrls != nil {
		t.Fatalf("want no list, got %v", listed.QueueUrls)
	}
}

func TestBatchesSucceedAndFailInPart(t *testing.T) {
	client, ctx := connect(t)
	url := create(t, ctx, client, "batches", nil)
	var entries []types.SendMessageBatchRequestEntry
	for n := range 10 {
		body := fmt.Sprint("body ", n)
		if n == 3 {
			body = "\x01"
		}
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint("e", n)), MessageBody: &body})
	}
	sent := must[*sqs.SendMessageBatchOutput](t)(client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries}))
	equal(t, len(sent.Successful), 9)
	equal(t, *sent.Failed[0].Code, "InvalidMessageContents")
	var handles []types.DeleteMessageBatchRequestEntry
	for _, message := range receive(t, ctx, client, url, 10) {
		handles = append(handles, types.DeleteMessageBatchRequestEntry{Id: message.MessageId, ReceiptHandle: message.ReceiptHandle})
	}
	deleted := must[*sqs.DeleteMessageBatchOutput](t)(client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: handles}))
	equal(t, len(deleted.Successful), 9)
	equal(t, len(deleted.Failed), 0)
}

func TestErrorsAreTheModelledTypes(t *testing.T) {
	client, ctx := connect(t)
	url := create(t, ctx, client, "errors", nil)
	_, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("none")})
	var absent *types.QueueDoesNotExist
	if !errors.As(err, &absent) || absent.ErrorMessage() != "The specified queue does not exist." {
		t.Fatalf("want QueueDoesNotExist, got %v", err)
	}
	wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue")
	_, err = client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("errors"), Attributes: map[string]string{"DelaySeconds": "5"}})
	var exists *types.QueueNameExists
	if !errors.As(err, &exists) {
		t.Fatalf("want QueueNameExists, got %v", err)
	}
	_, err = client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("garbage")})
	var invalid *types.ReceiptHandleIsInvalid
	if !errors.As(err, &invalid) {
		t.Fatalf("want ReceiptHandleIsInvalid, got %v", err)
	}
	_, err = client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{}})
	var empty *types.EmptyBatchRequest
	if !errors.As(err, &empty) {
		t.Fatalf("want EmptyBatchRequest, got %v", err)
	}
	_, err = client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 11})
	wantCode(t, err, "InvalidParameterValue")
}

func TestALongPollIsWokenByASend(t *testing.T) {
	client, ctx := connect(t)
	url := create(t, ctx, client, "poll", nil)
	got := make(chan *sqs.ReceiveMessageOutput, 1)
	go func() {
		output, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20})
		if err == nil {
			got <- output
		}
	}()
	time.Sleep(100 * time.Millisecond)
	send(t, ctx, client, url, "wake")
	select {
	case output := <-got:
		equal(t, bodies(output.Messages), []string{"wake"})
	case <-time.After(5 * time.Second):
		t.Fatal("the poll was not woken")
	}
}

func TestVisibilityCanBeChanged(t *testing.T) {
	client, ctx := connect(t)
	url := create(t, ctx, client, "visibility", nil)
	send(t, ctx, client, url, "x")
	handle := receive(t, ctx, client, url, 1)[0].ReceiptHandle
	equal(t, len(receive(t, ctx, client, url, 1)), 0)
	input := &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: 0}
	must[*sqs.ChangeMessageVisibilityOutput](t)(client.ChangeMessageVisibility(ctx, input))
	equal(t, len(receive(t, ctx, client, url, 1)), 1)
}

func TestAFifoQueueKeepsOrderLocksGroupsAndDropsDuplicates(t *testing.T) {
	client, ctx := connect(t)
	url := create(t, ctx, client, "ordered.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
	post := func(group, body string) *sqs.SendMessageOutput {
		input := &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body, MessageGroupId: &group}
		return must[*sqs.SendMessageOutput](t)(client.SendMessage(ctx, input))
	}
	first, again := post("a", "1"), post("a", "1")
	equal(t, *again.MessageId, *first.MessageId)
	equal(t, len(*first.SequenceNumber), 20)
	post("a", "2")
	post("a", "3")
	post("b", "b")
	equal(t, bodies(receive(t, ctx, client, url, 2)), []string{"1", "2"})
	equal(t, bodies(receive(t, ctx, client, url, 10)), []string{"b"})
}

func TestDeadLettersComeBackByAMoveTask(t *testing.T) {
	client, ctx := connect(t)
	dead := create(t, ctx, client, "dead", nil)
	names := []types.QueueAttributeName{types.QueueAttributeNameQueueArn}
	arn := must[*sqs.GetQueueAttributesOutput](t)(client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: dead, AttributeNames: names})).Attributes["QueueArn"]
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1}`, arn)
	source := create(t, ctx, client, "source", map[string]string{"RedrivePolicy": policy, "VisibilityTimeout": "0"})
	send(t, ctx, client, source, "poison")
	equal(t, len(receive(t, ctx, client, source, 1)), 1)
	equal(t, len(receive(t, ctx, client, source, 1)), 0)
	must[*sqs.StartMessageMoveTaskOutput](t)(client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &arn}))
	back := must[*sqs.ReceiveMessageOutput](t)(client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: source, WaitTimeSeconds: 5}))
	equal(t, bodies(back.Messages), []string{"poison"})
	tasks := must[*sqs.ListMessageMoveTasksOutput](t)(client.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &arn}))
	equal(t, tasks.Results[0].ApproximateNumberOfMessagesMoved, int64(1))
}

func TestAttributesTagsPurgeAndPages(t *testing.T) {
	client, ctx := connect(t)
	var made, seen []string
	for _, name := range []string{"p-1", "p-2", "p-3"} {
		made = append(made, *create(t, ctx, client, name, nil))
	}
	pages := sqs.NewListQueuesPaginator(client, &sqs.ListQueuesInput{MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		seen = append(seen, must[*sqs.ListQueuesOutput](t)(pages.NextPage(ctx)).QueueUrls...)
	}
	equal(t, seen, made)
	url := &made[0]
	must[*sqs.SetQueueAttributesOutput](t)(client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"VisibilityTimeout": "7"}}))
	all := []types.QueueAttributeName{types.QueueAttributeNameAll}
	attributes := must[*sqs.GetQueueAttributesOutput](t)(client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: all})).Attributes
	equal(t, attributes["VisibilityTimeout"], "7")
	must[*sqs.TagQueueOutput](t)(client.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "b"}}))
	equal(t, must[*sqs.ListQueueTagsOutput](t)(client.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: url})).Tags, map[string]string{"a": "b"})
	send(t, ctx, client, url, "x")
	must[*sqs.PurgeQueueOutput](t)(client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: url}))
	equal(t, len(receive(t, ctx, client, url, 1)), 0)
	must[*sqs.DeleteQueueOutput](t)(client.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url}))
	_, err := client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: url})
	wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue")
}

func TestABodyOfOneMebibyte(t *testing.T) {
	client, ctx := connect(t)
	url := create(t, ctx, client, "large", nil)
	send(t, ctx, client, url, strings.Repeat("x", 1048576))
	equal(t, len(*receive(t, ctx, client, url, 1)[0].Body), 1048576)
	_, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(strings.Repeat("x", 1048577))})
	wantCode(t, err, "InvalidParameterValue")
}
