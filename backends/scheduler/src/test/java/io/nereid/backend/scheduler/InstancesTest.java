package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.DecoupledResponse;
import io.nereid.backend.Device;
import io.nereid.backend.Execution;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.FailureReason;
import io.nereid.backend.FakeBackendModel;
import io.nereid.backend.InstanceMeter;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.ModelContractTest;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Instances that are exchanged while their model answers. */
class InstancesTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Semaphore started = new Semaphore(0);
    private final Semaphore mayRun = new Semaphore(0);
    private final FakeBackendModel engine = new FakeBackendModel(ModelContractTest::echo, 3);
    private final FakeBackendModel gated =
            new FakeBackendModel(batch -> {
                started.release();
                mayRun.acquireUninterruptibly();
                ModelContractTest.echo(batch);
            });

    private static ModelConfig config(int instances) {
        return EchoModel.config("instance_group { count: " + instances + " }");
    }

    private static Model open(FakeBackendModel engine, int instances) {
        return EchoModel.open(config(instances), 1, engine, instances, ExecutionListener.NONE);
    }

    private static void replace(Model model, int instances) {
        model.instances().orElseThrow().replace(config(instances), EchoModel.instances(instances));
    }

    private RecordingSender ask(Model model) {
        InferenceRequest request = new InferenceRequest("echo", OptionalLong.empty());
        request.addInput(allocator.fp32("IN", Shape.of(1, 2), new float[2]));
        model.config().validator().validate(request);
        RecordingSender sender = new RecordingSender();
        model.infer(request, sender);
        return sender;
    }

    @Test
    void opensWhatIsMissingAndKeepsWhatIsThere() {
        try (Model model = open(engine, 1)) {
            replace(model, 3);

            assertThat(engine.events()).containsExactly("open 0", "open 1", "open 2");
            assertThat(model.config().message().getInstanceGroup(0).getCount()).isEqualTo(3);
            ask(model).await().close();
        }
    }

    @Test
    void closesWhatIsTooMuchAndAnswersAll() {
        List<RecordingSender> senders = new ArrayList<>();
        try (Model model = open(gated, 2)) {
            for (int i = 0; i < 8; i++) {
                senders.add(ask(model));
            }
            started.acquireUninterruptibly(2);
            mayRun.release(8);
            replace(model, 1);

            assertThat(gated.events()).containsExactly("open 0", "open 1", "close 1");
            senders.forEach(sender -> sender.await().close());
        }
        assertThat(gated.batchSizes()).hasSize(8);
    }

    @Test
    void exchangesInstancesThatComputeElsewhere() {
        try (Model model = open(engine, 1)) {
            model.instances()
                    .orElseThrow()
                    .replace(
                            config(1),
                            List.of(
                                    new InstanceSpec(
                                            "gpu",
                                            1,
                                            1,
                                            new Device(Device.Kind.GPU, 0),
                                            ModelInstanceGroup.getDefaultInstance())));

            assertThat(engine.events()).containsExactly("open 0", "open 1", "close 0");
            ask(model).await().close();
        }
    }

    @Test
    void staysAsItIsIfAnInstanceCannotBeOpened() {
        try (Model model = open(engine, 1)) {
            assertThatThrownBy(() -> replace(model, 4))
                    .isInstanceOf(StatusException.class)
                    .hasMessageContaining("no room for instance 3");

            assertThat(engine.events())
                    .containsExactly("open 0", "open 1", "open 2", "close 1", "close 2");
            assertThat(model.config().message().getInstanceGroup(0).getCount()).isEqualTo(1);
            ask(model).await().close();
        }
    }

    @Test
    void tellsWhenEachInstanceExecutes() {
        List<String> told = new CopyOnWriteArrayList<>();
        try (Model model = EchoModel.open(config(1), 1, gated, 1, new MeteredListener(told))) {
            List<RecordingSender> first = List.of(ask(model));
            started.acquireUninterruptibly();
            assertThat(told).containsExactly("open", "begins 1");

            List<RecordingSender> rest = List.of(ask(model), ask(model));
            mayRun.release(3);
            first.forEach(sender -> sender.await().close());
            rest.forEach(sender -> sender.await().close());
        }

        assertThat(told).startsWith("open", "begins 1", "ends", "begins 1", "ends");
        assertThat(told).endsWith("begins 1", "ends", "close").hasSize(8);
    }

    /** Keeps what the meters of instances are told. */
    private static final class MeteredListener implements ExecutionListener {
        private final List<String> told;

        MeteredListener(List<String> told) {
            this.told = told;
        }

        @Override
        public InstanceMeter instanceOpened(long nowNanos) {
            told.add("open");
            return new InstanceMeter() {
                @Override
                public void begins(int requests, long nanos) {
                    told.add("begins " + requests);
                }

                @Override
                public void ends(long nanos) {
                    told.add("ends");
                }

                @Override
                public void close() {
                    told.add("close");
                }
            };
        }

        @Override
        public void executed(Execution execution) {}

        @Override
        public void responded(DecoupledResponse response) {}

        @Override
        public void failed(FailureReason reason, long nanos) {}
    }
}
