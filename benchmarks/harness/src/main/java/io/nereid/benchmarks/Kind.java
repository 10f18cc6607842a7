package io.nereid.benchmarks;

/** What is measured. */
enum Kind {
    NEREID("Nereid"),
    /** {@code benchmarks/limits/responder.c}. */
    RESPONDER("bare C responder"),
    /** {@code benchmarks/limits/rapidjson.cc}. */
    RAPIDJSON("RapidJSON tree"),
    /** The engine through Nereid's backend, without a server. */
    ENGINE("engine call"),
    /** The Java peer. */
    DJL("DJL behind Netty");

    private final String title;

    Kind(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Whether it is compiled as it runs, and so takes its time to reach what it can do. */
    boolean warmsUp() {
        return this != RAPIDJSON && this != RESPONDER;
    }

    /** Whether it answers clients; else it works by itself, on one thread. */
    boolean hasClients() {
        return this != RAPIDJSON && this != ENGINE;
    }
}
