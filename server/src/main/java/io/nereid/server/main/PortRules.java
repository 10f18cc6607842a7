package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** No two services on one port; SageMaker's safe range (cli section 3, sagemaker section 3). */
final class PortRules {
    private record Service(String name, String address, int port) {
        boolean collidesWith(Service other) {
            return port != 0 && port == other.port && address.equals(other.address);
        }
    }

    private final ServerOptions options;

    PortRules(ServerOptions options) {
        this.options = options;
    }

    /** The first rule that is broken, if one is. */
    Optional<String> check() {
        List<Service> services = services();
        for (int i = 0; i < services.size(); i++) {
            for (int j = i + 1; j < services.size(); j++) {
                if (services.get(i).collidesWith(services.get(j))) {
                    return Optional.of(collision(services.get(i), services.get(j)));
                }
            }
        }
        return options.sagemaker().safePortRange().flatMap(range -> outside(range, services));
    }

    private List<Service> services() {
        List<Service> services = new ArrayList<>();
        if (options.http().allow()) {
            services.add(new Service("HTTP", options.http().address(), options.http().port()));
        }
        if (options.grpc().allow()) {
            services.add(new Service("GRPC", options.grpc().address(), options.grpc().port()));
        }
        if (options.metrics().allow()) {
            services.add(
                    new Service("metrics", options.metrics().address(), options.metrics().port()));
        }
        if (options.sagemaker().allow()) {
            services.add(new Service("SageMaker", "0.0.0.0", options.sagemaker().port()));
        }
        if (options.vertex().allow()) {
            services.add(new Service("Vertex AI", "0.0.0.0", options.vertex().port()));
        }
        return services;
    }

    private Optional<String> outside(ServerOptions.PortRange range, List<Service> services) {
        return services.stream()
                .filter(service -> !service.name().equals("SageMaker"))
                .filter(service -> !range.contains(service.port()))
                .findFirst()
                .map(service ->
                        "The server cannot listen to "
                                + service.name()
                                + " requests at port "
                                + service.port()
                                + ", allowed port range is ["
                                + range.lowest()
                                + ", "
                                + range.highest()
                                + "]");
    }

    private static String collision(Service one, Service other) {
        return "The server cannot listen to "
                + one.name()
                + " requests and "
                + other.name()
                + " requests at the same address and port "
                + one.address()
                + ":"
                + one.port();
    }
}
