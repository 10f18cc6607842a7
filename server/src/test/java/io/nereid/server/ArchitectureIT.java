package io.nereid.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The walls between layers and the fences around third parties (docs/architecture.md). Runs after
 * everything is built, because it reads the classes of every module.
 */
final class ArchitectureIT {
    private static final List<String> MODULES =
            List.of(
                    "protocol",
                    "backends/api",
                    "backends/scheduler",
                    "backends/native",
                    "backends/onnxruntime",
                    "backends/tensorflow",
                    "backends/djl",
                    "backends/dali",
                    "backends/identity",
                    "model-repository",
                    "ensemble-scheduler",
                    "stores/s3",
                    "stores/gcs",
                    "stores/azure",
                    "caches/local",
                    "caches/redis",
                    "benchmarks/load",
                    "server");

    private static final String PROTOCOL = "io.nereid.protocol..";
    private static final String API = "io.nereid.backend";
    private static final String CACHE = "io.nereid.backend.cache";
    private static final String FOREIGN = "io.nereid.backend.foreign..";

    private static final String STORE = "io.nereid.repository.store..";

    private static final JavaClasses CLASSES = new ClassFileImporter().importPaths(folders());

    private static List<Path> folders() {
        return MODULES.stream().map(m -> Path.of("..", m, "target", "classes")).toList();
    }

    @Test
    void readsEveryModule() {
        assertThat(folders()).allSatisfy(folder -> assertThat(Files.isDirectory(folder)).isTrue());
        assertThat(CLASSES.size()).isGreaterThan(200);
    }

    @Test
    void protocolKnowsNobody() {
        check(onlyNereid(PROTOCOL, PROTOCOL));
    }

    @Test
    void engineContractKnowsTheProtocolOnly() {
        check(onlyNereid(API, API, PROTOCOL));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.nereid.backend.identity..",
                "io.nereid.backend.dali..",
                "io.nereid.backend.djl..",
                "io.nereid.backend.foreign..",
                "io.nereid.repository..",
                "io.nereid.ensemble.."
            })
    void siblingsAreStrangers(String sibling) {
        check(onlyNereid(sibling, sibling, API, PROTOCOL));
    }

    @Test
    void schedulersKnowTheContractsOnly() {
        check(
                onlyNereid(
                        "io.nereid.backend.scheduler..",
                        "io.nereid.backend.scheduler..",
                        API,
                        CACHE,
                        PROTOCOL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"io.nereid.cache.local..", "io.nereid.cache.redis.."})
    void cachesKnowTheirContractOnly(String cache) {
        check(onlyNereid(cache, cache, CACHE, PROTOCOL));
        check(onlyNereid(CACHE, CACHE, PROTOCOL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"io.nereid.backend.onnxruntime..", "io.nereid.backend.tensorflow.."})
    void nativeEnginesShareTheForeignLayerOnly(String engine) {
        check(onlyNereid(engine, engine, FOREIGN, API, PROTOCOL));
    }

    @Test
    void filesOfStoresKnowNothingOfModels() {
        check(onlyNereid(STORE, STORE, PROTOCOL));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"io.nereid.store.s3..", "io.nereid.store.gcs..", "io.nereid.store.azure.."})
    void kindsOfStoresKnowTheirContractOnly(String kind) {
        check(onlyNereid(kind, kind, STORE, PROTOCOL));
    }

    @Test
    void vendorsStayInTheirStores() {
        fence("software.amazon..", "io.nereid.store.s3..");
        fence("com.google.api..", "io.nereid.store.gcs..");
        fence("com.google.auth..", "io.nereid.store.gcs..");
        fence("com.azure..", "io.nereid.store.azure..");
    }

    @Test
    void librariesOfCachesStayInTheirCaches() {
        fence("com.github.benmanes..", "io.nereid.cache.local..");
        fence("io.lettuce..", "io.nereid.cache.redis..");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "grpc", "sagemaker", "vertex", "metrics"})
    void frontEndsAreStrangers(String frontEnd) {
        String self = "io.nereid.server." + frontEnd + "..";
        check(
                onlyNereid(
                        self,
                        self,
                        "io.nereid.server",
                        "io.nereid.server.netty..",
                        "io.nereid.server.statistics..",
                        "io.nereid.server.measures..",
                        "io.nereid.server.trace",
                        "io.nereid.server.access..",
                        "io.nereid.server.logging..",
                        "io.nereid.server.security..",
                        "io.nereid.server.sharedmemory..",
                        API,
                        CACHE,
                        "io.nereid.repository..",
                        PROTOCOL));
    }

    @Test
    void loadGeneratorIsAClientLikeAnyOther() {
        check(onlyNereid("io.nereid.load..", "io.nereid.load..", PROTOCOL));
        fence("org.HdrHistogram..", "io.nereid.load..");
    }

    @Test
    void onlyTheProcessItselfWires() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackage("io.nereid.server.main..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.nereid.server.main.."));
    }

    @Test
    void nettyStaysInTheFrontEnds() {
        fence(
                "io.netty..",
                "io.nereid.server.netty..",
                "io.nereid.server.http..",
                "io.nereid.server.grpc..",
                "io.nereid.server.sagemaker..",
                "io.nereid.load.client..",
                // what Lettuce's own calls return
                "io.nereid.cache.redis..");
    }

    @Test
    void grpcStaysInItsCodecAndFrontEnd() {
        fence(
                "io.grpc..",
                "io.nereid.protocol.grpc..",
                "io.nereid.server.grpc..",
                "io.nereid.load.client.grpc..");
    }

    @Test
    void enginesStayBelowBackends() {
        fence("ai.djl..", "io.nereid.backend.djl..");
        fence("ai.onnxruntime..", "io.nereid.backend.djl..");
        fence("org.tensorflow..", "io.nereid.backend.djl..");
    }

    @Test
    void prometheusStaysWhereMetricsAreMade() {
        fence("io.prometheus..", "io.nereid.server.metrics..", "io.nereid.server.measures..");
    }

    @Test
    void openTelemetryStaysWithItsMode() {
        fence("io.opentelemetry..", "io.nereid.server.trace.otel..");
    }

    @Test
    void jacksonStaysAtTheEdge() {
        fence(
                "com.fasterxml.jackson..",
                "io.nereid.protocol.http..",
                "io.nereid.server.netty..",
                "io.nereid.server.http..",
                "io.nereid.server.sagemaker..",
                "io.nereid.server.main..",
                "io.nereid.load.data..");
    }

    @Test
    void packagesHaveNoCycles() {
        check(slices().matching("io.nereid.(**)").should().beFreeOfCycles());
    }

    @Test
    void nobodyPrintsButTheLog() {
        check(
                noClasses()
                        .that()
                        .doNotHaveFullyQualifiedName("io.nereid.server.main.LogSettings")
                        .should()
                        .accessField(System.class, "out")
                        .orShould()
                        .accessField(System.class, "err"));
    }

    @Test
    void concreteClassesAreFinal() {
        check(
                classes()
                        .that()
                        .areNotInterfaces()
                        .and()
                        .areNotEnums()
                        .and()
                        .areNotAnonymousClasses()
                        .and()
                        .resideOutsideOfPackages("..proto..")
                        .and()
                        .doNotHaveFullyQualifiedName("io.nereid.protocol.StatusException")
                        .should()
                        .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL));
    }

    private static ArchRule onlyNereid(String of, String... allowed) {
        return noClasses()
                .that()
                .resideInAPackage(of)
                .should()
                .dependOnClassesThat(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage(
                                        "io.nereid..")
                                .and(
                                        com.tngtech.archunit.core.domain.JavaClass.Predicates
                                                .resideOutsideOfPackages(allowed)));
    }

    private static void fence(String library, String... inside) {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(inside)
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(library));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(false).check(CLASSES);
    }
}
