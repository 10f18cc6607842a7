package io.nereid.backend.dali;

import io.nereid.backend.dali.image.ImageLimits;
import io.nereid.protocol.StatusException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the engine: {@code --backend-config=dali,...} first, then DALI's environment
 * variables.
 *
 * @param limits what a picture may cost
 */
record DaliSettings(ImageLimits limits) {
    private static final String MAX_IMAGE_SIZE = "max-image-size";
    private static final String MAX_JPEG_SCANS = "max-jpeg-scans";

    /**
     * @throws StatusException INVALID_ARG if a number is none
     */
    static DaliSettings of(Map<String, String> settings, Map<String, String> environment) {
        long maxBytes =
                positive(settings, MAX_IMAGE_SIZE)
                        .or(() -> positive(environment, "DALI_MAX_IMAGE_SIZE"))
                        .orElse(ImageLimits.DEFAULT_MAX_BYTES);
        long maxScans =
                positive(settings, MAX_JPEG_SCANS)
                        .or(() -> positive(environment, "DALI_MAX_JPEG_SCANS"))
                        .orElse((long) ImageLimits.DEFAULT_MAX_SCANS);
        return new DaliSettings(
                new ImageLimits(maxBytes, (int) Math.min(maxScans, Integer.MAX_VALUE)));
    }

    private static Optional<Long> positive(Map<String, String> values, String key) {
        String text = values.get(key);
        if (text == null || text.isBlank()) {
            return Optional.empty();
        }
        try {
            long value = Long.parseLong(text.strip());
            if (value > 0) {
                return Optional.of(value);
            }
        } catch (NumberFormatException e) {
            throw notPositive(key, text, e);
        }
        throw notPositive(key, text, null);
    }

    private static StatusException notPositive(String key, String text, @Nullable Throwable cause) {
        StatusException status =
                StatusException.invalidArgument(
                        "setting '"
                                + key
                                + "' of the dali backend must be a positive number, found '"
                                + text
                                + "'");
        if (cause != null) {
            status.initCause(cause);
        }
        return status;
    }
}
