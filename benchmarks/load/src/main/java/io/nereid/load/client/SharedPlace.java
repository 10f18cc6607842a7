package io.nereid.load.client;

/** A part of a region of shared memory that the server knows by name, in bytes. */
public record SharedPlace(String region, long offset, long byteSize) {}
