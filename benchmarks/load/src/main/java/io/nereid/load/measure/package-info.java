/**
 * Measures a load: {@link io.nereid.load.measure.Sweep} goes through a range of loads, {@link
 * io.nereid.load.measure.Measurement} keeps each up for windows of time until what it sees is
 * stable.
 */
@NullMarked
package io.nereid.load.measure;

import org.jspecify.annotations.NullMarked;
