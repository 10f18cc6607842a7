package io.nereid.backend.onnxruntime;

import io.nereid.backend.ModelFiles;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the graph of a version. */
final class ModelFile {
    private static final String DEFAULT_NAME = "model.onnx";

    private ModelFile() {}

    /**
     * The file with the graph; a directory stands for the file {@code model.onnx} inside, whose
     * weights lie beside it.
     *
     * @throws StatusException INTERNAL or UNAVAILABLE if there is none
     */
    static Path locate(ModelConfigProto.ModelConfig config, ModelFiles files) {
        String name = config.getDefaultModelFilename();
        Path file = files.modelFile(name.isEmpty() ? DEFAULT_NAME : name);
        if (!Files.exists(file)) {
            throw new StatusException(StatusCode.INTERNAL, "failed to stat file " + file);
        }
        if (!Files.isDirectory(file)) {
            return file;
        }
        Path inside = file.resolve(DEFAULT_NAME);
        if (!Files.exists(inside)) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "unable to find '"
                            + inside
                            + "' for model instance '"
                            + config.getName()
                            + "'");
        }
        return inside;
    }
}
