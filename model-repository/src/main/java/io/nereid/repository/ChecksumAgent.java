package io.nereid.repository;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.agent.AgentRequest;
import io.nereid.repository.agent.AttendedModel;
import io.nereid.repository.agent.RepositoryAgent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Refuses models whose files are not what their configuration says: parameter {@code
 * MD5:path/in/the/model}, the sum in hexadecimal digits as its value (repository section 17).
 */
final class ChecksumAgent implements RepositoryAgent {
    @Override
    public String name() {
        return "checksum";
    }

    @Override
    public @Owned AttendedModel load(AgentRequest request) {
        new TreeMap<>(request.parameters())
                .entrySet()
                .forEach(sum -> compare(sum, request.location()));
        return request::location;
    }

    private static void compare(Map.Entry<String, String> sum, Path directory) {
        String key = sum.getKey();
        int colon = key.indexOf(':');
        if (colon < 0) {
            throw StatusException.invalidArgument("failed to parse key: " + key);
        }
        String algorithm = key.substring(0, colon);
        if (!algorithm.equals("MD5")) {
            throw StatusException.invalidArgument("Unsupported checksum algorithm: " + algorithm);
        }
        Path file = inside(directory, key.substring(colon + 1));
        String digest = md5(file);
        if (!digest.equals(sum.getValue().toLowerCase(Locale.ROOT))) {
            throw StatusException.invalidArgument(
                    "Mismatched MD5 hash for file "
                            + file
                            + ", expect: "
                            + sum.getValue()
                            + ", got: "
                            + digest);
        }
    }

    /** The sums of other files are nobody's business. */
    private static Path inside(Path directory, String path) {
        try {
            Path file = directory.resolve(path);
            if (file.normalize().startsWith(directory.normalize())) {
                return file;
            }
        } catch (InvalidPathException e) {
            throw outside(path);
        }
        throw outside(path);
    }

    private static StatusException outside(String path) {
        return StatusException.invalidArgument(
                "file '" + path + "' of a checksum is outside model directory");
    }

    private static String md5(Path file) {
        try {
            if (PlainFiles.isSpecial(file)) {
                throw new IOException("it " + PlainFiles.SPECIAL);
            }
            MessageDigest digest = MessageDigest.getInstance("MD5");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "failed to read " + file + " for its checksum: " + e, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
