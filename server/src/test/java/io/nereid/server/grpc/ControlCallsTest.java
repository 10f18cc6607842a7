package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryRegisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryStatusRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryUnregisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.LogSettingsRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.LogSettingsResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelRepositoryParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatisticsRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryIndexRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryIndexResponse.ModelIndex;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryModelLoadRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryModelUnloadRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.StatisticDuration;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryRegisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryStatusRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryStatusResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryUnregisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.TraceSettingRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.TraceSettingResponse;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.VersionState;
import io.nereid.server.FakeModel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Repository, statistics, settings and shared memory (gRPC protocol sections 5 to 7). */
class ControlCallsTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private RunningFrontend running;
    private GRPCInferenceServiceBlockingStub stub;

    @BeforeEach
    void start() {
        running = new RunningFrontend(allocator);
        stub = GRPCInferenceServiceGrpc.newBlockingStub(running.channel);
        running.catalog.add(FakeModel.echo(GrpcModels.identity("b", DataType.TYPE_INT32), 2));
        running.catalog.add(FakeModel.echo(GrpcModels.identity("a", DataType.TYPE_INT32), 1));
        running.catalog.addToIndex(
                new IndexEntry(
                        "failed",
                        OptionalLong.of(3),
                        Optional.of(VersionState.UNAVAILABLE),
                        "Internal: why"));
        running.catalog.addToIndex(
                new IndexEntry("never", OptionalLong.empty(), Optional.empty(), ""));
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.stop();
    }

    // Repository.

    @Test
    void listsWhatIsInTheRepository() {
        ModelIndex a = line("a", "1", "READY", "");
        ModelIndex b = line("b", "2", "READY", "");

        assertThat(index(false))
                .containsExactly(
                        a,
                        b,
                        line("failed", "3", "UNAVAILABLE", "Internal: why"),
                        line("never", "", "", ""));
        assertThat(index(true)).containsExactly(a, b);
    }

    private List<ModelIndex> index(boolean ready) {
        return stub.repositoryIndex(RepositoryIndexRequest.newBuilder().setReady(ready).build())
                .getModelsList();
    }

    private static ModelIndex line(String name, String version, String state, String reason) {
        return ModelIndex.newBuilder()
                .setName(name)
                .setVersion(version)
                .setState(state)
                .setReason(reason)
                .build();
    }

    @Test
    void knowsNoRepositoriesByName() {
        String text = "'repository_name' specification is not supported";
        assertFails(
                () ->
                        stub.repositoryIndex(
                                RepositoryIndexRequest.newBuilder().setRepositoryName("r").build()),
                Status.Code.UNIMPLEMENTED,
                text);
        assertFails(
                () ->
                        stub.repositoryModelLoad(
                                RepositoryModelLoadRequest.newBuilder()
                                        .setRepositoryName("r")
                                        .build()),
                Status.Code.UNIMPLEMENTED,
                text);
        assertFails(
                () ->
                        stub.repositoryModelUnload(
                                RepositoryModelUnloadRequest.newBuilder()
                                        .setRepositoryName("r")
                                        .build()),
                Status.Code.UNIMPLEMENTED,
                text);
    }

    @Test
    void loadsWithWhatTheRequestBrings() {
        load("config", text("{}"), "file:1/model.onnx", bytes());
        load();

        assertThat(running.extensions.calls)
                .containsExactly("load m Optional[{}] [1/model.onnx]", "load m Optional.empty []");
    }

    @Test
    void knowsTheTypesOfLoadParameters() {
        assertLoadFails(
                "invalid value type for load parameter 'config', expected string_param.",
                "config",
                bytes());
        assertLoadFails(
                "invalid value type for load parameter 'file:1/m', expected bytes_param.",
                "file:1/m",
                text("x"));
        assertLoadFails("unrecognized load parameter 'other'.", "other", text("x"));
        assertLoadFails("unrecognized load parameter 'Config'.", "Config", text("x"));
        assertThat(running.extensions.calls).isEmpty();
    }

    private void assertLoadFails(String text, Object... parameters) {
        assertFails(() -> load(parameters), Status.Code.INVALID_ARGUMENT, text);
    }

    private void load(Object... parameters) {
        RepositoryModelLoadRequest.Builder request =
                RepositoryModelLoadRequest.newBuilder().setModelName("m");
        for (int i = 0; i < parameters.length; i += 2) {
            request.putParameters(
                    (String) parameters[i], (ModelRepositoryParameter) parameters[i + 1]);
        }
        stub.repositoryModelLoad(request.build());
    }

    @Test
    void unloadsWithDependentsIfAsked() {
        unload(ModelRepositoryParameter.newBuilder().setBoolParam(true).build());
        unload(ModelRepositoryParameter.newBuilder().setBoolParam(false).build());
        stub.repositoryModelUnload(
                RepositoryModelUnloadRequest.newBuilder()
                        .setModelName("m")
                        .putParameters("other", text("ignored"))
                        .build());
        assertFails(
                () -> unload(text("true")),
                Status.Code.INVALID_ARGUMENT,
                "invalid value type for 'unload_dependents' parameter, expected bool_param.");

        assertThat(running.extensions.calls)
                .containsExactly("unload m true", "unload m false", "unload m false");
    }

    private void unload(ModelRepositoryParameter withDependents) {
        stub.repositoryModelUnload(
                RepositoryModelUnloadRequest.newBuilder()
                        .setModelName("m")
                        .putParameters("unload_dependents", withDependents)
                        .build());
    }

    @ParameterizedTest
    @EnumSource(StatusCode.class)
    void passesFailuresOfModelControlOn(StatusCode code) {
        running.extensions.failNext(new StatusException(code, "no \u00e4 %"));

        StatusRuntimeException failure =
                catchThrowableOfType(StatusRuntimeException.class, this::load);

        assertThat(failure.getStatus().getCode().value()).isEqualTo(code.grpcCode());
        assertThat(failure.getStatus().getDescription()).isEqualTo("no \u00e4 %");
    }

    @Test
    void controlsNoModelsWhileTheServerStops() {
        running.server.exiting();

        assertFails(this::load, Status.Code.UNAVAILABLE, "Server not ready");
        assertFails(() -> unload(text("x")), Status.Code.INVALID_ARGUMENT, unloadTypeText());
        assertFails(() -> index(false), Status.Code.UNAVAILABLE, "Server not ready");
        assertThat(running.extensions.calls).isEmpty();
    }

    private static String unloadTypeText() {
        return "invalid value type for 'unload_dependents' parameter, expected bool_param.";
    }

    private static ModelRepositoryParameter text(String value) {
        return ModelRepositoryParameter.newBuilder().setStringParam(value).build();
    }

    private static ModelRepositoryParameter bytes() {
        return ModelRepositoryParameter.newBuilder()
                .setBytesParam(ByteString.copyFromUtf8("bytes"))
                .build();
    }

    // Statistics.

    @Test
    void reportsWhatModelsHaveDone() {
        GrpcServiceProto.ModelStatistics found = statistics("b", "").getFirst();

        assertThat(found.getName()).isEqualTo("b");
        assertThat(found.getVersion()).isEqualTo("2");
        assertThat(found.getLastInference()).isEqualTo(1_700_000_000_000L);
        assertThat(found.getInferenceCount()).isEqualTo(5);
        assertThat(found.getExecutionCount()).isEqualTo(3);
        assertThat(found.getInferenceStats().getSuccess()).isEqualTo(duration(4, 400));
        assertThat(found.getInferenceStats().getQueue()).isEqualTo(duration(4, 40));
        assertThat(found.getInferenceStats().hasCacheMiss()).isTrue();
        assertThat(found.getResponseStatsOrThrow("0").getSuccess()).isEqualTo(duration(1, 10));
        assertThat(found.getBatchStats(0).getBatchSize()).isEqualTo(2);
        assertThat(found.getBatchStats(0).getComputeInfer()).isEqualTo(duration(3, 300));
        assertThat(found.getMemoryUsage(0).getType()).isEqualTo("CPU");
        assertThat(found.getMemoryUsage(0).getByteSize()).isEqualTo(1024);
    }

    @Test
    void reportsAllModelsIfNoneIsNamed() {
        assertThat(statistics("", ""))
                .extracting(GrpcServiceProto.ModelStatistics::getName)
                .containsExactly("a", "b");
        assertThat(statistics("", "7")).hasSize(2);
        assertThat(statistics("b", "2")).hasSize(1);
    }

    @Test
    void hasNoStatisticsOfModelsThatAreNotThere() {
        assertFails(
                () -> statistics("nosuch", ""),
                Status.Code.INVALID_ARGUMENT,
                "requested model 'nosuch' is not available");
        assertFails(
                () -> statistics("b", "7"),
                Status.Code.INVALID_ARGUMENT,
                "requested model version is not available for model 'b'");
        assertFails(
                () -> statistics("b", "-1"),
                Status.Code.INVALID_ARGUMENT,
                "invalid model version specified '-1' , version should be an integral value > 0");
    }

    private List<GrpcServiceProto.ModelStatistics> statistics(String name, String version) {
        return stub.modelStatistics(
                        ModelStatisticsRequest.newBuilder()
                                .setName(name)
                                .setVersion(version)
                                .build())
                .getModelStatsList();
    }

    private static StatisticDuration duration(long count, long nanos) {
        return StatisticDuration.newBuilder().setCount(count).setNs(nanos).build();
    }

    // Trace.

    @Test
    void showsTraceSettings() {
        TraceSettingResponse response = stub.traceSetting(TraceSettingRequest.getDefaultInstance());

        assertThat(response.getSettingsMap().keySet())
                .containsExactlyInAnyOrder(
                        "trace_level",
                        "trace_rate",
                        "trace_count",
                        "log_frequency",
                        "trace_file",
                        "trace_mode");
        assertThat(response.getSettingsOrThrow("trace_rate").getValueList())
                .containsExactly("1000");
        assertThat(running.extensions.calls).containsExactly("trace Optional.empty");
    }

    @Test
    void changesTraceSettings() {
        stub.traceSetting(trace("a", "trace_level", "TIMESTAMPS", "TENSORS"));
        stub.traceSetting(trace("", "trace_count"));

        assertThat(running.extensions.calls)
                .containsExactly(
                        "trace Optional[a] {trace_level=[TIMESTAMPS, TENSORS]} GRPC",
                        "trace Optional[a]",
                        "trace Optional.empty {trace_count=[]} GRPC",
                        "trace Optional.empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"trace_rate", "trace_count", "log_frequency"})
    void takesOneValueOfEachSettingButTheLevel(String name) {
        assertFails(
                () -> stub.traceSetting(trace("", name, "1", "2")),
                Status.Code.INVALID_ARGUMENT,
                "expect only 1 value for '" + name + "'");
    }

    @Test
    void tracesNoModelThatIsNotThere() {
        assertFails(
                () -> stub.traceSetting(trace("nosuch", "trace_rate", "1")),
                Status.Code.INVALID_ARGUMENT,
                "Request for unknown model : nosuch");
        assertThat(running.extensions.calls).isEmpty();
    }

    private static TraceSettingRequest trace(String model, String name, String... values) {
        return TraceSettingRequest.newBuilder()
                .setModelName(model)
                .putSettings(
                        name,
                        TraceSettingRequest.SettingValue.newBuilder()
                                .addAllValue(Arrays.asList(values))
                                .build())
                .build();
    }

    // Log.

    @Test
    void showsLogSettings() {
        LogSettingsResponse response = stub.logSettings(LogSettingsRequest.getDefaultInstance());

        assertThat(response.getSettingsMap().keySet())
                .containsExactlyInAnyOrder(
                        "log_file",
                        "log_info",
                        "log_warning",
                        "log_error",
                        "log_verbose_level",
                        "log_format");
        assertThat(response.getSettingsOrThrow("log_info").getBoolParam()).isTrue();
        assertThat(response.getSettingsOrThrow("log_verbose_level").hasUint32Param()).isTrue();
        assertThat(response.getSettingsOrThrow("log_file").hasStringParam()).isTrue();
        assertThat(response.getSettingsOrThrow("log_format").getStringParam()).isEqualTo("default");
        assertThat(running.extensions.calls).isEmpty();
    }

    @Test
    void changesLogSettings() {
        LogSettingsResponse response =
                stub.logSettings(
                        LogSettingsRequest.newBuilder()
                                .putSettings("log_info", bool(false))
                                .putSettings("log_error", bool(false))
                                .putSettings("log_verbose_level", number(3))
                                .putSettings("log_format", string("ISO8601"))
                                .build());

        assertThat(response.getSettingsOrThrow("log_info").getBoolParam()).isFalse();
        assertThat(response.getSettingsOrThrow("log_warning").getBoolParam()).isTrue();
        assertThat(response.getSettingsOrThrow("log_error").getBoolParam()).isFalse();
        assertThat(response.getSettingsOrThrow("log_verbose_level").getUint32Param()).isEqualTo(3);
        assertThat(response.getSettingsOrThrow("log_format").getStringParam()).isEqualTo("ISO8601");
    }

    @Test
    void knowsTheTypesOfLogSettings() {
        LogSettingsRequest.SettingValue none = LogSettingsRequest.SettingValue.getDefaultInstance();
        for (String flag : List.of("log_info", "log_warning", "log_error")) {
            assertLogFails(flag, string("true"), "expect boolean for '" + flag + "'");
            assertLogFails(flag, none, "expect boolean for '" + flag + "'");
        }
        assertLogFails("log_verbose_level", bool(true), "expect int32 for 'log_verbose_level'");
        assertLogFails("log_format", number(1), "expect string for 'log_format'");
        assertLogFails("log_format", string("xml"), "invalid argument for log_format, got: xml");
        assertFails(
                () -> stub.logSettings(log("log_file", string("/tmp/x"))),
                Status.Code.UNIMPLEMENTED,
                "log file location can not be updated through network protocol");
        assertThat(running.extensions.calls).isEmpty();
    }

    private void assertLogFails(String name, LogSettingsRequest.SettingValue value, String text) {
        assertFails(() -> stub.logSettings(log(name, value)), Status.Code.INVALID_ARGUMENT, text);
    }

    private static LogSettingsRequest log(String name, LogSettingsRequest.SettingValue value) {
        return LogSettingsRequest.newBuilder().putSettings(name, value).build();
    }

    private static LogSettingsRequest.SettingValue bool(boolean value) {
        return LogSettingsRequest.SettingValue.newBuilder().setBoolParam(value).build();
    }

    private static LogSettingsRequest.SettingValue number(int value) {
        return LogSettingsRequest.SettingValue.newBuilder().setUint32Param(value).build();
    }

    private static LogSettingsRequest.SettingValue string(String value) {
        return LogSettingsRequest.SettingValue.newBuilder().setStringParam(value).build();
    }

    // Shared memory.

    @Test
    void registersSystemMemory() {
        stub.systemSharedMemoryRegister(
                SystemSharedMemoryRegisterRequest.newBuilder()
                        .setName("r")
                        .setKey("/k")
                        .setOffset(64)
                        .setByteSize(128)
                        .build());

        assertThat(
                        stub.systemSharedMemoryStatus(
                                        SystemSharedMemoryStatusRequest.newBuilder()
                                                .setName("r")
                                                .build())
                                .getRegionsMap())
                .containsOnlyKeys("r")
                .containsValue(
                        SystemSharedMemoryStatusResponse.RegionStatus.newBuilder()
                                .setName("r")
                                .setKey("/k")
                                .setOffset(64)
                                .setByteSize(128)
                                .build());
        stub.systemSharedMemoryUnregister(SystemSharedMemoryUnregisterRequest.getDefaultInstance());
        assertThat(running.extensions.calls)
                .containsExactly(
                        "registerSystem r /k 64 128",
                        "systemStatus Optional[r]",
                        "unregisterSystem Optional.empty");
    }

    @Test
    void registersMemoryOfGpus() {
        stub.cudaSharedMemoryRegister(
                CudaSharedMemoryRegisterRequest.newBuilder()
                        .setName("g")
                        .setRawHandle(ByteString.copyFrom(new byte[64]))
                        .setDeviceId(1)
                        .setByteSize(128)
                        .build());
        assertThat(
                        stub.cudaSharedMemoryStatus(
                                        CudaSharedMemoryStatusRequest.getDefaultInstance())
                                .getRegionsMap())
                .isEmpty();
        stub.cudaSharedMemoryUnregister(
                CudaSharedMemoryUnregisterRequest.newBuilder().setName("g").build());

        assertThat(running.extensions.calls)
                .containsExactly(
                        "registerCuda g 64 1",
                        "cudaStatus Optional.empty",
                        "unregisterCuda Optional[g]");
    }

    @Test
    void passesFailuresOfSharedMemoryOn() {
        running.extensions.failNext(
                new StatusException(
                        StatusCode.ALREADY_EXISTS, "shared memory region 'r' already in manager"));

        assertFails(
                () ->
                        stub.systemSharedMemoryRegister(
                                SystemSharedMemoryRegisterRequest.newBuilder()
                                        .setName("r")
                                        .build()),
                Status.Code.ALREADY_EXISTS,
                "shared memory region 'r' already in manager");
    }

    // Bad input.

    @Test
    void goesOnAfterMessagesThatAreNone() {
        StatusRuntimeException failure =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                ClientCalls.blockingUnaryCall(
                                        running.channel,
                                        RawBytes.method(
                                                GRPCInferenceServiceGrpc
                                                        .getRepositoryModelLoadMethod()),
                                        CallOptions.DEFAULT,
                                        new byte[] {10, 100, 1}));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.getStatus().getDescription())
                .startsWith("failed to parse the request of RepositoryModelLoad: ");
        assertThat(running.extensions.calls).isEmpty();
        load();
        assertThat(running.extensions.calls).hasSize(1);
    }

    private static void assertFails(Runnable call, Status.Code code, String text) {
        StatusRuntimeException failure =
                catchThrowableOfType(StatusRuntimeException.class, call::run);

        assertThat(failure).isNotNull();
        assertThat(failure.getStatus().getDescription()).isEqualTo(text);
        assertThat(failure.getStatus().getCode()).isEqualTo(code);
    }
}
