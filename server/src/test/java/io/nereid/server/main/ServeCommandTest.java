package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.server.AdmissionLimits;
import io.nereid.server.ServerOptions;
import io.nereid.server.measures.MeasureSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

final class ServeCommandTest {
    private static final String REPOSITORY = "--model-repository=/models";

    private static ServerOptions parse(String... flags) {
        return parse(Map.of(), flags);
    }

    private static ServerOptions parse(Map<String, String> environment, String... flags) {
        ServeCommand command = new ServeCommand();
        CommandLine line = new CommandLine(command);
        line.setAbbreviatedOptionsAllowed(true);
        line.setOverwrittenOptionsAllowed(true);
        line.parseArgs(flags);
        return command.options(environment, Path.of("/home"));
    }

    @Test
    void hasTheDefaultsOfTheReference() {
        ServerOptions options = parse(REPOSITORY);

        assertThat(options.general().id()).isEqualTo("triton");
        assertThat(options.general().stopping().exitTimeoutSecs()).isEqualTo(30);
        assertThat(options.http().allow()).isTrue();
        assertThat(options.http().address()).isEqualTo("0.0.0.0");
        assertThat(options.http().port()).isEqualTo(8000);
        assertThat(options.http().maxInputSize()).isEqualTo(67108864);
        assertThat(options.http().tls()).isEmpty();
        assertThat(options.grpc().port()).isEqualTo(8001);
        assertThat(options.sagemaker().allow()).isFalse();
        assertThat(options.sagemaker().port()).isEqualTo(8080);
        assertThat(options.repository().controlMode()).isEqualTo(ServerOptions.ControlMode.NONE);
        assertThat(options.repository().exitOnError()).isTrue();
        assertThat(options.repository().strictReadiness()).isTrue();
        assertThat(options.backends().directory()).isEqualTo(Path.of("/home/backends"));
    }

    @Test
    void boundsRequestsAndWaitsForNobodyUnlessTold() {
        ServerOptions.General general = parse(REPOSITORY).general();

        assertThat(general.admission().maxRequests()).isEqualTo(65536);
        assertThat(general.admission().tooManyRequests()).isFalse();
        assertThat(general.stopping().drainDelay()).isZero();
        assertThat(general.stuckAfter()).hasSeconds(300);
    }

    @Test
    void readsWhatTheServerTakesOn() {
        ServerOptions.General general =
                parse(
                                REPOSITORY,
                                "--max-inflight-bytes=1000",
                                "--max-inflight-requests=10",
                                "--overload-status=429",
                                "--drain-delay-secs=5",
                                "--instance-stuck-secs=0")
                        .general();

        assertThat(general.admission()).isEqualTo(new AdmissionLimits(1000, 10, true));
        assertThat(general.stopping().drainDelay()).hasSeconds(5);
        assertThat(general.stuckAfter()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "--overload-status=418, --overload-status must be 503 or 429.",
        "--max-inflight-requests=0, --max-inflight-requests must be greater than 0.",
        "--max-inflight-bytes=0, --max-inflight-bytes must be greater than 0."
    })
    void refusesLimitsThatAreNone(String flag, String text) {
        assertThatThrownBy(() -> parse(REPOSITORY, flag))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(text);
    }

    @Test
    void readsHowModelsAreLoaded() {
        ServerOptions.Repository options =
                parse(REPOSITORY, "--model-config-name=h100", "--model-load-retry-count=2")
                        .repository();

        assertThat(options.configName()).contains("h100");
        assertThat(options.loadRetries()).isEqualTo(2);
        assertThatThrownBy(() -> parse(REPOSITORY, "--model-config-name="))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("--model-config-name");
    }

    @Test
    void takesSeveralRepositoriesUnderBothNames() {
        ServerOptions options = parse("--model-repository", "/b", "--model-store=/a");

        assertThat(options.repository().paths()).containsExactly("/a", "/b");
    }

    @Test
    void takesObjectStoresAndHowMuchIsKeptOfThem() {
        ServerOptions options =
                parse(
                        Map.of("AWS_PROFILE", "p"),
                        "--model-repository=s3://bucket/models",
                        "--model-cache-directory=/cache",
                        "--model-cache-size=500m");

        assertThat(options.repository().paths()).containsExactly("s3://bucket/models");
        assertThat(options.stores().directory()).isEqualTo(Path.of("/home/stores"));
        assertThat(options.stores().cache().directory()).contains(Path.of("/cache"));
        assertThat(options.stores().cache().bytes()).isEqualTo(500L << 20);
        assertThat(options.stores().environment()).containsEntry("AWS_PROFILE", "p");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1E9", "9999999999G", ""})
    void refusesACacheWithoutSize(String size) {
        assertThatThrownBy(() -> parse(REPOSITORY, "--model-cache-size=" + size))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("--model-cache-size");
    }

    @Test
    void takesTheSettingsOfOneCache() {
        ServerOptions.Cache cache =
                parse(
                                Map.of("TRITONCACHE_REDIS_PASSWORD", "p"),
                                REPOSITORY,
                                "--cache-config=redis,host=h",
                                "--cache-config=redis,password=a,b=c",
                                "--cache-directory=/caches")
                        .cache();

        assertThat(cache.directory()).isEqualTo(Path.of("/caches"));
        assertThat(cache.name()).contains("redis");
        assertThat(cache.settings()).isEqualTo(Map.of("host", "h", "password", "a,b=c"));
        assertThat(cache.environment()).containsEntry("TRITONCACHE_REDIS_PASSWORD", "p");
        assertThat(cache.toString()).doesNotContain("a,b=c");
    }

    @Test
    void hasNoCacheUnlessItIsToldTo() {
        assertThat(parse(REPOSITORY).cache().name()).isEmpty();
        assertThat(parse(REPOSITORY).cache().directory()).isEqualTo(Path.of("/home/caches"));
        assertThat(parse(REPOSITORY, "--response-cache-byte-size=0").cache().name()).isEmpty();
    }

    @Test
    void takesTheDeprecatedSizeForALocalCache() {
        ServerOptions.Cache cache = parse(REPOSITORY, "--response-cache-byte-size=4096").cache();

        assertThat(cache.name()).contains("local");
        assertThat(cache.settings()).isEqualTo(Map.of("size", "4096"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--cache-config=size=1|option format is <cache name>,<setting>=<value>. Got size=1",
                "--cache-config=local|option format is <cache name>,<setting>=<value>. Got local",
                "--cache-config=,a=1|option format is <cache name>,<setting>=<value>. Got ,a=1",
                "--cache-config=redis,port=1|found multiple cache configurations, but only a"
                        + " single cache is currently supported",
                "--response-cache-byte-size=5|Error: Incompatible flags --response-cache-byte-size"
                        + " and --cache-config both provided. Please provide one or the other."
            })
    void refusesWhatIsNoConfigurationOfOneCache(String flag, String text) {
        assertThatThrownBy(() -> parse(REPOSITORY, "--cache-config=local,size=4096", flag))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(text);
    }

    @Test
    void theLastValueOfAFlagWins() {
        assertThat(parse(REPOSITORY, "--http-port=1", "--http-port=2").http().port()).isEqualTo(2);
    }

    @Test
    void acceptsUnambiguousPrefixesOfFlags() {
        assertThat(parse(REPOSITORY, "--strict-readi=false").repository().strictReadiness())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"true,true", "On,true", "1,true", "FALSE,false", "off,false", "0,false"})
    void readsBooleans(String text, boolean value) {
        assertThat(parse(REPOSITORY, "--allow-grpc=" + text).grpc().allow()).isEqualTo(value);
    }

    @Test
    void readsTheLeadingNumberOfAnInteger() {
        assertThat(parse(REPOSITORY, "--http-port=8000abc").http().port()).isEqualTo(8000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--allow-http=maybe | invalid value for bool option: maybe",
                "--http-port=abc | Invalid option value. Got abc",
                "--http-port=99999999999 | Provided option value is out of bound. Got 99999999999",
                "--model-control-mode=sometimes | invalid argument for --model-control-mode",
                "--load-model=m | requires setting '--model-control-mode=explicit' as well.",
                "--http-max-input-size=0 | Error: --http-max-input-size must be greater than 0.",
                "--backend-config=x | --backend-config option format is",
                "--no-such-flag=1 | Unknown option: '--no-such-flag=1'",
                "somewhere | Unmatched argument"
            })
    void refusesWhatItCannotRead(String flag, String message) {
        assertThatThrownBy(() -> parse(REPOSITORY, flag))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(message);
    }

    @Test
    void needsARepository() {
        assertThatThrownBy(() -> parse())
                .hasMessageContaining("--model-repository must be specified");
        assertThat(parse(Map.of("AIP_STORAGE_URI", "/vertex")).repository().paths())
                .containsExactly("/vertex");
    }

    @Test
    void readsSettingsForOneEngineAndForAll() {
        ServerOptions options =
                parse(
                        REPOSITORY,
                        "--backend-config=default-max-batch-size=8",
                        "--backend-config=onnxruntime,engine=djl",
                        "--backend-config=x,list=a,b=c");

        assertThat(options.backends().settings())
                .isEqualTo(
                        Map.of(
                                "", Map.of("default-max-batch-size", "8"),
                                "onnxruntime", Map.of("engine", "djl"),
                                "x", Map.of("list", "a,b=c")));
    }

    @Test
    void refusesTwoServicesOnOnePort() {
        assertThatThrownBy(() -> parse(REPOSITORY, "--http-port=9000", "--grpc-port=9000"))
                .hasMessageContaining(
                        "The server cannot listen to HTTP requests and GRPC requests at the same"
                                + " address and port 0.0.0.0:9000");
    }

    @Test
    void holdsOtherServicesToSageMakersSafeRange() {
        assertThatThrownBy(() -> parse(REPOSITORY, "--sagemaker-safe-port-range=8081-9000"))
                .hasMessageContaining(
                        "The server cannot listen to HTTP requests at port 8000, allowed port range"
                                + " is [8081, 9000]");
    }

    @Test
    void servesMetricsWhereHttpListens() {
        ServerOptions.Metrics metrics =
                parse(REPOSITORY, "--http-address=127.0.0.1", "--metrics-interval-ms=500")
                        .metrics();

        assertThat(metrics)
                .isEqualTo(
                        new ServerOptions.Metrics(
                                true,
                                "127.0.0.1",
                                8002,
                                Duration.ofMillis(500),
                                true,
                                true,
                                false,
                                MeasureSettings.DEFAULT,
                                List.of()));
    }

    @Test
    void readsWhichMetricsAreShown() {
        ServerOptions.Metrics metrics =
                parse(
                                REPOSITORY,
                                "--allow-cpu-metrics=false",
                                "--metrics-config=counter_latencies=false",
                                "--metrics-config=summary_latencies=false",
                                "--metrics-config=histogram_latencies=true",
                                "--metrics-config=summary_quantiles=0.5:0.05,0.9:0.01")
                        .metrics();

        assertThat(metrics.cpu()).isFalse();
        assertThat(metrics.counterLatencies()).isFalse();
        assertThat(metrics.measures()).isEqualTo(new MeasureSettings(true, true, List.of(), false));
        assertThat(metrics.ineffective()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"counter_latencies", "a,counter_latencies=true"})
    void refusesMetricsSettingsOfAnotherForm(String setting) {
        assertThatThrownBy(() -> parse(REPOSITORY, "--metrics-config=" + setting))
                .hasMessage("--metrics-config option format is <setting>=<value>. Got " + setting);
    }

    @Test
    void keepsMetricsFromThePortsOfOthers() {
        assertThatThrownBy(() -> parse(REPOSITORY, "--metrics-port=8001"))
                .hasMessageContaining(
                        "The server cannot listen to GRPC requests and metrics requests at the same"
                                + " address and port 0.0.0.0:8001");
        assertThat(parse(REPOSITORY, "--metrics-port=8001", "--allow-metrics=false").metrics())
                .extracting(ServerOptions.Metrics::allow)
                .isEqualTo(false);
    }

    @Test
    void readsTheEnvironmentOfSageMaker() {
        ServerOptions.SageMaker sagemaker =
                parse(
                                Map.of(
                                        "SAGEMAKER_TRITON_DEFAULT_MODEL_NAME", "m",
                                        "SAGEMAKER_TRITON_PING_MODE", "live"),
                                REPOSITORY)
                        .sagemaker();

        assertThat(sagemaker.defaultModel()).contains("m");
        assertThat(sagemaker.pingMode()).isEqualTo("live");
        assertThat(sagemaker.inferenceType()).isEqualTo("infer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--model-namespacing=true",
                "--buffer-manager-thread-count=4",
                "--model-load-gpu-limit=0:0.5",
                "--allow-gpu-metrics=false",
                "--sagemaker-thread-count=8"
            })
    void acceptsWhatDeploymentsPassWithoutEffectHere(String flag) {
        assertThat(parse(REPOSITORY, flag).repository().paths()).hasSize(1);
    }

    @Test
    void namesEveryFlagInItsUsage() {
        assertThat(new CommandLine(new ServeCommand()).getUsageMessage())
                .contains(List.of("--model-repository", "--http-port", "--backend-config"));
    }
}
