/**
 * The front end of an Amazon SageMaker inference container: {@code /ping} and {@code /invocations}.
 *
 * <p>Start with {@link io.nereid.server.sagemaker.SageMakerFrontend}. Depends on {@code
 * io.nereid.server.netty} for connections and bodies and on {@code io.nereid.protocol.http} for the
 * codec; knows no other front end.
 */
@NullMarked
package io.nereid.server.sagemaker;

import org.jspecify.annotations.NullMarked;
