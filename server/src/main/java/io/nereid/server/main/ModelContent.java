package io.nereid.server.main;

import com.google.protobuf.CodedOutputStream;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells models apart by what they consist of, so that servers that load the same files in the same
 * way agree. Where and how often a model runs does not count. Reads files: control threads.
 */
final class ModelContent {
    private final MessageDigest digest;
    private final OutputStream out;

    private ModelContent() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        out = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
    }

    /**
     * The digest of an engine's model: its configuration and the files of its version.
     *
     * @throws StatusException INTERNAL if a file cannot be read
     */
    static String digest(ModelConfig config, ModelFiles files) {
        ModelContent content = new ModelContent();
        try {
            content.add(config);
            Path root = files.versionDirectory();
            for (Path file : filesOf(root)) {
                content.add(root.relativize(file).toString());
                content.add(Files.size(file));
                try (InputStream in = Files.newInputStream(file)) {
                    in.transferTo(content.out);
                }
            }
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "cannot read the files of " + config.name(), e);
        }
        return content.hex();
    }

    /** The digest of an ensemble: its configuration and the digests of its members. */
    static String digest(ModelConfig config, List<String> members) {
        ModelContent content = new ModelContent();
        try {
            content.add(config);
            for (String member : members) {
                content.add(member);
            }
        } catch (IOException e) {
            throw new IllegalStateException("a digest cannot be written to", e);
        }
        return content.hex();
    }

    private static List<Path> filesOf(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private void add(ModelConfig config) throws IOException {
        ModelConfigProto.ModelConfig message =
                config.message().toBuilder().clearInstanceGroup().clearVersionPolicy().build();
        add(message.getSerializedSize());
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        coded.useDeterministicSerialization();
        message.writeTo(coded);
        coded.flush();
    }

    private void add(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        add(bytes.length);
        out.write(bytes);
    }

    private void add(long number) throws IOException {
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            out.write((int) (number >>> shift));
        }
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
