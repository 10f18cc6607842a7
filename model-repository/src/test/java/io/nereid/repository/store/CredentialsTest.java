package io.nereid.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where credentials come from, and what happens when they are refused. */
class CredentialsTest {
    private static final StoreCredentials OLD = new StoreCredentials(Map.of("key_id", "old"));
    private static final StoreCredentials NEW = new StoreCredentials(Map.of("key_id", "new"));

    @TempDir private Path directory;

    private final FakeStore fake = new FakeStore("s3").put("a", "hello");
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("credentials.json");
    }

    private StoreCredentials read(String url) {
        return new CredentialSource(Map.of("TRITON_CLOUD_CREDENTIAL_PATH", file.toString()))
                .read(StoreUrl.of(url).orElseThrow(), fake);
    }

    private void write(String json) throws IOException {
        Files.writeString(file, json);
    }

    private ReloadingStore store() {
        StoreUrl url = StoreUrl.of("s3://bucket").orElseThrow();
        return new ReloadingStore(() -> fake.open(url, read(url.text()), StoreTimeouts.DEFAULT));
    }

    @Test
    void comeFromTheEnvironmentWithoutAFile() {
        StoreCredentials credentials =
                new CredentialSource(Map.of("FAKE_KEY", "k"))
                        .read(StoreUrl.of("s3://b").orElseThrow(), fake);

        assertThat(credentials.find("key")).contains("k");
    }

    @ParameterizedTest
    @CsvSource({
        "s3://other, all",
        "s3://bucket-2, two",
        "s3://bucket-2/deep, deep",
        "s3://bucket-2/deeper/still, deep",
        "s3://bucket-25, two"
    })
    void areThoseOfTheLongestBeginning(String url, String key) throws Exception {
        write(
                """
                { "s3": { "": { "key_id": "all" },
                          "s3://bucket-2": { "key_id": "two", "region": "" },
                          "s3://bucket-2/deep": { "key_id": "deep" } } }
                """);

        assertThat(read(url).find("key_id")).contains(key);
        assertThat(read(url).find("region")).isEmpty();
    }

    @Test
    void areAPathForGoogle() throws Exception {
        write("{ \"gs\": { \"\": \"/cred.json\" } }");

        assertThat(read("gs://bucket").find("file")).contains("/cred.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"s3\": {}}", "{\"s3\": {\"s3://other\": {}}}"})
    void areMissedWithTheUrl(String json) throws Exception {
        write(json);

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> read("s3://bucket/models"))
                .withMessage("Cannot match credential for path  s3://bucket/models")
                .satisfies(e -> assertThat(e.code()).isEqualTo(StatusCode.NOT_FOUND));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{\"s3\": 1}", "{\"s3\": {\"\": {\"key_id\": 1}}}"})
    void areRefusedWithTheFileThatIsMalformed(String json) throws Exception {
        write(json);

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> read("s3://bucket"))
                .withMessageContaining("malformed credential file " + file);
    }

    @Test
    void areRefusedWithTheFileThatIsNotThere() {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> read("s3://bucket"))
                .withMessageContaining("failed to read credential file " + file);
    }

    @Test
    void areNeverPrinted() {
        assertThat(new StoreCredentials(Map.of("secret_key", "hush")))
                .hasToString("StoreCredentials[secret_key]");
    }

    @Test
    void areReadAnewOnceWhenTheyAreRefused() throws Exception {
        write("{ \"s3\": { \"\": { \"key_id\": \"old\" } } }");
        fake.accepting(OLD);
        try (ReloadingStore store = store()) {
            assertThat(store.list("", Optional.empty()).objects()).hasSize(1);
            write("{ \"s3\": { \"\": { \"key_id\": \"new\" } } }");
            fake.accepting(NEW);

            assertThat(store.list("", Optional.empty()).objects()).hasSize(1);
            assertThat(store.list("", Optional.empty()).objects()).hasSize(1);

            assertThat(fake.openedWith()).containsExactly(OLD, NEW);
        }
        assertThat(fake.open()).isZero();
    }

    @Test
    void areReadNoMoreThanOnceForOneQuestion() throws Exception {
        write("{ \"s3\": { \"\": { \"key_id\": \"old\" } } }");
        fake.accepting(NEW);
        try (ReloadingStore store = store()) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.list("", Optional.empty()))
                    .withMessage("who are you");

            assertThat(fake.openedWith()).containsExactly(OLD, OLD);
        }
        assertThat(fake.open()).isZero();
    }

    @Test
    void leaveADownloadAloneThatBeganWithOthers() throws Exception {
        write("{ \"s3\": { \"\": { \"key_id\": \"old\" } } }");
        fake.accepting(OLD);
        try (ReloadingStore store = store()) {
            try (ObjectContent begun = store.open(fake.object("a"), 0)) {
                write("{ \"s3\": { \"\": { \"key_id\": \"new\" } } }");
                fake.accepting(NEW);
                assertThat(store.list("", Optional.empty()).objects()).hasSize(1);

                assertThat(fake.open()).isEqualTo(2);
                assertThat(begun.bytes()).hasContent("hello");
            }
            assertThat(fake.open()).isEqualTo(1);
        }
    }
}
