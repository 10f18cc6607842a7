package io.nereid.backend.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What every {@link ResponseCache} keeps. An implementation extends this class and opens itself.
 */
public abstract class ResponseCacheContractTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 200;

    /** Memory of the test; anything open at its end is a leak. */
    @RegisterExtension protected final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    /** An empty cache with room for all answers of a test. */
    protected abstract ResponseCache open(TensorAllocator memory);

    /** A key of its own for each number. */
    protected static ResponseKey key(long number) {
        return new ResponseKey(number * 0x9E3779B97F4A7C15L, number, 3, 4);
    }

    /** Inserts an answer of one FP32 output {@code OUT} of shape {@code [1, n]}. */
    protected final boolean insert(ResponseCache cache, ResponseKey key, float... values) {
        Tensor output = allocator.fp32("OUT", Shape.of(1, values.length), values);
        try {
            return cache.insert(key, List.of(output));
        } finally {
            output.buffer().close();
        }
    }

    /** The numbers of an FP32 tensor. */
    protected static float[] numbers(Tensor tensor) {
        MemorySegment bytes = tensor.buffer().segment();
        return bytes.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    @Test
    void missesWhatWasNeverInserted() {
        try (ResponseCache cache = open(allocator);
                RecordingFinding finding = RecordingFinding.of(cache, key(1))) {
            assertThat(finding.outputs()).isEmpty();
        }
    }

    @Test
    void findsNamesTypesShapesAndBytesOfAllOutputs() {
        List<Tensor> outputs =
                List.of(
                        allocator.fp32("OUT", Shape.of(2, 1), 1, 2),
                        allocator.texts("TEXT", Shape.of(2), "größer", ""),
                        allocator.int32("NOTHING", Shape.of(0, 3)),
                        new Tensor(
                                "HALF",
                                DataType.BF16,
                                Shape.EMPTY,
                                allocator.bytes((byte) 1, (byte) 2)));
        try (ResponseCache cache = open(allocator)) {
            assertThat(cache.insert(key(1), outputs)).isTrue();
            try (RecordingFinding finding = RecordingFinding.of(cache, key(1))) {
                List<Tensor> found = finding.outputs().orElseThrow();
                assertThat(found).hasSameSizeAs(outputs);
                for (int i = 0; i < found.size(); i++) {
                    requireSame(outputs.get(i), found.get(i));
                }
            }
        }
        outputs.forEach(output -> output.buffer().close());
    }

    private static void requireSame(Tensor expected, Tensor found) {
        assertThat(found.name()).isEqualTo(expected.name());
        assertThat(found.type()).isEqualTo(expected.type());
        assertThat(found.shape()).isEqualTo(expected.shape());
        assertThat(found.buffer().segment().mismatch(expected.buffer().segment())).isEqualTo(-1);
        assertThat(found.buffer().segment().address() % TensorAllocator.ALIGNMENT).isZero();
    }

    @Test
    void keepsAnAnswerWithoutOutputs() {
        try (ResponseCache cache = open(allocator)) {
            assertThat(cache.insert(key(1), List.of())).isTrue();
            try (RecordingFinding finding = RecordingFinding.of(cache, key(1))) {
                assertThat(finding.outputs().orElseThrow()).isEmpty();
            }
        }
    }

    @Test
    void tellsKeysApart() {
        try (ResponseCache cache = open(allocator)) {
            insert(cache, key(1), 1);
            insert(cache, key(2), 2);
            try (RecordingFinding one = RecordingFinding.of(cache, key(1));
                    RecordingFinding two = RecordingFinding.of(cache, key(2));
                    RecordingFinding three = RecordingFinding.of(cache, key(3))) {
                assertThat(numbers(one.outputs().orElseThrow().getFirst())).containsExactly(1);
                assertThat(numbers(two.outputs().orElseThrow().getFirst())).containsExactly(2);
                assertThat(three.outputs()).isEmpty();
            }
        }
    }

    @Test
    void keepsTheFirstOfTwoAnswers() {
        try (ResponseCache cache = open(allocator)) {
            insert(cache, key(1), 1);
            insert(cache, key(1), 2);
            try (RecordingFinding finding = RecordingFinding.of(cache, key(1))) {
                assertThat(numbers(finding.outputs().orElseThrow().getFirst())).containsExactly(1);
            }
        }
    }

    @Test
    void handsOutReferencesThatLiveByThemselves() {
        ResponseCache cache = open(allocator);
        insert(cache, key(1), 1, 2, 3);
        RecordingFinding early = RecordingFinding.of(cache, key(1));
        RecordingFinding late = RecordingFinding.of(cache, key(1));
        List<Tensor> outputs = late.outputs().orElseThrow();
        early.close();
        cache.close();

        assertThat(numbers(outputs.getFirst())).containsExactly(1, 2, 3);
        late.close();
    }

    @Test
    void servesManyThreadsAtATime() throws Exception {
        try (ResponseCache cache = open(allocator);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                ends.add(threads.submit(() -> insertAndFind(cache)));
            }
            for (Future<?> end : ends) {
                assertThat(end.get()).isNull();
            }
        }
    }

    private void insertAndFind(ResponseCache cache) {
        for (int i = 0; i < ROUNDS; i++) {
            insert(cache, key(i), i, i + 1);
            try (RecordingFinding finding = RecordingFinding.of(cache, key(i))) {
                assertThat(numbers(finding.outputs().orElseThrow().getFirst()))
                        .containsExactly(i, i + 1);
            }
        }
    }
}
