package io.nereid.backend.dali;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;

/** Recorded requests to an ensemble that begins with a pipeline. */
final class FoundingRequests {
    private FoundingRequests() {}

    /** Bytes of the picture in a JSON request. */
    static byte[] fromJson(String name) throws IOException {
        JsonNode body = new ObjectMapper().readTree(Npy.resource("requests/" + name + ".json"));
        JsonNode row = body.get("inputs").get(0).get("data").get(0);
        byte[] data = new byte[row.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) row.get(i).asInt();
        }
        return data;
    }

    /** Bytes of the picture in a request with a JSON header and binary data. */
    static byte[] fromBinary(String name) throws IOException {
        byte[] body = Npy.resource("requests/" + name + ".bin");
        JsonNode header = new ObjectMapper().readTree(body);
        int size = header.get("inputs").get(0).get("parameters").get("binary_data_size").asInt();
        return Arrays.copyOfRange(body, body.length - size, body.length);
    }
}
