package io.nereid.load.client;

/** An output that the server is to write into shared memory. */
public record RequestOutput(String name, SharedPlace shared) {}
