package io.nereid.server.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SageMaker section 2: each variable, each check. */
class ServeScriptTest {
    @TempDir Path programs;
    @TempDir Path models;

    private Script serve;

    @BeforeEach
    void prepare() throws IOException {
        serve =
                new Script("serve", programs)
                        .program(
                                "tritonserver",
                                "printf 'argument %s\\n' \"$@\"",
                                "echo \"ping mode $SAGEMAKER_TRITON_PING_MODE\"",
                                "echo \"model ${SAGEMAKER_TRITON_DEFAULT_MODEL_NAME:-none}\"")
                        .with("NEREID_SAGEMAKER_MODEL_DIR", models.toString());
    }

    private Script withModel() throws IOException {
        Files.createDirectory(models.resolve("digits"));
        return serve.with("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME", "digits");
    }

    private static List<String> arguments(Script.Outcome outcome) {
        assertThat(outcome.exit()).as(outcome.lines().toString()).isZero();
        return outcome.lines().stream()
                .filter(line -> line.startsWith("argument "))
                .map(line -> line.substring("argument ".length()))
                .toList();
    }

    @Test
    void startsTheServerWithItsFixedArguments() throws Exception {
        Script.Outcome outcome = withModel().run();
        assertThat(arguments(outcome))
                .containsExactly(
                        "--allow-sagemaker=true",
                        "--allow-http=false",
                        "--model-control-mode=explicit",
                        "--model-repository=" + models,
                        "--model-namespacing=true",
                        "--allow-grpc=false",
                        "--allow-metrics=false",
                        "--log-verbose=true",
                        "--load-model=digits");
        assertThat(outcome.lines()).contains("ping mode ready", "model digits");
    }

    @ParameterizedTest
    @CsvSource({
        "SAGEMAKER_BIND_TO_PORT,8085,--sagemaker-port=8085",
        "SAGEMAKER_SAFE_PORT_RANGE,8081-9000,--sagemaker-safe-port-range=8081-9000",
        "SAGEMAKER_TRITON_ALLOW_GRPC,true,--allow-grpc=true",
        "SAGEMAKER_TRITON_GRPC_PORT,8101,--grpc-port=8101",
        "SAGEMAKER_TRITON_ALLOW_METRICS,true,--allow-metrics=true",
        "SAGEMAKER_TRITON_METRICS_PORT,8102,--metrics-port=8102",
        "SAGEMAKER_TRITON_BUFFER_MANAGER_THREAD_COUNT,4,--buffer-manager-thread-count=4",
        "SAGEMAKER_TRITON_THREAD_COUNT,16,--sagemaker-thread-count=16",
        "SAGEMAKER_TRITON_LOG_VERBOSE,2,--log-verbose=2",
        "SAGEMAKER_TRITON_LOG_INFO,false,--log-info=false",
        "SAGEMAKER_TRITON_LOG_WARNING,false,--log-warning=false",
        "SAGEMAKER_TRITON_LOG_ERROR,false,--log-error=false",
        "SAGEMAKER_TRITON_DISABLE_MODEL_NAMESPACING,false,--model-namespacing=false",
        "SAGEMAKER_TRITON_DISABLE_MODEL_NAMESPACING,true,--model-namespacing=true",
        "SAGEMAKER_TRITON_TENSORFLOW_VERSION,2,'--backend-config=tensorflow,version=2'",
        "SAGEMAKER_TRITON_SHM_DEFAULT_BYTE_SIZE,99,"
                + "'--backend-config=python,shm-default-byte-size=99'",
        "SAGEMAKER_TRITON_SHM_GROWTH_BYTE_SIZE,98,"
                + "'--backend-config=python,shm-growth-byte-size=98'",
    })
    void passesAVariableOn(String variable, String value, String argument) throws Exception {
        List<String> arguments = arguments(withModel().with(variable, value).run());
        String flag = argument.substring(0, argument.lastIndexOf('=') + 1);
        assertThat(arguments).contains(argument).filteredOn(a -> a.startsWith(flag)).hasSize(1);
    }

    @Test
    void takesAnEmptyVariableForOneThatIsNotSet() throws Exception {
        List<String> arguments =
                arguments(
                        withModel()
                                .with("SAGEMAKER_TRITON_GRPC_PORT", "")
                                .with("SAGEMAKER_TRITON_ALLOW_GRPC", "")
                                .with("SAGEMAKER_TRITON_INFERENCE_TYPE", "")
                                .run());
        assertThat(arguments)
                .contains("--allow-grpc=false")
                .noneMatch(a -> a.contains("grpc-port"));
    }

    @Test
    void splitsValuesAtBlanksAndKeepsPatterns() throws Exception {
        List<String> arguments =
                arguments(
                        withModel()
                                .with(
                                        "SAGEMAKER_TRITON_ADDITIONAL_ARGS",
                                        "--exit-timeout-secs=5   --log-format=* --id 'a")
                                .with("SAGEMAKER_TRITON_GRPC_PORT", "8101 --grpc-x=1")
                                .run());
        assertThat(arguments)
                .containsSubsequence(
                        "--grpc-port=8101",
                        "--grpc-x=1",
                        "--exit-timeout-secs=5",
                        "--log-format=*",
                        "--id",
                        "'a",
                        "--load-model=digits");
    }

    @Test
    void limitsTheMemoryOfEachGpu() throws Exception {
        withModel().with("SAGEMAKER_TRITON_MODEL_LOAD_GPU_LIMIT", "0.8");
        assertThat(arguments(serve.run())).noneMatch(a -> a.contains("gpu"));
        serve.program("nvidia-smi", "printf 'GPU 0: x\\nGPU 1: y\\n'");
        assertThat(arguments(serve.run()))
                .containsSubsequence(
                        "--model-load-gpu-limit", "0:0.8", "--model-load-gpu-limit", "1:0.8");
    }

    @ParameterizedTest
    @CsvSource({
        // multi-model, override, own, expected
        ",,,ready",
        ",live,,live",
        ",live,ready,ready",
        ",,live,live",
        "true,,,live",
        "true,ready,,ready",
        "true,ready,live,live",
        "TRUE,,,ready",
    })
    void tellsTheServerHowToAnswerPing(
            String multiModel, String override, String own, String expected) throws Exception {
        withModel().with("NEREID_SAGEMAKER_MULTI_MODEL_DIR", models.resolve("empty").toString());
        set("SAGEMAKER_MULTI_MODEL", multiModel);
        set("SAGEMAKER_TRITON_OVERRIDE_PING_MODE", override);
        set("SAGEMAKER_TRITON_PING_MODE", own);
        assertThat(serve.run().lines()).contains("ping mode " + expected);
    }

    private void set(String variable, String value) {
        if (value != null) {
            serve.with(variable, value);
        }
    }

    @Test
    void startsWithoutAModelForSeveralModels() throws Exception {
        Path empty = models.resolve("empty");
        Files.writeString(models.resolve("config.pbtxt"), "");
        Script.Outcome outcome =
                serve.with("SAGEMAKER_MULTI_MODEL", "true")
                        .with("NEREID_SAGEMAKER_MULTI_MODEL_DIR", empty.toString())
                        .with("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME", "no-such-model")
                        .run();
        assertThat(arguments(outcome))
                .contains("--model-repository=" + empty)
                .noneMatch(a -> a.startsWith("--load-model"));
        assertThat(outcome.lines())
                .first()
                .isEqualTo(
                        "Triton is running in SageMaker MME mode. Using Triton ping mode:"
                                + " \"live\"");
        assertThat(empty).isEmptyDirectory();
    }

    private static void assertRefused(Script.Outcome outcome, String... lines) {
        assertThat(outcome.lines()).containsExactly(lines);
        assertThat(outcome.exit()).isEqualTo(1);
    }

    @Test
    void refusesAModelWithoutAFolderAroundIt() throws Exception {
        withModel().with("SAGEMAKER_TRITON_INFERENCE_TYPE", "guess");
        Files.writeString(models.resolve("config.pbtxt"), "");
        assertRefused(
                serve.run(),
                "ERROR: Incorrect directory structure.",
                "       Model directory needs to contain the top level folder");
    }

    @Test
    void refusesAnUnknownInferenceType() throws Exception {
        serve.with("SAGEMAKER_TRITON_INFERENCE_TYPE", "guess")
                .with("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME", "missing");
        assertRefused(
                serve.run(),
                "ERROR: Invalid SAGEMAKER_TRITON_INFERENCE_TYPE 'guess'",
                "       Must be one of: infer, generate, generate_stream");
    }

    @ParameterizedTest
    @ValueSource(strings = {"infer", "generate", "generate_stream"})
    void acceptsTheInferenceTypes(String type) throws Exception {
        assertThat(withModel().with("SAGEMAKER_TRITON_INFERENCE_TYPE", type).run().exit()).isZero();
    }

    @Test
    void refusesANameWithoutADirectory() throws Exception {
        Files.createDirectory(models.resolve("other"));
        assertRefused(
                serve.with("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME", "digits").run(),
                "ERROR: Directory with provided SAGEMAKER_TRITON_DEFAULT_MODEL_NAME digits does not"
                        + " exist");
    }

    @Test
    void followsALinkThatIsNamed(@TempDir Path elsewhere) throws Exception {
        Files.createSymbolicLink(models.resolve("digits"), elsewhere);
        serve.with("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME", "digits");
        assertThat(arguments(serve.run())).contains("--load-model=digits");
    }

    @Test
    void refusesARepositoryWithoutAModel(@TempDir Path elsewhere) throws Exception {
        Files.createSymbolicLink(models.resolve("link"), elsewhere);
        Files.writeString(models.resolve("file"), "");
        assertRefused(serve.run(), "ERROR: No model found in model repository");
        serve.with("NEREID_SAGEMAKER_MODEL_DIR", models.resolve("missing").toString());
        assertRefused(serve.run(), "ERROR: No model found in model repository");
    }

    @Test
    void takesTheOnlyModel() throws Exception {
        Files.createDirectories(models.resolve(".hidden/1"));
        Script.Outcome outcome = serve.run();
        assertThat(arguments(outcome)).endsWith("--load-model=.hidden");
        assertThat(outcome.lines())
                .startsWith(
                        "WARNING: No SAGEMAKER_TRITON_DEFAULT_MODEL_NAME provided.",
                        "         Starting with the only existing model directory .hidden")
                .contains("model .hidden");
    }

    @Test
    void refusesToChooseAmongSeveralModels() throws Exception {
        Files.createDirectory(models.resolve("b"));
        Files.createDirectory(models.resolve("a"));
        assertRefused(
                serve.run(),
                "ERROR: More than 1 model directory found in model repository.",
                "       Either provide a single directory or set"
                        + " SAGEMAKER_TRITON_DEFAULT_MODEL_NAME to run the ensemble backend.",
                "       Directories found in model repository: a b");
    }

    @Test
    void becomesTheServer() throws Exception {
        serve.program("tritonserver", "exit 42");
        assertThat(withModel().run().exit()).isEqualTo(42);
        assertThat(Files.readString(Script.DOCKER.resolve("serve")))
                .contains("\nexec tritonserver ");
    }

    @Test
    void usesThePathsOfThePlatform() throws IOException {
        assertThat(Files.readString(Script.DOCKER.resolve("serve")))
                .contains(
                        "${NEREID_SAGEMAKER_MODEL_DIR:-/opt/ml/model/}",
                        "${NEREID_SAGEMAKER_MULTI_MODEL_DIR:-/tmp/sagemaker}");
    }
}
