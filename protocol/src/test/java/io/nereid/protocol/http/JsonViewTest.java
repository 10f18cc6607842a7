package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonViewTest {
    private static JsonView view(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        MemorySegment text = Arena.ofAuto().allocate(Math.max(1, bytes.length));
        MemorySegment.copy(bytes, 0, text, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return JsonView.of(text.asSlice(0, bytes.length));
    }

    @Test
    void readsMembersInAnyOrder() {
        JsonView view = view("\ufeff {\"a\": 1, \"b\" : \"x\\n\", \"c\":[true,null], \"a\":2}");
        assertThat(view.required("b").string()).isEqualTo("x\n");
        assertThat(view.required("a").unsigned()).isEqualTo(1);
        assertThat(view.required("c").elements().getFirst().bool()).isTrue();
        assertThat(view.required("c").elements().get(1).isNull()).isTrue();
        assertThat(view.required("c").elements().getFirst().isBoolean()).isTrue();
        assertThat(view.members()).containsOnlyKeys("a", "b", "c");
        assertThat(view.members().values().iterator().next().unsigned()).isEqualTo(1);
        assertThat(view.member("d")).isEmpty();
    }

    @Test
    void readsTheLargestUnsignedNumber() {
        assertThat(view("18446744073709551615").unsigned()).isEqualTo(-1);
    }

    @Test
    void takesWhatIsNoObjectForOneWithoutMembers() {
        assertThat(view("null").member("a")).isEmpty();
        assertThat(view("[1]").member("a")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|The document is empty. at 0",
                "{|Missing a name for object member. at 1",
                "{} {}|The document root must not be followed by other values. at 3",
                "{\"a\":[1,}|Invalid value. at 8",
                "tru|Invalid value. at 0",
            })
    void refusesWhatIsNoJson(String json, String error) {
        assertThatThrownBy(() -> view(json))
                .hasMessage("failed to parse the request JSON buffer: " + error);
    }

    @Test
    void refusesOtherTypes() {
        JsonView view = view("{\"a\":-1,\"b\":1.0,\"c\":\"x\"}");
        assertThatThrownBy(() -> view.required("a").unsigned())
                .hasMessage("attempt to access JSON non-unsigned-integer as unsigned-integer");
        assertThatThrownBy(() -> view.required("b").unsigned())
                .hasMessage("attempt to access JSON non-unsigned-integer as unsigned-integer");
        assertThatThrownBy(() -> view.required("b").string())
                .hasMessage("attempt to access JSON non-string as string");
        assertThatThrownBy(() -> view.required("c").bool())
                .hasMessage("attempt to access JSON non-boolean as boolean");
        assertThatThrownBy(() -> view.required("c").elements())
                .hasMessage("attempt to access JSON non-array as array");
        assertThatThrownBy(() -> view.required("c").members())
                .hasMessage("attempt to get members for non-object");
        assertThatThrownBy(() -> view.required("d"))
                .hasMessage("attempt to access non-existing object member 'd'");
    }

    @Test
    void boundsWhatItHandsOut() {
        String many = "[" + "0,".repeat(JsonView.MAX_PARTS) + "0]";
        assertThatThrownBy(() -> view(many).elements())
                .hasMessage("request JSON has an object or array of more than 10000 values");
    }
}
