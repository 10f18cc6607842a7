package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchClose;
import io.nereid.backend.FailureReason;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Time is a field of the test; an instance is free whenever the test asks. */
class BatchQueueTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final String P26 =
            "preferred_batch_size: [ 2, 6 ] max_queue_delay_microseconds: 10000000";

    private static final String P48 =
            "preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 10000000 ";
    private static final String TIMEOUT_100_MS = "default_timeout_microseconds: 100000 ";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final List<InferenceRequest> requests = new ArrayList<>();
    private ModelConfig config = TestConfigs.parse("name: \"unset\"");
    private BatchQueue queue = queue("");
    private long now;
    private @Nullable Waiting last;

    @AfterEach
    void closeRequests() {
        requests.forEach(InferenceRequest::close);
    }

    @Test
    void sendsPreferredSizesAtOnce() {
        queue = queue(P26);
        add(2);
        assertThat(executions()).containsExactly(2);
        add(6);
        assertThat(executions()).containsExactly(6);
    }

    @Test
    void holdsSingleRequestForTheDelay() {
        queue = queue(P26);
        add(1);
        assertThat(executions()).isEmpty();
        assertThat(waitNanos()).isEqualTo(10 * SECOND);
        now += 10 * SECOND - 1;
        assertThat(executions()).isEmpty();
        assertThat(waitNanos()).isEqualTo(1);
        now += 1;
        assertThat(executions()).containsExactly(1);
    }

    @Test
    void holdsSizeBetweenPreferredOnesForTheDelay() {
        queue = queue(P26);
        add(3);
        assertThat(executions()).isEmpty();
        now += 10 * SECOND;
        assertThat(executions()).containsExactly(3);
    }

    @Test
    void sendsMoreThanTheLargestPreferredSizeAtOnce() {
        queue = queue(P26);
        add(7);
        assertThat(executions()).containsExactly(7);
    }

    @Test
    void sendsSumAfterTheDelayOfTheOlder() {
        queue = queue(P26);
        add(1);
        now += 4 * SECOND;
        add(3);
        assertThat(executions()).isEmpty();
        assertThat(waitNanos()).isEqualTo(6 * SECOND);
        now += 6 * SECOND;
        assertThat(executions()).containsExactly(4);
    }

    @Test
    void sendsBothWhenTheNextExceedsTheLargestPreferredSize() {
        queue = queue(P26);
        add(3);
        assertThat(executions()).isEmpty();
        now += SECOND;
        add(7);
        assertThat(executions()).containsExactly(3, 7);
    }

    @Test
    void keepsToThePreferredSizeItReachedWhenMoreDoesNotFit() {
        queue = queue(P26);
        add(2);
        add(3);
        add(4);
        assertThat(executions()).containsExactly(2, 3);
    }

    @Test
    void keepsTheRestForItsOwnDelay() {
        queue = queue(P26);
        add(3);
        now += SECOND;
        add(4);
        assertThat(executions()).containsExactly(3);
        assertThat(waitNanos()).isEqualTo(10 * SECOND);
        now += 10 * SECOND;
        assertThat(executions()).containsExactly(4);
    }

    @Test
    void sendsPreferredPrefixOfWhatIsQueued() {
        queue = queue(P26);
        add(1);
        add(1);
        add(1);
        assertThat(executions()).containsExactly(2);
        now += 10 * SECOND;
        assertThat(executions()).containsExactly(1);
    }

    @Test
    void fillsUpToTheMaximumOnceTheOldestIsLate() {
        queue = queue(P26);
        add(4);
        add(3);
        now += 10 * SECOND;
        add(1);
        assertThat(executions()).containsExactly(8);
    }

    @Test
    void cutsAtPreferredSizesWithoutDelay() {
        queue = queue("preferred_batch_size: [ 4, 6 ]");
        addOnes(4);
        assertThat(executions()).containsExactly(4);
        addOnes(5);
        assertThat(executions()).containsExactly(4, 1);
        addOnes(7);
        assertThat(executions()).containsExactly(6, 1);
        addOnes(3);
        assertThat(executions()).containsExactly(3);
    }

    @Test
    void takesEverythingUpToTheMaximumByDefault() {
        queue = queue("");
        addOnes(3);
        assertThat(executions()).containsExactly(3);
        addOnes(19);
        assertThat(executions()).containsExactly(8, 8, 3);
        add(5);
        add(4);
        assertThat(executions()).containsExactly(5, 4);
    }

    @Test
    void handsOutEverythingWhenDraining() {
        queue = queue(P26);
        add(1);
        assertThat(sizes(queue.next(now, true))).containsExactly(1);
    }

    @Test
    void neverSplitsOrReordersRequests() {
        queue = queue("");
        add(3);
        add(3);
        add(3);
        PendingRequests.Decision decision = queue.next(now, false);
        assertThat(decision.batch())
                .extracting(Batch.Item::request)
                .containsExactly(requests.get(0), requests.get(1));
    }

    @Test
    void doesNotCombineDifferentShapesOfVariableInputs() {
        queue = queue("", "input [ { name: \"IN\" data_type: TYPE_FP32 dims: [ -1 ] } ]");
        addShape(2, 3);
        addShape(1, 3);
        addShape(1, 4);
        addShape(1, 3);
        assertThat(executions()).containsExactly(3, 1, 1);
    }

    @Test
    void endsWaitingBatchWhenTheNextDoesNotFit() {
        queue =
                queue(
                        "max_queue_delay_microseconds: 10000000",
                        "input [ { name: \"IN\" data_type: TYPE_FP32 dims: [ -1 ] } ]");
        addShape(1, 3);
        assertThat(executions()).isEmpty();
        addShape(1, 4);
        assertThat(executions()).containsExactly(1);
        assertThat(waitNanos()).isEqualTo(10 * SECOND);
    }

    @Test
    void combinesDifferentShapesOfRaggedInputs() {
        queue =
                queue(
                        "",
                        "input [ { name: \"IN\" data_type: TYPE_FP32 dims: [ -1 ]"
                                + " allow_ragged_batch: true } ]");
        addShape(1, 3);
        addShape(2, 4);
        assertThat(executions()).containsExactly(3);
    }

    @Test
    void combinesOnlyTheSameSetOfOptionalInputs() {
        queue =
                queue(
                        "",
                        "input [ { name: \"IN\" data_type: TYPE_FP32 dims: [ 1 ] },"
                                + " { name: \"A\" data_type: TYPE_FP32 dims: [ 1 ] optional: true },"
                                + " { name: \"B\" data_type: TYPE_FP32 dims: [ 1 ] optional: true }"
                                + " ]");
        addInputs("IN", "A");
        addInputs("A", "IN");
        addInputs("IN", "B");
        addInputs("IN");
        addInputs("IN");
        assertThat(executions()).containsExactly(2, 1, 2);
    }

    @Test
    void executesModelWithoutBatchDimensionOneByOne() {
        config =
                TestConfigs.parse(
                        "name: \"m\" input [ { name: \"IN\" data_type: TYPE_FP32 dims: [ 1 ] } ]"
                                + " dynamic_batching { max_queue_delay_microseconds: 1000 }");
        queue = queue(config);
        addInputs("IN");
        addInputs("IN");
        assertThat(executions()).containsExactly(1, 1);
    }

    @Test
    void dropsCancelledRequestsWhenItLooks() {
        queue = queue("");
        addOnes(3);
        requests.get(1).cancel();
        PendingRequests.Decision decision = queue.next(now, false);
        assertThat(sizes(decision)).containsExactly(1, 1);
        assertThat(decision.dropped()).hasSize(1);
        assertThat(decision.dropped().getFirst().item().request()).isSameAs(requests.get(1));
        StatusException status = decision.dropped().getFirst().status();
        assertThat(status.code()).isEqualTo(StatusCode.CANCELLED);
        assertThat(status.text()).isEmpty();
    }

    @Test
    void rejectsRequestsWhoseTimeoutIsOver() {
        queue =
                queue(
                        "max_queue_delay_microseconds: 10000000 default_queue_policy {"
                                + " default_timeout_microseconds: 300000 }");
        add(1);
        now += 200 * MILLI;
        add(1);
        assertThat(executions()).isEmpty();
        assertThat(queue.nanosToExpiry(now)).isEqualTo(100 * MILLI);
        now += 100 * MILLI;
        PendingRequests.Decision decision = queue.next(now, false);
        assertThat(decision.batch()).isEmpty();
        assertThat(decision.dropped().getFirst().status().code()).isEqualTo(StatusCode.UNAVAILABLE);
        assertThat(decision.dropped().getFirst().status().text())
                .isEqualTo("Request timeout expired");
        assertThat(decision.dropped().getFirst().reason()).isEqualTo(FailureReason.REJECTED);
        assertThat(queue.nanosToExpiry(now)).isEqualTo(200 * MILLI);
    }

    @Test
    void takesOutWhatIsCancelledOrLateWhereverItStands() {
        queue =
                queue(
                        "max_queue_delay_microseconds: 10000000 default_queue_policy {"
                                + " default_timeout_microseconds: 300000 }");
        List<Waiting> places = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            add(1);
            places.add(lastPlace());
            now += 100 * MILLI;
        }
        assertThat(queue.remove(places.get(2))).isTrue();
        assertThat(queue.remove(places.get(2))).isFalse();
        assertThat(queue.takeExpired(now))
                .extracting(dropped -> dropped.item().request())
                .containsExactly(requests.get(0), requests.get(1));
        assertThat(queue.remove(places.get(0))).isFalse();
        assertThat(queue.nanosToExpiry(now)).isEqualTo(200 * MILLI);

        PendingRequests.Decision rest = queue.next(now, true);
        assertThat(rest.batch()).extracting(Batch.Item::request).containsExactly(requests.get(3));
        assertThat(queue.nanosToExpiry(now)).isEqualTo(PendingRequests.FOREVER);
    }

    @Test
    void formsThePreferredSizeThatIsLeftWhenARequestLeaves() {
        queue = queue("preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 10000000");
        add(2);
        add(1);
        Waiting odd = lastPlace();
        add(2);
        assertThat(executions()).isEmpty();
        assertThat(queue.remove(odd)).isTrue();
        assertThat(executions()).containsExactly(4);
    }

    @Test
    void readsHugeTimeoutsAsForever() {
        queue =
                queue(
                        "default_queue_policy {"
                                + " default_timeout_microseconds: 18446744073709551615 }");
        now = Long.MAX_VALUE - 1;
        add(1);
        assertThat(queue.nanosToExpiry(now)).isEqualTo(PendingRequests.FOREVER);
        assertThat(executions()).containsExactly(1);
    }

    @Test
    void letsRequestsOnlyShortenTheTimeout() {
        String policy =
                "default_queue_policy { default_timeout_microseconds: 300000"
                        + " allow_timeout_override: %s }";
        queue = queue(policy.formatted("true"));
        assertThat(expiresWithin(50_000)).isTrue();
        assertThat(expiresWithin(900_000)).isFalse();
        queue = queue(policy.formatted("false"));
        assertThat(expiresWithin(50_000)).isFalse();
        queue = queue("default_queue_policy { allow_timeout_override: true }");
        assertThat(expiresWithin(50_000)).isFalse();
    }

    private boolean expiresWithin(long timeoutMicros) {
        InferenceRequest request = open();
        request.addInput(allocator.fp32("IN", Shape.of(1, 1), 0));
        request.setTimeoutMicros(timeoutMicros);
        enqueue(request);
        now += 100 * MILLI;
        return !queue.next(now, false).dropped().isEmpty();
    }

    @Test
    void countsOnlyWhatWaitsAgainstTheQueueSize() {
        queue = queue("default_queue_policy { max_queue_size: 2 }");
        add(1);
        assertThat(hasRoom()).isTrue();
        add(1);
        assertThat(hasRoom()).isFalse();
        assertThat(executions()).containsExactly(2);
        assertThat(hasRoom()).isTrue();
    }

    @Test
    void readsHugeDelaysAsForever() {
        queue = queue("max_queue_delay_microseconds: 18446744073709551615");
        add(1);
        assertThat(waitNanos()).isEqualTo(PendingRequests.FOREVER);
    }

    @Test
    void delaysWhatHasOverstayedItsTimeBehindTheOthers() {
        queue = queue(P48 + "default_queue_policy { timeout_action: DELAY " + TIMEOUT_100_MS + "}");
        add(1);
        now += 200 * MILLI;
        add(2);
        add(2);
        assertThat(nextRequests()).containsExactly(requests.get(1), requests.get(2));
        assertThat(executions()).isEmpty();
        now += 9800 * MILLI;
        assertThat(nextRequests()).containsExactly(requests.get(0));
    }

    @Test
    void rejectsWhatHasOverstayedItsTimeAndServesTheOthers() {
        queue = queue(P48 + "default_queue_policy { " + TIMEOUT_100_MS + "}");
        add(1);
        now += 200 * MILLI;
        add(2);
        add(2);
        PendingRequests.Decision decision = queue.next(now, false);
        assertThat(decision.dropped())
                .extracting(dropped -> dropped.item().request())
                .containsExactly(requests.get(0));
        assertThat(sizes(decision)).containsExactly(2, 2);
    }

    @Test
    void neverRejectsADelayedRequest() {
        queue = queue(P48 + "default_queue_policy { timeout_action: DELAY " + TIMEOUT_100_MS + "}");
        add(1);
        now += 100 * MILLI;
        assertThat(queue.takeExpired(now)).isEmpty();
        assertThat(queue.nanosToExpiry(now)).isEqualTo(PendingRequests.FOREVER);
        now += 5 * SECOND;
        assertThat(queue.takeExpired(now)).isEmpty();
        assertThat(queue.size()).isEqualTo(1);
    }

    @Test
    void servesDelayedRequestsOfALevelBeforeLowerLevels() {
        queue =
                queue(
                        "priority_levels: 2 default_priority_level: 2 priority_queue_policy { key:"
                                + " 1 value { timeout_action: DELAY "
                                + TIMEOUT_100_MS
                                + "} }");
        addWithPriority(3, 2);
        addWithPriority(5, 1);
        now += 100 * MILLI;
        addWithPriority(3, 1);
        assertThat(nextRequests()).containsExactly(requests.get(2), requests.get(1));
        assertThat(nextRequests()).containsExactly(requests.get(0));
    }

    @Test
    void formsTheBatchAnewWhenAMoreUrgentRequestComes() {
        queue = queue(P48 + "priority_levels: 2 default_priority_level: 2");
        addWithPriority(2, 2);
        addWithPriority(1, 2);
        assertThat(executions()).isEmpty();
        now += SECOND;
        addWithPriority(2, 1);
        assertThat(nextRequests()).containsExactly(requests.get(2), requests.get(0));
        assertThat(executions()).isEmpty();
        assertThat(waitNanos()).isEqualTo(9 * SECOND);
        now += 9 * SECOND;
        assertThat(nextRequests()).containsExactly(requests.get(1));
    }

    @Test
    void readsPrioritiesThatDoNotExistAsTheDefault() {
        queue = queue("preferred_batch_size: 1 priority_levels: 3 default_priority_level: 2");
        addWithPriority(1, 0);
        addWithPriority(1, 4);
        addWithPriority(1, -1);
        addWithPriority(1, 3);
        addWithPriority(1, 1);
        List<InferenceRequest> order = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            order.addAll(nextRequests());
        }
        assertThat(order)
                .containsExactly(
                        requests.get(4),
                        requests.get(0),
                        requests.get(1),
                        requests.get(2),
                        requests.get(3));
    }

    @Test
    void countsEachLevelForItself() {
        queue =
                queue(
                        "priority_levels: 2 default_priority_level: 2 default_queue_policy {"
                                + " max_queue_size: 2 } priority_queue_policy { key: 1 value {"
                                + " max_queue_size: 1 } }");
        addWithPriority(1, 1);
        assertThat(queue.hasRoom(withPriority(1))).isFalse();
        assertThat(queue.hasRoom(withPriority(2))).isTrue();
        addWithPriority(1, 2);
        addWithPriority(1, 2);
        assertThat(queue.hasRoom(withPriority(2))).isFalse();
        assertThat(executions()).containsExactly(3);
        assertThat(queue.hasRoom(withPriority(1))).isTrue();
    }

    @Test
    void keepsAsManyRequestsAsTheLargestQueueMayHold() {
        queue = queue("default_queue_policy { max_queue_size: 150 }");
        for (int i = 0; i < 150; i++) {
            assertThat(hasRoom()).isTrue();
            add(1);
        }
        assertThat(hasRoom()).isFalse();
    }

    @Test
    void boundsAllLevelsTogether() {
        queue = queue("priority_levels: 18446744073709551615 default_priority_level: 1");
        for (int i = 1; i <= 100; i++) {
            assertThat(queue.hasRoom(withPriority(i))).isTrue();
            addWithPriority(1, -i);
        }
        assertThat(queue.hasRoom(withPriority(1))).isFalse();
        InferenceRequest mostUrgent = requests.getLast();
        assertThat(nextRequests().getFirst()).isSameAs(mostUrgent);
    }

    @Test
    void saysWhyABatchWasClosed() {
        queue = queue(P26);
        add(2);
        assertThat(nextClose()).isEqualTo(BatchClose.PREFERRED_SIZE);
        add(7);
        assertThat(nextClose()).isEqualTo(BatchClose.PREFERRED_SIZE);
        add(8);
        assertThat(nextClose()).isEqualTo(BatchClose.FULL);
        add(1);
        now += 10 * SECOND;
        assertThat(nextClose()).isEqualTo(BatchClose.DELAY);
        queue = queue("");
        addOnes(3);
        assertThat(nextClose()).isEqualTo(BatchClose.IDLE);
        add(5);
        add(4);
        assertThat(nextClose()).isEqualTo(BatchClose.FULL);
        queue = queue("", "input [ { name: \"IN\" data_type: TYPE_FP32 dims: [ -1 ] } ]");
        addShape(1, 3);
        addShape(1, 4);
        assertThat(nextClose()).isEqualTo(BatchClose.SHAPE);
    }

    private void addWithPriority(int rows, long priority) {
        InferenceRequest request = open();
        request.addInput(zeros("IN", Shape.of(rows, 1)));
        request.setPriority(priority);
        enqueue(request);
    }

    private static InferenceRequest withPriority(long priority) {
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.setPriority(priority);
        return request;
    }

    private List<InferenceRequest> nextRequests() {
        return queue.next(now, false).batch().stream().map(Batch.Item::request).toList();
    }

    private BatchClose nextClose() {
        PendingRequests.Decision decision = queue.next(now, false);
        assertThat(decision.batch()).isNotEmpty();
        BatchClose close = decision.close();
        executions();
        return close;
    }

    private BatchQueue queue(String batching) {
        return queue(batching, "input [ { name: \"IN\" data_type: TYPE_FP32 dims: [ 1 ] } ]");
    }

    private BatchQueue queue(String batching, String inputs) {
        config =
                TestConfigs.parse(
                        "name: \"m\" max_batch_size: 8 dynamic_batching { "
                                + batching
                                + " } "
                                + inputs);
        return queue(config);
    }

    private static BatchQueue queue(ModelConfig config) {
        if (!(config.scheduling() instanceof Scheduling.DynamicBatching batching)) {
            throw new AssertionError("no dynamic batching");
        }
        return new BatchQueue(BatchPolicy.of(config, batching, 100), new BatchRule(config));
    }

    /** Whether one more request of the default level may wait. */
    private boolean hasRoom() {
        return queue.hasRoom(new InferenceRequest("m", OptionalLong.empty()));
    }

    private Waiting lastPlace() {
        if (last == null) {
            throw new AssertionError("nothing was added");
        }
        return last;
    }

    private void addOnes(int count) {
        for (int i = 0; i < count; i++) {
            add(1);
        }
    }

    private void add(int rows) {
        addShape(rows, 1);
    }

    private void addShape(int rows, int columns) {
        InferenceRequest request = open();
        request.addInput(zeros("IN", Shape.of(rows, columns)));
        enqueue(request);
    }

    private void addInputs(String... names) {
        InferenceRequest request = open();
        for (String name : names) {
            request.addInput(zeros(name, config.batches() ? Shape.of(1, 1) : Shape.of(1)));
        }
        enqueue(request);
    }

    private Tensor zeros(String name, Shape shape) {
        return new Tensor(name, DataType.FP32, shape, allocator.allocate(4 * shape.elementCount()));
    }

    private InferenceRequest open() {
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        requests.add(request);
        return request;
    }

    private void enqueue(InferenceRequest request) {
        config.validator().validate(request);
        request.enqueued(now);
        last = queue.add(new Batch.Item(request, new RecordingSender()));
    }

    /** Batch sizes that instances would execute now, as many of them as there is work for. */
    private List<Integer> executions() {
        List<Integer> executions = new ArrayList<>();
        PendingRequests.Decision decision = queue.next(now, false);
        while (!decision.batch().isEmpty()) {
            executions.add(sizes(decision).stream().mapToInt(Integer::intValue).sum());
            decision = queue.next(now, false);
        }
        return executions;
    }

    private long waitNanos() {
        return queue.next(now, false).waitNanos();
    }

    private static List<Integer> sizes(PendingRequests.Decision decision) {
        return decision.batch().stream()
                .map(item -> Math.max(1, item.request().batchSize()))
                .toList();
    }
}
