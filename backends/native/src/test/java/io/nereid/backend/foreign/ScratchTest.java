package io.nereid.backend.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class ScratchTest {
    @Test
    void handsTheSameMemoryOutAgainAfterAReset() {
        try (Scratch scratch = new Scratch(64)) {
            MemorySegment first = scratch.allocate(ValueLayout.JAVA_LONG, 2);
            MemorySegment second = scratch.allocate(ValueLayout.JAVA_LONG, 2);
            assertThat(second.address()).isEqualTo(first.address() + 16);
            scratch.reset();
            assertThat(scratch.allocate(ValueLayout.JAVA_LONG, 2).address())
                    .isEqualTo(first.address());
        }
    }

    @Test
    void alignsWhatFollowsAnOddSize() {
        try (Scratch scratch = new Scratch(64)) {
            MemorySegment odd = scratch.allocate(3, 1);
            assertThat(odd.byteSize()).isEqualTo(3);
            assertThat(scratch.allocate(ValueLayout.JAVA_LONG).address() % Long.BYTES).isZero();
        }
    }

    @Test
    void takesWhatDoesNotFitFromTheSystemUntilTheReset() {
        try (Scratch scratch = new Scratch(64)) {
            MemorySegment large = scratch.allocate(1024, 8);
            large.fill((byte) 1);
            assertThat(large.get(ValueLayout.JAVA_BYTE, 1023)).isEqualTo((byte) 1);
            scratch.reset();
            assertThatThrownBy(() -> large.get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(IllegalStateException.class);
        }
    }
}
