/** Memory that clients share with the server. */
@NullMarked
package io.nereid.server.sharedmemory;

import org.jspecify.annotations.NullMarked;
