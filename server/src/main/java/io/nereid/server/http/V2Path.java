package io.nereid.server.http;

import io.nereid.server.netty.HttpHead;
import io.nereid.server.security.ApiCategory;
import java.util.List;
import java.util.Optional;

/** A path of the protocol (HTTP protocol section 2), or one that Nereid adds. */
sealed interface V2Path {
    /** {@code /v2}. */
    record Server() implements V2Path {}

    /** {@code /v2/health/live}. */
    record Live() implements V2Path {}

    /** {@code /v2/health/ready}. */
    record Ready() implements V2Path {}

    /** {@code /v2/models}: all of them in one answer. Nereid's own. */
    record Models() implements V2Path {}

    /**
     * {@code /v2/openapi.json}. Nereid's own, as is {@code openapi.json} behind a model: the
     * protocol has no such paths, and a model of that name is still {@code
     * /v2/models/openapi.json}.
     */
    record OpenApi() implements V2Path {}

    /** {@code /v2/models/stats}. */
    record Statistics() implements V2Path {}

    /**
     * {@code /v2/models/{name}[/versions/{version}][/{action}]}.
     *
     * @param version digits as sent
     */
    record Model(String name, Optional<String> version, Action action) implements V2Path {}

    /**
     * {@code /v2[/models/{model}]/trace/setting}.
     *
     * @param model empty for the global settings
     */
    record Trace(Optional<String> model) implements V2Path {}

    /** {@code /v2/logging}. */
    record Logging() implements V2Path {}

    /** {@code /v2/repository[/{repository}]/index}; the repository is ignored. */
    record Index() implements V2Path {}

    /**
     * {@code /v2/repository[/{repository}]/models/{model}/load} and {@code .../unload}.
     *
     * @param repository given in vain
     */
    record Control(Optional<String> repository, String model, Change change) implements V2Path {}

    /**
     * {@code /v2/systemsharedmemory[/region/{region}]/{operation}} and the same of CUDA.
     *
     * @param region empty for all of this kind
     */
    record Memory(Kind kind, Optional<String> region, Operation operation) implements V2Path {}

    /** {@code /v2/admin/drain}. Nereid's own. */
    record Drain() implements V2Path {}

    /** What is wanted of a model. */
    enum Action {
        METADATA("GET", ApiCategory.METADATA),
        READY("GET", ApiCategory.HEALTH),
        CONFIG("GET", ApiCategory.MODEL_CONFIG),
        STATISTICS("GET", ApiCategory.STATISTICS),
        INFER("POST", ApiCategory.INFERENCE),
        GENERATE("POST", ApiCategory.INFERENCE),
        GENERATE_STREAM("POST", ApiCategory.INFERENCE),
        OPENAPI("GET", ApiCategory.METADATA);

        private final String method;
        private final ApiCategory category;

        Action(String method, ApiCategory category) {
            this.method = method;
            this.category = category;
        }

        private static Optional<Action> of(String segment) {
            return switch (segment) {
                case "ready" -> Optional.of(READY);
                case "config" -> Optional.of(CONFIG);
                case "stats" -> Optional.of(STATISTICS);
                case "infer" -> Optional.of(INFER);
                case "generate" -> Optional.of(GENERATE);
                case "generate_stream" -> Optional.of(GENERATE_STREAM);
                case "openapi.json" -> Optional.of(OPENAPI);
                default -> Optional.empty();
            };
        }
    }

    /** What is to become of a model. */
    enum Change {
        LOAD,
        UNLOAD
    }

    /** Whose memory is shared. */
    enum Kind {
        SYSTEM,
        CUDA
    }

    /** What is wanted of shared memory. */
    enum Operation {
        STATUS,
        REGISTER,
        UNREGISTER
    }

    /** Whether the path allows the method. */
    default boolean allows(String method) {
        return switch (this) {
            case Server _, Live _, Ready _, Models _, OpenApi _, Statistics _ ->
                    method.equals("GET");
            case Model model -> method.equals(model.action.method);
            case Trace _, Logging _ -> method.equals("GET") || method.equals("POST");
            case Index _, Control _, Drain _ -> method.equals("POST");
            case Memory memory ->
                    method.equals(memory.operation == Operation.STATUS ? "GET" : "POST");
        };
    }

    /** What the path belongs to (HTTP protocol section 19). */
    default List<ApiCategory> categories() {
        return switch (this) {
            case Server _, OpenApi _ -> List.of(ApiCategory.METADATA);
            case Live _, Ready _ -> List.of(ApiCategory.HEALTH);
            // tells what the index tells, too
            case Models _ -> List.of(ApiCategory.METADATA, ApiCategory.MODEL_REPOSITORY);
            case Statistics _ -> List.of(ApiCategory.STATISTICS);
            case Model model -> List.of(model.action.category);
            case Trace _ -> List.of(ApiCategory.TRACE);
            case Logging _ -> List.of(ApiCategory.LOGGING);
            case Index _, Control _ -> List.of(ApiCategory.MODEL_REPOSITORY);
            case Memory _ -> List.of(ApiCategory.SHARED_MEMORY);
            case Drain _ -> List.of(ApiCategory.ADMIN);
        };
    }

    /** The path of a request, empty if the protocol has no such path. */
    static Optional<V2Path> of(HttpHead head) {
        List<String> segments = head.segments();
        if (segments.isEmpty() || !segments.getFirst().equals("v2")) {
            return Optional.empty();
        }
        if (segments.size() == 1) {
            return Optional.of(new Server());
        }
        List<String> rest = segments.subList(2, segments.size());
        if (rest.contains("")) {
            return Optional.empty();
        }
        return switch (segments.get(1)) {
            case "health" -> health(rest);
            case "models" -> models(rest);
            case "openapi.json" -> end(rest, new OpenApi());
            case "trace" -> trace(rest);
            case "logging" -> end(rest, new Logging());
            case "admin" ->
                    rest.equals(List.of("drain")) ? Optional.of(new Drain()) : Optional.empty();
            case "repository" -> repository(rest);
            case "systemsharedmemory" -> memory(Kind.SYSTEM, rest);
            case "cudasharedmemory" -> memory(Kind.CUDA, rest);
            default -> Optional.empty();
        };
    }

    private static Optional<V2Path> end(List<String> rest, V2Path path) {
        return rest.isEmpty() ? Optional.of(path) : Optional.empty();
    }

    private static Optional<V2Path> health(List<String> rest) {
        if (rest.equals(List.of("live"))) {
            return Optional.of(new Live());
        }
        return rest.equals(List.of("ready")) ? Optional.of(new Ready()) : Optional.empty();
    }

    private static Optional<V2Path> trace(List<String> rest) {
        return rest.equals(List.of("setting"))
                ? Optional.of(new Trace(Optional.empty()))
                : Optional.empty();
    }

    /** {@code /v2/models/stats} is not the model of that name. */
    private static Optional<V2Path> models(List<String> segments) {
        if (segments.isEmpty()) {
            return Optional.of(new Models());
        }
        if (segments.equals(List.of("stats"))) {
            return Optional.of(new Statistics());
        }
        String name = segments.getFirst();
        List<String> rest = segments.subList(1, segments.size());
        if (rest.equals(List.of("trace", "setting"))) {
            return Optional.of(new Trace(Optional.of(name)));
        }
        Optional<String> version = Optional.empty();
        if (rest.size() > 1 && rest.getFirst().equals("versions") && isVersion(rest.get(1))) {
            version = Optional.of(rest.get(1));
            rest = rest.subList(2, rest.size());
        }
        Optional<String> sent = version;
        return action(rest).map(action -> new Model(name, sent, action));
    }

    private static Optional<Action> action(List<String> rest) {
        return switch (rest.size()) {
            case 0 -> Optional.of(Action.METADATA);
            case 1 -> Action.of(rest.getFirst());
            default -> Optional.empty();
        };
    }

    private static boolean isVersion(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** A repository may be named before what is wanted. */
    private static Optional<V2Path> repository(List<String> segments) {
        int size = segments.size();
        if ((size == 1 || size == 2) && segments.getLast().equals("index")) {
            return Optional.of(new Index());
        }
        if ((size != 3 && size != 4) || !segments.get(size - 3).equals("models")) {
            return Optional.empty();
        }
        Optional<String> repository =
                size == 4 ? Optional.of(segments.getFirst()) : Optional.empty();
        String model = segments.get(size - 2);
        return switch (segments.getLast()) {
            case "load" -> Optional.of(new Control(repository, model, Change.LOAD));
            case "unload" -> Optional.of(new Control(repository, model, Change.UNLOAD));
            default -> Optional.empty();
        };
    }

    private static Optional<V2Path> memory(Kind kind, List<String> segments) {
        boolean named = segments.size() == 3 && segments.getFirst().equals("region");
        if (!named && segments.size() != 1) {
            return Optional.empty();
        }
        Optional<String> region = named ? Optional.of(segments.get(1)) : Optional.empty();
        return switch (segments.getLast()) {
            case "status" -> Optional.of(new Memory(kind, region, Operation.STATUS));
            case "register" -> Optional.of(new Memory(kind, region, Operation.REGISTER));
            case "unregister" -> Optional.of(new Memory(kind, region, Operation.UNREGISTER));
            default -> Optional.empty();
        };
    }
}
