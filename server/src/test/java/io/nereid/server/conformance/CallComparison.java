package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** Compares the answer to a gRPC call with the recorded one: messages in order, then the end. */
final class CallComparison {
    private static final ObjectMapper JSON = new ObjectMapper();

    private CallComparison() {}

    /** What differs; empty if the answer is right. */
    static Optional<String> difference(GoldenCall golden, Call.Reply reply) {
        Optional<Differences.ChangedCall> changed = Differences.changed(golden);
        if (changed.isPresent()) {
            return end(changed.get().code(), "", "", reply.status())
                    .or(() -> messages(golden, List.of(changed.get().message()), reply));
        }
        List<String> expected = golden.responses().stream().map(JsonNode::toString).toList();
        return end(golden.code(), golden.details(), golden.errorPrefix(), reply.status())
                .or(() -> messages(golden, expected, reply));
    }

    private static Optional<String> end(
            String code, String details, String fixedPart, Status found) {
        String foundDetails = Optional.ofNullable(found.getDescription()).orElse("");
        boolean rightDetails =
                fixedPart.isEmpty()
                        ? foundDetails.equals(details)
                        : foundDetails.startsWith(fixedPart);
        return found.getCode().name().equals(code) && rightDetails
                ? Optional.empty()
                : Optional.of(found + ", expected " + code + " '" + details + "'");
    }

    private static Optional<String> messages(
            GoldenCall golden, List<String> expected, Call.Reply reply) {
        List<Message> found = reply.messages();
        if (found.size() != expected.size()) {
            return Optional.of(
                    found.size() + " messages, expected " + expected.size() + ": " + found);
        }
        for (int i = 0; i < expected.size(); i++) {
            JsonNode left = json(golden, Call.response(golden, expected.get(i)));
            JsonNode right = json(golden, found.get(i));
            if (!left.equals(right)) {
                return Optional.of("message " + i + " is " + right + "\nexpected " + left);
            }
        }
        return Optional.empty();
    }

    /** A message with the recording's names of members, without what differs from run to run. */
    private static JsonNode json(GoldenCall golden, Message message) {
        try {
            JsonNode json =
                    JSON.readTree(JsonFormat.printer().preservingProtoFieldNames().print(message));
            for (String place : golden.volatilePlaces()) {
                Blank.out(json, place.split("\\."));
            }
            return json;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot print " + message, e);
        }
    }
}
