package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.Tensor;

/**
 * A state that sequences carry from request to request (schedulers section 13).
 *
 * @param output name of the model's output that becomes the state
 * @param initial the model's input as the first request finds it, borrowed
 */
record StateSpec(String output, Tensor initial) {
    /** Name of the model's input that the state goes into. */
    String input() {
        return initial.name();
    }
}
