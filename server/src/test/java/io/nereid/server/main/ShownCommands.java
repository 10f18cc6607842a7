package io.nereid.server.main;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Understands as much of {@code curl} and {@code grpcurl} as the documents show, so that their
 * calls can be run where neither is installed.
 */
final class ShownCommands {
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private final int httpPort;
    private final int grpcPort;

    ShownCommands(int httpPort, int grpcPort) {
        this.httpPort = httpPort;
        this.grpcPort = grpcPort;
    }

    /** What the command prints. */
    String run(String command) throws Exception {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        }
        return switch (words.removeFirst()) {
            case "curl" -> curl(words);
            case "grpcurl" -> grpcurl(words);
            default -> throw new IllegalArgumentException("cannot run " + command);
        };
    }

    private String curl(List<String> words) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder();
        String method = "GET";
        String body = "";
        while (!words.isEmpty()) {
            String word = words.removeFirst();
            switch (word) {
                case "-s", "-N" -> {}
                case "-X" -> method = words.removeFirst();
                case "-d" -> {
                    method = "POST";
                    body = words.removeFirst();
                }
                case "-H" -> {
                    String[] header = words.removeFirst().split(": ", 2);
                    request.header(header[0], header[1]);
                }
                default ->
                        request.uri(
                                URI.create(
                                        "http://"
                                                + word.replace(
                                                        "localhost:8000",
                                                        "127.0.0.1:" + httpPort)));
            }
        }
        request.method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request.build(), BodyHandlers.ofString()).body();
        }
    }

    private String grpcurl(List<String> words) throws Exception {
        Optional<String> data = Optional.empty();
        words.remove("-plaintext");
        if (words.getFirst().equals("-d")) {
            words.removeFirst();
            data = Optional.of(words.removeFirst());
        }
        if (!words.removeFirst().equals("localhost:8001")) {
            throw new IllegalArgumentException("the documents use port 8001");
        }
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", grpcPort).usePlaintext().build();
        try {
            String what = words.removeFirst();
            return what.equals("list")
                    ? String.join("\n", services(channel))
                    : call(channel, what, data.orElse("{}"));
        } finally {
            channel.shutdownNow();
        }
    }

    /** What reflection lists. */
    private static List<String> services(ManagedChannel channel) throws Exception {
        CompletableFuture<List<String>> names = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(channel)
                        .serverReflectionInfo(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ServerReflectionResponse response) {
                                        names.complete(
                                                response
                                                        .getListServicesResponse()
                                                        .getServiceList()
                                                        .stream()
                                                        .map(ServiceResponse::getName)
                                                        .sorted()
                                                        .toList());
                                    }

                                    @Override
                                    public void onError(Throwable failure) {
                                        names.completeExceptionally(failure);
                                    }

                                    @Override
                                    public void onCompleted() {}
                                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        List<String> found = names.get(30, TimeUnit.SECONDS);
        requests.onCompleted();
        return found;
    }

    /** Messages made from the descriptors alone, as a tool makes them. */
    private static String call(ManagedChannel channel, String path, String json) throws Exception {
        Reflected method = Reflected.find(channel, path);
        DynamicMessage.Builder request =
                DynamicMessage.newBuilder(method.descriptor().getInputType());
        JsonFormat.parser().merge(json, request);
        MethodDescriptor<Message, Message> descriptor =
                MethodDescriptor.<Message, Message>newBuilder()
                        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                        .setFullMethodName(path)
                        .setRequestMarshaller(
                                ProtoUtils.marshaller(
                                        DynamicMessage.getDefaultInstance(
                                                method.descriptor().getInputType())))
                        .setResponseMarshaller(
                                ProtoUtils.marshaller(
                                        DynamicMessage.getDefaultInstance(
                                                method.descriptor().getOutputType())))
                        .build();
        List<Message> answers = new ArrayList<>();
        CompletableFuture<List<Message>> done = new CompletableFuture<>();
        StreamObserver<Message> requests =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(
                                descriptor,
                                CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS)),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(Message answer) {
                                answers.add(answer);
                            }

                            @Override
                            public void onError(Throwable failure) {
                                done.completeExceptionally(failure);
                            }

                            @Override
                            public void onCompleted() {
                                done.complete(answers);
                            }
                        });
        requests.onNext(request.build());
        requests.onCompleted();
        List<String> texts = new ArrayList<>();
        for (Message answer : done.get(30, TimeUnit.SECONDS)) {
            texts.add(JsonFormat.printer().omittingInsignificantWhitespace().print(answer));
        }
        return texts.stream().collect(Collectors.joining("\n"));
    }
}
