package io.nereid.protocol.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Changes messages at random: bytes, ranges, words that matter, and crossing two messages. */
public final class Mutator {
    private static final int MAX_LENGTH = 1 << 14;
    private static final int MOST_CHANGES = 6;
    private static final int LONGEST_RANGE = 32;
    private static final byte[] INTERESTING = {
        0, 1, -1, 0x7f, -128, ' ', '"', '\\', '{', '}', '[', ']', ',', ':', '-', '.', 'e', '0', '9'
    };

    private final List<byte[]> corpus;
    private final List<byte[]> words;

    /**
     * @param corpus messages to begin with
     * @param words that may be put anywhere
     */
    public Mutator(List<byte[]> corpus, List<String> words) {
        this.corpus = corpus;
        this.words =
                words.stream().map(word -> word.getBytes(StandardCharsets.ISO_8859_1)).toList();
    }

    /** A message made of the corpus; the same for the same state of {@code random}. */
    public byte[] next(Random random) {
        byte[] message = any(corpus, random);
        for (int changes = random.nextInt(MOST_CHANGES); changes > 0; changes--) {
            message = change(message, random);
        }
        return message;
    }

    private byte[] change(byte[] message, Random random) {
        int at = random.nextInt(message.length + 1);
        int end = Math.min(message.length, at + random.nextInt(LONGEST_RANGE));
        return switch (random.nextInt(8)) {
            case 0 -> splice(message, at, end, new byte[0]);
            case 1 -> splice(message, at, at, any(words, random));
            case 2 -> splice(message, at, end, any(words, random));
            case 3 -> repeat(message, at, end, random);
            case 4 -> cross(message, at, random);
            case 5 -> flip(message, random);
            case 6 -> splice(message, at, at, new byte[] {interesting(random)});
            default -> set(message, random);
        };
    }

    /** A range several times, so that long lists and deep nesting come about. */
    private static byte[] repeat(byte[] message, int at, int end, Random random) {
        byte[] range = new byte[(end - at) << random.nextInt(7)];
        for (int i = 0; i < range.length; i++) {
            range[i] = message[at + i % (end - at)];
        }
        return splice(message, at, at, range);
    }

    private byte[] cross(byte[] message, int at, Random random) {
        byte[] other = any(corpus, random);
        int from = random.nextInt(other.length + 1);
        byte[] tail = new byte[other.length - from];
        System.arraycopy(other, from, tail, 0, tail.length);
        return splice(message, at, message.length, tail);
    }

    private static byte[] flip(byte[] message, Random random) {
        byte[] changed = message.clone();
        if (changed.length > 0) {
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return changed;
    }

    private static byte[] set(byte[] message, Random random) {
        byte[] changed = message.clone();
        if (changed.length > 0) {
            changed[random.nextInt(changed.length)] =
                    random.nextBoolean() ? interesting(random) : (byte) random.nextInt();
        }
        return changed;
    }

    private static byte interesting(Random random) {
        return INTERESTING[random.nextInt(INTERESTING.length)];
    }

    private static byte[] splice(byte[] message, int from, int to, byte[] piece) {
        int length = message.length - (to - from) + piece.length;
        if (length > MAX_LENGTH) {
            return message;
        }
        byte[] result = new byte[length];
        System.arraycopy(message, 0, result, 0, from);
        System.arraycopy(piece, 0, result, from, piece.length);
        System.arraycopy(message, to, result, from + piece.length, message.length - to);
        return result;
    }

    private static byte[] any(List<byte[]> choices, Random random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
