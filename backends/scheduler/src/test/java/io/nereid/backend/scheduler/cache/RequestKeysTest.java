package io.nereid.backend.scheduler.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RequestKeysTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final RequestKeys keys = new RequestKeys("m", 1, "load");

    private ResponseKey key(Consumer<InferenceRequest> change) {
        return key(keys, change);
    }

    private ResponseKey key(RequestKeys of, Consumer<InferenceRequest> change) {
        try (InferenceRequest request = new InferenceRequest("m", OptionalLong.empty())) {
            request.addInput(allocator.int32("A", Shape.of(1, 4), 1, 2, 3, 4));
            change.accept(request);
            return of.of(request);
        }
    }

    private void input(InferenceRequest request, String name, DataType type, Shape shape) {
        request.addInput(new Tensor(name, type, shape, allocator.bytes(new byte[16])));
    }

    @Test
    void isTheSameForEqualRequests() {
        assertThat(key(_ -> {})).isEqualTo(key(_ -> {}));
    }

    @Test
    void doesNotDependOnOrder() {
        ResponseKey one =
                key(request -> {
                    request.addInput(allocator.int32("C", Shape.of(1), 5));
                    request.addInput(allocator.int32("B", Shape.of(1), 6));
                    request.addRequestedOutput("X");
                    request.addRequestedOutput("Y");
                    request.setParameter("p", new Parameter.Int64Value(1));
                    request.setParameter("q", new Parameter.Int64Value(2));
                });
        ResponseKey other =
                key(request -> {
                    request.addInput(allocator.int32("B", Shape.of(1), 6));
                    request.addInput(allocator.int32("C", Shape.of(1), 5));
                    request.addRequestedOutput("Y");
                    request.addRequestedOutput("X");
                    request.setParameter("q", new Parameter.Int64Value(2));
                    request.setParameter("p", new Parameter.Int64Value(1));
                });

        assertThat(one).isEqualTo(other);
    }

    @Test
    void doesNotDependOnWhatDoesNotReachTheModel() {
        ResponseKey dressed =
                key(request -> {
                    request.setId("7");
                    request.setPriority(1);
                    request.setTimeoutMicros(5);
                    request.setCorrelationId(new CorrelationId.NumericId(3));
                });

        assertThat(dressed).isEqualTo(key(_ -> {}));
    }

    @Test
    void tellsApartWhateverAnAnswerMayDependOn() {
        List<ResponseKey> all =
                List.of(
                        key(_ -> {}),
                        key(new RequestKeys("n", 1, "load"), _ -> {}),
                        key(new RequestKeys("m", 2, "load"), _ -> {}),
                        key(new RequestKeys("m", 1, "again"), _ -> {}),
                        key(request -> input(request, "B", DataType.INT32, Shape.of(1, 4))),
                        key(request -> input(request, "B", DataType.FP32, Shape.of(1, 4))),
                        key(request -> input(request, "B", DataType.INT32, Shape.of(4, 1))),
                        key(request -> input(request, "B", DataType.INT32, Shape.of(4))),
                        key(request -> input(request, "BB", DataType.INT32, Shape.of(4))),
                        key(request -> request.addRequestedOutput("X")),
                        key(request -> request.addRequestedOutput("Y")),
                        key(request -> request.setParameter("p", new Parameter.BoolValue(true))),
                        key(request -> request.setParameter("p", new Parameter.Int64Value(1))),
                        key(request -> request.setParameter("p", new Parameter.UInt64Value(1))),
                        key(request -> request.setParameter("p", new Parameter.DoubleValue(1))),
                        key(request -> request.setParameter("p", new Parameter.StringValue("1"))),
                        key(request -> request.setParameter("q", new Parameter.StringValue("1"))));
        Set<ResponseKey> different = new HashSet<>(all);

        assertThat(different).hasSameSizeAs(all);
    }

    @Test
    void tellsEveryByteApart() {
        Set<ResponseKey> different = new HashSet<>();
        for (int i = 0; i < 256; i++) {
            int value = i;
            different.add(
                    key(request -> request.addInput(allocator.int32("B", Shape.of(1), value))));
        }

        assertThat(different).hasSize(256);
    }
}
