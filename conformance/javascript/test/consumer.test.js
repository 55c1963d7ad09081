// `sqs-consumer`, which most services in JavaScript receive with.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";
import { connect, createQueue } from "./queues.js";

let sqs;
before(() => { sqs = connect(); });
after(() => sqs.destroy());

const depth = async (QueueUrl) => {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return AttributeNames.map((name) => Number(Attributes[name]));
};

async function until(check) {
  for (const giveUp = Date.now() + 10000; !(await check()); ) {
    assert.ok(Date.now() < giveUp, "did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function consuming(options, during) {
  const consumer = Consumer.create({ sqs, waitTimeSeconds: 1, ...options });
  const problems = [];
  consumer.on("error", (error) => problems.push(error));
  consumer.start();
  try {
    await during(consumer);
  } finally {
    const stopped = new Promise((resolve) => consumer.on("stopped", resolve));
    consumer.stop({ abort: true });
    await stopped;
  }
  assert.deepEqual(problems.filter((error) => error.name !== "AbortError").map(String), []);
}

test("every message is handled once and deleted", async () => {
  const queueUrl = await createQueue(sqs, "consumed");
  for (let call = 0; call < 3; call += 1) {
    const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: `e${n}`, MessageBody: String(10 * call + n) }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
  const handled = [];
  await consuming({ queueUrl, batchSize: 10, handleMessage: async (message) => { handled.push(Number(message.Body)); return message; } }, async () => {
    await until(() => handled.length >= 30);
    await until(async () => (await depth(queueUrl)).every((count) => count === 0));
  });
  assert.deepEqual(handled.sort((a, b) => a - b), Array.from({ length: 30 }, (_, n) => n));
});

test("batches are handled and deleted as a whole", async () => {
  const queueUrl = await createQueue(sqs, "batched");
  const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: `e${n}`, MessageBody: String(n) }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  const sizes = [];
  await consuming({ queueUrl, batchSize: 10, handleMessageBatch: async (messages) => { sizes.push(messages.length); return messages; } }, async () => {
    await until(async () => sizes.length > 0 && (await depth(queueUrl)).every((count) => count === 0));
  });
  assert.equal(sizes.reduce((a, b) => a + b), 10);
});

test("a message whose handler fails comes again", async () => {
  const queueUrl = await createQueue(sqs, "failing");
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "again" }));
  let tries = 0;
  const handleMessage = async (message) => {
    tries += 1;
    if (tries === 1) throw new Error("on purpose");
    return message;
  };
  await consuming({ queueUrl, handleMessage, terminateVisibilityTimeout: true }, async () => {
    await until(async () => tries === 2 && (await depth(queueUrl)).every((count) => count === 0));
  });
});

test("a long handler extends the visibility by heartbeats", async () => {
  const queueUrl = await createQueue(sqs, "beating");
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "slow" }));
  let tries = 0;
  const handleMessage = async (message) => {
    tries += 1;
    await new Promise((resolve) => setTimeout(resolve, 2600));
    return message;
  };
  await consuming({ queueUrl, handleMessage, visibilityTimeout: 2, heartbeatInterval: 1 }, async () => {
    await until(async () => (await depth(queueUrl)).every((count) => count === 0));
  });
  assert.equal(tries, 1);
});

test("a FIFO queue is consumed in order", async () => {
  const queueUrl = await createQueue(sqs, "consumed.fifo", { ContentBasedDeduplication: "true" });
  const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: `e${n}`, MessageBody: String(n), MessageGroupId: "g" }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  const handled = [];
  await consuming({ queueUrl, suppressFifoWarning: true, handleMessage: async (message) => { handled.push(message.Body); return message; } }, async () => {
    await until(async () => (await depth(queueUrl)).every((count) => count === 0));
  });
  assert.deepEqual(handled, Entries.map(({ MessageBody }) => MessageBody));
});
