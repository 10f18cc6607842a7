package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.ModelLease;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.RecordingSender;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model is exchanged over and over while many ask it, directly and through an ensemble. */
class ReloadUnderLoadTest {
    private static final int RELOADS = 200;
    private static final int CLIENTS = 8;

    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();

    @Test
    void answersEveryRequestAndClosesEveryVersionOnce() throws Exception {
        TestModels.write(root, "m", TestModels.PLAIN, 1);
        TestModels.write(root, "e", TestModels.ensemble("m"), 1);
        AtomicBoolean stop = new AtomicBoolean();
        try (ModelRepository repository = TestModels.onRequest(root, loader, "*");
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<Long>> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                String model = i % 2 == 0 ? "m" : "e";
                answers.add(clients.submit(() -> ask(repository, model, stop)));
            }
            for (int i = 0; i < RELOADS; i++) {
                repository.load("m", batchOf(i + 1));
            }
            stop.set(true);
            for (Future<Long> answer : answers) {
                assertThat(answer.get()).isPositive();
            }
            assertThat(repository.model("m", OptionalLong.empty()).config().maxBatchSize())
                    .isEqualTo(RELOADS);
        }
        assertThat(loader.loaded).hasSize(2 * (RELOADS + 1));
        assertThat(loader.closed).hasSize(2 * (RELOADS + 1));
        assertThat(loader.open).hasValue(0);
        assertThat(loader.misused).hasValue(0);
    }

    private static ModelOverride batchOf(int size) {
        return new ModelOverride(
                Optional.of(
                        """
                        { "backend": "identity", "max_batch_size": %d,
                          "input": [ { "name": "x", "data_type": "TYPE_FP32", "dims": [ 3 ] } ],
                          "output": [ { "name": "y", "data_type": "TYPE_FP32", "dims": [ 3 ] } ] }
                        """
                                .formatted(size)),
                Map.of());
    }

    /** Number of requests that were answered; fails if one is refused. */
    private static long ask(ModelRepository repository, String model, AtomicBoolean stop) {
        long answered = 0;
        while (!stop.get()) {
            try (ModelLease lease = repository.lease(model, OptionalLong.empty());
                    RecordingSender sender = new RecordingSender()) {
                lease.model().infer(new InferenceRequest(model, OptionalLong.empty()), sender);
                if (sender.ends() != 1) {
                    throw new IllegalStateException("answered " + sender.ends() + " times");
                }
                answered++;
            }
        }
        return answered;
    }
}
