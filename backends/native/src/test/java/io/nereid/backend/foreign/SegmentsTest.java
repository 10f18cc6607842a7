package io.nereid.backend.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SegmentsTest {
    @Test
    void readsTextUpToItsEnd() {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(Segments.text(arena.allocateFrom("grün"))).isEqualTo("grün");
        }
        assertThat(Segments.text(MemorySegment.NULL)).isEmpty();
    }

    @Test
    void writesAndWalksElements() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment tensor = arena.allocate(4 + 3 + 4 + 4 + 1);
            long end = 0;
            for (String text : List.of("abc", "", "z")) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                end =
                        Segments.putElement(
                                tensor, end, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
            }
            assertThat(end).isEqualTo(tensor.byteSize());
            List<String> found = new ArrayList<>();
            Segments.forEachElement(
                    tensor,
                    3,
                    (index, bytes) ->
                            found.add(
                                    index
                                            + new String(
                                                    bytes.toArray(ValueLayout.JAVA_BYTE),
                                                    StandardCharsets.UTF_8)));
            assertThat(found).containsExactly("0abc", "1", "2z");
        }
    }

    @Test
    void movesElementsForwardInTheirOwnBlock() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block =
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, new byte[] {0, 0, 0, 0, 1, 2, 3});
            Segments.putElement(block, 0, block.asSlice(4, 3));
            assertThat(block.toArray(ValueLayout.JAVA_BYTE)).containsExactly(3, 0, 0, 0, 1, 2, 3);
        }
    }
}
