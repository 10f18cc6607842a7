package io.nereid.load.client.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.nereid.load.client.ServerApi;
import io.nereid.load.client.Target;
import io.nereid.load.data.JsonData;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatistics;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatisticsResponse;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The server's other endpoints over HTTP, whose JSON is that of the gRPC messages. */
public final class HttpServerApi implements ServerApi {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    /** Headers that the JDK's client sets itself. */
    private static final Set<String> OWN_HEADERS =
            Set.of("connection", "content-length", "expect", "host", "upgrade");

    private final Target target;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(PATIENCE)
                    .build();

    /**
     * Connects with the first question.
     *
     * @param headers sent with each
     */
    public HttpServerApi(Target target, Map<String, String> headers) {
        this.target = target;
        this.headers.putAll(headers);
        OWN_HEADERS.forEach(this.headers::remove);
    }

    @Override
    public ModelMetadataResponse metadata(String model, String version) {
        ModelMetadataResponse.Builder answer = ModelMetadataResponse.newBuilder();
        get(RequestEncoder.modelPath(target, model, version), answer);
        return answer.build();
    }

    @Override
    public ModelConfig config(String model, String version) {
        ModelConfig.Builder answer = ModelConfig.newBuilder();
        get(RequestEncoder.modelPath(target, model, version) + "/config", answer);
        return answer.build();
    }

    @Override
    public List<ModelStatistics> statistics(String model, String version) {
        ModelStatisticsResponse.Builder answer = ModelStatisticsResponse.newBuilder();
        get(RequestEncoder.modelPath(target, model, version) + "/stats", answer);
        return answer.build().getModelStatsList();
    }

    @Override
    public void registerSharedMemory(String region, String key, long byteSize) {
        StringBuilder body = new StringBuilder("{\"key\":");
        JsonData.appendString(key, body);
        body.append(",\"offset\":0,\"byte_size\":").append(byteSize).append('}');
        post(sharedMemory(region) + "/register", body.toString());
    }

    @Override
    public void unregisterSharedMemory(String region) {
        post(sharedMemory(region) + "/unregister", "");
    }

    @Override
    public void close() {
        client.close();
    }

    private String sharedMemory(String region) {
        return target.path() + "/v2/systemsharedmemory/region/" + region;
    }

    private void get(String path, Message.Builder answer) {
        String body = send(request(path).GET().build());
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(body, answer);
        } catch (InvalidProtocolBufferException e) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "the answer to " + path + " is not what it should be: " + e.getMessage(),
                    e);
        }
    }

    private void post(String path, String body) {
        send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + target.authority() + path))
                        .timeout(PATIENCE);
        headers.forEach(request::setHeader);
        return request;
    }

    private String send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == OK) {
                return response.body();
            }
            StatusCode code =
                    response.statusCode() == NOT_FOUND ? StatusCode.NOT_FOUND : StatusCode.UNKNOWN;
            throw new StatusException(
                    code,
                    request.uri().getPath()
                            + " answered "
                            + response.statusCode()
                            + ": "
                            + ErrorBody.text(response.body()));
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "cannot reach " + target.authority() + " over HTTP: " + reason(e),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StatusException(StatusCode.CANCELLED, "interrupted", e);
        }
    }

    private static String reason(IOException failure) {
        if (failure instanceof ConnectException) {
            return "nobody answers there";
        }
        String message = String.valueOf(failure.getMessage());
        return message.contains("HTTP/1.1 status line")
                ? "what answers there does not speak HTTP/1.1; is it the gRPC port (-i grpc)?"
                : message;
    }
}
