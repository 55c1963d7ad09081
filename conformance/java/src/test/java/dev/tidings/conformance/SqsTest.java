package dev.tidings.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.EmptyBatchRequestException;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** The AWS SDK for Java v2. It checks the MD5 of bodies and of attributes itself and fails when one is wrong. */
class SqsTest {
    private SqsClient sqs;

    @BeforeEach
    void connect() {
        String endpoint = System.getenv().getOrDefault("TIDINGS_ENDPOINT", "http://127.0.0.1:4566");
        String account = String.valueOf(ThreadLocalRandom.current().nextLong(100_000_000_000L, 999_999_999_999L));
        sqs = SqsClient.builder()
                .endpointOverride(URI.create(endpoint))
                .region(Region.EU_WEST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(account, "secret")))
                .httpClient(UrlConnectionHttpClient.create())
                .overrideConfiguration(c -> c.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
    }

    @AfterEach
    void close() {
        sqs.close();
    }

    private String create(String name, Map<QueueAttributeName, String> attributes) {
        return sqs.createQueue(r -> r.queueName(name).attributes(attributes)).queueUrl();
    }

    private String create(String name) {
        return create(name, Map.of());
    }

    private List<Message> receive(String url, int most) {
        return sqs.receiveMessage(ReceiveMessageRequest.builder()
                        .queueUrl(url)
                        .maxNumberOfMessages(most)
                        .messageAttributeNames("All")
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                        .build())
                .messages();
    }

    private List<String> bodies(String url, int most) {
        return receive(url, most).stream().map(Message::body).toList();
    }

    private String attribute(String url, QueueAttributeName name) {
        return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(name)).attributes().get(name);
    }

    @Test
    void aMessageWithAttributesGoesRound() {
        String url = create("round");
        Map<String, MessageAttributeValue> attributes = Map.of(
                "text", MessageAttributeValue.builder().dataType("String").stringValue("ünïcödé").build(),
                "number", MessageAttributeValue.builder().dataType("Number.int").stringValue("42").build(),
                "raw", MessageAttributeValue.builder().dataType("Binary")
                        .binaryValue(SdkBytes.fromByteArray(new byte[] {0, -1, 10})).build());
        String id = sqs.sendMessage(r -> r.queueUrl(url).messageBody("hello\r\n😀").messageAttributes(attributes)).messageId();
        Message got = receive(url, 1).get(0);
        assertEquals(id, got.messageId());
        assertEquals("hello\r\n😀", got.body());
        assertEquals(attributes, got.messageAttributes());
        assertEquals("1", got.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT));
    }

    @Test
    void emptyAnswersHaveNoLists() {
        String url = create("empty");
        assertFalse(sqs.receiveMessage(r -> r.queueUrl(url)).hasMessages());
        assertFalse(sqs.listQueues(r -> r.queueNamePrefix("none")).hasQueueUrls());
        assertFalse(sqs.listQueueTags(r -> r.queueUrl(url)).hasTags());
    }

    @Test
    void batchesSucceedAndFailInPart() {
        String url = create("batches");
        var entries = IntStream.range(0, 10)
                .mapToObj(n -> SendMessageBatchRequestEntry.builder().id("e" + n)
                        .messageBody(n == 3 ? "\u0001" : "body " + n).build())
                .toList();
        var sent = sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
        assertEquals(9, sent.successful().size());
        assertEquals("InvalidMessageContents", sent.failed().get(0).code());
        assertTrue(sent.failed().get(0).senderFault());
        var messages = receive(url, 10);
        assertEquals(9, messages.size());
        var handles = IntStream.range(0, 9)
                .mapToObj(n -> DeleteMessageBatchRequestEntry.builder().id("e" + n)
                        .receiptHandle(messages.get(n).receiptHandle()).build())
                .toList();
        var deleted = sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(handles));
        assertEquals(9, deleted.successful().size());
        assertFalse(deleted.hasFailed());
    }

    @Test
    void errorsAreTheModelledExceptionsWithTheCodesOfTheService() {
        String url = create("errors");
        var absent = assertThrows(QueueDoesNotExistException.class, () -> sqs.getQueueUrl(r -> r.queueName("none")));
        assertEquals("AWS.SimpleQueueService.NonExistentQueue", absent.awsErrorDetails().errorCode());
        assertEquals(400, absent.statusCode());
        assertThrows(QueueNameExistsException.class, () -> create("errors", Map.of(QueueAttributeName.DELAY_SECONDS, "5")));
        assertThrows(ReceiptHandleIsInvalidException.class,
                () -> sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle("garbage")));
        assertThrows(EmptyBatchRequestException.class, () -> sqs.sendMessageBatch(r -> r.queueUrl(url).entries(List.of())));
        var invalid = assertThrows(SqsException.class, () -> receive(url, 11));
        assertEquals("InvalidParameterValue", invalid.awsErrorDetails().errorCode());
        assertTrue(invalid.requestId() != null && !invalid.requestId().isEmpty());
    }

    @Test
    void aLongPollIsWokenByASend() throws Exception {
        String url = create("poll");
        var poll = CompletableFuture.supplyAsync(
                () -> sqs.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20)).messages());
        Thread.sleep(200);
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("wake"));
        assertEquals("wake", poll.get(5, TimeUnit.SECONDS).get(0).body());
    }

    @Test
    void visibilityCanBeChanged() {
        String url = create("visibility");
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        String handle = receive(url, 1).get(0).receiptHandle();
        assertEquals(List.of(), bodies(url, 1));
        sqs.changeMessageVisibility(r -> r.queueUrl(url).receiptHandle(handle).visibilityTimeout(0));
        assertEquals(List.of("x"), bodies(url, 1));
    }

    @Test
    void aFifoQueueKeepsOrderLocksGroupsAndDropsDuplicates() {
        String url = create("ordered.fifo",
                Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
        var first = sqs.sendMessage(r -> r.queueUrl(url).messageBody("1").messageGroupId("a"));
        var again = sqs.sendMessage(r -> r.queueUrl(url).messageBody("1").messageGroupId("a"));
        assertEquals(first.messageId(), again.messageId());
        assertTrue(first.sequenceNumber().matches("\\d{20}"));
        for (String body : List.of("2", "3")) {
            sqs.sendMessage(r -> r.queueUrl(url).messageBody(body).messageGroupId("a"));
        }
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("b").messageGroupId("b"));
        assertEquals(List.of("1", "2"), bodies(url, 2));
        assertEquals(List.of("b"), bodies(url, 10));
    }

    @Test
    void deadLettersComeBackByAMoveTask() {
        String dead = create("dead");
        String arn = attribute(dead, QueueAttributeName.QUEUE_ARN);
        String policy = "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":1}";
        String source = create("source", Map.of(QueueAttributeName.REDRIVE_POLICY, policy));
        sqs.sendMessage(r -> r.queueUrl(source).messageBody("poison"));
        sqs.receiveMessage(r -> r.queueUrl(source).visibilityTimeout(0));
        assertEquals(List.of(), bodies(source, 1));
        assertEquals("1", attribute(dead, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES));
        sqs.startMessageMoveTask(r -> r.sourceArn(arn));
        var back = sqs.receiveMessage(r -> r.queueUrl(source).waitTimeSeconds(5)).messages();
        assertEquals("poison", back.get(0).body());
        assertEquals(1L, sqs.listMessageMoveTasks(r -> r.sourceArn(arn)).results().get(0).approximateNumberOfMessagesMoved());
    }

    @Test
    void attributesTagsPurgeAndPages() {
        var urls = List.of(create("p-1"), create("p-2"), create("p-3"));
        var seen = sqs.listQueuesPaginator(r -> r.maxResults(2)).queueUrls().stream().toList();
        assertEquals(urls, seen);
        String url = urls.get(0);
        sqs.setQueueAttributes(r -> r.queueUrl(url).attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "7")));
        assertEquals("7", attribute(url, QueueAttributeName.VISIBILITY_TIMEOUT));
        sqs.tagQueue(r -> r.queueUrl(url).tags(Map.of("a", "b")));
        assertEquals(Map.of("a", "b"), sqs.listQueueTags(r -> r.queueUrl(url)).tags());
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x"));
        sqs.purgeQueue(r -> r.queueUrl(url));
        assertEquals(List.of(), bodies(url, 1));
        sqs.deleteQueue(r -> r.queueUrl(url));
        assertThrows(QueueDoesNotExistException.class, () -> sqs.purgeQueue(r -> r.queueUrl(url)));
    }

    @Test
    void aBodyOfOneMebibyte() {
        String url = create("large");
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("x".repeat(1048576)));
        assertEquals(1048576, bodies(url, 1).get(0).length());
        var tooLong = assertThrows(SqsException.class,
                () -> sqs.sendMessage(r -> r.queueUrl(url).messageBody("x".repeat(1048577))));
        assertEquals("InvalidParameterValue", tooLong.awsErrorDetails().errorCode());
    }
}
