/** Whether what is served works: instances that hang, and what that means for readiness. */
@NullMarked
package io.nereid.server.health;

import org.jspecify.annotations.NullMarked;
