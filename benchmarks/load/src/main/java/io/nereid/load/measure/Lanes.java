package io.nereid.load.measure;

import io.nereid.load.client.Loop;
import io.nereid.load.client.Transport;
import io.nereid.load.pace.Course;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * What loads are made with.
 *
 * @param transport borrowed
 * @param loops the threads, borrowed
 * @param courses what the n-th lane of a load sends
 * @param most lanes that an open loop may have
 * @param sequences if requests belong to sequences, how many live at once in an open loop
 */
public record Lanes(
        Transport transport,
        List<Loop> loops,
        IntFunction<Course> courses,
        int most,
        OptionalInt sequences) {}
