package io.nereid.server.main;

/** Main class. */
public final class NereidServer {
    private NereidServer() {}

    public static void main(String[] args) {}
}
