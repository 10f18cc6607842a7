package io.nereid.backend;

/**
 * One instance to open.
 *
 * @param name name in logs: {@code {group}_{i}}
 * @param index number of the instance in its model, from 0
 * @param count number of instances of the model
 * @param device where it computes
 */
public record InstanceSpec(String name, int index, int count, Device device) {}
