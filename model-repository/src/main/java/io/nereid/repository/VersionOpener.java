package io.nereid.repository;

import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelEnsembling;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Opens one version of a polled model: steps 8 to 13 of model-config section 1. */
final class VersionOpener {
    private final ModelLoader loader;
    private final ModelLifecycle lifecycle;
    private final ConfigCompletion completion;

    VersionOpener(ModelLoader loader, ModelLifecycle lifecycle, ConfigCompletion completion) {
        this.loader = loader;
        this.lifecycle = lifecycle;
        this.completion = completion;
    }

    /**
     * Opens a version. Called on: control threads, several at a time.
     *
     * @throws StatusException with the reason for the index
     */
    @Owned
    ReadyModel open(PolledModel model, long version) {
        ModelFiles files = model.files(version);
        PlainFiles.require(model, files);
        ConfigCompletion.checkRuntime(model.config(), files);
        ModelConfigProto.ModelConfig message =
                model.isEnsemble()
                        ? EnsembleTransactions.complete(
                                model.config(), step -> member(step).model().config().decoupled())
                        : completion.complete(model.config(), files);
        ModelConfig config = ModelConfig.of(message);
        Map<String, List<String>> labels = LabelFiles.read(config, files.modelDirectory());
        inheritLabels(message.getEnsembleScheduling(), config, labels);
        return ready(model, loader.load(model.namespace(), config, files), labels);
    }

    /**
     * Gives a version in service the instances of a changed configuration. Called on: control
     * threads.
     *
     * @throws StatusException if an instance cannot be opened; then nothing has changed
     */
    void update(ReadyModel ready, PolledModel model) {
        ModelConfigProto.ModelConfig grouped =
                completion.grouped(model.config(), loader.backend(model.config().getBackend()));
        ModelConfigProto.ModelConfig.Builder next =
                ready.model().config().message().toBuilder()
                        .clearInstanceGroup()
                        .addAllInstanceGroup(grouped.getInstanceGroupList())
                        .setVersionPolicy(grouped.getVersionPolicy());
        loader.replaceInstances(ready.model(), ModelConfig.of(next.build()));
    }

    /**
     * A directory that was made for a model stays until the model that was loaded from it has gone.
     */
    private static ReadyModel ready(
            PolledModel polled, @Owned Model model, Map<String, List<String>> labels) {
        AgentChain agents = polled.agents().opened();
        Optional<HeldDirectory> files = polled.files().map(HeldDirectory::retain);
        return new ReadyModel(
                model,
                labels,
                new ReadyModel.Source() {
                    @Override
                    public void outOfService() {
                        agents.outOfService();
                    }

                    @Override
                    public void released() {
                        files.ifPresent(HeldDirectory::close);
                        agents.close();
                    }
                });
    }

    /** An output of an ensemble without labels of its own has those of the step's output. */
    private void inheritLabels(
            ModelEnsembling ensemble, ModelConfig config, Map<String, List<String>> labels) {
        for (ModelEnsembling.Step step : ensemble.getStepList()) {
            ReadyModel member = member(step);
            step.getOutputMapMap()
                    .forEach((output, tensor) -> {
                        List<String> inherited = member.labelLists().get(output);
                        if (inherited != null && config.output(tensor).isPresent()) {
                            labels.putIfAbsent(tensor, inherited);
                        }
                    });
        }
    }

    private ReadyModel member(ModelEnsembling.Step step) {
        return lifecycle.member(
                PolledModel.memberOf(step),
                step.getModelVersion() < 0
                        ? OptionalLong.empty()
                        : OptionalLong.of(step.getModelVersion()));
    }
}
