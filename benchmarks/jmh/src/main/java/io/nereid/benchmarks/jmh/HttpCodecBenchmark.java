package io.nereid.benchmarks.jmh;

import io.nereid.benchmarks.models.Requests;
import io.nereid.protocol.http.DecodedRequest;
import io.nereid.protocol.http.EncodedResponse;
import io.nereid.protocol.http.HttpInferEncoder;
import io.nereid.protocol.http.OutputSelection;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Reading infer requests and writing answers: small ones, binary and JSON, and lists of 100,000
 * UINT8 and 150,528 FP32 as JSON, which are numbers and nothing else.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class HttpCodecBenchmark extends AverageTime {
    @Param({"ADD_SUB_BINARY", "ADD_SUB_JSON", "UINT8_LIST_BOTH", "IMAGE_JSON"})
    public Requests request;

    private Fixture fixture;
    private HttpInferEncoder encoder;
    private OutputSelection outputs;

    @Setup
    public void open() throws IOException {
        fixture = Fixture.of(request);
        encoder = new HttpInferEncoder(fixture.allocator());
        outputs =
                request.form() == Requests.Form.BINARY
                        ? OutputSelection.allBinary()
                        : OutputSelection.allJson();
    }

    @TearDown
    public void close() throws IOException {
        outputs.close();
        fixture.close();
    }

    @Benchmark
    public int decode() {
        DecodedRequest decoded = fixture.decode();
        int inputs = decoded.request().inputs().size();
        decoded.outputs().close();
        decoded.request().close();
        return inputs;
    }

    @Benchmark
    public long encode() {
        try (EncodedResponse encoded = encoder.encode(fixture.response(), outputs)) {
            return encoded.contentLength();
        }
    }
}
