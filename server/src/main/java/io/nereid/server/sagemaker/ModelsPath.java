package io.nereid.server.sagemaker;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path of the multi-model endpoints (SageMaker section 4). The slash after {@code /models} may be
 * left out, and names are taken as they are.
 *
 * @param hash name that the platform gave the model
 * @param invoke whether the path ends with {@code /invoke}
 */
record ModelsPath(Optional<String> hash, boolean invoke) {
    private static final Pattern FORM = Pattern.compile("/models(?:/?([^/]+)(/invoke)?|/?)");

    /** The path of a request, empty if it is none of these. */
    static Optional<ModelsPath> of(String path) {
        Matcher matcher = FORM.matcher(path);
        return matcher.matches()
                ? Optional.of(
                        new ModelsPath(
                                Optional.ofNullable(matcher.group(1)), matcher.group(2) != null))
                : Optional.empty();
    }
}
