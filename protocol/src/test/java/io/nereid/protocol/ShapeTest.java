package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {
    @Test
    void isPrintedAsInMessagesToClients() {
        assertThat(Shape.EMPTY).hasToString("[]");
        assertThat(Shape.of(7)).hasToString("[7]");
        assertThat(Shape.of(1, -1, Long.MIN_VALUE)).hasToString("[1,-1,-9223372036854775808]");
    }

    @Test
    void equalsAnotherShapeOfTheSameDimensions() {
        assertThat(Shape.of(1, 2)).isEqualTo(Shape.of(List.of(1L, 2L)));
        assertThat(Shape.of(1, 2)).hasSameHashCodeAs(Shape.of(1, 2));
        assertThat(Shape.of(1, 2)).isNotEqualTo(Shape.of(2, 1)).isNotEqualTo(Shape.of(1));
        assertThat(Shape.of(List.of())).isSameAs(Shape.EMPTY);
        assertThat(Shape.of()).isSameAs(Shape.EMPTY);
    }

    @Test
    void doesNotChangeWithTheArraysItCameFromOrGaveAway() {
        long[] dims = {1, 2};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.toArray()[1] = 9;

        assertThat(shape).isEqualTo(Shape.of(1, 2));
    }

    @Test
    void countsElements() {
        assertThat(Shape.EMPTY.elementCount()).isEqualTo(1);
        assertThat(Shape.of(2, 3, 4).elementCount()).isEqualTo(24);
        assertThat(Shape.of(5, 0).elementCount()).isZero();
    }

    @Test
    void hasNoElementCountWhileADimensionIsOpenOrTheProductTooLarge() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Shape.of(2, -1).elementCount())
                .withMessageContaining("[2,-1]");
        assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 32).elementCount())
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void isFixedWithoutNegativeDimensions() {
        assertThat(Shape.of(0, 3).isFixed()).isTrue();
        assertThat(Shape.of(3, -1).isFixed()).isFalse();
        assertThat(Shape.of(-2).isFixed()).isFalse();
    }

    @Test
    void gainsAndLosesItsLeadingDimension() {
        assertThat(Shape.of(3, 4).withLeading(2)).isEqualTo(Shape.of(2, 3, 4));
        assertThat(Shape.EMPTY.withLeading(-1)).isEqualTo(Shape.of(-1));
        assertThat(Shape.of(2, 3, 4).withoutLeading()).isEqualTo(Shape.of(3, 4));
        assertThat(Shape.of(2).withoutLeading()).isSameAs(Shape.EMPTY);
        assertThatIllegalStateException().isThrownBy(Shape.EMPTY::withoutLeading);
    }

    @Test
    void isCompatibleWhereDimensionsAreEqualOrOpen() {
        assertThat(Shape.of(-1, 4).isCompatibleWith(Shape.of(7, 4))).isTrue();
        assertThat(Shape.of(7, 4).isCompatibleWith(Shape.of(-1, -1))).isTrue();
        assertThat(Shape.of(-1, 4).isCompatibleWith(Shape.of(7, 5))).isFalse();
        assertThat(Shape.of(-1).isCompatibleWith(Shape.of(1, 1))).isFalse();
    }

    /** Reshape, dims, request and result; dimensions are separated by blanks. */
    @ParameterizedTest
    @CsvSource({
        "-1 4, 4 -1, 4 9, 9 4",
        "-1 -1, -1 1 -1, 5 1 6, 5 6",
        "2 3, 6, 6, 2 3",
        "1 -1 1, -1, 0, 1 0 1"
    })
    void fillsOpenDimensionsInOrder(String reshape, String dims, String request, String result) {
        assertThat(shape(reshape).fillFrom(shape(dims), shape(request))).isEqualTo(shape(result));
    }

    private static Shape shape(String dims) {
        return Shape.of(List.of(dims.split(" ")).stream().map(Long::valueOf).toList());
    }
}
