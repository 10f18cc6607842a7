/**
 * What is wrong with a model repository, or probably not meant: {@link
 * io.nereid.repository.validation.Finding findings}, and the checks that go beyond the loader's
 * rules. Knows configurations and directories, not how models are loaded.
 */
@NullMarked
package io.nereid.repository.validation;

import org.jspecify.annotations.NullMarked;
