package io.nereid.backend;

/**
 * A step of an ensemble.
 *
 * @param index position in the ensemble's configuration
 * @param model the model that it asks
 * @param version the version that it asks
 */
public record EnsembleStep(int index, String model, long version) {}
