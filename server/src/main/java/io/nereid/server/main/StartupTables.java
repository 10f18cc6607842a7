package io.nereid.server.main;

import io.nereid.backend.scheduler.ratelimit.ResourceLimit;
import io.nereid.repository.LoadSummary;
import io.nereid.server.AdmissionLimits;
import io.nereid.server.ServerMetadata;
import io.nereid.server.ServerOptions;
import io.nereid.server.instances.ThreadPlan;
import java.util.List;
import java.util.Locale;

/** The tables that are printed at start, and what the server says of itself (cli section 6). */
final class StartupTables {
    /** Release of the reference that is followed; clients compare it. */
    static final String VERSION = "2.73.0";

    private static final List<String> EXTENSIONS =
            List.of(
                    "classification",
                    "sequence",
                    "model_repository",
                    "model_repository(unload_dependents)",
                    "schedule_policy",
                    "model_configuration",
                    "system_shared_memory",
                    "cuda_shared_memory",
                    "binary_tensor_data",
                    "parameters",
                    "statistics",
                    "trace",
                    "logging");

    private StartupTables() {}

    static ServerMetadata metadata(String id) {
        return new ServerMetadata(id, VERSION, EXTENSIONS);
    }

    /** A row for each version that was tried. */
    static TextTable models(LoadSummary summary) {
        TextTable table = new TextTable("Model", "Version", "Status");
        summary.rows().forEach(row -> table.row(row.model(), row.version(), row.status()));
        return table;
    }

    /** A row for each option, in the reference's order and names. */
    static TextTable options(ServerOptions options, ServerMetadata metadata) {
        TextTable table = new TextTable("Option", "Value");
        table.row("server_id", metadata.name());
        table.row("server_version", metadata.version());
        table.row("server_extensions", String.join(" ", metadata.extensions()));
        ServerOptions.Repository repository = options.repository();
        int number = 0;
        for (String path : repository.paths()) {
            table.row("model_repository_path[" + number++ + "]", path);
        }
        table.row("model_control_mode", "MODE_" + repository.controlMode().name());
        number = 0;
        for (String model : repository.startupModels()) {
            table.row("startup_models_" + number++, model);
        }
        table.row("strict_model_config", repository.autoComplete() ? "0" : "1");
        table.row("model_config_name", repository.configName().orElse(""));
        table.row("rate_limit", options.instances().rateLimited() ? "EXEC_COUNT" : "OFF");
        number = 0;
        for (ResourceLimit limit : options.instances().resources()) {
            table.row("rate_limit_resource[" + number++ + "]", describe(limit));
        }
        AdmissionLimits admission = options.general().admission();
        table.row("max_inflight_bytes", Long.toString(admission.maxBytes()));
        table.row("max_inflight_requests", Integer.toString(admission.maxRequests()));
        table.row(
                "min_supported_compute_capability",
                String.format(Locale.ROOT, "%.1f", options.instances().computeCapability()));
        table.row("strict_readiness", repository.strictReadiness() ? "1" : "0");
        ServerOptions.Stopping stopping = options.general().stopping();
        table.row("drain_delay", Long.toString(stopping.drainDelay().toSeconds()));
        table.row("exit_timeout", Integer.toString(stopping.exitTimeoutSecs()));
        table.row("cache_enabled", options.cache().name().isPresent() ? "1" : "0");
        return table;
    }

    /** In the reference's form, which lacks a comma. */
    private static String describe(ResourceLimit limit) {
        return "{\"name\":\"%s\", \"count\":%d \"device\":%d}"
                .formatted(limit.name(), limit.count(), InstanceFlags.device(limit));
    }

    /** A row for each version that was loaded at start. */
    static TextTable threads(ThreadPlan plan) {
        TextTable table =
                new TextTable(
                        "Model",
                        "Version",
                        "Instances",
                        "Threads of each",
                        "Cores wanted, of " + plan.cores());
        for (ThreadPlan.Row row : plan.tell()) {
            table.row(
                    row.model(),
                    Long.toString(row.version()),
                    Integer.toString(row.instances()),
                    ThreadPlan.describe(row.threads()),
                    Long.toString(row.wanted()));
        }
        return table;
    }
}
