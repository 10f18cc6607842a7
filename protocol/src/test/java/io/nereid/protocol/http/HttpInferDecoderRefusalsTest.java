package io.nereid.protocol.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts of http.md sections 11, 12 and 21; nothing may stay open after a refusal. */
class HttpInferDecoderRefusalsTest {
    private static final ModelConfig MODEL = Codec.model(DataType.INT32, "X", "Z");

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    @AfterEach
    void leavesNothingOpen() {
        assertThat(allocator.openBlocks()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = true,
            textBlock =
                    """
                    `   `                       | The document is empty. at 3
                    {} 1                        | The document root must not be followed by other values. at 3
                    {'inputs': [                | Invalid value. at 12
                    /* c */{}                   | Invalid value. at 0
                    {'a':tru}                   | Invalid value. at 5
                    {'a':nil}                   | Invalid value. at 5
                    {'a':nan}                   | Invalid value. at 5
                    {'a':-}                     | Invalid value. at 5
                    {'a':+1}                    | Invalid value. at 5
                    {'a':.5}                    | Invalid value. at 5
                    {'a':[1,]}                  | Invalid value. at 8
                    {'a':1,}                    | Missing a name for object member. at 7
                    {a:1}                       | Missing a name for object member. at 1
                    {'a' 1}                     | Missing a colon after a name of object member. at 5
                    {'a':1 'b':2}               | Missing a comma or } after an object member. at 7
                    {'a':01}                    | Missing a comma or } after an object member. at 6
                    {'a':0x1}                   | Missing a comma or } after an object member. at 6
                    {'a':[1 2]}                 | Missing a comma or ] after an array element. at 8
                    {'a':[1}                    | Missing a comma or ] after an array element. at 7
                    {'a':1.}                    | Miss fraction part in number. at 7
                    {'a':1.e1}                  | Miss fraction part in number. at 7
                    {'a':1e}                    | Miss exponent in number. at 7
                    {'a':1e+}                   | Miss exponent in number. at 8
                    {'a':1e400}                 | Number too big to be stored in double. at 5
                    {'a':-1e309}                | Number too big to be stored in double. at 5
                    {'a':'\\x'}                 | Invalid escape character in string. at 6
                    {'a':'\\u12g4'}             | Incorrect hex digit after \\u escape in string. at 6
                    {'a':'\\ud800'}             | The surrogate pair in string is invalid. at 6
                    {'a':'\\ud800\\u0041'}      | The surrogate pair in string is invalid. at 6
                    {'a':'\\ude00'}             | The surrogate pair in string is invalid. at 6
                    {'a':'b                     | Missing a closing quotation mark in string. at 5
                    {'a':'b\\                   | Invalid escape character in string. at 7
                    """)
    void refusesMalformedJson(String json, String reason) {
        StatusException refusal = codec.refusal(MODEL, json);

        assertThat(refusal.code()).isEqualTo(StatusCode.INVALID_ARG);
        assertThat(refusal.text()).isEqualTo("failed to parse the request JSON buffer: " + reason);
    }

    @Test
    void refusesControlCharactersInStrings() {
        assertThat(codec.refusal(MODEL, "{'a':'\n'}").text())
                .isEqualTo(
                        "failed to parse the request JSON buffer: Invalid control character in"
                                + " string. at 6");
        assertThat(codec.refusal(MODEL, "{'a':'\0'}").text()).contains("control character");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {}                                          | Unable to parse 'inputs': attempt to access non-existing object member 'inputs'
                    'hi'                                        | Unable to parse 'inputs': attempt to access non-existing object member 'inputs'
                    [1]                                         | Unable to parse 'inputs': attempt to access non-existing object member 'inputs'
                    {'inputs':null}                             | Unable to parse 'inputs': attempt to access JSON non-array as array
                    {'id':5,'inputs':[]}                        | Unable to parse 'id': attempt to access JSON non-string as string
                    {'parameters':[1],'inputs':[]}              | failed to get request params.: attempt to get members for non-object
                    {'parameters':{'sequence_id':-1},'inputs':[]} | Unable to parse 'sequence_id': attempt to access JSON non-string as string
                    {'parameters':{'sequence_id':1.0},'inputs':[]} | Unable to parse 'sequence_id': attempt to access JSON non-string as string
                    {'parameters':{'sequence_start':1},'inputs':[]} | Unable to parse 'sequence_start': attempt to access JSON non-boolean as boolean
                    {'parameters':{'sequence_end':'x'},'inputs':[]} | Unable to parse 'sequence_end': attempt to access JSON non-boolean as boolean
                    {'parameters':{'priority':'high'},'inputs':[]} | Unable to parse 'priority': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'parameters':{'timeout':-1},'inputs':[]}   | Unable to parse 'timeout': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'parameters':{'binary_data_output':1},'inputs':[]} | Unable to parse 'binary_data_output': attempt to access JSON non-boolean as boolean
                    {'parameters':{'triton_x':1},'inputs':[]}   | parameter keys starting with 'triton_' are reserved for Triton usage and should not be specified.
                    {'parameters':{'n':null},'inputs':[]}       | parameter 'n' has invalid type. It should be either 'int', 'bool', or 'string'.
                    {'parameters':{'n':[1]},'inputs':[]}        | parameter 'n' has invalid type. It should be either 'int', 'bool', or 'string'.
                    {'parameters':{'n':{}},'inputs':[]}         | parameter 'n' has invalid type. It should be either 'int', 'bool', or 'string'.
                    {'inputs':[5]}                              | Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', 'shared_memory_region' in 'parameters'. But no field is set
                    {'inputs':[{'name':7}]}                     | Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', 'shared_memory_region' in 'parameters'. But no field is set
                    {'inputs':[{'data':null,'parameters':{'shared_memory_region':null,'binary_data_size':null}}]} | Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', 'shared_memory_region' in 'parameters'. But set 'data' 'binary_data_size' 'shared_memory_region'
                    {'inputs':[{'data':[]}]}                    | Unable to parse 'name': attempt to access non-existing object member 'name'
                    {'inputs':[{'data':[],'name':5}]}           | Unable to parse 'name': attempt to access JSON non-string as string
                    {'inputs':[{'data':[],'name':'X'}]}         | Unable to parse 'datatype': attempt to access non-existing object member 'datatype'
                    {'inputs':[{'data':[],'name':'X','datatype':'INT32'}]} | Unable to parse 'shape': attempt to access non-existing object member 'shape'
                    {'inputs':[{'data':[],'name':'X','datatype':'INT32','shape':4}]} | Unable to parse 'shape': attempt to access JSON non-array as array
                    {'inputs':[{'data':[],'name':'X','datatype':'INT32','shape':[-1]}]} | Unable to parse 'shape': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'inputs':[{'data':[],'name':'X','datatype':'INT32','shape':['1']}]} | Unable to parse 'shape': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'inputs':[{'data':[],'name':'X','datatype':'INT32','shape':[1.0]}]} | Unable to parse 'shape': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'inputs':[{'parameters':{'binary_data_size':-4},'name':'X','datatype':'INT32','shape':[1]}]} | Unable to parse 'binary_data_size': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'inputs':[],'outputs':'A'}                 | Unable to parse 'outputs': attempt to access JSON non-array as array
                    {'inputs':[],'outputs':[{}]}                | Unable to parse 'name': attempt to access non-existing object member 'name'
                    {'inputs':[],'outputs':[7]}                 | Unable to parse 'name': attempt to access non-existing object member 'name'
                    {'inputs':[],'outputs':[{'name':'A'},{'name':'A'}]} | [request id: <id_unknown>] output 'A' already exists in request
                    {'inputs':[],'outputs':[{'name':'A','parameters':{'binary_data':1}}]} | Unable to parse 'binary_data': attempt to access JSON non-boolean as boolean
                    {'inputs':[],'outputs':[{'name':'A','parameters':{'classification':-1}}]} | Unable to set 'classification': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'inputs':[],'outputs':[{'name':'A','parameters':{'classification':'3'}}]} | Unable to set 'classification': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'inputs':[],'outputs':[{'name':'A','parameters':{'shared_memory_region':'r','classification':0}}]} | Output can't set both 'shared_memory_region' and 'classification'
                    {'inputs':[{'parameters':{'shared_memory_region':7},'name':'X','datatype':'INT32','shape':[1]}]} | Unable to parse 'shared_memory_region': attempt to access JSON non-string as string
                    {'inputs':[{'parameters':{'shared_memory_region':'r','shared_memory_offset':-1},'name':'X','datatype':'INT32','shape':[1]}]} | Unable to parse 'shared_memory_offset': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'inputs':[{'parameters':{'shared_memory_region':'r','shared_memory_byte_size':'4'},'name':'X','datatype':'INT32','shape':[1]}]} | Unable to parse 'shared_memory_byte_size': attempt to access JSON non-unsigned-integer as unsigned-integer
                    {'inputs':[],'outputs':[{'name':'A','parameters':{'shared_memory_region':null}}]} | Unable to parse 'shared_memory_region': attempt to access JSON non-string as string
                    {'inputs':[],'outputs':[{'name':'A','parameters':{'shared_memory_region':'r','binary_data':true}}]} | Output can't set both 'shared_memory_region' and 'binary_data'
                    """)
    void refusesWrongMembers(String json, String text) {
        StatusException refusal = codec.refusal(MODEL, json);

        assertThat(refusal.code()).isEqualTo(StatusCode.INVALID_ARG);
        assertThat(refusal.text()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    INT32  | [1,2] | 5         | Unable to parse 'data': attempt to access JSON non-array as array
                    INT32  | [1,2] | [1,1.5]   | Unable to parse 'data': attempt to access JSON non-signed-integer as signed-integer
                    INT32  | [1,2] | [1.0,2]   | Unable to parse 'data': attempt to access JSON non-signed-integer as signed-integer
                    INT32  | [1,2] | [1e3,2]   | Unable to parse 'data': attempt to access JSON non-signed-integer as signed-integer
                    INT32  | [1,2] | ['1',2]   | Unable to parse 'data': attempt to access JSON non-signed-integer as signed-integer
                    INT32  | [1,2] | [1,{}]    | Unable to parse 'data': attempt to access JSON non-signed-integer as signed-integer
                    INT32  | [1,2] | [1,NaN]   | Unable to parse 'data': attempt to access JSON non-signed-integer as signed-integer
                    INT64  | [1,1] | [9223372036854775808] | Unable to parse 'data': attempt to access JSON non-signed-integer as signed-integer
                    INT64  | [1,1] | [-9223372036854775809] | Unable to parse 'data': attempt to access JSON non-signed-integer as signed-integer
                    UINT8  | [1,1] | [-1]      | Unable to parse 'data': attempt to access JSON non-unsigned-integer as unsigned-integer
                    UINT64 | [1,1] | [18446744073709551616] | Unable to parse 'data': attempt to access JSON non-unsigned-integer as unsigned-integer
                    UINT64 | [1,1] | [true]    | Unable to parse 'data': attempt to access JSON non-unsigned-integer as unsigned-integer
                    BOOL   | [1,1] | [1]       | Unable to parse 'data': attempt to access JSON non-boolean as boolean
                    FP32   | [1,1] | [null]    | Unable to parse 'data': attempt to access JSON non-number as double
                    FP64   | [1,1] | ['1']     | Unable to parse 'data': attempt to access JSON non-number as double
                    BYTES  | [1,1] | [5]       | Unable to parse JSON bytes array: attempt to access JSON non-string as string
                    FP16   | [1,1] | ['1']     | Unable to parse 'data': attempt to access JSON non-number as double
                    BF16   | [1,1] | ['1']     | Unable to parse 'data': attempt to access JSON non-number as double
                    int32  | [1,1] | [1]       | invalid datatype for input X
                    INT32  | [18446744073709551615] | [1] | JSON input 'X' has a byte_size (18446744073709551612 bytes) that exceeds the maximum allowed value of 1048576 bytes. Use --http-max-input-size to increase the limit.
                    INT32  | [262144,2] | [1]  | JSON input 'X' has a byte_size (2097152 bytes) that exceeds the maximum allowed value of 1048576 bytes. Use --http-max-input-size to increase the limit.
                    INT32  | [2,9223372036854775808] | [1] | invalid shape for input 'X': shape [2,-9223372036854775808] contains one or more invalid dimensions
                    INT32  | [4611686018427387904,4] | [1] | invalid shape for input 'X': shape [4611686018427387904,4] causes total element count to exceed maximum size of 9223372036854775807
                    INT32  | [4611686018427387904] | [1] | byte size overflow for input 'X': element count (4611686018427387904) * data type size (4) exceeds maximum allowed size (9223372036854775807)
                    """)
    void refusesWrongData(String type, String shape, String data, String text) {
        StatusException refusal = codec.refusal(MODEL, inputs(type, shape, data));

        assertThat(refusal.code()).isEqualTo(StatusCode.INVALID_ARG);
        assertThat(refusal.text()).isEqualTo(text);
        assertThat(codec.refusal(MODEL, dataFirst(type, shape, data)).text()).isEqualTo(text);
    }

    @Test
    void refusesWrongNumberOfLeaves() {
        for (String data : new String[] {"[]", "[1,2,3]", "[[1,2],[3]]"}) {
            StatusException few = codec.refusal(MODEL, inputs("INT32", "[2,2]", data));
            assertThat(few.code()).isEqualTo(StatusCode.INTERNAL);
            assertThat(few.text())
                    .isEqualTo("Failed to parse 'data' field: shape does not match true shape");
        }
        for (String data : new String[] {"[1,2,3,4,5]", "[[1,2],[3,4],[5,'x']]"}) {
            StatusException many = codec.refusal(MODEL, inputs("INT32", "[2,2]", data));
            assertThat(many.code()).isEqualTo(StatusCode.INTERNAL);
            assertThat(many.text())
                    .isEqualTo(
                            "Unable to parse 'data': Shape does not match true shape of 'data'"
                                    + " field");
        }
    }

    @Test
    void refusesDataNestedTooDeeply() {
        for (int levels : new int[] {101, 5000, 200_000}) {
            String ints = "[".repeat(levels) + "1" + "]".repeat(levels);
            String texts = "[".repeat(levels) + "'a'" + "]".repeat(levels);
            String tail = "JSON nesting depth exceeds maximum allowed limit (100)";
            assertThat(codec.refusal(MODEL, inputs("INT32", "[1,1]", ints)).text())
                    .isEqualTo("Unable to parse 'data': " + tail);
            if (levels < JsonCursor.MAX_DEPTH) {
                assertThat(codec.refusal(MODEL, inputs("BYTES", "[1,1]", texts)).text())
                        .isEqualTo(tail);
            }
        }
    }

    @Test
    void refusesEndlessNesting() {
        String json = "{'x':" + "[{'a':".repeat(100_000);
        assertThat(codec.refusal(MODEL, json).text())
                .startsWith("failed to parse the request JSON buffer: Nesting is deeper than");
    }

    @Test
    void tellsMalformedJsonBeforeAnythingElse() {
        String json = "{'inputs':[{'name':'X','shape':[1,2],'datatype':'INT32','data':['x',2]}],}";
        assertThat(codec.refusal(MODEL, json).text())
                .startsWith("failed to parse the request JSON buffer: Missing a name");
        String big =
                "{'inputs':[{'name':'X','shape':[1,2],'datatype':'INT32','data':['x',1e999]}]}";
        assertThat(codec.refusal(MODEL, big).text()).contains("Number too big");
    }

    @Test
    void tellsFaultsInOrderOfProcessing() {
        String json =
                "{'outputs':7,'inputs':[{'data':['x'],'name':'X','shape':[1],'datatype':'INT32'}],"
                        + "'parameters':{'a':null,'b':null},'id':%s}";
        assertThat(codec.refusal(MODEL, json.formatted("1")).text()).contains("'id'");
        assertThat(codec.refusal(MODEL, json.formatted("'i'")).text()).contains("'a'");
        String noParameters = json.replace("'a':null,'b':null", "").formatted("'i'");
        assertThat(codec.refusal(MODEL, noParameters).text()).contains("'data'");
        assertThat(codec.refusal(MODEL, noParameters.replace("'x'", "1")).text())
                .contains("'outputs'");
    }

    @Test
    void refusesInputsWithTheSameName() {
        String input = "{'name':'X','shape':[1,1],'datatype':'INT32','data':[1]}";
        assertThat(codec.refusal(MODEL, "{'id':'r','inputs':[" + input + "," + input + "]}").text())
                .isEqualTo("[request id: r] input 'X' already exists in request");
    }

    @Test
    void refusesLongCorrelationIds() {
        StatusException refusal =
                codec.refusal(
                        MODEL,
                        "{'inputs':[],'parameters':{'sequence_id':'" + "z".repeat(129) + "'}}");
        assertThat(refusal.code()).isEqualTo(StatusCode.UNSUPPORTED);
        assertThat(refusal.text())
                .isEqualTo("string correlation ID cannot be longer than 128 characters");
    }

    @Test
    void refusesRegionsThatAreNotThere() {
        StatusException input =
                codec.refusal(
                        MODEL,
                        "{'inputs':[{'name':'X','shape':[1,1],'datatype':'INT32',"
                                + "'parameters':{'shared_memory_region':'r0'}}]}");
        StatusException output =
                codec.refusal(
                        MODEL,
                        "{'inputs':[],'outputs':[{'name':'A','parameters':"
                                + "{'shared_memory_region':'r0','shared_memory_byte_size':8}}]}");
        assertThat(input.code()).isEqualTo(StatusCode.NOT_FOUND);
        assertThat(input.text())
                .isEqualTo("Unable to find shared memory region: 'r0'")
                .isEqualTo(output.text());
    }

    @Test
    void refusesMissingAndSurplusBinaryData() {
        String json =
                "{'inputs':[{'name':'X','shape':[1,1],'datatype':'INT32',"
                        + "'parameters':{'binary_data_size':%s}}]}";
        assertThat(codec.refusal(MODEL, json.formatted("4"), (byte) 1).text())
                .isEqualTo(
                        "unexpected size for input 'X', expecting 3 additional bytes for model 'm'");
        assertThat(codec.refusal(MODEL, json.formatted("18446744073709551615"), (byte) 1).text())
                .contains("expecting 18446744073709551614 additional bytes");
        assertThat(codec.refusal(MODEL, json.formatted("0"), (byte) 1).text())
                .isEqualTo("unexpected additional input data for model 'm'");
    }

    @Test
    void refusesBodiesShorterThanTheirJson() {
        TensorBuffer body = codec.body("{}".getBytes(UTF_8));
        StatusException refusal =
                Codec.refusal(() -> codec.decoder().decode(MODEL, OptionalLong.empty(), body, 10));
        assertThat(refusal.text())
                .isEqualTo("unexpected size for request JSON, expecting 8 more bytes");
    }

    @Test
    void refusesJsonOverTheLimit() {
        Codec small = new Codec(allocator, 8);
        String text =
                "request JSON size of 9 bytes exceeds the maximum allowed input size of 8 bytes."
                        + " Use --http-max-input-size to increase the limit.";
        assertThat(small.refusal(MODEL, "{       }").text()).isEqualTo(text);
        assertThat(Codec.refusal(() -> small.decoder().checkJsonSize(9)).text()).isEqualTo(text);
        small.decoder().checkJsonSize(8);
    }

    @Test
    void refusesStringsThatTakeMoreRoomThanTheLimit() {
        // An empty string takes three characters here and four bytes there.
        String json = inputs("BYTES", "[200]", "['" + "','".repeat(199) + "']");
        Codec small = new Codec(allocator, 799);
        assertThat(json.length()).isLessThan(799);

        assertThat(small.refusal(MODEL, json).text())
                .isEqualTo(
                        "JSON input 'X' has a byte_size (800 bytes) that exceeds the maximum allowed"
                                + " value of 799 bytes. Use --http-max-input-size to increase the"
                                + " limit.");
    }

    @Test
    void asksForNoMoreMemoryThanTheTextCanFill() {
        Codec roomy = new Codec(allocator, Long.MAX_VALUE);
        StatusException refusal =
                roomy.refusal(MODEL, inputs("INT32", "[1000000000000]", "[1,2,3]"));
        assertThat(refusal.text())
                .isEqualTo("Failed to parse 'data' field: shape does not match true shape");
    }

    @Test
    void refusesUnboundedLists() {
        String dims = "[" + "1,".repeat(Dimensions.MAX_RANK) + "1]";
        assertThat(codec.refusal(MODEL, inputs("INT32", dims, "[1]")).text())
                .contains("more than 1024 dimensions");
        StringBuilder many = new StringBuilder();
        for (int i = 0; i <= ParameterReader.MAX_PARAMETERS; i++) {
            many.append(i == 0 ? "" : ",").append("'p").append(i).append("':1");
        }
        assertThat(codec.refusal(MODEL, "{'inputs':[],'parameters':{" + many + "}}").text())
                .isEqualTo("request has more than 10000 parameters");
    }

    @Test
    void refusesRawBodiesThatNoInputFollowsFrom() {
        assertThat(raw(MODEL))
                .isEqualTo(
                        "[request id: <id_unknown>] Raw request must only have 1 input (found 1) to"
                                + " be deduced but got 2 inputs in 'm' model configuration");
        assertThat(raw(Codec.model(DataType.INT32, "X")))
                .isEqualTo(
                        "[request id: <id_unknown>] The shape of the raw input 'X' can not be"
                                + " deduced because there are more than one variable-sized"
                                + " dimension");
        assertThat(raw(Codec.model(0, DataType.BYTES, Shape.of(-1), "X")))
                .isEqualTo(
                        "[request id: <id_unknown>] For BYTE datatype raw input 'X', the model must"
                                + " have input shape [1]");
        assertThat(raw(Codec.model(0, DataType.BYTES, Shape.of(2), "X")))
                .contains("must have input shape [1]");
        assertThat(
                        Codec.refusal(() -> new Codec(allocator, 3).decodeRaw(MODEL, new byte[4]))
                                .text())
                .isEqualTo(
                        "Raw input has a byte_size (4 bytes) that exceeds the maximum allowed value"
                                + " of 3 bytes. Use --http-max-input-size to increase the limit.");
    }

    private String raw(ModelConfig model) {
        return Codec.refusal(() -> codec.decodeRaw(model, (byte) 1)).text();
    }

    private static String inputs(String type, String shape, String data) {
        return "{'inputs':[{'name':'X','datatype':'%s','shape':%s,'data':%s}]}"
                .formatted(type, shape, data);
    }

    private static String dataFirst(String type, String shape, String data) {
        return "{'inputs':[{'data':%s,'name':'X','shape':%s,'datatype':'%s'}]}"
                .formatted(data, shape, type);
    }
}
