// A client of a fresh account, and queues of its own for every test.
import { SQSClient, CreateQueueCommand } from "@aws-sdk/client-sqs";

export const endpoint = process.env.TIDINGS_ENDPOINT ?? "http://127.0.0.1:4566";

export function connect(account = String(100000000000 + Math.floor(Math.random() * 899999999999))) {
  return new SQSClient({
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: account, secretAccessKey: "secret" },
    maxAttempts: 1,
  });
}

export async function createQueue(client, name, Attributes = {}) {
  if (name.endsWith(".fifo")) Attributes = { FifoQueue: "true", ...Attributes };
  return (await client.send(new CreateQueueCommand({ QueueName: name, Attributes }))).QueueUrl;
}
