package io.nereid.server.training;

import com.google.protobuf.ByteString;
import io.nereid.protocol.grpc.proto.GrpcServiceProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.StringJoiner;

/**
 * Asks a server of the bundled examples what clients ask: health, metadata, metrics, and the digits
 * ensemble by JSON, by binary data and by gRPC. Used by one thread.
 */
public final class TrainingRun {
    private static final String MODEL = "digits";
    private static final String INPUT = "IMAGE";
    private static final String SERVICE = "/inference.GRPCInferenceService/";
    private static final List<String> PAGES =
            List.of(
                    "/v2/health/live",
                    "/v2/health/ready",
                    "/v2",
                    "/v2/models/" + MODEL,
                    "/v2/models/" + MODEL + "/config",
                    "/v2/models/" + MODEL + "/stats");

    /**
     * Inference requests by each encoding: so many that the classes are there which the JVM makes
     * for what is called often. With three, a start costs 1 to 3 % more.
     */
    private static final int REQUESTS = 100;

    private TrainingRun() {}

    /**
     * Asks everything.
     *
     * @param httpPort port of HTTP, on this machine
     * @param grpcPort port of gRPC
     * @param metricsPort port of metrics
     * @param picture a picture of a digit
     * @throws IOException if an answer does not come or tells of a failure
     */
    public static void ask(int httpPort, int grpcPort, int metricsPort, byte[] picture)
            throws IOException {
        try (PlainHttp metrics = PlainHttp.open(metricsPort)) {
            metrics.get("/metrics");
        }
        try (PlainHttp http = PlainHttp.open(httpPort)) {
            for (String page : PAGES) {
                http.get(page);
            }
            byte[] numbers = asNumbers(picture);
            byte[] header = binaryHeader(picture);
            byte[] binary = joined(header, picture);
            for (int i = 0; i < REQUESTS; i++) {
                http.post("/v2/models/" + MODEL + "/infer", numbers, 0);
                http.post("/v2/models/" + MODEL + "/infer", binary, header.length);
            }
        }
        try (PlainGrpc grpc = PlainGrpc.open(grpcPort)) {
            grpc.call(
                    SERVICE + "ServerReady",
                    GrpcServiceProto.ServerReadyRequest.getDefaultInstance().toByteArray());
            grpc.call(
                    SERVICE + "ModelMetadata",
                    GrpcServiceProto.ModelMetadataRequest.newBuilder()
                            .setName(MODEL)
                            .build()
                            .toByteArray());
            byte[] message = message(picture);
            for (int i = 0; i < REQUESTS; i++) {
                grpc.call(SERVICE + "ModelInfer", message);
            }
        }
    }

    private static byte[] asNumbers(byte[] picture) {
        StringJoiner numbers = new StringJoiner(",");
        for (byte value : picture) {
            numbers.add(Integer.toString(Byte.toUnsignedInt(value)));
        }
        return ("{\"inputs\":[{" + input(picture) + ",\"data\":[" + numbers + "]}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] binaryHeader(byte[] picture) {
        return ("{\"inputs\":[{"
                        + input(picture)
                        + ",\"parameters\":{\"binary_data_size\":"
                        + picture.length
                        + "}}],\"parameters\":{\"binary_data_output\":true}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String input(byte[] picture) {
        return "\"name\":\""
                + INPUT
                + "\",\"datatype\":\"UINT8\",\"shape\":[1,"
                + picture.length
                + "]";
    }

    private static byte[] message(byte[] picture) {
        return GrpcServiceProto.ModelInferRequest.newBuilder()
                .setModelName(MODEL)
                .addInputs(
                        GrpcServiceProto.ModelInferRequest.InferInputTensor.newBuilder()
                                .setName(INPUT)
                                .setDatatype("UINT8")
                                .addShape(1)
                                .addShape(picture.length))
                .addRawInputContents(ByteString.copyFrom(picture))
                .build()
                .toByteArray();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream(first.length + second.length);
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }
}
