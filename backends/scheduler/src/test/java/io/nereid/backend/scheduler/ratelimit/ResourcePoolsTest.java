package io.nereid.backend.scheduler.ratelimit;

import static io.nereid.backend.scheduler.ratelimit.Demands.demand;
import static io.nereid.backend.scheduler.ratelimit.Demands.global;
import static io.nereid.backend.scheduler.ratelimit.Demands.onGpu;
import static io.nereid.backend.scheduler.ratelimit.Demands.some;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ResourcePoolsTest {
    private static final ResourceId R1 = new ResourceId("R1", OptionalInt.of(0));
    private static final ResourceId R1_OF_1 = new ResourceId("R1", OptionalInt.of(1));
    private static final ResourceId EVERYWHERE = new ResourceId("R1", OptionalInt.empty());

    private final ResourcePools pools = new ResourcePools(List.of());

    private static ResourceLimit limit(String name, int count) {
        return new ResourceLimit(name, count, OptionalInt.empty());
    }

    private static ResourceLimit limit(String name, int count, int device) {
        return new ResourceLimit(name, count, OptionalInt.of(device));
    }

    @Test
    void hasAsMuchAsTheMostDemandingInstanceNeeds() {
        InstanceDemand large = demand(some(4, "R1"));
        pools.add(demand(some(1, "R1")));
        pools.add(large);
        pools.add(demand(some(2, "R1")));
        assertThat(pools.capacity(R1)).isEqualTo(4);

        pools.remove(large);
        assertThat(pools.capacity(R1)).isEqualTo(2);
    }

    @Test
    void keepsEachDevicesResourcesApart() {
        InstanceDemand first = onGpu(0, some(4, "R1"));
        InstanceDemand second = onGpu(1, some(2, "R1"));
        pools.add(first);
        pools.add(second);
        pools.take(first);

        assertThat(pools.capacity(R1_OF_1)).isEqualTo(2);
        assertThat(pools.canMeet(first)).isFalse();
        assertThat(pools.canMeet(second)).isTrue();
    }

    @Test
    void sharesAGlobalResourceAmongDevices() {
        InstanceDemand first = onGpu(0, global(4, "R1"));
        InstanceDemand second = onGpu(1, global(1, "R1"));
        pools.add(first);
        pools.add(second);
        pools.take(first);
        assertThat(pools.canMeet(second)).isFalse();

        pools.giveBack(first);
        assertThat(pools.canMeet(second)).isTrue();
        assertThat(pools.used(EVERYWHERE)).isZero();
    }

    @Test
    void needsNothingForACountOfZeroOrNoResources() {
        assertThat(demand(some(0, "R1")).resources()).isEmpty();
        assertThat(demand("").priority()).isEqualTo(1);
        assertThat(demand("priority: 3").priority()).isEqualTo(3);
    }

    @Test
    void takesALimitForADeviceOrForEveryDeviceWhicheverIsLarger() {
        ResourcePools limited =
                new ResourcePools(List.of(limit("R1", 3), limit("R1", 5, 1), limit("R1", 2, 0)));
        limited.add(onGpu(0, some(1, "R1")));
        limited.add(onGpu(1, some(1, "R1")));

        assertThat(limited.capacity(R1)).isEqualTo(3);
        assertThat(limited.capacity(R1_OF_1)).isEqualTo(5);
    }

    @Test
    void takesTheLargestLimitForAGlobalResource() {
        ResourcePools limited = new ResourcePools(List.of(limit("R1", 3), limit("R1", 7, 2)));
        limited.add(demand(global(1, "R1")));

        assertThat(limited.capacity(EVERYWHERE)).isEqualTo(7);
    }

    @Test
    void refusesWhatNeedsMoreThanThereIs() {
        ResourcePools limited = new ResourcePools(List.of(limit("R1", 3)));

        refuses(
                limited,
                demand(some(4, "R1")),
                "Resource count for \"R1\" is limited to 3 which will prevent scheduling of one or"
                        + " more model instances, the minimum required count is 4");
        assertThat(limited.capacity(R1)).isZero();
    }

    @Test
    void hasNothingOfWhatIsNotLimitedWhereAnythingIs() {
        ResourcePools limited = new ResourcePools(List.of(limit("R1", 3)));

        refuses(
                limited,
                demand(some(1, "r1")),
                "Resource count for \"r1\" is limited to 0 which will prevent scheduling of one or"
                        + " more model instances, the minimum required count is 1");
    }

    @Test
    void refusesANameForAGlobalAndADevicesResource() {
        pools.add(demand(some(1, "R1")));

        refuses(
                pools,
                demand(global(1, "R1")),
                "Resource \"R1\" is present as both global and device-specific resource in the"
                        + " model configuration.");
        assertThat(pools.capacity(EVERYWHERE)).isZero();
    }

    private static void refuses(ResourcePools pools, InstanceDemand demand, String text) {
        assertThatThrownBy(() -> pools.add(demand))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG);
                            assertThat(e.text()).isEqualTo(text);
                        });
    }
}
