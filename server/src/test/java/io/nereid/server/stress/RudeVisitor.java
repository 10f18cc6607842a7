package io.nereid.server.stress;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * A client without manners: sends half a request and is gone, says something that is no request, or
 * reads a large answer in small bites.
 */
final class RudeVisitor implements Visitor {
    private static final int LARGE = 200_000;

    private final URI server;
    private final String model;
    private final Tally tally;

    /**
     * @param model echoes any number of numbers
     */
    RudeVisitor(URI server, String model, Tally tally) {
        this.server = server;
        this.model = model;
        this.tally = tally;
    }

    @Override
    public void visit(RandomGenerator random) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(60));
            switch (random.nextInt(4)) {
                case 0 -> vanish(socket, random);
                case 1 -> talkNonsense(socket);
                default -> readSlowly(socket, random);
            }
        }
    }

    private void vanish(Socket socket, RandomGenerator random) throws IOException {
        byte[] request = request(Numbers.binary("INPUT0", "OUTPUT0", Numbers.random(random, 4)));
        int cut = 1 + random.nextInt(request.length);
        socket.getOutputStream().write(request, 0, cut);
        socket.setSoLinger(random.nextBoolean(), 0);
        tally.count("rude", "vanished");
    }

    private void talkNonsense(Socket socket) throws IOException {
        socket.getOutputStream()
                .write(
                        "POST / HTTP/9.9\r\nContent-Length: -1\r\n\r\n"
                                .getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
        tally.count("rude", "nonsense");
    }

    private void readSlowly(Socket socket, RandomGenerator random) throws IOException {
        Numbers.Binary binary = Numbers.binary("INPUT0", "OUTPUT0", Numbers.random(random, LARGE));
        OutputStream out = socket.getOutputStream();
        out.write(request(binary));
        out.flush();
        InputStream in = socket.getInputStream();
        byte[] bite = new byte[1 << 16];
        long received = 0;
        int read = in.read(bite);
        byte[] begin = bite.clone();
        while (read > 0) {
            received += read;
            LockSupport.parkNanos(random.nextInt(2_000_000));
            if (received >= binary.body().length && in.available() == 0) {
                break;
            }
            read = in.read(bite);
        }
        String head = new String(begin, 0, 15, StandardCharsets.UTF_8);
        if (head.equals("HTTP/1.1 200 OK") && received >= (long) LARGE * Integer.BYTES) {
            tally.count("rude", "read slowly");
        } else {
            tally.violation("rude", head + " and " + received + " bytes");
        }
    }

    private byte[] request(Numbers.Binary binary) {
        String head =
                String.join(
                        "\r\n",
                        "POST /v2/models/" + model + "/infer HTTP/1.1",
                        "Host: x",
                        "Content-Length: " + binary.body().length,
                        "Inference-Header-Content-Length: " + binary.jsonLength(),
                        "",
                        "");
        byte[] begin = head.getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[begin.length + binary.body().length];
        System.arraycopy(begin, 0, all, 0, begin.length);
        System.arraycopy(binary.body(), 0, all, begin.length, binary.body().length);
        return all;
    }
}
