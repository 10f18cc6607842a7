/**
 * What all front ends share: {@link io.nereid.server.InferenceServer}, the one door to the models,
 * admission, and the options of the server.
 */
@NullMarked
package io.nereid.server;

import org.jspecify.annotations.NullMarked;
