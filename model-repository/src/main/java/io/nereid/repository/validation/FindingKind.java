package io.nereid.repository.validation;

import java.util.Locale;

/** What a finding is about. Constants are the names of rules in reports, in lower case. */
public enum FindingKind {
    SYNTAX("The configuration is not protobuf text format, or has fields that do not exist"),
    CONFIG("The configuration breaks a rule"),
    BACKEND("Nothing tells which engine serves the model"),
    ENGINE("The engine that the model needs is not part of this installation"),
    FILE("A file that the model needs cannot be read or is not what it should be"),
    MISMATCH("The configuration contradicts the model file"),
    LABELS("Labels and classes do not match"),
    AGENT("A repository agent refuses the model"),
    ENSEMBLE("The ensemble does not fit the models of its steps"),
    VERSION("Version directories and version policy do not match"),
    LAYOUT("A file or directory is not where the server looks for it"),
    EFFECT("A setting has no effect"),
    INTERNAL("The check itself failed");

    private final String description;

    FindingKind(String description) {
        this.description = description;
    }

    /** Name of the rule in reports, such as {@code config}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A sentence about all findings of this kind. */
    public String description() {
        return description;
    }
}
