package io.nereid.benchmarks.models;

import java.util.Arrays;
import java.util.List;

/** The requests that are measured; the same bytes in every run. */
public enum Requests {
    ADD_SUB_BINARY("add_sub", Form.BINARY),
    ADD_SUB_JSON("add_sub", Form.JSON),
    ADD_SUB_GRPC("add_sub", Form.GRPC),
    ADD_SUB_RAW("add_sub", Form.RAW),
    BATCHED_BINARY("add_sub_batched", Form.BINARY),
    BATCHED_GRPC("add_sub_batched", Form.GRPC),
    ENSEMBLE_BINARY("ensemble", Form.BINARY),
    ENSEMBLE_GRPC("ensemble", Form.GRPC),
    IMAGE_BINARY("image", Form.BINARY),
    IMAGE_JSON("image", Form.JSON),
    IMAGE_GRPC("image", Form.GRPC),
    IMAGE_RAW("image", Form.RAW),
    IDENTITY_602K_BINARY("identity", Form.BINARY),
    IDENTITY_16M_BINARY("identity", Form.BINARY),
    IDENTITY_16M_GRPC("identity", Form.GRPC),
    UINT8_LIST_IN("identity_uint8", Form.JSON_IN),
    UINT8_LIST_BOTH("identity_uint8", Form.JSON),
    MOBILENET_BINARY("mobilenet", Form.BINARY),
    MOBILENET_RAW("mobilenet", Form.RAW);

    private static final int PIXELS = 3 * 224 * 224;
    private static final int FOUR_MEBI = 4 << 20;

    private final String model;
    private final Form form;

    /** How a request is written. */
    public enum Form {
        /** HTTP, inputs and outputs binary. */
        BINARY,
        /** HTTP, inputs and outputs as JSON. */
        JSON,
        /** HTTP, inputs as JSON, outputs binary. */
        JSON_IN,
        GRPC,
        /** HTTP, nothing but the values: what the Java peer takes. */
        RAW
    }

    Requests(String model, Form form) {
        this.model = model;
        this.form = form;
    }

    /** The model asked. */
    public String model() {
        return model;
    }

    public Form form() {
        return form;
    }

    /** The same question as the Java peer takes it. */
    public Requests raw() {
        return Arrays.stream(values())
                .filter(other -> other.form == Form.RAW && other.model.equals(model))
                .findFirst()
                .orElseThrow();
    }

    /** What is sent. */
    public InferBody body() {
        return switch (form) {
            case BINARY -> InferBody.binary(inputs());
            case JSON -> InferBody.json(inputs(), false);
            case JSON_IN -> InferBody.json(inputs(), true);
            case GRPC -> InferBody.grpc(model, inputs());
            case RAW -> InferBody.raw(inputs());
        };
    }

    /** The inputs with their values. */
    public List<Input> inputs() {
        return switch (this) {
            case ADD_SUB_BINARY,
                    ADD_SUB_JSON,
                    ADD_SUB_GRPC,
                    ADD_SUB_RAW,
                    BATCHED_BINARY,
                    BATCHED_GRPC ->
                    List.of(Input.floats("INPUT0", 1, 16), Input.floats("INPUT1", 1, 16));
            case ENSEMBLE_BINARY, ENSEMBLE_GRPC -> List.of(Input.floats("X", 1, 16));
            case IMAGE_BINARY, IMAGE_JSON, IMAGE_GRPC, IMAGE_RAW, MOBILENET_BINARY, MOBILENET_RAW ->
                    List.of(Input.floats("X", 1, 3, 224, 224));
            case IDENTITY_602K_BINARY -> List.of(Input.floats("INPUT0", PIXELS));
            case IDENTITY_16M_BINARY, IDENTITY_16M_GRPC ->
                    List.of(Input.floats("INPUT0", FOUR_MEBI));
            case UINT8_LIST_IN, UINT8_LIST_BOTH -> List.of(Input.bytes("INPUT0", 100_000));
        };
    }
}
