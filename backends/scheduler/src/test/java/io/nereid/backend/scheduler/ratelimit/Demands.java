package io.nereid.backend.scheduler.ratelimit;

import com.google.protobuf.TextFormat;
import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;

/** Instances as configurations write them. */
final class Demands {
    private Demands() {}

    /** An instance on the CPU whose group has these limits, such as {@code priority: 2}. */
    static InstanceSpec spec(String rateLimiter) {
        return spec(rateLimiter, Device.CPU);
    }

    static InstanceSpec spec(String rateLimiter, Device device) {
        try {
            ModelInstanceGroup group =
                    TextFormat.parse(
                            "rate_limiter { " + rateLimiter + " }", ModelInstanceGroup.class);
            return new InstanceSpec("m_0", 0, 1, device, group);
        } catch (TextFormat.ParseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static InstanceDemand demand(String rateLimiter) {
        return InstanceDemand.of(spec(rateLimiter));
    }

    static InstanceDemand onGpu(int gpu, String rateLimiter) {
        return InstanceDemand.of(spec(rateLimiter, new Device(Device.Kind.GPU, gpu)));
    }

    /** Some of a resource that belongs to the device. */
    static String some(int count, String name) {
        return "resources { name: \"" + name + "\" count: " + count + " } ";
    }

    /** Some of a resource that all devices share. */
    static String global(int count, String name) {
        return "resources { name: \"" + name + "\" global: true count: " + count + " } ";
    }
}
