package io.nereid.benchmarks.jmh;

import io.nereid.benchmarks.limits.EngineCall;
import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The call of ONNX Runtime through the backend's instance: tensors in, an answer out. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class EngineBenchmark extends AverageTime {
    @Param({"ADD_SUB_BINARY", "IMAGE_BINARY", "MOBILENET_BINARY"})
    public Requests request;

    private Fixture fixture;
    private EngineCall call;

    @Setup
    public void open() throws IOException {
        fixture = Fixture.of(request);
        Path home = Path.of(System.getProperty("nereid.home"));
        call = EngineCall.open(home, fixture.repository(), request);
    }

    @TearDown
    public void close() throws IOException {
        call.close();
        fixture.close();
    }

    @Benchmark
    public void execute() {
        call.run();
    }
}
