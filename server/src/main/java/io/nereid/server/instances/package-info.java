/**
 * Where instances compute: which there are of a model, on which cores their threads run, and
 * whether all their threads have a core.
 *
 * <p>{@link InstanceSpecs} makes instances of a configuration's groups, {@link HostPolicies} puts
 * their threads in place, {@link ThreadPlan} counts what they want.
 */
@NullMarked
package io.nereid.server.instances;

import org.jspecify.annotations.NullMarked;
