package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TensorTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @Test
    void changesNameAndShapeWithoutANewReference() {
        Tensor tensor = allocator.fp32("A", Shape.of(2, 1), 1, 2);

        Tensor changed = tensor.withName("B").withShape(Shape.of(2));

        assertThat(changed.name()).isEqualTo("B");
        assertThat(changed.shape()).isEqualTo(Shape.of(2));
        assertThat(changed.type()).isEqualTo(DataType.FP32);
        assertThat(changed.buffer()).isSameAs(tensor.buffer());
        changed.buffer().close();
        assertThatIllegalStateException().isThrownBy(() -> tensor.buffer().segment());
    }

    @Test
    void retainedTensorOutlivesTheFirst() {
        Tensor tensor = allocator.fp32("A", Shape.of(2), 1, 2);
        Tensor retained = tensor.retain();

        tensor.buffer().close();

        assertThat(retained.buffer().segment().toArray(ValueLayout.JAVA_FLOAT))
                .containsExactly(1, 2);
        retained.buffer().close();
    }

    @Test
    void sliceLivesIndependentlyOfItsParent() {
        TensorBuffer block = allocator.bytes((byte) 1, (byte) 2, (byte) 3, (byte) 4);
        TensorBuffer slice = block.slice(1, 2);

        block.close();

        assertThat(slice.byteSize()).isEqualTo(2);
        assertThat(slice.segment().toArray(ValueLayout.JAVA_BYTE)).containsExactly(2, 3);
        assertThat(allocator.openBlocks()).isEqualTo(1);
        slice.close();
        assertThat(allocator.openBlocks()).isZero();
    }

    @Test
    void refusesToCloseOrRetainOnceTooOften() {
        TensorBuffer block = allocator.bytes((byte) 1);
        block.close();

        assertThatIllegalStateException().isThrownBy(block::retain);
        assertThatIllegalStateException().isThrownBy(() -> block.slice(0, 1));
        assertThatIllegalStateException().isThrownBy(block::close);
    }

    @Test
    void refusesHeapMemory() {
        assertThatIllegalStateException()
                .isThrownBy(() -> TensorBuffer.wrap(MemorySegment.ofArray(new byte[1]), () -> {}))
                .withMessageContaining("native");
    }
}
