package io.nereid.load.data;

import java.util.List;

/**
 * The values that are sent: streams of requests, each of which has its inputs. A sequence takes the
 * requests of one stream in order; other requests take them all in turn.
 *
 * @param streams one or more, none of them empty
 */
public record InputData(List<List<List<TensorValue>>> streams) {

    /** One request over and over. */
    static InputData ofOne(List<TensorValue> inputs) {
        return new InputData(List.of(List.of(inputs)));
    }

    /** All requests, stream by stream. */
    public List<List<TensorValue>> requests() {
        return streams.stream().flatMap(List::stream).toList();
    }
}
