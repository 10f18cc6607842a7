package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.http.JsonView;
import io.nereid.server.Admission;
import io.nereid.server.ControlTasks;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs administrative requests off the event loops, with their JSON bodies (http sections 11.8 and
 * 21). Those bodies have room of their own, so that an operator is heard while requests to models
 * are refused. Used on event loops.
 */
public final class AdminBody {
    /** Bodies of the largest size that are admitted together. */
    private static final int LARGEST_BODIES = 4;

    private final ControlTasks tasks;
    private final long maxInputSize;
    private final Admission admission;

    /**
     * @param maxInputSize {@code --http-max-input-size}, in bytes
     */
    public AdminBody(ControlTasks tasks, long maxInputSize) {
        this.tasks = tasks;
        this.maxInputSize = maxInputSize;
        this.admission =
                Admission.ofAdministration(
                        Math.min(maxInputSize, Long.MAX_VALUE / LARGEST_BODIES) * LARGEST_BODIES,
                        "--http-max-input-size");
    }

    /** Answers with what a task gives. A body, if there is one, is not looked at. */
    public void run(HttpExchange exchange, Supplier<HttpReply> task) {
        tasks.run(task, exchange::reply, failure -> exchange.reply(HttpReply.error(failure)));
    }

    /**
     * Answers with what a task makes of the body. An empty body is no JSON.
     *
     * @param task gets the body's value; may block and throw StatusException
     */
    public void readJson(HttpExchange exchange, Function<JsonView, HttpReply> task) {
        receive(exchange, body -> task.apply(JsonView.of(body.segment())));
    }

    /**
     * Answers with what a task makes of the body, which may be empty.
     *
     * @param task gets the body's value; may block and throw StatusException
     */
    public void readOptionalJson(
            HttpExchange exchange, Function<Optional<JsonView>, HttpReply> task) {
        receive(
                exchange,
                body ->
                        task.apply(
                                body.byteSize() == 0
                                        ? Optional.empty()
                                        : Optional.of(JsonView.of(body.segment()))));
    }

    private void receive(HttpExchange exchange, Function<TensorBuffer, HttpReply> task) {
        exchange.receive(admission, this::checkSize, body -> run(exchange, body, task));
    }

    /** The body is closed by whichever end the task comes to, for it may never begin. */
    private void run(
            HttpExchange exchange,
            @Owned TensorBuffer body,
            Function<TensorBuffer, HttpReply> task) {
        tasks.run(
                () -> task.apply(body),
                reply -> {
                    body.close();
                    exchange.reply(reply);
                },
                failure -> {
                    body.close();
                    exchange.reply(HttpReply.error(failure));
                });
    }

    private void checkSize(long byteSize) {
        if (byteSize > maxInputSize) {
            throw StatusException.invalidArgument(
                    "request JSON size of "
                            + byteSize
                            + " bytes exceeds the maximum allowed input size of "
                            + maxInputSize
                            + " bytes. Use --http-max-input-size to increase the limit.");
        }
    }
}
