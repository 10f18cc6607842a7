package io.nereid.load.measure;

import java.util.Locale;

/** How much is asked of the server. */
public sealed interface Load {
    /** Name and amount, as in {@code concurrency 16}. */
    String describe();

    /** The amount, as in {@code 16}. */
    String amount();

    /** A number of requests that are always under way: the next is sent when one has ended. */
    record Concurrency(int requests) implements Load {
        @Override
        public String describe() {
            return "concurrency " + requests;
        }

        @Override
        public String amount() {
            return Integer.toString(requests);
        }
    }

    /**
     * A number of requests per second, sent whatever becomes of those before.
     *
     * @param poisson whether their distances are as random as those of many clients
     */
    record Rate(double perSecond, boolean poisson) implements Load {
        @Override
        public String describe() {
            return "request rate " + amount() + (poisson ? " (Poisson)" : "");
        }

        @Override
        public String amount() {
            return perSecond == Math.rint(perSecond)
                    ? String.format(Locale.ROOT, "%.0f", perSecond)
                    : String.format(Locale.ROOT, "%s", perSecond);
        }
    }
}
