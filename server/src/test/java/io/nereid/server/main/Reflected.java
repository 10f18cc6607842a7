package io.nereid.server.main;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.grpc.ManagedChannel;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A method as the server itself describes it.
 *
 * @param descriptor with its messages
 */
record Reflected(Descriptors.MethodDescriptor descriptor) {

    /**
     * Asks the server.
     *
     * @param path {@code service/method}
     */
    static Reflected find(ManagedChannel channel, String path) throws Exception {
        int slash = path.indexOf('/');
        String service = path.substring(0, slash);
        Map<String, FileDescriptorProto> files = new LinkedHashMap<>();
        for (ByteString file : ask(channel, service)) {
            FileDescriptorProto proto = FileDescriptorProto.parseFrom(file);
            files.put(proto.getName(), proto);
        }
        for (String name : List.copyOf(files.keySet())) {
            FileDescriptor descriptor = build(name, files);
            Descriptors.ServiceDescriptor found =
                    descriptor.findServiceByName(service.substring(service.lastIndexOf('.') + 1));
            if (found != null) {
                return new Reflected(found.findMethodByName(path.substring(slash + 1)));
            }
        }
        throw new AssertionError("reflection does not describe " + path);
    }

    private static FileDescriptor build(String name, Map<String, FileDescriptorProto> files)
            throws Descriptors.DescriptorValidationException {
        FileDescriptorProto proto =
                Optional.ofNullable(files.get(name))
                        .orElseThrow(() -> new AssertionError("reflection lacks " + name));
        List<FileDescriptor> dependencies = new ArrayList<>();
        for (String dependency : proto.getDependencyList()) {
            dependencies.add(build(dependency, files));
        }
        return FileDescriptor.buildFrom(proto, dependencies.toArray(FileDescriptor[]::new));
    }

    private static List<ByteString> ask(ManagedChannel channel, String symbol) throws Exception {
        CompletableFuture<List<ByteString>> files = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(channel)
                        .serverReflectionInfo(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ServerReflectionResponse response) {
                                        files.complete(
                                                response.getFileDescriptorResponse()
                                                        .getFileDescriptorProtoList());
                                    }

                                    @Override
                                    public void onError(Throwable failure) {
                                        files.completeExceptionally(failure);
                                    }

                                    @Override
                                    public void onCompleted() {}
                                });
        requests.onNext(
                ServerReflectionRequest.newBuilder().setFileContainingSymbol(symbol).build());
        List<ByteString> found = files.get(30, TimeUnit.SECONDS);
        requests.onCompleted();
        return found;
    }
}
