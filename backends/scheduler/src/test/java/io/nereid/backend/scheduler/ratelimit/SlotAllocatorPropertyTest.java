package io.nereid.backend.scheduler.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random instances, resources, priorities and events against what must hold for all of them. */
class SlotAllocatorPropertyTest {
    private static final List<ResourceId> RESOURCES =
            List.of(
                    new ResourceId("a", OptionalInt.of(0)),
                    new ResourceId("a", OptionalInt.of(1)),
                    new ResourceId("b", OptionalInt.of(0)),
                    new ResourceId("c", OptionalInt.empty()));
    private static final int STEPS = 300;

    /** What happens to the allocator, and what its line looks like, kept slowly and obviously. */
    private static final class Story {
        private final Random random;
        private final ResourcePools pools = new ResourcePools(List.of());
        private final SlotAllocator allocator = new SlotAllocator(pools);
        private final List<Slot> idle = new ArrayList<>();
        private final List<Slot> line = new ArrayList<>();
        private final List<Slot> running = new ArrayList<>();

        Story(long seed) {
            random = new Random(seed);
        }

        void step() {
            switch (random.nextInt(8)) {
                case 0 -> add();
                case 1, 2, 3 -> pick(idle).forEach(this::stage);
                case 4, 5 -> pick(running).forEach(slot -> release(slot, random.nextBoolean()));
                case 6 -> pick(line).forEach(this::unstage);
                case 7 -> pick(random.nextBoolean() ? idle : running).forEach(this::remove);
                default -> throw new AssertionError();
            }
            allocate();
        }

        private void add() {
            Map<ResourceId, Long> needs = new HashMap<>();
            for (ResourceId id : RESOURCES) {
                if (random.nextInt(3) == 0) {
                    needs.put(id, 1L + random.nextInt(4));
                }
            }
            idle.add(allocator.add(new InstanceDemand(needs, 1 + random.nextInt(3))));
        }

        /** Takes one out at random, if there is any. */
        private List<Slot> pick(List<Slot> slots) {
            return slots.isEmpty()
                    ? List.of()
                    : List.of(slots.remove(random.nextInt(slots.size())));
        }

        private void stage(Slot slot) {
            allocator.stage(slot);
            line.add(slot);
        }

        private void unstage(Slot slot) {
            allocator.unstage(slot);
            idle.add(slot);
        }

        private void release(Slot slot, boolean executed) {
            allocator.release(slot, executed);
            idle.add(slot);
        }

        private void remove(Slot slot) {
            allocator.remove(slot);
        }

        private void allocate() {
            for (Slot slot : allocator.allocate()) {
                assertThat(slot).isSameAs(first());
                assertThat(fits(slot)).isTrue();
                line.remove(slot);
                running.add(slot);
            }
            if (!line.isEmpty()) {
                assertThat(fits(first())).isFalse();
            }
            for (ResourceId id : RESOURCES) {
                assertThat(pools.used(id)).isEqualTo(held(id));
            }
        }

        /** The line is short; its order is that in which instances were staged. */
        private Slot first() {
            return line.stream().min(Comparator.comparingLong(Slot::key)).orElseThrow();
        }

        private boolean fits(Slot slot) {
            return slot.demand().resources().entrySet().stream()
                    .allMatch(need -> held(need.getKey()) + need.getValue() <= most(need.getKey()));
        }

        private long held(ResourceId id) {
            return running.stream().mapToLong(slot -> need(slot, id)).sum();
        }

        private long most(ResourceId id) {
            return Stream.of(idle, line, running)
                    .flatMap(List::stream)
                    .mapToLong(slot -> need(slot, id))
                    .max()
                    .orElse(0);
        }

        private static long need(Slot slot, ResourceId id) {
            return slot.demand().resources().getOrDefault(id, 0L);
        }

        /** Whoever runs comes to an end: then everybody in line gets a turn. */
        void finish() {
            int left = line.size();
            for (int i = 0; i < left; i++) {
                List.copyOf(running).forEach(slot -> release(slot, true));
                running.clear();
                allocate();
            }
            assertThat(line).isEmpty();
            List.copyOf(running).forEach(slot -> release(slot, true));
            running.clear();
            idle.forEach(allocator::remove);
            assertThat(RESOURCES).allMatch(id -> pools.used(id) == 0 && pools.capacity(id) == 0);
        }
    }

    @Property(tries = 500)
    void servesTheFirstInLineWithinWhatThereIs(@ForAll long seed) {
        Story story = new Story(seed);
        for (int i = 0; i < STEPS; i++) {
            story.step();
        }
        story.finish();
    }
}
