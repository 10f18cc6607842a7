package io.nereid.benchmarks;

import io.nereid.benchmarks.models.Requests;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What is measured. The reference server's figures were measured with the same requests and clients
 * on a machine of the kind that {@code docs/performance.md} names.
 */
final class Rows {
    private static final String NONE = "-";
    private static final String TIMES = "x";

    /**
     * In each line: title, request, clients, reference, must, aim, what the limit program cost
     * where the reference was measured, what stands beside Nereid.
     */
    private static final String TABLE =
            """
            add_sub, HTTP binary|ADD_SUB_BINARY|1|111|-|-|11.1|RESPONDER
            add_sub, HTTP binary|ADD_SUB_BINARY|16|77.5|30|20|7.6|RESPONDER ENGINE DJL
            add_sub, HTTP binary|ADD_SUB_BINARY|64|74.7|30|20|8.1|RESPONDER
            add_sub, HTTP JSON|ADD_SUB_JSON|16|81|35|25|8.9|RESPONDER
            add_sub, HTTP JSON|ADD_SUB_JSON|64|75.2|35|25|7.7|RESPONDER
            add_sub, gRPC|ADD_SUB_GRPC|16|68.2|45|32|-|
            add_sub, gRPC|ADD_SUB_GRPC|64|77.4|45|32|-|
            add_sub, dynamic batching, HTTP binary|BATCHED_BINARY|16|90.4|35|22|8.2|RESPONDER
            add_sub, dynamic batching, HTTP binary|BATCHED_BINARY|64|78.5|35|22|8.5|RESPONDER
            add_sub, dynamic batching, gRPC|BATCHED_GRPC|16|69.6|-|-|-|
            ensemble of 3 tiny steps, HTTP binary|ENSEMBLE_BINARY|16|280|80|50|7.8|RESPONDER
            ensemble of 3 tiny steps, HTTP binary|ENSEMBLE_BINARY|64|272|80|50|7.4|RESPONDER
            ensemble of 3 tiny steps, gRPC|ENSEMBLE_GRPC|16|228|-|-|-|
            602 kB in, 32 B out, HTTP binary|IMAGE_BINARY|1|600|200|130|115|RESPONDER
            602 kB in, 32 B out, HTTP binary|IMAGE_BINARY|16|686|200|130|218|RESPONDER ENGINE DJL
            602 kB in, 32 B out, gRPC|IMAGE_GRPC|1|647|320|220|-|
            602 kB in, 32 B out, gRPC|IMAGE_GRPC|16|596|320|220|-|
            identity 602 kB, HTTP binary|IDENTITY_602K_BINARY|1|1029|350|200|110|RESPONDER
            identity 602 kB, HTTP binary|IDENTITY_602K_BINARY|16|1335|350|200|255|RESPONDER
            identity 16 MiB, HTTP binary|IDENTITY_16M_BINARY|1|63030|15000|10000|8710|RESPONDER
            identity 16 MiB, gRPC|IDENTITY_16M_GRPC|1|29608|25000|16000|-|
            JSON, 100,000 UINT8 as a list (357 kB)|UINT8_LIST_IN|1|7765|600|350|-|RAPIDJSON RESPONDER
            JSON, 100,000 UINT8 as a list (357 kB)|UINT8_LIST_IN|16|8143|600|350|-|RAPIDJSON RESPONDER
            JSON, the same list in and out|UINT8_LIST_BOTH|1|-|-|-|-|RESPONDER
            MobileNetV2-shaped, HTTP binary|MOBILENET_BINARY|1|10049|1.03x|1.01x|-|ENGINE DJL
            """;

    static final List<Row> ALL = TABLE.lines().map(Rows::parse).toList();

    private Rows() {}

    private static Row parse(String line) {
        String[] columns = line.split("\\|", -1);
        return new Row(
                columns[0],
                Requests.valueOf(columns[1]),
                Integer.parseInt(columns[2]),
                Stream.of(columns[7].split(" ", -1))
                        .filter(kind -> !kind.isEmpty())
                        .map(Kind::valueOf)
                        .toList(),
                optional(columns[3]),
                optional(columns[6]),
                columns[4].equals(NONE)
                        ? Optional.empty()
                        : Optional.of(
                                new Target(
                                        number(columns[4]),
                                        number(columns[5]),
                                        columns[4].endsWith(TIMES))));
    }

    private static OptionalDouble optional(String text) {
        return text.equals(NONE) ? OptionalDouble.empty() : OptionalDouble.of(number(text));
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace(TIMES, ""));
    }
}
