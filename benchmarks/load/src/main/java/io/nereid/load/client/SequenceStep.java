package io.nereid.load.client;

/**
 * Where in a sequence a request stands.
 *
 * @param id of the sequence, above 0
 */
public record SequenceStep(long id, boolean start, boolean end) {}
