package io.nereid.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.StatusException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of repository section 16. */
class StoreUrlTest {
    @ParameterizedTest
    @CsvSource({
        "s3://b/p,                  s3, '',               b, p",
        "s3://b,                    s3, '',               b, ''",
        "s3://b//p///q//,           s3, '',               b, p/q",
        "s3://host:9000/b/p,        s3, http://host:9000, b, p",
        "s3://10.0.0.1:80/b,        s3, http://10.0.0.1:80, b, ''",
        "s3://http://host:9000/b/p, s3, http://host:9000, b, p",
        "s3://https://host:443//b/p/, s3, https://host:443, b, p",
        "gs://b/p/q,                gs, '',               b, p/q",
        "as://acc/c/p,              as, acc,              c, p",
        "as://acc.blob.core.windows.net/c, as, acc,       c, ''"
    })
    void readsAUrl(String text, String scheme, String authority, String bucket, String path) {
        StoreUrl url = StoreUrl.of(text).orElseThrow();

        assertThat(url.scheme()).isEqualTo(scheme);
        assertThat(url.authority()).isEqualTo(authority);
        assertThat(url.bucket()).isEqualTo(bucket);
        assertThat(url.path()).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource({
        "s3://b//p///q//, s3://b/p/q",
        "s3://https://host:443//b/, s3://https://host:443/b",
        "s3://host:9000/b/p, s3://host:9000/b/p",
        "as://acc.blob.core.windows.net/c/, as://acc.blob.core.windows.net/c"
    })
    void keepsTheTextWithoutNeedlessSlashes(String given, String kept) {
        assertThat(StoreUrl.of(given).orElseThrow()).hasToString(kept);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/models", "models", "s3:/b", "./s3://b", "http://host/b", ""})
    void leavesPathsOfThisMachineAlone(String path) {
        assertThat(StoreUrl.of(path)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "s3://, No bucket name found in path: s3://",
        "gs:///, No bucket name found in path: gs://",
        "as://account, Invalid azure storage path: as://account",
        "as://, Invalid azure storage path: as://"
    })
    void refusesAUrlWithoutABucket(String url, String text) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> StoreUrl.of(url))
                .withMessage(text);
    }

    @Test
    void namesObjectsByTheirBucket() {
        StoredObject object = new StoredObject("p/m/1/f", 0, "", Instant.EPOCH);

        assertThat(StoreUrl.of("s3://h:1/b/p").orElseThrow().nameOf(object))
                .isEqualTo("s3://h:1/b/p/m/1/f");
        assertThat(StoreUrl.of("gs://b").orElseThrow().nameOf(object)).isEqualTo("gs://b/p/m/1/f");
    }
}
