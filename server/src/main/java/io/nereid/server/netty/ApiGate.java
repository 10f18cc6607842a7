package io.nereid.server.netty;

import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.RestrictedApis;

/** Keeps requests without the right header from restricted endpoints (http section 19). */
public final class ApiGate {
    private final RestrictedApis restricted;

    /** A gate for these restrictions; immutable. */
    public ApiGate(RestrictedApis restricted) {
        this.restricted = restricted;
    }

    /** Whether whoever asks has to know a secret. */
    public boolean restricts(ApiCategory category) {
        return restricted.required().containsKey(category);
    }

    /**
     * Whether the request may pass. If not, it has been answered with 403. To be asked before the
     * method is looked at.
     */
    public boolean admits(ApiCategory category, HttpHead head, HttpExchange exchange) {
        return restricted
                .missing(category, head::header)
                .map(header -> {
                    exchange.reply(
                            HttpReply.error(
                                    403,
                                    "This API is restricted, expecting header '"
                                            + header.name()
                                            + "'"));
                    return false;
                })
                .orElse(true);
    }
}
