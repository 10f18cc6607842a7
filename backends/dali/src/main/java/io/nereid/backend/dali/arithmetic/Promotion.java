package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.tensor.ElementType;
import java.util.List;

/** Type rules of binary operators (DALI section 11). */
final class Promotion {
    private Promotion() {}

    static ElementType of(List<ElementType> types) {
        ElementType result = types.getFirst();
        for (ElementType type : types) {
            result = of(result, type);
        }
        return result;
    }

    static ElementType of(ElementType a, ElementType b) {
        if (a == b) {
            return a;
        }
        if (a.isFloat() || b.isFloat()) {
            return a.isFloat() && b.isFloat() ? wider(a, b) : a.isFloat() ? a : b;
        }
        if (a == ElementType.BOOL || b == ElementType.BOOL) {
            return a == ElementType.BOOL ? b : a;
        }
        if (a.isSigned() == b.isSigned()) {
            return wider(a, b);
        }
        ElementType signed = a.isSigned() ? a : b;
        ElementType unsigned = a.isSigned() ? b : a;
        if (signed.byteSize() > unsigned.byteSize()) {
            return signed;
        }
        return switch (unsigned.byteSize()) {
            case 1 -> ElementType.INT16;
            case 2 -> ElementType.INT32;
            default -> ElementType.INT64;
        };
    }

    /** Type in which C computes {@code a % b}. */
    static ElementType ofC(ElementType a, ElementType b) {
        ElementType left = promoted(a);
        ElementType right = promoted(b);
        if (left.byteSize() != right.byteSize()) {
            return wider(left, right);
        }
        return left.isUnsigned() ? left : right;
    }

    private static ElementType promoted(ElementType type) {
        return type.byteSize() < 4 ? ElementType.INT32 : type;
    }

    private static ElementType wider(ElementType a, ElementType b) {
        return a.byteSize() >= b.byteSize() ? a : b;
    }
}
