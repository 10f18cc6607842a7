package io.nereid.backend.dali;

import io.nereid.backend.ModelFiles;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.pipeline.PipelineException;
import io.nereid.backend.dali.pipeline.PipelineReader;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Finds and reads the pipeline of a version (DALI section 4.1). */
final class PipelineFile {
    private static final String DEFAULT_NAME = "model.dali";
    private static final String PYTHON_NAME = "dali.py";
    private static final Pattern LEGAL_NAME = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final long MAX_BYTES = 64L << 20;

    private PipelineFile() {}

    /**
     * Reads the pipeline.
     *
     * @throws StatusException INVALID_ARG if it is not there, not serialized or not executable
     */
    static Pipeline read(
            ModelConfigProto.ModelConfig config, ModelFiles files, PipelineReader reader) {
        String name =
                config.getDefaultModelFilename().isEmpty()
                        ? DEFAULT_NAME
                        : config.getDefaultModelFilename();
        if (!LEGAL_NAME.matcher(name).matches()) {
            throw StatusException.invalidArgument(
                    "Model file name '"
                            + name
                            + "' may only contain letters, digits, '_', '.' and '-'");
        }
        Path file = files.modelFile(name);
        try {
            return reader.read(bytes(file));
        } catch (IOException e) {
            throw notFound(file, e);
        } catch (PipelineException e) {
            if (!e.isReadable()) {
                throw notFound(file, e);
            }
            StatusException status =
                    StatusException.invalidArgument(
                            "Failed to load pipeline " + file + ": " + e.text());
            status.initCause(e);
            throw status;
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than " + MAX_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }

    private static StatusException notFound(Path file, Exception cause) {
        StatusException status =
                StatusException.invalidArgument(
                        "Failed to load model file. The program looked in the following locations: "
                                + file
                                + ", "
                                + file.resolveSibling(PYTHON_NAME)
                                + ". Please make sure that the model exists in any of the locations"
                                + " and is properly serialized or can be properly serialized."
                                + " Python sources are not run here: serialize the pipeline once"
                                + " with `pipe().serialize(filename=\""
                                + DEFAULT_NAME
                                + "\")`.");
        status.initCause(cause);
        return status;
    }
}
