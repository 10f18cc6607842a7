package io.nereid.server.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.nereid.backend.ComputeThreads;
import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ThreadPlanTest {
    private static final ComputeThreads THREE = new ComputeThreads(3, false, "parameter n");
    private static final ComputeThreads POOL = new ComputeThreads(8, true, "parameter n");

    private final ThreadPlan plan = new ThreadPlan(8);
    private final Logger logger = (Logger) LoggerFactory.getLogger(ThreadPlan.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    private static List<InstanceSpec> instances(int count) {
        return IntStream.range(0, count).mapToObj(i -> instance(i, false)).toList();
    }

    private static InstanceSpec instance(int index, boolean passive) {
        return new InstanceSpec(
                "m_" + index,
                index,
                index + 1,
                Device.CPU,
                ModelInstanceGroup.newBuilder().setPassive(passive).build());
    }

    private List<String> warnings() {
        return lines.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void tellsTogetherWhatWasLoadedAtStart() {
        plan.add("b", 1, instances(2), POOL);
        plan.add("a", 3, instances(2), THREE);
        plan.add("a", 2, instances(1), ComputeThreads.OWN);

        assertThat(plan.tell())
                .containsExactly(
                        new ThreadPlan.Row("a", 2, 1, ComputeThreads.OWN),
                        new ThreadPlan.Row("a", 3, 2, THREE),
                        new ThreadPlan.Row("b", 1, 2, POOL));
        assertThat(lines.list).isEmpty();
    }

    @Test
    void tellsWhatComesLaterAtOnce() {
        assertThat(plan.tell()).isEmpty();
        plan.add("m", 1, instances(2), THREE);

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("model 'm' version 1: instances 2, threads of each 3, of 8 cores");
        assertThat(plan.tell()).isEmpty();
    }

    @Test
    void warnsOfMoreThreadsThanCores() {
        plan.add("m", 1, instances(3), THREE);

        assertThat(warnings())
                .containsExactly(
                        "model 'm' version 1: instances 3, threads of each 3, and only 8 cores, for"
                                + " which they will wait: lower parameter n, or count in"
                                + " instance_group");
    }

    @Test
    void warnsOfMoreInstancesThanCores() {
        plan.add("m", 1, instances(9), ComputeThreads.OWN);

        assertThat(warnings())
                .singleElement()
                .asString()
                .endsWith(": lower count in instance_group");
    }

    @Test
    void countsThreadsThatModelsShareOnceAndPassiveInstancesNotAtAll() {
        plan.add("m", 1, List.of(instance(0, false), instance(1, true)), POOL);
        plan.add("n", 1, instances(8), POOL);

        assertThat(plan.tell())
                .extracting(ThreadPlan.Row::wanted, ThreadPlan.Row::instances)
                .containsExactly(tuple(8L, 1), tuple(8L, 8));
        assertThat(warnings()).isEmpty();
    }
}
