package io.nereid.server;

import io.nereid.repository.ModelControl;
import io.nereid.server.access.AccessLog;
import io.nereid.server.logging.LogControl;
import io.nereid.server.sharedmemory.SharedMemoryControl;
import io.nereid.server.statistics.StatisticsSource;
import io.nereid.server.trace.CallTracer;
import io.nereid.server.trace.TraceControl;

/**
 * What the protocol's extensions work on.
 *
 * @param repository loads and unloads models
 * @param statistics what models have done
 * @param sharedMemory regions that clients registered
 * @param trace settings of tracing
 * @param tracer chooses the calls that are traced
 * @param log settings of the log
 * @param access told of every call
 */
public record ServerExtensions(
        ModelControl repository,
        StatisticsSource statistics,
        SharedMemoryControl sharedMemory,
        TraceControl trace,
        CallTracer tracer,
        LogControl log,
        AccessLog access) {}
