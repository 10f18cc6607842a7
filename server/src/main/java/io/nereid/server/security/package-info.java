/** Who may call what: restricted endpoints, forwarded headers, TLS. */
@NullMarked
package io.nereid.server.security;

import org.jspecify.annotations.NullMarked;
