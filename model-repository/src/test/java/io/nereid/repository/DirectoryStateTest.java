package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.repository.DirectoryState.FileState;
import io.nereid.repository.store.StoredObject;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What makes two looks at a file the same. */
class DirectoryStateTest {
    private static FileState object(String etag, long second) {
        return FileState.of(new StoredObject("m/1/f", 3, etag, Instant.ofEpochSecond(second)));
    }

    @Test
    void tellsFilesOfADiskByTheirTimes() {
        assertThat(new FileState(3, 7))
                .isEqualTo(new FileState(3, 7))
                .isNotEqualTo(new FileState(3, 8))
                .isNotEqualTo(new FileState(4, 7));
    }

    @Test
    void tellsObjectsByTheirContentWheneverTheyWereWritten() {
        assertThat(object("a", 1))
                .isEqualTo(object("a", 2))
                .hasSameHashCodeAs(object("a", 2))
                .isNotEqualTo(object("b", 1));
    }

    @Test
    void knowsWhenAnObjectWasWritten() {
        assertThat(object("a", 2).changed()).isEqualTo(2_000_000_000L);
    }
}
