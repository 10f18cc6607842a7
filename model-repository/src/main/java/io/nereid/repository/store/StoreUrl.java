package io.nereid.repository.store;

import io.nereid.protocol.StatusException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder of an object store (repository section 16).
 *
 * @param text as it was given, without repeated and trailing slashes
 * @param scheme {@code s3}, {@code gs} or {@code as}
 * @param authority where the store is: {@code http://host:port} of an S3 store that is not
 *     Amazon's, the account of Azure, else empty
 * @param bucket bucket or container
 * @param path folder in it, without a slash at either end; empty for all of it
 */
public record StoreUrl(String text, String scheme, String authority, String bucket, String path) {
    private static final Pattern SCHEME = Pattern.compile("(s3|gs|as)://(.*)", Pattern.DOTALL);
    private static final Pattern PROTOCOL = Pattern.compile("(https?://)(.*)", Pattern.DOTALL);
    private static final Pattern ENDPOINT =
            Pattern.compile("([0-9a-zA-Z\\-.]+:[0-9]+)/([0-9a-z.\\-]+(?:/.*)?)");
    private static final String AZURE_HOST = ".blob.core.windows.net";

    /**
     * A repository's URL; empty if it is a path of this machine.
     *
     * @throws StatusException INVALID_ARG if it is a store's but names no bucket
     */
    public static Optional<StoreUrl> of(String repository) {
        Matcher url = SCHEME.matcher(repository);
        if (!url.matches()) {
            return Optional.empty();
        }
        String scheme = url.group(1);
        String rest = url.group(2);
        return Optional.of(
                switch (scheme) {
                    case "s3" -> s3(rest);
                    case "as" -> azure(slashes(rest));
                    default -> bucket(scheme + "://", scheme, "", slashes(rest));
                });
    }

    private static StoreUrl s3(String rest) {
        Matcher spelled = PROTOCOL.matcher(rest);
        String protocol = spelled.matches() ? spelled.group(1) : "";
        String place = slashes(rest.substring(protocol.length()));
        Matcher endpoint = ENDPOINT.matcher(place);
        if (endpoint.matches()) {
            return bucket(
                    "s3://" + protocol + endpoint.group(1) + "/",
                    "s3",
                    (protocol.isEmpty() ? "http://" : protocol) + endpoint.group(1),
                    endpoint.group(2));
        }
        return bucket("s3://" + protocol, "s3", "", protocol.isEmpty() ? place : "");
    }

    private static StoreUrl azure(String place) {
        int slash = place.indexOf('/');
        if (slash < 0) {
            throw StatusException.invalidArgument("Invalid azure storage path: as://" + place);
        }
        String account = place.substring(0, slash);
        return bucket(
                "as://" + account + "/",
                "as",
                account.endsWith(AZURE_HOST)
                        ? account.substring(0, account.length() - AZURE_HOST.length())
                        : account,
                place.substring(slash + 1));
    }

    /** A folder of a bucket; {@code root} is what stands before the bucket's name. */
    private static StoreUrl bucket(String root, String scheme, String authority, String place) {
        int slash = place.indexOf('/');
        String bucket = slash < 0 ? place : place.substring(0, slash);
        if (bucket.isEmpty()) {
            throw StatusException.invalidArgument("No bucket name found in path: " + root + place);
        }
        return new StoreUrl(
                root + place,
                scheme,
                authority,
                bucket,
                slash < 0 ? "" : place.substring(slash + 1));
    }

    /** Without slashes at the ends, and with single ones between. */
    private static String slashes(String text) {
        return text.replaceAll("/+", "/").replaceAll("^/|/$", "");
    }

    /** What the keys of the folder's objects begin with. */
    public String prefix() {
        return path.isEmpty() ? "" : path + "/";
    }

    /** An object of the bucket, for people. */
    String nameOf(StoredObject object) {
        String bucketText =
                path.isEmpty() ? text : text.substring(0, text.length() - path.length() - 1);
        return bucketText + "/" + object.key();
    }

    @Override
    public String toString() {
        return text;
    }
}
