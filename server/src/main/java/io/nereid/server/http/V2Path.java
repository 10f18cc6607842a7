package io.nereid.server.http;

import io.nereid.server.netty.HttpHead;
import java.util.List;
import java.util.Optional;

/** A path of the protocol (HTTP protocol section 2). */
sealed interface V2Path {
    /** {@code /v2}. */
    record Server() implements V2Path {}

    /** {@code /v2/health/live}. */
    record Live() implements V2Path {}

    /** {@code /v2/health/ready}. */
    record Ready() implements V2Path {}

    /**
     * {@code /v2/models/{name}[/versions/{version}][/{action}]}.
     *
     * @param version digits as sent
     */
    record Model(String name, Optional<String> version, Action action) implements V2Path {}

    /** What is wanted of a model. */
    enum Action {
        METADATA,
        READY,
        CONFIG,
        INFER
    }

    /** The only method that the path allows. */
    default String method() {
        return switch (this) {
            case Server _, Live _, Ready _ -> "GET";
            case Model model -> model.action == Action.INFER ? "POST" : "GET";
        };
    }

    /** The path of a request, empty if the protocol has no such path. */
    static Optional<V2Path> of(HttpHead head) {
        List<String> segments = head.segments();
        if (segments.isEmpty() || !segments.getFirst().equals("v2")) {
            return Optional.empty();
        }
        List<String> rest = segments.subList(1, segments.size());
        if (rest.isEmpty()) {
            return Optional.of(new Server());
        }
        if (rest.equals(List.of("health", "live"))) {
            return Optional.of(new Live());
        }
        if (rest.equals(List.of("health", "ready"))) {
            return Optional.of(new Ready());
        }
        boolean isModel = rest.size() > 1 && rest.getFirst().equals("models");
        return isModel ? model(rest.subList(1, rest.size())) : Optional.empty();
    }

    /** {@code /v2/models/stats} is not the model of that name. */
    private static Optional<V2Path> model(List<String> segments) {
        String name = segments.getFirst();
        List<String> rest = segments.subList(1, segments.size());
        if (name.isEmpty() || segments.equals(List.of("stats"))) {
            return Optional.empty();
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
        if (rest.isEmpty()) {
            return Optional.of(Action.METADATA);
        }
        if (rest.size() > 1) {
            return Optional.empty();
        }
        return switch (rest.getFirst()) {
            case "ready" -> Optional.of(Action.READY);
            case "config" -> Optional.of(Action.CONFIG);
            case "infer" -> Optional.of(Action.INFER);
            default -> Optional.empty();
        };
    }

    private static boolean isVersion(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
