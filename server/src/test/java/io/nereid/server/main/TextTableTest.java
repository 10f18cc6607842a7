package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TextTableTest {
    @Test
    void alignsCellsToTheLeft() {
        TextTable table = new TextTable("Model", "Version");
        table.row("resnet", "1");

        assertThat(table)
                .hasToString(
                        """

                        +--------+---------+
                        | Model  | Version |
                        +--------+---------+
                        | resnet | 1       |
                        +--------+---------+
                        """);
    }
}
