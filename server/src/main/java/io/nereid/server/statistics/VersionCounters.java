package io.nereid.server.statistics;

import io.nereid.backend.BatchClose;
import io.nereid.backend.DecoupledResponse;
import io.nereid.backend.EnsembleStep;
import io.nereid.backend.Execution;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.FailureReason;
import io.nereid.backend.InstanceMeter;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.Owned;
import io.nereid.server.measures.VersionMeasures;
import io.nereid.server.statistics.ModelStatistics.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What one version of a model has done since it was opened (metrics sections 4 and 8). Counting
 * takes no lock; readers see each number as it is, not all of one moment.
 */
public final class VersionCounters implements ExecutionListener {
    /** Positions of responses that are told apart; all later ones count with the last. */
    static final int MAX_ORDINALS = 4096;

    private final boolean batches;
    private final LongSupplier wallMillis;
    private final VersionMeasures measures;
    private final DurationCounter success = new DurationCounter();
    private final DurationCounter queue = new DurationCounter();
    private final PhaseCounter compute = new PhaseCounter();
    private final DurationCounter cacheHits = new DurationCounter();
    private final DurationCounter cacheMisses = new DurationCounter();
    private final Map<FailureReason, DurationCounter> failures = new EnumMap<>(FailureReason.class);
    private final AtomicLong lastInferenceMillis = new AtomicLong();
    private final AtomicLong memory = new AtomicLong();
    private final LongAdder inferences = new LongAdder();
    private final LongAdder inFlight = new LongAdder();
    private final Map<BatchClose, LongAdder> closed = new EnumMap<>(BatchClose.class);
    private final InstanceMeters instances = new InstanceMeters();

    /** By total batch size; as many as the model's largest batch at most. */
    private final Map<Integer, PhaseCounter> executions = new ConcurrentHashMap<>();

    private final Map<Integer, ResponseCounter> responses = new ConcurrentHashMap<>();
    private final Map<EnsembleStep, StepCounter> steps = new ConcurrentHashMap<>();

    /** Counters without histograms and summaries. */
    public VersionCounters(boolean batches, LongSupplier wallMillis) {
        this(batches, wallMillis, VersionMeasures.none());
    }

    /**
     * @param batches whether the model has a batch dimension
     * @param wallMillis milliseconds since the epoch
     * @param measures told how long requests took
     */
    public VersionCounters(boolean batches, LongSupplier wallMillis, VersionMeasures measures) {
        this.batches = batches;
        this.wallMillis = wallMillis;
        this.measures = measures;
        for (FailureReason reason : FailureReason.values()) {
            failures.put(reason, new DurationCounter());
        }
        for (BatchClose reason : BatchClose.values()) {
            closed.put(reason, new LongAdder());
        }
    }

    @Override
    public void executed(Execution execution) {
        of(closed, execution.close()).increment();
        int succeeded = 0;
        long items = 0;
        long queued = 0;
        long total = 0;
        for (Execution.Request request : execution.requests()) {
            if (request.failure().isPresent()) {
                failed(request.failure().get(), request.totalNanos());
                continue;
            }
            succeeded++;
            items += request.batchSize();
            queued += request.queueNanos();
            total += request.totalNanos();
            measures.answered(request.queueNanos(), request.totalNanos());
            measures.computed(request.totalNanos(), execution.compute());
        }
        if (succeeded > 0) {
            success.add(succeeded, total);
            queue.add(succeeded, queued);
            compute.add(succeeded, execution.compute());
            measures.executed(succeeded, execution.compute());
            inferences.add(items);
            count(execution, succeeded);
            lastInferenceMillis.set(wallMillis.getAsLong());
        }
    }

    /** Without a batch dimension each request is an execution of its own (metrics section 8). */
    private void count(Execution execution, int succeeded) {
        int batchSize = batches ? execution.batchSize() : 1;
        PhaseCounter counter = executions.get(batchSize);
        if (counter == null) {
            counter = executions.computeIfAbsent(batchSize, _ -> new PhaseCounter());
        }
        counter.add(batches ? 1 : succeeded, execution.compute());
    }

    @Override
    public void responded(DecoupledResponse response) {
        responses
                .computeIfAbsent(
                        Math.min(response.ordinal(), MAX_ORDINALS - 1), _ -> new ResponseCounter())
                .add(response);
    }

    @Override
    public void failed(FailureReason reason, long nanos) {
        counter(reason).add(nanos);
    }

    @Override
    public void stepped(EnsembleStep step, long queueNanos, ComputeNanos nanos, long totalNanos) {
        StepCounter counter = steps.get(step);
        if (counter == null) {
            counter = steps.computeIfAbsent(step, _ -> new StepCounter());
        }
        counter.add(queueNanos, nanos, totalNanos);
    }

    /** A request was handed to the version. */
    void begun() {
        inFlight.increment();
    }

    /** A request that was handed to it has its last answer. */
    void ended() {
        inFlight.decrement();
    }

    /** Requests that it holds. */
    public long inFlight() {
        return inFlight.sum();
    }

    /** A request that is looked up waits for nothing before, so its time is that of the look-up. */
    @Override
    public void cacheHit(long lookUpNanos) {
        success.add(lookUpNanos);
        queue.add(0);
        cacheHits.add(lookUpNanos);
        measures.cacheHit(lookUpNanos);
    }

    /** Its execution has been counted, without this time (metrics section 5). */
    @Override
    public void cacheMiss(long nanos) {
        success.add(0, nanos);
        cacheMisses.add(nanos);
        measures.cacheMiss(nanos);
    }

    /** Notes how many bytes the version takes while it is open. */
    public void memory(long bytes) {
        memory.set(bytes);
    }

    /** How the durations of its requests are distributed. */
    public VersionMeasures measures() {
        return measures;
    }

    /** Requests that have failed for a reason. */
    public long failures(FailureReason reason) {
        return counter(reason).count();
    }

    /** Batches that were executed and had been closed for a reason. */
    public long closed(BatchClose reason) {
        return of(closed, reason).sum();
    }

    @Override
    public @Owned InstanceMeter instanceOpened(long nowNanos) {
        return instances.open(nowNanos);
    }

    /** What its instances do now, in the clock that they were opened with. */
    InstanceUse use(long nowNanos) {
        return instances.read(nowNanos);
    }

    private DurationCounter counter(FailureReason reason) {
        return of(failures, reason);
    }

    private static <K, V> V of(Map<K, V> counters, K reason) {
        V counter = counters.get(reason);
        if (counter == null) {
            throw new IllegalStateException("no counter for " + reason);
        }
        return counter;
    }

    /** All of it, under the name of the version. */
    ModelStatistics read(String name, long version) {
        SortedMap<Integer, PhaseCounter> bySize = new TreeMap<>(executions);
        return new ModelStatistics(
                name,
                version,
                lastInferenceMillis.get(),
                inferences.sum(),
                bySize.values().stream().mapToLong(PhaseCounter::count).sum(),
                requests(),
                responses(),
                bySize.entrySet().stream()
                        .map(entry -> batches(entry.getKey(), entry.getValue()))
                        .toList(),
                memory.get() > 0
                        ? List.of(new ModelStatistics.Memory("CPU", 0, memory.get()))
                        : List.of(),
                steps.entrySet().stream()
                        .map(entry -> entry.getValue().read(entry.getKey()))
                        .sorted(Comparator.comparingInt(read -> read.step().index()))
                        .toList());
    }

    private ModelStatistics.Requests requests() {
        return new ModelStatistics.Requests(
                success.read(),
                allFailures(),
                queue.read(),
                compute.input(),
                compute.infer(),
                compute.output(),
                cacheHits.read(),
                cacheMisses.read());
    }

    private Duration allFailures() {
        List<Duration> all = failures.values().stream().map(DurationCounter::read).toList();
        return new Duration(
                all.stream().mapToLong(Duration::count).sum(),
                all.stream().mapToLong(Duration::nanos).sum());
    }

    private SortedMap<Integer, ModelStatistics.Responses> responses() {
        SortedMap<Integer, ModelStatistics.Responses> read = new TreeMap<>();
        responses.forEach((ordinal, counter) -> read.put(ordinal, counter.read()));
        return read;
    }

    private static ModelStatistics.Batches batches(int batchSize, PhaseCounter counter) {
        return new ModelStatistics.Batches(
                batchSize, counter.input(), counter.infer(), counter.output());
    }
}
