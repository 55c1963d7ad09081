// The AWS SDK for JavaScript v3. It checks the MD5 of every body itself and fails when one is wrong.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  BatchEntryIdsNotDistinct,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  EmptyBatchRequest,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueueTagsCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  QueueNameExists,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  ResourceNotFoundException,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  paginateListQueues,
} from "@aws-sdk/client-sqs";
import { connect, createQueue } from "./queues.js";

let sqs;
before(() => { sqs = connect(); });
after(() => sqs.destroy());

const send = (QueueUrl, MessageBody, more = {}) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (QueueUrl, more = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages;
const code = (name) => (error) => error.Code === name || error.name === name || assert.fail(`${error.name}: ${error.message}`);

test("a message with attributes goes round and its MD5s are right", async () => {
  const url = await createQueue(sqs, "round");
  const MessageAttributes = {
    text: { DataType: "String", StringValue: "ünïcödé" },
    number: { DataType: "Number.int", StringValue: "42" },
    raw: { DataType: "Binary", BinaryValue: Uint8Array.from([0, 255, 10]) },
  };
  const sent = await send(url, "hello\r\n😀", { MessageAttributes });
  const [got] = await receive(url, { MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] });
  assert.equal(got.MessageId, sent.MessageId);
  assert.equal(got.Body, "hello\r\n😀");
  assert.equal(got.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
  assert.deepEqual([...got.MessageAttributes.raw.BinaryValue], [0, 255, 10]);
  assert.equal(got.MessageAttributes.text.StringValue, "ünïcödé");
  assert.equal(got.Attributes.ApproximateReceiveCount, "1");
});

test("an empty receive has no Messages, an empty list no QueueUrls", async () => {
  assert.equal(await receive(await createQueue(sqs, "empty")), undefined);
  assert.equal((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "none" }))).QueueUrls, undefined);
});

test("batches of ten succeed, and fail in part", async () => {
  const QueueUrl = await createQueue(sqs, "batches");
  const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: `e${n}`, MessageBody: n === 3 ? "\u0001" : `body ${n}` }));
  const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  assert.equal(sent.Successful.length, 9);
  assert.equal(sent.Failed[0].Code, "InvalidMessageContents");
  const got = await receive(QueueUrl);
  assert.equal(got.length, 9);
  const handles = got.map(({ ReceiptHandle }, n) => ({ Id: `e${n}`, ReceiptHandle }));
  const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
  assert.equal(deleted.Successful.length, 9);
  assert.equal(deleted.Failed, undefined);
});

test("errors are instances of the modelled classes", async () => {
  const QueueUrl = await createQueue(sqs, "errors");
  await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: "none" })), (error) => {
    assert.ok(error instanceof QueueDoesNotExist);
    assert.equal(error.message, "The specified queue does not exist.");
    assert.equal(error.$metadata.httpStatusCode, 400);
    return true;
  });
  await assert.rejects(createQueue(sqs, "errors", { DelaySeconds: "5" }), QueueNameExists);
  await assert.rejects(sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "garbage" })), ReceiptHandleIsInvalid);
  await assert.rejects(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })), EmptyBatchRequest);
  const same = { Id: "a", MessageBody: "x" };
  await assert.rejects(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [same, same] })), BatchEntryIdsNotDistinct);
  await assert.rejects(
    sqs.send(new ListMessageMoveTasksCommand({ SourceArn: "arn:aws:sqs:eu-west-1:000000000000:none" })),
    ResourceNotFoundException,
  );
  await assert.rejects(receive(QueueUrl, { MaxNumberOfMessages: 11 }), code("InvalidParameterValue"));
});

test("a long poll is woken by a send", async () => {
  const url = await createQueue(sqs, "poll");
  const poll = receive(url, { WaitTimeSeconds: 20 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = Date.now();
  await send(url, "wake");
  assert.equal((await poll)[0].Body, "wake");
  assert.ok(Date.now() - began < 5000);
});

test("visibility can be changed", async () => {
  const QueueUrl = await createQueue(sqs, "visibility");
  await send(QueueUrl, "x");
  const [{ ReceiptHandle }] = await receive(QueueUrl);
  assert.equal(await receive(QueueUrl), undefined);
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  assert.equal((await receive(QueueUrl)).length, 1);
});

test("a FIFO queue keeps order, locks groups and drops duplicates", async () => {
  const QueueUrl = await createQueue(sqs, "ordered.fifo", { ContentBasedDeduplication: "true" });
  const first = await send(QueueUrl, "1", { MessageGroupId: "a" });
  const again = await send(QueueUrl, "1", { MessageGroupId: "a" });
  assert.equal(again.MessageId, first.MessageId);
  assert.match(first.SequenceNumber, /^\d{20}$/);
  for (const body of ["2", "3"]) await send(QueueUrl, body, { MessageGroupId: "a" });
  await send(QueueUrl, "b", { MessageGroupId: "b" });
  assert.deepEqual((await receive(QueueUrl, { MaxNumberOfMessages: 2 })).map(({ Body }) => Body), ["1", "2"]);
  assert.deepEqual((await receive(QueueUrl)).map(({ Body }) => Body), ["b"]);
});

test("dead letters come back by a move task", async () => {
  const dead = await createQueue(sqs, "dead");
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ["QueueArn"] }));
  const deadLetterTargetArn = Attributes.QueueArn;
  const source = await createQueue(sqs, "source", {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }),
  });
  await send(source, "poison");
  await receive(source, { VisibilityTimeout: 0 });
  assert.equal(await receive(source), undefined);
  const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetterTargetArn }));
  assert.ok(TaskHandle);
  assert.equal((await receive(source, { WaitTimeSeconds: 5 }))[0].Body, "poison");
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadLetterTargetArn }));
  assert.equal(Results[0].ApproximateNumberOfMessagesMoved, 1);
});

test("attributes, tags, purge and pages", async () => {
  const own = connect();
  const names = ["p-1", "p-2", "p-3"];
  const urls = [];
  for (const name of names) urls.push(await createQueue(own, name));
  const seen = [];
  for await (const page of paginateListQueues({ client: own, pageSize: 2 }, {})) seen.push(...page.QueueUrls);
  assert.deepEqual(seen, urls);
  const QueueUrl = urls[0];
  await own.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "7" } }));
  const { Attributes } = await own.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  assert.equal(Attributes.VisibilityTimeout, "7");
  assert.equal(Attributes.SqsManagedSseEnabled, "true");
  await own.send(new TagQueueCommand({ QueueUrl, Tags: { a: "b" } }));
  assert.deepEqual((await own.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { a: "b" });
  await own.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
  await own.send(new PurgeQueueCommand({ QueueUrl }));
  assert.equal((await own.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
  await own.send(new DeleteQueueCommand({ QueueUrl }));
  await assert.rejects(own.send(new PurgeQueueCommand({ QueueUrl })), QueueDoesNotExist);
  own.destroy();
});

test("a body of one mebibyte", async () => {
  const url = await createQueue(sqs, "large");
  await send(url, "x".repeat(1048576));
  assert.equal((await receive(url))[0].Body.length, 1048576);
  await assert.rejects(send(url, "x".repeat(1048577)), code("InvalidParameterValue"));
});
