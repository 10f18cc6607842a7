package io.nereid.repository;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelRepositoryAgents;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/**
 * Runs the repository agents that a configuration names (repository section 17): {@code checksum}
 * is built in, native plug-ins are refused.
 */
final class RepositoryAgents {
    private static final String DIRECTORY = "/opt/tritonserver/repoagents/";
    private static final String CHECKSUM = "checksum";

    private RepositoryAgents() {}

    /**
     * Lets every agent look at the model.
     *
     * @param directory the model's directory
     * @throws StatusException if an agent refuses the model or does not exist
     */
    static void run(ModelRepositoryAgents agents, Path directory) {
        for (ModelRepositoryAgents.Agent agent : agents.getAgentsList()) {
            if (!agent.getName().equals(CHECKSUM)) {
                throw StatusException.invalidArgument(
                        "unable to find 'libtritonrepoagent_"
                                + agent.getName()
                                + ".so' for repo agent '"
                                + agent.getName()
                                + "', searched: "
                                + DIRECTORY
                                + agent.getName());
            }
            agent.getParametersMap().entrySet().forEach(sum -> compare(sum, directory));
        }
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
        Path file = directory.resolve(key.substring(colon + 1));
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

    private static String md5(Path file) {
        try {
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
