package io.nereid.server;

import io.nereid.repository.ModelControl;
import io.nereid.server.logging.LogControl;
import io.nereid.server.sharedmemory.SharedMemoryControl;
import io.nereid.server.statistics.StatisticsSource;
import io.nereid.server.trace.TraceControl;

/**
 * What the protocol's extensions work on.
 *
 * @param repository loads and unloads models
 * @param statistics what models have done
 * @param sharedMemory regions that clients registered
 * @param trace settings of tracing
 * @param log settings of the log
 */
public record ServerExtensions(
        ModelControl repository,
        StatisticsSource statistics,
        SharedMemoryControl sharedMemory,
        TraceControl trace,
        LogControl log) {}
