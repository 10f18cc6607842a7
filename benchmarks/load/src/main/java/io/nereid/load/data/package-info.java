/**
 * What requests carry: {@link io.nereid.load.data.ModelShape}, what a model takes, and {@link
 * io.nereid.load.data.InputData}, values for it that are made up or read from files. Nothing here
 * knows of a network.
 */
@NullMarked
package io.nereid.load.data;

import org.jspecify.annotations.NullMarked;
