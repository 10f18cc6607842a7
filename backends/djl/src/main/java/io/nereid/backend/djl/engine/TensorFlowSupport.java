package io.nereid.backend.djl.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import io.nereid.backend.djl.LoadRequest;
import io.nereid.backend.djl.ModelSignature;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.tensorflow.proto.ConfigProto;

/** TensorFlow: SavedModel directories, parameters as in model-config section 13.3. */
final class TensorFlowSupport implements EngineSupport {
    private static final String INTRA = "TF_NUM_INTRA_THREADS";
    private static final String INTER = "TF_NUM_INTER_THREADS";

    @Override
    public Optional<ModelSignature> describe(LoadRequest request) {
        return Optional.of(SavedModelFile.read(request).signature());
    }

    @Override
    public void load(Model model, LoadRequest request) throws IOException, MalformedModelException {
        SavedModelFile file = SavedModelFile.read(request);
        Map<String, Object> options = new HashMap<>();
        // DJL would quietly take another signature for one that is missing; this one is there.
        options.put("SignatureDefKey", file.signatureKey());
        options.put("Tags", new String[] {file.tag()});
        OptionalInt intra = threads(request, INTRA);
        OptionalInt inter = threads(request, INTER);
        if (intra.isPresent() || inter.isPresent()) {
            options.put(
                    "ConfigProto",
                    ConfigProto.newBuilder()
                            .setUsePerSessionThreads(true)
                            .setIntraOpParallelismThreads(intra.orElse(request.threads()))
                            .setInterOpParallelismThreads(inter.orElse(request.threads()))
                            .build());
        }
        model.load(request.file().getParent(), request.file().getFileName().toString(), options);
    }

    @Override
    public boolean copiesInputs() {
        return true;
    }

    private static OptionalInt threads(LoadRequest request, String key) {
        OptionalInt number = Numbers.of(request, key);
        if (number.orElse(0) < 0) {
            throw StatusException.invalidArgument(
                    "parameter '"
                            + key
                            + "' must be non-negative number for TensorFlow model '"
                            + request.modelName()
                            + "'");
        }
        return number;
    }
}
