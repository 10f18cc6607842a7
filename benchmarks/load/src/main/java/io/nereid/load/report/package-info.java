/** What people and programs are shown of a measurement: text, CSV, HTML, a line while it runs. */
@NullMarked
package io.nereid.load.report;

import org.jspecify.annotations.NullMarked;
