package io.nereid.load.measure;

/**
 * Parts of the time that a server spends on requests, in nanoseconds.
 *
 * @param queue waiting for an instance
 * @param hit looking up what a cache had
 * @param miss looking up what it had not, and keeping the answer
 */
public record ServerTimes(
        double queue, double input, double infer, double output, double hit, double miss) {

    /** Nothing. */
    static final ServerTimes NONE = new ServerTimes(0, 0, 0, 0, 0, 0);

    /** What stands between a request and its answer: keeping answers comes after it. */
    public double sum() {
        return queue + input + infer + output + hit;
    }

    /** These and {@code factor} times others. */
    ServerTimes plus(double factor, ServerTimes other) {
        return new ServerTimes(
                queue + factor * other.queue,
                input + factor * other.input,
                infer + factor * other.infer,
                output + factor * other.output,
                hit + factor * other.hit,
                miss + factor * other.miss);
    }
}
