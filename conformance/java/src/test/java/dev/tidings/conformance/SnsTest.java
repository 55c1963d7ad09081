package dev.tidings.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.NotFoundException;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sns.model.PublishBatchResponse;
import software.amazon.awssdk.services.sns.model.PublishResponse;
import software.amazon.awssdk.services.sns.model.Topic;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Topics with the AWS SDK for Java v2, and the queues that follow them. */
class SnsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private SnsClient sns;
    private SqsClient sqs;

    @BeforeEach
    void connect() {
        URI endpoint = URI.create(System.getenv().getOrDefault("TIDINGS_ENDPOINT", "http://127.0.0.1:4566"));
        String account = String.valueOf(ThreadLocalRandom.current().nextLong(100_000_000_000L, 999_999_999_999L));
        var caller = StaticCredentialsProvider.create(AwsBasicCredentials.create(account, "secret"));
        sns = SnsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.EU_WEST_1)
                .credentialsProvider(caller)
                .httpClient(UrlConnectionHttpClient.create())
                .overrideConfiguration(c -> c.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
        sqs = SqsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.EU_WEST_1)
                .credentialsProvider(caller)
                .httpClient(UrlConnectionHttpClient.create())
                .overrideConfiguration(c -> c.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
    }

    @AfterEach
    void close() {
        sns.close();
        sqs.close();
    }

    private String topic(String name, Map<String, String> attributes) {
        return sns.createTopic(r -> r.name(name).attributes(attributes)).topicArn();
    }

    private String queue(String name) {
        Map<QueueAttributeName, String> attributes =
                name.endsWith(".fifo") ? Map.of(QueueAttributeName.FIFO_QUEUE, "true") : Map.of();
        return sqs.createQueue(r -> r.queueName(name).attributes(attributes)).queueUrl();
    }

    private String arn(String url) {
        return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
                .attributes()
                .get(QueueAttributeName.QUEUE_ARN);
    }

    private String follow(String topic, String url, Map<String, String> attributes) {
        return sns.subscribe(r -> r.topicArn(topic)
                        .protocol("sqs")
                        .endpoint(arn(url))
                        .attributes(attributes)
                        .returnSubscriptionArn(true))
                .subscriptionArn();
    }

    /** Exactly so many messages, taken out of the queue as they come. */
    private List<Message> arrived(String url, int count) {
        List<Message> found = new ArrayList<>();
        Instant giveUp = Instant.now().plus(PATIENCE);
        while (found.size() < count) {
            assertTrue(Instant.now().isBefore(giveUp), found.size() + " messages came");
            var messages = sqs.receiveMessage(r -> r.queueUrl(url)
                            .maxNumberOfMessages(10)
                            .waitTimeSeconds(1)
                            .messageAttributeNames("All"))
                    .messages();
            for (Message message : messages) {
                found.add(message);
                sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
            }
        }
        assertEquals(count, found.size());
        return found;
    }

    /** One text of each envelope. */
    private List<String> told(String url, int count, String key) {
        return arrived(url, count).stream().map(message -> text(message, key)).toList();
    }

    private static String text(Message message, String key) {
        return JsonNode.parser().parse(message.body()).field(key).orElseThrow().text();
    }

    @Test
    void aTopicTellsAllItsQueues() {
        String topic = topic("news", Map.of());
        String enveloped = queue("enveloped");
        String raw = queue("raw");
        follow(topic, enveloped, Map.of());
        follow(topic, raw, Map.of("RawMessageDelivery", "true"));
        byte[] bytes = {0, -1, 10};
        PublishResponse sent = sns.publish(r -> r.topicArn(topic)
                .message("hello 😀")
                .messageAttributes(Map.of(
                        "raw",
                        MessageAttributeValue.builder()
                                .dataType("Binary")
                                .binaryValue(SdkBytes.fromByteArray(bytes))
                                .build())));
        Message told = arrived(enveloped, 1).get(0);
        assertEquals(sent.messageId(), text(told, "MessageId"));
        assertEquals("hello 😀", text(told, "Message"));
        Message plain = arrived(raw, 1).get(0);
        assertEquals("hello 😀", plain.body());
        assertEquals(
                SdkBytes.fromByteArray(bytes), plain.messageAttributes().get("raw").binaryValue());
    }

    @Test
    void aFilterLetsThroughWhatItNames() {
        String topic = topic("filtered", Map.of());
        String url = queue("filtered");
        follow(topic, url, Map.of("FilterPolicy", "{\"kind\":[\"a\"]}", "FilterPolicyScope", "MessageBody"));
        for (String kind : List.of("b", "a", "c")) {
            sns.publish(r -> r.topicArn(topic).message("{\"kind\":\"" + kind + "\"}"));
        }
        assertEquals(List.of("{\"kind\":\"a\"}"), told(url, 1, "Message"));
    }

    @Test
    void aFifoTopicKeepsOrderAndKnowsDuplicates() {
        String topic = topic("ordered.fifo", Map.of("FifoTopic", "true"));
        String url = queue("ordered.fifo");
        follow(topic, url, Map.of());
        List<PublishBatchRequestEntry> entries = IntStream.range(0, 10)
                .mapToObj(n -> PublishBatchRequestEntry.builder()
                        .id("e" + n)
                        .message("m" + n)
                        .messageGroupId("g")
                        .messageDeduplicationId("d" + n)
                        .build())
                .toList();
        PublishBatchResponse answer = sns.publishBatch(r -> r.topicArn(topic).publishBatchRequestEntries(entries));
        assertEquals(10, answer.successful().size());
        assertTrue(answer.failed().isEmpty());
        PublishResponse again = sns.publish(r ->
                r.topicArn(topic).message("other").messageGroupId("g").messageDeduplicationId("d4"));
        assertEquals(answer.successful().get(4).messageId(), again.messageId());
        assertEquals(answer.successful().get(4).sequenceNumber(), again.sequenceNumber());
        assertEquals(IntStream.range(0, 10).mapToObj(n -> "m" + n).toList(), told(url, 10, "Message"));
    }

    @Test
    void aDeadLetterIsWhatASubscriberWouldHaveGot() {
        String topic = topic("dead", Map.of());
        String gone = queue("gone");
        String dead = queue("dead");
        follow(topic, gone, Map.of("RedrivePolicy", "{\"deadLetterTargetArn\":\"" + arn(dead) + "\"}"));
        sqs.deleteQueue(r -> r.queueUrl(gone));
        PublishResponse sent = sns.publish(r -> r.topicArn(topic).message("lost?").subject("s"));
        Message message = arrived(dead, 1).get(0);
        assertEquals(sent.messageId(), text(message, "MessageId"));
        assertEquals("lost?", text(message, "Message"));
    }

    @Test
    void settingsAreReadBackAndErrorsHaveTheirTypes() {
        String topic = topic("settings", Map.of("DisplayName", "Settings"));
        assertEquals(
                "Settings",
                sns.getTopicAttributes(r -> r.topicArn(topic)).attributes().get("DisplayName"));
        String url = queue("settings");
        String subscription = follow(topic, url, Map.of());
        assertEquals(
                arn(url),
                sns.getSubscriptionAttributes(r -> r.subscriptionArn(subscription))
                        .attributes()
                        .get("Endpoint"));
        assertThrows(InvalidParameterException.class, () -> topic("bad name", Map.of()));
        sns.unsubscribe(r -> r.subscriptionArn(subscription));
        sns.deleteTopic(r -> r.topicArn(topic));
        assertThrows(NotFoundException.class, () -> sns.publish(r -> r.topicArn(topic).message("x")));
    }

    @Test
    void thePaginatorSeesAllTopics() {
        IntStream.range(0, 101).forEach(n -> topic("page-" + n, Map.of()));
        assertEquals(101, sns.listTopicsPaginator().topics().stream().map(Topic::topicArn).distinct().count());
    }
}
