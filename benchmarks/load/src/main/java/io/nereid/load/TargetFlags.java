package io.nereid.load;

import io.nereid.load.client.Target;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which server and model, over which protocol. */
final class TargetFlags {
    private static final int HTTP_PORT = 8000;
    private static final int GRPC_PORT = 8001;

    /** How a server is spoken to. */
    enum Protocol {
        HTTP,
        GRPC
    }

    @Parameters(
            arity = "0..2",
            paramLabel = "[URL] MODEL",
            description = "The same as -u and -m: the server's address and the model's name.")
    private List<String> positional = new ArrayList<>();

    @Option(names = "-m", paramLabel = "<model>", description = "Name of the model.")
    private Optional<String> model = Optional.empty();

    @Option(
            names = {"-x", "--model-version"},
            paramLabel = "<version>",
            description = "Version of the model. Default: the newest.")
    private String version = "";

    @Option(
            names = "-u",
            paramLabel = "<host:port>",
            description =
                    "The server's address. Default: localhost:8000, with gRPC localhost:8001.")
    private Optional<String> url = Optional.empty();

    @Option(
            names = "-i",
            paramLabel = "http|grpc",
            description = "Protocol. Default: http, or that of the address (grpc://host:port).")
    private Optional<Protocol> protocol = Optional.empty();

    @Option(
            names = "--streaming",
            description = "Send requests over streams. With gRPC only; decoupled models need it.")
    private boolean streaming;

    @Option(
            names = "-H",
            paramLabel = "<name:value>",
            description = "Header, or metadata with gRPC, of each request. Repeatable.")
    private List<String> headers = new ArrayList<>();

    @Option(
            names = "--service-kind",
            paramLabel = "triton",
            description = "Accepted for perf_analyzer's command lines; triton is the only kind.")
    private String serviceKind = "triton";

    /** Name of the model. */
    String model() {
        if (!serviceKind.equals("triton")) {
            throw StatusException.invalidArgument(
                    "--service-kind=" + serviceKind + " is not supported, only triton is");
        }
        if (model.isPresent() && positional.size() < 2) {
            return model.get();
        }
        boolean nothing = positional.isEmpty();
        if (model.isPresent() || nothing || isAddress()) {
            throw StatusException.invalidArgument(
                    model.isPresent()
                            ? "the model is named twice, by -m and behind the address"
                            : "the model's name is missing: give it with -m, or as in"
                                    + " 'nereid bench localhost:8000 MODEL'");
        }
        return positional.getLast();
    }

    private boolean isAddress() {
        return positional.size() == 1 && positional.getFirst().contains(":");
    }

    /** Version of the model, empty for the newest. */
    String version() {
        return version;
    }

    /** How the server is spoken to. */
    Protocol protocol() {
        Protocol chosen =
                protocol.orElse(
                        address().filter(text -> text.startsWith("grpc://")).isPresent()
                                ? Protocol.GRPC
                                : Protocol.HTTP);
        if (streaming && chosen != Protocol.GRPC) {
            throw StatusException.invalidArgument("--streaming goes with gRPC only: add -i grpc");
        }
        return chosen;
    }

    /** Whether requests go over streams. */
    boolean streaming() {
        return streaming;
    }

    /** Where the server is. */
    Target target() {
        int port = protocol() == Protocol.GRPC ? GRPC_PORT : HTTP_PORT;
        return Target.parse(address().orElse("localhost"), port);
    }

    /** Headers by name. */
    Map<String, String> headers() {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon <= 0 || header.contains("\n") || header.contains("\r")) {
                throw StatusException.invalidArgument("-H takes name:value, got '" + header + "'");
            }
            byName.put(header.substring(0, colon).strip(), header.substring(colon + 1).strip());
        }
        return byName;
    }

    private Optional<String> address() {
        int most = model.isPresent() ? 1 : 2;
        boolean behind = positional.size() >= most;
        if (url.isPresent() && behind) {
            throw StatusException.invalidArgument(
                    "the address is given twice, by -u and as '" + positional.getFirst() + "'");
        }
        return behind ? Optional.of(positional.getFirst()) : url;
    }
}
