// The AWS SDK for JavaScript v3 with SNS, and sns-validator, which recipients in JavaScript check notifications with.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { EventEmitter } from "node:events";
import http from "node:http";
import https from "node:https";
import { after, before, test } from "node:test";
import {
  AddPermissionCommand,
  BatchEntryIdsNotDistinctException,
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  InvalidParameterException,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  paginateListTopics,
} from "@aws-sdk/client-sns";
import { DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import MessageValidator from "sns-validator";
import { connect, createQueue, endpoint } from "./queues.js";

const PATIENCE_MILLIS = 15_000;
let account, sns, sqs;
before(() => {
  account = String(100000000000 + Math.floor(Math.random() * 899999999999));
  sqs = connect(account);
  sns = new SNSClient({
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: account, secretAccessKey: "secret" },
    maxAttempts: 1,
  });
});
after(() => {
  sqs.destroy();
  sns.destroy();
});

const createTopic = async (Name, Attributes = {}) => (await sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn;
const publish = (TopicArn, Message, more = {}) => sns.send(new PublishCommand({ TopicArn, Message, ...more }));
const subscribe = async (TopicArn, Protocol, Endpoint, Attributes = {}) =>
  (await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true }))).SubscriptionArn;

async function follow(topic, name, attributes = {}) {
  const QueueUrl = await createQueue(sqs, name);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  return { url: QueueUrl, subscription: await subscribe(topic, "sqs", Attributes.QueueArn, attributes) };
}

// So many messages, taken out of the queue as they come.
async function arrived(QueueUrl, count = 1) {
  const found = [];
  const giveUp = Date.now() + PATIENCE_MILLIS;
  while (found.length < count) {
    assert.ok(Date.now() < giveUp, `${found.length} of ${count} messages came`);
    const call = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 1,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    for (const message of (await sqs.send(call)).Messages ?? []) {
      found.push(message);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    }
  }
  assert.equal(found.length, count);
  return found;
}

// An HTTP endpoint: `next()` gives what was posted, in order.
async function receiver() {
  const posts = [];
  const news = new EventEmitter();
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      news.emit("post");
      response.end();
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    async next() {
      if (!posts.length) {
        const giveUp = AbortSignal.timeout(PATIENCE_MILLIS);
        await new Promise((done, fail) => {
          news.once("post", done);
          giveUp.addEventListener("abort", () => fail(new Error("nothing was posted")));
        });
      }
      return posts.shift();
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

// sns-validator fetches certificates over https only. What it asks for is fetched from the server under test here; the
// validation itself is untouched.
function validator() {
  const host = new URL(endpoint).host;
  return new MessageValidator(new RegExp(`^${host.replaceAll(".", "\\.")}$`));
}

function viaHttp(t) {
  t.mock.method(https, "get", (url, answered) => http.get(url.replace(/^https:/, "http:"), answered));
}

function validate(body) {
  const message = JSON.parse(body);
  message.SigningCertURL = message.SigningCertURL.replace(/^http:/, "https:");
  return new Promise((done, fail) => validator().validate(message, (error, valid) => (error ? fail(error) : done(valid))));
}

for (const version of ["1", "2"]) {
  test(`sns-validator accepts everything that is posted, signed by version ${version}`, async (t) => {
    viaHttp(t);
    const topic = await createTopic(`validated-${version}`, { SignatureVersion: version });
    const hook = await receiver();
    t.after(() => hook.close());
    await subscribe(topic, "http", hook.url);
    const confirmation = await validate((await hook.next()).body);
    assert.equal(confirmation.Type, "SubscriptionConfirmation");
    assert.equal(confirmation.SignatureVersion, version);
    await fetch(confirmation.SubscribeURL);
    const MessageAttributes = { kind: { DataType: "String", StringValue: "x" } };
    for (const more of [{}, { Subject: "A subject" }, { MessageAttributes }]) {
      const sent = await publish(topic, "Grüße 😀\n\"quoted\" \u2028", more);
      const told = await validate((await hook.next()).body);
      assert.equal(told.MessageId, sent.MessageId);
      assert.equal(told.Message, "Grüße 😀\n\"quoted\" \u2028");
      assert.equal(told.SignatureVersion, version);
    }
  });

  test(`sns-validator accepts what comes through a queue, signed by version ${version}`, async (t) => {
    viaHttp(t);
    const topic = await createTopic(`queued-${version}`, { SignatureVersion: version });
    const { url } = await follow(topic, `queued-${version}`);
    await publish(topic, "through a queue", { Subject: "s" });
    const [message] = await arrived(url);
    assert.equal((await validate(message.Body)).Message, "through a queue");
  });
}

test("sns-validator refuses what was changed on the way", async (t) => {
  viaHttp(t);
  const topic = await createTopic("changed");
  const { url } = await follow(topic, "changed");
  await publish(topic, "pay 1");
  const [message] = await arrived(url);
  await assert.rejects(validate(message.Body.replace("pay 1", "pay 9")), /signature is invalid/);
});

test("the certificate is one that Node reads", async () => {
  const topic = await createTopic("certificate");
  const { url } = await follow(topic, "certificate");
  await publish(topic, "x");
  const [message] = await arrived(url);
  const answer = await fetch(JSON.parse(message.Body).SigningCertURL);
  assert.equal(answer.status, 200);
  const certificate = new crypto.X509Certificate(await answer.text());
  assert.equal(certificate.publicKey.asymmetricKeyType, "rsa");
  assert.ok(new Date(certificate.validTo) > new Date());
});

test("a message reaches a queue in an envelope and raw", async () => {
  const topic = await createTopic("fan-out");
  const enveloped = await follow(topic, "enveloped");
  const raw = await follow(topic, "raw", { RawMessageDelivery: "true" });
  const MessageAttributes = {
    text: { DataType: "String", StringValue: "ü" },
    raw: { DataType: "Binary", BinaryValue: Uint8Array.from([0, 255, 10]) },
  };
  const sent = await publish(topic, "hello", { MessageAttributes });
  const told = JSON.parse((await arrived(enveloped.url))[0].Body);
  assert.equal(told.MessageId, sent.MessageId);
  assert.deepEqual(told.MessageAttributes, {
    text: { Type: "String", Value: "ü" },
    raw: { Type: "Binary", Value: "AP8K" },
  });
  const [plain] = await arrived(raw.url);
  assert.equal(plain.Body, "hello");
  assert.deepEqual([...plain.MessageAttributes.raw.BinaryValue], [0, 255, 10]);
});

test("filters hold, and change", async () => {
  const topic = await createTopic("filtered");
  const { url, subscription } = await follow(topic, "filtered", { FilterPolicy: '{"kind":["a"]}' });
  const kind = (StringValue) => ({ MessageAttributes: { kind: { DataType: "String", StringValue } } });
  await publish(topic, "left out", kind("b"));
  const call = { SubscriptionArn: subscription, AttributeName: "FilterPolicy", AttributeValue: '{"kind":["b"]}' };
  await sns.send(new SetSubscriptionAttributesCommand(call));
  await publish(topic, "let through", kind("b"));
  assert.equal(JSON.parse((await arrived(url))[0].Body).Message, "let through");
});

test("batches", async () => {
  const topic = await createTopic("batches");
  const { url } = await follow(topic, "batches");
  const PublishBatchRequestEntries = [..."abc"].map((Id) => ({ Id, Message: `message ${Id}` }));
  const answer = await sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries }));
  assert.deepEqual(answer.Successful.map(({ Id }) => Id), ["a", "b", "c"]);
  assert.deepEqual(answer.Failed, []);
  const bodies = (await arrived(url, 3)).map(({ Body }) => JSON.parse(Body).Message);
  assert.deepEqual(bodies.sort(), ["message a", "message b", "message c"]);
  const twice = [PublishBatchRequestEntries[0], PublishBatchRequestEntries[0]];
  const again = new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: twice });
  await assert.rejects(sns.send(again), BatchEntryIdsNotDistinctException);
});

test("a FIFO topic numbers its messages and knows duplicates", async () => {
  const topic = await createTopic("ordered.fifo", { FifoTopic: "true", ContentBasedDeduplication: "true" });
  const { url } = await follow(topic, "ordered.fifo");
  const first = await publish(topic, "one", { MessageGroupId: "g" });
  const again = await publish(topic, "one", { MessageGroupId: "g" });
  assert.deepEqual([again.MessageId, again.SequenceNumber], [first.MessageId, first.SequenceNumber]);
  await publish(topic, "two", { MessageGroupId: "g" });
  const told = (await arrived(url, 2)).map(({ Body }) => JSON.parse(Body));
  assert.deepEqual(told.map(({ Message }) => Message), ["one", "two"]);
  assert.equal(told[0].SequenceNumber, first.SequenceNumber);
});

test("an endpoint is confirmed by its token and leaves by its link", async (t) => {
  const topic = await createTopic("handshake");
  const hook = await receiver();
  t.after(() => hook.close());
  const subscription = await subscribe(topic, "http", hook.url);
  const request = await hook.next();
  assert.equal(request.headers["x-amz-sns-message-type"], "SubscriptionConfirmation");
  const { Token } = JSON.parse(request.body);
  const confirmed = await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topic, Token }));
  assert.equal(confirmed.SubscriptionArn, subscription);
  await publish(topic, "x");
  const told = await hook.next();
  assert.equal(told.headers["x-amz-sns-subscription-arn"], subscription);
  assert.equal((await fetch(JSON.parse(told.body).UnsubscribeURL)).status, 200);
  assert.equal(JSON.parse((await hook.next()).body).Type, "UnsubscribeConfirmation");
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
  assert.deepEqual(Subscriptions, []);
});

test("attributes, tags, permissions, errors", async () => {
  const TopicArn = await createTopic("settings", { DisplayName: "Settings" });
  await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "TracingConfig", AttributeValue: "Active" }));
  await sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "a", Value: "b" }] }));
  await sns.send(new AddPermissionCommand({ TopicArn, Label: "l", AWSAccountId: ["111122223333"], ActionName: ["Publish"] }));
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  assert.deepEqual([Attributes.DisplayName, Attributes.TracingConfig, Attributes.Owner], ["Settings", "Active", account]);
  assert.equal(JSON.parse(Attributes.Policy).Statement[1].Sid, "l");
  const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
  assert.deepEqual(Tags, [{ Key: "a", Value: "b" }]);
  await assert.rejects(createTopic("bad name"), InvalidParameterException);
  await sns.send(new DeleteTopicCommand({ TopicArn }));
  await assert.rejects(publish(TopicArn, "x"), NotFoundException);
});

test("unsubscribing ends it", async () => {
  const topic = await createTopic("leaving");
  const { subscription } = await follow(topic, "leaving");
  await sns.send(new UnsubscribeCommand({ SubscriptionArn: subscription }));
  await assert.rejects(sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription })), NotFoundException);
});

test("the SDK pages through topics", async () => {
  const client = new SNSClient({
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: String(Number(account) + 1), secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  for (let n = 0; n < 101; n++) await client.send(new CreateTopicCommand({ Name: `page-${n}` }));
  const pages = [];
  for await (const page of paginateListTopics({ client }, {})) pages.push(page.Topics.length);
  assert.deepEqual(pages, [100, 1]);
  client.destroy();
});
