/**
 * Memory of models: what each takes, a budget for all of them, models that are opened when they are
 * asked and closed when others need their memory.
 */
@NullMarked
package io.nereid.server.memory;

import org.jspecify.annotations.NullMarked;
