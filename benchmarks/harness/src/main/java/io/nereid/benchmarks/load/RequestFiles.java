package io.nereid.benchmarks.load;

import io.nereid.benchmarks.models.InferBody;
import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Requests as the load generators take them: a file with the body, and for wrk a script that sends
 * it and prints what came of it in a line of numbers.
 *
 * @param directory where the files lie
 */
public record RequestFiles(Path directory) {
    /** Writes the files of every request. */
    public void write() throws IOException {
        Files.createDirectories(directory);
        for (Requests request : Requests.values()) {
            InferBody body = request.body();
            Files.write(body(request), body.bytes().toByteArray());
            String header =
                    body.jsonLength() == 0
                            ? ""
                            : "wrk.headers[\"Inference-Header-Content-Length\"] = \"%d\""
                                    .formatted(body.jsonLength());
            Files.writeString(
                    script(request),
                    """
                    local file = assert(io.open("%s", "rb"))
                    wrk.method = "POST"
                    wrk.body = file:read("*a")
                    file:close()
                    %s
                    done = function(summary, latency)
                      local errors = summary.errors
                      print(string.format("RESULT %%d %%d %%d %%d %%d", summary.requests, summary.duration,
                          errors.connect + errors.read + errors.write + errors.status + errors.timeout,
                          latency:percentile(50), latency:percentile(99)))
                    end
                    """
                            .formatted(body(request), header));
        }
    }

    /** The file with the body. */
    public Path body(Requests request) {
        return directory.resolve(request + ".body");
    }

    Path script(Requests request) {
        return directory.resolve(request + ".lua");
    }
}
