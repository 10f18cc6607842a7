package io.nereid.server.security;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The blocks of a PEM text (RFC 7468); what stands between them is ignored. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile(
                    "-----BEGIN ([A-Z0-9 ]+)-----\\s*(.*?)\\s*-----END \\1-----", Pattern.DOTALL);

    private Pem() {}

    /**
     * One block.
     *
     * @param label what the block holds, such as {@code CERTIFICATE}
     * @param base64 the content as it stands in the text
     */
    record Block(String label, String base64) {
        /**
         * The content.
         *
         * @throws IllegalArgumentException if it is not base64
         */
        byte[] content() {
            return Base64.getMimeDecoder().decode(base64);
        }
    }

    /** All blocks in their order. */
    static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return blocks;
    }
}
