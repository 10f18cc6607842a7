package io.nereid.load.report;

/** Text within HTML. */
final class Html {
    private Html() {}

    /** The text with nothing that HTML would take for its own. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
