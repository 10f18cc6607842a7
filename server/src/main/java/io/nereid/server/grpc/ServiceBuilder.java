package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.nereid.server.ControlTasks;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.RestrictedApis;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Puts the methods of a service together: each with the category that may be restricted (gRPC
 * protocol section 16), and the whole with the schema that server reflection shows.
 */
final class ServiceBuilder {
    /** A method and what answers it; one object, so that their types belong together. */
    private record Method<Q, R>(
            MethodDescriptor<Q, R> descriptor, ServerCallHandler<Q, R> handler) {
        void addTo(ServerServiceDefinition.Builder service) {
            service.addMethod(descriptor, handler);
        }
    }

    private final ServiceDescriptor generated;
    private final RestrictedApis restricted;
    private final ControlTasks tasks;
    private final RefusableCalls refusable = new RefusableCalls();
    private final List<Method<?, ?>> methods = new ArrayList<>();

    /**
     * @param generated the service as generated: its name and its schema
     * @param tasks runs methods that block
     */
    ServiceBuilder(ServiceDescriptor generated, RestrictedApis restricted, ControlTasks tasks) {
        this.generated = generated;
        this.restricted = restricted;
        this.tasks = tasks;
    }

    /** Adds a method that is answered at once; {@code answer} must not block. */
    <Q, R> ServiceBuilder quick(
            ApiCategory category, MethodDescriptor<Q, R> method, Function<Q, R> answer) {
        return addRefusable(
                category,
                Decoded.method(method),
                UnaryCalls.answeredBy(request -> answer.apply(request.get())));
    }

    /** Adds a method whose {@code answer} may block; it runs off the event loops. */
    <Q, R> ServiceBuilder blocking(
            ApiCategory category, MethodDescriptor<Q, R> method, Function<Q, R> answer) {
        return addRefusable(
                category,
                Decoded.method(method),
                UnaryCalls.answeredOn(tasks, request -> answer.apply(request.get())));
    }

    private <Q, R> ServiceBuilder addRefusable(
            ApiCategory category, MethodDescriptor<Q, R> method, ServerCallHandler<Q, R> handler) {
        return add(
                category,
                method,
                (call, headers) -> refusable.interceptCall(call, headers, handler));
    }

    /**
     * Adds a method that looks after its calls itself, also after those whose message has no room.
     */
    <Q, R> ServiceBuilder add(
            ApiCategory category, MethodDescriptor<Q, R> method, ServerCallHandler<Q, R> handler) {
        methods.add(new Method<>(method, guarded(restricted, category, handler)));
        return this;
    }

    ServerServiceDefinition build() {
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(generated.getName())
                        .setSchemaDescriptor(generated.getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.descriptor()));
        ServerServiceDefinition.Builder service =
                ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(method -> method.addTo(service));
        return service.build();
    }

    /** Starts calls that may be made: with the header that their category asks for, if any. */
    static <Q, R> ServerCallHandler<Q, R> guarded(
            RestrictedApis restricted, ApiCategory category, ServerCallHandler<Q, R> handler) {
        if (!restricted.required().containsKey(category)) {
            return handler;
        }
        return (call, headers) ->
                restricted
                        .missing(category, name -> MetadataEntries.first(headers, name))
                        .map(missing -> refused(call, missing))
                        .orElseGet(() -> handler.startCall(call, headers));
    }

    private static <Q, R> ServerCall.Listener<Q> refused(
            ServerCall<Q, R> call, RestrictedApis.Header missing) {
        call.close(
                Status.UNAVAILABLE.withDescription(
                        "This protocol is restricted, expecting header '" + missing.name() + "'"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
